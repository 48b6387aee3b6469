package httpd

import (
	"context"
	"encoding/json"
	"io/fs"
	"net/http"
	"regexp"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/operations"
)

// Codes of what is wrong with a request before the domain sees it.
const (
	codeBadRequest      persona.Code = "BAD_REQUEST"
	codeMediaType       persona.Code = "UNSUPPORTED_MEDIA_TYPE"
	codeMethod          persona.Code = "METHOD_NOT_ALLOWED"
	codeCrossSite       persona.Code = "CROSS_SITE_REQUEST"
	codeUnauthenticated persona.Code = "UNAUTHENTICATED"
	codeValidation      persona.Code = "GRAPHQL_VALIDATION_FAILED"
)

// Execute runs an operation with all that holds for one over HTTP: admission,
// extensions, loaders. gqlhttp's Handler has it.
type Execute func(context.Context, *graphql.RawParams) *graphql.Response

// operation is a stored operation, which a REST route runs on GraphQL's
// executor: what holds for a query holds for the route.
type operation struct {
	document string
	execute  Execute
}

// stored returns the operation in a file of operations/rest.
func stored(o Options, file string) operation {
	document, err := fs.ReadFile(operations.REST(), file)
	if err != nil {
		panic(err) // embedded: cannot be missing
	}
	return operation{string(document), o.Execute}
}

// run runs the operation and reads the one field of its answer into result, as
// far as there is an answer: what a mutation has done, it has done.
func (op operation) run(ctx context.Context, variables map[string]any, result any) *problem {
	response := op.execute(ctx, &graphql.RawParams{Query: op.document, Variables: variables})
	if len(response.Data) > 0 {
		var data map[string]json.RawMessage
		err := json.Unmarshal(response.Data, &data)
		for _, field := range data {
			if err == nil {
				err = json.Unmarshal(field, result)
			}
		}
		if err != nil {
			panic(err) // the operation and its result stand side by side: one of them is wrong
		}
	}
	if len(response.Errors) > 0 {
		return problemOf(response.Errors[0])
	}
	return nil
}

// problem is why a REST request failed: {"error": {"code", "message", "field"}}.
type problem struct {
	Code    persona.Code `json:"code"`
	Message string       `json:"message"`
	Field   *string      `json:"field"` // the request's field or parameter at fault; null if none is

	status int
}

func (p *problem) at(field string) *problem {
	p.Field = &field
	return p
}

// problemOf reads an error of the executor's, of admission or of a resolver.
func problemOf(err *gqlerror.Error) *problem {
	p := &problem{Code: persona.CodeInternal, Message: err.Message}
	if code, ok := err.Extensions["code"].(string); ok {
		p.Code = persona.Code(code)
	}
	if m := variable.FindStringSubmatch(err.Message); p.Code == codeValidation && m != nil {
		p.Code, p.Message = persona.CodeInvalid, m[2]
		p.at(m[1])
	}
	p.status = statusOf(p.Code)
	return p
}

// variable finds the field in what is said of a variable that does not fit its type.
var variable = regexp.MustCompile(`^Variable "\$input[^"]*\.(\w+)(?:\[\d+\])*" (.*)$`)

// statusOf is the status of a code that the domain or GraphQL's executor has.
func statusOf(code persona.Code) int {
	switch code {
	case persona.CodeInvalid:
		return http.StatusUnprocessableEntity
	case persona.CodeTooLarge:
		return http.StatusRequestEntityTooLarge
	case persona.CodeNotFound:
		return http.StatusNotFound
	case persona.CodeConflict, persona.CodeVersionConflict, persona.CodeIdempotencyConflict, persona.CodeMerged, persona.CodeLocked:
		return http.StatusConflict
	case persona.CodeForbidden:
		return http.StatusForbidden
	case persona.CodeBudgetExceeded, persona.CodeLimitExceeded:
		return http.StatusTooManyRequests
	case persona.CodeUnavailable, persona.CodeTimeout:
		return http.StatusServiceUnavailable
	case codeUnauthenticated:
		return http.StatusUnauthorized
	}
	return http.StatusInternalServerError
}

// fail answers with a problem.
func (p *problem) fail(w http.ResponseWriter) {
	if p.status == http.StatusRequestEntityTooLarge {
		w.Header().Set("Connection", "close") // or the server would first wait for more of the body
	}
	write(w, p.status, struct {
		Error *problem `json:"error"`
	}{p})
}

// sameSite keeps pages of other sites out: a browser sends forms and texts for
// them without asking.
func sameSite(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		p := &problem{Code: codeCrossSite, Message: "a page of another site sent this; call the API from its own site or from a program", status: http.StatusForbidden}
		p.fail(w)
	}))
	return protection.Handler(next)
}

// only lets one method through.
func only(method string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == method {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Allow", method)
		p := &problem{Code: codeMethod, Message: "use " + method + " here", status: http.StatusMethodNotAllowed}
		p.fail(w)
	})
}
