package synth

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/synth/synthtest"
)

func TestPrices(t *testing.T) {
	p, err := loadPrices()
	require.NoError(t, err)
	for _, c := range []struct {
		provider, model string
		want            price
	}{
		{OpenAI, "gpt-4o-mini", price{0.15, 0.6}},
		{OpenAI, "gpt-4o-mini-2024-07-18", price{0.15, 0.6}},
		{OpenAI, "openai/gpt-4o", price{2.5, 10}},
		{OpenAI, "gpt-4o-audio-preview", price{}},
		{Anthropic, "claude-haiku-4-5-20251001", price{1, 5}},
		{Anthropic, "claude-3-5-haiku-latest", price{0.8, 4}},
		{Ollama, "gpt-4o", price{}},
		{OpenAI, "llama-3.3-70b", price{}},
	} {
		require.Equal(t, c.want, p.of(c.provider, c.model), "%s %s", c.provider, c.model)
	}
	require.EqualValues(t, 150_000+600_000, price{0.15, 0.6}.cost(persona.Usage{InputTokens: 1e6, OutputTokens: 1e6}))
	require.EqualValues(t, 2, price{0.15, 0.6}.cost(persona.Usage{InputTokens: 8, OutputTokens: 1}), "rounded, not cut")
}

func TestUsageIsThatOfAllCalls(t *testing.T) {
	for provider, model := range map[string]string{OpenAI: "gpt-4o", Anthropic: "claude-sonnet-4-5"} {
		s := synthtest.NewServer(t)
		s.Script(
			synthtest.Reply{Text: "no", InputTokens: 1000, OutputTokens: 10},
			synthtest.Reply{Status: 500},
			synthtest.Reply{Text: `{"claims":[]}`, InputTokens: 2000, OutputTokens: 20},
		)
		e, _ := engineOn(t, s, func(o *Options) { o.Provider, o.Model = provider, model })
		_, usage, err := read(t, e, text)
		require.NoError(t, err)
		require.Equal(t, 3000, usage.InputTokens, provider)
		require.Equal(t, 30, usage.OutputTokens, provider)
		want := map[string]int64{OpenAI: 3000*2.5 + 30*10, Anthropic: 3000*3 + 30*15}
		require.Equal(t, want[provider], usage.CostMicros)
	}
}
