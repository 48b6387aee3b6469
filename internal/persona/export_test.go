package persona

import (
	"context"

	"pgregory.net/rapid"
)

// Verb, Commit, Claims and Encode are for the ledger's tests against a real
// store, which this package's own tests cannot import.
type Verb struct {
	Persona  ID
	Expected *int
	Reason   Reason
	Next     func(live []Claim) []Claim
}

func Commit(ctx context.Context, tx Tx, ch Verb) (*Persona, error) {
	return commit(ctx, tx, change{persona: ch.Persona, expected: ch.Expected, reason: ch.Reason, author: "ada", next: ch.Next})
}

func DrawClaims(t *rapid.T, label string, home ID, sources []SourceID) []Claim {
	return claims(t, label, home, sources)
}

func Encode(p *Profile) string { return string(p.encode()) }
