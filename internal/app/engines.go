package app

import (
	"fmt"
	"log/slog"

	"github.com/persona-api/persona-api/internal/config"
	"github.com/persona-api/persona-api/internal/extract"
	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/synth"
	"github.com/persona-api/persona-api/internal/telemetry"
)

// newEngines makes what reads texts: first the one that LLM_PROVIDER names, then
// every other one that has its settings, for whoever asks for it by name.
func newEngines(cfg config.Config, log *slog.Logger, tel *telemetry.Telemetry) ([]persona.Engine, error) {
	var out []persona.Engine
	for _, provider := range cfg.Providers() {
		cfg.LLMProvider = provider
		e, err := newEngine(cfg, log, tel)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// newEngine makes the engine of LLM_PROVIDER.
func newEngine(cfg config.Config, log *slog.Logger, tel *telemetry.Telemetry) (persona.Engine, error) {
	o := synth.Options{
		Provider: cfg.LLMProvider, Concurrency: cfg.LLMConcurrency, Rate: cfg.LLMRate, Timeout: cfg.LLMTimeout, Prices: cfg.LLMPrices,
		Log: log, TracerProvider: tel.TracerProvider, MeterProvider: tel.MeterProvider,
	}
	switch cfg.LLMProvider {
	case config.ProviderOpenAI:
		o.Model, o.APIKey, o.BaseURL = cfg.OpenAIModel, cfg.OpenAIAPIKey.Reveal(), cfg.OpenAIBaseURL
	case config.ProviderAnthropic:
		o.Model, o.APIKey = cfg.AnthropicModel, cfg.AnthropicAPIKey.Reveal()
	case config.ProviderOllama:
		o.Model, o.BaseURL = cfg.OllamaModel, cfg.OllamaBaseURL
	default:
		return extract.New(), nil
	}
	e, err := synth.New(o)
	if err == nil && cfg.LLMBudgetUSD > 0 && !e.PriceKnown() {
		e.Close()
		err = fmt.Errorf("LLM_BUDGET_USD (flag --llm-budget-usd): the price of %s's model %q is not known, so a budget cannot be kept; name its price in a file and set LLM_PRICES to it, or leave LLM_BUDGET_USD out", cfg.LLMProvider, o.Model)
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}
