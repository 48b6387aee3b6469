package synthtest

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// Claim is one entry of an answer to extract from, as the engine asks for it.
type Claim struct {
	Path       string  `json:"path"`
	Value      string  `json:"value"`
	Parts      []Part  `json:"parts"`
	Quote      string  `json:"quote"`
	Basis      string  `json:"basis"` // STATED or INFERRED
	Confidence float64 `json:"confidence"`
}

// Part is one part of a claim's value.
type Part struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Sentence is one entry of an answer to compose from.
type Sentence struct {
	Path  string `json:"path"`
	Text  string `json:"text"`
	Cites []int  `json:"cites"`
}

// Claims answers with claims.
func Claims(claims ...Claim) Reply {
	for i := range claims {
		if claims[i].Parts == nil {
			claims[i].Parts = []Part{}
		}
	}
	return answer("claims", claims)
}

// Sentences answers with sentences.
func Sentences(sentences ...Sentence) Reply { return answer("sentences", sentences) }

func answer[T any](list string, entries []T) Reply {
	if entries == nil {
		entries = []T{}
	}
	b, _ := json.Marshal(map[string][]T{list: entries}) // strings and numbers: cannot fail
	return Reply{Text: string(b)}
}

// Invented is a claim with a quote that stands in no text.
func Invented() Claim {
	return Claim{Path: "interests.passions", Value: "collecting lighthouses", Quote: "I have collected 412 miniature lighthouses since I was nine", Basis: "STATED", Confidence: 0.95}
}

// cues are what Read finds: a field, and the words around its value.
var cues = []struct {
	path string
	cue  *regexp.Regexp // group 1 is the value, the whole is the quote
}{
	{"name", regexp.MustCompile(`(?m)(?:\bMy name is |\bmy name is |^Name:[ \t]*)(\p{L}[\p{L}'’-]*(?: \p{Lu}[\p{L}'’-]*){0,3})`)},
	{"role", regexp.MustCompile(`(?:\bworks? as (?:an? )?|(?m:^)(?:Role|Title):[ \t]*)([\p{L}][\p{L} -]*?)(?: (?:at|for|in) |[.,;\n]|$)`)},
	{"location", regexp.MustCompile(`(?:\blives? in |(?m:^)Location:[ \t]*)(\p{Lu}[\p{L}-]*(?: \p{Lu}[\p{L}-]*)*)`)},
	{"contact.emails", regexp.MustCompile(`([\p{L}\d._%+-]+@[\p{L}\d-]+(?:\.[\p{L}\d-]+)+)`)},
	{"motivations.goals", regexp.MustCompile(`\bI want to ([^.\n]{3,80})`)},
	{"interests.primary", regexp.MustCompile(`\bI (?:love|like|enjoy) ([^.,\n]{3,60})`)},
}

// position is a job with its parts.
var position = regexp.MustCompile(`\bworks? as (?:an? )?(\p{L}[\p{L} -]*?) (?:at|for) (\p{Lu}[\p{L}\d&-]*(?: \p{Lu}[\p{L}\d&-]*)*)`)

// Read answers as a model of modest gifts would. Asked to extract, it claims the
// name, role, place, addresses, jobs, goals and likes that the text says in the
// plainest words, quoting them, and adds Invented. Asked to compose, it makes a
// sentence of each of the first facts, and adds one that cites nothing and one that
// cites a fact nobody gave it. The same question gets the same answer.
func Read(r Request) Reply {
	if r.Facts != "" {
		return compose(r.Facts)
	}
	var claims []Claim
	for _, c := range cues {
		for _, m := range c.cue.FindAllStringSubmatchIndex(r.Text, 20) {
			quote, value := r.Text[m[0]:m[1]], r.Text[m[2]:m[3]]
			claims = append(claims, Claim{Path: c.path, Value: value, Quote: strings.TrimRight(quote, " .,;\n"), Basis: "STATED", Confidence: 0.9})
		}
	}
	for _, m := range position.FindAllStringSubmatch(r.Text, 20) {
		claims = append(claims, Claim{Path: "career.positions", Value: m[1] + " at " + m[2], Parts: []Part{{"title", m[1]}, {"organization", m[2]}}, Quote: m[0], Basis: "STATED", Confidence: 0.9})
	}
	return Claims(append(claims, Invented())...)
}

// factLine is a fact as the question to compose from has it.
var factLine = regexp.MustCompile(`(?m)^(\d+) \| (\S+) \| \S+ \| (.*)$`)

func compose(facts string) Reply {
	wording := map[string]string{"name": "The person is called ", "role": "The work is that of ", "location": "Home is ", "motivations.goals": "The aim is to "}
	var sentences []Sentence
	for _, m := range factLine.FindAllStringSubmatch(facts, -1) {
		n, _ := strconv.Atoi(m[1]) // digits, says the expression
		if begin, ok := wording[m[2]]; ok {
			sentences = append(sentences, Sentence{"summary", begin + m[3] + ".", []int{n}})
		} else if len(sentences) < 8 {
			sentences = append(sentences, Sentence{"identity.coreDescription", "Known of this person: " + m[3] + ".", []int{n}})
		}
	}
	return Sentences(append(sentences,
		Sentence{"summary", "Everybody admires such a character.", nil},
		Sentence{"summary", "Once a famous sailor.", []int{9999}})...)
}
