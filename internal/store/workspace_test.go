package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

// TestNoWorkspaceSeesAnothers lets 16 callers of 4 workspaces share 4 connections.
// Each persona is named after its workspace; "shared" is a word of all of them.
func TestNoWorkspaceSeesAnothers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const callers, workspaces, actions = 16, 4, 5000
		var mu sync.Mutex
		of := map[string][]*sample{}
		for w := range workspaces {
			ws := fmt.Sprint("ws", w)
			of[ws] = []*sample{ready(t, storetest.Context(t, ws), s, ws+" first", "shared words of "+ws, 0)}
		}
		// some returns a persona of the workspace, and one of another.
		some := func(ws string) (mine, theirs *sample) {
			mu.Lock()
			defer mu.Unlock()
			mine = of[ws][rand.IntN(len(of[ws]))]
			for other, ms := range of {
				if other != ws {
					return mine, ms[rand.IntN(len(ms))]
				}
			}
			return mine, nil
		}
		few := persona.PageArgs{First: ptr(5)}
		var g errgroup.Group
		for c := range callers {
			ws := fmt.Sprint("ws", c%workspaces)
			ctx := storetest.Context(t, ws)
			own := func(p *persona.Persona) error {
				if p.Name == nil || (*p.Name)[:3] != ws {
					return fmt.Errorf("%s sees %v", ws, p.Name)
				}
				return nil
			}
			g.Go(func() error {
				for i := range actions / callers {
					mine, theirs := some(ws)
					switch i % 16 {
					case 0, 8:
						m := newSample(fmt.Sprintf("%s %d %d", ws, c, i), fmt.Sprintf("shared %s %d %d", ws, c, i), time.Duration(i))
						m.persona.Tags = []string{ws}
						err := s.Write(ctx, func(tx persona.Tx) error {
							if err := tx.InsertPersona(ctx, m.persona); err != nil {
								return err
							}
							if err := tx.InsertSources(ctx, []*persona.Source{m.source}); err != nil {
								return err
							}
							m.persona.VersionNumber = 1
							return tx.SaveVersion(ctx, m.persona, &persona.Version{PersonaID: m.persona.ID, Number: 1, CreatedAt: epoch}, m.facets, m.body)
						})
						if err != nil {
							return err
						}
						mu.Lock()
						of[ws] = append(of[ws], m)
						mu.Unlock()
					case 1, 9:
						page, err := s.List(ctx, persona.ListArgs{PageArgs: few})
						if err != nil {
							return err
						}
						for _, p := range page.Nodes() {
							if err := own(p); err != nil {
								return err
							}
						}
					case 2:
						page, err := s.Search(ctx, persona.SearchArgs{Query: "shared words", PageArgs: few})
						if err != nil {
							return err
						}
						if len(page.Edges) == 0 {
							return fmt.Errorf("%s finds nothing", ws)
						}
						for _, h := range page.Nodes() {
							if err := own(h.Persona); err != nil {
								return err
							}
						}
					case 3, 10, 11:
						ps, err := s.Personas(ctx, []persona.ID{mine.persona.ID, theirs.persona.ID}, persona.Columns{Profile: true})
						if err != nil {
							return err
						}
						if ps[0] == nil || ps[1] != nil {
							return fmt.Errorf("%s: own %v, other's %v", ws, ps[0], ps[1])
						}
					case 4, 12, 13:
						cs, err := s.SourcesOf(ctx, []persona.ID{mine.persona.ID, theirs.persona.ID}, persona.PageArgs{}, true)
						if err != nil {
							return err
						}
						if len(cs[0].Edges) != 1 || len(cs[1].Edges) != 0 {
							return fmt.Errorf("%s: own sources %d, other's %d", ws, len(cs[0].Edges), len(cs[1].Edges))
						}
					case 5, 14:
						err := s.Write(ctx, func(tx persona.Tx) error { return tx.DeletePersona(ctx, theirs.persona.ID) })
						if persona.CodeOf(err) != persona.CodeNotFound {
							return fmt.Errorf("%s deletes another's: %w", ws, err)
						}
					case 6:
						n, err := s.CountPersonas(ctx, &persona.Where{TagsAll: []string{fmt.Sprint("ws", (c+1)%workspaces)}})
						if err != nil || n.Value != 0 {
							return fmt.Errorf("%s counts %d of another's: %w", ws, n.Value, err)
						}
					case 7, 15:
						if s.Pool() == nil {
							continue
						}
						// A statement that forgot its workspace.
						var n int
						err := s.Pool().QueryRow(ctx, "SELECT count(*) FROM persona WHERE workspace_id <> $1", ws).Scan(&n)
						if err != nil || n != 0 {
							return fmt.Errorf("%s sees %d rows of others: %w", ws, n, err)
						}
					}
				}
				return nil
			})
		}
		require.NoError(t, g.Wait())
		for ws := range of {
			ctx := storetest.Context(t, ws)
			n, err := s.CountPersonas(ctx, nil)
			require.NoError(t, err)
			require.Equal(t, len(of[ws]), n.Value)
			requireRollups(t, ctx, s)
		}
	}, func(o *store.Options) { o.MaxConns = 4 })
}

func TestWithoutAWorkspaceThereIsNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m := ready(t, storetest.Context(t, "default"), s, "Ada", "Ada", 0)
		ctx := t.Context() // no caller
		_, err := s.Persona(ctx, m.persona.ID, persona.Columns{})
		require.Equal(t, persona.CodeNotFound, persona.CodeOf(err))
		page, err := s.List(ctx, persona.ListArgs{})
		require.NoError(t, err)
		require.Empty(t, page.Edges)
		hits, err := s.Search(ctx, persona.SearchArgs{Query: "Ada"})
		require.NoError(t, err)
		require.Empty(t, hits.Edges)
		stats, err := s.Stats(ctx, persona.StatsArgs{})
		require.NoError(t, err)
		require.Zero(t, stats.Total+stats.Sources+stats.Claims)
		err = s.Write(ctx, func(persona.Tx) error { t.Error("must not run"); return nil })
		require.Equal(t, persona.CodeForbidden, persona.CodeOf(err))
	})
}

func TestNothingHangsOnAnotherWorkspacesRow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		theirs := newSample("Ada", "Ada", 0).create(t, storetest.Context(t, "theirs"), s)
		ctx := storetest.Context(t, "mine")
		mine := newSample("Bo", "Bo", 0)
		mine.source.PersonaID, mine.run.PersonaID = theirs.persona.ID, theirs.persona.ID
		for _, f := range []func(persona.Tx) error{
			func(tx persona.Tx) error { return tx.InsertSources(ctx, []*persona.Source{mine.source}) },
			func(tx persona.Tx) error { return tx.InsertRun(ctx, mine.run) },
			func(tx persona.Tx) error { _, err := tx.LockPersona(ctx, theirs.persona.ID); return err },
			func(tx persona.Tx) error { _, err := tx.LockRun(ctx, theirs.run.ID); return err },
			func(tx persona.Tx) error { return tx.UpdateRun(ctx, theirs.run) },
			func(tx persona.Tx) error { return tx.SetStatus(ctx, theirs.persona.ID, persona.StatusReady, epoch) },
			func(tx persona.Tx) error {
				return tx.SaveVersion(ctx, theirs.persona, &persona.Version{PersonaID: theirs.persona.ID, Number: 1}, nil, "")
			},
		} {
			require.Equal(t, persona.CodeNotFound, persona.CodeOf(s.Write(ctx, f)))
		}
		got, err := s.Persona(storetest.Context(t, "theirs"), theirs.persona.ID, persona.Columns{})
		require.NoError(t, err)
		require.Equal(t, persona.StatusPending, got.Status)
	})
}

// TestOneIDInTwoWorkspaces is what an import of another workspace's export can make.
func TestOneIDInTwoWorkspaces(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		a := newSample("Ada of a", "weaving in a", 0)
		b := *a
		twin := *a.persona
		twin.Name, b.persona = ptr("Bea of b"), &twin
		b.claims = append([]persona.Claim{}, a.claims...)
		run, source := *a.run, *a.source
		b.run, b.source, b.body = &run, &source, "spinning in b"
		a.create(t, storetest.Context(t, "a"), s).finish(t, storetest.Context(t, "a"), s)
		b.create(t, storetest.Context(t, "b"), s).finish(t, storetest.Context(t, "b"), s)
		for ws, name := range map[string]string{"a": "Ada of a", "b": "Bea of b"} {
			ctx := storetest.Context(t, ws)
			for _, order := range []persona.SearchOrder{persona.SearchRelevance, persona.SearchNewest} {
				for _, query := range []string{"weaving", name[:3], name} {
					c, err := s.Search(ctx, persona.SearchArgs{Query: query, Order: order})
					require.NoError(t, err)
					require.Len(t, c.Edges, 1, query)
					require.Equal(t, name, *c.Nodes()[0].Name)
				}
			}
			l, err := s.List(ctx, persona.ListArgs{Where: &persona.Where{Name: &persona.StringFilter{Contains: ptr("of ")}}})
			require.NoError(t, err)
			require.Len(t, l.Edges, 1)
			cs, err := s.ClaimsOf(ctx, []persona.ID{a.persona.ID}, nil, persona.PageArgs{})
			require.NoError(t, err)
			require.Len(t, cs[0].Edges, 4)
		}
		c, err := s.Search(storetest.Context(t, "a"), persona.SearchArgs{Query: "spinning Bea"})
		require.NoError(t, err)
		require.Empty(t, c.Edges)
		write(t, storetest.Context(t, "b"), s, func(tx persona.Tx) error {
			return tx.DeletePersona(storetest.Context(t, "b"), b.persona.ID)
		})
		_, err = s.Persona(storetest.Context(t, "a"), a.persona.ID, persona.Columns{})
		require.NoError(t, err)
	})
}

// TestRowLevelSecurity looks past the store: at what a statement without any
// condition sees, and at which tables are protected.
func TestRowLevelSecurity(t *testing.T) {
	s := storetest.Open(t, storetest.Postgres(t))
	for _, ws := range []string{"a", "b"} {
		m := newSample("Ada "+ws, "Ada knows Go "+ws, 0)
		m.persona.Tags = []string{ws}
		m.create(t, storetest.Context(t, ws), s).finish(t, storetest.Context(t, ws), s)
		write(t, storetest.Context(t, ws), s, func(tx persona.Tx) error {
			ok, err := tx.Spend(t.Context(), "2026-11-23", 1, 10)
			require.True(t, ok)
			return err
		})
	}
	rows := func(ctx context.Context, query string) []string {
		r, err := s.Pool().Query(ctx, query)
		require.NoError(t, err)
		out, err := pgx.CollectRows(r, pgx.RowTo[string])
		require.NoError(t, err)
		return out
	}
	tables := rows(t.Context(), `SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
		WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1`)
	require.Contains(t, tables, "persona")
	require.Len(t, tables, 11)
	for _, table := range tables {
		for ws, want := range map[string][]string{"a": {"a"}, "b": {"b"}, "c": nil} {
			if table == "search" { // its reason is told where the policies are made
				want = []string{"a", "b"}
			}
			require.ElementsMatch(t, want, rows(storetest.Context(t, ws), "SELECT DISTINCT workspace_id FROM "+table), "%s sees of %s", ws, table)
		}
		if table != "search" {
			require.Empty(t, rows(t.Context(), "SELECT workspace_id FROM "+table), "nobody sees of %s", table)
			_, err := s.Pool().Exec(storetest.Context(t, "c"), "UPDATE "+table+" SET workspace_id = 'c'")
			require.NoError(t, err)
			_, err = s.Pool().Exec(storetest.Context(t, "c"), "DELETE FROM "+table)
			require.NoError(t, err)
		}
	}
	for _, ws := range []string{"a", "b"} {
		n, err := s.CountPersonas(storetest.Context(t, ws), nil)
		require.NoError(t, err)
		require.Equal(t, 1, n.Value)
	}
	_, err := s.Pool().Exec(storetest.Context(t, "a"), "UPDATE rollup SET workspace_id = 'b'")
	require.ErrorContains(t, err, "row-level security")
}
