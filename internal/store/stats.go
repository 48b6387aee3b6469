package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/persona-api/persona-api/internal/persona"
)

// maxDays is how far back CreatedPerDay goes at most.
const maxDays = 3660

// maxBuckets is how many values a list of the most frequent has.
const maxBuckets = 10

const dayLayout = "2006-01-02"

// facetKinds are the kinds with a list of the most frequent.
var facetKinds = []string{persona.FacetRole, persona.FacetLocation, persona.FacetSkill, persona.FacetTag}

type countRow struct {
	Kind, Key string
	N         int64
}

type labelRow struct {
	Kind, Key, Label string
	N                int
}

// Stats implements persona.Reader. Without a range all counts come from the
// rollups; with one, from the personas created in it.
func (s *Store) Stats(ctx context.Context, args persona.StatsArgs) (*persona.Stats, error) {
	if args.Days < 0 || args.Days > maxDays {
		return nil, persona.Invalid("days", "must be from 0 to %d", maxDays)
	}
	q := s.read(ctx)
	asOf := time.Now().UTC().Truncate(time.Microsecond)

	counts := frag("SELECT kind, key, sum(n) AS n FROM rollup WHERE workspace_id = ?ws AND kind IN ('status', 'day', 'source', 'claim', 'run') GROUP BY kind, key")
	facets := frag("SELECT kind, key, sum(n) AS n FROM rollup WHERE workspace_id = ?ws AND kind IN (?) GROUP BY kind, key", bun.List(facetKinds))
	created := frag("p.workspace_id = ?ws")
	last := asOf
	if r := args.CreatedAt; r != nil && (r.From != nil || r.To != nil) {
		var err error
		if created, _, err = q.filter(&persona.Where{CreatedAt: r}); err != nil {
			return nil, err
		}
		if r.To != nil && r.To.Before(last) {
			last = r.To.UTC().Add(-time.Microsecond)
		}
		counts = frag(`
			SELECT 'status' AS kind, p.status AS key, count(*) AS n FROM persona p WHERE ?0 GROUP BY p.status
			UNION ALL SELECT 'day', ?1, count(*) FROM persona p WHERE ?0 GROUP BY ?1
			UNION ALL SELECT 'source', '', count(*) FROM persona p JOIN source s ON s.workspace_id = ?ws AND s.persona_id = p.id WHERE ?0
			UNION ALL SELECT 'claim', '', count(*) FROM persona p JOIN claim c ON c.workspace_id = ?ws AND c.persona_id = p.id WHERE ?0
			UNION ALL SELECT 'run', k.key, sum(CASE k.key
					WHEN 'proposed' THEN r.claims_proposed WHEN 'proven' THEN r.claims_proven
					WHEN 'input' THEN r.input_tokens WHEN 'output' THEN r.output_tokens WHEN 'cost' THEN r.cost_micros
					WHEN 'done' THEN CASE WHEN r.stage = 'DONE' THEN 1 ELSE 0 END
					WHEN 'ms' THEN CASE WHEN r.stage = 'DONE' THEN coalesce(?2, 0) ELSE 0 END END)
				FROM persona p JOIN run r ON r.workspace_id = ?ws AND r.persona_id = p.id
				CROSS JOIN (SELECT 'proposed' AS key UNION ALL SELECT 'proven' UNION ALL SELECT 'input' UNION ALL SELECT 'output'
					UNION ALL SELECT 'cost' UNION ALL SELECT 'done' UNION ALL SELECT 'ms') AS k
				WHERE ?0 GROUP BY k.key`, created, bun.Safe(s.d.day), bun.Safe(s.d.millis))
		facets = frag(`SELECT f.kind, f.key, count(*) AS n FROM persona p JOIN facet f ON f.workspace_id = ?ws AND f.persona_id = p.id
			WHERE ? AND f.kind IN (?) GROUP BY f.kind, f.key`, created, bun.List(facetKinds))
	}

	out := &persona.Stats{AsOf: asOf, ByStatus: []persona.Bucket{}}
	var rows []countRow
	if err := q.NewRaw("SELECT kind, key, CAST(n AS bigint) AS n FROM (?) AS x ORDER BY n DESC, key", counts).Scan(ctx, &rows); err != nil {
		return nil, translate(ctx, err)
	}
	days, run := map[string]int{}, map[string]int64{}
	for _, r := range rows {
		if r.N <= 0 {
			continue
		}
		switch r.Kind {
		case "status":
			out.Total += int(r.N)
			out.ByStatus = append(out.ByStatus, persona.Bucket{Key: r.Key, Count: int(r.N)})
		case "day":
			days[r.Key] = int(r.N)
		case "source":
			out.Sources = int(r.N)
		case "claim":
			out.Claims = int(r.N)
		case "run":
			run[r.Key] = r.N
		}
	}
	out.DaysActive = len(days)
	out.CreatedPerDay = make([]persona.DayCount, args.Days)
	for i := range out.CreatedPerDay {
		day := last.AddDate(0, 0, i+1-args.Days).Format(dayLayout)
		out.CreatedPerDay[i] = persona.DayCount{Date: day, Count: days[day]}
	}
	if run["proposed"] > 0 {
		out.ProvenRatio = float64(run["proven"]) / float64(run["proposed"])
	}
	out.InputTokens, out.OutputTokens = run["input"], run["output"]
	if run["input"]+run["output"]+run["cost"] > 0 {
		usd := float64(run["cost"]) / 1e6
		out.CostUsd = &usd
	}
	if run["done"] > 0 {
		ms := float64(run["ms"]) / float64(run["done"])
		out.AverageSynthesisMs = &ms
	}
	if err := q.top(ctx, facets, out); err != nil {
		return nil, err
	}
	return out, q.span(ctx, created, out)
}

// top fills in the most frequent values, spelled as the persona has them that was created first.
func (q scope) top(ctx context.Context, facets fragment, out *persona.Stats) error {
	var rows []labelRow
	err := q.NewRaw(`
		SELECT x.kind, x.key, x.n, coalesce((SELECT f.value FROM facet f
			WHERE f.workspace_id = ?ws AND f.kind = x.kind AND f.key = x.key ORDER BY f.persona_id LIMIT 1), x.key) AS label
		FROM (SELECT x.*, row_number() OVER (PARTITION BY x.kind ORDER BY x.n DESC, x.key) AS place FROM (?) AS x WHERE x.n > 0) AS x
		WHERE x.place <= ? ORDER BY x.kind, x.place`, facets, maxBuckets).Scan(ctx, &rows)
	if err != nil {
		return translate(ctx, err)
	}
	of := map[string][]persona.Bucket{}
	for _, r := range rows {
		of[r.Kind] = append(of[r.Kind], persona.Bucket{Key: r.Label, Count: r.N})
	}
	list := func(kind string) []persona.Bucket { return append([]persona.Bucket{}, of[kind]...) }
	out.TopRoles, out.TopLocations = list(persona.FacetRole), list(persona.FacetLocation)
	out.TopSkills, out.TopTags = list(persona.FacetSkill), list(persona.FacetTag)
	return nil
}

// span fills in when the first and the last persona were created, by the ends of the date index.
func (q scope) span(ctx context.Context, created fragment, out *persona.Stats) error {
	var ends []personaRow
	err := q.NewRaw(`
		SELECT * FROM (SELECT p.id, p.created_at FROM persona p WHERE ?0 ORDER BY p.created_at, p.id LIMIT 1) AS a
		UNION ALL
		SELECT * FROM (SELECT p.id, p.created_at FROM persona p WHERE ?0 ORDER BY p.created_at DESC, p.id DESC LIMIT 1) AS b`, created).Scan(ctx, &ends)
	if err != nil || len(ends) < 2 {
		return translate(ctx, err)
	}
	first, last := ends[0].CreatedAt, ends[1].CreatedAt
	if last.Before(first) { // the parts of a union have no order of their own
		first, last = last, first
	}
	out.OldestCreatedAt, out.NewestCreatedAt = &first, &last
	return nil
}
