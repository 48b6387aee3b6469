package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/persona-api/persona-api/internal/config"
	"github.com/persona-api/persona-api/internal/eval"
	"github.com/persona-api/persona-api/internal/persona"
)

// resynthesize says what it would cost to read personas again and, once the
// caller agrees, has them read. What ctx cuts short goes on in the next run: it
// leaves out what was done.
func resynthesize(ctx context.Context, cfg config.Config, log *slog.Logger, stdout, stderr io.Writer) (err error) {
	which, err := conditionsOf(cfg.Resynthesize.Where)
	if err != nil {
		return err
	}
	h, err := openHouse(ctx, cfg, unobserved, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	engine, err := h.asked(cfg.Resynthesize.Engine)
	if err != nil {
		return err
	}
	r := &rereading{house: h, engine: engine, out: stdout, told: stdout, live: newLive(stderr)}
	if cfg.Resynthesize.JSON {
		r.told = stderr
	}
	ctx = persona.Fresh(atTheTerminal(ctx))
	if err := r.plan(ctx, which); err != nil {
		if ctx.Err() != nil {
			return errors.New("stopped while counting; nothing has been read")
		}
		return err
	}
	r.show()
	switch {
	case len(r.todo) == 0:
		fmt.Fprintf(r.told, "nothing to do, in %s\n", where(cfg))
		return nil
	case !cfg.Resynthesize.Yes:
		fmt.Fprintln(r.told, "nothing has been read or spent; add --yes to do it")
		return nil
	}
	return r.all(ctx)
}

// asked is the engine of a name, the first one without a name.
func (h *house) asked(name string) (persona.EngineInfo, error) {
	var names []string
	for _, e := range h.engines {
		if info := e.Info(); name == "" || info.Name == name {
			return info, nil
		}
		names = append(names, e.Info().Name)
	}
	missing := map[string]string{config.ProviderOpenAI: "OPENAI_API_KEY", config.ProviderAnthropic: "ANTHROPIC_API_KEY", config.ProviderOllama: "OLLAMA_BASE_URL"}[name]
	return persona.EngineInfo{}, fmt.Errorf("--engine %s: has no settings; set %s, or name one of %s", name, missing, strings.Join(names, ", "))
}

// rereading is one run of the command.
type rereading struct {
	*house
	engine persona.EngineInfo
	out    io.Writer
	told   io.Writer // what is for people alone
	live   live

	estimate persona.Estimate
	todo     []reread
	already  int // personas that are left out because the engine has read them
	empty    int // personas without a source, or merged into another

	mu     sync.Mutex
	done   int // read again
	failed int
	spent  int64
	broke  string // why the budget lets nothing more through
	left   []persona.ID
}

// reread is a persona to be read again.
type reread struct {
	id      persona.ID
	waiting bool // the run for it is in the queue already
}

// plan goes through the personas and sums up what reading them will cost.
func (r *rereading) plan(ctx context.Context, which *conditions) error {
	r.estimate = persona.Estimate{Engine: r.engine.Name, Model: optional(r.engine.Model)}
	most := persona.MaxPage
	args := persona.ListArgs{PageArgs: persona.PageArgs{First: &most}, Where: &which.where, Order: persona.Order{Field: persona.OrderCreatedAt, Direction: persona.Asc}}
	for seen := 0; ; {
		page, err := r.personas.List(ctx, args)
		if err != nil {
			return err
		}
		people := page.Nodes()
		ids := make([]persona.ID, len(people))
		for i, p := range people {
			ids[i] = p.ID
		}
		latest := 20
		runs, err := r.personas.RunsOf(ctx, ids, persona.PageArgs{First: &latest})
		if err != nil {
			return err
		}
		for i, p := range people {
			if err := r.consider(ctx, p, runs[i].Nodes(), which.engine); err != nil {
				return err
			}
			seen++
			r.live.say("%d looked at, %d to read", seen, len(r.todo))
		}
		if !page.PageInfo.HasNextPage {
			r.live.clear()
			return nil
		}
		args.After = page.PageInfo.EndCursor
	}
}

// consider decides whether a persona is to be read again; runs are its latest, newest first.
func (r *rereading) consider(ctx context.Context, p *persona.Persona, runs []*persona.Run, engine string) error {
	var last *persona.Run
	if i := slices.IndexFunc(runs, func(run *persona.Run) bool { return run.Stage == persona.StageDone }); i >= 0 {
		last = runs[i]
	}
	if engine != "" && (last == nil || last.Engine != engine) {
		return nil
	}
	if p.MergedInto != nil {
		r.empty++
		return nil
	}
	// What was stopped, or has just been created, is about to be read whole.
	waiting := len(runs) > 0 && !runs[0].Stage.Over() && r.by(runs[0]) && (runs[0].Reason == persona.ReasonResynthesized || p.VersionNumber == 0)
	if !r.cfg.Resynthesize.All && !waiting && last != nil {
		whole, err := r.whole(ctx, p.ID, last)
		if err != nil {
			return err
		}
		if whole {
			r.already++
			return nil
		}
	}
	cost, err := r.personas.EstimateResynthesis(ctx, p.ID, &r.engine.Name)
	switch {
	case persona.CodeOf(err) == persona.CodeNotFound: // deleted meanwhile
		return nil
	case err != nil:
		return err
	case cost.Sources == 0:
		r.empty++
		return nil
	}
	r.estimate = r.estimate.Add(*cost)
	r.todo = append(r.todo, reread{p.ID, waiting})
	return nil
}

// by reports whether a run is of this very engine, model and prompt.
func (r *rereading) by(run *persona.Run) bool {
	model := ""
	if run.Model != nil {
		model = *run.Model
	}
	return persona.EngineInfo{Name: run.Engine, Model: model, PromptHash: run.PromptHash} == r.engine
}

// whole reports whether the engine has read the whole persona: in its last run,
// and what that run found read already, too.
func (r *rereading) whole(ctx context.Context, id persona.ID, last *persona.Run) (bool, error) {
	if !r.by(last) {
		return false, nil
	}
	if last.Reason == persona.ReasonResynthesized {
		return true, nil
	}
	most := persona.MaxPage
	sources, err := r.personas.SourcesOf(ctx, []persona.ID{id}, persona.PageArgs{First: &most}, false)
	if err != nil {
		return false, err
	}
	var readers []persona.RunID
	for _, src := range sources[0].Nodes() {
		if src.ReadBy != nil && *src.ReadBy != last.ID {
			readers = append(readers, *src.ReadBy)
		}
	}
	runs, err := r.personas.Runs(ctx, readers)
	if err != nil {
		return false, err
	}
	return !slices.ContainsFunc(runs, func(run *persona.Run) bool { return run != nil && !r.by(run) }), nil
}

// show prints the estimate.
func (r *rereading) show() {
	e := r.estimate
	if r.cfg.Resynthesize.JSON {
		r.json(map[string]any{"estimate": map[string]any{
			"engine": e.Engine, "model": e.Model, "promptHash": r.engine.PromptHash, "personas": len(r.todo), "alreadyRead": r.already, "nothingToRead": r.empty,
			"sources": e.Sources, "characters": e.Characters, "inputTokens": e.InputTokens(), "outputTokens": e.OutputTokens(), "costUsd": dollars(e.Usage.CostMicros),
		}})
		return
	}
	leftOut := ""
	if r.already > 0 {
		leftOut += fmt.Sprintf("; left out: %d that it has read already (--all reads them, too)", r.already)
	}
	if r.empty > 0 {
		leftOut += fmt.Sprintf("; left out: %d without a text, or merged into others", r.empty)
	}
	engine := e.Engine
	if e.Model != nil {
		engine += " " + *e.Model
	}
	fmt.Fprintf(r.out, "engine      %s (prompts or rules %.12s)\n", engine, r.engine.PromptHash)
	fmt.Fprintf(r.out, "personas    %d%s\n", len(r.todo), leftOut)
	fmt.Fprintf(r.out, "sources     %d\n", e.Sources)
	fmt.Fprintf(r.out, "characters  %d\n", e.Characters)
	fmt.Fprintf(r.out, "tokens      about %d to read, %d to write\n", e.InputTokens(), e.OutputTokens())
	fmt.Fprintf(r.out, "cost        about %s\n", eval.Dollars(e.Usage.CostMicros))
	if budget := int64(r.cfg.LLMBudgetUSD * 1e6); budget > 0 && e.Usage.CostMicros > budget {
		fmt.Fprintf(r.out, "            more than LLM_BUDGET_USD, %s a day, lets through: it will stop there\n", eval.Dollars(budget))
	}
}

func (r *rereading) json(line map[string]any) {
	b, _ := json.Marshal(line) // texts, numbers and ids: cannot fail
	fmt.Fprintf(r.out, "%s\n", b)
}

func dollars(micros int64) float64 { return float64(micros) / 1e6 }

// all reads the personas again, a few at a time.
func (r *rereading) all(ctx context.Context) error {
	workers, err := r.work(ctx)
	if err != nil {
		return err
	}
	var reading errgroup.Group
	reading.SetLimit(r.cfg.JobWorkers) // the queue never holds more of ours than can be worked
	for _, one := range r.todo {
		reading.Go(func() error { return r.one(ctx, one) })
	}
	err = reading.Wait()
	ending(&err, workers.Stop)
	if err != nil {
		return err
	}
	left := r.left
	r.left = nil
	for _, id := range left { // some came to their end while the workers stopped
		ended, cancel := context.WithCancel(ctx)
		cancel()
		if err := r.await(ended, id); err != nil {
			return err
		}
	}
	r.live.clear()
	return r.summary(ctx)
}

// brokeAt is why the budget lets nothing more through, "" while it does.
func (r *rereading) brokeAt() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.broke
}

// one has a persona read again and waits for it, unless the command is to end.
func (r *rereading) one(ctx context.Context, p reread) error {
	if ctx.Err() != nil || r.brokeAt() != "" {
		return nil
	}
	if !p.waiting {
		atOnce := 0
		_, _, err := r.personas.Resynthesize(context.WithoutCancel(ctx), persona.Resynthesize{ID: p.id, Engine: &r.engine.Name, WaitSeconds: &atOnce})
		if problem := new(persona.Error); errors.As(err, &problem) && problem.Code != persona.CodeUnavailable && problem.Code != persona.CodeInternal {
			r.tell(p.id, false, &persona.Failure{Code: persona.FailureCode(problem.Code), Message: problem.Message}, 0) // deleted or merged meanwhile
			return nil
		}
		if err != nil {
			return err
		}
	}
	return r.await(ctx, p.id)
}

// await tells how the persona's run came out once it is over.
func (r *rereading) await(ctx context.Context, id persona.ID) error {
	run, err := r.over(ctx, id)
	switch {
	case err != nil:
		return err
	case run == nil:
		r.tell(id, false, &persona.Failure{Code: persona.FailureCode(persona.CodeNotFound), Message: "it was deleted meanwhile"}, 0)
	case !run.Stage.Over(): // ctx has ended
		r.mu.Lock()
		defer r.mu.Unlock()
		r.left = append(r.left, id)
	case run.Stage == persona.StageDone && !r.by(run):
		r.tell(id, false, &persona.Failure{Code: persona.FailInternal, Message: "it was read by " + run.Engine + ": another process that works the same queue has other settings; stop it or give it the same, then run this again"}, run.Usage.CostMicros)
	case run.Stage == persona.StageCancelled:
		r.tell(id, false, &persona.Failure{Code: persona.FailCancelled, Message: "somebody has cancelled it"}, run.Usage.CostMicros)
	default:
		r.tell(id, run.Stage == persona.StageDone, run.Failure, run.Usage.CostMicros)
	}
	return nil
}

// tell prints how a persona came out. One that was read may have a failure, too:
// of one of its sources, or of its summary.
func (r *rereading) tell(id persona.ID, read bool, failure *persona.Failure, micros int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spent += micros
	status := persona.StageFailed
	if read {
		status = persona.StageDone
		r.done++
	} else {
		r.failed++
	}
	if failure != nil && failure.Code == persona.FailBudgetExceeded {
		r.broke = failure.Message
	}
	r.live.clear()
	if r.cfg.Resynthesize.JSON {
		r.json(map[string]any{"id": id, "status": status, "failure": failure, "costUsd": dollars(micros)})
		return
	}
	why := ""
	if failure != nil {
		why = fmt.Sprintf("  %s: %s", failure.Code, failure.Message)
	}
	fmt.Fprintf(r.out, "%-6s %d of %d  %s%s\n", status, r.done+r.failed, len(r.todo), id, why)
}

// summary sets what was done against what was asked.
func (r *rereading) summary(ctx context.Context) error {
	untouched := len(r.todo) - r.done - r.failed - len(r.left)
	if r.cfg.Resynthesize.JSON {
		r.json(map[string]any{"sum": map[string]any{
			"read": r.done, "failed": r.failed, "queued": len(r.left), "notBegun": untouched, "costUsd": dollars(r.spent), "estimatedUsd": dollars(r.estimate.Usage.CostMicros),
		}})
	}
	fmt.Fprintf(r.told, "%d of %d read again; it cost %s, estimated were %s\n", r.done, len(r.todo), eval.Dollars(r.spent), eval.Dollars(r.estimate.Usage.CostMicros))
	switch {
	case ctx.Err() != nil && len(r.left)+untouched > 0:
		return fmt.Errorf("stopped: %d of %d read again, %d in the queue for a server or the next run, %d not begun; run it again to go on", r.done, len(r.todo), len(r.left), untouched)
	case r.broke != "":
		return fmt.Errorf("LLM_BUDGET_USD: is used up, and %d of %d were not read: %s; then run this again, it goes on where it was", len(r.todo)-r.done, len(r.todo), r.broke)
	case r.failed > 0:
		return fmt.Errorf("%d of %d could not be read again; what to do stands beside each, run this again for them alone", r.failed, len(r.todo))
	}
	return nil
}
