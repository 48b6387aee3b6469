package synth

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/synth/synthtest"
)

// mutations spoil an answer in the ways that answers are spoilt.
var mutations = []struct {
	name string
	do   func(r *rand.Rand, reply *synthtest.Reply)
}{
	{"cut by length", func(r *rand.Rand, a *synthtest.Reply) { a.Text, a.Finish = a.Text[:r.IntN(len(a.Text))], "length" }},
	{"cut in silence", func(r *rand.Rand, a *synthtest.Reply) {
		a.Ending, a.After = synthtest.EndsSilently, r.IntN(len(a.Text))
	}},
	{"cut by the net", func(r *rand.Rand, a *synthtest.Reply) { a.Ending, a.After = synthtest.EndsCut, r.IntN(len(a.Text)) }},
	{"quotation marks lost", func(r *rand.Rand, a *synthtest.Reply) {
		for range 1 + r.IntN(6) {
			if i := strings.IndexByte(a.Text[r.IntN(len(a.Text)):], '"'); i >= 0 {
				a.Text = a.Text[:i] + a.Text[i+1:]
			}
		}
	}},
	{"quotation marks added", func(r *rand.Rand, a *synthtest.Reply) {
		for range 1 + r.IntN(6) {
			i := r.IntN(len(a.Text))
			a.Text = a.Text[:i] + `"` + a.Text[i:]
		}
	}},
	{"prose around and fences", func(r *rand.Rand, a *synthtest.Reply) {
		a.Text = "<think>Is {this} right? \"path\":</think>Of course! Here it is:\n```json\n" + a.Text + "\n```\nI left out {nothing}."
	}},
	{"prose inside", func(r *rand.Rand, a *synthtest.Reply) {
		a.Text = strings.Replace(a.Text, "},{", "}, // and next {the other}\n {", 1+r.IntN(4))
	}},
	{"other types", func(r *rand.Rand, a *synthtest.Reply) {
		junk := []string{"42", "null", "true", `["x",["y"]]`, `{"a":{"b":[]}}`, `1e999`, `""`}
		for range 1 + r.IntN(8) {
			keys := []string{`"path":`, `"value":`, `"quote":`, `"basis":`, `"confidence":`, `"parts":`}
			key := keys[r.IntN(len(keys))]
			if i := strings.Index(a.Text[r.IntN(len(a.Text)):], key); i >= 0 {
				a.Text = strings.Replace(a.Text, key, key+junk[r.IntN(len(junk))]+`,"x":`, 1+r.IntN(3))
			}
		}
	}},
	{"deep nesting", func(r *rand.Rand, a *synthtest.Reply) {
		n := 1 + r.IntN(2000)
		a.Text = strings.Repeat(`{"result":[`, n) + a.Text + strings.Repeat("]}", r.IntN(n+1))
	}},
	{"broken UTF-8", func(r *rand.Rand, a *synthtest.Reply) {
		for range 1 + r.IntN(12) {
			i := r.IntN(len(a.Text))
			a.Text = a.Text[:i] + string([]byte{byte(0x80 + r.IntN(0x80))}) + a.Text[i:]
		}
	}},
	{"bytes swapped", func(r *rand.Rand, a *synthtest.Reply) {
		b := []byte(a.Text)
		for range 1 + r.IntN(10) {
			i, j := r.IntN(len(b)), r.IntN(len(b))
			b[i], b[j] = b[j], b[i]
		}
		a.Text = string(b)
	}},
	{"invented quotes", func(r *rand.Rand, a *synthtest.Reply) {
		a.Text = strings.Replace(a.Text, `"quote":"`, `"quote":"as everybody knows, `, 1+r.IntN(5))
	}},
	{"other keys", func(r *rand.Rand, a *synthtest.Reply) {
		a.Text = strings.NewReplacer(`"claims"`, `"items"`, `"quote"`, `"evidence"`).Replace(a.Text)
	}},
	{"errors of the server", func(r *rand.Rand, a *synthtest.Reply) {
		*a = synthtest.Reply{Status: []int{400, 401, 404, 408, 413, 429, 500, 503}[r.IntN(8)], Body: []string{"", "{", "<html>", `{"error":7}`}[r.IntN(4)]}
	}},
	{"no answer at all", func(r *rand.Rand, a *synthtest.Reply) { a.Text = []string{"", "{}", "[]", "null", "no"}[r.IntN(5)] }},
	{"cut in a key", cutAfter(`"confi`)},
	{"cut after a colon", cutAfter(`"quote":`)},
	{"cut in a value", cutAfter(`"quote":"My na`)},
	{"cut in a list", cutAfter(`"parts":[`)},
	{"cut in a number", cutAfter(`"confidence":0.`)},
	{"cut between two claims", cutAfter(`},`)},
	{"cut in a letter", func(r *rand.Rand, a *synthtest.Reply) {
		a.Text = strings.ReplaceAll(a.Text, `"value":"`, `"value":"é`)
		at := strings.LastIndex(a.Text[:len(a.Text)/2+r.IntN(len(a.Text)/2)], "é")
		a.Text, a.Finish = a.Text[:at+1], "length"
	}},
	{"cut in an escape", func(r *rand.Rand, a *synthtest.Reply) {
		a.Text = strings.Replace(a.Text, "My name", `My\u0020name`, 1)
		a.Text, a.Finish = a.Text[:strings.LastIndex(a.Text, `,{`)]+`,{"path":"role","value":"brid\u00`[:8+r.IntN(26)], "length"
	}},
	{"a comment on every claim", func(r *rand.Rand, a *synthtest.Reply) {
		comment := []string{" // {so} \"it\" is said, I think\n", " /* path: \"name\", */ ", " # sure: 90 %\n"}[r.IntN(3)]
		a.Text = strings.NewReplacer(`{"path"`, "{"+comment+`"path"`, `,"basis"`, ","+comment+`"basis"`, `},{`, "},"+comment+"{").Replace(a.Text)
	}},
	{"comments after values", func(r *rand.Rand, a *synthtest.Reply) {
		a.Text = strings.ReplaceAll(a.Text, `"basis":"STATED",`, "\"basis\":\"STATED\", // as told\n")
		a.Text = strings.ReplaceAll(a.Text, `"parts":[],`, "\"parts\":[] /* none */,")
	}},
	{"trailing commas", func(r *rand.Rand, a *synthtest.Reply) {
		a.Text = strings.NewReplacer("}", ",}", "]", ", ]").Replace(a.Text)
	}},
	{"missing commas", func(r *rand.Rand, a *synthtest.Reply) {
		a.Text = strings.NewReplacer(`","`, "\"\n\"", "},{", "}\n{").Replace(a.Text)
	}},
	{"single quotation marks", func(r *rand.Rand, a *synthtest.Reply) { a.Text = strings.ReplaceAll(a.Text, `"`, `'`) }},
	{"curly quotation marks", func(r *rand.Rand, a *synthtest.Reply) {
		a.Text = regexp.MustCompile(`"([^"]*)"`).ReplaceAllString(a.Text, "“$1”")
	}},
	{"bare keys", func(r *rand.Rand, a *synthtest.Reply) {
		a.Text = regexp.MustCompile(`"([a-z]+)":`).ReplaceAllString(a.Text, "$1: ")
	}},
	{"numbers that are none", func(r *rand.Rand, a *synthtest.Reply) {
		a.Text = strings.ReplaceAll(a.Text, ":0.9", ":"+[]string{"NaN", "-Infinity", "Infinity", "nan", ".9.", "1e400", "0x1F", "90%", "None", "undefined"}[r.IntN(10)])
	}},
	{"keys twice", func(r *rand.Rand, a *synthtest.Reply) {
		a.Text = strings.ReplaceAll(a.Text, `"quote":`, `"quote":"what was it","confidence":1,"quote":`)
	}},
	{"lists in lists", func(r *rand.Rand, a *synthtest.Reply) {
		n := 1 + r.IntN(15)
		a.Text = strings.Replace(a.Text, `[{"path"`, strings.Repeat("[", n)+`{"path"`, 1)
		a.Text = strings.TrimSuffix(a.Text, "}") + strings.Repeat("]", n-1) + "}"
	}},
	{"a mark before it", func(r *rand.Rand, a *synthtest.Reply) {
		a.Text = "\uFEFF" + strings.ReplaceAll(a.Text, ":", ":\u00A0\uFEFF ")
	}},
	{"broken escapes", func(r *rand.Rand, a *synthtest.Reply) {
		for range 1 + r.IntN(4) {
			a.Text = strings.Replace(a.Text, "e", []string{`\u00`, `\uZZZZ`, `\ud83d`, `\x65`, `\`, `\u{65}`, `\udc00\ud800`}[r.IntN(7)]+"e", 1+r.IntN(3))
		}
	}},
	{"written as a string", func(r *rand.Rand, a *synthtest.Reply) { b, _ := json.Marshal(a.Text); a.Text = string(b) }},
	{"YAML", func(r *rand.Rand, a *synthtest.Reply) {
		a.Text = "claims:\n  - path: name\n    value: Ada Okafor\n    quote: My name is Ada Okafor\n"
	}},
	{"two answers", func(r *rand.Rand, a *synthtest.Reply) {
		a.Text = a.Text + "\n\nOr better:\n\n" + a.Text[:r.IntN(len(a.Text))]
	}},
	{"two megabytes of claims", func(r *rand.Rand, a *synthtest.Reply) {
		claims := strings.TrimSuffix(strings.TrimPrefix(a.Text, `{"claims":[`), `]}`)
		a.Text, a.Chunk, a.Plain = `{"claims":[`+strings.Repeat(claims+",", 2<<20/len(claims))+claims+`]}`, 16<<10, r.IntN(2) == 0
	}},
	{"two megabytes of one value", func(r *rand.Rand, a *synthtest.Reply) {
		a.Text, a.Chunk, a.Plain = strings.Replace(a.Text, `]}`, `,{"path":"role","value":"`+strings.Repeat("engineer ", 2<<20/9), 1), 16<<10, r.IntN(2) == 0
	}},
	{"two megabytes of blanks", func(r *rand.Rand, a *synthtest.Reply) {
		a.Text, a.Chunk, a.Plain = strings.Replace(a.Text, `},`, `},`+strings.Repeat("\n ", 1<<20), 1), 16<<10, r.IntN(2) == 0
	}},
	{"the same words for ever", func(r *rand.Rand, a *synthtest.Reply) {
		a.Text = a.Text[:strings.LastIndex(a.Text, `,{`)] + `,{"path":"role","value":"` + strings.Repeat(`the the the `, 3000+r.IntN(3000))
		a.Finish = "length"
	}},
	{"all on one another", nil},
}

// cutAfter ends an answer after one of the places where mark stands.
func cutAfter(mark string) func(*rand.Rand, *synthtest.Reply) {
	return func(r *rand.Rand, a *synthtest.Reply) {
		n := 1 + r.IntN(strings.Count(a.Text, mark))
		at := 0
		for range n {
			at += strings.Index(a.Text[at:], mark) + len(mark)
		}
		a.Text, a.Finish = a.Text[:at], "length"
	}
}

// stacked are the mutations that "all on one another" puts together.
var stacked = []string{"quotation marks lost", "prose around and fences", "broken UTF-8", "bytes swapped"}

// TestTwoHundredSpoiltAnswers gives the engine nothing but spoilt answers, the
// second attempt and the repair included: what comes is claims with proof or a
// typed failure.
func TestTwoHundredSpoiltAnswers(t *testing.T) {
	n := 8 * len(mutations)
	good := synthtest.Read(synthtest.Request{Text: text})
	used, failed := 0, 0
	lost := map[string]int{}
	for i := range 8 * len(mutations) {
		r := rand.New(rand.NewPCG(uint64(i), 7))
		reply := good
		m := mutations[i%len(mutations)]
		if strings.HasPrefix(m.name, "two megabytes") && i >= 2*len(mutations) {
			n-- // twice is enough of these
			continue
		}
		if m.do != nil {
			m.do(r, &reply)
		} else {
			for _, other := range mutations {
				if slices.Contains(stacked, other.name) {
					other.do(r, &reply)
				}
			}
		}
		t.Run(fmt.Sprintf("%d %s", i, m.name), func(t *testing.T) {
			s := synthtest.NewServer(t)
			s.Answer(func(synthtest.Request) synthtest.Reply { return reply })
			e, _ := engineOn(t, s, func(o *Options) { o.Provider = []string{OpenAI, Anthropic}[i%2] })
			drafts, _, err := read(t, e, text)
			switch {
			case len(drafts) > 0:
				used++
			case err != nil:
				f := asFailure(t, err)
				require.NotEqual(t, persona.FailInternal, f.Code, "%v", f)
				failed++
				lost[m.name]++
			default:
				t.Logf("neither: %.300s", reply.Text)
				lost["neither: "+m.name]++
			}
			for _, d := range drafts {
				if d.Basis == persona.BasisStated {
					require.NotContains(t, d.Quote, "as everybody knows")
				}
			}
		})
	}
	t.Logf("of %d spoilt answers %d gave claims, %d a typed failure, %d neither; without claims: %v", n, used, failed, n-used-failed, lost)
	require.GreaterOrEqual(t, n, 200)
	require.GreaterOrEqual(t, used+failed, n*99/100)
	require.GreaterOrEqual(t, used, n*3/4, "what can be saved is saved")
}

// TestOfQuotesThatAreInventedNoneIsStated spoils 30 % of the quotes of long answers.
func TestOfQuotesThatAreInventedNoneIsStated(t *testing.T) {
	passage := newPassage(chunk{0, []rune(long(10) + text)})
	words := strings.Fields(string(passage.text))
	stated, inventedCount := 0, 0
	for seed := range 50 {
		r := rand.New(rand.NewPCG(uint64(seed), 11))
		var claims []synthtest.Claim
		invented := map[string]bool{}
		for i := range 40 {
			at := r.IntN(len(words) - 12)
			quote := words[at : at+6+r.IntN(6)]
			c := synthtest.Claim{Path: "identity.values", Value: fmt.Sprintf("value %d of %d", i, seed), Basis: "STATED", Confidence: 1}
			if i%10 < 3 {
				// Words of the text in an order it does not have, or one word too many.
				quote = append([]string(nil), quote...)
				if i%2 == 0 {
					r.Shuffle(len(quote), func(a, b int) { quote[a], quote[b] = quote[b], quote[a] })
				} else {
					quote[r.IntN(len(quote))] = "preposterously"
				}
				invented[c.Value] = true
			}
			c.Quote = strings.Join(quote, " ")
			claims = append(claims, c)
		}
		drafts, _ := readClaims(synthtest.Claims(claims...).Text, passage)
		prove(t, string(passage.text), drafts)
		for _, d := range drafts {
			if invented[d.Value] {
				inventedCount++
				require.Equal(t, persona.BasisInferred, d.Basis, "%q", d.Quote)
			} else if d.Basis == persona.BasisStated {
				stated++
			}
		}
	}
	require.Equal(t, 50*12, inventedCount)
	require.Equal(t, 50*28, stated, "and all the others are")
}
