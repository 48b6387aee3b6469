package store

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/persona-api/persona-api/internal/persona"
)

// versionColumns are the columns of a version, which goes by the name v.
func versionColumns(v bun.Safe) fragment {
	return frag("?0.persona_id, ?0.number, ?0.reason, ?0.author, ?0.hash, ?0.redacted, ?0.created_at", v)
}

// versionOrder is the name of the order of versions, newest first.
const versionOrder = "versions"

func versions(rows []versionRow) []*persona.Version {
	out := make([]*persona.Version, len(rows))
	for i := range rows {
		out[i] = &rows[i].Version
	}
	return out
}

// Versions implements persona.Reader.
func (s *Store) Versions(ctx context.Context, ids []persona.VersionID) ([]*persona.Version, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	of := map[persona.ID][]int{}
	for _, id := range ids {
		of[id.Persona] = append(of[id.Persona], id.Number)
	}
	var rows []versionRow
	err := s.read(ctx).NewRaw("SELECT ? FROM version v WHERE v.workspace_id = ?ws AND (?)",
		versionColumns("v"), eachOf(of, "v.persona_id", "v.number")).Scan(ctx, &rows)
	if err != nil {
		return nil, translate(ctx, err)
	}
	return align(ids, versions(rows), (*persona.Version).ID), nil
}

// VersionBefore implements persona.Reader.
func (s *Store) VersionBefore(ctx context.Context, id persona.ID, t time.Time) (*persona.Version, error) {
	var rows []versionRow
	err := s.read(ctx).NewRaw("SELECT ? FROM version v WHERE v.workspace_id = ?ws AND v.persona_id = ? AND v.created_at <= ? ORDER BY v.number DESC LIMIT 1",
		versionColumns("v"), id, t).Scan(ctx, &rows)
	if err != nil || len(rows) == 0 {
		return nil, translate(ctx, err)
	}
	return &rows[0].Version, nil
}

// VersionsOf implements persona.Reader.
func (s *Store) VersionsOf(ctx context.Context, ids []persona.ID, args persona.PageArgs) ([]*persona.Connection[*persona.Version], error) {
	w, err := args.Window(versionOrder)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, nil
	}
	within, dir := frag("TRUE"), bun.Safe("DESC")
	if w.Backward {
		dir = "ASC"
	}
	for _, c := range []struct {
		field string
		at    *persona.Cursor
		op    bun.Safe
	}{{"after", w.After, "<"}, {"before", w.Before, ">"}} {
		if c.at == nil {
			continue
		}
		n, err := strconv.ParseInt(c.at.Key, 10, 32)
		if err != nil {
			return nil, notCursor(c.field)
		}
		within = frag("? AND v.number ? ?", within, c.op, n)
	}
	var rows []versionRow
	err = s.read(ctx).NewRaw(`
		SELECT ? FROM (
			SELECT v.*, row_number() OVER (PARTITION BY v.persona_id ORDER BY v.number ?) AS place
			FROM version v WHERE v.workspace_id = ?ws AND v.persona_id IN (?) AND ?
		) AS x WHERE x.place <= ? ORDER BY x.persona_id, x.place`,
		versionColumns("x"), dir, bun.List(ids), within, w.Limit+1).Scan(ctx, &rows)
	if err != nil {
		return nil, translate(ctx, err)
	}
	return pages(ids, versions(rows), w, func(v *persona.Version) persona.ID { return v.PersonaID }, func(v *persona.Version) persona.Cursor {
		return persona.Cursor{Order: versionOrder, Key: strconv.Itoa(v.Number), ID: v.PersonaID.UUID.String()}
	}), nil
}

// Members implements persona.Reader.
func (s *Store) Members(ctx context.Context, id persona.VersionID) ([]persona.Claim, error) {
	q := s.read(ctx)
	var rows []claimRow
	err := q.NewRaw(`SELECT ? FROM member m JOIN claim c ON c.workspace_id = ?ws AND c.id = m.claim_id
		WHERE m.workspace_id = ?ws AND m.persona_id = ? AND m.from_version <= ? AND (m.to_version IS NULL OR m.to_version > ?)
		ORDER BY c.created_at, c.id`, q.claimColumns("c"), id.Persona, id.Number, id.Number).Scan(ctx, &rows)
	return set(rows), translate(ctx, err)
}
