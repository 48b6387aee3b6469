package synth

import (
	_ "embed"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/persona-api/persona-api/internal/persona"
)

//go:embed prices.tsv
var priceTable string

// price is US dollars per million tokens, which is also millionths of a dollar per token.
type price struct{ input, output float64 }

// prices holds the price of each model by "provider model".
type prices map[string]price

func loadPrices() (prices, error) {
	out := prices{}
	for i, line := range strings.Split(strings.TrimSpace(priceTable), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(line, "\t")
		if len(cells) != 4 {
			return nil, fmt.Errorf("prices.tsv line %d: has %d cells, not provider, model, input, output", i+1, len(cells))
		}
		in, err := strconv.ParseFloat(cells[2], 64)
		if err != nil {
			return nil, fmt.Errorf("prices.tsv line %d: %w", i+1, err)
		}
		written, err := strconv.ParseFloat(cells[3], 64)
		if err != nil {
			return nil, fmt.Errorf("prices.tsv line %d: %w", i+1, err)
		}
		out[cells[0]+" "+cells[1]] = price{in, written}
	}
	return out, nil
}

// release is what a model's name ends with when it names one release.
var release = regexp.MustCompile(`-(\d{4}-\d{2}-\d{2}|\d{8}|latest)$`)

// of returns the price of a model, zero when it is unknown. A vendor before the
// name, as routers write it (openai/gpt-4o), and a release after it do not count.
func (p prices) of(provider, model string) price {
	model = model[strings.LastIndexByte(model, '/')+1:]
	if known, ok := p[provider+" "+model]; ok {
		return known
	}
	return p[provider+" "+release.ReplaceAllString(model, "")]
}

// cost is what tokens cost, in millionths of a dollar.
func (p price) cost(u persona.Usage) int64 {
	return int64(math.Round(float64(u.InputTokens)*p.input + float64(u.OutputTokens)*p.output))
}

// Estimate takes four code points for a token, an answer half as long as its text
// and a narrative of a few sentences.
func (e *Engine) Estimate(length int) persona.Usage {
	u := persona.Usage{
		InputTokens:  (len(e.prompts.extractSystem) + len(e.prompts.composeSystem) + length + length/2) / 4,
		OutputTokens: length/8 + 400,
	}
	u.CostMicros = e.price.cost(u)
	return u
}
