package extract

import (
	"strings"

	"github.com/persona-api/persona-api/internal/persona"
)

// items parts a list at commas, semicolons, bars and "and".
func (t *text) items(s span) []span {
	var out []span
	begin, depth := s.a, 0
	for i := s.a; i <= s.b; i++ {
		cut := i == s.b
		if !cut {
			k := t.tok(i)
			switch k.sign {
			case '(', '[':
				depth++
			case ')', ']':
				depth--
			case ',', ';', '|', '、', '，', '؛', '،', '•', '·', '/':
				cut = depth <= 0 && (k.sign != '/' || k.gap != glued)
			case '.', '!', '?':
				cut = depth <= 0 && (i+1 >= s.b || t.tok(i+1).gap != glued) && !(k.sign == '.' && i > s.a && (t.initial(i-1) || t.is(i-1, isHonorific)))
			}
			switch k.word {
			case "and", "und", "et", "y", "or", "&", "as":
				cut = depth <= 0 && (k.word != "as" || i+2 < s.b && t.tok(i+1).word == "well")
			}
		}
		if !cut {
			continue
		}
		p := t.trimmed(span{begin, i})
		if p.len() > 0 {
			out = append(out, p)
		}
		begin = i + 1
	}
	return out
}

// skills reads the lists of the sections and, in the whole CV, what the word lists
// know.
func (r *reading) skills(lines []line) {
	r.lists(lines, r.skillLine)
	r.known(lines, func(s span) { r.saySkill(s, sureLexicon) })
}

func (r *reading) saySkill(s span, conf persona.PerMille) {
	switch {
	case r.whole(s, isTongue):
		r.say("skills.languages", r.shown(s), conf, s)
	case r.whole(s, isSoft):
		r.say("skills.soft", r.shown(s), conf, s)
	default:
		r.say("skills.hard", r.shown(s), conf, s)
	}
}

// taggedSkills says the skills that the tagger finds; the lists of the other
// sections are read as ever.
func (r *reading) taggedSkills(lines []line, marks []found) {
	for _, f := range marks {
		if !isSkill(f.tag) {
			continue
		}
		in := r.lineAt(lines, f.a).in
		if in == inInterests || in == inLanguages && r.whole(f.span, isTongue) {
			continue // said with the section
		}
		conf := sureGuess + persona.PerMille(f.sure*250)
		for _, s := range r.unwrapped(f.span, in) {
			switch {
			case s.len() == 0 || s.len() > 12:
			case in == inLanguages && f.tag == softTag && s.len() == 1:
				r.say("skills.languages", r.shown(s), conf, s)
			case f.tag == softTag && !r.whole(s, isTongue|isHard):
				r.say("skills.soft", r.shown(s), conf, s)
			default:
				r.saySkill(s, conf)
			}
		}
	}
	r.lists(lines, func(line) {})
	r.known(lines, func(span) {})
}

// unwrapped parts a stretch of a list of skills where a line ends and the next begins
// in upper case.
func (r *reading) unwrapped(s span, in section) []span {
	if in == inSkills || in == inSoftSkills || in == inStrengths {
		for i := s.a + 1; i < s.b; i++ {
			if r.tok(i).newline && r.tok(i).upper {
				return append(r.unwrapped(span{s.a, i}, in), r.unwrapped(span{i, s.b}, in)...)
			}
		}
	}
	return []span{r.trimmed(s)}
}

// lists reads the sections that are lists; what is one of skills goes to skillLine.
func (r *reading) lists(lines []line, skillLine func(line)) {
	t := r.text
	closed := false // the list is over: the layout lost the heading of what follows
	for _, l := range lines {
		if l.heading {
			closed = false
			continue
		}
		switch l.in {
		case inSkills, inSoftSkills, inStrengths:
			if ds := t.dates(l.span); len(ds) > 0 && (ds[0].end.len() > 0 || ds[0].open) {
				closed = true
			}
			if !closed {
				skillLine(l)
			}
		case inLanguages:
			r.tongues(l.span, sureLayout)
		case inCertifications:
			if !t.sentenceLike(l) && l.len() <= 14 && l.len() > 0 {
				s := l.span
				if ds := t.dates(s); len(ds) > 0 {
					if ds[0].a < s.a+2 {
						continue // Issued Mar 2018
					}
					s.b = ds[0].a
				}
				s = t.trimmed(s)
				if s.len() > 0 && t.follows(s.a, s.b) && (t.capitalised(s) || l.bullet) {
					r.say("career.certifications", t.shown(s), sureLayout, s)
				}
			}
		case inInterests:
			for _, s := range t.items(l.span) {
				if s.len() <= 6 {
					r.say("interests.primary", t.shown(s), sureLayout, s)
				}
			}
		case inGoals, inFears, inFrustrations, inValues, inHabits, inCommunication:
			r.traitLine(l)
		}
	}
}

// known finds what the word lists know, wherever it stands; plain words only where
// people describe themselves. Certificates are said at once.
func (r *reading) known(lines []line, skill func(span)) {
	t := r.text
	at := 0
	for i := 0; i < len(t.toks); i++ {
		for at+1 < len(lines) && lines[at].b <= i {
			at++
		}
		in := lines[at].in
		self := in == inSkills || in == inSoftSkills || in == inSummary || in == inObjective || in == inStrengths || in == inHeader
		if in == inGoals || in == inFears || in == inFrustrations || in == inValues || in == inHabits || in == inInterests || in == inCommunication {
			continue
		}
		k := t.tok(i)
		if k.word == "" {
			continue
		}
		if end := t.match(i, len(t.toks), isCertificate); end > i && k.upper {
			s := span{i, end}
			if len(k.word) > 4 || k.caps {
				r.say("career.certifications", t.shown(s), sureLexicon, s)
			}
			i = end - 1
			continue
		}
		end := t.match(i, len(t.toks), isHard|isLooseHard|isSoft)
		if end == i {
			continue
		}
		s := span{i, end}
		if end == i+1 && t.whole(s, isHard) && t.lex.exact[k.word] != "" && !t.separated(s) {
			continue
		}
		if t.whole(s, isLooseHard) && !t.whole(s, isHard) && !t.separated(s) {
			continue
		}
		if k.gap == glued && i > 0 && strings.ContainsRune("@.-_/", t.tok(i-1).sign) && t.tok(i-1).sign != '/' {
			continue
		}
		if end+1 < len(t.toks) && t.tok(end).sign == ':' && t.tok(end+1).sign == '/' || k.gap == glued && i > 1 && t.tok(i-1).sign == '/' && t.tok(i-2).sign == '/' {
			continue
		}
		if end < len(t.toks) && t.tok(end).gap == glued && strings.ContainsRune("@._", t.tok(end).sign) && end+1 < len(t.toks) && t.tok(end+1).gap == glued {
			i = end
			continue
		}
		if in == inExperience && t.whole(s, isJob) {
			continue // Illustrator, the trade
		}
		if !self && end == i+1 && !k.upper && !k.digits || k.word == "responsible" && end < len(t.toks) && t.tok(end).word == "for" {
			continue
		}
		if end == i+1 && t.whole(s, isSoft) && !t.listed(s) {
			continue // "Reliability Engineer", "honest roadmaps"
		}
		skill(s)
		i = end - 1
	}
}

// listed reports whether a word stands by itself between commas or at the edge of a line.
func (t *text) listed(s span) bool {
	edge := func(i int) bool {
		k := t.tok(i)
		return k.word == "and" || k.sign != 0 && strings.ContainsRune(",;/|():•&.", k.sign)
	}
	return (t.tok(s.a).gap >= wide || edge(s.a-1)) && (s.b >= len(t.toks) || t.tok(s.b).gap >= wide || edge(s.b))
}

// separated reports whether a word stands in a list, spelled as the lists have it.
func (t *text) separated(s span) bool {
	k := t.tok(s.a)
	if exact := t.lex.exact[k.word]; exact != "" && t.s[k.start:k.end] != exact {
		return false
	}
	left := k.gap >= wide || s.a > 0 && strings.ContainsRune(",;/|(:•&", t.tok(s.a-1).sign) && t.tok(s.a-1).sign != 0
	right := s.b >= len(t.toks) || t.tok(s.b).gap >= wide || strings.ContainsRune(",;/|)•&", t.tok(s.b).sign) && t.tok(s.b).sign != 0
	return left && (right || s.b < len(t.toks) && t.tok(s.b).word == "and")
}

// skillLine reads a line of a skill section: "Languages: Java, C", "Excel (3 years)".
func (r *reading) skillLine(l line) {
	t := r.text
	s := l.span
	tongues := false
	for i := s.a; i < s.b && i < s.a+6; i++ {
		if t.tok(i).sign == ':' {
			tongues = t.tok(max(s.a, i-1)).word == "spoken" || t.words(span{s.a, i}) == "spoken languages"
			s.a = i + 1
			break
		}
	}
	if tongues {
		r.tongues(s, sureLayout)
		return
	}
	for _, item := range t.items(s) {
		for i := item.a; i < item.b; i++ {
			if t.tok(i).sign == '(' && i > item.a {
				item.b = i
				break
			}
		}
		item = t.trimmed(item)
		words, lower := 0, 0
		for i := item.a; i < item.b; i++ {
			if t.tok(i).word != "" {
				words++
				if !t.tok(i).upper {
					lower++
				}
			}
		}
		if words == 0 || words > 4 || t.tok(item.a).number || words > 2 && lower == words && !t.whole(item, isHard|isSoft) {
			continue
		}
		switch w := t.tok(item.a).word; {
		case t.is(item.a, isNotName|isPronoun) && !t.whole(item, isHard|isSoft|isTongue), t.whole(item, isPlace|isOrgSuffix|isJob), w == "less", len(t.dates(item)) > 0,
			words == 1 && len(w) == 1 && w != "c" && w != "r", t.whole(item, isAbbreviatedRegion), strings.HasSuffix(w, "ed") && words > 1, t.whole(item, isMonth), w == "etc":
			continue
		}
		// In a wrapped line of prose only what the lists know.
		prose := t.sentenceLike(l) && !l.bullet && len(t.items(s)) < 3
		switch {
		case t.whole(item, isTongue):
			r.say("skills.languages", t.shown(item), sureLayout, item)
		case t.whole(item, isSoft), l.in == inSoftSkills && !prose:
			r.say("skills.soft", t.shown(item), sureLayout, item)
		case l.in == inStrengths && !t.whole(item, isHard):
			if !prose {
				r.say("strengths", t.shown(item), sureLayout, item)
			}
		case !prose || t.whole(item, isHard|isLooseHard):
			r.say("skills.hard", t.shown(item), sureLayout, item)
		}
	}
}

// tongues says the languages of a span, each with its level where one follows.
func (r *reading) tongues(s span, conf persona.PerMille) {
	t := r.text
	for i := s.a; i < s.b; i++ {
		end := t.match(i, s.b, isTongue)
		if end == i || !t.tok(i).upper && t.tok(i).gap == glued {
			continue
		}
		p := span{i, end}
		// "German (native)", "English – C1"
		j := end
		if j < s.b && t.tok(j).sign == '(' {
			for n := j; n < s.b && n < j+6; n++ {
				if t.tok(n).sign == ')' {
					p.b = n + 1
					break
				}
			}
		} else if j+1 < s.b && (t.tok(j).sign == '-' || t.tok(j).sign == '–' || t.tok(j).sign == ':') && t.tok(j+1).word != "" && !t.is(j+1, isTongue) && t.tok(j+1).gap <= spaced {
			p.b = j + 2
		}
		r.say("skills.languages", t.shown(p), conf, p)
		i = p.b - 1
	}
}

// traitLine reads the lines of sections such as Goals and Frustrations.
func (r *reading) traitLine(l line) {
	path := map[section]string{inGoals: "motivations.goals", inFears: "motivations.fears", inFrustrations: "challenges", inValues: "identity.values",
		inHabits: "behavior.habits", inCommunication: "communication.preferences"}[l.in]
	t := r.text
	if l.len() < 1 || l.len() > 40 {
		return
	}
	parts := []span{l.span}
	if l.in == inValues {
		parts = t.items(l.span)
	}
	for _, s := range parts {
		if s = t.trimmed(s); t.follows(s.a, s.b) {
			r.say(path, t.shown(s), sureLayout, s)
		}
	}
}

// cvVoice reads what the person says in the first person in a CV's prose.
func (r *reading) cvVoice(lines []line) {
	t := r.text
	for i, l := range lines {
		if l.heading {
			continue
		}
		r.years(l.span)
		if l.in == inObjective || l.in == inSummary {
			// A wrapped objective is one sentence over several cells.
			if i == 0 || lines[i-1].heading {
				end := i
				for end < len(lines) && !lines[end].heading && lines[end].in == l.in && end-i < 30 {
					end++
				}
				s := span{l.a, lines[end-1].b}
				sentences := t.sentences(s)
				if l.in != inObjective || len(sentences) == 0 {
					r.speak(sentences, true)
					continue
				}
				// An objective is a goal as it stands, unless it says so in the first person.
				first := sentences[0]
				if r.selves(sentences[:1]) > 0 {
					r.speak(sentences, true)
				} else {
					r.speak(sentences[1:], true)
				}
				if v := t.shown(first); !r.has["motivations.goals"] && first.len() >= 4 && first.len() <= 60 {
					r.say("motivations.goals", v, sureLayout, first)
				}
			}
		}
	}
}

// years finds "5+ years of experience" and says it as the text puts it.
func (r *reading) years(s span) {
	t := r.text
	for i := s.a; i < s.b; i++ {
		if w := t.tok(i).word; w != "years" && w != "yrs" && w != "year" && w != "jahre" && w != "ans" && w != "años" {
			continue
		}
		a := i
		for a > s.a && (t.tok(a-1).sign == '+' || t.tok(a-1).sign == '.' && t.tok(a-1).gap == glued || t.tok(a-1).sign == '-') {
			a--
		}
		if a == s.a || !(t.tok(a-1).digits && len(t.tok(a-1).word) <= 3 || r.lex.numerals[t.tok(a-1).word]) {
			continue
		}
		a--
		for a > s.a && (t.tok(a-1).sign == '.' && t.tok(a).gap == glued || t.tok(a-1).number && len(t.tok(a-1).word) <= 2 && t.tok(a).gap == glued) {
			a--
		}
		for j := i + 1; j < s.b && j < i+9; j++ {
			switch t.tok(j).word {
			case "experience", "berufserfahrung", "erfahrung", "expérience", "experiencia", "exp":
				r.say("career.yearsOfExperience", t.shown(span{a, j + 1}), sureForm, span{a, j + 1})
				return
			}
			if t.tok(j).sign == '.' && t.tok(j).gap == glued {
				break
			}
		}
		for j := a - 1; j >= s.a && j > a-5; j-- {
			if t.tok(j).word == "experience" {
				r.say("career.yearsOfExperience", t.shown(span{a, i + 1}), sureForm, span{a, i + 1})
				return
			}
		}
	}
}
