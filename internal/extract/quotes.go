package extract

import (
	"strings"
	"unicode/utf8"
)

// candidate is a sentence in the person's own words and how telling its statements are.
type candidate struct {
	s      span
	weight int
	stated bool // something has been drawn from it
}

// weights is how telling statements of a field make the sentence they stand in.
var weights = map[string]int{"interests.passions": 1, "challenges": 4, "motivations.goals": 4, "motivations.fears": 5, "identity.values": 5, "identity.beliefs": 5,
	"interests.primary": 1, "behavior.habits": 2, "communication.preferences": 2, "identity.selfPerception": 4, "strengths": 2, "identity.archetypes": 2}

// quotes says the most telling sentences: those with a belief, a fear or a goal, and
// those that tell of a life what no field has taken up yet.
func (r *reading) quotes(told []candidate) {
	stated := map[string]bool{}
	for _, d := range r.drafts {
		for _, w := range wordsOf(d.Value) {
			stated[stemmed(w)] = true
		}
	}
	most := min(5, 3+len(told)/12)
	taken := map[int]bool{}
	for len(taken) < most {
		best, score := -1, 0
		for n, c := range told {
			if taken[n] {
				continue
			}
			if k := r.tells(c, stated); k > score {
				best, score = n, k
			}
		}
		if best < 0 {
			return
		}
		taken[best] = true
		s := told[best].s
		for s.a < s.b && r.tok(s.a).word == "" && !strings.ContainsRune("\"“¿¡", r.tok(s.a).sign) {
			s.a++
		}
		for i := s.a; i < s.b; i++ {
			stated[stemmed(r.tok(i).word)] = true
		}
		v := clean(r.of(s))
		if end := r.closing(s); !strings.HasSuffix(v, end) {
			v += end
		}
		r.say("quotes", strings.TrimRight(v, ",;:-–— "), sureCue, s)
	}
}

// closing is the sign that ends a quoted sentence.
func (t *text) closing(s span) string {
	if k := t.tok(s.b - 1); k.sign == '.' || k.sign == '!' || k.sign == '…' {
		return t.s[k.start:k.end]
	}
	return ""
}

// tells is how telling a sentence is beside what has been stated already, 0 if it
// is small talk.
func (r *reading) tells(c candidate, stated map[string]bool) int {
	t := r.text
	for c.s.a < c.s.b && t.tok(c.s.a).word == "" {
		c.s.a++
	}
	life := t.opens(c.s, t.lex.lives)
	if n := utf8.RuneCountInString(t.of(c.s)); n < 25 && (!life || n < 16) || n > 220 {
		return 0
	}
	self, novel := false, 0
	for i := c.s.a; i < c.s.b; i++ {
		w := t.tok(i).word
		switch {
		case w == "you" || w == "your" || w == "you're":
			if c.weight < 4 {
				return 0
			}
		case t.lex.selfWords[w] || strings.HasPrefix(w, "i'"):
			self = true
		case len(w) > 3 && !t.lex.lightWords[w] && !t.is(i, isNotName|isFiller|isPronoun) && !stated[stemmed(w)] && !t.lex.pointers[w]:
			novel++
		}
	}
	if !self && c.weight < 4 {
		return 0
	}
	length := max(c.s.len()-25, 8-c.s.len(), 0) * 5
	if c.stated && c.weight > 1 {
		return max(c.weight*100+min(novel, 4)*20-length, 1)
	}
	first := t.tok(c.s.a).word
	if r.terse || life && !t.ofSelf(c.s) || novel < 3 && (!life || novel < 2) || !life && t.opens(c.s, t.lex.smallTalk) || !t.lex.selfWords[first] && !strings.HasPrefix(first, "i'") {
		return 0
	}
	return max(min(novel, 6)*40-length, 1)
}

// ofSelf reports whether a sentence about somebody near, "My aunt …", tells of the
// speaker too.
func (t *text) ofSelf(s span) bool {
	if t.tok(s.a).word != "my" {
		return true
	}
	for i := s.a + 1; i < s.b; i++ {
		if w := t.tok(i).word; t.lex.selfWords[w] || strings.HasPrefix(w, "i'") {
			return true
		}
	}
	return false
}

// opens reports whether a sentence begins with one of the phrases.
func (t *text) opens(s span, phrases map[string]bool) bool {
	w := ""
	for i := s.a; i < s.b && i < s.a+4; i++ {
		if t.tok(i).word == "" {
			continue
		}
		if w != "" {
			w += " "
		}
		if w += t.tok(i).word; phrases[w] {
			return true
		}
	}
	return false
}
