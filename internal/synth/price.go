package synth

import (
	_ "embed"
	"fmt"
	"math"
	"os"
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

// loadPrices reads the table, and over it the one in the file at path, if there is
// one: what both price costs what the file says. An error about the file is an
// Invalid error of LLM_PRICES that names the line.
func loadPrices(path string) (prices, error) {
	out := prices{}
	if err := out.add(priceTable); err != nil {
		return nil, fmt.Errorf("prices.tsv: %w", err)
	}
	if path == "" {
		return out, nil
	}
	table, err := os.ReadFile(path) //nolint:gosec // the operator's own file
	if err != nil {
		return nil, persona.Invalid("LLM_PRICES", "cannot be read: %s; set it to a file of lines such as openai<tab>gpt-4o<tab>2.5<tab>10, or leave it out", rootOf(err))
	}
	if err := out.add(string(table)); err != nil {
		return nil, persona.Invalid("LLM_PRICES", "%s; each line is provider, model, dollars per million tokens read and written, parted by tabs", err)
	}
	return out, nil
}

// add reads a table into p. Comments begin with #; no model may stand in it twice.
func (p prices) add(table string) error {
	lineOf := map[string]int{}
	for i, line := range strings.Split(strings.TrimPrefix(table, "\uFEFF"), "\n") {
		line = strings.TrimRight(line, "\r")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(line, "\t")
		for k := range cells {
			cells[k] = strings.TrimSpace(cells[k])
		}
		if len(cells) != 4 {
			return fmt.Errorf("line %d has %d cells and not 4", i+1, len(cells))
		}
		if _, ok := providerNamed(cells[0]); !ok {
			return fmt.Errorf("line %d begins with %.40q and not with openai, anthropic or ollama", i+1, cells[0])
		}
		if cells[1] == "" {
			return fmt.Errorf("line %d names no model", i+1)
		}
		var dollars [2]float64
		for k, cell := range cells[2:] {
			d, err := strconv.ParseFloat(cell, 64)
			if err != nil || math.IsNaN(d) || d < 0 || d > mostDollars {
				return fmt.Errorf("line %d has %.40q where a price from 0 to %d must stand", i+1, cell, mostDollars)
			}
			dollars[k] = d
		}
		model := cells[0] + " " + cells[1]
		if first := lineOf[model]; first > 0 {
			return fmt.Errorf("line %d prices %.60q again, after line %d", i+1, cells[1], first)
		}
		lineOf[model] = i + 1
		p[model] = price{dollars[0], dollars[1]}
	}
	return nil
}

// mostDollars is the highest price of a million tokens that is no slip.
const mostDollars = 1_000_000

// release is what a model's name ends with when it names one release.
var release = regexp.MustCompile(`-(\d{4}-\d{2}-\d{2}|\d{8}|latest)$`)

// of returns the price of a model; known is false, and the price zero, when nobody
// has said what it costs. A vendor before the name, as routers write it
// (openai/gpt-4o), and a release after it do not count, unless the table has them.
// Ollama asks for nothing unless the table says otherwise.
func (p prices) of(provider, model string) (cost price, known bool) {
	plain := model[strings.LastIndexByte(model, '/')+1:]
	for _, name := range []string{model, plain, release.ReplaceAllString(plain, "")} {
		if cost, known = p[provider+" "+name]; known {
			return cost, true
		}
	}
	return price{}, provider == Ollama
}

// cost is what tokens cost, in millionths of a dollar.
func (p price) cost(u persona.Usage) int64 {
	return int64(math.Round(float64(u.InputTokens)*p.input + float64(u.OutputTokens)*p.output))
}

// PriceKnown reports whether the model's price is known: when it is not, every
// usage and estimate says that it costs 0.
func (e *Engine) PriceKnown() bool { return e.priced }
