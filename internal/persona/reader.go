package persona

import (
	"context"
	"strings"
	"time"
)

// Columns says which of a persona's large columns a read needs.
type Columns struct{ Profile, Document bool }

// Direction is the direction of an order.
type Direction string

// The directions.
const (
	Asc  Direction = "ASC"
	Desc Direction = "DESC"
)

// OrderField is what personas are listed by.
type OrderField string

// The fields to order by; ties are broken by id.
const (
	OrderCreatedAt OrderField = "CREATED_AT"
	OrderUpdatedAt OrderField = "UPDATED_AT"
	OrderName      OrderField = "NAME" // normalised; those without a name first
)

// Order is the order of a list.
type Order struct {
	Field     OrderField
	Direction Direction
}

// SearchOrder is the order of a search.
type SearchOrder string

// The orders of a search.
const (
	SearchRelevance SearchOrder = "RELEVANCE"
	SearchNewest    SearchOrder = "NEWEST"
)

// TimeRange is a half-open range, From inclusive, To exclusive; nil is unbounded.
type TimeRange struct{ From, To *time.Time }

// StringFilter matches normalised text. Exactly one member is set.
type StringFilter struct{ Eq, Contains, StartsWith *string }

// Where narrows a list or search of personas; every field given must hold.
type Where struct {
	StatusIn  []Status
	Name      *StringFilter
	Role      *StringFilter
	Location  *StringFilter
	TagsAll   []string
	Skill     *string
	Employer  *string
	CreatedAt *TimeRange
	UpdatedAt *TimeRange
}

// IsZero reports whether nothing is asked.
func (w *Where) IsZero() bool {
	return w == nil || len(w.StatusIn) == 0 && w.Name == nil && w.Role == nil && w.Location == nil && len(w.TagsAll) == 0 &&
		w.Skill == nil && w.Employer == nil && w.CreatedAt == nil && w.UpdatedAt == nil
}

// Check returns an Invalid error when the filter contradicts itself, nil when it
// can be asked. A Reader checks before it reads.
func (w *Where) Check() error {
	if w == nil {
		return nil
	}
	for name, f := range map[string]*StringFilter{"name": w.Name, "role": w.Role, "location": w.Location} {
		if f == nil {
			continue
		}
		n := 0
		for _, s := range []*string{f.Eq, f.Contains, f.StartsWith} {
			if s != nil {
				n++
			}
		}
		if n != 1 {
			return Invalid(name, "must have exactly one of eq, contains and startsWith")
		}
	}
	return nil
}

// ListArgs asks for a list of personas.
type ListArgs struct {
	PageArgs
	Where   *Where
	Order   Order
	Columns Columns
}

// SearchArgs asks for personas that match words.
type SearchArgs struct {
	PageArgs // First and After only
	Query    string
	Where    *Where
	Order    SearchOrder
	Columns  Columns
}

// Hit is a persona found, with its score; higher is better, and only the order means anything.
type Hit struct {
	*Persona
	Score float64
}

// Count is a number of rows; not Exact means at least Value.
type Count struct {
	Value int
	Exact bool
}

// StatsArgs asks for the workspace's statistics.
type StatsArgs struct {
	CreatedAt *TimeRange // only personas created in it, with what belongs to them
	Days      int        // how many days CreatedPerDay goes back, today included
}

// Stats are a workspace's statistics. Buckets come largest first, at most ten, except ByStatus.
type Stats struct {
	Total              int
	ByStatus           []Bucket
	CreatedPerDay      []DayCount // oldest first, days without any included
	TopRoles           []Bucket
	TopLocations       []Bucket
	TopSkills          []Bucket
	TopTags            []Bucket
	OldestCreatedAt    *time.Time
	NewestCreatedAt    *time.Time
	DaysActive         int // days with at least one persona created
	Sources            int
	Claims             int
	ProvenRatio        float64 // of the claims proposed by engines, 0 to 1; 0 without any
	InputTokens        int64
	OutputTokens       int64
	CostUsd            *float64 // nil until a model has been called
	AverageSynthesisMs *float64
	AsOf               time.Time
}

// Bucket is a value and how often it occurs.
type Bucket struct {
	Key   string
	Count int
}

// DayCount is a UTC day and how many personas were created on it.
type DayCount struct {
	Date  string // 2026-11-23
	Count int
}

// Facet kinds, by which personas are filtered and counted.
const (
	FacetRole     = "ROLE"
	FacetLocation = "LOCATION"
	FacetSkill    = "SKILL"
	FacetEmployer = "EMPLOYER"
	FacetTag      = "TAG"
)

// Facet is one countable property of a persona. Key is Value normalised by FacetKey.
type Facet struct{ Kind, Key, Value string }

// maxKey bounds what is compared and sorted by, in code points: four bytes each
// stay well under what an index entry of PostgreSQL can hold.
const maxKey = 200

// FacetKey is how names, facet values and filters are compared and sorted: the
// words normalised, at most 200 code points of them. A key's key is the key itself.
func FacetKey(value string) string {
	n := 0
	key := normWords(value)
	for i := range key {
		if n == maxKey {
			return strings.TrimRight(key[:i], " ")
		}
		n++
	}
	return key
}

// Reader is everything that can be asked of what is kept. All of it is scoped to
// the caller's workspace: what lies outside is not found. Reads go to the replica
// where there is one, unless the context is Fresh. Lists aligned to ids have nil
// where there is nothing; a page for a persona that is not there is empty.
//
// Errors are *Error: NotFound, Invalid, Unavailable, Timeout or Internal.
type Reader interface {
	// Persona returns one persona, or NotFound.
	Persona(ctx context.Context, id ID, cols Columns) (*Persona, error)
	// Personas returns personas aligned to ids.
	Personas(ctx context.Context, ids []ID, cols Columns) ([]*Persona, error)
	// List returns a page of personas.
	List(ctx context.Context, args ListArgs) (*Connection[*Persona], error)
	// CountPersonas counts what List would go through: exact without a filter, else capped.
	CountPersonas(ctx context.Context, where *Where) (Count, error)
	// Search returns a page of what matches the words.
	Search(ctx context.Context, args SearchArgs) (*Connection[Hit], error)
	// CountMatches counts what Search would go through, capped.
	CountMatches(ctx context.Context, query string, where *Where) (Count, error)
	// Stats returns the workspace's statistics, fresh as of the last write.
	Stats(ctx context.Context, args StatsArgs) (*Stats, error)

	// Sources returns sources aligned to ids, with their text only if asked.
	Sources(ctx context.Context, ids []SourceID, text bool) ([]*Source, error)
	// SourcesOf returns a page of each persona's sources, oldest first, aligned to ids.
	SourcesOf(ctx context.Context, ids []ID, page PageArgs, text bool) ([]*Connection[*Source], error)
	// Claims returns claims aligned to ids, with AsOf and Cites.
	Claims(ctx context.Context, ids []ClaimID) ([]*Claim, error)
	// ClaimsOf returns a page of the claims each persona has ever counted, oldest first, aligned to ids.
	ClaimsOf(ctx context.Context, ids []ID, where *ClaimWhere, page PageArgs) ([]*Connection[*Claim], error)
	// ClaimsOfRun returns the claims a run has written so far, in the order written.
	ClaimsOfRun(ctx context.Context, id RunID) ([]*Claim, error)
	// Versions returns versions aligned to ids.
	Versions(ctx context.Context, ids []VersionID) ([]*Version, error)
	// VersionBefore returns the last version made at or before t, nil if there is none.
	VersionBefore(ctx context.Context, id ID, t time.Time) (*Version, error)
	// VersionsOf returns a page of each persona's versions, newest first, aligned to ids.
	VersionsOf(ctx context.Context, ids []ID, page PageArgs) ([]*Connection[*Version], error)
	// Members returns the set of claims that version is, with AsOf and Cites.
	Members(ctx context.Context, id VersionID) ([]Claim, error)
	// Recorded returns the claims that the engine, under this very Info, has read
	// from an equal text (and kind and title) of any persona, and whether it has read one to the end.
	Recorded(ctx context.Context, src *Source, engine EngineInfo) (claims []*Claim, read bool, err error)
	// RecordedNarrative returns the narrative claims of a finished run of the
	// engine with this ComposeKey, none when there is no such run.
	RecordedNarrative(ctx context.Context, key string, engine EngineInfo) ([]*Claim, error)
	// Runs returns runs aligned to ids.
	Runs(ctx context.Context, ids []RunID) ([]*Run, error)
	// LatestRuns returns the newest run of each persona, aligned to ids.
	LatestRuns(ctx context.Context, ids []ID) ([]*Run, error)
	// RunsOf returns a page of each persona's runs, newest first, aligned to ids.
	RunsOf(ctx context.Context, ids []ID, page PageArgs) ([]*Connection[*Run], error)
}

// Writer opens the one way in.
type Writer interface {
	// Write runs f in one transaction on the primary, scoped to the caller's
	// workspace. It commits when f returns nil. f may run again when the database
	// asks for it (deadlock, serialization), so it must have no effect besides tx.
	Write(ctx context.Context, f func(tx Tx) error) error
}

// Tx is what a transaction can do. All of it acts in the transaction alone and
// within the caller's workspace.
type Tx interface {
	// InsertPersona adds a persona as PENDING, without a version.
	InsertPersona(ctx context.Context, p *Persona) error
	// LockPersona returns the persona with profile and document and holds its row until the end; NotFound if there is none.
	LockPersona(ctx context.Context, id ID) (*Persona, error)
	// SetStatus changes the persona's status alone.
	SetStatus(ctx context.Context, id ID, status Status, at time.Time) error
	// DeletePersona removes the persona with all that is at home there; NotFound if there is none.
	DeletePersona(ctx context.Context, id ID) error

	// InsertSources adds sources; Conflict when the persona has one with the same text.
	InsertSources(ctx context.Context, sources []*Source) error
	// SourcesIn returns the persona's sources in any of these states with their text, oldest first.
	SourcesIn(ctx context.Context, id ID, states ...SourceStatus) ([]*Source, error)
	// SaveText gives a source without text what was fetched: text, kind, title, URL,
	// language and warnings; Conflict when the persona has a source with the same
	// text. One that has a text stays as it is, which saved tells.
	SaveText(ctx context.Context, s *Source) (saved bool, err error)
	// UpdateSource saves status, failure and the run that read it.
	UpdateSource(ctx context.Context, s *Source) error
	// Spend adds to what the workspace has spent on a day (2026-11-23, UTC), in
	// millionths of a dollar, and reports whether the sum stays within most; if it
	// does not, nothing is added.
	Spend(ctx context.Context, day string, micros, most int64) (bool, error)

	// InsertRun adds a run; UpdateRun saves all that can change of it.
	InsertRun(ctx context.Context, r *Run) error
	// LockRun returns the run and holds its row until the end; NotFound if there is none.
	LockRun(ctx context.Context, id RunID) (*Run, error)
	UpdateRun(ctx context.Context, r *Run) error
	// EnqueueSynthesis hands the run to the queue, visible when the transaction commits.
	EnqueueSynthesis(ctx context.Context, persona ID, run RunID) error

	// InsertClaims writes claims with what they cite; those already there stay as they are.
	InsertClaims(ctx context.Context, claims []Claim) error
	// Live returns the persona's present set, with AsOf and Cites.
	Live(ctx context.Context, id ID) ([]Claim, error)
	// CloseMembers ends the membership of claims with version number as the first without them.
	CloseMembers(ctx context.Context, id ID, claims []ClaimID, number int) error
	// OpenMembers makes claims members from version number on.
	OpenMembers(ctx context.Context, id ID, claims []ClaimID, number int) error
	// SaveVersion writes the version, the persona's head columns, profile,
	// document and facets, and its search words: p's head, body and its sources' texts.
	SaveVersion(ctx context.Context, p *Persona, v *Version, facets []Facet, body string) error

	// Notify sends the event to all subscribers of the workspace when the transaction commits.
	Notify(ctx context.Context, e Event) error
}

// EventKind is what happened.
type EventKind string

// The kinds of event.
const (
	EventCreated  EventKind = "CREATED"
	EventUpdated  EventKind = "UPDATED"
	EventMerged   EventKind = "MERGED"
	EventDeleted  EventKind = "DELETED"
	EventProgress EventKind = "PROGRESS" // a run has moved on; nothing of the persona has changed
)

// Event says what happened to which persona, by ids only: who wants more reads it.
type Event struct {
	Kind    EventKind `json:"kind"`
	Persona ID        `json:"persona"`
	Run     *RunID    `json:"run,omitempty"`
	At      time.Time `json:"at"`
}

// Bus delivers events.
type Bus interface {
	// Subscribe delivers the events of the caller's workspace from now on, until
	// ctx ends; then the channel is closed. Events may be lost or come twice when
	// the connection fails; then one with a zero Persona says "read again". A
	// subscriber that does not keep up gets the same instead of what it missed.
	Subscribe(ctx context.Context) (<-chan Event, error)
}
