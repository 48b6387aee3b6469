package gqlhttp

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/persona-api/persona-api/internal/gqlhttp/testschema"
)

// client is the other end of a socket.
type client struct {
	t    *testing.T
	conn *websocket.Conn
}

func dial(t *testing.T, server *httptest.Server, options *websocket.DialOptions) *client {
	t.Helper()
	if options == nil {
		options = &websocket.DialOptions{Subprotocols: []string{subprotocol}}
	}
	conn, response, err := websocket.Dial(t.Context(), server.URL, options)
	require.NoError(t, err)
	if response.Body != nil {
		_ = response.Body.Close()
	}
	conn.SetReadLimit(1 << 20)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return &client{t, conn}
}

// connect dials and initialises.
func connect(t *testing.T, server *httptest.Server) *client {
	t.Helper()
	c := dial(t, server, nil)
	c.send(`{"type":"connection_init"}`)
	require.JSONEq(t, `{"type":"connection_ack"}`, c.receive())
	return c
}

func (c *client) send(text string) {
	c.t.Helper()
	require.NoError(c.t, c.conn.Write(c.t.Context(), websocket.MessageText, []byte(text)))
}

func (c *client) subscribe(id, document string) {
	c.t.Helper()
	payload, err := json.Marshal(map[string]any{"query": document})
	require.NoError(c.t, err)
	c.send(`{"id":"` + id + `","type":"subscribe","payload":` + string(payload) + `}`)
}

// receive returns the next message that is not a ping.
func (c *client) receive() string {
	c.t.Helper()
	for {
		_, data, err := c.conn.Read(c.t.Context())
		require.NoError(c.t, err)
		if string(data) != `{"type":"ping"}` {
			return string(data)
		}
	}
}

// closed reads until the socket is closed and returns how.
func (c *client) closed() websocket.CloseError {
	c.t.Helper()
	for {
		_, _, err := c.conn.Read(c.t.Context())
		if err != nil {
			e, ok := errors.AsType[websocket.CloseError](err)
			require.True(c.t, ok, "%v", err)
			return e
		}
	}
}

func TestOperationsOverAWebSocket(t *testing.T) {
	_, server, _ := listen(t, Options{})
	c := connect(t, server)
	for document, want := range map[string][]string{
		"subscription {count(to: 2)}": {
			`{"id":"a","type":"next","payload":{"data":{"count":1}}}`, `{"id":"a","type":"next","payload":{"data":{"count":2}}}`, `{"id":"a","type":"complete"}`,
		},
		"query {hello}":          {`{"id":"a","type":"next","payload":{"data":{"hello":"Hello, world"}}}`, `{"id":"a","type":"complete"}`},
		"mutation {add(by: 2)}":  {`{"id":"a","type":"next","payload":{"data":{"add":2}}}`, `{"id":"a","type":"complete"}`},
		"{hello":                 {`{"id":"a","type":"error","payload":[{"message":"Syntax error: expected Name, found the end of the document.","locations":[{"line":1,"column":7}],"extensions":{"code":"GRAPHQL_PARSE_FAILED"}}]}`},
		"{nothing}":              {`{"id":"a","type":"error","payload":[{"message":"Cannot query field \"nothing\" on type \"Query\".","locations":[{"line":1,"column":2}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}`},
		"query {refuses}":        {`{"id":"a","type":"next","payload":{"data":{"refuses":null},"errors":[{"message":"not for you","path":["refuses"],"locations":[{"line":1,"column":8}],"extensions":{"code":"FORBIDDEN"}}]}}`, `{"id":"a","type":"complete"}`},
		"subscription {refused}": {`{"id":"a","type":"next","payload":{"errors":[{"message":"not for you","path":["refused"],"locations":[{"line":1,"column":15}],"extensions":{"code":"FORBIDDEN"}}]}}`, `{"id":"a","type":"complete"}`},
	} {
		c.subscribe("a", document) // the id is free again each time
		for _, message := range want {
			require.JSONEq(t, message, c.receive())
		}
	}
}

func TestOperationsOnASocketRunSideBySide(t *testing.T) {
	_, server, running := listen(t, Options{})
	c := connect(t, server)
	c.subscribe("one", "subscription {forever}")
	require.JSONEq(t, `{"id":"one","type":"next","payload":{"data":{"forever":1}}}`, c.receive())
	c.subscribe("two", "subscription {forever}")
	require.JSONEq(t, `{"id":"two","type":"next","payload":{"data":{"forever":1}}}`, c.receive())
	running.requireEventually(t, 2)
	c.send(`{"id":"one","type":"complete"}`)
	running.requireEventually(t, 1)
	c.send(`{"id":"one","type":"complete"}`)
	c.send(`{"id":"never","type":"complete"}`)
	// Nothing more is heard of what the client completed, and its id is free.
	c.subscribe("one", "{hello}")
	require.JSONEq(t, `{"id":"one","type":"next","payload":{"data":{"hello":"Hello, world"}}}`, c.receive())
	require.JSONEq(t, `{"id":"one","type":"complete"}`, c.receive())
	require.NoError(t, c.conn.Close(websocket.StatusNormalClosure, ""))
	running.requireEventually(t, 0)
}

func TestSocketsAreClosedWithTheProtocolsCodes(t *testing.T) {
	init := `{"type":"connection_init"}`
	long := strings.Repeat("x", 300)
	_, server, _ := listen(t, Options{
		Limits: Limits{Body: 4096},
		Init: func(ctx context.Context, payload map[string]any) (context.Context, map[string]any, error) {
			switch payload["token"] {
			case "bad":
				return nil, nil, errors.New(testschema.Secret)
			case "panic":
				panic(testschema.Secret)
			case "nil":
				return nil, nil, nil
			}
			return ctx, nil, nil
		},
	})
	for name, test := range map[string]struct {
		code websocket.StatusCode
		send []string
	}{
		"not JSON":                    {4400, []string{"hello"}},
		"no type":                     {4400, []string{`{}`}},
		"an unknown type":             {4400, []string{`{"type":"start"}`}},
		"a type of the wrong type":    {4400, []string{`{"type":1}`}},
		"an array":                    {4400, []string{`[]`}},
		"an init payload of no kind":  {4400, []string{`{"type":"connection_init","payload":"x"}`}},
		"no id":                       {4400, []string{init, `{"type":"subscribe","payload":{"query":"{hello}"}}`}},
		"an empty id":                 {4400, []string{init, `{"id":"","type":"subscribe","payload":{"query":"{hello}"}}`}},
		"a long id":                   {4400, []string{init, `{"id":"` + long + `","type":"subscribe","payload":{"query":"{hello}"}}`}},
		"an id of the wrong type":     {4400, []string{init, `{"id":1,"type":"subscribe","payload":{"query":"{hello}"}}`}},
		"no payload":                  {4400, []string{init, `{"id":"1","type":"subscribe"}`}},
		"a query of the wrong type":   {4400, []string{init, `{"id":"1","type":"subscribe","payload":{"query":1}}`}},
		"variables of the wrong type": {4400, []string{init, `{"id":"1","type":"subscribe","payload":{"query":"{hello}","variables":[]}}`}},
		"complete without id":         {4400, []string{init, `{"type":"complete"}`}},
		"subscribe before init":       {4401, []string{`{"id":"1","type":"subscribe","payload":{"query":"{hello}"}}`}},
		"refused":                     {4403, []string{`{"type":"connection_init","payload":{"token":"bad"}}`}},
		"a panic":                     {4403, []string{`{"type":"connection_init","payload":{"token":"panic"}}`}},
		"no context":                  {4403, []string{`{"type":"connection_init","payload":{"token":"nil"}}`}},
		"an id twice":                 {4409, []string{init, `{"id":"1","type":"subscribe","payload":{"query":"subscription {forever}"}}`, `{"id":"1","type":"subscribe","payload":{"query":"{hello}"}}`}},
		"init twice":                  {4429, []string{init, init}},
		"init after a null payload":   {4429, []string{`{"type":"connection_init","payload":null}`, init}},
		"too long":                    {websocket.StatusMessageTooBig, []string{init, `{"type":"ping","payload":{"x":"` + strings.Repeat("x", 5000) + `"}}`}},
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, server, nil)
			for _, message := range test.send {
				c.send(message)
			}
			closed := c.closed()
			require.Equal(t, test.code, closed.Code, closed.Reason)
			require.NotContains(t, closed.Reason, testschema.Secret)
		})
	}
	t.Run("binary", func(t *testing.T) {
		c := dial(t, server, nil)
		require.NoError(t, c.conn.Write(t.Context(), websocket.MessageBinary, []byte(init)))
		require.Equal(t, closeBadMessage, c.closed().Code)
	})
	t.Run("another subprotocol", func(t *testing.T) {
		c := dial(t, server, &websocket.DialOptions{Subprotocols: []string{"graphql-ws"}})
		require.Equal(t, closeSubprotocol, c.closed().Code)
	})
	t.Run("no subprotocol", func(t *testing.T) {
		c := dial(t, server, &websocket.DialOptions{})
		require.Equal(t, closeSubprotocol, c.closed().Code)
	})
}

func TestASocketThatIsNotInitialisedInTimeIsClosed(t *testing.T) {
	_, server, _ := listen(t, Options{InitTimeout: time.Millisecond})
	c := dial(t, server, nil)
	require.Equal(t, closeInitTimeout, c.closed().Code)
}

func TestInitMakesTheContextOfOperations(t *testing.T) {
	_, server, _ := listen(t, Options{Init: func(ctx context.Context, payload map[string]any) (context.Context, map[string]any, error) {
		return context.WithValue(ctx, testschema.ResponseKey{}, int(payload["n"].(float64))), map[string]any{"hello": "you"}, nil
	}})
	c := dial(t, server, nil)
	c.send(`{"type":"connection_init","payload":{"n":42}}`)
	require.JSONEq(t, `{"type":"connection_ack","payload":{"hello":"you"}}`, c.receive())
	c.subscribe("1", "{response}")
	require.JSONEq(t, `{"id":"1","type":"next","payload":{"data":{"response":42}}}`, c.receive())
}

func TestAContextThatOutlivesTheSocketDoesNotKeepItsOperations(t *testing.T) {
	_, server, running := listen(t, Options{Init: func(ctx context.Context, _ map[string]any) (context.Context, map[string]any, error) {
		return context.WithoutCancel(ctx), nil, nil
	}})
	c := connect(t, server)
	c.subscribe("1", "subscription {forever}")
	c.receive()
	require.NoError(t, c.conn.CloseNow())
	running.requireEventually(t, 0)
}

func TestPingsAreAnswered(t *testing.T) {
	_, server, _ := listen(t, Options{})
	c := dial(t, server, nil)
	c.send(`{"type":"ping","payload":{"any":"thing"}}`)
	require.JSONEq(t, `{"type":"pong"}`, c.receive())
	c.send(`{"type":"pong"}`)
	c.send(`{"type":"connection_init"}`)
	require.JSONEq(t, `{"type":"connection_ack"}`, c.receive())
}

func TestPingsAreSent(t *testing.T) {
	_, server, _ := listen(t, Options{PingInterval: time.Millisecond})
	c := dial(t, server, nil)
	c.send(`{"type":"connection_init"}`)
	pings := 0
	for pings < 2 {
		_, data, err := c.conn.Read(t.Context())
		require.NoError(t, err)
		if string(data) == `{"type":"ping"}` {
			pings++
			c.send(`{"type":"pong"}`)
		}
	}
}

func TestASocketWhosePeerIsSilentIsClosed(t *testing.T) {
	_, server, running := listen(t, Options{PingInterval: time.Millisecond, WriteTimeout: time.Millisecond})
	c := dial(t, server, nil)
	c.send(`{"type":"connection_init"}`)
	// Nobody reads, so nobody answers the pings.
	running.requireEventually(t, 0)
	require.Eventually(t, func() bool { return c.conn.Write(t.Context(), websocket.MessageText, []byte(`{"type":"pong"}`)) != nil }, patience, time.Millisecond)
}

func TestASocketRunsOnlySoManyOperations(t *testing.T) {
	_, server, running := listen(t, Options{Limits: Limits{Operations: 2}})
	c := connect(t, server)
	for _, id := range []string{"1", "2"} {
		c.subscribe(id, "subscription {forever}")
		c.receive()
	}
	c.subscribe("3", "{hello}")
	require.JSONEq(t, `{"id":"3","type":"error","payload":[{"message":"More than 2 operations run on this connection. Complete one first.","extensions":{"code":"TOO_MANY_OPERATIONS"}}]}`, c.receive())
	c.send(`{"id":"1","type":"complete"}`)
	running.requireEventually(t, 1)
	c.subscribe("3", "{hello}")
	require.Contains(t, c.receive(), "Hello")
}

func TestAPanicEndsAnOperationOnASocket(t *testing.T) {
	_, server, _ := listen(t, Options{})
	c := connect(t, server)
	c.subscribe("1", "subscription {breaks {value}}")
	require.Contains(t, c.receive(), `{"value":1}`)
	broken := c.receive()
	require.Contains(t, broken, codeInternal)
	require.NotContains(t, broken, testschema.Secret)
}

func TestSocketsFromOtherSitesAreRefused(t *testing.T) {
	_, server, _ := listen(t, Options{Origins: []string{"https://app.example.com"}})
	for origin, status := range map[string]int{
		"":                         http.StatusSwitchingProtocols,
		server.URL:                 http.StatusSwitchingProtocols,
		"https://app.example.com":  http.StatusSwitchingProtocols,
		"https://evil.example":     http.StatusForbidden,
		"http://app.example.com":   http.StatusForbidden,
		"https://app.example.com.": http.StatusForbidden,
		"null":                     http.StatusForbidden,
	} {
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		conn, response, err := websocket.Dial(t.Context(), server.URL, &websocket.DialOptions{Subprotocols: []string{subprotocol}, HTTPHeader: header})
		require.Equal(t, status, response.StatusCode, origin)
		if err == nil {
			require.NoError(t, conn.CloseNow())
		} else {
			require.NoError(t, response.Body.Close())
		}
	}
}

func TestAnUpgradeThatIsNoneIsRefused(t *testing.T) {
	got := do(t, handler(Options{}), http.MethodGet, "/", "", "Upgrade", "websocket")
	require.Equal(t, http.StatusUpgradeRequired, got.status)
}

func TestShutdownClosesSockets(t *testing.T) {
	h, server, running := listen(t, Options{})
	c := connect(t, server)
	c.subscribe("1", "subscription {forever}")
	c.receive()
	closed := make(chan websocket.CloseError, 1)
	go func() {
		_, _, err := c.conn.Read(t.Context())
		e, _ := errors.AsType[websocket.CloseError](err)
		closed <- e
	}()
	require.NoError(t, h.Shutdown(t.Context()))
	require.Equal(t, websocket.StatusGoingAway, (<-closed).Code)
	running.requireEventually(t, 0)
	_, response, err := websocket.Dial(t.Context(), server.URL, &websocket.DialOptions{Subprotocols: []string{subprotocol}})
	require.Error(t, err)
	require.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
	require.NoError(t, response.Body.Close())
}

// TestNothingIsLeftOfManySockets connects, subscribes and goes away in every manner. What is left is found by goleak.
func TestNothingIsLeftOfManySockets(t *testing.T) {
	const sockets = 1000
	h, server, running := listen(t, Options{})
	var clients sync.WaitGroup
	slots := make(chan struct{}, 32)
	for i := range sockets {
		slots <- struct{}{}
		clients.Go(func() {
			defer func() { <-slots }()
			conn, _, err := websocket.Dial(t.Context(), server.URL, &websocket.DialOptions{Subprotocols: []string{subprotocol}}) //nolint:bodyclose // a hijacked response has none
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = conn.CloseNow() }()
			if i%5 == 0 {
				return // before init
			}
			messages := []string{
				`{"type":"connection_init"}`,
				`{"id":"1","type":"subscribe","payload":{"query":"subscription {forever}"}}`,
				`{"id":"2","type":"subscribe","payload":{"query":"subscription {count(to: 1000)}"}}`,
				`{"id":"3","type":"subscribe","payload":{"query":"{waits}"}}`,
			}
			for _, message := range messages {
				if err := conn.Write(t.Context(), websocket.MessageText, []byte(message)); err != nil {
					t.Error(err)
					return
				}
			}
			switch i % 5 {
			case 1: // with everything running
			case 2:
				_, _, _ = conn.Read(t.Context())
			case 3:
				_ = conn.Close(websocket.StatusNormalClosure, "")
			case 4:
				_ = conn.Write(t.Context(), websocket.MessageText, []byte("nonsense"))
			}
		})
	}
	clients.Wait()
	running.requireEventually(t, 0)
	require.Eventually(t, func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return len(h.streams) == 0
	}, patience, time.Millisecond)
}

func TestTheErrorOfASocketGoesThroughThePresenter(t *testing.T) {
	_, server, _ := listen(t, Options{ErrorPresenter: func(context.Context, error) *gqlerror.Error {
		return &gqlerror.Error{Message: "presented"}
	}})
	c := connect(t, server)
	c.subscribe("1", "{")
	require.JSONEq(t, `{"id":"1","type":"error","payload":[{"message":"presented"}]}`, c.receive())
}
