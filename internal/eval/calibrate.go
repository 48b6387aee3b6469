package eval

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/persona-api/persona-api/internal/persona"
)

// Step says what the confidences of a path from From on, up to the path's next
// step, are worth.
type Step struct {
	Path     string
	From, To persona.PerMille
}

const (
	// fewest observations that tell anything about a path.
	fewest = 30
	// weight of the path's mean in each level's, in observations: a level that was
	// seen three times does not make a claim certain or worthless.
	weight = 20
)

// Calibrate fits per path how often a claim of each raw confidence is right. The
// result does not fall as confidence rises (isotonic regression by pooling
// adjacent violators), and every level is drawn towards its path's mean. A path
// with fewer than 30 observations has no steps. Steps come sorted by path, then
// From.
func Calibrate(observed []Observation) []Step {
	byPath := map[string][]Observation{}
	for _, o := range observed {
		byPath[o.Path] = append(byPath[o.Path], o)
	}
	var out []Step
	for _, path := range slices.Sorted(maps.Keys(byPath)) {
		if len(byPath[path]) >= fewest {
			out = append(out, steps(path, byPath[path])...)
		}
	}
	return out
}

// steps fits one path.
func steps(path string, observed []Observation) []Step {
	type level struct{ n, right float64 }
	levels := map[persona.PerMille]level{}
	mean := 0.0
	for _, o := range observed {
		l := levels[o.Confidence]
		levels[o.Confidence] = level{l.n + 1, l.right + o.Right}
		mean += o.Right / float64(len(observed))
	}
	// A pool is one or more neighbouring levels that share one worth.
	type pool struct {
		from     persona.PerMille
		n, worth float64
	}
	var pools []pool
	for _, from := range slices.Sorted(maps.Keys(levels)) {
		l := levels[from]
		pools = append(pools, pool{from, l.n, (l.right + weight*mean) / (l.n + weight)})
		for n := len(pools); n > 1 && pools[n-2].worth >= pools[n-1].worth; n = len(pools) {
			a, b := pools[n-2], pools[n-1]
			pools = append(pools[:n-2], pool{a.from, a.n + b.n, (a.worth*a.n + b.worth*b.n) / (a.n + b.n)})
		}
	}
	out := make([]Step, len(pools))
	for i, p := range pools {
		// Never 0 nor 1000: an engine that reads is never certain.
		out[i] = Step{path, p.from, persona.PerMille(min(max(math.Round(p.worth*1000), 1), 999))}
	}
	return out
}

// WriteCalibration writes steps as the table that the built-in engine reads.
// origin is what they were fitted on, command how, for whoever reads the file.
func WriteCalibration(w io.Writer, steps []Step, origin, command string) error {
	_, err := fmt.Fprintf(w, `# What the built-in engine's confidences are worth: how often a claim of a field is
# right when a rule of that confidence makes it. Fitted, not written by hand, on
#   %s
# by
#   %s
#
# Labels have holes, and what they leave out counts as wrong: claims are right at
# least this often.
#
# From a raw confidence on, up to the field's next line, claims get the calibrated
# one; both are per mille. Below its first line, and for a field without a line,
# the labels tell nothing: what the rules say stays, at most the first line's.
#
# path	raw from	calibrated
`, origin, command)
	for _, s := range steps {
		if err == nil {
			_, err = fmt.Fprintf(w, "%s\t%d\t%d\n", s.Path, s.From, s.To)
		}
	}
	if err != nil {
		return fmt.Errorf("write the calibration: %w", err)
	}
	return nil
}
