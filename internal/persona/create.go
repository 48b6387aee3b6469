package persona

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Limits of what one persona can be made of, in items or code points.
const (
	maxSources = 10
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
	sources, err := in.sources(p.ID, at)
	if err != nil {
		return nil, err
	}
	if p.Tags, err = cleanTags(in.Tags); err != nil {
		return nil, err
	}
	info := s.engine.Info()
	run := &Run{ID: NewRunID(), PersonaID: p.ID, Engine: info.Name, Model: info.model(), PromptHash: info.PromptHash, Stage: StageQueued, CreatedAt: at}
	edits, err := in.Subject.claims(p.ID, run.ID, author(ctx), at)
	if err != nil {
		return nil, err
	}
	wait, err := in.wait()
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
		if err := tx.EnqueueSynthesis(ctx, p.ID, run.ID); err != nil {
			return err
		}
		return tx.Notify(ctx, Event{Kind: EventCreated, Persona: p.ID, Run: &run.ID, At: at})
	})
	if err != nil {
		return nil, err
	}
	if wait == 0 {
		return p, nil
	}
	return s.await(ctx, p.ID, events, wait)
}

// await returns the persona once it is no longer PENDING or the wait is over.
func (s *Service) await(ctx context.Context, id ID, events <-chan Event, wait time.Duration) (*Persona, error) {
	wait, spent := waitBudget(ctx, wait)
	defer spent()
	over := time.NewTimer(wait)
	defer over.Stop()
	poll := time.NewTicker(time.Second) // for events lost on the way
	defer poll.Stop()
	for last := false; ; {
		p, err := s.Persona(ctx, id, Columns{Profile: true, Document: true})
		if err != nil || p.Status != StatusPending || last {
			return p, err
		}
		for again := false; !again; {
			select {
			case e, ok := <-events:
				if !ok {
					events = nil
				}
				again = e.Persona == id && e.Kind == EventUpdated || ok && e.Persona.IsZero()
			case <-poll.C:
				again = true
			case <-over.C:
				again, last = true, true
			case <-ctx.Done():
				return p, nil // created all the same; the caller has gone
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

// WithWaitBudget returns a context in which all createPersona together wait no
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

func (in *Create) wait() (time.Duration, error) {
	if in.WaitSeconds == nil {
		return defaultWait * time.Second, nil
	}
	if *in.WaitSeconds < 0 || *in.WaitSeconds > maxWait {
		return 0, Invalid("waitSeconds", "must be from 0 to %d", maxWait)
	}
	return time.Duration(*in.WaitSeconds) * time.Second, nil
}

// sources checks the texts and makes them sources.
func (in *Create) sources(id ID, at time.Time) ([]*Source, error) {
	var out []*Source
	add := func(text string, si SourceInput, field ...string) error {
		if err := checkText(text, field...); err != nil {
			return err
		}
		if si.Title != nil && (!cleanText(*si.Title) || utf8.RuneCountInString(*si.Title) > maxTitle) {
			return Invalid("title", "must be UTF-8 of at most %d characters", maxTitle)
		}
		kind := KindText
		if si.Kind != nil {
			kind = *si.Kind
		}
		sum := sha256.Sum256([]byte(text))
		hex, length := hex.EncodeToString(sum[:]), utf8.RuneCountInString(text)
		if slices.ContainsFunc(out, func(o *Source) bool { return *o.SHA256 == hex }) {
			return &Error{Code: CodeInvalid, Field: field, Message: "is given twice; give each text once"}
		}
		// Each a microsecond later, so that they keep the order they were given in.
		out = append(out, &Source{ID: NewSourceID(), PersonaID: id, Kind: kind, Status: SourcePending, Title: si.Title, Text: &text, Length: &length,
			SHA256: &hex, AsOf: si.AsOf, CreatedAt: at.Add(time.Duration(len(out)) * time.Microsecond)})
		return nil
	}
	if in.Text != nil {
		if err := add(*in.Text, SourceInput{}, "text"); err != nil {
			return nil, err
		}
	}
	for i, si := range in.Sources {
		if err := add(si.Text, si, "sources", strconv.Itoa(i), "text"); err != nil {
			return nil, err
		}
	}
	switch {
	case len(out) == 0:
		return nil, Invalid("text", "must be given, here or in sources")
	case len(out) > maxSources:
		return nil, TooLarge("sources", "must be at most %d, are %d", maxSources, len(out))
	}
	return out, nil
}

func checkText(text string, field ...string) error {
	switch n := utf8.RuneCountInString(text); {
	case !cleanText(text):
		return &Error{Code: CodeInvalid, Field: field, Message: "must be UTF-8 without NUL characters"}
	case n > MaxText:
		return &Error{Code: CodeTooLarge, Field: field, Message: "must have at most " + strconv.Itoa(MaxText) + " characters, has " + strconv.Itoa(n)}
	case strings.TrimSpace(text) == "":
		return &Error{Code: CodeInvalid, Field: field, Message: "must have at least one character that is not blank"}
	}
	return nil
}

// cleanText reports whether both databases can keep the text.
func cleanText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

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
