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
			if n == 0 && t.pointed(s.a, i) || t.bracketed(s.a, i) || t.capital(i) && t.christened(i) {
				continue // He and his wife, Ann, …
			}
			if !first && !(n == 0 && t.capital(i) && !t.capital(i-1) && t.is(i, isFirstName|isHonorific) && !t.lex.people.prepositions[t.tok(i-1).word] && t.tok(i-1).word != "and") {
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
	named, possessed := false, false
	for i := all.a; i < all.b && i < all.a+40; i++ {
		if t.capital(i) && t.christened(i) {
			return span{}, span{}, false // "she" is a ship
		}
		switch t.tok(i).word {
		case "he", "she":
			return span{}, span{}, true
		case "his", "her":
			possessed = possessed || !named
		}
		if n, ok := t.nameAt(i, all.b); ok && i > all.a && t.tok(i-1).word == "the" && !t.is(i, isTitle|isHonorific) {
			i = n.b - 1 // the Grey Gannet
			continue
		}
		if n, ok := t.personAt(i, all.b); ok && pronouns > 0 && !t.whole(n, isPlace) && !t.pointed(all.a, i) {
			if t.governs(i, n.b, all) {
				return n, n, true // In 1986 Lund moved to …, where he …
			}
			named = true
		}
		if strings.ContainsRune(".!?", t.tok(i).sign) && t.tok(i).sign != 0 && !t.abbreviated(i-1) {
			break
		}
	}
	return span{}, span{}, possessed
}

// pointed reports whether "he" or "she" stands between two tokens, or a noun for a
// relative: the name that follows is not whom the sentence is about.
func (t *text) pointed(a, b int) bool {
	if w := t.tok(a).word; t.tok(b-1).sign == ',' && (w == "before" || w == "after" || w == "when" || w == "while" || w == "although" || w == "though" || w == "since" || w == "until" || w == "as") {
		return false // Before she founded X, Ann …
	}
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
	if m := t.language(); m != nil && m.articles[t.tok(i).word] && t.is(i+1, isTitle) && t.capital(i+2) && t.capital(i+3) {
		score, i = score+1, i+2 // Die Astronomin Anna Lenz
	}
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
	if t.tok(j).sign == ',' && t.tok(j+1).sign == '(' {
		j++
	}
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
	var about, alone []span // alone: nobody else does anything in them
	for _, s := range sentences {
		sc := r.scene(s, false)
		r.life(s, sc)
		if !t.aboutKin(s) && !r.aboutAnother(s) {
			about = append(about, s)
			if !sc.shared() {
				alone = append(alone, s)
			}
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
	r.speak(alone, false)
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
