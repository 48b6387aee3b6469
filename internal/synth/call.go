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

// call asks the model, again where another attempt can help: after an error of the
// server, a timeout without a word, a cut, or a 429, but not once it has been
// refused for good, nor when the wait asked for is longer than patience or than the
// time that is left. What is asked for stands on the failure, for the queue.
//
// gate ends the waiting (for the bucket, a slot, the next attempt), ctx the call
// itself; gate is ctx or a child of it.
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
		if failure.Retryable && !slow && attempt < retries && failure.RetryAfter <= patience && !errors.Is(failure, errNotAsked) && inTime(gate, wait) {
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

// inTime reports whether anything could be done after so long a wait.
func inTime(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > wait
}

// attempt is one call within its time, once the bucket has a token, a slot is free
// and the breaker lets it through. None of these waits counts as the call's time.
// Nobody queues for a server that is known to be away. Slots are taken for an attempt:
// nobody holds one while waiting for the next.
func (e *Engine) attempt(ctx, gate context.Context, req request) (r reply, err error) {
	asked := time.Now()
	p, release, err := e.admit(gate)
	if err != nil {
		e.tracing.notAsked(ctx, failureOf(err).Code)
		return reply{}, err
	}
	defer release()
	said, failure := unknown, (*persona.Failure)(nil) // of a call that ends in a panic
	defer func() { e.breaker.leave(p, said, failure) }()
	r, err = e.tracing.call(ctx, time.Since(asked), func(ctx context.Context) (reply, error) {
		ctx, cancel := context.WithTimeout(ctx, e.timeout)
		defer cancel()
		r, err := e.model.generate(ctx, req)
		r.usage.CostMicros = e.price.cost(r.usage)
		return r, err
	})
	if err != nil {
		failure = failureOf(err)
	}
	if ctx.Err() == nil {
		said = saidBy(&r, failure)
	}
	return r, err
}

// admit waits until a call may begin. release gives its slot back.
func (e *Engine) admit(gate context.Context) (p pass, release func(), err error) {
	if err := e.breaker.refuses(); err != nil {
		return pass{}, nil, err
	}
	if err := e.pace.wait(gate); err != nil {
		return pass{}, nil, err
	}
	select {
	case e.slots <- struct{}{}:
	case <-gate.Done():
		return pass{}, nil, stopped(gate)
	}
	release = func() { <-e.slots }
	if gate.Err() != nil { // select is fair: a free slot may win over a closed gate
		release()
		return pass{}, nil, stopped(gate)
	}
	if p, err = e.breaker.enter(gate); err != nil {
		release()
		return pass{}, nil, err
	}
	return p, release, nil
}

// saidBy is what a call that nobody stopped has shown of the server's health.
func saidBy(r *reply, failure *persona.Failure) outcome {
	switch {
	case failure == nil, r.text != "", !failure.Retryable, failure.Code == persona.FailRateLimited:
		return alive
	case failure.Code == persona.FailModelUnavailable, failure.Code == persona.FailModelTimeout:
		return dead
	}
	return unknown
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
