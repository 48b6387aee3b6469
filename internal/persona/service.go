package persona

import (
	"log/slog"
	"time"
)

// Service is the domain's door: all that can be read, and every verb that
// changes something. Its context must carry a Caller.
type Service struct {
	Reader
	w      Writer
	bus    Bus
	engine Engine
	log    *slog.Logger
}

// NewService returns a Service over a store, its events and an engine.
func NewService(r Reader, w Writer, bus Bus, engine Engine, log *slog.Logger) *Service {
	return &Service{Reader: r, w: w, bus: bus, engine: engine, log: log}
}

// Create is what a new persona is made of: Text, or Sources, or both; at least one in all.
type Create struct {
	Text             *string // short for one source of kind TEXT
	Sources          []SourceInput
	Subject          *Subject // what the caller knows for certain: becomes EDITED claims
	Tags             []string
	WaitSeconds      *int // for READY or FAILED; 10 when nil, 0 returns at once, at most 60
	ClientMutationID *string
}

// SourceInput is one text to add.
type SourceInput struct {
	Text  string
	Kind  *SourceKind // TEXT when nil
	Title *string
	AsOf  *time.Time // when the text was true
}

// Subject is what the caller knows for certain about the person.
type Subject struct{ Name, Role, Location, Gender *string }

// Delete names the persona to delete.
type Delete struct {
	ID               ID
	ClientMutationID *string
}

// Job is one synthesis to do.
type Job struct {
	Persona ID
	Run     RunID
	Attempt int  // from 1
	Last    bool // no other attempt follows a failure
}

// SynthesisEvent is one step of a run: where it stands, and the claims written since the event before.
type SynthesisEvent struct {
	Run       *Run
	Persona   *Persona
	NewClaims []*Claim
	At        time.Time
}

// PersonaChange is one change in the workspace. Persona is nil when it is gone.
type PersonaChange struct {
	ID      ID
	Kind    EventKind // CREATED, UPDATED, MERGED or DELETED
	Persona *Persona
	At      time.Time
}
