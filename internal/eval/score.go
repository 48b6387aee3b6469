package eval

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// Counts are what a field's scores are made of.
type Counts struct {
	Gold      int `json:"gold"`      // labelled values
	Predicted int `json:"predicted"` // values said
	Exact     int `json:"exact"`     // said values that equal a labelled one, normalised
	Relaxed   int `json:"relaxed"`   // pairs of a labelled and a said value that share most of their words
}

func (c *Counts) add(o Counts) {
	c.Gold, c.Predicted, c.Exact, c.Relaxed = c.Gold+o.Gold, c.Predicted+o.Predicted, c.Exact+o.Exact, c.Relaxed+o.Relaxed
}

// Score is precision, recall and their harmonic mean, each from 0 to 1. What has
// no denominator is 0.
type Score struct {
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

func score(hits int, c Counts) Score {
	s := Score{Precision: share(hits, c.Predicted), Recall: share(hits, c.Gold)}
	if s.Precision+s.Recall > 0 {
		s.F1 = 2 * s.Precision * s.Recall / (s.Precision + s.Recall)
	}
	return s
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// How alike the words of two values must be to be a relaxed match: the harmonic
// mean of the shares of words that each has in common with the other. A name
// must agree in more than half: equal surnames are not equal people.
const (
	alike     = .5
	alikeName = .66
)

// normalise brings a value into the form in which values are compared:
// compatibility forms composed (NFKC), lower case, everything but letters,
// digits and _ @ + # . a single blank, points at the ends of words gone.
func normalise(s string) string {
	s = cases.Lower(language.Und).String(norm.NFKC.String(s))
	var b strings.Builder
	gap := false
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) && !strings.ContainsRune("_@+#.", r) {
			gap = true
			continue
		}
		if gap {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteRune(r)
	}
	return strings.Trim(strings.ReplaceAll(b.String(), ". ", " "), " .")
}

// tokenF1 is how much two lists of words have in common, from 0 to 1.
func tokenF1(a, b []string) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	left := map[string]int{}
	for _, w := range b {
		left[w]++
	}
	common := 0
	for _, w := range a {
		if left[w] > 0 {
			left[w]--
			common++
		}
	}
	return float64(2*common) / float64(len(a)+len(b))
}

// unique drops values that are empty or equal an earlier one, normalised.
func unique(values []string) []string {
	var out []string
	seen := map[string]bool{"": true}
	for _, v := range values {
		if k := normalise(v); !seen[k] {
			seen[k] = true
			out = append(out, v)
		}
	}
	return out
}

// pair matches each labelled value with at most one said value, the most alike
// pairs first, and tells which of the said values found one.
func pair(gold, said []string, least float64) (matched []bool, pairs int) {
	type candidate struct {
		alike float64
		g, s  int
	}
	g, s := wordLists(gold), wordLists(said)
	var all []candidate
	for i := range g {
		for j := range s {
			if a := tokenF1(g[i], s[j]); a >= least {
				all = append(all, candidate{a, i, j})
			}
		}
	}
	// Of equally alike pairs the last ones come first: any order would do, but it
	// must be one order, or two runs would not give the same figures.
	slices.SortFunc(all, func(x, y candidate) int {
		switch {
		case x.alike != y.alike && x.alike > y.alike:
			return -1
		case x.alike != y.alike:
			return 1
		case x.g != y.g:
			return y.g - x.g
		}
		return y.s - x.s
	})
	matched, taken := make([]bool, len(s)), make([]bool, len(g))
	for _, c := range all {
		if !taken[c.g] && !matched[c.s] {
			taken[c.g], matched[c.s] = true, true
			pairs++
		}
	}
	return matched, pairs
}

func wordLists(values []string) [][]string {
	out := make([][]string, len(values))
	for i, v := range values {
		out[i] = strings.Fields(normalise(v))
	}
	return out
}

// compare counts the values of one field of one text. right tells of each said
// value, by its normalised form, whether a labelled one was found for it.
func compare(gold, said []string, least float64) (c Counts, right map[string]bool) {
	exact := map[string]bool{}
	for _, v := range gold {
		exact[normalise(v)] = true
	}
	matched, pairs := pair(gold, said, least)
	c, right = Counts{Gold: len(gold), Predicted: len(said), Relaxed: pairs}, map[string]bool{}
	for i, v := range said {
		k := normalise(v)
		if exact[k] {
			c.Exact++
		}
		right[k] = matched[i]
	}
	return c, right
}
