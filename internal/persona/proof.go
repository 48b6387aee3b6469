package persona

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Prove returns what production would admit of an engine's drafts about a text,
// as claims that belong to no persona yet, in the drafts' order.
func Prove(src *Source, engine EngineInfo, drafts []Draft) []Claim {
	read := *src
	read.Warnings = Inspect(*src.Text)
	claims, _ := newProver(&read, &Run{}, engine, src.CreatedAt).prove(drafts)
	return claims
}

// prover admits drafts about one source. Nothing that an engine says of the
// source's words is believed: every quote is cut from the text again.
type prover struct {
	src    *Source
	text   []rune
	odd    [][2]int // stretches of text that prove nothing
	run    *Run
	engine EngineInfo
	at     time.Time
}

func newProver(src *Source, run *Run, engine EngineInfo, at time.Time) *prover {
	return &prover{src, []rune(*src.Text), distrusted(src.Warnings), run, engine, at}
}

// prove returns the claims that may count, in the drafts' order, and how many of
// them quote the text. A quote that is not in the text is taken away, and with it
// the right to be STATED; a literal field's value must be made of its quote's
// words; protected attributes must be stated; narratives do not come from a text.
// What rests on an instruction to the reader, or, in a text that has one, on no
// words at all, is not admitted.
func (p *prover) prove(drafts []Draft) (claims []Claim, proven int) {
	for _, d := range drafts {
		f := FieldAt(d.Path)
		if f == nil || f.Narrative || !fits(d.Value) || !storable(&d) {
			continue
		}
		if !p.quoted(&d) {
			d.Start, d.End, d.Quote, d.Basis = 0, 0, "", BasisInferred
		}
		if d.Basis != BasisStated {
			d.Basis = BasisInferred
		}
		if len(p.odd) > 0 && (d.Quote == "" || p.commanded(&d)) {
			continue
		}
		if f.Literal && !literal(f, &d) || f.Protected && d.Basis != BasisStated {
			continue
		}
		c := p.claim(f, &d)
		c.SourceID = &p.src.ID
		c.ID = claimID(p.src.ID.String(), c.Path, c.Key, strconv.Itoa(c.Start), strconv.Itoa(c.End), p.engine.Name, p.engine.Model, p.engine.PromptHash)
		if slices.ContainsFunc(claims, func(o Claim) bool { return o.ID == c.ID }) {
			continue
		}
		if c.Quote != "" {
			proven++
		}
		claims = append(claims, c)
	}
	return claims, proven
}

// quoted re-slices the text: the draft's quote must be exactly what stands there.
func (p *prover) quoted(d *Draft) bool {
	return d.Quote != "" && 0 <= d.Start && d.Start < d.End && d.End <= len(p.text) && string(p.text[d.Start:d.End]) == d.Quote
}

// commanded reports whether the quote touches an instruction to the reader.
func (p *prover) commanded(d *Draft) bool {
	return slices.ContainsFunc(p.odd, func(at [2]int) bool { return d.Start < at[1] && at[0] < d.End })
}

func (p *prover) claim(f *Field, d *Draft) Claim {
	c := Claim{
		PersonaID: p.run.PersonaID, RunID: &p.run.ID, Op: OpAssert, Path: f.Path, Value: strings.TrimSpace(d.Value), Basis: d.Basis,
		Confidence: min(max(d.Confidence, 0), 1000), Start: d.Start, End: d.End, Quote: d.Quote,
		ValidFrom: partialDate(d.ValidFrom), ValidTo: partialDate(d.ValidTo), AsOf: p.src.AsOf, CreatedAt: p.at,
	}
	for _, name := range f.Parts {
		if v := strings.TrimSpace(d.Detail[name]); v != "" {
			if c.Detail == nil {
				c.Detail = Detail{}
			}
			c.Detail[name] = v
		}
	}
	c.Key = f.Key(c.Value, c.Detail)
	return c
}

// proveNarratives admits composed drafts: narrative fields only, INFERRED, each
// citing at least one claim and none that did not win.
func proveNarratives(run *Run, engine EngineInfo, drafts []Draft, won map[ClaimID]bool, at time.Time) []Claim {
	var claims []Claim
	for _, d := range drafts {
		f := FieldAt(d.Path)
		if f == nil || !f.Narrative || !fits(d.Value) || !storable(&d) || len(d.Cites) == 0 ||
			slices.ContainsFunc(d.Cites, func(id ClaimID) bool { return !won[id] }) {
			continue
		}
		cites := slices.Clone(d.Cites)
		slices.SortFunc(cites, compareIDs)
		cites = slices.Compact(cites)
		value := strings.TrimSpace(d.Value)
		parts := []string{run.PersonaID.String(), f.Path, f.Key(value, nil), engine.Name, engine.Model, engine.PromptHash}
		for _, id := range cites {
			parts = append(parts, id.String())
		}
		claims = append(claims, Claim{
			ID: claimID(parts...), PersonaID: run.PersonaID, RunID: &run.ID, Op: OpAssert, Path: f.Path, Key: f.Key(value, nil), Value: value,
			Basis: BasisInferred, Confidence: min(max(d.Confidence, 0), 1000), Cites: cites, CreatedAt: at,
		})
	}
	return claims
}

// literal reports whether every word of the value, and of each part, stands in
// the quote. In scripts without spaces a word may stand inside a longer run.
func literal(f *Field, d *Draft) bool {
	quote := normWords(d.Quote)
	said := map[string]bool{}
	for _, w := range strings.Fields(quote) {
		said[w] = true
	}
	all := func(s string) bool {
		for _, w := range strings.Fields(normWords(s)) {
			if !said[w] && (!unspaced(w) || !strings.Contains(quote, w)) {
				return false
			}
		}
		return true
	}
	for _, name := range f.Parts {
		if !all(d.Detail[name]) {
			return false
		}
	}
	// With parts, the value is only how they are shown together.
	return d.Quote != "" && (len(f.Parts) > 0 && len(d.Detail) > 0 || all(d.Value))
}

// unspaced reports whether the word is in a script that does not part words by blanks.
func unspaced(word string) bool {
	return strings.ContainsFunc(word, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
	})
}

// storable reports whether no part of the draft has a NUL or broken UTF-8, which
// Postgres cannot keep.
func storable(d *Draft) bool {
	ok := cleanText(d.Value) && cleanText(d.Quote)
	for _, v := range d.Detail {
		ok = ok && cleanText(v)
	}
	return ok
}

// partialDate returns an ISO 8601 date of a year, month or day, or "" for anything else.
func partialDate(s string) string {
	for _, layout := range []string{"2006", "2006-01", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil && t.Format(layout) == s {
			return s
		}
	}
	return ""
}
