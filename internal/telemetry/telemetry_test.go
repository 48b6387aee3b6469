package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/persona-api/persona-api/internal/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// collector is an OTLP endpoint that counts requests and keeps the last body of each path.
func collector(t *testing.T) (url string, requests *atomic.Int32, body func(path string) []byte) {
	requests = new(atomic.Int32)
	bodies := make(chan map[string][]byte, 1)
	bodies <- map[string][]byte{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		b, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		kept := <-bodies
		kept[r.URL.Path] = b
		bodies <- kept
	}))
	t.Cleanup(server.Close)
	return server.URL, requests, func(path string) []byte {
		kept := <-bodies
		defer func() { bodies <- kept }()
		return kept[path]
	}
}

// work makes one span and one measurement.
func work(t *testing.T, tel *telemetry.Telemetry) {
	_, span := tel.TracerProvider.Tracer("test").Start(t.Context(), "work")
	span.End()
	counter, err := tel.MeterProvider.Meter("test").Int64Counter("done")
	require.NoError(t, err)
	counter.Add(t.Context(), 1)
}

func TestNothingLeavesWhenNothingIsSet(t *testing.T) {
	// The endpoint is in the process's environment only, so that a dial would
	// be seen; what Start is shown is an empty one.
	url, requests, _ := collector(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
	for name, vars := range map[string]map[string]string{
		"empty":    {},
		"none":     {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": url},
		"disabled": {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": url},
	} {
		t.Run(name, func(t *testing.T) {
			for key, value := range vars {
				t.Setenv(key, value)
			}
			tel, err := telemetry.Start(t.Context(), telemetry.Options{Service: "persona-api", Getenv: func(k string) string { return vars[k] }})
			require.NoError(t, err)
			work(t, tel)
			require.NoError(t, tel.Shutdown(t.Context()))
			require.Zero(t, requests.Load())
		})
	}
}

func TestAnEndpointIsEnoughToExport(t *testing.T) {
	url, _, body := collector(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "service.version=2,team=people")
	tel, err := telemetry.Start(t.Context(), telemetry.Options{Service: "persona-api", Version: "1", Environment: "staging", Getenv: os.Getenv})
	require.NoError(t, err)
	work(t, tel)
	require.NoError(t, tel.Shutdown(t.Context()))
	require.NoError(t, tel.Shutdown(t.Context()), "a second time does nothing")

	var sent coltrace.ExportTraceServiceRequest
	require.NoError(t, proto.Unmarshal(body("/v1/traces"), &sent))
	require.Equal(t, "work", sent.ResourceSpans[0].ScopeSpans[0].Spans[0].Name)
	got := map[string]string{}
	for _, a := range sent.ResourceSpans[0].Resource.Attributes {
		got[a.Key] = a.Value.GetStringValue()
	}
	require.Subset(t, got, map[string]string{
		"service.name": "persona-api", "service.version": "2", "deployment.environment.name": "staging", "team": "people",
	})
	require.NotEmpty(t, body("/v1/metrics"))
}

func TestTracesAloneDoNotExportMetrics(t *testing.T) {
	url, _, body := collector(t)
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", url+"/v1/traces")
	tel, err := telemetry.Start(t.Context(), telemetry.Options{Service: "persona-api", Getenv: os.Getenv})
	require.NoError(t, err)
	work(t, tel)
	require.NoError(t, tel.Shutdown(t.Context()))
	require.NotEmpty(t, body("/v1/traces"))
	require.Empty(t, body("/v1/metrics"))
}

func TestAWrongVariableIsNamed(t *testing.T) {
	for name, value := range map[string]string{
		"OTEL_TRACES_EXPORTER":        "zipkin",
		"OTEL_METRICS_EXPORTER":       "statsd",
		"OTEL_EXPORTER_OTLP_PROTOCOL": "carrier-pigeon",
		"OTEL_RESOURCE_ATTRIBUTES":    "novalue",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
			t.Setenv(name, value)
			if name == "OTEL_METRICS_EXPORTER" {
				t.Setenv("OTEL_TRACES_EXPORTER", "none")
			}
			_, err := telemetry.Start(t.Context(), telemetry.Options{Service: "persona-api", Getenv: os.Getenv})
			require.ErrorContains(t, err, name)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestThePropagatorReadsTraceContextAndBaggage(t *testing.T) {
	tel, err := telemetry.Start(t.Context(), telemetry.Options{Getenv: func(string) string { return "" }})
	require.NoError(t, err)
	in := propagation.MapCarrier{"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "baggage": "a=b"}
	out := propagation.MapCarrier{}
	tel.Propagator.Inject(tel.Propagator.Extract(t.Context(), in), out)
	require.Equal(t, in, out)
}

func TestLogLevels(t *testing.T) {
	names := []string{"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}
	levels := []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError, telemetry.LevelCritical}
	for least, name := range names {
		var out bytes.Buffer
		log := telemetry.NewLogger(&out, name, "production")
		for _, level := range levels {
			log.Log(t.Context(), level, "said")
		}
		var got []string
		for line := range strings.Lines(out.String()) {
			var record struct{ Level, Msg string }
			require.NoError(t, json.Unmarshal([]byte(line), &record))
			require.Equal(t, "said", record.Msg)
			got = append(got, record.Level)
		}
		require.Equal(t, names[least:], got)
	}
}

func TestLogsAreTextInDevelopmentAlone(t *testing.T) {
	var out bytes.Buffer
	telemetry.NewLogger(&out, "INFO", "development").Info("started", "addr", ":8080")
	require.Contains(t, out.String(), "level=INFO msg=started addr=:8080")
	for _, environment := range []string{"staging", "production"} {
		out.Reset()
		telemetry.NewLogger(&out, "INFO", environment).Info("started", "level", slog.LevelWarn)
		require.True(t, json.Valid(out.Bytes()), out.String())
	}
}

func TestLogsCarryTraceAndRequest(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	ctx, span := provider.Tracer("test").Start(telemetry.WithRequestID(t.Context(), "r-1"), "work")

	var out bytes.Buffer
	log := telemetry.NewLogger(&out, "INFO", "production").With("part", "test")
	log.InfoContext(ctx, "inside")
	log.InfoContext(context.Background(), "outside")
	span.End()

	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var inside, outside map[string]any
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &inside))
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &outside))
	want := spans.GetSpans()[0].SpanContext
	require.Equal(t, want.TraceID().String(), inside["trace_id"])
	require.Equal(t, want.SpanID().String(), inside["span_id"])
	require.Equal(t, "r-1", inside["request_id"])
	require.Equal(t, "test", inside["part"])
	require.NotContains(t, outside, "trace_id")
	require.NotContains(t, outside, "request_id")
}
