package httpd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/persona-api/persona-api/internal/httpd"
	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/operations"
)

// executing is a server whose stored operations are answered by execute.
func executing(execute func(*graphql.RawParams) *graphql.Response) http.Handler {
	return httpd.New(httpd.Options{
		GraphQL: http.NotFoundHandler(), Ready: func(context.Context) error { return nil }, Log: slog.New(slog.DiscardHandler),
		Execute: func(_ context.Context, params *graphql.RawParams) *graphql.Response { return execute(params) },
	})
}

// made is the answer of an operation that has made a persona.
func made() *graphql.Response {
	return &graphql.Response{Data: json.RawMessage(`{"createPersona":{"persona":{"id":"persona_1"},"userErrors":[]}}`)}
}

// sources are those of an operation's input.
func sources(params *graphql.RawParams) []any {
	return params.Variables["input"].(map[string]any)["sources"].([]any)
}

// field is one of a form; with a file's name it is a file.
type field struct{ name, file, mediaType, value string }

// fields is a form.
func fields(t *testing.T, fields ...field) (body, contentType string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		header := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"`, f.name)}}
		if f.mediaType != "" {
			header["Content-Disposition"][0] += fmt.Sprintf(`; filename="%s"`, f.file)
			header.Set("Content-Type", f.mediaType)
		}
		part, err := w.CreatePart(header)
		require.NoError(t, err)
		_, err = io.WriteString(part, f.value)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.String(), w.FormDataContentType()
}

// told is what a REST route says of a persona, or of a failure.
type told struct {
	ID        string
	Status    string
	RawText   *string `json:"raw_text"`
	Name      *string
	Persona   struct{ Meta struct{ Name string } }
	CreatedAt string `json:"created_at"`
	UpdatedAt string `json:"updated_at"`
	Error     *struct {
		Code, Message string
		Field         *string
	}
}

// send posts a body. Headers come as name, value, name, value.
func send(t *testing.T, h http.Handler, target string, body io.Reader, headers ...string) (*httptest.ResponseRecorder, told) {
	r := httptest.NewRequestWithContext(t.Context(), "POST", target, body)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var got told
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got), w.Body.String())
	return w, got
}

const cv = "Ada Okafor is a data engineer who lives in Leeds. She enjoys hiking and chess."

func TestASubmissionIsTheInputOfCreatePersona(t *testing.T) {
	var input map[string]any
	var files []string
	h := executing(func(params *graphql.RawParams) *graphql.Response {
		input, files = params.Variables["input"].(map[string]any), nil
		for _, source := range sources(params) {
			if file, ok := source.(map[string]any)["file"].(graphql.Upload); ok {
				text, err := io.ReadAll(file.File)
				require.NoError(t, err)
				files = append(files, fmt.Sprintf("%s %s %d %s", file.Filename, file.ContentType, file.Size, text))
				source.(map[string]any)["file"] = len(files)
			}
		}
		return made()
	})
	body, contentType := fields(t, field{name: "url", value: "https://example.com/a"}, field{name: "file", file: "1.txt", mediaType: "text/plain", value: "One"},
		field{name: "tag", value: "a"}, field{name: "title", value: "T"}, field{name: "url", value: "b"}, field{name: "url"}, field{name: "kind", value: "Email"},
		field{name: "file", file: "2.md", mediaType: "text/markdown", value: "Two"}, field{name: "text", value: "The text."}, field{name: "waitSeconds", value: "0"},
		field{name: "file", mediaType: "application/octet-stream"}, field{name: "tag", value: "b"})
	w, _ := send(t, h, "/v1/persona", strings.NewReader(body), "Content-Type", contentType)
	require.Equal(t, http.StatusCreated, w.Code)
	of := func(name string, value any) any {
		return map[string]any{name: value, "kind": "EMAIL", "title": "T"}
	}
	require.Equal(t, map[string]any{
		"sources": []any{of("text", "The text."), of("file", 1), of("file", 2), of("url", "https://example.com/a"), of("url", "b")},
		"tags":    []any{"a", "b"}, "waitSeconds": 0,
	}, input)
	require.Equal(t, []string{"1.txt text/plain 3 One", "2.md text/markdown 3 Two"}, files)

	w, _ = send(t, h, "/v1/persona?title=A+title&tag=x&tag=y&waitSeconds=3&kind=", strings.NewReader(cv), "Content-Type", "TEXT/HTML;charset=Latin1")
	require.Equal(t, http.StatusCreated, w.Code)
	require.Equal(t, map[string]any{"sources": []any{map[string]any{"file": 1, "title": "A title"}}, "tags": []any{"x", "y"}, "waitSeconds": 3}, input)
	require.Equal(t, []string{" text/html; charset=Latin1 78 " + cv}, files)
}

func TestFieldsAreNamedAsTheyWereSent(t *testing.T) {
	var path string
	h := executing(func(*graphql.RawParams) *graphql.Response {
		return &graphql.Response{Data: json.RawMessage(`{"createPersona":{"persona":null,"userErrors":[{"code":"INVALID","field":` + path + `,"message":"m"}]}}`)}
	})
	text, one, two := field{name: "text", value: "x"}, field{name: "file", file: "1", mediaType: "text/plain", value: "x"}, field{name: "url", value: "x"}
	for _, test := range []struct {
		sent []field
		path string
		want string
	}{
		{[]field{text}, `["sources","0","text"]`, "text"},
		{[]field{one}, `["sources","0","file"]`, "file"},
		{[]field{one}, `["sources","0"]`, "file"},
		{[]field{one, one}, `["sources","1","file"]`, "file[1]"},
		{[]field{text, one, two}, `["sources","1","file"]`, "file"},
		{[]field{text, one, two}, `["sources","2","url"]`, "url"},
		{[]field{text, one, two, two}, `["sources","3","url"]`, "url[1]"},
		{[]field{text, one}, `["sources","1","kind"]`, "kind"},
		{[]field{text, one}, `["sources","1","title"]`, "title"},
		{[]field{text}, `["title"]`, "title"},
		{[]field{text}, `["tags","3"]`, "tag"},
		{[]field{text}, `["waitSeconds"]`, "waitSeconds"},
		{[]field{text}, `["sources"]`, ""},
		{[]field{text}, `null`, ""},
	} {
		path = test.path
		body, contentType := fields(t, test.sent...)
		w, got := send(t, h, "/v1/persona", strings.NewReader(body), "Content-Type", contentType)
		require.Equal(t, http.StatusUnprocessableEntity, w.Code)
		if test.want == "" {
			require.Nil(t, got.Error.Field, test.path)
			continue
		}
		require.NotNil(t, got.Error.Field, test.path)
		require.Equal(t, test.want, *got.Error.Field, test.path)
		require.Equal(t, "m", got.Error.Message)
	}
}

func TestWhatCannotBeReadIsRefused(t *testing.T) {
	const canary = "CANARY"
	h := executing(func(*graphql.RawParams) *graphql.Response { panic("nothing should run") })
	form := func(f ...field) []string {
		body, contentType := fields(t, f...)
		return []string{"/v1/persona", body, contentType}
	}
	raw := func(query, body, contentType string) []string {
		return []string{"/v1/persona" + query, body, contentType}
	}
	text := field{name: "text", value: canary}
	file := func(n int) field {
		return field{name: "file", file: canary, mediaType: "text/plain", value: strings.Repeat("x", n)}
	}
	many := func(n int, f field) (all []field) {
		for range n {
			all = append(all, f)
		}
		return all
	}
	for name, test := range map[string]struct {
		request []string
		status  int
		code    string
		field   string
	}{
		"nothing":              {form(), 400, "BAD_REQUEST", ""},
		"only a title":         {form(field{name: "title", value: canary}), 400, "BAD_REQUEST", ""},
		"an empty body":        {raw("", "", "text/plain"), 400, "BAD_REQUEST", ""},
		"no form":              {raw("", canary, "multipart/form-data; boundary=b"), 400, "BAD_REQUEST", ""},
		"an unknown field":     {form(text, field{name: canary}), 400, "BAD_REQUEST", ""},
		"an unknown parameter": {raw("?"+canary+"=1", canary, "text/plain"), 400, "BAD_REQUEST", ""},
		"text in the URL":      {raw("?text="+canary, canary, "text/plain"), 400, "BAD_REQUEST", ""},
		"a form and a query":   {[]string{"/v1/persona?kind=CV", form(text)[1], form(text)[2]}, 400, "BAD_REQUEST", ""},
		"a broken query":       {raw("?kind=%zz", canary, "text/plain"), 400, "BAD_REQUEST", ""},
		"a text twice":         {form(text, text), 400, "BAD_REQUEST", "text"},
		"a title twice":        {raw("?title=a&title=b", canary, "text/plain"), 400, "BAD_REQUEST", "title"},
		"a wait twice":         {form(text, field{name: "waitSeconds", value: "1"}, field{name: "waitSeconds", value: "1"}), 400, "BAD_REQUEST", "waitSeconds"},
		"a wait that is none":  {form(text, field{name: "waitSeconds", value: canary}), 400, "BAD_REQUEST", "waitSeconds"},
		"a text not in UTF-8":  {form(field{name: "text", value: "\xff"}), 400, "BAD_REQUEST", "text"},
		"JSON":                 {raw("", `{"raw_text":"`+canary+`"}`, "application/json"), 415, "UNSUPPORTED_MEDIA_TYPE", ""},
		"an image":             {raw("", canary, "image/png"), 415, "UNSUPPORTED_MEDIA_TYPE", ""},
		"no type":              {raw("", canary, ""), 415, "UNSUPPORTED_MEDIA_TYPE", ""},
		"a kind that is none":  {form(text, field{name: "kind", value: canary}), 422, "INVALID", "kind"},
		"fields too long":      {form(field{name: "text", value: strings.Repeat("x", 2<<20+1)}), 413, "TOO_LARGE", ""},
		"a file too large":     {form(file(10<<20 + 1)), 413, "TOO_LARGE", "file"},
		"files too large":      {form(file(10<<20), file(10<<20), file(1)), 413, "TOO_LARGE", "file"},
		"too many files":       {form(many(11, file(1))...), 413, "TOO_LARGE", "file"},
		"a body too large":     {raw("", strings.Repeat("x", 10<<20+1), "text/plain"), 413, "TOO_LARGE", ""},
		"much too large":       {form(file(24 << 20)), 413, "TOO_LARGE", ""},
	} {
		t.Run(name, func(t *testing.T) {
			target, body, contentType := test.request[0], test.request[1], test.request[2]
			for _, r := range []io.Reader{strings.NewReader(body), struct{ io.Reader }{strings.NewReader(body)}} {
				w, got := send(t, h, target, r, "Content-Type", contentType)
				require.Equal(t, test.status, w.Code, w.Body.String())
				require.NotNil(t, got.Error, w.Body.String())
				require.Equal(t, test.code, got.Error.Code)
				require.NotEmpty(t, got.Error.Message)
				require.NotContains(t, w.Body.String(), canary)
				if _, long := r.(*strings.Reader); long || name != "much too large" {
					if test.field == "" {
						require.Nil(t, got.Error.Field)
					} else {
						require.NotNil(t, got.Error.Field, w.Body.String())
						require.Equal(t, test.field, *got.Error.Field)
					}
				}
				if test.status == 413 {
					require.Equal(t, "close", w.Header().Get("Connection"))
				}
			}
		})
	}
}

func TestFilesMayBeAsLargeAsTheLimits(t *testing.T) {
	var sizes []int64
	h := executing(func(params *graphql.RawParams) *graphql.Response {
		sizes = nil
		for _, source := range sources(params) {
			sizes = append(sizes, source.(map[string]any)["file"].(graphql.Upload).Size)
		}
		return made()
	})
	w, _ := send(t, h, "/v1/persona", strings.NewReader(strings.Repeat("x", 10<<20)), "Content-Type", "application/pdf")
	require.Equal(t, http.StatusCreated, w.Code)
	require.Equal(t, []int64{10 << 20}, sizes)
	file := func(n int) field {
		return field{name: "file", file: "a", mediaType: "application/pdf", value: strings.Repeat("x", n)}
	}
	for _, sent := range [][]int{{10 << 20, 10 << 20}, {10<<20 - 9, 10 << 20, 1, 1, 1, 1, 1, 1, 1, 1}} {
		var files []field
		for _, n := range sent {
			files = append(files, file(n))
		}
		body, contentType := fields(t, files...)
		w, _ = send(t, h, "/v1/persona", strings.NewReader(body), "Content-Type", contentType)
		require.Equal(t, http.StatusCreated, w.Code, w.Body.String())
		require.Len(t, sizes, len(sent))
	}
}

func TestOtherMethodsSitesAndEncodings(t *testing.T) {
	h := executing(func(*graphql.RawParams) *graphql.Response { return made() })
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "OPTIONS"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, "/v1/persona", nil))
		require.Equal(t, http.StatusMethodNotAllowed, w.Code)
		require.Equal(t, "POST", w.Header().Get("Allow"))
		require.JSONEq(t, `{"error":{"code":"METHOD_NOT_ALLOWED","message":"use POST here","field":null}}`, w.Body.String())
	}
	for _, headers := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
	} {
		w, got := send(t, h, "/v1/persona", strings.NewReader(cv), append(headers, "Content-Type", "text/plain")...)
		require.Equal(t, http.StatusForbidden, w.Code)
		require.Equal(t, "CROSS_SITE_REQUEST", got.Error.Code)
	}
	for _, headers := range [][]string{{"Sec-Fetch-Site", "same-origin"}, {"Origin", "http://example.com"}} {
		w, _ := send(t, h, "/v1/persona?waitSeconds=0", strings.NewReader(cv), append(headers, "Content-Type", "text/plain")...)
		require.Equal(t, http.StatusCreated, w.Code)
	}
	w, got := send(t, h, "/v1/persona", strings.NewReader(cv), "Content-Type", "text/plain", "Content-Encoding", "gzip")
	require.Equal(t, http.StatusUnsupportedMediaType, w.Code)
	require.Equal(t, "UNSUPPORTED_MEDIA_TYPE", got.Error.Code)
}

func TestABodyThatComesTooSlowlyIsAnswered(t *testing.T) {
	h := executing(func(*graphql.RawParams) *graphql.Response { panic("nothing should run") })
	body, contentType := fields(t, field{name: "text", value: cv})
	for contentType, start := range map[string]string{contentType: body[:100], "text/plain": cv} {
		late := io.MultiReader(strings.NewReader(start), failing{&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}})
		w, got := send(t, h, "/v1/persona", late, "Content-Type", contentType)
		require.Equal(t, http.StatusRequestTimeout, w.Code)
		require.Equal(t, "TIMEOUT", got.Error.Code)
		cut := io.MultiReader(strings.NewReader(start), failing{errors.New("CANARY")})
		w, _ = send(t, h, "/v1/persona", cut, "Content-Type", contentType)
		require.Equal(t, http.StatusBadRequest, w.Code)
		require.NotContains(t, w.Body.String(), "CANARY")
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestFailuresHaveTheirStatus(t *testing.T) {
	var answer graphql.Response
	h := executing(func(*graphql.RawParams) *graphql.Response { return &answer })
	statuses := map[persona.Code]int{
		persona.CodeInvalid: 422, persona.CodeTooLarge: 413, persona.CodeNotFound: 404, persona.CodeConflict: 409, persona.CodeVersionConflict: 409,
		persona.CodeIdempotencyConflict: 409, persona.CodeMerged: 409, persona.CodeLocked: 409, persona.CodeForbidden: 403,
		persona.CodeBudgetExceeded: 429, persona.CodeLimitExceeded: 429, persona.CodeUnavailable: 503, persona.CodeTimeout: 503,
		persona.CodeInternal: 500, "UNAUTHENTICATED": 401, "ANOTHER": 500,
	}
	for code, status := range statuses {
		answer = graphql.Response{Errors: gqlerror.List{{Message: "m", Extensions: map[string]any{"code": string(code)}}}}
		w, got := send(t, h, "/v1/persona", strings.NewReader(cv), "Content-Type", "text/plain")
		require.Equal(t, status, w.Code, code)
		require.Equal(t, string(code), got.Error.Code)
		require.Equal(t, "m", got.Error.Message)

		answer = graphql.Response{Data: fmt.Appendf(nil, `{"createPersona":{"persona":null,"userErrors":[{"code":%q,"field":null,"message":"m"}]}}`, code)}
		w, got = send(t, h, "/v1/persona", strings.NewReader(cv), "Content-Type", "text/plain")
		require.Equal(t, status, w.Code, code)
		require.Equal(t, string(code), got.Error.Code)
	}
	answer = graphql.Response{Errors: gqlerror.List{{Message: "m"}}, Data: json.RawMessage("null")}
	w, got := send(t, h, "/v1/persona", strings.NewReader(cv), "Content-Type", "text/plain")
	require.Equal(t, http.StatusInternalServerError, w.Code)
	require.Equal(t, "INTERNAL", got.Error.Code)

	// What has been created has been created, even if something of it could not be read.
	answer = graphql.Response{Errors: gqlerror.List{{Message: "m"}}, Data: json.RawMessage(`{"createPersona":{"persona":{"id":"persona_1","status":"PENDING","sources":null},"userErrors":[]}}`)}
	w, got = send(t, h, "/v1/persona", strings.NewReader(cv), "Content-Type", "text/plain")
	require.Equal(t, http.StatusCreated, w.Code)
	require.Equal(t, "persona_1", got.ID)
	require.Nil(t, got.RawText)
}

func TestRESTActsForTheCaller(t *testing.T) {
	var caller persona.Caller
	o := httpd.Options{
		GraphQL: http.NotFoundHandler(), Ready: func(context.Context) error { return nil }, Log: slog.New(slog.DiscardHandler),
		Execute: func(ctx context.Context, _ *graphql.RawParams) *graphql.Response {
			caller = persona.CallerFrom(ctx)
			return &graphql.Response{Errors: gqlerror.List{{Message: "m"}}}
		},
	}
	send(t, httpd.New(o), "/v1/persona", strings.NewReader(cv), "Content-Type", "text/plain")
	require.Equal(t, "anonymous", caller.Subject)
	o.Caller = func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, "{}")
		})
	}
	w, _ := send(t, httpd.New(o), "/v1/persona", strings.NewReader(cv), "Content-Type", "text/plain")
	require.Equal(t, http.StatusUnauthorized, w.Code)
}

func TestStoredOperationsFitTheSchema(t *testing.T) {
	text, err := os.ReadFile("../../schema.graphqls")
	require.NoError(t, err)
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphqls", Input: string(text)})
	require.NoError(t, err)
	var kinds []persona.SourceKind
	for _, value := range schema.Types["SourceKind"].EnumValues {
		kinds = append(kinds, persona.SourceKind(value.Name))
	}
	require.ElementsMatch(t, kinds, httpd.Kinds)
	entries, err := os.ReadDir("../../operations/rest")
	require.NoError(t, err)
	require.NotEmpty(t, entries)
	for _, entry := range entries {
		document, err := operations.REST().Open(entry.Name())
		require.NoError(t, err)
		text, err := io.ReadAll(document)
		require.NoError(t, err)
		_, errs := gqlparser.LoadQueryWithRules(schema, string(text), rules.NewDefaultRules())
		require.Empty(t, errs, entry.Name())
	}
}

// FuzzForm sends forms of any kind to the REST route: each is answered with JSON and a status that fits.
func FuzzForm(f *testing.F) {
	var sent int
	h := executing(func(params *graphql.RawParams) *graphql.Response {
		sent = len(sources(params))
		return made()
	})
	f.Fuzz(func(t *testing.T, query string, body []byte, isForm bool) {
		sent = 0
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/v1/persona", bytes.NewReader(body))
		r.URL = &url.URL{Path: "/v1/persona", RawQuery: query}
		r.Header.Set("Content-Type", "text/plain")
		if isForm {
			r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.True(t, json.Valid(w.Body.Bytes()), w.Body.String())
		require.Equal(t, w.Code == http.StatusCreated, sent > 0, w.Body.String())
	})
}
