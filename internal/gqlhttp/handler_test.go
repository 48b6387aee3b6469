package gqlhttp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.uber.org/goleak"

	"github.com/persona-api/persona-api/internal/gqlhttp/testschema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// reply is what came back for one request.
type reply struct {
	status int
	header http.Header
	body   string
}

type envelope struct {
	Data   json.RawMessage `json:"data"`
	Errors []struct {
		Message    string         `json:"message"`
		Path       []any          `json:"path"`
		Extensions map[string]any `json:"extensions"`
	} `json:"errors"`
	Extensions map[string]any `json:"extensions"`
}

func (r reply) envelope(t testing.TB) envelope {
	t.Helper()
	var e envelope
	require.NoError(t, json.Unmarshal([]byte(r.body), &e), r.body)
	return e
}

// code is the code of the first error.
func (r reply) code(t testing.TB) string {
	t.Helper()
	e := r.envelope(t)
	require.NotEmpty(t, e.Errors, r.body)
	c, _ := e.Errors[0].Extensions["code"].(string)
	return c
}

func handler(options Options) *Handler {
	return New(testschema.New(&testschema.Resolvers{}), options)
}

// do sends a request to the handler itself. Headers come as name, value, name, value.
func do(t testing.TB, h http.Handler, method, target, body string, headers ...string) reply {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return reply{w.Code, w.Header(), w.Body.String()}
}

func post(t testing.TB, h http.Handler, body string, headers ...string) reply {
	t.Helper()
	return do(t, h, http.MethodPost, "/graphql", body, append([]string{"Content-Type", "application/json"}, headers...)...)
}

// query posts a document and variables as a modern client does.
func query(t testing.TB, h http.Handler, document string, variables map[string]any) reply {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	require.NoError(t, err)
	return post(t, h, string(body), "Accept", graphqlResponse)
}

func get(t testing.TB, h http.Handler, parameters url.Values, headers ...string) reply {
	t.Helper()
	return do(t, h, http.MethodGet, "/graphql?"+parameters.Encode(), "", headers...)
}

func TestRequestsAreAnsweredAsTheSpecificationWants(t *testing.T) {
	const ok = `{"query":"{hello}"}`
	long := `{"query":"{hello}","extensions":{"padding":"` + strings.Repeat("x", 3000) + `"}}`
	h := handler(Options{Introspection: true, Limits: Limits{Body: 2048}})
	for _, test := range []struct {
		name        string
		method      string
		body        string
		contentType string
		accept      string
		status      int
		code        string
		mediaType   string
	}{
		{name: "a modern client", body: ok, accept: graphqlResponse, status: 200, mediaType: graphqlResponse},
		{name: "an old client", body: ok, accept: plainJSON, status: 200, mediaType: plainJSON},
		{name: "any type", body: ok, accept: "*/*", status: 200, mediaType: plainJSON},
		{name: "no Accept", body: ok, status: 200, mediaType: plainJSON},
		{name: "both types", body: ok, accept: "application/graphql-response+json, application/json", status: 200, mediaType: graphqlResponse},
		{name: "qualities", body: ok, accept: "application/graphql-response+json;q=0.5, application/json;q=0.9", status: 200, mediaType: plainJSON},
		{name: "nothing we have", body: ok, accept: "text/html", status: 406, code: codeNotAcceptable, mediaType: plainJSON},
		{name: "UTF-8 by name", body: ok, contentType: "application/json; charset=UTF-8", status: 200},
		{name: "another charset", body: ok, contentType: "application/json; charset=iso-8859-1", status: 415, code: codeMediaType},
		{name: "a form", body: ok, contentType: "application/x-www-form-urlencoded", status: 415, code: codeMediaType},
		{name: "plain text", body: ok, contentType: "text/plain", status: 415, code: codeMediaType},
		{name: "no Content-Type", body: ok, contentType: "-", status: 415, code: codeMediaType},
		{name: "PUT", method: http.MethodPut, body: ok, status: 405, code: codeMethod},
		{name: "HEAD", method: http.MethodHead, status: 405},
		{name: "OPTIONS", method: http.MethodOptions, status: 405, code: codeMethod},
		{name: "no body", body: "", status: 400, code: codeBadRequest},
		{name: "only white space", body: " \n", status: 400, code: codeBadRequest},
		{name: "not JSON", body: `{ "not a JSON`, status: 400, code: codeBadRequest},
		{name: "not JSON, modern", body: `{ "not a JSON`, accept: graphqlResponse, status: 400, code: codeBadRequest, mediaType: graphqlResponse},
		{name: "not an object", body: `"query"`, status: 400, code: codeBadRequest},
		{name: "a batch", body: "[" + ok + "]", status: 400, code: codeBadRequest},
		{name: "two objects", body: ok + ok, status: 400, code: codeBadRequest},
		{name: "a trailing comma", body: `{"query":"{hello}",}`, status: 400, code: codeBadRequest},
		{name: "no query", body: `{"qeury":"{hello}"}`, status: 400, code: codeBadRequest},
		{name: "no query, modern", body: `{"notquery":"{hello}"}`, accept: graphqlResponse, status: 400, code: codeBadRequest},
		{name: "another case is another member", body: `{"Query":"{hello}"}`, status: 400, code: codeBadRequest},
		{name: "unknown members are ignored", body: `{"query":"{hello}","other":[1]}`, status: 200},
		{name: "a member twice", body: `{"query":"{hello}","query":"{hello}"}`, status: 400, code: codeBadRequest},
		{name: "query: object", body: `{"query":{"a":1}}`, status: 400, code: codeBadRequest},
		{name: "query: number", body: `{"query":0}`, status: 400, code: codeBadRequest},
		{name: "query: false", body: `{"query":false}`, status: 400, code: codeBadRequest},
		{name: "query: array", body: `{"query":["array"]}`, status: 400, code: codeBadRequest},
		{name: "operationName: object", body: `{"query":"{hello}","operationName":{"a":1}}`, status: 400, code: codeBadRequest},
		{name: "operationName: number", body: `{"query":"{hello}","operationName":0}`, status: 400, code: codeBadRequest},
		{name: "operationName: string", body: `{"query":"query Q {hello}","operationName":"Q"}`, status: 200},
		{name: "operationName: unknown", body: `{"query":"query Q {hello}","operationName":"R"}`, accept: graphqlResponse, status: 400, code: codeValidation},
		{name: "operationName: needed", body: `{"query":"query Q {hello} query R {hello}"}`, accept: graphqlResponse, status: 400, code: codeValidation},
		{name: "variables: string", body: `{"query":"{hello}","variables":"string"}`, status: 400, code: codeBadRequest},
		{name: "variables: number", body: `{"query":"{hello}","variables":0}`, status: 400, code: codeBadRequest},
		{name: "variables: false", body: `{"query":"{hello}","variables":false}`, status: 400, code: codeBadRequest},
		{name: "variables: array", body: `{"query":"{hello}","variables":["array"]}`, status: 400, code: codeBadRequest},
		{name: "extensions: string", body: `{"query":"{hello}","extensions":"string"}`, status: 400, code: codeBadRequest},
		{name: "extensions: array", body: `{"query":"{hello}","extensions":["array"]}`, status: 400, code: codeBadRequest},
		{name: "extensions: object", body: `{"query":"{hello}","extensions":{"a":1}}`, status: 200},
		{name: "nulls", body: `{"query":"{hello}","variables":null,"operationName":null,"extensions":null}`, status: 200},
		{name: "invalid UTF-8", body: "{\"query\":\"{hello(name: \\\"\xff\\\")}\"}", status: 400, code: codeBadRequest},
		{name: "half a character", body: `{"query":"query($n: String){hello(name: $n)}","variables":{"n":"\ud83d"}}`, status: 400, code: codeBadRequest},
		{name: "the other half", body: `{"query":"{hello}","variables":{"n":"\udc00\ud800"}}`, status: 400, code: codeBadRequest},
		{name: "a character by two escapes", body: `{"query":"query($n: String){hello(name: $n)}","variables":{"n":"\ud83d\ude00 \\ud83d"}}`, status: 200},
		{name: "too long", body: long, status: 413, code: codeTooLarge},
		{name: "a syntax error, modern", body: `{"query":"{"}`, accept: graphqlResponse, status: 400, code: codeParse},
		{name: "a syntax error, old", body: `{"query":"{"}`, accept: plainJSON, status: 200, code: codeParse},
		{name: "an unknown field, modern", body: `{"query":"{nothing}"}`, accept: graphqlResponse, status: 400, code: codeValidation},
		{name: "an unknown field, old", body: `{"query":"{nothing}"}`, accept: plainJSON, status: 200, code: codeValidation},
		{name: "a missing variable, modern", body: `{"query":"query($id: ID!){item(id: $id){id}}"}`, accept: graphqlResponse, status: 400, code: codeValidation},
		{name: "a missing variable, old", body: `{"query":"query($id: ID!){item(id: $id){id}}","variables":{"id":null}}`, accept: plainJSON, status: 200, code: codeValidation},
		{name: "only a fragment", body: `{"query":"fragment F on Item {id}"}`, accept: graphqlResponse, status: 400, code: codeValidation},
		{name: "partial data", body: `{"query":"{hello fails}"}`, accept: graphqlResponse, status: 200, code: codeInternal},
		{name: "a mutation", body: `{"query":"mutation {add}"}`, accept: graphqlResponse, status: 200},
		{name: "a subscription without a stream", body: `{"query":"subscription {count(to: 1)}"}`, accept: graphqlResponse, status: 406, code: codeNotAcceptable},
	} {
		t.Run(test.name, func(t *testing.T) {
			method, headers := http.MethodPost, []string{}
			if test.method != "" {
				method = test.method
			}
			switch test.contentType {
			case "":
				headers = append(headers, "Content-Type", "application/json")
			case "-":
			default:
				headers = append(headers, "Content-Type", test.contentType)
			}
			if test.accept != "" {
				headers = append(headers, "Accept", test.accept)
			}
			got := do(t, h, method, "/graphql", test.body, headers...)
			require.Equal(t, test.status, got.status, got.body)
			require.Contains(t, got.header.Values("Vary"), "Accept")
			require.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"))
			if test.mediaType != "" {
				require.Equal(t, test.mediaType+"; charset=utf-8", got.header.Get("Content-Type"))
			}
			if test.status == http.StatusMethodNotAllowed {
				require.Equal(t, "GET, POST", got.header.Get("Allow"))
			}
			if test.code != "" {
				require.Equal(t, test.code, got.code(t))
			} else if method == http.MethodPost {
				require.Empty(t, got.envelope(t).Errors)
			}
			hasData := got.envelope(t).Data != nil
			require.Equal(t, test.code == "" && method == http.MethodPost || test.name == "partial data", hasData, got.body)
		})
	}
}

func TestContentLengthIsThatOfTheBody(t *testing.T) {
	server := httptest.NewServer(handler(Options{}))
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader(`{"query":"{items(first: 100) {nodes {id name}}}"}`))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := server.Client().Do(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, int64(len(body)), response.ContentLength)
	require.Greater(t, len(body), 2048)
}

func TestABodyWithoutALengthIsCutAtTheLimit(t *testing.T) {
	server := httptest.NewServer(handler(Options{Limits: Limits{Body: 1000}}))
	defer server.Close()
	body := io.MultiReader(strings.NewReader(`{"query":"`), strings.NewReader(strings.Repeat(" ", 5000)), strings.NewReader(`{hello}"}`))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, body)
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := server.Client().Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
}

func TestCompressedBodiesAreRefused(t *testing.T) {
	got := post(t, handler(Options{}), `{"query":"{hello}"}`, "Content-Encoding", "gzip")
	require.Equal(t, http.StatusUnsupportedMediaType, got.status)
}

func TestGetReadsWhatAPostWould(t *testing.T) {
	h := handler(Options{})
	got := get(t, h, url.Values{
		"query":         {"query A($n: String) {hello(name: $n)} query B {hello}"},
		"operationName": {"A"},
		"variables":     {`{"n":"x"}`},
		"extensions":    {`{"a":1}`},
	}, "Accept", graphqlResponse)
	require.Equal(t, http.StatusOK, got.status)
	require.JSONEq(t, `{"hello":"Hello, x"}`, string(got.envelope(t).Data))

	for name, parameters := range map[string]url.Values{
		"no query":            {},
		"variables no object": {"query": {"{hello}"}, "variables": {"[1]"}},
		"variables no JSON":   {"query": {"{hello}"}, "variables": {"{"}},
		"variables twice":     {"query": {"{hello}"}, "variables": {"{}", "{}"}},
		"half a character":    {"query": {"{hello}"}, "variables": {`{"a":"\ud800"}`}},
		"invalid UTF-8":       {"query": {"{hello} #\xff"}},
		"extensions no JSON":  {"query": {"{hello}"}, "extensions": {"x"}},
		"something behind":    {"query": {"{hello}"}, "variables": {"{} {}"}},
	} {
		got := get(t, h, parameters)
		require.Equal(t, http.StatusBadRequest, got.status, name)
		require.Equal(t, codeBadRequest, got.code(t), name)
	}
	got = do(t, h, http.MethodGet, "/graphql?query=%7Bhello%7D&variables=%zz", "")
	require.Equal(t, http.StatusBadRequest, got.status)
}

func TestGetCannotMutate(t *testing.T) {
	for _, accept := range []string{graphqlResponse, plainJSON, eventStream} {
		got := get(t, handler(Options{}), url.Values{"query": {"mutation {add}"}}, "Accept", accept)
		require.Equal(t, http.StatusMethodNotAllowed, got.status)
		require.Equal(t, http.MethodPost, got.header.Get("Allow"))
		require.Equal(t, codeMethod, got.code(t))
	}
}

func TestGetFromAnotherSiteIsRefused(t *testing.T) {
	const json, image = "application/json", "image/avif,image/webp,*/*;q=0.8"
	h := handler(Options{Origins: []string{"https://app.example.com"}})
	for _, test := range []struct {
		name    string
		headers []string
		status  int
	}{
		{"a program", nil, 200},
		{"a program that takes anything", []string{"Accept", "*/*"}, 200},
		{"this site", []string{"Sec-Fetch-Site", "same-origin", "Accept", json}, 200},
		{"the address bar", []string{"Sec-Fetch-Site", "none", "Accept", "text/html,*/*;q=0.8"}, 200},
		{"another site", []string{"Sec-Fetch-Site", "cross-site", "Accept", json}, 403},
		{"a sibling", []string{"Sec-Fetch-Site", "same-site", "Accept", json}, 403},
		{"another origin", []string{"Origin", "https://evil.example", "Accept", json}, 403},
		{"no origin at all", []string{"Origin", "null", "Accept", json}, 403},
		{"an allowed origin", []string{"Origin", "https://app.example.com", "Sec-Fetch-Site", "cross-site", "Accept", json}, 200},
		{"the same origin", []string{"Origin", "http://example.com", "Accept", json}, 200},
		{"an image in an old browser", []string{"Accept", image}, 403},
		{"a link in an old browser", []string{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}, 403},
		{"an image with a header that needs a preflight", []string{"Accept", image, "X-Requested-By", "us"}, 200},
		{"another site with a preflight", []string{"Sec-Fetch-Site", "cross-site", "GraphQL-Require-Preflight", "1"}, 200},
	} {
		got := get(t, h, url.Values{"query": {"{hello}"}}, test.headers...)
		require.Equal(t, test.status, got.status, test.name)
		if test.status == http.StatusForbidden {
			require.Equal(t, codeCrossSite, got.code(t), test.name)
		}
	}
}

func TestPanicsAreAnsweredAndLogged(t *testing.T) {
	var log bytes.Buffer
	h := handler(Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	got := query(t, h, "{hello panics}", nil)
	require.Equal(t, http.StatusOK, got.status)
	e := got.envelope(t)
	require.JSONEq(t, `{"hello":"Hello, world","panics":null}`, string(e.Data))
	require.Equal(t, internalMessage, e.Errors[0].Message)
	require.Equal(t, codeInternal, got.code(t))
	require.NotContains(t, got.body, testschema.Secret)
	require.Contains(t, log.String(), testschema.Secret)
}

func TestPanicsOutsideOfResolversAreAnswered(t *testing.T) {
	for name, option := range map[string]Options{
		"before the operation": {Extensions: []graphql.HandlerExtension{panicking{at: "parameters"}}},
		"around the operation": {Extensions: []graphql.HandlerExtension{panicking{at: "operation"}}},
		"around the response":  {Extensions: []graphql.HandlerExtension{panicking{at: "response"}}},
		"in the context":       {ResponseContext: func(context.Context) context.Context { panic(testschema.Secret) }},
	} {
		got := query(t, handler(option), "{hello}", nil)
		require.Equal(t, http.StatusInternalServerError, got.status, name)
		require.Equal(t, codeInternal, got.code(t), name)
		require.NotContains(t, got.body, testschema.Secret, name)
	}
	got := query(t, handler(Options{
		ErrorPresenter: func(context.Context, error) *gqlerror.Error { panic(testschema.Secret) },
	}), "{hello", nil)
	require.Equal(t, codeInternal, got.code(t))
	// A presenter that drops the error, and one that shows a panic without a code.
	got = post(t, handler(Options{ErrorPresenter: func(context.Context, error) *gqlerror.Error { return nil }}), "{")
	require.Equal(t, codeInternal, got.code(t))
	shared := &gqlerror.Error{Message: "oops", Extensions: map[string]any{"requestId": "r1"}}
	got = query(t, handler(Options{
		ErrorPresenter: func(context.Context, error) *gqlerror.Error { return shared },
		Extensions:     []graphql.HandlerExtension{panicking{at: "operation"}},
	}), "{hello}", nil)
	require.Equal(t, `{"errors":[{"message":"oops","extensions":{"code":"INTERNAL","requestId":"r1"}}]}`, got.body)
	require.Equal(t, http.StatusInternalServerError, got.status)
	require.Len(t, shared.Extensions, 1)
}

type panicking struct{ at string }

func (panicking) ExtensionName() string                   { return "Panicking" }
func (panicking) Validate(graphql.ExecutableSchema) error { return nil }
func (p panicking) MutateOperationParameters(context.Context, *graphql.RawParams) *gqlerror.Error {
	p.panicAt("parameters")
	return nil
}
func (p panicking) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	p.panicAt("operation")
	return next(ctx)
}
func (p panicking) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	p.panicAt("response")
	return next(ctx)
}
func (p panicking) panicAt(at string) {
	if p.at == at {
		panic(testschema.Secret)
	}
}

func TestUnknownErrorsAreHiddenAndLogged(t *testing.T) {
	var log bytes.Buffer
	h := handler(Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	got := query(t, h, "{fails refuses}", nil)
	require.NotContains(t, got.body, testschema.Secret)
	require.Contains(t, log.String(), testschema.Secret)
	codes := map[any]string{}
	for _, e := range got.envelope(t).Errors {
		codes[e.Path[0]] = e.Extensions["code"].(string)
	}
	require.Equal(t, map[any]string{"fails": codeInternal, "refuses": "FORBIDDEN"}, codes)
}

func TestThePresenterSeesEveryError(t *testing.T) {
	h := handler(Options{ErrorPresenter: func(_ context.Context, err error) *gqlerror.Error {
		shown, ok := errors.AsType[*gqlerror.Error](err)
		if !ok || shown.Err != nil {
			shown = &gqlerror.Error{Message: "hidden", Extensions: map[string]any{}}
		}
		shown.Extensions["requestId"] = "r1"
		return shown
	}})
	for _, body := range []string{`{`, `{"query":"{"}`, `{"query":"{nothing}"}`, `{"query":"{fails}"}`} {
		got := post(t, h, body)
		require.Equal(t, "r1", got.envelope(t).Errors[0].Extensions["requestId"], got.body)
	}
}

func TestEveryResponseHasItsOwnContext(t *testing.T) {
	responses := 0
	h := handler(Options{ResponseContext: func(ctx context.Context) context.Context {
		require.True(t, graphql.HasOperationContext(ctx))
		responses++
		return context.WithValue(ctx, testschema.ResponseKey{}, responses)
	}})
	for want := 1; want <= 3; want++ {
		got := query(t, h, "{response again: response}", nil)
		var data struct{ Response, Again int }
		require.NoError(t, json.Unmarshal(got.envelope(t).Data, &data))
		require.Equal(t, want, data.Response)
		require.Equal(t, want, data.Again)
	}
}

func TestDeferredSelectionsComeWithTheRest(t *testing.T) {
	h := handler(Options{})
	for range 2 { // the second document is one that was kept
		got := query(t, h, `{item(id: 1) {id ... @defer {name} ...F @defer(label: "f")}} fragment F on Item {parent {id ... @defer {name}}}`, nil)
		require.JSONEq(t, `{"data":{"item":{"id":"1","name":"Item 1","parent":{"id":"0","name":"Item 0"}}}}`, got.body)
	}
}

func TestIntrospectionIsOffUnlessAllowed(t *testing.T) {
	for _, document := range []string{"{__schema {types {name}}}", `{__type(name: "Item") {name}}`, "{...F} fragment F on Query {__schema {types {name}}}"} {
		got := query(t, handler(Options{}), document, nil)
		require.Equal(t, codeIntrospection, got.code(t))
		got = query(t, handler(Options{Introspection: true}), document, nil)
		require.Empty(t, got.envelope(t).Errors)
		require.Contains(t, got.body, "Item")
	}
	require.Equal(t, `{"data":{"__typename":"Query"}}`, query(t, handler(Options{}), "{__typename}", nil).body)
}

func TestSuggestionsAreMadeOnlyWithIntrospection(t *testing.T) {
	for _, document := range []string{"{helo}", "{hello(nam: 1)}", `{item(id: 1) {relatd {id}}}`} {
		require.Contains(t, query(t, handler(Options{Introspection: true}), document, nil).body, "Did you mean", document)
		require.NotContains(t, query(t, handler(Options{}), document, nil).body, "Did you mean", document)
	}
}

// byHash is how a stored operation reaches the executor: the request names it, an extension knows it.
type byHash struct{}

func (byHash) ExtensionName() string                   { return "ByHash" }
func (byHash) Validate(graphql.ExecutableSchema) error { return nil }
func (byHash) MutateOperationParameters(_ context.Context, params *graphql.RawParams) *gqlerror.Error {
	if params.Extensions["hash"] == "h1" {
		params.Query = "query($n: String = \"stored\") {hello(name: $n)}"
	}
	return nil
}

func TestExtensionsMaySupplyTheDocument(t *testing.T) {
	h := handler(Options{Extensions: []graphql.HandlerExtension{byHash{}}})
	require.Equal(t, `{"data":{"hello":"Hello, stored"}}`, post(t, h, `{"extensions":{"hash":"h1"}}`).body)
	require.Equal(t, codeBadRequest, post(t, h, `{"extensions":{"hash":"h2"}}`).code(t))
}

func TestExecuteRunsWithoutHTTP(t *testing.T) {
	h := handler(Options{})
	params := &graphql.RawParams{Query: "query($n: Int) {items(first: $n) {nodes {id}}}", Variables: map[string]any{"n": 1}}
	response := h.Execute(t.Context(), params)
	require.Empty(t, response.Errors)
	require.JSONEq(t, `{"items":{"nodes":[{"id":"1"}]}}`, string(response.Data))
	require.Equal(t, 1, params.Variables["n"], "the caller's parameters stay as they are")

	response = h.Execute(t.Context(), &graphql.RawParams{Query: "subscription {count(to: 1)}"})
	require.Equal(t, codeBadRequest, response.Errors[0].Extensions["code"])
	response = h.Execute(t.Context(), &graphql.RawParams{Query: "{"})
	require.Equal(t, codeParse, response.Errors[0].Extensions["code"])
}

func TestARequestThatIsGivenUpIsAnswered(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	h := New(testschema.New(&testschema.Resolvers{Running: func(int) { cancel() }}), Options{})
	response := h.Execute(ctx, &graphql.RawParams{Query: "{waits}"})
	require.Equal(t, internalMessage, response.Errors[0].Message)
	// Now the context has ended before the operation begins.
	response = h.Execute(ctx, &graphql.RawParams{Query: "{hello}"})
	require.Equal(t, codeTimeout, response.Errors[0].Extensions["code"])
	require.Equal(t, http.StatusServiceUnavailable, status(plainJSON, response))
}

func TestExtensionsThatCannotBeEncodedDoNotLoseTheError(t *testing.T) {
	h := handler(Options{ErrorPresenter: func(context.Context, error) *gqlerror.Error {
		return &gqlerror.Error{Message: "broken", Extensions: map[string]any{"f": func() {}}}
	}})
	got := query(t, h, "{", nil)
	require.Equal(t, `{"errors":[{"message":"broken"}]}`, got.body)
}

func TestNegotiation(t *testing.T) {
	for accept, want := range map[string]accepted{
		"":                                  {json: plainJSON},
		"*/*":                               {json: plainJSON},
		"application/*":                     {json: plainJSON},
		"application/json":                  {json: plainJSON},
		"application/json, */*":             {json: plainJSON},
		"application/json, text/plain, */*": {json: plainJSON},
		"application/graphql-response+json": {json: graphqlResponse},
		"APPLICATION/GraphQL-Response+JSON": {json: graphqlResponse},
		"application/json;q=0, */*":         {json: graphqlResponse},
		"application/json;q=0.1, application/graphql-response+json;q=0.2": {json: graphqlResponse},
		"application/json;q=0":                      {},
		"text/html":                                 {},
		"application/json;q=2":                      {},
		"application/json;charset=latin1":           {},
		"application/json; charset=utf-8":           {json: plainJSON},
		"text/event-stream":                         {stream: true, streamFirst: true},
		"text/event-stream;q=0, application/json":   {json: plainJSON},
		"text/event-stream, application/json":       {json: plainJSON, stream: true},
		"text/event-stream, application/json;q=0.9": {json: plainJSON, stream: true, streamFirst: true},
		"application/graphql-response+json, text/event-stream, multipart/mixed": {json: graphqlResponse, stream: true},
	} {
		header := http.Header{}
		if accept != "" {
			header.Set("Accept", accept)
		}
		require.Equal(t, want, negotiate(header), accept)
	}
}

// FuzzBody sends bodies of any kind: they must be answered with JSON, and never with a panic.
func FuzzBody(f *testing.F) {
	for _, body := range []string{
		`{"query":"{hello}"}`, `{"query":"query($n: String){hello(name: $n)}","variables":{"n":"x"}}`, `[]`, `{"query":1}`,
		`{"query":"{hello}","variables":{"n":"\ud800"}}`, "{\"query\":\"\xff\"}", `{"query":"{hello}","operationName":null}`,
		`{"query":"query($f: Filter){echo(filter: $f)}","variables":{"f":{"name":"a","kinds":["SMALL"],"inner":{"name":"b"}}}}`,
		`{"query":"query($c: Choice, $ids: [ID!], $n: Int, $r: Float, $k: Kind){echo(choice: $c, ids: $ids, number: $n, ratio: $r, kind: $k)}","variables":{"c":{"id":1},"ids":1,"n":1e3,"r":2,"k":"SMALL"}}`,
		`{"query":"{items(first: 2){nodes{id}}}","extensions":{"a":{}}}`, `{"query":"mutation{add(by: 2)}"}`,
	} {
		f.Add([]byte(body))
	}
	var failed error
	h := handler(Options{Introspection: true, RecoverFunc: func(_ context.Context, p any) error {
		if p != testschema.Secret {
			failed = errors.New("panic")
		}
		return refuse(codeInternal, internalMessage)
	}})
	f.Fuzz(func(t *testing.T, body []byte) {
		failed = nil
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", graphqlResponse)
		w := httptest.NewRecorder()
		if bytes.Contains(body, []byte("waits")) || bytes.Contains(body, []byte(`\u`)) {
			return // Query.waits would wait for ever
		}
		h.ServeHTTP(w, r)
		require.NoError(t, failed)
		require.True(t, json.Valid(w.Body.Bytes()), w.Body.String())
	})
}
