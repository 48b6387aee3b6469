package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
)

// Tracing is how a job continues the trace of the request that enqueued it. The
// zero Tracing traces nothing.
type Tracing struct {
	Provider   trace.TracerProvider
	Propagator propagation.TextMapPropagator
}

// tracer carries the trace in the job's metadata and makes a span of every attempt.
type tracer struct {
	river.MiddlewareDefaults
	tracer     trace.Tracer
	propagator propagation.TextMapPropagator
}

func newTracer(t Tracing) *tracer {
	if t.Provider == nil {
		t.Provider = tracenoop.NewTracerProvider()
	}
	if t.Propagator == nil {
		t.Propagator = propagation.NewCompositeTextMapPropagator()
	}
	return &tracer{
		tracer:     t.Provider.Tracer("github.com/persona-api/persona-api/internal/jobs", trace.WithSchemaURL(semconv.SchemaURL)),
		propagator: t.Propagator,
	}
}

// metadata is what the job's row holds of the trace, beside what River keeps there.
type metadata struct {
	Trace propagation.MapCarrier `json:"trace"`
}

// InsertMany notes the trace of ctx with each job.
func (t *tracer) InsertMany(ctx context.Context, many []*rivertype.JobInsertParams, insert func(context.Context) ([]*rivertype.JobInsertResult, error)) ([]*rivertype.JobInsertResult, error) {
	carrier := propagation.MapCarrier{}
	t.propagator.Inject(ctx, carrier)
	if len(carrier) > 0 {
		noted, err := json.Marshal(metadata{carrier})
		if err != nil {
			return nil, fmt.Errorf("note the trace: %w", err)
		}
		for _, job := range many {
			job.Metadata = noted
		}
	}
	return insert(ctx)
}

// Work makes a span of an attempt, a child of the span that enqueued the job.
func (t *tracer) Work(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error) error {
	var noted metadata
	if json.Unmarshal(job.Metadata, &noted) == nil { // without a readable note a trace of its own begins
		ctx = t.propagator.Extract(ctx, noted.Trace)
	}
	ctx, span := t.tracer.Start(ctx, "process "+job.Kind,
		trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(
			attribute.String("messaging.system", "river"),
			semconv.MessagingOperationTypeProcess,
			semconv.MessagingOperationName("process"),
			semconv.MessagingDestinationName(job.Queue),
			semconv.MessagingMessageID(strconv.FormatInt(job.ID, 10)),
			attribute.String("river.job.kind", job.Kind),
			attribute.Int("river.job.attempt", job.Attempt),
			attribute.Int("river.job.max_attempts", job.MaxAttempts),
		))
	defer span.End()
	err := work(ctx)
	var snooze *river.JobSnoozeError
	switch {
	case err == nil, errors.Is(err, context.Canceled):
	case errors.As(err, &snooze):
		span.AddEvent("snoozed", trace.WithAttributes(attribute.Float64("seconds", snooze.Duration.Seconds())))
	default:
		span.SetStatus(codes.Error, err.Error()) // a code and a message for clients: see worker.outcome
	}
	return err
}
