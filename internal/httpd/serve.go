package httpd

import (
	"context"
	"errors"
	"fmt"
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
func Serve(ctx context.Context, l net.Listener, handler http.Handler, log *slog.Logger) error {
	return serve(ctx, l, handler, log, 10*time.Second)
}

func serve(ctx context.Context, l net.Listener, handler http.Handler, log *slog.Logger, grace time.Duration) error {
	// Requests outlive ctx by the grace.
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	var running sync.WaitGroup // hijacked connections, which net/http lets go of, among them
	server := &http.Server{
		Handler:     tracked(ctx, &running, handler),
		BaseContext: func(net.Listener) context.Context { return base },
		ErrorLog:    slog.NewLogLogger(log.Handler(), slog.LevelWarn),

		// A slow client may take its time over a body of 2 MiB (35 kB/s), not over headers.
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
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

	patience, cancel := context.WithTimeout(base, grace)
	defer cancel()
	ended := make(chan struct{})
	if err := server.Shutdown(patience); err == nil {
		go func() { running.Wait(); close(ended) }()
	}
	select {
	case <-ended:
	case <-patience.Done():
		log.WarnContext(ctx, "requests were still running and are cut off", "grace", grace)
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
