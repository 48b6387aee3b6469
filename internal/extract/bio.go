package extract

import (
	"strings"

	"github.com/persona-api/persona-api/internal/persona"
)

// biographee finds who a third-person text is about: the name that is the subject
// of one of its first sentences, if the sentence says such things as are said of
// people. A text that begins "He …" has a subject without a name.
func (t *text) biographee(all span) (span, bool) {
	pronouns := 0
	for i := all.a; i < all.b && i < all.a+3000; i++ {
		switch t.tok(i).word {
		case "he", "she", "his", "her", "er", "elle", "il", "ella", "él":
			pronouns++
		case "i", "my", "i'm", "i've":
			pronouns--
		}
	}
	for n, s := range t.sentences(span{all.a, min(all.b, all.a+400)}) {
		if n > 3 {
			break
		}
		for i := s.a; i < s.b && i < s.a+30; i++ {
			// At the beginning, after an opening phrase, or where a given name or a
			// title of honour says that a person comes.
			first := i == s.a || t.tok(i-1).sign == ',' && i < s.a+16
			if !first && !(n == 0 && t.capital(i) && t.is(i, isFirstName|isHonorific) && t.tok(i-1).word != "by" && t.tok(i-1).word != "with") {
				continue
			}
			if name, ok := t.subjectAt(i, s, pronouns > 0); ok {
				return name, true
			}
		}
	}
	// Only what speaks of one person from its first sentence on.
	for i := all.a; i < all.b && i < all.a+40; i++ {
		switch t.tok(i).word {
		case "he", "she":
			return span{}, true
		}
		if strings.ContainsRune(".!?", t.tok(i).sign) && t.tok(i).sign != 0 && !t.abbreviated(i-1) {
			break
		}
	}
	return span{}, false
}

// subjectAt reports whether a person's name at token i is the subject of a
// sentence that says such things as are said of people.
func (t *text) subjectAt(i int, s span, pronouns bool) (span, bool) {
	score := 0
	for i < s.b && (t.tok(i).word == "" || t.is(i, isHonorific) && t.tok(i).upper) {
		if t.tok(i).word != "" {
			score += 2
		}
		i++
	}
	name, ok := t.nameAt(i, s.b)
	if !ok || name.b >= s.b {
		return name, false
	}
	like := t.named(name)
	if like <= -3 {
		return name, false
	}
	words := 0
	for j := name.a; j < name.b; j++ {
		if t.tok(j).word != "" {
			words++
		}
	}
	if t.is(name.a, isFirstName) {
		score++
	}
	if pronouns {
		score++
	}
	if words < 2 {
		score--
	}
	j := name.b
	if t.tok(j).sign == '(' {
		for ; j < s.b && t.tok(j).sign != ')'; j++ {
			if w := t.tok(j).word; w == "born" || w == "née" || w == "geboren" || w == "né" || w == "nacido" || w == "nacida" {
				score += 2
			}
		}
		if ds := t.dates(span{name.b, min(j, s.b)}); len(ds) > 0 {
			score++
		}
		j++
	}
	for j < s.b && (t.tok(j).sign == ',' || t.tok(j).sign == ')') {
		j++
	}
	if j >= s.b {
		return name, false
	}
	switch t.tok(j).word {
	case "is", "was", "ist", "war", "est", "était", "es", "fue", "has", "serves", "works", "became", "currently", "a", "an", "the":
		for n := j + 1; n < s.b && n < j+12; n++ {
			if t.is(n, isTitle) {
				score += 2
				break
			}
			if w := t.tok(n).word; w == "by" || w == "that" || w == "which" || w == "for" {
				break
			}
		}
	case "born":
		score += 2
	case "lives", "worked", "studied", "graduated", "joined", "served", "holds", "earned", "received", "grew", "began", "started", "leads", "teaches", "wrote", "enjoys", "loves", "attended", "moved",
		"founded", "spent", "likes", "arbeitet", "lebt", "wohnt", "studierte", "wurde", "travaille", "vit", "vive", "trabaja", "nació", "estudió", "brings", "joins", "hates", "wants", "dreams", "speaks":
		score += 2
	}
	return name, score >= 2
}

// biography reads a third-person text about the one who is named, or about the
// "he" or "she" it begins with.
func (r *reading) biography(name, all span) {
	t := r.text
	sentences := t.sentences(all)
	if name.len() > 0 {
		r.sayName(name, 900)
		r.lifeDates(name, all)
		r.occupation(name, all)
	}
	var about []span
	for _, s := range sentences {
		if !t.aboutKin(s) {
			about = append(about, s)
		}
	}
	for _, s := range about {
		r.born(s)
		r.relations(s)
		r.years(s)
	}
	r.speak(about, false)
	// A mixed text: what is quoted in the first person in it is the subject's too.
	r.contacts(all)
}

// aboutKin reports whether the sentence's subject is somebody of the family.
func (t *text) aboutKin(s span) bool {
	for i := s.a; i < s.b && i < s.a+5; i++ {
		if t.is(i, isKin) && i > s.a {
			switch t.tok(i - 1).word {
			case "his", "her", "their", "the", "fourth", "third", "second", "first", "older", "younger", "eldest":
				return true
			}
		}
	}
	return false
}

// lifeDates reads the brackets after the name.
func (r *reading) lifeDates(name, all span) {
	t := r.text
	j := name.b
	if j >= all.b || t.tok(j).sign != '(' {
		return
	}
	end := j
	for end < all.b && end < j+40 && t.tok(end).sign != ')' {
		end++
	}
	born := -1
	for i := j; i < end; i++ {
		if w := t.tok(i).word; w == "born" || w == "née" || w == "geboren" || w == "né" || w == "nacido" || w == "nacida" {
			born = i
		}
	}
	ds := t.dates(span{j, end})
	if len(ds) == 0 {
		return
	}
	d := ds[0]
	if born >= 0 {
		r.say("ageRange", t.of(span{born, born + 1})+" "+t.shown(d.start), sureForm, span{born, d.start.b})
		return
	}
	if d.end.len() > 0 {
		r.say("ageRange", t.shown(d.span), sureLayout, d.span)
	} else if len(ds) == 2 {
		r.say("ageRange", t.shown(span{ds[0].a, ds[1].b}), sureLayout, span{ds[0].a, ds[1].b})
	}
}

// born reads "was born on 4 May 1962 in …".
func (r *reading) born(s span) {
	t := r.text
	for i := s.a; i < s.b; i++ {
		w := t.tok(i).word
		if w != "born" && w != "geboren" && w != "nació" && w != "né" && w != "née" {
			continue
		}
		if i > s.a && t.tok(i-1).word == "first" {
			continue
		}
		for j := i + 1; j < s.b && j < i+14; j++ {
			if t.tok(j).sign == ';' || t.tok(j).sign == ')' || t.is(j, isKin) {
				return
			}
			if t.tok(j).digits {
				j2 := j
				if j > 0 && t.lex.months[t.tok(j-1).word] > 0 {
					j2 = j - 1
				}
				if d, ok := t.dateAt(j2, s.b); ok {
					r.say("ageRange", t.of(span{i, i + 1})+" "+t.shown(d.start), sureForm, span{i, d.start.b})
					return
				}
			} else if t.lex.months[t.tok(j).word] > 0 {
				if d, ok := t.dateAt(j, s.b); ok {
					r.say("ageRange", t.of(span{i, i + 1})+" "+t.shown(d.start), sureForm, span{i, d.start.b})
					return
				}
			}
		}
		return
	}
}

// occupation reads the role from "NAME (…) is an American painter and teacher".
func (r *reading) occupation(name, all span) {
	t := r.text
	j := name.b
	if t.tok(j).sign == '(' {
		for j < all.b && j < name.b+40 && t.tok(j).sign != ')' {
			j++
		}
		j++
	}
	for ; j < all.b && j < name.b+60; j++ {
		k := t.tok(j)
		if k.sign == '.' && !t.abbreviated(j-1) || k.sign == ';' {
			return
		}
		switch k.word {
		case "is", "was", "ist", "war", "est", "était", "es", "fue", "as", "als", "comme", "como", "became", "a", "an":
			i := j + 1
			for i < all.b && (t.tok(i).word == "a" || t.tok(i).word == "an" || t.tok(i).word == "the" || t.tok(i).word == "ein" || t.tok(i).word == "eine" || t.tok(i).word == "un" || t.tok(i).word == "une" || t.tok(i).word == "una" || t.lex.filler(t.tok(i).word)) {
				i++
			}
			if s, ok := t.titlePhrase(i, min(all.b, i+14)); ok {
				r.say("role", t.shown(s), sureCue, s)
				return
			}
			if k.word != "a" && k.word != "an" && k.word != "as" {
				continue
			}
		}
	}
}

// titlePhrase returns the occupation in "American electrical engineer and founder
// of …": from the words before the first head to the last head that "and" joins.
func (t *text) titlePhrase(i, limit int) (span, bool) {
	head := -1
	for j := i; j < limit; j++ {
		k := t.tok(j)
		if t.is(j, isTitle) && !(k.upper && j+1 < limit && t.capital(j+1) && t.is(j+1, isFirstName)) {
			head = j
			break
		}
		if w := k.word; w == "of" || w == "for" || w == "at" || w == "by" || w == "who" || w == "that" || w == "in" || w == "with" || k.sign == '.' || k.sign == ';' || k.sign == '(' {
			return span{}, false
		}
	}
	if head < 0 {
		return span{}, false
	}
	a := t.titleBefore(head, i)
	b := head + 1
	for b < limit {
		n := b
		for n < limit && (t.tok(n).sign == ',' || t.tok(n).sign == '/' || t.tok(n).sign == '-' || t.tok(n).word == "and" || t.tok(n).word == "und" || t.tok(n).word == "et" || t.tok(n).word == "y") {
			n++
		}
		if n == b && !t.is(n, isTitle) {
			break
		}
		m := n
		for m < limit && m < n+3 && t.is(m, isTitleWord) && !t.is(m, isTitle) {
			m++
		}
		if m >= limit || !t.is(m, isTitle) || t.tok(m).gap > spaced {
			break
		}
		b = m + 1
	}
	return span{a, b}, true
}

// relations reads employers, offices and schools out of a sentence.
func (r *reading) relations(s span) {
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
		if t.is(i, isTitle) || k.word == "member" || k.word == "fellow" || k.word == "head" || k.word == "partner" || k.word == "associate" || k.word == "justice" || k.word == "lead" && t.tok(max(0, i-1)).word != "to" {
			if n := r.office(i, s); n > i {
				i = n - 1
				continue
			}
		}
		if end := r.schooling(i, s); end > i {
			i = end - 1
			continue
		}
		if end := r.employment(i, s); end > i {
			i = end - 1
			continue
		}
		r.residence(i, s)
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
		e.take(e.date.span)
	} else if r.leading.len() > 0 {
		e.date, e.hasDate = r.leading, true
		e.take(r.leading.span)
		r.leading = date{} // it dates what comes first
	}
}

// office reads "chief editor of the Baltic Review from 2003 to 2009" at its head i.
func (r *reading) office(i int, s span) int {
	t := r.text
	a := t.titleBefore(i, s.a)
	p := a - 1
	for p >= s.a && (t.tok(p).word == "a" || t.tok(p).word == "an" || t.tok(p).word == "the" || t.tok(p).word == "its" || t.tok(p).word == "first" || t.tok(p).word == "their" || t.is(p, isDemonym) || t.tok(p).word == "former") {
		p--
	}
	if p >= s.a && t.tok(p).word != "" && !r.lex.holds[t.tok(p).word] {
		return i
	}
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
		for m < s.b && m < n+4 && (t.is(m, isTitleWord) || t.tok(m).sign == '-') && !t.is(m, isTitle) {
			m++
		}
		if m >= s.b || !t.is(m, isTitle) {
			break
		}
		j = m + 1
	}
	title := span{a, i + 1}
	if j >= s.b {
		return i
	}
	w := t.tok(j).word
	if w != "of" && w != "at" && w != "for" && w != "with" && w != "in" && w != "on" && w != "bei" && w != "chez" && w != "de" && w != "en" && w != "von" && w != "der" {
		return i
	}
	// "professor of history at Columbia": the subject belongs to the title.
	if t.tok(j+1-1).word == "of" && j+1 < s.b && !t.tok(j+1).upper && t.tok(j+1).word != "the" {
		n := j + 1
		for n < s.b && n < j+7 && t.tok(n).word != "" && t.tok(n).word != "at" && t.tok(n).word != "in" && t.tok(n).word != "for" && t.tok(n).word != "from" && t.tok(n).word != "with" {
			n++
		}
		if n < s.b && (t.tok(n).word == "at" || t.tok(n).word == "in" || t.tok(n).word == "for" || t.tok(n).word == "with") {
			title.b, j = n, n
		} else {
			return i
		}
	}
	first := true
	last := i
	for j+1 < s.b {
		n := j + 1
		for n < s.b && (t.tok(n).word == "the" || t.tok(n).word == "both" || t.tok(n).word == "der" || t.tok(n).word == "la" || t.tok(n).word == "le") {
			n++
		}
		org, ok := t.properAt(n, s.b)
		if !ok || t.is(org.a, isMonth) {
			break
		}
		if w == "of" && first && org.b+1 < s.b && (t.tok(org.b).word == "at" || t.tok(org.b).word == "in") && !t.orgLike(org) {
			// Professor of Latin at University College: Latin belongs to the title.
			if _, ok := t.properAt(org.b+1, s.b); ok {
				title.b, j, w = org.b, org.b, t.tok(org.b).word
				continue
			}
		}
		e := entry{title: title, parts: []span{title, org}}
		if pl, ok := t.placeAt(org.a, org.b); ok && pl.b >= org.b || t.whole(org, isPlace) {
			if !first {
				break
			}
			e.place = org
		} else {
			e.org = org
		}
		if !first && e.org.len() > 0 && !t.orgLike(org) && w != "at" {
			break
		}
		r.when(&e, org.b, s.b)
		r.sayPosition(e)
		last, first = org.b, false
		// professor at A, B and C
		j = org.b
		if j < s.b && (t.tok(j).sign == ',' || t.tok(j).word == "and") {
			if t.tok(j).sign == ',' && t.tok(j+1).word == "and" {
				j++
			}
			if j+1 < s.b && (t.tok(j+1).word == "at" || t.tok(j+1).word == "of") {
				j++
			}
			continue
		}
		break
	}
	return last
}

func (r *reading) employment(i int, s span) int {
	t := r.text
	preps, ok := r.lex.employs[t.tok(i).word]
	if !ok || i+1 >= s.b {
		return i
	}
	j := i + 1
	if t.tok(i).word == "founded" && t.tok(j).word == "in" || t.tok(j).word == "by" && preps != "at by with" && preps != "by" {
		return i
	}
	if preps != "" {
		hit := false
		for n := j; n < s.b && n < j+5; n++ {
			if w := t.tok(n).word; w != "" && strings.Contains(" "+preps+" ", " "+w+" ") {
				j, hit = n+1, true
				break
			}
			if t.tok(n).sign == ';' || t.tok(n).sign == '.' || t.tok(n).word == "and" || t.tok(n).upper && t.tok(n).word != "" {
				break
			}
		}
		if !hit {
			return i
		}
	}
	last := i
	for j < s.b {
		for j < s.b && (t.tok(j).word == "the" || t.tok(j).word == "both" || t.tok(j).word == "der") {
			j++
		}
		org, ok := t.properAt(j, s.b)
		if !ok || t.whole(org, isPlace|isMonth) || t.is(org.a, isHonorific) || org.len() <= 3 && t.is(org.a, isFirstName) && !t.orgLike(org) {
			break
		}
		if pl, isPlace := t.placeAt(org.a, s.b); isPlace && pl.b >= org.b {
			break
		}
		if preps == "to" && !t.orgLike(org) { // moved to …
			break
		}
		if t.is(org.b-1, isTitle) && t.is(org.a, isTitleWord|isTitle) || t.is(org.b, isTitle) {
			break // joined Apple CEO …
		}
		e := entry{org: org, parts: []span{{i, org.b}}}
		r.when(&e, org.b, s.b)
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
		last = org.b
		j = org.b
		if j+1 < s.b && (t.tok(j).sign == ',' || t.tok(j).word == "and") {
			n := j + 1
			if t.tok(n).word == "and" {
				n++
			}
			at := n < s.b && preps != "" && strings.Contains(" "+preps+" ", " "+t.tok(n).word+" ")
			if at {
				n++
			}
			m := n
			for m < s.b && t.tok(m).word == "the" {
				m++
			}
			if o, ok := t.properAt(m, s.b); ok && (at || t.orgLike(o)) {
				j = m
				continue
			}
		}
		break
	}
	return last
}

// schooling reads "graduated from X in 1998", "a PhD in physics from Y".
func (r *reading) schooling(i int, s span) int {
	t := r.text
	w := t.tok(i).word
	limit := min(s.b, i+18)
	var degree, field span
	preps := ""
	j := i + 1
	switch w {
	case "graduated", "graduating", "graduate", "graduates":
		preps = "from at of in"
		limit = min(s.b, i+6)
	case "studied", "studies", "studying", "study":
		preps = "at"
		if j < s.b && t.tok(j).word == "in" {
			preps = "at in"
		}
	case "attended", "attends", "attending":
		preps = "*"
	case "educated", "enrolled", "enrolling", "schooled":
		preps = "at in"
		limit = min(s.b, i+5)
		if j < s.b && t.tok(j).upper {
			preps = "*"
		}
	case "alumnus", "alumna", "alumni":
		preps = "of"
	case "degree", "degrees", "doctorate", "diploma", "m.d", "baccalaureate":
		preps = "from at"
	case "studierte", "absolvierte":
		preps = "an in"
	case "étudié", "diplômé", "diplômée":
		preps = "à de"
	case "estudió", "graduada", "graduado":
		preps = "en"
	default:
		end := t.degreeAt(i, s.b)
		if end == i || t.is(i, isTitleWord) && end == i+1 {
			return i
		}
		degree, field = t.degreeParts(chunk{span: span{i, t.degreeStop(end, s.b)}, title: span{i, end}})
		j = max(degree.b, field.b)
		preps = "from at"
		limit = min(s.b, j+14)
	}
	at := -1
	if preps == "*" {
		at = j
	} else {
		for n := j; n < limit; n++ {
			k := t.tok(n)
			if k.word != "" && strings.Contains(" "+preps+" ", " "+k.word+" ") && n+1 < s.b && (t.tok(n+1).upper || t.tok(n+1).word == "the" || t.tok(n+1).word == "der") && t.tok(n+1).word != "" {
				at = n + 1
				break
			}
			if k.sign == ';' || k.sign == '.' && !t.abbreviated(n-1) || k.word == "worked" || k.word == "became" || k.word == "who" {
				break
			}
		}
	}
	if at < 0 {
		return i
	}
	last := i
	for at < s.b {
		for at < s.b && (t.tok(at).word == "the" || t.tok(at).word == "der" || t.tok(at).word == "l'") {
			at++
		}
		school, ok := t.properAt(at, s.b)
		if !ok || t.whole(school, isMonth|isTongue) || t.whole(school, isPlace) && !t.is(school.a, isSchool) || t.is(school.a, isDegree) && school.len() < 3 && t.tok(school.a).caps && !t.is(school.a, isSchool) {
			break
		}
		// The town after "in" is part of few schools' names.
		e := entry{school: school, degree: degree, field: field, parts: []span{{i, school.b}}}
		r.when(&e, school.b, s.b)
		r.sayEducation(e)
		last = school.b
		n := school.b
		if n+1 < s.b && (t.tok(n).sign == ',' || t.tok(n).word == "and" || t.tok(n).word == "at") {
			n++
			if t.tok(n).word == "and" {
				n++
			}
			fromAgain := n < s.b && (t.tok(n).word == "from" || t.tok(n).word == "at")
			if fromAgain {
				n++
			}
			m := n
			for m < s.b && t.tok(m).word == "the" {
				m++
			}
			if o, ok := t.properAt(m, s.b); ok && (fromAgain || t.hasSchool(o)) {
				at, degree, field = m, span{}, span{}
				continue
			}
		}
		break
	}
	return last
}

// degreeStop returns where the field of a degree ends in running text.
func (t *text) degreeStop(i, limit int) int {
	for j := i; j < limit && j < i+9; j++ {
		k := t.tok(j)
		if w := k.word; w == "from" || w == "at" || w == "and" && j > i && !t.capital(j+1) || w == "with" || w == "where" || k.sign == ',' || k.sign == '.' && j > i || k.sign == ';' || k.sign == '(' || k.digits {
			return j
		}
	}
	return min(limit, i+9)
}

func (t *text) hasSchool(s span) bool {
	for i := s.a; i < s.b; i++ {
		if t.is(i, isSchool) {
			return true
		}
	}
	return false
}

// residence reads where the person lives. What is over is left out, save a move,
// which may be the last that the text tells.
func (r *reading) residence(i int, s span) {
	t := r.text
	conf := persona.PerMille(0)
	switch t.tok(i).word {
	case "lives", "resides", "live", "reside", "residing", "living", "based", "wohnt", "lebt", "vit", "habite", "vive", "reside,", "resident":
		conf = sureCue
	case "moved", "relocated", "settled", "emigrated", "immigrated":
		conf = sureLittle
	default:
		return
	}
	for j := i + 1; j < s.b && j < i+6; j++ {
		switch t.tok(j).word {
		case "in", "to", "near", "of", "at", "à", "en", "around", "outside":
			if p, ok := t.placeAt(j+1, s.b); ok {
				r.say("location", t.place(p), conf, span{i, p.b})
				return
			}
			n := j + 1
			for n < s.b && n < j+4 && t.capital(n) && (n == j+1 || t.tok(n).gap == spaced) {
				n++
			}
			if n > j+1 && !t.is(j+1, isMonth|isOrgWord|isSchool|isNotName) && !t.orgLike(span{j + 1, n}) {
				r.say("location", t.place(span{j + 1, n}), conf-150, span{i, n})
				return
			}
			if t.tok(j).word == "in" || t.tok(j).word == "to" {
				continue
			}
		}
		if t.tok(j).sign != 0 {
			return
		}
	}
}
