package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"

	"github.com/persona-api/persona-api/internal/persona"
)

// batch is how many rows one INSERT writes at most.
const batch = 500

// tx is one transaction. Its errors are not translated: Write does that, after
// it has looked whether the transaction can run again.
type tx struct {
	bun.Tx
	d       dialect
	ws      string
	enqueue Enqueue
	conn    bun.Conn        // that the transaction runs on
	events  []persona.Event // to deliver after the commit, where the database does not
	erased  bool            // something was deleted
}

// changed returns NotFound when the statement touched no row.
func changed(noun string, res sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, persona.NotFound(noun))
	}
	return nil
}

// row is a persona as it is stored.
func (t *tx) row(p *persona.Persona) *personaRow {
	r := &personaRow{WorkspaceID: t.ws, Persona: *p, NameKey: keyOf(p.Name), RoleKey: keyOf(p.Role), LocationKey: keyOf(p.Location)}
	if r.Tags == nil {
		r.Tags = []string{}
	}
	return r
}

// InsertPersona implements persona.Tx.
func (t *tx) InsertPersona(ctx context.Context, p *persona.Persona) error {
	if _, err := t.NewInsert().Model(t.row(p)).Exec(ctx); err != nil {
		return err
	}
	return t.saveFacets(ctx, p, nil)
}

// LockPersona implements persona.Tx.
func (t *tx) LockPersona(ctx context.Context, id persona.ID) (*persona.Persona, error) {
	var rows []personaRow
	err := t.NewRaw("SELECT ? FROM persona p WHERE p.workspace_id = ?ws AND p.id = ??",
		columns(persona.Columns{Profile: true, Document: true}), id, bun.Safe(t.d.forUpdate)).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, persona.NotFound("persona")
	}
	return &rows[0].Persona, nil
}

// SetStatus implements persona.Tx.
func (t *tx) SetStatus(ctx context.Context, id persona.ID, status persona.Status, at time.Time) error {
	res, err := t.NewRaw("UPDATE persona SET status = ?, updated_at = ? WHERE workspace_id = ?ws AND id = ?", status, at, id).Exec(ctx)
	return changed("persona", res, err)
}

// DeletePersona implements persona.Tx.
func (t *tx) DeletePersona(ctx context.Context, id persona.ID) error {
	t.erased = true
	res, err := t.NewRaw("DELETE FROM persona WHERE workspace_id = ?ws AND id = ?", id).Exec(ctx)
	return changed("persona", res, err)
}

// InsertSources implements persona.Tx.
func (t *tx) InsertSources(ctx context.Context, sources []*persona.Source) error {
	for _, s := range sources { // one by one: each may be of half a megabyte
		_, err := t.NewInsert().Model(&sourceRow{WorkspaceID: t.ws, Source: *s}).Exec(ctx)
		if err != nil {
			return sameText(ctx, err)
		}
	}
	return nil
}

// sameText says what a violated unique index of sources means.
func sameText(ctx context.Context, err error) error {
	if persona.CodeOf(translate(ctx, err)) == persona.CodeConflict {
		return &persona.Error{Code: persona.CodeConflict, Field: []string{"text"}, Message: "the persona has a source with this text already", Cause: err}
	}
	return err
}

// SourcesIn implements persona.Tx.
func (t *tx) SourcesIn(ctx context.Context, id persona.ID, states ...persona.SourceStatus) ([]*persona.Source, error) {
	var rows []sourceRow
	err := t.NewRaw("SELECT ? FROM source s WHERE s.workspace_id = ?ws AND s.persona_id = ? AND s.status IN (?) ORDER BY s.created_at, s.id",
		sourceColumns("s", true), id, bun.List(states)).Scan(ctx, &rows)
	return sources(rows), err
}

// SaveText implements persona.Tx.
func (t *tx) SaveText(ctx context.Context, s *persona.Source) (bool, error) {
	res, err := t.NewUpdate().Model(&sourceRow{Source: *s}).Column("text", "length", "sha256", "kind", "title", "url", "language", "warnings").
		Where("workspace_id = ?ws AND id = ? AND text IS NULL", s.ID).Exec(ctx)
	if err != nil {
		return false, sameText(ctx, err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// UpdateSource implements persona.Tx.
func (t *tx) UpdateSource(ctx context.Context, s *persona.Source) error {
	_, err := t.NewUpdate().Model(&sourceRow{Source: *s}).Column("status", "failure", "read_by").
		Where("workspace_id = ?ws AND id = ?", s.ID).Exec(ctx)
	return err
}

// Spend implements persona.Tx.
func (t *tx) Spend(ctx context.Context, day string, micros, most int64) (bool, error) {
	if micros > most {
		return false, nil
	}
	res, err := t.NewRaw(`INSERT INTO spending (workspace_id, day, cost_micros) VALUES (?ws, ?0, ?1)
		ON CONFLICT (workspace_id, day) DO UPDATE SET cost_micros = spending.cost_micros + excluded.cost_micros
		WHERE spending.cost_micros + excluded.cost_micros <= ?2`, day, micros, most).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// InsertRun implements persona.Tx.
func (t *tx) InsertRun(ctx context.Context, r *persona.Run) error {
	_, err := t.NewInsert().Model(&runRow{WorkspaceID: t.ws, Run: *r, Usage: r.Usage}).ExcludeColumn("usage").Exec(ctx)
	return err
}

// LockRun implements persona.Tx.
func (t *tx) LockRun(ctx context.Context, id persona.RunID) (*persona.Run, error) {
	var rows []runRow
	err := t.NewRaw("SELECT ? FROM run r WHERE r.workspace_id = ?ws AND r.id = ??", runColumns("r"), id, bun.Safe(t.d.forUpdate)).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, persona.NotFound("run")
	}
	return rows[0].run(), nil
}

// UpdateRun implements persona.Tx.
func (t *tx) UpdateRun(ctx context.Context, r *persona.Run) error {
	res, err := t.NewUpdate().Model(&runRow{Run: *r, Usage: r.Usage}).
		Column("engine", "model", "prompt_hash", "stage", "progress", "failure", "attempts", "input_tokens", "output_tokens",
			"cost_micros", "claims_proposed", "claims_proven", "compose_key", "started_at", "finished_at").
		Where("workspace_id = ?ws AND id = ?", r.ID).Exec(ctx)
	return changed("run", res, err)
}

// EnqueueSynthesis implements persona.Tx.
func (t *tx) EnqueueSynthesis(ctx context.Context, p persona.ID, r persona.RunID) error {
	if t.d.name == onSQLite.name {
		if t.enqueue.SQLite == nil {
			return internal(errNoQueue)
		}
		return t.enqueue.SQLite(ctx, t.Tx.Tx, t.ws, p, r)
	}
	if t.enqueue.Postgres == nil {
		return internal(errNoQueue)
	}
	return t.conn.Raw(func(driver any) error {
		return t.enqueue.Postgres(ctx, &pgTx{conn: driver.(*stdlib.Conn).Conn()}, t.ws, p, r)
	})
}

// InsertClaims implements persona.Tx.
func (t *tx) InsertClaims(ctx context.Context, claims []persona.Claim) error {
	var rows []claimRow
	var cites []citesRow
	for _, c := range claims {
		rows = append(rows, claimRow{WorkspaceID: t.ws, Claim: c})
		for _, cited := range c.Cites {
			cites = append(cites, citesRow{WorkspaceID: t.ws, ClaimID: c.ID, Cited: cited})
		}
	}
	// In order of their ids: two runs that write the same claims do not block each other.
	slices.SortFunc(rows, func(a, b claimRow) int { return strings.Compare(string(a.ID.UUID[:]), string(b.ID.UUID[:])) })
	for part := range slices.Chunk(rows, batch) {
		if _, err := t.NewInsert().Model(&part).ExcludeColumn("as_of", "cites").On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(cites, batch) {
		if _, err := t.NewInsert().Model(&part).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Live implements persona.Tx.
func (t *tx) Live(ctx context.Context, id persona.ID) ([]persona.Claim, error) {
	var rows []claimRow
	err := t.NewRaw(`SELECT ? FROM member m JOIN claim c ON c.workspace_id = ?ws AND c.id = m.claim_id
		WHERE m.workspace_id = ?ws AND m.persona_id = ? AND m.to_version IS NULL ORDER BY c.created_at, c.id`,
		scope{d: t.d}.claimColumns("c"), id).Scan(ctx, &rows)
	return set(rows), err
}

// CloseMembers implements persona.Tx.
func (t *tx) CloseMembers(ctx context.Context, id persona.ID, claims []persona.ClaimID, number int) error {
	for part := range slices.Chunk(claims, batch) {
		_, err := t.NewRaw(`UPDATE member SET to_version = ?
			WHERE workspace_id = ?ws AND persona_id = ? AND claim_id IN (?) AND to_version IS NULL`, number, id, bun.List(part)).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// OpenMembers implements persona.Tx.
func (t *tx) OpenMembers(ctx context.Context, id persona.ID, claims []persona.ClaimID, number int) error {
	for part := range slices.Chunk(claims, batch) {
		rows := make([]memberRow, len(part))
		for i, c := range part {
			rows[i] = memberRow{WorkspaceID: t.ws, PersonaID: id, ClaimID: c, FromVersion: number}
		}
		if _, err := t.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// SaveVersion implements persona.Tx.
func (t *tx) SaveVersion(ctx context.Context, p *persona.Persona, v *persona.Version, facets []persona.Facet, body string) error {
	res, err := t.NewUpdate().Model(t.row(p)).ExcludeColumn("workspace_id", "id", "created_at").
		Where("workspace_id = ?ws AND id = ?", p.ID).Exec(ctx)
	if err := changed("persona", res, err); err != nil {
		return err
	}
	if _, err := t.NewInsert().Model(&versionRow{WorkspaceID: t.ws, Version: *v}).Exec(ctx); err != nil {
		return err
	}
	if err := t.saveFacets(ctx, p, facets); err != nil {
		return err
	}
	return t.saveSearch(ctx, p, body)
}

// saveFacets makes the persona's facets those given and its tags. Only what
// differs is written: each row written is counted.
func (t *tx) saveFacets(ctx context.Context, p *persona.Persona, facets []persona.Facet) error {
	for _, tag := range p.Tags {
		facets = append(facets, persona.Facet{Kind: persona.FacetTag, Key: persona.FacetKey(tag), Value: tag})
	}
	var rows []facetRow
	seen := map[[2]string]bool{}
	kept := map[string][]string{}
	for _, f := range facets {
		r := facetRow{WorkspaceID: t.ws, PersonaID: p.ID, Kind: f.Kind, Key: persona.FacetKey(f.Key), Value: cut(f.Value, maxLabel)}
		if at := [2]string{r.Kind, r.Key}; r.Key != "" && !seen[at] {
			seen[at] = true
			rows = append(rows, r)
			kept[r.Kind] = append(kept[r.Kind], r.Key)
		}
	}
	if p.VersionNumber > 0 {
		_, err := t.NewRaw("DELETE FROM facet WHERE workspace_id = ?ws AND persona_id = ? AND NOT (?)", p.ID, eachOf(kept, "kind", "key")).Exec(ctx)
		if err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return nil
	}
	slices.SortFunc(rows, func(a, b facetRow) int { return strings.Compare(a.Kind+"\x00"+a.Key, b.Kind+"\x00"+b.Key) })
	_, err := t.NewInsert().Model(&rows).On("CONFLICT (workspace_id, persona_id, kind, key) DO UPDATE").
		Set("value = excluded.value").Where("facet.value <> excluded.value").Exec(ctx)
	return err
}

// Notify implements persona.Tx.
func (t *tx) Notify(ctx context.Context, e persona.Event) error {
	if t.d.notify == nil {
		t.events = append(t.events, e)
		return nil
	}
	payload, err := json.Marshal(message{t.ws, e})
	if err != nil {
		return internal(err)
	}
	return t.d.notify(ctx, t, string(payload))
}
