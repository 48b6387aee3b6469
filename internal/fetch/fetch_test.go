package fetch_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/persona-api/persona-api/internal/fetch"
	"github.com/persona-api/persona-api/internal/persona"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// home is the only address that the tests' readers may dial beyond the public ones.
var home = netip.MustParseAddr("127.0.0.1")

// local returns a reader that may dial 127.0.0.1 and no other address of this machine.
func local(o fetch.Options) *fetch.Reader {
	o.Allow = func(ip netip.Addr) bool { return ip == home }
	return fetch.New(o)
}

// serve serves pages on 127.0.0.1 until the test ends.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	return serveOn(t, "127.0.0.1:0", h)
}

func serveOn(t *testing.T, address string, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
	require.NoError(t, err)
	s := httptest.NewUnstartedServer(h)
	require.NoError(t, s.Listener.Close())
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// page answers every request with a body of this media type.
func page(mediaType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		_, _ = w.Write([]byte(body)) // a reader that has enough hangs up
	}
}

// failed returns why a page could not be fetched.
func failed(t *testing.T, r *fetch.Reader, url string) *persona.Failure {
	t.Helper()
	p, err := r.Fetch(t.Context(), url)
	require.Error(t, err)
	require.Nil(t, p)
	var f *persona.Failure
	require.True(t, errors.As(err, &f), "%T is no failure", err)
	require.Equal(t, persona.FailFetchFailed, f.Code)
	return f
}

// names is a name server of this machine. answer returns the addresses of a name
// at its n-th look-up, from 0; none is a name that does not exist.
func names(t *testing.T, answer func(name string, n int) []string) *net.Resolver {
	t.Helper()
	conn, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	require.NoError(t, err)
	var serving sync.WaitGroup
	serving.Go(func() { serveNames(conn, answer) })
	t.Cleanup(func() { _ = conn.Close(); serving.Wait() })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func serveNames(conn net.PacketConn, answer func(string, int) []string) {
	asked := map[string]int{}
	buf := make([]byte, 512)
	for {
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			return // closed
		}
		var m dnsmessage.Message
		if err := m.Unpack(buf[:n]); err != nil || len(m.Questions) != 1 {
			continue
		}
		q := m.Questions[0]
		reply := dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, Authoritative: true}, Questions: m.Questions}
		name := q.Name.String()
		addresses := answer(name, asked[name])
		if len(addresses) == 0 {
			reply.RCode = dnsmessage.RCodeNameError
		}
		if q.Type == dnsmessage.TypeA {
			asked[name]++
			for _, a := range addresses {
				reply.Answers = append(reply.Answers, dnsmessage.Resource{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
					Body:   &dnsmessage.AResource{A: netip.MustParseAddr(a).As4()},
				})
			}
		}
		packed, err := reply.Pack()
		if err == nil {
			_, _ = conn.WriteTo(packed, from) // the resolver asks again
		}
	}
}
