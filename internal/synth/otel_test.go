package synth

import (
	"fmt"
	"net/url"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/synth/synthtest"
)

func TestOneSpanPerCallWithoutAWordOfTheText(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	s := synthtest.NewServer(t)
	s.Script(synthtest.Reply{Status: 429})
	e, _ := engineOn(t, s, func(o *Options) { o.TracerProvider = provider })
	ctx, parent := provider.Tracer("test").Start(t.Context(), "job")
	_, err := e.Extract(ctx, source(text), func([]persona.Draft) error { return nil })
	require.NoError(t, err)
	parent.End()

	address, err := url.Parse(s.URL())
	require.NoError(t, err)
	port, err := strconv.ParseInt(address.Port(), 10, 64)
	require.NoError(t, err)
	common := map[string]any{
		"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o-mini",
		"gen_ai.request.temperature": 0.0, "gen_ai.output.type": "json", "server.address": "127.0.0.1", "server.port": port,
	}
	got := spans.GetSpans()
	require.Len(t, got, 3)
	for _, span := range got[:2] {
		require.Equal(t, "chat gpt-4o-mini", span.Name)
		require.Equal(t, trace.SpanKindClient, span.SpanKind)
		require.Equal(t, parent.SpanContext().SpanID(), span.Parent.SpanID())
		attributes := attributesOf(span)
		for k, v := range common {
			require.Equal(t, v, attributes[k], k)
		}
		require.Empty(t, span.Events)
		require.NotContains(t, fmt.Sprint(span), "Okafor")
		require.NotContains(t, fmt.Sprint(span), "sk-secret-key")
	}
	failed, good := attributesOf(got[0]), attributesOf(got[1])
	require.Equal(t, "RATE_LIMITED", failed["error.type"])
	require.Equal(t, codes.Error, got[0].Status.Code)
	require.NotContains(t, failed, "gen_ai.usage.input_tokens")
	require.Equal(t, codes.Unset, got[1].Status.Code)
	require.NotContains(t, good, "error.type")
	require.Equal(t, []string{"stop"}, good["gen_ai.response.finish_reasons"])
	require.Positive(t, good["gen_ai.usage.input_tokens"])
	require.Positive(t, good["gen_ai.usage.output_tokens"])
}

func attributesOf(s tracetest.SpanStub) map[string]any {
	out := map[string]any{}
	for _, a := range s.Attributes {
		out[string(a.Key)] = a.Value.AsInterface()
	}
	return out
}

func TestPortOfTheScheme(t *testing.T) {
	for address, want := range map[string]int64{"https://api.example.com/v1": 443, "http://model": 80, "http://model:11434": 11434} {
		u, err := url.Parse(address)
		require.NoError(t, err)
		require.Contains(t, newTracing(nil, "p", "m", u).common, attribute.Int64("server.port", want))
	}
}
