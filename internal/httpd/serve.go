package httpd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Serve answers on l until ctx ends, then stops taking requests, ends streams,
// gives the other requests ten seconds and cuts off what is left. It returns
// nil when ctx ended it, and closes l in any case.
//
// A body has a minute to come, and a second more for each 32 KiB that have come.
func Serve(ctx context.Context, l net.Listener, handler http.Handler, log *slog.Logger) error {
	return serve(ctx, l, handler, log, patience{grace: 10 * time.Second, body: time.Minute})
}

// patience is how long the server waits for others.
type patience struct {
	grace time.Duration // for requests that run when it stops
	body  time.Duration // for a request's body, whatever its length
}

func serve(ctx context.Context, l net.Listener, handler http.Handler, log *slog.Logger, wait patience) error {
	// Requests outlive ctx by the grace.
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	var running sync.WaitGroup // hijacked connections, which net/http lets go of, among them
	server := &http.Server{
		Handler:     tracked(ctx, &running, pacing(wait.body, handler)),
		BaseContext: func(net.Listener) context.Context { return base },
		ErrorLog:    slog.NewLogLogger(log.Handler(), slog.LevelWarn),

		// A slow client may take its time over a body (see paced), not over headers.
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       wait.body,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		// No WriteTimeout: it would end every stream.
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve on %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}

	ending, cancel := context.WithTimeout(base, wait.grace)
	defer cancel()
	ended := make(chan struct{})
	if err := server.Shutdown(ending); err == nil {
		go func() { running.Wait(); close(ended) }()
	}
	select {
	case <-ended:
	case <-ending.Done():
		log.WarnContext(ctx, "requests were still running and are cut off", "grace", wait.grace)
		cut()
		_ = server.Close() // what it could say is that the connections are gone
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve on %s: %w", l.Addr(), err)
	}
	return nil
}

// tracked counts requests and ends streams, which have no end of their own, when stop does.
func tracked(stop context.Context, running *sync.WaitGroup, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		running.Add(1)
		defer running.Done()
		if isStream(r) {
			ctx, cancel := context.WithCancel(r.Context())
			defer cancel()
			defer context.AfterFunc(stop, cancel)()
			r = r.WithContext(ctx)
		}
		next.ServeHTTP(w, r)
	})
}

func isStream(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket") ||
		strings.Contains(strings.ToLower(r.Header.Get("Accept")), "text/event-stream")
}

// slowest is how many bytes a second of a body must come when its time is over:
// 20 MiB may take eleven minutes more. Who sends less holds a connection, and the
// memory for what has come, for nothing.
const slowest = 32 << 10

// pacing lets a body take the longer the more of it has come.
func pacing(patience time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			r = r.WithContext(r.Context()) // the server looks at the body of its own request
			r.Body = &paced{ReadCloser: r.Body, control: http.NewResponseController(w), due: time.Now().Add(patience)}
		}
		next.ServeHTTP(w, r)
	})
}

// paced is a body each `slowest` bytes of which buy a second for the rest. What
// comes too slowly ends with os.ErrDeadlineExceeded.
type paced struct {
	io.ReadCloser
	control *http.ResponseController
	due     time.Time // when what is still to come must be there
	earned  int       // bytes that have not bought time yet
	ended   bool
}

func (p *paced) Read(b []byte) (int, error) {
	// From its end on, the server watches whether the client is still there: that has no deadline.
	if p.earned >= slowest && !p.ended {
		p.due = p.due.Add(time.Duration(p.earned) * time.Second / slowest)
		p.earned = 0
		if err := p.control.SetReadDeadline(p.due); err != nil {
			return 0, fmt.Errorf("give a body more time: %w", err)
		}
	}
	n, err := p.ReadCloser.Read(b)
	p.earned += n
	p.ended = p.ended || err != nil
	return n, err
}
