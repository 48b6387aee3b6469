package httpd_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"github.com/persona-api/persona-api/internal/httpd"
	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// buffer is written by the server and read by the test.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) { b.mu.Lock(); defer b.mu.Unlock(); return b.b.Write(p) }
func (b *buffer) String() string              { b.mu.Lock(); defer b.mu.Unlock(); return b.b.String() }

// started is a server whose /graphql is h.
type started struct {
	url   string
	log   *buffer
	spans *tracetest.InMemoryExporter
	stop  context.CancelFunc
	done  chan error // what Serve returned
}

func start(t *testing.T, h http.HandlerFunc, change ...func(*httpd.Options)) *started {
	s := &started{log: new(buffer), spans: tracetest.NewInMemoryExporter(), done: make(chan error, 1)}
	log := telemetry.NewLogger(s.log, "DEBUG", "production")
	o := httpd.Options{
		GraphQL: h, Ready: func(context.Context) error { return nil },
		Environment: "development", Version: "1.2.3", Log: log,
		TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithSyncer(s.spans)), Propagator: propagation.TraceContext{},
	}
	for _, f := range change {
		f(&o)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.url = "http://" + l.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	go func() { s.done <- httpd.Serve(ctx, l, httpd.New(o), log) }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		stop()
		if err, ok := <-s.done; ok {
			require.NoError(t, err)
		}
	})
	return s
}

// answer is a response without its body.
type answer struct {
	StatusCode int
	Header     http.Header
}

// ask sends a request and returns the answer and its body.
func (s *started) ask(t *testing.T, method, path string, header ...string) (answer, string) {
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, nil)
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return answer{res.StatusCode, res.Header}, string(body)
}

// lines returns the logged records with this message, once there are n: a
// request is logged after its answer has gone out.
func (s *started) lines(t *testing.T, message string, n int) []map[string]any {
	var found []map[string]any
	require.Eventually(t, func() bool {
		found = nil
		for line := range strings.Lines(s.log.String()) {
			var record map[string]any
			if json.Unmarshal([]byte(line), &record) == nil && record["msg"] == message {
				found = append(found, record)
			}
		}
		return len(found) >= n
	}, 10*time.Second, time.Millisecond, s.log.String())
	return found
}

func ok(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }

func TestHealth(t *testing.T) {
	down := make(chan error, 1)
	s := start(t, ok, func(o *httpd.Options) {
		o.Ready = func(ctx context.Context) error {
			if _, has := ctx.Deadline(); !has {
				return errors.New("no deadline")
			}
			select {
			case err := <-down:
				return err
			default:
				return nil
			}
		}
	})
	res, body := s.ask(t, "GET", "/health")
	require.Equal(t, 200, res.StatusCode)
	require.Equal(t, `{"status":"healthy","service":"persona-api","environment":"development"}`, body)
	require.Equal(t, "application/json; charset=utf-8", res.Header.Get("Content-Type"))
	require.Equal(t, "no-store", res.Header.Get("Cache-Control"))

	down <- errors.New("connection refused")
	res, body = s.ask(t, "GET", "/health")
	require.Equal(t, 503, res.StatusCode)
	require.Equal(t, `{"status":"unhealthy","service":"persona-api","environment":"development"}`, body)
	require.Equal(t, "connection refused", s.lines(t, "the database does not answer", 1)[0]["error"])
}

func TestTheRootSaysWhereToGo(t *testing.T) {
	s := start(t, ok)
	for _, accept := range []string{"*/*", "text/html,application/xhtml+xml"} {
		res, body := s.ask(t, "GET", "/", "Accept", accept)
		require.Equal(t, 200, res.StatusCode)
		require.JSONEq(t, `{
			"service": "persona-api", "version": "1.2.3", "links": {"graphql": "/graphql", "health": "/health"},
			"try": {"method": "POST", "path": "/graphql", "headers": {"content-type": "application/json"},
			        "body": {"query": "{ personas(first: 3) { nodes { id name role } } }"}}}`, body)
	}
}

func TestOtherPathsAndMethods(t *testing.T) {
	s := start(t, ok)
	for _, c := range []struct {
		method, path string
		status       int
		allow, code  string
	}{
		{"GET", "/nothing?name=Ada", 404, "", "NOT_FOUND"},
		{"POST", "/graphql/", 404, "", "NOT_FOUND"},
		{"POST", "/", 405, "GET, HEAD", "METHOD_NOT_ALLOWED"},
		{"DELETE", "/health", 405, "GET, HEAD", "METHOD_NOT_ALLOWED"},
		{"PUT", "/graphql", 200, "", ""}, // GraphQL refuses by itself
		{"HEAD", "/", 200, "", ""},
		{"HEAD", "/health", 200, "", ""},
	} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			res, body := s.ask(t, c.method, c.path, "X-Request-ID", "r-7")
			require.Equal(t, c.status, res.StatusCode)
			require.Equal(t, c.allow, res.Header.Get("Allow"))
			if c.code == "" {
				return
			}
			var got struct {
				Errors []struct {
					Message    string
					Extensions struct{ Code, RequestID string }
				}
			}
			require.NoError(t, json.Unmarshal([]byte(body), &got))
			require.Equal(t, c.code, got.Errors[0].Extensions.Code)
			require.Equal(t, "r-7", got.Errors[0].Extensions.RequestID)
			require.NotContains(t, body, "Ada")
			if c.status == 404 {
				require.Contains(t, got.Errors[0].Message, "/graphql")
			}
		})
	}
}

func TestRequestIDs(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, httpd.RequestID(r.Context())) })
	for _, c := range []struct {
		name   string
		header []string
		want   string // "" is a new one
	}{
		{"none", nil, ""},
		{"request", []string{"X-Request-ID", "a.B_9-z"}, "a.B_9-z"},
		{"correlation", []string{"X-Correlation-ID", "c-1"}, "c-1"},
		{"both", []string{"X-Request-ID", "r-1", "X-Correlation-ID", "c-1"}, "r-1"},
		{"first is bad", []string{"X-Request-ID", "r 1", "X-Correlation-ID", "c-1"}, "c-1"},
		{"longest", []string{"X-Request-ID", strings.Repeat("x", 64)}, strings.Repeat("x", 64)},
		{"too long", []string{"X-Request-ID", strings.Repeat("x", 65)}, ""},
		{"markup", []string{"X-Request-ID", "<b>"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, body := s.ask(t, "POST", "/graphql", c.header...)
			got := res.Header.Get("X-Request-ID")
			require.Equal(t, got, body, "the context has what the header says")
			if c.want != "" {
				require.Equal(t, c.want, got)
			} else {
				require.Regexp(t, `^[A-Z2-7]{26}$`, got)
			}
		})
	}
	require.Empty(t, httpd.RequestID(t.Context()))
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	s := start(t, ok)
	for _, path := range []string{"/", "/health", "/graphql", "/nothing"} {
		res, _ := s.ask(t, "GET", path)
		require.Equal(t, "nosniff", res.Header.Get("X-Content-Type-Options"), path)
		require.Equal(t, "DENY", res.Header.Get("X-Frame-Options"), path)
		require.Equal(t, "no-referrer", res.Header.Get("Referrer-Policy"), path)
		require.Equal(t, "default-src 'none'; frame-ancestors 'none'", res.Header.Get("Content-Security-Policy"), path)
	}
}

func TestWithoutAuthenticationEveryoneIsAdministrator(t *testing.T) {
	whoami := func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprint(w, persona.CallerFrom(r.Context())) }
	_, body := start(t, whoami).ask(t, "POST", "/graphql")
	require.Equal(t, "{anonymous default ADMIN}", body)

	refused := start(t, whoami, func(o *httpd.Options) {
		o.Caller = func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) })
		}
	})
	res, _ := refused.ask(t, "POST", "/graphql")
	require.Equal(t, 401, res.StatusCode)
	res, _ = refused.ask(t, "GET", "/health")
	require.Equal(t, 200, res.StatusCode, "health needs no caller")
}

func TestAccessLog(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(422) })
	s.ask(t, "POST", "/graphql?secret=hunter2", "X-Request-ID", "r-1", "Authorization", "hunter2")
	s.lines(t, "request", 1)
	s.ask(t, "GET", "/hunter2")
	got := s.lines(t, "request", 2)
	require.Equal(t, "INFO", got[0]["level"])
	require.Equal(t, "POST", got[0]["method"])
	require.Equal(t, "/graphql", got[0]["route"])
	require.EqualValues(t, 422, got[0]["status"])
	require.Positive(t, got[0]["duration"])
	require.Equal(t, "r-1", got[0]["request_id"])
	require.Len(t, got[0]["trace_id"], 32)
	require.EqualValues(t, 404, got[1]["status"])
	require.NotContains(t, s.log.String(), "hunter2")
}

func TestAPanicIsA500(t *testing.T) {
	s := start(t, func(http.ResponseWriter, *http.Request) { panic("broken") })
	res, body := s.ask(t, "POST", "/graphql", "X-Request-ID", "r-1")
	require.Equal(t, 500, res.StatusCode)
	require.JSONEq(t, `{"errors":[{"message":"internal error","extensions":{"code":"INTERNAL","requestId":"r-1"}}]}`, body)

	logged := s.lines(t, "panic in a handler", 1)[0]
	require.Equal(t, "ERROR", logged["level"])
	require.Equal(t, "broken", logged["panic"])
	require.Contains(t, logged["stack"], "TestAPanicIsA500")
	require.EqualValues(t, 500, s.lines(t, "request", 1)[0]["status"])
	require.Eventually(t, func() bool { return len(s.spans.GetSpans()) == 1 }, 10*time.Second, time.Millisecond)
	require.Equal(t, "Error", s.spans.GetSpans()[0].Status.Code.String())
}

func TestAPanicInTheMiddleCutsTheConnection(t *testing.T) {
	for name, cause := range map[string]any{"panic": "broken", "abort": http.ErrAbortHandler} {
		t.Run(name, func(t *testing.T) {
			s := start(t, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "half")
				w.(http.Flusher).Flush()
				panic(cause)
			})
			req, err := http.NewRequestWithContext(t.Context(), "POST", s.url+"/graphql", nil)
			require.NoError(t, err)
			res, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			_, err = io.ReadAll(res.Body)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			require.NoError(t, res.Body.Close())
			s.lines(t, "request", 1)
		})
	}
}

func TestEveryRequestIsASpan(t *testing.T) {
	var inside trace.SpanContext
	s := start(t, func(_ http.ResponseWriter, r *http.Request) { inside = trace.SpanContextFromContext(r.Context()) })
	s.ask(t, "POST", "/graphql?secret=hunter2", "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	s.ask(t, "GET", "/")
	s.ask(t, "GET", "/nothing/at/all")
	require.Eventually(t, func() bool { return len(s.spans.GetSpans()) == 3 }, 10*time.Second, time.Millisecond)
	spans := s.spans.GetSpans()
	slices.SortFunc(spans, func(a, b tracetest.SpanStub) int { return a.StartTime.Compare(b.StartTime) })

	require.Equal(t, "POST /graphql", spans[0].Name)
	require.Equal(t, trace.SpanKindServer, spans[0].SpanKind)
	require.Equal(t, "0af7651916cd43dd8448eb211c80319c", spans[0].SpanContext.TraceID().String())
	require.Equal(t, "b7ad6b7169203331", spans[0].Parent.SpanID().String())
	require.Equal(t, spans[0].SpanContext.SpanID(), inside.SpanID())
	got := map[attribute.Key]string{}
	for _, a := range spans[0].Attributes {
		got[a.Key] = a.Value.String()
		require.NotContains(t, a.Value.String(), "hunter2")
	}
	require.Subset(t, got, map[attribute.Key]string{
		"http.request.method": "POST", "http.route": "/graphql", "http.response.status_code": "200", "url.path": "/graphql", "url.scheme": "http",
	})
	require.Equal(t, "GET /", spans[1].Name)
	require.Equal(t, "GET", spans[2].Name)
}

func TestStreamsFlowAndEndWithTheServer(t *testing.T) {
	ended := make(chan error, 1)
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, flush := range []func() error{
			func() error { w.(http.Flusher).Flush(); return nil },
			http.NewResponseController(w).Flush,
		} {
			_, _ = io.WriteString(w, "data: 1\n")
			if err := flush(); err != nil {
				ended <- err
				return
			}
		}
		<-r.Context().Done()
		ended <- r.Context().Err()
	})
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/graphql", nil)
	require.NoError(t, err)
	req.Header.Set("Accept", "text/event-stream")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	read := bufio.NewReader(res.Body)
	for range 2 {
		line, err := read.ReadString('\n') // comes while the handler still runs
		require.NoError(t, err)
		require.Equal(t, "data: 1\n", line)
	}
	s.stop()
	require.ErrorIs(t, <-ended, context.Canceled)
	_, err = read.ReadString('\n')
	require.ErrorIs(t, err, io.EOF)
	require.NoError(t, res.Body.Close())
	require.NoError(t, <-s.done)
	close(s.done)
}

func TestWebSocketsPassThroughAndEndWithTheServer(t *testing.T) {
	ended := make(chan struct{})
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = c.CloseNow() }()
		for {
			kind, message, err := c.Read(r.Context())
			if err != nil {
				return
			}
			_ = c.Write(r.Context(), kind, message)
		}
	})
	c, res, err := websocket.Dial(t.Context(), s.url+"/graphql", nil) //nolint:bodyclose // the body is the connection
	require.NoError(t, err)
	require.Equal(t, 101, res.StatusCode)
	require.NotEmpty(t, res.Header.Get("X-Request-ID"))
	require.NoError(t, c.Write(t.Context(), websocket.MessageText, []byte("hello")))
	_, echo, err := c.Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, "hello", string(echo))

	s.stop()
	require.NoError(t, <-s.done)
	close(s.done)
	select {
	case <-ended:
	default:
		t.Fatal("Serve returned before the connection's handler had")
	}
	require.NoError(t, c.CloseNow())
	require.EqualValues(t, 101, s.lines(t, "request", 1)[0]["status"])
}

func TestRunningRequestsMayFinish(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-release
		if r.Context().Err() == nil {
			_, _ = io.WriteString(w, "finished")
		}
	})
	answer := make(chan string, 1)
	go func() {
		_, body := s.ask(t, "POST", "/graphql")
		answer <- body
	}()
	<-entered
	s.stop()
	// The listener is closed first: once it refuses, the stop is under way.
	require.Eventually(t, func() bool {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	}, 10*time.Second, time.Millisecond)
	close(release)
	require.Equal(t, "finished", <-answer)
	require.NoError(t, <-s.done)
	close(s.done)
}

func TestRequestsThatDoNotEndAreCutOff(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan struct{})
	log := new(buffer)
	go func() {
		req, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+l.Addr().String(), nil)
		if err == nil {
			if res, err := http.DefaultClient.Do(req); err == nil {
				_ = res.Body.Close()
			}
		}
	}()
	err = httpd.ServeWithin(ctx, l, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		stop()
		<-r.Context().Done()
		close(ended)
	}), slog.New(slog.NewTextHandler(log, nil)), time.Millisecond, time.Minute)
	require.NoError(t, err)
	<-ended
	require.Contains(t, log.String(), "requests were still running and are cut off")
}

func TestServeReturnsWhatItCannotServe(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	err = httpd.Serve(t.Context(), l, http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	require.ErrorContains(t, err, "serve on 127.0.0.1:")
	require.ErrorIs(t, err, net.ErrClosed)
}

func TestNothingButGraphQLAndReadyIsNeeded(t *testing.T) {
	h := httpd.New(httpd.Options{
		GraphQL: http.HandlerFunc(ok), Ready: func(context.Context) error { return nil }, Log: slog.New(slog.DiscardHandler),
	})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "POST", "/graphql", nil))
	require.Equal(t, "{}", w.Body.String())
}
