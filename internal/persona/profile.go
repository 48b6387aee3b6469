package persona

import (
	"encoding/json"
	"fmt"
)

// Trait is one statement about the person, as it stands after the fold.
type Trait struct {
	Path         string        `json:"path"`
	Value        string        `json:"value"`
	Detail       Detail        `json:"detail,omitempty"`
	Basis        Basis         `json:"basis"`
	Confidence   PerMille      `json:"confidence"`
	Locked       bool          `json:"locked,omitempty"`
	Evidence     []Evidence    `json:"evidence,omitempty"` // where the sources say so, the best first
	RestsOn      []ClaimID     `json:"restsOn,omitempty"`  // of a narrative: the claims it cites
	Claims       []ClaimID     `json:"claims"`             // those that won, the best first
	Alternatives []Alternative `json:"alternatives,omitempty"`
}

// Alternative is a claim of the same path that did not win.
type Alternative struct {
	Claim ClaimID    `json:"claim"`
	State ClaimState `json:"state"` // CONFLICTING or SUPERSEDED
}

// Evidence is one place where a source says so: Quote is exactly
// text[Start:End] of the source, in code points.
type Evidence struct {
	SourceID SourceID `json:"source"`
	Start    int      `json:"start"`
	End      int      `json:"end"`
	Quote    string   `json:"quote"`
}

// Profile is the fold of a set of claims. A nil trait or an empty list is unknown.
type Profile struct {
	Name          *Trait        `json:"name,omitempty"`
	Role          *Trait        `json:"role,omitempty"`
	Location      *Trait        `json:"location,omitempty"`
	AgeRange      *Trait        `json:"ageRange,omitempty"`
	Gender        *Trait        `json:"gender,omitempty"`
	Summary       *Trait        `json:"summary,omitempty"`
	Contact       Contact       `json:"contact,omitzero"`
	Background    Background    `json:"background,omitzero"`
	Career        Career        `json:"career,omitzero"`
	Identity      Identity      `json:"identity,omitzero"`
	Cognition     Cognition     `json:"cognition,omitzero"`
	Behavior      Behavior      `json:"behavior,omitzero"`
	Communication Communication `json:"communication,omitzero"`
	Strengths     []Trait       `json:"strengths,omitempty"`
	Challenges    []Trait       `json:"challenges,omitempty"`
	Interests     Interests     `json:"interests,omitzero"`
	Skills        Skills        `json:"skills,omitzero"`
	Motivations   Motivations   `json:"motivations,omitzero"`
	Relationships Relationships `json:"relationships,omitzero"`
	Quotes        []Trait       `json:"quotes,omitempty"` // telling sentences in the person's own words

	// SetAside are the claims a lock keeps from counting where no trait lists
	// them as alternatives; their state is SUPERSEDED.
	SetAside []ClaimID `json:"setAside,omitempty"`
}

// Contact is how to reach the person.
type Contact struct {
	Emails []Trait `json:"emails,omitempty"`
	Phones []Trait `json:"phones,omitempty"`
	Links  []Trait `json:"links,omitempty"`
}

// Background is where the person comes from and whom the person belongs to.
type Background struct {
	BirthDate        *Trait  `json:"birthDate,omitempty"`
	BirthPlace       *Trait  `json:"birthPlace,omitempty"`
	DeathDate        *Trait  `json:"deathDate,omitempty"`
	Nationalities    []Trait `json:"nationalities,omitempty"`
	Residences       []Trait `json:"residences,omitempty"`
	PoliticalParties []Trait `json:"politicalParties,omitempty"`
	Spouses          []Trait `json:"spouses,omitempty"`
	Parents          []Trait `json:"parents,omitempty"`
	Children         []Trait `json:"children,omitempty"`
}

// Career is the person's working life and schooling.
type Career struct {
	PositionTraits    []Trait `json:"positions,omitempty"` // Detail has the parts
	EducationTraits   []Trait `json:"education,omitempty"` // Detail has the parts
	YearsOfExperience *Trait  `json:"yearsOfExperience,omitempty"`
	Certifications    []Trait `json:"certifications,omitempty"`
}

// Position is one entry of working life. A nil part is unknown.
type Position struct {
	Title, Organization, Location, Start, End *string
	Trait                                     Trait
}

// Education is one entry of schooling. A nil part is unknown.
type Education struct {
	Institution, Degree, Field, Start, End *string
	Trait                                  Trait
}

// Identity is who the person is in their own eyes and in others'.
type Identity struct {
	CoreDescription *Trait  `json:"coreDescription,omitempty"`
	SelfPerception  *Trait  `json:"selfPerception,omitempty"`
	Archetypes      []Trait `json:"archetypes,omitempty"`
	Values          []Trait `json:"values,omitempty"`
	Beliefs         []Trait `json:"beliefs,omitempty"`
}

// Cognition is how the person thinks and decides.
type Cognition struct {
	ThinkingStyle  *Trait `json:"thinkingStyle,omitempty"`
	DecisionMaking *Trait `json:"decisionMaking,omitempty"`
	LearningStyle  *Trait `json:"learningStyle,omitempty"`
	ProblemSolving *Trait `json:"problemSolving,omitempty"`
	RiskTolerance  *Trait `json:"riskTolerance,omitempty"`
}

// Behavior is what the person does.
type Behavior struct {
	Patterns       []Trait `json:"patterns,omitempty"`
	Habits         []Trait `json:"habits,omitempty"`
	Routines       *Trait  `json:"routines,omitempty"`
	SocialBehavior *Trait  `json:"socialBehavior,omitempty"`
	EnergyLevel    *Trait  `json:"energyLevel,omitempty"`
}

// Communication is how the person speaks and likes to be spoken to.
type Communication struct {
	Tone        *Trait  `json:"tone,omitempty"`
	Style       *Trait  `json:"style,omitempty"`
	Preferences []Trait `json:"preferences,omitempty"`
	Vocabulary  *Trait  `json:"vocabulary,omitempty"`
	NonVerbal   *Trait  `json:"nonVerbal,omitempty"`
}

// Interests is what the person likes.
type Interests struct {
	Primary   []Trait `json:"primary,omitempty"`
	Secondary []Trait `json:"secondary,omitempty"`
	Passions  []Trait `json:"passions,omitempty"`
}

// Skills is what the person can do.
type Skills struct {
	Hard      []Trait `json:"hard,omitempty"`
	Soft      []Trait `json:"soft,omitempty"`
	Expertise []Trait `json:"expertise,omitempty"`
	Languages []Trait `json:"languages,omitempty"`
}

// Motivations is what moves the person.
type Motivations struct {
	PrimaryDrives []Trait `json:"primaryDrives,omitempty"`
	Goals         []Trait `json:"goals,omitempty"`
	Aspirations   *Trait  `json:"aspirations,omitempty"`
	Fears         []Trait `json:"fears,omitempty"`
}

// Relationships is how the person is with others.
type Relationships struct {
	RelationalStyle        *Trait `json:"relationalStyle,omitempty"`
	RoleInGroups           *Trait `json:"roleInGroups,omitempty"`
	PreferredRelationships *Trait `json:"preferredRelationships,omitempty"`
	InfluenceOnOthers      *Trait `json:"influenceOnOthers,omitempty"`
}

// part returns a part of a trait's detail, nil when it is unknown.
func (t *Trait) part(name string) *string {
	if v, ok := t.Detail[name]; ok && v != "" {
		return &v
	}
	return nil
}

// Positions returns working life, the latest first.
func (c Career) Positions() []Position {
	out := make([]Position, len(c.PositionTraits))
	for i, t := range c.PositionTraits {
		out[i] = Position{t.part("title"), t.part("organization"), t.part("location"), t.part("start"), t.part("end"), t}
	}
	return out
}

// Education returns schooling, the latest first.
func (c Career) Education() []Education {
	out := make([]Education, len(c.EducationTraits))
	for i, t := range c.EducationTraits {
		out[i] = Education{t.part("institution"), t.part("degree"), t.part("field"), t.part("start"), t.part("end"), t}
	}
	return out
}

// Roles are the positions' titles, each once.
func (c Career) Roles() []Trait { return project(c.PositionTraits, "title", "career.roles") }

// Employers are the positions' organizations, each once.
func (c Career) Employers() []Trait {
	return project(c.PositionTraits, "organization", "career.employers")
}

// Schools are the education's institutions, each once.
func (c Career) Schools() []Trait {
	return project(c.EducationTraits, "institution", "career.schools")
}

// Degrees are the education's degrees, each once.
func (c Career) Degrees() []Trait { return project(c.EducationTraits, "degree", "career.degrees") }

// project lists one part of many traits. Items with the same part are one trait
// with the evidence of all and the strongest basis and confidence.
func project(from []Trait, part, path string) []Trait {
	var out []Trait
	at := map[string]int{}
	for _, t := range from {
		v := t.part(part)
		if v == nil {
			continue
		}
		key := normWords(*v)
		i, seen := at[key]
		if !seen {
			at[key] = len(out)
			p := t
			p.Path, p.Value, p.Detail, p.Alternatives = path, *v, nil, nil
			p.Evidence = append([]Evidence(nil), t.Evidence...)
			p.Claims = append([]ClaimID(nil), t.Claims...)
			out = append(out, p)
			continue
		}
		p := &out[i]
		p.Evidence = append(p.Evidence, t.Evidence...)
		p.Claims = append(p.Claims, t.Claims...)
		p.Confidence = max(p.Confidence, t.Confidence)
		p.Locked = p.Locked || t.Locked
		if t.Basis.rank() > p.Basis.rank() {
			p.Basis = t.Basis
		}
	}
	return out
}

// Traits returns the profile as a flat list in the order of Fields. With paths,
// only those that equal one of them or lie under one.
func (p *Profile) Traits(paths ...string) []Trait {
	out := []Trait{}
	for i := range Fields {
		f := &Fields[i]
		if !f.under(paths) {
			continue
		}
		out = append(out, f.Of(p)...)
	}
	return out
}

// States returns the state of every claim the profile knows of. Any other claim
// of the persona is RETRACTED.
func (p *Profile) States() map[ClaimID]ClaimState {
	out := map[ClaimID]ClaimState{}
	for _, t := range p.Traits() {
		for _, id := range t.Claims {
			out[id] = ClaimActive
		}
		for _, a := range t.Alternatives {
			out[a.Claim] = a.State
		}
	}
	for _, id := range p.SetAside {
		out[id] = ClaimSuperseded
	}
	return out
}

// Sources returns the ids of all sources the profile's evidence lies in, each once.
func (p *Profile) Sources() []SourceID {
	var out []SourceID
	seen := map[SourceID]bool{}
	for _, t := range p.Traits() {
		for _, e := range t.Evidence {
			if !seen[e.SourceID] {
				seen[e.SourceID] = true
				out = append(out, e.SourceID)
			}
		}
	}
	return out
}

// ParseProfile reads a profile as it is stored; no bytes are a nil profile.
func ParseProfile(b []byte) (*Profile, error) {
	if len(b) == 0 {
		return nil, nil
	}
	p := new(Profile)
	if err := json.Unmarshal(b, p); err != nil {
		return nil, fmt.Errorf("stored profile: %w", err)
	}
	return p, nil
}

// Profile returns the typed profile, nil until the first version or when the
// profile was not read.
func (p *Persona) Profile() (*Profile, error) { return ParseProfile(p.ProfileJSON) }
