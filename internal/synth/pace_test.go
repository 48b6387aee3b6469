package synth

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
)

// modelFunc is a model that is a function. Nothing of it touches the network, so
// that the clock of a bubble can stand still for it.
type modelFunc func(ctx context.Context, req request) (reply, error)

func (f modelFunc) generate(ctx context.Context, req request) (reply, error) { return f(ctx, req) }

// engineWith is an engine over m whose waits are real; in a bubble they take no time.
func engineWith(t *testing.T, m modelFunc, change ...func(*Options)) *Engine {
	t.Helper()
	o := Options{Provider: OpenAI, Model: "gpt-4o-mini", APIKey: "k"}
	for _, c := range change {
		c(&o)
	}
	e, err := New(o)
	require.NoError(t, err)
	e.model = m
	return e
}

func ask(ctx context.Context, e *Engine) error {
	_, err := e.call(ctx, ctx, request{form: formClaims})
	return err
}

var whole = reply{text: `{"claims":[]}`, finish: finishStop}

func TestNoMinuteSeesMoreCallsThanTheRate(t *testing.T) {
	for _, rate := range []int{1, 7, 60, 600} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			var begun []time.Time
			e := engineWith(t, func(context.Context, request) (reply, error) {
				mu.Lock()
				defer mu.Unlock()
				begun = append(begun, time.Now())
				return whole, nil
			}, func(o *Options) { o.Rate, o.Concurrency = rate, 50 })
			var all sync.WaitGroup
			for range 3*rate + 2 {
				all.Go(func() { require.NoError(t, ask(t.Context(), e)) })
			}
			all.Wait()
			require.Len(t, begun, 3*rate+2)
			burst := max(1, rate/60)
			for i := burst + rate; i < len(begun); i++ {
				require.GreaterOrEqual(t, begun[i].Sub(begun[i-burst-rate]), time.Minute-time.Microsecond, "call %d", i)
			}
			require.Less(t, begun[len(begun)-1].Sub(begun[0]), 4*time.Minute+2*time.Minute/time.Duration(rate), "and hardly fewer")
		})
	}
}

func TestEveryAttemptTakesAToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var begun []time.Time
		e := engineWith(t, func(context.Context, request) (reply, error) {
			begun = append(begun, time.Now())
			if len(begun) < 3 {
				return reply{}, failing(persona.FailModelUnavailable, true, nil, "broken")
			}
			return whole, nil
		}, func(o *Options) { o.Rate = 2 })
		require.NoError(t, ask(t.Context(), e))
		require.Len(t, begun, 3)
		require.InDelta(t, 60, begun[2].Sub(begun[0]).Seconds(), 0.001)
	})
}

func TestWaitForTheRateIsNoPartOfTheCallsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := engineWith(t, func(ctx context.Context, _ request) (reply, error) {
			deadline, ok := ctx.Deadline()
			require.True(t, ok)
			require.Equal(t, 2*time.Second, time.Until(deadline))
			return whole, nil
		}, func(o *Options) { o.Rate, o.Timeout = 1, 2*time.Second })
		for range 3 {
			require.NoError(t, ask(t.Context(), e))
		}
	})
}

func TestWaitLongerThanTheWorksTimeFailsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		e := engineWith(t, func(context.Context, request) (reply, error) {
			calls++
			return whole, nil
		}, func(o *Options) { o.Rate = 1 })
		require.NoError(t, ask(t.Context(), e))
		begun := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		f := asFailure(t, ask(ctx, e))
		require.Zero(t, time.Since(begun))
		require.Equal(t, persona.FailRateLimited, f.Code)
		require.True(t, f.Retryable)
		require.Contains(t, f.Message, "LLM_RATE")
		require.InDelta(t, 60, f.RetryAfter.Seconds(), 1)
		require.Equal(t, 1, calls)

		// It took no token: the next one that can wait waits no longer for it.
		require.NoError(t, ask(t.Context(), e))
		require.InDelta(t, 60, time.Since(begun).Seconds(), 0.001)
	})
}

func TestWaitForTheRateCanBeCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := engineWith(t, func(context.Context, request) (reply, error) { return whole, nil }, func(o *Options) { o.Rate = 1 })
		require.NoError(t, ask(t.Context(), e))
		begun := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, cancel)
		require.Equal(t, persona.FailCancelled, asFailure(t, ask(ctx, e)).Code)
		require.Equal(t, 10*time.Second, time.Since(begun))
	})
}
