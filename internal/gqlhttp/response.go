package gqlhttp

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// largestPooled keeps one huge answer from holding its memory for ever.
const largestPooled = 1 << 20

type bufferPool struct{ pool sync.Pool }

func (p *bufferPool) take() *bytes.Buffer {
	if b, ok := p.pool.Get().(*bytes.Buffer); ok {
		return b
	}
	return new(bytes.Buffer)
}

func (p *bufferPool) put(b *bytes.Buffer) {
	if b.Cap() <= largestPooled {
		b.Reset()
		p.pool.Put(b)
	}
}

// writeEnvelope writes {"data":…,"errors":…,"extensions":…}, the data as the executor has made it. An answer without
// data, which is not the same as data that is null, has no such member.
func writeEnvelope(b *bytes.Buffer, response *graphql.Response) {
	separator := byte('{')
	member := func(name string, value []byte) {
		b.WriteByte(separator)
		separator = ','
		b.WriteByte('"')
		b.WriteString(name)
		b.WriteString(`":`)
		b.Write(value)
	}
	if len(response.Data) > 0 {
		member("data", response.Data)
	}
	if len(response.Errors) > 0 || len(response.Data) == 0 {
		member("errors", nil)
		writeErrors(b, response.Errors)
	}
	if len(response.Extensions) > 0 {
		if encoded, err := json.Marshal(response.Extensions); err == nil {
			member("extensions", encoded)
		}
	}
	b.WriteByte('}')
}

// writeErrors writes a list of errors. There must be one where there is no data.
func writeErrors(b *bytes.Buffer, errs gqlerror.List) {
	if len(errs) == 0 {
		errs = gqlerror.List{refuse(codeInternal, internalMessage)}
	}
	encoded, err := json.Marshal(errs)
	if err != nil {
		// Somebody's extensions cannot be encoded; the messages can.
		plain := make(gqlerror.List, len(errs))
		for i, e := range errs {
			plain[i] = &gqlerror.Error{Message: e.Message, Path: e.Path, Locations: e.Locations}
		}
		if encoded, err = json.Marshal(plain); err != nil {
			encoded = []byte(`[{"message":"` + internalMessage + `","extensions":{"code":"` + codeInternal + `"}}]`)
		}
	}
	b.Write(encoded)
}

// writeResponse answers with an executor's response.
func (h *Handler) writeResponse(w http.ResponseWriter, mediaType string, response *graphql.Response) {
	h.write(w, mediaType, status(mediaType, response), response)
}

func (h *Handler) write(w http.ResponseWriter, mediaType string, status int, response *graphql.Response) {
	b := h.buffers.take()
	defer h.buffers.put(b)
	writeEnvelope(b, response)
	header := w.Header()
	header.Set("Content-Type", mediaType+"; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(b.Len()))
	header.Set("X-Content-Type-Options", "nosniff")
	if header.Get("Cache-Control") == "" {
		header.Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	// If the client is gone there is nobody to tell.
	_, _ = w.Write(b.Bytes())
}

// status is 200 for every response with data. Without data it is 400 or 500, but old clients, which take only
// application/json, read errors from a 200 alone unless the request itself was malformed.
func status(mediaType string, response *graphql.Response) int {
	if len(response.Data) > 0 {
		return http.StatusOK
	}
	has := func(c string) bool {
		return slices.ContainsFunc(response.Errors, func(err *gqlerror.Error) bool { return code(err) == c })
	}
	switch {
	case len(response.Errors) == 0, has(codeInternal):
		return http.StatusInternalServerError
	case has(codeTimeout), has(codeUnavailable):
		return http.StatusServiceUnavailable
	case mediaType == graphqlResponse, has(codeBadRequest):
		return http.StatusBadRequest
	}
	return http.StatusOK
}
