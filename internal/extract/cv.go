package extract

import (
	"cmp"
	"slices"
	"strings"

	"github.com/persona-api/persona-api/internal/persona"
)

// cv reads a CV or a profile page: the head gives name, role and place; the
// sections give positions, education and skills by the layout of their lines.
func (r *reading) cv(lines []line, strong int) []func() {
	lines = r.text.mendDates(lines)
	name, score := r.cvName(lines)
	t := r.text
	all := span{0, len(t.toks)}
	marks := r.tagged(lines)
	var positions, schooling []entry
	if marks != nil {
		positions, schooling = r.career(lines, marks)
	} else {
		positions = r.positions(lines)
	}
	dated, whole := 0, 0 // entries with a date; posts and degrees that say where
	for _, e := range positions {
		if e.hasDate {
			dated++
			if e.title.len() > 0 && e.org.len() > 0 {
				whole++
			}
		}
	}
	for _, e := range schooling {
		if e.degree.len() > 0 && e.school.len() > 0 {
			whole++
		}
	}
	mine := false
	for _, e := range t.emails() {
		mine = mine || !t.roleMail(e)
	}
	// Headings alone are also what a job advertisement has.
	if score < 4 && !(mine && (dated > 0 || strong > 1 || t.callsItselfCV())) && dated < 2 && (whole == 0 || strong < 2) || r.advertises() {
		return nil
	}
	return []func(){
		func() {
			if score >= 4 {
				conf := sureGuess + persona.PerMille(min(score, 14)*25)
				r.sayName(name, conf)
			}
			r.contacts(all)
			r.cvHead(lines, name, positions, marks)
			r.labelled(lines)
		},
		func() { r.sayCareer(positions) },
		func() {
			if marks == nil {
				r.education(lines)
			}
			for _, e := range schooling {
				r.sayEducation(e)
			}
		},
		func() {
			if marks == nil {
				r.skills(lines)
			} else {
				r.taggedSkills(lines, marks)
			}
		},
		func() { r.cvVoice(lines) },
	}
}

func (r *reading) sayName(s span, conf persona.PerMille) {
	r.say("name", r.person(s), conf, s)
	for i := s.a; i < s.b; i++ {
		if w := r.tok(i).word; len(w) > 1 {
			r.subject[w] = true
		}
	}
}

// advertises reports whether the text seeks somebody instead of describing one.
func (r *reading) advertises() bool {
	n := 0
	low := strings.ToLower(r.s[:min(len(r.s), 20000)])
	for p := range r.lex.advertises {
		n += min(2, strings.Count(low, p))
	}
	return n >= 2
}

// mendDates joins cells where the layout lost the dash of a span of years:
// "2001", "2006: Engineer" were "2001 – 2006: Engineer".
func (t *text) mendDates(lines []line) []line {
	out := lines[:0:0]
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		if i+1 < len(lines) && !l.heading && !lines[i+1].heading && !lines[i+1].newline && !lines[i+1].bullet && l.b == lines[i+1].a && lines[i+1].gap == wide {
			for _, d := range t.dates(span{max(l.a, l.b-4), lines[i+1].b}) {
				if d.a < l.b && d.b > l.b {
					l.b = lines[i+1].b
					i++
					break
				}
			}
		}
		out = append(out, l)
	}
	return out
}

// cvName finds the likeliest name. What speaks for a line: to be among the first,
// a given name in it, words of it in an address, a label before it, to come again
// at the end.
func (r *reading) cvName(lines []line) (best span, bestScore int) {
	t := r.text
	mails, slugs := map[string]bool{}, ""
	for _, e := range t.emails() {
		local, _, _ := strings.Cut(strings.ToLower(t.s[e.start:e.end]), "@")
		for _, w := range strings.FieldsFunc(local, func(r rune) bool { return r < 'a' || r > 'z' }) {
			if len(w) > 2 {
				mails[w] = true
			}
		}
	}
	links, own := t.links()
	for i, l := range links {
		if own[i] && len(slugs) < 1000 {
			slugs += strings.ToLower(t.s[l.start:l.end]) + " "
		}
	}
	signature := ""
	if n := len(t.toks); n > 0 {
		signature = t.words(span{max(0, n-12), n})
	}
	bestScore = -1
	consider := func(s span, score int) {
		score += t.named(s)
		hits, inSlug, words := 0, 0, 0
		for i := s.a; i < s.b; i++ {
			w := t.tok(i).word
			if w == "" {
				continue
			}
			words++
			if mails[w] {
				hits++
			}
			if len(w) > 2 && strings.Contains(slugs, w) {
				inSlug++
			}
		}
		if hits > 0 {
			score += 3
		}
		if inSlug > 0 && inSlug == words {
			score += 6
		}
		if words > 1 && strings.Contains(signature, t.words(s)) && s.b < len(t.toks)-12 {
			score += 3
		}
		if score > bestScore {
			best, bestScore = s, score
		}
	}
	seen := 0
	for i, l := range lines {
		if i > 60 || seen > 25 {
			break
		}
		if l.heading {
			seen++
			continue
		}
		seen++
		a := l.a
		label, after := t.labelAt(l.span)
		score := max(0, 6-seen)
		if l.in != inHeader && l.in != inPersonal {
			score = max(0, score-2)
		}
		if label == "name" {
			a, score = after, 9
			if a >= l.b { // the form's value stands in the next cell
				l = t.next(lines, i)
				a = l.a
			}
		} else if label != "" {
			continue
		}
		for a < l.b && (t.tok(a).word == "" || t.is(a, isHonorific) && t.tok(a).word != "don") {
			a++
		}
		// "Resume of Ana Lima", "CURRICULUM VITAE Ana Lima"
		for a < l.b && (t.is(a, isNotName) || t.tok(a).sign == ':' || t.tok(a).sign == '.') && seen < 8 {
			switch t.tok(a).word {
			case "resume", "résumé", "curriculum", "vitae", "cv", "of", "lebenslauf", "name", "", "for", "from", "de", "hoja", "vida", "currículum":
				a++
				continue
			}
			break
		}
		s, ok := t.nameAt(a, l.b)
		if !ok || l.bullet {
			continue
		}
		// "Bernier Software Engineer": the name ends where the title begins.
		for i := s.a + 1; i < s.b; i++ {
			if title, ok := t.titleIn(span{i, l.b}); ok && title.a == i && (t.is(i, isTitleWord|isJob) || t.tok(i).gap > spaced) {
				s.b = i
				break
			}
		}
		for s.b > s.a && t.tok(s.b-1).word == "" && t.tok(s.b-1).sign != '.' {
			s.b--
		}
		// A name fills its line, or the line goes on with an address or a title.
		if s.b < l.b && label != "name" {
			k := t.tok(s.b)
			if k.word != "" && !k.digits && !t.is(s.b, isTitleWord|isJob|isDegree|isNotName) {
				score -= 4
			} else if k.sign == '.' || k.sign == ')' || k.sign == '/' || k.sign == '\'' {
				score -= 3
			}
		}
		if s.len() > 0 {
			consider(s, score)
		}
	}
	return best, bestScore
}

// lineAt returns the line of token i.
func (t *text) lineAt(lines []line, i int) line {
	n, _ := slices.BinarySearchFunc(lines, i, func(l line, i int) int { return cmp.Compare(l.b, i+1) })
	return lines[min(n, len(lines)-1)]
}

// next returns the first line with a word after line i.
func (t *text) next(lines []line, i int) line {
	for n := i + 1; n < len(lines) && n < i+4; n++ {
		if t.follows(lines[n].a, lines[n].b) {
			return lines[n]
		}
	}
	return line{heading: true}
}

// labelAt recognises "label:" at the beginning of a line and returns the field it
// stands for and where its value begins.
func (t *text) labelAt(s span) (string, int) {
	for i := s.a; i < s.b && i < s.a+5; i++ {
		if t.tok(i).sign == ':' || t.tok(i).sign == '：' {
			return t.lex.labels[t.words(span{s.a, i})], i + 1
		}
	}
	// A cell that is the label alone; its value stands in the next.
	if s.len() <= 3 {
		return t.lex.labels[t.words(s)], s.b
	}
	return "", s.b
}

// cvHead reads role and place from the lines about the name.
func (r *reading) cvHead(lines []line, name span, positions []entry, marks []found) {
	t := r.text
	role, located := false, false
	for _, f := range marks {
		switch in := t.lineAt(lines, f.a); {
		case f.a > 250, f.a < name.b && f.b > name.a:
		case in.in != inHeader && in.in != inPersonal:
		case f.tag == titleTag && !role && f.a < 120:
			role, r.role = true, t.shown(f.span)
			r.say("role", r.role, sureLayout, f.span)
		case f.tag == placeTag && !located && !strings.Contains(t.words(in.span), "relocate"):
			located = true
			r.say("location", t.place(f.span), sureLayout, f.span)
		}
	}
	near := 0
	for i, l := range lines {
		if l.heading || l.in != inHeader && l.in != inPersonal && l.in != inSummary && l.in != inObjective {
			if i > 14 {
				break
			}
			continue
		}
		if near++; near > 16 {
			break
		}
		rest := l.span
		if name.b > l.a && name.b <= l.b && name.a >= l.a {
			rest.a = name.b
		}
		for n := rest.a; n < rest.b && !role; n++ {
			if t.tok(n).sign == '|' && n > rest.a { // a headline: the title first, then what it is about
				rest.b = n
				break
			}
		}
		if !role && near < 12 && (l.in == inHeader || l.in == inPersonal) && !l.bullet && rest.len() > 0 && rest.len() <= 16 && !t.sentenceLike(line{cell: cell{span: rest}}) {
			for _, c := range t.chunks(rest) {
				if c.part != titlePart {
					if c.part == datePart {
						break
					}
					continue
				}
				for j := c.title.a + 1; j+1 < c.title.b; j++ {
					if p, ok := t.placeAt(j+1, c.title.b); ok && p.b == c.title.b && t.tok(j).word == "in" {
						c.title.b = j // Engineer in Boston
					}
				}
				if c.title.len() < 9 && t.capitalised(c.title) {
					v := t.shown(c.title)
					r.say("role", v, sureLayout, c.title)
					role = true
				}
				break
			}
		}
		if !located && l.in != inSummary && l.in != inObjective {
			if label, _ := t.labelAt(l.span); label == "age" || label == "name" {
				continue
			}
			if strings.Contains(t.words(l.span), "relocate") {
				continue
			}
			for i := rest.a; i < rest.b; i++ {
				p, ok := t.placeAt(i, rest.b)
				if !ok || t.is(i, isCountry) && p.b < rest.b && t.tok(p.b).word != "" && t.tok(p.b).upper && !t.tok(p.b).digits {
					continue
				}
				if p.b < rest.b && (t.is(p.b, isOrgSuffix|isOrgWord|isSchool|isJob) || t.tok(p.b).word != "" && t.tok(p.b).gap == glued) {
					continue
				}
				r.say("location", t.place(p), sureLayout, p)
				located = true
				break
			}
		}
	}
	if !role {
		for _, e := range positions {
			if e.title.len() > 0 && e.hasDate && e.date.open {
				r.say("role", t.shown(e.title), sureLexicon, e.title)
				break
			}
		}
	}
}

// labelled reads lines such as "Date of birth: …" and "Languages: …".
func (r *reading) labelled(lines []line) {
	t := r.text
	for i, l := range lines {
		if l.heading || l.in != inHeader && l.in != inPersonal && l.in != inOther && l.in != inAwards {
			continue
		}
		label, a := t.labelAt(l.span)
		value := span{a, l.b}
		if label != "" && a >= l.b {
			if n := t.next(lines, i); !n.heading {
				value = n.span
			}
		}
		if label == "" || value.len() == 0 {
			continue
		}
		for value.a < value.b && t.tok(value.a).word == "" {
			value.a++
		}
		switch label {
		case "age":
			if ds := t.dates(value); len(ds) > 0 {
				r.say("background.birthDate", t.shown(ds[0].start), sureLabel, ds[0].start)
			} else if value.len() > 0 && t.tok(value.a).number && len(t.tok(value.a).word) <= 2 {
				r.say("ageRange", t.shown(span{value.a, min(value.b, value.a+3)}), sureLabel, span{value.a, min(value.b, value.a+3)})
			}
		case "gender":
			if g := t.tok(value.a).word; r.lex.genders[g] {
				r.say("gender", t.of(span{value.a, value.a + 1}), sureLabel, span{l.a, value.a + 1})
			}
		case "languages":
			r.tongues(value, sureLabel)
		case "interests":
			for _, s := range t.items(value) {
				r.say("interests.primary", t.shown(s), sureLabel, s)
			}
		case "role":
			if value.len() <= 10 && !r.has["role"] {
				r.say("role", t.shown(value), sureLabel, value)
			}
		case "location":
			for i := value.a; i < value.b; i++ {
				if p, ok := t.placeAt(i, value.b); ok {
					r.say("location", t.place(p), sureLabel, p)
					break
				}
			}
		}
	}
}

// entry is a position or a school as the lines of a CV give it.
type entry struct {
	title, org, place span
	date              date
	hasDate           bool
	degree, school    span
	field             span
	parts             []span // all of them, for the quote
	strong            bool   // the lists know the organisation
	verb              bool   // a verb says what is done: "runs Acme"
	now               bool   // the text speaks of it in the present
}

func (e *entry) empty() bool { return len(e.parts) == 0 }

func (e *entry) take(s span) { e.parts = append(e.parts, s) }

func (e *entry) quote() span {
	q := e.parts[0]
	for _, p := range e.parts[1:] {
		q.a, q.b = min(q.a, p.a), max(q.b, p.b)
	}
	return q
}

// positions reads the entries of the experience sections. An entry is a run of
// head lines (title, organisation, place, dates, in whatever order) with the
// running text under it.
func (r *reading) positions(lines []line) []entry {
	t := r.text
	has := false
	for _, l := range lines {
		has = has || l.heading && l.in == inExperience
	}
	var out []entry
	var cur entry
	body, far := 0, 0
	orgFirst := false
	var waiting, near span // a capitalised line that may be the organisation of what follows, and its place
	flush := func() {
		defer func() { cur, body, far = entry{}, 0, 0 }()
		if cur.empty() {
			return
		}
		if cur.title.len() == 0 && !(cur.hasDate && cur.org.len() > 0 && cur.strong) {
			return
		}
		if !has && !(cur.hasDate && cur.title.len() > 0) {
			return
		}
		if cur.org.len() > 0 && t.noBody(cur.org) {
			if cur.org = (span{}); cur.title.len() == 0 {
				return
			}
		}
		if q := cur.quote(); q.len() > 90 {
			return
		}
		if len(out) == 0 && cur.org.len() > 0 && cur.title.len() > 0 {
			orgFirst = cur.org.a < cur.title.a
		}
		out = append(out, cur)
	}
	for i, l := range lines {
		if l.heading || has && l.in != inExperience || !has && (l.in == inEducation || l.in == inSkills || l.in == inOther) {
			flush()
			waiting = span{}
			continue
		}
		if !l.newline && t.aside(l.span) {
			continue
		}
		cs := t.chunks(l.span)
		if len(cs) == 2 && cs[0].part == plainPart && cs[1].part == placePart && cur.org.len() > 0 && body == 0 {
			cs = []chunk{{span: span{cs[0].a, cs[1].b}, part: placePart}} // Bath, England
		}
		strong, dated, titled := false, false, false
		for _, c := range cs {
			switch c.part {
			case datePart:
				dated = true
			case titlePart:
				titled = true
			case orgPart, schoolPart:
				strong = true
			}
		}
		running := t.sentenceLike(l)
		// "2004-2007 worked as …" is a head line for all its running text.
		head := !running && (dated && (titled || !l.bullet) || titled && !l.bullet || strong && !l.bullet || len(cs) > 0 && cs[0].part == placePart && !cur.empty() && body == 0)
		if running && dated && len(cs) > 0 && (cs[0].part == datePart || titled) && l.len() < 40 && !l.bullet {
			head = true
		}
		if !head {
			plain := !running && !l.bullet && l.len() <= 9 && len(cs) > 0 && (t.capitalised(l.span) || l.gap == paragraph)
			switch {
			case plain && cs[0].part == placePart:
				if cur.empty() && waiting.len() > 0 { // The Copper Ladle / Bristol, England / 2016 …
					near = cs[0].span
					continue
				}
			case plain && !cur.empty() && body == 0 && cur.org.len() == 0 && cs[0].len() <= 7 && (t.capitalised(cs[0].span) || l.gap == paragraph):
				cur.org = cs[0].span
				cur.take(cs[0].span)
				for _, c := range cs[1:] {
					if c.part == placePart && cur.place.len() == 0 {
						cur.place = c.span
						cur.take(c.span)
					}
				}
			case plain && t.capitalised(l.span) && (cur.empty() || l.gap == paragraph || body > 0):
				if !cur.empty() {
					body++
				}
				waiting, near = cs[0].span, span{}
				if len(cs) > 1 && cs[1].part == placePart {
					near = cs[1].span
				}
				continue
			default:
				if !cur.empty() {
					body++
				}
			}
			waiting = span{}
			continue
		}
		if body > 0 {
			// An employer's dates, a line about it, then the title: still one entry.
			late := titled && !dated && cur.title.len() == 0 && cur.hasDate && body <= 3
			if !late {
				flush()
			}
			body = 0
		}
		for n, c := range cs {
			switch c.part {
			case titlePart:
				if cur.title.len() > 0 {
					if n > 0 && !cur.hasDate && c.a-cur.title.b < 4 { // Vice President, Sales Director
						continue
					}
					was := cur
					flush()
					if orgFirst && was.org.len() > 0 && was.org.a < was.title.a && far < 3 {
						cur.org, cur.strong = was.org, was.strong
						cur.take(was.org)
						far++
					}
				}
				cur.title = c.title
				cur.take(c.title)
				if rest := (span{c.title.b, c.b}); rest.len() > 1 && cur.org.len() == 0 && t.tok(rest.a).word != "" && t.orgLike(span{rest.a + 1, rest.b}) {
					if p, ok := t.properAt(rest.a+1, rest.b); ok {
						cur.org, cur.strong = p, true
						cur.take(p)
					}
				}
			case datePart:
				if cur.hasDate {
					if cur.title.len() == 0 && cur.org.len() == 0 {
						cur = entry{}
					} else if n == 0 || !dated {
						flush()
					} else {
						continue
					}
				}
				cur.date, cur.hasDate = c.date, true
				cur.take(c.span)
			case orgPart, schoolPart:
				if cur.org.len() > 0 {
					if cur.strong && cur.title.len() == 0 && !cur.hasDate {
						continue // a division under its company
					}
					if cur.strong && n == 0 {
						flush()
					} else if cur.strong {
						continue
					}
				}
				cur.org, cur.strong = c.span, true
				cur.take(c.span)
			case placePart:
				if cur.place.len() == 0 && !cur.empty() {
					cur.place = c.span
					cur.take(c.span)
				}
			case plainPart:
				// Beside a title or a date an unknown name is the organisation.
				if cur.org.len() == 0 && c.len() <= 7 && t.capitalised(c.span) && !t.is(c.a, isNotName) && !(c.len() == 1 && t.is(c.a, isTitleWord)) && !t.whole(c.span, isHard|isSoft|isTongue) {
					cur.org = c.span
					cur.take(c.span)
				}
			}
		}
		if waiting.len() > 0 && cur.org.len() == 0 && !cur.empty() && i > 0 {
			cur.org = waiting
			cur.take(waiting)
			if near.len() > 0 && cur.place.len() == 0 {
				cur.place = near
				cur.take(near)
			}
		}
		waiting = span{}
	}
	flush()
	return out
}

// aside reports whether a cell within a line is a way of working or a length of
// time: "Full-time", "5 yrs 7 mos".
func (t *text) aside(s span) bool {
	if s.len() == 0 || s.len() > 5 {
		return false
	}
	if t.lex.modes[t.words(s)] || t.lex.modes[strings.ReplaceAll(t.words(s), " ", "-")] {
		return true
	}
	if !t.tok(s.a).number {
		return false
	}
	for i := s.a; i < s.b; i++ {
		switch k := t.tok(i); k.word {
		case "yr", "yrs", "year", "years", "mo", "mos", "month", "months":
		default:
			if !k.number || len(k.word) > 2 {
				return false
			}
		}
	}
	return true
}

// noBody reports whether what stands in an organisation's place names none: a label
// of a form, a lone common noun, a date word, a phrase about the work.
func (t *text) noBody(s span) bool {
	for s.len() > 1 && t.tok(s.b-1).word == "" && t.tok(s.b-1).sign != '.' {
		s.b--
	}
	w := t.tok(s.a).word
	if _, ok := t.lex.labels[t.words(s)]; ok {
		return true
	}
	if t.lex.formWords[t.words(s)] || s.len() > 2 && t.lex.formWords[w] {
		return true
	}
	if s.len() == 1 {
		_, heading := t.lex.headings[w]
		return heading || t.is(s.a, isOrgSuffix|isOrgWord|isSchool|isNow|isDegree|isNotName) && !t.tok(s.a).caps || t.tok(s.a).digits && !t.tok(s.a).upper
	}
	return s.len() > 4 && (strings.HasSuffix(w, "ed") || strings.HasSuffix(w, "ing")) && !t.orgLike(span{s.b - 1, s.b}) || w == "an" || w == "a" || w == "like" || w == "key"
}

// whole reports whether the span is one phrase of the classes.
func (t *text) whole(s span, c class) bool { return s.len() > 0 && t.match(s.a, s.b, c) == s.b }

func (r *reading) sayPosition(e entry) {
	t := r.text
	d := persona.Draft{Path: "career.positions", Detail: persona.Detail{}}
	set := func(part string, s span) string {
		v := ""
		if s.len() > 0 {
			if v = t.shown(s); v != "" {
				d.Detail[part] = v
			}
		}
		return v
	}
	title, org := set("title", e.title), set("organization", e.org)
	if e.place.len() > 0 {
		d.Detail["location"] = t.place(e.place)
	}
	if e.hasDate {
		set("start", e.date.start)
		set("end", e.date.end)
		d.ValidFrom = e.date.startISO
		if !e.date.open {
			d.ValidTo = e.date.endISO
		}
	}
	d.Value = strings.Trim(title+", "+org, ", ")
	d.Confidence = sureLexicon
	if e.hasDate && title != "" && org != "" {
		d.Confidence = sureLayout
	}
	for _, h := range r.held[max(0, len(r.held)-64):] {
		// What was said with more words is not said again with fewer.
		if e.org.len() > 0 && (!e.hasDate || e.title.len() == 0 && h.hasDate && h.date.a == e.date.a) && strings.EqualFold(t.of(h.org), t.of(e.org)) && (e.title.len() == 0 || strings.EqualFold(t.of(h.title), t.of(e.title))) {
			return
		}
	}
	r.held = append(r.held, e)
	q := e.quote()
	r.add(d, t.tok(q.a).start, t.tok(q.b-1).end)
}

// education reads degrees and schools: everywhere in their sections, elsewhere
// only where a line begins with a degree.
func (r *reading) education(lines []line) {
	t := r.text
	var cur entry
	flush := func() {
		if !cur.empty() {
			r.sayEducation(cur)
		}
		cur = entry{}
	}
	idle := 0
	for _, l := range lines {
		inside := l.in == inEducation || l.in == inTraining
		if l.heading {
			flush()
			continue
		}
		outside := l.in == inHeader || l.in == inSummary || l.in == inPersonal || l.in == inOther || l.in == inCertifications || l.in == inAwards
		if !inside && !outside {
			continue
		}
		cs := t.chunks(l.span)
		if outside {
			ok := false
			for n, c := range cs {
				ok = ok || c.part == degreePart && n < 3
			}
			if !ok || t.sentenceLike(l) && l.len() > 30 {
				flush()
				continue
			}
		}
		hit := false
		for n, c := range cs {
			switch c.part {
			case degreePart:
				if cur.degree.len() > 0 {
					if cur.school.len() > 0 && c.a-cur.degree.b < 3 {
						continue
					}
					flush()
				}
				hit = true
				cur.degree, cur.field = t.degreeParts(c)
				cur.take(cur.degree)
				if cur.field.len() > 0 {
					cur.take(cur.field)
				}
				if s, ok := t.schoolWithin(span{max(cur.degree.b, cur.field.b), c.b}); ok && cur.school.len() == 0 {
					cur.school = s
					cur.take(s)
				}
			case schoolPart:
				if l.in == inTraining && cur.degree.len() == 0 && !strings.Contains(t.words(c.span), "universit") {
					continue
				}
				hit = true
				if cur.school.len() > 0 {
					if c.a-cur.school.b < 3 && n > 0 { // Institute of X, University of Y
						continue
					}
					flush()
				}
				cur.school = c.span
				if s, ok := t.schoolWithin(c.span); ok {
					cur.school = s
				}
				cur.take(cur.school)
			case datePart:
				if cur.hasDate {
					flush()
				}
				hit = true
				cur.date, cur.hasDate = c.date, true
				cur.take(c.span)
			case orgPart, plainPart:
				if n > 0 && cur.degree.len() > 0 && cur.field.len() == 0 && cur.school.len() == 0 && c.part == plainPart && c.a-cur.degree.b <= 2 && c.len() <= 6 && t.capitalised(c.span) && t.tok(cur.degree.b).sign != '-' {
					cur.field = c.span
					cur.take(c.span)
				} else if n == 0 && inside && !t.sentenceLike(l) && !l.bullet && cur.degree.len() > 0 && cur.school.len() == 0 && l.gap == paragraph && c.len() <= 7 {
					cur.school = c.span
					cur.take(c.span)
					hit = true
				}
			}
		}
		if hit {
			idle = 0
		} else if idle++; idle > 2 {
			flush()
		}
	}
	flush()
}

// degreeParts tells the degree from its field: "B.E. in ENC", "PhD Physics",
// "Diploma in Law from …".
func (t *text) degreeParts(c chunk) (degree, field span) {
	degree = c.title
	end := c.b
	for i := degree.b; i < c.b; i++ {
		if w := t.tok(i).word; w == "from" || w == "at" || t.is(i, isSchool) && t.tok(i).upper {
			end = i
			for w != "from" && w != "at" && end > degree.b && t.capital(end-1) {
				end--
			}
			break
		}
		if t.tok(i).gap == paragraph {
			end = i
			break
		}
	}
	last := t.tok(degree.b - 1).word
	switch {
	case last == "of" || degree.b < end && (t.tok(degree.b).word == "of" || t.tok(degree.b).word == "and"):
		degree.b = end
		for i := degree.a + 2; i < degree.b-1; i++ {
			if t.tok(i).word == "in" || t.tok(i).word == "with" {
				return span{degree.a, i}, t.trimmed(span{i + 1, end})
			}
		}
	case last == "in" || last == "en":
		field = span{degree.b, end}
		if degree.len() > 1 {
			degree.b--
		}
	case degree.b < end:
		i := degree.b
		for i < end && (t.tok(i).word == "" || t.tok(i).word == "in" || t.tok(i).word == "en" || t.tok(i).word == "degree" || t.tok(i).word == "program" || t.tok(i).word == "hons" || t.tok(i).word == "candidate") {
			if w := t.tok(i).word; w == "degree" || w == "candidate" {
				degree.b = i + 1
			}
			i++
		}
		if i < end && (t.tok(i).upper || t.tok(max(0, i-1)).word == "in") {
			field = span{i, end}
		}
	}
	field = t.trimmed(field)
	if field.len() > 9 {
		field = span{}
	}
	return t.trimmed(degree), field
}

func (t *text) trimmed(s span) span {
	for s.a < s.b && t.tok(s.a).word == "" {
		s.a++
	}
	for s.b > s.a && t.tok(s.b-1).word == "" && t.tok(s.b-1).sign != '.' && t.tok(s.b-1).sign != ')' {
		s.b--
	}
	for s.b > s.a && (t.tok(s.b-1).word == "and" || t.tok(s.b-1).word == "of" || t.tok(s.b-1).word == "the" || t.tok(s.b-1).word == "in") {
		s.b--
	}
	return s
}

// schoolWithin cuts the school's name out of a stretch such as "of Kenyatta University".
func (t *text) schoolWithin(s span) (span, bool) {
	for i := s.a; i < s.b; i++ {
		if !t.capital(i) {
			continue
		}
		if p, ok := t.properAt(i, s.b); ok {
			for j := p.a; j < p.b; j++ {
				if t.is(j, isSchool) {
					return p, true
				}
			}
			i = p.b
		}
	}
	return span{}, false
}

func (r *reading) sayEducation(e entry) {
	t := r.text
	if e.degree.len() == 0 && e.school.len() == 0 {
		return
	}
	if r.marks != nil {
		r.note(degreeMark, e.degree)
		r.note(fieldMark, e.field)
		r.note(schoolMark, e.school)
		return
	}
	q := e.quote()
	if q.len() > 90 {
		return
	}
	if e.school.len() > 0 {
		for _, s := range r.schools[max(0, len(r.schools)-64):] {
			if e.degree.len() == 0 && (e.field.len() == 0 || s.a == e.school.a) && !e.hasDate && strings.EqualFold(t.of(s), t.of(e.school)) {
				return
			}
		}
		r.schools = append(r.schools, e.school)
	}
	d := persona.Draft{Path: "career.education", Detail: persona.Detail{}, Confidence: sureLexicon}
	var shown []string
	for _, p := range []struct {
		name string
		s    span
	}{{"degree", e.degree}, {"field", e.field}, {"institution", e.school}} {
		if p.s.len() > 0 {
			if v := t.shown(p.s); v != "" {
				d.Detail[p.name] = v
				shown = append(shown, v)
			}
		}
	}
	if e.hasDate {
		// A single date is when it ended.
		if e.date.end.len() > 0 || e.date.open {
			d.Detail["start"] = t.shown(e.date.start)
			if e.date.end.len() > 0 {
				d.Detail["end"] = t.shown(e.date.end)
			}
		} else {
			d.Detail["end"] = t.shown(e.date.start)
		}
	}
	if e.degree.len() > 0 && e.school.len() > 0 {
		d.Confidence = sureLayout
	}
	d.Value = strings.Join(shown, ", ")
	r.add(d, t.tok(q.a).start, t.tok(q.b-1).end)
}
