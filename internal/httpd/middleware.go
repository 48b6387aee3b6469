package httpd

import (
	"bufio"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/telemetry"
)

// wellFormedID is what is taken over from a client: it goes into headers and logs.
var wellFormedID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// identified names the request and its route, and sets the headers of every
// response. The id is the client's X-Request-ID or X-Correlation-ID, if well
// formed, else a new one.
func identified(route string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-ID")
		if !wellFormedID.MatchString(id) {
			id = r.Header.Get("X-Correlation-ID")
		}
		if !wellFormedID.MatchString(id) {
			id = rand.Text()
		}
		h := w.Header()
		h.Set("X-Request-ID", id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		// Answers are data; a handler that serves pages sets its own policy.
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")

		r = r.WithContext(telemetry.WithRequestID(r.Context(), id))
		r.Pattern = route // names the span; the mux's own "/" would also be every unknown path's
		next.ServeHTTP(w, r)
	})
}

// logged writes one line a request: never its query, headers or body.
func logged(log *slog.Logger, route string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		rec := &recorder{ResponseWriter: w}
		defer func() {
			log.InfoContext(r.Context(), "request",
				"method", r.Method, "route", route, "status", rec.code(), "duration", time.Since(start))
		}()
		next.ServeHTTP(rec, r)
	})
}

// recovered turns a panic into a 500, or into a cut connection when the answer
// has begun: half an answer must not look whole.
func recovered(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w}
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(cause)
			}
			log.ErrorContext(r.Context(), "panic in a handler", "panic", cause, "stack", string(debug.Stack()))
			if rec.status != 0 {
				panic(http.ErrAbortHandler)
			}
			refuse(rec, r, http.StatusInternalServerError, persona.CodeInternal, "internal error")
		}()
		next.ServeHTTP(rec, r)
	})
}

// recorder remembers the status that was sent.
type recorder struct {
	http.ResponseWriter
	status int // 0 until the answer begins
}

// code is the status the client has seen: net/http sends 200 when nothing was written.
func (r *recorder) code() int {
	if r.status == 0 {
		return http.StatusOK
	}
	return r.status
}

// WriteHeader remembers the first status that ends the waiting; 1xx other than 101 do not.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Flush, like Hijack, is for those who ask for the interface instead of an http.ResponseController.
func (r *recorder) Flush() {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	_ = http.NewResponseController(r.ResponseWriter).Flush()
}

// Hijack takes the connection over.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if r.status == 0 {
		r.status = http.StatusSwitchingProtocols
	}
	return http.NewResponseController(r.ResponseWriter).Hijack()
}

// Unwrap lets an http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
