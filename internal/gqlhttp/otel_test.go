package gqlhttp

import (
	"context"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/persona-api/persona-api/internal/gqlhttp/testschema"
)

func TestEveryOperationHasASpan(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	h := handler(Options{TracerProvider: trace.NewTracerProvider(trace.WithSpanProcessor(recorder))})
	for _, test := range []struct {
		document   string
		name       string
		attributes map[string]string
		status     codes.Code
	}{
		{"query Greet {hello}", "query Greet", map[string]string{"graphql.operation.type": "query", "graphql.operation.name": "Greet"}, codes.Unset},
		{"{hello}", "query", map[string]string{"graphql.operation.type": "query"}, codes.Unset},
		{"mutation {add}", "mutation", map[string]string{"graphql.operation.type": "mutation"}, codes.Unset},
		{"query " + strings.Repeat("x", 65) + " {hello}", "query", map[string]string{"graphql.operation.type": "query"}, codes.Unset},
		{"{fails}", "query", map[string]string{"graphql.operation.type": "query", "error.type": codeInternal}, codes.Error},
		{"{refuses}", "query", map[string]string{"graphql.operation.type": "query", "error.type": "FORBIDDEN"}, codes.Error},
		{`{hello(name: "` + canary + `")}`, "query", map[string]string{"graphql.operation.type": "query"}, codes.Unset},
	} {
		recorder.Reset()
		query(t, h, test.document, map[string]any{canary: canary})
		spans := recorder.Ended()
		require.Len(t, spans, 1, test.document)
		require.Equal(t, test.name, spans[0].Name())
		require.Equal(t, test.attributes, attributes(spans[0].Attributes()))
		require.Equal(t, test.status, spans[0].Status().Code)
		require.Empty(t, spans[0].Status().Description)
		require.Empty(t, spans[0].Events())
	}
	recorder.Reset()
	query(t, h, "{nothing}", nil)
	require.Empty(t, recorder.Started(), "what is refused is no operation")
}

func TestTheSpanOfASubscriptionLastsUntilItsEnd(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	provider := trace.NewTracerProvider(trace.WithSpanProcessor(recorder))
	h := handler(Options{TracerProvider: provider})
	post(t, h, `{"query":"subscription S {count(to: 3)}"}`, "Accept", eventStream)
	require.Len(t, recorder.Ended(), 1)
	require.Equal(t, "subscription S", recorder.Ended()[0].Name())

	// A client that goes ends it as well.
	recorder.Reset()
	ctx, cancel := context.WithCancel(t.Context())
	running := func(delta int) {
		if delta > 0 {
			cancel()
		}
	}
	h = New(testschema.New(&testschema.Resolvers{Running: running}), Options{TracerProvider: provider})
	operation, errs := h.create(graphql.StartOperationTrace(ctx), &graphql.RawParams{Query: "subscription {forever}"})
	require.Empty(t, errs)
	next := h.start(graphql.WithOperationContext(ctx, operation), operation, nil)
	for response, _ := next(); response != nil; response, _ = next() {
		require.Empty(t, response.Errors)
	}
	require.Len(t, recorder.Ended(), 1)
}

func TestAPanicEndsTheSpan(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	h := handler(Options{
		TracerProvider: trace.NewTracerProvider(trace.WithSpanProcessor(recorder)),
		Extensions:     []graphql.HandlerExtension{panicking{at: "response"}},
	})
	query(t, h, "{hello}", nil)
	require.Len(t, recorder.Ended(), 1)
	require.Equal(t, codes.Error, recorder.Ended()[0].Status().Code)
}

func attributes(list []attribute.KeyValue) map[string]string {
	m := map[string]string{}
	for _, kv := range list {
		m[string(kv.Key)] = kv.Value.AsString()
	}
	return m
}
