package jobs_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/persona-api/persona-api/internal/jobs"
	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

func TestMain(m *testing.M) {
	code := storetest.Main(m)
	if err := goleak.Find(); code == 0 && err != nil {
		log.Print(err)
		code = 1
	}
	os.Exit(code)
}

// database is a fresh store and its queue, one of pool and db as in NewInserter.
type database struct {
	*store.Store
	pool *pgxpool.Pool
	db   *sql.DB
}

// each runs the test on each database.
func each(t *testing.T, test func(t *testing.T, d *database)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		require.NoError(t, jobs.Migrate(t.Context(), s.Pool(), s.SQL()))
		test(t, &database{s, s.Pool(), s.SQL()})
	})
}

// openSQLite opens a second process's connection to a file, as the store does.
func openSQLite(t *testing.T, path string) *sql.DB {
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)")
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// openPostgres opens a second process's pool, as the store does.
func openPostgres(t *testing.T, url string) *pgxpool.Pool {
	config, err := pgxpool.ParseConfig(url)
	require.NoError(t, err)
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	config.MaxConns = 8
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool
}

func (d *database) exec(t testing.TB, query string) {
	var err error
	if d.pool != nil {
		_, err = d.pool.Exec(context.Background(), query)
	} else {
		_, err = d.db.ExecContext(context.Background(), query)
	}
	require.NoError(t, err)
}

// row is what the tests look at of a job's row.
type row struct {
	State   string
	Attempt int
	Wait    float64 // seconds from the attempt's start to the next attempt's time
	Text    string  // everything else that is kept
}

func (d *database) row(t testing.TB, r persona.RunID) row {
	var got row
	var err error
	if d.pool != nil {
		err = d.pool.QueryRow(context.Background(), `SELECT state::text, attempt, coalesce(extract(epoch FROM scheduled_at - attempted_at), 0)::float8,
			concat(args, ' ', errors, ' ', metadata) FROM river_job WHERE args->>'run' = $1`, r.String()).Scan(&got.State, &got.Attempt, &got.Wait, &got.Text)
	} else {
		err = d.db.QueryRowContext(context.Background(), `SELECT state, attempt, coalesce(unixepoch(scheduled_at, 'subsec') - unixepoch(attempted_at, 'subsec'), 0),
			concat(json(args), ' ', json(errors), ' ', json(metadata)) FROM river_job WHERE args->>'run' = ?`, r.String()).Scan(&got.State, &got.Attempt, &got.Wait, &got.Text)
	}
	require.NoError(t, err)
	return got
}

// settled returns the job's row once it has left the state running.
func (d *database) settled(t *testing.T, r persona.RunID) row {
	var got row
	require.Eventually(t, func() bool {
		got = d.row(t, r)
		return got.State != "running"
	}, 20*time.Second, 5*time.Millisecond)
	return got
}

// transaction enqueues within a transaction and returns how to end it.
func (d *database) transaction(t testing.TB, ctx context.Context, i *jobs.Inserter, workspace string, p persona.ID, r persona.RunID) (commit, rollback func()) {
	if d.pool != nil {
		tx, err := d.pool.Begin(ctx)
		require.NoError(t, err)
		require.NoError(t, i.InsertPostgres(ctx, tx, workspace, p, r))
		return func() { require.NoError(t, tx.Commit(ctx)) }, func() { require.NoError(t, tx.Rollback(ctx)) }
	}
	tx, err := d.db.BeginTx(ctx, nil)
	require.NoError(t, err)
	require.NoError(t, i.InsertSQLite(ctx, tx, workspace, p, r))
	return func() { require.NoError(t, tx.Commit()) }, func() { require.NoError(t, tx.Rollback()) }
}

// enqueue commits one job and returns its run.
func (d *database) enqueue(t testing.TB, ctx context.Context, i *jobs.Inserter) persona.RunID {
	r := persona.NewRunID()
	commit, _ := d.transaction(t, ctx, i, "w", persona.NewID(), r)
	commit()
	return r
}

// orphan makes the run's job one that the node was working on when it died.
func (d *database) orphan(t *testing.T, r persona.RunID, node string) {
	by := "ARRAY['" + node + "']"
	if d.pool == nil {
		encoded, err := json.Marshal([]string{node})
		require.NoError(t, err)
		by = "jsonb('" + string(encoded) + "')"
	}
	d.exec(t, `UPDATE river_job SET state = 'running', attempt = 1, attempted_at = CURRENT_TIMESTAMP, attempted_by = `+by+` WHERE args->>'run' = '`+r.String()+"'")
}

// aged makes the node's last beat that old.
func (d *database) aged(t *testing.T, node string, seconds int) {
	require.NoError(t, d.Beat(t.Context(), node))
	when := fmt.Sprintf("strftime('%%Y-%%m-%%d %%H:%%M:%%f000+00:00', 'now', '%d seconds')", -seconds)
	if d.pool != nil {
		when = fmt.Sprintf("now() - make_interval(secs => %d)", seconds)
	}
	d.exec(t, "UPDATE node SET beat_at = "+when+" WHERE name = '"+node+"'")
}

// nodes returns the names of the living.
func (d *database) nodes(t *testing.T) (names []string) {
	var joined sql.NullString
	var err error
	if d.pool != nil {
		err = d.pool.QueryRow(context.Background(), "SELECT string_agg(name, ' ') FROM node").Scan(&joined)
	} else {
		err = d.db.QueryRowContext(context.Background(), "SELECT string_agg(name, ' ') FROM node").Scan(&joined)
	}
	require.NoError(t, err)
	return strings.Fields(joined.String)
}
