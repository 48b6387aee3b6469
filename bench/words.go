package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// wordClass are search words that stand in about equally many texts.
type wordClass struct {
	name  string
	words []string
	least int // texts that the rarest of them stands in
	most  int
}

// share says in how many of n texts the words stand.
func (c wordClass) share(n int) string {
	pc := func(k int) float64 { return 100 * float64(k) / float64(n) }
	if c.least == c.most {
		return fmt.Sprintf("%.2g %%", pc(c.least))
	}
	return fmt.Sprintf("%.2g to %.2g %%", pc(c.least), pc(c.most))
}

// chooseWords counts in how many texts each word stands and picks rare, medium and
// frequent ones: about 3 texts, 1 % and 40 % of them. Words of less than six
// letters are left out, and with them nearly all that search engines ignore.
func chooseWords(texts []string) ([]wordClass, error) {
	in := map[string]int{}
	for _, t := range texts {
		seen := map[string]bool{}
		for _, w := range strings.FieldsFunc(strings.ToLower(t), func(r rune) bool { return !unicode.IsLetter(r) }) {
			if len(w) >= 6 && !ignored[w] && !seen[w] {
				seen[w] = true
				in[w]++
			}
		}
	}
	words := slices.Sorted(maps.Keys(in)) // sorted, for the choice to be the same in every run
	n := len(texts)
	var out []wordClass
	for _, c := range []struct {
		name       string
		want, many int
	}{{"rare", 3, 20}, {"medium", max(4, n/100), 20}, {"frequent", max(5, 2*n/5), 5}} {
		near := slices.Clone(words)
		slices.SortStableFunc(near, func(a, b string) int { return cmp.Compare(away(in[a], c.want), away(in[b], c.want)) })
		near = near[:min(c.many, len(near))]
		if len(near) == 0 {
			return nil, errors.New("the texts hold no word of six letters to search for")
		}
		class := wordClass{name: c.name, words: near, least: in[near[0]], most: in[near[0]]}
		for _, w := range near {
			class.least, class.most = min(class.least, in[w]), max(class.most, in[w])
		}
		out = append(out, class)
	}
	return out, nil
}

func away(a, b int) int { return max(a-b, b-a) }

// The words of six letters and more that PostgreSQL's English dictionary leaves out.
var ignored = map[string]bool{
	"yourself": true, "yourselves": true, "himself": true, "herself": true, "itself": true,
	"theirs": true, "themselves": true, "ourselves": true, "myself": true, "having": true, "because": true,
	"against": true, "between": true, "through": true, "during": true, "before": true, "further": true, "should": true,
}
