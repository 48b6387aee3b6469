package persona

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// MaxSources is how many texts, pages and files can be given at once.
const MaxSources = 10

// Limits of what one persona can be made of, in items or code points.
const (
	maxTitle   = 300
	maxTags    = 20
	maxTag     = 50
	maxSubject = 200
	maxWait    = 60
)

const defaultWait = 10 // seconds

// Create adds a persona with its sources and a synthesis job in one transaction,
// then waits for READY or FAILED as long as the caller wants to. It returns the
// persona whatever its state. Errors: Invalid, TooLarge, Unavailable.
func (s *Service) Create(ctx context.Context, in Create) (*Persona, error) {
	at := now()
	p := &Persona{ID: NewID(), Status: StatusPending, CreatedAt: at, UpdatedAt: at}
	sources, err := s.gather(ctx, p.ID, at, in.Text, in.URLs, in.Sources)
	if err != nil {
		return nil, err
	}
	if p.Tags, err = cleanTags(in.Tags); err != nil {
		return nil, err
	}
	run := newRun(p.ID, s.engines[0].Info(), ReasonSourceAdded, at)
	edits, err := in.Subject.claims(p.ID, run.ID, author(ctx), at)
	if err != nil {
		return nil, err
	}
	return s.enqueue(ctx, p, run, in.WaitSeconds, func(tx Tx) error {
		if err := tx.InsertPersona(ctx, p); err != nil {
			return err
		}
		if err := tx.InsertSources(ctx, sources); err != nil {
			return err
		}
		if err := tx.InsertRun(ctx, run); err != nil {
			return err
		}
		// The subject's claims wait beside the run's for its commit.
		if err := tx.InsertClaims(ctx, edits); err != nil {
			return err
		}
		return tx.Notify(ctx, Event{Kind: EventCreated, Persona: p.ID, Run: &run.ID, At: at})
	})
}

// AddSources gives the persona more to be read from; what it has already is not
// read again. It waits and returns like Create. Errors: Invalid, TooLarge,
// NotFound, Merged, Conflict when the persona has a source with this text, Unavailable.
func (s *Service) AddSources(ctx context.Context, in AddSources) (*Persona, error) {
	at := now()
	sources, err := s.gather(ctx, in.ID, at, in.Text, in.URLs, in.Sources)
	if err != nil {
		return nil, err
	}
	run := newRun(in.ID, s.engines[0].Info(), ReasonSourceAdded, at)
	return s.enqueue(ctx, nil, run, in.WaitSeconds, func(tx Tx) error {
		if err := changeable(ctx, tx, in.ID); err != nil {
			return err
		}
		if err := tx.InsertSources(ctx, sources); err != nil {
			return err
		}
		if err := tx.InsertRun(ctx, run); err != nil {
			return err
		}
		return tx.Notify(ctx, Event{Kind: EventProgress, Persona: in.ID, Run: &run.ID, At: at})
	})
}

// changeable locks the persona and refuses one that was merged into another.
func changeable(ctx context.Context, tx Tx, id ID) error {
	p, err := tx.LockPersona(ctx, id)
	if err != nil {
		return err
	}
	return p.changeable()
}

func newRun(id ID, engine EngineInfo, reason Reason, at time.Time) *Run {
	return &Run{ID: NewRunID(), PersonaID: id, Reason: reason, Engine: engine.Name, Model: engine.model(), PromptHash: engine.PromptHash, Stage: StageQueued, CreatedAt: at}
}

// enqueue writes what a run needs, the run among it, together with its job, and
// waits for its end as long as the caller wants to. It returns the persona as it
// is then; p as it is when it is new and not waited for.
func (s *Service) enqueue(ctx context.Context, p *Persona, run *Run, waitSeconds *int, write func(Tx) error) (*Persona, error) {
	wait, err := waitFor(waitSeconds)
	if err != nil {
		return nil, err
	}
	// Subscribed before the commit, so that no event falls between the two.
	ctx = Fresh(ctx)
	listening, stop := context.WithCancel(ctx)
	defer stop()
	var events <-chan Event
	if wait > 0 {
		if events, err = s.bus.Subscribe(listening); err != nil {
			return nil, err
		}
	}
	err = s.w.Write(ctx, func(tx Tx) error {
		if err := write(tx); err != nil {
			return err
		}
		return tx.EnqueueSynthesis(ctx, run.PersonaID, run.ID)
	})
	if err != nil {
		return nil, err
	}
	switch {
	case wait > 0:
		return s.await(ctx, run, events, wait)
	case p != nil:
		return p, nil
	}
	return s.Persona(ctx, run.PersonaID, Columns{Profile: true, Document: true})
}

// await returns the persona once the run is over or the wait is.
func (s *Service) await(ctx context.Context, run *Run, events <-chan Event, wait time.Duration) (*Persona, error) {
	wait, spent := waitBudget(ctx, wait)
	defer spent()
	over := time.NewTimer(wait)
	defer over.Stop()
	poll := time.NewTicker(time.Second) // for events lost on the way
	defer poll.Stop()
	for last := false; ; {
		runs, err := s.Runs(ctx, []RunID{run.ID})
		if err != nil {
			return nil, err
		}
		if last || runs[0] == nil || runs[0].Stage.Over() {
			return s.Persona(ctx, run.PersonaID, Columns{Profile: true, Document: true})
		}
		for again := false; !again; {
			select {
			case e, ok := <-events:
				if !ok {
					events = nil
				}
				again = e.Run != nil && *e.Run == run.ID || ok && e.Persona.IsZero()
			case <-poll.C:
				again = true
			case <-over.C:
				again, last = true, true
			case <-ctx.Done():
				return s.Persona(context.WithoutCancel(ctx), run.PersonaID, Columns{}) // done all the same; the caller has gone
			}
		}
	}
}

type waitKey struct{}

// waits is what a request may still spend on waiting.
type waits struct {
	mu   sync.Mutex
	left time.Duration
}

// WithWaitBudget returns a context in which all mutations together wait no
// longer than one may: for a request with many mutations.
func WithWaitBudget(ctx context.Context) context.Context {
	return context.WithValue(ctx, waitKey{}, &waits{left: maxWait * time.Second})
}

// waitBudget cuts a wait to what the request has left; spent gives back what was not used.
func waitBudget(ctx context.Context, want time.Duration) (granted time.Duration, spent func()) {
	b, ok := ctx.Value(waitKey{}).(*waits)
	if !ok {
		return want, func() {}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	granted = min(want, b.left)
	begun := time.Now()
	return granted, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.left = max(0, b.left-time.Since(begun))
	}
}

func waitFor(seconds *int) (time.Duration, error) {
	if seconds == nil {
		return defaultWait * time.Second, nil
	}
	if *seconds < 0 || *seconds > maxWait {
		return 0, Invalid("waitSeconds", "must be from 0 to %d", maxWait)
	}
	return time.Duration(*seconds) * time.Second, nil
}

func cleanTags(tags []string) ([]string, error) {
	out := []string{}
	for _, t := range tags {
		t = strings.TrimSpace(t)
		if n := utf8.RuneCountInString(t); n == 0 || n > maxTag || !cleanText(t) {
			return nil, Invalid("tags", "must each have 1 to %d characters", maxTag)
		}
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	if len(out) > maxTags {
		return nil, TooLarge("tags", "must be at most %d, are %d", maxTags, len(out))
	}
	return out, nil
}

// claims makes what the caller knows for certain into EDITED claims.
func (in *Subject) claims(id ID, run RunID, author string, at time.Time) ([]Claim, error) {
	if in == nil {
		return nil, nil
	}
	var out []Claim
	for _, e := range []struct {
		path  string
		value *string
	}{{"name", in.Name}, {"role", in.Role}, {"location", in.Location}, {"gender", in.Gender}} {
		if e.value == nil {
			continue
		}
		v := strings.TrimSpace(*e.value)
		if n := utf8.RuneCountInString(v); n == 0 || n > maxSubject || !cleanText(v) {
			return nil, &Error{Code: CodeInvalid, Field: []string{"subject", e.path}, Message: "must have 1 to " + strconv.Itoa(maxSubject) + " characters"}
		}
		f := FieldAt(e.path)
		out = append(out, Claim{
			ID: claimID(id.String(), author, at.Format(stamp), string(OpAssert), e.path, f.Key(v, nil)), PersonaID: id, RunID: &run, Author: &author,
			Op: OpAssert, Path: e.path, Key: f.Key(v, nil), Value: v, Basis: BasisEdited, Confidence: 1000, CreatedAt: at,
		})
	}
	return out, nil
}

// author names the caller on what it writes.
func author(ctx context.Context) string {
	if s := CallerFrom(ctx).Subject; s != "" {
		return s
	}
	return "system"
}

// Delete removes a persona with everything that is at home there. Errors: NotFound, Unavailable.
func (s *Service) Delete(ctx context.Context, in Delete) (ID, error) {
	err := s.w.Write(ctx, func(tx Tx) error {
		if err := tx.DeletePersona(ctx, in.ID); err != nil {
			return err
		}
		return tx.Notify(ctx, Event{Kind: EventDeleted, Persona: in.ID, At: now()})
	})
	return in.ID, err
}
