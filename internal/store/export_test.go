package store

import (
	"context"

	"github.com/uptrace/bun"
)

// Bound sets from how many matches on an index is walked, so that a test need not write thousands.
func (s *Store) Bound(n int) { s.few, s.found = n, n }

// Capture hands the text of each statement that follows to f.
func (s *Store) Capture(f func(statement string)) {
	s.reader = s.reader.WithQueryHook(capture(f))
	s.writer = s.writer.WithQueryHook(capture(f))
}

type capture func(string)

func (c capture) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	c(e.Query)
	return ctx
}

func (c capture) AfterQuery(context.Context, *bun.QueryEvent) {}
