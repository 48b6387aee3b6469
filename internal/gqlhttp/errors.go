package gqlhttp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// The codes are described in the package's documentation.
const (
	codeBadRequest     = "BAD_REQUEST"
	codeCrossSite      = "CROSS_SITE_REQUEST"
	codeMethod         = "METHOD_NOT_ALLOWED"
	codeNotAcceptable  = "NOT_ACCEPTABLE"
	codeMediaType      = "UNSUPPORTED_MEDIA_TYPE"
	codeTooLarge       = "TOO_LARGE"
	codeTooDeep        = "TOO_DEEP"
	codeTooComplex     = "TOO_COMPLEX"
	codeTooExpensive   = "TOO_EXPENSIVE"
	codeTooMany        = "TOO_MANY_OPERATIONS"
	codeIntrospection  = "INTROSPECTION_DISABLED"
	codeParse          = errcode.ParseFailed
	codeValidation     = errcode.ValidationFailed
	codeTimeout        = "TIMEOUT"
	codeUnavailable    = "UNAVAILABLE"
	codeInternal       = "INTERNAL"
	internalMessage    = "internal error"
	maxReportedErrors  = 10
	maxNameInAnError   = 64
	suggestionFollows  = " Did you mean "
	parserTokenLimit   = "exceeded token limit"
	parserNestingLimit = "exceeded maximum nesting depth"
)

// refuse makes an error with a code. The format must not bring request text in, except names through shown.
func refuse(code, format string, args ...any) *gqlerror.Error {
	return &gqlerror.Error{Message: fmt.Sprintf(format, args...), Extensions: map[string]any{"code": code}}
}

// code is the error's code, or "".
func code(err *gqlerror.Error) string {
	c, _ := err.Extensions["code"].(string)
	return c
}

// A refusal is a request that ends before there is an operation: an HTTP status, perhaps an Allow header, and why.
type refusal struct {
	status int
	allow  string
	err    *gqlerror.Error
}

func badRequest(format string, args ...any) *refusal {
	return &refusal{status: http.StatusBadRequest, err: refuse(codeBadRequest, format, args...)}
}

func tooLarge(format string, args ...any) *refusal {
	return &refusal{status: http.StatusRequestEntityTooLarge, err: refuse(codeTooLarge, format, args...)}
}

// presentError is the presenter used when the options have none. It shows errors that were made as *gqlerror.Error,
// without a cause, and logs and hides all others.
func presentError(logger *slog.Logger) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		shown := &gqlerror.Error{Message: internalMessage, Extensions: map[string]any{"code": codeInternal}}
		if graphqlError, ok := errors.AsType[*gqlerror.Error](err); ok {
			if graphqlError.Err == nil {
				return graphqlError
			}
			shown.Path, shown.Locations = graphqlError.Path, graphqlError.Locations
		}
		if ctx.Err() == nil {
			logger.ErrorContext(ctx, "resolver failed", "error", err)
		}
		return shown
	}
}

// recoverPanic is the RecoverFunc used when the options have none.
func recoverPanic(logger *slog.Logger) graphql.RecoverFunc {
	return func(ctx context.Context, p any) error {
		logger.ErrorContext(ctx, "resolver panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		return refuse(codeInternal, internalMessage)
	}
}

// parseError turns what gqlparser says about a document that it could not parse into an error without the document's
// text. Its messages quote tokens; only the kinds of the tokens are kept.
func parseError(err error, limits Limits) *gqlerror.Error {
	var message string
	var locations []gqlerror.Location
	if e, ok := errors.AsType[*gqlerror.Error](err); ok {
		message, locations = e.Message, e.Locations
	}
	var safe *gqlerror.Error
	switch {
	case strings.HasPrefix(message, parserTokenLimit):
		return refuse(codeTooLarge, "The document has more than %d tokens. Split it, or move literals into variables.", limits.Tokens)
	case strings.HasPrefix(message, parserNestingLimit):
		return refuse(codeTooDeep, "The document nests too deeply. Select fewer levels.")
	default:
		safe = refuse(codeParse, "Syntax error%s.", tokenKinds(message))
	}
	safe.Locations = locations
	return safe
}

// lexed is how a token is printed: as its kind, which may be followed by its text.
const lexed = `(<Invalid>|<EOF>|[!$&():=@\[\]{}|]|\.\.\.|Name|Int|Float|String|BlockString|Comment)`

var (
	unexpectedToken   = regexp.MustCompile(`^Unexpected ` + lexed)
	expectedToken     = regexp.MustCompile(`^Expected ` + lexed + `, found ` + lexed)
	expectedKeyword   = regexp.MustCompile(`^Expected "(on|fragment)", found ` + lexed)
	expectedSomething = regexp.MustCompile(`^expected at least one definition, found ` + lexed)
)

// tokenKinds says what was found and what was expected, without the tokens' text.
func tokenKinds(message string) string {
	if m := unexpectedToken.FindStringSubmatch(message); m != nil {
		return ": did not expect " + kindOfToken(m[1])
	}
	if m := expectedToken.FindStringSubmatch(message); m != nil {
		return ": expected " + m[1] + ", found " + kindOfToken(m[2])
	}
	if m := expectedKeyword.FindStringSubmatch(message); m != nil {
		return `: expected "` + m[1] + `", found ` + kindOfToken(m[2])
	}
	if m := expectedSomething.FindStringSubmatch(message); m != nil {
		return ": expected at least one item, found " + kindOfToken(m[1])
	}
	return ": found " + kindOfToken("<Invalid>")
}

func kindOfToken(kind string) string {
	switch kind {
	case "<Invalid>":
		return "a malformed number, string or character"
	case "<EOF>":
		return "the end of the document"
	}
	return kind
}

// validationErrors turns gqlparser's validation errors into errors without the document's values. At most
// maxReportedErrors are kept: one who made more mistakes will come again.
func validationErrors(list gqlerror.List) gqlerror.List {
	if len(list) > maxReportedErrors {
		list = list[:maxReportedErrors]
	}
	safe := make(gqlerror.List, len(list))
	for i, err := range list {
		safe[i] = refuse(codeValidation, "%s", validationMessage(err))
		safe[i].Locations = err.Locations
	}
	return safe
}

var (
	quoted           = regexp.MustCompile(`"[^"]*"`)
	expectedType     = regexp.MustCompile(`^(?:Expected value of type|Enum) "(\[*[A-Za-z_][A-Za-z0-9_]*[\]!]*)"`)
	scalarCannot     = regexp.MustCompile(`^(Int|Float|String|Boolean|ID) cannot represent `)
	missingInEnum    = regexp.MustCompile(`does not exist in "(\[*[A-Za-z_][A-Za-z0-9_]*[\]!]*)" enum\.$`)
	namedOperation   = regexp.MustCompile(` (?:in|by) operation "[^"]*"`)
	namedSubscriber  = regexp.MustCompile(`^Subscription "[^"]*"`)
	typeOrCoordinate = regexp.MustCompile(`^(?:[@$]?[A-Za-z_][A-Za-z0-9_]*|\[*[A-Za-z_][A-Za-z0-9_]*[\]!]*|[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z_][A-Za-z0-9_]*)$`)
)

func validationMessage(err *gqlerror.Error) string {
	switch strings.TrimSuffix(err.Rule, "WithoutSuggestions") {
	case "ValuesOfCorrectType":
		return valueMessage(err.Message)
	case "UniqueOperationNames":
		return "Every operation of a document needs a name of its own."
	case "NoUndefinedVariables", "NoUnusedVariables":
		return onlyNames(namedOperation.ReplaceAllString(err.Message, ""))
	case "SingleFieldSubscriptions":
		return onlyNames(namedSubscriber.ReplaceAllString(err.Message, "The subscription"))
	default:
		return onlyNames(err.Message)
	}
}

// valueMessage rewrites the message of the one rule that prints values. What stays of it is anchored at names that come
// from the schema, before or after anything that comes from the request.
func valueMessage(message string) string {
	if m := expectedType.FindStringSubmatch(message); m != nil {
		return "Expected a value of type " + onlyNames(`"`+m[1]+`"`) + "."
	}
	if m := scalarCannot.FindStringSubmatch(message); m != nil {
		return m[1] + " cannot represent this value."
	}
	if strings.HasPrefix(message, `Value "`) {
		if m := missingInEnum.FindStringSubmatch(message); m != nil {
			return "Expected a value of enum " + onlyNames(`"`+m[1]+`"`) + "."
		}
		return "This value does not fit its type."
	}
	if strings.HasPrefix(message, `Field "`) || strings.HasPrefix(message, `OneOf Input Object "`) {
		return onlyNames(message)
	}
	return "This value does not fit its type."
}

// onlyNames replaces everything between quotes that is not a short name or type.
func onlyNames(message string) string {
	return quoted.ReplaceAllStringFunc(message, func(s string) string {
		inner := s[1 : len(s)-1]
		if len(inner) > maxNameInAnError || !typeOrCoordinate.MatchString(inner) {
			return `"…"`
		}
		return s
	})
}

// shown is the name, or … if it is not one, or is too long to be shown.
func shown(name string) string {
	if len(name) > maxNameInAnError || !isName(name) {
		return "…"
	}
	return name
}

func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || c < '0' || '9' < c) {
			return false
		}
	}
	return s != ""
}
