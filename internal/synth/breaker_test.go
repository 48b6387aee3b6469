package synth

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
)

// patient is a server's state in a test: what it answers now, and how often it was asked.
type patient struct {
	mu    sync.Mutex
	err   error
	text  string
	takes time.Duration
	calls int
}

func (p *patient) generate(ctx context.Context, _ request) (reply, error) {
	p.mu.Lock()
	p.calls++
	takes, err, text := p.takes, p.err, p.text
	p.mu.Unlock()
	if pause(ctx, takes) != nil {
		return reply{}, stopped(ctx)
	}
	if err != nil {
		return reply{text: text}, err
	}
	return whole, nil
}

func (p *patient) set(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
}

func (p *patient) asked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

func gone() *persona.Failure {
	return failing(persona.FailModelUnavailable, true, errors.New("connection refused"), "the model's server cannot be reached")
}

// kill fails calls until the breaker opens.
func kill(t *testing.T, e *Engine, p *patient) {
	t.Helper()
	p.set(gone())
	for range 2 { // three attempts each: five are made, the sixth is refused
		require.Error(t, ask(t.Context(), e))
	}
	require.Equal(t, deadAfter, p.asked())
}

func TestDeadServerIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &patient{}
		e := engineWith(t, p.generate)
		kill(t, e, p)
		opened := time.Now()

		for range 100 {
			f := asFailure(t, ask(t.Context(), e))
			require.Equal(t, persona.FailModelUnavailable, f.Code)
			require.True(t, f.Retryable)
			require.ErrorContains(t, f, "connection refused")
			require.InDelta(t, firstRest.Seconds(), f.RetryAfter.Seconds(), 2)
		}
		require.InDelta(t, 0, time.Since(opened).Seconds(), 0, "at once")
		require.Equal(t, deadAfter, p.asked())

		// What it says of the time to come back is true: then, and not before, one call is made.
		f := asFailure(t, ask(t.Context(), e))
		require.NoError(t, pause(t.Context(), f.RetryAfter-time.Millisecond))
		require.Error(t, ask(t.Context(), e))
		require.Equal(t, deadAfter, p.asked())
		p.set(nil)
		require.NoError(t, pause(t.Context(), time.Millisecond))
		require.NoError(t, ask(t.Context(), e))
		require.Equal(t, deadAfter+1, p.asked())
	})
}

func TestRestDoublesWhileTheServerStaysDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &patient{}
		e := engineWith(t, p.generate)
		kill(t, e, p)
		rest := firstRest
		for range 6 {
			f := asFailure(t, ask(t.Context(), e))
			require.NoError(t, pause(t.Context(), f.RetryAfter))
			calls := p.asked()
			f = asFailure(t, ask(t.Context(), e))
			require.Equal(t, calls+1, p.asked(), "one probe, and no second attempt")
			rest = min(2*rest, longestRest)
			require.InDelta(t, rest.Seconds(), f.RetryAfter.Seconds(), 2)
		}
		require.Equal(t, longestRest, rest)
		p.set(nil)
		require.NoError(t, pause(t.Context(), rest))
		require.NoError(t, ask(t.Context(), e))
		kill2 := p.asked()
		p.set(gone())
		f := asFailure(t, ask(t.Context(), e))
		require.Equal(t, kill2+3, p.asked(), "well again, it has all its attempts")
		require.Zero(t, f.RetryAfter)
	})
}

func TestOthersWaitForTheProbe(t *testing.T) {
	for _, c := range []struct {
		name  string
		back  bool
		calls int
	}{{"that finds the server back", true, deadAfter + 20}, {"that does not", false, deadAfter + 1}} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &patient{}
				e := engineWith(t, p.generate, func(o *Options) { o.Concurrency = 50 })
				kill(t, e, p)
				require.NoError(t, pause(t.Context(), firstRest))
				p.takes = time.Second
				if c.back {
					p.set(nil)
				}
				var all sync.WaitGroup
				for range 20 {
					all.Go(func() {
						err := ask(t.Context(), e)
						require.Equal(t, c.back, err == nil)
						if err != nil {
							require.Greater(t, asFailure(t, err).RetryAfter, firstRest)
						}
					})
				}
				synctest.Wait()
				require.Equal(t, deadAfter+1, p.asked(), "one probe")
				all.Wait()
				require.Equal(t, c.calls, p.asked())
			})
		})
	}
}

func TestProbeWhoseCallerGoesAwayLeavesItToTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &patient{}
		e := engineWith(t, p.generate)
		kill(t, e, p)
		require.NoError(t, pause(t.Context(), firstRest))
		p.takes = time.Minute
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.Equal(t, persona.FailModelTimeout, asFailure(t, ask(ctx, e)).Code)
		p.takes = 0
		p.set(nil)
		require.NoError(t, ask(t.Context(), e))
		require.Equal(t, deadAfter+2, p.asked())
	})
}

// TestAServerThatSpeaksIsNotDead fails in all the ways in which a server lives.
func TestAServerThatSpeaksIsNotDead(t *testing.T) {
	for name, c := range map[string]*patient{
		"429":                {err: failing(persona.FailRateLimited, true, nil, "too fast")},
		"a wrong key":        {err: failing(persona.FailModelUnavailable, false, nil, "refused")},
		"half an answer":     {err: cut(errors.New("eof")), text: `{"cl`},
		"a slow answer":      {err: failing(persona.FailModelTimeout, true, nil, "slow"), text: `{"cl`},
		"the caller's haste": {err: &persona.Failure{Code: persona.FailCancelled, Retryable: true}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &patient{err: c.err, text: c.text}
				e := engineWith(t, p.generate)
				for range 20 {
					_ = ask(t.Context(), e)
				}
				require.NoError(t, e.breaker.refuses())
				require.GreaterOrEqual(t, p.asked(), 20)
			})
		})
	}
}

func TestASignOfLifeAmongFailuresIsEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &patient{}
		e := engineWith(t, p.generate)
		for range 10 {
			p.set(gone())
			require.Error(t, ask(t.Context(), e)) // three attempts
			p.set(nil)
			require.NoError(t, ask(t.Context(), e))
		}
		require.Equal(t, 40, p.asked())
	})
}

func TestWhoIsToldToStayAwayKeepsTheOthersAway(t *testing.T) {
	for _, told := range []*persona.Failure{
		{Code: persona.FailRateLimited, Message: "too fast", Retryable: true, RetryAfter: time.Minute},
		{Code: persona.FailModelUnavailable, Message: "being mended", Retryable: true, RetryAfter: time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &patient{}
			e := engineWith(t, p.generate, func(o *Options) { o.Concurrency = 50 })
			p.set(told)
			require.Equal(t, time.Minute, asFailure(t, ask(t.Context(), e)).RetryAfter)
			p.set(nil)
			require.NoError(t, pause(t.Context(), 20*time.Second))
			f := asFailure(t, ask(t.Context(), e))
			require.Equal(t, told.Code, f.Code)
			require.Equal(t, told.Message, f.Message)
			require.True(t, f.Retryable)
			require.Equal(t, 40*time.Second, f.RetryAfter, "what remains")
			require.Equal(t, 1, p.asked())

			// Then everybody may go on: the server said so, no probe is needed.
			require.NoError(t, pause(t.Context(), 40*time.Second))
			p.takes = time.Second
			var all sync.WaitGroup
			for range 20 {
				all.Go(func() { require.NoError(t, ask(t.Context(), e)) })
			}
			synctest.Wait()
			require.Equal(t, 21, p.asked())
			all.Wait()
		})
	}
}

func TestCallThatEndsInAPanicGivesBackWhatItHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &patient{}
		e := engineWith(t, p.generate, func(o *Options) { o.Concurrency = 1 })
		kill(t, e, p)
		require.NoError(t, pause(t.Context(), firstRest))
		e.model = modelFunc(func(context.Context, request) (reply, error) { panic("a surprise") })
		require.Panics(t, func() { _ = ask(t.Context(), e) })
		_, _, err := read(t, e, text)
		f := asFailure(t, err)
		require.Equal(t, persona.FailInternal, f.Code, "and it ends one source's reading, not the process")
		require.ErrorContains(t, f, "a surprise")
		e.model = modelFunc(p.generate)
		p.set(nil)
		require.NoError(t, ask(t.Context(), e))
	})
}

func TestNoAttemptIsMadeThatTheWorksTimeDoesNotAllow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &patient{}
		p.set(&persona.Failure{Code: persona.FailRateLimited, Retryable: true, RetryAfter: 8 * time.Second})
		e := engineWith(t, p.generate)
		begun := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		f := asFailure(t, ask(ctx, e))
		require.Equal(t, persona.FailRateLimited, f.Code)
		require.Equal(t, 8*time.Second, f.RetryAfter, "for the queue")
		require.Zero(t, time.Since(begun))
	})
}
