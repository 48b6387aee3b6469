package persona

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
	"unicode/utf8"
)

// MaxText is the longest source text, in code points.
const MaxText = 100_000

// SourceKind is what sort of text a source is.
type SourceKind string

// The kinds of source.
const (
	KindText      SourceKind = "TEXT"
	KindURL       SourceKind = "URL"
	KindChat      SourceKind = "CHAT"
	KindInterview SourceKind = "INTERVIEW"
	KindDocument  SourceKind = "DOCUMENT"
	KindEmail     SourceKind = "EMAIL"
	KindOther     SourceKind = "OTHER"
)

// SourceStatus is how far a source has been read.
type SourceStatus string

// The states of a source.
const (
	SourcePending SourceStatus = "PENDING"
	SourceRead    SourceStatus = "READ"
	SourceFailed  SourceStatus = "FAILED"
)

// Source is one immutable text about the person.
type Source struct {
	ID        SourceID
	PersonaID ID
	Kind      SourceKind
	Status    SourceStatus
	Title     *string
	URL       *string
	Language  *string    // ISO 639-1, nil when unknown
	Text      *string    // nil until fetched, or when the reader did not ask for it
	Length    *int       // of Text, in code points
	SHA256    *string    // of Text, hexadecimal
	AsOf      *time.Time // when the text was true, if known
	Failure   *Failure   // why it is FAILED
	Warnings  []Warning  // what is odd about Text
	ReadBy    *RunID     // the run that read it last
	CreatedAt time.Time
}

// hold makes text the source's own.
func (s *Source) hold(text string) {
	sum := sha256.Sum256([]byte(text))
	hex, length := hex.EncodeToString(sum[:]), utf8.RuneCountInString(text)
	s.Text, s.SHA256, s.Length, s.Warnings = &text, &hex, &length, Inspect(text)
}

// take makes what a page or a file says the source's own. What the caller has
// said of title and kind stays.
func (s *Source) take(p *Page) {
	s.hold(p.Text)
	if s.Title == nil && p.Title != "" {
		title := cutPoints(p.Title, maxTitle)
		s.Title = &title
	}
	if p.Language != "" {
		s.Language = &p.Language
	}
	if p.URL != "" {
		s.URL = &p.URL
	}
	if s.Kind == "" {
		s.Kind = p.Kind
	}
	if p.Truncated {
		s.Warnings = append(s.Warnings, Warning{Code: WarnTruncated,
			Message: "there was more than is kept here; give what is missing as a source of its own", Start: s.Length, End: s.Length})
	}
}

// cutPoints returns the first n code points of s.
func cutPoints(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
