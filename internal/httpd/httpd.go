// Package httpd is the server around the handlers: routes, REST from stored
// operations, what every request goes through, health, and starting and stopping.
package httpd

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/telemetry"
)

// Service is how the server names itself.
const Service = "persona-api"

// Options is what the server is made of.
type Options struct {
	GraphQL     http.Handler                    // at /graphql, every method; it writes its own errors
	Execute     Execute                         // runs the operations behind the REST routes; without it there are none
	Ready       func(ctx context.Context) error // nil when the database answers; /health asks it
	Environment string
	Version     string
	Log         *slog.Logger

	// Caller puts whom a request acts for into its context, or refuses it. It
	// stands before GraphQL and REST alone. Nil is Anyone.
	Caller func(next http.Handler) http.Handler

	TracerProvider trace.TracerProvider          // nil: no spans
	MeterProvider  metric.MeterProvider          // nil: no measurements
	Propagator     propagation.TextMapPropagator // nil: traces begin here
}

// Anyone lets every request act as an administrator of the workspace default:
// the rule of a server without authentication.
func Anyone(next http.Handler) http.Handler {
	local := persona.Caller{Subject: "anonymous", Workspace: "default", Role: persona.RoleAdmin}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(persona.WithCaller(r.Context(), local)))
	})
}

// New returns the whole server: /, /graphql, /v1/persona and /health, and JSON that says so
// for every other path. Flushing, hijacking and http.ResponseController reach
// through all of it, so handlers can stream and speak WebSocket.
func New(o Options) http.Handler {
	if o.Caller == nil {
		o.Caller = Anyone
	}
	if o.TracerProvider == nil {
		o.TracerProvider = tracenoop.NewTracerProvider()
	}
	if o.MeterProvider == nil {
		o.MeterProvider = metricnoop.NewMeterProvider()
	}
	if o.Propagator == nil {
		o.Propagator = propagation.NewCompositeTextMapPropagator()
	}
	traced := otelhttp.NewMiddleware("",
		otelhttp.WithTracerProvider(o.TracerProvider),
		otelhttp.WithMeterProvider(o.MeterProvider),
		otelhttp.WithPropagators(o.Propagator))

	mux := http.NewServeMux()
	handle := func(pattern, route string, h http.Handler) {
		mux.Handle(pattern, identified(route, traced(logged(o.Log, route, recovered(o.Log, h)))))
	}
	handle("/graphql", "/graphql", o.Caller(o.GraphQL))
	if o.Execute != nil {
		handle("/v1/persona", "/v1/persona", only(http.MethodPost, sameSite(o.Caller(create(o)))))
	}
	handle("/health", "/health", reading(health(o)))
	handle("/{$}", "/", reading(index(o)))
	handle("/", "", http.HandlerFunc(notFound))
	return mux
}

// RequestID returns the id of the request ctx belongs to, "" outside of one. It
// is the X-Request-ID of the response.
func RequestID(ctx context.Context) string { return telemetry.RequestID(ctx) }

// health answers 200 while the database does, else 503, in at most two seconds.
func health(o Options) http.HandlerFunc {
	type answer struct {
		Status      string `json:"status"`
		Service     string `json:"service"`
		Environment string `json:"environment"`
	}
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		code, status := http.StatusOK, "healthy"
		if err := o.Ready(ctx); err != nil {
			code, status = http.StatusServiceUnavailable, "unhealthy"
			o.Log.WarnContext(ctx, "the database does not answer", "error", err)
		}
		write(w, code, answer{status, Service, o.Environment})
	}
}

// index tells whoever looks at the root where to go.
func index(o Options) http.HandlerFunc {
	type links struct {
		GraphQL string `json:"graphql"`
		Health  string `json:"health"`
	}
	type try struct {
		Method  string            `json:"method"`
		Path    string            `json:"path"`
		Headers map[string]string `json:"headers"`
		Body    map[string]string `json:"body"`
	}
	answer := struct {
		Service string `json:"service"`
		Version string `json:"version"`
		Links   links  `json:"links"`
		Try     try    `json:"try"`
	}{
		Service, o.Version, links{"/graphql", "/health"},
		try{http.MethodPost, "/graphql", map[string]string{"content-type": "application/json"},
			map[string]string{"query": "{ personas(first: 3) { nodes { id name role } } }"}},
	}
	return func(w http.ResponseWriter, _ *http.Request) { write(w, http.StatusOK, answer) }
}

func notFound(w http.ResponseWriter, r *http.Request) {
	refuse(w, r, http.StatusNotFound, persona.CodeNotFound,
		"nothing is here; there is / (what this is), /graphql (GraphQL over HTTP, SSE and WebSocket), /v1/persona (POST a file) and /health")
}

// reading lets GET and HEAD through.
func reading(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, r, http.StatusMethodNotAllowed, codeMethod, "use GET here")
	})
}

// refuse answers in the shape of a GraphQL error, the one shape clients meet.
func refuse(w http.ResponseWriter, r *http.Request, status int, code persona.Code, message string) {
	type extensions struct {
		Code      persona.Code `json:"code"`
		RequestID string       `json:"requestId"`
	}
	type problem struct {
		Message    string     `json:"message"`
		Extensions extensions `json:"extensions"`
	}
	write(w, status, struct {
		Errors []problem `json:"errors"`
	}{[]problem{{message, extensions{code, RequestID(r.Context())}}}})
}

// write answers with JSON. What cannot be written any more has no one left to be told.
func write(w http.ResponseWriter, status int, body any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		panic(err) // the bodies are this package's own structs
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(bytes.TrimRight(b.Bytes(), "\n"))
}
