package persona

import (
	"encoding/json"
	"time"
)

// Status is where a persona stands.
type Status string

// The states of a persona.
const (
	StatusPending Status = "PENDING" // no version yet, a run is to come
	StatusReady   Status = "READY"
	StatusFailed  Status = "FAILED" // has never had a version, and no run is to come
	StatusMerged  Status = "MERGED" // another persona took its claims; see MergedInto
)

// Persona is a persona as it is now. Profile and document are kept as the bytes
// they are stored in and are nil when the reader did not ask for them.
type Persona struct {
	ID            ID
	Status        Status
	MergedInto    *ID
	Name          *string
	Role          *string
	Location      *string
	Summary       *string
	Tags          []string
	VersionNumber int // 0 until the first version
	Hash          string
	ProfileJSON   json.RawMessage
	DocumentJSON  json.RawMessage
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// Reason is why a version was made.
type Reason string

// The reasons for a version.
const (
	ReasonCreated       Reason = "CREATED"
	ReasonSourceAdded   Reason = "SOURCE_ADDED"
	ReasonSourceRemoved Reason = "SOURCE_REMOVED"
	ReasonEdited        Reason = "EDITED"
	ReasonResynthesized Reason = "RESYNTHESIZED"
	ReasonMerged        Reason = "MERGED"
	ReasonUnmerged      Reason = "UNMERGED"
	ReasonRolledBack    Reason = "ROLLED_BACK"
	ReasonRefolded      Reason = "REFOLDED"
)

// Version is one state of a persona: a set of claims, and who made it why.
type Version struct {
	PersonaID ID
	Number    int // from 1, without gaps
	Reason    Reason
	Author    string
	Hash      string // of the profile's bytes, SHA-256, hexadecimal
	Redacted  bool   // words it was made of have been erased since
	CreatedAt time.Time
}

// ID names the version.
func (v *Version) ID() VersionID { return VersionID{v.PersonaID, v.Number} }

// Change is what a version changed at one path.
type Change struct {
	Path   string
	Before []Trait
	After  []Trait
}
