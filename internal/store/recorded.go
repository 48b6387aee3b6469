package store

import (
	"context"

	"github.com/persona-api/persona-api/internal/persona"
)

// by is the condition that run r was the engine's under this very Info.
func by(engine persona.EngineInfo) fragment {
	return frag("r.engine = ? AND coalesce(r.model, '') = ? AND r.prompt_hash = ?", engine.Name, engine.Model, engine.PromptHash)
}

// Recorded implements persona.Reader.
func (s *Store) Recorded(ctx context.Context, src *persona.Source, engine persona.EngineInfo) ([]*persona.Claim, bool, error) {
	q := s.read(ctx)
	var found []sourceRow
	err := q.NewRaw(`SELECT s.id FROM source s JOIN run r ON r.workspace_id = ?ws AND r.id = s.read_by
		WHERE s.workspace_id = ?ws AND s.sha256 = ?0 AND s.kind = ?1 AND coalesce(s.title, '') = ?2 AND s.status = ?3 AND ?4
		ORDER BY s.created_at, s.id LIMIT 1`,
		src.SHA256, src.Kind, deref(src.Title), persona.SourceRead, by(engine)).Scan(ctx, &found)
	if err != nil || len(found) == 0 {
		return nil, false, translate(ctx, err)
	}
	var rows []claimRow
	// Of a run that came to nothing there may be claims that never counted.
	err = q.NewRaw(`SELECT ?0 FROM claim c JOIN run r ON r.workspace_id = ?ws AND r.id = c.run_id
		WHERE c.workspace_id = ?ws AND c.source_id = ?1 AND ?2
			AND EXISTS (SELECT 1 FROM member m WHERE m.workspace_id = ?ws AND m.claim_id = c.id)
		ORDER BY c.created_at, c.id`, q.claimColumns("c"), found[0].ID, by(engine)).Scan(ctx, &rows)
	if err != nil {
		return nil, false, translate(ctx, err)
	}
	return claims(rows), true, nil
}

// RecordedNarrative implements persona.Reader.
func (s *Store) RecordedNarrative(ctx context.Context, key string, engine persona.EngineInfo) ([]*persona.Claim, error) {
	q := s.read(ctx)
	var found []runRow
	err := q.NewRaw(`SELECT r.id FROM run r WHERE r.workspace_id = ?ws AND r.compose_key = ?0 AND r.compose_key <> '' AND r.stage = ?1 AND ?2
		ORDER BY r.created_at, r.id LIMIT 1`, key, persona.StageDone, by(engine)).Scan(ctx, &found)
	if err != nil || len(found) == 0 {
		return nil, translate(ctx, err)
	}
	var rows []claimRow
	err = q.NewRaw(`SELECT ?0 FROM claim c WHERE c.workspace_id = ?ws AND c.run_id = ?1 AND c.source_id IS NULL AND c.author IS NULL
		ORDER BY c.created_at, c.id`, q.claimColumns("c"), found[0].ID).Scan(ctx, &rows)
	return claims(rows), translate(ctx, err)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
