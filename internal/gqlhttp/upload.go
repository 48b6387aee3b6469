package gqlhttp

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"github.com/persona-api/persona-api/internal/gqlhttp/form"
)

const (
	// uploadType is the scalar whose values are files, bound to graphql.Upload as gqlgen binds it by itself.
	uploadType     = "Upload"
	operationsPart = `part "operations"`
	partOrder      = `Send the part "operations", then "map", then the files.`
)

// readUpload reads the parameters of a POST by the GraphQL multipart request specification: a part "operations" with what
// the body of a JSON request would be, null in the place of each file; a part "map" with the places of each file; and
// the files. What belongs together is checked before the first file is read.
//
// A file is read into memory and nowhere else: what is uploaded here becomes text at once, and nothing is left behind on
// a disk when a process is killed. Limits.FilesTotal is what one request can take.
func (h *Handler) readUpload(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *refusal) {
	if !preflighted(r.Header) {
		return nil, &refusal{status: http.StatusForbidden, err: refuse(codeCrossSite,
			"A page of another site could have sent this. Add the header GraphQL-Require-Preflight: 1, or an Authorization other than a browser's own.")}
	}
	parts := form.NewReader(w, r, h.limits.Body+h.limits.FilesTotal, h.limits.Files+2)
	beyond := tooLarge(`The parts "operations" and "map" have more than %d bytes. Send less at a time.`, h.limits.Body)
	text, refused := readPart(parts, "operations", h.limits.Body, beyond)
	if refused != nil {
		return nil, refused
	}
	params, refused := parseParams(operationsPart, text)
	if refused != nil {
		return nil, refused
	}
	text, refused = readPart(parts, "map", h.limits.Body-int64(len(text)), beyond)
	if refused != nil {
		return nil, refused
	}
	files, refused := parseMap(text, params.Variables, h.limits.Files)
	if refused != nil {
		return nil, refused
	}
	return params, readFiles(parts, files, h.limits)
}

// readPart reads the part that must come next.
func readPart(parts *form.Reader, name string, limit int64, beyond *refusal) ([]byte, *refusal) {
	part, err := parts.Next()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, refuseForm(err)
	}
	if part == nil || part.Name != name {
		return nil, badRequest(`The part %q is missing or not in its place. %s`, name, partOrder)
	}
	text, err := part.Bytes(limit)
	if errors.Is(err, form.ErrPartTooLarge) {
		return nil, beyond
	}
	if err != nil {
		return nil, refuseForm(err)
	}
	return text, nil
}

// readFiles reads the files and puts them into their places.
func readFiles(parts *form.Reader, mapped map[string]*mappedFile, limits Limits) *refusal {
	left := limits.FilesTotal
	missing := len(mapped)
	for {
		part, err := parts.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return refuseForm(err)
		}
		file := mapped[part.Name]
		switch {
		case file == nil:
			return badRequest(`A part behind "map" is not named in it. %s`, partOrder)
		case file.sent:
			return badRequest(`A file is sent twice. Send each file once, and name all its places in the part "map".`)
		}
		data, err := part.Bytes(min(limits.File, left))
		switch {
		case errors.Is(err, form.ErrPartTooLarge) && left < limits.File:
			return tooLarge("The files have more than %d bytes together. Send fewer or smaller ones at a time.", limits.FilesTotal)
		case errors.Is(err, form.ErrPartTooLarge):
			return tooLarge("A file has more than %d bytes. Send a smaller one.", limits.File)
		case err != nil:
			return refuseForm(err)
		}
		left -= int64(len(data))
		missing--
		file.sent = true
		for _, put := range file.places {
			put(graphql.Upload{File: bytes.NewReader(data), Filename: part.FileName, Size: int64(len(data)), ContentType: part.MediaType})
		}
	}
	if missing > 0 {
		return badRequest(`%d of the files named in the part "map" were not sent.`, missing)
	}
	return nil
}

// refuseForm says why the body could not be read.
func refuseForm(err error) *refusal {
	switch {
	case errors.Is(err, form.ErrTooLarge):
		return tooLarge("The body has more bytes than all its parts may have together. Send fewer or smaller files at a time.")
	case errors.Is(err, form.ErrTooSlow):
		return tooSlow()
	case errors.Is(err, form.ErrEncoding):
		return badRequest("A part has a Content-Transfer-Encoding. Send its bytes as they are.")
	case errors.Is(err, form.ErrName):
		return badRequest("The name of a part or of its file is not valid UTF-8.")
	}
	return badRequest("The body is not valid multipart/form-data, or ends too early. Send the request again.")
}

// preflighted reports whether a request cannot have been sent by a page of another site: such a page may send a form
// without asking, but no header of its own. An Authorization is one, unless the browser has added it by itself.
func preflighted(header http.Header) bool {
	if slices.ContainsFunc(preflightHeaders, func(name string) bool { return header.Get(name) != "" }) {
		return true
	}
	scheme, _, _ := strings.Cut(header.Get("Authorization"), " ")
	switch strings.ToLower(scheme) {
	case "", "basic", "digest", "ntlm", "negotiate":
		return false
	}
	return true
}

// mappedFile is a file that the part "map" names.
type mappedFile struct {
	places []func(graphql.Upload)
	sent   bool
}

// parseMap reads the part "map", {"0": ["variables.file"]}, and finds its places in the variables.
func parseMap(text []byte, variables map[string]any, limit int) (map[string]*mappedFile, *refusal) {
	malformed := badRequest(`The part "map" must be a JSON object of lists of paths, such as {"0": ["variables.file"]}.`)
	if !utf8.Valid(text) {
		return nil, malformed
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, malformed
	}
	files := map[string]*mappedFile{}
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, malformed
		}
		var paths []string
		if err := decoder.Decode(&paths); err != nil || len(paths) == 0 {
			return nil, malformed
		}
		if files[name] != nil {
			return nil, badRequest(`The part "map" names a file twice. Name it once, with all its places.`)
		}
		if len(files) == limit {
			return nil, tooLarge("There are more than %d files. Send fewer at a time.", limit)
		}
		file := &mappedFile{}
		files[name] = file
		for i, path := range paths {
			put, problem := place(variables, path)
			if problem != "" {
				return nil, badRequest(`In the part "map", path %d of file %d %s.`, i+1, len(files), problem)
			}
			file.places = append(file.places, put)
		}
	}
	if _, err := decoder.Token(); err != nil {
		return nil, malformed
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, malformed
	}
	return files, nil
}

// place finds the null to which a path such as variables.input.files.0 leads, and takes the place so that no other path
// can. It returns how to put the file there, or what is wrong with the path.
func place(variables map[string]any, path string) (put func(graphql.Upload), problem string) {
	const nowhere = `leads nowhere: it must be "variables" and the names and list positions on the way to a null in the part "operations", joined by dots`
	step, rest, more := strings.Cut(path, ".")
	if step != "variables" || !more {
		return nil, nowhere
	}
	var value any = variables
	for more {
		step, rest, more = strings.Cut(rest, ".")
		switch parent := value.(type) {
		case map[string]any:
			name := step
			child, ok := parent[name]
			if !ok {
				return nil, nowhere
			}
			value, put = child, func(u graphql.Upload) { parent[name] = u }
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(parent) || strconv.Itoa(i) != step {
				return nil, nowhere
			}
			value, put = parent[i], func(u graphql.Upload) { parent[i] = u }
		default:
			return nil, nowhere
		}
	}
	switch value.(type) {
	case nil:
		put(graphql.Upload{})
		return put, ""
	case graphql.Upload:
		return nil, "leads to a place that has a file already: give each place to one file"
	}
	return nil, `leads to something that is not null: put null there in the part "operations"`
}
