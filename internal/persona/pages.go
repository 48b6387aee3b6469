package persona

import "context"

// Page is what a page on the web or a file says.
type Page struct {
	Text      string     // at most MaxText code points, valid UTF-8 without NUL
	Title     string     // "" when it has none
	Language  string     // ISO 639-1, "" when unknown
	URL       string     // where it was in the end, after redirects; "" of a file
	Kind      SourceKind // URL of a page, DOCUMENT of a PDF or a word processor's file, else what it looks like
	Truncated bool       // there was more than Text holds
}

// File is a file as it was given.
type File struct {
	Name      string // with its extension, without a folder; may be empty
	MediaType string // as its sender calls it; may be empty or wrong
	Data      []byte
}

// Pages reads pages and files.
type Pages interface {
	// Fetch reads the page at a URL. A failure is a *Failure with code
	// FETCH_FAILED whose message says why, and what to do.
	Fetch(ctx context.Context, url string) (*Page, error)
	// Open reads a file. Errors: Invalid, TooLarge; their messages say what to do.
	Open(ctx context.Context, file File) (*Page, error)
}
