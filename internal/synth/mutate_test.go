package synth

import (
	"fmt"
	"math/rand/v2"
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
	{"all on one another", nil},
}

// TestTwoHundredSpoiltAnswers gives the engine nothing but spoilt answers, the
// second attempt and the repair included: what comes is claims with proof or a
// typed failure.
func TestTwoHundredSpoiltAnswers(t *testing.T) {
	const n = 200
	good := synthtest.Read(synthtest.Request{Text: text})
	used, failed := 0, 0
	lost := map[string]int{}
	for i := range n {
		r := rand.New(rand.NewPCG(uint64(i), 7))
		reply := good
		m := mutations[i%len(mutations)]
		if m.do != nil {
			m.do(r, &reply)
		} else {
			for _, j := range []int{3, 5, 9, 10} {
				mutations[j].do(r, &reply)
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
			}
			for _, d := range drafts {
				if d.Basis == persona.BasisStated {
					require.NotContains(t, d.Quote, "as everybody knows")
				}
			}
		})
	}
	t.Logf("of %d spoilt answers %d gave claims, %d a typed failure, %d neither; without claims: %v", n, used, failed, n-used-failed, lost)
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
