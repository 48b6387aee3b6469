package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
)

const biography = "Ada Okafor is a data engineer who lives in Leeds. She enjoys hiking and chess."

func TestRESTMakesAPersona(t *testing.T) {
	databases(t, func(t *testing.T, env map[string]string) {
		s := start(t, env)
		body, contentType := fields(t, field{name: "text", value: biography}, field{name: "kind", value: "interview"}, field{name: "title", value: "A title"},
			field{name: "tag", value: "a"}, field{name: "tag", value: "b"}, field{name: "waitSeconds", value: "60"})
		got := send(t, s.url+"/v1/persona", body, "Content-Type", contentType)
		require.Equal(t, http.StatusCreated, got.status, got.raw)
		require.Regexp(t, `^persona_[0-9a-f-]{36}$`, got.ID)
		require.Equal(t, "/v1/persona/"+got.ID, got.header.Get("Location"))
		require.Equal(t, "READY", got.Status)
		require.Equal(t, biography, *got.RawText)
		require.Equal(t, "Ada Okafor", got.Persona.Meta.Name)
		require.Equal(t, "Ada Okafor", *got.Name)
		require.NotEmpty(t, got.CreatedAt)
		require.NotEmpty(t, got.UpdatedAt)
		got = send(t, s.url+"/graphql", `{"query":"{personas {nodes {tags sources {nodes {kind title}}}}}"}`, "Content-Type", "application/json")
		require.JSONEq(t, `{"data":{"personas":{"nodes":[{"tags":["a","b"],"sources":{"nodes":[{"kind":"INTERVIEW","title":"A title"}]}}]}}}`, got.raw)
	})
}

func TestTextsFilesAndPagesComeInThisOrder(t *testing.T) {
	base := start(t, map[string]string{"DATA_DIR": t.TempDir()}).url
	body, contentType := fields(t, field{name: "url", value: "http://127.0.0.1/a"}, field{name: "file", file: "1.txt", mediaType: "text/plain", value: "First file."},
		field{name: "url", value: "http://127.0.0.1/b"}, field{name: "file", file: "2.md", mediaType: "text/markdown", value: "Second file."},
		field{name: "text", value: "The text."}, field{name: "waitSeconds", value: "0"})
	got := send(t, base+"/v1/persona", body, "Content-Type", contentType)
	require.Equal(t, http.StatusCreated, got.status, got.raw)
	require.Equal(t, "PENDING", got.Status)
	require.Equal(t, "The text.", *got.RawText)
	got = send(t, base+"/graphql", `{"query":"{personas {nodes {sources {nodes {title url}}}}}"}`, "Content-Type", "application/json")
	require.JSONEq(t, `{"data":{"personas":{"nodes":[{"sources":{"nodes":[{"title":null,"url":null},{"title":"1.txt","url":null},{"title":"2.md","url":null},
		{"title":null,"url":"http://127.0.0.1/a"},{"title":null,"url":"http://127.0.0.1/b"}]}}]}}}`, got.raw)
}

func TestABodyMayBeAFileItself(t *testing.T) {
	base := start(t, map[string]string{"DATA_DIR": t.TempDir()}).url
	for _, contentType := range []string{"text/plain", "text/plain; charset=utf-8", "TEXT/Markdown"} {
		got := send(t, base+"/v1/persona?kind=email&title=A+title&tag=x&waitSeconds=0", biography, "Content-Type", contentType)
		require.Equal(t, http.StatusCreated, got.status, got.raw)
		require.Equal(t, biography, *got.RawText)
	}
	for contentType, file := range map[string]string{"application/pdf": "../fetch/testdata/cv.pdf", "text/html; charset=utf-8": "../fetch/testdata/cv.html"} {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		got := send(t, base+"/v1/persona?waitSeconds=60", string(data), "Content-Type", contentType)
		require.Equal(t, http.StatusCreated, got.status, got.raw)
		require.Equal(t, "READY", got.Status)
		require.NotNil(t, got.Name, got.raw)
		require.Contains(t, *got.RawText, *got.Name)
	}
}

func TestFilesComeOverGraphQL(t *testing.T) {
	base := start(t, map[string]string{"DATA_DIR": t.TempDir()}).url
	operations := `{"query":"mutation($input: CreatePersonaInput!) {createPersona(input: $input) {persona {sources {nodes {title text}}} userErrors {field}}}",
		"variables":{"input":{"waitSeconds":0,"sources":[{"file":null},{"text":"A text."},{"file":null,"title":"Second"}]}}}`
	places := `{"0":["variables.input.sources.0.file"],"1":["variables.input.sources.2.file"]}`
	body, contentType := fields(t, field{name: "operations", value: operations}, field{name: "map", value: places},
		field{name: "0", file: "1.txt", mediaType: "text/plain", value: "One."}, field{name: "1", file: "2.txt", mediaType: "text/plain", value: "Two."})
	got := send(t, base+"/graphql", body, "Content-Type", contentType, "GraphQL-Require-Preflight", "1")
	require.JSONEq(t, `{"data":{"createPersona":{"persona":{"sources":{"nodes":[
		{"title":"1.txt","text":"One."},{"title":null,"text":"A text."},{"title":"Second","text":"Two."}]}},"userErrors":[]}}}`, got.raw)

	got = send(t, base+"/graphql", body, "Content-Type", contentType)
	require.Equal(t, http.StatusForbidden, got.status)
}

func TestRESTSaysWhichFieldIsWrong(t *testing.T) {
	const canary = "CANARY"
	base := start(t, map[string]string{"DATA_DIR": t.TempDir()}).url
	form := func(f ...field) []string {
		body, contentType := fields(t, f...)
		return []string{body, contentType}
	}
	text := field{name: "text", value: canary}
	file := func(n int) field {
		return field{name: "file", file: canary, mediaType: "text/plain", value: strings.Repeat("x", n)}
	}
	image := field{name: "file", file: canary + ".png", mediaType: "image/png", value: "\x89PNG\r\n\x1a\n\x00\x00\x00" + canary}
	many := func(n int, f field) (all []field) {
		for range n {
			all = append(all, f)
		}
		return all
	}
	tags := func(n int) (all []field) {
		for i := range n {
			all = append(all, field{name: "tag", value: fmt.Sprint(i)})
		}
		return all
	}
	for name, test := range map[string]struct {
		request []string
		status  int
		code    string
		field   string
	}{
		"a long wait":        {form(text, field{name: "waitSeconds", value: "61"}), 422, "INVALID", "waitSeconds"},
		"a wait without end": {form(text, field{name: "waitSeconds", value: "99999999999"}), 422, "INVALID", "waitSeconds"},
		"a long title":       {form(text, field{name: "title", value: strings.Repeat("x", 301)}), 422, "INVALID", "title"},
		"a blank text":       {form(field{name: "text", value: " "}), 422, "INVALID", "text"},
		"a blank file":       {[]string{" ", "text/plain"}, 422, "INVALID", "file"},
		"a file of no use":   {form(image), 422, "INVALID", "file"},
		"the second file":    {form(text, file(1), image), 422, "INVALID", "file[1]"},
		"a url that is none": {form(text, field{name: "url", value: "ftp://" + canary}), 422, "INVALID", "url"},
		"the second url":     {form(text, field{name: "url", value: "https://example.com"}, field{name: "url", value: canary}), 422, "INVALID", "url[1]"},
		"too many tags":      {form(append(tags(21), text)...), 413, "TOO_LARGE", "tag"},
		"a tag too long":     {form(text, field{name: "tag", value: strings.Repeat("x", 51)}), 422, "INVALID", "tag"},
		"too many sources":   {form(append(many(10, field{name: "url", value: "https://example.com"}), text)...), 413, "TOO_LARGE", ""},
		"a text too long":    {form(field{name: "text", value: strings.Repeat("x", persona.MaxText+1)}), 413, "TOO_LARGE", "text"},
	} {
		t.Run(name, func(t *testing.T) {
			got := send(t, base+"/v1/persona", test.request[0], "Content-Type", test.request[1])
			require.Equal(t, test.status, got.status, got.raw)
			require.NotNil(t, got.Error, got.raw)
			require.Equal(t, test.code, got.Error.Code)
			require.NotEmpty(t, got.Error.Message)
			require.NotContains(t, got.raw, canary)
			if test.field == "" {
				require.Nil(t, got.Error.Field)
				return
			}
			require.NotNil(t, got.Error.Field, got.raw)
			require.Equal(t, test.field, *got.Error.Field)
		})
	}
	got := send(t, base+"/graphql", `{"query":"{personas {totalCount {value}}}"}`, "Content-Type", "application/json")
	require.JSONEq(t, `{"data":{"personas":{"totalCount":{"value":0}}}}`, got.raw)
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

	status int
	header http.Header
	raw    string
}

// send posts a body. Headers come as name, value, name, value.
func send(t *testing.T, url, body string, headers ...string) told {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	got := told{status: resp.StatusCode, header: resp.Header, raw: string(b)}
	require.NoError(t, json.Unmarshal(b, &got), got.raw)
	return got
}
