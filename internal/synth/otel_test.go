package synth

import (
	"fmt"
	"net/url"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
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
		require.Contains(t, attributes, "persona.model.wait")
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

// TestMetricsAreTheConventionsOwn counts two calls, the first of which fails, and a
// third that is not made.
func TestMetricsAreTheConventionsOwn(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	spans := tracetest.NewInMemoryExporter()
	traces := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	s := synthtest.NewServer(t)
	s.Script(synthtest.Reply{Status: 500}, synthtest.Reply{Text: `{"claims":[]}`, InputTokens: 120, OutputTokens: 7}, synthtest.Reply{Status: 429, RetryAfter: "60"})
	e, _ := engineOn(t, s, func(o *Options) {
		o.TracerProvider, o.MeterProvider = traces, sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	})
	ctx, job := traces.Tracer("test").Start(t.Context(), "job")
	ask := func() error {
		_, err := e.Extract(ctx, source(text), func([]persona.Draft) error { return nil })
		return err
	}
	require.NoError(t, ask())
	require.Error(t, ask(), "told to stay away")
	require.Error(t, ask(), "and so it is not asked")
	job.End()
	require.Len(t, s.Requests(), 3)

	var all metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &all))
	require.Len(t, all.ScopeMetrics, 1)
	points := map[string]uint64{}
	sums := map[string]int64{}
	for _, m := range all.ScopeMetrics[0].Metrics {
		switch h := m.Data.(type) {
		case metricdata.Histogram[float64]:
			for _, p := range h.DataPoints {
				why, _ := p.Attributes.Value("error.type")
				points[m.Name+" "+why.AsString()] += p.Count
				require.Less(t, len(p.Attributes.ToSlice()), 7)
			}
		case metricdata.Histogram[int64]:
			for _, p := range h.DataPoints {
				kind, _ := p.Attributes.Value("gen_ai.token.type")
				sums[m.Name+" "+kind.AsString()] += p.Sum
			}
		}
	}
	require.Equal(t, map[string]uint64{"gen_ai.client.operation.duration ": 1, "gen_ai.client.operation.duration MODEL_UNAVAILABLE": 1, "gen_ai.client.operation.duration RATE_LIMITED": 1}, points)
	require.Equal(t, map[string]int64{"gen_ai.client.token.usage input": 120, "gen_ai.client.token.usage output": 7}, sums)
	require.NotContains(t, fmt.Sprint(all), "Okafor")

	got := spans.GetSpans()
	require.Equal(t, "job", got[len(got)-1].Name)
	events := got[len(got)-1].Events
	require.Len(t, events, 1)
	require.Equal(t, "model not asked", events[0].Name)
	require.Equal(t, []attribute.KeyValue{attribute.String("error.type", "RATE_LIMITED")}, events[0].Attributes)
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
		tr, err := newTracing(nil, nil, "p", "m", u)
		require.NoError(t, err)
		require.Contains(t, tr.common, attribute.Int64("server.port", want))
	}
}
