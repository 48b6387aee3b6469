// Package telemetry starts and stops the OpenTelemetry SDK and makes the
// logger. Nothing in it is global: providers are handed on.
package telemetry

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
)

// Options says who is observed.
type Options struct {
	Service     string // service.name, unless OTEL_SERVICE_NAME says otherwise
	Version     string // service.version
	Environment string // deployment.environment.name

	// Getenv tells whether telemetry is asked for at all. How and where to
	// export, the SDK's exporters read from the process's environment themselves.
	Getenv func(string) string
}

// Telemetry is what instruments are made of. Every field is usable, whether
// anything is exported or not.
type Telemetry struct {
	TracerProvider trace.TracerProvider
	MeterProvider  metric.MeterProvider
	Propagator     propagation.TextMapPropagator // W3C trace context and baggage

	stop []func(context.Context) error
}

// Start starts what the standard OTEL_* variables ask for. Where they ask for
// nothing nothing leaves the process and nothing is dialled: a signal is
// exported only when its OTEL_<SIGNAL>_EXPORTER, its OTLP endpoint or the
// common OTEL_EXPORTER_OTLP_ENDPOINT is set, and OTEL_SDK_DISABLED is not true.
// An error names the variable at fault.
func Start(ctx context.Context, o Options) (*Telemetry, error) {
	t := &Telemetry{
		TracerProvider: tracenoop.NewTracerProvider(),
		MeterProvider:  metricnoop.NewMeterProvider(),
		Propagator:     propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}),
	}
	traces, metrics := asked(o.Getenv, "TRACES"), asked(o.Getenv, "METRICS")
	if !traces && !metrics {
		return t, nil
	}
	res, err := describe(ctx, o)
	if err != nil {
		return nil, err
	}
	if traces {
		exporter, err := autoexport.NewSpanExporter(ctx)
		if err != nil {
			return nil, fmt.Errorf("OTEL_TRACES_EXPORTER, OTEL_EXPORTER_OTLP_PROTOCOL: %w; use otlp, console or none, and grpc or http/protobuf", err)
		}
		if !autoexport.IsNoneSpanExporter(exporter) {
			provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(res))
			t.TracerProvider, t.stop = provider, append(t.stop, provider.Shutdown)
		}
	}
	if metrics {
		reader, err := autoexport.NewMetricReader(ctx)
		if err != nil {
			return nil, errors.Join(
				fmt.Errorf("OTEL_METRICS_EXPORTER, OTEL_EXPORTER_OTLP_PROTOCOL: %w; use otlp, prometheus, console or none, and grpc or http/protobuf", err),
				t.Shutdown(ctx))
		}
		if !autoexport.IsNoneMetricReader(reader) {
			provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(res))
			t.MeterProvider, t.stop = provider, append(t.stop, provider.Shutdown)
		}
	}
	return t, nil
}

// Shutdown sends what is still held back, as long as ctx allows, and stops.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	var errs []error
	for _, stop := range t.stop {
		errs = append(errs, stop(ctx))
	}
	t.stop = nil
	return errors.Join(errs...)
}

// asked reports whether the environment wants a signal exported. autoexport
// would send to localhost when nothing is set, so it is not even asked then.
func asked(getenv func(string) string, signal string) bool {
	if getenv("OTEL_SDK_DISABLED") == "true" {
		return false
	}
	return getenv("OTEL_"+signal+"_EXPORTER") != "" ||
		getenv("OTEL_EXPORTER_OTLP_"+signal+"_ENDPOINT") != "" ||
		getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != ""
}

// describe is the resource: what o says, then what OTEL_SERVICE_NAME and
// OTEL_RESOURCE_ATTRIBUTES say, which win.
func describe(ctx context.Context, o Options) (*resource.Resource, error) {
	known := []attribute.KeyValue{semconv.ServiceName(o.Service), semconv.ServiceVersion(o.Version)}
	if o.Environment != "" {
		known = append(known, attribute.String("deployment.environment.name", o.Environment))
	}
	res, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(known...), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w; write it as key=value,key=value", err)
	}
	return res, nil
}
