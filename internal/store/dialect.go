package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/schema"

	"github.com/persona-api/persona-api/migrations"
)

// dialect is all in which the two databases differ. Its strings are SQL: they
// are put into queries as they are.
type dialect struct {
	name string // as OpenTelemetry's db.system.name has it
	bun  func() schema.Dialect

	forUpdate string // holds the rows read until the transaction ends
	jsonList  string // the aggregate that makes a JSON list
	now       string // the database's clock
	day       string // the UTC day of p.created_at, 2026-11-23
	millis    string // from r.started_at to r.finished_at

	contains func(part, text string) fragment // p's name, role or location has text in it
	ago      func(seconds float64) fragment   // a time in the past, by the database's clock

	migrations fs.FS

	release string // frees jobs of silent nodes; one argument, the time before which a beat is too old

	saveSearch string // upserts ?0 persona, ?1 heads, ?2 body, ?3 name, ?4 role, ?5 location
	// found makes the common table expressions of a search, at most so many rows
	// each: complete has what matches all words, and found (persona_id, every,
	// score) that and, behind it, what matches some.
	found func(q query, filter fragment, most int, ranked bool) fragment
	// matching is the condition under which the row s of search has all words of the query.
	matching func(q query) fragment

	notify func(ctx context.Context, t *tx, payload string) error // nil: events are delivered by this process
	forget func(ctx context.Context, conn bun.Conn) error         // takes erased words out of what the database keeps aside
}

// open makes the store of the database that the options name.
func open(ctx context.Context, o Options) (*Store, error) {
	if o.URL == "" {
		if o.ReadURL != "" {
			return nil, errors.New("DATABASE_READ_URL names a replica, but DATABASE_URL names no primary; set both or neither")
		}
		return openSQLite(ctx, o)
	}
	return openPostgres(ctx, o)
}

var onPostgres = dialect{
	name: "postgresql",
	bun:  func() schema.Dialect { return &postgresText{pgdialect.New()} },

	forUpdate: " FOR UPDATE",
	jsonList:  "json_agg",
	now:       "now()",
	day:       "to_char(p.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
	millis:    "round(extract(epoch FROM r.finished_at - r.started_at) * 1000)",

	contains: func(part, text string) fragment {
		return frag("p.id IN (SELECT s.persona_id FROM search s WHERE s.? LIKE ? AND ?)",
			bun.Safe(part), "%"+escapeLike(text)+"%", frag(inWorkspace))
	},
	ago: func(seconds float64) fragment { return frag("now() - make_interval(secs => ?)", seconds) },

	migrations: migrations.Postgres(),

	// River counts an attempt when it fetches a job; the crash of a process is not the job's failure.
	release: `UPDATE river_job SET state = 'available', scheduled_at = now(), attempt = greatest(attempt - 1, 0)
		WHERE state = 'running' AND NOT EXISTS (
			SELECT 1 FROM node n WHERE n.name = attempted_by[array_length(attempted_by, 1)] AND n.beat_at >= ?)`,

	saveSearch: `INSERT INTO search (workspace_id, persona_id, words, name, role, location)
		VALUES (?ws, ?0, persona_words(?ws, ?1, ?2), ?3, ?4, ?5)
		ON CONFLICT (workspace_id, persona_id) DO UPDATE
		SET words = excluded.words, name = excluded.name, role = excluded.role, location = excluded.location`,
	found:    postgresFound,
	matching: postgresMatching,

	notify: func(ctx context.Context, t *tx, payload string) error {
		_, err := t.NewRaw("SELECT pg_notify(?, ?)", channel, payload).Exec(ctx)
		return err
	},
	forget: func(context.Context, bun.Conn) error { return nil }, // vacuum's work
}

var onSQLite = dialect{
	name: "sqlite",
	bun:  func() schema.Dialect { return &sqliteText{sqlitedialect.New()} },

	jsonList: "json_group_array",
	// Written as bun writes times, so that both compare as texts.
	now:    "strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now')",
	day:    "substr(p.created_at, 1, 10)",
	millis: "round((unixepoch(r.finished_at, 'subsec') - unixepoch(r.started_at, 'subsec')) * 1000)",

	contains: func(part, text string) fragment {
		return frag("instr(p.?, ?) > 0", bun.Safe(part+"_key"), text)
	},
	ago: func(seconds float64) fragment {
		return frag("strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now', ?)", fmt.Sprintf("-%.3f seconds", seconds))
	},

	migrations: migrations.SQLite(),

	release: `UPDATE river_job SET state = 'available', scheduled_at = datetime('now', 'subsec'), attempt = max(attempt - 1, 0)
		WHERE state = 'running' AND NOT EXISTS (
			SELECT 1 FROM node n WHERE n.name = json_extract(attempted_by, '$[#-1]') AND n.beat_at >= ?)`,

	saveSearch: `INSERT INTO search (workspace_id, persona_id, heads, words, name)
		VALUES (?ws, ?0, ?1, ?2, ?3)
		ON CONFLICT (workspace_id, persona_id) DO UPDATE
		SET heads = excluded.heads, words = excluded.words, name = excluded.name`,
	found:    sqliteFound,
	matching: sqliteMatching,

	forget: func(ctx context.Context, conn bun.Conn) error {
		// Readers may hold the log back. They are not waited for longer than this,
		// because the one writer waits too. The setting must be put back, so a
		// caller that goes meanwhile does not end it.
		ctx = context.WithoutCancel(ctx)
		if _, err := conn.ExecContext(ctx, "PRAGMA busy_timeout = 100"); err != nil {
			return err
		}
		var held, frames, moved int
		err := conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&held, &frames, &moved)
		if err == nil && held != 0 {
			err = errors.New("a reader holds the write-ahead log")
		}
		_, back := conn.ExecContext(ctx, "PRAGMA busy_timeout = 5000")
		return errors.Join(err, back)
	},
}

// The databases' own texts cannot hold U+0000. The domain refuses it in what
// comes from outside; where an engine or a query yields one, it is stored as the
// replacement character, as invalid UTF-8 is.
type (
	postgresText struct{ *pgdialect.Dialect }
	sqliteText   struct{ *sqlitedialect.Dialect }
)

func (d *postgresText) AppendString(b []byte, s string) []byte {
	return d.Dialect.AppendString(b, withoutNUL(s))
}

func (d *sqliteText) AppendString(b []byte, s string) []byte {
	return d.Dialect.AppendString(b, withoutNUL(s))
}

func withoutNUL(s string) string { return strings.ReplaceAll(s, "\x00", "\uFFFD") }

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// fragment is a piece of SQL with its arguments.
type fragment struct {
	sql  string
	args []any
}

// AppendQuery makes a fragment an argument of a query.
func (f fragment) AppendQuery(gen schema.QueryGen, b []byte) ([]byte, error) {
	return gen.AppendQuery(b, f.sql, f.args...), nil
}

// frag returns a fragment.
func frag(sql string, args ...any) fragment { return fragment{sql, args} }
