package extract

import "strings"

// partyAt reads a party that stands before an office ("a Labour Party politician",
// "Republican senator") or after a name ("(D-TX)").
func (r *reading) partyAt(i int, s span, sc *scene) int {
	t := r.text
	p, ok := t.partyName(i, s.b)
	if !ok {
		if p, ok = t.adherence(i, s.b); !ok {
			return i
		}
	}
	if r.inParty(p, s, sc) {
		return p.b
	}
	head := -1
	for j := t.afterBrackets(p.b, s.b); j < s.b && j < p.b+10; j++ {
		if t.is(j, isTitle) || t.lex.people.persons[t.tok(j).word] || t.tok(j).word == "candidate" || t.tok(j).word == "nominee" {
			head = j
			break
		}
		if w := t.tok(j).word; w == "" || t.verbal(j) || w == "of" || w == "in" || w == "and" {
			break
		}
	}
	a := p.a
	for a > s.a && t.is(a-1, isDemonym) {
		a-- // an English Tory
	}
	a = t.phraseFrom(a, s.a)
	prev := t.tok(a - 1).word
	standsFor := t.lex.people.partisans[t.words(p)]
	if head < 0 && !(standsFor && (t.lex.copulas[prev] || prev == "as" || prev == "," || t.tok(a-1).sign == ',')) {
		return i
	}
	who := sc.described(a)
	if head >= 0 {
		if n, ok := t.personAt(head+1, s.b); ok && t.tok(head+1).word != "" {
			who = mention{n, another}
			if r.isSubject(n) {
				who.who = subject
			}
		} else if t.lex.people.prepositions[prev] && prev != "as" && prev != "by" {
			return i
		}
	}
	if who.who != subject {
		return i
	}
	r.say("background.politicalParties", t.shown(p), sureCue, span{p.a, max(p.b, head+1)})
	return p.b
}

// inParty reads a party that stands behind a preposition or a verb of the subject's
// clause: "was elected for the X Party", "ran on the X Party ticket".
func (r *reading) inParty(p, s span, sc *scene) bool {
	t := r.text
	plural := p.len() == 1 && t.lex.people.banners[t.tok(p.a).word] && t.tok(p.a-1).word == "the"
	if p.len() < 2 && !t.tok(p.a).caps && !plural || sc.at(p.a).who != subject {
		return false
	}
	known := plural
	for j := p.a; j < p.b; j++ {
		known = known || t.tok(j).word == "party"
	}
	if n := &t.lex.relations.parties; !known {
		for j := p.a; j < p.b && n != nil; j++ {
			if t.tok(j).word != "" {
				n = n.next[t.tok(j).word]
			}
		}
		known = n != nil && n.classes > 0
	}
	if !known || t.lex.people.opposes[t.tok(p.b).word] || t.personal(p.b+1, s.b) {
		return false
	}
	from := -1
	for j := p.a - 1; j >= s.a && j > p.a-14; j-- {
		k := t.tok(j)
		if t.lex.people.opposes[k.word] || k.sign == ';' || t.lex.people.breaks[k.word] && k.word != "since" && k.word != "also" && k.word != "who" && k.word != "before" && k.word != "after" || k.word == "party" {
			return false
		}
		if t.lex.people.joins[k.word] || t.isOffice(j) || t.lex.people.persons[k.word] {
			from = j
			break
		}
	}
	if from < 0 {
		return false
	}
	r.sayParty(p, from, s)
	return true
}

// party says the party behind a cue.
func (r *reading) party(i, end int, s span) {
	t := r.text
	for j := end; j < s.b && j < end+7; j++ {
		k := t.tok(j)
		if k.word == "" && k.sign != '-' || t.verbal(j) && j > end {
			return
		}
		if !t.capital(j) {
			continue
		}
		for j < s.b && t.is(j, isDemonym) && t.capital(j+1) {
			if p, ok := t.partyName(j, s.b); ok && p.b > j+1 {
				break
			}
			j++
		}
		p, ok := t.partyName(j, s.b)
		if !ok {
			return
		}
		r.sayParty(p, i, s)
		return
	}
}

func (r *reading) sayParty(p span, from int, s span) {
	t := r.text
	r.say("background.politicalParties", strings.TrimSuffix(strings.TrimSuffix(t.shown(p), "'s"), "’s"), sureCue, span{min(from, p.a), p.b})
	if t.tok(p.b).sign == '(' && t.tok(p.b+2).sign == ')' && t.tok(p.b+1).caps {
		r.say("background.politicalParties", t.of(span{p.b + 1, p.b + 2}), sureLexicon, span{min(from, p.a), p.b + 2})
	}
	// joined the Labour Party and the Greens
	j := p.b
	if t.tok(j).word == "and" || t.tok(j).sign == ',' {
		for j < s.b && (t.tok(j).word == "and" || t.tok(j).sign == ',' || t.tok(j).word == "the" || t.tok(j).word == "later") {
			j++
		}
		if q, ok := t.partyName(j, s.b); ok && !t.verbal(q.b) && (q.len() > 1 || !t.lex.people.banners[t.tok(q.a).word]) {
			r.say("background.politicalParties", t.shown(q), sureLexicon, span{min(from, p.a), q.b})
		}
	}
}

// partyName returns the party whose name begins at token i.
func (t *text) partyName(i, limit int) (span, bool) {
	n := &t.lex.relations.parties
	end := i
	for j := i; j < limit && t.tok(i).upper; j++ {
		if t.tok(j).word == "" {
			if j > i && t.tok(j).gap == glued {
				continue
			}
			break
		}
		if n = n.next[t.tok(j).word]; n == nil {
			break
		}
		if n.classes > 0 && (j > i || len(t.tok(j).word) > 4 || t.tok(j).caps) && (t.tok(j).upper || j == i) {
			end = j + 1
		}
	}
	if !t.capital(i) || t.is(i, isMonth|isNotName) {
		return span{}, false
	}
	p, ok := t.properAt(i, limit)
	if k := t.tok(p.b); ok && (k.sign == '\'' || k.sign == '’') && k.gap == glued && t.capital(p.b+1) {
		// Harbour Workers' Party
		if q, more := t.properAt(p.b+1, limit); more {
			p.b = q.b
		}
	}
	if ok {
		for j := p.a; j < p.b; j++ {
			if w := strings.TrimSuffix(t.tok(j).word, "'s"); (w == "party" || w == "partei" || w == "partido" || w == "parti") && (j > p.a || j+1 < p.b) {
				b := j + 1
				if w := t.tok(b).word; (w == "of" || w == "for") && t.capital(b+1) {
					b = p.b
					if q, ok := t.properAt(b+1, limit); ok && w == "for" && b == j+1 {
						b = q.b
						if t.tok(b).word == "and" && t.capital(b+1) && t.tok(b+2).sign != 0 {
							b += 2
						}
					}
				}
				if j == p.a || w != "party" {
					b = p.b
				}
				return span{p.a, max(b, end)}, true
			}
		}
	}
	if end > i && t.tok(end).word == "party" {
		end++
	}
	if end == i && ok && p.len() > 1 {
		// Democratic Left Alliance, National Salvation Front, Sweden Democrats
		colour := false
		for j := p.a; j < p.b; j++ {
			w := t.tok(j).word
			if j > p.a && (t.lex.people.banners[w] || colour && t.lex.people.fronts[w]) {
				return span{p.a, max(j+1, p.b)}, true
			}
			colour = colour || t.lex.people.colours[w]
		}
	}
	return span{i, end}, end > i
}

// adherence reads a word for the members of a party: "Democratic state senator", "a
// Whig", "joined the Communists".
func (t *text) adherence(i, limit int) (span, bool) {
	k := t.tok(i)
	if !k.upper || k.word == "" {
		return span{}, false
	}
	if t.lex.people.partisans[k.word] || t.lex.people.banners[k.word] && t.tok(i-1).word == "the" {
		return span{i, i + 1}, true
	}
	if !t.lex.people.adherents[k.word] {
		return span{}, false
	}
	for j := i + 1; j < limit && j < i+5; j++ {
		switch w := t.tok(j).word; {
		case t.lex.people.bodies[w] && t.tok(j).upper && w != "congress", t.lex.people.fronts[w] && t.tok(j).upper:
			return span{}, false // a member of the Conservative Council
		case t.is(j, isTitle) || w == "member" || w == "mp" || w == "mps" || w == "candidate" || w == "nominee" || w == "peer" || w == "leader" || w == "congressman" || w == "congresswoman" || w == "politician":
			return span{i, i + 1}, true
		case w == "" && t.tok(j).sign != '.' || w == "of" || w == "and" || w == "in":
			return span{}, false
		}
	}
	return span{}, false
}
