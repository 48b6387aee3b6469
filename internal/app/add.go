package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/persona-api/persona-api/internal/config"
	"github.com/persona-api/persona-api/internal/persona"
)

// add makes personas of what was named and works the queue until they are read.
// When ctx ends, those that are in the database stay there to be read by whoever
// works the queue next.
func add(ctx context.Context, cfg config.Config, log *slog.Logger, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	inputs, skipped := inputsOf(cfg.Add.Inputs, stdin)
	groups, err := peopleOf(cfg.Add, inputs)
	if err != nil {
		return err
	}
	if len(skipped) > 0 {
		fmt.Fprintf(stderr, "not read, for their names end in nothing that is: %s; name them to have them tried all the same\n", some(skipped))
	}
	h, err := openHouse(ctx, cfg, unobserved, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	a := &adding{house: h, of: len(groups), out: stdout, told: stdout, live: newLive(stderr)}
	if cfg.Add.JSON {
		a.told = stderr
	}
	return a.all(atTheTerminal(ctx), groups)
}

// peopleOf says which inputs make one persona.
func peopleOf(a config.Add, inputs []input) ([][]input, error) {
	groups := slices.Collect(slices.Chunk(inputs, 1))
	if a.Together {
		groups = [][]input{inputs}
	}
	stdin := 0
	for _, arg := range a.Inputs {
		if arg == "-" {
			stdin++
		}
	}
	switch {
	case stdin > 1:
		return nil, errors.New("-: standard input can be read once; name it once")
	case len(groups) > 1 && (a.Name != "" || a.Role != "" || a.Location != ""):
		return nil, fmt.Errorf("--name, --role and --location are of one person, but these are %d texts and pages; add --together when all are about the same, or add them one by one", len(groups))
	case a.Together && len(inputs) > persona.MaxSources: // before any is read
		return nil, fmt.Errorf("--together: one persona is made of at most %d texts and pages at once, these are %d; name fewer, or put short texts into one file", persona.MaxSources, len(inputs))
	case len(inputs) > 1 && a.Title != "":
		return nil, fmt.Errorf("--title: is of one text, but these are %d; leave it out, or add them one by one", len(inputs))
	}
	return groups, nil
}

// adding is one run of the command.
type adding struct {
	*house
	of   int // personas to make
	out  io.Writer
	told io.Writer // what is for people alone
	live live

	mu     sync.Mutex
	done   int // groups that are over, one way or another
	ready  int
	failed int // inputs that could not be read
	begun  []made
}

// made is a persona that is in the database, with what it is made of.
type made struct {
	id    persona.ID
	names []string // of its inputs, in the order of its sources
}

// all makes a persona of each group and waits for all of them.
func (a *adding) all(ctx context.Context, groups [][]input) (err error) {
	workers, err := a.work(ctx)
	if err != nil {
		return err
	}
	var following errgroup.Group
	following.SetLimit(a.cfg.JobWorkers) // the queue never holds more of ours than can be worked
	next := 0
	for ; next < len(groups) && err == nil && ctx.Err() == nil; next++ {
		a.live.say("%d of %d", a.count(), a.of)
		var p *made
		// One after the other, for a PDF takes memory; whole or not at all.
		if p, err = a.create(ctx, groups[next]); p != nil {
			following.Go(func() error { return a.follow(ctx, *p) })
		}
	}
	if errors.Is(err, context.Canceled) {
		next, err = next-1, nil // given up before it was in the database
	}
	if waited := following.Wait(); err == nil {
		err = waited
	}
	ending(&err, workers.Stop)
	a.live.clear()
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return a.stopped(ctx, groups[next:])
	}
	return a.summary()
}

// create puts a persona of the group into the database. An input that cannot be
// read is named, and the others go on; without any there is no persona. An error
// is one that would meet every group.
func (a *adding) create(ctx context.Context, group []input) (*made, error) {
	var names []string
	in := a.wanted()
	for _, one := range group {
		src, err := one.source(ctx)
		switch {
		case err != nil && ctx.Err() != nil:
			return nil, err
		case err != nil:
			a.refused(one.name, persona.CodeInvalid, err.Error())
		default:
			src.Kind, src.Title = a.kind(), optional(a.cfg.Add.Title)
			names, in.Sources = append(names, one.name), append(in.Sources, src)
		}
	}
	for len(in.Sources) > 0 {
		p, err := a.personas.Create(context.WithoutCancel(ctx), in)
		if err == nil {
			return &made{p.ID, names}, nil
		}
		bad, problem := faulty(err)
		if problem == nil {
			return nil, err
		}
		if bad < 0 {
			return nil, errors.New(flagError(problem))
		}
		a.refused(names[bad], problem.Code, problem.Message)
		names, in.Sources = slices.Delete(names, bad, bad+1), slices.Delete(in.Sources, bad, bad+1)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.done++
	return nil, nil
}

// wanted is what all personas have in common.
func (a *adding) wanted() persona.Create {
	flags, atOnce := a.cfg.Add, 0
	in := persona.Create{Tags: flags.Tags, WaitSeconds: &atOnce}
	if flags.Name != "" || flags.Role != "" || flags.Location != "" {
		in.Subject = &persona.Subject{Name: optional(flags.Name), Role: optional(flags.Role), Location: optional(flags.Location)}
	}
	return in
}

func (a *adding) kind() *persona.SourceKind {
	if a.cfg.Add.Kind == "" {
		return nil
	}
	kind := persona.SourceKind(strings.ToUpper(a.cfg.Add.Kind))
	return &kind
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// faulty says which source an error of Create is about, -1 when it is about what
// all have in common. problem is nil when the input is not at fault.
func faulty(err error) (source int, problem *persona.Error) {
	if !errors.As(err, &problem) || problem.Code != persona.CodeInvalid && problem.Code != persona.CodeTooLarge {
		return -1, nil
	}
	if len(problem.Field) > 1 && problem.Field[0] == "sources" {
		if i, err := strconv.Atoi(problem.Field[1]); err == nil {
			return i, problem
		}
	}
	return -1, problem
}

// flagError names the flag that an error of Create is about.
func flagError(problem *persona.Error) string {
	field := strings.Join(problem.Field, ".")
	flag := map[string]string{"tags": "--tag", "subject.name": "--name", "subject.role": "--role", "subject.location": "--location", "title": "--title"}[field]
	return cmp.Or(flag, field) + ": " + problem.Message
}

// follow waits for a persona and tells how it came out.
func (a *adding) follow(ctx context.Context, p made) error {
	run, err := a.over(ctx, p.id)
	if err != nil {
		return err
	}
	if run != nil && !run.Stage.Over() { // ctx has ended
		a.mu.Lock()
		defer a.mu.Unlock()
		a.begun = append(a.begun, p)
		return nil
	}
	return a.tell(ctx, p, run)
}

// tell prints how a persona came out.
func (a *adding) tell(ctx context.Context, p made, run *persona.Run) error {
	out, err := outcome(ctx, a.personas, p, run)
	if persona.CodeOf(err) == persona.CodeNotFound { // deleted by somebody meanwhile
		a.refused(strings.Join(p.names, ", "), persona.CodeNotFound, "its persona was deleted while it was read")
		return nil
	}
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.done++
	failed := 0
	for _, s := range out.Sources {
		if s.Status == persona.SourceFailed {
			failed++
		}
	}
	if out.Status == persona.StatusReady {
		a.ready++
	} else {
		failed = max(failed, 1) // cancelled by somebody: no source says so
	}
	a.failed += failed
	a.print(out)
	return nil
}

// refused tells that an input has become nothing.
func (a *adding) refused(name string, code persona.Code, message string) {
	failure := &persona.Failure{Code: persona.FailureCode(code), Message: message}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failed++
	a.print(&added{Status: persona.StatusFailed, Failure: failure, Sources: []addedSource{{From: name, Status: persona.SourceFailed, Failure: failure}}})
}

// print writes one outcome; mu is held.
func (a *adding) print(out *added) {
	a.live.clear()
	defer a.live.say("%d of %d", a.done, a.of)
	if a.cfg.Add.JSON {
		for i := range out.Sources {
			if out.Sources[i].Warnings == nil {
				out.Sources[i].Warnings = []persona.Warning{}
			}
		}
		line, _ := json.Marshal(out) // texts, numbers and ids: cannot fail
		fmt.Fprintf(a.out, "%s\n", line)
		return
	}
	fmt.Fprint(a.out, out.text())
}

// some is a list that ends in a number when it is long.
func some(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

func (a *adding) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.done
}

func (a *adding) summary() error {
	fmt.Fprintf(a.told, "%s made, in %s\n", counted(a.ready, "persona"), where(a.cfg))
	if a.failed == 0 {
		return nil
	}
	return fmt.Errorf("%d of what was named could not be read; what to do stands beside each", a.failed)
}

// stopped tells what is left when somebody has stopped the command.
func (a *adding) stopped(ctx context.Context, untouched [][]input) error {
	waiting := 0
	for _, p := range a.begun {
		ended, cancel := context.WithCancel(ctx)
		cancel()
		run, err := a.over(ended, p.id) // some came to their end while the workers stopped
		if err != nil {
			return err
		}
		if run == nil || run.Stage.Over() {
			if err := a.tell(ctx, p, run); err != nil {
				return err
			}
			continue
		}
		waiting++
		a.print(&added{ID: &p.id, Status: persona.StatusPending, Sources: pending(p.names)})
	}
	a.live.clear()
	if waiting == 0 && len(untouched) == 0 {
		return a.summary() // it was done before it could be stopped
	}
	told := []string{fmt.Sprintf("stopped: %s made", counted(a.ready, "persona"))}
	if a.failed > 0 {
		told = append(told, fmt.Sprintf("%d of what was named could not be read", a.failed))
	}
	if waiting > 0 {
		told = append(told, fmt.Sprintf("%d kept as they are, to be read by the next serve or add", waiting))
	}
	if len(untouched) > 0 {
		told = append(told, fmt.Sprintf("%d not begun, from %s on: name them again", len(untouched), untouched[0][0].name))
	}
	return errors.New(strings.Join(told, "; "))
}
