package eval

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/persona-api/persona-api/internal/persona"
)

// Observation is an admitted claim that the labels judge.
type Observation struct {
	Path       string
	Confidence persona.PerMille
	Right      float64 // the share of its scored parts that match a label, relaxed; 0 to 1
}

// Bin is the claims of a range of confidences.
type Bin struct {
	Group      string  `json:"group"`      // of paths
	From       int     `json:"from"`       // per mille; the bin ends 99 above, the last one at 1000
	Claims     int     `json:"claims"`     //
	Confidence float64 `json:"confidence"` // mean of what the engine says, from 0 to 1
	Precision  float64 `json:"precision"`  // mean of what is right, from 0 to 1
}

// ReliabilityList sets confidence against observed precision. Labels have holes,
// so precision is a lower bound, and so is what calibration makes of it.
type ReliabilityList struct {
	Claims int     `json:"claims"`
	Error  float64 `json:"expectedCalibrationError"` // mean distance of confidence and precision over the bins of all paths, weighted by claims
	Bins   []Bin   `json:"bins"`                     // of all paths together (group "all"), then by group, each from low to high; empty bins are left out
}

// allPaths is the group of all observations.
const allPaths = "all"

// group of a path: its first part, of a career also the second.
func group(path string) string {
	first, rest, _ := strings.Cut(path, ".")
	if first == "career" {
		return rest
	}
	return first
}

// Reliability sorts observations into bins of 100 per mille; nil when there are none.
func Reliability(observed []Observation) *ReliabilityList {
	if len(observed) == 0 {
		return nil
	}
	type key struct {
		group string
		from  int
	}
	bins := map[key]*Bin{}
	for _, o := range observed {
		from := min(int(o.Confidence)/100, 9) * 100
		for _, g := range []string{allPaths, group(o.Path)} {
			b := bins[key{g, from}]
			if b == nil {
				b = &Bin{Group: g, From: from}
				bins[key{g, from}] = b
			}
			b.Claims++
			b.Confidence += float64(o.Confidence) / 1000
			b.Precision += o.Right
		}
	}
	r := &ReliabilityList{Claims: len(observed)}
	for _, b := range bins {
		b.Confidence /= float64(b.Claims)
		b.Precision /= float64(b.Claims)
		if b.Group == allPaths {
			r.Error += math.Abs(b.Confidence-b.Precision) * float64(b.Claims) / float64(len(observed))
		}
		r.Bins = append(r.Bins, *b)
	}
	slices.SortFunc(r.Bins, func(a, b Bin) int {
		if (a.Group == allPaths) != (b.Group == allPaths) {
			if a.Group == allPaths {
				return -1
			}
			return 1
		}
		return cmp.Or(strings.Compare(a.Group, b.Group), a.From-b.From)
	})
	return r
}
