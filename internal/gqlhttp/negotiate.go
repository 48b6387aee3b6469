package gqlhttp

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

const (
	graphqlResponse = "application/graphql-response+json"
	plainJSON       = "application/json"
	eventStream     = "text/event-stream"
)

// accepted is what the client takes, as an Accept header says it.
type accepted struct {
	// json is graphqlResponse or plainJSON, or "" if the client takes neither.
	json string
	// stream says that the client takes an event stream, streamFirst that it prefers one to JSON.
	stream, streamFirst bool
}

// negotiate reads the Accept header (RFC 9110, 12.5.1). Without one, and for */*, it is plain JSON, which every client
// understands. Between two types of the same quality the one named more exactly wins, then graphql-response+json. An
// event stream must be named: it is never what */* means.
func negotiate(header http.Header) accepted {
	lines := header.Values("Accept")
	if len(lines) == 0 || strings.TrimSpace(strings.Join(lines, "")) == "" {
		return accepted{json: plainJSON}
	}
	var response, plain, stream preference
	for _, part := range strings.Split(strings.Join(lines, ","), ",") {
		mediaType, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		quality := 1.0
		if q, ok := parameters["q"]; ok {
			if quality, err = strconv.ParseFloat(q, 64); err != nil || !(quality >= 0 && quality <= 1) {
				continue
			}
		}
		if charset, ok := parameters["charset"]; ok && !isUTF8(charset) {
			continue
		}
		switch mediaType {
		case graphqlResponse:
			response.take(3, quality)
		case plainJSON:
			plain.take(3, quality)
		case eventStream:
			stream.take(3, quality)
		case "application/*":
			response.take(2, quality)
			plain.take(2, quality)
		case "*/*":
			response.take(1, quality)
			plain.take(1, quality)
		}
	}
	var a accepted
	best := response
	switch {
	case response.quality == 0 && plain.quality == 0:
	case plain.better(response), response.exactness < 3 && !response.better(plain):
		a.json, best = plainJSON, plain
	default:
		a.json = graphqlResponse
	}
	a.stream = stream.quality > 0
	a.streamFirst = a.stream && stream.quality > best.quality
	return a
}

// preference is the most exact range of an Accept header that matches a type: 0 for none, 1 for */*, 2 for a main type,
// 3 for the type itself.
type preference struct {
	exactness int
	quality   float64
}

func (p *preference) take(exactness int, quality float64) {
	if exactness > p.exactness {
		p.exactness, p.quality = exactness, quality
	}
}

func (p preference) better(other preference) bool {
	if p.quality != other.quality {
		return p.quality > other.quality
	}
	return p.exactness > other.exactness
}

func isUTF8(charset string) bool { return strings.EqualFold(charset, "utf-8") }

// isJSON reports whether a Content-Type is JSON in UTF-8.
func isJSON(contentType string) bool {
	mediaType, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || mediaType != plainJSON {
		return false
	}
	charset, given := parameters["charset"]
	return !given || isUTF8(charset)
}
