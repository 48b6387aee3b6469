package store

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/persona-api/persona-api/internal/persona"
)

// sortKey is what a list is ordered by: a column and, to break ties, the id.
type sortKey struct {
	name   string // what cursors are made for
	column string
	desc   bool
	time   bool // the column holds times
}

// cursorTime is how cursors spell times: in microseconds, as they are stored.
const cursorTime = "2006-01-02T15:04:05.000000Z07:00"

func cursorAt(t time.Time) string { return t.UTC().Format(cursorTime) }

// window checks a page request against the order.
func (k sortKey) window(page persona.PageArgs) (persona.Window, error) {
	w, err := page.Window(k.name)
	if err != nil {
		return w, err
	}
	for _, c := range []struct {
		field string
		at    *persona.Cursor
	}{{"after", w.After}, {"before", w.Before}} {
		if c.at == nil {
			continue
		}
		if _, err := persona.ParseID(c.at.ID); err != nil {
			return w, notCursor(c.field)
		}
		if _, err := time.Parse(cursorTime, c.at.Key); k.time && err != nil {
			return w, notCursor(c.field)
		}
	}
	return w, nil
}

func notCursor(field string) error {
	return persona.Invalid(field, "is not a cursor of this list; pass one from the same list and order")
}

// descending reports whether the window is read from the greatest key down.
func (k sortKey) descending(w persona.Window) bool { return k.desc != w.Backward }

// order is the ORDER BY list in the direction that the window is read.
func (k sortKey) order(w persona.Window, alias string) fragment {
	dir := bun.Safe("ASC")
	if k.descending(w) {
		dir = "DESC"
	}
	return frag("?.? ?, ?.id ?", bun.Safe(alias), bun.Safe(k.column), dir, bun.Safe(alias), dir)
}

// within is the condition of the window, "TRUE" for an open one.
func (k sortKey) within(w persona.Window, alias string) fragment {
	f := frag("TRUE")
	add := func(c *persona.Cursor, beyond bool) {
		if c == nil {
			return
		}
		op := bun.Safe(">")
		if k.desc == beyond {
			op = "<"
		}
		var at any = c.Key
		if k.time {
			at, _ = time.Parse(cursorTime, c.Key) // window has checked it
		}
		id, _ := persona.ParseID(c.ID)
		f.sql += " AND (?.?, ?.id) ? (?, ?)"
		f.args = append(f.args, bun.Safe(alias), bun.Safe(k.column), bun.Safe(alias), op, at, id.UUID.String())
	}
	add(w.After, true)
	add(w.Before, false)
	return f
}

// page makes a connection of rows that were read with a limit of one more than
// the window's.
func page[T any](rows []T, w persona.Window, cursor func(T) persona.Cursor) *persona.Connection[T] {
	more := len(rows) > w.Limit
	if more {
		rows = rows[:w.Limit]
	}
	if w.Backward {
		slices.Reverse(rows)
	}
	return persona.NewConnection(rows, cursor, w, more)
}

// pages makes a connection for each parent of rows that were read for all of
// them, each parent's in the direction of the window.
func pages[T any](ids []persona.ID, rows []T, w persona.Window, parent func(T) persona.ID, cursor func(T) persona.Cursor) []*persona.Connection[T] {
	of := map[persona.ID][]T{}
	for _, r := range rows {
		of[parent(r)] = append(of[parent(r)], r)
	}
	out := make([]*persona.Connection[T], len(ids))
	for i, id := range ids {
		out[i] = page(slices.Clone(of[id]), w, cursor)
	}
	return out
}

// nested reads a page of children for each parent, all in one statement.
// children is a SELECT of at least parent_id and the columns of k.
func (q scope) nested(ctx context.Context, dest any, columns, children fragment, k sortKey, w persona.Window) error {
	return translate(ctx, q.NewRaw(`
		SELECT ? FROM (
			SELECT x.*, row_number() OVER (PARTITION BY x.parent_id ORDER BY ?) AS place
			FROM (?) AS x WHERE ?
		) AS x WHERE x.place <= ? ORDER BY x.parent_id, x.place`,
		columns, k.order(w, "x"), children, k.within(w, "x"), w.Limit+1).Scan(ctx, dest))
}
