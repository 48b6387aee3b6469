package gqlhttp

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"github.com/persona-api/persona-api/internal/gqlhttp/form"
)

// preflightHeaders cannot be set by a page of another site without a preflight request, which this server answers to
// nobody.
var preflightHeaders = []string{
	"GraphQL-Require-Preflight", "Apollo-Require-Preflight", "X-Apollo-Operation-Name", "X-Requested-By", "X-Requested-With",
}

// readPost reads the parameters of a POST.
func (h *Handler) readPost(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *refusal) {
	isForm := h.options.Uploads && form.Is(r.Header.Get("Content-Type"))
	if !isForm && !isJSON(r.Header.Get("Content-Type")) {
		return nil, &refusal{status: http.StatusUnsupportedMediaType, err: refuse(codeMediaType,
			"The body must be JSON in UTF-8. Send it with Content-Type: application/json.")}
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, &refusal{status: http.StatusUnsupportedMediaType, err: refuse(codeMediaType,
			"The body must not be compressed. Send it without Content-Encoding.")}
	}
	if isForm {
		return h.readUpload(w, r)
	}
	limit := h.limits.Body
	beyond := tooLarge("The body has more than %d bytes. Send less at a time.", limit)
	if r.ContentLength > limit {
		return nil, beyond
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, beyond
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, tooSlow()
	}
	if err != nil {
		return nil, badRequest("The body could not be read to its end. Send the request again.")
	}
	return parseParams("body", body)
}

// tooSlow refuses a body whose reading the server has ended.
func tooSlow() *refusal {
	return &refusal{status: http.StatusRequestTimeout, err: refuse(codeTimeout,
		"The body came too slowly. Send less at a time, or over a faster line.")}
}

// readGet reads the parameters of a GET.
//
// A page of any site can make a browser send one, with the visitor's cookies. It cannot change anything, since a GET
// does not mutate, nor be read, but it can be timed. So what looks like a browser must come from this site or from an
// allowed origin, or carry a header that needs a preflight. Browsers say where a request comes from in Sec-Fetch-Site
// and Origin. Old ones do not; from them an <img>, a form or a link is known by an Accept that does not name JSON.
func (h *Handler) readGet(r *http.Request, takes accepted) (*graphql.RawParams, *refusal) {
	if !h.sameSite(r, takes) && !slices.ContainsFunc(preflightHeaders, func(name string) bool { return r.Header.Get(name) != "" }) {
		return nil, &refusal{status: http.StatusForbidden, err: refuse(codeCrossSite,
			"A GET from another site is refused. Use POST, or send the header GraphQL-Require-Preflight: 1.")}
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badRequest("The URL's query is malformed. Percent-encode its parameters.")
	}
	params := &graphql.RawParams{}
	for _, name := range []string{"query", "operationName", "variables", "extensions"} {
		values := query[name]
		switch {
		case len(values) == 0:
			continue
		case len(values) > 1:
			return nil, badRequest("The parameter %q is given more than once. Give it once.", name)
		case !utf8.ValidString(values[0]):
			return nil, badRequest("The parameter %q is not valid UTF-8.", name)
		}
		switch value := values[0]; name {
		case "query":
			params.Query = value
		case "operationName":
			params.OperationName = value
		default:
			if value == "" {
				continue
			}
			if r := checkUnicode([]byte(value)); r != nil {
				return nil, r
			}
			object, r := parseObject(name, []byte(value))
			if r != nil {
				return nil, r
			}
			if name == "variables" {
				params.Variables = object
			} else {
				params.Extensions = object
			}
		}
	}
	return params, nil
}

func (h *Handler) sameSite(r *http.Request, takes accepted) bool {
	if !h.allowsOrigin(r) {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "":
		accept := strings.TrimSpace(strings.Join(r.Header.Values("Accept"), ","))
		return accept == "" || accept == "*/*" || takes.stream || namesJSON(accept)
	default:
		// An Origin that is allowed by name is no stranger.
		return r.Header.Get("Origin") != ""
	}
}

func namesJSON(accept string) bool {
	accept = strings.ToLower(accept)
	return strings.Contains(accept, plainJSON) || strings.Contains(accept, graphqlResponse)
}

// allowsOrigin reports whether a request comes from this site, from an allowed origin, or from no page at all.
func (h *Handler) allowsOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(h.options.Origins, "*") || slices.Contains(h.options.Origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// parseParams reads the JSON object that a body, a part of one or a WebSocket's subscribe message carries; what says which
// it is. A missing query is left to the executor, whose extensions may know it by hash.
func parseParams(what string, body []byte) (*graphql.RawParams, *refusal) {
	body = bytes.TrimLeft(body, " \t\r\n")
	switch {
	case len(body) == 0:
		return nil, badRequest(`The %s is empty. Send a JSON object with the string "query".`, what)
	case !utf8.Valid(body):
		return nil, badRequest("The %s is not valid UTF-8.", what)
	case body[0] == '[':
		return nil, badRequest("Batches are not supported. Send one operation per request.")
	case body[0] != '{':
		return nil, badRequest(`The %s must be a JSON object with the string "query".`, what)
	}
	if r := checkUnicode(body); r != nil {
		return nil, r
	}
	malformed := badRequest("The %s is not valid JSON.", what)
	decoder := json.NewDecoder(bytes.NewReader(body))
	if _, err := decoder.Token(); err != nil {
		return nil, malformed
	}
	params := &graphql.RawParams{}
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, malformed
		}
		var raw json.RawMessage
		if err := decoder.Decode(&raw); err != nil {
			return nil, malformed
		}
		var r *refusal
		switch name {
		case "query":
			params.Query, r = parseString(name, raw)
		case "operationName":
			params.OperationName, r = parseString(name, raw)
		case "variables":
			params.Variables, r = parseObject(name, raw)
		case "extensions":
			params.Extensions, r = parseObject(name, raw)
		default:
			continue
		}
		if r != nil {
			return nil, r
		}
		if seen[name] {
			return nil, badRequest("The member %q is given more than once. Give it once.", name)
		}
		seen[name] = true
	}
	if _, err := decoder.Token(); err != nil {
		return nil, malformed
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, badRequest("Something follows the JSON object in the %s. Send one object.", what)
	}
	return params, nil
}

func parseString(name string, raw json.RawMessage) (string, *refusal) {
	if string(raw) == "null" {
		return "", nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", badRequest("%q must be a string.", name)
	}
	return s, nil
}

// parseObject reads a JSON object or null, numbers as they are written.
func parseObject(name string, raw []byte) (map[string]any, *refusal) {
	wrong := badRequest("%q must be a JSON object.", name)
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, wrong
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, wrong
	}
	object, ok := v.(map[string]any)
	if !ok && v != nil {
		return nil, wrong
	}
	return object, nil
}

// checkUnicode refuses JSON whose \u escapes do not make up characters: half of a surrogate pair. encoding/json would
// put U+FFFD in its place, and a text would no longer be what was sent.
func checkUnicode(text []byte) *refusal {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		i++
		first, ok := escaped(text, i)
		if !ok {
			continue
		}
		i += 4
		if first < 0xD800 || first > 0xDFFF {
			continue
		}
		second, ok := rune(0), false
		if i+2 < len(text) && text[i+1] == '\\' {
			second, ok = escaped(text, i+2)
		}
		if !ok || first > 0xDBFF || second < 0xDC00 || second > 0xDFFF {
			return badRequest(`A string has half of a surrogate pair (\ud800 to \udfff). Send whole characters.`)
		}
		i += 6
	}
	return nil
}

// escaped reads uXXXX at i.
func escaped(text []byte, i int) (rune, bool) {
	if i+5 > len(text) || text[i] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[i+1:i+5]), 16, 16)
	return rune(n), err == nil
}
