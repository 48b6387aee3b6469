package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"

	"golang.org/x/sync/errgroup"

	"github.com/persona-api/persona-api/graph"
	"github.com/persona-api/persona-api/internal/config"
	"github.com/persona-api/persona-api/internal/gqlhttp"
	"github.com/persona-api/persona-api/internal/httpd"
	"github.com/persona-api/persona-api/internal/telemetry"
)

// serve answers requests and works on jobs until ctx ends.
func serve(ctx context.Context, cfg config.Config, getenv func(string) string, log *slog.Logger, stdout io.Writer) (err error) {
	// The port first: whether it is free is known at once, a database may take its time.
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.Addr)
	if err != nil {
		return fmt.Errorf("ADDR (flag --addr): cannot listen on %s: %w; stop what listens there, or set another address such as :8081", cfg.Addr, err)
	}
	defer listener.Close()

	h, err := openHouse(ctx, cfg, getenv, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	workers, err := h.work(ctx)
	if err != nil {
		return err
	}

	gql := gqlhttp.New(graph.NewSchema(h.personas), gqlhttp.Options{
		Introspection:   true,
		Uploads:         true,
		ErrorPresenter:  graph.ErrorPresenter(log, telemetry.RequestID),
		RecoverFunc:     graph.Recover,
		Logger:          log,
		TracerProvider:  h.tel.TracerProvider,
		ResponseContext: func(ctx context.Context) context.Context { return graph.WithLoaders(ctx, h.personas) },
	})
	handler := httpd.New(httpd.Options{
		GraphQL: gql, Execute: gql.Execute, Ready: h.store.Ping, Environment: cfg.Environment, Version: version(), Log: log,
		TracerProvider: h.tel.TracerProvider, MeterProvider: h.tel.MeterProvider, Propagator: h.tel.Propagator,
	})

	base := "http://" + reachable(listener.Addr())
	fmt.Fprintf(stdout, "%s %s answers at %s/graphql (engine %s, %s)\n", service, version(), base, h.engines[0].Info().Name, where(cfg))
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
			err := addDemo(ctx, h.personas, stdout)
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
