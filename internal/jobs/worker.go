package jobs

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"

	"github.com/persona-api/persona-api/internal/persona"
)

// Synthesizer does the work: persona.Service.
type Synthesizer interface {
	Synthesize(ctx context.Context, job persona.Job) error
}

// worker makes one call of the domain out of a job.
type worker struct {
	river.WorkerDefaults[args]
	synthesizer Synthesizer
	log         *slog.Logger
}

// Work runs the job on behalf of its workspace, reading its own writes.
func (w *worker) Work(ctx context.Context, job *river.Job[args]) error {
	ctx = persona.Fresh(persona.WithCaller(ctx, persona.Caller{
		Subject: "synthesis", Workspace: job.Args.Workspace, Role: persona.RoleWriter,
	}))
	return w.outcome(ctx, job, w.synthesize(ctx, job))
}

// errPanic stands for a panic where its value could carry words of a text.
var errPanic = errors.New("panic")

func (w *worker) synthesize(ctx context.Context, job *river.Job[args]) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			w.log.ErrorContext(ctx, "panic in a synthesis", "panic", cause, "stack", string(debug.Stack()), "run", job.Args.Run)
			err = errPanic
		}
	}()
	return w.synthesizer.Synthesize(ctx, persona.Job{
		Persona: job.Args.Persona,
		Run:     job.Args.Run,
		Attempt: job.Attempt,
		Last:    job.Attempt >= job.MaxAttempts,
	})
}

// outcome tells River what follows. What it returns is kept with the job's row
// and in the trace, so it has the code and the message for the client, and no
// cause; the cause is logged here.
func (w *worker) outcome(ctx context.Context, job *river.Job[args], err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err() // the process stops: River gives the job back and does not count the attempt
	}
	code := persona.CodeOf(err)
	if code == persona.CodeNotFound {
		return river.JobCancel(errors.New(string(code))) // deleted meanwhile: nothing is left to do
	}
	failure, ok := errors.AsType[*persona.Failure](err)
	level := slog.LevelWarn
	if job.Attempt >= job.MaxAttempts || ok && !failure.Retryable {
		level = slog.LevelError // nothing follows by itself
	}
	w.log.Log(ctx, level, "synthesis failed", "error", err,
		"persona", job.Args.Persona, "run", job.Args.Run, "attempt", job.Attempt, "of", job.MaxAttempts)
	if code == persona.CodeUnavailable {
		return river.JobSnooze(5 * time.Second) // the database's fault, not the job's: no attempt is used up
	}
	if !ok {
		return errors.New(string(code))
	}
	shown := errors.New(string(failure.Code) + ": " + failure.Message)
	if !failure.Retryable {
		return river.JobCancel(shown)
	}
	job.Args.retryAfter = failure.RetryAfter
	return shown
}

// NextRetry waits about 2, 4, 8 and 16 seconds after the attempts, and never
// less than the other side asked for. The spread keeps jobs that failed
// together from coming back together.
func (w *worker) NextRetry(job *river.Job[args]) time.Time {
	wait := time.Second << min(job.Attempt, 6)
	wait += rand.N(wait / 4) //nolint:gosec // spreading load needs no secrecy
	return time.Now().Add(max(wait, job.Args.retryAfter))
}
