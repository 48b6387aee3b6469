package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// pgTx is the store's running transaction as a pgx.Tx, for a queue that speaks
// pgx. The store ends the transaction: Commit and Rollback of the outermost one
// do nothing. Begin makes a savepoint.
type pgTx struct {
	conn  *pgx.Conn
	depth int // 0 is the transaction itself, above it savepoints
	over  bool
}

func (t *pgTx) savepoint() string { return fmt.Sprintf("enqueue_%d", t.depth) }

// Begin makes a savepoint.
func (t *pgTx) Begin(ctx context.Context) (pgx.Tx, error) {
	inner := &pgTx{conn: t.conn, depth: t.depth + 1}
	if _, err := t.conn.Exec(ctx, "SAVEPOINT "+inner.savepoint()); err != nil {
		return nil, err
	}
	return inner, nil
}

// Commit releases a savepoint.
func (t *pgTx) Commit(ctx context.Context) error { return t.end(ctx, "RELEASE SAVEPOINT ") }

// Rollback undoes what was done since a savepoint.
func (t *pgTx) Rollback(ctx context.Context) error { return t.end(ctx, "ROLLBACK TO SAVEPOINT ") }

func (t *pgTx) end(ctx context.Context, how string) error {
	if t.depth == 0 {
		return nil
	}
	if t.over {
		return pgx.ErrTxClosed
	}
	t.over = true
	_, err := t.conn.Exec(ctx, how+t.savepoint())
	return err
}

// CopyFrom implements pgx.Tx.
func (t *pgTx) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	return t.conn.CopyFrom(ctx, table, columns, rows)
}

// SendBatch implements pgx.Tx.
func (t *pgTx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return t.conn.SendBatch(ctx, b)
}

// LargeObjects implements pgx.Tx. They belong to no workspace, so the value is of no use.
func (t *pgTx) LargeObjects() pgx.LargeObjects { return pgx.LargeObjects{} }

// Prepare implements pgx.Tx.
func (t *pgTx) Prepare(ctx context.Context, name, sql string) (*pgconn.StatementDescription, error) {
	return t.conn.Prepare(ctx, name, sql)
}

// Exec implements pgx.Tx.
func (t *pgTx) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return t.conn.Exec(ctx, sql, args...)
}

// Query implements pgx.Tx.
func (t *pgTx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return t.conn.Query(ctx, sql, args...)
}

// QueryRow implements pgx.Tx.
func (t *pgTx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return t.conn.QueryRow(ctx, sql, args...)
}

// Conn implements pgx.Tx.
func (t *pgTx) Conn() *pgx.Conn { return t.conn }
