package synth

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/synth/synthtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const text = `My name is Ada Okafor. I live in Lagos and work as a bridge engineer at Delta Spans.
You can reach me at ada.okafor@example.com.

I love long-distance swimming, and I want to build a school for 120 girls.
I don't like meetings without an agenda — “they eat the day”, as I always say.`

// pauses are the waits an engine would have made between attempts.
type pauses struct {
	mu  sync.Mutex
	all []time.Duration
}

func (p *pauses) pause(ctx context.Context, d time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, d)
	return ctx.Err()
}

// engineOn is an engine that asks s and does not wait between attempts.
func engineOn(t testing.TB, s *synthtest.Server, change ...func(*Options)) (*Engine, *pauses) {
	t.Helper()
	o := Options{Provider: OpenAI, Model: "gpt-4o-mini", APIKey: "sk-secret-key", BaseURL: s.URL()}
	for _, c := range change {
		c(&o)
	}
	e, err := New(o)
	require.NoError(t, err)
	t.Cleanup(e.Close)
	p := &pauses{}
	e.pause = p.pause
	return e, p
}

func source(text string) persona.Source {
	return persona.Source{ID: persona.NewSourceID(), Kind: persona.KindText, Text: &text}
}

// read is Extract with everything it emitted, and proves each draft's quote.
func read(t testing.TB, e *Engine, text string) ([]persona.Draft, persona.Usage, error) {
	t.Helper()
	var all []persona.Draft
	usage, err := e.Extract(t.Context(), source(text), func(ds []persona.Draft) error {
		all = append(all, ds...)
		return nil
	})
	prove(t, text, all)
	return all, usage, err
}

// prove fails unless every draft keeps the contract of quotes.
func prove(t testing.TB, text string, drafts []persona.Draft) {
	t.Helper()
	runes := []rune(text)
	for _, d := range drafts {
		if d.Quote == "" {
			require.Equal(t, persona.BasisInferred, d.Basis, "no evidence, so not stated: %+v", d)
			require.Zero(t, d.Start)
			require.Zero(t, d.End)
			continue
		}
		require.True(t, 0 <= d.Start && d.Start < d.End && d.End <= len(runes), "%+v", d)
		require.Equal(t, string(runes[d.Start:d.End]), d.Quote)
	}
}

func draftAt(drafts []persona.Draft, path string) *persona.Draft {
	for i := range drafts {
		if drafts[i].Path == path {
			return &drafts[i]
		}
	}
	return nil
}

func asFailure(t testing.TB, err error) *persona.Failure {
	t.Helper()
	var f *persona.Failure
	require.ErrorAs(t, err, &f)
	return f
}

func TestNewNamesTheSettingThatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		options Options
		setting string
	}{
		"provider":       {Options{Provider: "builtin", Model: "m"}, "LLM_PROVIDER"},
		"model":          {Options{Provider: OpenAI, APIKey: "k"}, "OPENAI_MODEL"},
		"key":            {Options{Provider: OpenAI, Model: "m"}, "OPENAI_API_KEY"},
		"anthropic key":  {Options{Provider: Anthropic, Model: "m", BaseURL: "http://localhost:1"}, "ANTHROPIC_API_KEY"},
		"ollama model":   {Options{Provider: Ollama}, "OLLAMA_MODEL"},
		"address":        {Options{Provider: OpenAI, Model: "m", BaseURL: "localhost"}, "OPENAI_BASE_URL"},
		"ollama address": {Options{Provider: Ollama, Model: "m", BaseURL: "://"}, "OLLAMA_BASE_URL"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(c.options)
			var wrong *persona.Error
			require.ErrorAs(t, err, &wrong)
			require.Equal(t, persona.CodeInvalid, wrong.Code)
			require.Equal(t, []string{c.setting}, wrong.Field)
		})
	}
}

func TestEnvironmentDoesNotReachTheModel(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "sk-from-the-environment")
	t.Setenv("OPENAI_MODEL", "model-from-the-environment")
	t.Setenv("OPENAI_BASE_URL", "http://127.0.0.1:1")
	s := synthtest.NewServer(t)
	e, _ := engineOn(t, s, func(o *Options) { o.APIKey = "" })
	_, _, err := read(t, e, text)
	require.NoError(t, err)
	require.Equal(t, "none", s.Requests()[0].Key)
	require.Equal(t, "gpt-4o-mini", s.Requests()[0].Model)
}

func TestEveryProviderReadsAndComposes(t *testing.T) {
	for _, provider := range []string{OpenAI, Anthropic, Ollama} {
		t.Run(provider, func(t *testing.T) {
			s := synthtest.NewServer(t)
			e, _ := engineOn(t, s, func(o *Options) {
				o.Provider = provider
				if provider == Anthropic {
					o.Model = "claude-haiku-4-5"
				}
				if provider == Ollama {
					o.APIKey, o.BaseURL = "", strings.TrimSuffix(s.URL(), "/v1")
				}
			})
			require.Equal(t, provider, e.Info().Name)

			drafts, usage, err := read(t, e, text)
			require.NoError(t, err)
			name := draftAt(drafts, "name")
			require.NotNil(t, name)
			require.Equal(t, "Ada Okafor", name.Value)
			require.Equal(t, "My name is Ada Okafor", name.Quote)
			require.Equal(t, persona.BasisStated, name.Basis)
			require.EqualValues(t, 900, name.Confidence)
			require.Equal(t, persona.Detail{"title": "bridge engineer", "organization": "Delta Spans"}, draftAt(drafts, "career.positions").Detail)
			require.Equal(t, "ada.okafor@example.com", draftAt(drafts, "contact.emails").Value)

			invented := draftAt(drafts, "interests.passions")
			require.Equal(t, persona.BasisInferred, invented.Basis)
			require.Empty(t, invented.Quote)
			require.Positive(t, usage.InputTokens)
			require.Positive(t, usage.OutputTokens)
			if provider == Ollama {
				require.Zero(t, usage.CostMicros)
			} else {
				require.Positive(t, usage.CostMicros)
			}

			facts := factsFrom(drafts)
			composed, _, err := e.Compose(t.Context(), facts)
			require.NoError(t, err)
			summary := draftAt(composed, "summary")
			require.NotNil(t, summary)
			require.Contains(t, summary.Value, "Ada Okafor")
			require.NotContains(t, summary.Value, "admires", "cites nothing")
			require.NotContains(t, summary.Value, "sailor", "cites a fact that does not exist")

			asked := s.Requests()
			require.Len(t, asked, 2)
			require.Equal(t, text, asked[0].Text)
			require.True(t, asked[0].Stream)
			require.NotContains(t, string(asked[1].Body), "they eat the day", "compose sees facts, not the text")
		})
	}
}

// factsFrom takes drafts for the claims that won.
func factsFrom(drafts []persona.Draft) []persona.Fact {
	var facts []persona.Fact
	for i, d := range drafts {
		facts = append(facts, persona.Fact{ID: claimIDNumber(i), Path: d.Path, Value: d.Value, Detail: d.Detail, Basis: d.Basis, Confidence: d.Confidence})
	}
	return facts
}

// claimIDNumber is a claim id that differs for each i.
func claimIDNumber(i int) (id persona.ClaimID) {
	id.UUID[15], id.UUID[14] = byte(i), byte(i>>8)
	return id
}
