package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/app"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

// asServer makes the test's own binary a server, which can be killed as no goroutine can.
const asServer = "PERSONA_API_TEST_AS_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(asServer) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		if err := app.Run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, "persona-api:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(storetest.Main(m))
}

// databases runs a test on a fresh database of each kind, given as settings.
func databases(t *testing.T, f func(t *testing.T, env map[string]string)) {
	t.Run("sqlite", func(t *testing.T) { f(t, map[string]string{"DATA_DIR": t.TempDir()}) })
	t.Run("postgres", func(t *testing.T) {
		f(t, map[string]string{"DATABASE_URL": storetest.Postgres(t), "DATA_DIR": t.TempDir()})
	})
}

// lockedBuffer is a log that can be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// server is a running program.
type server struct {
	url         string
	out, errout *lockedBuffer
}

var listening = regexp.MustCompile(`answers at (http://[^/]+)/graphql`)

// start runs the program in this process until the test ends, and checks that it ends well.
func start(t *testing.T, env map[string]string, args ...string) *server {
	t.Helper()
	s := &server{out: new(lockedBuffer), errout: new(lockedBuffer)}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	getenv := func(name string) string {
		if v, ok := env[name]; ok {
			return v
		}
		if name == "ADDR" {
			return "127.0.0.1:0"
		}
		return ""
	}
	go func() { done <- app.Run(ctx, args, getenv, nil, s.out, s.errout) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-done, "it ends well")
		require.NotContains(t, s.errout.String(), "level=ERROR")
	})
	s.url = awaitURL(t, s.out, s.errout)
	return s
}

func awaitURL(t *testing.T, out, errout *lockedBuffer) (url string) {
	t.Helper()
	require.Eventually(t, func() bool {
		m := listening.FindStringSubmatch(out.String())
		if m != nil {
			url = m[1]
		}
		return m != nil
	}, time.Minute, 5*time.Millisecond, "it did not start: %s", errout)
	return url
}

// reply is a GraphQL answer.
type reply struct {
	Data   json.RawMessage
	Errors []struct {
		Message    string
		Extensions struct{ Code string }
	}
	status int
	raw    string
}

// post sends a body as it is.
func (s *server) post(t *testing.T, body string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/graphql", strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/graphql-response+json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	r := reply{status: resp.StatusCode, raw: string(b)}
	require.NoError(t, json.Unmarshal(b, &r), "%s", b)
	return r
}

// ask sends an operation and decodes its data.
func (s *server) ask(t *testing.T, query string, variables map[string]any, data any) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	require.NoError(t, err)
	r := s.post(t, string(body))
	require.Empty(t, r.Errors, r.raw)
	require.NoError(t, json.Unmarshal(r.Data, data), r.raw)
}

const createQuery = `mutation ($input: CreatePersonaInput!) { createPersona(input: $input) {
  persona { id status name version { number reason } latestRun { stage engine attempts claimsProposed claimsProven failure { code message } }
    traits { path value basis confidence evidence { start end quote before(chars: 5) source { id text } } } }
  userErrors { code field message } } }`

type trait struct {
	Path, Value, Basis string
	Evidence           []struct {
		Start, End int
		Quote      string
		Before     string
		Source     struct{ ID, Text string }
	}
}

type created struct {
	CreatePersona struct {
		Persona *struct {
			ID, Status string
			Name       *string
			Version    *struct {
				Number int
				Reason string
			}
			LatestRun struct {
				Stage, Engine string
				Failure       *struct{ Code, Message string }
			}
			Traits []trait
		}
		UserErrors []struct {
			Code    string
			Field   []string
			Message string
		}
	}
}

// checkEvidence cuts every quote out of its text again, by code points.
func checkEvidence(t *testing.T, traits []trait, text string) {
	t.Helper()
	runes := []rune(text)
	for _, tr := range traits {
		if tr.Basis == "STATED" {
			require.NotEmpty(t, tr.Evidence, "%s is STATED", tr.Path)
		}
		for _, e := range tr.Evidence {
			require.Equal(t, text, e.Source.Text)
			require.Equal(t, e.Quote, string(runes[e.Start:e.End]), tr.Path)
			require.Equal(t, string(runes[max(0, e.Start-5):e.Start]), e.Before)
		}
	}
}

const (
	minute = time.Minute
	tick   = 20 * time.Millisecond
)
