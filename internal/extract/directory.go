package extract

import (
	"strings"
	"unicode/utf8"
)

// directoryEntry is the head of an entry "SURNAME, Given Names, Jr., (son of …), a
// Representative from North Dakota; born in …".
type directoryEntry struct {
	family, given, suffix span
	role                  span
	rest                  int // where the clauses begin
}

// directoryName recognises an entry of a biographical directory.
func (t *text) directoryName() (directoryEntry, bool) {
	var e directoryEntry
	i, n := 0, len(t.toks)
	for i < n && i < 8 && t.tok(i).sign != ',' {
		k := t.tok(i)
		if k.word != "" && !(t.mostlyCaps(k) || t.is(i, isParticle) && !k.upper) {
			return e, false
		}
		if k.word == "" && !strings.ContainsRune("-'’.ʻ ", k.sign) {
			return e, false
		}
		i++
	}
	if i == 0 || i >= n || t.tok(i).sign != ',' {
		return e, false
	}
	e.family = span{0, i}
	i++
	a := i
	for i < n && i < a+14 && t.tok(i).sign != ',' {
		if k := t.tok(i); k.gap >= wide || k.word != "" && !k.upper && !t.is(i, isParticle) {
			return e, false
		}
		i++
	}
	e.given = span{a, i}
	if i >= n || e.given.len() == 0 || !t.follows(a, i) {
		return e, false
	}
	// Jr., remarks in brackets, then "a Representative from …;"
	for i < n && t.tok(i).sign == ',' {
		i++
		if t.is(i, isGeneration) && t.tok(i).upper {
			e.suffix = span{i, i + 1}
			i++
			if i < n && t.tok(i).sign == '.' {
				e.suffix.b++
				i++
			}
			continue
		}
		if i < n && t.tok(i).sign == '(' {
			for i < n && t.tok(i).sign != ')' {
				i++
			}
			i++
			continue
		}
		break
	}
	if i >= n || t.tok(i).word != "a" && t.tok(i).word != "an" && t.tok(i).word != "the" && !t.is(i, isTitle) && t.tok(i).word != "born" {
		return e, false
	}
	role := i
	if t.tok(i).word == "a" || t.tok(i).word == "an" || t.tok(i).word == "the" {
		role++
	}
	for i < n && t.tok(i).sign != ';' && i < role+60 {
		i++
	}
	if t.tok(role).word != "born" {
		e.role = t.trimmed(span{role, i})
	} else {
		i = role
	}
	e.rest = i
	return e, true
}

// mostlyCaps accepts McDONALD and O'NEIL.
func (t *text) mostlyCaps(k *token) bool {
	if k.caps {
		return true
	}
	s := t.s[k.start:k.end]
	upper := 0
	for _, r := range s {
		if strings.ToUpper(string(r)) == string(r) {
			upper++
		}
	}
	n := utf8.RuneCountInString(s)
	return n > 3 && upper*2 > n && s[0] != strings.ToLower(s)[0] || n == 1
}

// directory reads an entry clause by clause.
func (r *reading) directory(e directoryEntry) {
	t := r.text
	name := oneLine(t.of(e.given)) + " " + titleCase(oneLine(t.of(e.family)))
	quote := span{0, e.given.b}
	if e.suffix.len() > 0 {
		name += " " + oneLine(t.of(e.suffix))
		quote.b = e.suffix.b
	}
	r.say("name", name, sureLabel, quote)
	if e.role.len() > 0 {
		role := e.role
		for i := role.a; i < role.b; i++ {
			if t.tok(i).sign == ',' || t.tok(i).sign == '(' {
				role.b = i
				break
			}
		}
		r.say("role", t.shown(role), sureForm, role)
		r.represents(role)
	}
	for a := e.rest; a < len(t.toks); {
		for a < len(t.toks) && t.tok(a).word == "" {
			a++
		}
		b := a
		for b < len(t.toks) && t.tok(b).sign != ';' {
			b++
		}
		if b > a {
			r.clause(span{a, b})
		}
		a = b
	}
}

// represents says the office in "Representative from North Dakota".
func (r *reading) represents(role span) {
	t := r.text
	for i := role.a; i < role.b; i++ {
		if w := t.tok(i).word; (w == "from" || w == "of") && i > role.a {
			d := entry{title: span{role.a, i}, parts: []span{role}}
			place := span{i + 1, role.b}
			if w == "from" {
				d.place = place
			} else {
				d.org = place
			}
			r.sayPosition(d)
			return
		}
	}
}

// clause reads one clause of a directory entry.
func (r *reading) clause(s span) {
	t := r.text
	first := t.tok(s.a).word
	switch first {
	case "born":
		r.life(s, r.scene(s, false))
		ds := t.dates(s)
		if len(ds) > 0 {
			r.say("background.birthDate", t.shown(ds[0].start), sureForm, span{s.a, ds[0].start.b})
		}
		return
	case "died", "interment", "was", "unsuccessful", "resumed", "admitted", "commenced", "engaged", "moved", "interred", "reinterment", "cremated", "declined", "is":
		if first == "was" && s.len() > 2 && (t.tok(s.a+1).word == "graduated" || t.tok(s.a+1).word == "appointed") {
			s.a++
			r.clause(s)
			return
		}
		r.life(s, r.scene(s, false))
		return
	case "elected", "reelected", "appointed":
		r.election(s)
		return
	case "graduated", "attended", "studied", "educated":
		if ds := t.dates(s); len(ds) == 1 {
			r.leading = ds[0] // one date in the clause is the school's
		}
		for i := s.a; i < s.b; i++ {
			if end := r.schooling(i, s); end > i {
				i = end - 1
			}
		}
		r.leading = date{}
		return
	}
	if end := t.degreeAt(s.a, s.b); end > s.a {
		// LL.B., University of Richmond, Richmond, Va., 1931
		e := entry{degree: span{s.a, end}, parts: []span{{s.a, end}}}
		for i := end; i < s.b; i++ {
			if !t.capital(i) {
				continue
			}
			p, ok := t.properAt(i, s.b)
			if !ok {
				continue
			}
			e.school = p
			e.take(p)
			if ds := t.dates(span{p.b, s.b}); len(ds) > 0 {
				e.date, e.hasDate = ds[0], true
				e.take(ds[0].span)
			}
			r.sayEducation(e)
			return
		}
		return
	}
	if first == "served" {
		r.service(s)
		return
	}
	r.tenure(s)
}

// tenure reads "superintendent of schools, Litchville, 1922-1927" and "farmer".
func (r *reading) tenure(s span) {
	t := r.text
	head := -1
	for i := s.a; i < s.b && i < s.a+9; i++ {
		k := t.tok(i)
		if t.is(i, isTitle) || k.word == "member" || k.word == "justice" || k.word == "clerk" {
			head = i
			break
		}
		if k.word == "" && k.sign != '-' || k.digits || k.word == "of" || k.word == "in" || k.word == "to" {
			return
		}
	}
	if head < 0 {
		return
	}
	ds := t.dates(s)
	end := s.b
	for i := head; i < s.b; i++ {
		if k := t.tok(i); k.sign == ',' || k.sign == '(' || k.sign == '.' && !t.abbreviated(i-1) || len(ds) > 0 && i >= ds[0].a || (k.word == "in" || k.word == "from") && len(ds) > 0 && i == ds[0].a-1 {
			end = i
			break
		}
	}
	title := t.trimmed(span{s.a, end})
	if title.len() == 0 || title.len() > 16 {
		return
	}
	e := entry{title: title, parts: []span{title}}
	if len(ds) > 0 {
		e.date, e.hasDate = ds[0], true
		e.take(ds[0].span)
		if p, ok := t.placeAt(min(end+1, s.b-1), ds[0].a); ok {
			e.place = p
			e.take(p)
		}
	} else if title.len() > 8 {
		return
	}
	// governor of North Dakota, member of the State senate: title and body
	for i := head + 1; i < title.b; i++ {
		if t.tok(i).word == "of" && i == head+1 && i+1 < title.b {
			o := span{i + 1, title.b}
			if t.tok(o.a).word == "the" {
				o.a++
			}
			if p, ok := t.placeAt(o.a, s.b); t.whole(o, isPlace) || ok && p.b > o.b {
				e.title, e.place = span{title.a, i}, o
			} else if t.capital(o.a) || t.tok(head).word == "member" {
				e.title, e.org = span{title.a, i}, o
			}
			break
		}
	}
	r.sayPosition(e)
}

// service reads "served in the Union Army 1861-1865".
func (r *reading) service(s span) {
	t := r.text
	for i := s.a + 1; i < s.b && i < s.a+4; i++ {
		if w := t.tok(i).word; w == "in" || w == "with" || w == "on" {
			if p, ok := t.properAt(i+1, s.b); ok && t.orgLike(p) {
				e := entry{org: p, strong: true, parts: []span{{s.a, p.b}}}
				if ds := t.dates(span{p.b, s.b}); len(ds) > 0 {
					e.date, e.hasDate = ds[0], true
					e.take(ds[0].span)
				}
				r.sayPosition(e)
			}
			return
		}
		if t.tok(i).word == "as" {
			r.tenure(span{i + 1, s.b})
			return
		}
	}
}

// election reads "elected as a Republican to the Eighty-second Congress (January 3,
// 1951-January 3, 1953)" and "appointed Assistant Secretary of …, 1953-1961".
func (r *reading) election(s span) {
	t := r.text
	for i := s.a + 1; i+2 < s.b && i < s.a+3; i++ {
		// elected as a Federalist to …
		if w := t.tok(i + 1).word; t.tok(i).word == "as" && (w == "a" || w == "an") && t.lex.people.partisans[t.tok(i+2).word] {
			r.say("background.politicalParties", t.of(span{i + 2, i + 3}), sureForm, span{s.a, i + 3})
		}
	}
	for i := s.a + 1; i < s.b; i++ {
		k := t.tok(i)
		if k.word == "congress" || k.word == "congresses" || k.word == "senate" && t.tok(i-1).word == "states" {
			a := i
			for a > s.a && t.tok(a-1).word != "the" && t.tok(a-1).word != "to" && i-a < 6 {
				a--
			}
			e := entry{org: span{a, i + 1}, strong: true, parts: []span{{s.a, i + 1}}}
			if ds := t.dates(span{i + 1, s.b}); len(ds) > 0 {
				e.date, e.hasDate = ds[0], true
				e.take(ds[0].span)
			} else if k.word == "congress" {
				return
			}
			r.sayPosition(e)
			return
		}
	}
	if t.tok(s.a).word == "appointed" && s.len() > 2 {
		i := s.a + 1
		for i < s.b && (t.tok(i).word == "as" || t.tok(i).word == "a" || t.tok(i).word == "an" || t.tok(i).word == "the") {
			i++
		}
		r.tenure(span{i, s.b})
	}
}
