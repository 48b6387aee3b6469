package extract

import (
	"strings"
	"unicode"

	"github.com/persona-api/persona-api/internal/persona"
)

// notes is how a language other than English writes a narrative: in note form
// (data/narrative.txt).
type notes struct {
	script *unicode.RangeTable
	says   map[string]string
}

func (n *notes) line(s string) {
	key, value, _ := strings.Cut(s, ":")
	switch key {
	case "script":
		n.script = unicode.Scripts[strings.TrimSpace(value)]
	case "comma", "semicolon", "and":
		n.says[key] = strings.ReplaceAll(strings.TrimSpace(value), "_", " ")
	default:
		n.says[key] = strings.TrimSpace(value)
	}
}

// say writes a note; of a language that has no form for it, only what is named.
func (n *notes) say(key, what string) string {
	form, ok := n.says[key]
	if !ok {
		return what
	}
	return strings.Replace(form, "*", what, 1)
}

// sign is how the parts of a narrative are joined.
func (n *notes) sign(key, otherwise string) string {
	if s, ok := n.says[key]; ok {
		return s
	}
	return otherwise
}

// tongue finds the language that facts are written in: nil for English. Of facts
// that show none, the notes have no forms and names stand alone.
func (lex *lexicon) tongue(facts []persona.Fact) *notes {
	scripts, letters := map[string]int{}, 0
	counts := map[string]int{}
	for i := range facts {
		f := &facts[i]
		for _, s := range append([]string{f.Value}, values(f.Detail)...) {
			for _, r := range s {
				if !unicode.IsLetter(r) {
					continue
				}
				letters++
				for name, n := range lex.notes {
					if n.script != nil && unicode.Is(n.script, r) {
						scripts[name]++
					}
				}
			}
			for _, w := range phrase(s) {
				for name, m := range lex.manners {
					if m.common[w] {
						counts[name]++
					}
				}
				if lex.englishWords[w] {
					counts["en"]++
				}
			}
		}
	}
	for _, name := range []string{"ja", "zh", "ar"} {
		if n := scripts[name]; n*3 > letters || name == "ja" && n > 3 {
			return lex.notes[name]
		}
	}
	best := ""
	for _, name := range lex.languages {
		if counts[name] > counts[best] {
			best = name
		}
	}
	if best == "en" {
		return nil
	}
	if n := lex.notes[best]; n != nil {
		return n
	}
	return &notes{}
}

func values(d persona.Detail) []string {
	out := make([]string, 0, len(d))
	for _, v := range d {
		out = append(out, v)
	}
	return out
}
