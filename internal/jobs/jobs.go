package jobs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
)

// Options is what the working side is made of.
type Options struct {
	Inserter    *Inserter // whose database and tracing are used
	Synthesizer Synthesizer
	Nodes       Nodes
	Workers     int // most jobs at a time in this process, at least 1
	Log         *slog.Logger

	timing *timing // nil: as below
}

// timing is what tests shorten.
type timing struct{ poll, beat, grace time.Duration }

// Jobs is the working side of the queue in this process.
type Jobs struct {
	client interface {
		Start(ctx context.Context) error
		Stop(ctx context.Context) error
	}
	heart *heart
}

// Start begins to work jobs: those waiting, those of dead nodes, and every new
// one within milliseconds of its commit. Only Stop ends it; the end of ctx does not.
func Start(ctx context.Context, o Options) (*Jobs, error) {
	ctx = context.WithoutCancel(ctx)
	times := o.timing
	if times == nil {
		times = &timing{
			// Finds what notifications cannot tell: retries whose time has come,
			// released jobs, on SQLite another process's jobs.
			poll: time.Second,
			beat: 5 * time.Second,
			// A stop waits this long for running jobs, then gives them back. Less than
			// the ten seconds most supervisors wait before they kill.
			grace: 5 * time.Second,
		}
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker{synthesizer: o.Synthesizer, log: o.Log})
	node := rand.Text()
	config := &river.Config{
		ID:         node,
		Logger:     slog.New(fromWarning{o.Log.Handler()}),
		Middleware: []rivertype.Middleware{newTracer(o.Inserter.tracing)},
		Workers:    workers,
		Queues:     map[string]river.QueueConfig{queue: {MaxWorkers: o.Workers}},

		// The longest synthesis is a text of 100,000 characters against a slow
		// model: a few dozen calls, several at a time.
		JobTimeout: 5 * time.Minute,
		// The net under the heartbeat: for a job that a living node has lost.
		RescueStuckJobsAfter: 10 * time.Minute,
		SoftStopTimeout:      times.grace,

		// Jobs come by notification, and the first of a burst is fetched at once;
		// this is the wait before the next fetch, of as many as there are workers.
		FetchCooldown:     10 * time.Millisecond,
		FetchPollInterval: times.poll,

		// Rows hold ids of people who may have been erased: keep them no longer
		// than it takes to see what happened.
		CompletedJobRetentionPeriod: time.Hour,
		CancelledJobRetentionPeriod: 24 * time.Hour,
		DiscardedJobRetentionPeriod: 24 * time.Hour,

		// The tables stay small, and REINDEX needs the rights of their owner.
		ReindexerIndexNames: []string{},
	}

	j := &Jobs{}
	var err error
	if o.Inserter.pool != nil {
		j.client, err = river.NewClient(riverpgxv5.New(o.Inserter.pool), config)
	} else {
		j.client, err = river.NewClient(newSQLiteDriver(o.Inserter.db, o.Inserter.wake), config)
	}
	if err != nil {
		return nil, fmt.Errorf("start jobs: %w", err)
	}
	// The first beat comes before the first job: whoever works unheard is taken for dead.
	if j.heart, err = startHeart(ctx, o.Nodes, node, times.beat, o.Inserter.nudge, o.Log); err != nil {
		return nil, fmt.Errorf("start jobs: %w", err)
	}
	if err := j.client.Start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start jobs: %w", err), j.heart.stop(ctx))
	}
	return j, nil
}

// Stop takes no more jobs, waits a few seconds for the running ones, gives back
// what is left without counting the attempt, and leaves. It returns ctx's error
// when ctx ends before; then the jobs still running are released by others.
func (j *Jobs) Stop(ctx context.Context) error {
	err := j.client.Stop(ctx)
	if err != nil {
		err = fmt.Errorf("stop jobs: %w", err)
	}
	return errors.Join(err, j.heart.stop(ctx))
}

// fromWarning lets through what River has to say from WARNING on; what it did
// otherwise is in the traces.
type fromWarning struct{ slog.Handler }

func (h fromWarning) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

func (h fromWarning) WithAttrs(attrs []slog.Attr) slog.Handler {
	return fromWarning{h.Handler.WithAttrs(attrs)}
}

func (h fromWarning) WithGroup(name string) slog.Handler {
	return fromWarning{h.Handler.WithGroup(name)}
}
