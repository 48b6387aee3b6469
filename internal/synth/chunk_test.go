package synth

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"short", "abc", []string{"abc"}},
		{"at a blank line", "aaa. bb\n\nc dddddddddd", []string{"aaa. bb\n\n", "c dddddddddd"}},
		{"at a blank line of Windows", "aaaaaa\r\n\r\nc ddddddd", []string{"aaaaaa\r\n\r\n", "c ddddddd"}},
		{"at a line", "aaa. bbb\nc ddddddd", []string{"aaa. bbb\n", "c ddddddd"}},
		{"at a sentence", "aaaaa. bb ccccccc", []string{"aaaaa. ", "bb ccccccc"}},
		{"at a sentence without blanks", "桥梁桥梁桥梁桥。水利水利水利", []string{"桥梁桥梁桥梁桥。", "水利水利水利"}},
		{"at a blank", "aaaaaaa bbbbbbbbb", []string{"aaaaaaa ", "bbbbbbbbb"}},
		{"anywhere", "aaaaaaaaaaaaaaa", []string{"aaaaaaaaaaaa", "aaa"}},
		{"but not before a mark", "aaaaaaaaaaae\u0301bbb", []string{"aaaaaaaaaaa", "e\u0301bbb"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, part := range split([]rune(c.text), 0, 12) {
				got = append(got, string(part.text))
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestChunksPutTogetherAreTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []rune(strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "word", " ", "\n", "\n\n", ". ", "。", "é", "e\u0301", "👩‍🔬", "桥梁"}), 0, 200).Draw(t, "pieces"), ""))
		size := rapid.IntRange(4, 60).Draw(t, "size")
		at := 7
		for _, c := range split(text, 7, size) {
			require.Equal(t, at, c.start)
			require.LessOrEqual(t, len(c.text), size)
			require.Equal(t, string(text[at-7:at-7+len(c.text)]), string(c.text))
			at += len(c.text)
		}
		require.Equal(t, len(text), at-7)
	})
}

func TestHalves(t *testing.T) {
	_, ok := chunk{0, []rune(strings.Repeat("x", leastChunk-1))}.halves()
	require.False(t, ok)
	for _, text := range []string{strings.Repeat("x", leastChunk), strings.Repeat("a b\n\n", 2000), strings.Repeat("\n", 5000)} {
		parts, ok := chunk{5, []rune(text)}.halves()
		require.True(t, ok)
		require.Len(t, parts, 2)
		require.Equal(t, 5, parts[0].start)
		require.Equal(t, text, string(parts[0].text)+string(parts[1].text))
		require.Less(t, len(parts[1].text), len(text)*3/4)
	}
}
