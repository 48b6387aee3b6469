package synth

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/persona-api/persona-api/internal/persona"
)

const (
	// deadAfter is how many calls in a row must fail before the server counts as dead.
	deadAfter = 5
	// firstRest is how long a dead server is left alone at first. The rest doubles
	// with each call that finds it dead still, up to longestRest.
	firstRest   = 10 * time.Second
	longestRest = 2 * time.Minute
)

// errNotAsked marks a failure of a call that was not made.
var errNotAsked = errors.New("the model was not asked")

// breaker keeps calls from a server that cannot take them. It stays shut for two
// reasons, which end differently:
//
// A server is dead when call after call got not one word out of it: no connection,
// an error of its own, silence until the timeout. After a rest one call, the probe,
// finds out whether it is back; others that come meanwhile wait for the outcome, so
// that neither a herd meets a server that has just risen nor a job spends an attempt
// on a question that is being answered.
//
// A server that says to stay away for longer than patience is alive: it is believed,
// by everybody, and when the time is over calls go on without a probe. That is all a
// 429 does. Without such a wish it counts as life, like every answer and refusal: who
// is too fast waits (backoff, LLM_RATE), and a wrong key concerns nobody's health.
//
// failsafe-go's breaker cannot take back the permit of a probe whose caller went
// away, and counts results of calls from before it opened: hence this one.
type breaker struct {
	mu       sync.Mutex
	failures int              // in a row
	rest     time.Duration    // how long it is left alone at present; 0 while it is well
	until    time.Time        // nobody is let through before
	why      *persona.Failure // what kept them out last
	probing  chan struct{}    // closed when the probe is over; nil without one
	openings int              // how often it has opened
}

// pass is the leave to make one call. It must be given back with leave.
type pass struct {
	probe    bool
	openings int // when it was given
}

// enter lets a call through, waits for a probe that is under way, or refuses. The
// error is a *persona.Failure; a refusal is marked with errNotAsked and retryable
// after the rest that remains.
func (b *breaker) enter(ctx context.Context) (pass, error) {
	for {
		p, probing, err := b.tryEnter()
		if err != nil || probing == nil {
			return p, err
		}
		select {
		case <-probing:
		case <-ctx.Done():
			return pass{}, stopped(ctx)
		}
	}
}

// tryEnter is enter without waiting: for a probe's end when probing is not nil.
func (b *breaker) tryEnter() (p pass, probing <-chan struct{}, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if f := b.refusal(); f != nil {
		return pass{}, nil, f
	}
	if b.rest > 0 {
		if b.probing != nil {
			return pass{}, b.probing, nil
		}
		b.probing = make(chan struct{})
		return pass{true, b.openings}, nil, nil
	}
	return pass{false, b.openings}, nil, nil
}

// refuses returns the refusal that enter would give now, nil when it would not.
func (b *breaker) refuses() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if f := b.refusal(); f != nil {
		return f
	}
	return nil
}

func (b *breaker) refusal() *persona.Failure {
	remaining := time.Until(b.until)
	if remaining <= 0 {
		return nil
	}
	return &persona.Failure{Code: b.why.Code, Message: b.why.Message, Retryable: true, RetryAfter: remaining, Cause: errors.Join(errNotAsked, b.why.Cause)}
}

// outcome is what a call has shown of the server's health.
type outcome int

const (
	unknown outcome = iota // the caller went away first
	alive                  // it said something, be it a refusal
	dead                   // it said nothing that is an answer
)

// leave gives a pass back. failure is why the call failed, if it did.
func (b *breaker) leave(p pass, o outcome, failure *persona.Failure) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.probe {
		close(b.probing)
		b.probing = nil
	}
	if failure != nil && failure.Retryable && failure.RetryAfter > patience {
		if until := time.Now().Add(failure.RetryAfter); until.After(b.until) {
			b.until, b.why = until, failure
		}
	}
	switch {
	case p.openings != b.openings, o == unknown:
		// From before it opened, it says nothing about now.
	case o == alive:
		b.failures, b.rest = 0, 0
	case p.probe:
		b.open(failure)
	default:
		if b.failures++; b.failures >= deadAfter {
			b.open(failure)
		}
	}
}

// open shuts calls out for a rest.
func (b *breaker) open(failure *persona.Failure) {
	b.openings++
	b.rest = min(max(firstRest, 2*b.rest), longestRest)
	if until := time.Now().Add(b.rest); until.After(b.until) {
		b.until = until
	}
	b.why = failing(persona.FailModelUnavailable, true, failure,
		"the model's server has not answered for a while and is left alone for some time; it will be tried again, or see that it runs")
}
