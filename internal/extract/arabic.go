package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// arabicWords are the nouns and cues of arabic.txt.
type arabicWords struct {
	nouns map[string]string // word → kinds, each between blanks
	cues  node
}

func (a *arabicWords) line(s string) {
	cols := strings.Split(s, "\t")
	for p := range strings.SplitSeq(cols[2], " | ") {
		p = strings.TrimSpace(p)
		if cols[1] == "noun" {
			a.nouns[p] += " " + cols[0] + " "
			continue
		}
		n := a.cues.insert(strings.Fields(p))
		n.cues = append(n.cues, &cue{path: cols[0], shape: cols[1]})
	}
}

// unvowelled drops vowel signs and the stretching stroke.
func unvowelled(w string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || r == 'ـ' {
			return -1
		}
		return r
	}, w)
}

// arabicWord is token i without vowel signs and, if bare, without "and" before it.
func (t *text) arabicWord(i int, bare bool) string {
	w := unvowelled(t.tok(i).word)
	if rest, ok := strings.CutPrefix(w, "و"); ok && bare && utf8.RuneCountInString(rest) > 2 {
		return rest
	}
	return w
}

// noun reports whether token i is a noun of a kind, perhaps with "and" before it.
func (t *text) arabicNoun(i int, kind string) bool {
	return t.tok(i).word != "" && (strings.Contains(t.lex.arabic.nouns[t.arabicWord(i, false)], " "+kind+" ") || strings.Contains(t.lex.arabic.nouns[t.arabicWord(i, true)], " "+kind+" "))
}

// arabicCue returns the longest cue at token i and the token after it.
func (t *text) arabicCue(i, limit int) (*cue, int) {
	for _, bare := range []bool{false, true} {
		n := &t.lex.arabic.cues
		var found *cue
		end := i
		for j := i; j < limit && t.tok(j).word != ""; j++ {
			if n = n.next[t.arabicWord(j, bare && j == i)]; n == nil {
				break
			}
			if len(n.cues) > 0 {
				found, end = n.cues[0], j+1
			}
		}
		if found != nil {
			return found, end
		}
	}
	return nil, i
}

// arabic finds out whether a text tells of a person: it begins with a name before
// an occupation, or the source's title names who is in it. It returns how to read it.
func (r *reading) arabic() func() {
	t := r.text
	all := span{0, len(t.toks)}
	first := t.sentences(all)
	if len(first) == 0 {
		return nil
	}
	s := first[0]
	a := s.a
	for a < s.b && (t.arabicNoun(a, "honorific") || t.tok(a).word == "" || t.tok(a).word == "د") {
		a++
	}
	var name, role span
	for i := a + 1; i < s.b && i < a+5 && t.tok(i-1).word != ""; i++ {
		if t.arabicNoun(i, "profession") {
			name, role = span{a, i}, span{i, i + 1}
			break
		}
		if c, _ := t.arabicCue(i, s.b); c != nil && c.path != "positions" {
			name = span{a, i}
			break
		}
	}
	if titled, ok := r.arabicTitle(all); ok && (name.len() == 0 || t.shares(titled, name)) {
		name = titled
	}
	facts := 0
	for i := range t.toks {
		if c, _ := t.arabicCue(i, len(t.toks)); c != nil {
			facts++
		}
	}
	if name.len() == 0 || name.len() > 5 || facts < 2 {
		return nil
	}
	// The occupation goes on to the first verb or comma.
	for ; role.len() > 0 && role.b < s.b && role.len() < 7; role.b++ {
		if c, _ := t.arabicCue(role.b, s.b); c != nil || t.tok(role.b).word == "" || t.tok(role.b).word == "في" || t.arabicNoun(role.b, "stop") {
			break
		}
	}
	return func() {
		r.say("name", t.shown(name), sureForm, name)
		if role.len() > 0 {
			r.say("role", t.shown(role), sureCue, role)
		}
		for _, s := range t.sentences(all) {
			r.arabicSentence(s)
		}
		r.contacts(all)
	}
}

// arabicTitle finds the longest end of the source's title that stands in the text.
func (r *reading) arabicTitle(all span) (span, bool) {
	t := r.text
	words := phrase(r.title)
	for n := min(4, len(words)); n >= 2; n-- {
		for a := len(words) - n; a >= 0; a-- {
			if strings.Contains(t.lex.arabic.nouns[unvowelled(words[a])], "honorific") {
				continue
			}
			if s, ok := t.find(strings.Join(words[a:a+n], " "), all); ok {
				return s, true
			}
		}
	}
	return span{}, false
}

// arabicSentence reads one sentence cue by cue; what belongs to a cue ends at a comma.
func (r *reading) arabicSentence(s span) {
	t := r.text
	begin := s.a
	for i := s.a; i < s.b; i++ {
		if t.tok(i).sign == '،' || t.tok(i).sign == '؛' {
			begin = i + 1
			continue
		}
		if prev := t.arabicWord(i-1, true); prev == "لا" || prev == "لم" || prev == "لن" {
			continue
		}
		c, from := t.arabicCue(i, s.b)
		if c == nil || from >= s.b {
			continue
		}
		end := from
		for end < s.b && !strings.ContainsRune("،؛.:!", t.tok(end).sign) {
			end++
		}
		if end < s.b && t.tok(end).sign == 0 {
			end = s.b
		}
		o := span{from, end}
		switch c.shape {
		case "place":
			p := span{from, from}
			for p.b < end && p.len() < 3 && t.tok(p.b).word != "" && !(p.len() > 0 && strings.HasPrefix(t.tok(p.b).word, "و")) && !t.arabicNoun(p.b, "stop") {
				p.b++
			}
			// عمّان، الأردن
			if p.b < s.b && p.b == end && t.tok(p.b).sign == '،' && t.tok(p.b+1).word != "" && (p.b+2 >= s.b || t.tok(p.b+2).sign == '.' || t.tok(p.b+2).sign == '،') {
				p.b += 2
			}
			r.say(c.path, t.shown(p), sureCue, span{i, p.b})
			end = p.b
		case "born":
			for n := from; n < end; n++ {
				if p := n + 1; t.tok(n).word == "في" && p < end && t.tok(p).word != "" && !t.tok(p).digits && !t.arabicNoun(p, "year") {
					r.say("background.birthPlace", t.shown(span{p, p + 1}), sureCue, span{i, p + 1})
				}
				if _, ok := year(t.tok(n)); ok {
					d := span{n, n + 1}
					if t.arabicNoun(n-1, "year") {
						d.a--
					}
					r.say(c.path, t.shown(d), sureForm, span{i, n + 1})
					break
				}
			}
		case "list":
			for _, p := range t.arabicItems(o) {
				r.sayBytes(c.path, clean(t.s[p.start:p.end]), sureCue, t.tok(i).start, p.end)
			}
		case "clause":
			if o = t.trimmed(o); o.len() > 0 && o.len() < 25 {
				r.say(c.path, t.shown(o), sureCue, span{i, o.b})
			}
		case "latin":
			for n := from; n < end; n++ {
				k := t.tok(n)
				at := strings.IndexFunc(t.s[k.start:k.end], func(r rune) bool { return unicode.Is(unicode.Latin, r) })
				if at >= 0 && k.word != "" {
					r.sayBytes(c.path, t.s[k.start+at:k.end], sureCue, t.tok(i).start, k.end)
				}
			}
		default:
			r.arabicEntry(c, span{i, from}, o, begin)
		}
		i = max(i, end-1)
	}
}

// arabicItems parts a list at words that begin with "and".
func (t *text) arabicItems(o span) []address {
	var out []address
	for i := o.a; i < o.b && len(out) < 9; i++ {
		k := t.tok(i)
		if k.word == "" {
			if len(out) == 0 {
				continue
			}
			break
		}
		and := strings.HasPrefix(k.word, "و") && utf8.RuneCountInString(unvowelled(k.word)) > 3
		switch {
		case and && i > o.a:
			out = append(out, address{k.start + len("و"), k.end})
		case len(out) == 0:
			out = append(out, address{k.start, k.end})
		default:
			out[len(out)-1].end = k.end
		}
	}
	return out
}

// arabicEntry reads a position or a school after its verb.
func (r *reading) arabicEntry(c *cue, verb, o span, begin int) {
	t := r.text
	e := entry{parts: []span{verb}}
	for i := begin; i < o.b; i++ {
		y, ok := year(t.tok(i))
		if !ok || y == 0 {
			continue
		}
		d := date{span: span{i, i + 1}, start: span{i, i + 1}, startISO: t.tok(i).word}
		if w := t.tok(i + 1).word; w == "إلى" || w == "حتى" {
			if _, ok := year(t.tok(i + 2)); ok && i+2 < o.b {
				d.end, d.endISO, d.b = span{i + 2, i + 3}, t.tok(i+2).word, i+3
			}
		}
		for n := max(begin, i-2); n < i; n++ {
			d.open = d.open || t.arabicNoun(n, "since")
		}
		e.date, e.hasDate = d, true
		e.take(d.span)
		break
	}
	stop := func(i int) bool {
		c, _ := t.arabicCue(i, o.b)
		w := t.tok(i)
		return c != nil || t.arabicNoun(i, "stop") || w.number || w.word == "" || w.word == "من" || w.word == "في"
	}
	body := func(kind string) span {
		for i := o.a; i < o.b; i++ {
			if !t.arabicNoun(i, kind) {
				continue
			}
			b := i + 1
			if t.tok(b).sign == '«' || t.tok(b).sign == '"' {
				for n := b + 1; n < o.b && n < b+8; n++ {
					if t.tok(n).sign == '»' || t.tok(n).sign == '"' {
						return span{b + 1, n}
					}
				}
			}
			for b < o.b && b < i+6 && !stop(b) {
				b++
			}
			if b > i+1 {
				return span{i, b}
			}
		}
		return span{}
	}
	if c.path == "education" {
		e.school = body("school")
		for i := o.a; i < o.b && (e.school.len() == 0 || i < e.school.a); i++ {
			if t.arabicNoun(i, "degree") {
				e.degree = span{i, i + 1}
				e.take(e.degree)
			}
		}
		if e.school.len() == 0 && e.degree.len() == 0 {
			return
		}
		f := span{o.a, o.a}
		if e.degree.len() > 0 {
			f = span{e.degree.b, e.degree.b}
			if t.tok(f.a).word == "في" {
				f = span{f.a + 1, f.a + 1}
			}
		}
		for f.b < o.b && f.len() < 4 && !stop(f.b) && !t.arabicNoun(f.b, "school") && !t.arabicNoun(f.b, "year") {
			f.b++
		}
		if e.field = f; f.len() > 0 {
			e.take(f)
		}
		if e.school.len() > 0 {
			e.take(e.school)
		}
		r.sayEducation(e)
		return
	}
	e.org = body("body")
	at := o.a
	switch c.shape {
	case "work":
		for i := o.a; i < o.b; i++ {
			if t.arabicNoun(i, "profession") {
				e.title = span{i, i + 1}
				break
			}
		}
	case "lead":
		// The verb and what it leads are the title: "heads the neonatal ward".
		e.title = span{verb.a, o.a}
		for e.title.b < o.b && e.title.len() < 6 && !stop(e.title.b) && (e.org.len() == 0 || e.title.b < e.org.a) {
			e.title.b++
		}
		if e.title.len() < 2 {
			e.title = span{}
		}
	}
	if e.org.len() == 0 && e.title.len() == 0 {
		return
	}
	at = max(at, e.org.b)
	if t.tok(at).word == "في" && at+1 < o.b && t.tok(at+1).word != "" && !t.tok(at+1).number {
		e.place = span{at + 1, at + 2}
		e.take(e.place)
	}
	if e.org.len() > 0 {
		e.take(e.org)
	}
	if e.title.len() > 0 {
		e.take(e.title)
	}
	r.sayPosition(e)
}
