package store_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

// walk turns all pages of one list and returns its nodes in the list's order.
func walk[T any](t *testing.T, size int, backward bool, read func(persona.PageArgs) *persona.Connection[T]) []T {
	t.Helper()
	var out []T
	var args persona.PageArgs
	for range 100 {
		if args.First, args.Last = &size, nil; backward {
			args.First, args.Last = nil, &size
		}
		c := read(args)
		require.LessOrEqual(t, len(c.Edges), size)
		if backward {
			out = slices.Insert(out, 0, c.Nodes()...)
			if !c.PageInfo.HasPreviousPage {
				return out
			}
			args.Before = c.PageInfo.StartCursor
			continue
		}
		out = append(out, c.Nodes()...)
		if !c.PageInfo.HasNextPage {
			return out
		}
		args.After = c.PageInfo.EndCursor
	}
	t.Fatal("the pages do not end")
	return nil
}

func TestNestedListsArePaged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		ada, bo, none := newSample("Ada", "Ada 0", 0), newSample("Bo", "Bo 0", time.Hour), persona.NewID()
		sources := map[persona.ID][]*persona.Source{}
		runs := map[persona.ID][]*persona.Run{}
		versions := map[persona.ID][]*persona.Version{}
		for _, m := range []*sample{ada, bo} {
			m.create(t, ctx, s)
			sources[m.persona.ID], runs[m.persona.ID] = []*persona.Source{m.source}, []*persona.Run{m.run}
			for i := range 6 {
				// Equal times, so that ids break the tie.
				more := newSample(*m.persona.Name, *m.persona.Name+string(rune('1'+i)), time.Duration(i/3)*time.Second)
				more.source.PersonaID, more.run.PersonaID = m.persona.ID, m.persona.ID
				write(t, ctx, s, func(tx persona.Tx) error {
					if err := tx.InsertSources(ctx, []*persona.Source{more.source}); err != nil {
						return err
					}
					return tx.InsertRun(ctx, more.run)
				})
				sources[m.persona.ID] = append(sources[m.persona.ID], more.source)
				runs[m.persona.ID] = append(runs[m.persona.ID], more.run)
			}
			m.finish(t, ctx, s)
			versions[m.persona.ID] = []*persona.Version{m.version}
			for n := 2; n <= 4; n++ {
				v := *m.version
				v.Number, v.Reason, v.Redacted = n, persona.ReasonEdited, n == 3
				m.persona.VersionNumber = n
				write(t, ctx, s, func(tx persona.Tx) error { return tx.SaveVersion(ctx, m.persona, &v, m.facets, m.body) })
				versions[m.persona.ID] = append(versions[m.persona.ID], &v)
			}
			slices.SortFunc(sources[m.persona.ID], func(a, b *persona.Source) int {
				if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
					return c
				}
				return slices.Compare(a.ID.UUID[:], b.ID.UUID[:])
			})
			slices.SortFunc(runs[m.persona.ID], func(a, b *persona.Run) int {
				if c := b.CreatedAt.Compare(a.CreatedAt); c != 0 {
					return c
				}
				return slices.Compare(b.ID.UUID[:], a.ID.UUID[:])
			})
			slices.Reverse(versions[m.persona.ID])
		}
		ids := []persona.ID{bo.persona.ID, none, ada.persona.ID}
		for _, backward := range []bool{false, true} {
			for _, size := range []int{1, 3, 50} {
				for i, id := range ids {
					require.Equal(t, sources[id], walk(t, size, backward, func(a persona.PageArgs) *persona.Connection[*persona.Source] {
						cs, err := s.SourcesOf(ctx, ids, a, true)
						require.NoError(t, err)
						return cs[i]
					}))
					require.Equal(t, runs[id], walk(t, size, backward, func(a persona.PageArgs) *persona.Connection[*persona.Run] {
						cs, err := s.RunsOf(ctx, ids, a)
						require.NoError(t, err)
						return cs[i]
					}))
					require.Equal(t, versions[id], walk(t, size, backward, func(a persona.PageArgs) *persona.Connection[*persona.Version] {
						cs, err := s.VersionsOf(ctx, ids, a)
						require.NoError(t, err)
						return cs[i]
					}))
				}
			}
		}
		latest, err := s.LatestRuns(ctx, ids)
		require.NoError(t, err)
		require.Equal(t, []*persona.Run{runs[ids[0]][0], nil, runs[ids[2]][0]}, latest)
		lean, err := s.SourcesOf(ctx, ids[:1], persona.PageArgs{}, false)
		require.NoError(t, err)
		require.Nil(t, lean[0].Edges[0].Node.Text)
		for _, cursor := range []string{"x", persona.Cursor{Order: "versions", Key: "many"}.String()} {
			_, err = s.VersionsOf(ctx, ids, persona.PageArgs{Before: &cursor})
			require.Equal(t, persona.CodeInvalid, persona.CodeOf(err))
		}
	})
}

func TestClaimsOfAPersona(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		ada, bo := ready(t, ctx, s, "Ada", "Ada knows Go", 0), ready(t, ctx, s, "Bo", "Bo knows Go", time.Hour)
		// A claim of a run that has not been committed does not count.
		pending := ada.claims[0]
		pending.ID = claimID()
		write(t, ctx, s, func(tx persona.Tx) error { return tx.InsertClaims(ctx, []persona.Claim{pending}) })
		// One left the set: it has counted. Bo's first was merged into Ada's set.
		write(t, ctx, s, func(tx persona.Tx) error {
			if err := tx.CloseMembers(ctx, ada.persona.ID, ada.ids()[3:], 2); err != nil {
				return err
			}
			if err := tx.OpenMembers(ctx, ada.persona.ID, bo.ids()[:1], 2); err != nil {
				return err
			}
			return tx.OpenMembers(ctx, ada.persona.ID, ada.ids()[3:], 3)
		})
		a, b := ada.claims, bo.claims
		ids := []persona.ID{ada.persona.ID, bo.persona.ID}
		for name, c := range map[string]struct {
			where *persona.ClaimWhere
			want  [2][]persona.Claim
		}{
			"all":           {nil, [2][]persona.Claim{{a[0], a[1], a[2], a[3], b[0]}, {b[0], b[1], b[2], b[3]}}},
			"path":          {&persona.ClaimWhere{Paths: []string{"name"}}, [2][]persona.Claim{{a[0], b[0]}, {b[0]}}},
			"path above":    {&persona.ClaimWhere{Paths: []string{"skills", "career.positions"}}, [2][]persona.Claim{{a[1], a[2]}, {b[1], b[2]}}},
			"path's prefix": {&persona.ClaimWhere{Paths: []string{"skill"}}, [2][]persona.Claim{}},
			"basis":         {&persona.ClaimWhere{Basis: ptr(persona.BasisInferred)}, [2][]persona.Claim{{a[3]}, {b[3]}}},
			"source":        {&persona.ClaimWhere{Source: &bo.source.ID}, [2][]persona.Claim{{b[0]}, {b[0], b[1], b[2]}}},
			"active":        {&persona.ClaimWhere{State: ptr(persona.ClaimActive)}, [2][]persona.Claim{{a[0], a[1]}, {b[0], b[1]}}},
			"superseded":    {&persona.ClaimWhere{State: ptr(persona.ClaimSuperseded)}, [2][]persona.Claim{{a[2]}, {b[2]}}},
			"conflicting":   {&persona.ClaimWhere{State: ptr(persona.ClaimConflicting)}, [2][]persona.Claim{}},
			"retracted":     {&persona.ClaimWhere{State: ptr(persona.ClaimRetracted)}, [2][]persona.Claim{{a[3], b[0]}, {b[3]}}},
			"together":      {&persona.ClaimWhere{State: ptr(persona.ClaimActive), Paths: []string{"skills.hard"}, Source: &ada.source.ID}, [2][]persona.Claim{{a[1]}, nil}},
		} {
			for i := range ids {
				for _, backward := range []bool{false, true} {
					var want, got []persona.Claim
					want = append(want, c.want[i]...)
					for _, c := range walk(t, 2, backward, func(page persona.PageArgs) *persona.Connection[*persona.Claim] {
						cs, err := s.ClaimsOf(ctx, ids, c.where, page)
						require.NoError(t, err, name)
						return cs[i]
					}) {
						got = append(got, *c)
					}
					require.Equal(t, want, got, "%s of %d", name, i)
				}
			}
		}
	})
}

// TestStatementsDoNotGrowWithThePage counts what one level of nesting costs.
func TestStatementsDoNotGrowWithThePage(t *testing.T) {
	var n atomic.Int64
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		var ids []persona.ID
		var sources []persona.SourceID
		var claims []persona.ClaimID
		for i := range 12 {
			m := ready(t, ctx, s, "Ada", "text "+string(rune('a'+i)), time.Duration(i)*time.Second)
			ids, sources, claims = append(ids, m.persona.ID), append(sources, m.source.ID), append(claims, m.ids()...)
		}
		for name, c := range map[string]struct {
			want int64
			read func(k int) error
		}{
			"Personas": {1, func(k int) error { _, err := s.Personas(ctx, ids[:k], persona.Columns{}); return err }},
			"List": {1, func(k int) error {
				_, err := s.List(ctx, persona.ListArgs{PageArgs: persona.PageArgs{First: &k}})
				return err
			}},
			"filtered": {1, func(k int) error {
				_, err := s.List(ctx, persona.ListArgs{PageArgs: persona.PageArgs{First: &k}, Where: &persona.Where{Skill: ptr("go")}})
				return err
			}},
			"Search": {1, func(k int) error {
				_, err := s.Search(ctx, persona.SearchArgs{PageArgs: persona.PageArgs{First: &k}, Query: "ada text"})
				return err
			}},
			"Sources":    {1, func(k int) error { _, err := s.Sources(ctx, sources[:k], true); return err }},
			"Claims":     {1, func(k int) error { _, err := s.Claims(ctx, claims[:k]); return err }},
			"SourcesOf":  {1, func(k int) error { _, err := s.SourcesOf(ctx, ids[:k], persona.PageArgs{}, true); return err }},
			"ClaimsOf":   {1, func(k int) error { _, err := s.ClaimsOf(ctx, ids[:k], nil, persona.PageArgs{}); return err }},
			"VersionsOf": {1, func(k int) error { _, err := s.VersionsOf(ctx, ids[:k], persona.PageArgs{}); return err }},
			"RunsOf":     {1, func(k int) error { _, err := s.RunsOf(ctx, ids[:k], persona.PageArgs{}); return err }},
			"LatestRuns": {1, func(k int) error { _, err := s.LatestRuns(ctx, ids[:k]); return err }},
			"ClaimsOf by state": {2, func(k int) error {
				_, err := s.ClaimsOf(ctx, ids[:k], &persona.ClaimWhere{State: ptr(persona.ClaimActive)}, persona.PageArgs{})
				return err
			}},
			"CountPersonas": {1, func(int) error { _, err := s.CountPersonas(ctx, nil); return err }},
			"CountMatches":  {1, func(int) error { _, err := s.CountMatches(ctx, "ada", nil); return err }},
			"Stats":         {3, func(int) error { _, err := s.Stats(ctx, persona.StatsArgs{}); return err }},
		} {
			for _, k := range []int{1, 12} {
				n.Store(0)
				require.NoError(t, c.read(k), name)
				require.Equal(t, c.want, n.Load(), "%s of %d", name, k)
			}
		}
	}, func(o *store.Options) { o.OnQuery = func(string) { n.Add(1) } })
}
