package extract

import (
	"strings"
	"unicode"

	"github.com/persona-api/persona-api/internal/persona"
)

// section is a part of a CV or a profile.
type section uint8

const (
	inHeader section = iota // before the first heading
	inExperience
	inEducation
	inSummary
	inObjective
	inGoals
	inFears
	inFrustrations
	inValues
	inHabits
	inStrengths
	inSkills
	inSoftSkills
	inLanguages
	inCertifications
	inInterests
	inCommunication
	inPersonal
	inLinks
	inProjects
	inTraining
	inAwards
	inOther
)

// sections are the names that headings.txt uses.
var sections = map[string]section{
	"experience": inExperience, "education": inEducation, "summary": inSummary, "objective": inObjective, "goals": inGoals, "fears": inFears,
	"frustrations": inFrustrations, "values": inValues, "habits": inHabits, "strengths": inStrengths, "skills": inSkills, "softskills": inSoftSkills,
	"languages": inLanguages, "certifications": inCertifications, "interests": inInterests, "communication": inCommunication, "personal": inPersonal,
	"links": inLinks, "projects": inProjects, "training": inTraining, "awards": inAwards, "other": inOther,
}

// line is a cell with its place in the CV. A heading that has its content on the
// same line is two lines.
type line struct {
	cell
	in      section
	heading bool
}

// outline gives every cell its section.
func (t *text) outline() []line {
	lines := make([]line, 0, len(t.cells))
	in := inHeader
	for _, c := range t.cells {
		if s, end := t.headingIn(c); end > c.a {
			if end < c.b && in == inSkills && (s == inSkills || s == inLanguages) && t.follows(end, c.b) {
				lines = append(lines, line{c, in, false}) // "Languages: Go, C" is a line of its list
				continue
			}
			in = s
			head := c
			head.b = end
			lines = append(lines, line{head, in, true})
			for end < c.b && t.tok(end).word == "" && !strings.ContainsRune("(+<.", t.tok(end).sign) {
				end++
			}
			if end < c.b {
				rest := c
				rest.a, rest.gap, rest.bullet = end, wide, false
				lines = append(lines, line{rest, in, false})
			}
			continue
		}
		lines = append(lines, line{c, in, false})
	}
	return lines
}

// headingIn recognises a heading at the beginning of a cell and returns where it ends.
func (t *text) headingIn(c cell) (section, int) {
	if c.b == c.a || !t.tok(c.a).upper && t.tok(c.a).word != "" {
		return 0, c.a
	}
	// The words up to a colon or a line of signs.
	end, colon, words, caps, allCaps := c.a, false, 0, true, true
	for end < c.b && words <= 9 {
		k := t.tok(end)
		if k.sign == ':' || k.sign == '_' || k.sign == '|' || (k.sign == '-' || k.sign == '–' || k.sign == '=' || k.sign == '*') && k.gap != glued && words > 0 {
			colon = true
			break
		}
		if k.sign != 0 && !strings.ContainsRune("&/-,’'*#", k.sign) {
			return 0, c.a
		}
		if k.word != "" {
			words++
			if k.digits {
				return 0, c.a
			}
			small := k.word == "of" || k.word == "and" || k.word == "the" || k.word == "in" || k.word == "y" || k.word == "et" || k.word == "und" || k.word == "de" || k.word == "to" || k.word == "&"
			caps = caps && (k.upper || small)
			allCaps = allCaps && (k.caps || k.word == "&")
		}
		end++
	}
	whole := end == c.b || colon
	if words == 0 {
		return 0, c.a
	}
	if whole && words > 1 && !t.tok(c.a).digits && (len(t.tok(c.a).word) < 3 || words > 3) {
		// "P ROFESSIONAL E XPERIENCE": the layout has torn the words.
		if s, ok := t.lex.torn[strings.ReplaceAll(t.words(span{c.a, end}), " ", "")]; ok {
			return s, end
		}
	}
	if words > 6 {
		return 0, c.a
	}
	lone := end == c.b || colon && !t.follows(end, c.b)
	if whole {
		key := t.words(span{c.a, end})
		if s, ok := t.lex.headings[key]; ok && (lone || colon) {
			// "Email: …" style labels of one word stay labels: they are not in the table.
			return s, end
		}
		if lone && caps && !t.is(end-1, isJob&^isLooseTitle) && !c.bullet {
			for _, first := range []string{"summary", "highlights", "profile", "objective"} {
				if _, ok := t.lex.keywords[first]; ok && t.contains(span{c.a, end}, first) {
					return t.lex.keywords[first], end
				}
			}
			for i := end - 1; i >= c.a; i-- {
				if s, ok := t.lex.keywords[t.tok(i).word]; ok {
					return s, end
				}
			}
		}
		return 0, c.a
	}
	return 0, c.a
}

// follows reports whether a word stands between two tokens.
func (t *text) follows(a, b int) bool {
	for ; a < b; a++ {
		if t.tok(a).word != "" {
			return true
		}
	}
	return false
}

func (t *text) contains(s span, word string) bool {
	for i := s.a; i < s.b; i++ {
		if t.tok(i).word == word {
			return true
		}
	}
	return false
}

// steps recognises the kind of the text and returns how to read it.
//
//   - A directory entry begins "SURNAME, Given Names, a …; born …".
//   - A chat has at least three turns "label: words" of which one label comes twice.
//   - A mail or ticket has header lines, or greeting and signature.
//   - A CV has two sections of the usual ones, or one and an address, or one under a name and a job.
//   - A biography begins with a name as the subject of a sentence about a person.
//   - The person's own words say I, ich, je, yo.
//
// What is none of these is about nobody.
func (r *reading) steps() []func() {
	t := r.text
	if len(t.toks) == 0 {
		return nil
	}
	if name, ok := t.directoryName(); ok {
		return []func(){func() { r.directory(name) }}
	}
	turns := t.turns(r.kind)
	if len(turns) > 0 && t.mostly(unicode.Arabic, unicode.Han, unicode.Hiragana, unicode.Katakana) {
		return []func(){func() { r.chat(turns) }}
	}
	if t.mostly(unicode.Arabic) {
		if read := r.arabic(); read != nil {
			return []func(){read}
		}
	}
	if t.mostly(unicode.Han, unicode.Hiragana, unicode.Katakana) {
		if read := r.unspaced(); read != nil {
			return []func(){read}
		}
	}
	lines := t.outline()
	found := map[section]bool{}
	for _, l := range lines {
		if l.heading {
			found[l.in] = true
		}
	}
	strong := 0
	for _, s := range []section{inExperience, inEducation, inSkills, inObjective, inCertifications, inLanguages, inSummary, inPersonal, inGoals, inFrustrations, inInterests, inSoftSkills} {
		if found[s] {
			strong++
		}
	}
	// A form has turns too; the sections of a CV tell it from a talk.
	if len(turns) > 0 && (strong < 2 || t.asked(turns) || r.kind == persona.KindChat || r.kind == persona.KindInterview) {
		return []func(){func() { r.chat(turns) }}
	}
	if m, ok := t.mail(); ok {
		return []func(){func() { r.letter(m) }}
	}
	reachable := len(t.emails()) > 0 || len(t.phones(span{0, len(t.toks)})) > 0
	all := span{0, len(t.toks)}
	if strong < 2 && r.running(lines) {
		// An address under a biography does not make it a CV.
		if name, at, ok := r.biographee(all); ok && name.len() > 0 && r.selves(t.sentences(all)) < 4 {
			return []func(){func() { r.biography(name, at, all) }}
		}
	}
	if strong >= 2 || strong == 1 && r.looksLikeHeader(lines) && r.titled(lines[1]) || reachable && (strong >= 1 || t.callsItselfCV() || len(t.toks) < 2000 && r.looksLikeHeader(lines)) || t.callsItselfCV() && len(t.toks) > 20 {
		return r.cv(lines, strong)
	}
	if name, at, ok := r.biographee(all); ok {
		return []func(){func() { r.biography(name, at, all) }}
	}
	own := func() { r.inOwnWords(t.sentences(all)) }
	if read := r.passage(all); read != nil {
		return []func(){read, own}
	}
	return []func(){own}
}

// mostly reports whether most letters at the beginning of the text are of the scripts.
func (t *text) mostly(scripts ...*unicode.RangeTable) bool {
	if t.runes == nil {
		return false // ASCII
	}
	in, all := 0, 0
	for _, r := range t.s[:min(len(t.s), 2000)] {
		if unicode.IsLetter(r) {
			all++
			if unicode.In(r, scripts...) {
				in++
			}
		}
	}
	return in*2 > all
}

// running reports whether most of the text is sentences, not lists.
func (r *reading) running(lines []line) bool {
	prose := 0
	for _, l := range lines {
		if l.len() > 12 && r.sentenceLike(l) {
			prose += l.len()
		}
	}
	return prose*2 > len(r.toks)
}

// callsItselfCV reports whether the first words say that this is a CV.
func (t *text) callsItselfCV() bool {
	for i := range min(30, len(t.toks)) {
		switch t.tok(i).word {
		case "resume", "résumé", "cv", "lebenslauf", "简历":
			return true
		case "curriculum":
			return true
		case "hoja":
			return i+2 < len(t.toks) && t.tok(i+2).word == "vida"
		}
	}
	return false
}

// titled reports whether a short line begins with a job title.
func (r *reading) titled(l line) bool {
	title, ok := r.titleIn(l.span)
	return ok && l.len() < 10 && title.a <= l.a+2
}

// looksLikeHeader reports whether a text begins as a visiting card does: a name on
// a line of its own, then a job title or an address.
func (r *reading) looksLikeHeader(lines []line) bool {
	t := r.text
	if len(lines) < 2 {
		return false
	}
	a := lines[0].a
	for a < lines[0].b && t.tok(a).word == "" {
		a++
	}
	s, ok := t.nameAt(a, lines[0].b)
	return ok && s.b == lines[0].b && t.named(s) > 0
}
