package synth

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/persona-api/persona-api/internal/persona"
)

// longestValue is the longest value worth keeping, in code points; the domain
// refuses longer ones.
const longestValue = 2000

// isClaim reports whether an object of an answer looks like a claim: a path, and
// something to it.
func isClaim(o map[string]any) bool { return textOf(o["path"]) != "" && len(o) > 1 }

// draftOf makes a draft of one entry of the model's answer about p. ok is false
// when there is no such field, or nothing is said.
//
// The quote is the source's own words or empty. Without a quote nothing is STATED.
// The model's confidence counts as far as its quote bears it out: see surest.
func draftOf(o map[string]any, p *passage) (d persona.Draft, ok bool) {
	f := fieldOf(textOf(o["path"]))
	if f == nil || f.Narrative {
		return d, false
	}
	d = persona.Draft{Path: f.Path, Value: textOf(o["value"]), Detail: partsOf(f, o), Basis: persona.BasisInferred}
	if d.Value == "" {
		d.Value = shown(f, d.Detail)
	}
	if !sound(d.Value) {
		return d, false
	}
	if strings.EqualFold(textOf(o["basis"]), string(persona.BasisStated)) {
		d.Basis = persona.BasisStated
	}
	d.Confidence = confidenceOf(o["confidence"], d.Basis)

	quote := textOf(o["quote"])
	if quote == "" && f.Literal && len(f.Parts) == 0 {
		quote = d.Value // the words of the text are the proof
	}
	switch found, how := p.find(quote, hints(&d)); how {
	case absent:
		d.Basis = persona.BasisInferred
		d.Confidence = min(d.Confidence/2, surest(how)) // who invents a quote may have invented the rest
	default:
		d.Confidence = min(d.Confidence, surest(how))
		d.Start, d.End = p.start+found.start, p.start+found.end
		d.Quote = string(p.text[found.start:found.end])
		if f.Literal {
			literally(f, &d)
		}
	}
	if f.Protected && d.Basis != persona.BasisStated {
		return d, false
	}
	d.ValidFrom, d.ValidTo = period(d.Detail)
	return d, true
}

// surest is the greatest confidence of a claim by how its quote agrees with the
// text, whatever the model says of itself. The steps are a judgement, not a
// measurement: to calibrate them takes answers of the very model in use, marked by people.
func surest(how agreement) persona.PerMille {
	switch how {
	case exact:
		return 980
	case alike:
		return 950
	case near:
		return 800
	}
	return 500
}

// fieldOf finds a field by its path, however the model spells it: as told, or as
// the document has it.
func fieldOf(path string) *persona.Field {
	if f := persona.FieldAt(path); f != nil {
		return f
	}
	for i := range persona.Fields {
		if f := &persona.Fields[i]; strings.EqualFold(f.Path, path) || strings.EqualFold(f.Document, path) {
			return f
		}
	}
	return nil
}

// partsOf reads the parts of a claim: pairs as told, or else an object or keys of
// the claim itself, which is how models without a schema like to put them.
func partsOf(f *persona.Field, o map[string]any) persona.Detail {
	d := persona.Detail{}
	put := func(name string, v any) {
		for _, p := range f.Parts {
			if s := textOf(v); strings.EqualFold(p, name) && s != "" && sound(s) {
				d[p] = s
			}
		}
	}
	for _, name := range f.Parts {
		put(name, o[name])
	}
	for _, key := range []string{"parts", "detail"} {
		switch parts := o[key].(type) {
		case map[string]any:
			for name, v := range parts {
				put(name, v)
			}
		case []any:
			for _, e := range parts {
				if pair, ok := e.(map[string]any); ok {
					put(textOf(pair["name"]), pair["text"])
				}
			}
		}
	}
	if len(d) == 0 {
		return nil
	}
	return d
}

// literally brings the words of a literal field into the spelling of the quote, and
// drops parts that the quote does not have: they would take the whole claim with them.
func literally(f *persona.Field, d *persona.Draft) {
	in := newPassage(chunk{0, []rune(d.Quote)})
	if len(f.Parts) == 0 {
		d.Value, _ = asWritten(d.Value, in)
		return
	}
	proven := persona.Detail{}
	for name, v := range d.Detail {
		if said, ok := asWritten(v, in); ok {
			proven[name] = said
		}
	}
	d.Detail = nil
	if len(proven) > 0 {
		d.Detail, d.Value = proven, shown(f, proven)
	}
}

// asWritten returns words in the quote's spelling; ok is false, and they are as
// they were, when the quote has them not.
func asWritten(words string, quote *passage) (said string, ok bool) {
	switch s, how := quote.find(words, nil); how {
	case exact, alike:
		return strings.Join(strings.Fields(string(quote.text[s.start:s.end])), " "), true
	}
	return words, quote.fold.holds(fold([]rune(words)))
}

// shown puts the parts of a value together, in the field's order.
func shown(f *persona.Field, d persona.Detail) string {
	var parts []string
	for _, name := range f.Parts {
		if d[name] != "" {
			parts = append(parts, d[name])
		}
	}
	return strings.Join(parts, ", ")
}

// period makes validity of a start and an end that are ISO dates already, whole or
// partial; everything else is left unknown.
func period(d persona.Detail) (from, to string) {
	from, to = isoDate(d["start"]), isoDate(d["end"])
	if from != "" && to != "" && to < from[:min(len(from), len(to))] {
		return "", "" // an end before the start is a misreading of one of them
	}
	return from, to
}

func isoDate(s string) string {
	for _, layout := range []string{"2006", "2006-01", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format(layout)
		}
	}
	return ""
}

// mostHints bounds the cost of choosing between places.
const mostHints = 40

// hints are the words of a claim that may tell which of several places is meant,
// the first of them.
func hints(d *persona.Draft) []string {
	words := fold([]rune(d.Value)).words()
	for _, name := range slices.Sorted(maps.Keys(d.Detail)) {
		words = append(words, fold([]rune(d.Detail[name])).words()...)
	}
	return words[:min(len(words), mostHints)]
}

// confidenceOf reads a confidence: a number from 0 to 1, a percentage, or such a
// number as text. Without one it is what the basis is worth.
func confidenceOf(v any, basis persona.Basis) persona.PerMille {
	n, ok := v.(float64)
	if s, isText := v.(string); isText {
		var err error
		n, err = strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), "%")), 64)
		ok = err == nil
	}
	switch {
	case !ok || math.IsNaN(n) || n < 0 || n > 100:
		if basis == persona.BasisStated {
			return 700
		}
		return 500
	case n > 1:
		n /= 100
	}
	return persona.PerMille(math.Round(n * 1000))
}

// textOf is a value of an answer as text: trimmed, of valid UTF-8, without control
// characters. A list is its first entry; an object is nothing.
func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(strings.Map(func(r rune) rune {
			if r != '\n' && r != '\t' && unicode.IsControl(r) {
				return -1
			}
			return r
		}, strings.ToValidUTF8(v, "\uFFFD")))
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case []any:
		if len(v) > 0 {
			if _, list := v[0].([]any); !list {
				return textOf(v[0])
			}
		}
	}
	return ""
}

// sound reports whether a value can be kept: not empty, not a text of its own, not
// damaged, and not the rest of an answer that lost a quotation mark.
func sound(value string) bool {
	if value == "" || utf8.RuneCountInString(value) > longestValue || strings.ContainsRune(value, utf8.RuneError) {
		return false
	}
	for _, key := range []string{`"path":`, `"value":`, `"quote":`, `"basis":`, `"confidence":`, `"parts":`, `"cites":`} {
		if strings.Contains(value, key) {
			return false
		}
	}
	return true
}
