package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/persona-api/persona-api/internal/extract"
	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
)

// asBench acts as a writer of the workspace that the server uses without authentication.
func asBench(ctx context.Context) context.Context {
	return persona.WithCaller(ctx, persona.Caller{Subject: "bench", Workspace: "default", Role: persona.RoleWriter})
}

// fill puts the texts into an empty store, each through Create and Synthesize as
// a request and its job would, and returns the Service and a line on how it went.
func fill(ctx context.Context, s *store.Store, log *slog.Logger, texts []string, progress io.Writer) (*persona.Service, string, error) {
	queue := newQueue()
	s.SetEnqueue(queue.enqueue())
	personas := persona.NewService(persona.Options{Reader: s, Writer: s, Bus: s, Engines: []persona.Engine{extract.New()}, Log: log})
	if n, err := personas.CountPersonas(ctx, nil); err != nil {
		return nil, "", err
	} else if n.Value != 0 {
		return nil, "", fmt.Errorf("the database holds %d personas; give bench an empty one", n.Value)
	}

	var done atomic.Int64
	begun := time.Now()
	stop := report(progress, begun, &done, len(texts))
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(2 * runtime.GOMAXPROCS(0))
	now := 0 // seconds to wait: the jobs are done below
	for _, text := range texts {
		group.Go(func() error {
			p, err := personas.Create(ctx, persona.Create{Text: &text, WaitSeconds: &now})
			if err != nil {
				return err
			}
			job, err := queue.take(p.ID)
			if err != nil {
				return err
			}
			if err := personas.Synthesize(ctx, job); err != nil {
				return err
			}
			done.Add(1)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, "", err
	}
	took := time.Since(begun)
	stats, err := personas.Stats(persona.Fresh(asBench(context.WithoutCancel(ctx))), persona.StatsArgs{Days: 1})
	if err != nil {
		return nil, "", err
	}
	if stats.Total != len(texts) || len(stats.ByStatus) != 1 || stats.ByStatus[0].Key != string(persona.StatusReady) {
		return nil, "", fmt.Errorf("loaded %d texts, but the store counts %d personas by status %v", len(texts), stats.Total, stats.ByStatus)
	}
	return personas, fmt.Sprintf("loaded in %s: %.0f personas a second, %d claims", took.Round(100*time.Millisecond),
		float64(len(texts))/took.Seconds(), stats.Claims), nil
}

// report tells each second how far the loading is, until stop.
func report(out io.Writer, begun time.Time, done *atomic.Int64, of int) (stop func()) {
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				n := done.Load()
				fmt.Fprintf(out, "\rloading %d of %d, %.0f a second ", n, of, float64(n)/time.Since(begun).Seconds())
			case <-over:
				fmt.Fprintln(out)
				return
			}
		}
	}()
	return func() { close(over); <-ended }
}

// queue stands in for the job queue: it keeps what Create enqueues until it is taken.
type queue struct {
	mu   sync.Mutex
	runs map[persona.ID]persona.RunID
}

func newQueue() *queue { return &queue{runs: map[persona.ID]persona.RunID{}} }

func (q *queue) put(id persona.ID, run persona.RunID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.runs[id] = run // the same again when the transaction is run again
}

// enqueue is what the store calls in Create's transaction.
func (q *queue) enqueue() store.Enqueue {
	return store.Enqueue{
		Postgres: func(_ context.Context, _ pgx.Tx, _ string, id persona.ID, run persona.RunID) error {
			q.put(id, run)
			return nil
		},
		SQLite: func(_ context.Context, _ *sql.Tx, _ string, id persona.ID, run persona.RunID) error {
			q.put(id, run)
			return nil
		},
	}
}

func (q *queue) take(id persona.ID) (persona.Job, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	run, ok := q.runs[id]
	if !ok {
		return persona.Job{}, errors.New("no job was enqueued for the persona")
	}
	delete(q.runs, id)
	return persona.Job{Persona: id, Run: run, Attempt: 1, Last: true}, nil
}

// readTexts reads up to n texts from a file of one {"text": …} a line.
func readTexts(path string, n int) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("BENCH_TEXTS: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 4*persona.MaxText*6) // every code point as \uXXXX, and room for other members
	var texts []string
	for lines.Scan() && len(texts) < n {
		var line struct{ Text string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil || line.Text == "" {
			return nil, fmt.Errorf("BENCH_TEXTS: line %d must be an object with a text", len(texts)+1)
		}
		texts = append(texts, line.Text)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("BENCH_TEXTS: %w", err)
	}
	if len(texts) < 100 {
		return nil, fmt.Errorf("BENCH_TEXTS: has %d texts; it takes at least 100 to measure anything", len(texts))
	}
	return texts, nil
}

func codePoints(texts []string) (n int) {
	for _, t := range texts {
		n += utf8.RuneCountInString(t)
	}
	return n
}
