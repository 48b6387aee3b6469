package gqlhttp

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

const (
	subprotocol = "graphql-transport-ws"
	// maxOperationID is the most bytes of an operation's id; clients use counters or UUIDs.
	maxOperationID = 256
)

// The close codes of graphql-transport-ws.
const (
	closeBadMessage   websocket.StatusCode = 4400
	closeUnauthorized websocket.StatusCode = 4401
	closeForbidden    websocket.StatusCode = 4403
	closeSubprotocol  websocket.StatusCode = 4406
	closeInitTimeout  websocket.StatusCode = 4408
	closeDuplicate    websocket.StatusCode = 4409
	closeTooManyInits websocket.StatusCode = 4429
)

// socket is one WebSocket. One goroutine reads, one pings, and each operation writes from its own.
type socket struct {
	h       *Handler
	conn    *websocket.Conn
	headers http.Header
	// ctx ends with the socket; operations have a context from Init, which is made of it.
	ctx          context.Context
	operationCtx context.Context

	running sync.WaitGroup
	mu      sync.Mutex
	// operations are those that the client may still hear of.
	operations map[string]*running
}

// running is an operation on a socket.
type running struct {
	id     string
	cancel context.CancelFunc
}

func (h *Handler) serveSocket(w http.ResponseWriter, r *http.Request) {
	if !h.allowsOrigin(r) {
		h.refuse(r.Context(), w, plainJSON, &refusal{status: http.StatusForbidden, err: refuse(codeCrossSite,
			"WebSockets from this origin are refused. Have it added to the allowed origins.")})
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	s := &socket{h: h, headers: r.Header, ctx: ctx, operations: map[string]*running{}}
	goingAway := make(chan struct{})
	leave, ok := h.open(sync.OnceFunc(func() { close(goingAway) }))
	if !ok {
		h.refuse(r.Context(), w, plainJSON, unavailable())
		return
	}
	defer leave()
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols: []string{subprotocol},
		// The origin has been checked.
		InsecureSkipVerify: true,
	})
	if err != nil {
		return // answered by Accept
	}
	s.conn = conn
	defer s.end(cancel)
	if conn.Subprotocol() != subprotocol {
		s.close(closeSubprotocol, "Subprotocol not acceptable")
		return
	}
	conn.SetReadLimit(h.limits.Body)
	s.running.Go(func() {
		select {
		case <-goingAway:
			s.close(websocket.StatusGoingAway, "Server is shutting down")
		case <-ctx.Done():
		}
	})
	s.serve()
}

// end stops what runs on the socket and waits for it.
func (s *socket) end(cancel context.CancelFunc) {
	cancel()
	s.mu.Lock()
	for _, operation := range s.operations {
		operation.cancel() // Init may have made a context that does not end with the socket's
	}
	s.mu.Unlock()
	// The peer may be gone already; there is nothing to do about an error.
	_ = s.conn.CloseNow()
	s.running.Wait()
}

// close says goodbye and waits a little for the peer to do so. Closing twice does nothing.
func (s *socket) close(code websocket.StatusCode, reason string) {
	_ = s.conn.Close(code, reason)
}

// message is what both sides send.
type message struct {
	Type    string          `json:"type"`
	ID      *string         `json:"id"`
	Payload json.RawMessage `json:"payload"`
}

// serve reads messages until the socket is closed.
func (s *socket) serve() {
	initialised, stopWaiting := context.WithCancel(s.ctx)
	defer stopWaiting()
	s.running.Go(func() {
		timeout := time.NewTimer(s.h.options.InitTimeout)
		defer timeout.Stop()
		select {
		case <-timeout.C:
			s.close(closeInitTimeout, "Connection initialisation timeout")
		case <-initialised.Done():
		}
	})
	for {
		kind, data, err := s.conn.Read(s.ctx)
		if err != nil {
			return
		}
		var m message
		if kind != websocket.MessageText || json.Unmarshal(data, &m) != nil {
			s.close(closeBadMessage, "Invalid message received")
			return
		}
		if m.Type == "connection_init" {
			stopWaiting()
		}
		if code, reason := s.receive(m); code != 0 {
			s.close(code, reason)
			return
		}
	}
}

// receive handles one message. It returns a code other than 0 to close the socket.
func (s *socket) receive(m message) (websocket.StatusCode, string) {
	switch m.Type {
	case "connection_init":
		if s.operationCtx != nil {
			return closeTooManyInits, "Too many initialisation requests"
		}
		return s.init(m.Payload)
	case "ping":
		s.send(`{"type":"pong"}`)
		return 0, ""
	case "pong":
		return 0, ""
	case "subscribe":
		if s.operationCtx == nil {
			return closeUnauthorized, "Unauthorized"
		}
		return s.subscribe(m)
	case "complete":
		if m.ID == nil {
			return closeBadMessage, "Invalid message received"
		}
		s.mu.Lock()
		operation := s.operations[*m.ID]
		s.mu.Unlock()
		if operation != nil && s.release(operation) {
			operation.cancel()
		}
		return 0, ""
	default:
		return closeBadMessage, "Invalid message received"
	}
}

func (s *socket) init(raw json.RawMessage) (websocket.StatusCode, string) {
	var payload map[string]any
	if len(raw) > 0 && json.Unmarshal(raw, &payload) != nil {
		return closeBadMessage, "Invalid message received"
	}
	ctx, acknowledgement := s.ctx, map[string]any(nil)
	if s.h.options.Init != nil {
		var err error
		if ctx, acknowledgement, err = s.letIn(payload); err != nil || ctx == nil {
			return closeForbidden, "Forbidden"
		}
	}
	s.operationCtx = ctx
	answer := `{"type":"connection_ack"}`
	if acknowledgement != nil {
		if encoded, err := json.Marshal(acknowledgement); err == nil {
			answer = `{"type":"connection_ack","payload":` + string(encoded) + `}`
		}
	}
	s.send(answer)
	s.running.Go(s.ping)
	return 0, ""
}

// letIn asks Init. A panic of it refuses the socket.
func (s *socket) letIn(payload map[string]any) (ctx context.Context, acknowledgement map[string]any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = s.h.recovered(s.ctx, p)
		}
	}()
	return s.h.options.Init(s.ctx, payload)
}

// ping keeps proxies from closing the socket, and closes it if the peer no longer answers.
func (s *socket) ping() {
	ticker := time.NewTicker(s.h.options.PingInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.send(`{"type":"ping"}`)
			ctx, cancel := context.WithTimeout(s.ctx, s.h.options.WriteTimeout)
			err := s.conn.Ping(ctx)
			cancel()
			if err != nil {
				_ = s.conn.CloseNow()
				return
			}
		case <-s.ctx.Done():
			return
		}
	}
}

func (s *socket) subscribe(m message) (websocket.StatusCode, string) {
	if m.ID == nil || *m.ID == "" || len(*m.ID) > maxOperationID {
		return closeBadMessage, "Invalid message received"
	}
	params, refused := parseParams("payload", m.Payload)
	if refused != nil {
		return closeBadMessage, "Invalid message received"
	}
	params.Headers = s.headers
	ctx, cancel := context.WithCancel(s.operationCtx)
	operation := &running{id: *m.ID, cancel: cancel}
	s.mu.Lock()
	_, duplicate := s.operations[operation.id]
	tooMany := len(s.operations) >= s.h.limits.Operations
	if !duplicate && !tooMany {
		s.operations[operation.id] = operation
	}
	s.mu.Unlock()
	switch {
	case duplicate:
		cancel()
		return closeDuplicate, "Subscriber for this id already exists"
	case tooMany:
		cancel()
		err := s.h.presented(s.operationCtx, refuse(codeTooMany,
			"More than %d operations run on this connection. Complete one first.", s.h.limits.Operations))
		s.sendResponse("error", operation.id, &graphql.Response{Errors: gqlerror.List{err}})
		return 0, ""
	}
	s.running.Go(func() {
		defer cancel()
		s.run(ctx, operation, params)
	})
	return 0, ""
}

// release takes an operation from those the client may hear of. It is false if that has happened before.
func (s *socket) release(operation *running) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.operations[operation.id] != operation {
		return false
	}
	delete(s.operations, operation.id)
	return true
}

// run sends the operation's responses. It always sees the operation to its end, so that extensions do.
func (s *socket) run(ctx context.Context, operation *running, params *graphql.RawParams) {
	ctx = graphql.StartOperationTrace(ctx)
	created, errs := s.h.create(ctx, params)
	if created != nil {
		ctx = graphql.WithOperationContext(ctx, created)
	}
	next := s.h.start(ctx, created, errs)
	for {
		response, ran := next()
		if response == nil {
			break
		}
		if !ran {
			if s.release(operation) {
				s.sendResponse("error", operation.id, response)
			}
			return
		}
		if ctx.Err() == nil {
			s.sendResponse("next", operation.id, response)
		}
	}
	if s.release(operation) {
		s.sendComplete(operation.id)
	}
}

func (s *socket) send(text string) { s.write([]byte(text)) }

func (s *socket) sendComplete(id string) {
	b := s.h.buffers.take()
	defer s.h.buffers.put(b)
	writeHead(b, "complete", id)
	b.WriteByte('}')
	s.write(b.Bytes())
}

// sendResponse sends a response as the payload of "next", or its errors as that of "error".
func (s *socket) sendResponse(kind, id string, response *graphql.Response) {
	b := s.h.buffers.take()
	defer s.h.buffers.put(b)
	writeHead(b, kind, id)
	b.WriteString(`,"payload":`)
	if kind == "error" {
		writeErrors(b, response.Errors)
	} else {
		writeEnvelope(b, response)
	}
	b.WriteByte('}')
	s.write(b.Bytes())
}

func writeHead(b *bytes.Buffer, kind, id string) {
	encoded, err := json.Marshal(id)
	if err != nil {
		encoded = []byte(`""`) // a string can always be encoded
	}
	b.WriteString(`{"id":`)
	b.Write(encoded)
	b.WriteString(`,"type":"` + kind + `"`)
}

// write sends one message. If the peer does not take it in time the socket is closed, which ends the reader too.
func (s *socket) write(data []byte) {
	ctx, cancel := context.WithTimeout(s.ctx, s.h.options.WriteTimeout)
	defer cancel()
	_ = s.conn.Write(ctx, websocket.MessageText, data)
}
