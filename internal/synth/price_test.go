package synth

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/synth/synthtest"
)

func TestPrices(t *testing.T) {
	p, err := loadPrices("")
	require.NoError(t, err)
	for _, c := range []struct {
		provider, model string
		want            price
		known           bool
	}{
		{OpenAI, "gpt-4o-mini", price{0.15, 0.6}, true},
		{OpenAI, "gpt-4o-mini-2024-07-18", price{0.15, 0.6}, true},
		{OpenAI, "openai/gpt-4o", price{2.5, 10}, true},
		{OpenAI, "gpt-4o-audio-preview", price{}, false},
		{Anthropic, "claude-haiku-4-5-20251001", price{1, 5}, true},
		{Anthropic, "claude-3-5-haiku-latest", price{0.8, 4}, true},
		{Ollama, "gpt-4o", price{}, true},
		{OpenAI, "llama-3.3-70b", price{}, false},
	} {
		got, known := p.of(c.provider, c.model)
		require.Equal(t, c.want, got, "%s %s", c.provider, c.model)
		require.Equal(t, c.known, known, "%s %s", c.provider, c.model)
	}
	require.EqualValues(t, 150_000+600_000, price{0.15, 0.6}.cost(persona.Usage{InputTokens: 1e6, OutputTokens: 1e6}))
	require.EqualValues(t, 2, price{0.15, 0.6}.cost(persona.Usage{InputTokens: 8, OutputTokens: 1}), "rounded, not cut")
}

// priceFile is a file of a price table.
func priceFile(t *testing.T, table string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "prices.tsv")
	require.NoError(t, os.WriteFile(path, []byte(table), 0o600))
	return path
}

func TestPricesOfOnesOwnComeFirst(t *testing.T) {
	path := priceFile(t, "\uFEFF# ours\r\n\r\nopenai\tgpt-4o\t1\t2\r\nopenai\tllama-3.3-70b\t0\t0\nopenai\tgpt-4o-2024-08-06\t3\t4\nopenai\tmeta/llama\t5\t6\nollama\tqwen3\t0.5\t 1 \n")
	p, err := loadPrices(path)
	require.NoError(t, err)
	for _, c := range []struct {
		provider, model string
		want            price
	}{
		{OpenAI, "gpt-4o", price{1, 2}}, {OpenAI, "gpt-4o-2024-05-13", price{1, 2}}, {OpenAI, "gpt-4o-2024-08-06", price{3, 4}},
		{OpenAI, "meta/llama", price{5, 6}}, {OpenAI, "llama-3.3-70b", price{}}, {Ollama, "qwen3", price{0.5, 1}}, {OpenAI, "gpt-4o-mini", price{0.15, 0.6}},
	} {
		got, known := p.of(c.provider, c.model)
		require.True(t, known, c.model)
		require.Equal(t, c.want, got, c.model)
	}

	s := synthtest.NewServer(t)
	s.Script(synthtest.Reply{Text: `{"claims":[]}`, InputTokens: 1000, OutputTokens: 100})
	e, _ := engineOn(t, s, func(o *Options) { o.Model, o.Prices = "gpt-4o", path })
	require.True(t, e.PriceKnown())
	_, usage, err := read(t, e, text)
	require.NoError(t, err)
	require.EqualValues(t, 1000*1+100*2, usage.CostMicros)

	e, _ = engineOn(t, s, func(o *Options) { o.Model = "a-model-of-ones-own" })
	require.False(t, e.PriceKnown())
	require.Zero(t, e.Estimate(1000).CostMicros)
	require.Positive(t, e.Estimate(1000).InputTokens)
}

func TestWrongPricesNameTheLine(t *testing.T) {
	for table, want := range map[string]string{
		"openai\tgpt-4o\t1":                                 "line 1 has 3 cells",
		"# ours\n\nopenai gpt-4o 1 2":                       "line 3 has 1 cells",
		"openai\tgpt-4o\t1\tcheap":                          `line 1 has "cheap" where a price`,
		"openai\tgpt-4o\t-1\t2":                             `line 1 has "-1" where a price`,
		"openai\tgpt-4o\tNaN\t2":                            `line 1 has "NaN" where a price`,
		"openai\tgpt-4o\t1\tInf":                            `line 1 has "Inf" where a price`,
		"openai\t\t1\t2":                                    "line 1 names no model",
		"google\tgemini\t1\t2":                              `line 1 begins with "google"`,
		"openai\tm\t1\t2\nopenai\tn\t1\t2\nopenai\tm\t3\t4": `line 3 prices "m" again, after line 1`,
	} {
		_, err := New(Options{Provider: OpenAI, Model: "m", APIKey: "k", Prices: priceFile(t, table)})
		var wrong *persona.Error
		require.ErrorAs(t, err, &wrong, table)
		require.Equal(t, []string{"LLM_PRICES"}, wrong.Field)
		require.Contains(t, wrong.Message, want)
	}
	_, err := New(Options{Provider: OpenAI, Model: "m", APIKey: "k", Prices: filepath.Join(t.TempDir(), "none")})
	require.ErrorContains(t, err, "LLM_PRICES")
	require.ErrorContains(t, err, "no such file")
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
