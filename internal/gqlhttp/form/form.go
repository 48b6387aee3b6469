// Package form reads the body of a multipart/form-data request part by part, each within a limit, and keeps nothing on
// disk.
package form

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"unicode/utf8"
)

// The errors of this package. None repeats anything of the request.
var (
	// ErrMalformed is a body that is not multipart/form-data, or that ends too early.
	ErrMalformed = errors.New("the body is not valid multipart/form-data, or ends too early; send the request again")
	// ErrEncoding is a part in base64 or quoted-printable, which forms have no use for (RFC 7578, 4.7).
	ErrEncoding = errors.New("a part has a Content-Transfer-Encoding; send its bytes as they are")
	// ErrName is a name or file name that is not UTF-8.
	ErrName = errors.New("the name of a part or of its file is not valid UTF-8")
	// ErrPartTooLarge is a part with more bytes than it may have.
	ErrPartTooLarge = errors.New("a part of the body has too many bytes; send less at a time")
	// ErrTooLarge is a body with more bytes than it may have.
	ErrTooLarge = errors.New("the body has too many bytes; send less at a time")
	// ErrTooSlow is a body whose reading the server has ended (http.ResponseController.SetReadDeadline).
	ErrTooSlow = errors.New("the body came too slowly; send less at a time, or over a faster line")
)

// overhead is what a part's boundary and headers may take, beside what is in it.
const overhead = 4 << 10

// Reader reads the parts in the order in which they come.
type Reader struct {
	body  io.Reader
	parts *multipart.Reader
	err   error
}

// Is reports whether a Content-Type is multipart/form-data.
func Is(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && mediaType == "multipart/form-data"
}

// NewReader returns the Reader of a request whose Content-Type Is one. The body may have so many bytes in so many parts,
// and some more for what stands between them: a bound for what is read at all, beside those of the parts.
func NewReader(w http.ResponseWriter, r *http.Request, bytes int64, parts int) *Reader {
	limit := bytes + int64(parts)*overhead
	if r.ContentLength > limit {
		return &Reader{err: ErrTooLarge}
	}
	_, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	boundary := parameters["boundary"]
	if err != nil || boundary == "" {
		return &Reader{err: ErrMalformed}
	}
	body := http.MaxBytesReader(w, r.Body, limit)
	// multipart.Reader takes a body that ends before a part's headers for one that ends as it should. Here only what comes
	// after the last boundary, whose line break may be missing, is the end.
	whole := io.MultiReader(body, strings.NewReader("\r\n"), tooShort{})
	return &Reader{body: body, parts: multipart.NewReader(whole, boundary)}
}

// tooShort is a reader at its end, where there should be more.
type tooShort struct{}

func (tooShort) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Part is one field or file of a form.
type Part struct {
	// Name is the field's name.
	Name string
	// FileName is the last element of the file's name, as the client has it, or "".
	FileName string
	// MediaType is the part's Content-Type as it is written, or "".
	MediaType string

	body *multipart.Part
}

// Next returns the next part, and io.EOF when there are no more. Then the body has been read to its end: not before does
// the server notice when a client leaves.
func (r *Reader) Next() (*Part, error) {
	if r.err != nil {
		return nil, r.err
	}
	part, err := r.parts.NextRawPart()
	if errors.Is(err, io.EOF) {
		if _, err := io.Copy(io.Discard, r.body); err != nil {
			return nil, classify(err)
		}
		return nil, io.EOF
	}
	if err != nil {
		return nil, classify(err)
	}
	p := &Part{Name: part.FormName(), FileName: part.FileName(), MediaType: part.Header.Get("Content-Type"), body: part}
	switch strings.ToLower(part.Header.Get("Content-Transfer-Encoding")) {
	case "", "7bit", "8bit", "binary":
	default:
		return nil, ErrEncoding
	}
	if !utf8.ValidString(p.Name) || !utf8.ValidString(p.FileName) {
		return nil, ErrName
	}
	return p, nil
}

// Bytes reads the part, of which it must be the first call. It reads no further than limit, and returns ErrPartTooLarge
// if there is more.
func (p *Part) Bytes(limit int64) ([]byte, error) {
	var b bytes.Buffer
	n, err := b.ReadFrom(io.LimitReader(p.body, limit+1))
	if err != nil {
		return nil, classify(err)
	}
	if n > limit {
		return nil, ErrPartTooLarge
	}
	return b.Bytes(), nil
}

// classify turns what a body's reader says, which may repeat the body, into an error of this package.
func classify(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return ErrTooLarge
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return ErrTooSlow
	}
	return ErrMalformed
}
