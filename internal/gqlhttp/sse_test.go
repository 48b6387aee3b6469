package gqlhttp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/gqlhttp/testschema"
)

// patience is how long a test waits for what must happen at some time.
const patience = 20 * time.Second

// counter counts the resolvers that run.
type counter struct{ n atomic.Int64 }

func (c *counter) add(delta int) { c.n.Add(int64(delta)) }

func (c *counter) requireEventually(t *testing.T, n int64) {
	t.Helper()
	require.Eventually(t, func() bool { return c.n.Load() == n }, patience, time.Millisecond)
}

// listen serves a handler on a real port until the test ends.
func listen(t *testing.T, options Options) (*Handler, *httptest.Server, *counter) {
	t.Helper()
	running := &counter{}
	h := New(testschema.New(&testschema.Resolvers{Running: running.add}), options)
	server := httptest.NewServer(h)
	t.Cleanup(func() {
		require.NoError(t, h.Shutdown(context.WithoutCancel(t.Context())))
		server.Close()
		running.requireEventually(t, 0)
	})
	return h, server, running
}

// events opens an event stream, which is closed when the test ends, and returns its text and the answer's head.
func events(t *testing.T, ctx context.Context, server *httptest.Server, method, document string) (*bufio.Reader, reply) {
	t.Helper()
	target, body := server.URL, io.Reader(nil)
	if method == http.MethodPost {
		encoded, err := json.Marshal(map[string]any{"query": document})
		require.NoError(t, err)
		body = strings.NewReader(string(encoded))
	} else {
		target += "?" + url.Values{"query": {document}}.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, target, body)
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "text/event-stream")
	response, err := server.Client().Do(request)
	require.NoError(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	return bufio.NewReader(response.Body), reply{status: response.StatusCode, header: response.Header}
}

// whole reads a stream to its end.
func whole(t *testing.T, server *httptest.Server, method, document string) string {
	t.Helper()
	stream, head := events(t, t.Context(), server, method, document)
	require.Equal(t, http.StatusOK, head.status)
	require.Equal(t, "text/event-stream; charset=utf-8", head.header.Get("Content-Type"))
	body, err := io.ReadAll(stream)
	require.NoError(t, err)
	return string(body)
}

func TestEventStreams(t *testing.T) {
	_, server, _ := listen(t, Options{})
	for document, want := range map[string]string{
		"subscription {count(to: 2)}":    `:||event: next|data: {"data":{"count":1}}||event: next|data: {"data":{"count":2}}||event: complete|data:||`,
		"query {hello}":                  `:||event: next|data: {"data":{"hello":"Hello, world"}}||event: complete|data:||`,
		"query {raw}":                    `:||event: next|data: {"data":{"raw":{   "a": 1,    "b": [     2   ] }}}||event: complete|data:||`,
		"subscription {refused}":         `:||event: next|data: {"errors":[{"message":"not for you","path":["refused"],"locations":[{"line":1,"column":15}],"extensions":{"code":"FORBIDDEN"}}]}||event: complete|data:||`,
		"subscription {count(to: \"\")}": `:||event: next|data: {"errors":[{"message":"Int cannot represent this value.","locations":[{"line":1,"column":26}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}||event: complete|data:||`,
		"{":                              `:||event: next|data: {"errors":[{"message":"Syntax error: expected Name, found the end of the document.","locations":[{"line":1,"column":2}],"extensions":{"code":"GRAPHQL_PARSE_FAILED"}}]}||event: complete|data:||`,
	} {
		for _, method := range []string{http.MethodPost, http.MethodGet} {
			require.Equal(t, want, strings.ReplaceAll(whole(t, server, method, document), "\n", "|"), method)
		}
	}
	body := whole(t, server, http.MethodPost, "mutation {add(by: 3)}")
	require.Contains(t, body, `{"data":{"add":3}}`)
}

func TestAClientThatTakesBothGetsAStreamOnlyForASubscription(t *testing.T) {
	h := handler(Options{})
	accept := "application/graphql-response+json, application/json, text/event-stream, multipart/mixed"
	got := post(t, h, `{"query":"{hello}"}`, "Accept", accept)
	require.Equal(t, graphqlResponse+"; charset=utf-8", got.header.Get("Content-Type"))
	got = post(t, h, `{"query":"subscription {count(to: 1)}"}`, "Accept", accept)
	require.Equal(t, eventStream+"; charset=utf-8", got.header.Get("Content-Type"))
	require.Contains(t, got.body, `{"data":{"count":1}}`)
}

func TestMalformedRequestsForAStreamAreRefusedWithAStatus(t *testing.T) {
	got := post(t, handler(Options{}), `[]`, "Accept", eventStream)
	require.Equal(t, http.StatusBadRequest, got.status)
	require.Equal(t, codeBadRequest, got.code(t))
}

func TestAPanicEndsAnEventStream(t *testing.T) {
	_, server, _ := listen(t, Options{})
	body := whole(t, server, http.MethodPost, "subscription {breaks {value}}")
	require.Contains(t, body, `{"data":{"breaks":{"value":1}}}`)
	require.Contains(t, body, codeInternal)
	require.NotContains(t, body, testschema.Secret)
	require.True(t, strings.HasSuffix(body, "event: complete\ndata:\n\n"))
}

func TestEveryEventHasItsOwnContext(t *testing.T) {
	var made atomic.Int64
	_, server, _ := listen(t, Options{ResponseContext: func(ctx context.Context) context.Context {
		return context.WithValue(ctx, testschema.ResponseKey{}, int(made.Add(1)))
	}})
	body := whole(t, server, http.MethodPost, "subscription {responses(to: 3) {response again: response}}")
	for _, want := range []string{`{"response":1,"again":1}`, `{"response":2,"again":2}`, `{"response":3,"again":3}`} {
		require.Contains(t, body, want)
	}
}

func TestQuietStreamsArePinged(t *testing.T) {
	_, server, running := listen(t, Options{PingInterval: time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream, _ := events(t, ctx, server, http.MethodPost, "subscription {forever}")
	lines := bufio.NewScanner(stream)
	pings, next := 0, 0
	for pings < 3 && lines.Scan() {
		switch lines.Text() {
		case ": ping":
			pings++
		case "event: next":
			next++
		}
	}
	require.Equal(t, 3, pings)
	require.LessOrEqual(t, next, 1)
	running.requireEventually(t, 1)
}

func TestAStreamEndsWhenItsClientGoes(t *testing.T) {
	_, server, running := listen(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range 20 {
		stream, _ := events(t, ctx, server, http.MethodPost, "subscription {forever}")
		_, err := stream.ReadString('}')
		require.NoError(t, err)
	}
	running.requireEventually(t, 20)
	cancel()
	running.requireEventually(t, 0)
}

func TestShutdownEndsStreamsAndRefusesNewOnes(t *testing.T) {
	h, server, running := listen(t, Options{})
	stream, _ := events(t, t.Context(), server, http.MethodPost, "subscription {forever}")
	_, err := stream.ReadString('}')
	require.NoError(t, err)
	require.NoError(t, h.Shutdown(t.Context()))
	rest, err := io.ReadAll(stream)
	require.NoError(t, err)
	require.NotContains(t, string(rest), "complete", "the subscription has not ended, the server has")
	running.requireEventually(t, 0)

	_, head := events(t, t.Context(), server, http.MethodPost, "subscription {forever}")
	require.Equal(t, http.StatusServiceUnavailable, head.status)
	got := post(t, h, `{"query":"{hello}"}`)
	require.Equal(t, http.StatusOK, got.status, "what is not a stream is not this method's business")
}

func TestShutdownGivesUpWhenItsContextEnds(t *testing.T) {
	h := handler(Options{})
	leave, ok := h.open(func() {})
	require.True(t, ok)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, h.Shutdown(ctx), context.Canceled)
	leave()
	require.NoError(t, h.Shutdown(t.Context()))
}

// brokenWriter fails after some writes, as a connection does.
type brokenWriter struct {
	*httptest.ResponseRecorder
	left int
}

func (w *brokenWriter) Write(b []byte) (int, error) {
	if w.left--; w.left < 0 {
		return 0, io.ErrClosedPipe
	}
	return w.ResponseRecorder.Write(b)
}

func TestAWriteThatFailsEndsTheOperation(t *testing.T) {
	for left := range 4 {
		running := &counter{}
		h := New(testschema.New(&testschema.Resolvers{Running: running.add}), Options{})
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(`{"query":"subscription {count(to: 1000000)}"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", eventStream)
		h.ServeHTTP(&brokenWriter{httptest.NewRecorder(), left}, r)
		running.requireEventually(t, 0)
	}
}

// deadlineWriter remembers the write deadlines that were set.
type deadlineWriter struct {
	*httptest.ResponseRecorder
	deadlines []time.Time
}

func (w *deadlineWriter) SetWriteDeadline(at time.Time) error {
	w.deadlines = append(w.deadlines, at)
	return nil
}

func TestWritesToAStreamHaveDeadlinesAndWhatFollowsItHasNone(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(`{"query":"{hello}"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", eventStream)
	w := &deadlineWriter{ResponseRecorder: httptest.NewRecorder()}
	handler(Options{}).ServeHTTP(w, r)
	require.Len(t, w.deadlines, 4, "the first comment, next, complete, and none")
	for _, deadline := range w.deadlines[:3] {
		require.False(t, deadline.IsZero())
	}
	require.True(t, w.deadlines[3].IsZero())
}

// bareWriter hides that the writer in it can be flushed.
type bareWriter struct{ http.ResponseWriter }

func TestAWriterThatCannotBeFlushedIsLogged(t *testing.T) {
	var log bytes.Buffer
	h := handler(Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(`{"query":"subscription {forever}"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", eventStream)
	h.ServeHTTP(bareWriter{httptest.NewRecorder()}, r)
	require.Contains(t, log.String(), "Unwrap")
}
