package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/persona-api/persona-api/internal/jobs"
	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/synth"
	"github.com/persona-api/persona-api/internal/synth/synthtest"
)

const (
	modelTakes  = 200 * time.Millisecond // before the first byte of each answer
	inFlight    = 64
	chainRounds = 20 // of each of those in flight
	jobCount    = 500
	jobSlots    = 10
)

// benchChain measures what the chain adds to the time of a model that takes
// modelTakes: alone, and as jobs of the real queue.
func benchChain(ctx context.Context, texts []string, dir string, log *slog.Logger, out io.Writer) error {
	model := synthtest.Start()
	defer model.Close()
	model.Answer(func(r synthtest.Request) synthtest.Reply {
		reply := synthtest.Read(r)
		reply.Delay = modelTakes
		return reply
	})
	fmt.Fprintf(out, "\nThe chain, with a model of %v\n", modelTakes)
	if err := chainAlone(ctx, model, texts, out); err != nil {
		return err
	}
	for _, workers := range []int{jobSlots, 2 * jobSlots} {
		if err := chainJobs(ctx, model, texts, filepath.Join(dir, fmt.Sprint("chain-", workers)), workers, log, out); err != nil {
			return err
		}
	}
	return nil
}

// newChain is an engine that asks model, so many calls at a time.
func newChain(model *synthtest.Server, concurrency int) (*synth.Engine, error) {
	return synth.New(synth.Options{Provider: synth.OpenAI, Model: "gpt-4o-mini", APIKey: "bench", BaseURL: model.URL(), Concurrency: concurrency})
}

// chainAlone times Extract and Compose against the same two questions over bare HTTP,
// by turns, with inFlight of them under way at any time.
func chainAlone(ctx context.Context, model *synthtest.Server, texts []string, out io.Writer) error {
	engine, err := newChain(model, inFlight)
	if err != nil {
		return err
	}
	defer engine.Close()
	pool := http.DefaultTransport.(*http.Transport).Clone()
	pool.MaxIdleConnsPerHost = inFlight
	defer pool.CloseIdleConnections()
	client := &http.Client{Transport: pool}

	var mu sync.Mutex
	var chained, bare []time.Duration
	group, ctx := errgroup.WithContext(ctx)
	for i := range inFlight {
		group.Go(func() error {
			text := texts[i%len(texts)]
			bodies, err := questionsAbout(ctx, model, engine, text)
			if err != nil {
				return err
			}
			// Evenly over the two calls' time: people do not come all at once.
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(2 * modelTakes * time.Duration(i) / inFlight):
			}
			for range chainRounds {
				begun := time.Now()
				if err := throughChain(ctx, engine, text); err != nil {
					return err
				}
				a := time.Since(begun)
				begun = time.Now()
				if err := overHTTP(ctx, client, model.URL(), bodies); err != nil {
					return err
				}
				b := time.Since(begun)
				mu.Lock()
				chained, bare = append(chained, a), append(bare, b)
				mu.Unlock()
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	slices.Sort(chained)
	slices.Sort(bare)
	calls := 2 * modelTakes
	fmt.Fprintf(out, "alone, %d in flight, %d times: extract and compose p50 %.1f ms, p99 %.1f ms; the same questions over bare HTTP p50 %.1f ms, p99 %.1f ms\n",
		inFlight, len(chained), ms(percentile(chained, 50)), ms(percentile(chained, 99)), ms(percentile(bare, 50)), ms(percentile(bare, 99)))
	fmt.Fprintf(out, "  against the two calls' %v: x%.4f at p50; against bare HTTP: x%.4f at p50, x%.4f at p99\n", calls,
		ratio(percentile(chained, 50), calls), ratio(percentile(chained, 50), percentile(bare, 50)), ratio(percentile(chained, 99), percentile(bare, 99)))
	return nil
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

// questionsAbout are the two questions that the engine asks about a text.
func questionsAbout(ctx context.Context, model *synthtest.Server, engine *synth.Engine, text string) ([2][]byte, error) {
	var bodies [2][]byte
	if err := throughChain(ctx, engine, text); err != nil {
		return bodies, err
	}
	// Others ask at the same time: these two are the ones with this text's words.
	opening := strings.TrimSpace(text[:min(40, len(text))])
	for _, r := range model.Requests() {
		if strings.HasPrefix(strings.TrimSpace(r.Text), opening) {
			bodies[0] = r.Body
		}
		if r.Facts != "" {
			bodies[1] = r.Body // facts are alike in length
		}
	}
	if bodies[0] == nil || bodies[1] == nil {
		return bodies, errors.New("the engine did not ask what was expected of it")
	}
	return bodies, nil
}

// throughChain reads a text and composes what it says.
func throughChain(ctx context.Context, engine *synth.Engine, text string) error {
	var facts []persona.Fact
	_, err := engine.Extract(ctx, persona.Source{ID: persona.NewSourceID(), Kind: persona.KindText, Text: &text}, func(drafts []persona.Draft) error {
		for _, d := range drafts {
			facts = append(facts, persona.Fact{Path: d.Path, Value: d.Value, Detail: d.Detail, Basis: d.Basis, Confidence: d.Confidence})
		}
		return nil
	})
	if err != nil {
		return err
	}
	composed, _, err := engine.Compose(ctx, facts)
	if err == nil && len(composed) == 0 {
		return errors.New("nothing was composed")
	}
	return err
}

// overHTTP asks the same with nothing around it.
func overHTTP(ctx context.Context, client *http.Client, url string, bodies [2][]byte) error {
	for _, body := range bodies {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/chat/completions", bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		n, err := io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		if err != nil {
			return err
		}
		if res.StatusCode != http.StatusOK || n == 0 {
			return fmt.Errorf("bare HTTP: status %d, %d bytes", res.StatusCode, n)
		}
	}
	return nil
}

// chainJobs creates personas on SQLite and times the real queue's work on them, with
// jobSlots calls of the model at a time.
func chainJobs(ctx context.Context, model *synthtest.Server, texts []string, dir string, workers int, log *slog.Logger, out io.Writer) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Options{DataDir: dir, Log: log})
	if err != nil {
		return err
	}
	defer s.Close()
	if err := errors.Join(s.Migrate(ctx), jobs.Migrate(ctx, s.Pool(), s.SQL())); err != nil {
		return err
	}
	inserter, err := jobs.NewInserter(s.Pool(), s.SQL(), jobs.Tracing{})
	if err != nil {
		return err
	}
	s.SetEnqueue(store.Enqueue{Postgres: inserter.InsertPostgres, SQLite: inserter.InsertSQLite})
	engine, err := newChain(model, jobSlots)
	if err != nil {
		return err
	}
	defer engine.Close()
	personas := persona.NewService(persona.Options{Reader: s, Writer: s, Bus: s, Engines: []persona.Engine{engine}, Log: log})
	if len(texts) < jobCount {
		texts = biographies(jobCount) // what has been read once is not asked about again
	}
	now := 0 // seconds to wait: the jobs are done below
	for _, text := range texts[:jobCount] {
		if _, err := personas.Create(asBench(ctx), persona.Create{Text: &text, WaitSeconds: &now}); err != nil {
			return err
		}
	}
	work := &counted{personas: personas, all: make(chan struct{})}
	work.left.Store(jobCount)
	begun := time.Now()
	running, err := jobs.Start(ctx, jobs.Options{Inserter: inserter, Synthesizer: work, Nodes: s, Workers: workers, Log: log})
	if err != nil {
		return err
	}
	select {
	case <-work.all:
	case <-ctx.Done():
	}
	took := time.Since(begun)
	if err := errors.Join(ctx.Err(), running.Stop(context.WithoutCancel(ctx))); err != nil {
		return err
	}
	stats, err := personas.Stats(persona.Fresh(asBench(ctx)), persona.StatsArgs{Days: 1})
	if err != nil {
		return err
	}
	if len(stats.ByStatus) != 1 || stats.ByStatus[0].Key != string(persona.StatusReady) || stats.Total != jobCount {
		return fmt.Errorf("of %d jobs the store counts %d personas by status %v", jobCount, stats.Total, stats.ByStatus)
	}
	least := jobCount / jobSlots * 2 * modelTakes
	fmt.Fprintf(out, "%d jobs on SQLite, %d workers, %d calls at a time: %.2f s against %v of two calls each: x%.4f\n",
		jobCount, workers, jobSlots, took.Seconds(), least, ratio(took, least))
	return nil
}

// counted tells when the last job has been done.
type counted struct {
	personas *persona.Service
	left     atomic.Int64
	all      chan struct{}
}

// Synthesize does a job; each counts once, for none of them fails here.
func (c *counted) Synthesize(ctx context.Context, job persona.Job) error {
	err := c.personas.Synthesize(ctx, job)
	if err == nil && c.left.Add(-1) == 0 {
		close(c.all)
	}
	return err
}
