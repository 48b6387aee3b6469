package extract

import (
	"context"
	"strings"

	"github.com/persona-api/persona-api/internal/extract/crf"
	"github.com/persona-api/persona-api/internal/persona"
)

// Engine is the built-in engine. It holds compiled word lists and trained weights
// alone and may be used by any number of goroutines.
type Engine struct {
	lex    *lexicon
	tagger *crf.Model // of CVs
}

var _ persona.Engine = (*Engine)(nil)

// New compiles the word lists and reads the weights of the tagger.
func New() *Engine {
	lex := load(data)
	return &Engine{lex, lex.tagger(data)}
}

// Uncalibrated is the engine with the confidences that its rules give, not what
// data/calibration.tsv makes of them: for fitting that table anew.
func Uncalibrated() *Engine {
	e := New()
	e.lex.worths = nil
	return e
}

// Info names the engine builtin. Its PromptHash is a hash of the word lists, of
// the tagger's weights and of the revision of the rules.
func (e *Engine) Info() persona.EngineInfo {
	return persona.EngineInfo{Name: "builtin", PromptHash: e.lex.hash}
}

// Estimate is zero: reading costs nothing.
func (e *Engine) Estimate(int) persona.Usage { return persona.Usage{} }

// reading is one text being read.
type reading struct {
	teller
	*text
	*sink
	title    string          // of the source
	subject  map[string]bool // words of the subject's name, lower case
	listened bool            // pronoun has been found
	pronoun  string          // by which the text speaks of its subject: he or she
	leading  date            // the date that opens the sentence being read
	brief    bool            // its sentences may lack their "I"
	held     []entry         // the positions said, in order
	bodies   []string        // the organisations said of a text that parts no words
	schools  []span          // the schools said, in order
	tagger   *crf.Model
	role     string // as said of the head of a CV
	marks    []mark // of each token what the rules take it for, when only that is asked
}

// Extract says what the text states about the person it is about, every statement
// with the words that state it. A text about nobody gives nothing. The only
// failure is a cancelled ctx.
func (e *Engine) Extract(ctx context.Context, src persona.Source, emit func([]persona.Draft) error) (persona.Usage, error) {
	if src.Text == nil || strings.TrimSpace(*src.Text) == "" {
		return persona.Usage{}, ctx.Err()
	}
	// Offsets count code points; a broken byte is one, as it is in []rune.
	r := e.reading(*src.Text)
	r.kind = src.Kind
	if src.Title != nil {
		r.title = *src.Title
	}
	for _, step := range r.steps() {
		if err := ctx.Err(); err != nil {
			return persona.Usage{}, &persona.Failure{Code: persona.FailCancelled, Message: "reading the text was stopped", Retryable: true, Cause: err}
		}
		step()
		if drafts := r.take(); len(drafts) > 0 {
			if err := emit(drafts); err != nil {
				return persona.Usage{}, err
			}
		}
	}
	return persona.Usage{}, nil
}

// take returns the drafts since the last time, their confidences calibrated.
func (k *sink) take() []persona.Draft {
	out := k.drafts
	k.drafts = nil
	for i := range out {
		out[i].Confidence = k.t.lex.worths.of(out[i].Path, out[i].Confidence)
	}
	return out
}
