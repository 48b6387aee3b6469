package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/persona-api/persona-api/internal/persona"
)

// maxFew is how many matches of a filter are collected and sorted. Only when
// there are more, the order's index is walked: for a rare match the walk would
// read most of the table before it has found a page.
const maxFew = 2000

// maxCount is how far rows are counted one by one.
const maxCount = 10_000

// headColumns are the columns of a persona that every read needs.
const headColumns = `p.id, p.status, p.merged_into, p.name, p.role, p.location, p.summary, p.tags,
	p.version_number, p.hash, p.created_at, p.updated_at`

func columns(c persona.Columns) bun.Safe {
	s := headColumns
	if c.Profile {
		s += ", p.profile_json"
	}
	if c.Document {
		s += ", p.document_json"
	}
	return bun.Safe(s)
}

// Persona implements persona.Reader.
func (s *Store) Persona(ctx context.Context, id persona.ID, cols persona.Columns) (*persona.Persona, error) {
	ps, err := s.Personas(ctx, []persona.ID{id}, cols)
	if err != nil {
		return nil, err
	}
	if ps[0] == nil {
		return nil, persona.NotFound("persona")
	}
	return ps[0], nil
}

// Personas implements persona.Reader.
func (s *Store) Personas(ctx context.Context, ids []persona.ID, cols persona.Columns) ([]*persona.Persona, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []personaRow
	err := s.read(ctx).NewRaw("SELECT ? FROM persona p WHERE p.workspace_id = ?ws AND p.id IN (?)",
		columns(cols), bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, translate(ctx, err)
	}
	return align(ids, personas(rows), func(p *persona.Persona) persona.ID { return p.ID }), nil
}

func personas(rows []personaRow) []*persona.Persona {
	out := make([]*persona.Persona, len(rows))
	for i := range rows {
		out[i] = &rows[i].Persona
	}
	return out
}

// personaOrder returns the sort key of an order.
func personaOrder(o persona.Order) sortKey {
	k := sortKey{name: o.String(), desc: o.Direction == persona.Desc, time: true}
	switch o.Field {
	case persona.OrderUpdatedAt:
		k.column = "updated_at"
	case persona.OrderName:
		k.column, k.time = "name_key", false
	default:
		k.column = "created_at"
	}
	return k
}

// List implements persona.Reader.
func (s *Store) List(ctx context.Context, args persona.ListArgs) (*persona.Connection[*persona.Persona], error) {
	order := args.Order
	if order == (persona.Order{}) {
		order = persona.DefaultOrder()
	}
	k := personaOrder(order)
	w, err := k.window(args.PageArgs)
	if err != nil {
		return nil, err
	}
	q := s.read(ctx)
	filter, narrow, err := q.filter(args.Where)
	if err != nil {
		return nil, err
	}
	query := q.NewRaw("SELECT ? FROM persona p WHERE ? AND ? ORDER BY ? LIMIT ?",
		columns(args.Columns), filter, k.within(w, "p"), k.order(w, "p"), w.Limit+1)
	if narrow {
		query = q.NewRaw(`
			WITH few AS MATERIALIZED (SELECT p.id, p.?0 FROM persona p WHERE ?1 LIMIT ?2 + 1),
			many AS (SELECT count(*) > ?2 AS yes FROM few),
			page AS (
				SELECT * FROM (SELECT * FROM (
					SELECT f.id FROM few f WHERE ?3 ORDER BY ?4 LIMIT ?5
				) AS sorted LIMIT (SELECT CASE WHEN yes THEN 0 ELSE ?5 END FROM many)) AS a
				UNION ALL
				SELECT * FROM (SELECT * FROM (
					SELECT p.id FROM persona p WHERE ?1 AND ?6 ORDER BY ?7 LIMIT ?5
				) AS walked LIMIT (SELECT CASE WHEN yes THEN ?5 ELSE 0 END FROM many)) AS b
			)
			SELECT ?8 FROM page JOIN persona p ON p.workspace_id = ?ws AND p.id = page.id ORDER BY ?7`,
			bun.Safe(k.column), filter, q.few, k.within(w, "f"), k.order(w, "f"), w.Limit+1,
			k.within(w, "p"), k.order(w, "p"), columns(args.Columns))
	}
	var rows []personaRow
	if err := query.Scan(ctx, &rows); err != nil {
		return nil, translate(ctx, err)
	}
	return page(personas(rows), w, order.Cursor), nil
}

// CountPersonas implements persona.Reader.
func (s *Store) CountPersonas(ctx context.Context, where *persona.Where) (persona.Count, error) {
	q := s.read(ctx)
	filter, narrow, err := q.filter(where)
	if err != nil {
		return persona.Count{}, err
	}
	var n int
	if !narrow {
		err := q.NewRaw("SELECT coalesce(sum(n), 0) FROM rollup WHERE workspace_id = ?ws AND kind = 'status'").Scan(ctx, &n)
		return persona.Count{Value: n, Exact: true}, translate(ctx, err)
	}
	err = q.NewRaw("SELECT count(*) FROM (SELECT 1 FROM persona p WHERE ? LIMIT ?) AS x", filter, maxCount+1).Scan(ctx, &n)
	return persona.Count{Value: min(n, maxCount), Exact: n <= maxCount}, translate(ctx, err)
}
