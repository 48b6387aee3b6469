package synth

import (
	"context"
	"net/url"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// TracerProvider is OpenTelemetry's, named here so that only this file knows it.
type TracerProvider = trace.TracerProvider

// tracing makes one span per call of the model. Names and numbers go into it,
// never a word of a prompt or of an answer.
type tracing struct {
	tracer trace.Tracer
	name   string
	common []attribute.KeyValue
}

func newTracing(p TracerProvider, provider, model string, address *url.URL) tracing {
	if p == nil {
		p = noop.NewTracerProvider()
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
	return tracing{p.Tracer("github.com/persona-api/persona-api/internal/synth", trace.WithSchemaURL(semconv.SchemaURL)), "chat " + model, append(common, semconv.ServerPort(port))}
}

// call runs generate in a span.
func (t tracing) call(ctx context.Context, generate func(context.Context) (reply, error)) (reply, error) {
	ctx, span := t.tracer.Start(ctx, t.name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(t.common...))
	defer span.End()
	r, err := generate(ctx)
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
