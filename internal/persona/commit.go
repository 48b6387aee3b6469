package persona

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// change is what a verb wants of commit.
type change struct {
	persona  ID
	expected *int   // the version the caller has seen; nil when it does not matter
	reason   Reason // the first version's is always CREATED
	author   string
	next     func(live []Claim) []Claim // the new set from the present one; must not keep or change live
}

// commit is the one writer. It locks the persona, asks the verb for the next set,
// closes and opens members, folds what the database then holds, and saves
// profile, head and version, all in tx. An unchanged set writes nothing, except
// that a persona without a version always gets its first.
//
// It returns the persona as it is afterwards. Errors: NotFound, VersionConflict, Merged.
func commit(ctx context.Context, tx Tx, ch change) (*Persona, error) {
	p, err := tx.LockPersona(ctx, ch.persona)
	if err != nil {
		return nil, err
	}
	if err := p.changeable(); err != nil {
		return nil, err
	}
	if ch.expected != nil && *ch.expected != p.VersionNumber {
		return nil, &Error{Code: CodeVersionConflict, Field: []string{"expectedVersion"},
			Message: fmt.Sprintf("the persona is at version %d; read it again and repeat the change", p.VersionNumber)}
	}
	live, err := tx.Live(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	next := ch.next(slices.Clone(live))
	opened, closed := without(next, live), without(live, next)
	if len(opened) == 0 && len(closed) == 0 && p.VersionNumber > 0 {
		return p, nil
	}
	number := p.VersionNumber + 1
	if number == 1 {
		ch.reason = ReasonCreated
	}
	if err := tx.InsertClaims(ctx, opened); err != nil {
		return nil, err
	}
	if err := tx.CloseMembers(ctx, p.ID, ids(closed), number); err != nil {
		return nil, err
	}
	if err := tx.OpenMembers(ctx, p.ID, ids(opened), number); err != nil {
		return nil, err
	}
	set, err := tx.Live(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	profile := Fold(set)
	p.show(profile)
	p.Status, p.VersionNumber, p.UpdatedAt = StatusReady, number, now()
	v := &Version{PersonaID: p.ID, Number: number, Reason: ch.reason, Author: ch.author, Hash: p.Hash, CreatedAt: p.UpdatedAt}
	if err := tx.SaveVersion(ctx, p, v, facets(profile, p.Tags), words(profile)); err != nil {
		return nil, err
	}
	return p, tx.Notify(ctx, Event{Kind: EventUpdated, Persona: p.ID, At: p.UpdatedAt})
}

// changeable refuses a persona that was merged into another.
func (p *Persona) changeable() error {
	if p.Status == StatusMerged {
		return &Error{Code: CodeMerged, Field: []string{"id"}, Message: "this persona was merged into another; change that one, or unmerge first"}
	}
	return nil
}

// show sets what of the profile stands on the persona's head.
func (p *Persona) show(profile *Profile) {
	value := func(t *Trait) *string {
		if t == nil {
			return nil
		}
		return &t.Value
	}
	p.Name, p.Role, p.Location, p.Summary = value(profile.Name), value(profile.Role), value(profile.Location), value(profile.Summary)
	p.ProfileJSON, p.DocumentJSON = profile.encode(), profile.Document()
	p.Hash = hash(p.ProfileJSON)
}

// facets are the properties the persona is filtered and counted by, each once.
func facets(p *Profile, tags []string) []Facet {
	var out []Facet
	seen := map[Facet]bool{}
	add := func(kind, value string) {
		key := Facet{Kind: kind, Key: FacetKey(value)}
		if key.Key != "" && !seen[key] {
			seen[key] = true
			out = append(out, Facet{kind, key.Key, value})
		}
	}
	for _, t := range p.Traits("role") {
		add(FacetRole, t.Value)
	}
	for _, t := range p.Traits("location") {
		add(FacetLocation, t.Value)
	}
	for _, t := range p.Traits("skills.hard", "skills.soft", "skills.expertise") {
		add(FacetSkill, t.Value)
	}
	for _, t := range p.Career.Employers() {
		add(FacetEmployer, t.Value)
	}
	for _, tag := range tags {
		add(FacetTag, tag)
	}
	return out
}

// words are all values of the profile, for the search index.
func words(p *Profile) string {
	var b strings.Builder
	for _, t := range p.Traits() {
		b.WriteString(t.Value)
		b.WriteByte('\n')
	}
	return b.String()
}

// without returns the claims of a whose ids are not in b, each once.
func without(a, b []Claim) []Claim {
	skip := make(map[ClaimID]bool, len(b))
	for i := range b {
		skip[b[i].ID] = true
	}
	var out []Claim
	for i := range a {
		if !skip[a[i].ID] {
			skip[a[i].ID] = true
			out = append(out, a[i])
		}
	}
	return out
}

func ids(claims []Claim) []ClaimID {
	out := make([]ClaimID, len(claims))
	for i := range claims {
		out[i] = claims[i].ID
	}
	return out
}
