package extract

import "strings"

// relations reads employers, offices and schools out of a sentence.
func (r *reading) relations(s span, sc *scene) {
	t := r.text
	r.leading = t.leadingDate(s)
	denied := -9 // where "not" or "never" stood
	for i := s.a; i < s.b; i++ {
		k := t.tok(i)
		if k.word == "" {
			continue
		}
		if k.word == "never" || k.word == "not" || strings.HasSuffix(k.word, "n't") {
			denied = i
		}
		if i-denied < 5 {
			continue
		}
		if k.word == "as" && i > s.a && (t.lex.stages[t.tok(i-1).word] || t.lex.stages[t.tok(i-2).word]) {
			if n := r.workedAs(i-1, i, s); n > i { // first as a letter cutter at X
				i = n - 1
				continue
			}
		}
		if t.lex.people.pupils[k.word] && sc.described(t.titleBefore(i, s.a)).who == subject {
			if end := r.schooling(i, s); end > i {
				i = end - 1
				continue
			}
		}
		if t.isOffice(i) || k.word == "member" || k.word == "members" || k.word == "veteran" || k.word == "fellow" || k.word == "head" || k.word == "partner" || k.word == "associate" || k.word == "justice" || k.word == "lead" && t.tok(max(0, i-1)).word != "to" {
			a := t.titleBefore(i, s.a)
			for x := a; x < i; x++ {
				// "NASA astronaut": the list of title words may have swallowed the name
				if t.bodyLike(span{x, x + 1}) && t.tok(x).upper && !t.is(x, isTitle|isTitleWord) {
					a = x + 1
				}
			}
			if a < i && t.capital(i-1) && t.capital(a-1) && (!k.upper || t.lex.people.leaders[k.word]) && t.is(i-1, isOrgWord|isOrgSuffix|isSchool) {
				a = i // Norden Systems spokeswoman
			}
			if r.bodyBefore(a, i, s, sc) {
				continue
			}
			if sc.described(t.titleBefore(i, s.a)).who != subject {
				continue
			}
			if n := r.office(i, s); n > i {
				i = n - 1
				continue
			}
		}
		if k.word == "at" || k.word == "for" {
			if end := r.occupied(i, s, sc); end > i {
				i = end - 1
				continue
			}
		}
		if k.word == "by" && r.ledBy(i, s, sc) {
			continue
		}
		if k.word == "of" || k.word == "at" {
			if end := r.affiliation(i, s, sc); end > i {
				i = end - 1
				continue
			}
		}
		if r.participle(i, s, sc).who != subject {
			continue
		}
		if end := r.schooling(i, s); end > i {
			i = end - 1
			continue
		}
		if end := r.employment(i, s); end > i {
			i = end - 1
			continue
		}
	}
}

// leadingDate reads "From 1998 to 2006 she worked …" and "Since 2007 …".
func (t *text) leadingDate(s span) date {
	a := s.a
	if a < s.b && (t.tok(a).word == "in" || t.tok(a).word == "between") {
		a++
	}
	if d, ok := t.dateAt(a, s.b); ok && d.a <= a+1 {
		return d
	}
	return date{}
}

// when gives an entry the date after its last word, or the one that leads the sentence.
func (r *reading) when(e *entry, i, limit int) {
	if e.date, e.hasDate = r.dateNear(i, limit); e.hasDate {
		if end, ok := r.untilYear(e.date, limit); ok {
			e.date.end, e.date.endISO = end, r.tok(end.a).word
			e.take(end)
		}
		e.take(e.date.span)
	} else if r.leading.len() > 0 {
		e.date, e.hasDate = r.leading, true
		e.take(r.leading.span)
		r.leading = date{} // it dates what comes first
	}
}

// untilYear finds the end in "in 2003 and held that post until her retirement in 2018".
func (r *reading) untilYear(d date, limit int) (span, bool) {
	t := r.text
	if d.end.len() > 0 || d.open {
		return span{}, false
	}
	for j := d.b; j < limit && j < d.b+8; j++ {
		if t.tok(j).word != "until" && t.tok(j).word != "till" {
			continue
		}
		for n := j + 1; n < limit && n < j+7; n++ {
			if _, ok := year(t.tok(n)); ok {
				return span{n, n + 1}, true
			}
		}
	}
	return span{}, false
}

// office reads "chief editor of the Baltic Review from 2003 to 2009" at its head i.
func (r *reading) office(i int, s span) int {
	t := r.text
	a := t.titleBefore(i, s.a)
	p := a - 1
	for p >= s.a && (t.tok(p).word == "a" || t.tok(p).word == "an" || t.tok(p).word == "the" || t.tok(p).word == "its" || t.tok(p).word == "first" || t.tok(p).word == "their" || t.is(p, isDemonym) || t.tok(p).word == "former" || t.lex.people.ranks[t.tok(p).word]) {
		p--
	}
	// "as a visualization engineer": unknown words belong to the title as far as an article.
	for q := p; q > s.a && q > p-3 && a-q < 4 && t.tok(q).word != "" && !t.tok(q).upper && !t.lex.holds[t.tok(q).word] && !t.is(q, isPronoun|isFiller|isKin|isNotName) && t.tok(q+1).gap <= spaced; q-- {
		if w := t.tok(q - 1).word; w == "a" || w == "an" {
			a, p = q, q-1
			for p >= s.a && (t.tok(p).word == "a" || t.tok(p).word == "an") {
				p--
			}
			break
		}
	}
	if p >= s.a && t.tok(p).word != "" && !r.lex.holds[t.tok(p).word] {
		return i
	}
	now := p >= s.a && (t.lex.present[t.tok(p).word] || t.tok(p).word == "as" && t.lex.present[t.tok(p-1).word])
	its := t.tok(a-1).word == "its"
	if p >= s.a && (t.tok(p).sign == '(' || t.tok(p).sign == '"') {
		return i
	}
	if p > s.a && t.tok(p).word == "to" && t.tok(p-1).word != "promoted" && t.tok(p-1).word != "appointed" && t.tok(p-1).word != "elected" {
		return i
	}
	if p > s.a && t.tok(p).word == "of" && t.tok(p-1).word != "position" && t.tok(p-1).word != "role" && t.tok(p-1).word != "title" && t.tok(p-1).word != "office" && t.tok(p-1).word != "post" {
		return i
	}
	// founder and CEO of X: what the last is of, the first is of too.
	j := i + 1
	for j < s.b && j < i+10 {
		n := j
		for n < s.b && (t.tok(n).sign == ',' || t.tok(n).sign == '/' || t.tok(n).sign == '&' || t.tok(n).word == "and" || t.tok(n).word == "or") {
			n++
		}
		if n == j {
			break
		}
		m := n
		for m < s.b && m < n+4 && (t.is(m, isTitleWord) || t.tok(m).sign == '-' || t.lex.people.ranks[t.tok(m).word]) && !t.is(m, isTitle) {
			m++
		}
		if m >= s.b || !t.is(m, isTitle) {
			break
		}
		j = m + 1
	}
	title := span{a, i + 1}
	if its && len(r.held) > 0 && r.held[len(r.held)-1].org.len() > 0 && t.tok(j).word != "of" && t.tok(j).word != "at" {
		// joined X … became its director in 2003
		org := r.held[len(r.held)-1].org
		if i-org.b < 30 {
			e := entry{title: title, org: org, parts: []span{org, title}, now: now}
			r.when(&e, title.b, s.b)
			r.sayPosition(e)
			return max(title.b, e.date.b)
		}
	}
	for t.tok(j).sign == '-' && t.tok(j).gap == glued && t.tok(j+1).word != "" {
		j += 2 // Secretary-General
	}
	title.b = j // founder and CEO
	field, bodies := r.bodiesOf(j, s.b, t.lex.people.learned[t.tok(i).word])
	title.b = max(title.b, field)
	last := i
	var led span // At Acme he was country manager
	if t.tok(s.a).word == "at" && i-s.a < 14 {
		if o, ok := t.bodyName(s.a+1, s.b); ok && !t.whole(o, isPlace) && t.tok(o.a).upper {
			led = o
		}
	}
	if len(bodies) == 0 && led.len() > 0 {
		bodies = append(bodies, body{span: led})
	}
	for _, b := range bodies {
		e := entry{title: title, parts: []span{title, b.span}, now: now}
		if b.place || t.lex.people.seats[t.tok(i).word] && !t.bodyLike(b.span) {
			if e.place = b.span; led.len() > 0 {
				e.org = led
				e.take(led)
			}
		} else {
			e.org = b.span
			e.seat(t, s.b)
		}
		r.when(&e, b.b, s.b)
		r.sayPosition(e)
		last = b.b
	}
	return last
}

// body is what a title or a verb leads to: an organisation, or a place.
type body struct {
	span
	place bool
}

// bodiesOf reads the organisations of a title that ends before token j: "of Ocean
// Engineering at the University of X", "at A, B and C", "of the Order of Y in Z". What
// stands before "at" is the field; it returns where that ends, 0 if there is none.
// The learned have fields ("professor of History"), where others have organisations.
func (r *reading) bodiesOf(j, limit int, learned bool) (field int, out []body) {
	t := r.text
	prep, lower := "", 0
	begin := j
	for n := j; n < limit && n < j+34; {
		k := t.tok(n)
		if d, ok := t.dateAt(n, limit); ok && d.a == n {
			n = d.b
			continue
		}
		switch {
		case k.sign == '(':
			n = t.afterBrackets(n, limit)
			continue
		case k.sign == ',':
			ahead := t.atAhead(n+1, limit)
			if o, ok := t.bodyName(n+1, limit); ok && len(out) == 0 && prep == "" && n == begin && (t.orgLike(o) && !t.personal(n+1, limit)) && !ahead {
				prep = "," // President, Acme Corp
			} else if !ahead || len(out) > 0 {
				return field, out
			}
			n++
			continue
		case k.word == "":
			if k.sign == '\'' || k.sign == '’' || k.sign == '/' || k.sign == '-' || k.sign == '&' || k.sign == '"' || k.sign == '“' {
				n++
				continue
			}
			return field, out
		case t.lex.people.breaks[k.word] || t.verbal(n) && !t.lex.people.adverbs[k.word]:
			return field, out
		case t.lex.people.leadsTo[k.word]:
			prep, lower = k.word, 0
			n++
			continue
		case t.lex.people.articles[k.word] || k.word == "der" || k.word == "la" || k.word == "le" || k.word == "various" || k.word == "several":
			n++
			continue
		}
		o, ok := t.bodyName(n, limit)
		if prep != "" && t.is(n, isDemonym) && t.tok(n+1).word != "" && !t.tok(n+1).upper && t.lex.people.bodies[t.tok(n+1).word] {
			o, ok = span{n, n + 2}, true // the Ukrainian parliament
		}
		if !ok {
			if prep == "" && (n > begin || t.isOffice(n)) && k.word != "" && !t.lex.people.adverbs[k.word] && k.word != "emeritus" && k.word != "and" {
				return field, out
			}
			if lower++; lower > 9 {
				return field, out
			}
			if learned && (prep == "of" || prep == "for" || prep == "in") && t.atAhead(n, limit) {
				field = n + 1
			}
			n++
			continue
		}
		if k.word == "emeritus" || k.word == "emerita" {
			n++
			continue
		}
		if prep == "" {
			if w := t.tok(n - 1); n > begin && (w.sign == '/' || w.sign == '&' || w.word == "and") && t.is(o.b-1, isTitle|isTitleWord) {
				n = o.b // Vice President/General Counsel at X
				continue
			}
			return field, out
		}
		if q, ok := t.partyName(n, limit); ok {
			n = q.b // belongs to background.politicalParties
			if len(out) == 0 && t.tok(n).word != "and" && t.tok(n).sign != ',' {
				return field, out
			}
			continue
		}
		if m := t.boardEnd(o); m > 0 {
			// a member of the Board of Directors of X
			if m >= o.b {
				field, n, prep = o.b, o.b, ""
				continue
			}
			for field, o.a = m, m; t.tok(field-1).word == "of" || t.tok(field-1).word == "the" || t.tok(field-1).word == "at"; {
				field--
			}
		}
		ahead := t.atAhead(o.b, limit)
		place := t.whole(o, isPlace)
		if pl, ok := t.placeAt(o.a, limit); ok && pl.b >= o.b {
			place = true
			o = pl
		}
		if prep == "from" && !t.bodyLike(o) {
			place = true // a driver from Palermo
		}
		switch {
		case t.personal(n, limit) || t.is(o.a, isHonorific) || t.is(o.a, isFirstName) && o.len() < 4 && !t.bodyLike(o) && t.named(o) > 2 || t.event(o):
			return field, out
		case prep != "at" && ahead && (learned || !t.bodyLike(o) || t.part(o)):
			if !t.part(o) && (prep == "of" || prep == "for") {
				field = o.b
			}
			n = o.b
			continue
		case place && prep == "at" && !t.is(o.a, isSchool), place && learned && prep != "at" && prep != "in":
			n = o.b
			continue
		case t.whole(o, isDemonym|isTongue|isMonth) || t.noBody(o) && !t.tok(o.a).caps || o.len() == 1 && (t.lex.people.banners[t.tok(o.a).word] || t.lex.people.parts[t.tok(o.a).word] || t.lex.people.bare[t.tok(o.a).word]):
			n = o.b
			continue
		case learned && prep == "of" && !t.bodyLike(o):
			field = o.b // Professor of Latin
			n = o.b
			continue
		}
		if t.part(o) {
			// The Department of X at, of, in Y: its name alone says too little.
			m := o.b
			if t.tok(m).sign == ',' {
				m++
			}
			for t.lex.people.leadsTo[t.tok(m).word] || t.tok(m).word == "the" {
				m++
			}
			if q, ok := t.bodyName(m, limit); ok && m > o.b && !t.whole(q, isPlace) && (t.bodyLike(q) || t.tok(m-1).word != "in") {
				o = q
			}
		}
		out = append(out, body{o, place})
		if place {
			return field, out
		}
		if t.tok(o.b).word == "at" {
			// the Centre for X at the University of Y
			m := o.b + 1
			for t.tok(m).word == "the" {
				m++
			}
			if q, ok := t.bodyName(m, limit); ok && t.schoolLike(q) {
				return field, append(out, body{span: q})
			}
		}
		return field, append(out, r.more(o, prep, limit)...)
	}
	return field, out
}

// more reads the organisations that a list goes on with behind one: "A, B and C".
func (r *reading) more(o span, prep string, limit int) []body {
	t := r.text
	var out []body
	for len(out) < 8 {
		n := t.afterBrackets(o.b, limit)
		if w := t.tok(n).word; w == "in" && t.capital(n+1) {
			n = t.afterBrackets(t.placeOrName(n+1, limit).b, limit) // at A in Leeds (1948–49), B
		}
		sep := false
		for n < limit && (t.tok(n).sign == ',' || t.tok(n).word == "and" || t.tok(n).sign == '&' || t.tok(n).word == "as" && t.tok(n+1).word == "well" || t.tok(n).word == "well" || t.tok(n).word == "as" && t.tok(n-1).word == "well") {
			sep = true
			n++
		}
		for n < limit && (t.tok(n).word == "then" || t.tok(n).word == "later" || t.tok(n).word == "also" || t.tok(n).word == "subsequently") {
			n++
		}
		again := prep != "" && t.tok(n).word == prep
		if again {
			n++
		}
		for t.tok(n).word == "the" || t.tok(n).word == "both" {
			n++
		}
		q, ok := t.bodyName(n, limit)
		if !sep || !ok || t.whole(q, isMonth|isDemonym|isPlace) || t.is(q.a, isHonorific|isTitle) && !t.bodyLike(q) || t.personal(n, limit) || t.verbal(q.b) && t.tok(q.b).word != "and" || !again && !t.bodyLike(q) && !t.listEnds(q, limit) {
			return out
		}
		if t.isOffice(q.a) || t.is(q.a, isTitleWord) && t.isOffice(q.a+1) {
			return out // and Vice President of …
		}
		if p, is := t.placeAt(q.a, limit); is && p.b >= q.b && !again {
			return out // Bell Labs, New Jersey
		}
		out = append(out, body{span: q})
		o = q
	}
	return out
}

// boardEnd returns where the organisation begins behind the name of its board, or the
// end of the name if that is all; 0 if the name is no board's.
func (t *text) boardEnd(o span) int {
	for i := o.a; i < o.b && i < o.a+4; i++ {
		w := t.tok(i).word
		if w != "board" && w != "boards" && !((w == "committee" || w == "council") && i == o.a+1 && t.lex.people.boards[t.tok(i-1).word]) {
			continue
		}
		e := i + 1
		if t.tok(e).word == "of" && t.lex.people.boards[t.tok(e+1).word] {
			e += 2
		}
		if (t.tok(e).word == "of" || t.tok(e).word == "at") && e+1 < o.b {
			if t.tok(e+1).word == "the" {
				e++
			}
			return e + 1
		}
		if e >= o.b {
			return o.b
		}
	}
	return 0
}

// ledBy reads "Acme is led by its founder and CEO Ann Lee": the subject of the
// sentence is an organisation, and who leads it follows.
func (r *reading) ledBy(i int, s span, sc *scene) bool {
	t := r.text
	led := -1
	for j := i - 1; j >= s.a && j > i-7; j-- {
		if t.lex.people.led[t.tok(j).word] {
			led = j
			break
		}
	}
	if led < 0 {
		return false
	}
	org := sc.at(led)
	if org.who == subject || org.len() == 0 || !t.capital(org.a) || t.named(org.span) > 2 || t.whole(org.span, isPlace) || !t.orgLike(org.span) && t.tok(i-1).word != t.tok(led).word && t.tok(led).word == "started" {
		return false
	}
	var title span
	names := r.namesAfter(i+1, s.b, true)
	if len(names) == 0 {
		return false
	}
	if p, ok := t.titlePhrase(i+1, names[0].a); ok {
		title = p
	}
	for _, n := range names {
		if r.isSubject(n) {
			e := entry{org: org.span, title: title, parts: []span{org.span, n}}
			if title.len() > 0 {
				e.take(title)
			}
			r.sayPosition(e)
			return true
		}
	}
	return false
}

// occupied reads an occupation that the lists do not know in "is a seismic modeller
// at X": what stands between the article and the preposition is the title.
func (r *reading) occupied(i int, s span, sc *scene) int {
	t := r.text
	a := i
	for a > s.a && i-a < 7 && t.tok(a-1).word != "" && !t.lex.people.articles[t.tok(a-1).word] && !t.lex.people.prepositions[t.tok(a-1).word] && !t.verbal(a-1) && !t.tok(a-1).upper {
		if t.isOffice(a - 1) {
			return i // read as an office, or refused as one
		}
		a--
	}
	w := t.tok(a - 1).word
	if a == i || w != "a" && w != "an" || t.lex.modest[t.tok(a).word] {
		return i
	}
	switch p := t.tok(a - 2); {
	case t.lex.copulas[p.word] && p.word != "has" && p.word != "a" && p.word != "an" && p.word != "the", p.word == "as" && !t.lex.people.likened[t.tok(a-3).word], p.word == "been", p.word == "became":
	default:
		return i
	}
	if sc.at(i).who != subject || !agent(t.tok(i-1).word) {
		return i
	}
	n := i + 1
	for t.tok(n).word == "the" {
		n++
	}
	o, ok := t.bodyName(n, s.b)
	if !ok || !t.capital(n) || t.whole(o, isPlace|isMonth|isDemonym) || t.personal(n, s.b) || t.is(o.a, isFirstName|isHonorific) && !t.bodyLike(o) {
		return i
	}
	e := entry{title: span{a, i}, org: o, parts: []span{{a, o.b}}}
	e.seat(t, s.b)
	r.when(&e, o.b, s.b)
	r.sayPosition(e)
	return o.b
}

// agent reports whether a word has the form of who does something.
func agent(w string) bool {
	for _, end := range []string{"er", "or", "ist", "ian", "man", "woman", "person", "ant", "ent", "eer", "ologist"} {
		if len(w) > len(end)+2 && strings.HasSuffix(w, end) {
			return true
		}
	}
	return false
}

// affiliation reads the organisation right behind the subject's name: "Ann Lee of
// Bell Laboratories".
func (r *reading) affiliation(i int, s span, sc *scene) int {
	t := r.text
	m, ok := sc.behind(i)
	if !ok || m.who != subject || m.b != i || !t.capital(m.a) {
		return i
	}
	n := i + 1
	if t.tok(n).word == "the" {
		n++
	}
	o, ok := t.bodyName(n, s.b)
	if !ok || !t.capital(n) || !t.orgLike(o) || t.whole(o, isPlace) {
		return i
	}
	r.sayPosition(entry{org: o, parts: []span{{m.a, o.b}}})
	return o.b
}

// event reports whether a name is of something that happens: games, a fair, a war.
func (t *text) event(o span) bool {
	for i := o.a; i < o.b; i++ {
		if t.lex.people.events[t.tok(i).word] {
			return !t.orgLike(o)
		}
	}
	return false
}

// listEnds reports whether a name of several words, or in capitals, goes on as a list does.
func (t *text) listEnds(q span, limit int) bool {
	k := t.tok(q.b)
	return (q.len() > 1 || t.tok(q.a).caps) && !t.is(q.a, isFirstName) && (q.b >= limit || k.sign == ',' || k.sign == '.' || k.sign == ';' || k.word == "and" || k.sign == '(')
}

// atAhead reports whether "at" and a name follow within the clause.
func (t *text) atAhead(n, limit int) bool {
	for m := n; m < limit && m < n+14; m++ {
		k := t.tok(m)
		if k.word == "at" {
			for m++; t.tok(m).word == "the" || t.tok(m).word == "both"; m++ {
			}
			return t.capital(m)
		}
		if k.sign == ';' || k.sign == '.' && !t.abbreviated(m-1) || k.sign == ':' || t.lex.people.breaks[k.word] || t.verbal(m) && !t.lex.people.adverbs[k.word] {
			return false
		}
	}
	return false
}

// bodyLike reports whether a name says, or the lists know, that it is an organisation's.
func (t *text) bodyLike(o span) bool {
	if t.orgLike(o) {
		return true
	}
	for i := o.a; i < o.b; i++ {
		if k := t.tok(i); k.upper && (t.lex.people.bodies[k.word] || k.caps && len(k.word) > 1 && o.len() == 1 && !t.is(i, isDegree)) {
			return true
		}
	}
	return false
}

// part reports whether a name is that of a part of an organisation.
func (t *text) part(o span) bool {
	for i := o.a; i < o.b; i++ {
		if t.lex.people.parts[t.tok(i).word] {
			return !t.hasSchool(o)
		}
	}
	return false
}

// bodyName is properAt with what foreign names and addresses of pages have besides:
// "Musée national de X", "Acme.com".
func (t *text) bodyName(i, limit int) (span, bool) {
	for i < limit && (t.tok(i).sign == '"' || t.tok(i).sign == '“') {
		i++
	}
	p, ok := t.properAt(i, limit)
	if !ok {
		return p, false
	}
	for p.b+1 < limit && t.tok(p.b).sign == '.' && t.tok(p.b).gap == glued && t.tok(p.b+1).gap == glued && t.lex.people.domains[t.tok(p.b+1).word] {
		p.b += 2
	}
	if w := t.tok(p.b).word; p.b+1 < limit && (w == "national" || w == "nationale" || w == "d'histoire") {
		if q, ok := t.properAt(p.b+1, limit); ok {
			p.b = q.b
		} else if strings.HasPrefix(t.tok(p.b+1).word, "d'") {
			p.b += 2
		}
		if t.tok(p.b).word == "naturelle" {
			p.b++
		}
	}
	// A title at its end is somebody's: "Director Ann Lee"; "'s" opens another name.
	for n := p.a; n < p.b; n++ {
		w := t.tok(n).word
		if strings.HasSuffix(w, "'s") && n+1 < p.b && n > p.a && !t.hasSchool(span{p.a, n + 1}) && t.tok(n+1).word != "" && t.bodyLike(span{n + 1, p.b}) {
			p.a = n + 1
			break
		}
	}
	return p, p.len() > 0
}

// bodyBefore reads an organisation that stands before a title: "NASA astronaut", "Acme's
// president", "Yale University psychologist". a is where the title begins.
func (r *reading) bodyBefore(a, i int, s span, sc *scene) bool {
	t := r.text
	b := a
	poss := false
	if t.tok(b-1).sign == ')' {
		// Institute of X (IX) professors
		for b > s.a && t.tok(b-1).sign != '(' {
			b--
		}
		b--
	}
	switch k := t.tok(b - 1); {
	case k.sign == '\'' || k.sign == '’':
		b--
		poss = true
	case strings.HasSuffix(k.word, "'s"):
		poss = true
	}
	x := b
	for x > s.a && (t.capital(x-1) || t.tok(x-1).word == "of" && t.capital(x-2)) && t.tok(x).gap <= spaced && !t.is(x-1, isMonth) && !t.is(x-1, isHonorific) && b-x < 8 {
		x--
	}
	for x < b && (t.is(x, isDemonym|isNotName) || t.lex.people.openers[t.tok(x).word]) {
		x++
	}
	if x >= b || t.tok(x-1).sign == '(' {
		return false
	}
	o := span{x, b}
	named, isNamed := t.personAt(i+1, s.b)
	isNamed = isNamed && t.tok(i+1).word != ""
	leads := t.lex.people.leaders[t.tok(i).word]
	switch {
	case t.whole(o, isPlace|isTongue|isDemonym), r.isSubject(o), t.named(o) > 2:
		return false
	case t.bodyLike(o):
	case poss && leads, isNamed && leads && x > s.a:
	default:
		return false
	}
	if _, ok := t.partyName(x, b); ok {
		return false
	}
	who := sc.described(t.phraseFrom(x, s.a))
	if isNamed {
		who = mention{named, another}
		for _, n := range r.nameList(named, s.b, true, "") {
			if r.isSubject(n) {
				who.who = subject
			}
		}
	} else if p := t.tok(t.phraseFrom(x, s.a) - 1); t.lex.people.prepositions[p.word] && p.word != "as" || t.verbal(t.phraseFrom(x, s.a)-1) && !t.lex.copulas[p.word] {
		return false
	}
	if who.who != subject {
		return false
	}
	e := entry{title: span{a, i + 1}, org: o, parts: []span{o, {a, i + 1}}}
	r.sayPosition(e)
	return true
}

func (r *reading) employment(i int, s span) int {
	t := r.text
	preps, ok := r.lex.employs[t.tok(i).word]
	if !ok || i+1 >= s.b || t.tok(i).upper && i > s.a {
		return i
	}
	j := i + 1
	if t.tok(i).word == "founded" && t.tok(j).word == "in" || t.tok(j).word == "by" && preps != "at by with" && preps != "by" {
		return i
	}
	if preps != "" {
		hit := false
		if end := r.workedAs(i, j, s); end > i {
			return end
		}
		for n := j; n < s.b && n < j+9; n++ {
			if t.isOffice(n) {
				return i // a staff engineer at X
			}
			k := t.tok(n)
			if k.word != "" && strings.Contains(" "+preps+" ", " "+k.word+" ") {
				j, hit = n+1, true
				break
			}
			if k.sign == '(' {
				n = t.afterBrackets(n, s.b) - 1
				continue
			}
			if k.sign == ';' || k.sign == '.' || k.sign == ',' && !strings.Contains(" "+preps+" ", " "+t.tok(n+1).word+" ") || k.word == "and" || t.lex.people.breaks[k.word] || n > j+4 && !k.number && !k.upper && k.sign == 0 {
				break
			}
		}
		if !hit {
			return i
		}
	}
	org, ok := r.employer(j, s.b, preps == "")
	if !ok || t.whole(org, isPlace|isMonth|isDemonym|isTongue) || t.is(org.a, isHonorific) || org.len() <= 3 && t.is(org.a, isFirstName) && !t.bodyLike(org) {
		return i
	}
	if w := t.tok(i).word; w == "been" && !t.bodyLike(org) || preps == "" && t.part(org) && org.len() < 4 {
		return i
	}
	if pl, isPlace := t.placeAt(org.a, s.b); isPlace && pl.b >= org.b {
		return i
	}
	if preps == "to" && !t.orgLike(org) && (t.tok(i).word == "moved" || !t.bodyLike(org)) { // moved to …
		return i
	}
	if t.is(org.b-1, isTitle) && t.is(org.a, isTitleWord|isTitle) || t.is(org.b, isTitle) && preps == "" {
		return i // joined Apple CEO …
	}
	if _, party := t.partyName(org.a, s.b); party || org.len() == 1 && t.lex.people.banners[t.tok(org.a).word] {
		return i
	}
	e := entry{org: org, parts: []span{{i, org.b}}, now: t.lex.present[t.tok(i).word], verb: preps == "" && t.lex.present[t.tok(i).word]}
	e.seat(t, s.b)
	r.when(&e, org.b, s.b)
	if w := t.tok(i).word; e.hasDate && e.date.end.len() == 0 && (w == "left" || w == "leaving" || w == "retired" || w == "resigned") {
		e.date.end, e.date.endISO, e.date.start, e.date.startISO = e.date.start, e.date.startISO, span{}, ""
	}
	// joined X as a researcher
	if n := org.b; n+1 < s.b && t.tok(n).word == "as" {
		n++
		for n < s.b && (t.tok(n).word == "a" || t.tok(n).word == "an" || t.tok(n).word == "the" || t.tok(n).word == "its") {
			n++
		}
		if title, ok := t.titlePhrase(n, min(s.b, n+8)); ok && title.a-n < 3 {
			e.title = title
			e.take(title)
		}
	}
	r.sayPosition(e)
	last := org.b
	for _, b := range r.more(org, t.tok(j-1).word, s.b) {
		e := entry{org: b.span, parts: []span{{i, b.b}}, now: e.now, verb: e.verb}
		e.seat(t, s.b)
		r.when(&e, b.b, s.b)
		r.sayPosition(e)
		last = b.b
	}
	return last
}

// employer reads the organisation behind a verb, over the words that say what it
// is: "runs the bakery Forno", "worked in a family firm, the Norden Group". bare
// says that no preposition stands between.
func (r *reading) employer(j, limit int, bare bool) (span, bool) {
	t := r.text
	n := j
	for n < limit && n < j+8 {
		k := t.tok(n)
		if k.word != "" && (k.upper || k.digits && !k.number) && k.word != "the" || t.tok(n).sign == '"' || t.tok(n).sign == '“' {
			break
		}
		switch {
		case t.lex.people.articles[k.word], k.word == "the", k.word == "der", k.word == "both":
		case k.sign == ',' && n > j && (t.tok(n+1).word == "the" || t.capital(n+1)) && (t.is(n-1, isOrgWord|isSchool) || t.lex.people.bodies[t.tok(n-1).word] || t.lex.people.firms[t.tok(n-1).word]):
		case k.word == "" && k.sign != '-' || k.word == "in" || k.word == "at" || k.word == "with" || k.word == "to" || t.lex.people.breaks[k.word] || t.verbal(n) && !strings.HasSuffix(k.word, "ed"):
			return span{}, false
		case n-j > 3 && bare:
			return span{}, false
		}
		n++
	}
	if n > j && t.tok(n-1).word != "" && !t.lex.people.articles[t.tok(n-1).word] && t.tok(n-1).word != "the" && t.tok(n-1).word != "both" && t.tok(n-1).word != "der" &&
		!t.is(n-1, isOrgWord|isSchool) && !t.lex.people.firms[t.tok(n-1).word] && !t.lex.people.bodies[t.tok(n-1).word] && t.tok(n-1).word != "of" && t.tok(n-1).word != "for" && !(bare && t.lex.present[t.tok(j-1).word]) {
		return span{}, false
	}
	o, ok := t.bodyName(n, limit)
	if ok && t.part(o) {
		m := o.b
		if t.tok(m).sign == ',' {
			m++
		}
		for t.lex.people.leadsTo[t.tok(m).word] || t.tok(m).word == "the" {
			m++
		}
		if q, is := t.bodyName(m, limit); is && m > o.b && !t.whole(q, isPlace) && t.bodyLike(q) {
			return q, true
		}
	}
	return o, ok
}

// isOffice reports whether token i is the head of a title, or of several people's.
func (t *text) isOffice(i int) bool {
	if t.is(i, isTitle) || t.lex.people.offices[t.tok(i).word] {
		return true
	}
	if w, ok := strings.CutSuffix(t.tok(i).word, "s"); ok && len(w) > 3 {
		n := t.lex.root.next[w]
		return n != nil && n.classes&isTitle != 0
	}
	return false
}

// workedAs reads "as a field biologist for X" after the verb i: whatever stands
// between the article and the preposition is the title.
func (r *reading) workedAs(i, j int, s span) int {
	t := r.text
	for n := j; n < s.b && n < j+5; n++ {
		if t.tok(n).word == "" || t.tok(n).word == "and" {
			break
		}
		if t.tok(n).word != "as" || t.tok(n+1).word != "a" && t.tok(n+1).word != "an" && t.tok(n+1).word != "the" {
			continue
		}
		title := span{n + 2, n + 2}
		for title.b < s.b && title.len() < 7 {
			w := t.tok(title.b).word
			if w == "for" || w == "at" || w == "with" || w == "in" || w == "" && t.tok(title.b).sign != '-' {
				break
			}
			title.b++
		}
		w := t.tok(title.b).word
		if title.len() == 0 || title.len() > 6 || w == "" || title.b+1 >= s.b || t.lex.modest[t.tok(title.a).word] {
			return i
		}
		m := title.b + 1
		for t.tok(m).word == "the" || t.tok(m).word == "a" || t.tok(m).word == "an" {
			m++
		}
		e := entry{title: title, parts: []span{title}, now: t.lex.present[t.tok(i).word]}
		at := title.b
		if p, ok := t.placeAt(m, s.b); ok && w == "in" {
			e.place, at = p, p.b
		} else if org, ok := t.properAt(m, s.b); ok && !t.is(org.a, isMonth) {
			e.org, at = org, org.b
			e.take(org)
			e.seat(t, s.b)
		} else if w == "at" || w == "for" || t.is(title.b-1, isTitle) {
			// at a paint factory in Setúbal
			for x := m; x+1 < s.b && x < m+5; x++ {
				if t.tok(x).word == "in" && t.capital(x+1) {
					e.place, at = t.placeOrName(x+1, s.b), x+2
					break
				}
			}
		} else {
			return i
		}
		if e.place.len() > 0 {
			e.take(e.place)
			at = e.place.b
		}
		r.when(&e, at, s.b)
		r.sayPosition(e)
		return at
	}
	return i
}

// placeOrName returns the place at token i or, if the lists know none, the capitalised words there.
func (t *text) placeOrName(i, limit int) span {
	if p, ok := t.placeAt(i, limit); ok {
		return p
	}
	n := i
	for n < limit && n < i+3 && t.capital(n) && !t.is(n, isMonth) && (n == i || t.tok(n).gap == spaced) {
		n++
	}
	return span{i, n}
}

// seat gives an entry the place in "at X in Dunedin".
func (e *entry) seat(t *text, limit int) {
	b := e.org.b
	if e.place.len() > 0 || b+1 >= limit || t.tok(b).word != "in" && t.tok(b).word != "near" || !t.capital(b+1) {
		return
	}
	if p := t.placeOrName(b+1, limit); p.len() > 0 {
		e.place = p
		e.take(p)
	}
}
