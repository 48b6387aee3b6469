package graph

import (
	"context"

	"github.com/persona-api/persona-api/graph/model"
	"github.com/persona-api/persona-api/internal/persona"
)

// Node returns anything by its id.
func (r *queryResolver) Node(ctx context.Context, id string) (model.Node, error) {
	found, err := r.Nodes(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// Nodes returns what the ids name, nil where there is none, in one read per noun.
func (r *queryResolver) Nodes(ctx context.Context, ids []string) ([]model.Node, error) {
	if len(ids) > persona.MaxPage {
		return nil, persona.Invalid("ids", "must be at most %d", persona.MaxPage)
	}
	keys := make([]any, len(ids))
	for i, id := range ids {
		var err error
		if keys[i], err = persona.ParseNodeID(id); err != nil {
			return nil, err
		}
	}
	return lookahead(ctx).nodes(selected(ctx), keys)
}

// Persona returns one persona, nil when there is none.
func (r *queryResolver) Persona(ctx context.Context, id string) (*persona.Persona, error) {
	key, err := persona.ParseID(id)
	if err != nil {
		return nil, err
	}
	ahead, sel := lookahead(ctx), selected(ctx)
	cols := ahead.columns(sel)
	p, err := r.Service.Persona(ctx, key, cols)
	if persona.CodeOf(err) == persona.CodeNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	ahead.page(cols, []*persona.Persona{p}, sel)
	return p, nil
}

// Personas returns a page of personas.
func (r *queryResolver) Personas(ctx context.Context, first *int, after *string, last *int, before *string, where *persona.Where, orderBy persona.Order) (*model.PersonaConnection, error) {
	ahead := lookahead(ctx)
	sels := ahead.items(selected(ctx))
	cols := ahead.columns(sels...)
	page, err := r.Service.List(ctx, persona.ListArgs{
		PageArgs: persona.PageArgs{First: first, After: after, Last: last, Before: before},
		Where:    where, Order: orderBy, Columns: cols,
	})
	if err != nil {
		return nil, err
	}
	ahead.page(cols, page.Nodes(), sels...)
	return &model.PersonaConnection{Connection: page, Where: where}, nil
}

// SearchPersonas returns a page of the personas that match words.
func (r *queryResolver) SearchPersonas(ctx context.Context, query string, where *persona.Where, orderBy persona.SearchOrder, first *int, after *string) (*model.PersonaSearchConnection, error) {
	ahead := lookahead(ctx)
	sels := ahead.items(selected(ctx))
	cols := ahead.columns(sels...)
	page, err := r.Service.Search(ctx, persona.SearchArgs{
		PageArgs: persona.PageArgs{First: first, After: after},
		Query:    query, Where: where, Order: orderBy, Columns: cols,
	})
	if err != nil {
		return nil, err
	}
	found := &model.PersonaSearchConnection{Connection: page, Query: query, Where: where}
	ahead.page(cols, found.Nodes(), sels...)
	return found, nil
}

// PersonaStats returns the workspace in figures.
func (r *queryResolver) PersonaStats(ctx context.Context, createdAt *persona.TimeRange, days *int) (*persona.Stats, error) {
	args := persona.StatsArgs{CreatedAt: createdAt, Days: 30}
	if days != nil {
		args.Days = *days
	}
	return r.Service.Stats(ctx, args)
}

// Viewer returns on whose behalf the request acts.
func (r *queryResolver) Viewer(ctx context.Context) (*persona.Caller, error) {
	caller := persona.CallerFrom(ctx)
	return &caller, nil
}

// TotalCount counts what the list goes through.
func (r *personaConnectionResolver) TotalCount(ctx context.Context, obj *model.PersonaConnection) (*persona.Count, error) {
	n, err := r.Service.CountPersonas(ctx, obj.Where)
	return &n, err
}

// TotalCount counts what the search goes through.
func (r *personaSearchConnectionResolver) TotalCount(ctx context.Context, obj *model.PersonaSearchConnection) (*persona.Count, error) {
	n, err := r.Service.CountMatches(ctx, obj.Query, obj.Where)
	return &n, err
}
