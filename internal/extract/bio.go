package extract

import "strings"

// biographee finds who a third-person text is about: the name that is the subject
// of one of its first sentences, if the sentence says such things as are said of
// people. The source's title and a line that is a name and nothing else speak for a
// name too. It returns the name in full and where the telling sentence has it. A
// text that begins "He …" has a subject without a name.
func (r *reading) biographee(all span) (name, at span, ok bool) {
	t := r.text
	pronouns := 0
	for i := all.a; i < all.b && i < all.a+3000; i++ {
		switch w := t.tok(i).word; {
		case t.lex.thirds[w]:
			pronouns++
		case w == "i" || w == "my" || w == "i'm" || w == "i've":
			pronouns--
		}
	}
	full := append(r.titledNames(all), t.nameLines(all)...)
	for n, s := range t.sentences(span{all.a, min(all.b, all.a+500)}) {
		if n > 16 {
			break
		}
		for i := s.a; i < s.b && i < s.a+30; i++ {
			// At the beginning, after an opening phrase, or where a given name or a
			// title of honour says that a person comes.
			first := i == s.a || t.tok(i-1).sign == ',' && i < s.a+16 || t.tok(i).newline && i < s.a+30
			if n == 0 && t.pointed(s.a, i) || t.bracketed(s.a, i) {
				continue // He and his wife, Ann, …
			}
			if !first && !(n == 0 && t.capital(i) && !t.capital(i-1) && t.is(i, isFirstName|isHonorific) && t.tok(i-1).word != "by" && t.tok(i-1).word != "with") {
				continue
			}
			at, score, says := t.subjectAt(i, s, pronouns)
			if score < 0 {
				continue
			}
			// Far from the beginning only one who has been named already.
			name, need := at, 2
			if n > 3 {
				need = 9
			}
			for _, f := range full {
				if says && t.shares(f, at) {
					if f.len() > name.len() {
						name = f
					}
					need = 2
					score++
				}
			}
			if score >= need {
				return name, at, true
			}
		}
	}
	// Only what speaks of one person from its first sentence on.
	named := false
	for i := all.a; i < all.b && i < all.a+40; i++ {
		switch t.tok(i).word {
		case "he", "she":
			return span{}, span{}, true
		case "his", "her":
			return span{}, span{}, !named
		}
		if n, ok := t.personAt(i, all.b); ok && pronouns > 0 && !t.whole(n, isPlace) {
			if t.governs(i, n.b, all) {
				return n, n, true // In 1986 Kennedy moved to …, where he …
			}
			named = true
		}
		if strings.ContainsRune(".!?", t.tok(i).sign) && t.tok(i).sign != 0 && !t.abbreviated(i-1) {
			break
		}
	}
	return span{}, span{}, false
}

// pointed reports whether "he" or "she" stands between two tokens, or a noun for a
// relative: the name that follows is not whom the sentence is about.
func (t *text) pointed(a, b int) bool {
	for i := a; i < b; i++ {
		if w := t.tok(i).word; w == "he" || w == "she" || w == "him" || w == "i" && t.tok(i).upper || w == "my" || w == "we" || t.lex.relations.kin[w] != "" {
			return true
		}
	}
	return false
}

// bracketed reports whether a bracket opened behind token a is open at token i.
func (t *text) bracketed(a, i int) bool {
	depth := 0
	for ; a < i; a++ {
		switch t.tok(a).sign {
		case '(':
			depth++
		case ')':
			depth--
		}
	}
	return depth > 0
}

// shares reports whether two names have a word in common.
func (t *text) shares(a, b span) bool {
	for i := a.a; i < a.b; i++ {
		if w := t.tok(i).word; len(w) > 2 && !t.is(i, isParticle) && t.contains(b, w) {
			return true
		}
	}
	return false
}

// titledNames finds the runs of capitalised words of the source's title that stand
// in the text and have the form of a name there, the longest first.
func (r *reading) titledNames(all span) []span {
	if r.title == "" {
		return nil
	}
	t := r.text
	title := newText(r.title, t.lex)
	var out []span
	for i := 0; i < len(title.toks); i++ {
		n, ok := title.nameAt(i, len(title.toks))
		if !ok || title.words(n) == "" || !strings.Contains(title.words(n), " ") {
			continue
		}
		if s, ok := t.find(title.words(n), all); ok && t.named(s) > -3 {
			out = append(out, s)
			i = n.b
		}
	}
	return out
}

// find returns the first place where the words stand in upper case, one after another.
func (t *text) find(words string, all span) (span, bool) {
	want := strings.Fields(words)
	for i := all.a; i < all.b; i++ {
		if t.tok(i).word != want[0] || !t.tok(i).upper {
			continue
		}
		n, j := 1, i+1
		for ; n < len(want) && j < all.b && j < i+3*len(want); j++ {
			if w := t.tok(j).word; w == want[n] {
				n++
			} else if w != "" {
				break
			}
		}
		if n == len(want) {
			return span{i, j}, true
		}
	}
	return span{}, false
}

// nameLines finds, among the first lines, those that are a name and nothing else.
func (t *text) nameLines(all span) []span {
	var out []span
	for n, c := range t.cells {
		if n > 8 || c.a >= all.b {
			break
		}
		if s, ok := t.nameAt(c.a, c.b); ok && c.newline && s.b == c.b && s.len() > 1 && t.named(s) > 0 && !t.follows(c.b, c.b) {
			out = append(out, s)
		}
	}
	return out
}

// subjectAt scores how much a name at token i is the subject of a sentence that
// says such things as are said of people; 2 is enough, less than 0 is no name. It also reports whether a verb speaks for it.
func (t *text) subjectAt(i int, s span, pronouns int) (name span, score int, says bool) {
	for i < s.b && (t.tok(i).word == "" || t.is(i, isHonorific) && t.tok(i).upper) {
		if t.tok(i).word != "" {
			score += 2
		}
		i++
	}
	name, ok := t.nameAt(i, s.b)
	if !ok || name.b >= s.b || t.named(name) <= -3 && (!t.livesAt(name.b, s.b) || t.is(name.a, isNotName)) {
		return name, -1, false
	}
	if m := t.language(); m != nil && m.articles[t.tok(name.a).word] {
		return name, -1, false // Die Stadt
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
	if pronouns > 0 {
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
	if age, ok := t.agedAt(name.b, s.b); ok {
		score++
		j = age.b
	}
	for j < s.b && (t.tok(j).sign == ',' || t.tok(j).sign == ')') {
		j++
	}
	if j >= s.b {
		return name, max(score, 0), false
	}
	switch w := t.tok(j).word; {
	case t.lex.copulas[w]:
		for n := j + 1; n < s.b && n < j+12; n++ {
			if t.is(n, isTitle) || t.tok(n).word == "born" || t.tok(n).word == "geboren" {
				score, says = score+2, true
				break
			}
			if w := t.tok(n).word; w == "by" || w == "that" || w == "which" || w == "for" {
				break
			}
		}
		if pronouns > 2 && words > 1 {
			score, says = score+1, true
		}
	case t.lex.predicates[w]:
		score, says = score+2, true
	}
	return name, max(score, 0), says
}

// agedAt reads the age between commas after a name: "Ana Lima, 46, runs …".
func (t *text) agedAt(i, limit int) (span, bool) {
	if i+2 < limit && t.tok(i).sign == ',' && t.tok(i+1).number && len(t.tok(i+1).word) == 2 && t.tok(i+2).sign == ',' {
		return span{i + 1, i + 2}, true
	}
	return span{}, false
}

// biography reads a third-person text about the one who is named, whom the
// sentence at names, or about the "he" or "she" it begins with.
func (r *reading) biography(name, at, all span) {
	t := r.text
	if name.len() > 0 {
		r.sayName(name, 900)
		if name.a != at.a {
			r.card(name)
		}
		r.lifeBrackets(at, all)
		if age, ok := t.agedAt(at.b, all.b); ok {
			r.say("ageRange", t.shown(age), sureForm, age)
		}
		r.occupation(at, all)
	}
	r.tell(t.sentences(all))
	r.contacts(all)
}

// card reads title, organisation and place from the lines under a name.
func (r *reading) card(name span) {
	t := r.text
	lines := 0
	for _, c := range t.cells {
		if c.a < name.b || t.tok(c.a).gap == paragraph {
			if c.a >= name.b {
				return
			}
			continue
		}
		if lines++; lines > 4 || t.sentenceLike(line{cell: c}) {
			return
		}
		var title, org span
		for _, ch := range t.chunks(c.span) {
			switch {
			case ch.part == titlePart && title.len() == 0 && t.capitalised(ch.title):
				title = ch.title
			case ch.part == placePart && !r.has["location"]:
				r.say("location", t.place(ch.span), sureLayout, ch.span)
			case org.len() == 0 && ch.part != datePart && ch.part != placePart && t.capitalised(ch.span):
				org = ch.span
			}
		}
		if title.len() > 0 && !r.has["role"] {
			r.say("role", t.shown(title), sureLayout, title)
			if org.len() > 0 {
				r.sayPosition(entry{title: title, org: org, parts: []span{title, org}, now: true})
			}
		}
	}
}

// tell reads the sentences of a third-person text, save those about others.
func (r *reading) tell(sentences []span) {
	t := r.text
	var about []span
	for _, s := range sentences {
		r.life(s, r.scene(s, false))
		if !t.aboutKin(s) && !r.aboutAnother(s) {
			about = append(about, s)
		}
	}
	m := t.language()
	for _, s := range about {
		if r.listSentence(s) {
			continue
		}
		if m != nil {
			r.clauses(m, s)
		} else {
			r.relations(s, r.scene(s, false))
		}
		r.years(s)
	}
	r.present()
	r.speak(about, false)
}

// listSentence reads a sentence that is a list under its own heading: "Skills: Go, SQL."
func (r *reading) listSentence(s span) bool {
	in, end := r.text.headingIn(cell{span: s})
	if in != inSkills && in != inLanguages && in != inSoftSkills || end >= s.b || r.text.tok(end).sign != ':' {
		return false
	}
	s.a = end + 1
	if in == inLanguages {
		r.tongues(s, sureLayout)
		return true
	}
	r.skillLine(line{cell: cell{span: s}, in: in})
	return true
}

// aboutAnother reports whether the sentence begins with another full name as its subject.
func (r *reading) aboutAnother(s span) bool {
	t := r.text
	if len(r.subject) == 0 {
		return false
	}
	a, honoured := s.a, false
	for a < s.b && (t.is(a, isHonorific) && t.tok(a).upper || honoured && t.tok(a).sign == '.') {
		a, honoured = a+1, true
	}
	name, ok := t.nameAt(a, s.b)
	if m := t.language(); m != nil && m.articles[t.tok(a).word] || t.lex.thirds[t.tok(a).word] {
		return false // Ihr Ziel ist …
	}
	if !ok || name.b >= s.b || t.named(name) < 1 && !honoured || name.len() < 2 && t.named(name) < 3 && !honoured {
		return false
	}
	for i := name.a; i < name.b; i++ {
		if r.subject[t.tok(i).word] {
			return false
		}
	}
	w := t.tok(name.b).word
	return t.lex.copulas[w] || t.lex.predicates[w]
}

// present says role and place of the present position if nothing has said them yet.
func (r *reading) present() {
	t := r.text
	for _, e := range r.held {
		if !e.now && (!e.hasDate || !e.date.open) {
			continue
		}
		switch {
		case r.has["role"]:
		case e.title.len() > 0:
			r.say("role", t.shown(e.title), sureLexicon, e.title)
		case e.verb && e.quote().len() < 16:
			// "runs the bakery Forno" is what the person does.
			q := span{e.quote().a, e.org.b}
			r.say("role", t.shown(q), sureLexicon, q)
		}
		if e.place.len() > 0 && !r.has["location"] {
			r.say("location", t.place(e.place), sureGuess, e.place)
		}
	}
}

// aboutKin reports whether the sentence's subject is somebody of the family.
func (t *text) aboutKin(s span) bool {
	for i := s.a; i < s.b && i < s.a+5; i++ {
		if t.is(i, isKin) && i > s.a {
			switch t.tok(i - 1).word {
			case "his", "her", "their", "ihr", "ihre", "sein", "seine", "su", "sus", "son", "sa", "ses", "the", "fourth", "third", "second", "first", "older", "younger", "eldest":
				return true
			}
		}
	}
	return false
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
	born := false
	for ; j < all.b && j < name.b+60; j++ {
		k := t.tok(j)
		born = born || k.word == "born" || k.word == "child"
		if (k.word == "a" || k.word == "an") && (born || j > name.b && t.tok(j-1).word != "" && !t.lex.copulas[t.tok(j-1).word]) {
			continue
		}
		if k.sign == '.' && !t.abbreviated(j-1) || k.sign == ';' {
			return
		}
		switch k.word {
		case "is", "was", "ist", "war", "est", "était", "es", "fue", "as", "als", "comme", "como", "became", "a", "an":
			i := j + 1
			for i < all.b && (t.tok(i).word == "a" || t.tok(i).word == "an" || t.tok(i).word == "the" || t.tok(i).word == "ein" || t.tok(i).word == "eine" || t.tok(i).word == "un" || t.tok(i).word == "une" || t.tok(i).word == "una" || t.lex.filler(t.tok(i).word)) {
				i++
			}
			if s, ok := t.titlePhrase(i, min(all.b, i+14)); ok && (!born || k.word == "is" || k.word == "as" && t.lex.present[t.tok(j-1).word]) {
				r.say("role", t.shown(s), sureCue, s)
				if w := t.tok(s.b).word; (w == "in" || w == "en" || w == "à") && t.capital(s.b+1) && k.word != "was" && k.word != "war" && k.word != "fue" {
					if p, ok := t.placeAt(s.b+1, all.b); ok {
						// Freiburg im Breisgau
						if w := t.tok(p.b).word; (w == "im" || w == "am") && t.capital(p.b+1) {
							p.b += 2
						}
						r.say("location", t.place(p), sureLexicon, span{s.a, p.b})
					}
				}
				return
			}
			if k.word == "ist" && !born && t.capital(i) && !t.is(i, isKin|isPlace|isDemonym) && i == j+1 {
				// A German noun after "ist" without an article is what somebody is by trade.
				switch w := t.tok(i + 1).word; {
				case w == "in", w == "bei", w == "und", w == "aus", w == "" && t.tok(i+1).sign != '-':
					r.say("role", t.shown(span{i, i + 1}), sureLexicon, span{j, i + 1})
					if p, ok := t.placeAt(i+2, all.b); ok && w == "in" {
						if w := t.tok(p.b).word; (w == "im" || w == "am") && t.capital(p.b+1) {
							p.b += 2
						}
						r.say("location", t.place(p), sureLexicon, span{i, p.b})
					} else if w == "in" && t.capital(i+2) {
						p := t.placeOrName(i+2, all.b)
						if w := t.tok(p.b).word; (w == "im" || w == "am") && t.capital(p.b+1) {
							p.b += 2
						}
						r.say("location", t.place(p), sureGuess, span{i, p.b})
					}
					return
				}
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
		if t.is(i, isTitle) || k.word == "member" || k.word == "fellow" || k.word == "head" || k.word == "partner" || k.word == "associate" || k.word == "justice" || k.word == "lead" && t.tok(max(0, i-1)).word != "to" {
			if sc.described(t.titleBefore(i, s.a)).who != subject {
				continue
			}
			if n := r.office(i, s); n > i {
				i = n - 1
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
	for p >= s.a && (t.tok(p).word == "a" || t.tok(p).word == "an" || t.tok(p).word == "the" || t.tok(p).word == "its" || t.tok(p).word == "first" || t.tok(p).word == "their" || t.is(p, isDemonym) || t.tok(p).word == "former") {
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
	if its && len(r.held) > 0 && r.held[len(r.held)-1].org.len() > 0 && w != "of" && w != "at" {
		// joined X … became its director in 2003
		org := r.held[len(r.held)-1].org
		if i-org.b < 30 {
			e := entry{title: title, org: org, parts: []span{org, title}, now: now}
			r.when(&e, title.b, s.b)
			r.sayPosition(e)
			return max(title.b, e.date.b)
		}
	}
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
		e := entry{title: title, parts: []span{title, org}, now: now}
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
		if e.org.len() > 0 {
			e.seat(t, s.b)
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
		if end := r.workedAs(i, j, s); end > i {
			return end
		}
		for n := j; n < s.b && n < j+5; n++ {
			if t.is(n, isTitle) {
				return i // a staff engineer at X
			}
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
		for j < s.b && (t.tok(j).word == "the" || t.tok(j).word == "both" || t.tok(j).word == "der" || t.tok(j-1).word == "the" && (t.is(j, isOrgWord|isSchool) || preps == "" && t.lex.present[t.tok(i).word] && t.tok(j).word != "") && t.capital(j+1)) {
			j++ // runs the bakery Forno
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
		e := entry{org: org, parts: []span{{i, org.b}}, now: t.lex.present[t.tok(i).word], verb: preps == "" && t.lex.present[t.tok(i).word]}
		e.seat(t, s.b)
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
	if (w == "studied" || w == "studies" || w == "studying") && t.tok(at-1).word != "" {
		f := span{i + 1, at - 1}
		for f.b > f.a && t.tok(f.b-1).word == "the" {
			f.b--
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
		if !ok || t.whole(school, isMonth|isTongue) || t.whole(school, isPlace) && !t.is(school.a, isSchool) || t.is(school.a, isDegree) && school.len() < 3 && t.tok(school.a).caps && !t.is(school.a, isSchool) {
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
