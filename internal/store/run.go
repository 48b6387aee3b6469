package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/persona-api/persona-api/internal/persona"
)

// runColumns are the columns of a run, which goes by the name r.
func runColumns(r bun.Safe) fragment {
	return frag(`?0.id, ?0.persona_id, ?0.reason, ?0.engine, ?0.model, ?0.prompt_hash, ?0.stage, ?0.progress, ?0.failure, ?0.attempts,
		?0.input_tokens, ?0.output_tokens, ?0.cost_micros, ?0.claims_proposed, ?0.claims_proven, ?0.compose_key,
		?0.created_at, ?0.started_at, ?0.finished_at`, r)
}

func runs(rows []runRow) []*persona.Run {
	out := make([]*persona.Run, len(rows))
	for i := range rows {
		out[i] = rows[i].run()
	}
	return out
}

// Runs implements persona.Reader.
func (s *Store) Runs(ctx context.Context, ids []persona.RunID) ([]*persona.Run, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []runRow
	err := s.read(ctx).NewRaw("SELECT ? FROM run r WHERE r.workspace_id = ?ws AND r.id IN (?)",
		runColumns("r"), bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, translate(ctx, err)
	}
	return align(ids, runs(rows), func(r *persona.Run) persona.RunID { return r.ID }), nil
}

// LatestRuns implements persona.Reader.
func (s *Store) LatestRuns(ctx context.Context, ids []persona.ID) ([]*persona.Run, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	one := 1
	conns, err := s.RunsOf(ctx, ids, persona.PageArgs{First: &one})
	if err != nil {
		return nil, err
	}
	out := make([]*persona.Run, len(ids))
	for i, c := range conns {
		if len(c.Edges) > 0 {
			out[i] = c.Edges[0].Node
		}
	}
	return out, nil
}

// RunsOf implements persona.Reader.
func (s *Store) RunsOf(ctx context.Context, ids []persona.ID, args persona.PageArgs) ([]*persona.Connection[*persona.Run], error) {
	w, err := newestFirst.window(args)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []runRow
	err = s.read(ctx).nested(ctx, &rows, runColumns("x"),
		frag("SELECT r.*, r.persona_id AS parent_id FROM run r WHERE r.workspace_id = ?ws AND r.persona_id IN (?)", bun.List(ids)),
		newestFirst, w)
	if err != nil {
		return nil, err
	}
	return pages(ids, runs(rows), w, func(r *persona.Run) persona.ID { return r.PersonaID }, func(r *persona.Run) persona.Cursor {
		return persona.Cursor{Order: newestFirst.name, Key: cursorAt(r.CreatedAt), ID: r.ID.UUID.String()}
	}), nil
}
