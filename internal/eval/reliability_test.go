package eval

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
)

func observed(path string, confidence persona.PerMille, n int, right float64) []Observation {
	out := make([]Observation, n)
	for i := range out {
		out[i] = Observation{path, confidence, right}
	}
	return out
}

func TestConfidenceIsSetAgainstWhatIsRight(t *testing.T) {
	var all []Observation
	all = append(all, observed("skills.hard", 700, 3, 1)...)
	all = append(all, observed("skills.soft", 790, 1, 0)...)
	all = append(all, observed("career.positions", 1000, 1, .5)...)
	r := Reliable(all)
	require.Len(t, r, 3)
	require.Equal(t, "all", r[0].Group)
	require.Equal(t, 5, r[0].Claims)
	require.Len(t, r[0].Bins, 2)
	// (4·|.7225-.75| + 1·|1-.5|) / 5
	require.InDelta(t, (4*.0275+.5)/5, r[0].Error, 1e-12)

	require.Equal(t, "positions", r[1].Group)
	require.Equal(t, []Bin{{From: 900, Claims: 1, Confidence: 1, Precision: .5}}, r[1].Bins, "certainty belongs to the last bin")
	require.InDelta(t, .5, r[1].Error, 1e-12)

	require.Equal(t, "skills", r[2].Group)
	require.Equal(t, 700, r[2].Bins[0].From)
	require.InDelta(t, .7225, r[2].Bins[0].Confidence, 1e-12)
	require.InDelta(t, .75, r[2].Bins[0].Precision, 1e-12)
	require.Nil(t, Reliable(nil))
}

func TestCalibrationRisesAndLeansOnThePathsMean(t *testing.T) {
	var all []Observation
	// The path's mean is (20·.2 + 20·.9 + 20·.7)/60 = .6. With 20 observations of it
	// added, the levels are worth .4, .75 and .65; the last two are out of order and
	// pooled at .7.
	for confidence, right := range map[persona.PerMille]float64{500: .2, 700: .9, 900: .7} {
		all = append(all, observed("skills.hard", confidence, 20, right)...)
	}
	all = append(all, observed("role", 800, 30, 1)...) // always right: certain all the same it is not
	all = append(all, observed("name", 800, 29, 1)...) // too few
	require.Equal(t, []Step{{"role", 800, 999}, {"skills.hard", 500, 400}, {"skills.hard", 700, 700}}, Calibrate(all))
}

func TestPoolsMergeBackwards(t *testing.T) {
	var all []Observation
	for i, right := range []float64{.9, .8, .1} {
		all = append(all, observed("role", persona.PerMille(100*(i+1)), 20, right)...)
	}
	require.Equal(t, []Step{{"role", 100, 600}}, Calibrate(all), "falling all the way: one pool, the mean")
}

func TestACalibrationIsATableForPeople(t *testing.T) {
	var b strings.Builder
	require.NoError(t, WriteCalibration(&b, []Step{{"name", 700, 870}, {"role", 0, 1}}, "3 texts", "do it"))
	var table []string
	for line := range strings.Lines(b.String()) {
		if !strings.HasPrefix(line, "#") {
			table = append(table, line)
		}
	}
	require.Equal(t, []string{"name\t700\t870\n", "role\t0\t1\n"}, table)
	require.Contains(t, b.String(), "#   3 texts\n")
	require.Contains(t, b.String(), "#   do it\n")
}
