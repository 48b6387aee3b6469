package graph

import (
	"context"
	"encoding/json"
	"time"

	"github.com/persona-api/persona-api/internal/persona"
)

// LatestRun returns the newest run, nil without any.
func (r *personaResolver) LatestRun(ctx context.Context, obj *persona.Persona) (*persona.Run, error) {
	return loadersFrom(ctx).latestRun.load(ctx, obj.ID)
}

// MergedInto returns the persona that took this one's claims.
func (r *personaResolver) MergedInto(ctx context.Context, obj *persona.Persona) (*persona.Persona, error) {
	if obj.MergedInto == nil {
		return nil, nil
	}
	return loadersFrom(ctx).persona(ctx, *obj.MergedInto, lookahead(ctx).columns(selected(ctx)))
}

// Version returns the present version, nil before the first.
func (r *personaResolver) Version(ctx context.Context, obj *persona.Persona) (*persona.Version, error) {
	if obj.VersionNumber == 0 {
		return nil, nil
	}
	return loadersFrom(ctx).versions.load(ctx, presentVersion(obj))
}

// VersionAt returns a version of the past.
func (r *personaResolver) VersionAt(ctx context.Context, obj *persona.Persona, number *int, at *time.Time) (*persona.Version, error) {
	return r.Service.VersionAt(ctx, obj.ID, number, at)
}

// Versions returns a page of versions, newest first.
func (r *personaResolver) Versions(ctx context.Context, obj *persona.Persona, first *int, after *string, last *int, before *string) (*persona.Connection[*persona.Version], error) {
	args := listArgs{Page: persona.PageArgs{First: first, After: after, Last: last, Before: before}}
	return loadersFrom(ctx).versionsOf.load(ctx, args.of(obj.ID))
}

// Profile returns the typed profile, nil before the first version.
func (r *personaResolver) Profile(ctx context.Context, obj *persona.Persona) (*persona.Profile, error) {
	return loadersFrom(ctx).profile(ctx, obj)
}

// Traits returns the profile as a flat list.
func (r *personaResolver) Traits(ctx context.Context, obj *persona.Persona, paths []string) ([]*persona.Trait, error) {
	p, err := loadersFrom(ctx).profile(ctx, obj)
	if p == nil || err != nil {
		return nil, err
	}
	return pointers(p.Traits(paths...)), nil
}

// Document returns the profile as plain JSON, the bytes as they are kept.
func (r *personaResolver) Document(ctx context.Context, obj *persona.Persona) (json.RawMessage, error) {
	return loadersFrom(ctx).document(ctx, obj)
}

// Claims returns a page of the claims that have ever counted, oldest first.
func (r *personaResolver) Claims(ctx context.Context, obj *persona.Persona, where *persona.ClaimWhere, first *int, after *string, last *int, before *string) (*persona.Connection[*persona.Claim], error) {
	args := listArgs{Page: persona.PageArgs{First: first, After: after, Last: last, Before: before}, Where: where}
	return loadersFrom(ctx).claimsOf.load(ctx, args.of(obj.ID))
}

// Sources returns a page of sources, oldest first, with their texts if they are selected.
func (r *personaResolver) Sources(ctx context.Context, obj *persona.Persona, first *int, after *string, last *int, before *string) (*persona.Connection[*persona.Source], error) {
	ahead := lookahead(ctx)
	args := listArgs{Page: persona.PageArgs{First: first, After: after, Last: last, Before: before}, Text: ahead.text(ahead.items(selected(ctx))...)}
	return loadersFrom(ctx).sourcesOf.load(ctx, args.of(obj.ID))
}

// Runs returns a page of runs, newest first.
func (r *personaResolver) Runs(ctx context.Context, obj *persona.Persona, first *int, after *string, last *int, before *string) (*persona.Connection[*persona.Run], error) {
	args := listArgs{Page: persona.PageArgs{First: first, After: after, Last: last, Before: before}}
	return loadersFrom(ctx).runsOf.load(ctx, args.of(obj.ID))
}

func presentVersion(p *persona.Persona) persona.VersionID {
	return persona.VersionID{Persona: p.ID, Number: p.VersionNumber}
}

func pointers[T any](items []T) []*T {
	out := make([]*T, len(items))
	for i := range items {
		out[i] = &items[i]
	}
	return out
}
