package httpd_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/httpd"
)

// deadlines records those of a connection, beside how much of its body had been read.
type deadlines struct {
	httptest.ResponseRecorder
	body io.Reader
	read int
	set  map[int]time.Duration // since start
	from time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.set[d.read] = t.Sub(d.from)
	return nil
}

func (d *deadlines) Read(b []byte) (int, error) {
	n, err := d.body.Read(b)
	d.read += n
	return n, err
}

func TestABodyEarnsItsTime(t *testing.T) {
	d := &deadlines{body: strings.NewReader(strings.Repeat("x", 100<<10)), set: map[int]time.Duration{}, from: time.Now()}
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/", d)
	var begun time.Duration
	httpd.Pacing(time.Minute, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		begun = time.Since(d.from)
		chunk := make([]byte, 10<<10)
		for {
			if _, err := io.ReadFull(r.Body, chunk); err != nil {
				break
			}
		}
		for range 3 { // from the end on no deadline is set
			_, err := r.Body.Read(chunk)
			require.ErrorIs(t, err, io.EOF)
		}
	})).ServeHTTP(d, r)
	require.Len(t, d.set, 2)
	for read, after := range map[int]time.Duration{40 << 10: 1250 * time.Millisecond, 80 << 10: 2500 * time.Millisecond} {
		require.Contains(t, d.set, read)
		require.GreaterOrEqual(t, d.set[read], time.Minute+after)
		require.LessOrEqual(t, d.set[read], time.Minute+after+begun)
	}
}

func TestABodyThatStopsComingIsGivenUp(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	read, served := make(chan error, 1), make(chan error, 1)
	go func() {
		served <- httpd.ServeWithin(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(r.Body)
			read <- err
		}), slog.New(slog.DiscardHandler), time.Minute, time.Millisecond)
	}()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String())
	require.NoError(t, err)
	_, err = io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"+strings.Repeat("x", 10))
	require.NoError(t, err)
	require.ErrorIs(t, <-read, os.ErrDeadlineExceeded)
	require.NoError(t, c.Close())
	stop()
	require.NoError(t, <-served)
}
