package extract

import (
	"strings"
	"unicode"
)

// chat reads the subject's turns only. The subject is, in this order: the speaker
// whom the source's title or the lines before the talk name; the one speaker who
// does not ask or serve (speakers.txt); the one who says most of himself or
// herself; the first.
func (r *reading) chat(turns []turn) {
	t := r.text
	said := map[string][]span{}
	label := map[string]span{}
	var order []string
	for _, u := range turns {
		if _, ok := said[u.key]; !ok {
			order = append(order, u.key)
			label[u.key] = u.label
		}
		said[u.key] = append(said[u.key], t.sentences(u.words)...)
	}
	var candidates []string
	for _, key := range order {
		if !t.serves(label[key]) {
			candidates = append(candidates, key)
		}
	}
	if len(candidates) == 0 {
		return
	}
	called := r.called(candidates, label, turns[0].label.a)
	best, most := candidates[0], -1
	for _, key := range candidates {
		n := 0
		probe := &reading{text: t, sink: &sink{t: t, seen: map[string]bool{}, has: map[string]bool{}}, subject: map[string]bool{}}
		probe.brief = true
		probe.speak(said[key], true)
		probe.unspacedTurns(turns, key)
		n = probe.total*4 + probe.selves(said[key])
		if key == called {
			n += 1 << 20
		}
		if n > most {
			best, most = key, n
		}
	}
	if most <= 0 {
		return
	}
	l := label[best]
	// What stands before the first turn may present who answers.
	lead := span{0, turns[0].label.a}
	if name, at, ok := r.biographee(lead); ok && name.len() > 0 && (t.nameless(l) || t.shares(name, l)) {
		r.biography(name, at, lead)
	} else if names := r.titledNames(span{0, len(t.toks)}); len(names) == 1 && (t.nameless(l) || t.shares(names[0], l)) && speaks(turns, best, names[0].a) {
		r.sayName(names[0], sureLexicon)
	}
	if !r.has["name"] {
		r.headed(lead, l)
	}
	r.answers(turns, best)
	r.brief = true
	r.speak(said[best], true)
	r.unspacedTurns(turns, best)
	r.present()
	r.origin()
	// The label is the name unless the speaker has said a fuller one.
	if name, ok := t.nameAt(l.a, l.b); ok && name.b == l.b && !t.nameless(l) && !(l.len() == 1 && t.tok(l.a).caps && len(t.tok(l.a).word) < 4) && t.named(name) > -3 && len(r.subject) == 0 {
		r.sayName(name, sureForm)
	}
	for _, u := range turns {
		if u.key == best {
			r.contacts(u.words)
			r.years(u.words)
		}
	}
}

// headed reads the heading of a talk: "Interview with Marguerite Bond, lighthouse
// keeper" when it has the label's name and more.
func (r *reading) headed(lead, label span) {
	t := r.text
	for i := lead.a; i < lead.b && i < lead.a+60; i++ {
		n, ok := t.nameAt(i, lead.b)
		for ok && n.len() > 1 && (t.is(n.a, isNotName) || t.lex.presents[t.tok(n.a).word]) {
			n.a++
		}
		if !ok || n.len() < 2 || !t.shares(n, label) || t.named(n) < -2 {
			continue
		}
		r.sayName(n, sureForm)
		if t.tok(n.b).sign == ',' {
			if title, ok := t.titleIn(span{n.b + 1, min(lead.b, n.b+9)}); ok && t.tok(title.b).newline {
				r.say("role", t.shown(title), sureLexicon, title)
			}
		}
		return
	}
}

// speaks reports whether token i is not of another's turn.
func speaks(turns []turn, who string, i int) bool {
	for _, u := range turns {
		if u.key != who && i >= u.label.a && i < u.words.b {
			return false
		}
	}
	return true
}

// unspacedTurns reads what one speaker says in a script that parts no words.
func (r *reading) unspacedTurns(turns []turn, who string) {
	t := r.text
	if !t.mostly(unicode.Han, unicode.Hiragana, unicode.Katakana) {
		return
	}
	var lines []address
	for _, u := range turns {
		if u.key == who && u.words.len() > 0 {
			lines = append(lines, stretches(t.s, t.tok(u.words.a).start, t.tok(u.words.b-1).end, "\n")...)
		}
	}
	r.unspacedLines(lines)
}

// called returns the one speaker of whom a word of the name stands in the source's
// title, or else in the lines before the talk; "" when it is none or several.
func (r *reading) called(keys []string, label map[string]span, begin int) string {
	t := r.text
	lead := ""
	for i := range min(begin, 60) {
		if t.lex.presents[t.tok(i).word] {
			lead = t.words(span{0, min(begin, 60)}) // "Interview with Ana", not "Ana created this group"
		}
	}
	for _, where := range []string{strings.Join(phrase(r.title), " "), lead} {
		words := map[string]bool{}
		for _, w := range strings.Fields(where) {
			words[w] = true
		}
		found, several := "", false
		for _, key := range keys {
			for i := label[key].a; i < label[key].b; i++ {
				if w := t.tok(i).word; len(w) > 1 && words[w] && !t.is(i, isNameless|isAsker|isHonorific|isParticle) {
					several = several || found != "" && found != key
					found = key
				}
			}
		}
		if found != "" && !several {
			return found
		}
	}
	return ""
}

// answers reads the replies to questions that ask for a field outright: "What
// matters to you?" "Punctuality and kindness." What the reply says in a sentence of
// its own is left to the cues.
func (r *reading) answers(turns []turn, who string) {
	t := r.text
	for i := 1; i < len(turns); i++ {
		if turns[i].key != who || turns[i-1].key == who {
			continue
		}
		asked := " " + t.words(turns[i-1].words) + " "
		if at := strings.Index(asked, " your favo"); at >= 0 {
			r.preferred(strings.Fields(asked[at:]), turns[i].words)
			continue
		}
		for _, q := range t.lex.asks {
			if !strings.Contains(asked, " "+q.words+" ") {
				continue
			}
			for n, s := range t.sentences(turns[i].words) {
				if n > 3 {
					break
				}
				r.answer(q.path, s, n == 0, asked)
			}
			break
		}
	}
}

// preferred reads the reply to "what is your favorite color?": a few words alone.
func (r *reading) preferred(asked []string, words span) {
	t := r.text
	sentences := t.sentences(words)
	if len(sentences) == 0 || len(asked) < 3 {
		return
	}
	s := sentences[0]
	for s.a < s.b && (t.tok(s.a).word == "" || t.lex.filler(t.tok(s.a).word) || t.lex.greetings[t.tok(s.a).word] || t.tok(s.a).word == "oh" || t.tok(s.a).word == "hmm" || t.tok(s.a).word == "well") {
		s.a++
	}
	o := t.object(span{s.a, t.objectEnd(s.a, s.b)})
	if o.len() == 0 || o.len() > 6 || t.tok(s.b-1).sign == '?' {
		return
	}
	for i := s.a; i < s.b; i++ {
		if w := t.tok(i).word; t.lex.selfWords[w] || strings.Contains(w, "'") || t.lex.openers[w] || w == "yes" || w == "no" || w == "yeah" || w == "so" || w == "they" || w == "it" || w == "thanks" || w == "favorite" || w == "nice" || w == "cool" {
			return
		}
	}
	// The reply must tell by itself: a title does, a colour does not.
	if t.lex.labelled[asked[2]] && !t.capital(o.b-1) {
		return
	}
	for _, p := range t.likes(o) {
		r.like("interests.primary", p, sureLexicon, p)
	}
}

// answer says a short reply: a fragment if it comes first, or what "I" do for pleasure.
func (r *reading) answer(path string, s span, first bool, asked string) {
	t := r.text
	for s.a < s.b && t.tok(s.a).word == "" {
		s.a++
	}
	end := t.objectEnd(s.a, s.b)
	if path == "location" {
		if p, ok := t.placeAt(s.a, end); ok && first && p.b == end {
			r.say(path, t.place(p), sureCue, p)
		} else if first && end-s.a == 1 && t.capital(s.a) && strings.Contains(asked, " "+t.tok(s.a).word+" ") {
			r.say(path, t.place(span{s.a, end}), sureCue, span{s.a, end})
		}
		return
	}
	for i := s.a; i < end; i++ {
		if t.tok(i).sign == ',' && (i+2 < end && t.tok(i+1).word == "in" || path == "interests.primary") {
			end = i
			break
		}
	}
	o := t.object(span{s.a, end})
	if o.len() == 0 || o.len() > 9 || t.tok(s.b-1).sign == '?' {
		return
	}
	switch w := t.tok(o.a).word; {
	case w == "i" && path == "interests.primary" && o.len() > 2:
		v := t.object(span{o.a + 1, o.b})
		if v2 := t.tok(v.a).word; v.len() < 2 || strings.HasSuffix(v2, "n't") || t.lex.filler(v2) || t.is(v.a, isNotName) || t.lex.cues.next[v2] != nil {
			return
		}
		r.say(path, t.shown(v), sureLexicon, o)
		return
	case !first || t.lex.selfWords[w] || strings.HasPrefix(w, "i'") || t.is(o.a, isNotName) && w != "the" && w != "of" && !(path == "communication.preferences" && (w == "on" || w == "by" || w == "in")) || t.lex.vague[w] || w != "of" && t.lex.filler(w) || t.lex.greetings[w]:
		return
	case path == "interests.primary" && (w == "no" || w == "yes" || w == "well"):
		return
	case w == "of":
		o = t.object(span{o.a + 1, o.b})
	}
	for i := o.a; i < o.b; i++ {
		if t.lex.selfWords[t.tok(i).word] || t.lex.copulas[t.tok(i).word] && t.tok(i).word != "a" && t.tok(i).word != "the" && t.tok(i).word != "an" {
			return
		}
	}
	if o.len() == 0 || o.len() == 1 && len(t.tok(o.a).word) < 4 {
		return
	}
	for _, p := range t.likes(o) {
		r.say(path, t.shown(p), sureLexicon, span{o.a, p.b})
	}
}

// serves reports whether a label is that of who asks the questions.
func (t *text) serves(l span) bool {
	return t.match(l.a, l.b, isAsker) > l.a && !t.is(l.a, isFirstName) || l.b-1 > l.a && t.is(l.b-1, isAsker)
}

// nameless reports whether a label stands for a person without naming one.
func (t *text) nameless(l span) bool {
	for i := l.a; i < l.b; i++ {
		if t.is(i, isNameless|isAsker) || t.tok(i).digits {
			return true
		}
	}
	return false
}
