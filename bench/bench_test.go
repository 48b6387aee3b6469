package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestBiographiesAreTheSameInEveryRunAndAllDifferent(t *testing.T) {
	a, b := biographies(1000), biographies(1000)
	require.Equal(t, a, b)
	seen := map[string]bool{}
	for _, text := range a {
		require.True(t, utf8.ValidString(text))
		require.Greater(t, len(text), 300)
		require.Less(t, len(text), 4000)
		seen[text] = true
	}
	require.Len(t, seen, 1000)
}

// A few words are everywhere, half of all words stand in one text alone.
func TestWordsOccurAsInRealTexts(t *testing.T) {
	in := map[string]int{}
	texts := biographies(2000)
	for _, text := range texts {
		for _, w := range slices.Compact(slices.Sorted(slices.Values(strings.Fields(strings.ToLower(text))))) {
			in[w]++
		}
	}
	counts := slices.Sorted(maps.Values(in))
	once, _ := slices.BinarySearch(counts, 2)
	require.Greater(t, once, len(counts)/4, "words of a single text")
	require.Less(t, once, 3*len(counts)/4)
	require.Greater(t, counts[len(counts)-5], 9*len(texts)/10, "the commonest words")
	require.Less(t, counts[len(counts)-500], len(texts)/10)
}

func TestChosenWordsStandInAsManyTextsAsTheyClaim(t *testing.T) {
	texts := biographies(2000)
	classes, err := chooseWords(texts)
	require.NoError(t, err)
	require.Len(t, classes, 3)
	for i, want := range []struct{ least, most int }{{2, 4}, {15, 25}, {500, 1100}} {
		c := classes[i]
		require.NotEmpty(t, c.words)
		require.GreaterOrEqual(t, c.least, want.least, c.name)
		require.LessOrEqual(t, c.most, want.most, c.name)
		for _, w := range c.words {
			n := 0
			for _, text := range texts {
				if strings.Contains(strings.ToLower(text), w) {
					n++
				}
			}
			require.GreaterOrEqual(t, n, c.least, w)
		}
	}
}

func TestPercentileIsTheNearestRank(t *testing.T) {
	var sorted []time.Duration
	for i := range 200 {
		sorted = append(sorted, time.Duration(i+1))
	}
	require.Equal(t, time.Duration(100), percentile(sorted, 50))
	require.Equal(t, time.Duration(198), percentile(sorted, 99))
	require.Equal(t, time.Duration(7), percentile([]time.Duration{7}, 99))
}

func TestReadTexts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "texts.jsonl")
	require.NoError(t, os.WriteFile(path, []byte(strings.Repeat(`{"id": 1, "text": "Ada \u2014 engineer"}`+"\n", 150)), 0o600))
	texts, err := readTexts(path, 120)
	require.NoError(t, err)
	require.Len(t, texts, 120)
	require.Equal(t, "Ada — engineer", texts[0])

	require.NoError(t, os.WriteFile(path, []byte(`{"txt": 1}`), 0o600))
	_, err = readTexts(path, 120)
	require.ErrorContains(t, err, "line 1")
	_, err = readTexts(filepath.Join(t.TempDir(), "none"), 120)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestSettings(t *testing.T) {
	env := map[string]string{"BENCH_N": "200", "BENCH_TEXTS": "x.jsonl"}
	s, err := load(func(k string) string { return env[k] })
	require.NoError(t, err)
	require.Equal(t, settings{texts: "x.jsonl", n: 200, rounds: 300}, s)
	env["BENCH_ONLY"] = "chains"
	_, err = load(func(k string) string { return env[k] })
	require.ErrorContains(t, err, "BENCH_ONLY")
	env["BENCH_ONLY"], env["BENCH_ROUNDS"] = "chain", "many"
	_, err = load(func(k string) string { return env[k] })
	require.ErrorContains(t, err, "BENCH_ROUNDS")
}
