package httpd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"github.com/persona-api/persona-api/internal/gqlhttp/form"
	"github.com/persona-api/persona-api/internal/persona"
)

// What one request may carry; for files the same as over GraphQL.
const (
	maxFile   = 10 << 20
	maxFiles  = 10
	maxTotal  = 20 << 20 // all files together: they are in memory until they are text
	maxFields = 2 << 20  // all other fields together
	maxParts  = 100
)

// mediaTypes are those a body may have that is a file itself.
var mediaTypes = []string{
	"application/pdf",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"text/html", "text/markdown", "text/plain",
}

// kinds are those a source may have, as the schema names them.
var kinds = []persona.SourceKind{
	persona.KindText, persona.KindURL, persona.KindChat, persona.KindInterview, persona.KindDocument, persona.KindEmail, persona.KindOther,
}

// submission is what a request gives about a person.
type submission struct {
	text        string
	files       []graphql.Upload
	urls        []string
	kind, title string // of each of them; the kind is one of kinds
	tags        []string
	waitSeconds *int
}

// readSubmission reads a form with the fields file, text, url, kind, title, tag
// and waitSeconds, or a body that is a file itself, with kind, title, tag and
// waitSeconds in the query.
func readSubmission(w http.ResponseWriter, r *http.Request) (*submission, *problem) {
	contentType := r.Header.Get("Content-Type")
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, unsupported("the body must not be compressed; send it without Content-Encoding")
	}
	s := &submission{}
	var p *problem
	if form.Is(contentType) {
		p = s.readForm(w, r)
	} else {
		p = s.readFile(w, r, contentType)
	}
	if p == nil && s.text == "" && len(s.files)+len(s.urls) == 0 {
		p = bad("there is nothing to read; send a file, a text or a url")
	}
	return s, p
}

func (s *submission) readForm(w http.ResponseWriter, r *http.Request) *problem {
	if r.URL.RawQuery != "" {
		return bad("a form has its fields in the body; leave the URL's query away")
	}
	parts := form.NewReader(w, r, maxFields+maxTotal, maxParts)
	fields, total := int64(maxFields), int64(maxTotal)
	for {
		part, err := parts.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable(err)
		}
		if part.Name != "file" {
			value, err := part.Bytes(fields)
			if err != nil {
				return unreadable(err)
			}
			fields -= int64(len(value))
			if p := s.set(part.Name, string(value), "text", "url", "kind", "title", "tag", "waitSeconds"); p != nil {
				return p
			}
			continue
		}
		data, err := part.Bytes(min(maxFile, total))
		switch {
		case errors.Is(err, form.ErrPartTooLarge) && total < maxFile:
			return tooLarge("the files may have at most %d bytes together; send fewer or smaller ones at a time", maxTotal).at("file")
		case errors.Is(err, form.ErrPartTooLarge):
			return tooLarge("a file may have at most %d bytes; send a smaller one, or its text", maxFile).at("file")
		case err != nil:
			return unreadable(err)
		}
		if part.FileName == "" && len(data) == 0 {
			continue // how a browser sends that no file was chosen
		}
		if len(s.files) == maxFiles {
			return tooLarge("there may be at most %d files; send fewer at a time", maxFiles).at("file")
		}
		total -= int64(len(data))
		s.add(part.FileName, part.MediaType, data)
	}
}

func (s *submission) readFile(w http.ResponseWriter, r *http.Request, contentType string) *problem {
	mediaType, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || !slices.Contains(mediaTypes, mediaType) {
		return unsupported("send multipart/form-data with a field file, text or url, or a file itself as one of " + strings.Join(mediaTypes, ", "))
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return bad("the URL's query is malformed; percent-encode its parameters")
	}
	for name, values := range query {
		for _, value := range values {
			if p := s.set(name, value, "kind", "title", "tag", "waitSeconds"); p != nil {
				return p
			}
		}
	}
	beyond := tooLarge("the body may have at most %d bytes; send a smaller file, or its text", maxFile)
	if r.ContentLength > maxFile {
		return beyond
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxFile))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return beyond
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return unreadable(form.ErrTooSlow)
	}
	if err != nil {
		return bad("the body could not be read to its end; send the request again")
	}
	if len(data) > 0 {
		s.add("", mime.FormatMediaType(mediaType, parameters), data)
	}
	return nil
}

func (s *submission) add(name, mediaType string, data []byte) {
	s.files = append(s.files, graphql.Upload{File: bytes.NewReader(data), Filename: name, Size: int64(len(data)), ContentType: mediaType})
}

// set takes one field, which must be one of the allowed. An empty one counts as not given.
func (s *submission) set(name, value string, allowed ...string) *problem {
	if !slices.Contains(allowed, name) {
		return bad("there is a field or parameter that is not known here; there are " + strings.Join(allowed, ", "))
	}
	if !utf8.ValidString(value) {
		return bad("must be UTF-8").at(name)
	}
	if value == "" {
		return nil
	}
	once := func(field *string) *problem {
		if *field != "" {
			return bad("is given more than once; give it once").at(name)
		}
		*field = value
		return nil
	}
	switch name {
	case "text":
		return once(&s.text)
	case "kind":
		value = strings.ToUpper(value)
		if !slices.Contains(kinds, persona.SourceKind(value)) {
			return invalid(fmt.Sprintf("must be one of %v", kinds)).at(name)
		}
		return once(&s.kind)
	case "title":
		return once(&s.title)
	case "url":
		s.urls = append(s.urls, value)
	case "tag":
		s.tags = append(s.tags, value)
	case "waitSeconds":
		if s.waitSeconds != nil {
			return bad("is given more than once; give it once").at(name)
		}
		n, err := strconv.Atoi(value)
		if err != nil {
			return bad("must be a whole number of seconds").at(name)
		}
		s.waitSeconds = &n
	}
	return nil
}

// input is the submission as the input of createPersona: text, files and pages in this order.
func (s *submission) input() map[string]any {
	sources := []any{}
	add := func(name string, value any) {
		source := map[string]any{name: value}
		if s.kind != "" {
			source["kind"] = s.kind
		}
		if s.title != "" {
			source["title"] = s.title
		}
		sources = append(sources, source)
	}
	if s.text != "" {
		add("text", s.text)
	}
	for _, file := range s.files {
		add("file", file)
	}
	for _, page := range s.urls {
		add("url", page)
	}
	input := map[string]any{"sources": sources}
	if len(s.tags) > 0 {
		tags := make([]any, len(s.tags))
		for i, tag := range s.tags {
			tags[i] = tag
		}
		input["tags"] = tags
	}
	if s.waitSeconds != nil {
		input["waitSeconds"] = *s.waitSeconds
	}
	return input
}

// field is the submission's own name of a field of its input, "" for the sources
// as a whole: sources.1.file is "file", or "file[0]" if there are several.
func (s *submission) field(path []string) string {
	switch {
	case len(path) == 0, len(path) == 1 && path[0] == "sources":
		return ""
	case path[0] == "tags":
		return "tag"
	case path[0] != "sources":
		return path[0]
	case len(path) > 2 && (path[2] == "kind" || path[2] == "title"):
		return path[2] // all have the same
	}
	i, err := strconv.Atoi(path[1])
	if err != nil {
		return ""
	}
	if s.text != "" {
		if i == 0 {
			return "text"
		}
		i--
	}
	name, n := "file", len(s.files)
	if i >= n {
		name, i, n = "url", i-n, len(s.urls)
	}
	if n == 1 {
		return name
	}
	return name + "[" + strconv.Itoa(i) + "]"
}

func bad(message string) *problem {
	return &problem{Code: codeBadRequest, Message: message, status: http.StatusBadRequest}
}

func invalid(message string) *problem {
	return &problem{Code: persona.CodeInvalid, Message: message, status: http.StatusUnprocessableEntity}
}

func unsupported(message string) *problem {
	return &problem{Code: codeMediaType, Message: message, status: http.StatusUnsupportedMediaType}
}

func tooLarge(format string, most int) *problem {
	return &problem{Code: persona.CodeTooLarge, Message: fmt.Sprintf(format, most), status: http.StatusRequestEntityTooLarge}
}

// unreadable says why a form could not be read.
func unreadable(err error) *problem {
	switch {
	case errors.Is(err, form.ErrTooLarge), errors.Is(err, form.ErrPartTooLarge):
		return &problem{Code: persona.CodeTooLarge, Message: err.Error(), status: http.StatusRequestEntityTooLarge}
	case errors.Is(err, form.ErrTooSlow):
		return &problem{Code: persona.CodeTimeout, Message: err.Error(), status: http.StatusRequestTimeout}
	}
	return bad(err.Error()) // one of form's own: it repeats nothing of the body
}
