package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/persona-api/persona-api/internal/jobs"
	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

// buffer is written by many and read by the test.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) { b.mu.Lock(); defer b.mu.Unlock(); return b.b.Write(p) }
func (b *buffer) String() string              { b.mu.Lock(); defer b.mu.Unlock(); return b.b.String() }

// call is one attempt that reached the domain.
type call struct {
	persona.Job
	caller persona.Caller
	fresh  bool
	span   trace.SpanContext
}

// domain stands where persona.Service stands: it tells of every call and does what it is told.
type domain struct {
	calls chan call
	do    func(ctx context.Context, job persona.Job) error
}

func newDomain(do func(ctx context.Context, job persona.Job) error) *domain {
	return &domain{make(chan call, 1000), do}
}

func (s *domain) Synthesize(ctx context.Context, job persona.Job) error {
	s.calls <- call{job, persona.CallerFrom(ctx), persona.IsFresh(ctx), trace.SpanContextFromContext(ctx)}
	return s.do(ctx, job)
}

// next waits for the next call.
func (s *domain) next(t testing.TB) call {
	select {
	case c := <-s.calls:
		return c
	case <-time.After(30 * time.Second):
		t.Fatal("no job has come")
		return call{}
	}
}

func done(context.Context, persona.Job) error { return nil }

func inserter(t testing.TB, d *database, tracing jobs.Tracing) *jobs.Inserter {
	i, err := jobs.NewInserter(d.pool, d.db, tracing)
	require.NoError(t, err)
	return i
}

// start works the queue until the test ends. By default jobs are found by notification alone.
func start(t testing.TB, i *jobs.Inserter, nodes jobs.Nodes, s jobs.Synthesizer, change ...func(*jobs.Options)) *jobs.Jobs {
	o := jobs.Options{Inserter: i, Synthesizer: s, Nodes: nodes, Workers: 4, Log: slog.New(slog.DiscardHandler)}.Quick(time.Hour)
	for _, f := range change {
		f(&o)
	}
	j, err := jobs.Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.Stop(context.Background())) })
	return j
}

func TestAJobRunsOnceItIsCommitted(t *testing.T) {
	each(t, func(t *testing.T, d *database) {
		i, s := inserter(t, d, jobs.Tracing{}), newDomain(done)
		start(t, i, d, s)

		_, rollback := d.transaction(t, t.Context(), i, "w", persona.NewID(), persona.NewRunID())
		rollback()
		p, r := persona.NewID(), persona.NewRunID()
		commit, _ := d.transaction(t, t.Context(), i, "acme", p, r)
		require.Empty(t, s.calls)
		commit()

		require.Equal(t, call{
			Job:    persona.Job{Persona: p, Run: r, Attempt: 1},
			caller: persona.Caller{Subject: "synthesis", Workspace: "acme", Role: persona.RoleWriter},
			fresh:  true,
		}, s.next(t))
		got := d.settled(t, r)
		require.Equal(t, "completed", got.State)
		require.Empty(t, s.calls, "what was rolled back never runs")
	})
}

func TestJobsWaitForAWorker(t *testing.T) {
	each(t, func(t *testing.T, d *database) {
		i, s := inserter(t, d, jobs.Tracing{}), newDomain(done)
		runs := map[persona.RunID]bool{}
		for range 20 {
			runs[d.enqueue(t, t.Context(), i)] = true
		}
		start(t, i, d, s)
		for range 20 {
			delete(runs, s.next(t).Run)
		}
		require.Empty(t, runs)
	})
}

func TestTheRowHoldsIDsOnly(t *testing.T) {
	each(t, func(t *testing.T, d *database) {
		i := inserter(t, d, jobs.Tracing{})
		p, r := persona.NewID(), persona.NewRunID()
		commit, _ := d.transaction(t, t.Context(), i, "acme", p, r)
		commit()
		text := d.row(t, r).Text
		args := text[:bytes.IndexByte([]byte(text), '}')+1]
		require.JSONEq(t, `{"workspace":"acme","persona":"`+p.String()+`","run":"`+r.String()+`"}`, args)
	})
}

func TestHowAnAttemptEnds(t *testing.T) {
	cause := errors.New("hunter2")
	cases := []struct {
		name    string
		err     error
		state   string
		attempt int
		wait    [2]float64 // seconds until the next attempt, from and to; 0 is not looked at
		kept    string     // in the row
	}{
		{"for good", &persona.Failure{Code: persona.FailInvalidOutput, Message: "no JSON", Cause: cause},
			"cancelled", 1, [2]float64{}, "INVALID_OUTPUT: no JSON"},
		{"for now", &persona.Failure{Code: persona.FailModelUnavailable, Message: "try later", Retryable: true, Cause: cause},
			"available", 1, [2]float64{1.9, 4}, "MODEL_UNAVAILABLE: try later"},
		{"told to wait", &persona.Failure{Code: persona.FailRateLimited, Message: "slow down", Retryable: true, RetryAfter: time.Hour, Cause: cause},
			"retryable", 1, [2]float64{3599, 3660}, "RATE_LIMITED: slow down"},
		{"persona deleted", persona.NotFound("run"), "cancelled", 1, [2]float64{}, "NOT_FOUND"},
		{"database gone", persona.Unavailable("database", cause), "available", 0, [2]float64{4.9, 10}, `"snoozes"`},
		{"anything else", cause, "available", 1, [2]float64{1.9, 4}, "INTERNAL"},
	}
	each(t, func(t *testing.T, d *database) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				i, s := inserter(t, d, jobs.Tracing{}), newDomain(func(context.Context, persona.Job) error { return c.err })
				start(t, i, d, s)
				r := d.enqueue(t, t.Context(), i)
				require.False(t, s.next(t).Last)
				got := d.settled(t, r)
				require.Equal(t, c.state, got.State)
				require.Equal(t, c.attempt, got.Attempt)
				require.Contains(t, got.Text, c.kept)
				require.NotContains(t, got.Text, "hunter2", "causes are for the log")
				if c.wait[1] > 0 {
					require.GreaterOrEqual(t, got.Wait, c.wait[0])
					require.LessOrEqual(t, got.Wait, c.wait[1])
				}
				d.exec(t, "DELETE FROM river_job") // the next case has the queue to itself
			})
		}
	})
}

func TestAPanicIsAFailedAttempt(t *testing.T) {
	each(t, func(t *testing.T, d *database) {
		i, s := inserter(t, d, jobs.Tracing{}), newDomain(func(context.Context, persona.Job) error { panic("hunter2") })
		log := new(buffer)
		start(t, i, d, s, func(o *jobs.Options) { o.Log = slog.New(slog.NewTextHandler(log, nil)) })
		r := d.enqueue(t, t.Context(), i)
		s.next(t)
		got := d.settled(t, r)
		require.Equal(t, "available", got.State)
		require.NotContains(t, got.Text, "hunter2")
		require.Contains(t, log.String(), "panic in a synthesis")
		require.Contains(t, log.String(), "TestAPanicIsAFailedAttempt")
	})
}

func TestTheNextAttemptFollows(t *testing.T) {
	each(t, func(t *testing.T, d *database) {
		i, s := inserter(t, d, jobs.Tracing{}), newDomain(func(_ context.Context, job persona.Job) error {
			if job.Attempt == 1 {
				return &persona.Failure{Code: persona.FailModelTimeout, Message: "slow", Retryable: true}
			}
			return nil
		})
		start(t, i, d, s, func(o *jobs.Options) { *o = o.Quick(100 * time.Millisecond) })
		r := d.enqueue(t, t.Context(), i)
		require.Equal(t, 1, s.next(t).Attempt)
		second := s.next(t)
		require.Equal(t, 2, second.Attempt)
		require.Equal(t, r, second.Run)
		require.Equal(t, "completed", d.settled(t, r).State)
	})
}

func TestTheLastAttemptKnowsThatItIs(t *testing.T) {
	each(t, func(t *testing.T, d *database) {
		i, s := inserter(t, d, jobs.Tracing{}), newDomain(func(context.Context, persona.Job) error {
			return &persona.Failure{Code: persona.FailModelTimeout, Message: "slow", Retryable: true}
		})
		r := d.enqueue(t, t.Context(), i)
		d.exec(t, "UPDATE river_job SET attempt = 4")
		start(t, i, d, s)
		got := s.next(t)
		require.Equal(t, 5, got.Attempt)
		require.True(t, got.Last)
		require.Equal(t, "discarded", d.settled(t, r).State)
	})
}

func TestOneTraceHoldsRequestAndJob(t *testing.T) {
	each(t, func(t *testing.T, d *database) {
		spans := tracetest.NewInMemoryExporter()
		provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
		i := inserter(t, d, jobs.Tracing{Provider: provider, Propagator: propagation.TraceContext{}})
		results := make(chan error, 1)
		s := newDomain(func(context.Context, persona.Job) error { return <-results })
		start(t, i, d, s)
		for _, c := range []struct {
			err         error
			status      codes.Code
			description string
		}{
			{nil, codes.Unset, ""},
			{&persona.Failure{Code: persona.FailInvalidOutput, Message: "no JSON", Cause: errors.New("hunter2")}, codes.Error, "JobCancelError: INVALID_OUTPUT: no JSON"},
			{persona.Unavailable("database", nil), codes.Unset, ""},
		} {
			spans.Reset()
			ctx, request := provider.Tracer("test").Start(t.Context(), "request")
			r := d.enqueue(t, ctx, i)
			results <- c.err
			got := s.next(t)
			d.settled(t, r)
			request.End()

			job := spans.GetSpans()[0]
			require.Equal(t, "process synthesize", job.Name)
			require.Equal(t, trace.SpanKindConsumer, job.SpanKind)
			require.Equal(t, request.SpanContext().TraceID(), job.SpanContext.TraceID())
			require.Equal(t, request.SpanContext().SpanID(), job.Parent.SpanID())
			require.Equal(t, job.SpanContext.SpanID(), got.span.SpanID(), "the domain works within the span")
			require.Equal(t, c.status, job.Status.Code)
			require.Equal(t, c.description, job.Status.Description)
			attributes := map[attribute.Key]string{}
			for _, a := range job.Attributes {
				attributes[a.Key] = a.Value.String()
			}
			require.NotEmpty(t, attributes["messaging.message.id"])
			require.Subset(t, attributes, map[attribute.Key]string{
				"messaging.system": "river", "messaging.operation.type": "process", "messaging.operation.name": "process",
				"messaging.destination.name": "synthesis", "river.job.kind": "synthesize", "river.job.attempt": "1", "river.job.max_attempts": "5",
			})
		}
	})
}

// mute is a node that is heard once and never again.
type mute struct {
	*database
	once sync.Once
}

func (m *mute) Beat(ctx context.Context, node string) (err error) {
	m.once.Do(func() { err = m.database.Beat(ctx, node) })
	return err
}
func (m *mute) ReleaseDead(context.Context, time.Duration) (int, error) { return 0, nil }

func TestAnotherNodeTakesOverFromADeadOne(t *testing.T) {
	each(t, func(t *testing.T, d *database) {
		i := inserter(t, d, jobs.Tracing{})
		release := make(chan struct{})
		dying := newDomain(func(context.Context, persona.Job) error { <-release; return nil })
		start(t, i, &mute{database: d}, dying, func(o *jobs.Options) { *o = o.Patient() })
		t.Cleanup(func() { close(release) }) // before the node's own stop
		r := d.enqueue(t, t.Context(), i)
		dying.next(t)
		dead := d.nodes(t)
		require.Len(t, dead, 1)

		living := newDomain(done)
		start(t, i, d, living, func(o *jobs.Options) { *o = o.Quick(10 * time.Millisecond) })
		require.Len(t, d.nodes(t), 2)
		require.Empty(t, living.calls, "a node that has just been heard is alive")

		d.aged(t, dead[0], 21)
		got := living.next(t)
		require.Equal(t, r, got.Run)
		require.Equal(t, 1, got.Attempt)
		require.Equal(t, "completed", d.settled(t, r).State)
	})
}

func TestARestartTakesOverAtOnce(t *testing.T) {
	each(t, func(t *testing.T, d *database) {
		i := inserter(t, d, jobs.Tracing{})
		runs := map[persona.RunID]bool{}
		for n := range 50 {
			r := d.enqueue(t, t.Context(), i)
			runs[r] = true
			// Half of a node long silent, half of one that nobody knows.
			d.orphan(t, r, []string{"silent", "unknown"}[n%2])
		}
		d.aged(t, "silent", 60)
		alive := d.enqueue(t, t.Context(), i)
		d.orphan(t, alive, "alive")
		d.aged(t, "alive", -3600)

		log := new(buffer)
		s := newDomain(done)
		start(t, i, d, s, func(o *jobs.Options) { o.Log = slog.New(slog.NewTextHandler(log, nil)) })
		for range 50 {
			got := s.next(t)
			require.True(t, runs[got.Run])
			delete(runs, got.Run)
		}
		require.Empty(t, s.calls)
		require.Equal(t, "running", d.row(t, alive).State)
		require.Contains(t, log.String(), `msg="jobs of dead nodes run again" jobs=50`)
	})
}

func TestStopGivesRunningJobsBack(t *testing.T) {
	each(t, func(t *testing.T, d *database) {
		i := inserter(t, d, jobs.Tracing{})
		s := newDomain(func(ctx context.Context, _ persona.Job) error {
			<-ctx.Done()
			return &persona.Failure{Code: persona.FailCancelled, Message: "interrupted", Cause: ctx.Err()}
		})
		j := start(t, i, d, s)
		r := d.enqueue(t, t.Context(), i)
		s.next(t)
		require.NoError(t, j.Stop(t.Context()))
		got := d.row(t, r)
		require.Equal(t, "available", got.State)
		require.Zero(t, got.Attempt, "an interrupted attempt does not count")
		require.Empty(t, d.nodes(t))

		again := newDomain(done)
		start(t, i, d, again)
		require.Equal(t, r, again.next(t).Run)
	})
}

func TestStopLetsRunningJobsFinish(t *testing.T) {
	each(t, func(t *testing.T, d *database) {
		i := inserter(t, d, jobs.Tracing{})
		release := make(chan struct{})
		s := newDomain(func(ctx context.Context, _ persona.Job) error { <-release; return ctx.Err() })
		j := start(t, i, d, s, func(o *jobs.Options) { *o = o.Patient() })
		r := d.enqueue(t, t.Context(), i)
		s.next(t)

		over, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, j.Stop(over), context.Canceled, "whoever will not wait is told that jobs still run")
		require.Empty(t, d.nodes(t))
		close(release)
		require.NoError(t, j.Stop(t.Context()))
		require.Equal(t, "completed", d.row(t, r).State)
	})
}

// deaf is a database that does not answer the heart.
type deaf struct {
	*database
	beat, release error
}

func (n deaf) Beat(context.Context, string) error { return n.beat }
func (n deaf) ReleaseDead(context.Context, time.Duration) (int, error) {
	return 0, n.release
}

func TestStartFailsWithoutAHeartbeat(t *testing.T) {
	each(t, func(t *testing.T, d *database) {
		for _, nodes := range []deaf{{d, errors.New("gone"), nil}, {d, nil, errors.New("gone")}} {
			_, err := jobs.Start(t.Context(), jobs.Options{
				Inserter: inserter(t, d, jobs.Tracing{}), Synthesizer: newDomain(done), Nodes: nodes, Workers: 1, Log: slog.New(slog.DiscardHandler),
			})
			require.ErrorContains(t, err, "gone")
		}
	})
}

func TestProcessesThatStartTogetherMigrateOnce(t *testing.T) {
	together := func(t *testing.T, migrate func() error) {
		errs := make(chan error, 4)
		for range cap(errs) {
			go func() { errs <- migrate() }()
		}
		for range cap(errs) {
			require.NoError(t, <-errs)
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "test.db")
		openSQLite(t, path).SetMaxIdleConns(1)
		together(t, func() error { return jobs.Migrate(t.Context(), nil, openSQLite(t, path)) })
	})
	t.Run("postgres", func(t *testing.T) {
		url := storetest.Postgres(t)
		together(t, func() error { return jobs.Migrate(t.Context(), openPostgres(t, url), nil) })
	})
}

func TestAnInserterHasOneDatabase(t *testing.T) {
	_, err := jobs.NewInserter(nil, nil, jobs.Tracing{})
	require.Error(t, err)
	each(t, func(t *testing.T, d *database) {
		i := inserter(t, d, jobs.Tracing{})
		if d.pool != nil {
			require.ErrorContains(t, i.InsertSQLite(t.Context(), nil, "w", persona.ID{}, persona.RunID{}), "not on SQLite")
		} else {
			require.ErrorContains(t, i.InsertPostgres(t.Context(), nil, "w", persona.ID{}, persona.RunID{}), "not on Postgres")
		}
	})
}

func TestRiverIsHeardFromWarningOn(t *testing.T) {
	each(t, func(t *testing.T, d *database) {
		log := new(buffer)
		i, s := inserter(t, d, jobs.Tracing{}), newDomain(done)
		j := start(t, i, d, s, func(o *jobs.Options) {
			*o = o.Patient() // giving jobs up is worth a warning
			o.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		r := d.enqueue(t, t.Context(), i)
		s.next(t)
		d.settled(t, r)
		require.NoError(t, j.Stop(t.Context()))
		require.Empty(t, log.String())
	})
}
