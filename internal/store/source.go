package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/persona-api/persona-api/internal/persona"
)

// sourceColumns are the columns of a source, which goes by the name s. The text,
// when it is asked for, is looked up by the id: where a page is chosen from many
// sources, only those of the page are read in full.
func sourceColumns(s bun.Safe, text bool) fragment {
	f := frag("?0.id, ?0.persona_id, ?0.kind, ?0.status, ?0.title, ?0.url, ?0.language, ?0.length, ?0.sha256, ?0.as_of, ?0.failure, ?0.warnings, ?0.read_by, ?0.created_at", s)
	if text {
		f.sql += ", (SELECT t.text FROM source t WHERE t.workspace_id = ?ws AND t.id = ?0.id) AS text"
	}
	return f
}

// oldestFirst is the order of a persona's sources and claims.
var oldestFirst = sortKey{name: "oldest", column: "created_at", time: true}

// newestFirst is the order of a persona's runs.
var newestFirst = sortKey{name: "newest", column: "created_at", desc: true, time: true}

// Sources implements persona.Reader.
func (s *Store) Sources(ctx context.Context, ids []persona.SourceID, text bool) ([]*persona.Source, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []sourceRow
	err := s.read(ctx).NewRaw("SELECT ? FROM source s WHERE s.workspace_id = ?ws AND s.id IN (?)",
		sourceColumns("s", text), bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, translate(ctx, err)
	}
	return align(ids, sources(rows), func(s *persona.Source) persona.SourceID { return s.ID }), nil
}

func sources(rows []sourceRow) []*persona.Source {
	out := make([]*persona.Source, len(rows))
	for i := range rows {
		out[i] = &rows[i].Source
	}
	return out
}

// SourcesOf implements persona.Reader.
func (s *Store) SourcesOf(ctx context.Context, ids []persona.ID, args persona.PageArgs, text bool) ([]*persona.Connection[*persona.Source], error) {
	w, err := oldestFirst.window(args)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, nil
	}
	q := s.read(ctx)
	var rows []sourceRow
	err = q.nested(ctx, &rows, sourceColumns("x", text),
		frag(`SELECT s.id, s.persona_id, s.kind, s.status, s.title, s.url, s.language, s.length, s.sha256, s.as_of, s.failure, s.warnings, s.read_by, s.created_at,
			s.persona_id AS parent_id FROM source s WHERE s.workspace_id = ?ws AND s.persona_id IN (?)`, bun.List(ids)),
		oldestFirst, w)
	if err != nil {
		return nil, err
	}
	return pages(ids, sources(rows), w, func(s *persona.Source) persona.ID { return s.PersonaID }, func(s *persona.Source) persona.Cursor {
		return persona.Cursor{Order: oldestFirst.name, Key: cursorAt(s.CreatedAt), ID: s.ID.UUID.String()}
	}), nil
}
