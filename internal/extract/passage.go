package extract

import "strings"

// A passage is a short text that need not begin with the one it is about: "said Ann
// Lee, director of Acme". Longer texts have to say whom they are about.
const (
	passageWords     = 160
	passageSentences = 4
)

// passage finds whom a passage is about: the speaker, or the first person it names
// of whom it states something. It returns how to read it, nil if it states nothing
// of anybody.
func (r *reading) passage(all span) func() {
	t := r.text
	sentences := t.sentences(all)
	if all.len() > passageWords || len(sentences) > passageSentences || t.language() != nil || r.advertises() {
		return nil
	}
	for i := range t.toks {
		if w := t.tok(i).word; (w == "i" && t.tok(i).upper && t.tok(i+1).sign != '.' && (!t.capital(i-1) || t.lex.people.openers[t.tok(i-1).word] || t.is(i-1, isNotName|isNow)) || w == "my" || w == "i'm" || w == "i've") && !t.quoted(i) {
			if r.states(span{}, sentences, true) {
				return func() { r.tellOwn(sentences) }
			}
			return nil
		}
	}
	for _, n := range t.candidates(sentences) {
		if r.states(n, sentences, false) {
			return func() {
				r.sayNamed(t.fullest(n, all))
				r.tellOf(n, sentences)
				r.present()
				r.contacts(all)
			}
		}
	}
	return nil
}

// candidates are the names of people in the order in which a passage may be about
// them: first those of whom a verb tells, then the others.
func (t *text) candidates(sentences []span) []span {
	var acting, named []span
	seen := map[string]bool{}
	for _, s := range sentences {
		for i := s.a; i < s.b; i++ {
			n, ok := t.personAt(i, s.b)
			if !ok || t.whole(n, isPlace) {
				if k := t.pastOffice(i, s.b); k > i {
					i = k - 1
				} else {
					i = max(i, n.b-1)
				}
				continue
			}
			for n.len() > 1 && t.is(n.a, isKin) {
				n.a++ // Son Steve
			}
			i = n.b - 1
			owns := strings.HasSuffix(t.tok(n.b-1).word, "'s")
			if seen[t.words(n)] || owns && t.lex.relations.kin[t.tok(n.b).word] == "" {
				continue
			}
			seen[t.words(n)] = true
			prep, i0 := t.tok(n.a-1).word, n.a
			for i0 > s.a && (t.is(i0-1, isHonorific|isTitle|isTitleWord) || t.tok(i0-1).word == "") {
				i0--
			}
			switch {
			case prep == "the" && !t.is(n.a, isTitle|isHonorific):
				// the Grey Gannet
			case t.isThing(n.b, s.b), t.christened(n.a):
				// Ashby is a town, the Lady Anne a ship
			case t.governs(n.a, n.b, s):
				if n.a <= s.a+3 && len(acting) == 0 && len(named) == 0 && !t.follows(s.a, i0) {
					return []span{n} // the text is about its own subject
				}
				acting = append(acting, n)
			case (prep == "in" || prep == "of" || prep == "at" || prep == "to" || prep == "from") && !t.is(n.a, isFirstName) && !t.livesAt(n.b, s.b):
				// a place or a body more often than a person
			default:
				named = append(named, n)
			}
		}
	}
	return append(acting, named...)
}

// christened reports whether a name that begins at token i is a ship's, an inn's or a
// storm's: the Lady Anne, HMS Victoria.
func (t *text) christened(i int) bool {
	before := t.tok(i - 1).word
	return t.lex.people.christened[before] || t.lex.people.christened[t.tok(i).word] || t.lex.people.nobles[before] && t.tok(i-2).word == "the" ||
		before == "the" && t.lex.people.nobles[t.tok(i).word]
}

// isThing reports whether "is a" and a noun for no person follow a name.
func (t *text) isThing(i, limit int) bool {
	i = t.afterBrackets(i, limit)
	if !t.lex.copulas[t.tok(i).word] {
		return false
	}
	for j := i + 1; j < limit && j < i+8; j++ {
		k := t.tok(j)
		if t.lex.people.made[k.word] {
			return true
		}
		switch {
		case t.lex.people.objects[k.word] && !k.upper:
			return true
		case t.is(j, isTitle) || t.lex.people.persons[k.word], k.word == "" && k.sign != '-', t.lex.people.prepositions[k.word] || k.word == "who":
			return false
		}
	}
	return false
}

// tellOf says what the sentences state of the one named.
func (r *reading) tellOf(name span, sentences []span) {
	for _, s := range sentences {
		sc := r.scene(s, false)
		r.life(s, sc)
		r.relations(s, sc)
	}
	r.lifeBrackets(name, span{0, len(r.toks)})
}

// inOwnWords reads a text that may be in the first person, and what its speaker
// states of birth, family and homes.
func (r *reading) inOwnWords(sentences []span) {
	if r.selves(sentences) > 1 {
		for _, s := range sentences {
			r.life(s, r.scene(s, true))
		}
	}
	r.ownWords(sentences)
}

// tellOwn says what the speaker states of his or her life.
func (r *reading) tellOwn(sentences []span) {
	for _, s := range sentences {
		sc := r.scene(s, true)
		r.life(s, sc)
		r.relations(s, sc)
	}
}

// sayNamed says a name that may have "'s" at its end.
func (r *reading) sayNamed(n span) {
	v := strings.TrimSuffix(strings.TrimSuffix(r.person(n), "'s"), "’s")
	r.say("name", v, sureLexicon, n)
	for _, w := range phrase(v) {
		if len(w) > 1 {
			r.subject[w] = true
		}
	}
}

// states reports whether the text states something of the one named, or of its speaker.
func (r *reading) states(name span, sentences []span, own bool) bool {
	probe := &reading{text: r.text, sink: &sink{t: r.text, seen: map[string]bool{}, has: map[string]bool{}}, subject: map[string]bool{}}
	if own {
		probe.tellOwn(sentences)
		return probe.total > 0
	}
	probe.sayNamed(name)
	said := probe.total
	probe.tellOf(name, sentences)
	return probe.total > said
}

// fullest returns the longest name in the text that has all words of n.
func (t *text) fullest(n, all span) span {
	best := n
	for i := all.a; i < all.b; i++ {
		if m, ok := t.personAt(i, all.b); ok {
			if m.len() > best.len() && t.governs(m.a, m.b, all) && t.contains(m, t.tok(n.b-1).word) && t.contains(m, t.tok(n.a).word) {
				best = m
			}
			i = max(i, m.b-1)
		}
	}
	return best
}

// quoted reports whether token i stands between quotation marks.
func (t *text) quoted(i int) bool {
	open := false
	for j := range i {
		switch t.tok(j).sign {
		case '"':
			open = !open
		case '“':
			open = true
		case '”':
			open = false
		}
	}
	return open
}
