package graph

import (
	"context"
	"encoding/json"

	"github.com/persona-api/persona-api/internal/persona"
)

// Persona returns the persona the source was given for.
func (r *sourceResolver) Persona(ctx context.Context, obj *persona.Source) (*persona.Persona, error) {
	return loadersFrom(ctx).persona(ctx, obj.PersonaID, lookahead(ctx).columns(selected(ctx)))
}

// Persona returns the persona the run worked on.
func (r *runResolver) Persona(ctx context.Context, obj *persona.Run) (*persona.Persona, error) {
	return loadersFrom(ctx).persona(ctx, obj.PersonaID, lookahead(ctx).columns(selected(ctx)))
}

// Persona returns the persona the claim was first made for.
func (r *claimResolver) Persona(ctx context.Context, obj *persona.Claim) (*persona.Persona, error) {
	return loadersFrom(ctx).persona(ctx, obj.PersonaID, lookahead(ctx).columns(selected(ctx)))
}

// State returns how the claim fares in its persona's present version.
func (r *claimResolver) State(ctx context.Context, obj *persona.Claim) (persona.ClaimState, error) {
	return loadersFrom(ctx).state(ctx, obj)
}

// Cites returns the claims referred to.
func (r *claimResolver) Cites(ctx context.Context, obj *persona.Claim) ([]*persona.Claim, error) {
	return loadersFrom(ctx).claimsByID(ctx, obj.Cites)
}

// Source returns the text the claim was read from.
func (r *claimResolver) Source(ctx context.Context, obj *persona.Claim) (*persona.Source, error) {
	if obj.SourceID == nil {
		return nil, nil
	}
	return loadersFrom(ctx).source(ctx, *obj.SourceID, lookahead(ctx).text(selected(ctx)))
}

// Run returns the run that wrote the claim.
func (r *claimResolver) Run(ctx context.Context, obj *persona.Claim) (*persona.Run, error) {
	if obj.RunID == nil {
		return nil, nil
	}
	return loadersFrom(ctx).runs.load(ctx, *obj.RunID)
}

// ValidFrom returns since when the claim is true, nil when that is unknown.
func (r *claimResolver) ValidFrom(_ context.Context, obj *persona.Claim) (*string, error) {
	return known(obj.ValidFrom), nil
}

// ValidTo returns until when the claim was true, nil when that is unknown or it still is.
func (r *claimResolver) ValidTo(_ context.Context, obj *persona.Claim) (*string, error) {
	return known(obj.ValidTo), nil
}

func known(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Persona returns the persona the version is a state of.
func (r *versionResolver) Persona(ctx context.Context, obj *persona.Version) (*persona.Persona, error) {
	return loadersFrom(ctx).persona(ctx, obj.PersonaID, lookahead(ctx).columns(selected(ctx)))
}

// Profile returns the profile as it was.
func (r *versionResolver) Profile(ctx context.Context, obj *persona.Version) (*persona.Profile, error) {
	return loadersFrom(ctx).profileAt(ctx, obj.ID())
}

// Document returns the profile as it was, as plain JSON.
func (r *versionResolver) Document(ctx context.Context, obj *persona.Version) (json.RawMessage, error) {
	p, err := loadersFrom(ctx).profileAt(ctx, obj.ID())
	if p == nil || err != nil {
		return nil, err
	}
	return p.Document(), nil
}

// Changes returns what the version changed.
func (r *versionResolver) Changes(ctx context.Context, obj *persona.Version, since *int) ([]*persona.Change, error) {
	changes, err := r.Service.Changes(ctx, obj.ID(), since)
	return pointers(changes), err
}
