package persona

import "context"

// Engine reads sources. It proposes; this package proves, so an engine can be
// wrong, but nothing false of the source's words gets past.
type Engine interface {
	// Info names the engine. Equal Info and equal text mean equal claims ids.
	Info() EngineInfo

	// Estimate says about what it will cost to read a text of so many code points,
	// composing included: tokens and dollars, before any is spent. It is zero when
	// reading costs nothing.
	Estimate(length int) Usage

	// Extract reads one text and hands drafts to emit, in one or several portions,
	// as they come. An error of emit ends the reading and is returned as it is.
	// A failure is a *Failure.
	Extract(ctx context.Context, src Source, emit func([]Draft) error) (Usage, error)

	// Compose writes the narrative fields (Field.Narrative) from what the fold
	// found, not from any text. Each draft cites the claims it rests on.
	// A failure is a *Failure.
	Compose(ctx context.Context, facts []Fact) ([]Draft, Usage, error)
}

// EngineInfo says which engine, model and prompt a claim came from.
type EngineInfo struct {
	Name       string // builtin, openai, anthropic, ollama
	Model      string // "" when there is none
	PromptHash string // of the prompts or the rules: changes whenever the output could
}

// Draft is a statement as an engine proposes it, not yet proven.
type Draft struct {
	Path       string // a Field's path
	Value      string
	Detail     Detail // only for fields with Parts
	Basis      Basis  // STATED or INFERRED
	Confidence PerMille
	Start, End int    // of Quote, in code points of the source's text, End excluded
	Quote      string // exactly text[Start:End], "" when there is none
	ValidFrom  string // ISO 8601 date, also partial; "" unknown
	ValidTo    string
	Cites      []ClaimID // of a narrative: the claims it rests on
}

// Fact is one winning statement, as Compose sees it.
type Fact struct {
	ID         ClaimID
	Path       string
	Value      string
	Detail     Detail
	Basis      Basis
	Confidence PerMille
}

// Usage is what a call cost.
type Usage struct {
	InputTokens  int
	OutputTokens int
	CostMicros   int64 // millionths of a US dollar
}

// Add returns the sum of both.
func (u Usage) Add(v Usage) Usage {
	return Usage{u.InputTokens + v.InputTokens, u.OutputTokens + v.OutputTokens, u.CostMicros + v.CostMicros}
}

// usd is the cost in US dollars, nil when no model was called.
func (u Usage) usd() *float64 {
	if u == (Usage{}) {
		return nil
	}
	usd := float64(u.CostMicros) / 1e6
	return &usd
}

// model is the model's name, nil when there is none.
func (i EngineInfo) model() *string {
	if i.Model == "" {
		return nil
	}
	return &i.Model
}
