package graph

import (
	"context"

	"github.com/persona-api/persona-api/graph/model"
	"github.com/persona-api/persona-api/internal/persona"
)

// CreatePersona adds a persona and waits for its synthesis as long as it is asked to.
func (r *mutationResolver) CreatePersona(ctx context.Context, input persona.Create) (*model.CreatePersonaPayload, error) {
	defer loadersFrom(ctx).clear()
	p, err := r.Service.Create(ctx, input)
	if err != nil {
		mine, err := userErrors(err)
		return &model.CreatePersonaPayload{UserErrors: mine, ClientMutationID: input.ClientMutationID}, err
	}
	edge := &model.PersonaEdge{Cursor: persona.DefaultOrder().Cursor(p).String(), Node: p}
	return &model.CreatePersonaPayload{Persona: p, PersonaEdge: edge, ClientMutationID: input.ClientMutationID}, nil
}

// AddSources gives a persona more to be read from.
func (r *mutationResolver) AddSources(ctx context.Context, input persona.AddSources) (*model.AddSourcesPayload, error) {
	defer loadersFrom(ctx).clear()
	p, err := r.Service.AddSources(ctx, input)
	if err != nil {
		mine, err := userErrors(err)
		return &model.AddSourcesPayload{UserErrors: mine, ClientMutationID: input.ClientMutationID}, err
	}
	return &model.AddSourcesPayload{Persona: p, ClientMutationID: input.ClientMutationID}, nil
}

// ResynthesizePersona has a persona's sources read again.
func (r *mutationResolver) ResynthesizePersona(ctx context.Context, input persona.Resynthesize) (*model.ResynthesizePersonaPayload, error) {
	defer loadersFrom(ctx).clear()
	p, estimate, err := r.Service.Resynthesize(ctx, input)
	if err != nil {
		mine, err := userErrors(err)
		return &model.ResynthesizePersonaPayload{UserErrors: mine, ClientMutationID: input.ClientMutationID}, err
	}
	return &model.ResynthesizePersonaPayload{Persona: p, Estimate: estimate, ClientMutationID: input.ClientMutationID}, nil
}

// DeletePersona removes a persona with all that is at home there.
func (r *mutationResolver) DeletePersona(ctx context.Context, input persona.Delete) (*model.DeletePersonaPayload, error) {
	defer loadersFrom(ctx).clear()
	id, err := r.Service.Delete(ctx, input)
	if err != nil {
		mine, err := userErrors(err)
		return &model.DeletePersonaPayload{UserErrors: mine, ClientMutationID: input.ClientMutationID}, err
	}
	gone := id.String()
	return &model.DeletePersonaPayload{DeletedPersonaID: &gone, ClientMutationID: input.ClientMutationID}, nil
}
