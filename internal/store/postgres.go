package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"

	"github.com/persona-api/persona-api/internal/persona"
)

// statementTimeout bounds each statement made on behalf of a caller.
const statementTimeout = 5 * time.Second

// connectTimeout bounds the first connection, so that a wrong address ends the start soon.
const connectTimeout = 10 * time.Second

func openPostgres(ctx context.Context, o Options) (*Store, error) {
	pool, err := openPool(ctx, "DATABASE_URL", o.URL, o.MaxConns, o.Log)
	if err != nil {
		return nil, err
	}
	s := &Store{d: onPostgres, pool: pool}
	primary := stdlib.OpenDBFromPool(pool)
	s.writer = bun.NewDB(primary, s.d.bun())
	s.reader = s.writer
	s.close = func() error { err := primary.Close(); pool.Close(); return err }

	if o.ReadURL != "" {
		replicas, err := openPool(ctx, "DATABASE_READ_URL", o.ReadURL, o.MaxConns, o.Log)
		if err != nil {
			_ = s.close()
			return nil, err
		}
		replica := stdlib.OpenDBFromPool(replicas)
		s.reader = bun.NewDB(replica, s.d.bun())
		s.close = func() error {
			err := errors.Join(replica.Close(), primary.Close())
			replicas.Close()
			pool.Close()
			return err
		}
	}
	s.bus = newBus(o.Log, pool.Config().ConnConfig)
	s.lock = func(ctx context.Context) (func(), error) { return advisoryLock(ctx, pool.Config().ConnConfig) }
	return s, nil
}

// openPool connects and binds each connection, whenever it is taken, to the
// workspace it is taken for.
//
// database/sql's own limits stay at 0: with MaxOpenConns set it hands a
// connection on to the next caller without asking the pool, that is, under the
// workspace of the one before.
func openPool(ctx context.Context, setting, rawURL string, maxConns int, log *slog.Logger) (*pgxpool.Pool, error) {
	if !strings.HasPrefix(rawURL, "postgres://") && !strings.HasPrefix(rawURL, "postgresql://") {
		return nil, notURL(setting)
	}
	c, err := pgxpool.ParseConfig(rawURL)
	if err != nil {
		return nil, notURL(setting) // err repeats the URL
	}
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, notURL(setting)
	}
	if !u.Query().Has("pool_max_conns") {
		c.MaxConns = int32(min(maxConns, 1000))
	}
	if c.ConnConfig.ConnectTimeout == 0 {
		c.ConnConfig.ConnectTimeout = connectTimeout
	}
	// bun puts the arguments into the text: there is nothing to prepare.
	c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	if c.ConnConfig.RuntimeParams["application_name"] == "" {
		c.ConnConfig.RuntimeParams["application_name"] = "persona-api"
	}
	c.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		conn.TypeMap().RegisterType(&pgtype.Type{
			Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
		})
		return nil
	}
	c.PrepareConn = bindWorkspace
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, notURL(setting)
	}
	ctx, cancel := context.WithTimeout(system(ctx), connectTimeout)
	defer cancel()
	var bypass bool
	err = pool.QueryRow(ctx, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user").Scan(&bypass)
	if err != nil {
		pool.Close()
		return nil, unreachable(setting, c.ConnConfig, err)
	}
	if bypass {
		log.Warn("the database role bypasses row-level security: workspaces are kept apart by the statements alone; use a role that is neither superuser nor BYPASSRLS",
			"setting", setting)
	}
	return pool, nil
}

// bound is the key under which a connection remembers its workspace, so that
// a connection taken again for the same one costs no round trip.
const bound = "persona.workspace"

func bindWorkspace(ctx context.Context, conn *pgx.Conn) (bool, error) {
	ws := persona.CallerFrom(ctx).Workspace
	remembered := conn.PgConn().CustomData()
	if last, known := remembered[bound]; known && last == ws {
		return true, nil
	}
	timeout := "0"
	if ws != "" {
		timeout = strconv.FormatInt(statementTimeout.Milliseconds(), 10)
	}
	delete(remembered, bound)
	_, err := conn.Exec(ctx, "SELECT set_config('persona.workspace', $1, false), set_config('statement_timeout', $2, false)", ws, timeout)
	if err != nil {
		// The connection's workspace is unknown now: it must not be used.
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		return false, nil
	}
	remembered[bound] = ws
	return true, nil
}

func notURL(setting string) error {
	return fmt.Errorf("%s is not a PostgreSQL URL; write postgres://user:password@host:5432/database, with special characters of the password percent-encoded", setting)
}

// unreachable says in one line why the first connection failed.
func unreachable(setting string, c *pgx.ConnConfig, cause error) error {
	at := net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port)))
	var pg *pgconn.PgError
	if errors.As(cause, &pg) {
		switch pg.Code {
		case "28P01", "28000":
			return fmt.Errorf("%s: the server at %s refuses user %q; check the user and the password in the URL, and the server's pg_hba.conf", setting, at, c.User)
		case "3D000":
			return fmt.Errorf("%s: the server at %s has no database %q; create it, or name another in the URL", setting, at, c.Database)
		case "53300":
			return fmt.Errorf("%s: the server at %s has no connection left; raise its max_connections, or stop another client", setting, at)
		}
		return fmt.Errorf("%s: the server at %s refuses the connection (%s); check the URL and the server's log", setting, at, pg.Code)
	}
	if strings.Contains(cause.Error(), "TLS") || strings.Contains(cause.Error(), "tls") {
		return fmt.Errorf("%s: no TLS connection to %s; check the server's certificate, or set sslmode in the URL", setting, at)
	}
	return fmt.Errorf("%s: no database answers at %s; check that it runs, and the host and the port in the URL", setting, at)
}

// migrationLock is the number of the advisory lock that a migrating process holds.
const migrationLock = 7_370_697_868_110 // any number nothing else uses

// advisoryLock takes the lock on a connection of its own. It goes with the
// connection, so a killed process leaves nothing behind.
func advisoryLock(ctx context.Context, c *pgx.ConnConfig) (func(), error) {
	conn, err := pgx.ConnectConfig(ctx, c)
	if err != nil {
		return nil, err
	}
	release := func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), connectTimeout)
		defer cancel()
		_ = conn.Close(ctx) // the server lets go of the lock when the connection ends, however it does
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(migrationLock)); err != nil {
		release()
		return nil, err
	}
	return release, nil
}
