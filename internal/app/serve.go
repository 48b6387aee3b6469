package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/persona-api/persona-api/graph"
	"github.com/persona-api/persona-api/internal/config"
	"github.com/persona-api/persona-api/internal/extract"
	"github.com/persona-api/persona-api/internal/fetch"
	"github.com/persona-api/persona-api/internal/gqlhttp"
	"github.com/persona-api/persona-api/internal/httpd"
	"github.com/persona-api/persona-api/internal/jobs"
	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/synth"
	"github.com/persona-api/persona-api/internal/telemetry"
)

// shutdownTime is what requests, jobs and telemetry together have to come to an end.
const shutdownTime = 15 * time.Second

// serve answers requests and works on jobs until ctx ends.
func serve(ctx context.Context, cfg config.Config, getenv func(string) string, log *slog.Logger, stdout io.Writer) (err error) {
	tel, err := telemetry.Start(ctx, telemetry.Options{Service: service, Version: version(), Environment: cfg.Environment, Getenv: getenv})
	if err != nil {
		return err
	}
	defer ending(&err, tel.Shutdown)

	// The port first: whether it is free is known at once, a database may take its time.
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.Addr)
	if err != nil {
		return fmt.Errorf("ADDR (flag --addr): cannot listen on %s: %w; stop what listens there, or set another address such as :8081", cfg.Addr, err)
	}
	defer listener.Close()

	s, err := openStore(ctx, cfg, log, tel)
	if err != nil {
		return err
	}
	defer s.Close()
	inserter, err := jobs.NewInserter(s.Pool(), s.SQL(), jobs.Tracing{Provider: tel.TracerProvider, Propagator: tel.Propagator})
	if err != nil {
		return err
	}
	s.SetEnqueue(store.Enqueue{Postgres: inserter.InsertPostgres, SQLite: inserter.InsertSQLite})
	engines, err := newEngines(cfg, log, tel)
	if err != nil {
		return err
	}
	personas := persona.NewService(persona.Options{
		Reader: s, Writer: s, Bus: s, Engines: engines, Pages: fetch.New(fetch.Options{}), Budget: int64(cfg.LLMBudgetUSD * 1e6), Log: log,
	})
	workers, err := jobs.Start(ctx, jobs.Options{Inserter: inserter, Synthesizer: personas, Nodes: s, Workers: cfg.JobWorkers, Log: log})
	if err != nil {
		return err
	}

	gql := gqlhttp.New(graph.NewSchema(personas), gqlhttp.Options{
		Introspection:   true,
		Uploads:         true,
		ErrorPresenter:  graph.ErrorPresenter(log, telemetry.RequestID),
		RecoverFunc:     graph.Recover,
		Logger:          log,
		TracerProvider:  tel.TracerProvider,
		ResponseContext: func(ctx context.Context) context.Context { return graph.WithLoaders(ctx, personas) },
	})
	handler := httpd.New(httpd.Options{
		GraphQL: gql, Execute: gql.Execute, Ready: s.Ping, Environment: cfg.Environment, Version: version(), Log: log,
		TracerProvider: tel.TracerProvider, MeterProvider: tel.MeterProvider, Propagator: tel.Propagator,
	})

	base := "http://" + reachable(listener.Addr())
	fmt.Fprintf(stdout, "%s %s answers at %s/graphql (engine %s, %s)\n", service, version(), base, engines[0].Info().Name, where(cfg))
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return httpd.Serve(ctx, listener, handler, log) })
	// All at once, for a supervisor's patience is short; and streams have no end of
	// their own, so that the HTTP server would wait for them.
	for _, stop := range []func(context.Context) error{gql.Shutdown, workers.Stop} {
		group.Go(func() (err error) {
			<-ctx.Done()
			ending(&err, stop)
			return err
		})
	}
	if cfg.Demo {
		group.Go(func() error {
			err := addDemo(ctx, personas, stdout)
			if ctx.Err() != nil {
				return nil // stopped in the middle: the next start does not find an empty database
			}
			if err == nil {
				fmt.Fprintf(stdout, "try: curl %s/graphql -H 'Content-Type: application/json' -d '{\"query\":\"{ personas { nodes { name role location } } }\"}'\n", base)
			}
			return err
		})
	}
	return group.Wait()
}

// newEngines makes what reads texts: first the one that LLM_PROVIDER names, then
// every other one that has its settings, for whoever asks for it by name.
func newEngines(cfg config.Config, log *slog.Logger, tel *telemetry.Telemetry) ([]persona.Engine, error) {
	var out []persona.Engine
	for _, provider := range cfg.Providers() {
		cfg.LLMProvider = provider
		e, err := newEngine(cfg, log, tel)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// newEngine makes the engine of LLM_PROVIDER.
func newEngine(cfg config.Config, log *slog.Logger, tel *telemetry.Telemetry) (persona.Engine, error) {
	o := synth.Options{
		Provider: cfg.LLMProvider, Concurrency: cfg.LLMConcurrency, Rate: cfg.LLMRate, Timeout: cfg.LLMTimeout, Prices: cfg.LLMPrices,
		Log: log, TracerProvider: tel.TracerProvider, MeterProvider: tel.MeterProvider,
	}
	switch cfg.LLMProvider {
	case config.ProviderOpenAI:
		o.Model, o.APIKey, o.BaseURL = cfg.OpenAIModel, cfg.OpenAIAPIKey.Reveal(), cfg.OpenAIBaseURL
	case config.ProviderAnthropic:
		o.Model, o.APIKey = cfg.AnthropicModel, cfg.AnthropicAPIKey.Reveal()
	case config.ProviderOllama:
		o.Model, o.BaseURL = cfg.OllamaModel, cfg.OllamaBaseURL
	default:
		return extract.New(), nil
	}
	return synth.New(o)
}

// ending runs a shutdown with its own time, for ctx has ended by then.
func ending(err *error, stop func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	*err = errors.Join(*err, stop(ctx))
}

// reachable is an address a person can type.
func reachable(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// where says which database is in use, without its address.
func where(cfg config.Config) string {
	if cfg.DatabaseURL.IsSet() {
		return "PostgreSQL"
	}
	return "SQLite in " + cfg.DataDir
}
