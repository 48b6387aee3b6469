package store

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/persona-api/persona-api/internal/persona"
)

const (
	maxQuery = 1000 // code points of a query that are looked at
	maxTerms = 32   // and terms
)

// query is a search as both databases understand it: nothing in it but words,
// so no text of a user can be a syntax error.
type query struct {
	terms []term
	none  []term // what must not be there
	name  string // the whole query as a part of a name, "" when it is too short for one
}

// term is one word, or several that stand side by side.
type term struct {
	words  []string
	quoted bool // by the user: then its words count only together
}

// parseQuery reads words, "quoted phrases" and -exclusions.
func parseQuery(text string) query {
	text = cut(text, maxQuery)
	var q query
	if name := persona.FacetKey(text); len([]rune(name)) >= 3 {
		q.name = name
	}
	for len(q.terms)+len(q.none) < maxTerms {
		text = strings.TrimLeftFunc(text, unicode.IsSpace)
		if text == "" {
			break
		}
		not := len(text) > 1 && text[0] == '-'
		if not {
			text = text[1:]
		}
		var token string
		quoted := false
		if rest, ok := strings.CutPrefix(text, `"`); ok {
			quoted = true
			token, text, _ = strings.Cut(rest, `"`)
		} else if i := strings.IndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '"' }); i >= 0 {
			token, text = text[:i], text[i:]
		} else {
			token, text = text, ""
		}
		// What is written without blanks is cut into pairs, which need not stand
		// side by side; what a sign divides, such as node.js, must.
		var side []string
		add := func(words []string) {
			if len(words) == 0 {
				return
			}
			if t := (term{words, quoted}); not {
				q.none = append(q.none, t)
			} else {
				q.terms = append(q.terms, t)
			}
		}
		eachWord(token, func(w string) { side = append(side, w) }, func(units []string) {
			if len(units) == 1 {
				add(units)
				return
			}
			for i := range len(units) - 1 {
				add([]string{units[i] + units[i+1]})
			}
		})
		add(side)
	}
	return q
}

// searchable is a text as it is indexed: its words between blanks.
func searchable(text string) string {
	var b strings.Builder
	put := func(w string) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w)
	}
	eachWord(text, put, func(units []string) {
		for i, u := range units {
			put(u)
			if i+1 < len(units) {
				put(u + units[i+1])
			}
		}
	})
	return b.String()
}

// unspaced are the scripts that are written without blanks between words.
var unspaced = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar}

// eachWord hands out a text's words in order: those between blanks or signs to
// word, and each run of a script without blanks to run, as its characters.
func eachWord(text string, word func(string), run func(units []string)) {
	text = strings.ToLower(norm.NFC.String(strings.ToValidUTF8(text, " ")))
	var w strings.Builder
	var units []string
	flush := func() {
		if w.Len() > 0 {
			word(w.String())
			w.Reset()
		}
		if len(units) > 0 {
			run(units)
			units = nil
		}
	}
	for i, r := range text {
		switch {
		case unicode.IsMark(r) && len(units) > 0:
			units[len(units)-1] += string(r)
		case unicode.In(r, unspaced...):
			if w.Len() > 0 {
				flush()
			}
			units = append(units, string(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) && w.Len() > 0:
			if len(units) > 0 {
				flush()
			}
			w.WriteRune(r)
		case w.Len() > 0 && strings.HasPrefix(text[i:], "++"):
			w.WriteString("plusplus") // C++ is another word than C
			flush()
		case r == '#' && w.Len() > 0:
			w.WriteString("sharp")
			flush()
		default:
			flush()
		}
	}
	flush()
}

// headWords are the words of the parts of a persona that weigh most.
func headWords(p *persona.Persona) string {
	var b strings.Builder
	for _, part := range []*string{p.Name, p.Role, p.Location, p.Summary} {
		if part != nil {
			b.WriteString(*part)
			b.WriteByte('\n')
		}
	}
	b.WriteString(strings.Join(p.Tags, "\n"))
	return searchable(b.String())
}
