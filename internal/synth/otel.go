package synth

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/semconv/v1.41.0/genaiconv"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/persona-api/persona-api/internal/persona"
)

// TracerProvider is OpenTelemetry's, named here so that only this file knows it.
type TracerProvider = trace.TracerProvider

// MeterProvider is OpenTelemetry's.
type MeterProvider = metric.MeterProvider

// tracing makes one span per call of the model and measures it. Names and numbers
// go into it, never a word of a prompt or of an answer. The metrics are
// gen_ai.client.operation.duration and gen_ai.client.token.usage.
type tracing struct {
	tracer   trace.Tracer
	name     string
	common   []attribute.KeyValue // of spans
	measured []attribute.KeyValue // of metrics: the few with few values
	duration genaiconv.ClientOperationDuration
	tokens   genaiconv.ClientTokenUsage
}

func newTracing(traces TracerProvider, metrics MeterProvider, provider, model string, address *url.URL) (tracing, error) {
	if traces == nil {
		traces = noop.NewTracerProvider()
	}
	if metrics == nil {
		metrics = metricnoop.NewMeterProvider()
	}
	common := []attribute.KeyValue{
		semconv.GenAIOperationNameChat,
		semconv.GenAIProviderNameKey.String(provider),
		semconv.GenAIRequestModel(model),
		semconv.GenAIRequestTemperature(0),
		semconv.GenAIOutputTypeJSON,
		semconv.ServerAddress(address.Hostname()),
	}
	port, err := strconv.Atoi(address.Port())
	if err != nil {
		port = map[string]int{"http": 80}[address.Scheme]
		if port == 0 {
			port = 443
		}
	}
	const scope = "github.com/persona-api/persona-api/internal/synth"
	meter := metrics.Meter(scope, metric.WithSchemaURL(semconv.SchemaURL))
	// The bounds that the conventions advise; the SDK's own are made for milliseconds.
	duration, failed := genaiconv.NewClientOperationDuration(meter, metric.WithExplicitBucketBoundaries(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92))
	tokens, err := genaiconv.NewClientTokenUsage(meter, metric.WithExplicitBucketBoundaries(1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576))
	if err := errors.Join(failed, err); err != nil {
		return tracing{}, fmt.Errorf("set up metrics of the model: %w", err)
	}
	return tracing{
		tracer: traces.Tracer(scope, trace.WithSchemaURL(semconv.SchemaURL)),
		name:   "chat " + model,
		common: append(common, semconv.ServerPort(port)),
		measured: []attribute.KeyValue{
			semconv.GenAIOperationNameChat, semconv.GenAIProviderNameKey.String(provider), semconv.GenAIRequestModel(model),
			semconv.ServerAddress(address.Hostname()), semconv.ServerPort(port),
		},
		duration: duration,
		tokens:   tokens,
	}, nil
}

// call runs generate in a span. waited is how long the call had to wait before it
// could begin: for LLM_RATE, for a slot, for a probe of the breaker.
func (t tracing) call(ctx context.Context, waited time.Duration, generate func(context.Context) (reply, error)) (reply, error) {
	ctx, span := t.tracer.Start(ctx, t.name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(t.common...),
		trace.WithAttributes(attribute.Float64("persona.model.wait", waited.Seconds())))
	defer span.End()
	begun := time.Now()
	r, err := generate(ctx)
	took := time.Since(begun)
	if err == nil {
		t.duration.RecordSet(ctx, took.Seconds(), t.with())
	} else {
		t.duration.RecordSet(ctx, took.Seconds(), t.with(semconv.ErrorTypeKey.String(string(failureOf(err).Code))))
	}
	t.count(ctx, genaiconv.TokenTypeInput, r.usage.InputTokens)
	t.count(ctx, genaiconv.TokenTypeOutput, r.usage.OutputTokens)
	if r.usage.InputTokens > 0 || r.usage.OutputTokens > 0 {
		span.SetAttributes(semconv.GenAIUsageInputTokens(r.usage.InputTokens), semconv.GenAIUsageOutputTokens(r.usage.OutputTokens))
	}
	if r.finish != finishBroken {
		span.SetAttributes(semconv.GenAIResponseFinishReasons(string(r.finish)))
	}
	if err != nil {
		code := string(failureOf(err).Code)
		span.SetAttributes(semconv.ErrorTypeKey.String(code))
		span.SetStatus(codes.Error, code)
	}
	return r, err
}

// with are the attributes of a measurement. NewSet sorts what it is given: it gets a copy.
func (t tracing) with(more ...attribute.KeyValue) attribute.Set {
	return attribute.NewSet(append(slices.Clone(t.measured), more...)...)
}

// count measures the tokens of a call, when the server has told their number.
func (t tracing) count(ctx context.Context, kind genaiconv.TokenTypeAttr, n int) {
	if n > 0 {
		t.tokens.RecordSet(ctx, int64(n), t.with(semconv.GenAITokenTypeKey.String(string(kind))))
	}
}

// notAsked notes on the caller's span that a call was not made, and why.
func (t tracing) notAsked(ctx context.Context, why persona.FailureCode) {
	trace.SpanFromContext(ctx).AddEvent("model not asked", trace.WithAttributes(semconv.ErrorTypeKey.String(string(why))))
}
