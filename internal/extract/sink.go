package extract

import (
	"strings"
	"unicode"

	"github.com/persona-api/persona-api/internal/persona"
)

// most is how many drafts one text may give. A text with more is a list of words,
// not a description of somebody.
const most = 1500

// sink takes what the readers find, proves it once more and keeps each statement once.
type sink struct {
	t      *text
	seen   map[string]bool
	has    map[string]bool // the paths that something has been said of
	drafts []persona.Draft
	total  int
}

// say adds a statement whose quote is the text of a span.
func (k *sink) say(path, value string, confidence persona.PerMille, quote span) {
	if quote.b > quote.a {
		k.sayBytes(path, value, confidence, k.t.tok(quote.a).start, k.t.tok(quote.b-1).end)
	}
}

// sayBytes adds a statement whose quote lies between two bytes.
func (k *sink) sayBytes(path, value string, confidence persona.PerMille, start, end int) {
	k.add(persona.Draft{Path: path, Value: value, Confidence: confidence}, start, end)
}

// add proves and keeps a draft: the first of equal statements stays.
func (k *sink) add(d persona.Draft, start, end int) {
	f := persona.FieldAt(d.Path)
	d.Value = oneLine(d.Value)
	for part, v := range d.Detail {
		d.Detail[part] = oneLine(v)
	}
	if f == nil || k.total >= most || strings.TrimSpace(d.Value) == "" || len(d.Value) > 1500 || end <= start {
		return
	}
	d.Basis, d.Quote = persona.BasisStated, k.t.s[start:end]
	if f.Literal && !proven(f, &d) {
		return
	}
	key := d.Path + "\x00" + f.Key(d.Value, d.Detail)
	if k.seen[key] {
		return
	}
	k.seen[key], k.has[d.Path] = true, true
	d.Start, d.End = k.t.points(start), k.t.points(end)
	k.drafts = append(k.drafts, d)
	k.total++
}

// proven reports whether every word of the value, or of its parts, stands in the quote.
func proven(f *persona.Field, d *persona.Draft) bool {
	said := map[string]bool{}
	for _, w := range wordsOf(d.Quote) {
		said[w] = true
	}
	values := []string{d.Value}
	if len(f.Parts) > 0 {
		values = values[:0]
		for _, v := range d.Detail {
			values = append(values, v)
		}
	}
	for _, v := range values {
		for _, w := range wordsOf(v) {
			// In scripts without blanks a word may stand inside a longer run.
			if !said[w] && (!strings.ContainsFunc(w, unspaced) || !strings.Contains(d.Quote, w)) {
				return false
			}
		}
	}
	return len(values) > 0
}

func wordsOf(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '+' && r != '#'
	})
}

func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
}
