package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

// TestPlansUseIndexes lets PostgreSQL explain what the store asks, behind
// row-level security, of a table large enough that reading all of it is a mistake.
func TestPlansUseIndexes(t *testing.T) {
	s := storetest.Open(t, storetest.Postgres(t))
	ctx := storetest.Context(t, "default")
	for _, statement := range []string{
		`INSERT INTO persona (workspace_id, id, status, name, role, location, name_key, role_key, location_key, tags, version_number, hash, created_at, updated_at)
			SELECT 'default', ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, CASE WHEN i % 2500 = 0 THEN 'FAILED' ELSE 'READY' END,
				'Name ' || i, 'Role ' || i % 100, 'Place ' || i % 1000, 'name ' || i || ' ' || md5(i::text), 'role ' || i % 100, 'place ' || md5((i % 1000)::text), '[]', 1, '',
				timestamptz '2026-01-01' + i * interval '1 minute', timestamptz '2026-01-01' + (i * 7919 % 10000) * interval '1 minute'
			FROM generate_series(1, 10000) i`,
		`INSERT INTO facet SELECT workspace_id, id, 'SKILL', CASE WHEN created_at < '2026-01-01 00:04' THEN 'rare' ELSE 'common' END, 'x' FROM persona`,
		`INSERT INTO source (workspace_id, id, persona_id, kind, status, text, sha256, created_at)
			SELECT workspace_id, id, id, 'TEXT', 'READ', 'text', 'x', created_at FROM persona`,
		`INSERT INTO run SELECT workspace_id, id, id, 'builtin', NULL, '', 'DONE', 1, NULL, 1, 0, 0, 0, 0, 0, created_at, created_at, created_at FROM persona`,
		`INSERT INTO claim SELECT workspace_id, id, id, id, id, NULL, 'ASSERT', 'name', '', '', NULL, 'STATED', 0, 0, 0, '', '', '', created_at FROM persona`,
		`INSERT INTO cites SELECT workspace_id, id, id FROM persona`,
		`INSERT INTO member SELECT workspace_id, id, id, 1 FROM persona`,
		`INSERT INTO version SELECT workspace_id, id, 1, 'CREATED', '', '', false, created_at FROM persona`,
		`INSERT INTO search SELECT workspace_id, id, persona_words(workspace_id, name,
				CASE WHEN created_at < '2026-01-01 00:04' THEN 'rare' WHEN created_at < '2026-01-01 12:00' THEN 'medium' ELSE 'common' END || ' ' ||
					(SELECT string_agg('w' || (j * length(name) * 7919 + extract(minute FROM created_at)::int * 31) % 5003, ' ') FROM generate_series(1, 40) j)), name_key, role_key, location_key
			FROM persona`,
		`ANALYZE`,
	} {
		_, err := s.Pool().Exec(ctx, "SET statement_timeout = 0; "+statement)
		require.NoError(t, err, statement)
	}
	// Parts of a name and of a place, as the rows above have them.
	part, place := one[string](t, s, "SELECT substr(md5('9999'), 1, 8)"), one[string](t, s, "SELECT md5('777')")
	var statements []string
	s.Capture(func(q string) { statements = append(statements, q) })

	first, err := s.List(ctx, persona.ListArgs{PageArgs: persona.PageArgs{First: ptr(10)}})
	require.NoError(t, err)
	byName, err := s.List(ctx, persona.ListArgs{PageArgs: persona.PageArgs{First: ptr(10)}, Order: persona.Order{Field: persona.OrderName}})
	require.NoError(t, err)
	ids := make([]persona.ID, len(first.Edges))
	var claims []persona.ClaimID
	for i, p := range first.Nodes() {
		ids[i] = p.ID
		var c persona.ClaimID
		c.UUID = p.ID.UUID
		claims = append(claims, c)
	}
	list := func(w *persona.Where, a persona.PageArgs, o persona.Order) func() error {
		return func() error {
			_, err := s.List(ctx, persona.ListArgs{PageArgs: a, Where: w, Order: o, Columns: persona.Columns{Profile: true}})
			return err
		}
	}
	search := func(query string, order persona.SearchOrder, w *persona.Where) func() error {
		return func() error {
			_, err := s.Search(ctx, persona.SearchArgs{Query: query, Order: order, Where: w})
			return err
		}
	}
	none, newest := persona.PageArgs{}, persona.Order{}
	for name, c := range map[string]struct {
		do    func() error
		index []string // that the plan must use
	}{
		"get":                            {func() error { _, err := s.Persona(ctx, ids[0], persona.Columns{}); return err }, []string{"persona_pkey"}},
		"first page":                     {list(nil, none, newest), []string{"persona_created"}},
		"next page":                      {list(nil, persona.PageArgs{After: first.PageInfo.EndCursor}, newest), []string{"persona_created"}},
		"page before":                    {list(nil, persona.PageArgs{Last: ptr(5), Before: first.PageInfo.EndCursor}, newest), []string{"persona_created"}},
		"by update":                      {list(nil, none, persona.Order{Field: persona.OrderUpdatedAt, Direction: persona.Asc}), []string{"persona_updated"}},
		"by name, next page":             {list(nil, persona.PageArgs{After: byName.PageInfo.EndCursor}, persona.Order{Field: persona.OrderName}), []string{"persona_name"}},
		"a rare status":                  {list(&persona.Where{StatusIn: []persona.Status{persona.StatusFailed}}, none, newest), []string{"persona_status"}},
		"a rare skill":                   {list(&persona.Where{Skill: ptr("rare")}, none, newest), []string{"facet_key"}},
		"a name's beginning":             {list(&persona.Where{Name: &persona.StringFilter{StartsWith: ptr("name 999")}}, none, newest), []string{"persona_name"}},
		"a role":                         {list(&persona.Where{Role: &persona.StringFilter{Eq: ptr("role 7")}}, none, newest), []string{"persona_role"}},
		"a place":                        {list(&persona.Where{Location: &persona.StringFilter{Eq: ptr("place " + place)}}, none, newest), []string{"persona_location"}},
		"a part of a name":               {list(&persona.Where{Name: &persona.StringFilter{Contains: &part}}, none, newest), []string{"search_parts"}},
		"a part of a place":              {list(&persona.Where{Location: &persona.StringFilter{Contains: ptr(place[3:12])}}, none, newest), []string{"search_parts"}},
		"days":                           {list(&persona.Where{CreatedAt: &persona.TimeRange{To: ptr(time.Date(2026, 1, 1, 1, 0, 0, 0, time.UTC))}}, none, newest), []string{"persona_created"}},
		"a rare word":                    {search("rare", persona.SearchRelevance, nil), []string{"search_words", "persona_pkey"}},
		"a medium word":                  {search("medium", persona.SearchRelevance, nil), []string{"search_words"}},
		"some words":                     {search("rare unheard words", persona.SearchRelevance, nil), []string{"search_words"}},
		"a rare word by date":            {search("rare", persona.SearchNewest, nil), []string{"search_words"}},
		"a rare word, filtered":          {search("rare", persona.SearchNewest, &persona.Where{Skill: ptr("rare")}), []string{"facet_key"}},
		"a rare word, of a common skill": {search("rare", persona.SearchRelevance, &persona.Where{Skill: ptr("common")}), []string{"search_words"}},
		"a rare word, a part of a place": {search("rare", persona.SearchRelevance, &persona.Where{Location: &persona.StringFilter{Contains: ptr(place[3:12])}}), []string{"search_parts"}},
		"a part of a word":               {search(part[1:], persona.SearchRelevance, nil), []string{"search_words", "search_parts"}},
		"matches":                        {func() error { _, err := s.CountMatches(ctx, "rare", nil); return err }, []string{"search_words"}},
		"count":                          {func() error { _, err := s.CountPersonas(ctx, &persona.Where{Skill: ptr("rare")}); return err }, []string{"facet_key"}},
		"sources of a page":              {func() error { _, err := s.SourcesOf(ctx, ids, none, true); return err }, []string{"source_persona", "source_pkey"}},
		"claims of a page":               {func() error { _, err := s.ClaimsOf(ctx, ids, nil, none); return err }, []string{"member_pkey", "claim_pkey"}},
		"claims":                         {func() error { _, err := s.Claims(ctx, claims); return err }, []string{"claim_pkey"}},
		"runs of a page":                 {func() error { _, err := s.RunsOf(ctx, ids, none); return err }, []string{"run_persona"}},
		"versions of a page":             {func() error { _, err := s.VersionsOf(ctx, ids, none); return err }, []string{"version_pkey"}},
	} {
		t.Run(name, func(t *testing.T) {
			statements = nil
			require.NoError(t, c.do())
			require.Len(t, statements, 1)
			rows, err := s.Pool().Query(ctx, "EXPLAIN (COSTS OFF) "+statements[0])
			require.NoError(t, err)
			lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
			require.NoError(t, err)
			plan := strings.Join(lines, "\n")
			for _, table := range []string{"persona", "search", "source", "claim", "member", "run", "version"} {
				require.NotContains(t, plan, "Seq Scan on "+table, plan)
			}
			for _, index := range c.index {
				require.Contains(t, plan, " "+index, plan)
			}
		})
	}
}
