package fetch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/persona-api/persona-api/internal/persona"
)

// problem is why there is no text.
type problem struct {
	why       string // fit to be shown, said of "the page" or the file: the reason, then what to do next
	tooLarge  bool
	retryable bool
	after     time.Duration // the least wait that the server asked for
	cause     error         // for the log
}

func (p *problem) Error() string { return p.why }

func (p *problem) Unwrap() error { return p.cause }

func (p *problem) failure() *persona.Failure {
	return &persona.Failure{Code: persona.FailFetchFailed, Message: "the page " + p.why, Retryable: p.retryable, RetryAfter: p.after, Cause: p.cause}
}

func (p *problem) invalid() *persona.Error {
	e := persona.Invalid("file", "%s", p.why)
	if p.tooLarge {
		e = persona.TooLarge("file", "%s", p.why)
	}
	e.Cause = p.cause
	return e
}

// problem returns the problem in err, or makes one of the context's end.
func (r *Reader) problem(ctx context.Context, err error) *problem {
	var p *problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &problem{retryable: true, cause: err, why: fmt.Sprintf("took longer than %s; try again later, or paste the text", r.timeout)}
	case ctx.Err() != nil:
		return &problem{retryable: true, cause: ctx.Err(), why: "was given up before it was read; try again"}
	default:
		return &problem{retryable: true, cause: err, why: "could not be reached; check the address and try again, or paste the text"}
	}
}
