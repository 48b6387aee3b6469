package persona

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxURL is the longest URL, in bytes.
const maxURL = 2048

// gather checks what a persona shall be read from and makes sources of it. Files
// are opened here, pages are left to the run: they may take long.
func (s *Service) gather(ctx context.Context, id ID, at time.Time, text *string, urls []string, inputs []SourceInput) ([]*Source, error) {
	var out []*Source
	add := func(in SourceInput, field ...string) error {
		src, err := s.source(ctx, in, field)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(out, func(o *Source) bool { return same(o.SHA256, src.SHA256) || same(o.URL, src.URL) }) {
			return &Error{Code: CodeInvalid, Field: field, Message: "is given twice; give each text and each page once"}
		}
		// Each a microsecond later, so that they keep the order they were given in.
		src.ID, src.PersonaID, src.CreatedAt = NewSourceID(), id, at.Add(time.Duration(len(out))*time.Microsecond)
		out = append(out, src)
		return nil
	}
	if n := len(urls) + len(inputs); n > MaxSources { // before any file is opened
		return nil, TooLarge("sources", "must be at most %d, are %d", MaxSources, n)
	}
	if text != nil {
		if err := add(SourceInput{Text: text}, "text"); err != nil {
			return nil, err
		}
	}
	for i, u := range urls {
		if err := add(SourceInput{URL: &u}, "urls", strconv.Itoa(i)); err != nil {
			return nil, err
		}
	}
	for i, in := range inputs {
		if err := add(in, "sources", strconv.Itoa(i)); err != nil {
			return nil, err
		}
	}
	switch {
	case len(out) == 0:
		return nil, Invalid("text", "must be given, here, as urls or in sources")
	case len(out) > MaxSources:
		return nil, TooLarge("sources", "must be at most %d, are %d", MaxSources, len(out))
	}
	return out, nil
}

func same(a, b *string) bool { return a != nil && b != nil && *a == *b }

// source makes one input a source.
func (s *Service) source(ctx context.Context, in SourceInput, field []string) (*Source, error) {
	src := &Source{Status: SourcePending, Title: in.Title, AsOf: in.AsOf}
	if in.Title != nil && (!cleanText(*in.Title) || utf8.RuneCountInString(*in.Title) > maxTitle) {
		return nil, Invalid("title", "must be UTF-8 of at most %d characters", maxTitle)
	}
	if in.Kind != nil {
		src.Kind = *in.Kind
	}
	at := func(name string) []string { // the field itself when it is one of the short forms
		if field[0] == "sources" {
			return append(slices.Clone(field), name)
		}
		return field
	}
	switch {
	case in.Text != nil && in.URL == nil && in.File == nil:
		if err := checkText(*in.Text, at("text")...); err != nil {
			return nil, err
		}
		src.hold(*in.Text)
		if src.Kind == "" {
			src.Kind = KindText
		}
	case in.URL != nil && in.Text == nil && in.File == nil:
		u, err := checkURL(*in.URL, at("url"))
		if err != nil {
			return nil, err
		}
		src.URL = &u
		if src.Kind == "" {
			src.Kind = KindURL
		}
	case in.File != nil && in.Text == nil && in.URL == nil:
		if s.pages == nil {
			return nil, &Error{Code: CodeInvalid, Field: at("file"), Message: "files are not read by this server; give the text itself"}
		}
		page, err := s.pages.Open(ctx, *in.File)
		if err != nil {
			return nil, under(err, at("file"))
		}
		if err := checkText(page.Text, at("file")...); err != nil {
			return nil, err
		}
		if page.Title == "" && cleanText(in.File.Name) {
			page.Title = in.File.Name
		}
		src.take(page)
	default:
		return nil, &Error{Code: CodeInvalid, Field: field, Message: "must have exactly one of text, url and file"}
	}
	return src, nil
}

// under says which field an error is of.
func under(err error, field []string) error {
	if e, ok := err.(*Error); ok { //nolint:errorlint // the field is that of this very error
		of := *e
		of.Field = field
		return &of
	}
	return err
}

// checkURL returns the URL as it is to be fetched. What may not be dialled is for
// Pages to refuse: only it knows where a name leads.
func checkURL(raw string, field []string) (string, error) {
	raw = strings.TrimSpace(raw)
	u, err := url.Parse(raw)
	switch {
	case len(raw) > maxURL:
		return "", &Error{Code: CodeTooLarge, Field: field, Message: "must have at most " + strconv.Itoa(maxURL) + " bytes"}
	case err != nil || !cleanText(raw) || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return "", &Error{Code: CodeInvalid, Field: field, Message: "must be a URL that begins with http:// or https://"}
	case u.User != nil:
		return "", &Error{Code: CodeInvalid, Field: field, Message: "must not contain a user or a password; give a page that everybody can read, or its text"}
	}
	u.Fragment = ""
	return u.String(), nil
}

func checkText(text string, field ...string) error {
	switch n := utf8.RuneCountInString(text); {
	case !cleanText(text):
		return &Error{Code: CodeInvalid, Field: field, Message: "must be UTF-8 without NUL characters"}
	case n > MaxText:
		return &Error{Code: CodeTooLarge, Field: field, Message: "must have at most " + strconv.Itoa(MaxText) + " characters, has " + strconv.Itoa(n)}
	case strings.TrimSpace(text) == "":
		return &Error{Code: CodeInvalid, Field: field, Message: "must have at least one character that is not blank"}
	}
	return nil
}

// cleanText reports whether both databases can keep the text.
func cleanText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
