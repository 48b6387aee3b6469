package eval

import (
	"fmt"
	"io"
	"strings"
)

// Print writes the report for people. The tables of fields and facts are laid
// out line for line as the usual scorers of these sets print theirs.
func (r *Report) Print(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s", r.Engine)
	if r.Model != "" {
		fmt.Fprintf(&b, " %s", r.Model)
	}
	fmt.Fprintf(&b, " (rules or prompts %s)\n", r.Rules)
	for _, s := range r.Sets {
		b.WriteString("\n")
		s.print(&b)
	}
	if r.InputTokens+r.OutputTokens > 0 {
		fmt.Fprintf(&b, "\ncost: %d tokens read, %d written, %s\n", r.InputTokens, r.OutputTokens, Dollars(r.CostMicros))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Dollars shows millionths of a US dollar as dollars.
func Dollars(micros int64) string { return fmt.Sprintf("$%.4f", float64(micros)/1e6) }

func (s *SetReport) print(b *strings.Builder) {
	texts := "texts"
	if s.Texts == 1 {
		texts = "text"
	}
	fmt.Fprintf(b, "## %s: %d %s", s.Set, s.Texts, texts)
	if s.Texts < s.Of {
		fmt.Fprintf(b, " of %d, stopped there", s.Of)
	}
	b.WriteString("\n")
	switch s.Set {
	case CV:
		fmt.Fprintf(b, "%-10s %5s %5s | exact P    R    F1   | relaxed P    R    F1\n", "field", "gold", "pred")
		for _, f := range s.Fields {
			e, r := f.ExactScore, f.RelaxedScore
			fmt.Fprintf(b, "%-10s %5d %5d |     %.2f %.2f %.3f |         %.2f %.2f %.3f\n", f.Field, f.Gold, f.Predicted, e.Precision, e.Recall, e.F1, r.Precision, r.Recall, r.F1)
		}
		fmt.Fprintf(b, "macro-F1 exact %.3f relaxed %.3f; grounded %d/%d=%.3f\n", s.Total.Exact.F1, s.Total.Relaxed.F1, s.Values.Hold, s.Values.Of, share(s.Values.Hold, max(1, s.Values.Of)))
	case Bios:
		for _, f := range s.Fields {
			e, r := f.ExactScore, f.RelaxedScore
			fmt.Fprintf(b, "%-22s gold %5d pred %5d | exact %.2f %.2f %.3f | relaxed %.2f %.2f %.3f\n", f.Field, f.Gold, f.Predicted, e.Precision, e.Recall, e.F1, r.Precision, r.Recall, r.F1)
		}
	case Chat:
		c := s.Chat
		fmt.Fprintf(b, "what the chosen speakers are known by: recall %.3f (%d of %d sentences; their turns say %d of them)\n", c.Recall(), c.Found, c.Sentences, c.Said)
		fmt.Fprintf(b, "claims that quote the other speaker: %.3f (%d of %d)\n", c.OtherShare(), c.Other, c.Claims)
	case Nobody:
		fmt.Fprintf(b, "values said about nobody: %d; texts left alone: %d of %d\n", s.Nobody.Values, s.Nobody.Silent, s.Texts)
		for _, line := range s.Nobody.Said {
			fmt.Fprintf(b, "  %s\n", line)
		}
	}
	fmt.Fprintf(b, "quotes that stand where they should: %.3f (%d of %d drafts); words of values in the text: %.3f; admitted: %d of %d\n",
		s.Quotes.Share(), s.Quotes.Hold, s.Quotes.Of, s.Values.Share(), s.Claims, s.Drafts)
	fmt.Fprintf(b, "milliseconds per text: mean %.2f, p50 %.2f, p99 %.2f\n", s.Time.Mean, s.Time.P50, s.Time.P99)
	if s.Failed > 0 {
		fmt.Fprintf(b, "FAILED on %d texts, of which nothing counts as said; the first: %s\n", s.Failed, s.Failure)
	}
}

// PrintReliability writes the table of confidence against precision.
func (r *Report) PrintReliability(w io.Writer) error {
	var b strings.Builder
	b.WriteString("\n## reliability\n")
	if len(r.Reliability) == 0 {
		b.WriteString("no claim that the labels judge; measure the sets cv or bios\n")
	}
	for _, g := range r.Reliability {
		fmt.Fprintf(&b, "%s: %d claims, expected calibration error %.3f\n", g.Group, g.Claims, g.Error)
		for _, bin := range g.Bins {
			fmt.Fprintf(&b, "  %.1f to %.1f  %6d claims say %.3f, and %.3f of them are right\n", float64(bin.From)/1000, float64(bin.From+100)/1000, bin.Claims, bin.Confidence, bin.Precision)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
