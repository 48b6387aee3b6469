package extract

import (
	"strings"

	"github.com/persona-api/persona-api/internal/persona"
)

// act says what the speaker does for pleasure, or again and again: "I play the
// violin", "I run every morning".
func (r *reading) act(path string, verb int, end int, quote span) bool {
	t := r.text
	v := t.object(span{verb, end})
	if v.len() == 0 {
		return false
	}
	if at := r.habit(v, quote); at == v.a {
		return true
	} else if at > v.a {
		v = t.object(span{v.a, at}) // "play the violin and run every morning"
	}
	if v.len() == 0 {
		return true
	}
	word, next := t.tok(verb).word, t.tok(verb+1).word
	_, gerund := t.doing(verb + 1)
	switch {
	case v.len() == 1:
		if path == "behavior.habits" && word != "smoke" && word != "exercise" && word != "commute" || path != "behavior.habits" && !t.lex.pastimes[strings.TrimSuffix(word, "ing")] && !strings.HasSuffix(word, "ing") {
			return false
		}
	case path == "behavior.habits" && (word == "eat" || word == "drink" || word == "shop" || word == "cook") && (t.is(verb+1, isNotName) || t.lex.vague[next]):
		return false
	case word == "go" && !gerund,
		(word == "read" || word == "watch" || word == "write" || word == "build" || word == "design") && t.is(verb+1, isNotName) && next != "all" && next != "my",
		word == "play" && (next == "for" || next == "as" || next == "in" || next == "on" || next == "by" || next == "at"),
		word == "fish" && next == "for", word == "climb" && next == "in", word == "race" && next == "to":
		return false
	}
	if path == "behavior.habits" {
		if v, ok := t.phraseIn(v); ok && v.len() < 14 {
			r.say(path, t.shown(v), sureLexicon, span{quote.a, v.b})
			return true
		}
		return false
	}
	said := false
	for _, p := range t.likes(v) {
		said = p.len() < 14 && r.like(path, p, sureLexicon, span{quote.a, p.b}) || said
	}
	return said
}

// habit says a clause that tells how often: "swim every morning", "call my mother
// on Sundays", "twice a week". It returns where the clause begins, -1 if there is none.
func (r *reading) habit(v, quote span) int {
	t := r.text
	for i := v.a + 1; i+1 < v.b+2; i++ {
		w, often := t.tok(i).word, 0
		switch {
		case (w == "every" || w == "each") && i+1 < v.b:
			n := i + 1
			if o := t.tok(n).word; o == "single" || o == "other" || o == "few" {
				n++
			}
			if n < v.b && t.lex.frequencies[t.tok(n).word] {
				often = n + 1
			}
		case (w == "once" || w == "twice" || w == "times" || w == "hours" || w == "miles") && t.tok(i+1).word == "a" && i+2 < v.b && t.lex.frequencies[t.tok(i+2).word]:
			often = i + 3
		case w == "on" && i+1 < v.b && strings.HasSuffix(t.tok(i+1).word, "s") && t.lex.frequencies[t.tok(i+1).word]:
			often = i + 2
		case w == "daily" && i < v.b && i > v.a:
			often = i + 1
		}
		if often == 0 || often > v.b {
			continue
		}
		h := span{v.a, often}
		for n := i - 1; n > v.a; n-- {
			if bare, _ := t.doing(n + 1); bare && n+1 < i && (t.tok(n).word == "and" || t.tok(n).sign == ',') {
				h.a = n + 1
				break
			}
		}
		if next := t.tok(often).word; often < v.b && (t.lex.prepositions[next] || next == "until" || next == "and" && t.lex.frequencies[t.tok(often+1).word]) {
			for h.b < v.b && t.tok(h.b).sign != ',' {
				h.b++ // "every morning before coffee"
			}
		}
		if h = t.object(h); h.len() < 2 || h.len() > 18 || t.pointsBack(h) && t.lex.pointers[t.tok(h.a+1).word] {
			return -1
		}
		r.say("behavior.habits", t.shown(h), sureCue, span{quote.a, h.b})
		return h.a
	}
	return -1
}

// abstain says what the speaker does not do: "I don't eat meat".
func (r *reading) abstain(verb, end int, quote span) {
	t := r.text
	v := t.unsaid(span{quote.a, end})
	for v.a < v.b && !strings.HasSuffix(t.tok(v.a).word, "n't") && t.tok(v.a).word != "do" && t.tok(v.a).word != "never" && t.tok(v.a).word != "dont" {
		v.a++
	}
	o := t.object(span{verb + 1, end})
	if v.a >= v.b || o.len() > 4 || o.len() > 0 && (t.pointsBack(o) || t.tok(o.a).word == "a" && t.tok(verb).word != "own" && t.tok(verb).word != "use") || o.len() == 0 && t.lex.vague[t.tok(verb+1).word] {
		return
	}
	switch t.tok(verb).word {
	case "drink", "smoke", "drive":
	default:
		if o.len() == 0 {
			return
		}
	}
	v.b = max(verb+1, o.b)
	r.say("behavior.habits", t.shown(v), sureLexicon, span{quote.a, v.b})
}

// owns reads what follows "I have" and "I own": animals, collections, a business.
func (r *reading) owns(verb, end int, quote span) {
	t := r.text
	if strings.HasSuffix(t.tok(verb).word, "'ve") {
		return // I've always wanted a dog
	}
	if r.degree(verb+1, end, quote) || t.tok(verb).word == "hold" {
		return
	}
	i := verb + 1
	for i < end && (t.tok(i).word == "got" || t.tok(i).word == "also" || t.lex.filler(t.tok(i).word)) {
		i++
	}
	a := i
	if w := t.tok(a).word; w == "a" || w == "an" || w == "my" || w == "the" || w == "own" {
		a++
	}
	b, own := a, t.tok(verb).word == "own"
	for b < end && b < a+7 {
		k := t.tok(b)
		if k.word == "" && k.sign != '-' && k.sign != '\'' || k.word != "" && (t.lex.prepositions[k.word] && !(k.word == "over" && b == a) || k.word == "of" || k.word == "and" || k.word == "that" || k.word == "who" || k.word == "named" || k.word == "called" || k.word == "which" || k.word == "at") {
			break
		}
		b++
	}
	if next := b + 1; t.tok(b).word == "and" && next < end && (t.tok(next).word == "a" || t.tok(next).word == "an" || t.lex.numerals[t.tok(next).word]) {
		defer r.owns(b, end, quote) // two dogs and a cat
	}
	o := t.object(span{a, b})
	if o.len() == 0 || o.len() > 6 || t.pointsBack(o) || t.tok(o.a).word == "no" || t.tok(o.a).word == "never" || strings.HasSuffix(t.tok(o.a).word, "ed") || t.tok(i).word == "the" {
		return
	}
	head := t.tok(o.b - 1).word
	q := span{quote.a, o.b}
	switch {
	case t.lex.pets[head] || o.len() > 1 && t.lex.pets[t.tok(o.a+1).word] && t.tok(o.a).word != "no":
		r.like("interests.secondary", o, sureLexicon, q)
	case head == "collection":
		r.like("interests.primary", o, sureLexicon, q)
	case t.lex.firms[head]:
		if own || t.tok(i).word == "a" || t.tok(i).word == "my" {
			r.say("role", t.shown(span{verb, o.b}), sureLexicon-50, q)
		}
	case own && !t.is(o.b-1, isKin), len(t.tok(o.a).word) > 1 && t.tok(o.a).number && o.len() > 1 && !t.is(o.b-1, isKin) && head != "years" && head != "old" && head != "minutes" && head != "days":
		r.like("interests.secondary", o, sureLexicon, q)
	}
}

// degree reads "an MBA from Front Range University" and says whether it is one.
func (r *reading) degree(i, end int, quote span) bool {
	t := r.text
	if w := t.tok(i).word; w == "a" || w == "an" || w == "my" {
		i++
	}
	b := t.match(i, end, isDegree)
	if b == i {
		return false
	}
	e := entry{degree: span{i, b}, parts: []span{{quote.a, b}}}
	for j := b; j < end && j < b+8; j++ {
		switch t.tok(j).word {
		case "in":
			f := span{j + 1, j + 1}
			for f.b < end && f.len() < 5 && t.tok(f.b).word != "" && !t.lex.prepositions[t.tok(f.b).word] {
				f.b++
			}
			if f = t.object(f); f.len() > 0 {
				e.field, e.parts = f, []span{{quote.a, f.b}}
			}
		case "from", "at":
			if p, ok := t.properAt(j+1, end); ok {
				e.school, e.parts = p, []span{{quote.a, p.b}}
			}
		}
	}
	if e.school.len() == 0 && e.field.len() == 0 {
		return false
	}
	r.sayEducation(e)
	return true
}

// leads reads "I lead procurement at Clearwater Health": what the speaker does, and where.
func (r *reading) leads(verb, end int, quote span) {
	t := r.text
	for j := verb + 2; j < end && j < verb+8; j++ {
		if w := t.tok(j).word; w != "at" && w != "for" {
			continue
		}
		p, ok := t.properAt(j+1, end)
		if !ok || t.whole(p, isPlace|isMonth) {
			return
		}
		if o := t.object(span{verb + 1, j}); o.len() == 0 || t.pointsBack(o) {
			return
		}
		e := entry{org: p, parts: []span{{quote.a, p.b}}, now: true}
		e.seat(t, end)
		r.sayPosition(e)
		if !r.has["role"] {
			r.say("role", t.shown(span{verb, j}), sureLexicon-50, span{quote.a, j})
		}
		return
	}
}

// aim reads "my goal for the next years is to …" from the word goal on.
func (r *reading) aim(ws []said, i int, s span) int {
	t := r.text
	for j := i + 1; j+2 < len(ws) && j < i+9 && ws[j].word != ""; j++ {
		if ws[j].word != "is" || ws[j+1].word != "to" {
			continue
		}
		start := ws[j+2].tok
		o := t.bared(span{start, t.objectEnd(start, s.b)})
		if o.len() < 2 || o.len() > 24 || t.pointsBack(o) && !t.deep(o) {
			return 0
		}
		from := i - 1
		if ws[from].word != "my" {
			from--
		}
		r.say("motivations.goals", t.shown(o), sureCue, span{ws[from].tok, o.b})
		return weights["motivations.goals"]
	}
	return 0
}

// unnamedWork reads where or in what the speaker works when it has no name: "at a
// bank", "in marketing", or the business that is his or her own. A named employer
// is left to the employers' cues.
func (r *reading) unnamedWork(ws []said, subject, to, end int, quote span) {
	t := r.text
	i, last := ws[to-1].tok+1, t.tok(ws[to-1].tok).word
	verb := ws[subject+1].tok
	for n := subject + 1; n < to && t.lex.filler(ws[n].word); n++ {
		verb = ws[n+1].tok
	}
	if _, ok := t.properAt(i, end); ok {
		return
	}
	a, article := i, last == "a" || last == "the" || last == "own"
	switch t.tok(a).word {
	case "a", "an", "the", "my":
		article = true
		a++
	}
	b := a
	for b < end && b < a+6 && (t.tok(b).word != "" && !t.lex.prepositions[t.tok(b).word] && t.tok(b).word != "that" && t.tok(b).word != "and" && t.tok(b).word != "where" && t.tok(b).word != "called" && t.tok(b).word != "now" || t.tok(b).sign == '-' && t.tok(b).gap == glued) {
		b++
	}
	o := t.object(span{a, b})
	if o.len() == 0 || o.len() > 5 || t.pointsBack(o) || t.is(o.a, isNotName) {
		return
	}
	head, q := t.tok(o.b-1).word, span{quote.a, o.b}
	switch t.tok(verb).word {
	case "run", "own", "have":
		if article && t.lex.firms[head] {
			r.say("role", t.shown(span{verb, o.b}), sureLexicon-50, q)
		}
	default:
		switch {
		case article && t.lex.placeNouns[head] && !(o.len() == 1 && t.lex.firms[head] && (head == "company" || head == "business" || head == "firm")):
			v := t.shown(o)
			r.add(persona.Draft{Path: "career.positions", Value: v, Detail: persona.Detail{"organization": v}, Confidence: sureLexicon}, t.tok(q.a).start, t.tok(q.b-1).end)
		case !article && last == "in" && o.len() < 4 && t.tok(o.a).word != "progress":
			r.say("role", t.shown(span{verb, o.b}), sureLexicon-50, q)
		}
	}
}

// bornIn reads "I was born in Riga", "on 3 May 1980", "in 1980".
func (r *reading) bornIn(o, quote span) {
	t := r.text
	for i := max(o.a-1, quote.a); i < o.b && i < o.a+14; i++ {
		if t.lex.prepositions[t.tok(i).word] && t.tok(i).word != "in" && t.tok(i).word != "on" && t.tok(i).word != "at" {
			return
		}
		if t.is(i-1, isKin) {
			return
		}
		if d, ok := t.dateAt(i, o.b); ok && !r.has["background.birthDate"] {
			r.say("background.birthDate", t.shown(d.span), sureCue, span{quote.a, d.b})
			i = d.b - 1
			continue
		}
		if p, ok := r.placeNamed(i, o.b); ok && t.tok(i-1).word == "in" && !r.has["background.birthPlace"] {
			r.say("background.birthPlace", t.place(p), sureCue, span{quote.a, p.b})
			i = p.b - 1
		}
	}
}

// placeNamed returns a place at token i: a known one, or capitalised words.
func (r *reading) placeNamed(i, limit int) (span, bool) {
	t := r.text
	if t.tok(i).word == "the" {
		i++
	}
	if p, ok := t.placeAt(i, limit); ok {
		return p, true
	}
	n := i
	for n < limit && n < i+3 && t.capital(n) && (n == i || t.tok(n).gap == spaced) {
		n++
	}
	return span{i, n}, n > i && !t.is(i, isMonth|isDemonym|isKin|isNotName) && !t.tok(i).digits
}

// plan says what the speaker is about to do with his or her life.
func (r *reading) plan(o, quote span) bool {
	t := r.text
	o, ok := t.phraseIn(o)
	if !ok || o.len() < 2 || o.len() > 24 {
		return false
	}
	w := t.tok(o.a).word
	bare, gerund := t.lex.lifeVerbs[w], false
	if s, ok := strings.CutSuffix(w, "ing"); ok && len(s) > 2 {
		gerund = !t.lex.notGerunds[w] && !t.lex.empty[w] && w != "seeing" && w != "getting" || w == "going" && t.tok(o.a+1).word == "to" || w == "getting" && t.tok(o.a+1).word != "to"
	}
	if w == "be" {
		n := t.tok(o.a + 1).word
		bare = n == "a" || n == "an" || strings.HasSuffix(n, "ed") && n != "excited"
	}
	if !bare && !gerund {
		return false
	}
	r.say("motivations.goals", t.shown(o), sureLexicon, span{quote.a, o.b})
	return true
}

// favourite reads "my favorite food is pizza" and "pizza is my favorite food" at
// token i, the word favourite.
func (r *reading) favourite(i int, s span) bool {
	t := r.text
	from := i - 1
	if t.tok(from).word != "my" {
		from = i - 2 // my all-time, my absolute
		for from > s.a && from > i-5 && t.tok(from).word != "my" {
			from--
		}
		if t.tok(from).word != "my" {
			return false
		}
	}
	verb := i + 1
	for verb < s.b && verb < i+9 && !favours(t.tok(verb).word) {
		if k := t.tok(verb); k.word == "" && k.sign != '-' && k.sign != '\'' || k.word == "about" || k.word == "part" || k.word == "was" {
			verb = s.b
			break
		}
		verb++
	}
	kind := span{i + 1, min(verb, s.b)}
	for n, w := range []string{"to", "of"} {
		for k := kind.a; k < kind.b; k++ {
			if t.tok(k).word == w && (n == 0 || k > kind.a) {
				kind.b = k
			}
		}
	}
	if verb >= s.b || verb >= i+9 {
		return r.favoured(from, i, s)
	}
	a := verb + 1
	if w := t.tok(verb).word; w == "would" || w == "has" || w == "have" {
		a++ // would be, has to be
		if t.tok(a).word == "be" {
			a++
		}
	}
	for a < s.b && (t.lex.filler(t.tok(a).word) && t.tok(a).word != "do" || t.tok(a).word == "maybe" || t.tok(a).word == "to" && !t.capital(a) || t.tok(a).word == "when" || t.tok(a).word == "" && t.tok(a).sign != '"' && t.tok(a).sign != '“') {
		a++
	}
	end := t.objectEnd(a, s.b)
	if open := t.tok(a).sign; open == '"' || open == '“' || open == '\'' {
		// A title in quotation marks is taken whole.
		a++
		for end = a; end < s.b && end < a+14; end++ {
			if k := t.tok(end).sign; k == '"' || k == '”' || k == '.' && t.tok(end+1).gap == glued {
				break
			}
		}
	}
	o := span{a, end}
	if o = t.trimmed(o); o.len() == 0 {
		return false
	}
	label := ""
	if kind.len() > 0 && t.lex.labelled[t.tok(kind.b-1).word] && kind.len() < 4 {
		label = t.shown(span{i, verb + 1}) + " " // a name alone would not tell: "favorite color is blue"
	}
	parts := t.likes(o)
	said := false
	for _, p := range parts {
		if label == "" {
			said = r.like("interests.primary", p, sureCue, span{from, p.b}) || said
			continue
		}
		q, ok := t.phraseIn(p)
		if t.capital(p.a) {
			q, ok = t.object(p), true
		}
		if key := label + t.gist(q); ok && !r.liked[key] && q.len() < 12 {
			if r.liked == nil {
				r.liked = map[string]bool{}
			}
			r.liked[key] = true
			r.say("interests.primary", label+t.shown(q), sureCue, span{from, q.b})
			said = true
		}
	}
	return said
}

// favours reports whether a word is the verb between a favourite and its name.
func favours(w string) bool {
	return w == "is" || w == "are" || w == "would" || w == "has" || w == "have"
}

// favoured reads what stands before "is my favorite".
func (r *reading) favoured(from, i int, s span) bool {
	t := r.text
	verb := from - 1
	for verb > s.a && t.lex.filler(t.tok(verb).word) || t.tok(verb).word == "one" || t.tok(verb).word == "of" {
		verb--
	}
	if w := t.tok(verb).word; w != "is" && w != "are" {
		return false
	}
	a := s.a
	for k := verb - 1; k >= s.a; k-- {
		if c := t.tok(k); c.sign == ',' || c.sign == ';' || c.sign == ':' || c.sign == '.' || c.sign == '!' || c.word == "but" || c.word == "because" || c.word == "think" || c.word == "say" || c.word == "so" {
			a = k + 1
			break
		}
	}
	o := t.trimmed(span{a, verb})
	for o.a < o.b && (t.tok(o.a).word == "and" || t.tok(o.a).word == "yes" || t.tok(o.a).word == "yeah" || t.tok(o.a).word == "oh") {
		o.a++
	}
	if o.len() == 0 || o.len() > 6 || t.lex.selfWords[t.tok(o.a).word] {
		return false
	}
	said := false
	for _, p := range t.likes(o) {
		said = r.like("interests.primary", p, sureLexicon, span{p.a, i + 1}) || said
	}
	return said
}

// kindOf reads "a feminist", "a coffee lover", "a good cook" after "I am": what the
// speaker calls himself or herself.
func (r *reading) kindOf(o, quote span, negated bool) {
	t := r.text
	a := o.a
	for a < o.b && (t.tok(a).word == "a" || t.tok(a).word == "an" || t.tok(a).word == "also" || t.tok(a).word == "actually" || t.tok(a).word == "just" || t.tok(a).word == "very") {
		a++
	}
	b := a
	for b < o.b && b < a+6 && (t.tok(b).word != "" && !t.lex.prepositions[t.tok(b).word] && !t.lex.clauseWords[t.tok(b).word] && t.tok(b).word != "and" && t.tok(b).word != "of" && t.tok(b).word != "that" || t.tok(b).word == "at" && t.tok(b+1).word == "home" || t.tok(b).sign == '-' && t.tok(b).gap == glued) {
		b++
	}
	n := t.object(span{a, b})
	if n.len() == 0 || n.len() > 5 {
		return
	}
	if w := t.tok(b + 1).word; t.tok(b).word == "and" && b+2 < o.b && (w == "a" || w == "an") && !negated {
		defer r.kindOf(span{b + 1, o.b}, quote, false) // a vegan and a night owl
	}
	head, first := t.tok(n.b-1).word, t.tok(n.a).word
	q := span{quote.a, n.b}
	if negated {
		if first == "good" || first == "great" || first == "fast" || first == "strong" {
			v := n
			for v.a > quote.a && t.tok(v.a).word != "not" && t.tok(v.a).word != "isn't" {
				v.a--
			}
			if v.a > quote.a {
				r.say("challenges", t.shown(v), sureLexicon, q)
				return
			}
		}
		return
	}
	bare := n
	for bare.len() > 1 && t.lex.modest[t.tok(bare.a).word] && t.tok(bare.a).word != "good" && t.tok(bare.a).word != "great" && t.tok(bare.a).word != "bad" && t.tok(bare.a).word != "terrible" {
		bare.a++
	}
	switch {
	case head == "major" && n.len() > 1:
		r.sayField(entry{field: span{n.a, n.b - 1}, parts: []span{{quote.a, n.b}}})
	case t.lex.fans[head] && bare.len() > 1 && !(head == "person" && !t.lex.pets[t.tok(bare.b-2).word] && t.tok(bare.b-2).word != "morning" && t.tok(bare.b-2).word != "night"):
		if w := t.tok(bare.b - 2).word; w == "morning" || w == "night" || t.lex.genders[w] || t.is(bare.b-2, isNotName|isFiller) || (head == "guy" || head == "girl" || head == "gal") && bare.len() < 2 {
			if head == "person" {
				r.say("identity.archetypes", t.shown(bare), sureLexicon, q)
				return
			}
			return
		}
		if head == "girl" || head == "guy" || head == "gal" || head == "nut" && bare.len() < 2 {
			return
		}
		r.like("interests.passions", span{bare.a, bare.b - 1}, sureLexicon, q)
	case t.lex.unkinds[head] || t.lex.genders[head] || t.is(n.b-1, isNotName|isDemonym) || t.tok(n.b-1).digits || t.tok(n.a).digits:
		return
	case (first == "good" || first == "great") && n.len() > 1:
		r.say("strengths", t.shown(n), sureLexicon, q)
	case (first == "bad" || first == "terrible") && n.len() > 1:
		r.say("challenges", t.shown(n), sureLexicon, q)
	case t.lex.trades[head], head == "player" && t.contains(n, "professional"):
		r.say("role", t.shown(bare), sureLexicon, q)
	case t.lex.kinds[head], strings.HasSuffix(head, "er") && (t.lex.pastimes[stemmed(head[:len(head)-2])] || t.lex.pastimes[head[:len(head)-1]]), strings.HasSuffix(head, "ist") && len(head) > 5, strings.HasSuffix(head, "arian") && len(head) > 7, strings.HasSuffix(head, "holic"), strings.HasSuffix(head, "vert") && len(head) > 6:
		r.say("identity.archetypes", t.shown(bare), sureLexicon, q)
	}
}

// tools reads a list of which one item is a known skill: the other names in it are
// skills too, "writes TypeScript, Rust and a lot of WebGL".
func (r *reading) tools(o, quote span) {
	t := r.text
	items := t.items(o)
	known := false
	for _, p := range items {
		known = known || t.match(p.a, p.b, isHard) == p.b
	}
	if !known || len(items) < 2 {
		return
	}
	for _, p := range items {
		p = t.bared(p)
		if p.len() > 0 && p.len() < 3 && t.capital(p.a) && !t.is(p.a, isPlace|isTongue|isFirstName|isDemonym|isMonth) {
			r.say("skills.hard", t.shown(p), sureCue, span{quote.a, p.b})
		}
	}
}

// does reads what the subject of a biography does for pleasure: "She keeps bees,
// swims in the sea every morning and plays the cello".
func (r *reading) does(ws []said, i int, s span) {
	t := r.text
	for j := i + 1; j < len(ws); j++ {
		if j > i+1 {
			k := t.tok(ws[j-1].tok)
			if k.sign != ',' && k.word != "and" {
				continue
			}
		}
		for j < len(ws) && (ws[j].word == "and" || t.lex.filler(ws[j].word)) {
			j++
		}
		if j >= len(ws) || !t.lex.leisure[ws[j].word] {
			if j == i+1 {
				return
			}
			continue
		}
		v := span{ws[j].tok, ws[j].tok + 1}
		proper := false
		for v.b < s.b && t.tok(v.b).word != "and" && t.tok(v.b).sign != ',' && t.tok(v.b).sign != '.' && t.tok(v.b).sign != ';' {
			proper = proper || t.capital(v.b) && !t.is(v.b, isMonth|isTongue) && !t.lex.frequencies[t.tok(v.b).word]
			v.b++
		}
		v = t.object(v)
		next := t.tok(v.a + 1).word
		if proper || v.len() > 14 || next == "for" || next == "as" || (ws[j].word == "keeps" || ws[j].word == "plays") && v.len() > 1 && !t.lex.pets[t.tok(v.b-1).word] && next != "the" && ws[j].word == "keeps" || ws[j].word == "plays" && v.len() < 2 {
			continue
		}
		q := span{ws[i].tok, v.b}
		if r.habit(v, q) < 0 {
			r.like("interests.primary", v, sureLexicon, q)
		}
	}
}

// origin says where the speaker is from, or lives without naming it, when nothing
// else tells.
func (r *reading) origin() {
	if r.dwelling.len() > 0 && !r.has["location"] {
		r.say("location", r.shown(r.dwelling), sureLittle, r.dwelt)
	}
	if r.from.len() > 0 && !r.has["location"] {
		p := r.from
		q := p
		for q.a > p.a-5 && r.tok(q.a).word != "i" && !strings.HasPrefix(r.tok(q.a).word, "i'") && r.tok(q.a).word != "im" && q.a > 0 {
			q.a--
		}
		r.say("location", r.place(p), sureGuess, q)
	}
}
