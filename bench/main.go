// Bench loads biographies into a fresh store through the domain's Service and
// the built-in engine, and times what readers do: lists, a deep page, one
// persona, searches for rare, medium and frequent words, statistics. Before that it
// measures what the chain adds to a model's own time.
//
// See README.md in this directory; `make bench` runs it on both databases.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"

	"github.com/persona-api/persona-api/internal/store"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Getenv, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// settings are what the environment says.
type settings struct {
	texts    string // BENCH_TEXTS: a JSONL file of {"text": …}; "" for generated ones
	n        int    // BENCH_N: how many texts
	rounds   int    // BENCH_ROUNDS: how often each read is timed
	postgres string // BENCH_DATABASE_URL: an empty database; "" leaves PostgreSQL out
	only     string // BENCH_ONLY: store or chain; "" is both
}

// What BENCH_ONLY may say.
const (
	onlyStore = "store"
	onlyChain = "chain"
)

func load(getenv func(string) string) (settings, error) {
	s := settings{texts: getenv("BENCH_TEXTS"), n: 5000, rounds: 300, postgres: getenv("BENCH_DATABASE_URL"), only: getenv("BENCH_ONLY")}
	if s.only != "" && s.only != onlyStore && s.only != onlyChain {
		return s, fmt.Errorf("BENCH_ONLY must be store or chain, or unset for both; is %q", s.only)
	}
	for name, to := range map[string]*int{"BENCH_N": &s.n, "BENCH_ROUNDS": &s.rounds} {
		v := getenv(name)
		if v == "" {
			continue
		}
		n, err := strconv.Atoi(v)
		if err != nil || n < 100 {
			return s, fmt.Errorf("%s must be a number from 100, is %q", name, v)
		}
		*to = n
	}
	return s, nil
}

func run(ctx context.Context, getenv func(string) string, stdout, stderr io.Writer) (err error) {
	cfg, err := load(getenv)
	if err != nil {
		return err
	}
	texts := biographies(cfg.n)
	if cfg.texts != "" {
		if texts, err = readTexts(cfg.texts, cfg.n); err != nil {
			return err
		}
	}
	fmt.Fprintf(stdout, "%d texts, %d code points in all; %s %s/%s, %d CPUs\n", len(texts), codePoints(texts),
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0))

	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	dir, err := os.MkdirTemp("", "persona-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if cfg.only != onlyStore {
		if err := benchChain(ctx, texts, dir, log, stdout); err != nil {
			return fmt.Errorf("chain: %w", err)
		}
	}
	if cfg.only == onlyChain {
		return nil
	}
	words, err := chooseWords(texts)
	if err != nil {
		return err
	}
	databases := []struct {
		name    string
		options store.Options
	}{{"SQLite", store.Options{DataDir: dir, Log: log}}}
	if cfg.postgres != "" {
		databases = append(databases, struct {
			name    string
			options store.Options
		}{"PostgreSQL", store.Options{URL: cfg.postgres, Log: log}})
	} else {
		fmt.Fprintln(stderr, "bench: BENCH_DATABASE_URL is unset, so PostgreSQL is left out; make bench starts one")
	}
	for _, db := range databases {
		fmt.Fprintf(stdout, "\n%s\n", db.name)
		if err := bench(ctx, db.options, log, texts, words, cfg.rounds, stdout, stderr); err != nil {
			return fmt.Errorf("%s: %w", db.name, err)
		}
	}
	return nil
}

// bench loads one database and measures it.
func bench(ctx context.Context, o store.Options, log *slog.Logger, texts []string, words []wordClass, rounds int, stdout, stderr io.Writer) error {
	s, err := store.Open(ctx, o)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	ctx = asBench(ctx)
	personas, loaded, err := fill(ctx, s, log, texts, stderr)
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, loaded)
	return measure(ctx, personas, len(texts), words, rounds, stdout)
}
