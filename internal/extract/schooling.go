package extract

import "strings"

// schooling reads "graduated from X in 1998", "a PhD in physics from Y".
func (r *reading) schooling(i int, s span) int {
	t := r.text
	w := t.tok(i).word
	if t.tok(i-1).word == "honorary" {
		return i
	}
	limit := min(s.b, i+18)
	var degree, field span
	preps := ""
	reads := false // what only a school makes a study
	j := i + 1
	switch w {
	case "graduated", "graduating", "graduate", "graduates":
		preps = "from at of in"
		limit = min(s.b, i+6)
		if o, ok := t.properAt(j, s.b); ok && t.hasSchool(o) {
			preps = "*" // graduated X High School
		}
	case "studied", "studies", "studying", "study", "majoring", "majored", "pursuing", "pursued", "training", "trained", "double-majoring":
		preps = "at"
		for n := j; n < s.b && n < j+6; n++ {
			// studied painting in Boston University
			if t.tok(n).word == "in" && !t.atAhead(n, s.b) {
				preps = "at in"
			}
		}
	case "read":
		// read mathematics at X College
		if !t.atAhead(j, s.b) {
			return i
		}
		preps, reads = "at", true
	case "went":
		preps, reads = "to", true
		limit = min(s.b, i+4)
	case "transferred":
		preps, reads = "to", true
		limit = min(s.b, i+4)
	case "dropped":
		preps, reads = "of", true
		limit = min(s.b, i+5)
	case "education", "schooling":
		preps, reads = "at", true
		limit = min(s.b, i+6)
	case "student", "undergraduate", "sophomore", "freshman", "pupil", "senior", "junior":
		if t.tok(i).upper && i > s.a {
			return i
		}
		preps, reads = "at", w == "senior" || w == "junior"
	case "matriculated", "matriculating":
		preps = "at to"
		limit = min(s.b, i+5)
	case "entered":
		if o, ok := t.properAt(j, s.b); !ok || !t.hasSchool(o) {
			return i
		}
		preps = "*"
	case "attended", "attends", "attending":
		preps = "*"
	case "educated", "enrolled", "enrolling", "schooled":
		preps = "at in"
		limit = min(s.b, i+5)
		if j < s.b && t.tok(j).upper {
			preps = "*"
		}
	case "alumnus", "alumna", "alumni":
		if t.tok(j).word != "of" {
			return i
		}
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
		preps = "from at by"
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
			if k.sign == ';' || k.sign == '.' && !t.abbreviated(n-1) || k.word == "worked" && t.tok(n+1).word != "at" && t.tok(n+1).sign != ',' || k.word == "became" || k.word == "who" || k.word == "he" || k.word == "she" || degree.len() > 0 && (k.word == "is" || k.word == "was") {
				break
			}
		}
	}
	if at < 0 {
		if n := len(r.schools); n > 0 && j < s.b && t.tok(j).word == "there" && i-r.schools[n-1].b < 40 {
			// took her doctorate there in 1981
			if degree.len() == 0 {
				degree = span{i, i + 1}
			}
			e := entry{school: r.schools[n-1], degree: degree, field: field, parts: []span{r.schools[n-1], {i, j + 1}}}
			r.when(&e, j+1, s.b)
			r.sayEducation(e)
			return j + 1
		}
		return i
	}
	if (w == "studied" || w == "studies" || w == "studying" || w == "majoring" || w == "majored" || w == "read") && t.tok(at-1).word != "" {
		f := span{i + 1, at - 1}
		if t.tok(f.a).word == "in" {
			f.a++
		}
		for f.b > f.a && t.tok(f.b-1).word == "the" {
			f.b--
		}
		if fw := t.tok(f.a).word; fw == "under" || fw == "with" || fw == "for" || fw == "there" || fw == "abroad" {
			f.b = f.a
		}
		if f.len() > 0 && f.len() < 6 && !t.is(f.a, isNotName|isPronoun) {
			field = f
		}
	}
	last := i
	for at < s.b {
		for at < s.b && (t.tok(at).word == "the" || t.tok(at).word == "der" || t.tok(at).word == "l'") {
			at++
		}
		school, ok := t.properAt(at, s.b)
		if (reads || t.tok(at-1).word == "in" || t.tok(at-1).word == "the" && t.tok(at-2).word == "in") && t.language() == nil && !t.schoolLike(school) {
			break
		}
		if !ok || t.whole(school, isMonth|isTongue|isDemonym) || t.whole(school, isPlace) && !t.is(school.a, isSchool) || t.is(school.a, isDegree) && school.len() < 3 && t.tok(school.a).caps && !t.is(school.a, isSchool) {
			break
		}
		// The town after "in" is part of few schools' names.
		e := entry{school: school, degree: degree, field: field, parts: []span{{i, school.b}}}
		r.when(&e, school.b, s.b)
		if !e.hasDate {
			// …, where she graduated in 1975
			for n := school.b; n < s.b && n < school.b+6; n++ {
				if g := t.tok(n).word; g == "graduated" || g == "graduating" {
					if e.date, e.hasDate = t.dateNear(n+1, s.b); e.hasDate {
						e.take(e.date.span)
					}
					break
				}
			}
		}
		if w == "entered" || w == "enrolled" || w == "matriculated" || t.tok(i-1).word == "began" || t.tok(i-2).word == "began" || t.tok(i-2).word == "started" {
			e.date.open = true // when it began
		}
		r.sayEducation(e)
		last = school.b
		if m, from := t.nextSchool(school.b, s.b); m > 0 {
			if o, ok := t.properAt(m, s.b); ok && (from || t.schoolLike(o)) {
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

// nextSchool returns where the next school of a list stands: "from A in 1927, and
// then from B". It also reports whether the preposition is said again. 0 is none.
func (t *text) nextSchool(n, limit int) (at int, again bool) {
	n = t.afterBrackets(n, limit)
	if w := t.tok(n).word; (w == "in" || w == "at") && t.capital(n+1) {
		n = t.placeOrName(n+1, limit).b
	}
	for n < limit {
		if t.tok(n).sign == ',' {
			if p, ok := t.placeAt(n+1, limit); ok && !t.hasSchool(p) {
				n = p.b
				continue
			}
		}
		d := n
		if w := t.tok(d).word; w == "in" || w == "of" {
			d++
		}
		day, ok := t.dateAt(d, limit)
		if !ok || day.a != d {
			break
		}
		n = day.b
	}
	n = t.afterBrackets(n, limit)
	sep := false
	for n < limit {
		switch k := t.tok(n); {
		case k.sign == ',' || k.sign == ';' || k.word == "and" || k.word == "&":
			sep = true
		case k.word == "later" || k.word == "then" || k.word == "also" || k.word == "subsequently" || k.word == "finally":
		default:
			if !sep {
				return 0, false
			}
			if k.word == "from" || k.word == "at" {
				again = true
				n++
			}
			for t.tok(n).word == "the" {
				n++
			}
			return n, again
		}
		n++
	}
	return 0, false
}

// schoolLike reports whether a name says, or is known to be, a school's.
func (t *text) schoolLike(o span) bool {
	return t.hasSchool(o) || t.lex.people.campuses[t.tok(o.a).word]
}
