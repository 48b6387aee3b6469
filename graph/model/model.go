// Package model holds the few GraphQL types the domain has none for: pages of
// personas that know what they were asked with, payloads, and how scalars and
// enums are read and written.
package model

import "github.com/persona-api/persona-api/internal/persona"

// Node is a *persona.Persona, *persona.Source, *persona.Claim, *persona.Version or *persona.Run.
type Node any

// TextUnit is what a place in a text is counted in.
type TextUnit string

// The units of a text.
const (
	CodePoint TextUnit = "CODE_POINT"
	UTF16     TextUnit = "UTF16"
)

// PersonaConnection is a page of personas that knows its filter, so that the
// total is counted only when it is asked for.
type PersonaConnection struct {
	*persona.Connection[*persona.Persona]
	Where *persona.Where
}

// PersonaSearchConnection is a page of a search that knows what was asked.
type PersonaSearchConnection struct {
	*persona.Connection[persona.Hit]
	Query string
	Where *persona.Where
}

// Edges returns the personas found with their cursors and scores.
func (c *PersonaSearchConnection) Edges() []PersonaSearchEdge {
	out := make([]PersonaSearchEdge, len(c.Connection.Edges))
	for i, e := range c.Connection.Edges {
		out[i] = PersonaSearchEdge{Cursor: e.Cursor, Node: e.Node.Persona, Score: e.Node.Score}
	}
	return out
}

// Nodes returns the personas found alone.
func (c *PersonaSearchConnection) Nodes() []*persona.Persona {
	out := make([]*persona.Persona, len(c.Connection.Edges))
	for i, e := range c.Connection.Edges {
		out[i] = e.Node.Persona
	}
	return out
}

// PersonaSearchEdge is a persona found.
type PersonaSearchEdge struct {
	Cursor string
	Node   *persona.Persona
	Score  float64
}

// The domain's pages and edges, under the names gqlgen binds them by.
type (
	// PersonaEdge is a persona with its place in a list.
	PersonaEdge = persona.Edge[*persona.Persona]
	// SourceConnection is a page of sources.
	SourceConnection = persona.Connection[*persona.Source]
	// SourceEdge is a source with its place in a list.
	SourceEdge = persona.Edge[*persona.Source]
	// ClaimConnection is a page of claims.
	ClaimConnection = persona.Connection[*persona.Claim]
	// ClaimEdge is a claim with its place in a list.
	ClaimEdge = persona.Edge[*persona.Claim]
	// VersionConnection is a page of versions.
	VersionConnection = persona.Connection[*persona.Version]
	// VersionEdge is a version with its place in a list.
	VersionEdge = persona.Edge[*persona.Version]
	// RunConnection is a page of runs.
	RunConnection = persona.Connection[*persona.Run]
	// RunEdge is a run with its place in a list.
	RunEdge = persona.Edge[*persona.Run]
)
