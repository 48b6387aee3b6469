package app_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/persona-api/persona-api/internal/synth/synthtest"
)

// receiver takes OTLP over HTTP as a collector does, and keeps the spans.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	spans []*trace.Span
	raw   strings.Builder
}

func newReceiver(t *testing.T) *receiver {
	r := new(receiver)
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body := io.Reader(req.Body)
		if req.Header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(req.Body)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			body = z
		}
		b, err := io.ReadAll(body)
		var in collector.ExportTraceServiceRequest
		if err != nil || req.URL.Path == "/v1/traces" && proto.Unmarshal(b, &in) != nil {
			http.Error(w, "not OTLP", http.StatusBadRequest)
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.raw.Write(b)
		for _, rs := range in.GetResourceSpans() {
			for _, ss := range rs.GetScopeSpans() {
				r.spans = append(r.spans, ss.GetSpans()...)
			}
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// TestOneTraceHoldsAllOfACreate follows a createPersona from the request through
// the job to the model's calls, as a collector sees it.
func TestOneTraceHoldsAllOfACreate(t *testing.T) {
	const canary = "Quillonade"
	model := synthtest.NewServer(t)
	databases(t, func(t *testing.T, env map[string]string) {
		r := newReceiver(t)
		env["OTEL_EXPORTER_OTLP_ENDPOINT"] = r.URL
		t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", r.URL)
		t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
		t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
		env["OPENAI_BASE_URL"], env["OPENAI_API_KEY"] = model.URL(), "sk-"+canary
		s := start(t, env)
		var got created
		s.ask(t, "# named\n"+strings.Replace(createQuery, "mutation (", "mutation Make(", 1), map[string]any{"input": map[string]any{
			"text": "My name is Ada Byron " + canary + ". Mail: ada@example.org", "waitSeconds": 60}}, &got)
		require.Equal(t, "READY", got.CreatePersona.Persona.Status, "%+v", got.CreatePersona.Persona.LatestRun.Failure)
		require.Equal(t, "openai", got.CreatePersona.Persona.LatestRun.Engine)

		wanted := []string{"POST /graphql", "mutation Make", "INSERT persona", "process synthesize", "chat gpt-4o-mini"}
		var missing []string
		require.Eventually(t, func() bool {
			r.mu.Lock()
			defer r.mu.Unlock()
			byTrace := map[string]map[string]bool{}
			for _, span := range r.spans {
				id := string(span.GetTraceId())
				if byTrace[id] == nil {
					byTrace[id] = map[string]bool{}
				}
				byTrace[id][span.GetName()] = true
			}
			for _, names := range byTrace {
				if names["mutation Make"] {
					missing = nil
					for _, w := range wanted {
						if !names[w] {
							missing = append(missing, w)
						}
					}
					return len(missing) == 0
				}
			}
			return false
		}, minute, tick, "missing: %v", missing)
		r.mu.Lock()
		defer r.mu.Unlock()
		require.NotContains(t, r.raw.String(), canary, "neither persona text nor keys are exported")
	})
}
