package persona

import (
	"encoding/json"
	"io"
	"strconv"
	"time"
)

// Op is what a claim does to the set.
type Op string

// The operations of a claim.
const (
	OpAssert Op = "ASSERT" // the path has this value
	OpDeny   Op = "DENY"   // it has not; with an empty key, no machine claim of the path counts
	OpLock   Op = "LOCK"   // the path keeps the claims cited, whatever is read later
)

// Basis is where a statement comes from, strongest first: EDITED, STATED, INFERRED.
type Basis string

// The bases of a statement.
const (
	BasisStated   Basis = "STATED"   // the source says so, and the quote proves it
	BasisInferred Basis = "INFERRED" // concluded, not said
	BasisEdited   Basis = "EDITED"   // a person said so through the API
)

// rank orders bases, the strongest highest.
func (b Basis) rank() int {
	switch b {
	case BasisEdited:
		return 3
	case BasisStated:
		return 2
	case BasisInferred:
		return 1
	}
	return 0
}

// ClaimState is how a claim fares in the present version.
type ClaimState string

// The states of a claim.
const (
	ClaimActive      ClaimState = "ACTIVE"      // it counts
	ClaimSuperseded  ClaimState = "SUPERSEDED"  // a stronger or later statement stands in its place
	ClaimConflicting ClaimState = "CONFLICTING" // it lost to an equally founded statement of the same time
	ClaimRetracted   ClaimState = "RETRACTED"   // not in the version, or denied
)

// PerMille is a confidence from 0 to 1000. GraphQL shows it as a Float from 0 to 1.
type PerMille int16

// MarshalGQL writes the confidence as a Float.
func (p PerMille) MarshalGQL(w io.Writer) {
	_, _ = w.Write(strconv.AppendFloat(nil, float64(p)/1000, 'f', -1, 64))
}

// UnmarshalGQL exists because gqlgen binds a scalar both ways; no input has a confidence.
func (p *PerMille) UnmarshalGQL(any) error { return Invalid("confidence", "cannot be given") }

// Detail holds the parts of a value that has parts, by the names in Field.Parts.
type Detail map[string]string

// MarshalGQL writes the parts as a JSON object.
func (d Detail) MarshalGQL(w io.Writer) { _ = json.NewEncoder(w).Encode(map[string]string(d)) }

// UnmarshalGQL reads an object of strings.
func (d *Detail) UnmarshalGQL(v any) error {
	m, ok := v.(map[string]any)
	if !ok {
		return Invalid("detail", "must be an object of strings")
	}
	*d = Detail{}
	for k, v := range m {
		s, ok := v.(string)
		if !ok {
			return Invalid("detail", "must be an object of strings")
		}
		(*d)[k] = s
	}
	return nil
}

// Claim is one immutable statement about the person: read by an engine from one
// source, or made by an author.
type Claim struct {
	ID         ClaimID
	PersonaID  ID        // where it is at home; after a merge another persona counts it too
	SourceID   *SourceID // nil for human claims, and for narratives that rest on other claims
	RunID      *RunID    // the run that wrote it; nil for human claims
	Author     *string   // who made it; nil for machine claims
	Op         Op
	Path       string // a Field's path
	Key        string // the normalised value; equal keys are one item
	Value      string
	Detail     Detail
	Basis      Basis
	Confidence PerMille
	Start, End int    // of Quote in the source's text, in code points, End excluded
	Quote      string // "" when nothing is quoted
	ValidFrom  string // ISO 8601 date, also partial (2019, 2019-05); "" unknown
	ValidTo    string // the same; "" unknown or still true
	Cites      []ClaimID
	AsOf       *time.Time // of its source; read with the claim, not stored on it
	CreatedAt  time.Time
}

// Human reports whether an author made the claim.
func (c *Claim) Human() bool { return c.Author != nil }

// Evidence returns where the source says so, nil when the claim quotes nothing.
func (c *Claim) Evidence() *Evidence {
	if c.SourceID == nil || c.Quote == "" {
		return nil
	}
	return &Evidence{SourceID: *c.SourceID, Start: c.Start, End: c.End, Quote: c.Quote}
}

// ClaimWhere narrows a list of claims; every field given must hold.
type ClaimWhere struct {
	Paths  []string
	Basis  *Basis
	State  *ClaimState
	Source *SourceID
}
