package synth

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/synth/synthtest"
)

var sentence = regexp.MustCompile(`[^.\n]{20,}\.`)

// diligent answers as a good model would: a claim for nearly every sentence, quoting
// it, and a narrative of six sentences.
func diligent(r synthtest.Request) synthtest.Reply {
	if r.Facts != "" {
		var sentences []synthtest.Sentence
		for i := range 6 {
			sentences = append(sentences, synthtest.Sentence{Path: "summary", Text: "The person has worked for many years on bridges over wide rivers, and likes it.", Cites: []int{1, i + 1}})
		}
		return synthtest.Sentences(sentences...)
	}
	var claims []synthtest.Claim
	for i, q := range sentence.FindAllString(r.Text, mostClaims) {
		q = strings.TrimSpace(q)
		claims = append(claims, synthtest.Claim{
			Path:  []string{"identity.values", "skills.soft", "behavior.habits", "interests.primary", "motivations.goals", "identity.beliefs"}[i%6],
			Value: fmt.Sprintf("%s (%d)", strings.Join(strings.Fields(q)[:3], " "), i), Quote: q, Basis: "STATED", Confidence: 0.9,
		})
	}
	return synthtest.Claims(claims...)
}

// life is a text of about n code points.
func life(n int) string {
	var b strings.Builder
	for i := 0; utf8.RuneCountInString(b.String()) < n; i++ {
		fmt.Fprintf(&b, "In the spring of %d she moved to another town by the sea, where the firm of her uncle built ferries. ", 1950+i%60)
		b.WriteString("She learned to weld before she could drive, and was proud of it. Her evenings belonged to the choir of the parish.\n\n")
	}
	return string([]rune(b.String())[:n])
}

// TestEstimateIsNearWhatReadingCosts reads texts of all lengths and compares.
func TestEstimateIsNearWhatReadingCosts(t *testing.T) {
	for provider, model := range map[string]string{OpenAI: "gpt-4o", Anthropic: "claude-sonnet-4-5"} {
		for _, length := range []int{300, 1_500, 6_000, 11_000, 13_000, 40_000, 100_000} {
			t.Run(fmt.Sprint(provider, " ", length), func(t *testing.T) {
				s := synthtest.NewServer(t)
				s.Answer(diligent)
				e, _ := engineOn(t, s, func(o *Options) { o.Provider, o.Model = provider, model })
				drafts, spent, err := read(t, e, life(length))
				require.NoError(t, err)
				_, more, err := e.Compose(t.Context(), factsFrom(drafts))
				require.NoError(t, err)
				spent = spent.Add(more)
				guess := e.Estimate(length)
				t.Logf("estimated %+v, spent %+v: input %.2f, output %.2f, cost %.2f", guess, spent, float64(guess.InputTokens)/float64(spent.InputTokens), float64(guess.OutputTokens)/float64(spent.OutputTokens), float64(guess.CostMicros)/float64(spent.CostMicros))
				near := func(guess, spent int64) {
					t.Helper()
					require.Less(t, float64(guess), 1.5*float64(spent))
					require.Greater(t, float64(guess), float64(spent)/1.5)
				}
				near(int64(guess.InputTokens), int64(spent.InputTokens))
				near(int64(guess.OutputTokens), int64(spent.OutputTokens))
				near(guess.CostMicros, spent.CostMicros)
			})
		}
	}
}

func TestEstimateGrowsWithTheText(t *testing.T) {
	s := synthtest.NewServer(t)
	e, _ := engineOn(t, s)
	require.Zero(t, e.Estimate(0))
	require.Zero(t, e.Estimate(-1))
	var last persona.Usage
	for n := 1; n <= persona.MaxText; n += 500 {
		u := e.Estimate(n)
		require.GreaterOrEqual(t, u.InputTokens, last.InputTokens)
		require.GreaterOrEqual(t, u.OutputTokens, last.OutputTokens)
		require.GreaterOrEqual(t, u.CostMicros, last.CostMicros)
		last = u
	}
	require.Empty(t, s.Requests(), "an estimate asks nobody")
}
