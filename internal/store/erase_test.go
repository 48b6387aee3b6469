package store_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

// TestErasedWordsAreGoneFromTheFiles reads SQLite's files byte by byte: the
// database, its indexes of words, and the log of what was written.
func TestErasedWordsAreGoneFromTheFiles(t *testing.T) {
	var dir string
	s := storetest.Open(t, "", func(o *store.Options) { dir = o.DataDir })
	ctx := storetest.Context(t, "default")
	words := []string{"xylographer", "quixotically", "zanzibarian", "brobdingnag"}
	// Long enough for pages of their own, and with neighbours that stay.
	m := newSample("Xylographer", strings.Repeat("A quixotically long story. ", 2000), 0)
	m.persona.Role, m.persona.Tags = ptr("zanzibarian"), []string{"brobdingnag"}
	for i := range 20 {
		ready(t, ctx, s, "Neighbour", strings.Repeat("Someone else. ", 100+i), 0)
	}
	m.create(t, ctx, s).finish(t, ctx, s)
	found := func() (out []string) {
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		require.NoError(t, err)
		for _, f := range files {
			b, err := os.ReadFile(f)
			require.NoError(t, err)
			for _, w := range words {
				// Part of a word: FTS5 stores only what differs from the word before.
				if bytes.Contains(bytes.ToLower(b), []byte(w[2:8])) {
					out = append(out, filepath.Base(f)+": "+w)
				}
			}
		}
		return out
	}
	require.NotEmpty(t, found())
	write(t, ctx, s, func(tx persona.Tx) error { return tx.DeletePersona(ctx, m.persona.ID) })
	require.Empty(t, found())
	require.Equal(t, 20, one[int](t, s, "SELECT count(*) FROM search"))
	exec(t, s, "INSERT INTO search_words (search_words) VALUES ('integrity-check')")
	exec(t, s, "INSERT INTO search_names (search_names) VALUES ('integrity-check')")
}

// TestErasedWordsAreGoneFromTheCounts holds for both: a count's key may be a word.
func TestErasedWordsAreGoneFromTheCounts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		m := ready(t, ctx, s, "Ada", "Ada", 0)
		stays := ready(t, ctx, s, "Bo", "Bo", 0)
		write(t, ctx, s, func(tx persona.Tx) error { return tx.DeletePersona(ctx, m.persona.ID) })
		stats, err := s.Stats(ctx, persona.StatsArgs{})
		require.NoError(t, err)
		require.Equal(t, []persona.Bucket{{Key: "Go", Count: 1}}, stats.TopSkills)
		write(t, ctx, s, func(tx persona.Tx) error { return tx.DeletePersona(ctx, stays.persona.ID) })
		for _, table := range []string{"source", "run", "claim", "cites", "member", "version", "facet", "search"} {
			query := "SELECT count(*) FROM " + table
			if s.Pool() != nil {
				var n int
				require.NoError(t, s.Pool().QueryRow(ctx, query).Scan(&n))
				require.Zero(t, n, table)
			} else {
				require.Zero(t, one[int](t, s, query), table)
			}
		}
		var n int
		query := "SELECT count(*) FROM rollup WHERE key IN ('go', 'acme')"
		if s.Pool() != nil {
			require.NoError(t, s.Pool().QueryRow(ctx, query).Scan(&n))
		} else {
			n = one[int](t, s, query)
		}
		require.Zero(t, n)
	})
}
