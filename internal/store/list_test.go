package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

// listed is what a list shows of a persona, as the tests keep it.
type listed struct {
	id               persona.ID
	name             string
	created, updated time.Time
}

func (l listed) compare(o listed, f persona.OrderField) int {
	c := 0
	switch f {
	case persona.OrderCreatedAt:
		c = l.created.Compare(o.created)
	case persona.OrderUpdatedAt:
		c = l.updated.Compare(o.updated)
	case persona.OrderName:
		c = strings.Compare(persona.FacetKey(l.name), persona.FacetKey(o.name))
	}
	if c == 0 {
		c = strings.Compare(l.id.String(), o.id.String())
	}
	return c
}

func drawListed(rt *rapid.T) listed {
	// Few values, so that many are equal; microseconds with and without trailing zeros.
	at := rapid.SampledFrom([]time.Duration{0, 1, 10, 207, 410_207, 411_000, 1_000_000})
	return listed{
		id:      persona.NewID(),
		name:    rapid.SampledFrom([]string{"", "Ada", "ada ", "Ädä", "Zoë", "李小龍", "a", "Émile"}).Draw(rt, "name"),
		created: epoch.Add(at.Draw(rt, "created") * time.Microsecond),
		updated: epoch.Add(at.Draw(rt, "updated") * time.Microsecond),
	}
}

func (l listed) insert(ctx context.Context, s *store.Store) error {
	return s.Write(ctx, func(tx persona.Tx) error {
		p := &persona.Persona{ID: l.id, Status: persona.StatusPending, CreatedAt: l.created, UpdatedAt: l.updated}
		if l.name != "" {
			p.Name = &l.name
		}
		return tx.InsertPersona(ctx, p)
	})
}

func TestPagesHoldEveryPersonaOnceInOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		round := 0
		rapid.Check(t, func(rt *rapid.T) {
			round++
			ctx := storetest.Context(t, fmt.Sprintf("w%d", round))
			var want []listed
			for range rapid.IntRange(0, 12).Draw(rt, "personas") {
				l := drawListed(rt)
				require.NoError(rt, l.insert(ctx, s))
				want = append(want, l)
			}
			order := persona.Order{
				Field:     rapid.SampledFrom([]persona.OrderField{persona.OrderCreatedAt, persona.OrderUpdatedAt, persona.OrderName}).Draw(rt, "by"),
				Direction: rapid.SampledFrom([]persona.Direction{persona.Asc, persona.Desc}).Draw(rt, "direction"),
			}
			sign := 1
			if order.Direction == persona.Desc {
				sign = -1
			}
			inOrder := func(a, b listed) int { return sign * a.compare(b, order.Field) }
			slices.SortFunc(want, inOrder)
			size, backward := rapid.IntRange(1, 5).Draw(rt, "size"), rapid.Bool().Draw(rt, "backward")
			where := rapid.SampledFrom([]*persona.Where{nil, {StatusIn: []persona.Status{persona.StatusPending}}}).Draw(rt, "where")

			var got []persona.ID
			args := persona.ListArgs{Order: order, Where: where}
			touched := map[persona.ID]bool{}
			var last *persona.ID
			for {
				if args.First, args.Last = &size, nil; backward {
					args.First, args.Last = nil, &size
				}
				page, err := s.List(ctx, args)
				require.NoError(rt, err)
				require.LessOrEqual(rt, len(page.Edges), size)
				ids := make([]persona.ID, len(page.Edges))
				for i, e := range page.Edges {
					ids[i] = e.Node.ID
				}
				more := page.PageInfo.HasNextPage
				if backward {
					got, more = append(ids, got...), page.PageInfo.HasPreviousPage
					args.Before = page.PageInfo.StartCursor
				} else {
					got = append(got, ids...)
					args.After = page.PageInfo.EndCursor
				}
				if !more {
					break
				}
				last = &ids[0]
				// Others write while the client turns the pages.
				if rapid.Bool().Draw(rt, "insert") {
					l := drawListed(rt)
					touched[l.id] = true
					require.NoError(rt, l.insert(ctx, s))
				}
				if rapid.Bool().Draw(rt, "delete the cursor's persona") {
					touched[*last] = true
					_ = s.Write(ctx, func(tx persona.Tx) error { return tx.DeletePersona(ctx, *last) })
				}
			}
			var untouched, expected []persona.ID
			for _, id := range got {
				if !touched[id] {
					untouched = append(untouched, id)
				}
			}
			for _, l := range want {
				if !touched[l.id] {
					expected = append(expected, l.id)
				}
			}
			require.Equal(rt, expected, untouched)
		})
	})
}

func TestListFilters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		add := func(name, role, location string, age time.Duration, tags ...string) persona.ID {
			m := newSample(name, name+" lives in "+location, age)
			m.persona.Role, m.persona.Location, m.persona.Tags = &role, &location, tags
			m.facets = append(m.facets, persona.Facet{Kind: persona.FacetRole, Key: persona.FacetKey(role), Value: role})
			if name == "Bo" {
				m.facets = []persona.Facet{{Kind: persona.FacetSkill, Key: "c++", Value: "C++"}}
			}
			return m.create(t, ctx, s).finish(t, ctx, s).persona.ID
		}
		ada := add("Ada Lovelace", "Engineer", "London", 0, "vip", "UK")
		bo := add("Bo", "100% Designer_", "Łódź, Poland", time.Hour, "vip")
		cy := add("Ada Cy", "Senior Engineer", "New York", 2*time.Hour)
		pending := newSample("Dee", "Dee", 3*time.Hour)
		pending.persona.Tags = []string{"VIP"}
		dee := pending.create(t, ctx, s).persona.ID

		eq := func(s string) *persona.StringFilter { return &persona.StringFilter{Eq: &s} }
		contains := func(s string) *persona.StringFilter { return &persona.StringFilter{Contains: &s} }
		starts := func(s string) *persona.StringFilter { return &persona.StringFilter{StartsWith: &s} }
		for name, c := range map[string]struct {
			where persona.Where
			want  []persona.ID
		}{
			"nothing asked":                     {persona.Where{}, []persona.ID{ada, bo, cy, dee}},
			"one status":                        {persona.Where{StatusIn: []persona.Status{persona.StatusPending}}, []persona.ID{dee}},
			"statuses":                          {persona.Where{StatusIn: []persona.Status{persona.StatusPending, persona.StatusReady}}, []persona.ID{ada, bo, cy, dee}},
			"name equals, normalised":           {persona.Where{Name: eq("  ada   LOVELACE ")}, []persona.ID{ada}},
			"name starts":                       {persona.Where{Name: starts("ADA")}, []persona.ID{ada, cy}},
			"name contains":                     {persona.Where{Name: contains("love")}, []persona.ID{ada}},
			"role contains":                     {persona.Where{Role: contains("engineer")}, []persona.ID{ada, cy}},
			"role contains wildcards literally": {persona.Where{Role: contains("_")}, nil},
			"location contains other scripts":   {persona.Where{Location: contains("łódź")}, []persona.ID{bo}},
			"location starts":                   {persona.Where{Location: starts("new")}, []persona.ID{cy}},
			"one tag, also before a version":    {persona.Where{TagsAll: []string{"vip"}}, []persona.ID{ada, bo, dee}},
			"all tags":                          {persona.Where{TagsAll: []string{"vip", "uk"}}, []persona.ID{ada}},
			"skill":                             {persona.Where{Skill: ptr("GO")}, []persona.ID{ada, cy}},
			"skill with signs":                  {persona.Where{Skill: ptr("c++")}, []persona.ID{bo}},
			"employer":                          {persona.Where{Employer: ptr("ACME")}, []persona.ID{ada, cy}},
			"created from":                      {persona.Where{CreatedAt: &persona.TimeRange{From: ptr(epoch.Add(time.Hour))}}, []persona.ID{bo, cy, dee}},
			"created before":                    {persona.Where{CreatedAt: &persona.TimeRange{To: ptr(epoch.Add(time.Hour))}}, []persona.ID{ada}},
			"in another zone":                   {persona.Where{CreatedAt: &persona.TimeRange{To: ptr(epoch.Add(time.Hour).In(time.FixedZone("", -7*3600)))}}, []persona.ID{ada}},
			"updated between":                   {persona.Where{UpdatedAt: &persona.TimeRange{From: ptr(epoch.Add(time.Hour)), To: ptr(epoch.Add(2 * time.Hour))}}, []persona.ID{bo}},
			"everything at once": {persona.Where{StatusIn: []persona.Status{persona.StatusReady}, Name: starts("ada"), Role: contains("eng"), Location: eq("london"),
				TagsAll: []string{"vip"}, Skill: ptr("go"), Employer: ptr("acme"), CreatedAt: &persona.TimeRange{From: &epoch}}, []persona.ID{ada}},
			"nobody":                      {persona.Where{Name: eq("nobody")}, nil},
			"a quote and a question mark": {persona.Where{Name: contains(`o'"?ws`), Skill: ptr("?0")}, nil},
		} {
			page, err := s.List(ctx, persona.ListArgs{Where: &c.where, Order: persona.Order{Field: persona.OrderCreatedAt, Direction: persona.Asc}})
			require.NoError(t, err, name)
			var got []persona.ID
			for _, p := range page.Nodes() {
				got = append(got, p.ID)
			}
			require.Equal(t, c.want, got, name)
			n, err := s.CountPersonas(ctx, &c.where)
			require.NoError(t, err, name)
			require.Equal(t, persona.Count{Value: len(c.want), Exact: true}, n, name)
		}
	})
}

func TestAFilterThatContradictsItselfIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		for name, where := range map[string]*persona.Where{
			"nothing": {Name: &persona.StringFilter{}},
			"two":     {Role: &persona.StringFilter{Eq: ptr("a"), Contains: ptr("b")}},
		} {
			_, err := s.List(ctx, persona.ListArgs{Where: where})
			require.Equal(t, persona.CodeInvalid, persona.CodeOf(err), name)
			_, err = s.CountPersonas(ctx, where)
			require.Equal(t, persona.CodeInvalid, persona.CodeOf(err), name)
			_, err = s.Search(ctx, persona.SearchArgs{Query: "word", Where: where})
			require.Equal(t, persona.CodeInvalid, persona.CodeOf(err), name)
			_, err = s.CountMatches(ctx, "word", where)
			require.Equal(t, persona.CodeInvalid, persona.CodeOf(err), name)
		}
	})
}

func TestListRefusesForeignCursors(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		for name, c := range map[string]persona.Cursor{
			"another order": {Order: "NAME ASC", Key: "a", ID: persona.NewID().String()},
			"no time":       {Order: "CREATED_AT DESC", Key: "yesterday", ID: persona.NewID().String()},
			"no id":         {Order: "CREATED_AT DESC", Key: "2026-01-01T00:00:00.000000Z", ID: "x'; DROP TABLE persona"},
		} {
			_, err := s.List(ctx, persona.ListArgs{PageArgs: persona.PageArgs{After: ptr(c.String())}})
			require.Equal(t, persona.CodeInvalid, persona.CodeOf(err), name)
		}
		page, err := s.List(ctx, persona.ListArgs{PageArgs: persona.PageArgs{First: ptr(0)}})
		require.NoError(t, err)
		require.Empty(t, page.Edges)
	})
}

// TestManyMatchesAreWalked crosses the bound up to which matches are collected and sorted.
func TestManyMatchesAreWalked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		const many, rare = 60, 7
		s.Bound(50)
		var ids []persona.ID
		write(t, ctx, s, func(tx persona.Tx) error {
			ids = nil
			for i := range many {
				p := &persona.Persona{ID: persona.NewID(), Status: persona.StatusPending, Tags: []string{"all"},
					CreatedAt: epoch.Add(time.Duration(i) * time.Second), UpdatedAt: epoch}
				if i < rare {
					p.Tags = append(p.Tags, "rare")
				}
				if err := tx.InsertPersona(ctx, p); err != nil {
					return err
				}
				ids = append(ids, p.ID)
			}
			return nil
		})
		slices.Reverse(ids)
		for tag, want := range map[string][]persona.ID{"all": ids, "rare": ids[many-rare:]} {
			args := persona.ListArgs{Where: &persona.Where{TagsAll: []string{tag}}, PageArgs: persona.PageArgs{First: ptr(5)}}
			var got []persona.ID
			for range 3 {
				page, err := s.List(ctx, args)
				require.NoError(t, err)
				for _, p := range page.Nodes() {
					got = append(got, p.ID)
				}
				args.After = page.PageInfo.EndCursor
			}
			require.Equal(t, want[:min(15, len(want))], got, tag)
			n, err := s.CountPersonas(ctx, args.Where)
			require.NoError(t, err)
			require.Equal(t, persona.Count{Value: len(want), Exact: true}, n)
		}
	})
}
