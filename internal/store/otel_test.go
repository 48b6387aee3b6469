package store_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

func TestStatementsAreSpansWithoutTheirWords(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const secret = "from claim secretword into run"
		system := "sqlite"
		if s.Pool() != nil {
			system = "postgresql"
		}
		spans.Reset()
		quiet := storetest.Context(t, "default")
		require.NoError(t, s.Beat(quiet, "node"))
		require.Empty(t, spans.GetSpans(), "what belongs to no trace makes none")

		ctx, root := provider.Tracer("test").Start(quiet, "request")
		m := ready(t, ctx, s, "Ada "+secret, secret, 0)
		_, err := s.Search(ctx, persona.SearchArgs{Query: secret})
		require.NoError(t, err)
		_, err = s.List(ctx, persona.ListArgs{Where: &persona.Where{Skill: ptr(secret)}})
		require.NoError(t, err)
		_, err = s.Stats(ctx, persona.StatsArgs{})
		require.NoError(t, err)
		require.Error(t, s.Write(ctx, func(tx persona.Tx) error { return tx.InsertPersona(ctx, m.persona) }))
		root.End()

		names, failed := map[string]bool{}, 0
		for _, span := range spans.GetSpans() {
			if span.Name == "request" {
				continue
			}
			names[span.Name] = true
			require.Equal(t, trace.SpanKindClient, span.SpanKind)
			require.Equal(t, root.SpanContext().TraceID(), span.SpanContext.TraceID())
			attrs := attribute.NewSet(span.Attributes...)
			for key, want := range map[attribute.Key]string{"db.system.name": system, "db.query.summary": span.Name} {
				v, ok := attrs.Value(key)
				require.True(t, ok)
				require.Equal(t, want, v.AsString())
			}
			for _, a := range span.Attributes {
				require.NotContains(t, a.Value.String(), "secretword")
			}
			require.NotContains(t, span.Name+span.Status.Description, "secretword")
			require.Empty(t, span.Events)
			if span.Status.Code == codes.Error {
				failed++
				require.True(t, attrs.HasValue("error.type"))
			}
		}
		require.Equal(t, 1, failed)
		for _, want := range []string{"BEGIN", "COMMIT", "ROLLBACK", "INSERT persona", "INSERT source", "INSERT claim", "INSERT search", "UPDATE persona",
			"SELECT search", "SELECT persona", "SELECT rollup"} {
			if system == "sqlite" && want == "SELECT search" {
				want = "SELECT search_words"
			}
			require.Contains(t, names, want)
		}
	}, func(o *store.Options) { o.TracerProvider = provider })
	require.NoError(t, provider.Shutdown(context.Background()))
}
