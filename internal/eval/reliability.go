package eval

import (
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
	From       int     `json:"from"`       // per mille; the bin ends 99 above, the last one at 1000
	Claims     int     `json:"claims"`     // at least 1
	Confidence float64 `json:"confidence"` // mean of what the engine says, from 0 to 1
	Precision  float64 `json:"precision"`  // mean of what is right, from 0 to 1
}

// Reliability sets the confidence of a group of paths against observed precision.
// Labels have holes, so precision is a lower bound, and so is what calibration
// makes of it.
type Reliability struct {
	Group  string  `json:"group"`
	Claims int     `json:"claims"`
	Error  float64 `json:"expectedCalibrationError"` // mean distance of confidence and precision over the bins, weighted by claims
	Bins   []Bin   `json:"bins"`                     // from low to high; empty ones are left out
}

// allPaths is the group of all observations.
const allPaths = "all"

// group of a path: its first part, of a career the second.
func group(path string) string {
	first, rest, _ := strings.Cut(path, ".")
	if first == "career" {
		return rest
	}
	return first
}

// Reliable sorts observations into bins of 100 per mille: of all paths together
// first, then of each group by name. It is nil without observations.
func Reliable(observed []Observation) []Reliability {
	groups := map[string]*[10]Bin{}
	for _, o := range observed {
		for _, g := range []string{allPaths, group(o.Path)} {
			if groups[g] == nil {
				groups[g] = new([10]Bin)
			}
			b := &groups[g][min(int(o.Confidence)/100, 9)]
			b.Claims++
			b.Confidence += float64(o.Confidence) / 1000
			b.Precision += o.Right
		}
	}
	var out []Reliability
	for name, bins := range groups {
		r := Reliability{Group: name}
		for i, b := range bins {
			if b.Claims == 0 {
				continue
			}
			r.Claims += b.Claims
			r.Error += math.Abs(b.Confidence - b.Precision)
			b.From = 100 * i
			b.Confidence /= float64(b.Claims)
			b.Precision /= float64(b.Claims)
			r.Bins = append(r.Bins, b)
		}
		r.Error /= float64(r.Claims)
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Reliability) int {
		switch allPaths {
		case a.Group:
			return -1
		case b.Group:
			return 1
		}
		return strings.Compare(a.Group, b.Group)
	})
	return out
}
