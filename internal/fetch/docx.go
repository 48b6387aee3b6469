package fetch

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/persona-api/persona-api/internal/persona"
)

// maxUnzipped is how much of a document's parts is read, in bytes of XML: some
// five times what as much text as a source may have takes.
const maxUnzipped = 16 << 20

// errUnzipped says that a document holds more than maxUnzipped.
var errUnzipped = errors.New("document is too large when unpacked")

// readDOCX returns the text of a word processor's document: its headers, where a
// CV has its name and contacts, the body, the notes, the footers.
func readDOCX(ctx context.Context, data []byte) (*persona.Page, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, damaged(formatDOCX, err)
	}
	body := documentPart(z)
	if body == nil {
		return nil, damaged(formatDOCX, errors.New("no document part"))
	}
	left := int64(maxUnzipped)
	page := &persona.Page{}
	if core := part(z, "docProps/core.xml"); core != nil {
		page.Title, page.Language = readCore(core, &left)
	}
	var texts []string
	for _, f := range parts(z, body) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		text, err := readPart(f, &left)
		if err != nil {
			return nil, docxProblem(err)
		}
		// The first page's header often repeats that of the others.
		if text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	page.Text = strings.Join(texts, "\n\n")
	return page, nil
}

func docxProblem(err error) *problem {
	if errors.Is(err, errUnzipped) {
		return &problem{tooLarge: true, cause: err, why: "is larger than 16 MiB when unpacked; save it as PDF, or paste its text"}
	}
	return damaged(formatDOCX, err)
}

// documentPart returns the main part, whose name is written down in the
// package's relationships; nil when the archive is no DOCX.
func documentPart(z *zip.Reader) *zip.File {
	rels := part(z, "_rels/.rels")
	if rels == nil {
		return nil
	}
	var list struct {
		Relationship []struct {
			Type   string `xml:",attr"`
			Target string `xml:",attr"`
		}
	}
	left := int64(1 << 20)
	r, err := open(rels, &left)
	if err != nil {
		return nil
	}
	defer func() { _ = r.Close() }() // it was only read
	if err := xml.NewDecoder(r).Decode(&list); err != nil {
		return nil
	}
	for _, rel := range list.Relationship {
		name := strings.TrimPrefix(rel.Target, "/")
		// A spreadsheet's main part lies in xl/, a presentation's in ppt/.
		if strings.HasSuffix(rel.Type, "/officeDocument") && path.Dir(name) == "word" {
			return part(z, name)
		}
	}
	return nil
}

func part(z *zip.Reader, name string) *zip.File {
	for _, f := range z.File {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// parts returns those with text, in the order in which they are read.
func parts(z *zip.Reader, body *zip.File) []*zip.File {
	named := func(prefix string) (found []*zip.File) {
		for _, f := range z.File {
			dir, base := path.Split(f.Name)
			if dir == "word/" && strings.HasPrefix(base, prefix) && path.Ext(base) == ".xml" {
				found = append(found, f)
			}
		}
		slices.SortFunc(found, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
		return found
	}
	return slices.Concat(named("header"), []*zip.File{body}, named("footnotes"), named("endnotes"), named("footer"))
}

// open returns a part's bytes; what is read counts towards left.
func open(f *zip.File, left *int64) (io.ReadCloser, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	return &bounded{r, left}, nil
}

// bounded fails when more is read than is left. What the archive says of its
// sizes is not relied on.
type bounded struct {
	io.ReadCloser
	left *int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if *b.left -= int64(n); *b.left < 0 {
		return 0, errUnzipped
	}
	return n, err
}

// readCore returns the document's title and language, "" where it does not say.
// A document whose properties are damaged can be read all the same.
func readCore(f *zip.File, left *int64) (title, language string) {
	r, err := open(f, left)
	if err != nil {
		return "", ""
	}
	defer func() { _ = r.Close() }() // it was only read
	var core struct {
		Title    string `xml:"title"`
		Language string `xml:"language"`
	}
	if err := xml.NewDecoder(r).Decode(&core); err != nil {
		return "", ""
	}
	return core.Title, twoLetters(core.Language)
}

// readPart returns a part's text: a line per paragraph and table row, a tab
// between cells. Deleted and hidden text and the codes of fields are left out.
func readPart(f *zip.File, left *int64) (string, error) {
	r, err := open(f, left)
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }() // it was only read
	var (
		w    docxWriter
		tree = xml.NewDecoder(r)
	)
	for {
		t, err := tree.Token()
		switch {
		case errors.Is(err, io.EOF):
			return w.String(), nil
		case err != nil:
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if skipped(t.Name.Local) {
				if err := tree.Skip(); err != nil {
					return "", err
				}
				continue
			}
			w.start(t)
		case xml.EndElement:
			w.end(t.Name.Local)
		case xml.CharData:
			if w.inText && !w.hidden {
				w.write(string(t))
			}
		}
	}
}

// skipped are the elements whose text is not shown: a paragraph's properties,
// where a tab is a tab stop, deleted text, field codes, and the second rendering
// of what an AlternateContent has shown already.
func skipped(element string) bool {
	switch element {
	case "pPr", "del", "moveFrom", "delText", "instrText", "delInstrText", "Fallback":
		return true
	}
	return false
}

// docxWriter writes text as WordprocessingML's elements come by.
type docxWriter struct {
	lines
	inText  bool
	hidden  bool  // the run is formatted as hidden
	written bool  // the paragraph has text
	cells   []int // of the cells around this place: how many of their paragraphs have text
}

func (w *docxWriter) start(t xml.StartElement) {
	switch t.Name.Local {
	case "p":
		w.written = false
	case "r":
		w.hidden = false
	case "t":
		w.inText = true
	case "vanish":
		w.hidden = !slices.ContainsFunc(t.Attr, func(a xml.Attr) bool {
			return a.Name.Local == "val" && (a.Value == "0" || a.Value == "false" || a.Value == "off")
		})
	case "tab":
		w.space = '\t'
	case "br", "cr":
		w.breaks++
	case "noBreakHyphen":
		w.write("-")
	case "tc":
		w.cells = append(w.cells, 0)
	}
}

func (w *docxWriter) end(element string) {
	cell := len(w.cells) - 1
	switch element {
	case "t":
		w.inText = false
	case "p":
		switch {
		case w.written:
			w.breaks = max(w.breaks, 1)
			if cell >= 0 {
				w.cells[cell]++
			}
		case cell < 0: // an empty paragraph sets apart
			w.breaks = 2
		}
		w.written = false
	case "tc":
		if cell < 0 {
			return
		}
		// A row whose cells have one paragraph each stays a line.
		if w.cells[cell] == 1 {
			w.breaks, w.space = 0, '\t'
		}
		w.cells = w.cells[:cell]
	case "tr":
		w.breaks = max(w.breaks, 1)
	}
}

func (w *docxWriter) write(s string) {
	s = strings.ReplaceAll(s, "\n", " ")
	// A space at the edge of a run is one between words.
	if s != "" && s[0] == ' ' && w.space == 0 {
		w.space = ' '
	}
	if word := strings.Trim(s, " "); word != "" {
		w.word(word)
		w.written = true
		if strings.HasSuffix(s, " ") {
			w.space = ' '
		}
	}
}
