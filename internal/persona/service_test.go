package persona_test

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

// scripted is an engine that finds the word after "name:" and does what it is told besides.
type scripted struct {
	fail func(text string) error // instead of reading
	slow func()                  // before the second half
	wild bool                    // adds what is not in the text
	mute bool                    // composes nothing
	rev  string                  // of its prompts
	name string                  // "scripted" when empty
	paid bool                    // costs what it says it costs
}

func (e scripted) Estimate(int) persona.Usage {
	if e.paid {
		return persona.Usage{InputTokens: 10, OutputTokens: 5, CostMicros: 7}
	}
	return persona.Usage{}
}

func (e scripted) Info() persona.EngineInfo {
	return persona.EngineInfo{Name: cmp.Or(e.name, "scripted"), PromptHash: "1" + e.rev}
}

func (e scripted) Extract(_ context.Context, src persona.Source, emit func([]persona.Draft) error) (persona.Usage, error) {
	if e.fail != nil {
		if err := e.fail(*src.Text); err != nil {
			return persona.Usage{}, err
		}
	}
	var out []persona.Draft
	at := 0
	for _, line := range strings.SplitAfter(*src.Text, "\n") {
		if field, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			start := at + utf8.RuneCountInString(field) + 2
			out = append(out, persona.Draft{Path: field, Value: value, Basis: persona.BasisStated, Confidence: 900,
				Start: start, End: start + utf8.RuneCountInString(value), Quote: value})
		}
		at += utf8.RuneCountInString(line)
	}
	if e.wild {
		out = append(out, persona.Draft{Path: "name", Value: "Nobody Known", Basis: persona.BasisStated, Confidence: 1000, Start: 0, End: 12, Quote: "Nobody Known"},
			persona.Draft{Path: "communication.tone", Value: "warm", Basis: persona.BasisStated, Confidence: 1000, Quote: "so warm", End: 7})
	}
	if err := emit(out); err != nil || e.slow == nil {
		return persona.Usage{InputTokens: 10, OutputTokens: 5, CostMicros: 7}, err
	}
	e.slow()
	return persona.Usage{InputTokens: 10, OutputTokens: 5, CostMicros: 7}, emit(out[:0])
}

func (e scripted) Compose(_ context.Context, facts []persona.Fact) ([]persona.Draft, persona.Usage, error) {
	if e.mute {
		return nil, persona.Usage{}, &persona.Failure{Code: persona.FailModelUnavailable, Message: "no words"}
	}
	return []persona.Draft{{Path: "summary", Value: "Found: " + facts[0].Value, Confidence: 500, Cites: []persona.ClaimID{facts[0].ID}}}, persona.Usage{}, nil
}

// world is a service on a store whose queue is a list that the test works through.
type world struct {
	*persona.Service
	store *store.Store
	ctx   context.Context
	mu    sync.Mutex
	jobs  []persona.Job
}

func newWorld(t *testing.T, s *store.Store, e ...persona.Engine) *world {
	w := &world{store: s, ctx: persona.WithCaller(t.Context(), persona.Caller{Subject: "ada", Workspace: "default", Role: persona.RoleWriter})}
	s.SetEnqueue(collect(func(job persona.Job) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.jobs = append(w.jobs, job)
	}))
	w.Service = persona.NewService(w.options(e...))
	return w
}

func (w *world) options(e ...persona.Engine) persona.Options {
	return persona.Options{Reader: w.store, Writer: w.store, Bus: w.store, Engines: e, Log: slog.New(slog.DiscardHandler)}
}

// work does the job that was enqueued last.
func (w *world) work(t *testing.T) {
	t.Helper()
	require.NoError(t, w.Synthesize(w.ctx, w.jobs[len(w.jobs)-1]))
}

// collect is a queue that hands first attempts to f.
func collect(f func(persona.Job)) store.Enqueue {
	take := func(p persona.ID, r persona.RunID) error {
		f(persona.Job{Persona: p, Run: r, Attempt: 1})
		return nil
	}
	return store.Enqueue{
		Postgres: func(_ context.Context, _ pgx.Tx, _ string, p persona.ID, r persona.RunID) error { return take(p, r) },
		SQLite:   func(_ context.Context, _ *sql.Tx, _ string, p persona.ID, r persona.RunID) error { return take(p, r) },
	}
}

// with is the same world with another engine.
func (w *world) with(e persona.Engine) *world {
	return &world{Service: persona.NewService(w.options(e)), store: w.store, ctx: w.ctx, jobs: w.jobs}
}

func (w *world) create(t *testing.T, in persona.Create) *persona.Persona {
	none := 0
	in.WaitSeconds = &none
	p, err := w.Create(w.ctx, in)
	require.NoError(t, err)
	return p
}

func (w *world) read(t *testing.T, id persona.ID) *persona.Persona {
	p, err := w.Persona(persona.Fresh(w.ctx), id, persona.Columns{Profile: true, Document: true})
	require.NoError(t, err)
	return p
}

func (w *world) run(t *testing.T, id persona.ID) *persona.Run {
	runs, err := w.LatestRuns(persona.Fresh(w.ctx), []persona.ID{id})
	require.NoError(t, err)
	return runs[0]
}

func text(s string) *string { return &s }

func TestATextBecomesAPersona(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, scripted{wild: true})
		role := "Head of Poetry"
		p := w.create(t, persona.Create{Text: text("name: 😀 Ada Byron\nskills.hard: Algebra\n"), Tags: []string{" maths ", "maths"}, Subject: &persona.Subject{Role: &role}})
		require.Equal(t, persona.StatusPending, w.read(t, p.ID).Status)
		require.Equal(t, persona.StageQueued, w.run(t, p.ID).Stage)
		require.NoError(t, w.Synthesize(w.ctx, w.jobs[0]))

		got := w.read(t, p.ID)
		require.Equal(t, persona.StatusReady, got.Status)
		require.Equal(t, "😀 Ada Byron", *got.Name)
		require.Equal(t, role, *got.Role)
		require.Equal(t, []string{"maths"}, got.Tags)
		require.Equal(t, 1, got.VersionNumber)
		profile, err := got.Profile()
		require.NoError(t, err)
		require.Equal(t, persona.BasisEdited, profile.Role.Basis)
		require.Equal(t, persona.BasisInferred, profile.Communication.Tone.Basis, "its quote is invented")
		require.Empty(t, profile.Communication.Tone.Evidence)
		require.Empty(t, profile.Name.Alternatives, "an invented name does not get in")
		require.Equal(t, "Found: 😀 Ada Byron", *got.Summary)
		require.Equal(t, profile.Name.Claims, profile.Summary.RestsOn)
		run := w.run(t, p.ID)
		require.Equal(t, persona.StageDone, run.Stage)
		require.Equal(t, persona.Usage{InputTokens: 10, OutputTokens: 5, CostMicros: 7}, run.Usage)
		require.Equal(t, 2, run.ClaimsProven)

		require.NoError(t, w.Synthesize(w.ctx, w.jobs[0]), "done again")
		require.Equal(t, got, w.read(t, p.ID), "changes nothing")

		changes, err := w.Changes(w.ctx, persona.VersionID{Persona: p.ID, Number: 1}, nil)
		require.NoError(t, err)
		require.Equal(t, "name", changes[0].Path)
		require.Empty(t, changes[0].Before)
		v, err := w.VersionAt(persona.Fresh(w.ctx), p.ID, nil, &got.UpdatedAt)
		require.NoError(t, err)
		require.Equal(t, persona.ReasonCreated, v.Reason)
		early := got.UpdatedAt.Add(-time.Hour)
		v, err = w.VersionAt(persona.Fresh(w.ctx), p.ID, nil, &early)
		require.NoError(t, err)
		require.Nil(t, v)
	})
}

func TestTwoAttemptsAtOnceMakeOneVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, scripted{})
		p := w.create(t, persona.Create{Text: text("name: Ada Byron")})
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() { require.NoError(t, w.Synthesize(w.ctx, w.jobs[0])) })
		}
		wg.Wait()
		require.Equal(t, 1, w.read(t, p.ID).VersionNumber)
		claims, err := w.ClaimsOfRun(persona.Fresh(w.ctx), w.jobs[0].Run)
		require.NoError(t, err)
		require.Len(t, claims, 2, "the name and the summary, once each")
	})
}

func TestFailuresStandOnTheRun(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		busy := &persona.Failure{Code: persona.FailRateLimited, Message: "busy", Retryable: true}
		w := newWorld(t, s, scripted{fail: func(string) error { return busy }})
		p := w.create(t, persona.Create{Text: text("name: Ada Byron")})
		err := w.Synthesize(w.ctx, w.jobs[0])
		var failure *persona.Failure
		require.ErrorAs(t, err, &failure)
		require.True(t, failure.Retryable)
		run := w.run(t, p.ID)
		require.Equal(t, persona.StageQueued, run.Stage, "another attempt follows")
		require.Equal(t, persona.FailRateLimited, run.Failure.Code)
		require.Equal(t, persona.StatusPending, w.read(t, p.ID).Status)

		last := w.jobs[0]
		last.Attempt, last.Last = 2, true
		require.Error(t, w.Synthesize(w.ctx, last))
		require.Equal(t, persona.StageFailed, w.run(t, p.ID).Stage)
		require.Equal(t, 2, w.run(t, p.ID).Attempts)
		require.Equal(t, persona.StatusFailed, w.read(t, p.ID).Status)

		panics := w.with(scripted{fail: func(string) error { panic("no engine") }})
		r := w.create(t, persona.Create{Text: text("name: Eve")})
		fatal := w.jobs[1]
		for fatal.Attempt = 1; fatal.Attempt <= 10; fatal.Attempt++ {
			require.ErrorAs(t, panics.Synthesize(w.ctx, fatal), &failure)
			require.Equal(t, persona.StageQueued, w.run(t, r.ID).Stage)
		}
		require.ErrorAs(t, panics.Synthesize(w.ctx, fatal), &failure)
		require.False(t, failure.Retryable, "not for ever, though no attempt was said to be the last")
		require.Equal(t, persona.StatusFailed, w.read(t, r.ID).Status)

		broken := w.with(scripted{fail: func(string) error { return errors.New("disk on fire") }})
		q := w.create(t, persona.Create{Text: text("name: Bob")})
		job := w.jobs[2]
		job.Last = true
		require.ErrorAs(t, broken.Synthesize(w.ctx, job), &failure)
		require.Equal(t, persona.FailInternal, w.run(t, q.ID).Failure.Code)
		require.NotContains(t, w.run(t, q.ID).Failure.Message, "fire", "the cause is for the log")
	})
}

// expiring is a context whose deadline is when the test says so.
type expiring struct {
	context.Context
	over chan struct{}
}

func (e expiring) Done() <-chan struct{} { return e.over }

func (e expiring) Err() error {
	select {
	case <-e.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func TestAJobOutOfTimeSaysSo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		over := make(chan struct{})
		w := newWorld(t, s, scripted{fail: func(string) error { close(over); return context.DeadlineExceeded }})
		p := w.create(t, persona.Create{Text: text("name: Ada Byron")})
		job := w.jobs[0]
		job.Last = true
		var failure *persona.Failure
		require.ErrorAs(t, w.Synthesize(expiring{w.ctx, over}, job), &failure)
		require.Equal(t, persona.FailModelTimeout, w.run(t, p.ID).Failure.Code)
		require.Equal(t, persona.StageFailed, w.run(t, p.ID).Stage)
		require.Equal(t, persona.StatusFailed, w.read(t, p.ID).Status, "not PENDING for ever, without a job")
	})
}

func TestTheDatabasesAbsenceIsNotTheRunsFailure(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, scripted{fail: func(string) error { return persona.Unavailable("database", nil) }})
		p := w.create(t, persona.Create{Text: text("name: Ada Byron")})
		job := w.jobs[0]
		job.Last = true
		require.Equal(t, persona.CodeUnavailable, persona.CodeOf(w.Synthesize(w.ctx, job)))
		require.False(t, w.run(t, p.ID).Stage.Over())
		require.NoError(t, w.with(scripted{}).Synthesize(w.ctx, job))
		require.Equal(t, persona.StatusReady, w.read(t, p.ID).Status)
	})
}

func TestANarrativeStaysUntilAnotherIsComposed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, scripted{})
		p := w.create(t, persona.Create{Text: text("name: Ada Byron")})
		require.NoError(t, w.Synthesize(w.ctx, w.jobs[0]))
		more := func(e persona.Engine, line string) *persona.Persona {
			with := w.with(e)
			_, err := with.AddSources(w.ctx, persona.AddSources{ID: p.ID, Text: &line, WaitSeconds: new(0)})
			require.NoError(t, err)
			require.NoError(t, with.Synthesize(w.ctx, w.jobs[len(w.jobs)-1]))
			return w.read(t, p.ID)
		}
		got := more(scripted{mute: true}, "skills.hard: Algebra")
		require.Equal(t, 2, got.VersionNumber)
		require.NotNil(t, got.Summary, "the engine could not compose: what was there stays")
		require.Equal(t, "Found: Ada Byron", *got.Summary)
		require.Equal(t, persona.FailModelUnavailable, w.run(t, p.ID).Failure.Code)

		got = more(scripted{rev: "b"}, "role: Mathematician")
		profile, err := got.Profile()
		require.NoError(t, err)
		require.Equal(t, 3, got.VersionNumber)
		require.Len(t, profile.Summary.Claims, 1, "what was composed before has gone")
		v, err := w.VersionAt(persona.Fresh(w.ctx), p.ID, new(3), nil)
		require.NoError(t, err)
		require.Equal(t, persona.ReasonSourceAdded, v.Reason)
	})
}

func TestOneBadSourceDoesNotStopTheOthers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, scripted{fail: func(text string) error {
			if strings.Contains(text, "bad") {
				return &persona.Failure{Code: persona.FailInvalidOutput, Message: "no"}
			}
			return nil
		}})
		p := w.create(t, persona.Create{Sources: []persona.SourceInput{{Text: text("name: Ada Byron")}, {Text: text("name: bad")}}})
		require.NoError(t, w.Synthesize(w.ctx, w.jobs[0]))
		require.Equal(t, "Ada Byron", *w.read(t, p.ID).Name)
		pages, err := w.SourcesOf(persona.Fresh(w.ctx), []persona.ID{p.ID}, persona.PageArgs{}, false)
		require.NoError(t, err)
		require.Equal(t, persona.SourceRead, pages[0].Nodes()[0].Status)
		require.Equal(t, persona.SourceFailed, pages[0].Nodes()[1].Status)
	})
}

func TestBadInputIsRefusedAndNothingIsKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, scripted{})
		blank, long, wait := "   ", strings.Repeat("x", persona.MaxText+1), 61
		for name, c := range map[string]struct {
			in   persona.Create
			code persona.Code
		}{
			"nothing":      {persona.Create{}, persona.CodeInvalid},
			"empty":        {persona.Create{Text: text("")}, persona.CodeInvalid},
			"spaces":       {persona.Create{Text: text(" \n\t ")}, persona.CodeInvalid},
			"too long":     {persona.Create{Text: &long}, persona.CodeTooLarge},
			"broken UTF-8": {persona.Create{Text: text("a\xff")}, persona.CodeInvalid},
			"NUL":          {persona.Create{Text: text("a\x00")}, persona.CodeInvalid},
			"twice":        {persona.Create{Text: text("a"), Sources: []persona.SourceInput{{Text: text("a")}}}, persona.CodeInvalid},
			"many": {persona.Create{Sources: func() (out []persona.SourceInput) {
				for i := range 11 {
					out = append(out, persona.SourceInput{Text: text(strings.Repeat("a", i+1))})
				}
				return out
			}()}, persona.CodeTooLarge},
			"empty tag":      {persona.Create{Text: text("a"), Tags: []string{" "}}, persona.CodeInvalid},
			"blank subject":  {persona.Create{Text: text("a"), Subject: &persona.Subject{Name: &blank}}, persona.CodeInvalid},
			"waits too long": {persona.Create{Text: text("a"), WaitSeconds: &wait}, persona.CodeInvalid},
		} {
			_, err := w.Create(w.ctx, c.in)
			require.Equal(t, c.code, persona.CodeOf(err), name)
		}
		stats, err := w.Stats(persona.Fresh(w.ctx), persona.StatsArgs{Days: 1})
		require.NoError(t, err)
		require.Zero(t, stats.Total)
		require.Zero(t, stats.Sources)
		require.Empty(t, w.jobs)
		_, err = w.Create(w.ctx, persona.Create{Text: text(strings.Repeat("é", persona.MaxText)), WaitSeconds: new(int)})
		require.NoError(t, err, "exactly the limit, in characters, not bytes")
	})
}

func TestCreateWaitsForTheResult(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, scripted{})
		done := make(chan *persona.Persona)
		go func() {
			p, err := w.Create(w.ctx, persona.Create{Text: text("name: Ada Byron")})
			if err != nil {
				t.Error(err)
			}
			done <- p
		}()
		var job persona.Job
		require.Eventually(t, func() bool {
			w.mu.Lock()
			defer w.mu.Unlock()
			if len(w.jobs) == 0 {
				return false
			}
			job = w.jobs[0]
			_, err := w.Persona(persona.Fresh(w.ctx), job.Persona, persona.Columns{})
			return err == nil
		}, 30*time.Second, time.Millisecond)
		require.NoError(t, w.Synthesize(w.ctx, job))
		require.Equal(t, persona.StatusReady, (<-done).Status)

		one := 1
		p, err := w.Create(w.ctx, persona.Create{Text: text("name: Bob"), WaitSeconds: &one})
		require.NoError(t, err)
		require.Equal(t, persona.StatusPending, p.Status, "nobody works: it comes back as it is")
	})
}

func TestWatchingASynthesis(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		half := make(chan struct{})
		w := newWorld(t, s, scripted{slow: func() { <-half }})
		p := w.create(t, persona.Create{Text: text("name: Ada Byron")})
		events, err := w.WatchSynthesis(w.ctx, p.ID)
		require.NoError(t, err)
		first := <-events
		require.Equal(t, persona.StageQueued, first.Run.Stage, "where it stands now")
		close(half)
		require.NoError(t, w.Synthesize(w.ctx, w.jobs[0]))
		var claims []*persona.Claim
		var last *persona.SynthesisEvent
		for e := range events {
			claims, last = append(claims, e.NewClaims...), e
		}
		require.Equal(t, persona.StageDone, last.Run.Stage, "it ends with the end")
		require.Equal(t, persona.StatusReady, last.Persona.Status)
		require.Len(t, claims, 2, "each claim once")

		_, err = w.WatchSynthesis(w.ctx, persona.NewID())
		require.Equal(t, persona.CodeNotFound, persona.CodeOf(err))
	})
}

func TestWatchingChanges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, scripted{})
		ctx, stop := context.WithCancel(w.ctx)
		changes, err := w.WatchChanges(ctx, nil)
		require.NoError(t, err)
		elsewhere := persona.WithCaller(ctx, persona.Caller{Subject: "eve", Workspace: "other"})
		foreign, err := w.WatchChanges(elsewhere, nil)
		require.NoError(t, err)
		p := w.create(t, persona.Create{Text: text("name: Ada Byron")})
		require.Equal(t, persona.EventCreated, (<-changes).Kind)
		require.NoError(t, w.Synthesize(w.ctx, w.jobs[0]))
		change := <-changes
		require.Equal(t, persona.EventUpdated, change.Kind)
		require.Equal(t, "Ada Byron", *change.Persona.Name)
		_, err = w.Delete(w.ctx, persona.Delete{ID: p.ID})
		require.NoError(t, err)
		change = <-changes
		require.Equal(t, persona.EventDeleted, change.Kind)
		require.Nil(t, change.Persona)
		stop()
		for c := range foreign {
			t.Errorf("another workspace heard of %s", c.ID)
		}
		for range changes {
			t.Error("nothing comes after the end")
		}
		_, err = w.Delete(w.ctx, persona.Delete{ID: p.ID})
		require.Equal(t, persona.CodeNotFound, persona.CodeOf(err))
		require.NoError(t, w.Synthesize(w.ctx, w.jobs[0]), "a deleted persona needs no synthesis")
	})
}
