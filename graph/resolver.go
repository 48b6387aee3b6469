// Package graph serves the domain over GraphQL. Its resolvers decide nothing:
// they decode, call the Service and hand its types to the generated executor.
// What lies below a list is read ahead for the whole page (lookahead.go), so
// that the number of reads depends on the operation, not on the page's size.
package graph

//go:generate sh -c "cd .. && go tool gqlgen generate --config gqlgen.yml"

import (
	"github.com/99designs/gqlgen/graphql"

	"github.com/persona-api/persona-api/graph/generated"
	"github.com/persona-api/persona-api/internal/persona"
)

// Resolver resolves the schema's fields over the domain.
type Resolver struct {
	Service *persona.Service
}

// NewSchema returns the executable schema. Each response must be made under
// WithLoaders.
func NewSchema(service *persona.Service) graphql.ExecutableSchema {
	return generated.NewExecutableSchema(generated.Config{Resolvers: &Resolver{Service: service}})
}

type (
	claimResolver                   struct{ *Resolver }
	evidenceResolver                struct{ *Resolver }
	mutationResolver                struct{ *Resolver }
	personaResolver                 struct{ *Resolver }
	personaConnectionResolver       struct{ *Resolver }
	personaSearchConnectionResolver struct{ *Resolver }
	queryResolver                   struct{ *Resolver }
	runResolver                     struct{ *Resolver }
	sourceResolver                  struct{ *Resolver }
	subscriptionResolver            struct{ *Resolver }
	traitResolver                   struct{ *Resolver }
	versionResolver                 struct{ *Resolver }
)

// Claim resolves fields of claims.
func (r *Resolver) Claim() generated.ClaimResolver { return &claimResolver{r} }

// Evidence resolves fields of evidence.
func (r *Resolver) Evidence() generated.EvidenceResolver { return &evidenceResolver{r} }

// Mutation resolves mutations.
func (r *Resolver) Mutation() generated.MutationResolver { return &mutationResolver{r} }

// Persona resolves fields of personas.
func (r *Resolver) Persona() generated.PersonaResolver { return &personaResolver{r} }

// PersonaConnection resolves fields of pages of personas.
func (r *Resolver) PersonaConnection() generated.PersonaConnectionResolver {
	return &personaConnectionResolver{r}
}

// PersonaSearchConnection resolves fields of pages of a search.
func (r *Resolver) PersonaSearchConnection() generated.PersonaSearchConnectionResolver {
	return &personaSearchConnectionResolver{r}
}

// Query resolves queries.
func (r *Resolver) Query() generated.QueryResolver { return &queryResolver{r} }

// Source resolves fields of sources.
func (r *Resolver) Source() generated.SourceResolver { return &sourceResolver{r} }

// Subscription resolves subscriptions.
func (r *Resolver) Subscription() generated.SubscriptionResolver { return &subscriptionResolver{r} }

// SynthesisRun resolves fields of runs.
func (r *Resolver) SynthesisRun() generated.SynthesisRunResolver { return &runResolver{r} }

// Trait resolves fields of traits.
func (r *Resolver) Trait() generated.TraitResolver { return &traitResolver{r} }

// Version resolves fields of versions.
func (r *Resolver) Version() generated.VersionResolver { return &versionResolver{r} }
