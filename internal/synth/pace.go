package synth

import (
	"context"
	"time"

	"golang.org/x/time/rate"

	"github.com/persona-api/persona-api/internal/persona"
)

// pace is a token bucket of calls. It holds one second's worth: whoever counts by
// the minute sees no more than was promised, and whoever counts by the second, as
// some providers do, is not overrun by the minute's calls coming at once.
type pace struct {
	bucket *rate.Limiter // nil lets everybody through
}

func newPace(perMinute int) pace {
	if perMinute == 0 {
		return pace{}
	}
	return pace{rate.NewLimiter(rate.Limit(perMinute)/60, max(1, perMinute/60))}
}

// wait returns when the next call may begin, in the order of asking. It takes no
// token when ctx ends first, and knows at once when ctx would: the *persona.Failure
// then is RATE_LIMITED and says after how long it is worth coming back.
func (p pace) wait(ctx context.Context) error {
	if p.bucket == nil || p.bucket.Wait(ctx) == nil {
		return nil
	}
	if ctx.Err() != nil {
		return stopped(ctx)
	}
	missing := max(0, 1-p.bucket.Tokens())
	f := failing(persona.FailRateLimited, true, errNotAsked,
		"so many calls wait for LLM_RATE that this one's turn comes after the work's time is over; it will be tried again, or raise LLM_RATE")
	f.RetryAfter = time.Duration(missing / float64(p.bucket.Limit()) * float64(time.Second))
	return f
}
