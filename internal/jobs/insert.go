package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"github.com/persona-api/persona-api/internal/persona"
)

const (
	queue       = "synthesis"
	maxAttempts = 5
)

// args is a job's row: ids only, so that nothing of a person outlives the person there.
type args struct {
	Workspace string        `json:"workspace"`
	Persona   persona.ID    `json:"persona"`
	Run       persona.RunID `json:"run"`

	// retryAfter is how long the attempt that has just failed was told to wait.
	// River asks for the next attempt's time with the very job it has worked.
	retryAfter time.Duration
}

// Kind is the job's name in the queue.
func (args) Kind() string { return "synthesize" }

// InsertOpts is how every such job is enqueued.
func (args) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queue, MaxAttempts: maxAttempts}
}

// Inserter enqueues in other people's transactions. It works nothing, so it can
// exist before the Service that does.
type Inserter struct {
	pool     *pgxpool.Pool
	db       *sql.DB
	tracing  Tracing
	postgres *river.Client[pgx.Tx]
	sqlite   *river.Client[*sql.Tx]

	// wake tells this process's worker that something may be about to be
	// committed to SQLite. It holds one notice; more would say nothing new.
	wake chan struct{}
}

// NewInserter returns an Inserter for one database: pool is Postgres, db the one
// connection that writes to SQLite; the other is nil.
func NewInserter(pool *pgxpool.Pool, db *sql.DB, tracing Tracing) (*Inserter, error) {
	if (pool == nil) == (db == nil) {
		return nil, errors.New("jobs: exactly one database is needed")
	}
	i := &Inserter{pool: pool, db: db, tracing: tracing, wake: make(chan struct{}, 1)}
	config := &river.Config{
		Middleware: []rivertype.Middleware{newTracer(tracing)},
		// River leaves a notification out when it sent another within this time.
		// That other may belong to a transaction that is committed later or never.
		FetchCooldown: river.FetchCooldownMin,
	}
	var err error
	if pool != nil {
		i.postgres, err = river.NewClient(riverpgxv5.New(pool), config)
	} else {
		i.sqlite, err = river.NewClient(newSQLiteDriver(db, i.wake), config)
	}
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return i, nil
}

// InsertPostgres enqueues a run within tx: a worker sees it when tx is
// committed, together with everything else in it. The caller rolls tx back on
// an error.
func (i *Inserter) InsertPostgres(ctx context.Context, tx pgx.Tx, workspace string, p persona.ID, r persona.RunID) error {
	if i.postgres == nil {
		return errors.New("enqueue: this queue is not on Postgres")
	}
	if _, err := i.postgres.InsertTx(ctx, tx, args{Workspace: workspace, Persona: p, Run: r}, nil); err != nil {
		return fmt.Errorf("enqueue %s: %w", r, err)
	}
	return nil
}

// InsertSQLite does what InsertPostgres does in a transaction of the Inserter's db.
func (i *Inserter) InsertSQLite(ctx context.Context, tx *sql.Tx, workspace string, p persona.ID, r persona.RunID) error {
	if i.sqlite == nil {
		return errors.New("enqueue: this queue is not on SQLite")
	}
	if _, err := i.sqlite.InsertTx(ctx, tx, args{Workspace: workspace, Persona: p, Run: r}, nil); err != nil {
		return fmt.Errorf("enqueue %s: %w", r, err)
	}
	// Not too early: the worker's look at the queue waits for the one connection
	// that writes, which tx holds until it is over.
	i.nudge()
	return nil
}

// nudge makes a worker of this process look at the queue now.
func (i *Inserter) nudge() {
	select {
	case i.wake <- struct{}{}:
	default:
	}
}
