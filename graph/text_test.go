package graph

import (
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestTextCountsLikeRunesAndUTF16(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringN(0, 40, -1).Draw(t, "word") + "é😀人عرب"
		s := ""
		for range rapid.IntRange(0, 60).Draw(t, "times") {
			s += word
		}
		runes := []rune(s)
		text := newText(s)
		for _, point := range []int{0, len(runes), rapid.IntRange(0, len(runes)).Draw(t, "point")} {
			require.Equal(t, len(utf16.Encode(runes[:point])), text.utf16(point))
			to := rapid.IntRange(point, len(runes)).Draw(t, "to")
			require.Equal(t, string(runes[point:to]), text.slice(point, to))
		}
	})
}

func TestTextStaysWithinItsEnds(t *testing.T) {
	text := newText("a😀b")
	require.Equal(t, "a😀b", text.slice(-80, 80))
	require.Equal(t, "", text.slice(3, 90))
	require.Equal(t, 4, text.utf16(90))
	require.Equal(t, "", newText("").slice(0, 1))
}
