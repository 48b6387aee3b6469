package store

import (
	"github.com/uptrace/bun"

	"github.com/persona-api/persona-api/internal/persona"
)

// The rows are the domain's types with what only the store needs. bun names the
// columns after the fields.

type personaRow struct {
	bun.BaseModel `bun:"table:persona,alias:p"`
	WorkspaceID   string
	persona.Persona
	NameKey     string
	RoleKey     string
	LocationKey string
}

type sourceRow struct {
	bun.BaseModel `bun:"table:source,alias:s"`
	WorkspaceID   string
	persona.Source
}

type claimRow struct {
	bun.BaseModel `bun:"table:claim,alias:c"`
	WorkspaceID   string
	persona.Claim
	MemberOf persona.ID `bun:",scanonly"` // the persona it counts or counted in
}

type versionRow struct {
	bun.BaseModel `bun:"table:version,alias:v"`
	WorkspaceID   string
	persona.Version
}

type runRow struct {
	bun.BaseModel `bun:"table:run,alias:r"`
	WorkspaceID   string
	persona.Run
	Usage persona.Usage `bun:"embed:"` // its fields are columns of their own
}

// run returns the run with its usage.
func (r *runRow) run() *persona.Run {
	r.Run.Usage = r.Usage
	return &r.Run
}

type citesRow struct {
	bun.BaseModel `bun:"table:cites,alias:cites"`
	WorkspaceID   string
	ClaimID       persona.ClaimID
	Cited         persona.ClaimID
}

type memberRow struct {
	bun.BaseModel `bun:"table:member,alias:m"`
	WorkspaceID   string
	PersonaID     persona.ID
	ClaimID       persona.ClaimID
	FromVersion   int
}

type facetRow struct {
	bun.BaseModel `bun:"table:facet,alias:facet"`
	WorkspaceID   string
	PersonaID     persona.ID
	Kind          string
	Key           string
	Value         string
}

// maxLabel is how much of a facet's value is kept to be shown, in code points.
const maxLabel = 200

func keyOf(text *string) string {
	if text == nil {
		return ""
	}
	return persona.FacetKey(*text)
}

// cut returns the first n code points of s.
func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// align returns rows in the order of ids, nil where there is none.
func align[ID comparable, T any](ids []ID, rows []*T, id func(*T) ID) []*T {
	at := make(map[ID]*T, len(rows))
	for _, r := range rows {
		at[id(r)] = r
	}
	out := make([]*T, len(ids))
	for i, id := range ids {
		out[i] = at[id]
	}
	return out
}
