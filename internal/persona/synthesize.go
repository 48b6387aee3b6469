package persona

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"time"
)

// patience is how long a run may be silent before it writes its claims and
// progress for those who watch. A faster one has only its commit.
const patience = 250 * time.Millisecond

// Synthesize does a job: reads each unread source, proves what the engine says,
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
	if err := s.fail(ctx, begun.run, failure, final); err != nil {
		return gone(err)
	}
	return failure
}

// lastWords is how long a job that has run out of time may take to say so.
const lastWords = 10 * time.Second

// mostAttempts bounds how often a run is begun, also when attempts end with the
// process: a text that kills its reader must not do so for ever.
const mostAttempts = 10

// attempt does the work and makes a panic of the engine an error.
func (s *Service) attempt(ctx context.Context, w *synthesis) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if w.run.Attempts > mostAttempts {
		return &Failure{Code: FailInternal, Message: "the synthesis was begun " + strconv.Itoa(mostAttempts) + " times and never came to an end; the server's log may tell why"}
	}
	return s.work(ctx, w)
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
	job     Job
	run     *Run
	sources []*Source
	begun   time.Time
	claims  []Claim // admitted so far
	written int     // of those, already in the database
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
		sources, err := tx.UnreadSources(ctx, job.Persona)
		if err != nil {
			return err
		}
		at := now()
		if run.StartedAt == nil {
			run.StartedAt = &at
		}
		info := s.engine.Info() // what reads, if it is not what was asked to when the run was made
		run.Engine, run.PromptHash, run.Model = info.Name, info.PromptHash, info.model()
		run.Stage, run.Attempts, run.Progress, run.ClaimsProposed, run.ClaimsProven, run.Failure = StageExtracting, max(run.Attempts+1, job.Attempt), 0, 0, 0, nil
		out = &synthesis{job: job, run: run, sources: sources, begun: at}
		if err := tx.UpdateRun(ctx, run); err != nil {
			return err
		}
		return tx.Notify(ctx, Event{Kind: EventProgress, Persona: job.Persona, Run: &job.Run, At: at})
	})
	return out, err
}

// work reads, composes and commits.
func (s *Service) work(ctx context.Context, w *synthesis) error {
	var read, unreadable []SourceID
	for i, src := range w.sources {
		err := s.extract(ctx, w, src)
		if failure := new(Failure); errors.As(err, &failure) && (w.job.Last || !failure.Retryable) && len(w.sources) > 1 {
			// The others go on; this one says FAILED.
			s.log.WarnContext(ctx, "source failed", "run", w.run.ID, "source", src.ID, "error", err)
			w.run.Failure = failure
			unreadable = append(unreadable, src.ID)
			continue
		}
		if err != nil {
			return err
		}
		read = append(read, src.ID)
		w.run.Progress = 0.9 * float64(i+1) / float64(len(w.sources))
	}
	if len(read) == 0 && len(unreadable) > 0 {
		return w.run.Failure
	}
	edits, err := s.edits(ctx, w.run.ID)
	if err != nil {
		return err
	}
	narratives, err := s.compose(ctx, w, edits)
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
		if err := tx.SetSourceStatus(ctx, read, SourceRead); err != nil {
			return err
		}
		if err := tx.SetSourceStatus(ctx, unreadable, SourceFailed); err != nil {
			return err
		}
		p, err := commit(ctx, tx, change{persona: w.job.Persona, reason: ReasonSourceAdded, author: w.run.Engine, next: func(live []Claim) []Claim {
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

// extract reads one source; what is admitted is added to w.claims.
func (s *Service) extract(ctx context.Context, w *synthesis, src *Source) error {
	proof := newProver(src, w.run, s.engine.Info(), w.begun)
	usage, err := s.engine.Extract(ctx, *src, func(drafts []Draft) error {
		claims, proven := proof.prove(drafts)
		w.claims = append(w.claims, without(claims, w.claims)...)
		w.run.ClaimsProposed += len(drafts)
		w.run.ClaimsProven += proven
		return s.report(ctx, w, StageExtracting)
	})
	w.run.Usage = w.run.Usage.Add(usage)
	return err
}

// report writes what is there so far, once the run has taken longer than patience.
func (s *Service) report(ctx context.Context, w *synthesis, stage Stage) error {
	if time.Since(w.begun) < patience {
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
func (s *Service) compose(ctx context.Context, w *synthesis, edits []Claim) ([]Claim, error) {
	live, err := s.live(ctx, w.job.Persona)
	if err != nil {
		return nil, err
	}
	set := append(append(withoutNarrative(live), edits...), w.claims...)
	facts := factsOf(set)
	if len(facts) == 0 {
		return nil, nil
	}
	w.run.Stage, w.run.Progress = StageComposing, 0.9
	if err := s.report(ctx, w, StageComposing); err != nil {
		return nil, err
	}
	drafts, usage, err := s.engine.Compose(ctx, facts)
	w.run.Usage = w.run.Usage.Add(usage)
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
	claims := proveNarratives(w.run, s.engine.Info(), drafts, won, now())
	w.run.ClaimsProposed += len(drafts)
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
func (s *Service) fail(ctx context.Context, run *Run, failure *Failure, final bool) error {
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
		unread, err := tx.UnreadSources(ctx, p.ID)
		if err != nil {
			return err
		}
		var ids []SourceID
		for _, src := range unread {
			ids = append(ids, src.ID)
		}
		if err := tx.SetSourceStatus(ctx, ids, SourceFailed); err != nil {
			return err
		}
		if p.VersionNumber == 0 {
			if err := tx.SetStatus(ctx, p.ID, StatusFailed, at); err != nil {
				return err
			}
		}
		return tx.Notify(ctx, Event{Kind: EventUpdated, Persona: p.ID, Run: &run.ID, At: at})
	})
}
