package extract

import "strings"

// nationality reads the demonym in "is an American painter", "the Lebanese singer X".
func (r *reading) nationality(i int, s span, sc *scene) {
	t := r.text
	k := t.tok(i)
	if !k.upper && !r.subjectIs(i, s, sc) || k.word == "native" {
		return
	}
	if t.match(i, s.b, isPlace) > i+1 {
		return // British Columbia
	}
	whole := span{i, i + 1}
	if w := t.tok(i - 1).word; t.tok(i-1).upper && t.lex.people.halves[w] && i > s.a {
		whole.a-- // South African
	}
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
	for j := i + 1; head < 0 && said && j < s.b && j < i+7; j++ {
		// a Canadian; an Iraqi American who; an Austrian ski jumper
		w := t.tok(j)
		if j == i+1 && w.sign != 0 && w.sign != '-' || w.word == "who" {
			head = i
		} else if agent(w.word) && !w.upper {
			head = j
		} else if w.word == "" && w.sign != '-' || w.word == "of" || w.word == "in" || w.word == "by" {
			break
		}
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
		r.say("background.nationalities", t.of(whole), sureCue, span{whole.a, max(whole.b, head+1)})
	}
}

// subjectIs reports whether "is a" stands before the phrase of token i.
func (r *reading) subjectIs(i int, s span, sc *scene) bool {
	return r.lex.copulas[r.tok(r.phraseFrom(i, s.a)-1).word] && sc.at(i).who == subject
}

// native reads "an Oslo native", "his native Wales", "a native Texan from Waco".
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
