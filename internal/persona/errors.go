package persona

import (
	"errors"
	"fmt"
)

// Code classifies an Error. Clients see it as it is.
type Code string

// The codes of the expected failures, and Internal for all others.
const (
	CodeInvalid             Code = "INVALID"
	CodeTooLarge            Code = "TOO_LARGE"
	CodeNotFound            Code = "NOT_FOUND"
	CodeConflict            Code = "CONFLICT"
	CodeVersionConflict     Code = "VERSION_CONFLICT"
	CodeIdempotencyConflict Code = "IDEMPOTENCY_CONFLICT"
	CodeMerged              Code = "MERGED"
	CodeLocked              Code = "LOCKED"
	CodeForbidden           Code = "FORBIDDEN"
	CodeBudgetExceeded      Code = "BUDGET_EXCEEDED"
	CodeLimitExceeded       Code = "LIMIT_EXCEEDED"
	CodeUnavailable         Code = "UNAVAILABLE"
	CodeTimeout             Code = "TIMEOUT"
	CodeInternal            Code = "INTERNAL"
)

// Error is the one error that leaves this package, the store and the queue. Its
// Message may be shown to the caller: it says what to do next and never repeats
// persona text. Cause is for the log.
type Error struct {
	Code    Code
	Field   []string // path of the input at fault, outermost first; nil if none is
	Message string
	Cause   error
}

// Error returns code, field and message; the cause is left to Unwrap.
func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Cause)
	}
	if len(e.Field) == 0 {
		return fmt.Sprintf("%s: %s", e.Code, e.Message)
	}
	return fmt.Sprintf("%s: %v %s", e.Code, e.Field, e.Message)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Invalid says that the input's field breaks a rule.
func Invalid(field, format string, args ...any) *Error {
	return &Error{Code: CodeInvalid, Field: []string{field}, Message: fmt.Sprintf(format, args...)}
}

// TooLarge says that the input's field is over its limit.
func TooLarge(field, format string, args ...any) *Error {
	return &Error{Code: CodeTooLarge, Field: []string{field}, Message: fmt.Sprintf(format, args...)}
}

// NotFound says that the caller's workspace has none of this noun with this id.
func NotFound(noun string) *Error {
	return &Error{Code: CodeNotFound, Message: "no " + noun + " with this id in this workspace"}
}

// Unavailable says that something the server leans on is gone for now: try again.
func Unavailable(what string, cause error) *Error {
	return &Error{Code: CodeUnavailable, Message: "the " + what + " cannot be reached; try again in a moment", Cause: cause}
}

// CodeOf returns the code of the first Error in err's chain, CodeInternal for any other error, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}
