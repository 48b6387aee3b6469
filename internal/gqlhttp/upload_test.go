package gqlhttp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/gqlhttp/testschema"
)

const boundary = "boundary"

// formPart is a part of a multipart body. Without a file name it is a field.
type formPart struct {
	name, file, mediaType, encoding, text string
}

// fileParts are the operations, the map and files of a request; what is sent where is up to the test.
func fileParts(document, variables, places string, files ...formPart) []formPart {
	operations := fmt.Sprintf(`{"query":%q,"variables":%s}`, document, variables)
	return append([]formPart{{name: "operations", text: operations}, {name: "map", text: places}}, files...)
}

// body is the multipart body of some parts.
func body(t testing.TB, parts ...formPart) string {
	t.Helper()
	var b strings.Builder
	w := multipart.NewWriter(&b)
	require.NoError(t, w.SetBoundary(boundary))
	for _, p := range parts {
		header := textproto.MIMEHeader{}
		disposition := fmt.Sprintf(`form-data; name="%s"`, p.name)
		if p.file != "" {
			disposition += fmt.Sprintf(`; filename="%s"`, p.file)
		}
		header.Set("Content-Disposition", disposition)
		if p.mediaType != "" {
			header.Set("Content-Type", p.mediaType)
		}
		if p.encoding != "" {
			header.Set("Content-Transfer-Encoding", p.encoding)
		}
		part, err := w.CreatePart(header)
		require.NoError(t, err)
		_, err = io.WriteString(part, p.text)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.String()
}

// upload posts a multipart body as a modern client does.
func upload(t testing.TB, h http.Handler, body string, headers ...string) reply {
	t.Helper()
	return do(t, h, http.MethodPost, "/graphql", body, append([]string{
		"Content-Type", "multipart/form-data; boundary=" + boundary, "GraphQL-Require-Preflight", "1", "Accept", graphqlResponse,
	}, headers...)...)
}

const (
	one     = "mutation($file: Upload) {upload(file: $file) {name mediaType size text}}"
	several = "mutation($files: [Upload]) {upload(files: $files) {name text}}"
	dossier = "mutation($input: Dossier) {upload(dossier: $input) {name text}}"
)

func TestFilesArriveWhereTheyBelong(t *testing.T) {
	a, b, c := formPart{name: "a", file: "a.txt", text: "A"}, formPart{name: "b", file: "b.txt", text: "B"}, formPart{name: "c", file: "c.txt", text: "C"}
	for _, test := range []struct {
		name  string
		parts []formPart
		want  string
	}{
		{"one", fileParts(one, `{"file":null}`, `{"0":["variables.file"]}`, formPart{name: "0", file: "cv.md", mediaType: "text/markdown", text: "# Hé\x00\xff"}),
			`{"upload":[{"name":"cv.md","mediaType":"text/markdown","size":7,"text":"# Hé\u0000\ufffd"}]}`},
		{"without name, type or content", fileParts(one, `{"file":null}`, `{"0":["variables.file"]}`, formPart{name: "0"}),
			`{"upload":[{"name":"","mediaType":"","size":0,"text":""}]}`},
		{"a name with a path", fileParts(one, `{"file":null}`, `{"0":["variables.file"]}`, formPart{name: "0", file: "../../etc/cv.txt", encoding: "Binary"}),
			`{"upload":[{"name":"cv.txt","mediaType":"","size":0,"text":""}]}`},
		{"a list", fileParts(several, `{"files":[null,null]}`, `{"a":["variables.files.0"],"b":["variables.files.1"]}`, a, b),
			`{"upload":[{"name":"a.txt","text":"A"},{"name":"b.txt","text":"B"}]}`},
		{"a list in another order", fileParts(several, `{"files":[null,null,null]}`, `{"a":["variables.files.2"],"b":["variables.files.0"]}`, b, a),
			`{"upload":[{"name":"b.txt","text":"B"},{"name":"a.txt","text":"A"}]}`},
		{"one that stands for a list", fileParts(several, `{"files":null}`, `{"a":["variables.files"]}`, a),
			`{"upload":[{"name":"a.txt","text":"A"}]}`},
		{"one file in two places", fileParts(several, `{"files":[null,null]}`, `{"a":["variables.files.1","variables.files.0"]}`, a),
			`{"upload":[{"name":"a.txt","text":"A"},{"name":"a.txt","text":"A"}]}`},
		{"in input objects", fileParts(dossier, `{"input":{"cover":null,"title":"t","sources":[{"file":null,"text":"x"},{"attachments":[null]}]}}`,
			`{"a":["variables.input.sources.0.file"],"b":["variables.input.sources.1.attachments.0"],"c":["variables.input.cover"]}`, a, b, c),
			`{"upload":[{"name":"c.txt","text":"C"},{"name":"a.txt","text":"A"},{"name":"b.txt","text":"B"}]}`},
		{"a query", fileParts("query($f: Upload!) {measure(file: $f)}", `{"f":null}`, `{"a":["variables.f"]}`, formPart{name: "a", text: strings.Repeat("x", 100_000)}),
			`{"measure":100000}`},
		{"the same field twice", fileParts("query($f: Upload!) {measure(file: $f) again: measure(file: $f)}", `{"f":null}`, `{"a":["variables.f"]}`, a),
			`{"measure":1,"again":1}`},
		{"no file at all", fileParts("{hello}", `null`, `{}`), `{"hello":"Hello, world"}`},
		{"an operation chosen by name", []formPart{{name: "operations", file: "blob", mediaType: "application/json",
			text: `{"query":"query A {hello} query B($f: Upload!) {measure(file: $f)}","operationName":"B","variables":{"f":null}}`},
			{name: "map", text: ` {"a":["variables.f"]} `}, a}, `{"measure":1}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := upload(t, handler(Options{Uploads: true}), body(t, test.parts...))
			require.Equal(t, http.StatusOK, got.status, got.body)
			require.Equal(t, graphqlResponse+"; charset=utf-8", got.header.Get("Content-Type"))
			require.JSONEq(t, test.want, string(got.envelope(t).Data))
		})
	}
}

// TestFilesAreReadOnTheirOwn holds that two places of one file do not share where they have been read to.
func TestFilesAreReadOnTheirOwn(t *testing.T) {
	got := upload(t, handler(Options{Uploads: true}), body(t, fileParts(
		"query($f: Upload!, $g: Upload!) {measure(file: $f) other: measure(file: $g)}", `{"f":null,"g":null}`,
		`{"a":["variables.f","variables.g"]}`, formPart{name: "a", text: "abc"})...))
	require.JSONEq(t, `{"data":{"measure":3,"other":3}}`, got.body)
}

func TestFormsThatDoNotFitAreRefused(t *testing.T) {
	const c = canary
	a := formPart{name: "0", file: c, mediaType: "text/" + c, text: c}
	with := func(variables, places string, files ...formPart) []formPart {
		return fileParts(one, variables, places, files...)
	}
	const null, there = `{"file":null}`, `{"0":["variables.file"]}`
	const nowhere, taken, notNull = "leads nowhere", "has a file already", "not null"
	for _, test := range []struct {
		name    string
		parts   []formPart
		message string
	}{
		{"no operations", []formPart{{name: "map", text: there}, a}, `The part "operations" is missing`},
		{"files first", []formPart{a, {name: "operations", text: "{}"}, {name: "map", text: there}}, `The part "operations" is missing`},
		{"only operations", with(null, there)[:1], `The part "map" is missing`},
		{"files before the map", []formPart{with(null, there)[0], a, {name: "map", text: there}}, `The part "map" is missing`},
		{"operations twice", append(with(null, there, a), formPart{name: "operations", text: c}), "not named in it"},
		{"operations empty", []formPart{{name: "operations"}, {name: "map", text: there}, a}, `The part "operations" is empty`},
		{"operations no JSON", []formPart{{name: "operations", text: "{" + c}, {name: "map", text: there}, a}, `The part "operations" is not valid JSON`},
		{"operations no object", []formPart{{name: "operations", text: `"` + c + `"`}, {name: "map", text: there}, a}, `The part "operations" must be a JSON object`},
		{"operations no UTF-8", []formPart{{name: "operations", text: "{\xff"}, {name: "map", text: there}, a}, "not valid UTF-8"},
		{"operations and more", []formPart{{name: "operations", text: "{}" + c}, {name: "map", text: there}, a}, "Something follows"},
		{"a batch", []formPart{{name: "operations", text: "[{}]"}, {name: "map", text: `{"0":["0.variables.file"]}`}, a}, "Batches are not supported"},
		{"no query", []formPart{{name: "operations", text: "{}"}, {name: "map", text: `{}`}}, "The request has no document"},
		{"map empty", with(null, ""), "must be a JSON object of lists of paths"},
		{"map null", with(null, "null"), "must be a JSON object of lists of paths"},
		{"map no object", with(null, `["variables.file"]`), "must be a JSON object of lists of paths"},
		{"map no JSON", with(null, `{"`+c), "must be a JSON object of lists of paths"},
		{"map with a comma", with(null, `{"0":["variables.file"],}`, a), "must be a JSON object of lists of paths"},
		{"map unended", with(null, `{"0":["variables.file"]`, a), "must be a JSON object of lists of paths"},
		{"map and more", with(null, there+c, a), "must be a JSON object of lists of paths"},
		{"map no UTF-8", with(null, `{"`+"\xff"+`":["variables.file"]}`, formPart{name: "\xff"}), "must be a JSON object of lists of paths"},
		{"a path that is no list", with(null, `{"0":"variables.file"}`, a), "must be a JSON object of lists of paths"},
		{"a path that is a number", with(null, `{"0":[1]}`, a), "must be a JSON object of lists of paths"},
		{"no path", with(null, `{"0":[]}`, a), "must be a JSON object of lists of paths"},
		{"paths null", with(null, `{"0":null}`, a), "must be a JSON object of lists of paths"},
		{"a path null", with(null, `{"0":[null]}`, a), nowhere},
		{"an empty path", with(null, `{"0":[""]}`, a), nowhere},
		{"a path to everything", with(null, `{"0":["variables"]}`, a), nowhere},
		{"a path beside the variables", with(null, `{"0":["query"]}`, a), nowhere},
		{"a path from elsewhere", with(null, `{"0":["`+c+`.file"]}`, a), nowhere},
		{"a variable that is missing", with(`{}`, there, a), nowhere},
		{"no variables", with(`null`, there, a), nowhere},
		{"a path that ends in a dot", with(null, `{"0":["variables.file."]}`, a), nowhere},
		{"a path through null", with(null, `{"0":["variables.file.`+c+`"]}`, a), nowhere},
		{"a path through a string", with(`{"file":"`+c+`"}`, `{"0":["variables.file.0"]}`, a), nowhere},
		{"a position beyond the list", with(`{"file":[null]}`, `{"0":["variables.file.1"]}`, a), nowhere},
		{"a position before the list", with(`{"file":[null]}`, `{"0":["variables.file.-1"]}`, a), nowhere},
		{"a position with a sign", with(`{"file":[null]}`, `{"0":["variables.file.+0"]}`, a), nowhere},
		{"a position with a zero", with(`{"file":[null,null]}`, `{"0":["variables.file.01"]}`, a), nowhere},
		{"a position that is a name", with(`{"file":[null]}`, `{"0":["variables.file.`+c+`"]}`, a), nowhere},
		{"a position without end", with(`{"file":[null]}`, `{"0":["variables.file.99999999999999999999"]}`, a), nowhere},
		{"a place with a string", with(`{"file":"`+c+`"}`, there, a), notNull},
		{"a place with an object", with(`{"file":{}}`, there, a), notNull},
		{"a place with false", with(`{"file":false}`, there, a), notNull},
		{"a place twice", with(null, `{"0":["variables.file","variables.file"]}`, a), taken},
		{"a place of two files", with(null, `{"0":["variables.file"],"1":["variables.file"]}`, a, formPart{name: "1"}), "path 1 of file 2 " + "leads to a place that has a file already"},
		{"a file twice in the map", with(null, `{"0":["variables.file"],"0":["variables.file"]}`, a), "names a file twice"},
		{"a file twice", with(null, there, a, a), "A file is sent twice"},
		{"a file missing", with(null, there), "1 of the files named"},
		{"a file unknown", with(null, there, formPart{name: c, text: c}), "not named in it"},
		{"a file too many", with(null, there, a, formPart{name: "1", text: c}), "not named in it"},
		{"a name that is no UTF-8", with(null, there, formPart{name: "0", file: "\xff"}), "not valid UTF-8"},
		{"base64", with(null, there, formPart{name: "0", encoding: "base64", text: c}), "Content-Transfer-Encoding"},
		{"quoted-printable", with(null, there, formPart{name: "0", encoding: "Quoted-Printable", text: c}), "Content-Transfer-Encoding"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := upload(t, handler(Options{Uploads: true}), body(t, test.parts...))
			require.Equal(t, http.StatusBadRequest, got.status, got.body)
			require.Equal(t, codeBadRequest, got.code(t))
			require.Contains(t, got.envelope(t).Errors[0].Message, test.message)
			require.NotContains(t, got.body, c)
			require.Nil(t, got.envelope(t).Data)
		})
	}
}

func TestABodyThatIsNoFormIsRefused(t *testing.T) {
	whole := body(t, fileParts(one, `{"file":null}`, `{"0":["variables.file"]}`, formPart{name: "0", text: canary})...)
	h := handler(Options{Uploads: true})
	for end := range whole[:len(whole)-len("--\r\n")] {
		got := upload(t, h, whole[:end])
		require.Equal(t, http.StatusBadRequest, got.status, "cut at %d: %s", end, got.body)
		require.Equal(t, codeBadRequest, got.code(t))
		require.NotContains(t, got.body, canary)
	}
	open := strings.TrimSuffix(whole, "--\r\n")
	for _, more := range []string{"\r\n", "\r\nA", "\r\nA: b", "\r\nA: b\r\n", "\r\nA: b\r\n\r\n", "-", " \r\n"} {
		require.Equal(t, codeBadRequest, upload(t, h, open+more).code(t), more)
	}
	for _, end := range []string{"--", "-- ", "--\r\n", "--\r\nsomething behind"} {
		require.Equal(t, http.StatusOK, upload(t, h, open+end).status, end)
	}
	require.Equal(t, codeBadRequest, upload(t, h, "--"+boundary+"--").code(t), "an end without a beginning is a form without parts")
	for _, sent := range []string{canary, "--" + boundary + "\r\n" + canary + "\r\n\r\n", "--" + boundary + "x\r\n"} {
		require.Equal(t, codeBadRequest, upload(t, h, sent).code(t))
	}
	for contentType, status := range map[string]int{
		"multipart/form-data":                               http.StatusBadRequest,
		`multipart/form-data; boundary=""`:                  http.StatusBadRequest,
		"multipart/form-data; boundary=other":               http.StatusBadRequest,
		"multipart/form-data; boundary=" + boundary + "; x": http.StatusUnsupportedMediaType,
		"multipart/mixed; boundary=" + boundary:             http.StatusUnsupportedMediaType,
		"application/x-www-form-urlencoded":                 http.StatusUnsupportedMediaType,
		`Multipart/Form-Data; Boundary="` + boundary + `"`:  http.StatusOK,
	} {
		got := do(t, h, http.MethodPost, "/", whole, "Content-Type", contentType, "X-Requested-With", "us")
		require.Equal(t, status, got.status, contentType)
	}
	require.Equal(t, http.StatusUnsupportedMediaType, upload(t, h, whole, "Content-Encoding", "gzip").status)
}

func TestUploadsAreOffUnlessAllowed(t *testing.T) {
	got := upload(t, handler(Options{}), body(t, fileParts(one, `{"file":null}`, `{}`)...))
	require.Equal(t, http.StatusUnsupportedMediaType, got.status)
	require.Equal(t, codeMediaType, got.code(t))
}

func TestAFormNeedsWhatAPageOfAnotherSiteCannotSend(t *testing.T) {
	h := handler(Options{Uploads: true})
	sent := body(t, fileParts("mutation {add}", `{}`, `{}`)...)
	for _, test := range []struct {
		headers []string
		status  int
	}{
		{nil, 403},
		{[]string{"Accept", graphqlResponse}, 403},
		{[]string{"Sec-Fetch-Site", "same-origin"}, 403},
		{[]string{"Cookie", "session=1"}, 403},
		{[]string{"GraphQL-Require-Preflight", ""}, 403},
		{[]string{"Authorization", "Basic YTpi"}, 403},
		{[]string{"Authorization", "negotiate YTpi"}, 403},
		{[]string{"Authorization", "Bearer k"}, 200},
		{[]string{"Authorization", "k"}, 200},
		{[]string{"GraphQL-Require-Preflight", "1"}, 200},
		{[]string{"Apollo-Require-Preflight", "true"}, 200},
		{[]string{"X-Requested-With", "XMLHttpRequest"}, 200},
	} {
		got := do(t, h, http.MethodPost, "/", sent, append([]string{"Content-Type", "multipart/form-data; boundary=" + boundary}, test.headers...)...)
		require.Equal(t, test.status, got.status, test.headers)
		if test.status == http.StatusForbidden {
			require.Equal(t, codeCrossSite, got.code(t))
			require.Contains(t, got.body, "GraphQL-Require-Preflight: 1")
		}
	}
}

func TestFilesAreBounded(t *testing.T) {
	limits := Limits{File: 100, FilesTotal: 150, Files: 2, Body: 1000}
	h := handler(Options{Uploads: true, Limits: limits})
	file := func(name string, n int) formPart { return formPart{name: name, text: strings.Repeat("x", n)} }
	places := `{"0":["variables.files.0"],"1":["variables.files.1"]}`
	two := func(a, b int) []formPart {
		return fileParts("mutation($files: [Upload]) {upload(files: $files) {size}}", `{"files":[null,null]}`, places, file("0", a), file("1", b))
	}
	sizes := func(a, b int) string { return fmt.Sprintf(`{"data":{"upload":[{"size":%d},{"size":%d}]}}`, a, b) }
	padded := func(n int) []formPart {
		parts := two(1, 1)
		parts[0].text += strings.Repeat(" ", n-len(parts[0].text)-len(parts[1].text))
		return parts
	}
	for _, test := range []struct {
		name    string
		parts   []formPart
		want    string
		message string
	}{
		{"a file as large as it may be", two(100, 50), sizes(100, 50), ""},
		{"a file too large", two(101, 1), "", "A file has more than 100 bytes"},
		{"the second too large", two(1, 101), "", "A file has more than 100 bytes"},
		{"as much as there may be", two(51, 99), sizes(51, 99), ""},
		{"too much", two(51, 100), "", "more than 150 bytes together"},
		{"nothing more", two(0, 0), sizes(0, 0), ""},
		{"too many", fileParts(several, `{"files":[null,null,null]}`, `{"0":["variables.files.0"],"1":["variables.files.1"],"2":["variables.files.2"]}`), "", "more than 2 files"},
		{"operations and map as long as they may be", padded(1000), sizes(1, 1), ""},
		{"operations and map too long", padded(1001), "", `The parts "operations" and "map" have more than 1000 bytes`},
		{"operations too long", fileParts(one+strings.Repeat(" ", 1000), `{}`, `{}`), "", `The parts "operations" and "map" have more than 1000 bytes`},
		{"a file that is not in the map", append(two(1, 1), file("2", 100_000)), "", "The body has more bytes"},
		{"headers without end", append(two(1, 1)[:3], formPart{name: "1", file: strings.Repeat("x", 100_000)}), "", "The body has more bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			sent := body(t, test.parts...)
			got := upload(t, h, sent)
			chunked := uploadFrom(t, h, strings.NewReader(sent))
			if test.message == "" {
				require.Equal(t, http.StatusOK, got.status, got.body)
				require.JSONEq(t, test.want, got.body)
				require.Equal(t, got.body, chunked.body)
				return
			}
			require.Equal(t, http.StatusRequestEntityTooLarge, got.status, got.body)
			require.Equal(t, codeTooLarge, got.code(t))
			require.Contains(t, got.envelope(t).Errors[0].Message, test.message)
			require.Equal(t, "close", got.header.Get("Connection"), "nobody should wait for the rest")
			require.GreaterOrEqual(t, chunked.status, 400, "what has no length is refused all the same")
		})
	}
}

// uploadFrom posts a body whose length is not known.
func uploadFrom(t testing.TB, h http.Handler, body io.Reader) reply {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", struct{ io.Reader }{body})
	r.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
	r.Header.Set("GraphQL-Require-Preflight", "1")
	r.Header.Set("Accept", graphqlResponse)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return reply{w.Code, w.Header(), w.Body.String()}
}

// endless is a text without an end, which counts what was read of it.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	e.read += len(p)
	return len(p), nil
}

func TestNoMoreIsReadThanWillBeTaken(t *testing.T) {
	h := handler(Options{Uploads: true, Limits: Limits{File: 10_000, FilesTotal: 30_000, Files: 1, Body: 20_000}})
	head := func(parts ...formPart) string {
		return strings.TrimSuffix(body(t, parts...), "\r\n--"+boundary+"--\r\n")
	}
	start := fileParts(one, `{"file":null}`, `{"0":["variables.file"]}`, formPart{name: "0"})
	const buffered = 8 << 10 // by the readers in between
	for _, test := range []struct {
		name, start string
		most        int
	}{
		{"a file", head(start...), 10_000},
		{"the map", head(start[0], formPart{name: "map"}), 20_000},
		{"operations", head(formPart{name: "operations"}), 20_000},
		{"a header", head(start[:2]...) + "\r\n--" + boundary + "\r\nContent-Disposition: ", 50_000 + 3*4096},
		{"what is before the first part", "", 50_000 + 3*4096},
		{"what is behind the last part", body(t, append(start[:2:2], formPart{name: "0", text: "a"})...) + "\r\n", 50_000 + 3*4096},
	} {
		t.Run(test.name, func(t *testing.T) {
			rest := &endless{}
			got := uploadFrom(t, h, io.MultiReader(strings.NewReader(test.start), rest))
			require.GreaterOrEqual(t, got.status, 400)
			require.LessOrEqual(t, rest.read, test.most+buffered)
			if test.most < 50_000 {
				require.Equal(t, http.StatusRequestEntityTooLarge, got.status, got.body)
			}
		})
	}
}

func TestABodyThatIsAnnouncedTooLargeIsNotRead(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
	r.Body = io.NopCloser(unreadable{errors.New("read")})
	r.ContentLength = 30 << 20
	r.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
	r.Header.Set("X-Requested-With", "us")
	w := httptest.NewRecorder()
	handler(Options{Uploads: true}).ServeHTTP(w, r)
	require.Equal(t, http.StatusRequestEntityTooLarge, w.Code, w.Body.String())
}

// unreadable is a body that fails.
type unreadable struct{ err error }

func (u unreadable) Read([]byte) (int, error) { return 0, u.err }

func TestABodyThatComesTooSlowlyIsGivenUp(t *testing.T) {
	late := unreadable{&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}}
	start := body(t, fileParts(one, `{"file":null}`, `{"0":["variables.file"]}`, formPart{name: "0"})...)
	for contentType, head := range map[string]string{
		"application/json":                                `{"query":`,
		"multipart/form-data; boundary=" + boundary:       start[:len(start)-20],
		"multipart/form-data; boundary=" + boundary + " ": start[:100],
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", io.MultiReader(strings.NewReader(head), late))
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("X-Requested-With", "us")
		w := httptest.NewRecorder()
		handler(Options{Uploads: true}).ServeHTTP(w, r)
		require.Equal(t, http.StatusRequestTimeout, w.Code, w.Body.String())
		require.Contains(t, w.Body.String(), codeTimeout)
	}
}

func TestAdmissionIsTheSameForForms(t *testing.T) {
	h := handler(Options{Uploads: true, Limits: Limits{Document: 500, Tokens: 60, Depth: 4, Cost: 50}})
	const f = `($f: Upload!)`
	for name, test := range map[string]struct{ document, variables, code string }{
		"syntax":         {"{", `{}`, codeParse},
		"an unknown one": {"{nothing}", `{}`, codeValidation},
		"bytes":          {"query" + f + "{measure(file: $f)}" + strings.Repeat(" ", 500), `{"f":null}`, codeTooLarge},
		"tokens":         {"query" + f + "{measure(file: $f)" + strings.Repeat(" hello", 60) + "}", `{"f":null}`, codeTooLarge},
		"depth":          {"query" + f + "{measure(file: $f) item(id: 1) {parent {parent {parent {id}}}}}", `{"f":null}`, codeTooDeep},
		"cost":           {"query" + f + "{measure(file: $f) items(first: 100) {nodes {id}}}", `{"f":null}`, codeTooExpensive},
		"introspection":  {"query" + f + "{measure(file: $f) __schema {types {name}}}", `{"f":null}`, codeIntrospection},
		"a variable":     {"query($f: Upload!, $n: Int) {measure(file: $f) items(first: $n) {nodes {id}}}", `{"f":null,"n":"` + canary + `"}`, codeValidation},
		"a file missing": {"query($f: Upload!, $g: Upload!) {measure(file: $f) b: measure(file: $g)}", `{"f":null,"g":null}`, codeValidation},
	} {
		places := "{}"
		var files []formPart
		if strings.Contains(test.variables, `"f"`) {
			places, files = `{"0":["variables.f"]}`, []formPart{{name: "0", text: canary}}
		}
		got := upload(t, h, body(t, fileParts(test.document, test.variables, places, files...)...))
		require.Equal(t, http.StatusBadRequest, got.status, name)
		require.Equal(t, test.code, got.code(t), name)
		require.NotContains(t, got.body, canary)
	}
}

func TestAFileIsNothingElse(t *testing.T) {
	h := handler(Options{Uploads: true})
	for typ, field := range map[string]string{
		"String": "echo(text: $v)", "Int": "echo(number: $v)", "Float": "echo(ratio: $v)", "Boolean": "echo(flag: $v)",
		"Kind": "echo(kind: $v)", "ID": "echo(id: $v)", "Filter": "echo(filter: $v)", "[ID!]": "echo(ids: $v)",
	} {
		document := fmt.Sprintf("query($v: %s) {%s}", typ, field)
		got := upload(t, h, body(t, fileParts(document, `{"v":null}`, `{"0":["variables.v"]}`, formPart{name: "0", file: canary, text: canary})...))
		require.Equal(t, codeValidation, got.code(t), typ)
		require.Contains(t, got.body, `Variable \"$v\" must be`, typ)
		require.NotContains(t, got.body, canary)
	}
	got := upload(t, h, body(t, fileParts(dossier, `{"input":{"notes":null}}`, `{"0":["variables.input.notes"]}`, formPart{name: "0", text: canary})...))
	require.Equal(t, `Variable "$input.notes" must be of type "JSON", not a file.`, got.envelope(t).Errors[0].Message)
}

func TestNothingElseIsAFile(t *testing.T) {
	h := handler(Options{})
	for _, variables := range []map[string]any{{"file": canary}, {"file": 1}, {"file": map[string]any{"Filename": canary}}} {
		got := query(t, h, one, variables)
		require.Equal(t, codeValidation, got.code(t))
		require.Equal(t, `Variable "$file" must be a file. Send null in its place, and the file, as multipart/form-data.`, got.envelope(t).Errors[0].Message)
		require.NotContains(t, got.body, canary)
	}
	got := query(t, h, dossier, map[string]any{"input": map[string]any{"sources": []any{map[string]any{"file": canary}}}})
	require.Contains(t, got.envelope(t).Errors[0].Message, `"$input.sources[0].file" must be a file`)
	require.JSONEq(t, `{"data":{"upload":[]}}`, query(t, h, one, map[string]any{"file": nil}).body)

	for _, document := range []string{
		`{measure(file: "` + canary + `")}`, `{measure(file: 1)}`, `{measure(file: {a: 1})}`, "{measure(file: " + canary + ")}",
		`mutation {upload(files: [null, "` + canary + `"]) {name}}`, `mutation {upload(dossier: {cover: "` + canary + `"}) {name}}`,
		`mutation($f: Upload = "` + canary + `") {upload(file: $f) {name}}`,
	} {
		got := query(t, h, document, nil)
		require.Equal(t, http.StatusBadRequest, got.status, document)
		require.Equal(t, codeValidation, got.code(t), document)
		require.Contains(t, got.envelope(t).Errors[0].Message, `A literal cannot be of type "Upload".`, document)
		require.NotContains(t, got.body, canary)
	}
	require.JSONEq(t, `{"data":{"upload":[]}}`, query(t, h, "mutation($f: Upload = null) {upload(file: $f, files: [null, $f]) {name}}", nil).body)
}

func TestSubscriptionsTakeNoForms(t *testing.T) {
	h := handler(Options{Uploads: true})
	for _, accept := range []string{graphqlResponse, eventStream} {
		got := do(t, h, http.MethodPost, "/", body(t, fileParts("subscription {count(to: 1)}", `{}`, `{}`)...),
			"Content-Type", "multipart/form-data; boundary="+boundary, "X-Requested-With", "us", "Accept", accept)
		require.Equal(t, http.StatusUnsupportedMediaType, got.status)
		require.Equal(t, codeMediaType, got.code(t))
	}
	got := get(t, h, map[string][]string{"query": {"subscription {count(to: 1)}"}}, "Accept", graphqlResponse, "Content-Type", "multipart/form-data; boundary=b")
	require.Equal(t, http.StatusNotAcceptable, got.status, "a GET has no form")
}

func TestAFormIsAnsweredAsTheClientAccepts(t *testing.T) {
	h := handler(Options{Uploads: true})
	sent := body(t, fileParts("query($f: Upload!) {measure(file: $f)}", `{"f":null}`, `{"0":["variables.f"]}`, formPart{name: "0", text: "abc"})...)
	headers := []string{"Content-Type", "multipart/form-data; boundary=" + boundary, "X-Requested-With", "us"}
	for accept, want := range map[string]string{plainJSON: plainJSON, "*/*": plainJSON, graphqlResponse: graphqlResponse} {
		got := do(t, h, http.MethodPost, "/", sent, append(headers, "Accept", accept)...)
		require.Equal(t, `{"data":{"measure":3}}`, got.body)
		require.Equal(t, want+"; charset=utf-8", got.header.Get("Content-Type"))
	}
	got := do(t, h, http.MethodPost, "/", sent, append(headers, "Accept", "text/html")...)
	require.Equal(t, http.StatusNotAcceptable, got.status)
	got = do(t, h, http.MethodPost, "/", sent, append(headers, "Accept", eventStream)...)
	require.Contains(t, got.body, "event: next\ndata: {\"data\":{\"measure\":3}}\n\nevent: complete\n")
}

// connection opens one to a server, sends the head of an upload and returns where its body goes.
func connection(t *testing.T, server *httptest.Server, length int) net.Conn {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	_, err = fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: x\r\nX-Requested-With: us\r\nAccept: %s\r\nContent-Type: multipart/form-data; boundary=%s\r\nContent-Length: %d\r\n\r\n",
		graphqlResponse, boundary, length)
	require.NoError(t, err)
	return c
}

// served is a server whose requests are announced when they have been answered.
func served(t *testing.T, h http.Handler) (server *httptest.Server, answered <-chan int) {
	t.Helper()
	done := make(chan int, 1)
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		h.ServeHTTP(recorder, r)
		maps.Copy(w.Header(), recorder.Header())
		w.WriteHeader(recorder.Code)
		_, _ = w.Write(recorder.Body.Bytes())
		done <- recorder.Code
	}))
	t.Cleanup(server.Close)
	return server, done
}

func TestAnUploadMayComeByteByByte(t *testing.T) {
	server, answered := served(t, handler(Options{Uploads: true}))
	sent := body(t, fileParts(several, `{"files":[null,null]}`, `{"0":["variables.files.0"],"1":["variables.files.1"]}`,
		formPart{name: "0", text: "\r\n--bound"}, formPart{name: "1", text: "\r\n--" + boundary + "x"})...)
	c := connection(t, server, len(sent))
	for i := range sent {
		_, err := io.WriteString(c, sent[i:i+1])
		require.NoError(t, err)
	}
	require.Equal(t, http.StatusOK, <-answered)
	answer := make([]byte, 1000)
	n, err := c.Read(answer)
	require.NoError(t, err)
	require.Contains(t, string(answer[:n]), `"text":"\r\n--bound"`)
	require.NoError(t, c.Close())
}

func TestAnUploadTooLargeIsAnsweredBeforeItsEnd(t *testing.T) {
	server, answered := served(t, handler(Options{Uploads: true, Limits: Limits{File: 1000}}))
	sent := body(t, fileParts(one, `{"file":null}`, `{"0":["variables.file"]}`, formPart{name: "0", text: strings.Repeat("x", 5000)})...)
	c := connection(t, server, len(sent))
	_, err := io.WriteString(c, sent[:len(sent)-100])
	require.NoError(t, err)
	require.Equal(t, http.StatusRequestEntityTooLarge, <-answered)
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Contains(t, string(text), "A file has more than 1000 bytes")
	require.True(t, answer.Close)
	require.NoError(t, c.Close())
}

func TestAnUploadThatIsCutRunsNothing(t *testing.T) {
	resolved := false
	h := New(testschema.New(&testschema.Resolvers{Running: func(int) { resolved = true }}), Options{Uploads: true})
	server, answered := served(t, h)
	sent := body(t, fileParts("query($f: Upload!) {measure(file: $f) waits}", `{"f":null}`, `{"0":["variables.f"]}`, formPart{name: "0", text: strings.Repeat("x", 50_000)})...)
	for _, end := range []int{0, 1, 100, len(sent) / 2, len(sent) - 10, len(sent) - 1} {
		c := connection(t, server, len(sent))
		_, err := io.WriteString(c, sent[:end])
		require.NoError(t, err)
		require.NoError(t, c.Close())
		require.Equal(t, http.StatusBadRequest, <-answered, end)
	}
	require.False(t, resolved)
}

func TestAClientThatLeavesAfterItsUploadEndsTheOperation(t *testing.T) {
	running := make(chan int, 2)
	h := New(testschema.New(&testschema.Resolvers{Running: func(delta int) { running <- delta }}), Options{Uploads: true})
	server, answered := served(t, h)
	sent := body(t, fileParts("query($f: Upload!) {measure(file: $f) waits}", `{"f":null}`, `{"0":["variables.f"]}`, formPart{name: "0", text: "x"})...)
	c := connection(t, server, len(sent))
	_, err := io.WriteString(c, sent)
	require.NoError(t, err)
	require.Equal(t, 1, <-running)
	require.NoError(t, c.Close())
	require.Equal(t, -1, <-running)
	<-answered
}

func TestNoTemporaryFileIsMade(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	got := upload(t, handler(Options{Uploads: true}), body(t, fileParts("query($f: Upload!) {measure(file: $f)}", `{"f":null}`, `{"0":["variables.f"]}`,
		formPart{name: "0", text: strings.Repeat("x", 10<<20)})...))
	require.JSONEq(t, `{"data":{"measure":10485760}}`, got.body)
	// A directory that cannot be written to would not be noticed by root.
	require.NoError(t, os.Remove(dir))
	got = upload(t, handler(Options{Uploads: true}), body(t, fileParts("query($f: Upload!) {measure(file: $f)}", `{"f":null}`, `{"0":["variables.f"]}`,
		formPart{name: "0", text: strings.Repeat("x", 10<<20)})...))
	require.JSONEq(t, `{"data":{"measure":10485760}}`, got.body)
}

// FuzzUpload sends multipart bodies of any kind: they must be answered with JSON and never with a panic, and no more may
// come out of them than was put in.
func FuzzUpload(f *testing.F) {
	var failed error
	limits := Limits{Body: 2000, File: 100, FilesTotal: 150, Files: 3}
	h := handler(Options{Uploads: true, Introspection: true, Limits: limits, RecoverFunc: func(_ context.Context, p any) error {
		if p != testschema.Secret {
			failed = errors.New("panic")
		}
		return refuse(codeInternal, internalMessage)
	}})
	f.Fuzz(func(t *testing.T, sent []byte) {
		failed = nil
		if bytes.Contains(sent, []byte("waits")) || bytes.Contains(sent, []byte(`\u`)) {
			return // Query.waits would wait for ever
		}
		got := uploadFrom(t, h, bytes.NewReader(sent))
		require.NoError(t, failed)
		require.True(t, json.Valid([]byte(got.body)), got.body)
		var answer struct {
			Data struct{ Upload []testschema.File }
		}
		if json.Unmarshal([]byte(got.body), &answer) == nil {
			for _, file := range answer.Data.Upload {
				require.LessOrEqual(t, int64(file.Size), limits.File)
			}
		}
		// Announced or not, the same body has the same answer.
		if announced := upload(t, h, string(sent)); announced.status != http.StatusRequestEntityTooLarge {
			require.Equal(t, got.status, announced.status)
		}
	})
}
