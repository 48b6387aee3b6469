package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"
)

// errApplied says that another process has applied the migration meanwhile.
var errApplied = errors.New("applied meanwhile")

// Migrate brings the schema up to what this program needs. Several processes may
// do so at the same time: each step is done once. A schema newer than the program
// is an error that says so. It may take long, and is not bound to a workspace.
func (s *Store) Migrate(ctx context.Context) error {
	ctx = system(ctx)
	if s.lock != nil {
		release, err := s.lock(ctx)
		if err != nil {
			return fmt.Errorf("lock the schema: %w", translate(ctx, err))
		}
		defer release()
	}
	for try := 1; ; try++ {
		err := s.migrate(ctx)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, errApplied), busy(err) && try < 20:
			if err := pause(ctx, min(try, 6)); err != nil {
				return err
			}
		default:
			return migrationError(ctx, err)
		}
	}
}

func (s *Store) migrate(ctx context.Context) error {
	all := migrate.NewMigrations()
	if err := all.Discover(s.d.migrations); err != nil {
		return err
	}
	// bun's own lock is a row that outlives a killed process, so it is not used. A
	// step and the note that it was done are one transaction: Before looks for the
	// note, After writes it, and bun's own note, made later, changes nothing.
	m := migrate.NewMigrator(s.writer, all,
		migrate.WithMarkAppliedOnSuccess(true),
		migrate.WithUpsert(true),
		migrate.BeforeMigration(func(ctx context.Context, db bun.IConn, step *migrate.Migration) error {
			var n int
			err := db.QueryRowContext(ctx, "SELECT count(*) FROM bun_migrations WHERE name = ?", step.Name).Scan(&n)
			if err == nil && n > 0 {
				err = errApplied
			}
			return err
		}),
		migrate.AfterMigration(func(ctx context.Context, db bun.IConn, step *migrate.Migration) error {
			_, err := db.ExecContext(ctx, "INSERT INTO bun_migrations (name, group_id) VALUES (?, ?)", step.Name, step.GroupID)
			return err
		}))
	if err := m.Init(ctx); err != nil {
		return err
	}
	unknown, err := m.MissingMigrations(ctx)
	if err != nil {
		return err
	}
	if len(unknown) > 0 {
		return &newerSchema{unknown[0].Name}
	}
	_, err = m.Migrate(ctx)
	return err
}

type newerSchema struct{ step string }

func (e *newerSchema) Error() string {
	return fmt.Sprintf("the database's schema is newer than this program (it has step %s); start a program at least as new as the one that migrated it, or restore a backup from before", e.step)
}

// migrationError is the one line that tells what to do.
func migrationError(ctx context.Context, err error) error {
	var newer *newerSchema
	if errors.As(err, &newer) {
		return newer
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch {
		case strings.Contains(pg.Message, "extension") && (pg.Code == "42501" || pg.Code == "0A000" || pg.Code == "58P01"):
			return fmt.Errorf("migrate: the extensions unaccent and pg_trgm are needed and cannot be created (%s); install PostgreSQL's contrib package, and let the database's owner or a superuser run CREATE EXTENSION for both", pg.Message)
		case pg.Code == "42501":
			return fmt.Errorf("migrate: the role of DATABASE_URL may not change the schema (%s); make it the owner of the database", pg.Message)
		}
		return fmt.Errorf("migrate: %s (%s)", pg.Message, pg.Code)
	}
	return fmt.Errorf("migrate: %w", translate(ctx, err))
}
