package gqlhttp

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// tracing makes one span per operation, named and described by OpenTelemetry's conventions for GraphQL servers. Of the
// document only the operation's type and name are exported: documents can hold literals.
type tracing struct{ tracer trace.Tracer }

var _ interface {
	graphql.HandlerExtension
	graphql.OperationInterceptor
} = tracing{}

func newTracing(provider trace.TracerProvider) tracing {
	if provider == nil {
		provider = otel.GetTracerProvider()
	}
	return tracing{provider.Tracer("gqlhttp")}
}

// ExtensionName implements graphql.HandlerExtension.
func (tracing) ExtensionName() string { return "Tracing" }

// Validate implements graphql.HandlerExtension.
func (tracing) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptOperation implements graphql.OperationInterceptor. The span of a subscription lasts until its last event.
func (t tracing) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	operation := graphql.GetOperationContext(ctx).Operation
	kind := string(operation.Operation)
	name := kind
	attributes := []attribute.KeyValue{attribute.String("graphql.operation.type", kind)}
	if n := operation.Name; n != "" && len(n) <= maxNameInAnError {
		name += " " + n
		attributes = append(attributes, attribute.String("graphql.operation.name", n))
	}
	ctx, span := t.tracer.Start(ctx, name, trace.WithAttributes(attributes...))
	ended := false
	end := func() {
		if !ended {
			ended = true
			span.End()
		}
	}
	responses := t.watch(span, end, func() graphql.ResponseHandler { return next(ctx) })
	streams := kind == "subscription"
	return func(ctx context.Context) *graphql.Response {
		var response *graphql.Response
		t.watch(span, end, func() graphql.ResponseHandler {
			response = responses(ctx)
			return nil
		})
		if response != nil && len(response.Errors) > 0 {
			span.SetStatus(codes.Error, "")
			if c := code(response.Errors[0]); c != "" {
				span.SetAttributes(attribute.String("error.type", c))
			}
		}
		if response == nil || !streams {
			end()
		}
		return response
	}
}

// watch ends the span if f panics.
func (tracing) watch(span trace.Span, end func(), f func() graphql.ResponseHandler) graphql.ResponseHandler {
	defer func() {
		if p := recover(); p != nil {
			span.SetStatus(codes.Error, "")
			span.SetAttributes(attribute.String("error.type", codeInternal))
			end()
			panic(p)
		}
	}()
	return f()
}
