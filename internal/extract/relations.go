package extract

import (
	"strings"

	"github.com/persona-api/persona-api/internal/persona"
)

// relationWords are the phrases of relations.txt.
type relationWords struct {
	facts   node
	kin     map[string]string // noun for a relative → the field that the name fills
	parties node
}

// peopleWords are the small words by which the grammar of a sentence is told.
type peopleWords struct {
	verbs, prepositions, possessives, naming, articles, things, couple, around, ways, noplaces, aliases, made, likened, offices, ranks, pupils, participles, objects, led, bare, countries, halves, begins, campuses, opposes, joins, firms, boards, learned, breaks, adverbs, leadsTo, bodies, parts, domains, leaders, turns, openers, nobles, banners, fronts, colours, persons, partisans map[string]bool
}

func (lex *lexicon) relationLine(block, s string) {
	w := &lex.relations
	switch block {
	case "facts":
		cols := strings.Split(s, "\t")
		for p := range strings.SplitSeq(cols[2], " | ") {
			n := w.facts.insert(phrase(p))
			n.cues = append(n.cues, &cue{path: cols[0], shape: cols[1]})
		}
	case "kin":
		cols := strings.Split(s, "\t")
		for _, p := range strings.Fields(cols[1]) {
			w.kin[p] = cols[0]
		}
	case "parties":
		for p := range strings.SplitSeq(s, " | ") {
			n := w.parties.insert(phrase(p))
			n.classes = 1
		}
	default:
		set := map[string]*map[string]bool{
			"verbs": &lex.people.verbs, "prepositions": &lex.people.prepositions, "possessives": &lex.people.possessives, "naming": &lex.people.naming,
			"articles": &lex.people.articles, "things": &lex.people.things, "couple": &lex.people.couple, "around": &lex.people.around, "ways": &lex.people.ways, "aliases": &lex.people.aliases, "made": &lex.people.made, "likened": &lex.people.likened, "offices": &lex.people.offices, "ranks": &lex.people.ranks, "pupils": &lex.people.pupils, "participles": &lex.people.participles, "objects": &lex.people.objects, "led": &lex.people.led, "bare": &lex.people.bare, "countries": &lex.people.countries, "halves": &lex.people.halves, "begins": &lex.people.begins, "campuses": &lex.people.campuses, "opposes": &lex.people.opposes, "joins": &lex.people.joins, "firms": &lex.people.firms, "boards": &lex.people.boards, "learned": &lex.people.learned, "breaks": &lex.people.breaks, "adverbs": &lex.people.adverbs, "leads to": &lex.people.leadsTo,
			"bodies": &lex.people.bodies, "parts": &lex.people.parts, "domains": &lex.people.domains, "leaders": &lex.people.leaders, "turns": &lex.people.turns, "openers": &lex.people.openers, "nobles": &lex.people.nobles, "banners": &lex.people.banners, "fronts": &lex.people.fronts, "colours": &lex.people.colours,
			"noplaces": &lex.people.noplaces,
			"persons":  &lex.people.persons, "partisans": &lex.people.partisans,
		}[block]
		if *set == nil {
			*set = map[string]bool{}
		}
		for _, w := range strings.Fields(s) {
			(*set)[w] = true
		}
	}
}

// inverse is what a relation is from the other side.
var inverse = map[string]string{"background.spouses": "background.spouses", "background.parents": "background.children", "background.children": "background.parents"}

// life reads what a sentence says of the subject's birth, death, family, homes,
// nationality and party.
func (r *reading) life(s span, sc *scene) {
	t := r.text
	denied := -9
	for i := s.a; i < s.b; i++ {
		k := t.tok(i)
		if k.word == "" {
			continue
		}
		if t.lex.people.denies(k.word) {
			denied = i
		}
		if t.is(i, isDemonym) || t.lex.people.countries[k.word] && i > s.a && t.tok(i-1).upper && t.lex.people.halves[t.tok(i-1).word] {
			r.nationality(i, s, sc)
		}
		if k.word == "native" || k.word == "natives" {
			r.native(i, s, sc)
		}
		if end := r.partyAt(i, s, sc); end > i {
			i = end - 1
			continue
		}
		if i-denied < 4 {
			continue
		}
		if path, ok := t.lex.relations.kin[k.word]; ok {
			r.kin(path, i, s, sc)
		}
		if k.word == "to" && i > s.a && t.lex.people.turns[t.tok(i-1).word] && sc.at(i).who == subject && (t.contains(s, "married") || t.contains(s, "marriages")) {
			for _, p := range r.namesAfter(i+1, s.b, false) {
				r.sayPerson("background.spouses", p, i)
			}
		}
		cues, end := t.factCue(i, s.b)
		for _, c := range cues {
			r.lifeFact(c, i, end, s, sc)
		}
		if len(cues) > 0 && end > i+1 {
			i = end - 1
		}
	}
}

func (p *peopleWords) denies(w string) bool {
	return w == "not" || w == "never" || strings.HasSuffix(w, "n't") || w == "neither" || w == "nor" || w == "if" || w == "would" || w == "could" || w == "nearly" || w == "almost"
}

// factCue returns the cues of the longest phrase at token i.
func (t *text) factCue(i, limit int) (cues []*cue, end int) {
	n := &t.lex.relations.facts
	for j := i; j < limit; j++ {
		if n = n.next[t.tok(j).word]; n == nil || t.tok(j).word == "" {
			break
		}
		if len(n.cues) > 0 {
			cues, end = n.cues, j+1
		}
	}
	return cues, end
}

// lifeFact says what one cue from i to end states.
func (r *reading) lifeFact(c *cue, i, end int, s span, sc *scene) {
	t := r.text
	who := r.participle(i, s, sc)
	switch c.shape {
	case "date":
		if (t.tok(i).word == "b" || t.tok(i).word == "d") && (t.tok(i-1).sign != '(' || t.tok(end).sign != '.') {
			return
		}
		if c.path == "background.deathDate" && (t.tok(i).word == "death" || t.tok(i).word == "passing") {
			if who = sc.possessor(i); who.span.len() == 0 && who.who != subject {
				return
			}
		}
		if who.who == subject && !r.has[c.path] {
			r.lifeDate(c.path, i, end, s)
		}
	case "dateof":
		if n, ok := t.kinName(end, s.b); ok && r.isSubject(n) && !r.has[c.path] {
			r.lifeDate(c.path, i, n.b, s)
		}
	case "place":
		if who.who == subject && !r.has[c.path] {
			if p := t.bornAt(i, end, s.b); p.len() > 0 {
				r.say(c.path, t.place(p), sureCue, span{min(i, p.a), max(i+1, p.b)})
			}
		}
	case "native":
		if t.tok(i).word == "native" || t.tok(i).word == "natives" || t.tok(i).word == "originally" {
			who = sc.described(i)
		}
		if who.who == subject && !r.has[c.path] {
			if p := t.homeAt(end, s.b); p.len() > 0 {
				r.say(c.path, t.place(p), sureCue, span{i, p.b})
			}
		}
	case "places", "here", "moved":
		if who.who == subject {
			r.homes(c, i, end, s)
		}
	case "person", "people":
		for n, p := range r.namesAfter(end, s.b, c.shape == "people") {
			if who.who == subject && !r.isSubject(p) {
				r.sayPerson(c.path, p, i)
			} else if n == 0 && who.who == another && who.len() > 0 && r.isSubject(p) && c.shape == "person" {
				r.sayPerson(c.path, who.span, p.a)
			}
		}
	case "party":
		if w := t.tok(i).word; w == "under" || w == "for" || w == "with" || w == "from" {
			who = sc.at(i)
		}
		if who.who == subject {
			r.party(i, end, s)
		}
	}
}

// native reads "a Tampa native", "his native Wales", "a native Texan from Waco".
func (r *reading) native(i int, s span, sc *scene) {
	t := r.text
	if r.has["background.birthPlace"] {
		return
	}
	if t.lex.people.possessives[t.tok(i-1).word] && sc.possessor(i).who == subject {
		j := i + 1
		if (t.tok(j).word == "city" || t.tok(j).word == "town" || t.tok(j).word == "village" || t.tok(j).word == "state" || t.tok(j).word == "island") && t.tok(j+1).word == "of" {
			j += 2
		}
		if t.capital(j) {
			if p := t.homeAt(j, s.b); p.len() > 0 && !t.is(p.a, isDemonym|isTongue) {
				r.say("background.birthPlace", t.place(p), sureLexicon, span{i, p.b})
			}
		}
		return
	}
	if t.is(i+1, isDemonym) || t.capital(i+1) && t.tok(i+2).word == "from" {
		if j := i + 2; t.tok(j).word == "from" && sc.described(i).who == subject {
			if p := t.homeAt(j+1, s.b); p.len() > 0 {
				r.say("background.birthPlace", t.place(p), sureCue, span{i, p.b})
			}
			return
		}
	}
	a := i
	for a > s.a && t.capital(a-1) && !t.is(a-1, isNotName) && (a == i || t.tok(a).gap == spaced) && i-a < 3 {
		a--
	}
	if a == i || t.is(a, isDemonym) {
		return
	}
	who := sc.described(a)
	if n, ok := t.personAt(i+1, s.b); ok {
		who = mention{n, another}
		if r.isSubject(n) {
			who.who = subject
		}
	}
	if who.who == subject {
		r.say("background.birthPlace", t.place(span{a, i}), sureLexicon, span{a, i + 1})
	}
}

// participle is whom a verb form at token i speaks of: an apposition's noun where
// it stands behind a name, else the subject of the clause.
func (r *reading) participle(i int, s span, sc *scene) mention {
	t := r.text
	switch t.tok(i - 1).sign {
	case ',', '(', '–', '—', '-', ';', '[':
		if i > s.a {
			if m, ok := sc.behind(i); ok {
				return m
			}
			// "(Arabic: …; born 1950)" after the name
			for j := i - 1; j > s.a && j > i-40; j-- {
				if t.tok(j).sign == ')' {
					break
				}
				if t.tok(j).sign == '(' {
					if m, ok := sc.behind(j); ok {
						return m
					}
					break
				}
			}
		}
	}
	if w := t.tok(i).word; w == "member" || w == "native" || w == "resident" || w == "leader" || w == "secretary" || w == "chairman" || w == "president" || w == "founder" || w == "candidate" || w == "politician" || w == "activist" {
		return sc.described(i)
	}
	if m, ok := sc.behind(i); ok && t.tok(i-1).word != "" && t.lex.people.participles[t.tok(i).word] {
		return m // Mr. Whitney born in …
	}
	return sc.at(i)
}

// possessor is whose a noun at token i is: "his death", "Ann's death".
func (sc *scene) possessor(i int) mention {
	t := sc.t
	p := i - 1
	for p > sc.s.a && p > i-8 && (t.tok(p).word != "" && (p > i-5 || t.tok(p+1).sign == '/') || t.tok(p).sign == '/' || t.tok(p).sign == '-') && !t.tok(p).upper && !t.lex.people.possessives[t.tok(p).word] {
		p--
	}
	if p < sc.s.a {
		return mention{who: another}
	}
	if w := t.tok(p).word; p == sc.s.a && (w == "his" || w == "her") && !sc.own {
		return mention{who: subject}
	}
	switch w := t.tok(p).word; {
	case w == "my":
		return mention{span{p, p + 1}, subject}
	case w == "our" || w == "your" || w == "its":
		return mention{who: another}
	case t.lex.people.possessives[w]:
		// "He met Jim and his wife": whose she is stands beside her. Their son is
		// the subject's too.
		if w == "their" {
			return sc.at(p)
		}
		if m, ok := sc.behind(p); ok {
			return m
		}
		if t.tok(p-1).word == "and" || t.tok(p-1).word == "with" {
			if m, ok := sc.behind(p - 1); ok {
				return m
			}
		}
		m := sc.at(p)
		if o, ok := sc.nearest(p); ok && m.who == another && m.len() == 0 {
			return o
		}
		return m
	case strings.HasSuffix(w, "'s") || t.tok(p+1).word == "" && (t.tok(p+1).sign == '\'' || t.tok(p+1).sign == '’'):
		for _, m := range sc.mentions {
			if m.a <= p && p < m.b {
				return m
			}
		}
		return mention{span{p, p + 1}, another}
	}
	return mention{who: another}
}

// lifeDate says the first date behind a cue.
func (r *reading) lifeDate(path string, i, from int, s span) {
	t := r.text
	depth := 0
	for j := from; j < s.b && j < from+26; j++ {
		k := t.tok(j)
		switch k.sign {
		case '(':
			depth++
		case ')':
			depth--
		}
		_, dated := t.dateAt(j+1, s.b)
		if k.sign == ';' && !dated || depth < 0 || j > from && t.newThought(j) {
			break
		}
		v, ok := t.lifeDay(j, s.b)
		if !ok {
			continue
		}
		if c := t.circa(v.a, from); c < v.a {
			v.a = c
		}
		r.say(path, t.shown(v), sureForm, span{i, v.b})
		return
	}
	// "On 4 May 1912 he was born in …"; "geboren" closes its clause.
	if w := t.tok(i).word; w == "born" || w == "died" || w == "geboren" || w == "né" || w == "née" || w == "gestorben" || w == "verstarb" || w == "starb" {
		begin := s.a
		for j := i - 1; j > s.a && j > i-14; j-- {
			if t.tok(j).sign == ';' || t.tok(j).sign == '(' {
				begin = j
				break
			}
		}
		if w == "born" || w == "died" {
			if t.tok(i-2).word == "when" || t.tok(i-2).word == "where" {
				// "until 27 June 2009, when he died"
				for j := max(s.a, i-9); j < i-2; j++ {
					if d, ok := t.dateAt(j, i); ok && d.b >= i-4 {
						r.say(path, t.shown(d.start), sureForm, span{d.start.a, i + 1})
						return
					}
				}
				return
			}
			if d := t.leadingDate(s); d.len() > 0 && i-d.b < 9 && d.end.len() == 0 {
				r.say(path, t.shown(d.start), sureForm, span{d.start.a, i + 1})
			}
			return
		}
		if ds := t.dates(span{max(begin, i-10), i}); len(ds) > 0 {
			d := ds[len(ds)-1].start
			r.say(path, t.shown(d), sureForm, span{d.a, i + 1})
		}
	}
}

// lifeDay reads a single date at token i; in a life, years go back before 1200.
func (t *text) lifeDay(i, limit int) (span, bool) {
	if d, ok := t.dateAt(i, limit); ok {
		v := d.start
		if t.is(v.a, isSince|isUntil) {
			v.a++
		}
		return v, true
	}
	old := func(j int) bool {
		return j < limit && t.tok(j).number && len(t.tok(j).word) >= 3 && len(t.tok(j).word) <= 4 && t.tok(j).word < "1200" && t.tok(j+1).sign != '%'
	}
	if _, ok := dayOfMonth(t.tok(i)); ok && t.lex.months[t.tok(i+1).word] > 0 && old(i+2) {
		return span{i, i + 3}, true
	}
	if t.lex.months[t.tok(i).word] > 0 {
		if _, ok := dayOfMonth(t.tok(i + 1)); ok && t.tok(i+2).sign == ',' && old(i+3) {
			return span{i, i + 4}, true
		}
		if old(i + 1) {
			return span{i, i + 2}, true
		}
		// July 27: the year is not said
		if _, ok := dayOfMonth(t.tok(i + 1)); ok && t.tok(i).upper {
			return span{i, i + 2}, true
		}
	}
	if old(i) && (t.tok(i-1).word == "died" || t.tok(i-1).word == "born" || t.tok(i-1).word == "in") && !t.lex.people.prepositions[t.tok(i+1).word] {
		return span{i, i + 1}, true
	}
	return span{}, false
}

// newThought reports whether another statement begins at token j.
func (t *text) newThought(j int) bool {
	switch t.tok(j).word {
	case "he", "she", "who", "died", "moved", "son", "daughter", "studied", "graduated", "attended", "served", "when":
		return true
	case "and", "but":
		return t.tok(j-1).sign == ',' || t.verbal(j+1)
	}
	return false
}

// circa moves the beginning of a date over "c.", "ca.", "circa", "about".
func (t *text) circa(a, limit int) int {
	b := a
	if b > limit && t.tok(b-1).sign == '.' {
		b--
	}
	if b > limit {
		switch t.tok(b - 1).word {
		case "c", "ca", "circa", "about", "around":
			return b - 1
		}
	}
	return a
}

// bornAt finds the place in "born on 4 May 1950 in Y", "born 1954, Y, Z", "born Y 7 June 1914".
func (t *text) bornAt(i, from, limit int) span {
	if t.tok(i).word == "geboren" {
		// wurde am 7. April 1972 in Wismar geboren
		for j := i - 1; j > 0 && j > i-5; j-- {
			if w := t.tok(j - 1).word; w == "in" || w == "bei" {
				return t.homeAt(j, i)
			}
		}
	}
	for j := from; j < limit && j < from+14; j++ {
		k := t.tok(j)
		if d, ok := t.dateAt(j, limit); ok && d.len() > 0 {
			j = d.start.b - 1
			// 1954, Westport, Connecticut
			if n := j + 1; t.tok(n).sign == ',' && t.capital(n+1) && !t.is(n+1, isMonth|isHonorific) {
				if p := t.homeAt(n+1, limit); p.len() > 0 && !t.sayer(p.b) {
					return p
				}
			} else if t.tok(i-1).sign == '(' && t.capital(n) && !t.is(n, isMonth) {
				if p := t.homeAt(n, limit); p.len() > 0 {
					return p
				}
			}
			continue
		}
		switch k.word {
		case "in", "at", "near", "aus", "à", "en", "outside":
			if p := t.homeAt(j+1, limit); p.len() > 0 {
				return p
			}
		case "on":
			if t.match(j+1, limit, isPlace) > j+1 || t.is(j+3, isNotName) || t.tok(j+2).word == "island" {
				if p := t.homeAt(j+1, limit); p.len() > 0 {
					return p
				}
			}
		case "the", "of", "to", "and", "raised", "as", "day", "am", "el", "le", "de":
		case "son", "daughter", "he", "she", "who", "died", "moved", "is", "was", "but":
			return span{}
		default:
			if k.sign == ';' || k.sign == ')' || k.sign == '–' {
				return span{}
			}
			if j == from && t.capital(j) && !t.is(j, isMonth) && t.tok(i).word == "born" && t.tok(i-1).sign == '(' {
				if p := t.homeAt(j, limit); p.len() > 0 {
					n := p.b
					if t.tok(n).sign == ',' {
						n++
					}
					if d, ok := t.dateAt(n, limit); ok && d.a == n && (n == p.b || t.match(p.a, p.b, isPlace) > p.a) {
						return p
					}
				}
			}
		}
	}
	return span{}
}

// sayer reports whether a verb follows: what stands before it is its subject.
func (t *text) sayer(i int) bool { return t.verbal(i) || t.tok(i).word == "who" }

// homeAt reads a place at token i: a known one or capitalised words, and the larger
// places that follow it after commas.
func (t *text) homeAt(i, limit int) span {
	for i < limit && (t.lex.people.articles[t.tok(i).word] || t.lex.people.around[t.tok(i).word]) && !t.tok(i).upper {
		// "the village of X", "the San Francisco Bay Area", "nearby X"
		i++
	}
	if i >= limit || !t.capital(i) || t.is(i, isMonth|isSeason|isHonorific) && t.match(i, limit, isPlace) == i {
		return span{}
	}
	if t.tok(i).word == "the" {
		i++
	}
	run := func(i int) int {
		known := t.match(i, limit, isPlace)
		n := i
		for n < limit && n < i+5 {
			k := t.tok(n)
			if t.capital(n) && (n == i || k.gap == spaced || k.gap == glued && t.tok(n-1).sign == '-') && !t.is(n, isMonth) && !(n > i && t.is(n, isNotName) && !t.lex.people.around[k.word]) {
				n++
				continue
			}
			if n > i && (k.sign == '-' && k.gap == glued || k.sign == '.' && k.gap == glued && t.abbreviated(n-1)) && t.capital(n+1) {
				n++
				continue
			}
			if n > i && (k.word == "am" || k.word == "im" || k.word == "de" || k.word == "of" && t.tok(n-1).word != "university" || k.word == "an" || k.word == "upon" || k.word == "sur" || k.word == "del" || k.word == "la" || k.word == "on" && known <= i) && t.capital(n+1) && !t.is(n+1, isMonth) {
				n++
				continue
			}
			break
		}
		for n > i && t.tok(n-1).word == "" {
			n--
		}
		if m := t.match(n, limit, isAbbreviatedRegion); m > n && known >= n && t.capital(n) {
			n = m
		}
		return max(n, known)
	}
	if t.is(i, isDemonym) && t.capital(i+1) && t.match(i, limit, isPlace) == i && t.match(i+1, limit, isPlace) > i+1 {
		i++ // the Spanish Canary Islands
	}
	b := run(i)
	if t.capital(b) && t.lex.people.noplaces[t.tok(b).word] {
		return span{} // Purchase Street
	}
	if b == i || t.orgNamed(span{i, b}) {
		return span{}
	}
	for n := 0; n < 3 && t.tok(b).sign == ',' && b+1 < limit && t.capital(b+1); n++ {
		e := t.match(b+1, limit, isAbbreviatedRegion)
		if e > b+1 {
			if t.tok(e).sign == '.' && t.tok(e).gap == glued && (t.tok(e+1).sign == ',' || t.tok(e+1).word != "" && !t.tok(e+1).upper) {
				e++
			}
		} else {
			e = run(b + 1)
		}
		known := t.match(b+1, limit, isPlace|isAbbreviatedRegion) > b+1
		if e == b+1 || t.orgNamed(span{b + 1, e}) || !known && (t.sayer(e) || t.is(b+1, isFirstName|isHonorific|isNotName|isMonth)) || t.sayer(e) && t.tok(e).word != "and" && !known {
			break
		}
		if !known && t.tok(e).sign != ',' && t.tok(e).sign != ')' && t.tok(e).sign != '.' && t.tok(e).word == "" {
			break
		}
		b = e
	}
	return span{i, b}
}

// orgNamed reports whether the last words of a run name an organisation.
func (t *text) orgNamed(s span) bool {
	for i := s.a; i < s.b; i++ {
		if t.is(i, isOrgSuffix|isOrgWord|isSchool) && t.tok(i).upper && !t.lex.people.around[t.tok(i).word] && t.match(s.a, s.b, isPlace) < s.b {
			return true
		}
	}
	return false
}

// homes reads where somebody lives, has lived or moved.
func (r *reading) homes(c *cue, i, end int, s span) {
	t := r.text
	w := t.tok(i).word
	if p := t.tok(i - 1).word; c.shape != "here" && (p == "to" && t.tok(i-2).word != "used" && t.tok(i-2).word != "before" && t.tok(i-2).word != "forced" || p == "will") {
		return // wants to move to Oslo
	}
	if c.shape == "moved" {
		// moved the label to X, moved into sales, moved to X United
		if k := t.tok(end); k.word != "" && !t.lex.people.ways[k.word] {
			return
		}
	}
	if w == "call" || w == "calls" {
		if p := t.homeAt(end, s.b); p.len() > 0 && t.tok(p.b).word == "home" {
			r.home(c, p, i)
		}
		return
	}
	said := false
	if t.tok(end).word == "there" || w != "based" && c.shape != "here" && r.whereBefore(i, s) {
		if p := t.placeBefore(i, s.a); p.len() > 0 {
			r.say("background.residences", t.place(p), sureLexicon, span{p.a, end})
		}
		if t.tok(end).word != "there" {
			return
		}
	}
	begin := end
	if t.lex.people.prepositions[t.tok(end-1).word] {
		begin = end - 1 // resident of
	}
	for j := begin; j < s.b && j < end+22; j++ {
		k := t.tok(j)
		if k.sign == '(' && t.lex.people.prepositions[t.tok(j-1).word] {
			k = t.tok(j - 1)
		} else if k.sign == ';' || k.sign == ':' || k.sign == '(' {
			return
		}
		if said && k.sign != 0 && k.sign != ',' {
			return
		}
		if k.word == "of" && j > end && t.tok(j-1).word == "outside" {
			continue
		}
		if !said && (k.word == "studied" || k.word == "graduated" || k.word == "attended" || k.word == "worked" || k.word == "where" || k.word == "while") {
			return
		}
		if j > end && (t.verbal(j) && k.word != "raised" && k.word != "worked" || k.word == "who" || k.word == "which" || k.word == "he" || k.word == "she" || k.word == "before") {
			return
		}
		switch k.word {
		case "in", "near", "to", "from", "around", "outside", "at", "of", "on", "à", "en", "between", "into", "throughout", "for":
		default:
			continue
		}
		switch {
		case k.word == "of" && !(w == "resident" || w == "residents" || w == "hometown"), k.word == "at" && c.shape != "here", k.word == "for", (k.word == "from" || k.word == "to") && c.shape == "here",
			k.word == "from" && w != "moved" && w != "moving" && w != "relocated" && w != "emigrated" && w != "immigrated" && w != "migrated",
			w == "came" && k.word != "to", w == "spent" && t.tok(j-1).sign == 0 && !t.timeSpent(end, j), w == "stayed" && k.word != "in":
			continue
		}
		list := t.homeList(j+1, s.b)
		if said && (k.word == "at" || k.word == "of" || k.word == "on" || k.word == "for") || t.tok(j+1).word == "" {
			continue
		}
		for _, p := range list {
			if t.tok(p.b).sign == '\'' || strings.HasSuffix(t.tok(p.b-1).word, "'s") || t.is(p.a, isTitle|isDemonym) && !t.whole(p, isPlace) || t.noHome(p) {
				continue
			}
			if k.word == "at" && t.match(p.a, s.b, isPlace) == p.a {
				continue
			}
			r.home(c, p, i)
			said = true
			j = p.b - 1
		}
	}
}

// noHome reports whether a run of capitalised words in a place's position names a
// club, a castle's owner or an office instead.
func (t *text) noHome(p span) bool {
	for i := p.a; i < p.b; i++ {
		if t.lex.people.noplaces[t.tok(i).word] && t.match(p.a, p.b, isPlace) < p.b {
			return true
		}
	}
	return false
}

// whereBefore reports whether "where he" or "where she had" stands before a verb.
func (r *reading) whereBefore(i int, s span) bool {
	for j := i - 1; j >= s.a && j > i-4; j-- {
		if r.tok(j).word == "where" {
			return true
		}
	}
	return false
}

// placeBefore returns the last place that a preposition leads to before token i.
func (t *text) placeBefore(i, limit int) span {
	for j := i - 1; j > limit; j-- {
		if w := t.tok(j - 1).word; w != "in" && w != "to" && w != "at" && w != "near" {
			continue
		}
		if p := t.homeAt(j, i); p.len() > 0 && !t.noHome(p) && !t.is(p.a, isDemonym|isMonth|isTitle) {
			return p
		}
	}
	return span{}
}

// timeSpent reports whether "spent … in X" tells of time.
func (t *text) timeSpent(a, b int) bool {
	for ; a < b; a++ {
		switch t.tok(a).word {
		case "years", "year", "childhood", "youth", "life", "months", "time", "decade", "decades", "early", "summers", "winters", "adolescence":
			return true
		}
	}
	return false
}

// homeList reads the places of a list: "Bryne, Montreal and Aukra".
func (t *text) homeList(i, limit int) []span {
	var out []span
	for i < limit && len(out) < 8 {
		p := t.homeAt(i, limit)
		if p.len() == 0 {
			break
		}
		i = p.b
		out = append(out, t.partedHomes(p)...)
		if t.tok(i).sign == ',' {
			i++
		}
		switch t.tok(i).word {
		case "and", "or", "&", "und", "y", "et":
			i++
		case "as":
			if t.tok(i+1).word == "well" && t.tok(i+2).word == "as" {
				i += 3
				continue
			}
			return out
		case "then", "later":
			i++
			for t.tok(i).word == "to" || t.tok(i).word == "in" || t.tok(i).word == "later" {
				i++
			}
			continue
		default:
			if t.tok(i).sign == '&' {
				i++
				continue
			}
			return out
		}
		for t.tok(i).word == "in" || t.tok(i).word == "later" || t.tok(i).word == "then" || t.tok(i).word == "to" {
			i++
		}
		if t.personal(i, limit) {
			return out
		}
	}
	return out
}

// partedHomes parts what commas join where "and" goes on: "Bergen, Ghent and Turin"
// are three places, "Split, Croatia" is one.
func (t *text) partedHomes(p span) []span {
	n := p.b
	if t.tok(n).sign == ',' {
		n++
	}
	if w := t.tok(n).word; w != "and" && w != "or" || !t.capital(n+1) && t.tok(n+1).word != "the" {
		return []span{p}
	}
	var out []span
	a := p.a
	for i := p.a; i < p.b; i++ {
		if t.tok(i).sign == ',' && t.match(i+1, p.b, isRegion|isCountry|isAbbreviatedRegion) == i+1 {
			out = append(out, span{a, i})
			a = i + 1
		}
	}
	return append(out, span{a, p.b})
}

// personal reports whether a name at token i is a person's.
func (t *text) personal(i, limit int) bool {
	n, ok := t.personAt(i, limit)
	return ok && t.is(n.a, isFirstName|isHonorific) && t.verbal(n.b)
}

func (r *reading) home(c *cue, p span, from int) {
	path, conf := "background.residences", sureCue
	if c.path == "location" && !r.has["location"] {
		path = "location"
	}
	if c.shape == "moved" {
		conf = sureLexicon
	}
	if r.seen["location\x00"+persona.FieldAt("location").Key(r.place(p), nil)] {
		return // it is said already that it is home now
	}
	r.say(path, r.place(p), conf, span{from, p.b})
}

// kin reads "his wife Ann", "the son of A and B", "two sons, A and B", "is Ann's husband".
func (r *reading) kin(path string, i int, s span, sc *scene) {
	t := r.text
	if i+1 < s.b && t.tok(i+1).word == "of" || t.tok(i+1).word == "to" && (t.capital(i+2) || t.is(i+2, isTitle)) && (t.tok(i).word == "wife" || t.tok(i).word == "husband" || t.tok(i).word == "father" || t.tok(i).word == "mother") {
		who := sc.described(t.phraseFrom(i, s.a))
		names := r.namesAfter(i+2, s.b, true)
		for n, p := range names {
			switch {
			case who.who == subject && !r.isSubject(p):
				if path == "background.spouses" && n > 0 {
					break
				}
				r.sayPerson(inverse[path], p, i)
			case who.who == another && who.len() > 0 && t.capital(who.a) && r.isSubject(p):
				r.sayPerson(path, who.span, i)
			}
		}
		return
	}
	who := sc.possessor(i)
	few := t.fewBefore(i, s.a)
	if who.len() == 0 && who.who == another {
		if !few {
			return
		}
		if who = sc.at(i); sc.own && t.tok(who.a).word == "we" {
			who.who = subject // we have two sons
		}
		if w := t.tok(i).word; path != "background.children" && !(path == "background.parents" && w == "parents") {
			return
		}
	}
	names := r.kinNames(i+1, s.b, path, strings.HasSuffix(t.tok(i).word, "s") || t.tok(i).word == "children")
	if len(names) == 0 {
		// "He is Ann's husband", "Gennaro, his son,"
		if who.who == another && who.len() > 0 && t.capital(who.a) && strings.HasSuffix(t.tok(who.b-1).word, "'s") && t.lex.copulas[t.tok(who.a-1).word] && sc.at(i).who == subject {
			r.sayPerson(inverse[path], who.span, i)
			return
		}
		if m, ok := sc.behind(t.phraseFrom(i, s.a)); ok && m.len() > 0 && t.capital(m.a) && t.lex.people.possessives[t.tok(t.phraseFrom(i, s.a)).word] && (t.tok(t.phraseFrom(i, s.a)-1).sign == ',' || sc.own) {
			if r.isSubject(m.span) {
				return
			}
			if o, ok := sc.nearest(m.a); !ok || o.who == subject {
				r.sayPerson(path, m.span, i+1)
			}
		}
		return
	}
	for _, p := range names {
		if r.isSubject(p) {
			// "Ann's son, Jim": the subject is who belongs to her.
			if who.who == another && who.len() > 0 && t.capital(who.a) && (strings.HasSuffix(t.tok(who.b-1).word, "'s") || t.tok(who.b).sign == '\'' || t.tok(who.b).sign == '’') {
				r.sayPerson(inverse[path], who.span, p.a)
			}
			return
		}
	}
	for _, p := range names {
		if who.who == subject {
			r.sayPerson(path, p, i)
		}
	}
}

// phraseFrom walks left over the words before a noun to the beginning of its phrase.
func (t *text) phraseFrom(i, limit int) int {
	for i > limit {
		k := t.tok(i - 1)
		adjective := strings.HasSuffix(k.word, "ed") && !t.lex.people.verbs[k.word] && t.lex.people.articles[t.tok(i-2).word]
		if k.word == "" && !(k.sign == '-' && k.gap == glued) || k.upper || k.word == "and" || t.verbal(i-1) && !adjective || t.lex.people.prepositions[k.word] || t.lex.copulas[k.word] && k.word != "a" && k.word != "an" && k.word != "the" {
			break
		}
		i--
	}
	return i
}

// fewBefore reports whether "a", "two", "three" or the like stands before a noun.
func (t *text) fewBefore(i, limit int) bool {
	for p := i - 1; p >= limit && p > i-4; p-- {
		switch w := t.tok(p).word; {
		case w == "a" || w == "one" || w == "two" || w == "three" || w == "four" || w == "five" || w == "six" || w == "seven" || w == "eight" || w == "2" || w == "3" || w == "4" || w == "5" || w == "parents":
			return true
		case w == "":
			return false
		}
	}
	return t.tok(i).word == "parents" && t.tok(i-1).word == "to"
}

// kinNames reads the names that follow a noun for relatives.
func (r *reading) kinNames(i, limit int, path string, many bool) []span {
	t := r.text
	n, ok := t.kinName(i, limit)
	if !ok {
		return nil
	}
	return r.nameList(n, limit, many, path)
}

// namesAfter reads the names behind a verb or "of", over titles and the words that
// describe who is named.
func (r *reading) namesAfter(i, limit int, many bool) []span {
	t := r.text
	for n := 0; i < limit && n < 12; n++ {
		k := t.tok(i)
		switch {
		case t.capital(i) && !t.abbreviation(i) && !t.is(i, isHonorific|isDemonym) && !(t.is(i, isTitle|isTitleWord) && t.capital(i+1)) && !t.is(i, isMonth):
			if t.attributive(i) {
				i++
				continue
			}
			p, ok := t.givenAt(i, limit)
			if !ok || t.tok(p.b).sign == '\'' || t.tok(p.b).sign == '’' {
				return nil
			}
			return r.nameList(p, limit, many, "background.spouses")
		case t.capital(i) && t.abbreviation(i), k.word == "and" && !t.capital(i+1) && n > 0 && !t.verbal(i+1) && !t.lex.people.possessives[t.tok(i+1).word]:
			i++
		case k.sign == ',' && n < 6, k.sign == ':', k.sign == '.' && t.is(i-1, isHonorific), k.sign == '-' && k.gap == glued, k.sign == '(' && n > 0:
			i++
		case n == 0 && (k.word == "on" || k.word == "in" || k.word == "for" || k.word == "since" || k.word == "at"):
			// was married on 4 May 1884 to Ann, for ten years to Ann
			j := i + 1
			for j < limit && j < i+10 && t.tok(j).word != "to" && (!t.verbal(j) || t.tok(j).word == "now") && t.tok(j).word != "and" {
				j++
			}
			if t.tok(j).word != "to" {
				return nil
			}
			i = j + 1
		case k.word == "" || t.lex.people.prepositions[k.word] && k.word != "to" && k.word != "with", t.verbal(i), k.word == "in" || k.word == "on" || k.word == "at" || k.word == "who" || k.word == "when" || k.word == "and" || t.is(i, isMonth) || k.digits:
			return nil
		default:
			i++
		}
	}
	return nil
}

// nameList goes on from a first name over commas and "and". What describes who is
// named may stand between: "John Lee, a banker, and his wife Ann".
func (r *reading) nameList(n span, limit int, many bool, kin string) []span {
	t := r.text
	out := []span{n}
	for many && len(out) < 12 {
		i := t.afterBrackets(n.b, limit)
		if t.tok(i).word == "of" && t.capital(i+1) {
			for i++; i < limit && t.capital(i); i++ { // Samuel Lowe of Peamore
			}
		}
		sep, and := false, false
		for i < limit && (t.tok(i).sign == ',' || t.tok(i).sign == '&' || t.tok(i).word == "and" || t.tok(i).sign == ';') {
			sep = true
			and = and || t.tok(i).word == "and" || t.tok(i).sign == '&'
			i++
		}
		if !sep {
			break
		}
		next, ok := t.nextNamed(i, limit, and, kin)
		if !ok && !and {
			// an apposition before the next one
			for j := i; j < limit && j < i+12; j++ {
				if w := t.tok(j).word; t.verbal(j) || w == "who" || w == "which" || t.tok(j).sign == ';' || t.tok(j).sign == '.' && !t.abbreviated(j-1) {
					break
				} else if w == "and" && (t.tok(j-1).sign == ',' || t.capital(j-1) && (t.tok(i).digits || t.lex.people.nobles[t.tok(i).word])) {
					next, ok = t.nextNamed(j+1, limit, true, kin)
					break
				}
			}
		}
		if !ok {
			break
		}
		n = next
		out = append(out, n)
	}
	return out
}

func (t *text) afterBrackets(i, limit int) int {
	for t.tok(i).sign == '(' && i < limit {
		depth := 0
		for ; i < limit; i++ {
			if t.tok(i).sign == '(' {
				depth++
			} else if t.tok(i).sign == ')' {
				if depth--; depth == 0 {
					break
				}
			}
		}
		i++
	}
	return i
}

// nextNamed reads the next name of a list at token i; last is the one behind "and".
func (t *text) nextNamed(i, limit int, last bool, kin string) (span, bool) {
	begin := i
	for i < limit && i < begin+7 {
		k := t.tok(i)
		if t.is(i, isHonorific) || k.sign == '.' && t.is(i-1, isHonorific) || t.is(i, isDemonym) && t.capital(i+1) {
			i++
			continue
		}
		if last && t.is(i, isKin) && t.lex.relations.kin[k.word] != kin {
			return span{}, false // and half brother of …
		}
		if last && !k.upper && k.word != "of" && (t.lex.people.possessives[k.word] || t.lex.relations.kin[k.word] == kin && kin != "" || t.is(i, isTitle|isTitleWord) || t.lex.people.naming[k.word] && k.word != "by" || k.word == "second" || k.word == "third" || k.word == "first" || kin == "background.spouses" && k.word != "" && !t.verbal(i) && !t.lex.people.prepositions[k.word] && !t.lex.people.breaks[k.word] || k.sign == ',' && t.lex.relations.kin[t.tok(i-1).word] != "" || k.sign == '-' && k.gap == glued) {
			i++
			continue
		}
		if t.tok(i).sign == '(' && i > begin {
			i = t.afterBrackets(i, limit)
			continue
		}
		break
	}
	if i >= limit || !t.capital(i) {
		return span{}, false
	}
	n, ok := t.givenAt(i, limit)
	if !ok || (t.is(n.a, isTitle) || t.lex.people.nobles[t.tok(n.a).word]) && n.len() == 1 || t.match(n.a, limit, isPlace) >= n.b {
		return n, false
	}
	if t.verbal(n.b) && !last {
		return n, false
	}
	return n, true
}

func (r *reading) sayPerson(path string, p span, from int) {
	if !r.capital(p.a) || r.tok(p.a).word == "i" || r.lex.thirds[r.tok(p.a).word] {
		return
	}
	v := strings.TrimSuffix(strings.TrimSuffix(r.person(p), "'s"), "’s")
	r.say(path, v, sureCue, span{min(from, p.a), max(p.b, from+1)})
}

// nationality reads the demonym in "is an American painter", "the Lebanese singer X".
func (r *reading) nationality(i int, s span, sc *scene) {
	t := r.text
	k := t.tok(i)
	if !k.upper && !r.subjectIs(i, s, sc) || k.word == "native" {
		return
	}
	whole := span{i, i + 1}
	if t.tok(i-1).sign == '-' && t.tok(i).gap == glued {
		return
	}
	if t.tok(i+1).sign == '-' && t.tok(i+1).gap == glued {
		if !t.is(i+2, isDemonym) {
			return // German-born
		}
		whole.b, i = i+3, i+2 // Nigerian-British
	}
	// The noun that the demonym describes must be a person's, unless it is said of
	// the subject at once: "is a …".
	from := t.phraseFrom(whole.a, s.a)
	article := t.tok(from).word == "a" || t.tok(from).word == "an" || t.tok(from).word == "the"
	said := article && t.lex.copulas[t.tok(from-1).word]
	if m, ok := sc.behind(from); ok && article && t.tok(from).word != "the" && m.who == subject {
		said = true
	}
	head := -1
	for j := i + 1; j < s.b && j < i+9; j++ {
		w := t.tok(j)
		if t.is(j, isTitle) || t.lex.people.persons[w.word] {
			head = j
			break
		}
		if w.word == "" && w.sign != '-' && w.sign != ',' || w.word == "of" || w.word == "in" || w.word == "for" || w.word == "who" || t.verbal(j) && !t.is(j, isTitleWord) && !strings.HasSuffix(w.word, "ed") && t.tok(j-1).sign != '-' || t.is(j, isMonth) {
			break
		}
	}
	last := i + 1
	if t.tok(last).word == "and" && t.is(last+1, isDemonym) {
		last += 2
	}
	if next := t.tok(last).word; next == "citizen" || next == "citizenship" || next == "national" || next == "nationality" {
		head = last
	}
	if head < 0 && said {
		head = i
	}
	if head < 0 {
		return
	}
	if w := t.tok(i + 1).word; t.is(i, isTongue) && (w == "teacher" || w == "professor" || w == "tutor" || w == "instructor" || w == "translator" || w == "lecturer" || w == "interpreter" || w == "major" || w == "language" || w == "literature") {
		return
	}
	for j := i + 1; j <= head || head == i && j < i+5 && t.capital(j); j++ {
		if p, ok := t.partyName(j, s.b); ok {
			j = p.b - 1
			continue
		}
		if t.capital(j) && t.is(j, isOrgWord|isSchool|isOrgSuffix) {
			return
		}
	}
	who := sc.described(from)
	// "the American painter Ann Lee": the name follows the noun.
	if n, ok := t.personAt(head+1, s.b); ok && head > i && t.tok(head+1).word != "" {
		who = mention{n, another}
		if r.isSubject(n) {
			who.who = subject
		}
	} else if a := from; who.len() == 0 && who.who != subject || t.lex.people.prepositions[t.tok(a-1).word] && t.tok(a-1).word != "as" {
		return
	} else if !t.lex.copulas[t.tok(a-1).word] && t.tok(a-1).word != "" && t.tok(a-1).word != "as" && t.tok(a-1).word != "and" && t.tok(a-1).word != "been" && t.tok(a-1).word != "be" && t.tok(a-1).word != "becoming" && !said && head != last && a > s.a {
		return // met an American painter
	}
	if who.who == subject {
		if w := t.tok(whole.a - 1).word; t.tok(whole.a-1).upper && t.lex.people.halves[w] {
			whole.a-- // South African
		}
		r.say("background.nationalities", t.of(whole), sureCue, span{whole.a, max(whole.b, head+1)})
	}
}

// subjectIs reports whether "is a" stands before the phrase of token i.
func (r *reading) subjectIs(i int, s span, sc *scene) bool {
	return r.lex.copulas[r.tok(r.phraseFrom(i, s.a)-1).word] && sc.at(i).who == subject
}

// partyName returns the party whose name begins at token i.
func (t *text) partyName(i, limit int) (span, bool) {
	n := &t.lex.relations.parties
	end := i
	for j := i; j < limit && t.tok(i).upper; j++ {
		if t.tok(j).word == "" {
			if j > i && t.tok(j).gap == glued {
				continue
			}
			break
		}
		if n = n.next[t.tok(j).word]; n == nil {
			break
		}
		if n.classes > 0 {
			end = j + 1
		}
	}
	if !t.capital(i) || t.is(i, isMonth|isNotName) {
		return span{}, false
	}
	p, ok := t.properAt(i, limit)
	if k := t.tok(p.b); ok && (k.sign == '\'' || k.sign == '’') && k.gap == glued && t.capital(p.b+1) {
		// Harbour Workers' Party
		if q, more := t.properAt(p.b+1, limit); more {
			p.b = q.b
		}
	}
	if ok {
		for j := p.a; j < p.b; j++ {
			if w := strings.TrimSuffix(t.tok(j).word, "'s"); (w == "party" || w == "partei" || w == "partido" || w == "parti") && (j > p.a || j+1 < p.b) {
				b := j + 1
				if w := t.tok(b).word; (w == "of" || w == "for") && t.capital(b+1) {
					b = p.b
					if q, ok := t.properAt(b+1, limit); ok && w == "for" && b == j+1 {
						b = q.b
						if t.tok(b).word == "and" && t.capital(b+1) && t.tok(b+2).sign != 0 {
							b += 2
						}
					}
				}
				if j == p.a || w != "party" {
					b = p.b
				}
				return span{p.a, max(b, end)}, true
			}
		}
	}
	if end > i && t.tok(end).word == "party" {
		end++
	}
	if end == i && ok && p.len() > 1 {
		// Democratic Left Alliance, National Salvation Front, Sweden Democrats
		colour := false
		for j := p.a; j < p.b; j++ {
			w := t.tok(j).word
			if j > p.a && (t.lex.people.banners[w] || colour && t.lex.people.fronts[w]) {
				return span{p.a, max(j+1, p.b)}, true
			}
			colour = colour || t.lex.people.colours[w]
		}
	}
	return span{i, end}, end > i
}

// party says the party behind a cue.
func (r *reading) party(i, end int, s span) {
	t := r.text
	for j := end; j < s.b && j < end+7; j++ {
		k := t.tok(j)
		if k.word == "" && k.sign != '-' || t.verbal(j) && j > end {
			return
		}
		if !t.capital(j) {
			continue
		}
		for j < s.b && t.is(j, isDemonym) && t.capital(j+1) {
			if p, ok := t.partyName(j, s.b); ok && p.b > j+1 {
				break
			}
			j++
		}
		p, ok := t.partyName(j, s.b)
		if !ok {
			return
		}
		r.sayParty(p, i, s)
		return
	}
}

func (r *reading) sayParty(p span, from int, s span) {
	t := r.text
	r.say("background.politicalParties", strings.TrimSuffix(strings.TrimSuffix(t.shown(p), "'s"), "’s"), sureCue, span{min(from, p.a), p.b})
	if t.tok(p.b).sign == '(' && t.tok(p.b+2).sign == ')' && t.tok(p.b+1).caps {
		r.say("background.politicalParties", t.of(span{p.b + 1, p.b + 2}), sureLexicon, span{min(from, p.a), p.b + 2})
	}
	// joined the Labour Party and the Greens
	j := p.b
	if t.tok(j).word == "and" || t.tok(j).sign == ',' {
		for j < s.b && (t.tok(j).word == "and" || t.tok(j).sign == ',' || t.tok(j).word == "the" || t.tok(j).word == "later") {
			j++
		}
		if q, ok := t.partyName(j, s.b); ok && !t.verbal(q.b) && (q.len() > 1 || !t.lex.people.banners[t.tok(q.a).word]) {
			r.say("background.politicalParties", t.shown(q), sureLexicon, span{min(from, p.a), q.b})
		}
	}
}

// partyAt reads a party that stands before an office ("a Labour Party politician",
// "Republican senator") or after a name ("(D-TX)").
func (r *reading) partyAt(i int, s span, sc *scene) int {
	t := r.text
	p, ok := t.partyName(i, s.b)
	if !ok {
		// Democratic senator
		if w := t.tok(i + 1).word; !t.lex.people.colours[t.tok(i).word] || !t.tok(i).upper || t.tok(i+1).upper && t.tok(i+1).word != "mp" || w != "member" && w != "politician" && w != "senator" && w != "candidate" && w != "representative" && w != "congressman" && w != "congresswoman" && w != "mp" && w != "mps" && w != "governor" && w != "councillor" && w != "mayor" && w != "leader" && w != "legislator" && w != "nominee" && w != "peer" {
			return i
		}
		p = span{i, i + 1}
	}
	if r.inParty(p, s, sc) {
		return p.b
	}
	head := -1
	for j := t.afterBrackets(p.b, s.b); j < s.b && j < p.b+10; j++ {
		if t.is(j, isTitle) || t.lex.people.persons[t.tok(j).word] || t.tok(j).word == "candidate" || t.tok(j).word == "nominee" {
			head = j
			break
		}
		if w := t.tok(j).word; w == "" || t.verbal(j) || w == "of" || w == "in" || w == "and" {
			break
		}
	}
	a := p.a
	for a > s.a && t.is(a-1, isDemonym) {
		a-- // an English Tory
	}
	a = t.phraseFrom(a, s.a)
	prev := t.tok(a - 1).word
	standsFor := t.lex.people.partisans[t.words(p)]
	if head < 0 && !(standsFor && (t.lex.copulas[prev] || prev == "as" || prev == "," || t.tok(a-1).sign == ',')) {
		return i
	}
	who := sc.described(a)
	if head >= 0 {
		if n, ok := t.personAt(head+1, s.b); ok && t.tok(head+1).word != "" {
			who = mention{n, another}
			if r.isSubject(n) {
				who.who = subject
			}
		} else if t.lex.people.prepositions[prev] && prev != "as" && prev != "by" {
			return i
		}
	}
	if who.who != subject {
		return i
	}
	r.say("background.politicalParties", t.shown(p), sureCue, span{p.a, max(p.b, head+1)})
	return p.b
}

// inParty reads a party that stands behind a preposition or a verb of the subject's
// clause: "was elected for the X Party", "ran on the X Party ticket".
func (r *reading) inParty(p, s span, sc *scene) bool {
	t := r.text
	if p.len() < 2 && !t.tok(p.a).caps || sc.at(p.a).who != subject {
		return false
	}
	known := false
	for j := p.a; j < p.b; j++ {
		known = known || t.tok(j).word == "party"
	}
	if n := &t.lex.relations.parties; !known {
		for j := p.a; j < p.b && n != nil; j++ {
			if t.tok(j).word != "" {
				n = n.next[t.tok(j).word]
			}
		}
		known = n != nil && n.classes > 0
	}
	if !known || t.lex.people.opposes[t.tok(p.b).word] || t.personal(p.b+1, s.b) {
		return false
	}
	from := -1
	for j := p.a - 1; j >= s.a && j > p.a-14; j-- {
		k := t.tok(j)
		if t.lex.people.opposes[k.word] || k.sign == ';' || t.lex.people.breaks[k.word] && k.word != "since" && k.word != "also" && k.word != "who" && k.word != "before" && k.word != "after" || k.word == "party" {
			return false
		}
		if t.lex.people.joins[k.word] || t.isOffice(j) || t.lex.people.persons[k.word] {
			from = j
			break
		}
	}
	if from < 0 {
		return false
	}
	r.sayParty(p, from, s)
	return true
}

// lifeBrackets reads the brackets after the name: "(8 July 1893, Warsaw – 28 November 1942)".
func (r *reading) lifeBrackets(name, all span) {
	t := r.text
	j := name.b
	if t.tok(j).sign == ',' {
		j++
	}
	for n := 0; n < 4 && j < all.b && t.tok(j).sign == '('; n++ {
		end := t.afterBrackets(j, all.b)
		if end-j < 70 {
			r.lifeBracket(span{j + 1, end - 1})
		}
		j = end
	}
}

func (r *reading) lifeBracket(in span) {
	t := r.text
	for i := in.a; i < in.b; i++ {
		if w := t.tok(i).word; w == "born" || w == "died" || w == "geboren" || w == "né" || w == "née" || w == "nacido" || w == "nacida" || w == "flourished" || w == "fl" || w == "reigned" {
			return // read where the words are
		}
	}
	ds := t.dates(in)
	if len(ds) == 0 || len(ds) > 2 {
		return
	}
	a, b := ds[0].start, ds[0].end
	if len(ds) == 2 {
		b = ds[1].start
		if ds[0].end.len() > 0 {
			return
		}
		dash := false
		for i := a.b; i < b.a; i++ {
			dash = dash || strings.ContainsRune("-–—/‐", t.tok(i).sign) && t.tok(i).sign != 0
		}
		if !dash {
			return
		}
	}
	if b.len() == 0 {
		return
	}
	if c := t.circa(a.a, in.a); c < a.a {
		a.a = c
	}
	if c := t.circa(b.a, a.b); c < b.a {
		b.a = c
	}
	r.say("background.birthDate", t.shown(a), sureLayout, span{a.a, b.b})
	r.say("background.deathDate", t.shown(b), sureLayout, span{a.a, b.b})
	i := a.b
	if t.tok(i).sign == ',' || t.tok(i).word == "in" {
		if p := t.homeAt(i+1, b.a); p.len() > 0 {
			r.say("background.birthPlace", t.place(p), sureLayout, span{a.a, p.b})
		}
	}
}
