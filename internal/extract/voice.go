package extract

import (
	"strings"
	"unicode/utf8"

	"github.com/persona-api/persona-api/internal/persona"
)

// teller is what is kept while somebody's own words are read.
type teller struct {
	kind            persona.SourceKind // that the source is said to be
	terse           bool               // only what is weighty is quoted
	liked           map[string]bool    // what has been said to be liked, by its gist
	from            span               // where the speaker says to be from
	dwelling, dwelt span               // where the speaker lives, without a name, and what says so
}

// said is a word of a sentence with contractions taken apart: I'm is i am.
type said struct {
	word string
	tok  int
}

var contractions = map[string]string{"'m": "am", "'ve": "have", "'d": "would", "'ll": "will", "'re": "are", "n't": "not"}

func (t *text) expand(s span) []said {
	out := make([]said, 0, s.len())
	for i := s.a; i < s.b; i++ {
		w := t.tok(i).word
		if w == "" {
			out = append(out, said{"", i})
			continue
		}
		switch w {
		case "can't", "cannot":
			out = append(out, said{"can", i}, said{"not", i})
			continue
		case "won't":
			out = append(out, said{"will", i}, said{"not", i})
			continue
		case "im":
			if t.language() == t.lex.manners["de"] {
				break
			}
			out = append(out, said{"i", i}, said{"am", i})
			continue
		case "dont", "doesnt", "didnt":
			out = append(out, said{strings.TrimSuffix(w, "nt"), i}, said{"not", i})
			continue
		}
		if q := strings.LastIndexByte(w, '\''); q > 0 {
			if full, ok := contractions[w[q:]]; ok {
				out = append(out, said{w[:q], i}, said{full, i})
				continue
			}
			if strings.HasSuffix(w, "n't") {
				out = append(out, said{strings.TrimSuffix(w, "n't"), i}, said{"not", i})
				continue
			}
			if w[q:] == "'s" && (w[:q] == "he" || w[:q] == "she" || w[:q] == "it" || w[:q] == "that" || w[:q] == "what") {
				out = append(out, said{w[:q], i}, said{"is", i})
				continue
			}
		}
		out = append(out, said{w, i})
	}
	return out
}

// ownWords reads a text that may be in the first person. It takes two signs of a
// self, or one sentence that names itself, to be somebody's words.
func (r *reading) ownWords(sentences []span) {
	if r.selves(sentences) < 2 {
		return
	}
	r.hanName()
	r.speak(sentences, true)
	r.present()
	r.origin()
	if r.total > 0 {
		r.contacts(span{0, len(r.toks)})
	}
}

// selves counts the words by which a speaker speaks of himself or herself.
func (r *reading) selves(sentences []span) int {
	n := 0
	for _, s := range sentences {
		for _, w := range r.expand(s) {
			if r.lex.selfWords[w.word] {
				n++
			} else if len(w.word) > 3 && w.word[0] >= 0x80 && (strings.Contains(w.word, "我") || w.word == "اسمي" || w.word == "أنا") {
				n += 2
			}
		}
	}
	return n
}

// speak reads sentences for what their speaker (own) or the biography's subject
// says or is said to like, want, fear, be and do, and picks telling sentences.
func (r *reading) speak(sentences []span, own bool) {
	var told []candidate
	stated := r.total
	for _, s := range sentences {
		if s.len() < 2 || s.len() > 200 {
			continue
		}
		if own && r.tok(s.b-1).sign == '?' {
			s = r.question(s)
		}
		if s.len() < 2 || r.tok(s.b-1).sign == '?' {
			continue
		}
		before := r.total
		weight := r.sentence(s, own)
		if own {
			told = append(told, candidate{s, weight, r.total > before})
		}
	}
	if r.total > stated {
		r.quotes(told)
	}
}

// sentence reads one sentence and returns how telling it is.
func (r *reading) sentence(s span, own bool) int {
	t := r.text
	ws := r.expand(s)
	weight := 0
	speaking := false // the last subject is the one the text is about
	supposed := false // a condition has been named: "if I were rich"
	begin := 0
	if own && r.brief && len(ws) > 1 {
		// "hate mornings", "learning to surf" without the "I"
		if n, k, neg := r.walk(&t.lex.cues, ws, 0); n != nil && k < len(ws) && ws[k].word != "you" {
			weight, begin = r.hit(n.cues, ws, 0, 0, k, s, neg, own), k-1
		} else if am := t.lex.cues.next["am"]; am != nil && strings.HasSuffix(ws[0].word, "ing") {
			if n, k, neg := r.walk(am, ws, 0); n != nil {
				weight, begin = r.hit(n.cues, ws, 0, 0, k, s, neg, own), k-1
			}
		}
	}
	for i := begin; i < len(ws); i++ {
		w := ws[i].word
		if w == "" {
			continue
		}
		conditional := i > 0 && (ws[i-1].word == "if" || ws[i-1].word == "unless" || ws[i-1].word == "whether")
		if own && (w == "favorite" || w == "favourite" || w == "favorites" || w == "favourites") && i > 0 {
			if r.favourite(ws[i].tok, s) {
				weight = max(weight, 1)
			}
			continue
		}
		if own && i > 0 && r.lex.aims[w] && (ws[i-1].word == "my" || i > 1 && ws[i-2].word == "my") {
			weight = max(weight, r.aim(ws, i, s))
		}
		if own && w == "i" && i > 0 && r.lex.relatives[ws[i-1].word] {
			speaking, supposed = false, supposed || conditional
			continue
		}
		if own && w == "i" && r.reported(ws, i) {
			speaking = false
			continue
		}
		if own && w == "i" && supposed && i+1 < len(ws) && (ws[i+1].word == "would" || ws[i+1].word == "could" || ws[i+1].word == "might") {
			speaking = false
			continue
		}
		subject := own && w == "i" || !own && (w == "he" || w == "she" || w == "they" || w == "who" || r.subject[w])
		switch {
		case subject:
			// A name of several words is one subject; the verb follows its end.
			for !own && i+1 < len(ws) && (r.subject[ws[i+1].word] || ws[i+1].word == "" && t.tok(ws[i+1].tok).sign == '.' && i+2 < len(ws) && r.subject[ws[i+2].word]) {
				i++
			}
			speaking = !conditional
			if !own && speaking {
				r.does(ws, i, s)
			}
		case own && (w == "you" || w == "he" || w == "she" || w == "they" || w == "we" || w == "who" || w == "it"),
			!own && (w == "i" || w == "you" || w == "we" || w == "it" || t.is(ws[i].tok, isKin)):
			speaking = false
			continue
		case (w == "and" || w == "but" || w == "then") && speaking:
			// I live in Riga and work at …, but not: and my wife works at …
			if own && i+1 < len(ws) && r.another(ws, i+1) {
				speaking = false
				continue
			}
		case own && speaking && i > 1 && ws[i-1].word == "" && r.another(ws, i) && i+1 < len(ws) && t.is(ws[i+1].tok, isKin):
			speaking = false // "I'm retired, my wife works at …"
			continue
		case own && speaking && i > 1 && ws[i-1].word == "" && t.tok(ws[i-1].tok).sign == ',' && r.continues(ws, i):
			// "I grew up in Riga, studied law and …"
			n, k, neg := r.walk(&t.lex.cues, ws, i)
			weight = max(weight, r.hit(n.cues, ws, i, i, k, s, neg, own))
			i = k - 1
			continue
		default:
			if n, j, neg := r.walk(&t.lex.free, ws, i); n != nil && !conditional && !(i > 0 && ws[i-1].word != "" && (w == "every" || w == "each")) {
				weight = max(weight, r.hit(n.cues, ws, i, i, j, s, neg, own))
				if j > i {
					i = j - 1
				}
				continue
			}
			if n, j, _ := r.walk(&t.lex.before, ws, i); n != nil && j > i {
				weight = max(weight, r.before(n.cues, ws, i, j, s))
				i = j - 1
			}
			continue
		}
		if !speaking {
			continue
		}
		j, neg := i+1, false
		for j < len(ws) && (t.lex.filler(ws[j].word) || ws[j].word == "not" || ws[j].word == "never" || ws[j].word == "no" || ws[j].word == "hardly") {
			neg = neg || ws[j].word == "not" || ws[j].word == "never" || ws[j].word == "no" || ws[j].word == "hardly"
			j++
		}
		// "usually" is a filler and a cue: the cue goes first.
		if n, k, neg2 := r.walk(&t.lex.cues, ws, i+1); n != nil {
			weight = max(weight, r.hit(n.cues, ws, i, i+1, k, s, neg2, own))
			i = k - 1
			continue
		}
		if n, k, neg2 := r.walk(&t.lex.cues, ws, j); n != nil {
			weight = max(weight, r.hit(n.cues, ws, i, j, k, s, neg || neg2, own))
			i = k - 1
			continue
		}
		chore := j > i+1 && j < len(ws) && ws[j-1].word == "do" && r.lex.determiners[ws[j].word]
		if chore {
			j-- // "do" is no filler here: "I do my stretches every day"
		}
		if own && !neg && j < len(ws) && ws[j].word != "" && (chore || !r.lex.subjects[ws[j].word] && !t.lex.notHabits[ws[j].word]) && !strings.HasSuffix(ws[j].word, "ed") {
			from := ws[i].tok
			if w != "i" {
				from = ws[j].tok
			}
			_ = r.habit(t.object(span{ws[j].tok, t.objectEnd(ws[j].tok, s.b)}), span{from, s.b})
		}
		if w == "i" {
			if n, k, neg2 := r.walk(&t.lex.free, ws, i); n != nil {
				weight = max(weight, r.hit(n.cues, ws, i, i, k, s, neg2, own))
				i = k - 1
			}
		}
	}
	return weight
}

// another reports whether the clause that begins at word i has a subject that is not
// the speaker: "my wife", "the kids", or a verb of a third person.
func (r *reading) another(ws []said, i int) bool {
	w := ws[i].word
	if w == "my" || r.lex.determiners[w] || r.lex.owners[w] {
		return true
	}
	for _, end := range []string{"s", "es"} {
		if base, ok := strings.CutSuffix(w, end); ok && len(base) > 2 && r.lex.cues.next[base] != nil {
			return true
		}
	}
	return w == "is" || w == "has" || w == "people" || w == "everyone" || w == "everybody"
}

// continues reports whether a cue of a life begins at word i: a school, an employer, a
// place.
func (r *reading) continues(ws []said, i int) bool {
	n, k, _ := r.walk(&r.lex.cues, ws, i)
	if n == nil || k >= len(ws) {
		return false
	}
	for _, c := range n.cues {
		switch c.shape {
		case "org", "school", "study", "place", "lived", "tongues":
			return true
		}
	}
	return false
}

// introduced reports whether an unknown name stands as names do: two words that are
// nothing else, or one after a greeting.
func (t *text) introduced(n span, from int) bool {
	words := 0
	for i := n.a; i < n.b; i++ {
		k := t.tok(i)
		if k.word == "" {
			continue
		}
		if node := t.lex.root.next[k.word]; node != nil && node.classes&^(isFirstName|isParticle|isGeneration) != 0 || k.caps || k.digits {
			return false
		}
		words++
	}
	if next := t.tok(n.b); words == 0 || next.word != "" || next.sign == '-' || next.sign == '\'' {
		return false
	}
	if words > 1 {
		return true
	}
	for i := from - 1; i >= from-4; i-- {
		if t.lex.greetings[t.tok(i).word] {
			return true
		}
	}
	return false
}

// reported reports whether "I" at word i is what another says, or what the speaker
// does not hold: "my friends say I like jazz", "I don't think I like rain".
func (r *reading) reported(ws []said, i int) bool {
	quoted := -1
	for j := range i {
		if s := r.tok(ws[j].tok).sign; ws[j].word == "" && (s == '"' || s == '“' || s == '«') {
			if quoted >= 0 && s == '"' {
				quoted = -1
			} else {
				quoted = j
			}
		}
	}
	if quoted > 0 {
		for j := range quoted {
			if w := ws[j].word; r.lex.speechVerbs[w] {
				return !(j > 0 && ws[j-1].word == "i")
			}
		}
	}
	j := i - 1
	for j > 0 && (ws[j].word == "that" || ws[j].word == "me") {
		j--
	}
	if j < 0 {
		return false
	}
	said := r.lex.speechVerbs[ws[j].word]
	switch w := ws[j].word; {
	case w == "doubt" || w == "not":
		return true
	case said || w == "think" || w == "believe" || w == "guess" || w == "feel" || w == "sure" || w == "convinced":
		for k := j - 1; k >= 0 && k > j-5; k-- {
			switch ws[k].word {
			case "not", "never":
				return true
			case "i":
				return false
			}
		}
		return said
	}
	return false
}

// filler reports whether a word may stand between a subject and its verb.
func (lex *lexicon) filler(w string) bool {
	n := lex.root.next[w]
	return n != nil && n.classes&isFiller != 0
}

// walk follows the longest phrase of the trie from word i, over adverbs and "not"
// between its words, and returns its node, the word after it, and whether it was negated.
func (r *reading) walk(root *node, ws []said, i int) (found *node, end int, negated bool) {
	n, neg := root, false
	for j := i; j < len(ws) && j < i+14; j++ {
		w := ws[j].word
		if w == "" {
			if k := r.tok(ws[j].tok); k.sign == '-' && k.gap == glued || k.sign == ',' && j > i && j+1 < len(ws) && n.next[ws[j+1].word] != nil {
				continue // hard-won; "macht sich Sorgen, dass"
			}
			break
		}
		next := n.next[w]
		if next == nil {
			if j == i {
				break
			}
			if w == "not" || w == "never" || w == "no" {
				neg = true
				continue
			}
			if r.lex.filler(w) {
				continue
			}
			break
		}
		if n = next; len(n.cues) > 0 {
			found, end, negated = n, j+1, neg
		}
	}
	return found, end, negated
}

// objectEnd returns the token at which the clause from token i ends.
func (t *text) objectEnd(i, limit int) int {
	for j := i; j < limit; j++ {
		k := t.tok(j)
		if j > i && k.gap == paragraph {
			return j
		}
		if pictured(k.sign) && j > i {
			return j
		}
		switch k.sign {
		case '.', '!', '?', ';', ':', '—', '(', ')', '。', '！', '"', '”', '…', '[', '»':
			if k.gap == glued && j+1 < limit && t.tok(j+1).gap == glued && k.sign == '.' {
				continue
			}
			if k.sign == '.' && t.abbreviated(j-1) && j+1 < limit && j > i {
				continue
			}
			if j == i && (k.sign == '"' || k.sign == '(' || k.sign == '[') {
				continue
			}
			return j
		case '-', '–':
			if k.gap != glued {
				return j
			}
		case ',', '،', '，':
			if j+1 < limit && t.lex.clauseWords[t.tok(j+1).word] {
				return j
			}
			if w := t.tok(j + 1).word; j+2 < limit && (w == "und" || w == "y" || w == "et") {
				return j
			}
			if j+2 < limit && t.tok(j+1).word == "and" && (t.lex.subjects[t.tok(j+2).word]) {
				return j
			}
		}
		if j > i {
			switch k.word {
			case "but", "because", "although", "though", "since", "however", "unless", "whereas", "aber", "weil", "mas", "perché", "però", "maar", "omdat", "mais", "parce", "pero", "porque", "so", "while":
				if k.word == "so" && j+1 < limit && (t.tok(j+1).word == "much" || t.tok(j+1).word == "many") {
					continue
				}
				return j
			case "aus": // kennt sich mit X aus und …
				if w := t.tok(j + 1); w.word == "" || w.word == "und" {
					return j
				}
			case "y", "et", "e", "en":
				// "… e gosto de cozinhar": another statement begins.
				if next := t.tok(j + 1).word; next == "que" && k.word != "e" || t.lex.subjects[next] || t.lex.selfWords[next] && t.lex.free.next[next] != nil {
					return j
				}
			case "and", "und":
				if j+1 < limit && (t.lex.subjects[t.tok(j+1).word] || t.clause(j+1, limit)) {
					return j
				}
			}
		}
	}
	return limit
}

// clause reports whether a clause with a subject of its own begins at token i: "the
// kids love golf".
func (t *text) clause(i, limit int) bool {
	if !t.lex.determiners[t.tok(i).word] && !t.lex.owners[t.tok(i).word] {
		return false
	}
	for j := i + 2; j < limit && j < i+5; j++ {
		k := t.tok(j)
		if k.word == "" || k.word == "that" || k.word == "who" || t.lex.prepositions[k.word] {
			return false
		}
		if t.lex.clauseVerbs[k.word] {
			return true
		}
	}
	return false
}

// object trims a clause to what it says: no "very much" after it.
func (t *text) object(s span) span {
	s = t.trimmed(s)
	for s.b > s.a+1 {
		if k := t.tok(s.b - 1); s.b > s.a+2 && k.number && len(k.word) == 2 && t.tok(s.b-2).word == "at" {
			s.b -= 2 // learning to surf at 29
		}
		switch t.tok(s.b - 1).word {
		case "too", "much", "very", "lot", "a", "also", "though", "so", "anymore", "more", "than", "anything", "else", "sometimes", "now", "again", "really", "most", "all", "the", "sehr", "nicht", "beaucoup", "mucho", "with", "and", "or", "aus", "sie", "er", "elle":
			s.b--
			continue
		case "well":
			if t.tok(s.b-2).word == "as" {
				s.b--
				continue
			}
		case "":
			if t.tok(s.b-1).sign != ')' {
				s.b--
				continue
			}
		}
		break
	}
	return t.trimmed(s)
}

// hit says what follows a cue. It returns the weight of the sentence.
func (r *reading) hit(cues []*cue, ws []said, subject, from, to int, s span, negated, own bool) int {
	t := r.text
	weight := 0
	self := own && (ws[subject].word == "i" || ws[subject].word == "and" || ws[subject].word == "but" || ws[subject].word == "then")
	start := s.b
	if to < len(ws) {
		start = ws[to].tok
	}
	// "I'm" alone: the object begins after the whole token.
	if to > 0 && to < len(ws) && ws[to-1].tok == ws[to].tok {
		start = ws[to].tok
	}
	quote := span{ws[from].tok, s.b}
	if w := ws[subject].word; w != "and" && w != "but" && w != "then" {
		quote.a = ws[subject].tok
	}
	end := t.objectEnd(start, s.b)
	for _, c := range cues {
		path := c.path
		neg := negated
		if c.shape == "abstain" {
			if neg && self && to > 0 {
				r.abstain(ws[to-1].tok, end, quote)
			}
			continue
		}
		if c.shape == "title" && neg && own && c.path == "role" {
			r.kindOf(span{start, end}, quote, true)
		}
		if neg && c.undoable {
			path, neg = "challenges", false
		}
		if neg {
			continue
		}
		conf := sureCue
		switch c.shape {
		case "state":
			// The state itself is the value: "I'm freelance".
			v := span{ws[to-1].tok, ws[to-1].tok + 1}
			for v.a > quote.a+2 && t.tok(v.a-1).sign == '-' && t.tok(v.a).gap == glued {
				v.a -= 2 // self-employed
			}
			r.say(path, t.shown(v), conf, span{quote.a, v.b})
		case "whole":
			if start > s.b {
				continue
			}
			w := t.object(span{quote.a, max(end, start)})
			if v := t.unsaid(w); w.len() > 1 && w.len() < 40 && v.len() > 0 && !(path == "challenges" && own && t.pointsBack(v)) {
				r.say(path, t.shown(v), conf, w)
				weight = max(weight, weights[path])
			}
		case "exact":
			// The cue itself is the value: "I'm in the army".
			w := span{quote.a, ws[to-1].tok + 1}
			v := t.unsaid(w)
			if w := t.tok(v.a).word; w == "a" || w == "an" {
				v.a++
			}
			if self && v.len() > 0 && !(path == "role" && r.has["role"]) {
				r.say(path, t.shown(v), sureLexicon, w)
			}
		case "list", "clause":
			if to > 0 && ws[to-1].word == "dass" {
				start = ws[to-1].tok // German keeps its verb at the end: "dass das Holz ausgeht"
			}
			if w := ws[max(to-1, 0)].word; own && path == "motivations.goals" && (w == "be" || w == "become") {
				start = ws[to-1].tok
			}
			o := t.object(span{start, end})
			if !t.tellsSomething(o, path) {
				continue
			}
			parts := []span{o}
			if c.shape == "list" {
				parts = t.likes(o)
			}
			for _, p := range parts {
				if path == "interests.passions" || path == "interests.primary" {
					if r.like(path, p, conf, span{quote.a, max(p.b, quote.a+1)}) {
						weight = max(weight, weights[path])
					}
					continue
				}
				if path == "challenges" || path == "motivations.goals" || path == "motivations.fears" {
					if p = t.bared(p); own && (p.len() == 0 || t.pointsBack(p) && !t.deep(p) || r.brief && t.definite(p) || path == "motivations.goals" && p.len() == 1 && !t.lex.lifeVerbs[t.tok(p.a).word]) {
						continue
					}
				}
				if path == "behavior.habits" {
					if w := t.tok(p.a).word; own && (t.pointsBack(p) || t.lex.notHabits[w] || strings.HasSuffix(w, "ed")) {
						continue
					}
				}
				p = t.object(p)
				if t.tellsSomething(p, path) {
					r.say(path, t.shown(p), conf, span{quote.a, max(p.b, quote.a+1)})
					weight = max(weight, weights[path])
				}
			}
		case "act":
			verb := ws[from].tok
			if ws[from].word == "have" {
				verb = ws[to-1].tok // have been playing
			}
			if self && r.act(path, verb, end, quote) {
				weight = max(weight, 1)
			}
		case "have":
			if self {
				r.owns(ws[to-1].tok, end, quote)
			}
		case "work":
			if self {
				r.unnamedWork(ws, subject, to, end, quote)
			}
		case "lead":
			if self {
				r.leads(ws[from].tok, end, quote)
			}
		case "plan":
			if self && r.plan(span{start, end}, quote) {
				weight = max(weight, 2)
			}
		default:
			r.fact(c, span{start, s.b}, span{quote.a, end}, own)
		}
	}
	return weight
}

// unsaid cuts the speaker and the verb "to be" from the beginning of a statement.
func (t *text) unsaid(v span) span {
	if w := t.tok(v.a).word; w == "i" || w == "im" || w == "he" || w == "she" || w == "they" || strings.HasPrefix(w, "i'") {
		v.a++
	}
	for v.a < v.b && (t.tok(v.a).word == "am" || t.lex.filler(t.tok(v.a).word) && t.tok(v.a).word != "do" && t.tok(v.a).word != "even") {
		v.a++
	}
	return v
}

// tellsSomething reports whether an object says something by itself.
func (t *text) tellsSomething(o span, path string) bool {
	if o.len() == 0 || o.len() > 24 || !t.follows(o.a, o.b) {
		return false
	}
	first := t.tok(o.a).word
	if first == "the" && o.len() > 1 && (t.tok(o.a+1).word == "idea" || t.tok(o.a+1).word == "sound" || t.tok(o.a+1).word == "way" || t.tok(o.a+1).word == "same" || t.tok(o.a+1).word == "fact" || t.tok(o.a+1).word == "thought") {
		return false
	}
	if first == "to" && o.len() > 1 {
		first = t.tok(o.a + 1).word
	}
	if path == "identity.beliefs" && o.len() < 3 {
		return false
	}
	if first == "one" && t.tok(o.a+1).word == "day" && o.len() > 3 {
		return true
	}
	if first == "das" && o.len() > 3 && t.language() != nil {
		return true
	}
	if t.lex.vague[first] || first == "of" || first == "to" {
		return false
	}
	if o.len() == 1 && (len(first) < 3 || t.lex.notGoals[first]) {
		return false
	}
	if path == "motivations.goals" && t.lex.notGoals[first] && !((first == "make" || first == "have" || first == "see" || first == "try") && o.len() > 2 && (t.tok(o.a+1).word == "a" || t.tok(o.a+1).word == "an" || first == "see" && o.len() > 4 && t.tok(o.a+1).word == "the") && !t.lex.transactions[t.tok(o.a+2).word]) && !(first == "be" && o.len() > 2 && (t.tok(o.a+1).word == "a" || t.tok(o.a+1).word == "an" || t.tok(o.a+1).word == "the")) {
		return false
	}
	return true
}

// before says the object that stands before "frustrates me".
func (r *reading) before(cues []*cue, ws []said, from, to int, s span) int {
	t := r.text
	a := s.a
	for j := ws[from].tok - 1; j >= s.a; j-- {
		k := t.tok(j)
		if k.sign == ';' || k.sign == ':' || k.sign == '.' || k.word == "but" || k.word == "because" || k.sign == '—' {
			a = j + 1
			break
		}
		if k.word == "not" || k.word == "never" || strings.HasSuffix(k.word, "n't") {
			return 0
		}
	}
	for j := ws[from].tok - 1; j > a; j-- {
		// "I'm a nurse, so sleep is important to me"
		if k := t.tok(j); k.word == "so" || k.word == "think" || k.word == "say" || k.word == "that" && t.tok(j-1).word == "think" || k.sign == ',' && t.lex.selfWords[t.tok(a).word] {
			a = j + 1
		}
	}
	o := t.trimmed(span{a, ws[from].tok})
	for o.a < o.b && (t.tok(o.a).word == "and" || t.tok(o.a).word == "also" || t.tok(o.a).word == "honestly") {
		o.a++
	}
	for o.b > o.a && (t.lex.filler(t.tok(o.b-1).word) || t.tok(o.b-1).word == "that" || t.tok(o.b-1).word == "which") {
		o.b--
	}
	o = t.trimmed(o)
	if o.len() == 0 || o.len() > 16 || t.lex.vague[t.tok(o.a).word] || t.tok(o.a).word == "what" || t.tok(o.a).word == "nothing" || t.tok(o.a).word == "if" {
		return 0
	}
	w := 0
	for _, c := range cues {
		for _, p := range t.valueParts(o, c.path) {
			r.say(c.path, t.shown(p), sureCue, span{o.a, ws[to-1].tok + 1})
			w = max(w, weights[c.path])
		}
	}
	return w
}

func (t *text) valueParts(o span, path string) []span {
	if path == "identity.values" {
		return t.likes(o)
	}
	return []span{o}
}

// fact says what a cue states that is not a liking: name, title, place, school.
func (r *reading) fact(c *cue, o, quote span, own bool) {
	t := r.text
	if o.len() <= 0 {
		return
	}
	end := t.objectEnd(o.a, o.b)
	i := o.a
	q := func(b int) span { return span{quote.a, b} }
	switch c.shape {
	case "name":
		if t.is(i, isHonorific) && t.tok(i).upper {
			i++
			if i < end && t.tok(i).sign == '.' {
				i++
			}
		}
		n, ok := t.nameAt(i, o.b)
		// A sign parts the name from what follows; a lower-case word may follow too.
		if !ok || t.named(n) < -2 {
			return
		}
		bare := t.lex.cueIsBare(t, quote.a, i)
		if bare {
			// "I am Ana" is a name, "I am German" and "I am Batman" are not sure to be.
			if t.is(n.a, isDemonym) || !t.is(n.a, isFirstName) && !t.introduced(n, quote.a) || n.b < o.b && t.tok(n.b).word != "" && t.tok(n.b).word != "and" && t.tok(n.b).word != "from" && t.tok(n.b).word != "und" && t.tok(n.b).word != "et" {
				return
			}
		}
		if own {
			r.sayOwnName(n, quote.a)
			r.ownApposition(n.b)
		}
	case "arabic":
		n := i
		for n < o.b && n < i+3 && t.tok(n).word != "" && t.tok(n).gap <= spaced && !strings.HasPrefix(t.tok(n).word, "و") {
			n++
		}
		if n > i {
			r.say("name", t.shown(span{i, n}), sureCue, q(n))
		}
	case "title":
		if !r.selfTitle(span{i, end}, quote) && own {
			r.kindOf(span{i, end}, quote, false)
		}
	case "from":
		if p, ok := t.placeAt(i, end); own && ok {
			r.from = p
		} else if p, ok := r.placeNamed(i, end); own && ok && r.from.len() == 0 && t.tok(p.b).word == "" {
			r.from = p
		}
	case "born":
		if own {
			r.bornIn(o, quote)
		}
	case "lived":
		if p, ok := r.placeNamed(i, end); own && ok {
			r.say(c.path, t.place(p), sureCue, q(p.b))
		}
	case "place":
		if !own && (c.path == "background.residences" || r.has["location"]) || c.path == "background.birthPlace" && r.has[c.path] {
			return // life has read it
		}
		for j := i; j < end && j < i+8; j++ {
			if t.tok(j).word == "from" {
				break // "moved to this country from Chile"
			}
			if p, ok := t.placeAt(j, end); ok {
				r.say(c.path, t.place(p), sureCue, q(p.b))
				return
			}
		}
		if w := t.tok(i).word; own && (w == "a" || w == "an" || w == "the") {
			// "in a small fishing village"
			n := span{i + 1, i + 1}
			if w == "the" {
				n.a = i // "the city"
			}
			for n.b < end && n.len() < 5 && t.tok(n.b).word != "" && !t.lex.prepositions[t.tok(n.b).word] && t.tok(n.b).word != "and" && t.tok(n.b).word != "of" && t.tok(n.b).word != "that" && t.tok(n.b).word != "where" {
				n.b++
			}
			if n = t.object(n); n.len() > 0 && n.len() < 5 && t.lex.dwellings[t.tok(n.b-1).word] {
				r.dwelling, r.dwelt = n, q(n.b)
			}
			return
		}
		if t.is(i, isNotName) {
			return
		}
		if p, ok := r.placeNamed(i, end); ok {
			r.say(c.path, t.place(p), sureLexicon, q(p.b))
		}
	case "org":
		for n := quote.a; n < i && c.path == "employerpast"; n++ {
			if t.tok(n).word == "worked" && r.workedAs(n, n+1, o) > n {
				return
			}
		}
		for t.tok(i).word == "the" && t.is(i+1, isOrgWord) && (t.tok(i+2).sign == ',' || t.capital(i+2)) {
			i += 2 // the agency, Pinhão Criativo
			if t.tok(i).sign == ',' {
				i++
			}
			end = t.objectEnd(i, o.b)
		}
		p, ok := t.properAt(i, end)
		if !ok && own && (t.tok(i-1).word == "for" || t.tok(i-1).word == "worked" || t.tok(i-1).word == "spent") {
			// "worked for nine years at Acme"
			for j := i; j < end && j < i+6 && !ok; j++ {
				if w := t.tok(j).word; w == "at" || w == "for" || w == "with" {
					p, ok = t.properAt(j+1, end)
				}
			}
		}
		if !ok || t.whole(p, isPlace|isMonth|isTongue) || t.is(p.a, isFirstName) && p.len() == 1 || len(t.tok(p.a).word) < 2 {
			return
		}
		if own && t.tok(i-1).word == "in" && c.path == "employer" && !t.orgLike(p) {
			for n := quote.a; n < i-1; n++ {
				if w := t.tok(n).word; w == "work" || w == "working" {
					r.say("role", t.shown(span{n, p.b}), sureLexicon-50, q(p.b)) // "work in IT"
				}
			}
			return
		}
		if w := t.tok(i - 1).word; w == "spent" && p.a == i {
			return // "spent Christmas"
		}
		e := entry{org: p, parts: []span{q(p.b)}}
		if w := t.tok(p.b + 1).word; own && t.tok(p.b).word == "as" && (w == "a" || w == "an" || w == "the") {
			if title, ok := t.titleIn(span{p.b + 2, min(o.b, p.b+8)}); ok {
				e.title, e.parts = title, []span{q(title.b)}
			}
		}
		e.date, e.hasDate = t.dateNear(p.b, o.b)
		if e.hasDate {
			e.take(e.date.span)
		}
		r.sayPosition(e)
	case "school":
		p, ok := t.properAt(i, end)
		if !ok {
			// "studied physics at TU Graz"
			for j := i; j < end && j < i+8; j++ {
				if w := t.tok(j).word; w == "at" || w == "an" || w == "in" {
					if p, ok = t.properAt(j+1, end); ok {
						break
					}
				}
			}
		}
		if !ok || t.whole(p, isPlace|isMonth) {
			return
		}
		r.sayEducation(entry{school: p, parts: []span{q(p.b)}})
	case "study":
		f := span{i, i}
		at := span{}
		for f.b < end && f.len() < 6 && t.tok(f.b).sign != ',' {
			if w := t.tok(f.b).word; w == "at" || w == "in" || w == "for" || w == "from" || w == "abroad" || w == "hard" || w == "with" || w == "under" || w == "the" || w == "to" || w == "when" {
				if w == "at" || w == "from" || w == "in" {
					if p, ok := t.properAt(f.b+1, end); ok && !t.whole(p, isPlace) {
						at = p
					}
				}
				break
			}
			f.b++
		}
		f = t.trimmed(f)
		if f.len() == 0 && at.len() == 0 || f.len() > 0 && (t.lex.vague[t.tok(f.a).word] || t.is(f.a, isNotName|isFiller) || len(t.tok(f.a).word) < 3) {
			return
		}
		e := entry{school: at, field: f, parts: []span{q(max(f.b, at.b))}}
		if e.school.len() == 0 {
			r.sayField(e)
			return
		}
		r.sayEducation(e)
	case "tongues":
		for n := i; n < end; n++ {
			if b := t.match(n, end, isTongue); b > n && (t.tok(n).upper || t.tok(n).gap != glued) {
				if t.tok(b).sign == '(' && t.tok(b+2).sign == ')' {
					b += 3 // Swedish (fluent)
				}
				r.say(c.path, t.shown(span{n, b}), sureCue, q(b))
				n = b - 1
			}
		}
	case "skills":
		r.tools(span{i, end}, quote)
		for j := i; j < end; j++ {
			if n := t.match(j, end, isHard|isSoft); n > j && !(n == j+1 && t.lex.exact[t.tok(j).word] != "" && t.of(span{j, n}) != t.lex.exact[t.tok(j).word]) {
				r.say("skills.hard", t.shown(span{j, n}), sureCue, q(n))
				j = n - 1
			}
		}
	case "age":
		r.age(span{i, end}, quote)
	case "gender":
		for j := i; j < end && j < i+6; j++ {
			k := t.tok(j)
			if k.sign != 0 && k.sign != '-' {
				return
			}
			switch k.word {
			case "woman", "man", "girl", "boy", "male", "female", "guy", "nonbinary":
				r.say("gender", t.of(span{j, j + 1}), sureForm, q(j+1))
				return
			case "in", "of", "at", "for", "with", "who", "and", "to":
				return
			}
		}
	}
}

// ownApposition reads what follows the name that somebody gives as his or her own:
// "I'm Ada Okafor, a data engineer from Leeds".
func (r *reading) ownApposition(i int) {
	t := r.text
	if t.tok(i).sign != ',' || t.tok(i+1).word != "a" && t.tok(i+1).word != "an" && t.tok(i+1).word != "the" {
		return
	}
	s := span{i + 1, i + 2}
	for s.b < len(t.toks) && s.len() < 20 && t.tok(s.b).gap < wide && !strings.ContainsRune(".!?;", t.tok(s.b).sign) {
		s.b++
	}
	if !r.selfTitle(s, s) {
		return
	}
	for j := s.a; j < s.b; j++ {
		if t.tok(j).word == "from" && r.from.len() == 0 {
			if p, ok := t.placeAt(j+1, s.b); ok {
				r.from = p
			}
			return
		}
	}
}

// cueIsBare reports whether the name follows nothing but a form of "to be".
func (lex *lexicon) cueIsBare(t *text, from, to int) bool {
	w := t.words(span{from, to})
	if strings.Contains(w, "name") || strings.Contains(w, "call") {
		return false
	}
	switch strings.Fields(w + " x")[0] {
	case "i'm", "im", "am", "this":
		return true
	}
	return w == "i am" || w == "ich bin" || strings.HasPrefix(w, "this is")
}

func (r *reading) sayOwnName(n span, from int) {
	r.say("name", r.person(n), sureForm, span{from, n.b})
	for i := n.a; i < n.b; i++ {
		if w := r.tok(i).word; len(w) > 1 {
			r.subject[w] = true
		}
	}
}

// sayField says a field of study without a school.
func (r *reading) sayField(e entry) {
	v := r.shown(e.field)
	q := e.quote()
	r.add(persona.Draft{Path: "career.education", Value: v, Detail: persona.Detail{"field": v}, Confidence: sureLexicon}, r.tok(q.a).start, r.tok(q.b-1).end)
}

// hanName finds the two to four characters after 我叫 and its like. Where the run
// goes on, only a word that is known to follow names ends it.
func (r *reading) hanName() {
	for i := range r.toks {
		k := r.tok(i)
		if k.word == "" || k.word[0] < 0x80 {
			continue
		}
		for _, cue := range r.lex.han {
			at := strings.Index(k.word, cue)
			if at < 0 {
				continue
			}
			rest := k.word[at+len(cue):]
			for _, stop := range r.lex.hanStops {
				if n := strings.Index(rest, stop); n > 0 {
					rest = rest[:n]
				}
			}
			if n := utf8.RuneCountInString(rest); n >= 2 && n <= 4 && strings.Contains(r.s[k.start:k.end], cue+rest) {
				start := k.start + strings.Index(r.s[k.start:k.end], cue+rest)
				r.sayBytes("name", rest, sureCue, start, start+len(cue)+len(rest))
				return
			}
		}
	}
}

// selfTitle reads "a freelance designer at Acme" after "I am" or "works as".
func (r *reading) selfTitle(o, quote span) bool {
	t := r.text
	i := o.a
	for i < o.b && (t.tok(i).word == "a" || t.tok(i).word == "an" || t.tok(i).word == "the" || t.tok(i).word == "ein" || t.tok(i).word == "eine" || t.tok(i).word == "un" || t.tok(i).word == "une" || t.tok(i).word == "una" || t.tok(i).word == "currently") {
		i++
	}
	if i >= o.b || t.lex.modest[t.tok(i).word] {
		return false
	}
	r.age(span{i, o.b}, quote)
	// Over "34-year-old" and the nationality.
	for i < o.b && (t.tok(i).digits || t.tok(i).sign == '-' || t.tok(i).word == "year" || t.tok(i).word == "years" || t.tok(i).word == "old" || t.is(i, isDemonym) && i+1 < o.b && t.tok(i+1).word != "teacher") {
		i++
	}
	head := -1
	for j := i; j < o.b && j < i+8; j++ {
		k := t.tok(j)
		if k.sign != 0 && !strings.ContainsRune("-/&'", k.sign) {
			break
		}
		if t.is(j, isTitle) {
			head = j
			continue
		}
		if w := k.word; w == "of" || w == "at" || w == "in" || w == "for" || w == "with" || w == "who" || w == "and" || w == "from" || w == "by" || w == "on" || w == "that" || w == "to" || w == "when" || w == "bei" || w == "chez" || w == "en" || w == "de" && head >= 0 || w == "à" {
			if w == "and" && head >= 0 && j+1 < o.b && j+3 < len(t.toks) && (t.is(j+1, isTitle) || t.is(j+1, isTitleWord) && t.is(j+2, isTitle)) {
				continue
			}
			break
		}
		if head >= 0 && k.word != "" && !t.is(j, isJob) {
			break
		}
	}
	if head < 0 || head-i > 6 {
		return false
	}
	// "a volunteer ski patroller": the last word names the doer.
	for n := head + 1; n < o.b && n < head+4 && t.tok(n).word != "" && t.tok(n).gap == spaced && !t.lex.prepositions[t.tok(n).word] && !t.is(n, isNotName|isFiller); n++ {
		if w := t.tok(n).word; len(w) > 5 && (strings.HasSuffix(w, "er") || strings.HasSuffix(w, "or") || strings.HasSuffix(w, "ist")) && !t.tok(n).upper {
			head = n
		}
	}
	title := span{i, head + 1}
	r.say("role", t.shown(title), sureCue, span{quote.a, title.b})
	r.titleTail(title, span{quote.a, title.b}, o.b)
	return true
}

// titleTail reads what follows a title: "at Acme since 2019", and says the position.
func (r *reading) titleTail(title, quote span, limit int) bool {
	t := r.text
	j := title.b
	for j < limit && j < title.b+3 && (t.tok(j).word == "" && t.tok(j).sign != '.' && t.tok(j).sign != '(' || t.tok(j).word == "emeritus") {
		if t.tok(j).sign == ',' && j+1 < limit && t.tok(j+1).upper {
			break
		}
		j++
	}
	if j >= limit {
		return false
	}
	switch t.tok(j).word {
	case "of", "at", "for", "with", "in", "on", "bei", "chez", "en", "to", "beim", "von", "de", "à":
		j++
	default:
		return false
	}
	for j < limit && (t.tok(j).word == "the" || t.tok(j).word == "der" || t.tok(j).word == "la" || t.tok(j).word == "le") {
		j++
	}
	p, ok := t.properAt(j, limit)
	if !ok {
		return false
	}
	e := entry{title: title, parts: []span{quote, p}}
	if pl, ok := t.placeAt(p.a, p.b); ok && pl.b == p.b || t.whole(p, isPlace) || t.tok(j-1).word == "in" && p.len() == 1 && !t.tok(p.a).caps {
		e.place = p
	} else {
		e.org = p
	}
	e.now = true
	if e.org.len() > 0 {
		e.seat(t, limit)
	}
	e.date, e.hasDate = t.dateNear(p.b, limit)
	if e.hasDate {
		e.take(e.date.span)
	}
	r.sayPosition(e)
	return true
}

// dateNear finds a date that belongs to what ends before token i: within the clause, soon.
func (t *text) dateNear(i, limit int) (date, bool) {
	for j := i; j < limit && j < i+7; j++ {
		k := t.tok(j)
		if k.sign == ';' || k.sign == '.' || k.word == "and" || k.word == "where" || k.word == "who" || k.word == "before" || k.word == "until" || k.word == "he" || k.word == "she" {
			break
		}
		if d, ok := t.dateAt(j, limit); ok {
			return d, true
		}
	}
	return date{}, false
}

// age reads "34 years old", "34-year-old", "34 Jahre alt".
func (r *reading) age(o, quote span) {
	t := r.text
	for j := o.a; j < o.b && j < o.a+3; j++ {
		k := t.tok(j)
		if spelled := t.lex.numerals[k.word]; !spelled && (!k.number || len(k.word) > 3 || len(k.word) < 2) || spelled && t.tok(j+2).word != "old" {
			continue
		}
		n := j + 1
		for n < o.b && t.tok(n).sign == '-' {
			n++
		}
		if n < o.b {
			switch t.tok(n).word {
			case "years", "year", "yrs", "yo", "jahre", "ans", "años":
				e := n + 1
				for e < o.b && (t.tok(e).sign == '-' || t.tok(e).word == "old" || t.tok(e).word == "alt" || t.tok(e).word == "of" || t.tok(e).word == "age") {
					e++
				}
				if t.tok(n).word == "years" && e == n+1 && e < o.b && t.tok(e).word != "" { // 10 years into …
					return
				}
				r.say("ageRange", t.shown(span{j, e}), sureForm, span{min(quote.a, j), e})
				return
			}
		}
		if w := t.tok(max(quote.a, j-1)).word; (w == "aged" || w == "turned" || w == "am" || w == "i'm") && (n >= o.b || t.tok(n).word == "" || t.tok(n).word == "and" || w == "turned" && t.lex.turns[t.tok(n).word]) && t.tok(n-1).sign != '-' {
			if n < len(t.toks) && (t.tok(n).sign == '%' || t.tok(n).sign == '.' && n+1 < len(t.toks) && t.tok(n+1).digits) {
				return
			}
			r.say("ageRange", k.word, sureCue, span{min(quote.a, j), j + 1})
		}
		return
	}
}
