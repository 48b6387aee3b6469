package graph

import (
	"context"

	"github.com/persona-api/persona-api/internal/persona"
)

// Synthesis follows a persona's latest run.
func (r *subscriptionResolver) Synthesis(ctx context.Context, personaID string) (<-chan *persona.SynthesisEvent, error) {
	id, err := persona.ParseID(personaID)
	if err != nil {
		return nil, err
	}
	return r.Service.WatchSynthesis(persona.Fresh(ctx), id)
}

// PersonaChanged follows the changes of some personas, or of all.
func (r *subscriptionResolver) PersonaChanged(ctx context.Context, ids []string) (<-chan *persona.PersonaChange, error) {
	if len(ids) > persona.MaxPage {
		return nil, persona.Invalid("ids", "must be at most %d", persona.MaxPage)
	}
	keys := make([]persona.ID, len(ids))
	for i, id := range ids {
		var err error
		if keys[i], err = persona.ParseID(id); err != nil {
			return nil, err
		}
	}
	return r.Service.WatchChanges(persona.Fresh(ctx), keys)
}
