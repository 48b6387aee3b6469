package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"

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

// tongue finds the language that facts are written in: nil for English, which
// counts as shown by letters without marks. Of other facts that show none, the
// notes have no forms and names stand alone.
func (lex *lexicon) tongue(facts []persona.Fact) *notes {
	scripts, letters, plain := map[string]int{}, 0, true
	counts := map[string]int{}
	for i := range facts {
		f := &facts[i]
		for _, s := range append([]string{f.Value}, values(f.Detail)...) {
			for _, r := range s {
				if !unicode.IsLetter(r) {
					continue
				}
				letters++
				plain = plain && r < unicode.MaxASCII
				for name, n := range lex.notes {
					if n.script != nil && unicode.Is(n.script, r) {
						scripts[name]++
					}
				}
			}
			for _, k := range cut(s) {
				if k.word == "" || k.upper && k.start > 0 {
					continue // a name: the Los of Los Angeles
				}
				w := k.word
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
	if best == "en" || best == "" && plain {
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

// notedSummary writes the summary in note form, in the facts' own language.
func (s *story) notedSummary() string {
	name, role, place := s.first("name"), s.first("role"), s.first("location")
	if name == nil && role == nil {
		return ""
	}
	comma, stop := s.notes.sign("comma", ", "), s.notes.sign("stop", ".")
	positions := s.by["career.positions"]
	var parts []string
	if name != nil {
		v := s.use(name)
		if born := s.first("background.birthDate"); born != nil && s.first("background.deathDate") != nil {
			v += " (" + s.use(born) + " – " + s.use(s.first("background.deathDate")) + ")"
		}
		parts = append(parts, v)
	}
	now := s.lex.current(positions, role)
	if now == nil && role == nil {
		now = telling(positions, role)
	}
	if role != nil && (now == nil || !similar(role.Value, now.Detail["title"])) {
		parts = append(parts, s.use(role))
	} else if role != nil {
		s.use(role)
	}
	text := strings.Join(parts, comma)
	if now != nil && (role == nil || now.Detail["organization"] == "" || !strings.Contains(role.Value, now.Detail["organization"])) {
		joint := s.notes.sign("semicolon", "; ")
		if len(parts) < 2 {
			joint = comma
		}
		if text != "" {
			text += joint
		}
		text += s.notedPosition(now, comma)
	}
	if place != nil && !strings.Contains(text, place.Value) {
		text += s.notes.sign("semicolon", "; ") + s.use(place)
	}
	return strings.TrimSuffix(text, stop) + stop
}

func (s *story) notedPosition(p *persona.Fact, comma string) string {
	s.cites = append(s.cites, p.ID)
	d := p.Detail
	text := d["title"]
	for _, part := range []string{d["organization"]} {
		if text != "" && part != "" {
			text += comma
		}
		text += part
	}
	if text == d["title"] && d["location"] != "" {
		text += comma + d["location"]
	}
	switch {
	case d["start"] != "" && d["end"] != "" && !s.lex.lasts(d["end"]):
		text += " (" + d["start"] + "–" + d["end"] + ")"
	case d["start"] != "":
		text += " (" + s.notes.say("since", d["start"]) + ")"
	case d["end"] != "" && !s.lex.lasts(d["end"]):
		text += " (" + s.notes.say("until", d["end"]) + ")"
	}
	return text
}

// notedCore writes values, likings, goal, fear and belief as notes.
func (s *story) notedCore() string {
	if len(s.notes.says) == 0 || len(s.by["name"]) == 0 {
		return ""
	}
	var out []string
	for _, n := range []struct {
		key   string
		paths []string
		most  int
	}{
		{"values", []string{"identity.values"}, 2},
		{"likes", []string{"interests.passions", "interests.primary"}, 2},
		{"goal", []string{"motivations.goals"}, 1},
		{"fear", []string{"motivations.fears"}, 1},
		{"belief", []string{"identity.beliefs"}, 1},
	} {
		var vs []string
		for _, path := range n.paths {
			for _, f := range s.by[path] {
				if len(vs) < n.most && utf8.RuneCountInString(f.Value) <= 120 {
					vs = append(vs, s.use(f))
				}
			}
		}
		if len(vs) > 0 {
			out = append(out, s.notes.say(n.key, strings.Join(vs, s.notes.sign("and", ", "))))
		}
	}
	if len(out) < 2 {
		return ""
	}
	stop := s.notes.sign("stop", ".")
	joint := stop
	if stop == "." {
		joint = ". "
	}
	return strings.Join(out, joint) + stop
}
