package synth

import (
	"encoding/json"
	"strings"

	"github.com/persona-api/persona-api/internal/persona"
)

// What a text becomes in tokens and in claims. The tokens were counted with OpenAI's
// encodings o200k_base and cl100k_base: 3.5 to 4.6 code points a token in texts in
// English, German and Spanish, 4.3 in the instructions, 3.5 to 4.1 in answers. A text
// in Chinese or Japanese takes three times as many tokens, one in Arabic up to two and a half.
const (
	textPerToken   = 4.0 // code points of a source
	promptPerToken = 4.4 // bytes of an instruction or of a schema
	answerPerToken = 3.8 // code points of an answer

	// claimEvery is after how many code points of a text a diligent model makes
	// another claim; claimSize is how long one is, its JSON and a quote included.
	claimEvery = 120
	claimSize  = 230
	// mostClaims is how many claims models make of one chunk before they tire.
	mostClaims = 80
	// factShown is how long a fact is in the question to compose from, and
	// mostFacts how many there are at most of a person: few have every field full.
	factShown = 60
	mostFacts = 150
	// narrativeSize is how long the answer to it is.
	narrativeSize = 1_200
	// chunkFilled is how much of a chunk is used, because it ends at a border.
	chunkFilled = 0.9
)

// size is what the questions weigh without any text, in tokens.
type size struct{ extract, compose float64 }

// sizeOf weighs instructions, frame and, where one is sent, the schema, which is
// counted to the question.
func sizeOf(p *prompts, provider string) (size, error) {
	weigh := func(system, frame string, data any, form any) (float64, error) {
		user, err := p.render(frame, data)
		if err != nil {
			return 0, err
		}
		schema, err := json.Marshal(form)
		if err != nil {
			return 0, err
		}
		if provider == Anthropic {
			schema = nil
		}
		return float64(len(system)+len(user)+len(schema)) / promptPerToken, nil
	}
	nonce := strings.Repeat("0", 32)
	extract, err := weigh(p.extractSystem, "extract.user.tmpl", extractText{Nonce: nonce, Kind: string(persona.KindInterview)}, claimsForm(persona.Fields))
	if err != nil {
		return size{}, err
	}
	compose, err := weigh(p.composeSystem, "compose.user.tmpl", composeFacts{Nonce: nonce}, narrativeForm(persona.Fields))
	return size{extract, compose}, err
}

// Estimate is about what Extract of a text of so many code points and Compose after
// it will cost, before anything is spent. It reckons with a model that makes a claim
// of nearly every sentence, to which it is true within a factor of 1.5 in texts of a
// European language, and with answers that need neither repair nor a second attempt:
// a lazier model costs less, a server with hiccups more. The dollars are 0 when the
// price is not known: see PriceKnown.
func (e *Engine) Estimate(length int) persona.Usage {
	if length <= 0 {
		return persona.Usage{}
	}
	var in, out float64
	claims := 0
	for rest, first := length, true; rest > 0; first = false {
		n := rest
		if rest > chunkSize {
			n = chunkFilled * chunkSize
		}
		rest -= n
		shown := float64(n)
		if !first {
			shown += openingSize
		}
		made := min(n/claimEvery+1, mostClaims)
		claims += made
		in += e.size.extract + shown/textPerToken
		out += float64(made*claimSize) / answerPerToken
	}
	in += e.size.compose + float64(min(claims, mostFacts)*factShown)/answerPerToken
	out += min(float64(narrativeSize), float64(claims*claimSize)) / answerPerToken
	u := persona.Usage{InputTokens: int(in), OutputTokens: int(out)}
	u.CostMicros = e.price.cost(u)
	return u
}
