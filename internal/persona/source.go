package persona

import "time"

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
	CreatedAt time.Time
}
