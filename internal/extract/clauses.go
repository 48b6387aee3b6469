package extract

import "strings"

// manner is how a language says what people do: the verbs of each relation and the
// small words around them (verbs.txt).
type manner struct {
	common   map[string]bool   // words by which the language is recognised
	verbs    map[string]string // word → relation: work, lead, found, study, be, train
	as       map[string]bool   // before a title
	at       map[string]bool   // before an organisation or a school
	articles map[string]bool
	in       map[string]bool // before a place
	weak     map[string]bool // before what says itself that it is an organisation
}

// language returns the language of the text's prose if the verbs of another than
// English are known for it.
func (t *text) language() *manner {
	if !t.recognised {
		t.recognised, t.manner = true, t.recognise()
	}
	return t.manner
}

func (t *text) recognise() *manner {
	var best *manner
	most := 0
	for _, name := range t.lex.languages {
		m, n := t.lex.manners[name], 0
		for i := range min(len(t.toks), 600) {
			if m.common[t.tok(i).word] {
				n++
			}
		}
		if n > most {
			best, most = m, n
		}
	}
	if best == t.lex.manners["en"] || most*12 < min(len(t.toks), 600) {
		return nil
	}
	return best
}

// clauses reads who works, studied, leads or founded in a sentence of a language
// that relations does not read. What belongs to a verb goes as far as the next one;
// a date may also stand before it.
func (r *reading) clauses(m *manner, s span) {
	t := r.text
	begin := s.a
	for i := s.a; i < s.b; i++ {
		rel := m.verbs[t.tok(i).word]
		if rel == "" || t.tok(max(s.a, i-1)).word == "nicht" || t.tok(max(s.a, i-1)).word == "no" || t.tok(max(s.a, i-1)).word == "nunca" || t.tok(max(s.a, i-1)).word == "jamais" {
			continue
		}
		end := i + 1
		for end < s.b && m.verbs[t.tok(end).word] == "" && t.tok(end).sign != ';' {
			end++
		}
		// "… y en 2016 volvió para fundar": what stands behind the joint is the next verb's.
		joint := end
		for n := end - 1; end < s.b && n > end-12 && n > i; n-- {
			w := t.tok(n).word
			if (t.tok(n).sign == ',' || w == "und" || w == "y" || w == "et") && !t.tok(n-1).number && (n+1 == end || m.in[t.tok(n+1).word] || t.is(n+1, isSince) || t.tok(n+1).number) {
				joint = n
				break
			}
		}
		r.clauseAt(m, rel, begin, i, joint)
		begin, i = joint, end-1
	}
}

// clauseAt reads one clause: what stands from begin to the verb and from it to end.
func (r *reading) clauseAt(m *manner, rel string, begin, verb, end int) {
	t := r.text
	e := entry{parts: []span{{verb, verb + 1}}, now: t.lex.present[t.tok(verb).word]}
	for _, d := range append(t.dates(span{verb, end}), t.dates(span{begin, verb})...) {
		e.date, e.hasDate = d, true
		break
	}
	if n := verb + 1; rel == "be" && e.hasDate && e.date.a > n+6 && !e.date.open {
		e.date, e.hasDate = date{}, false // not of what somebody is
	}
	org, place := span{}, span{}
	for i := verb + 1; i < end; i++ {
		w := t.tok(i).word
		if w == "" {
			continue
		}
		switch {
		case e.hasDate && i >= e.date.a && i < e.date.b:
			continue
		case w == "de" && rel == "be":
		case m.at[w] || m.in[w] || m.weak[w]:
			n := i + 1
			for n < end && m.articles[t.tok(n).word] {
				n++
			}
			p, named := t.bodyAt(n, end)
			if named && t.whole(p, isPlace) && m.in[w] {
				if place.len() == 0 {
					place = t.placeOrName(n, end)
				}
				i = p.b - 1
				continue
			}
			switch {
			case !named:
			case org.len() == 0 && (m.at[w] || m.weak[w] && (t.orgLike(p) || t.hasSchool(p))) && (rel != "study" || t.hasSchool(p)) && (t.orgLike(p) || t.hasSchool(p) || !m.in[w] || p.a > n || n > i+1):
				org = p
			case place.len() == 0 && m.in[w] && n == i+1:
				if p = t.placeOrName(n, end); p.len() > 0 {
					place = p
				}
			}
			if named {
				i = p.b - 1
			}
		}
	}
	switch rel {
	case "study":
		if org.len() == 0 {
			return
		}
		e.school = org
		f := span{verb + 1, verb + 1}
		for f.b < org.a && f.len() < 9 && !(m.at[t.tok(f.b).word] && f.b+5 > org.a && f.b > verb+2) && !(m.at[t.tok(f.b).word] && t.tok(f.b+1).word != "" && f.b+3 >= org.a) && t.tok(f.b).sign != ',' {
			f.b++
		}
		for f.len() > 0 && (m.articles[t.tok(f.a).word] || t.lex.thirds[t.tok(f.a).word] || t.tok(f.a).word == "un") {
			f.a++
		}
		if d := t.match(f.a, f.b, isDegree); d > f.a {
			e.degree = span{f.a, d}
			for e.degree.len() > 1 && m.at[t.tok(e.degree.b-1).word] {
				e.degree.b--
			}
			for f.a = d; f.a < f.b && (m.at[t.tok(f.a).word] || m.articles[t.tok(f.a).word] || t.tok(f.a).word == "de"); f.a++ {
			}
		}
		if f = t.trimmed(f); f.len() > 0 && len(t.dates(f)) == 0 && len(t.tok(f.a).word) > 3 {
			e.field = f
		}
		e.take(org)
		if e.hasDate {
			e.take(e.date.span)
		}
		r.sayEducation(e)
		return
	case "be":
		a := verb + 1
		for a < end && a < verb+4 && (m.articles[t.tok(a).word] || t.lex.filler(t.tok(a).word) || t.lex.thirds[t.tok(a).word]) {
			a++
		}
		if !t.is(a, isTitle) || org.len() == 0 && !e.hasDate {
			return
		}
		e.title = span{a, a + 1}
		// profesora de Taller de Proyectos en …
		for n := a + 1; n < org.a && n < a+8; n++ {
			if w := t.tok(n).word; m.at[w] && w != "de" || w == "" {
				e.title.b = n
				break
			}
		}
	case "train":
		e.title = span{verb, verb + 1}
		if org.len() == 0 {
			return
		}
	case "work":
		for i := verb + 1; i < end; i++ {
			if !m.as[t.tok(i).word] {
				continue
			}
			a := i + 1
			for a < end && m.articles[t.tok(a).word] {
				a++
			}
			if t.capital(a) || t.is(a, isTitle|isTitleWord) {
				if e.title = (span{a, a + 1}); !t.is(a, isTitle) {
					if p, ok := t.titlePhrase(a, min(end, a+6)); ok && p.a == a {
						e.title = p
					}
				}
			}
			break
		}
		if e.title.len() == 0 && org.len() == 0 {
			return
		}
	default: // lead, found
		if org.len() == 0 {
			org = t.firstBody(verb+1, end)
		}
		if org.len() == 0 {
			return
		}
	}
	// "Puerto Norte de Barcelona": the town is not of the name.
	for n := org.a + 1; n+1 < org.b && !t.hasSchool(org); n++ {
		if t.tok(n).word == "de" && t.whole(span{n + 1, org.b}, isPlace) {
			if place.len() == 0 {
				place = span{n + 1, org.b}
			}
			org.b = n
		}
	}
	e.org, e.place = org, place
	for _, p := range []span{e.title, e.org, e.place} {
		if p.len() > 0 {
			e.take(p)
		}
	}
	if e.hasDate {
		e.take(e.date.span)
	}
	if e.quote().len() < 60 {
		r.sayPosition(e)
	}
}

// bodyAt returns the name of an organisation at token i: capitalised words, or a
// common noun that leads to them ("estudio Puerto Norte", "l'université de Lyon").
func (t *text) bodyAt(i, limit int) (span, bool) {
	if t.capital(i) {
		return t.properAt(i, limit)
	}
	if !t.is(i, isOrgWord|isSchool) {
		return span{}, false
	}
	if t.is(i+1, isPlace) && t.whole(span{i + 1, i + 2}, isPlace) {
		return span{}, false
	}
	if w := t.tok(i + 1).word; w == "de" || w == "du" || w == "des" || w == "del" {
		n := i + 2
		if t.tok(n).word == "la" {
			n++
		}
		if p, ok := t.properAt(n, limit); ok && t.capital(n) {
			return span{i, p.b}, true
		}
		return span{}, false
	}
	if t.capital(i + 1) {
		p, ok := t.properAt(i+1, limit)
		if ok && t.tok(i).word[0] != 'l' {
			return p, true
		}
		return span{i, p.b}, ok
	}
	return span{}, false
}

// firstBody returns the first name of an organisation after a verb: what stands
// beside a common noun, between commas or after an article.
func (t *text) firstBody(i, limit int) span {
	for ; i < limit; i++ {
		p, ok := t.bodyAt(i, limit)
		if !ok || t.is(p.a, isMonth|isFirstName) || t.whole(p, isPlace) {
			continue
		}
		// "ihre Werkstatt, Sandmeier Orgelbau,": the name follows the noun.
		if p.len() == 1 && t.tok(p.b).sign == ',' && t.capital(p.b+1) {
			if q, ok := t.properAt(p.b+1, limit); ok {
				return q
			}
		}
		if p.len() > 1 || t.orgLike(p) {
			return p
		}
	}
	return span{}
}

func (m *manner) set(key, list string) {
	for _, w := range strings.Fields(list) {
		switch key {
		case "common":
			m.common[w] = true
		case "as":
			m.as[w] = true
		case "at":
			m.at[w] = true
		case "in":
			m.in[w] = true
		case "weak":
			m.weak[w] = true
		case "articles":
			m.articles[w] = true
		default:
			m.verbs[w] = key
		}
	}
}
