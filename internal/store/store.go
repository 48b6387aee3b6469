// Package store keeps personas in SQLite or PostgreSQL. It implements the
// domain's Reader, Writer and Bus; every query is written once, and dialect.go is
// the only place that knows of two databases.
//
// Everything acts within the workspace of the context's persona.Caller: each
// statement names it (?ws), and on PostgreSQL row-level security stands behind.
package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"

	"github.com/persona-api/persona-api/internal/persona"
)

var (
	_ persona.Reader = (*Store)(nil)
	_ persona.Writer = (*Store)(nil)
	_ persona.Bus    = (*Store)(nil)
)

// Options says where the data lies and how the store behaves.
type Options struct {
	URL     string // of PostgreSQL (DATABASE_URL); "" is SQLite, the file persona.db in DataDir
	ReadURL string // of a replica (DATABASE_READ_URL); "" reads from the primary
	DataDir string // of SQLite's file (DATA_DIR); made when it is missing

	// MaxConns bounds the connections of each pool: PostgreSQL's primary and
	// replica, SQLite's readers. 0 is four per processor, at least eight.
	MaxConns int

	Log            *slog.Logger
	TracerProvider TracerProvider // nil makes no spans
	Enqueue        Enqueue        // may be given later, by SetEnqueue

	// OnQuery is told each statement's summary, such as "SELECT persona", before
	// it runs. It may be called by several goroutines at once; nil is fine.
	OnQuery func(summary string)
}

// Enqueue hands a run to the queue within the transaction that made it. Only the
// function of the database in use is called. Neither may end the transaction.
type Enqueue struct {
	Postgres func(ctx context.Context, tx pgx.Tx, workspace string, p persona.ID, r persona.RunID) error
	SQLite   func(ctx context.Context, tx *sql.Tx, workspace string, p persona.ID, r persona.RunID) error
}

// Store is a database of personas. It is safe for concurrent use.
type Store struct {
	d       dialect
	writer  *bun.DB // the primary; on SQLite the one connection that writes
	reader  *bun.DB // the replica; on SQLite the readers; the primary when there is neither
	log     *slog.Logger
	enqueue Enqueue
	bus     *bus
	lock    func(ctx context.Context) (release func(), err error) // keeps other processes from migrating; nil: transactions do
	close   func() error

	// Beyond these many matches a list's or a search's index is walked.
	few, found int

	sql  *sql.DB       // SQLite's writer
	pool *pgxpool.Pool // PostgreSQL's primary

	closing sync.Once
}

// Open connects to the database. It does not change the schema: see Migrate. An
// error is one line that names the setting at fault and the mend; it never
// contains a password.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MaxConns <= 0 {
		o.MaxConns = max(8, 4*runtime.GOMAXPROCS(0))
	}
	s, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	s.log, s.enqueue, s.few, s.found = o.Log, o.Enqueue, maxFew, maxFound
	for _, hook := range hooks(o, s.d) {
		same := s.reader == s.writer
		s.writer = s.writer.WithQueryHook(hook)
		if s.reader = s.reader.WithQueryHook(hook); same {
			s.reader = s.writer
		}
	}
	return s, nil
}

// SetEnqueue sets what EnqueueSynthesis calls. It must be called before the
// first transaction: the queue is built on the store, and the store needs it.
func (s *Store) SetEnqueue(e Enqueue) { s.enqueue = e }

// SQL returns SQLite's one writing connection, nil on PostgreSQL.
func (s *Store) SQL() *sql.DB { return s.sql }

// Pool returns the pool of PostgreSQL's primary, nil on SQLite. What is done on
// it without a persona.Caller in the context sees no workspace and has no
// statement timeout.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Ping reports whether the database answers: nil, or an Unavailable or Timeout error.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.reader.PingContext(ctx); err != nil {
		return translate(ctx, err)
	}
	if s.sql != nil {
		return nil // the one writer may be busy for a while, and is the same file
	}
	return translate(ctx, s.writer.PingContext(ctx))
}

// Close ends all subscriptions and closes the database.
func (s *Store) Close() error {
	var err error
	s.closing.Do(func() {
		s.bus.close()
		err = s.close()
	})
	return err
}

// scope is what a statement runs on: a handle, and the workspace it may touch as ?ws.
type scope struct {
	*bun.DB
	d          dialect
	ws         string
	few, found int
}

// read returns the handle for reads of the caller.
func (s *Store) read(ctx context.Context) scope {
	if persona.IsFresh(ctx) && s.pool != nil {
		return s.scoped(ctx, s.writer)
	}
	return s.scoped(ctx, s.reader)
}

// scoped is the one place where a handle is bound to a workspace.
func (s *Store) scoped(ctx context.Context, db *bun.DB) scope {
	ws := persona.CallerFrom(ctx).Workspace
	return scope{db.WithNamedArg("ws", ws), s.d, ws, s.few, s.found}
}

// system returns a context of no caller, for what belongs to no workspace.
func system(ctx context.Context) context.Context { return persona.WithCaller(ctx, persona.Caller{}) }

// Write runs f in one transaction on the primary. See persona.Writer.
func (s *Store) Write(ctx context.Context, f func(persona.Tx) error) error {
	if persona.CallerFrom(ctx).Workspace == "" {
		return &persona.Error{Code: persona.CodeForbidden, Message: "a change needs a workspace; sign in first"}
	}
	const tries, long = 8, 10 * time.Second
	begun := time.Now()
	for try := 1; ; try++ {
		err := s.write(ctx, f)
		if err == nil {
			return nil
		}
		if try == tries || time.Since(begun) > long || !retryable(err) {
			return translate(ctx, err)
		}
		s.log.DebugContext(ctx, "transaction runs again", "try", try, "cause", err)
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
}

func (s *Store) write(ctx context.Context, f func(persona.Tx) error) error {
	db := s.scoped(ctx, s.writer)
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // hands it back to the pool
	t := &tx{d: s.d, ws: db.ws, enqueue: s.enqueue, conn: conn}
	err = conn.RunInTx(ctx, nil, func(ctx context.Context, b bun.Tx) error {
		t.Tx = b
		return f(t)
	})
	if err != nil {
		return err
	}
	for _, e := range t.events {
		s.bus.publish(db.ws, e)
	}
	if t.erased {
		if err := s.d.forget(ctx, conn); err != nil {
			s.log.WarnContext(ctx, "erased words stay in the write-ahead log until its next checkpoint", "cause", err)
		}
	}
	return nil
}

// pause waits a little longer after each try, and not in step with others.
func pause(ctx context.Context, try int) error {
	t := time.NewTimer(jitter(5 * time.Millisecond << try))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return translate(ctx, ctx.Err())
	case <-t.C:
		return nil
	}
}

// errNoQueue says that SetEnqueue was forgotten.
var errNoQueue = errors.New("the store was given no queue")
