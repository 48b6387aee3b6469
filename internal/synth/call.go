package synth

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/persona-api/persona-api/internal/persona"
)

// model is the one thing that is asked of a language model.
type model interface {
	// generate returns the model's answer. When the call did not come to its end
	// the error is a *persona.Failure, and the reply holds what came before it.
	generate(ctx context.Context, req request) (reply, error)
}

// request is one question: standing instructions, then turns, the user's first.
type request struct {
	form   form
	system string
	turns  []turn
}

// turn is one message of a conversation.
type turn struct {
	assistant bool // else the user's
	text      string
}

// reply is one answer, whole or not.
type reply struct {
	text   string
	finish finish
	usage  persona.Usage
	// broken is why the text is not whole although there is some; nil when it is.
	broken *persona.Failure
}

// finish is why the model stopped.
type finish string

const (
	finishStop     finish = "stop"           // it had said all
	finishLength   finish = "length"         // it was cut off
	finishFiltered finish = "content_filter" // it was silenced
	finishBroken   finish = ""               // nobody said: the stream was cut
)

// whole reports whether the model came to its own end.
func (r *reply) whole() bool { return r.finish == finishStop }

const (
	// retries follow a first attempt that failed for a passing reason.
	retries = 2
	// patience is the longest wait between two attempts. Whoever asks for more
	// gets it from the queue, which keeps no slot and no connection meanwhile.
	patience = 10 * time.Second
	// backoff is the least wait before the second attempt; it doubles.
	backoff = 500 * time.Millisecond
)

// call asks the model, again where another attempt can help. Slots are taken per
// attempt: nobody holds one while waiting. gate ends the waiting (for a slot, for
// the next attempt), ctx the call itself; gate is ctx or a child of it.
//
// A reply without error may be broken: then no attempt came to its end, and it is
// the longest that came. The usage is of all attempts. The error is a *persona.Failure.
func (e *Engine) call(ctx, gate context.Context, req request) (reply, error) {
	var best reply
	var usage persona.Usage
	for attempt := 0; ; attempt++ {
		r, err := e.attempt(ctx, gate, req)
		usage = usage.Add(r.usage)
		if err == nil {
			r.usage = usage
			return r, nil
		}
		if ctx.Err() != nil {
			return reply{usage: usage}, stopped(ctx)
		}
		failure := failureOf(err)
		if len(r.text) > len(best.text) {
			best = r
		}
		// A slow answer would be as slow again: what came of it counts.
		slow := failure.Code == persona.FailModelTimeout && r.text != ""
		wait := max(failure.RetryAfter, jitter(backoff<<attempt))
		if failure.Retryable && !slow && attempt < retries && failure.RetryAfter <= patience {
			e.log.DebugContext(ctx, "model call failed, trying again", "attempt", attempt+1, "wait", wait, "error", failure)
			if e.pause(gate, wait) == nil {
				continue
			}
			if ctx.Err() != nil {
				return reply{usage: usage}, stopped(ctx)
			}
		}
		best.usage = usage
		if best.text == "" {
			return best, failure
		}
		best.finish, best.broken = finishBroken, failure
		return best, nil
	}
}

// attempt is one call within its time, once a slot is free.
func (e *Engine) attempt(ctx, gate context.Context, req request) (reply, error) {
	select {
	case e.slots <- struct{}{}:
	case <-gate.Done():
		return reply{}, stopped(gate)
	}
	defer func() { <-e.slots }()
	if gate.Err() != nil { // select is fair: a free slot may win over a closed gate
		return reply{}, stopped(gate)
	}
	return e.tracing.call(ctx, func(ctx context.Context) (reply, error) {
		ctx, cancel := context.WithTimeout(ctx, e.timeout)
		defer cancel()
		r, err := e.model.generate(ctx, req)
		r.usage.CostMicros = e.price.cost(r.usage)
		return r, err
	})
}

// jitter spreads d over half to one and a half of it, so that callers turned away
// together do not come back together.
func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d) //nolint:gosec // chance, not secrecy
}

// failureOf is err as a failure.
func failureOf(err error) *persona.Failure {
	var f *persona.Failure
	if errors.As(err, &f) {
		return f
	}
	return &persona.Failure{Code: persona.FailInternal, Message: "the call of the model failed inside the server; its log has the cause", Retryable: true, Cause: err}
}

// stopped is the failure of a context that has ended.
func stopped(ctx context.Context) *persona.Failure {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &persona.Failure{Code: persona.FailModelTimeout, Message: "the time for the work was over before the model had answered; it will be tried again", Retryable: true, Cause: ctx.Err()}
	}
	return &persona.Failure{Code: persona.FailCancelled, Message: "the work was stopped before the model had answered", Retryable: true, Cause: ctx.Err()}
}
