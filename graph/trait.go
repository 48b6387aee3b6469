package graph

import (
	"context"

	"github.com/persona-api/persona-api/graph/model"
	"github.com/persona-api/persona-api/internal/persona"
)

// RestsOn returns the claims a narrative was composed from.
func (r *traitResolver) RestsOn(ctx context.Context, obj *persona.Trait) ([]*persona.Claim, error) {
	return loadersFrom(ctx).claimsByID(ctx, obj.RestsOn)
}

// Claims returns the claims that won.
func (r *traitResolver) Claims(ctx context.Context, obj *persona.Trait) ([]*persona.Claim, error) {
	return loadersFrom(ctx).claimsByID(ctx, obj.Claims)
}

// Alternatives returns the claims that did not win.
func (r *traitResolver) Alternatives(ctx context.Context, obj *persona.Trait) ([]*persona.Claim, error) {
	return loadersFrom(ctx).claimsByID(ctx, alternatives(obj))
}

func alternatives(t *persona.Trait) []persona.ClaimID {
	ids := make([]persona.ClaimID, len(t.Alternatives))
	for i, a := range t.Alternatives {
		ids[i] = a.Claim
	}
	return ids
}

// Source returns the text quoted.
func (r *evidenceResolver) Source(ctx context.Context, obj *persona.Evidence) (*persona.Source, error) {
	return loadersFrom(ctx).source(ctx, obj.SourceID, lookahead(ctx).text(selected(ctx)))
}

// Start returns where the quote begins.
func (r *evidenceResolver) Start(ctx context.Context, obj *persona.Evidence, unit model.TextUnit) (int, error) {
	return loadersFrom(ctx).offset(ctx, obj.SourceID, obj.Start, unit)
}

// End returns where the quote ends.
func (r *evidenceResolver) End(ctx context.Context, obj *persona.Evidence, unit model.TextUnit) (int, error) {
	return loadersFrom(ctx).offset(ctx, obj.SourceID, obj.End, unit)
}

// maxAround is the most text shown before or after a quote, in code points.
const maxAround = 500

// Before returns the text right before the quote.
func (r *evidenceResolver) Before(ctx context.Context, obj *persona.Evidence, chars int) (string, error) {
	if chars < 0 || chars > maxAround {
		return "", persona.Invalid("chars", "must be from 0 to %d", maxAround)
	}
	t, err := loadersFrom(ctx).text(ctx, obj.SourceID)
	if err != nil {
		return "", err
	}
	return t.slice(obj.Start-chars, obj.Start), nil
}

// After returns the text right after the quote.
func (r *evidenceResolver) After(ctx context.Context, obj *persona.Evidence, chars int) (string, error) {
	if chars < 0 || chars > maxAround {
		return "", persona.Invalid("chars", "must be from 0 to %d", maxAround)
	}
	t, err := loadersFrom(ctx).text(ctx, obj.SourceID)
	if err != nil {
		return "", err
	}
	return t.slice(obj.End, obj.End+chars), nil
}
