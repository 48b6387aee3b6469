package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

// migrateLock is the advisory lock that one process migrates the queue under; any constant of our own does.
const migrateLock = 0x7065_7273_6f6e_6101

// Migrate brings the queue's tables up to date; pool is Postgres, db SQLite, the
// other is nil. Processes that start together take turns, and all but the first
// find nothing to do. On Postgres it needs two connections at once.
func Migrate(ctx context.Context, pool *pgxpool.Pool, db *sql.DB) error {
	if pool != nil {
		return migratePostgres(ctx, pool)
	}
	return migrateSQLite(ctx, db)
}

func migratePostgres(ctx context.Context, pool *pgxpool.Pool) (err error) {
	// The lock is held by a transaction of its own: of the session it would be
	// lost behind a transaction pooler. The migrations cannot run within it,
	// because one adds a value to an enum that a later one uses.
	tx, err := pool.Begin(ctx)
	if err != nil {
		return fmt.Errorf("migrate the queue: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // it holds the lock, nothing to keep
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(migrateLock)); err != nil {
		return fmt.Errorf("migrate the queue: wait for the lock: %w", err)
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("migrate the queue: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the queue: %w", err)
	}
	return nil
}

func migrateSQLite(ctx context.Context, db *sql.DB) error {
	// One transaction for all: it begins immediate, so a second process waits
	// here and then sees what the first has done.
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("migrate the queue: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after Commit there is nothing to roll back
	migrator, err := rivermigrate.New(riversqlite.New(db), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("migrate the queue: %w", err)
	}
	//nolint:staticcheck // deprecated because Postgres cannot use a new value of an enum at once; SQLite has no enums
	if _, err := migrator.MigrateTx(ctx, tx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the queue: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("migrate the queue: %w", err)
	}
	return nil
}
