package extract

import (
	"strings"

	"github.com/persona-api/persona-api/internal/persona"
)

// homes reads where somebody lives, has lived or moved.
func (r *reading) homes(c *cue, i, end int, s span) {
	t := r.text
	w := t.tok(i).word
	if p := t.tok(i - 1).word; c.shape != "here" && (p == "to" && t.tok(i-2).word != "used" && t.tok(i-2).word != "before" && t.tok(i-2).word != "forced" || p == "will") {
		return // wants to move to Oslo
	}
	if c.shape == "moved" {
		// moved the label to X, moved into sales, moved to X United
		if k := t.tok(end); k.word != "" && !t.lex.people.ways[k.word] {
			return
		}
	}
	if w == "call" || w == "calls" {
		if p := t.homeAt(end, s.b); p.len() > 0 && t.tok(p.b).word == "home" {
			r.home(c, p, i)
		}
		return
	}
	said := false
	if t.tok(end).word == "there" || w != "based" && c.shape != "here" && r.whereBefore(i, s) {
		if p := t.placeBefore(i, s.a); p.len() > 0 {
			r.say("background.residences", t.place(p), sureLexicon, span{p.a, end})
		}
		if t.tok(end).word != "there" {
			return
		}
	}
	begin := end
	if t.lex.people.prepositions[t.tok(end-1).word] {
		begin = end - 1 // resident of
	}
	for j := begin; j < s.b && j < end+22; j++ {
		k := t.tok(j)
		if k.sign == '(' && t.lex.people.prepositions[t.tok(j-1).word] {
			k = t.tok(j - 1)
		} else if k.sign == ';' || k.sign == ':' || k.sign == '(' {
			return
		}
		if said && k.sign != 0 && k.sign != ',' {
			return
		}
		if k.word == "of" && j > end && t.tok(j-1).word == "outside" {
			continue
		}
		if !said && (k.word == "studied" || k.word == "graduated" || k.word == "attended" || k.word == "worked" || k.word == "where" || k.word == "while") {
			return
		}
		if j > end && (t.verbal(j) && k.word != "raised" && k.word != "worked" || k.word == "who" || k.word == "which" || k.word == "he" || k.word == "she" || k.word == "before") {
			return
		}
		switch k.word {
		case "in", "near", "to", "from", "around", "outside", "at", "of", "on", "à", "en", "between", "into", "throughout", "for":
		default:
			continue
		}
		switch {
		case k.word == "of" && !(w == "resident" || w == "residents" || w == "hometown"), k.word == "at" && c.shape != "here", k.word == "for", (k.word == "from" || k.word == "to") && c.shape == "here",
			k.word == "from" && w != "moved" && w != "moving" && w != "relocated" && w != "emigrated" && w != "immigrated" && w != "migrated",
			w == "came" && k.word != "to", w == "spent" && t.tok(j-1).sign == 0 && !t.timeSpent(end, j), w == "stayed" && k.word != "in":
			continue
		}
		list := t.homeList(j+1, s.b)
		if said && (k.word == "at" || k.word == "of" || k.word == "on" || k.word == "for") || t.tok(j+1).word == "" {
			continue
		}
		for _, p := range list {
			if c.shape == "moved" && t.noHome(p) {
				return // a player's new club
			}
			if t.tok(p.b).sign == '\'' || strings.HasSuffix(t.tok(p.b-1).word, "'s") || t.is(p.a, isTitle|isDemonym) && !t.whole(p, isPlace) || t.noHome(p) {
				continue
			}
			if k.word == "at" && t.match(p.a, s.b, isPlace) == p.a {
				continue
			}
			r.home(c, p, i)
			said = true
			j = p.b - 1
		}
	}
}

func (r *reading) home(c *cue, p span, from int) {
	path, conf := "background.residences", sureCue
	if c.path == "location" && !r.has["location"] {
		path = "location"
	}
	if c.shape == "moved" {
		conf = sureLexicon
	}
	if r.seen["location\x00"+persona.FieldAt("location").Key(r.place(p), nil)] {
		return // it is said already that it is home now
	}
	r.say(path, r.place(p), conf, span{from, p.b})
}

// homeList reads the places of a list: "Bryne, Montreal and Aukra".
func (t *text) homeList(i, limit int) []span {
	var out []span
	for i < limit && len(out) < 8 {
		p := t.homeAt(i, limit)
		if p.len() == 0 {
			break
		}
		i = p.b
		out = append(out, t.partedHomes(p)...)
		if t.tok(i).sign == ',' {
			i++
		}
		switch t.tok(i).word {
		case "and", "or", "&", "und", "y", "et":
			i++
		case "as":
			if t.tok(i+1).word == "well" && t.tok(i+2).word == "as" {
				i += 3
				continue
			}
			return out
		case "then", "later":
			i++
			for t.tok(i).word == "to" || t.tok(i).word == "in" || t.tok(i).word == "later" {
				i++
			}
			continue
		default:
			if t.tok(i).sign == '&' {
				i++
				continue
			}
			return out
		}
		for t.tok(i).word == "in" || t.tok(i).word == "later" || t.tok(i).word == "then" || t.tok(i).word == "to" {
			i++
		}
		if t.personal(i, limit) {
			return out
		}
	}
	return out
}

// partedHomes parts what commas join where "and" goes on: "Bergen, Ghent and Turin"
// are three places, "Split, Croatia" is one.
func (t *text) partedHomes(p span) []span {
	n := p.b
	if t.tok(n).sign == ',' {
		n++
	}
	if w := t.tok(n).word; w != "and" && w != "or" || !t.capital(n+1) && t.tok(n+1).word != "the" {
		return []span{p}
	}
	var out []span
	a := p.a
	for i := p.a; i < p.b; i++ {
		if t.tok(i).sign == ',' && t.match(i+1, p.b, isRegion|isCountry|isAbbreviatedRegion) == i+1 {
			out = append(out, span{a, i})
			a = i + 1
		}
	}
	return append(out, span{a, p.b})
}

// homeAt reads a place at token i: a known one or capitalised words, and the larger
// places that follow it after commas.
func (t *text) homeAt(i, limit int) span {
	for i < limit && (t.lex.people.articles[t.tok(i).word] || t.lex.people.around[t.tok(i).word]) && !t.tok(i).upper {
		// "the village of X", "the San Francisco Bay Area", "nearby X"
		i++
	}
	if i >= limit || !t.capital(i) || t.is(i, isMonth|isSeason|isHonorific) && t.match(i, limit, isPlace) == i {
		return span{}
	}
	if t.tok(i).word == "the" {
		i++
	}
	run := func(i int) int {
		known := t.match(i, limit, isPlace)
		n := i
		for n < limit && n < i+5 {
			k := t.tok(n)
			if t.capital(n) && (n == i || k.gap == spaced || k.gap == glued && t.tok(n-1).sign == '-') && !t.is(n, isMonth) && !(n > i && t.is(n, isNotName) && !t.lex.people.around[k.word]) {
				n++
				continue
			}
			if n > i && (k.sign == '-' && k.gap == glued || k.sign == '.' && k.gap == glued && t.abbreviated(n-1)) && t.capital(n+1) {
				n++
				continue
			}
			if n > i && (k.word == "am" || k.word == "im" || k.word == "de" || k.word == "of" && t.tok(n-1).word != "university" || k.word == "an" || k.word == "upon" || k.word == "sur" || k.word == "del" || k.word == "la" || k.word == "on" && known <= i) && t.capital(n+1) && !t.is(n+1, isMonth) {
				n++
				continue
			}
			break
		}
		for n > i && t.tok(n-1).word == "" {
			n--
		}
		if m := t.match(n, limit, isAbbreviatedRegion); m > n && known >= n && t.capital(n) {
			n = m
		}
		return max(n, known)
	}
	if t.is(i, isDemonym) && t.capital(i+1) && t.match(i, limit, isPlace) == i && t.match(i+1, limit, isPlace) > i+1 {
		i++ // the Danish Faroe Islands
	}
	b := run(i)
	if t.capital(b) && t.lex.people.noplaces[t.tok(b).word] {
		return span{} // Water Street
	}
	if b == i || t.orgNamed(span{i, b}) {
		return span{}
	}
	for n := 0; n < 3 && t.tok(b).sign == ',' && b+1 < limit && t.capital(b+1); n++ {
		e := t.match(b+1, limit, isAbbreviatedRegion)
		if e > b+1 {
			if t.tok(e).sign == '.' && t.tok(e).gap == glued && (t.tok(e+1).sign == ',' || t.tok(e+1).word != "" && !t.tok(e+1).upper) {
				e++
			}
		} else {
			e = run(b + 1)
		}
		known := t.match(b+1, limit, isPlace|isAbbreviatedRegion) > b+1
		if e == b+1 || t.orgNamed(span{b + 1, e}) || !known && (t.sayer(e) || t.is(b+1, isFirstName|isHonorific|isNotName|isMonth)) || t.sayer(e) && t.tok(e).word != "and" && !known {
			break
		}
		if !known && t.tok(e).sign != ',' && t.tok(e).sign != ')' && t.tok(e).sign != '.' && t.tok(e).word == "" {
			break
		}
		b = e
	}
	return span{i, b}
}

// orgNamed reports whether the last words of a run name an organisation.
func (t *text) orgNamed(s span) bool {
	for i := s.a; i < s.b; i++ {
		if t.is(i, isOrgSuffix|isOrgWord|isSchool) && t.tok(i).upper && !t.lex.people.around[t.tok(i).word] && t.match(s.a, s.b, isPlace) < s.b {
			return true
		}
	}
	return false
}

// noHome reports whether a run of capitalised words in a place's position names a
// club, a castle's owner or an office instead.
func (t *text) noHome(p span) bool {
	for i := p.a; i < p.b; i++ {
		if t.lex.people.noplaces[t.tok(i).word] && t.match(p.a, p.b, isPlace) < p.b {
			return true
		}
	}
	return false
}

// whereBefore reports whether "where he" or "where she had" stands before a verb.
func (r *reading) whereBefore(i int, s span) bool {
	for j := i - 1; j >= s.a && j > i-4; j-- {
		if r.tok(j).word == "where" {
			return true
		}
	}
	return false
}

// placeBefore returns the last place that a preposition leads to before token i.
func (t *text) placeBefore(i, limit int) span {
	for j := i - 1; j > limit; j-- {
		if w := t.tok(j - 1).word; w != "in" && w != "to" && w != "at" && w != "near" {
			continue
		}
		if p := t.homeAt(j, i); p.len() > 0 && !t.noHome(p) && !t.is(p.a, isDemonym|isMonth|isTitle) {
			return p
		}
	}
	return span{}
}

// timeSpent reports whether "spent … in X" tells of time.
func (t *text) timeSpent(a, b int) bool {
	for ; a < b; a++ {
		switch t.tok(a).word {
		case "years", "year", "childhood", "youth", "life", "months", "time", "decade", "decades", "early", "summers", "winters", "adolescence":
			return true
		}
	}
	return false
}

// personal reports whether a name at token i is a person's.
func (t *text) personal(i, limit int) bool {
	n, ok := t.personAt(i, limit)
	return ok && t.is(n.a, isFirstName|isHonorific) && t.verbal(n.b)
}

// basedIn reads "Bergen-based artist Vera Lund".
func (r *reading) basedIn(i int, s span, sc *scene) {
	t := r.text
	a := i - 1
	for a > s.a && t.capital(a-1) && i-a < 5 && (a == i-1 || t.tok(a).gap == spaced) {
		a--
	}
	if a == i-1 || r.has["location"] || t.is(a, isNotName) && t.match(a, i, isPlace) == a {
		return
	}
	who := sc.described(t.phraseFrom(a, s.a))
	for j := i + 1; j < s.b && j < i+6; j++ {
		if n, ok := t.personAt(j, s.b); ok {
			if who = (mention{n, another}); r.isSubject(n) {
				who.who = subject
			}
			break
		}
		if t.tok(j).word == "" && t.tok(j).sign != '-' || t.verbal(j) {
			break
		}
	}
	if who.who == subject {
		r.say("location", t.place(span{a, i - 1}), sureLexicon, span{a, i + 1})
	}
}
