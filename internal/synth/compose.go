package synth

import (
	"context"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/persona-api/persona-api/internal/persona"
)

const (
	// factsPerPath is how many facts of one field Compose shows the model, the
	// first ones: a bound on the cost, whatever the persona has grown to.
	factsPerPath = 8
	// factSize is the longest value of a fact that is shown, in code points.
	factSize = 240
)

// Compose writes the narrative fields from facts, sentence by sentence, each
// citing facts by number. A sentence without a citation, with one that does not
// exist, or with a number none of its facts has, is dropped. Contacts are not
// shown: no sentence needs them. Without facts nobody is asked.
func (e *Engine) Compose(ctx context.Context, facts []persona.Fact) ([]persona.Draft, persona.Usage, error) {
	chosen := choose(facts)
	if len(chosen) == 0 {
		return nil, persona.Usage{}, nil
	}
	lines := make([]factLine, len(chosen))
	var all strings.Builder
	for i, f := range chosen {
		lines[i] = factLine{i + 1, f.Path, f.Basis, factText(f)}
		all.WriteString(lines[i].Text)
	}
	user, err := e.prompts.render("compose.user.tmpl", composeFacts{e.fresh(all.String()), lines})
	if err != nil {
		return nil, persona.Usage{}, failureOf(err)
	}
	req := request{form: formNarrative, system: e.prompts.composeSystem, turns: []turn{{text: user}}}
	var drafts []persona.Draft
	_, usage, err := e.answer(ctx, ctx, req, func(text string) answerState {
		var state answerState
		drafts, state = readSentences(text, chosen)
		return state
	})
	return drafts, usage, err
}

// choose picks the facts to show, in their order.
func choose(facts []persona.Fact) []persona.Fact {
	var out []persona.Fact
	count := map[string]int{}
	for _, fact := range facts {
		f := persona.FieldAt(fact.Path)
		switch {
		case f == nil || f.Narrative || strings.HasPrefix(f.Path, "contact."):
		case f.Protected && fact.Basis == persona.BasisInferred:
		case count[fact.Path] == factsPerPath:
		default:
			count[fact.Path]++
			out = append(out, fact)
		}
	}
	return out
}

// factText is a fact on one line.
func factText(f persona.Fact) string {
	value := f.Value
	if field := persona.FieldAt(f.Path); len(f.Detail) > 0 {
		var parts []string
		for _, name := range field.Parts {
			if f.Detail[name] != "" {
				parts = append(parts, name+": "+f.Detail[name])
			}
		}
		value = strings.Join(parts, ", ")
	}
	value = strings.Join(strings.Fields(harmless(value)), " ")
	if r := []rune(value); len(r) > factSize {
		value = string(r[:factSize]) + "…"
	}
	return value
}

// isSentence reports whether an object of an answer looks like a sentence.
func isSentence(o map[string]any) bool {
	return textOf(o["path"]) != "" && textOf(o["text"]) != ""
}

// readSentences makes drafts of an answer: one per field that holds one trait, with
// its sentences in order, one per sentence in a field that holds many.
func readSentences(answer string, facts []persona.Fact) ([]persona.Draft, answerState) {
	entries, whole := salvage(answer, formNarrative.list(), isSentence)
	var drafts []persona.Draft
	at := map[string]int{} // of a single field's draft
	for _, o := range entries {
		f := fieldOf(textOf(o["path"]))
		sentence := strings.Join(strings.Fields(textOf(o["text"])), " ")
		if f == nil || !f.Narrative || !sound(sentence) {
			continue
		}
		cited := citedBy(o["cites"], facts)
		if len(cited) == 0 || !numbersFrom(sentence, cited) {
			continue
		}
		d := persona.Draft{Path: f.Path, Value: sentence, Basis: persona.BasisInferred, Confidence: 1000}
		i, begun := at[f.Path]
		if begun && f.Single() {
			d = drafts[i]
			if longer := d.Value + " " + sentence; utf8.RuneCountInString(longer) <= longestValue {
				d.Value = longer
			} else {
				continue
			}
		}
		for _, fact := range cited {
			d.Confidence = min(d.Confidence, fact.Confidence) // no surer than what it rests on
			d.Cites = appendNew(d.Cites, fact.ID)
		}
		if begun && f.Single() {
			drafts[i] = d
		} else {
			at[f.Path] = len(drafts)
			drafts = append(drafts, d)
		}
	}
	return drafts, stateOf(len(entries), len(drafts), whole)
}

// citedBy is the facts whose numbers are cited; none when one does not exist.
func citedBy(v any, facts []persona.Fact) []persona.Fact {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var out []persona.Fact
	for _, e := range list {
		n, ok := e.(float64)
		if !ok || n != math.Trunc(n) || n < 1 || n > float64(len(facts)) {
			return nil
		}
		out = append(out, facts[int(n)-1])
	}
	return out
}

// numbersFrom reports whether every number of the sentence stands in a cited fact.
func numbersFrom(sentence string, cited []persona.Fact) bool {
	said := map[string]bool{}
	for _, f := range cited {
		for _, w := range fold([]rune(f.Value)).words() {
			said[w] = true
		}
		for _, v := range f.Detail {
			for _, w := range fold([]rune(v)).words() {
				said[w] = true
			}
		}
	}
	for _, w := range fold([]rune(sentence)).words() {
		if !said[w] && strings.ContainsFunc(w, unicode.IsDigit) {
			return false
		}
	}
	return true
}

func appendNew(ids []persona.ClaimID, id persona.ClaimID) []persona.ClaimID {
	for _, have := range ids {
		if have == id {
			return ids
		}
	}
	return append(ids, id)
}
