package jobs

import (
	"context"
	"database/sql"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// sqliteDriver is River's driver with notifications that stay in the process.
//
// River's own go through a table that every enqueue writes to and every worker
// reads twenty times a second, on the one connection that writes. Here the
// Inserter tells the worker directly: sooner, and for nothing. What another
// process enqueues in the same file is found by polling.
type sqliteDriver struct {
	*riversqlite.Driver
	wake <-chan struct{}
}

func newSQLiteDriver(db *sql.DB, wake <-chan struct{}) *sqliteDriver {
	return &sqliteDriver{riversqlite.New(db), wake}
}

// SupportsListenNotify keeps River from writing notifications.
func (d *sqliteDriver) SupportsListenNotify() bool { return false }

// GetListener returns where River hears of new jobs.
func (d *sqliteDriver) GetListener(params *riverdriver.GetListenenerParams) riverdriver.Listener {
	return &sqliteListener{d.wake, params.Schema}
}

// sqliteListener turns a nudge into the notification that River's driver would
// have read from its table.
type sqliteListener struct {
	wake   <-chan struct{}
	schema string
}

func (l *sqliteListener) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.wake:
		return &riverdriver.Notification{Topic: "river_insert", Payload: `{"queue":"` + queue + `"}`}, nil
	}
}

func (l *sqliteListener) Connect(context.Context) error          { return nil }
func (l *sqliteListener) Close(context.Context) error            { return nil }
func (l *sqliteListener) Ping(context.Context) error             { return nil }
func (l *sqliteListener) Listen(context.Context, string) error   { return nil }
func (l *sqliteListener) Unlisten(context.Context, string) error { return nil }
func (l *sqliteListener) Schema() string                         { return l.schema }
func (l *sqliteListener) SetAfterConnectExec(string)             {}
