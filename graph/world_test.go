package graph_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/graph"
	"github.com/persona-api/persona-api/internal/gqlhttp"
	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

// scripted is an engine that reads lines such as "skills.hard: Go" and composes
// a summary from the first fact.
type scripted struct{}

func (scripted) Estimate(length int) persona.Usage {
	return persona.Usage{InputTokens: length, OutputTokens: 5, CostMicros: 7}
}

func (scripted) Info() persona.EngineInfo {
	return persona.EngineInfo{Name: "scripted", Model: "lines", PromptHash: "1"}
}

func (scripted) Extract(_ context.Context, src persona.Source, emit func([]persona.Draft) error) (persona.Usage, error) {
	var out []persona.Draft
	at := 0
	for _, line := range strings.SplitAfter(*src.Text, "\n") {
		if path, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); ok {
			start := at + utf8.RuneCountInString(path) + 2
			d := persona.Draft{Path: path, Value: value, Basis: persona.BasisStated, Confidence: 900,
				Start: start, End: start + utf8.RuneCountInString(value), Quote: value}
			if path == "career.positions" {
				title, organization, _ := strings.Cut(value, " at ")
				d.Detail = persona.Detail{"title": title, "organization": organization}
			}
			out = append(out, d)
		}
		at += utf8.RuneCountInString(line)
	}
	return persona.Usage{InputTokens: 10, OutputTokens: 5, CostMicros: 7}, emit(out)
}

func (scripted) Compose(_ context.Context, facts []persona.Fact) ([]persona.Draft, persona.Usage, error) {
	return []persona.Draft{{Path: "summary", Value: "Known as " + facts[0].Value, Basis: persona.BasisInferred, Confidence: 500, Cites: []persona.ClaimID{facts[0].ID}}}, persona.Usage{}, nil
}

// world is the API over a store, with a queue that the test works through.
type world struct {
	*persona.Service
	server *httptest.Server
	store  *store.Store
	ctx    context.Context
	log    *bytes.Buffer

	sent *atomic.Int64 // statements

	mu   sync.Mutex
	jobs []persona.Job
}

// each runs f in a world of each database.
func each(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	var sent atomic.Int64 // the databases come one after the other
	storetest.Each(t, func(t *testing.T, s *store.Store) { f(t, newWorld(t, s, &sent)) },
		func(o *store.Options) { o.OnQuery = func(string) { sent.Add(1) } })
}

func newWorld(t *testing.T, s *store.Store, sent *atomic.Int64) *world {
	caller := persona.Caller{Subject: "ada", Workspace: "default", Role: persona.RoleWriter}
	w := &world{store: s, sent: sent, log: new(bytes.Buffer), ctx: persona.WithCaller(t.Context(), caller)}
	enqueue := func(p persona.ID, r persona.RunID) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.jobs = append(w.jobs, persona.Job{Persona: p, Run: r, Attempt: 1, Last: true})
		return nil
	}
	s.SetEnqueue(store.Enqueue{
		Postgres: func(_ context.Context, _ pgx.Tx, _ string, p persona.ID, r persona.RunID) error { return enqueue(p, r) },
		SQLite: func(_ context.Context, _ *sql.Tx, _ string, p persona.ID, r persona.RunID) error {
			return enqueue(p, r)
		},
	})
	w.Service = persona.NewService(persona.Options{Reader: s, Writer: s, Bus: s, Engines: []persona.Engine{scripted{}}, Log: slog.New(slog.DiscardHandler)})
	handler := gqlhttp.New(graph.NewSchema(w.Service), gqlhttp.Options{
		Limits:          gqlhttp.Limits{Cost: 1_000_000},
		Introspection:   true,
		ErrorPresenter:  graph.ErrorPresenter(slog.New(slog.NewTextHandler(w.log, nil)), func(context.Context) string { return "r1" }),
		RecoverFunc:     graph.Recover,
		ResponseContext: func(ctx context.Context) context.Context { return graph.WithLoaders(ctx, w.Service) },
	})
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(rw, r.WithContext(persona.WithCaller(r.Context(), caller)))
	}))
	t.Cleanup(w.server.Close)
	return w
}

// work does all jobs that wait.
func (w *world) work(t *testing.T) {
	w.mu.Lock()
	jobs := w.jobs
	w.jobs = nil
	w.mu.Unlock()
	for _, job := range jobs {
		require.NoError(t, w.Synthesize(w.ctx, job))
	}
}

// create adds a persona and has it synthesized.
func (w *world) create(t *testing.T, texts ...string) persona.ID {
	none := 0
	in := persona.Create{WaitSeconds: &none, Tags: []string{"test"}}
	for _, text := range texts {
		in.Sources = append(in.Sources, persona.SourceInput{Text: &text})
	}
	p, err := w.Create(w.ctx, in)
	require.NoError(t, err)
	w.work(t)
	return p.ID
}

// statements counts the SQL statements that f causes.
func (w *world) statements(f func()) int64 {
	before := w.sent.Load()
	f()
	return w.sent.Load() - before
}

type response struct {
	Data   map[string]any
	Errors []map[string]any
}

// do sends an operation and returns what comes back.
func (w *world) do(t *testing.T, query string, variables map[string]any) response {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL, bytes.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	var out response
	require.NoError(t, json.NewDecoder(res.Body).Decode(&out))
	return out
}

// ask sends an operation that must succeed and returns its data.
func (w *world) ask(t *testing.T, query string, variables map[string]any) map[string]any {
	t.Helper()
	out := w.do(t, query, variables)
	require.Empty(t, out.Errors, w.log.String())
	return out.Data
}

// at follows a path of keys and indexes.
func at(v any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			l, _ := v.([]any)
			if step >= len(l) {
				return nil
			}
			v = l[step]
		}
	}
	return v
}
