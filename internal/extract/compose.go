package extract

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/persona-api/persona-api/internal/persona"
)

// Compose puts a few sentences together from the facts: the summary of name, role,
// work and place, and a core description of what the person has said to value, want,
// fear and believe. English facts make sentences; facts in another language make
// notes in that language. It writes no summary without a name or a role, and nothing
// that would only say one fact again.
func (e *Engine) Compose(ctx context.Context, facts []persona.Fact) ([]persona.Draft, persona.Usage, error) {
	if err := ctx.Err(); err != nil {
		return nil, persona.Usage{}, &persona.Failure{Code: persona.FailCancelled, Message: "composing the summary was stopped", Retryable: true, Cause: err}
	}
	notes := e.lex.tongue(facts)
	var out []persona.Draft
	for _, field := range []struct {
		path           string
		english, noted func(*story) string
	}{
		{"summary", (*story).summary, (*story).notedSummary},
		{"identity.coreDescription", (*story).core, (*story).notedCore},
	} {
		s := &story{lex: e.lex, notes: notes, by: map[string][]*persona.Fact{}}
		for i := range facts {
			s.by[facts[i].Path] = append(s.by[facts[i].Path], &facts[i])
		}
		write := field.english
		if notes != nil {
			write = field.noted
		}
		if v := write(s); v != "" && len(s.cites) > 1 {
			out = append(out, persona.Draft{Path: field.path, Value: v, Basis: persona.BasisInferred, Confidence: sureLittle + 100, Cites: s.cites})
		}
	}
	return out, persona.Usage{}, nil
}

// story is one narrative being written, and the claims it has used.
type story struct {
	lex   *lexicon
	notes *notes // nil in English
	by    map[string][]*persona.Fact
	cites []persona.ClaimID
}

// first is the best fact of a field, nil when there is none.
func (s *story) first(path string) *persona.Fact {
	if fs := s.by[path]; len(fs) > 0 {
		return fs[0]
	}
	return nil
}

// use cites a fact and returns its value.
func (s *story) use(f *persona.Fact) string {
	s.cites = append(s.cites, f.ID)
	return f.Value
}

// summary writes who the person is, in one or two sentences.
func (s *story) summary() string {
	name, role, place := s.first("name"), s.first("role"), s.first("location")
	if name == nil && role == nil {
		return ""
	}
	positions := s.by["career.positions"]
	now := s.lex.current(positions, role)
	var preds []string
	dead := s.first("background.deathDate") != nil
	was := "is "
	if dead || s.longAgo() {
		was = "was "
	}
	based := ""
	if place != nil && !dead {
		based = place.Value
	}
	switch {
	case now != nil && role != nil && similar(role.Value, now.Detail["title"]):
		s.use(role)
		preds = append(preds, was+s.position(now, &based))
	case role != nil:
		preds = append(preds, s.doing(role, was, &based))
		if now != nil && !strings.Contains(role.Value, now.Detail["organization"]) {
			if p := s.position(now, &based); now.Detail["title"] == "" {
				preds = append(preds, "works "+s.at(now.Detail["organization"]))
			} else if was == "is " && strings.HasPrefix(preds[0], "is ") {
				preds[0] += " and " + p
			} else {
				preds = append(preds, was+p)
			}
		}
	case now != nil && now.Detail["title"] != "":
		preds = append(preds, was+s.position(now, &based))
	case now != nil:
		preds = append(preds, "works "+strings.TrimPrefix(s.position(now, &based), "x "))
	}
	if now == nil {
		if p := telling(positions, role); p != nil && !named(positions, role) {
			switch {
			case p.Detail["title"] == "" && p.Detail["end"] != "":
				preds = append(preds, "worked "+s.position(p, new(string)))
			case p.Detail["title"] == "":
				preds = append(preds, "works "+s.position(p, &based))
			case p.Detail["end"] != "" || was == "was ":
				preds = append(preds, "was "+s.position(p, new(string)))
			case role == nil:
				preds = append(preds, was+s.position(p, &based))
			default:
				preds = append(preds, "has worked as "+s.position(p, new(string)))
			}
		}
	}
	if len(preds) == 0 {
		if likes := s.likes(2); len(likes) > 0 {
			preds = append(preds, likes...)
		}
	}
	subject := ""
	if name != nil {
		subject = s.use(name) + s.life(dead)
	}
	if based != "" && !strings.Contains(strings.Join(preds, " "), based) {
		s.use(place)
		switch {
		case len(preds) == 0:
			preds = append(preds, "is based in "+based)
		case strings.HasPrefix(preds[0], "is ") && len(preds) == 1:
			preds[0] += ", based in " + based
		case was == "was ":
			preds = append(preds, "lived in "+based)
		default:
			preds = append(preds, "is based in "+based)
		}
	}
	if len(preds) == 0 {
		return subject + "." // the life alone
	}
	text := strings.TrimSpace(subject+" "+joined(preds)) + "."
	if name == nil {
		text = capitalised(strings.TrimPrefix(strings.TrimPrefix(text, "is "), "was "))
	}
	if more := s.schooling(given(name)); more != "" && name != nil {
		text += " " + more
	}
	return text
}

// life is what stands in commas or brackets after the name: birth and death.
func (s *story) life(dead bool) string {
	born, at, died := s.first("background.birthDate"), s.first("background.birthPlace"), s.first("background.deathDate")
	if dead && born != nil {
		return " (" + s.use(born) + " – " + s.use(died) + ")"
	}
	if at == nil || born == nil && !s.biographical() {
		return ""
	}
	text := ", born"
	if born != nil {
		v := strings.TrimPrefix(strings.TrimSpace(s.use(born)), "born ")
		if len(v) == 4 && yearIn(v) > 0 {
			v = "in " + v
		}
		text += " " + v
	}
	return text + " in " + s.use(at) + ","
}

// biographical reports whether nothing is known of the person's work and liking.
func (s *story) biographical() bool {
	return len(s.by["role"]) == 0 && len(s.by["career.positions"]) == 0 && len(s.by["interests.primary"])+len(s.by["interests.passions"]) == 0
}

// longAgo reports whether the dates are of a life that is over.
func (s *story) longAgo() bool {
	if born := s.first("background.birthDate"); born != nil {
		y := yearIn(born.Value)
		return y > 0 && y < 1900
	}
	last := 0
	for _, p := range s.by["career.positions"] {
		last = max(last, yearIn(p.Detail["start"]), yearIn(p.Detail["end"]))
	}
	return last > 0 && last < 1930
}

// doing writes what a role says: "is a welder", "runs the bakery Ofen", "is retired".
func (s *story) doing(role *persona.Fact, was string, based *string) string {
	v := s.use(role)
	words := phrase(v)
	if strings.Contains(v, *based) {
		*based = ""
	}
	if len(words) == 0 {
		return was + v
	}
	if third, ok := s.lex.thirdForms[words[0]]; ok && len(words) > 1 {
		return third + v[len(words[0]):]
	}
	switch {
	case len(words) > 1 && s.lex.predicates[words[0]] && s.lex.present[words[0]]:
		if *based != "" {
			v += " in " + *based
			s.use(s.first("location"))
			*based = ""
		}
		return v
	case s.lex.conditions[words[0]] && len(words) == 1, words[0] == "in":
		return was + v
	}
	return was + s.titled(v)
}

// titled writes a title with its article and, before a plain noun, the nationality.
func (s *story) titled(title string) string {
	title = quiet(title)
	words := phrase(title)
	if len(words) == 0 || s.lex.sole[words[0]] || s.lex.sole[words[len(words)-1]] && len(words) == 1 {
		return title
	}
	if n := s.by["background.nationalities"]; len(n) == 1 && !strings.Contains(title, n[0].Value) && s.lex.demonym(n[0].Value) {
		if r, _ := utf8.DecodeRuneInString(title); unicode.IsLower(r) {
			title = s.use(n[0]) + " " + title
		}
	}
	return article(title) + title
}

// quiet writes words that a layout has set in capitals as a sentence has them;
// short ones may be abbreviations and stay.
func quiet(s string) string {
	if strings.ContainsFunc(s, unicode.IsLower) {
		return s
	}
	words := strings.Fields(s)
	for i, w := range words {
		switch {
		case i > 0 && (w == "OF" || w == "THE" || w == "AND" || w == "FOR" || w == "IN" || w == "AT"):
			words[i] = strings.ToLower(w)
		case utf8.RuneCountInString(w) > 4 && !strings.ContainsAny(w, ".0123456789"):
			words[i] = titleCase(w)
		}
	}
	return strings.Join(words, " ")
}

// demonym reports whether a nationality is named by a word such as "Croatian".
func (lex *lexicon) demonym(s string) bool {
	w := phrase(s)
	return len(w) == 1 && lex.root.next[w[0]] != nil && lex.root.next[w[0]].classes&isDemonym != 0
}

// article is "a " or "an ", by the sound that a word begins with.
func article(s string) string {
	word, _, _ := strings.Cut(s, " ")
	low := strings.ToLower(word)
	for _, p := range []string{"uni", "use", "eu", "one", "ubi", "uti"} {
		if strings.HasPrefix(low, p) && !strings.HasPrefix(low, "unin") && !strings.HasPrefix(low, "unim") {
			return "a "
		}
	}
	if word != "" && (strings.ContainsRune("aeiou", rune(low[0])) || word == strings.ToUpper(word) && len(word) < 5 && strings.ContainsRune("FHLMNRSX", rune(word[0]))) {
		return "an "
	}
	return "a "
}

// position writes "a welder at Rohr GmbH (since 2010)". Where the position's place
// is the person's, it says it and takes it from based.
func (s *story) position(p *persona.Fact, based *string) string {
	s.cites = append(s.cites, p.ID)
	d := p.Detail
	title, org, where := d["title"], d["organization"], d["location"]
	text := ""
	switch {
	case title != "" && org != "":
		text = s.titled(title) + " " + s.of(title, org)
	case org != "":
		text = s.at(org)
	case where != "":
		joint := " of "
		if low := strings.ToLower(title); strings.Contains(low, "representative") || strings.Contains(low, "senator") || strings.Contains(low, "delegate") {
			joint = " from "
		} else if !strings.Contains(low, "governor") && !strings.Contains(low, "mayor") && !strings.Contains(low, "president") {
			joint = " in "
		}
		text = s.titled(title) + joint + where
	default:
		text = s.titled(title)
	}
	if place := *based; place != "" && where != "" && (strings.Contains(place, where) || strings.Contains(where, place)) {
		if org != "" {
			text += " in " + place
		}
		s.use(s.first("location"))
		*based = ""
	}
	switch {
	case d["start"] != "" && s.lex.lasts(d["end"]):
		text += " (since " + d["start"] + ")"
	case s.lex.lasts(d["end"]):
	case d["start"] != "" && d["end"] != "":
		text += " (" + d["start"] + "–" + d["end"] + ")"
	case d["start"] != "" && s.longAgo():
		text += " (from " + d["start"] + ")"
	case d["start"] != "":
		text += " (since " + d["start"] + ")"
	case d["end"] != "":
		text += " (until " + d["end"] + ")"
	}
	return text
}

// of joins a title to its organisation: director of, engineer at.
func (s *story) of(title, org string) string {
	words := phrase(title)
	if len(words) > 0 && s.lex.headsOf[words[len(words)-1]] {
		return "of " + s.definite(org)
	}
	return "at " + s.definite(org)
}

func (s *story) at(org string) string { return "at " + s.definite(org) }

// definite writes an organisation in a sentence: "the Institute of Coastal Studies",
// "a shipyard", "Acme".
func (s *story) definite(org string) string {
	if strings.Contains(org, " ") {
		org = quiet(org)
	}
	r, _ := utf8.DecodeRuneInString(org)
	if unicode.IsLower(r) {
		if n := s.lex.root.next[phrase(org)[0]]; len(phrase(org)) > 1 && n != nil && n.classes&isNotName != 0 {
			return org
		}
		return article(org) + org
	}
	words := phrase(org)
	for i, w := range words {
		if i == 0 {
			if n := s.lex.root.next[w]; n == nil || n.classes&(isOrgWord|isSchool) == 0 {
				return org
			}
		} else if w == "of" || w == "for" {
			return "the " + org
		}
	}
	return org
}

// schooling writes the second sentence: experience and what was studied where.
func (s *story) schooling(who string) string {
	var preds []string
	if y := s.first("career.yearsOfExperience"); y != nil && strings.Contains(y.Value, "year") {
		if v := s.use(y); strings.Contains(v, "experience") {
			preds = append(preds, "has "+v)
		} else {
			preds = append(preds, "has "+v+" of experience")
		}
	}
	var best *persona.Fact
	latest := -1
	for _, f := range s.by["career.education"] {
		if d := f.Detail; d["institution"] != "" && (d["field"] != "" || d["degree"] != "") && yearIn(d["end"]) > latest {
			best, latest = f, yearIn(d["end"])
		}
	}
	if best != nil {
		d := best.Detail
		at := " at " + s.definite(d["institution"])
		switch {
		case d["field"] != "":
			preds = append(preds, "studied "+d["field"]+at)
		default:
			preds = append(preds, "holds "+article(d["degree"])+d["degree"]+" from "+s.definite(d["institution"]))
		}
		s.use(best)
	}
	if len(preds) == 0 {
		return ""
	}
	return who + " " + joined(preds) + "."
}

// core writes what the person holds dear, wants, fears and is convinced of. It
// needs two of them.
func (s *story) core() string {
	name := s.first("name")
	if name == nil {
		return ""
	}
	var warm, far []string
	kinds := 0
	if v := s.several("identity.values", 2); len(v) > 0 {
		warm = append(warm, "values "+joined(v))
		kinds++
	}
	if v := s.likes(2); len(v) > 0 {
		warm = append(warm, v...)
		kinds++
	}
	if g := s.goal(); g != "" {
		far = append(far, g)
		kinds++
	}
	if f := s.fear(); f != "" {
		far = append(far, f)
		kinds++
	}
	belief := ""
	for _, b := range s.by["identity.beliefs"] {
		if v, ok := s.told(b.Value); ok {
			s.use(b)
			belief = "believes that " + v
			kinds++
			break
		}
	}
	if kinds < 2 {
		return ""
	}
	s.use(name)
	var sentences []string
	who := given(name)
	for _, preds := range [][]string{warm, far} {
		if len(preds) > 0 {
			sentences = append(sentences, who+" "+joined(preds)+".")
		}
	}
	if belief != "" {
		sentences = append(sentences, who+" "+belief+".")
	}
	return strings.Join(sentences, " ")
}

// several returns up to n values of a field that can stand in a sentence.
func (s *story) several(path string, n int) []string {
	var out []string
	for _, f := range s.by[path] {
		if v, ok := s.told(f.Value); ok && len(out) < n {
			s.use(f)
			out = append(out, v)
		}
	}
	return out
}

// likes writes what the person likes, verbs with verbs and nouns with nouns.
func (s *story) likes(n int) []string {
	var loved, does, liked, done []string
	many := len(s.by["interests.passions"]) + len(s.by["interests.primary"])
	for _, path := range []string{"interests.passions", "interests.primary"} {
		heads := 0
		for _, f := range s.by[path] {
			if r, _ := utf8.DecodeRuneInString(f.Value); unicode.IsUpper(r) {
				heads++
			}
		}
		for _, f := range s.by[path] {
			v, ok := s.told(f.Value)
			if heads == 1 && len(s.by[path]) > 2 && len(strings.Fields(v)) == 1 {
				v = strings.ToLower(v) // the head of a list: "Chess, trail running, tomatoes"
			}
			if !ok || strings.HasPrefix(v, "favo") || strings.Contains(v, " and ") && many > 1 || len(loved)+len(does)+len(liked)+len(done) >= n {
				continue
			}
			words := phrase(v)
			switch {
			case s.lex.thirdVerb(words[0]) && len(words) > 1:
				does = append(does, v)
			case (s.lex.activities[words[0]] || s.lex.pastimes[words[0]]) && !(len(words) == 1 && s.lex.activityNouns[words[0]]):
				done = append(done, v)
			case path == "interests.passions":
				loved = append(loved, v)
			default:
				liked = append(liked, v)
			}
			s.use(f)
		}
	}
	var out []string
	if len(loved) > 0 {
		out = append(out, "loves "+joined(loved))
	}
	if len(liked) > 0 {
		out = append(out, "likes "+joined(liked))
	}
	if len(done) > 0 {
		out = append(out, "likes to "+joined(done))
	}
	return append(out, does...)
}

// thirdVerb reports whether a word is a verb of what people do, of a third person:
// "sings", "teaches".
func (lex *lexicon) thirdVerb(w string) bool {
	for _, end := range []string{"es", "s"} {
		if v, ok := strings.CutSuffix(w, end); ok && (lex.activities[v] || lex.pastimes[v]) {
			return true
		}
	}
	if v, ok := strings.CutSuffix(w, "ies"); ok {
		return lex.activities[v+"y"]
	}
	return false
}

// goal writes the first goal that can stand in a sentence.
func (s *story) goal() string {
	for _, f := range s.by["motivations.goals"] {
		v, ok := s.told(f.Value)
		if !ok {
			continue
		}
		words := phrase(v)
		s.use(f)
		switch w := words[0]; {
		case w == "to":
			return "wants " + v
		case strings.HasSuffix(w, "ing") && len(w) > 5 && !s.lex.notGerunds[w]:
			return "plans on " + v
		case w == "a" || w == "an" || w == "the" || w == "more" || w == "their":
			return "wants " + v
		}
		return "wants to " + v
	}
	return ""
}

// fear writes the first fear that can stand in a sentence.
func (s *story) fear() string {
	for _, f := range s.by["motivations.fears"] {
		v, ok := s.told(f.Value)
		if !ok {
			continue
		}
		s.use(f)
		for _, w := range phrase(v) {
			switch w {
			case "will", "is", "are", "was", "would", "might", "may", "could", "can", "does", "do":
				return "fears that " + v
			}
		}
		return "fears " + v
	}
	return ""
}

// told makes a value fit a sentence about a third person. It does not where the
// speaker is the subject of a clause in it.
func (s *story) told(v string) (string, bool) {
	if utf8.RuneCountInString(v) > 120 || strings.ContainsAny(v, ".!?\"“”«»()") {
		return "", false
	}
	words := strings.Fields(v)
	for i, w := range words {
		switch low := strings.ToLower(strings.Trim(w, ",;")); {
		case low == "i" || strings.HasPrefix(low, "i'") || strings.HasPrefix(low, "i’") || low == "we" || low == "you" || low == "your" || strings.HasPrefix(low, "we'"):
			return "", false
		case s.lex.othersOwn[low] != "":
			words[i] = strings.Replace(strings.ToLower(w), low, s.lex.othersOwn[low], 1)
		}
	}
	if len(words) == 0 || len(phrase(v)) == 0 {
		return "", false
	}
	// A sentence's capital is not the word's own.
	first := []rune(words[0])
	if len(first) > 1 && unicode.IsUpper(first[0]) && unicode.IsLower(first[1]) && (len(words) > 1 && !unicode.IsUpper([]rune(words[1])[0]) || s.lex.plain(strings.ToLower(words[0]))) {
		first[0] = unicode.ToLower(first[0])
		words[0] = string(first)
	}
	return strings.Join(words, " "), true
}

// plain reports whether a word is one that no name is made of.
func (lex *lexicon) plain(w string) bool {
	n := lex.root.next[w]
	return n != nil && n.classes&(isNotName|isFiller|isSoft) != 0 || lex.activities[w] || strings.HasSuffix(w, "ness") || strings.HasSuffix(w, "ity") || strings.HasSuffix(w, "ing")
}

// joined writes "a", "a and b", "a, b and c"; with a comma before the last "and"
// where a part has one of its own.
func joined(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	for _, p := range parts {
		if strings.Contains(p, " and ") {
			return strings.Join(parts[:len(parts)-1], ", ") + ", and " + parts[len(parts)-1]
		}
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

// given is the name by which a second sentence goes on: the first word of a name
// of several.
func given(name *persona.Fact) string {
	if name == nil {
		return ""
	}
	words := strings.Fields(name.Value)
	for i, w := range words {
		if !strings.HasSuffix(w, ".") && i+1 < len(words) && utf8.RuneCountInString(w) > 1 {
			return w
		}
	}
	return name.Value
}

func capitalised(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// lasts reports whether a date stands for an open end: "Present", "heute".
func (lex *lexicon) lasts(end string) bool {
	n := &lex.root
	for _, w := range phrase(end) {
		if n = n.next[w]; n == nil {
			return false
		}
	}
	return n.classes&isNow != 0
}

// named reports whether the role itself names the organisation of a position.
func named(positions []*persona.Fact, role *persona.Fact) bool {
	for _, p := range positions {
		if org := p.Detail["organization"]; role != nil && org != "" && strings.Contains(role.Value, org) {
			return true
		}
	}
	return false
}

// similar reports whether one title says what the other says, perhaps with more words.
func similar(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	return b != "" && a != "" && (strings.Contains(a, b) || strings.Contains(b, a))
}

// current picks the position that is held now: one that lasts, else one that began
// after all others had ended and has no end, else one without dates that has the
// role as its title. The one that fits the role goes first.
func (lex *lexicon) current(positions []*persona.Fact, role *persona.Fact) *persona.Fact {
	var best *persona.Fact
	most, latest := 0, 1
	for _, p := range positions {
		latest = max(latest, yearIn(p.Detail["end"]))
	}
	for _, p := range positions {
		d, n := p.Detail, 0
		fits := role != nil && similar(role.Value, d["title"])
		switch {
		case lex.lasts(d["end"]):
			n = 4
		case d["end"] == "" && d["start"] != "" && yearIn(d["start"]) >= latest:
			n = 3
		case fits && d["end"] == "" && d["organization"] != "":
			n = 2
		default:
			continue
		}
		if fits {
			n += 2
		}
		if d["title"] != "" {
			n++
		}
		if d["organization"] != "" {
			n++
		}
		if n = n*10_000 + yearIn(d["start"]); n > most {
			best, most = p, n
		}
	}
	return best
}

// telling picks the position that says most and not the role again: one with a
// title, and an organisation or place; the latest of them.
func telling(positions []*persona.Fact, role *persona.Fact) *persona.Fact {
	var best *persona.Fact
	most, latest := 1, -1
	for _, p := range positions {
		d, n := p.Detail, 0
		title, org := d["title"], d["organization"]
		if title != "" {
			n += 4
		}
		if org != "" || d["location"] != "" {
			n += 2
		}
		if role != nil && title != "" && (strings.EqualFold(title, role.Value) || org == "" && strings.HasPrefix(strings.ToLower(role.Value), strings.ToLower(title))) {
			if org == "" {
				continue
			}
			n-- // its organisation still adds something
		}
		if title == "" && (org == "" || role != nil && d["start"] == "" && d["end"] == "") {
			continue
		}
		when := max(yearIn(d["start"]), yearIn(d["end"]))
		if n > most || n == most && when > latest {
			best, most, latest = p, n, when
		}
	}
	return best
}

// yearIn returns the last year that a date names, 0 if there is none.
func yearIn(s string) int {
	last := 0
	for _, t := range cut(s) {
		if y, ok := year(&t); ok {
			last = y
		}
	}
	return last
}
