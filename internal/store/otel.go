package store

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// TracerProvider is OpenTelemetry's.
type TracerProvider = trace.TracerProvider

// hooks are what watches the statements.
func hooks(o Options, d dialect) []bun.QueryHook {
	var hs []bun.QueryHook
	if o.OnQuery != nil {
		hs = append(hs, &counter{o.OnQuery})
	}
	if o.TracerProvider != nil {
		hs = append(hs, &tracer{o.TracerProvider.Tracer("github.com/persona-api/persona-api/internal/store"), d.name})
	}
	return hs
}

type counter struct{ onQuery func(string) }

func (c *counter) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	operation, table := summarize(e.Query)
	c.onQuery(strings.TrimSpace(operation + " " + table))
	return ctx
}

func (c *counter) AfterQuery(context.Context, *bun.QueryEvent) {}

// tracer makes a span of each statement that belongs to a trace. The text of a
// statement holds its arguments, so nothing of it leaves but the words below.
type tracer struct {
	tracer trace.Tracer
	system string
}

func (t *tracer) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		return ctx // the queue's housekeeping, and what else nobody asked for
	}
	operation, table := summarize(e.Query)
	summary := strings.TrimSpace(operation + " " + table)
	attrs := []attribute.KeyValue{
		attribute.String("db.system.name", t.system),
		attribute.String("db.operation.name", operation),
		attribute.String("db.query.summary", summary),
	}
	if table != "" {
		attrs = append(attrs, attribute.String("db.collection.name", table))
	}
	ctx, span := t.tracer.Start(ctx, summary, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attrs...))
	if e.Stash == nil {
		e.Stash = map[any]any{}
	}
	e.Stash[t] = span
	return ctx
}

func (t *tracer) AfterQuery(_ context.Context, e *bun.QueryEvent) {
	span, ok := e.Stash[t].(trace.Span)
	if !ok {
		return
	}
	if e.Err != nil && !errors.Is(e.Err, sql.ErrNoRows) {
		kind := "error"
		var pg *pgconn.PgError
		if errors.As(e.Err, &pg) {
			kind = pg.Code
			span.SetAttributes(attribute.String("db.response.status_code", pg.Code))
		} else if name := sqliteCode(e.Err); name != "" {
			kind = name
		}
		span.SetAttributes(attribute.String("error.type", kind))
		span.SetStatus(codes.Error, kind)
	}
	span.End()
}

// firstTable finds the first of the store's own tables that a statement names.
// No other word of it is ever shown.
var firstTable = regexp.MustCompile(`(?i)\b(?:from|into|update|join)\s+"?(persona|source|claim|cites|member|version|run|facet|rollup|node|search|search_words|search_names|river_job|bun_migrations)\b`)

// summarize returns a statement's operation and table, as in "SELECT persona".
func summarize(query string) (operation, table string) {
	query = strings.TrimSpace(query)
	if i := strings.IndexAny(query, " \n\t"); i > 0 {
		operation = query[:i]
	} else {
		operation = query
	}
	switch operation = strings.ToUpper(operation); operation {
	case "WITH":
		operation = "SELECT"
	case "SELECT", "INSERT", "UPDATE", "DELETE", "BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "CREATE":
	default:
		operation = "OTHER"
	}
	if m := firstTable.FindStringSubmatch(query); m != nil {
		table = strings.ToLower(m[1])
	}
	return operation, table
}
