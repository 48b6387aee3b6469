package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

func TestSearchFinds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		names := map[persona.ID]string{}
		add := func(name, text string) {
			m := newSample(name, text, time.Duration(len(names))*time.Hour)
			m.body = ""
			if name == "Dr. Weaver" {
				m.persona.Role, m.persona.Tags = ptr("Kubernetes engineer"), []string{"alumni"}
			}
			names[m.create(t, ctx, s).finish(t, ctx, s).persona.ID] = name
		}
		add("Geneva Durben", "likes Joshua Trees, River Otters and C++ and Node.js. Reads of a weaver.")
		add("Armand Schweda", "He likes trees and rivers. François knows him well. Once saw a snow leopard.")
		add("田中太郎", "東京大学を卒業しました。趣味は登山です。")
		add("สมชาย ใจดี", "ทำงานที่กรุงเทพมหานคร")
		add("Will Smith", "is who he was")
		add("Dr. Weaver", "wrote the C compiler; mentions trees, once, at great length and among many other words about other things")
		add("Übermut Großmann", "Straße nach Łódź, naïve façade")

		search := func(query string, more ...func(*persona.SearchArgs)) []string {
			args := persona.SearchArgs{Query: query}
			for _, f := range more {
				f(&args)
			}
			c, err := s.Search(ctx, args)
			require.NoError(t, err, query)
			out := []string{}
			for i, h := range c.Nodes() {
				out = append(out, names[h.ID])
				require.Equal(t, names[h.ID], *h.Name)
				if i > 0 && args.Order != persona.SearchNewest {
					require.LessOrEqual(t, h.Score, c.Nodes()[i-1].Score)
				}
			}
			n, err := s.CountMatches(ctx, query, args.Where)
			require.NoError(t, err)
			require.Equal(t, persona.Count{Value: len(out), Exact: true}, n, query)
			return out
		}
		for query, want := range map[string][]string{
			"Who likes Joshua Trees?": {"Geneva Durben", "Armand Schweda", "Dr. Weaver"}, // all words, then some
			"otter":                   {"Geneva Durben"},                                 // a stem
			"kubernetes":              {"Dr. Weaver"},                                    // a head
			"alumni":                  {"Dr. Weaver"},
			"weaver":                  {"Dr. Weaver", "Geneva Durben"}, // a name weighs more than a text
			"francois":                {"Armand Schweda"},              // without the cedilla
			"François":                {"Armand Schweda"},
			"lodz":                    nil, // ł is a letter of its own in SQLite
			"naive facade":            {"Übermut Großmann"},
			"GROSSMANN":               nil,
			"東京":                      {"田中太郎"},
			"大学":                      {"田中太郎"},
			"京東":                      {},
			"山":                       {"田中太郎"},
			"田中":                      {"田中太郎"},
			"กรุงเทพ":                 {"สมชาย ใจดี"},
			"c++":                     {"Geneva Durben"},
			"node.js":                 {"Geneva Durben"},
			"will smith":              {"Will Smith"}, // a name of common words
			"who":                     {"Will Smith"},
			`"snow leopard"`:          {"Armand Schweda"},
			`"leopard snow"`:          {},
			"trees -otters":           {"Armand Schweda", "Dr. Weaver"},
			`trees -"snow leopard"`:   {"Geneva Durben", "Dr. Weaver"},
			"trees -trees":            {},
			"eneva":                   {"Geneva Durben"}, // part of a name
			"unheard":                 {},
			"":                        {},
			"-trees":                  {},
			"?!… 👩🏽‍🚀":                {},
		} {
			if want == nil { // the dialects' letters differ; that it does not fail is what counts
				search(query)
				continue
			}
			if query == "Who likes Joshua Trees?" || query == "trees -otters" || query == `trees -"snow leopard"` {
				got := search(query)
				require.Equal(t, want[0], got[0], query)
				require.ElementsMatch(t, want, got[:len(want)], query)
				continue
			}
			require.Equal(t, want, search(query), query)
		}
		newest := func(a *persona.SearchArgs) { a.Order = persona.SearchNewest }
		require.Equal(t, []string{"Dr. Weaver", "Armand Schweda", "Geneva Durben"}, search("trees", newest))
		require.Equal(t, []string{"Geneva Durben", "Dr. Weaver", "Armand Schweda"}, search("trees otters", newest), "all words first, then by date")
		require.Equal(t, []string{"Armand Schweda"}, search("trees", func(a *persona.SearchArgs) {
			a.Where = &persona.Where{Name: &persona.StringFilter{Contains: ptr("arm")}, Skill: ptr("go")}
		}))
		require.Equal(t, []string{"Dr. Weaver"}, search("trees", newest, func(a *persona.SearchArgs) {
			a.Where = &persona.Where{TagsAll: []string{"alumni"}}
		}))
		full, err := s.Search(ctx, persona.SearchArgs{Query: "otter", Columns: persona.Columns{Profile: true, Document: true}})
		require.NoError(t, err)
		require.NotEmpty(t, full.Nodes()[0].ProfileJSON)
		require.NotEmpty(t, full.Nodes()[0].DocumentJSON)
	})
}

func TestSearchForgetsAndUpdates(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		found := func(query string) int {
			c, err := s.Search(ctx, persona.SearchArgs{Query: query})
			require.NoError(t, err)
			return len(c.Edges)
		}
		m := ready(t, ctx, s, "Ada Quux", "knows weaving", 0)
		require.Equal(t, 1, found("weaving"))
		require.Equal(t, 1, found("uux"))
		m.persona.Name, m.persona.VersionNumber = ptr("Bea Corge"), 2
		v := *m.version
		v.Number = 2
		write(t, ctx, s, func(tx persona.Tx) error { return tx.SaveVersion(ctx, m.persona, &v, nil, "spinning") })
		require.Equal(t, 0, found("Quux"))
		require.Equal(t, 0, found("uux"))
		require.Equal(t, 1, found("corge"))
		require.Equal(t, 1, found("spinning"))
		write(t, ctx, s, func(tx persona.Tx) error { return tx.DeletePersona(ctx, m.persona.ID) })
		require.Equal(t, 0, found("corge weaving spinning org"))
	})
}

// TestSearchPagesSweepWordFrequency turns the pages of words that a few, many, and
// more personas have than are ranked. Of the many it begins shortly before the
// bound: a cursor may come from anywhere.
func TestSearchPagesSweepWordFrequency(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		const total, bound, skip = 130, 100, 60
		s.Bound(bound)
		frequency := map[string]int{"rare": 3, "some": 50, "frequent": 99, "everywhere": total}
		newestFirst := make([]persona.ID, total)
		at := func(i int) time.Time { return epoch.Add(time.Duration(i/2) * time.Second) } // two at each time
		write(t, ctx, s, func(tx persona.Tx) error {
			for i := range total {
				p := &persona.Persona{ID: persona.NewID(), Status: persona.StatusReady, Name: ptr(fmt.Sprint("p", i)), VersionNumber: 1, CreatedAt: at(i), UpdatedAt: epoch}
				newestFirst[total-1-i] = p.ID
				var words []string
				for w, n := range frequency {
					if i < n { // the oldest: where walking the date index takes longest
						words = append(words, w)
					}
				}
				if err := tx.InsertPersona(ctx, p); err != nil {
					return err
				}
				v := &persona.Version{PersonaID: p.ID, Number: 1, CreatedAt: epoch}
				if err := tx.SaveVersion(ctx, p, v, nil, strings.Join(words, " ")); err != nil {
					return err
				}
			}
			return nil
		})
		pages := func(args persona.SearchArgs) (got []persona.ID) {
			seen := map[persona.ID]bool{}
			for {
				c, err := s.Search(ctx, args)
				require.NoError(t, err)
				for _, h := range c.Nodes() {
					require.False(t, seen[h.ID], "one comes twice")
					seen[h.ID] = true
					got = append(got, h.ID)
				}
				if !c.PageInfo.HasNextPage {
					return got
				}
				args.After = c.PageInfo.EndCursor
			}
		}
		for word, n := range frequency {
			count, err := s.CountMatches(ctx, word, nil)
			require.NoError(t, err)
			require.Equal(t, persona.Count{Value: min(n, bound), Exact: n < bound}, count, word)

			ranked := persona.SearchArgs{Query: word, PageArgs: persona.PageArgs{First: ptr(17)}}
			newest := persona.SearchArgs{Query: word, Order: persona.SearchNewest, PageArgs: persona.PageArgs{First: ptr(17)}}
			wantRanked, wantNewest := min(n, bound), newestFirst[total-n:]
			if n > skip {
				ranked.After = ptr(persona.Cursor{Order: "relevance", Key: fmt.Sprint(skip), ID: persona.NewID().String()}.String())
				last := newestFirst[skip-1]
				newest.After = ptr(persona.Cursor{Order: "search newest", Key: "1 " + at(total-skip).Format("2006-01-02T15:04:05.000000Z07:00"), ID: last.UUID.String()}.String())
				wantRanked, wantNewest = wantRanked-skip, newestFirst[skip:]
			}
			require.Len(t, pages(ranked), wantRanked, word)
			require.Equal(t, wantNewest, pages(newest), word) // also beyond what is ranked
		}
	})
}

func TestSearchPagesHoldWhenTheCursorsPersonaGoes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		for i := range 6 {
			ready(t, ctx, s, fmt.Sprint("Ada ", i), "weaving", time.Duration(i)*time.Second)
		}
		first, err := s.Search(ctx, persona.SearchArgs{Query: "weaving", PageArgs: persona.PageArgs{First: ptr(3)}})
		require.NoError(t, err)
		require.True(t, first.PageInfo.HasNextPage)
		require.False(t, first.PageInfo.HasPreviousPage)
		next := persona.SearchArgs{Query: "weaving", PageArgs: persona.PageArgs{First: ptr(10), After: first.PageInfo.EndCursor}}
		second, err := s.Search(ctx, next)
		require.NoError(t, err)
		require.Len(t, second.Edges, 3)
		require.True(t, second.PageInfo.HasPreviousPage)
		write(t, ctx, s, func(tx persona.Tx) error { return tx.DeletePersona(ctx, first.Nodes()[0].ID) })
		again, err := s.Search(ctx, next)
		require.NoError(t, err)
		require.Equal(t, second.Nodes(), again.Nodes(), "one before the cursor went: nothing is skipped")
		write(t, ctx, s, func(tx persona.Tx) error { return tx.DeletePersona(ctx, first.Nodes()[2].ID) })
		again, err = s.Search(ctx, next)
		require.NoError(t, err)
		require.NotEmpty(t, again.Edges)

		for _, a := range []persona.PageArgs{{Last: ptr(1)}, {Before: first.PageInfo.EndCursor},
			{After: ptr(persona.Cursor{Order: "relevance", Key: "x", ID: persona.NewID().String()}.String())},
			{After: ptr(persona.Cursor{Order: "relevance", Key: "1", ID: "1"}.String())},
			{After: ptr(persona.Cursor{Order: "search newest", Key: "1", ID: persona.NewID().String()}.String())}} {
			_, err := s.Search(ctx, persona.SearchArgs{Query: "weaving", PageArgs: a})
			require.Equal(t, persona.CodeInvalid, persona.CodeOf(err))
		}
		_, err = s.Search(ctx, persona.SearchArgs{Query: "weaving", Order: persona.SearchNewest,
			PageArgs: persona.PageArgs{After: ptr(persona.Cursor{Order: "search newest", Key: "1 never", ID: persona.NewID().String()}.String())}})
		require.Equal(t, persona.CodeInvalid, persona.CodeOf(err))
	})
}

// TestNoQueryIsASyntaxError feeds what the two query languages give a meaning to.
func TestNoQueryIsASyntaxError(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		ready(t, ctx, s, "Ada", "knows NEAR and NOT weaving", 0)
		ask := func(t require.TestingT, query string) {
			for _, order := range []persona.SearchOrder{persona.SearchRelevance, persona.SearchNewest} {
				_, err := s.Search(ctx, persona.SearchArgs{Query: query, Order: order})
				require.NoError(t, err, "%q", query)
			}
			_, err := s.CountMatches(ctx, query, &persona.Where{Name: &persona.StringFilter{Contains: &query}, Skill: &query})
			require.NoError(t, err, "%q", query)
			_, err = s.List(ctx, persona.ListArgs{Where: &persona.Where{Role: &persona.StringFilter{StartsWith: &query}, TagsAll: []string{query}}})
			require.NoError(t, err, "%q", query)
		}
		for _, query := range []string{"\x00", "a\x00b", "\"", "\"\"", "a\"b", "'", "a & | !", "NEAR(a b)", "a AND", "OR", "NOT a", "(", "a*", "^a", "a:b", "{a}: b",
			"\\", "a\\'b", "%_%", "--", "/*", "; DROP TABLE persona", "?ws ?0 ?", "\xff\xfe", "\ufeff", "\u0300", "a\u0300\u0301", "-", "- a", "-\"", "\u202e",
			"or or or", strings.Repeat("a", 10_000), strings.Repeat("ab ", 4000), strings.Repeat("東", 5000), strings.Repeat("\"a ", 1000), strings.Repeat("-x ", 2000)} {
			ask(t, query)
		}
		alphabet := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("\"'-+*():^&|!\\%_? \x00ab東ิÅ#.\u0300"))))
		rapid.Check(t, func(rt *rapid.T) { ask(rt, alphabet.Draw(rt, "query")) })
	})
}

func TestSearchTakesTextsOfAnySize(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		var b strings.Builder
		for i := range 150_000 { // no word twice: the most that a vector can be asked to hold
			fmt.Fprintf(&b, "w%06d ", i)
		}
		m := newSample("Ada", "weaving", 0).create(t, ctx, s)
		m.body = b.String()
		m.persona.Summary = ptr(strings.Repeat("head ", 30_000) + strings.Repeat("界", 2000))
		m.persona.Name = ptr(strings.Repeat("名", 2000))
		m.persona.Role = ptr(strings.Repeat("r ", 5000) + "end")
		m.persona.Tags = []string{strings.Repeat("t", 5000)}
		m.facets = []persona.Facet{{Kind: persona.FacetSkill, Key: strings.Repeat("k", 5000), Value: strings.Repeat("K", 5000)}}
		m.finish(t, ctx, s)
		c, err := s.Search(ctx, persona.SearchArgs{Query: "w000001", Where: &persona.Where{Skill: ptr(strings.Repeat("K", 5000)), TagsAll: m.persona.Tags}})
		require.NoError(t, err)
		require.Len(t, c.Edges, 1)
		l, err := s.List(ctx, persona.ListArgs{Where: &persona.Where{Name: &persona.StringFilter{Eq: m.persona.Name}}})
		require.NoError(t, err)
		require.Equal(t, *m.persona.Name, *l.Nodes()[0].Name)
	})
}
