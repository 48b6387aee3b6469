package telemetry

import (
	"context"
	"io"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// LevelCritical is above slog.LevelError: the process cannot go on.
const LevelCritical = slog.Level(12)

// NewLogger logs to w from level (DEBUG, INFO, WARNING, ERROR or CRITICAL;
// anything else is INFO) on: text in development, else one JSON object a line.
// What is logged with a context carries its trace_id, span_id and request_id.
func NewLogger(w io.Writer, level, environment string) *slog.Logger {
	options := &slog.HandlerOptions{Level: parseLevel(level), ReplaceAttr: nameLevel}
	if environment == "development" {
		return slog.New(correlated{slog.NewTextHandler(w, options)})
	}
	return slog.New(correlated{slog.NewJSONHandler(w, options)})
}

func parseLevel(name string) slog.Level {
	switch name {
	case "DEBUG":
		return slog.LevelDebug
	case "WARNING":
		return slog.LevelWarn
	case "ERROR":
		return slog.LevelError
	case "CRITICAL":
		return LevelCritical
	}
	return slog.LevelInfo
}

// nameLevel prints levels by the names they are set by.
func nameLevel(groups []string, a slog.Attr) slog.Attr {
	level, ok := a.Value.Any().(slog.Level)
	if !ok || len(groups) > 0 || a.Key != slog.LevelKey {
		return a
	}
	switch {
	case level >= LevelCritical:
		a.Value = slog.StringValue("CRITICAL")
	case level >= slog.LevelError:
		a.Value = slog.StringValue("ERROR")
	case level >= slog.LevelWarn:
		a.Value = slog.StringValue("WARNING")
	case level >= slog.LevelInfo:
		a.Value = slog.StringValue("INFO")
	default:
		a.Value = slog.StringValue("DEBUG")
	}
	return a
}

// correlated adds to every record what its context knows about the request.
type correlated struct{ slog.Handler }

func (h correlated) Handle(ctx context.Context, r slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		r.AddAttrs(slog.String("trace_id", span.TraceID().String()), slog.String("span_id", span.SpanID().String()))
	}
	if id := RequestID(ctx); id != "" {
		r.AddAttrs(slog.String("request_id", id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h correlated) WithAttrs(attrs []slog.Attr) slog.Handler {
	return correlated{h.Handler.WithAttrs(attrs)}
}

func (h correlated) WithGroup(name string) slog.Handler {
	return correlated{h.Handler.WithGroup(name)}
}

type requestIDKey struct{}

// WithRequestID returns a context that belongs to the request with this id.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID returns the id of the request ctx belongs to, "" if it is none's.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}
