package extract

import "strings"

// life reads what a sentence says of the subject's birth, death, family, homes,
// nationality and party.
func (r *reading) life(s span, sc *scene) {
	t := r.text
	denied := -9
	marries := t.contains(s, "married") || t.contains(s, "marriages")
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
		if k.word == "based" && t.tok(i-1).sign == '-' && k.gap == glued {
			r.basedIn(i, s, sc)
			continue
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
		if k.word == "to" && i > s.a && t.lex.people.turns[t.tok(i-1).word] && sc.at(i).who == subject && marries {
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
	if w := t.tok(i).word; (w == "b" || w == "d") && (t.tok(i-1).sign != '(' || t.tok(end).sign != '.') {
		return
	}
	switch c.shape {
	case "date":
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
		return m // Ann Lee born in …
	}
	return sc.at(i)
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
		noun := t.tok(from-1).word == "death" || t.tok(from-1).word == "passing"
		if k.sign == ';' && !dated || depth < 0 || j > from && t.newThought(j) || noun && t.verbal(j) || k.word == "before" || k.word == "after" {
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
		if n := v.b; path == "background.birthDate" && depth == 0 && (t.tok(n).sign == '–' || t.tok(n).sign == '-' || t.tok(n).sign == '—') && t.tok(i-1).sign == '(' {
			// (born Vera Krohn; 3 May 1901 – 4 June 1977)
			if d, ok := t.lifeDay(n+1, s.b); ok {
				r.say("background.deathDate", t.shown(d), sureForm, span{i, d.b})
			}
		}
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
						v := d.start
						if d.end.len() > 0 {
							v = d.end // between 1911 and 1956, when he died
						}
						r.say(path, t.shown(v), sureForm, span{v.a, i + 1})
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
	if t.tok(i).sign == ',' && t.tok(i+1).word == "in" {
		i++
	}
	if t.tok(i).sign == ',' || t.tok(i).word == "in" {
		if p := t.homeAt(i+1, b.a); p.len() > 0 {
			r.say("background.birthPlace", t.place(p), sureLayout, span{a.a, p.b})
		}
	}
}
