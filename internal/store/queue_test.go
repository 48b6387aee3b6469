package store_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

type job struct {
	Workspace string        `json:"workspace"`
	Persona   persona.ID    `json:"persona"`
	Run       persona.RunID `json:"run"`
}

func (job) Kind() string { return "synthesis" }

// withQueue makes the queue's tables and enqueues with clients that only insert.
func withQueue(t *testing.T, s *store.Store) {
	t.Helper()
	quiet := &river.Config{Logger: slog.New(slog.DiscardHandler)}
	if s.Pool() != nil {
		driver := riverpgxv5.New(s.Pool())
		m, err := rivermigrate.New(driver, nil)
		require.NoError(t, err)
		_, err = m.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
		require.NoError(t, err)
		c, err := river.NewClient(driver, quiet)
		require.NoError(t, err)
		s.SetEnqueue(store.Enqueue{Postgres: func(ctx context.Context, tx pgx.Tx, ws string, p persona.ID, r persona.RunID) error {
			_, err := c.InsertTx(ctx, tx, job{ws, p, r}, nil)
			return err
		}})
		return
	}
	driver := riversqlite.New(s.SQL())
	m, err := rivermigrate.New(driver, nil)
	require.NoError(t, err)
	_, err = m.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
	require.NoError(t, err)
	c, err := river.NewClient(driver, quiet)
	require.NoError(t, err)
	s.SetEnqueue(store.Enqueue{SQLite: func(ctx context.Context, tx *sql.Tx, ws string, p persona.ID, r persona.RunID) error {
		_, err := c.InsertTx(ctx, tx, job{ws, p, r}, nil)
		return err
	}})
}

// one reads one value from either database.
func one[T any](t *testing.T, s *store.Store, query string) (v T) {
	t.Helper()
	if s.Pool() != nil {
		require.NoError(t, s.Pool().QueryRow(t.Context(), query).Scan(&v))
	} else {
		require.NoError(t, s.SQL().QueryRowContext(t.Context(), query).Scan(&v))
	}
	return v
}

func TestAJobIsThereWhenItsRunIs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		m := newSample("Ada", "Ada", 0)
		add := func(tx persona.Tx) error {
			if err := tx.InsertPersona(ctx, m.persona); err != nil {
				return err
			}
			if err := tx.InsertRun(ctx, m.run); err != nil {
				return err
			}
			return tx.EnqueueSynthesis(ctx, m.persona.ID, m.run.ID)
		}
		requireCode(t, persona.CodeInternal, s.Write(ctx, add)) // no queue yet
		withQueue(t, s)
		undo := errors.New("undone")
		require.ErrorIs(t, s.Write(ctx, func(tx persona.Tx) error {
			require.NoError(t, add(tx))
			return undo
		}), undo)
		require.Zero(t, one[int](t, s, "SELECT count(*) FROM river_job"))
		write(t, ctx, s, add)
		require.Equal(t, 1, one[int](t, s, "SELECT count(*) FROM river_job WHERE state = 'available' AND kind = 'synthesis'"))
		n, err := s.CountPersonas(ctx, nil)
		require.NoError(t, err)
		require.Equal(t, 1, n.Value)
	})
}

// TestAQueueMayUseSavepoints holds the pgx.Tx that a queue gets to what it promises.
func TestAQueueMayUseSavepoints(t *testing.T) {
	s := storetest.Open(t, storetest.Postgres(t))
	ctx := storetest.Context(t, "default")
	_, err := s.Pool().Exec(t.Context(), "CREATE TABLE queued (n integer)")
	require.NoError(t, err)
	s.SetEnqueue(store.Enqueue{Postgres: func(ctx context.Context, tx pgx.Tx, ws string, _ persona.ID, _ persona.RunID) error {
		require.Equal(t, "default", ws)
		require.NotNil(t, tx.Conn())
		insert := func(tx pgx.Tx, n int) {
			_, err := tx.Exec(ctx, "INSERT INTO queued VALUES ($1)", n)
			require.NoError(t, err)
		}
		insert(tx, 1)
		kept, err := tx.Begin(ctx)
		require.NoError(t, err)
		insert(kept, 2)
		undone, err := kept.Begin(ctx)
		require.NoError(t, err)
		insert(undone, 4)
		_, err = undone.Exec(ctx, "SELECT 1 / 0")
		require.Error(t, err)
		require.NoError(t, undone.Rollback(ctx))
		require.ErrorIs(t, undone.Rollback(ctx), pgx.ErrTxClosed)
		require.NoError(t, kept.Commit(ctx))
		require.ErrorIs(t, kept.Rollback(ctx), pgx.ErrTxClosed, "as after a deferred one")
		n, err := tx.CopyFrom(ctx, pgx.Identifier{"queued"}, []string{"n"}, pgx.CopyFromRows([][]any{{8}}))
		require.NoError(t, err)
		require.Equal(t, int64(1), n)
		b := &pgx.Batch{}
		b.Queue("INSERT INTO queued VALUES (16)")
		require.NoError(t, tx.SendBatch(ctx, b).Close())
		var sum int
		require.NoError(t, tx.QueryRow(ctx, "SELECT sum(n) FROM queued").Scan(&sum))
		require.Equal(t, 27, sum)
		require.NoError(t, tx.Commit(ctx), "not the queue's to end")
		return tx.Rollback(ctx)
	}})
	m := newSample("Ada", "Ada", 0)
	write(t, ctx, s, func(tx persona.Tx) error {
		if err := tx.InsertPersona(ctx, m.persona); err != nil {
			return err
		}
		return tx.EnqueueSynthesis(ctx, m.persona.ID, m.run.ID)
	})
	require.Equal(t, 27, one[int](t, s, "SELECT sum(n) FROM queued"))
	_, err = s.Persona(ctx, m.persona.ID, persona.Columns{})
	require.NoError(t, err)
}

func TestJobsOfDeadNodesAreReleased(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		withQueue(t, s)
		ctx := storetest.Context(t, "default") // the nodes' work does not depend on it
		for _, node := range []string{"alive", "silent", "left"} {
			require.NoError(t, s.Beat(ctx, node))
		}
		exec(t, s, "UPDATE node SET beat_at = '2026-01-01 00:00:00+00:00' WHERE name = 'silent'")
		require.NoError(t, s.Leave(ctx, "left"))

		by := func(nodes string) string {
			if s.Pool() != nil {
				return "'{" + nodes + "}'"
			}
			return `jsonb('["` + nodes + `"]')`
		}
		insert := func(state, by, attempt string) {
			finalized := "NULL"
			if state == "completed" {
				finalized = "'2026-01-01 00:00:00'"
			}
			exec(t, s, "INSERT INTO river_job (kind, args, max_attempts, state, attempt, attempted_by, scheduled_at, finalized_at) VALUES ('synthesis', '{}', 5, '"+
				state+"', "+attempt+", "+by+", '2099-01-01 00:00:00', "+finalized+")")
		}
		insert("running", by("alive"), "1")
		insert("running", by("silent"), "1")
		insert("running", by("left"), "3")
		insert("running", by("never"), "0")
		if s.Pool() != nil {
			insert("running", by("silent,alive"), "2")
		} else {
			insert("running", `jsonb('["silent", "alive"]')`, "2")
		}
		insert("completed", by("silent"), "1")
		insert("retryable", by("silent"), "1")

		n, err := s.ReleaseDead(ctx, time.Minute)
		require.NoError(t, err)
		require.Equal(t, 3, n)
		require.Equal(t, 3, one[int](t, s, "SELECT count(*) FROM river_job WHERE state = 'available'"))
		require.Equal(t, 2, one[int](t, s, "SELECT count(*) FROM river_job WHERE state = 'running'"))
		require.Equal(t, 2, one[int](t, s, "SELECT sum(attempt) FROM river_job WHERE state = 'available'"), "0, 2 and not below 0")
		n, err = s.ReleaseDead(ctx, time.Minute)
		require.NoError(t, err)
		require.Zero(t, n)
		n, err = s.ReleaseDead(ctx, -time.Minute) // as if a minute had passed
		require.NoError(t, err)
		require.Equal(t, 2, n)

		// What was released is due: the queue itself fetches it.
		if s.Pool() != nil {
			require.Equal(t, 5, one[int](t, s, "SELECT count(*) FROM river_job WHERE state = 'available' AND scheduled_at <= now()"))
		} else {
			require.Equal(t, 5, one[int](t, s, "SELECT count(*) FROM river_job WHERE state = 'available' AND scheduled_at <= datetime('now', 'subsec')"))
		}
		require.NoError(t, s.Beat(ctx, "silent"), "back again")
		require.Equal(t, 2, one[int](t, s, "SELECT count(*) FROM node"))
	})
}
