package persona

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"time"
)

// patience is how long a run may be silent before it writes its claims and
// progress for those who watch. A faster one has only its commit.
const patience = 250 * time.Millisecond

// Synthesize does a job: fetches pages, reads each unread source, proves what the engine says,
// composes the narrative, and commits. Done again, or by two at once, it changes
// nothing. Work that has become pointless (the persona is gone, the run is over)
// is no error.
//
// An error that is a *Failure says whether another attempt can help; by then it
// stands on the run, which is FAILED if no attempt follows and QUEUED if one does.
func (s *Service) Synthesize(ctx context.Context, job Job) error {
	ctx = Fresh(ctx)
	begun, err := s.begin(ctx, job)
	if err != nil || begun == nil {
		return gone(err)
	}
	err = s.attempt(ctx, begun)
	switch {
	case err == nil, CodeOf(err) == CodeNotFound: // deleted meanwhile
		return nil
	case errors.Is(ctx.Err(), context.Canceled), CodeOf(err) == CodeUnavailable:
		return err // neither a stop nor the database's absence is the run's failure: the queue tries again
	}
	failure := &Failure{Code: FailInternal, Message: "the synthesis failed inside the server; its log has the cause under this run's id", Retryable: true, Cause: err}
	errors.As(err, &failure)
	if ctx.Err() != nil { // the job's time is over; what is left is to say so
		failure = &Failure{Code: FailModelTimeout, Message: "reading the text took longer than a job may; try again, or give a shorter text", Retryable: true, Cause: err}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), lastWords)
		defer cancel()
	}
	final := job.Last || !failure.Retryable
	if err := s.fail(ctx, begun, failure, final); err != nil {
		return gone(err)
	}
	return failure
}

// lastWords is how long a job that has run out of time may take to say so.
const lastWords = 10 * time.Second

// elsewhere is how long a run is left to processes that have its engine: a
// command beside a server may have other settings than the server.
const elsewhere = 10 * time.Minute

// mostAttempts bounds how often a run is begun, also when attempts end with the
// process: a text that kills its reader must not do so for ever.
const mostAttempts = 10

// attempt does the work and makes a panic of the engine an error.
func (s *Service) attempt(ctx context.Context, w *synthesis) error {
	if w.run.Attempts > mostAttempts {
		return &Failure{Code: FailInternal, Message: "the synthesis was begun " + strconv.Itoa(mostAttempts) + " times and never came to an end; the server's log may tell why"}
	}
	return safely(func() error { return s.work(ctx, w) })
}

// safely makes a panic of f an error.
func safely(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}

// gone makes NotFound nil: who was deleted needs no synthesis.
func gone(err error) error {
	if CodeOf(err) == CodeNotFound {
		return nil
	}
	return err
}

// synthesis is one attempt at a run.
type synthesis struct {
	job      Job
	run      *Run
	engine   Engine
	sources  []*Source // to be read
	read     []*Source // of these, those that were
	failed   []*Source // of these, those that cannot be: they say why
	recorded map[SourceID][]Draft
	begun    time.Time
	claims   []Claim // admitted so far
	written  int     // of those, already in the database
}

// begin takes the run; nil when it is over already.
func (s *Service) begin(ctx context.Context, job Job) (*synthesis, error) {
	var out *synthesis
	err := s.w.Write(ctx, func(tx Tx) error {
		out = nil
		run, err := tx.LockRun(ctx, job.Run)
		if err != nil || run.Stage.Over() {
			return err
		}
		states := []SourceStatus{SourcePending}
		if run.Reason == ReasonResynthesized {
			states = append(states, SourceRead, SourceFailed)
		}
		sources, err := tx.SourcesIn(ctx, job.Persona, states...)
		if err != nil {
			return err
		}
		at := now()
		if run.StartedAt == nil {
			run.StartedAt = &at
		}
		engine := s.engine(run.Engine)
		if engine == nil && at.Sub(run.CreatedAt) < elsewhere {
			return &Error{Code: CodeUnavailable, Message: "the engine " + run.Engine + " has no settings in this process; one that has them reads this, any other one will after a while"}
		}
		if engine == nil {
			engine = s.engines[0] // what the run was made for is gone: the settings have changed
		}
		info := engine.Info()
		run.Engine, run.PromptHash, run.Model = info.Name, info.PromptHash, info.model()
		run.Stage, run.Attempts, run.Progress, run.ClaimsProposed, run.ClaimsProven, run.Failure = StageExtracting, max(run.Attempts+1, job.Attempt), 0, 0, 0, nil
		if slices.ContainsFunc(sources, func(src *Source) bool { return src.Text == nil }) {
			run.Stage = StageFetching
		}
		out = &synthesis{job: job, run: run, engine: engine, sources: sources, begun: at}
		if err := tx.UpdateRun(ctx, run); err != nil {
			return err
		}
		return tx.Notify(ctx, Event{Kind: EventProgress, Persona: job.Persona, Run: &job.Run, At: at})
	})
	return out, err
}

// work fetches, reads, composes and commits.
func (s *Service) work(ctx context.Context, w *synthesis) error {
	if err := s.fetch(ctx, w); err != nil {
		return err
	}
	if err := s.recall(ctx, w); err != nil {
		return err
	}
	estimate := w.cost()
	release, err := s.reserve(ctx, w, estimate)
	if err != nil {
		return err
	}
	defer release()
	for i, src := range w.sources {
		err := s.extract(ctx, w, src)
		if failure := new(Failure); errors.As(err, &failure) && (w.job.Last || !failure.Retryable) && len(w.sources)+len(w.failed) > 1 {
			w.fail(ctx, s.log, src, failure) // the others go on
			continue
		}
		if err != nil {
			return err
		}
		w.read = append(w.read, src)
		w.run.Progress = 0.8 * float64(i+1) / float64(len(w.sources))
	}
	if len(w.read) == 0 && len(w.failed) > 0 {
		return w.run.Failure
	}
	w.run.Progress = 0.8
	if err := s.report(ctx, w, StageProving); err != nil {
		return err
	}
	edits, err := s.edits(ctx, w.run.ID)
	if err != nil {
		return err
	}
	narratives, err := s.compose(ctx, w, edits, estimate == Usage{})
	if err != nil {
		return err
	}
	return s.w.Write(ctx, func(tx Tx) error {
		if _, err := tx.LockPersona(ctx, w.job.Persona); err != nil {
			return err
		}
		run, err := tx.LockRun(ctx, w.run.ID)
		if err != nil || run.Stage.Over() {
			return err // another attempt was faster, or somebody cancelled
		}
		for _, src := range w.read {
			src.Status, src.Failure, src.ReadBy = SourceRead, nil, &w.run.ID
			if err := tx.UpdateSource(ctx, src); err != nil {
				return err
			}
		}
		for _, src := range w.failed {
			if err := tx.UpdateSource(ctx, src); err != nil {
				return err
			}
		}
		p, err := commit(ctx, tx, change{persona: w.job.Persona, reason: run.Reason, author: w.run.Engine, next: func(live []Claim) []Claim {
			live = w.without(live)
			// What was composed before stays until something is composed anew, and
			// falls in the fold when what it cites has fallen.
			if len(narratives) > 0 {
				live = withoutNarrative(live)
			}
			return append(append(append(live, edits...), w.claims...), narratives...)
		}})
		if err != nil {
			return err
		}
		at := now()
		done := *w.run
		done.Stage, done.Progress, done.FinishedAt = StageDone, 1, &at
		if err := tx.UpdateRun(ctx, &done); err != nil {
			return err
		}
		return tx.Notify(ctx, Event{Kind: EventProgress, Persona: p.ID, Run: &done.ID, At: at})
	})
}

// without drops what engines said before of the sources that were read now.
func (w *synthesis) without(set []Claim) []Claim {
	return slices.DeleteFunc(set, func(c Claim) bool {
		return !c.Human() && c.SourceID != nil && slices.ContainsFunc(w.read, func(src *Source) bool { return src.ID == *c.SourceID })
	})
}

// fail notes that a source could not be read; the run goes on with the others.
func (w *synthesis) fail(ctx context.Context, log *slog.Logger, src *Source, failure *Failure) {
	log.WarnContext(ctx, "source failed", "run", w.run.ID, "source", src.ID, "error", failure)
	w.run.Failure = failure
	failed := *src
	if src.Status != SourceRead { // otherwise what was read before still counts
		failed.Status, failed.Failure = SourceFailed, failure
	}
	w.failed = append(w.failed, &failed)
}

// fetch reads the pages that have no text yet, all at the same time. One that
// cannot be read says so, and the others go on.
func (s *Service) fetch(ctx context.Context, w *synthesis) error {
	found := make([]*Page, len(w.sources))
	errs := make([]error, len(w.sources))
	var wg sync.WaitGroup
	for i, src := range w.sources {
		if src.Text != nil {
			continue
		}
		if s.pages == nil {
			errs[i] = &Failure{Code: FailFetchFailed, Message: "pages are not fetched by this server; give the page's text"}
			continue
		}
		wg.Go(func() {
			err := safely(func() (err error) { found[i], err = s.pages.Fetch(ctx, *src.URL); return err })
			if failure := new(Failure); err != nil && !errors.As(err, &failure) {
				err = &Failure{Code: FailInternal, Message: "reading the page failed inside the server; its log has the cause under this run's id", Cause: err}
			}
			errs[i] = err
		})
	}
	wg.Wait()
	sources := w.sources
	w.sources = nil
	for i, src := range sources {
		err := errs[i]
		if err == nil && src.Text == nil {
			err = s.keep(ctx, src, found[i])
		}
		if failure := new(Failure); errors.As(err, &failure) && (len(sources) > 1 || w.job.Last || !failure.Retryable) {
			w.fail(ctx, s.log, src, failure)
			continue
		}
		if err != nil {
			return err
		}
		w.sources = append(w.sources, src)
	}
	return nil
}

// keep makes a page the source's text. Where another attempt at the same run was
// faster, its text is the source's: claims are proven by what is kept.
func (s *Service) keep(ctx context.Context, src *Source, page *Page) error {
	if checkText(page.Text) != nil {
		return &Failure{Code: FailFetchFailed, Message: "the page has no text to read; give its text, or the address of another page"}
	}
	full := *src
	full.take(page)
	var saved bool
	err := s.w.Write(ctx, func(tx Tx) (err error) { saved, err = tx.SaveText(ctx, &full); return err })
	switch {
	case CodeOf(err) == CodeConflict:
		return &Failure{Code: FailFetchFailed, Message: "the page says the same as another source of this persona, which is read instead"}
	case err != nil:
		return err
	case saved:
		*src = full
		return nil
	}
	kept, err := s.Sources(ctx, []SourceID{src.ID}, true)
	if err != nil {
		return err
	}
	if kept[0] == nil {
		return NotFound("source")
	}
	*src = *kept[0]
	return nil
}

// extract reads one source; what is admitted is added to w.claims.
func (s *Service) extract(ctx context.Context, w *synthesis, src *Source) error {
	proof := newProver(src, w.run, w.engine.Info(), w.begun)
	emit := func(drafts []Draft) error {
		claims, proven := proof.prove(drafts)
		w.claims = append(w.claims, without(claims, w.claims)...)
		w.run.ClaimsProposed += len(drafts)
		w.run.ClaimsProven += proven
		return s.report(ctx, w, StageExtracting)
	}
	if drafts, ok := w.recorded[src.ID]; ok {
		return emit(drafts)
	}
	usage, err := w.engine.Extract(ctx, src.shown(), emit)
	w.run.Usage = w.run.Usage.Add(usage)
	return err
}

// report writes what is there so far, once the run has taken longer than patience
// or when somebody watches it from this process.
func (s *Service) report(ctx context.Context, w *synthesis, stage Stage) error {
	if time.Since(w.begun) < patience && !s.watched.has(w.job.Persona) {
		return nil
	}
	w.run.Stage = stage
	err := s.w.Write(ctx, func(tx Tx) error {
		run, err := tx.LockRun(ctx, w.run.ID)
		if err != nil || run.Stage.Over() {
			return err
		}
		if err := tx.InsertClaims(ctx, w.claims[w.written:]); err != nil {
			return err
		}
		if err := tx.UpdateRun(ctx, w.run); err != nil {
			return err
		}
		return tx.Notify(ctx, Event{Kind: EventProgress, Persona: w.job.Persona, Run: &w.run.ID, At: now()})
	})
	if err == nil {
		w.written = len(w.claims)
	}
	return err
}

// edits are the claims of the subject that came with the run's creation.
func (s *Service) edits(ctx context.Context, run RunID) ([]Claim, error) {
	all, err := s.ClaimsOfRun(ctx, run)
	if err != nil {
		return nil, err
	}
	var out []Claim
	for _, c := range all {
		if c.Human() {
			out = append(out, *c)
		}
	}
	return out, nil
}

// compose asks for the narrative over what would win. Without it a persona is
// still a persona: a failure is kept on the run, and the claims are committed.
// What it costs is reserved with the reading, unless all was read before.
func (s *Service) compose(ctx context.Context, w *synthesis, edits []Claim, unreserved bool) ([]Claim, error) {
	live, err := s.live(ctx, w.job.Persona)
	if err != nil {
		return nil, err
	}
	set := append(append(w.without(withoutNarrative(live)), edits...), w.claims...)
	facts := factsOf(set)
	if len(facts) == 0 {
		return nil, nil
	}
	w.run.Stage, w.run.Progress = StageComposing, 0.9
	if err := s.report(ctx, w, StageComposing); err != nil {
		return nil, err
	}
	drafts, key, err := s.recallNarrative(ctx, w, set)
	if err != nil {
		return nil, err
	}
	if len(drafts) == 0 {
		var cost Usage
		if unreserved {
			cost = w.engine.Estimate(0)
		}
		var release func()
		if release, err = s.reserve(ctx, w, cost); err == nil {
			defer release()
			var usage Usage
			drafts, usage, err = w.engine.Compose(ctx, facts)
			w.run.Usage = w.run.Usage.Add(usage)
		}
	}
	if failure := new(Failure); errors.As(err, &failure) {
		s.log.WarnContext(ctx, "narrative not composed", slog.Any("run", w.run.ID), slog.Any("error", err))
		w.run.Failure = failure
	} else if err != nil {
		return nil, err
	}
	won := map[ClaimID]bool{}
	for _, f := range facts {
		won[f.ID] = true
	}
	claims := proveNarratives(w.run, w.engine.Info(), drafts, won, now())
	w.run.ClaimsProposed += len(drafts)
	if len(claims) > 0 {
		w.run.ComposeKey = key
	}
	return claims, nil
}

// live is the persona's present set, empty before the first version.
func (s *Service) live(ctx context.Context, id ID) ([]Claim, error) {
	p, err := s.Persona(ctx, id, Columns{})
	if err != nil || p.VersionNumber == 0 {
		return nil, err
	}
	return s.Members(ctx, VersionID{id, p.VersionNumber})
}

// factsOf are the best claims of every trait the set folds to, in the profile's order.
func factsOf(set []Claim) []Fact {
	byID := map[ClaimID]*Claim{}
	for i := range set {
		byID[set[i].ID] = &set[i]
	}
	var out []Fact
	for _, t := range Fold(set).Traits() {
		c := byID[t.Claims[0]]
		out = append(out, Fact{c.ID, c.Path, c.Value, c.Detail, c.Basis, c.Confidence})
	}
	return out
}

// withoutNarrative drops what engines composed: it is composed anew from the new set.
func withoutNarrative(set []Claim) []Claim {
	var out []Claim
	for _, c := range set {
		if f := FieldAt(c.Path); c.Human() || f == nil || !f.Narrative {
			out = append(out, c)
		}
	}
	return out
}

// fail writes the failure on the run and, when it is final, ends the run without a result.
func (s *Service) fail(ctx context.Context, w *synthesis, failure *Failure, final bool) error {
	run := w.run
	return s.w.Write(ctx, func(tx Tx) error {
		p, err := tx.LockPersona(ctx, run.PersonaID)
		if err != nil {
			return err
		}
		present, err := tx.LockRun(ctx, run.ID)
		if err != nil || present.Stage.Over() {
			return err
		}
		at := now()
		failed := *run
		failed.Stage, failed.Failure = StageQueued, failure
		if !final {
			if err := tx.UpdateRun(ctx, &failed); err != nil {
				return err
			}
			return tx.Notify(ctx, Event{Kind: EventProgress, Persona: p.ID, Run: &run.ID, At: at})
		}
		failed.Stage, failed.FinishedAt = StageFailed, &at
		if err := tx.UpdateRun(ctx, &failed); err != nil {
			return err
		}
		unread, err := tx.SourcesIn(ctx, p.ID, SourcePending)
		if err != nil {
			return err
		}
		for _, src := range unread {
			src.Status, src.Failure = SourceFailed, failure
			if own := slices.IndexFunc(w.failed, func(f *Source) bool { return f.ID == src.ID }); own >= 0 {
				src.Failure = w.failed[own].Failure
			}
			if err := tx.UpdateSource(ctx, src); err != nil {
				return err
			}
		}
		if p.VersionNumber == 0 {
			if err := tx.SetStatus(ctx, p.ID, StatusFailed, at); err != nil {
				return err
			}
		}
		return tx.Notify(ctx, Event{Kind: EventUpdated, Persona: p.ID, Run: &run.ID, At: at})
	})
}
