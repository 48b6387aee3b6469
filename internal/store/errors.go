package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/persona-api/persona-api/internal/persona"
)

// translate makes a persona.Error of what a driver returns, once, on the way in.
// A persona.Error and context.Canceled pass as they are. The driver's words stay
// in Cause, which is for the log: they may repeat what was to be written.
func translate(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	var done *persona.Error
	if errors.As(err, &done) {
		return err
	}
	if errors.Is(context.Cause(ctx), context.Canceled) || errors.Is(err, context.Canceled) {
		return context.Canceled
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return timeout(err)
	}

	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return translatePostgres(pg, err)
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return translateSQLite(lite, err)
	}
	if lost(err) {
		return persona.Unavailable("database", err)
	}
	return internal(err)
}

func translatePostgres(pg *pgconn.PgError, err error) error {
	switch pg.Code {
	case "23505":
		return conflict(err)
	case "23503":
		return gone(err)
	case "57014": // query_canceled: the statement timeout, because the context is still good
		return timeout(err)
	case "40001", "40P01", "55P03":
		return &persona.Error{Code: persona.CodeUnavailable, Message: "too many changes at the same time; try again in a moment", Cause: err}
	case "53100":
		return full(err)
	case "25006":
		return persona.Unavailable("primary database", err)
	case "22007", "22008":
		return &persona.Error{Code: persona.CodeInvalid, Message: "a time is out of range; give one from year 1 to year 9999", Cause: err}
	}
	switch pg.Code[:2] {
	case "08", "53", "57", "58": // connection, resources, operator intervention, system
		return persona.Unavailable("database", err)
	}
	return internal(err)
}

func translateSQLite(lite *sqlite.Error, err error) error {
	switch lite.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return conflict(err)
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return gone(err)
	}
	switch lite.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return &persona.Error{Code: persona.CodeUnavailable, Message: "too many changes at the same time; try again in a moment", Cause: err}
	case sqlite3.SQLITE_FULL:
		return full(err)
	case sqlite3.SQLITE_INTERRUPT:
		return timeout(err)
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return persona.Unavailable("database", err)
	}
	return internal(err)
}

// lost reports whether the error says that the connection is gone.
func lost(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || pgconn.SafeToRetry(err) ||
		errors.Is(err, pgconn.ErrConnClosed) || errors.Is(err, puddle.ErrClosedPool) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		strings.HasPrefix(err.Error(), "sql: database is closed") // database/sql exports no value for it
}

// retryable reports whether the same transaction may succeed when it runs again:
// the database undid it to let another pass.
func retryable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	return busy(err)
}

// busy reports whether SQLite's file is held by another process.
func busy(err error) bool {
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code()&0xff == sqlite3.SQLITE_BUSY
}

// sqliteCause is the short name of what went wrong, without any text of a statement.
func sqliteCause(err error) string {
	if name := sqliteCode(err); name != "" {
		return name
	}
	return err.Error()
}

// sqliteCode is the name of SQLite's error code, "" for any other error.
func sqliteCode(err error) string {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return sqlite.ErrorCodeString[lite.Code()&0xff]
	}
	return ""
}

func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d) }

func conflict(err error) error {
	return &persona.Error{Code: persona.CodeConflict, Message: "something equal exists already", Cause: err}
}

func gone(err error) error {
	return &persona.Error{Code: persona.CodeNotFound, Message: "what this belongs to has been deleted", Cause: err}
}

func timeout(err error) error {
	return &persona.Error{Code: persona.CodeTimeout, Message: "the database took too long; ask for less, or try again in a moment", Cause: err}
}

func full(err error) error {
	return &persona.Error{Code: persona.CodeUnavailable, Message: "the database's disk is full; free some space, then try again", Cause: err}
}

func internal(err error) error {
	return &persona.Error{Code: persona.CodeInternal, Message: "internal error", Cause: err}
}
