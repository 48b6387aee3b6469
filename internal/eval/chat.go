package eval

import (
	_ "embed"
	"strings"
	"unicode/utf8"

	"github.com/persona-api/persona-api/internal/persona"
)

// Chats is how well the speakers of chats are read. Of each chat the speaker
// counts whom most claims are about.
type Chats struct {
	Sentences int `json:"sentences"` // that the chosen speakers are known by
	Said      int `json:"said"`      // of those: said in so many words somewhere in their turns
	Found     int `json:"found"`     // of all: in a claim
	Claims    int `json:"claims"`    // that quote a turn
	Other     int `json:"other"`     // of those: quote the other speaker's
}

// Recall is the share of the known sentences that a claim tells.
func (c *Chats) Recall() float64 { return share(c.Found, c.Sentences) }

// OfSaid sets what was found against what the chats say at all. It may exceed 1:
// a claim may put together what stands in two turns.
func (c *Chats) OfSaid() float64 { return share(c.Found, c.Said) }

// OtherShare is the share of claims that put another's words into the speaker's mouth.
func (c *Chats) OtherShare() float64 { return share(c.Other, c.Claims) }

// overlap is the share of a sentence's content words that must come back.
const overlap = .5

// stretch is part of a chat, in code points, said by speaker 0 or 1.
type stretch struct {
	start, end int
	speaker    int
}

// before are the signs that may stand before a label: "* ", "[10:02] ".
const before = "*[]()0123456789:.,-–/ \t"

// stretches parts a chat into what each speaker says, the label included. What
// comes before the first label is nobody's; a text without any label is the
// first speaker's.
func stretches(t *Text) []stretch {
	var out []stretch
	at := 0
	for line := range strings.Lines(t.Text) {
		bare := strings.TrimLeft(line, before)
		for n, label := range t.speakers {
			if rest, ok := strings.CutPrefix(bare, label); ok && label != "" && strings.HasPrefix(strings.TrimLeft(rest, "* "), ":") {
				out = append(out, stretch{start: at, speaker: n})
				break
			}
		}
		at += utf8.RuneCountInString(line)
		if len(out) > 0 {
			out[len(out)-1].end = at
		}
	}
	if len(out) == 0 {
		out = append(out, stretch{0, at, 0})
	}
	return out
}

// chat compares the claims with what the speaker is known by.
func (m *measurement) chat(t *Text, claims []persona.Claim) {
	if m.set.Chat == nil {
		m.set.Chat = &Chats{}
	}
	c := m.set.Chat
	parts := stretches(t)
	speaker := make([]int, len(claims)) // -1: quotes no turn
	about := [2]int{}
	for i, claim := range claims {
		speaker[i] = -1
		for _, p := range parts {
			if claim.Quote != "" && p.start <= claim.Start && claim.Start < p.end {
				speaker[i] = p.speaker
				about[p.speaker]++
			}
		}
	}
	chosen := 0
	if about[1] > about[0] {
		chosen = 1
	}
	var told, turns []map[string]bool
	for i, claim := range claims {
		if speaker[i] != 1-chosen {
			told = append(told, contentWords(claim.Value+" "+claim.Quote))
		}
	}
	text := []rune(t.Text)
	for _, p := range parts {
		if p.speaker == chosen {
			turns = append(turns, contentWords(string(text[p.start:p.end])))
		}
	}
	c.Claims += about[0] + about[1]
	c.Other += about[1-chosen]
	for _, sentence := range t.personas[chosen] {
		words := contentWords(sentence)
		if len(words) == 0 {
			continue
		}
		c.Sentences++
		if tells(turns, words) {
			c.Said++
		}
		if tells(told, words) {
			c.Found++
		}
	}
	m.claimed(t, claims)
}

// chats makes sure that a set nobody was read of has its zeros.
func (m *measurement) chats() {
	if m.set.Chat == nil {
		m.set.Chat = &Chats{}
	}
}

// tells reports whether one of the texts has enough of the words.
func tells(texts []map[string]bool, words map[string]bool) bool {
	for _, text := range texts {
		n := 0
		for w := range words {
			if text[w] {
				n++
			}
		}
		if share(n, len(words)) >= overlap {
			return true
		}
	}
	return false
}

//go:embed data/function_words.txt
var functionWordList string

// contentWords are the words of a sentence that carry its matter, without the s
// of plurals and third persons.
func contentWords(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(normalise(s)) {
		w = strings.Trim(w, ".")
		if isFunctionWord(w) || utf8.RuneCountInString(w) < 2 {
			continue
		}
		if len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") {
			w = w[:len(w)-1]
		}
		out[w] = true
	}
	return out
}

func isFunctionWord(w string) bool { return strings.Contains(functionWordList, "\n"+w+"\n") }
