package httpd

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// ServeWithin is Serve with times of one's own.
func ServeWithin(ctx context.Context, l net.Listener, handler http.Handler, log *slog.Logger, grace, body time.Duration) error {
	return serve(ctx, l, handler, log, patience{grace, body})
}

// Kinds are those a source may have.
var Kinds = kinds

// Pacing is what gives bodies their time.
var Pacing = pacing
