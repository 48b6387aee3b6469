package gqlhttp

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// serveEvents answers with an event stream in the "distinct connections" mode of graphql-sse: an event "next" for each
// response, "complete" at the end, and a comment whenever nothing has happened for a while.
func (h *Handler) serveEvents(ctx context.Context, w http.ResponseWriter, operation *graphql.OperationContext, errs gqlerror.List) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	leave, ok := h.open(cancel)
	if !ok {
		h.refuse(ctx, w, plainJSON, unavailable())
		return
	}
	defer leave()

	header := w.Header()
	header.Set("Content-Type", eventStream+"; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	// Reverse proxies such as nginx would hold events back.
	header.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	events := &eventWriter{w: w, control: http.NewResponseController(w), timeout: h.options.WriteTimeout}
	defer events.done()
	if err := events.write([]byte(":\n\n")); err != nil {
		if errors.Is(err, http.ErrNotSupported) {
			h.options.Logger.ErrorContext(ctx, "event streams need a ResponseWriter that can be flushed; let the middleware around it implement Unwrap")
		}
		return
	}

	encoded := make(chan *bytes.Buffer)
	go h.encodeEvents(ctx, h.start(ctx, operation, errs), encoded)
	// The operation must have ended before the handler returns.
	defer func() {
		cancel()
		for b := range encoded {
			h.buffers.put(b)
		}
	}()

	ping := time.NewTicker(h.options.PingInterval)
	defer ping.Stop()
	for {
		select {
		case b, more := <-encoded:
			if !more {
				if ctx.Err() == nil {
					_ = events.write([]byte("event: complete\ndata:\n\n"))
				}
				return
			}
			err := events.write(b.Bytes())
			h.buffers.put(b)
			if err != nil {
				return
			}
			ping.Reset(h.options.PingInterval)
		case <-ping.C:
			if events.write([]byte(": ping\n\n")) != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// encodeEvents sends each response as an event, until the operation has ended, and closes the channel.
func (h *Handler) encodeEvents(ctx context.Context, next responses, encoded chan<- *bytes.Buffer) {
	defer close(encoded)
	for {
		response, _ := next()
		if response == nil {
			return
		}
		b := h.buffers.take()
		b.WriteString("event: next\ndata: ")
		start := b.Len()
		writeEnvelope(b, response)
		// A line break in JSON can only stand between tokens, and would end the event's data.
		data := b.Bytes()[start:]
		for i, c := range data {
			if c == '\n' || c == '\r' {
				data[i] = ' '
			}
		}
		b.WriteString("\n\n")
		select {
		case encoded <- b:
		case <-ctx.Done():
			h.buffers.put(b)
			// The next call returns nil and lets extensions see the end.
		}
	}
}

type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	timeout time.Duration
}

func (e *eventWriter) write(event []byte) error {
	// The server's own write timeout is meant for whole responses.
	if err := e.control.SetWriteDeadline(time.Now().Add(e.timeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := e.w.Write(event); err != nil {
		return err
	}
	return e.control.Flush()
}

// done leaves the connection to its next request without a deadline.
func (e *eventWriter) done() { _ = e.control.SetWriteDeadline(time.Time{}) }
