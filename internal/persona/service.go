package persona

import (
	"log/slog"
	"time"
)

// Service is the domain's door: all that can be read, and every verb that
// changes something. Its context must carry a Caller.
type Service struct {
	Reader
	w       Writer
	bus     Bus
	engines []Engine
	pages   Pages
	budget  int64
	log     *slog.Logger

	watched watched
}

// Options is what a Service is made of.
type Options struct {
	Reader  Reader
	Writer  Writer
	Bus     Bus
	Engines []Engine // the first reads what nobody says another should read; each under a name of its own
	Pages   Pages    // nil: neither pages nor files are read
	Budget  int64    // what a workspace may spend in a day (UTC), in millionths of a US dollar; 0 is no limit
	Log     *slog.Logger
}

// NewService returns a Service.
func NewService(o Options) *Service {
	return &Service{Reader: o.Reader, w: o.Writer, bus: o.Bus, engines: o.Engines, pages: o.Pages, budget: o.Budget, log: o.Log}
}

// engine returns the engine of a name, nil when there is none.
func (s *Service) engine(name string) Engine {
	for _, e := range s.engines {
		if e.Info().Name == name {
			return e
		}
	}
	return nil
}

// Create is what a new persona is made of: Text, URLs or Sources, or several of them; at least one in all.
type Create struct {
	Text             *string  // short for one source of kind TEXT
	URLs             []string // short for sources of kind URL
	Sources          []SourceInput
	Subject          *Subject // what the caller knows for certain: becomes EDITED claims
	Tags             []string
	WaitSeconds      *int // for READY or FAILED; 10 when nil, 0 returns at once, at most 60
	ClientMutationID *string
}

// AddSources is what a persona shall be read from besides: at least one text, page or file in all.
type AddSources struct {
	ID               ID
	Text             *string
	URLs             []string
	Sources          []SourceInput
	WaitSeconds      *int
	ClientMutationID *string
}

// SourceInput is one text, page or file to add: exactly one of Text, URL and File.
type SourceInput struct {
	Text  *string
	URL   *string
	File  *File
	Kind  *SourceKind // what it looks like when nil: TEXT, URL or DOCUMENT
	Title *string     // the page's or the file's own when nil
	AsOf  *time.Time  // when the text was true
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
