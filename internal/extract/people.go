package extract

import (
	"sort"
	"strings"
)

// person is whom a mention means: the one the text is about, or somebody else.
type person uint8

const (
	subject person = iota
	another
)

// mention is a place where a sentence names a person or points at one.
type mention struct {
	span // of a name without its titles; empty where the sentence only implies a person
	who  person
}

// scene tells for every token of a sentence who its verbs speak of.
type scene struct {
	t        *text
	s        span
	acts     []mention // who is the grammatical subject at each token
	mentions []mention // names and pronouns, in order
	own      bool      // the text is in the first person
	pronoun  string    // by which the text speaks of its subject: he, she or ""
	appos    mention   // who the last apposition was about
	apposEnd int       // where it stood
}

// scene reads a sentence from left to right. Whom it speaks of changes where a name
// or pronoun stands as the subject of a verb; a relative ("his wife Ann") is
// somebody else. own says that the text is in the first person.
func (r *reading) scene(s span, own bool) *scene {
	t := r.text
	sc := &scene{t: t, s: s, own: own, pronoun: r.spokenOf(), acts: make([]mention, s.len())}
	var alias span // the bracket that gives other names of whoever stands before it
	var aliasOf person
	now := mention{who: subject}
	if own && !t.lex.people.begins[t.tok(s.a).word] {
		now.who = another // only "I" speaks of the speaker, and "Born in …"
	}
	implied := true // nobody has been named as the subject yet
	set := func(m mention, i int) {
		if implied {
			// "Born in Perth, Ann …": what comes before speaks of her too.
			for j := range sc.acts[:i-s.a] {
				sc.acts[j] = m
			}
		}
		now, implied = m, false
	}
	if i := s.a; t.lex.people.things[t.tok(i).word] && !own {
		who := another
		for j := i + 1; j < s.b && j < i+5 && t.tok(j).word != "" && !t.verbal(j); j++ {
			if t.is(j, isTitle) && t.tok(j).word != "company" || t.lex.people.couple[t.tok(j).word] {
				who = subject
			}
		}
		if t.capital(i+1) || t.capital(i+2) {
			who = subject // The late Ann Smith
		}
		now.who = who
	}
	for i := s.a; i < s.b; {
		k := t.tok(i)
		end := i + 1
		switch {
		case k.sign == '(':
			// "Ann Lee (born Anna Li)": names in brackets are the same person's.
			if n := len(sc.mentions); n > 0 && alias.len() == 0 && (sc.mentions[n-1].b == i || sc.mentions[n-1].b == i-1 && t.tok(i-1).sign != 0) {
				alias, aliasOf = span{i, i + 1}, sc.mentions[n-1].who
			}
		case k.sign == ')':
			alias = span{}
		case k.word == "":
		case own && (k.word == "i" || k.word == "i'm" || k.word == "i've" || k.word == "i'd"):
			m := mention{span{i, i + 1}, subject}
			sc.mentions = append(sc.mentions, m)
			set(m, i)
		case own && (k.word == "we" || k.word == "you" || k.word == "they"):
			set(mention{span{i, i + 1}, another}, i)
		case k.word == "he" || k.word == "she":
			m := mention{span{i, i + 1}, r.meant(k.word, own)}
			if n := len(sc.mentions); n > 0 && sc.mentions[n-1].who == another && !sc.said(k.word) && t.relativeIs(sc.mentions[n-1].a, k.word) {
				m.who = another // her father, until he died
			}
			sc.mentions = append(sc.mentions, m)
			set(m, i)
		case k.word == "they" && !own:
			set(mention{span{i, i + 1}, subject}, i)
		case k.word == "it" || k.word == "we" && !own || k.word == "i" && !own:
			set(mention{span{i, i + 1}, another}, i)
		case k.word == "who" || k.word == "whose" || k.word == "whom":
			if n := len(sc.mentions); n > 0 && (sc.mentions[n-1].b >= i-3 || sc.mentions[n-1].b >= i-14 && !sc.finite(sc.mentions[n-1].b, i)) {
				set(sc.mentions[n-1], i)
			}
		case t.is(i, isKin) && !t.kinOf(i, s):
			// his wife, Ann, …
			n, ok := t.kinName(i+1, s.b)
			who := another
			if ok && r.isSubject(n) {
				who = subject
			}
			m := mention{span{i, i + 1}, who}
			if ok {
				m.span, end = n, n.b
			}
			poss := i > s.a && (t.lex.people.possessives[t.tok(i-1).word] || t.lex.people.possessives[t.tok(max(s.a, i-2)).word] || strings.HasSuffix(t.tok(i-1).word, "'s"))
			if poss || ok {
				sc.mentions = append(sc.mentions, m)
				from := t.phraseFrom(i, s.a)
				joined := false // Ann and her brother: both are the subject
				if t.tok(from-1).word == "and" || t.tok(from-1).sign == ',' {
					_, joined = sc.behind(from - 1)
				}
				if !joined && t.governs(from, end, s) {
					now = m // what comes before may be about whose wife she is
				}
			}
		case t.capital(i):
			n, ok := t.personAt(i, s.b)
			if !ok {
				if m, is := t.nameAt(i, s.b); is && r.isSubject(m) && !t.is(m.a, isNotName|isHonorific) {
					n, ok = m, true
				}
			}
			if prev := t.tok(i - 1).word; prev == "named" || prev == "called" {
				if g, is := t.givenAt(i, s.b); is && !r.isSubject(g) {
					n, ok = g, true // a girl named Ada
				}
			}
			if prev := t.tok(i - 1).word; len(sc.mentions) > 0 && (prev == "née" || prev == "né") {
				sc.mentions = append(sc.mentions, mention{n, sc.mentions[len(sc.mentions)-1].who})
				end = max(n.b, i+1)
				break
			}
			if alias.len() > 0 {
				if w := t.tok(i - 1); ok && (w.sign == '(' || w.sign == ':' || w.sign == ',' || w.sign == ';' || t.lex.people.aliases[w.word]) {
					sc.mentions = append(sc.mentions, mention{n, aliasOf})
					end = n.b
					break
				}
			}
			if k := t.pastOffice(i, s.b); !ok && k > i {
				end = k
				break
			}
			if !ok {
				// Other names that act: "Acme grew from …"
				if p, is := t.properAt(i, s.b); is {
					end = p.b
					if t.governs(i, end, s) && !t.whole(p, isMonth) && !t.is(i, isTitle|isDemonym) && !t.startsTitledName(p) {
						set(mention{p, another}, i)
					}
				}
				break
			}
			m := mention{n, another}
			if r.isSubject(n) {
				m.who = subject
			}
			if now.who == subject && len(sc.mentions) > 0 && t.tok(n.a-1).word == "and" && sc.mentions[len(sc.mentions)-1].who == subject && sc.mentions[len(sc.mentions)-1].b == n.a-1 {
				m.who = another
			} else if t.governs(i, n.b, s) {
				set(m, i)
			}
			if t.tok(n.b).word == "of" && t.match(n.b+1, s.b, isPlace) > n.b+1 && n.len() < 4 {
				m.b = t.match(n.b+1, s.b, isPlace) // Henry IV of France
			}
			sc.mentions = append(sc.mentions, m)
			end = m.b
		}
		for ; i < end && i < s.b; i++ {
			sc.acts[i-s.a] = now
		}
	}
	return sc
}

// said reports whether a pronoun has been a mention already.
func (sc *scene) said(pronoun string) bool {
	for _, m := range sc.mentions {
		if m.len() == 1 && sc.t.tok(m.a).word == pronoun {
			return true
		}
	}
	return false
}

// relativeIs reports whether token a is, or stands right behind, a noun for a
// relative whom the pronoun may mean.
func (t *text) relativeIs(a int, pronoun string) bool {
	for i := a; i > a-5 && i >= 0; i-- {
		w := t.tok(i).word
		if t.is(i, isKin) {
			return pronoun == "he" && t.lex.people.men[w] || pronoun == "she" && t.lex.people.women[w]
		}
	}
	return false
}

// isSubject reports whether a name is the subject's: every word of its last name or
// a given name is one of the subject's.
func (r *reading) isSubject(n span) bool {
	hits, words := 0, 0
	for i := n.a; i < n.b; i++ {
		w := strings.TrimSuffix(r.tok(i).word, "'s")
		if len(w) < 2 || r.is(i, isParticle|isGeneration|isHonorific) {
			continue
		}
		words++
		if r.subject[w] {
			hits++
		}
	}
	return hits > 0 && (hits == words || hits > 1 || words < 2)
}

// meant tells whom "he" or "she" means: somebody else where the text's subject is
// the other of the two.
func (r *reading) meant(pronoun string, own bool) person {
	if own {
		return another
	}
	if pronoun == r.spokenOf() {
		return subject
	}
	return another
}

// spokenOf is the pronoun by which the text speaks of its subject: the one that
// comes more often, or first; "" if the text has none.
func (r *reading) spokenOf() string {
	if !r.listened {
		r.listened = true
		he, she, first := 0, 0, ""
		for i := range min(len(r.toks), 4000) {
			switch w := r.tok(i).word; w {
			case "he", "she":
				if first == "" {
					first = w
				}
				if w == "he" {
					he += 2
				} else {
					she += 2
				}
			case "his", "him", "himself":
				he++
			case "her", "hers", "herself":
				she++
			}
		}
		switch {
		case he > she+2:
			first = "he"
		case she > he+2:
			first = "she"
		}
		r.pronoun = first
	}
	return r.pronoun
}

// verbal reports whether token i may be a verb after its subject.
func (t *text) verbal(i int) bool {
	k := t.tok(i)
	if k.word == "" || k.upper {
		return false
	}
	return t.lex.people.verbs[k.word] || len(k.word) > 3 && strings.HasSuffix(k.word, "ed")
}

// governs reports whether the noun from a to b is the subject of a verb that
// follows it, perhaps after brackets, an apposition or "and" with another name.
func (t *text) governs(a, b int, s span) bool {
	p := a - 1
	for p >= s.a && p > a-9 && (t.is(p, isHonorific|isTitle|isTitleWord|isDemonym) || t.tok(p).sign == '.' && p > s.a && t.is(p-1, isHonorific)) {
		p--
	}
	if p >= s.a {
		// After a preposition or a verb it is an object.
		switch w := t.tok(p).word; {
		case t.lex.people.prepositions[w], t.verbal(p) && w != "said" && w != "says":
			return false
		}
	}
	i := b
	for n := 0; i < s.b && n < 24; n++ {
		k := t.tok(i)
		switch {
		case k.sign == '(' || k.sign == '[':
			depth := 0
			for ; i < s.b; i++ {
				if c := t.tok(i).sign; c == '(' || c == '[' {
					depth++
				} else if c == ')' || c == ']' {
					depth--
					if depth == 0 {
						break
					}
				}
			}
			i++
		case k.sign == '"' || k.sign == '”' || k.sign == '“':
			i++
		case k.word == "of" && t.capital(i+1) && i == b:
			for i++; i < s.b && t.capital(i); i++ {
			}
		case k.sign == ',':
			// An apposition as far as the next comma or the verb behind a bracket.
			if t.verbal(i+1) && !t.verbal(i+2) && !strings.HasSuffix(t.tok(i+1).word, "ed") {
				return true
			}
			for j := i + 1; j < s.b && j < i+30; j++ {
				if t.tok(j).sign == '(' {
					if j = t.afterBrackets(j, s.b); t.verbal(j) {
						return true
					}
				}
				if t.tok(j).sign == ';' || t.tok(j).sign == ',' && t.capital(j+1) && t.governs(j+1, j+2, span{j + 1, s.b}) {
					return false
				}
				if t.tok(j).sign == ',' && t.verbal(j+1) {
					return true
				}
			}
			return false
		case k.word == "and" || k.sign == '&':
			if n, ok := t.personAt(i+1, s.b); ok {
				i = n.b
				continue
			}
			if w := t.tok(i + 1).word; t.lex.people.possessives[w] {
				for i++; i < s.b && !t.verbal(i) && i < b+9; i++ {
					if t.tok(i).sign == ',' && !t.capital(i+1) {
						break
					}
				}
				return t.verbal(i)
			}
			return false
		case k.word != "" && strings.HasSuffix(k.word, "ly") && !k.upper:
			i++
		default:
			return t.verbal(i)
		}
	}
	return false
}

// kinOf reports whether the noun for a relative at token i says what somebody is
// ("the son of …", "a father and teacher") instead of meaning that relative.
func (t *text) kinOf(i int, s span) bool {
	if i+1 < s.b && t.tok(i+1).word == "of" {
		return true
	}
	p := i - 1
	for p > s.a && p > i-4 && t.tok(p).word != "" && !t.lex.people.possessives[t.tok(p).word] && !t.capital(p) && !strings.HasSuffix(t.tok(p).word, "'s") && t.tok(p).word != "a" && t.tok(p).word != "an" {
		p--
	}
	w := t.tok(p).word
	return w == "a" || w == "an"
}

// kinName reads the name after a noun for a relative: "wife Ann", "wife, the painter Ann Lee,".
func (t *text) kinName(i, limit int) (span, bool) {
	described := false // "the boatbuilder …"
	for n := 0; i < limit && n < 8; n++ {
		k := t.tok(i)
		switch {
		case k.sign == '(':
			i = t.afterBrackets(i, limit)
		case t.capital(i) && (t.abbreviation(i) || t.attributive(i)):
			i++
		case t.capital(i) && !t.is(i, isHonorific|isTitle|isDemonym):
			n, ok := t.givenAt(i, limit)
			if w := t.tok(i - 1).word; n.len() == 1 && (w == "a" || w == "an") {
				return n, false // his wife, a Texan
			}
			return n, ok
		case k.sign == ',' && n == 0, k.sign == ':', k.sign == '-' && k.gap != glued, k.sign == '–', k.sign == '—', k.sign == '.' && t.is(i-1, isHonorific),
			t.is(i, isHonorific|isTitle|isTitleWord|isDemonym) && k.word != "company", t.lex.people.naming[k.word]:
			i++
		case described && k.word != "" && !t.verbal(i) && !t.lex.people.prepositions[k.word]:
			i++
		default:
			return span{}, false
		}
		described = described || k.word == "the" || k.word == "a" || k.word == "an"
	}
	return span{}, false
}

// abbreviation reports whether token i is one in capitals before a common noun: "BBC journalist".
func (t *text) abbreviation(i int) bool {
	k := t.tok(i + 1)
	return t.tok(i).caps && k.word != "" && !k.upper && t.is(i+1, isTitle|isTitleWord)
}

// attributive reports whether the capitalised token i stands before a common noun
// for a person: "Lombard poet", "Acme co-founder".
func (t *text) attributive(i int) bool {
	n := i + 1
	if t.tok(n).word == "co" && t.tok(n+1).sign == '-' {
		n += 2
	}
	k := t.tok(n)
	return k.word != "" && !k.upper && (t.is(n, isTitle|isTitleWord) || t.lex.people.persons[k.word]) && !t.verbal(n) && !t.is(i, isFirstName)
}

// givenAt reads a name where one is sure to stand: a single word will do.
func (t *text) givenAt(i, limit int) (span, bool) {
	n, ok := t.nameAt(i, limit)
	if !ok || t.is(n.a, isNotName) || t.is(n.a, isMonth|isSeason) && (t.tok(n.a+1).digits || t.tok(n.a+1).word == "of") || t.tok(n.a).caps && t.tok(n.a).upper && len(t.tok(n.a).word) < 4 && n.len() == 1 {
		return n, false
	}
	for j := n.a; j < n.b; j++ {
		if t.is(j, isNotName) && j > n.a {
			n.b = j
			break
		}
		if t.is(j, isOrgSuffix|isSchool|isOrgWord) && !t.initial(j) {
			return n, false
		}
	}
	if w := t.tok(n.b - 1).word; strings.HasSuffix(w, "'s") {
		return n, true
	}
	// Philip of Macedon, Ferdinando I of Tuscany
	if t.tok(n.b).word == "of" && t.capital(n.b+1) && n.b+1 < limit && (t.match(n.b+1, limit, isPlace) > n.b+1 || t.is(n.a, isTitle)) && n.len() < 3 {
		n.b += 2
	}
	return n, !t.whole(n, isPlace|isDemonym|isTongue)
}

// personAt reads a name that the words themselves say is a person's: a given name
// among them, a title before them, or two words and more of which none says otherwise.
func (t *text) personAt(i, limit int) (span, bool) {
	honoured := false
	for i < limit && (t.is(i, isHonorific) && t.tok(i).upper || honoured && t.tok(i).sign == '.') {
		honoured = true
		i++
	}
	n, ok := t.nameAt(i, limit)
	if !ok || t.is(n.a, isNotName) || t.is(n.a, isMonth) && !t.livesAt(n.b, limit) || t.lex.people.openers[t.tok(n.a).word] {
		n.b = min(n.b, n.a+1)
		return n, false
	}
	score := t.named(n)
	if honoured && score > -9 {
		return n, true
	}
	if t.lex.people.objects[t.tok(n.b-1).word] {
		return n, false // Salt Point Lighthouse
	}
	if n.len() == 1 {
		with := (t.tok(n.b).word == "and" || t.tok(n.b).sign == ',') && t.lex.people.possessives[t.tok(n.b+1).word] && (t.lex.relations.kin[t.tok(n.b+2).word] != "" || t.lex.relations.kin[t.tok(n.b+3).word] != "")
		return n, score > 0 || score > -3 && (t.verbal(n.b) || with) && !t.is(n.a, isTitle|isDemonym)
	}
	return n, score > 0 || score > -9 && t.livesAt(n.b, limit)
}

// livesAt reports whether a bracket at token i tells of a life: "(born 1950", "(died".
func (t *text) livesAt(i, limit int) bool {
	if t.tok(i).sign == ',' {
		i++
	}
	for n := 0; t.tok(i).sign == '(' && i < limit && n < 3; n++ {
		end := t.afterBrackets(i, limit)
		if ds := t.dates(span{i + 1, min(end, i+30)}); len(ds) > 0 && end-i < 50 && (ds[0].a <= i+4 && ds[0].end.len() > 0 || len(ds) == 2 && ds[0].start.len() > 2) {
			return true // (4 May 1850 in Y – …)
		}
		for j := i + 1; j < end && j < i+20; j++ {
			if w := t.tok(j).word; w == "born" || w == "died" || w == "née" || w == "né" || w == "b" && t.tok(j+1).sign == '.' && t.tok(j+2).digits || w == "geboren" {
				return true
			}
		}
		i = end
	}
	return false
}

// pastOffice returns where the name begins in "Norden Systems CEO Ann Lee", i if the
// capitalised words from token i have no title before a name.
func (t *text) pastOffice(i, limit int) int {
	for j := i; j+1 < limit && j < i+7 && t.capital(j); j++ {
		if j > i && t.isOffice(j) && t.capital(j+1) && !t.isOffice(j+1) {
			if _, ok := t.personAt(j+1, limit); ok {
				return j + 1
			}
		}
	}
	return i
}

// startsTitledName reports whether a run of capitalised words begins with a title
// that a name follows: "President Ann Smith".
func (t *text) startsTitledName(p span) bool {
	for i := p.a; i < p.b; i++ {
		if t.is(i, isFirstName) {
			return true
		}
	}
	return false
}

// shared reports whether somebody else who is named, or a relative, does something too.
func (sc *scene) shared() bool {
	for _, m := range sc.acts {
		if m.who == another && m.len() > 0 && (sc.t.capital(m.a) && sc.t.tok(m.a).word != "it" && sc.t.tok(m.a).word != "we" || sc.t.is(m.a, isKin)) {
			return true
		}
	}
	return false
}

// at is who the verbs at token i speak of.
func (sc *scene) at(i int) mention {
	if i < sc.s.a || i >= sc.s.b {
		return mention{who: another}
	}
	return sc.acts[i-sc.s.a]
}

// behind returns the mention that ends right before token i, brackets and a comma
// between them: whom an apposition at i is about.
func (sc *scene) behind(i int) (mention, bool) {
	t := sc.t
	j := i - 1
	for j >= sc.s.a {
		switch c := t.tok(j).sign; {
		case c == ')' || c == ']':
			open := '('
			if c == ']' {
				open = '['
			}
			for j > sc.s.a && j > i-90 && t.tok(j).sign != open {
				j--
			}
			j--
		case c == ',' || c == '(' || c == '[' || c == '"' || c == '”' || c == '–' || c == '—' || c == ':' || c == '-' && t.tok(j).gap != glued:
			j--
		default:
			return sc.around(j)
		}
	}
	return mention{}, false
}

// nearest returns the last mention before token i.
func (sc *scene) nearest(i int) (mention, bool) {
	if n := sort.Search(len(sc.mentions), func(n int) bool { return sc.mentions[n].b > i }); n > 0 {
		return sc.mentions[n-1], true
	}
	return mention{}, false
}

// around returns the mention that token i is part of.
func (sc *scene) around(i int) (mention, bool) {
	n := sort.Search(len(sc.mentions), func(n int) bool { return sc.mentions[n].b > i })
	if n < len(sc.mentions) && sc.mentions[n].a <= i {
		return sc.mentions[n], true
	}
	return mention{}, false
}

// described is whom a noun phrase that begins at token i describes: who stands
// before it as its apposition, what leads the sentence, or the subject of its verb.
func (sc *scene) described(i int) mention {
	t := sc.t
	p := i - 1
	for p >= sc.s.a && p > i-6 && (sc.t.lex.people.articles[t.tok(p).word] || t.is(p, isDemonym)) {
		p--
	}
	if p < sc.s.a {
		return sc.at(sc.s.a)
	}
	switch k := t.tok(p); {
	case k.sign == ',' || k.sign == '(' || k.sign == '–' || k.sign == '—':
		if m, ok := sc.behind(p + 1); ok {
			sc.appos, sc.apposEnd = m, i
			return m
		}
	case k.word == "and":
		if sc.apposEnd > 0 && i-sc.apposEnd < 30 && sc.at(i) == sc.at(sc.apposEnd) && !sc.verbBetween(sc.apposEnd, i) {
			return sc.appos
		}
	}
	return sc.at(i)
}

// finite reports whether a verb other than a participle stands between two tokens.
func (sc *scene) finite(a, b int) bool {
	for ; a < b; a++ {
		if sc.t.lex.people.verbs[sc.t.tok(a).word] {
			return true
		}
	}
	return false
}

func (sc *scene) verbBetween(a, b int) bool {
	for ; a < b; a++ {
		if sc.t.verbal(a) {
			return true
		}
	}
	return false
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
	if w := t.tok(p).word; p == sc.s.a && (w == "his" && sc.pronoun != "she" || w == "her" && sc.pronoun != "he") && !sc.own {
		return mention{who: subject}
	}
	switch w := t.tok(p).word; {
	case w == "my":
		return mention{span{p, p + 1}, subject}
	case w == "our" && sc.own:
		return mention{span{p, p + 1}, subject} // our daughters
	case w == "his" && sc.pronoun == "she", w == "her" && sc.pronoun == "he", w == "our" || w == "your" || w == "its":
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
		if m, ok := sc.around(p); ok {
			return m
		}
		return mention{span{p, p + 1}, another}
	}
	return mention{who: another}
}
