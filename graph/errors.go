package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"runtime/debug"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/persona-api/persona-api/internal/persona"
)

// userErrors splits a mutation's failure: what the caller can mend goes into the
// payload, everything else into the response's errors.
func userErrors(err error) ([]*persona.Error, error) {
	var e *persona.Error
	if !errors.As(err, &e) {
		return nil, err
	}
	switch e.Code {
	case persona.CodeUnavailable, persona.CodeTimeout, persona.CodeInternal:
		return nil, err
	}
	return []*persona.Error{e}, nil
}

// ErrorPresenter returns how errors are shown in a response's errors. A
// persona.Error has its own message, with code and field as extensions; errors
// that have a code already, such as the validator's, stay as they are; a deadline
// is a TIMEOUT; any other error is logged once per response with its cause and
// shown as "internal error". All carry the request's id, unless it is "".
func ErrorPresenter(log *slog.Logger, requestID func(context.Context) string) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		shown := &gqlerror.Error{Path: graphql.GetPath(ctx), Extensions: map[string]any{}}
		if at, ok := errors.AsType[*gqlerror.Error](err); ok {
			shown.Path, shown.Locations = at.Path, at.Locations
			if _, ok := at.Extensions["code"]; ok && at.Err == nil {
				shown.Message, shown.Rule = at.Message, at.Rule
				for k, v := range at.Extensions {
					shown.Extensions[k] = v
				}
				identify(ctx, shown, requestID)
				return shown
			}
		}
		e := classify(err)
		shown.Message, shown.Extensions["code"] = e.Message, string(e.Code)
		if len(e.Field) > 0 {
			shown.Message = strings.Join(e.Field, ".") + " " + e.Message
			shown.Extensions["field"] = e.Field
		}
		identify(ctx, shown, requestID)
		if e.Cause != nil && first(ctx, e.Cause) {
			args := []any{"code", string(e.Code), "path", shown.Path.String(), "error", e.Cause} // the logger adds the request's id
			var p *recovered
			if errors.As(e.Cause, &p) {
				args = append(args, "stack", string(p.stack))
			}
			log.ErrorContext(ctx, "field failed", args...)
		}
		return shown
	}
}

// classify returns err as it is shown; its Cause is what belongs in the log.
func classify(err error) *persona.Error {
	// The executor wraps anew for every field; the cause is the same.
	if at, ok := errors.AsType[*gqlerror.Error](err); ok && at.Err != nil {
		err = at.Err
	}
	var e *persona.Error
	switch {
	case errors.As(err, &e) && e.Code != persona.CodeInternal:
		return e
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &persona.Error{Code: persona.CodeTimeout, Message: "the request was given up before its answer was ready; ask for less, or try again"}
	case e != nil && e.Cause != nil:
		err = e.Cause
	}
	return &persona.Error{Code: persona.CodeInternal, Message: "internal error", Cause: err}
}

func identify(ctx context.Context, e *gqlerror.Error, requestID func(context.Context) string) {
	if requestID == nil {
		return
	}
	if id := requestID(ctx); id != "" {
		e.Extensions["requestId"] = id
	}
}

// first reports whether the cause is not yet in the log for this response: one
// failed read fails every field that needed it.
func first(ctx context.Context, cause error) bool {
	l, ok := ctx.Value(loadersKey{}).(*loaders)
	if !ok || !reflect.ValueOf(cause).Comparable() {
		return true
	}
	_, known := l.logged.LoadOrStore(cause, true)
	return !known
}

// recovered is a panic, with where it happened.
type recovered struct {
	value any
	stack []byte
}

func (r *recovered) Error() string { return fmt.Sprintf("panic: %v", r.value) }

// Recover turns a panic into an error for the ErrorPresenter, which logs it with
// its stack and shows none of it.
func Recover(_ context.Context, value any) error { return &recovered{value, debug.Stack()} }
