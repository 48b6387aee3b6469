package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/uptrace/bun"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// sqliteFile is the database's file in DATA_DIR.
const sqliteFile = "persona.db"

func openSQLite(ctx context.Context, o Options) (*Store, error) {
	dir, err := filepath.Abs(o.DataDir)
	if err != nil {
		return nil, notWritable(o.DataDir, err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, notWritable(dir, err)
	}
	probe, err := os.CreateTemp(dir, ".writable-")
	if err != nil {
		return nil, notWritable(dir, err)
	}
	_ = probe.Close()
	_ = os.Remove(probe.Name())

	file := filepath.Join(dir, sqliteFile)
	writer, err := sql.Open("sqlite", sqliteURL(file, url.Values{"_txlock": {"immediate"}},
		"journal_mode(wal)", "synchronous(normal)", "foreign_keys(1)", "secure_delete(1)", "journal_size_limit(0)"))
	if err != nil {
		return nil, notWritable(dir, err)
	}
	// SQLite has one writer; a second connection would only wait for it.
	writer.SetMaxOpenConns(1)

	readers, err := sql.Open("sqlite", sqliteURL(file, nil, "query_only(1)"))
	if err != nil {
		return nil, errors.Join(notWritable(dir, err), writer.Close())
	}
	readers.SetMaxOpenConns(o.MaxConns)
	readers.SetMaxIdleConns(o.MaxConns)

	s := &Store{d: onSQLite, sql: writer}
	s.close = func() error { return errors.Join(readers.Close(), writer.Close()) }
	// The first connection makes the file and turns the log on. Other processes
	// that start now do the same; SQLite does not wait for them there.
	for try := 1; ; try++ {
		err := writer.PingContext(ctx)
		if err == nil {
			break
		}
		if try < 12 && busy(err) && pause(ctx, min(try, 8)) == nil {
			continue
		}
		_ = s.close()
		return nil, fmt.Errorf("DATA_DIR: %s cannot be opened as a SQLite database (%s); move the file away, or choose another folder", file, sqliteCause(err))
	}
	s.writer = bun.NewDB(writer, s.d.bun())
	s.reader = bun.NewDB(readers, s.d.bun())
	s.bus = newBus(o.Log, nil)
	return s, nil
}

func sqliteURL(file string, q url.Values, pragmas ...string) string {
	if q == nil {
		q = url.Values{}
	}
	q.Set("_timezone", "UTC")
	q.Add("_pragma", "busy_timeout(5000)") // first: the others may have to wait
	for _, p := range pragmas {
		q.Add("_pragma", p)
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: q.Encode()}).String()
}

func notWritable(dir string, cause error) error {
	var p *os.PathError
	if errors.As(cause, &p) {
		cause = p.Err
	}
	return fmt.Errorf("DATA_DIR: %s cannot be written (%w); make it writable, or choose another folder", dir, cause)
}
