package fetch

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/charset"

	"github.com/persona-api/persona-api/internal/persona"
)

// readPlain returns plain text and Markdown as they are.
func readPlain(in raw) (*persona.Page, error) {
	text, err := decode(in.data, in.mediaType)
	if err != nil {
		return nil, err
	}
	return &persona.Page{Text: text}, nil
}

// decode returns the data as UTF-8 without a byte order mark. The charset is
// what a byte order mark, the media type or an HTML meta element says; else
// UTF-8 if the data is, else Windows-1252, as browsers take it.
func decode(data []byte, declared string) (string, error) {
	encoding, name, certain := charset.DetermineEncoding(data, declared)
	text := string(whole(data))
	// The library decides by the first kilobyte: a letter with an accent may come after it.
	if name != "utf-8" && (certain || !utf8.ValidString(text)) {
		decoded, err := encoding.NewDecoder().Bytes(data)
		if err != nil {
			return "", damaged(formatPlain, err)
		}
		text = string(decoded)
	}
	text = strings.TrimPrefix(text, "\ufeff")
	if strings.ContainsRune(text, 0) {
		return "", &problem{why: "is not text, or text in an unknown encoding; save it as UTF-8"}
	}
	return text, nil
}

// clean returns the text as a source may have it: UTF-8, lines that end in \n,
// and of the control characters only those and tabs.
func clean(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\r\n", "\n")
	return strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r' || r == '\f' || r == '\v' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			return '\n'
		case unicode.IsControl(r) || r == '\ufffe' || r == '\uffff':
			return -1
		default:
			return r
		}
	}, text), "\n")
}

// shorten cuts a text of more than MaxText code points, where the last tenth has
// one at the end of a paragraph, else of a line, else of a word.
func shorten(text string) (string, bool) {
	if utf8.RuneCountInString(text) <= persona.MaxText {
		return text, false
	}
	n, end := 0, 0
	for end = range text {
		if n == persona.MaxText {
			break
		}
		n++
	}
	head, tail := text[:end], end-end/10
	for _, border := range []func(string) int{
		func(s string) int { return strings.LastIndex(s, "\n\n") },
		func(s string) int { return strings.LastIndexByte(s, '\n') },
		func(s string) int { return strings.LastIndexFunc(s, unicode.IsSpace) },
	} {
		if i := border(head); i >= tail {
			return strings.TrimRightFunc(head[:i], unicode.IsSpace), true
		}
	}
	return head, true
}
