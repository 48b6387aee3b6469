package extract

import "strings"

// kin reads "his wife Ann", "the son of A and B", "two sons, A and B", "is Ann's husband".
func (r *reading) kin(path string, i int, s span, sc *scene) {
	t := r.text
	if t.tok(i).word == "partner" && !t.lex.people.possessives[t.tok(i-1).word] && !t.lex.people.bonds[t.tok(i-1).word] {
		return // of a firm
	}
	if i+1 < s.b && t.tok(i+1).word == "of" || t.tok(i+1).word == "to" && (t.capital(i+2) || t.is(i+2, isTitle)) && (t.tok(i).word == "wife" || t.tok(i).word == "husband" || t.tok(i).word == "father" || t.tok(i).word == "mother") {
		who := sc.described(t.phraseFrom(i, s.a))
		names := r.namesAfter(i+2, s.b, true)
		for n, p := range names {
			switch {
			case who.who == subject && !r.isSubject(p):
				if path == "background.spouses" && n > 0 {
					break
				}
				r.sayPerson(inverse[path], p, i)
			case who.who == another && who.len() > 0 && t.capital(who.a) && r.isSubject(p):
				r.sayPerson(path, who.span, i)
			}
		}
		return
	}
	who := sc.possessor(i)
	few := t.fewBefore(i, s.a)
	if who.len() == 0 && who.who == another {
		if !few {
			return
		}
		if who = sc.at(i); sc.own && t.tok(who.a).word == "we" {
			who.who = subject // we have two sons
		}
		if w := t.tok(i).word; path != "background.children" && !(path == "background.parents" && w == "parents") {
			return
		}
	}
	names := r.kinNames(i+1, s.b, path, strings.HasSuffix(t.tok(i).word, "s") || t.tok(i).word == "children")
	if len(names) == 0 {
		// "He is Ann's husband", "Gennaro, his son,"
		if who.who == another && who.len() > 0 && t.capital(who.a) && strings.HasSuffix(t.tok(who.b-1).word, "'s") && t.lex.copulas[t.tok(who.a-1).word] && sc.at(i).who == subject {
			r.sayPerson(inverse[path], who.span, i)
			return
		}
		if m, ok := sc.behind(t.phraseFrom(i, s.a)); ok && m.len() > 0 && t.capital(m.a) && t.lex.people.possessives[t.tok(t.phraseFrom(i, s.a)).word] && (t.tok(t.phraseFrom(i, s.a)-1).sign == ',' || sc.own) {
			if r.isSubject(m.span) {
				return
			}
			if o, ok := sc.nearest(m.a); !ok || o.who == subject {
				r.sayPerson(path, m.span, i+1)
			}
		}
		return
	}
	for _, p := range names {
		if r.isSubject(p) {
			// "Ann's son, Jim": the subject is who belongs to her.
			if who.who == another && who.len() > 0 && t.capital(who.a) && (strings.HasSuffix(t.tok(who.b-1).word, "'s") || t.tok(who.b).sign == '\'' || t.tok(who.b).sign == '’') {
				r.sayPerson(inverse[path], who.span, p.a)
			}
			return
		}
	}
	for _, p := range names {
		if who.who == subject {
			r.sayPerson(path, p, i)
		}
	}
}

// kinNames reads the names that follow a noun for relatives.
func (r *reading) kinNames(i, limit int, path string, many bool) []span {
	t := r.text
	n, ok := t.kinName(i, limit)
	if !ok {
		return nil
	}
	return r.nameList(n, limit, many, path)
}

// namesAfter reads the names behind a verb or "of", over titles and the words that
// describe who is named.
func (r *reading) namesAfter(i, limit int, many bool) []span {
	t := r.text
	for n := 0; i < limit && n < 12; n++ {
		k := t.tok(i)
		switch {
		case t.capital(i) && !t.abbreviation(i) && !t.is(i, isHonorific|isDemonym) && !(t.is(i, isTitle|isTitleWord) && t.capital(i+1)) && !t.is(i, isMonth):
			if t.attributive(i) {
				i++
				continue
			}
			p, ok := t.givenAt(i, limit)
			if !ok || t.tok(p.b).sign == '\'' || t.tok(p.b).sign == '’' {
				return nil
			}
			return r.nameList(p, limit, many, "background.spouses")
		case t.capital(i) && t.abbreviation(i), k.word == "and" && !t.capital(i+1) && n > 0 && !t.verbal(i+1) && !t.lex.people.possessives[t.tok(i+1).word]:
			i++
		case k.sign == ',' && n < 6, k.sign == ':', k.sign == '.' && t.is(i-1, isHonorific), k.sign == '-' && k.gap == glued, k.sign == '(' && n > 0:
			i++
		case n == 0 && (k.word == "on" || k.word == "in" || k.word == "for" || k.word == "since" || k.word == "at"):
			// was married on 4 May 1884 to Ann, for ten years to Ann
			j := i + 1
			for j < limit && j < i+10 && t.tok(j).word != "to" && (!t.verbal(j) || t.tok(j).word == "now") && t.tok(j).word != "and" {
				j++
			}
			if t.tok(j).word != "to" {
				return nil
			}
			i = j + 1
		case k.word == "" || t.lex.people.prepositions[k.word] && k.word != "to" && k.word != "with", t.verbal(i), k.word == "in" || k.word == "on" || k.word == "at" || k.word == "who" || k.word == "when" || k.word == "and" || t.is(i, isMonth) || k.digits:
			return nil
		default:
			i++
		}
	}
	return nil
}

// nameList goes on from a first name over commas and "and". What describes who is
// named may stand between: "John Lee, a banker, and his wife Ann".
func (r *reading) nameList(n span, limit int, many bool, kin string) []span {
	t := r.text
	out := []span{n}
	for many && len(out) < 12 {
		i := t.afterBrackets(n.b, limit)
		if t.tok(i).word == "of" && t.capital(i+1) {
			for i++; i < limit && t.capital(i); i++ { // Samuel Lowe of Ashby
			}
		}
		sep, and := false, false
		for i < limit && (t.tok(i).sign == ',' || t.tok(i).sign == '&' || t.tok(i).word == "and" || t.tok(i).sign == ';') {
			sep = true
			and = and || t.tok(i).word == "and" || t.tok(i).sign == '&'
			i++
		}
		if !sep {
			break
		}
		next, ok := t.nextNamed(i, limit, and, kin)
		if !ok && !and {
			// an apposition before the next one
			for j := i; j < limit && j < i+12; j++ {
				if w := t.tok(j).word; t.verbal(j) || w == "who" || w == "which" || t.tok(j).sign == ';' || t.tok(j).sign == '.' && !t.abbreviated(j-1) {
					break
				} else if w == "and" && (t.tok(j-1).sign == ',' || t.capital(j-1) && (t.tok(i).digits || t.lex.people.nobles[t.tok(i).word])) {
					next, ok = t.nextNamed(j+1, limit, true, kin)
					break
				}
			}
		}
		if !ok {
			break
		}
		n = next
		out = append(out, n)
	}
	return out
}

// nextNamed reads the next name of a list at token i; last is the one behind "and".
func (t *text) nextNamed(i, limit int, last bool, kin string) (span, bool) {
	begin := i
	for i < limit && i < begin+7 {
		k := t.tok(i)
		if t.is(i, isHonorific) || k.sign == '.' && t.is(i-1, isHonorific) || t.is(i, isDemonym) && t.capital(i+1) {
			i++
			continue
		}
		if last && t.is(i, isKin) && t.lex.relations.kin[k.word] != kin {
			return span{}, false // and half brother of …
		}
		if last && !k.upper && k.word != "of" && (t.lex.people.possessives[k.word] || t.lex.relations.kin[k.word] == kin && kin != "" || t.is(i, isTitle|isTitleWord) || t.lex.people.naming[k.word] && k.word != "by" || k.word == "second" || k.word == "third" || k.word == "first" || kin == "background.spouses" && k.word != "" && !t.verbal(i) && !t.lex.people.prepositions[k.word] && !t.lex.people.breaks[k.word] || k.sign == ',' && t.lex.relations.kin[t.tok(i-1).word] != "" || k.sign == '-' && k.gap == glued) {
			i++
			continue
		}
		if t.tok(i).sign == '(' && i > begin {
			i = t.afterBrackets(i, limit)
			continue
		}
		break
	}
	if i >= limit || !t.capital(i) {
		return span{}, false
	}
	n, ok := t.givenAt(i, limit)
	if !ok || (t.is(n.a, isTitle) || t.lex.people.nobles[t.tok(n.a).word]) && n.len() == 1 || t.match(n.a, limit, isPlace) >= n.b {
		return n, false
	}
	if t.verbal(n.b) && !last {
		return n, false
	}
	return n, true
}

func (r *reading) sayPerson(path string, p span, from int) {
	if !r.capital(p.a) || r.tok(p.a).word == "i" || r.lex.thirds[r.tok(p.a).word] {
		return
	}
	v := strings.TrimSuffix(strings.TrimSuffix(r.person(p), "'s"), "’s")
	r.say(path, v, sureCue, span{min(from, p.a), max(p.b, from+1)})
}

// phraseFrom walks left over the words before a noun to the beginning of its phrase.
func (t *text) phraseFrom(i, limit int) int {
	for limit = max(limit, i-12); i > limit; {
		k := t.tok(i - 1)
		adjective := strings.HasSuffix(k.word, "ed") && !t.lex.people.verbs[k.word] && t.lex.people.articles[t.tok(i-2).word]
		if k.word == "" && !(k.sign == '-' && k.gap == glued) || k.upper || k.word == "and" || t.verbal(i-1) && !adjective || t.lex.people.prepositions[k.word] || t.lex.copulas[k.word] && k.word != "a" && k.word != "an" && k.word != "the" {
			break
		}
		i--
	}
	return i
}

// fewBefore reports whether "a", "two", "three" or the like stands before a noun.
func (t *text) fewBefore(i, limit int) bool {
	for p := i - 1; p >= limit && p > i-4; p-- {
		switch t.tok(p).word {
		case "a", "one", "two", "three", "four", "five", "six", "seven", "eight", "2", "3", "4", "5", "parents":
			return true
		case "":
			return false
		}
	}
	return t.tok(i).word == "parents" && t.tok(i-1).word == "to"
}

func (t *text) afterBrackets(i, limit int) int {
	for n := 0; t.tok(i).sign == '(' && i < limit && n < 4; n++ {
		depth, limit := 0, min(limit, i+90)
		for ; i < limit; i++ {
			if t.tok(i).sign == '(' {
				depth++
			} else if t.tok(i).sign == ')' {
				if depth--; depth == 0 {
					break
				}
			}
		}
		i++
	}
	return i
}
