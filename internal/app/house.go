package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/persona-api/persona-api/internal/config"
	"github.com/persona-api/persona-api/internal/fetch"
	"github.com/persona-api/persona-api/internal/jobs"
	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/telemetry"
)

// house is what a command needs that makes, reads or changes personas: the
// database and everything that stands on it.
type house struct {
	cfg      config.Config
	log      *slog.Logger
	tel      *telemetry.Telemetry
	store    *store.Store
	engines  []persona.Engine // the first reads what nobody says another should read
	personas *persona.Service
	inserter *jobs.Inserter
}

// openHouse opens the database, brought up to date. getenv says what is observed.
// Nothing is read from texts before work begins. The caller closes the house.
func openHouse(ctx context.Context, cfg config.Config, getenv func(string) string, log *slog.Logger) (*house, error) {
	tel, err := observe(ctx, cfg, getenv)
	if err != nil {
		return nil, err
	}
	h := &house{cfg: cfg, log: log, tel: tel}
	if err := h.furnish(ctx); err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

func (h *house) furnish(ctx context.Context) (err error) {
	if h.store, err = openStore(ctx, h.cfg, h.log, h.tel); err != nil {
		return err
	}
	if h.inserter, err = jobs.NewInserter(h.store.Pool(), h.store.SQL(), jobs.Tracing{Provider: h.tel.TracerProvider, Propagator: h.tel.Propagator}); err != nil {
		return err
	}
	h.store.SetEnqueue(store.Enqueue{Postgres: h.inserter.InsertPostgres, SQLite: h.inserter.InsertSQLite})
	if h.engines, err = newEngines(h.cfg, h.log, h.tel); err != nil {
		return err
	}
	h.personas = persona.NewService(persona.Options{
		Reader: h.store, Writer: h.store, Bus: h.store, Engines: h.engines, Pages: fetch.New(fetch.Options{}), Budget: int64(h.cfg.LLMBudgetUSD * 1e6), Log: h.log,
	})
	return nil
}

// work begins to work the queue in this process; see jobs.Start.
func (h *house) work(ctx context.Context) (*jobs.Jobs, error) {
	return jobs.Start(ctx, jobs.Options{Inserter: h.inserter, Synthesizer: h.personas, Nodes: h.store, Workers: h.cfg.JobWorkers, Log: h.log})
}

// over waits for the end of the persona's latest run and returns the run as it is
// then, or as it is when ctx ends before that; nil when the persona has none, or is gone.
func (h *house) over(ctx context.Context, id persona.ID) (*persona.Run, error) {
	listening, stop := context.WithCancel(ctx)
	defer stop()
	events, err := h.store.Subscribe(listening) // before the first look, so that nothing falls between
	if err != nil && ctx.Err() == nil {
		return nil, err
	}
	poll := time.NewTicker(time.Second) // for events lost on the way, and another process's at the same SQLite file
	defer poll.Stop()
	for {
		runs, err := h.personas.LatestRuns(persona.Fresh(context.WithoutCancel(ctx)), []persona.ID{id})
		if err != nil {
			return nil, err
		}
		if runs[0] == nil || runs[0].Stage.Over() || ctx.Err() != nil {
			return runs[0], nil
		}
		for again := false; !again; {
			select {
			case e, ok := <-events:
				if !ok {
					events = nil
				}
				again = ok && (e.Persona == id || e.Persona.IsZero())
			case <-poll.C:
				again = true
			case <-ctx.Done():
				again = true
			}
		}
	}
}

// close lets go of everything. Workers must have been stopped.
func (h *house) close() (err error) {
	if h.store != nil {
		err = h.store.Close()
	}
	ending(&err, h.tel.Shutdown)
	return err
}

// atTheTerminal returns a context that acts for whoever runs a command.
func atTheTerminal(ctx context.Context) context.Context {
	return persona.WithCaller(ctx, persona.Caller{Subject: "cli", Workspace: "default", Role: persona.RoleWriter})
}

// observe starts telemetry as getenv asks for it.
func observe(ctx context.Context, cfg config.Config, getenv func(string) string) (*telemetry.Telemetry, error) {
	return telemetry.Start(ctx, telemetry.Options{Service: service, Version: version(), Environment: cfg.Environment, Getenv: getenv})
}

// unobserved is the environment of a command that comes and goes: what a server
// sends to a collector or offers on a port is not for it to send and offer too.
func unobserved(string) string { return "" }

// shutdownTime is what requests, jobs and telemetry together have to come to an end.
const shutdownTime = 15 * time.Second

// ending runs a shutdown with its own time, for the command's ctx has ended by then.
func ending(err *error, stop func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	*err = errors.Join(*err, stop(ctx))
}
