// Package synth is the engine that reads texts with a language model: OpenAI and
// every server that speaks its API, Anthropic, and Ollama.
//
// It works in two steps. Extract asks the model for flat claims, each with the
// words that prove it, and finds those words in the text itself; what is not
// there loses its evidence. Compose writes the few narrative fields from the
// claims that won, never from a text.
//
// The model is believed in nothing: not in its quotes (align.go), not in the form
// of its answers (salvage.go), not in having finished them (call.go).
package synth

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/persona-api/persona-api/internal/persona"
)

// The providers of a model.
const (
	OpenAI    = "openai"    // or any server that speaks its chat completions
	Anthropic = "anthropic" // the messages API
	// Ollama is asked through its OpenAI-compatible /v1, where nobody can tell it how
	// much to read: run it with OLLAMA_CONTEXT_LENGTH=16384 or more. With its default
	// it drops the beginning of a long question without a word.
	Ollama = "ollama"
)

// Options say which model to ask and how hard.
type Options struct {
	Provider string // OpenAI, Anthropic or Ollama
	Model    string // the provider's name for it
	APIKey   string // may be empty for Ollama and for a BaseURL of one's own
	BaseURL  string // "" is the provider's own address

	Concurrency int           // most calls at a time in this process; 10 when 0
	Rate        int           // most calls a minute in this process; no limit when 0
	Timeout     time.Duration // of one call, streamed to its end; 30 s when 0

	// Prices is the path of a table in the form of prices.tsv, whose prices come
	// before the built-in ones; "" for those alone.
	Prices string

	Transport      http.RoundTripper // nil is a pool of this engine's own
	Log            *slog.Logger      // nil is silent
	TracerProvider TracerProvider    // nil traces nothing
	MeterProvider  MeterProvider     // nil measures nothing
}

// Engine reads with a model. It is safe for concurrent use; one per process keeps
// the limits of calls.
type Engine struct {
	info    persona.EngineInfo
	model   model
	prompts *prompts
	pace    pace
	slots   chan struct{} // one token per call under way
	breaker breaker
	timeout time.Duration
	price   price
	priced  bool // whether price is known
	size    size
	log     *slog.Logger
	tracing tracing

	nonce func() string                              // of the fence around data
	pause func(context.Context, time.Duration) error // between two attempts
	close func()
}

var _ persona.Engine = (*Engine)(nil)

// provider is what differs between the providers for whoever sets them up.
type provider struct {
	name         string
	baseURL      string
	keySetting   string // "" needs none
	modelSetting string
	urlSetting   string // "" cannot be set
}

func providerNamed(name string) (provider, bool) {
	switch name {
	case OpenAI:
		return provider{OpenAI, "https://api.openai.com/v1", "OPENAI_API_KEY", "OPENAI_MODEL", "OPENAI_BASE_URL"}, true
	case Anthropic:
		return provider{Anthropic, "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY", "ANTHROPIC_MODEL", ""}, true
	case Ollama:
		return provider{Ollama, "http://localhost:11434/v1", "", "OLLAMA_MODEL", "OLLAMA_BASE_URL"}, true
	}
	return provider{}, false
}

// New returns an engine; it calls nobody yet. A wrong option is an Invalid error
// that names the setting.
func New(o Options) (*Engine, error) {
	p, ok := providerNamed(o.Provider)
	if !ok {
		return nil, persona.Invalid("LLM_PROVIDER", "must be openai, anthropic or ollama to ask a model")
	}
	if o.Model == "" {
		return nil, persona.Invalid(p.modelSetting, "is empty; set it to the name of a model")
	}
	if o.APIKey == "" && p.keySetting != "" && (o.BaseURL == "" || p.urlSetting == "") {
		return nil, persona.Invalid(p.keySetting, "is empty; set it to your key")
	}
	if o.BaseURL != "" {
		p.baseURL = strings.TrimSuffix(o.BaseURL, "/")
	}
	if o.Provider == Ollama && !strings.HasSuffix(p.baseURL, "/v1") {
		p.baseURL += "/v1"
	}
	address, err := url.Parse(p.baseURL)
	if err != nil || address.Host == "" {
		return nil, persona.Invalid(p.urlSetting, "is no URL such as http://localhost:8000/v1")
	}
	if o.Concurrency == 0 {
		o.Concurrency = 10
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	pr, err := loadPrompts(persona.Fields)
	if err != nil {
		return nil, err
	}
	prices, err := loadPrices(o.Prices)
	if err != nil {
		return nil, err
	}
	cost, known := prices.of(p.name, o.Model)
	weight, err := sizeOf(pr, p.name)
	if err != nil {
		return nil, err
	}
	transport, closeIdle := o.Transport, func() {}
	if transport == nil {
		pool := http.DefaultTransport.(*http.Transport).Clone()
		pool.MaxIdleConnsPerHost = o.Concurrency // the default of 2 would dial anew for the others
		transport, closeIdle = pool, pool.CloseIdleConnections
	}
	watch, err := newTracing(o.TracerProvider, o.MeterProvider, p.name, o.Model, address)
	if err != nil {
		return nil, err
	}
	m, err := newChat(p, o.Model, o.APIKey, transport, o.Log)
	if err != nil {
		return nil, err
	}
	return &Engine{
		info:    persona.EngineInfo{Name: p.name, Model: o.Model, PromptHash: pr.hash},
		model:   m,
		prompts: pr,
		pace:    newPace(o.Rate),
		slots:   make(chan struct{}, o.Concurrency),
		timeout: o.Timeout,
		price:   cost,
		priced:  known,
		size:    weight,
		log:     o.Log,
		tracing: watch,
		nonce:   randomNonce,
		pause:   pause,
		close:   closeIdle,
	}, nil
}

// Info names provider, model and the hash of everything that shapes an answer.
func (e *Engine) Info() persona.EngineInfo { return e.info }

// Close lets go of idle connections; calls under way end undisturbed.
func (e *Engine) Close() { e.close() }

// randomNonce makes a mark that no text can have foreseen.
func randomNonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the process instead
	return hex.EncodeToString(b[:])
}

// fresh returns a nonce that does not stand in any of texts.
func (e *Engine) fresh(texts ...string) string {
	for {
		n := e.nonce()
		found := false
		for _, t := range texts {
			found = found || strings.Contains(t, n)
		}
		if !found {
			return n
		}
	}
}

// pause waits for d or for ctx, whose error it returns.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
