package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

// requireCode checks the code, and that nothing of a driver is shown.
func requireCode(t *testing.T, want persona.Code, err error) {
	t.Helper()
	var e *persona.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, want, e.Code, "%v", err)
	require.NotEmpty(t, e.Message)
	for _, word := range []string{"SQL", "sql", "pq:", "pgx", "constraint", "SQLSTATE", "dial", "secret words"} {
		require.NotContains(t, e.Message, word)
	}
}

func TestWhatExistsIsAConflict(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		m := ready(t, ctx, s, "Ada", "secret words", 0)
		err := s.Write(ctx, func(tx persona.Tx) error { return tx.InsertPersona(ctx, m.persona) })
		requireCode(t, persona.CodeConflict, err)

		again := newSample("Ada", "secret words", 0).source
		again.PersonaID = m.persona.ID
		err = s.Write(ctx, func(tx persona.Tx) error { return tx.InsertSources(ctx, []*persona.Source{again}) })
		requireCode(t, persona.CodeConflict, err)
		var e *persona.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, []string{"text"}, e.Field)

		// The same text is another persona's too, and a source not yet fetched has none.
		other := newSample("Bo", "secret words", 0).create(t, ctx, s)
		write(t, ctx, s, func(tx persona.Tx) error {
			for range 2 {
				src := persona.Source{ID: persona.NewSourceID(), PersonaID: other.persona.ID, Kind: persona.KindURL, Status: persona.SourcePending, URL: ptr("https://example.com"), CreatedAt: epoch}
				if err := tx.InsertSources(ctx, []*persona.Source{&src}); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func TestAnErrorUndoesAllAndPassesAsItIs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		mine := persona.Invalid("text", "no")
		m := newSample("Ada", "Ada", 0)
		err := s.Write(ctx, func(tx persona.Tx) error {
			require.NoError(t, tx.InsertPersona(ctx, m.persona))
			return mine
		})
		require.Equal(t, error(mine), err)
		n, err := s.CountPersonas(ctx, nil)
		require.NoError(t, err)
		require.Zero(t, n.Value)
		require.Panics(t, func() {
			_ = s.Write(ctx, func(tx persona.Tx) error {
				require.NoError(t, tx.InsertPersona(ctx, m.persona))
				panic("a bug")
			})
		})
		m.create(t, ctx, s) // the connection is free again, and nothing was kept
	})
}

func TestCancelledAndLateContexts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		m := newSample("Ada", "Ada", 0).create(t, ctx, s)
		gone, cancel := context.WithCancel(ctx)
		cancel()
		late, stop := context.WithDeadline(ctx, time.Now().Add(-time.Second))
		defer stop()
		for name, read := range map[string]func(context.Context) error{
			"Persona": func(ctx context.Context) error { _, err := s.Persona(ctx, m.persona.ID, persona.Columns{}); return err },
			"List":    func(ctx context.Context) error { _, err := s.List(ctx, persona.ListArgs{}); return err },
			"Search":  func(ctx context.Context) error { _, err := s.Search(ctx, persona.SearchArgs{Query: "a"}); return err },
			"Stats":   func(ctx context.Context) error { _, err := s.Stats(ctx, persona.StatsArgs{}); return err },
			"Write":   func(ctx context.Context) error { return s.Write(ctx, func(persona.Tx) error { return nil }) },
			"Ping":    s.Ping,
		} {
			require.Equal(t, context.Canceled, read(gone), name)
			requireCode(t, persona.CodeTimeout, read(late))
		}
		during, cancel := context.WithCancel(ctx)
		err := s.Write(during, func(tx persona.Tx) error {
			cancel()
			return tx.SetStatus(during, m.persona.ID, persona.StatusReady, epoch)
		})
		require.Equal(t, context.Canceled, err)
		got, err := s.Persona(ctx, m.persona.ID, persona.Columns{})
		require.NoError(t, err)
		require.Equal(t, persona.StatusPending, got.Status)
	})
}

func TestALostServerIsUnavailable(t *testing.T) {
	url, stop := storetest.StoppablePostgres(t)
	s := storetest.Open(t, url)
	ctx := storetest.Context(t, "default")
	m := newSample("Ada", "Ada", 0).create(t, ctx, s)
	events, err := s.Subscribe(ctx)
	require.NoError(t, err)
	err = s.Write(ctx, func(tx persona.Tx) error {
		stop() // in the middle of a transaction
		return tx.SetStatus(ctx, m.persona.ID, persona.StatusReady, epoch)
	})
	requireCode(t, persona.CodeUnavailable, err)
	_, err = s.Persona(ctx, m.persona.ID, persona.Columns{})
	requireCode(t, persona.CodeUnavailable, err)
	requireCode(t, persona.CodeUnavailable, s.Write(ctx, func(persona.Tx) error { return nil }))
	requireCode(t, persona.CodeUnavailable, s.Ping(ctx))
	select {
	case e := <-events:
		t.Fatalf("an event without a server: %v", e)
	default:
	}
}

func TestAClosedStoreIsUnavailable(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		events, err := s.Subscribe(ctx)
		require.NoError(t, err)
		require.NoError(t, s.Close())
		require.NoError(t, s.Close(), "twice is once")
		_, open := <-events
		require.False(t, open)
		_, err = s.List(ctx, persona.ListArgs{})
		requireCode(t, persona.CodeUnavailable, err)
		requireCode(t, persona.CodeUnavailable, s.Ping(ctx))
		_, err = s.Subscribe(ctx)
		requireCode(t, persona.CodeUnavailable, err)
	})
}

// TestStatementsOfCallersAreBounded lets the database say how long it would wait.
func TestStatementsOfCallersAreBounded(t *testing.T) {
	s := storetest.Open(t, storetest.Postgres(t), func(o *store.Options) { o.MaxConns = 1 })
	timeout := func(ctx context.Context) (d string) {
		require.NoError(t, s.Pool().QueryRow(ctx, "SELECT current_setting('statement_timeout')").Scan(&d))
		return d
	}
	require.Equal(t, "5s", timeout(storetest.Context(t, "default")))
	require.Equal(t, "0", timeout(t.Context()), "the queue and the migrations take the time they need")
	require.Equal(t, "5s", timeout(storetest.Context(t, "other")))

	// One that is over its time is a Timeout, not the caller's cancellation.
	ctx := storetest.Context(t, "default")
	m := newSample("Ada", "Ada", 0).create(t, ctx, s)
	_, err := s.Pool().Exec(ctx, `SET statement_timeout = 50`) // on the only connection
	require.NoError(t, err)
	holder := storetest.Open(t, s.Pool().Config().ConnString())
	err = holder.Write(ctx, func(tx persona.Tx) error {
		if _, err := tx.LockPersona(ctx, m.persona.ID); err != nil {
			return err
		}
		requireCode(t, persona.CodeTimeout, s.Write(ctx, func(tx persona.Tx) error { _, err := tx.LockPersona(ctx, m.persona.ID); return err }))
		return nil
	})
	require.NoError(t, err)
}

// TestDeadlocksRunAgain makes two transactions wait for each other.
func TestDeadlocksRunAgain(t *testing.T) {
	s := storetest.Open(t, storetest.Postgres(t))
	ctx := storetest.Context(t, "default")
	a, b := newSample("A", "A", 0).create(t, ctx, s), newSample("B", "B", 0).create(t, ctx, s)
	var runs atomic.Int64
	ready := make(chan struct{}, 2)
	met := make(chan struct{})
	cross := func(first, second persona.ID) func() error {
		once := true
		return func() error {
			return s.Write(ctx, func(tx persona.Tx) error {
				runs.Add(1)
				if _, err := tx.LockPersona(ctx, first); err != nil {
					return err
				}
				if once {
					once = false
					ready <- struct{}{}
					<-met
				}
				if _, err := tx.LockPersona(ctx, second); err != nil {
					return err
				}
				return tx.SetStatus(ctx, second, persona.StatusReady, epoch)
			})
		}
	}
	var g errgroup.Group
	g.Go(cross(a.persona.ID, b.persona.ID))
	g.Go(cross(b.persona.ID, a.persona.ID))
	<-ready
	<-ready
	close(met)
	require.NoError(t, g.Wait())
	require.Equal(t, int64(3), runs.Load())
}

func TestWhatIsRetriedIsBounded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		runs := 0
		err := s.Write(storetest.Context(t, "default"), func(persona.Tx) error {
			runs++
			return &pgconn.PgError{Code: "40001"}
		})
		requireCode(t, persona.CodeUnavailable, err)
		require.Equal(t, 8, runs)
		runs = 0
		err = s.Write(storetest.Context(t, "default"), func(persona.Tx) error { runs++; return errors.New("a bug") })
		requireCode(t, persona.CodeInternal, err)
		require.Equal(t, 1, runs)
		for code, want := range map[string]persona.Code{"53100": persona.CodeUnavailable, "57P01": persona.CodeUnavailable, "08006": persona.CodeUnavailable,
			"25006": persona.CodeUnavailable, "57014": persona.CodeTimeout, "22008": persona.CodeInvalid, "42601": persona.CodeInternal, "23503": persona.CodeNotFound} {
			err := s.Write(storetest.Context(t, "default"), func(persona.Tx) error { return &pgconn.PgError{Code: code, Message: "secret words"} })
			requireCode(t, want, err)
		}
	})
}

// TestTextsOfEnginesDoNotBreakTheStore writes what no input may hold.
func TestTextsOfEnginesDoNotBreakTheStore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		texts := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("\x00'\"\\?$:-\n\r\u2028\uFFFD"))))
		rapid.Check(t, func(rt *rapid.T) {
			text := texts.Draw(rt, "text")
			m := newSample("Ada", "Ada", 0)
			m.claims[0].Value, m.claims[0].Quote, m.claims[0].Key = text, text, text
			m.claims[2].Detail = persona.Detail{text: text}
			m.create(t, ctx, s)
			m.run.Failure = &persona.Failure{Code: persona.FailInternal, Message: text}
			m.persona.Summary = &text
			m.finish(t, ctx, s)
			cs, err := s.Claims(ctx, m.ids())
			require.NoError(rt, err)
			require.Equal(rt, storable(text), cs[0].Value)
			require.Equal(rt, storable(text), cs[0].Quote)
			require.Len(rt, cs[2].Detail, 1)
			p, err := s.Persona(ctx, m.persona.ID, persona.Columns{Document: true})
			require.NoError(rt, err)
			require.Equal(rt, storable(text), *p.Summary)
			require.True(rt, json.Valid(p.DocumentJSON))
			rs, err := s.Runs(ctx, []persona.RunID{m.run.ID})
			require.NoError(rt, err)
			require.NotNil(rt, rs[0].Failure)
			write(t, ctx, s, func(tx persona.Tx) error { return tx.DeletePersona(ctx, m.persona.ID) })
		})
	})
}

// storable is the text as the databases can hold it.
func storable(text string) string {
	out := []rune{}
	for _, r := range text {
		if r == 0 {
			r = '\uFFFD'
		}
		out = append(out, r)
	}
	return string(out)
}
