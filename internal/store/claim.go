package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/persona-api/persona-api/internal/persona"
)

// claimColumns are the columns of a claim with its source's as_of and what it
// cites; c is the name the claim goes by.
func (q scope) claimColumns(c bun.Safe) fragment {
	return frag(`?0.id, ?0.persona_id, ?0.source_id, ?0.run_id, ?0.author, ?0.op, ?0.path, ?0.key, ?0.value, ?0.detail, ?0.basis,
		?0.confidence, ?0."start", ?0."end", ?0.quote, ?0.valid_from, ?0.valid_to, ?0.created_at,
		(SELECT s.as_of FROM source s WHERE s.workspace_id = ?0.workspace_id AND s.id = ?0.source_id) AS as_of,
		(SELECT ?1(i.cited ORDER BY i.cited) FROM cites i WHERE i.workspace_id = ?0.workspace_id AND i.claim_id = ?0.id) AS cites`,
		c, bun.Safe(q.d.jsonList))
}

func claims(rows []claimRow) []*persona.Claim {
	out := make([]*persona.Claim, len(rows))
	for i := range rows {
		if len(rows[i].Cites) == 0 {
			rows[i].Cites = nil // one database says [], the other null
		}
		out[i] = &rows[i].Claim
	}
	return out
}

// set is claims as values, as the fold takes them.
func set(rows []claimRow) []persona.Claim {
	out := make([]persona.Claim, len(rows))
	for i, c := range claims(rows) {
		out[i] = *c
	}
	return out
}

// Claims implements persona.Reader.
func (s *Store) Claims(ctx context.Context, ids []persona.ClaimID) ([]*persona.Claim, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	q := s.read(ctx)
	var rows []claimRow
	err := q.NewRaw("SELECT ? FROM claim c WHERE c.workspace_id = ?ws AND c.id IN (?)", q.claimColumns("c"), bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, translate(ctx, err)
	}
	return align(ids, claims(rows), func(c *persona.Claim) persona.ClaimID { return c.ID }), nil
}

// ClaimsOfRun implements persona.Reader.
func (s *Store) ClaimsOfRun(ctx context.Context, id persona.RunID) ([]*persona.Claim, error) {
	q := s.read(ctx)
	var rows []claimRow
	err := q.NewRaw("SELECT ? FROM claim c WHERE c.workspace_id = ?ws AND c.run_id = ? ORDER BY c.created_at, c.id", q.claimColumns("c"), id).Scan(ctx, &rows)
	return claims(rows), translate(ctx, err)
}

// ClaimsOf implements persona.Reader.
func (s *Store) ClaimsOf(ctx context.Context, ids []persona.ID, where *persona.ClaimWhere, args persona.PageArgs) ([]*persona.Connection[*persona.Claim], error) {
	w, err := oldestFirst.window(args)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, nil
	}
	if where == nil {
		where = &persona.ClaimWhere{}
	}
	children := frag(`SELECT c.*, m.persona_id AS parent_id
		FROM (SELECT DISTINCT m.persona_id, m.claim_id FROM member m WHERE m.workspace_id = ?ws AND m.persona_id IN (?)) AS m
		JOIN claim c ON c.workspace_id = ?ws AND c.id = m.claim_id WHERE TRUE`, bun.List(ids))
	and := func(sql string, args ...any) {
		children.sql += " AND " + sql
		children.args = append(children.args, args...)
	}
	if len(where.Paths) > 0 {
		any := frag("FALSE")
		for _, p := range where.Paths {
			any.sql += " OR c.path = ? OR c.path >= ? AND c.path < ?" // under p: from "p." to before "p/"
			any.args = append(any.args, p, p+".", p+"/")
		}
		and("(?)", any)
	}
	if where.Basis != nil {
		and("c.basis = ?", *where.Basis)
	}
	if where.Source != nil {
		and("c.source_id = ?", *where.Source)
	}
	if where.State != nil {
		state, err := s.inState(ctx, ids, *where.State)
		if err != nil {
			return nil, err
		}
		and("?", state)
	}
	q := s.read(ctx)
	var rows []claimRow
	if err := q.nested(ctx, &rows, frag("x.parent_id AS member_of, ?", q.claimColumns("x")), children, oldestFirst, w); err != nil {
		return nil, err
	}
	claims(rows)
	of := make([]*claimRow, len(rows))
	for i := range rows {
		of[i] = &rows[i]
	}
	conns := pages(ids, of, w, func(r *claimRow) persona.ID { return r.MemberOf }, func(r *claimRow) persona.Cursor {
		return persona.Cursor{Order: oldestFirst.name, Key: cursorAt(r.CreatedAt), ID: r.ID.UUID.String()}
	})
	out := make([]*persona.Connection[*persona.Claim], len(conns))
	for i, c := range conns {
		out[i] = &persona.Connection[*persona.Claim]{PageInfo: c.PageInfo, Edges: make([]persona.Edge[*persona.Claim], len(c.Edges))}
		for j, e := range c.Edges {
			out[i].Edges[j] = persona.Edge[*persona.Claim]{Cursor: e.Cursor, Node: &e.Node.Claim}
		}
	}
	return out, nil
}

// inState is the condition that claim c is in a state in the present version of
// its parent m. A stored profile knows the states of all its claims; any other
// claim is RETRACTED.
func (s *Store) inState(ctx context.Context, ids []persona.ID, state persona.ClaimState) (fragment, error) {
	ps, err := s.Personas(ctx, ids, persona.Columns{Profile: true})
	if err != nil {
		return fragment{}, err
	}
	of := map[persona.ID][]persona.ClaimID{}
	for _, p := range ps {
		if p == nil {
			continue
		}
		profile, err := p.Profile()
		if err != nil {
			return fragment{}, internal(err)
		}
		if profile == nil {
			continue
		}
		for id, st := range profile.States() {
			if st == state || state == persona.ClaimRetracted && st != persona.ClaimRetracted {
				of[p.ID] = append(of[p.ID], id)
			}
		}
	}
	known := eachOf(of, "m.persona_id", "m.claim_id")
	if state == persona.ClaimRetracted {
		return frag("NOT (?)", known), nil
	}
	return frag("(?)", known), nil
}

// eachOf is the condition that a pair of columns is one of those given.
func eachOf[K comparable, V any](of map[K][]V, first, second bun.Safe) fragment {
	f := frag("FALSE")
	for k, vs := range of {
		f.sql += " OR ? = ? AND ? IN (?)"
		f.args = append(f.args, first, k, second, bun.List(vs))
	}
	return f
}
