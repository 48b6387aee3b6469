package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/persona-api/persona-api/internal/config"
	"github.com/persona-api/persona-api/internal/eval"
	"github.com/persona-api/persona-api/internal/extract"
	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/telemetry"
)

// evaluate measures the engines on labelled texts. When ctx ends it prints what
// was measured until then and says so in its error.
func evaluate(ctx context.Context, cfg config.Config, log *slog.Logger, stdout, stderr io.Writer) (err error) {
	tasks, err := evalTasks(cfg.Eval)
	if err != nil {
		return err
	}
	tel, err := observe(ctx, cfg, unobserved)
	if err != nil {
		return err
	}
	defer ending(&err, tel.Shutdown)
	engines, err := evalEngines(cfg, log, tel)
	if err != nil {
		return err
	}
	if err := affordable(cfg.Eval, engines, tasks, stderr); err != nil {
		return err
	}
	var predictions *predictionFiles
	if cfg.Eval.Predictions != "" {
		if predictions, err = openPredictions(cfg.Eval.Predictions); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, predictions.close()) }()
	}
	var reports []*eval.Report
	for _, engine := range engines {
		observe := eval.Observe{Progress: progress(stderr)}
		if predictions != nil {
			observe.Prediction = predictions.of(engine)
		}
		report, failed := eval.Evaluate(ctx, engine, tasks, observe)
		reports = append(reports, report)
		if !cfg.Eval.JSON {
			failed = errors.Join(failed, printReport(stdout, report, cfg.Eval.Reliability))
		}
		if ctx.Err() != nil {
			err = errors.New("eval was stopped: what it printed is of the texts read until then")
			break
		}
		err = errors.Join(err, failed)
	}
	if cfg.Eval.JSON {
		err = errors.Join(err, printJSON(stdout, reports, cfg.Eval.Reliability))
	}
	if err == nil && cfg.Eval.Calibrate != "" {
		err = calibrate(cfg.Eval, reports[0], stderr)
	}
	return err
}

// evalTasks reads the texts.
func evalTasks(e config.Eval) ([]eval.Task, error) {
	files, folder := eval.Corpus(), "the embedded corpus"
	if e.Data != "" {
		if info, err := os.Stat(e.Data); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("--data: %s is not a folder that can be read; name one with cv/dev.jsonl, bios/dev.jsonl or chat/spc.dev.jsonl, or leave --data out for the corpus that comes with the program", e.Data)
		}
		files, folder = os.DirFS(e.Data), e.Data
	}
	var tasks []eval.Task
	labelled := false
	for _, set := range eval.Sets() {
		asked := slices.Contains(e.Sets, string(set))
		if len(e.Sets) > 0 && !asked || e.Calibrate != "" && set != eval.CV && set != eval.Bios {
			continue
		}
		texts, err := eval.Load(files, folder, set, e.Split, int(e.Limit))
		if set == eval.Nobody && errors.Is(err, fs.ErrNotExist) {
			texts, err = eval.Load(eval.Corpus(), "the embedded corpus", set, "dev", int(e.Limit))
		}
		switch {
		case errors.Is(err, fs.ErrNotExist) && !asked:
			continue
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("--set %s: %w; leave --set %s out, or name the folder that has the file with --data", set, err, set)
		case err != nil:
			return nil, err
		}
		labelled = labelled || set != eval.Nobody || asked
		tasks = append(tasks, eval.Task{Set: set, Texts: texts})
	}
	if !labelled {
		return nil, fmt.Errorf("--data: %s has none of cv/%[2]s.jsonl, bios/%[2]s.jsonl and chat/spc.%[2]s.jsonl; name the folder that has them", e.Data, e.Split)
	}
	return tasks, nil
}

// evalEngines makes the engines asked for, or else builtin and all that the
// settings suffice for.
func evalEngines(cfg config.Config, log *slog.Logger, tel *telemetry.Telemetry) ([]persona.Engine, error) {
	if cfg.Eval.Calibrate != "" {
		return []persona.Engine{extract.Uncalibrated()}, nil
	}
	names := slices.Clone(cfg.Eval.Engines)
	if len(names) == 0 {
		names = cfg.Providers()
	}
	// builtin first, for it is done in seconds; each once.
	slices.SortFunc(names, func(a, b string) int {
		if (a == config.ProviderBuiltin) != (b == config.ProviderBuiltin) {
			if a == config.ProviderBuiltin {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	var engines []persona.Engine
	for _, name := range slices.Compact(names) {
		cfg.LLMProvider = name
		engine, err := newEngine(cfg, log, tel)
		if err != nil {
			return nil, fmt.Errorf("--engine %s: %w", name, err)
		}
		engines = append(engines, engine)
	}
	return engines, nil
}

// affordable shows what the engines will cost and, unless the caller has agreed,
// refuses to spend anything.
func affordable(e config.Eval, engines []persona.Engine, tasks []eval.Task, stderr io.Writer) error {
	var sum int64
	for _, engine := range engines {
		if u := eval.Estimate(engine, tasks); u != (persona.Usage{}) {
			sum += u.CostMicros
			fmt.Fprintf(stderr, "%s %s will read about %d tokens and write about %d: %s\n", engine.Info().Name, engine.Info().Model, u.InputTokens, u.OutputTokens, eval.Dollars(u.CostMicros))
		}
	}
	if sum > 0 && !e.Yes {
		return fmt.Errorf("the estimate is %s and nothing has been spent; add --yes to spend it, --limit N to read less, or --engine builtin to spend nothing", eval.Dollars(sum))
	}
	return nil
}

// progress tells how far the reading has come: at the first and the last text of
// a set, and about every two seconds between.
func progress(stderr io.Writer) func(eval.Progress) {
	var last time.Time
	return func(p eval.Progress) {
		now := time.Now()
		if p.Done > 0 && p.Done < p.Of && now.Sub(last) < 2*time.Second {
			return
		}
		last = now
		cost := ""
		if p.CostMicros > 0 {
			cost = ", " + eval.Dollars(p.CostMicros) + " so far"
		}
		fmt.Fprintf(stderr, "%s: %s %d/%d%s\n", p.Engine, p.Set, p.Done, p.Of, cost)
	}
}

func printReport(w io.Writer, r *eval.Report, reliability bool) error {
	err := r.Print(w)
	if reliability {
		err = errors.Join(err, r.PrintReliability(w))
	}
	fmt.Fprintln(w)
	return err
}

func printJSON(w io.Writer, reports []*eval.Report, reliability bool) error {
	for _, r := range reports {
		if !reliability {
			r.Reliability = nil
		}
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(map[string]any{"engines": reports})
}

// calibrate writes the table that the built-in engine's confidences go through.
func calibrate(e config.Eval, r *eval.Report, stderr io.Writer) error {
	steps := eval.Calibrate(r.Observations())
	if len(steps) == 0 {
		return fmt.Errorf("--calibrate: %d labelled claims are too few to fit a single field, and nothing was written; name more texts with --data DIR --split train", len(r.Observations()))
	}
	var texts []string
	for _, s := range r.Sets {
		texts = append(texts, fmt.Sprintf("%d texts of the set %s", s.Texts, s.Set))
	}
	var table strings.Builder
	origin := fmt.Sprintf("%d claims about %s, split %s", len(r.Observations()), strings.Join(texts, " and "), e.Split)
	err := eval.WriteCalibration(&table, steps, origin, fmt.Sprintf("go run . eval --data DIR --split %s --calibrate FILE", e.Split))
	if err == nil {
		err = os.WriteFile(e.Calibrate, []byte(table.String()), 0o600)
	}
	if err != nil {
		return fmt.Errorf("--calibrate: %w; name a file that can be written", err)
	}
	fmt.Fprintf(stderr, "%d steps written to %s; the engine that is built next reads internal/extract/data/calibration.tsv\n", len(steps), e.Calibrate)
	return nil
}

// predictionFiles are the files of one folder that predictions go to.
type predictionFiles struct {
	folder *os.Root
	open   map[string]*os.File
}

func openPredictions(folder string) (*predictionFiles, error) {
	err := os.MkdirAll(folder, 0o750)
	if err == nil {
		var root *os.Root
		if root, err = os.OpenRoot(folder); err == nil {
			return &predictionFiles{root, map[string]*os.File{}}, nil
		}
	}
	return nil, fmt.Errorf("--predictions: %w; name a folder that can be written", err)
}

// of returns what writes an engine's predictions.
func (p *predictionFiles) of(engine persona.Engine) func(eval.Set, []byte) error {
	return func(set eval.Set, line []byte) error {
		name := engine.Info().Name + "." + string(set) + ".jsonl"
		f := p.open[name]
		if f == nil {
			var err error
			if f, err = p.folder.Create(name); err != nil {
				return fmt.Errorf("--predictions: %w; name a folder that can be written", err)
			}
			p.open[name] = f
		}
		if _, err := f.Write(append(line, '\n')); err != nil {
			return fmt.Errorf("--predictions: %s: %w", filepath.Join(p.folder.Name(), name), err)
		}
		return nil
	}
}

func (p *predictionFiles) close() error {
	var err error
	for _, f := range p.open {
		err = errors.Join(err, f.Close())
	}
	return errors.Join(err, p.folder.Close())
}
