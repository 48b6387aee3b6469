package model

import (
	"encoding/json"
	"io"
	"path"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/persona-api/persona-api/internal/persona"
)

// timeLayout is RFC 3339 with the microseconds both databases keep.
const timeLayout = `"2006-01-02T15:04:05.000000Z"`

// MarshalTime writes t in UTC.
func MarshalTime(t time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		var buf [len(timeLayout)]byte
		_, _ = w.Write(t.UTC().AppendFormat(buf[:0], timeLayout))
	})
}

// UnmarshalTime reads RFC 3339 with any offset; anything else is an Invalid error.
func UnmarshalTime(v any) (time.Time, error) {
	s, _ := v.(string)
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, &persona.Error{Code: persona.CodeInvalid, Message: "a time must be written as in RFC 3339, such as 2026-11-23T09:30:00Z"}
	}
	return t.UTC().Truncate(time.Microsecond), nil
}

// MarshalJSON writes the bytes as they are; none are null.
func MarshalJSON(b json.RawMessage) graphql.Marshaler {
	if len(b) == 0 {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) { _, _ = w.Write(b) })
}

// UnmarshalJSON reads any value.
func UnmarshalJSON(v any) (json.RawMessage, error) { return json.Marshal(v) }

// MarshalUpload writes null: a file only ever comes in.
func MarshalUpload(persona.File) graphql.Marshaler { return graphql.Null }

// UnmarshalUpload reads a file that came as a part of a multipart request. What
// sends it has bounded its size.
func UnmarshalUpload(v any) (persona.File, error) {
	u, ok := v.(graphql.Upload)
	if !ok {
		return persona.File{}, &persona.Error{Code: persona.CodeInvalid, Message: "a file must be sent as a part of a multipart/form-data request; see the GraphQL multipart request specification"}
	}
	_, err := u.File.Seek(0, io.SeekStart) // one file may stand in two places
	var data []byte
	if err == nil {
		data, err = io.ReadAll(u.File)
	}
	if err != nil {
		return persona.File{}, &persona.Error{Code: persona.CodeInvalid, Message: "the file could not be read to its end; send it again", Cause: err}
	}
	// Some browsers send the whole path.
	name := path.Base(strings.ReplaceAll(u.Filename, `\`, "/"))
	if u.Filename == "" {
		name = ""
	}
	return persona.File{Name: name, MediaType: u.ContentType, Data: data}, nil
}
