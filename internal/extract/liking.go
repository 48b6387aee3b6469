package extract

import (
	"strings"
	"unicode"

	"github.com/persona-api/persona-api/internal/persona"
)

// like says what somebody likes or does for pleasure, once: "playing chess" after
// "chess" says nothing new.
func (r *reading) like(path string, o span, conf persona.PerMille, quote span) bool {
	o, ok := r.phraseIn(o)
	if w := r.tok(o.a); !ok || r.lex.relatives[w.word] && !w.upper || w.word == "that" || w.word == "when" || w.word == "who" || w.word == "because" {
		return false
	}
	key := r.gist(o)
	if r.liked[key] {
		return false
	}
	if r.liked == nil {
		r.liked = map[string]bool{}
	}
	r.liked[key] = true
	r.say(path, r.shown(o), conf, quote)
	return true
}

// gist is what two phrases share that name one liking: their words without
// endings, articles and the verbs that any liking may have.
func (t *text) gist(o span) string {
	var words []string
	for i := o.a; i < o.b; i++ {
		if w := t.tok(i).word; w != "" && !t.lex.lightWords[w] {
			words = append(words, stemmed(w))
		}
	}
	if len(words) == 0 {
		return t.words(o)
	}
	return strings.Join(words, " ")
}

// stemmed cuts the endings that one word takes as verb, noun and gerund.
func stemmed(w string) string {
	for _, e := range []string{"ings", "ing", "ies", "es", "ed", "s", "e", "y"} {
		if s, ok := strings.CutSuffix(w, e); ok && len(s) > 2 {
			w = s
			break
		}
	}
	if n := len(w); n > 3 && w[n-1] == w[n-2] {
		w = w[:n-1]
	}
	return w
}

// phraseIn trims a liking to what it says: without "getting to" before and "in my
// free time" after it. It is none when it points back: "the story", "watch them".
func (t *text) phraseIn(o span) (span, bool) {
	o = t.bared(o)
	return o, o.len() > 0 && !t.pointsBack(o) && !t.definite(o)
}

// bared is a phrase without what adds nothing to it.
func (t *text) bared(o span) span {
	o = t.object(o)
	for moved := true; moved && o.len() > 1; {
		moved = false
		for _, p := range t.lex.leads {
			if n := t.wordsAt(o.a, o.b, p); n > o.a && n < o.b && !t.capital(o.a) && t.tok(n).word != "know" {
				o.a, moved = n, true
			}
		}
		switch t.tok(o.b - 1).word {
		case "for", "from", "on", "every", "each", "by", "my", "an", "of":
			o.b, moved = o.b-1, true
		}
		for _, p := range t.lex.asides {
			if n := o.b - len(p); n > o.a && t.wordsAt(n, o.b, p) == o.b {
				o.b, moved = n, true
			}
		}
		o = t.object(o)
	}
	return o
}

// wordsAt returns where the words that begin at token i end, i if others stand there.
func (t *text) wordsAt(i, limit int, words []string) int {
	for n, w := range words {
		if i+n >= limit || t.tok(i+n).word != w {
			return i
		}
	}
	return i + len(words)
}

// pointsBack reports whether a phrase means something said before it.
func (t *text) pointsBack(o span) bool {
	first := t.tok(o.a).word
	if t.lex.vague[first] || t.lex.owners[first] {
		return true
	}
	for i := o.a; i < o.b; i++ {
		w := t.tok(i).word
		if w == "you" || w == "your" || w == "it" && i == o.b-1 {
			return true
		}
		if !t.lex.pointers[w] {
			continue
		}
		if i-o.a < 3 || i == o.b-1 && o.len() < 6 {
			return w != "that" || i == o.b-1 || i+2 == o.b && i-o.a < 3
		}
	}
	if g := t.gist(o); g == "thing" || g == "stuff" {
		return true
	}
	return o.len() == 1 && (len(first) < 2 || t.lex.empty[first]) || t.lex.empty[t.words(o)]
}

// deep reports whether a phrase is long enough to say what its pronouns mean: "the
// day they automate us all".
func (t *text) deep(o span) bool {
	if t.lex.vague[t.tok(o.a).word] || t.lex.owners[t.tok(o.a).word] || o.len() < 5 {
		return false
	}
	for i := o.a; i < o.b; i++ {
		if w := t.tok(i).word; w == "you" || w == "your" || i < o.a+2 && t.lex.pointers[w] {
			return false
		}
	}
	return t.tok(o.b-1).word != "it"
}

// definite reports whether a phrase begins with "the" and means one that has been
// spoken of: "the story", but not "the beach", which is known to all.
func (t *text) definite(o span) bool {
	if t.tok(o.a).word == "the" && !t.tok(o.a+1).upper && t.language() == nil {
		if t.tok(o.a+1).word == "time" {
			return true
		}
		n := 0
		for i := o.a + 1; i < o.b && t.tok(i).word != "" && !t.lex.prepositions[t.tok(i).word]; i++ {
			if t.lex.known[t.tok(i).word] || t.tok(i).word == "color" || t.tok(i).word == "colour" {
				return false
			}
			switch t.tok(i + 1).word {
			case "of", "that", "who", "when", "where":
				return i+2 >= o.b
			}
			n++
		}
		return n < 3
	}
	return false
}

// doing reports what form of a verb opens a phrase: "play" bare, "playing" a
// gerund, or neither.
func (t *text) doing(i int) (bare, gerund bool) {
	w := t.tok(i).word
	if strings.HasSuffix(w, "ing") && len(w) > 5 && !t.lex.notGerunds[w] {
		return false, true
	}
	return t.lex.activities[w] || t.lex.pastimes[w], false
}

// likes parts "hiking, chess and long walks": verbs from verbs, nouns from nouns,
// so that "listen to rock and jazz" stays one.
func (t *text) likes(o span) []span {
	parts := t.items(o)
	if len(parts) < 2 || len(parts) > 12 {
		return []span{o}
	}
	bare, gerund := t.doing(parts[0].a)
	short := parts[0].len() == 1
	out := []span{parts[0]}
	for _, p := range parts[1:] {
		last := &out[len(out)-1]
		b, g := t.doing(p.a)
		joined := t.tok(last.b).word != "" // by "and" alone
		var own bool
		switch {
		case t.refers(p):
			own = false
		case bare:
			own = b || short && p.len() == 1 && last.len() == 1 && !strings.HasSuffix(t.tok(p.a).word, "s")
		case gerund:
			own = g || short
		default:
			own = !joined || g || len(parts) > 2 || !t.pair(last.b-1, p.a) && !t.prepositional(*last)
			if joined && t.tok(last.b).word == "and" && t.capital(last.a) && t.capital(p.a) && t.contains(*last, "of") {
				own = false // A Song of Ice and Fire
			}
			if p.len() > 6 && len(parts) < 3 {
				own = false
			}
		}
		if own {
			out = append(out, p)
		} else {
			last.b = p.b
		}
	}
	return out
}

// refers reports whether a pronoun in the span means what stands before it.
func (t *text) refers(s span) bool {
	for i := s.a; i < s.b; i++ {
		switch t.tok(i).word {
		case "it", "them", "its", "their", "him", "his":
			return true
		}
	}
	return false
}

// pair reports whether "a and b" is one thing: "peace and quiet".
func (t *text) pair(a, b int) bool {
	return t.lex.pairs[t.tok(a).word+" and "+t.tok(b).word]
}

// prepositional reports whether a preposition in the span governs what is joined to it.
func (t *text) prepositional(s span) bool {
	for i := s.a + 1; i < s.b; i++ {
		switch t.tok(i).word {
		case "with", "of", "about", "for", "to", "from", "between", "by":
			return true
		}
	}
	return false
}

// question cuts from a sentence that ends in a question what was said before it: "I
// live in Riga, what about you?" It is empty when the whole sentence asks.
func (t *text) question(s span) span {
	if t.asking(s.a, s.b) {
		return span{s.a, s.a}
	}
	for i := s.b - 1; i > s.a; i-- {
		k := t.tok(i)
		if k.sign == ',' || k.sign == ';' || k.sign == '—' || k.sign == '-' && k.gap != glued || k.word == "and" || k.word == "but" || k.word == "so" {
			n := i + 1
			if w := t.tok(n).word; w == "and" || w == "but" || w == "so" {
				n++
			}
			if t.asking(n, s.b) {
				return span{s.a, i}
			}
		}
	}
	return span{s.a, s.a}
}

// asking reports whether a question begins at token i.
func (t *text) asking(i, limit int) bool {
	for i < limit && t.tok(i).word == "" {
		i++
	}
	return i >= limit || t.lex.openers[t.tok(i).word]
}

// pictured reports whether token i is a sign such as an emoji, which ends a clause.
func pictured(r rune) bool {
	return r > 0x2000 && (unicode.Is(unicode.So, r) || unicode.Is(unicode.Sk, r))
}
