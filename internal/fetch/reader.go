package fetch

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/persona-api/persona-api/internal/persona"
)

// The bounds of what is read.
const (
	maxPage = 1 << 20  // bytes of a page, after decompression
	maxFile = 10 << 20 // bytes of a file
	timeout = 10 * time.Second
)

// Options says how a Reader differs from the one that serves production, which
// is the zero value.
type Options struct {
	// Timeout bounds one page or file, from the look-up of its name to its text. 0 means ten seconds.
	Timeout time.Duration
	// Allow names addresses that may be dialled, on any port, although they are
	// not public. It is for tests that serve pages from loopback; nil allows none.
	Allow func(netip.Addr) bool
	// Resolver looks names up; nil is the system's.
	Resolver *net.Resolver
}

// Reader reads pages and files. It may be used by many at once.
type Reader struct {
	timeout time.Duration
	guard   *guard
	web     *http.Transport
	sandbox chan struct{} // holds a token per PDF being read
	memory  uint32        // of a sandbox, in WebAssembly's pages of 64 KiB
}

var _ persona.Pages = (*Reader)(nil)

// New returns a Reader. It holds nothing that must be closed.
func New(o Options) *Reader {
	if o.Timeout == 0 {
		o.Timeout = timeout
	}
	g := newGuard(o.Allow)
	return &Reader{
		timeout: o.Timeout,
		guard:   g,
		web:     transport(g, o.Resolver),
		// Reading a PDF takes up to 300 MiB: one at a time.
		sandbox: make(chan struct{}, 1),
		memory:  128 << 20 / (64 << 10),
	}
}

// Fetch reads the page at a URL. A failure is a *persona.Failure with code
// FETCH_FAILED; its message says why and what to do, and holds of the URL at
// most the host.
func (r *Reader) Fetch(ctx context.Context, address string) (*persona.Page, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	page, err := r.fetch(ctx, address)
	if err != nil {
		return nil, r.problem(ctx, err).failure()
	}
	return page, nil
}

func (r *Reader) fetch(ctx context.Context, address string) (*persona.Page, error) {
	in, err := r.visit(ctx, address)
	if err != nil {
		return nil, err
	}
	doc, err := r.read(ctx, *in)
	if err != nil {
		return nil, err
	}
	doc.URL, doc.Kind = in.url, persona.KindURL
	doc.Truncated = doc.Truncated || in.cut
	if doc.Text == "" {
		return nil, &problem{why: "has no text; it may show it only to a browser that runs its scripts: paste the text instead"}
	}
	return doc, nil
}

// Open reads a file, whose format is decided by its content, then by its media
// type, then by its name. Errors: Invalid and TooLarge on the field "file".
func (r *Reader) Open(ctx context.Context, file persona.File) (*persona.Page, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	page, err := r.open(ctx, file)
	if err != nil {
		return nil, r.problem(ctx, err).invalid()
	}
	return page, nil
}

func (r *Reader) open(ctx context.Context, file persona.File) (*persona.Page, error) {
	if len(file.Data) > maxFile {
		return nil, &problem{tooLarge: true, why: fmt.Sprintf("has %.1f MiB, at most %d are read; split it, or paste the text that matters", float64(len(file.Data))/(1<<20), maxFile>>20)}
	}
	if len(bytes.TrimSpace(file.Data)) == 0 {
		return nil, &problem{why: "is empty; give a file with text"}
	}
	f, err := formatOf(file.Data, file.MediaType, file.Name)
	if err != nil {
		return nil, err
	}
	doc, err := r.read(ctx, raw{data: file.Data, format: f, mediaType: file.MediaType})
	if err != nil {
		return nil, err
	}
	doc.Kind = f.kind()
	if doc.Text == "" {
		return nil, &problem{why: "has no text; if its pages are pictures, run text recognition (OCR) over it and give the result"}
	}
	return doc, nil
}

// raw is a page or file before it is read.
type raw struct {
	data      []byte
	format    format
	mediaType string // with its charset, where one was named
	url       string // of a page: its links' base
	cut       bool   // there was more than data
}

// read returns the text, clean and within bounds. The libraries below it meet
// bytes that somebody chose: what makes one of them panic is a damaged document.
func (r *Reader) read(ctx context.Context, in raw) (doc *persona.Page, err error) {
	defer func() {
		if p := recover(); p != nil {
			doc, err = nil, damaged(in.format, fmt.Errorf("panic: %v", p))
		}
	}()
	switch in.format {
	case formatHTML:
		doc, err = readHTML(in)
	case formatPDF:
		doc, err = r.readPDF(ctx, in.data)
	case formatDOCX:
		doc, err = readDOCX(ctx, in.data)
	case formatEmail:
		doc, err = readEmail(in.data)
	default:
		doc, err = readPlain(in)
	}
	if err != nil {
		return nil, err
	}
	text, cut := shorten(clean(doc.Text))
	doc.Text, doc.Truncated = text, doc.Truncated || cut
	doc.Title = oneLine(doc.Title)
	return doc, nil
}

// damaged is what to say of a document that its reader could not make sense of.
func damaged(f format, cause error) *problem {
	return &problem{cause: cause, why: fmt.Sprintf("cannot be read as %s: it is damaged or made in an unusual way; save it anew, or paste its text", f)}
}

// oneLine returns the title as a single line of at most 300 code points, the
// most that a source's title may have.
func oneLine(title string) string {
	title = strings.Join(strings.Fields(clean(title)), " ")
	if r := []rune(title); len(r) > 300 {
		return strings.TrimSpace(string(r[:299])) + "…"
	}
	return title
}
