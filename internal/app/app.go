// Package app wires the house: it is the only one that sees all packages. One
// file per command.
package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"

	"github.com/persona-api/persona-api/internal/config"
	"github.com/persona-api/persona-api/internal/jobs"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/telemetry"
)

// service is the name the program goes by in answers and telemetry.
const service = "persona-api"

// Run is the whole program: it reads args (without the program's name) and the
// environment through getenv, does what is asked until ctx ends, and returns nil
// or an error whose text is one line that says what to mend. What the user asked
// to see goes to stdout, the log to stderr; stdin is read when args ask for it.
func Run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	cfg, err := config.Load(args, getenv)
	if err != nil {
		return err
	}
	log := telemetry.NewLogger(stderr, cfg.LogLevel, cfg.Environment)
	switch cfg.Command {
	case config.CommandHelp:
		_, err = io.WriteString(stdout, cfg.Help)
	case config.CommandVersion:
		_, err = fmt.Fprintln(stdout, service, version())
	case config.CommandAdd:
		err = add(ctx, cfg, log, stdin, stdout, stderr)
	case config.CommandResynthesize:
		err = resynthesize(ctx, cfg, log, stdout, stderr)
	case config.CommandMigrate:
		err = migrate(ctx, cfg, log, stdout)
	case config.CommandEval:
		err = evaluate(ctx, cfg, log, stdout, stderr)
	case config.CommandServe:
		err = serve(ctx, cfg, getenv, log, stdout)
	}
	return err
}

// version is the module's version, or the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "devel-" + s.Value[:12]
		}
	}
	return "devel"
}

// openStore opens the database and brings its tables, and the queue's, up to date.
func openStore(ctx context.Context, cfg config.Config, log *slog.Logger, tel *telemetry.Telemetry) (*store.Store, error) {
	s, err := store.Open(ctx, store.Options{
		URL: cfg.DatabaseURL.Reveal(), ReadURL: cfg.DatabaseReadURL.Reveal(), DataDir: cfg.DataDir, MaxConns: cfg.DatabaseMaxConns,
		Log: log, TracerProvider: tel.TracerProvider,
	})
	if err != nil {
		return nil, err
	}
	err = s.Migrate(ctx)
	if err == nil {
		err = jobs.Migrate(ctx, s.Pool(), s.SQL())
	}
	if err != nil {
		_ = s.Close() // nothing has been written through it that could be lost
		return nil, err
	}
	return s, nil
}
