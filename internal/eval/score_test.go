package eval

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestValuesAreComparedInOneForm(t *testing.T) {
	for in, want := range map[string]string{
		"  B.Sc.  (Hons), Physics ": "b.sc hons physics",
		"Ｃ＋＋ & C#":                  "c++ c#",
		"Ada_L@Mill.example.":       "ada_l@mill.example",
		"ﬁne—print":                 "fine print",
		"x²":                        "x2",
		"ΟΔΟΣ":                      "οδος",
		"İzmir":                     "i zmir", // its dot becomes a sign of its own, and signs part words
		"U.S. Navy":                 "u.s navy",
		"...":                       "",
		"東京、大阪":                     "東京 大阪",
	} {
		require.Equal(t, want, normalise(in), "%q", in)
	}
}

func TestWordsInCommon(t *testing.T) {
	words := func(s string) []string { return wordLists([]string{s})[0] }
	for _, c := range []struct {
		a, b string
		want float64
	}{
		{"head chef", "Head Chef", 1},
		{"head chef", "chef", 2.0 / 3},
		{"chef", "head of the chef school", 2.0 / 6},
		{"a a b", "a b b", 4.0 / 6}, // as often as both have a word
		{"", "chef", 0},
		{"baker", "chef", 0},
	} {
		require.InDelta(t, c.want, tokenF1(words(c.a), words(c.b)), 1e-12, "%q %q", c.a, c.b)
		require.InDelta(t, c.want, tokenF1(words(c.b), words(c.a)), 1e-12, "%q %q", c.b, c.a)
	}
}

func TestARepeatedValueCountsOnce(t *testing.T) {
	require.Equal(t, []string{"Go", "C#", "C"}, unique([]string{"Go", "go ", "C#", "", " . ", "C"}))
}

func TestEachLabelIsFoundOnceTheMostAlikeFirst(t *testing.T) {
	// "apple red pie" is .8 like the first label and .4 like the second; "red" is
	// two thirds like both, and is left for the second.
	matched, pairs := pair([]string{"red apple", "red pear"}, []string{"red", "apple red pie"}, alike)
	require.Equal(t, 2, pairs)
	require.Equal(t, []bool{true, true}, matched)

	matched, pairs = pair([]string{"night nurse"}, []string{"nurse", "Night Nurse", "nurse night"}, alike)
	require.Equal(t, 1, pairs)
	require.Equal(t, []bool{false, false, true}, matched, "of two equally alike the later")

	_, pairs = pair([]string{"Mill Lane Trust"}, []string{"Mill"}, alike)
	require.Equal(t, 1, pairs, "2·1/(3+1) is just enough")
	_, pairs = pair([]string{"Mill Lane School Trust"}, []string{"Mill"}, alike)
	require.Zero(t, pairs, "2·1/(4+1) is not")
}

func TestANameNeedsMoreThanHalf(t *testing.T) {
	_, pairs := pair([]string{"Una Brightwell"}, []string{"Brightwell"}, alikeName)
	require.Equal(t, 1, pairs, "two thirds")
	_, pairs = pair([]string{"Una Brightwell"}, []string{"Olaf Brightwell"}, alikeName)
	require.Zero(t, pairs, "one half")
}

func TestCountsAndScores(t *testing.T) {
	c, right := compare([]string{"Teamwork", "SQL", "bread baking", "sailing"}, []string{"sql", "baking bread", "patience"}, alike)
	require.Equal(t, Counts{Gold: 4, Predicted: 3, Exact: 1, Relaxed: 2}, c)
	require.Equal(t, map[string]bool{"sql": true, "baking bread": true, "patience": false}, right)

	s := score(c.Relaxed, c)
	require.InDelta(t, 2.0/3, s.Precision, 1e-12)
	require.InDelta(t, .5, s.Recall, 1e-12)
	require.InDelta(t, 4.0/7, s.F1, 1e-12)
	require.Zero(t, score(0, Counts{}))
}
