package persona

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Field is one place of the profile that claims can fill. The profile's
// accessors, the document, the prompts and the docs derive from this table.
type Field struct {
	Path        string   // in Profile, as GraphQL spells it
	Document    string   // in the document, snake_case, dotted
	Description string   // what belongs there, as told to a model and a reader
	Parts       []string // names of Detail's parts, nil for a plain value

	// Literal fields hold only words of the text: a machine claim counts only
	// when every word of its value, or of each of its parts, stands in its quote.
	Literal bool
	// Protected attributes are shown only when stated, never inferred.
	Protected bool
	// Narrative fields are composed from other claims, which they cite.
	Narrative bool

	normalise func(value string, d Detail) string
	one       func(*Profile) **Trait
	many      func(*Profile) *[]Trait
}

// Single reports whether the field holds one trait; otherwise it holds a list.
func (f *Field) Single() bool { return f.one != nil }

// Key is the value normalised: equal keys are the same item.
func (f *Field) Key(value string, d Detail) string { return f.normalise(value, d) }

// Of returns the field's traits in p, none when it is unknown.
func (f *Field) Of(p *Profile) []Trait {
	if f.one != nil {
		if t := *f.one(p); t != nil {
			return []Trait{*t}
		}
		return nil
	}
	return *f.many(p)
}

// set puts the traits into p.
func (f *Field) set(p *Profile, ts []Trait) {
	switch {
	case len(ts) == 0:
	case f.one != nil:
		*f.one(p) = &ts[0]
	default:
		*f.many(p) = ts
	}
}

// under reports whether the field is one of paths or lies under one; no paths mean all.
func (f *Field) under(paths []string) bool {
	if len(paths) == 0 {
		return true
	}
	for _, p := range paths {
		if f.Path == p || strings.HasPrefix(f.Path, p+".") {
			return true
		}
	}
	return false
}

// FieldAt returns the field of a path, nil when there is none.
func FieldAt(path string) *Field {
	for i := range Fields {
		if Fields[i].Path == path {
			return &Fields[i]
		}
	}
	return nil
}

// Fields are all fields, in the order they are shown.
var Fields = []Field{
	{Path: "name", Document: "meta.name", Literal: true, normalise: plain, one: func(p *Profile) **Trait { return &p.Name },
		Description: "the person's own name, as written"},
	{Path: "role", Document: "meta.role", normalise: plain, one: func(p *Profile) **Trait { return &p.Role },
		Description: "what the person does now: present job title or occupation"},
	{Path: "location", Document: "meta.location", Literal: true, normalise: plain, one: func(p *Profile) **Trait { return &p.Location },
		Description: "where the person lives or works now: city, region, country"},
	{Path: "ageRange", Document: "meta.age_range", Literal: true, Protected: true, normalise: plain, one: func(p *Profile) **Trait { return &p.AgeRange },
		Description: "age or generation, only when the text says it; a birth date belongs to background.birthDate"},
	{Path: "gender", Document: "meta.gender", Protected: true, normalise: plain, one: func(p *Profile) **Trait { return &p.Gender },
		Description: "gender, only when the text states it; never concluded from a name or pronoun"},
	{Path: "summary", Document: "meta.summary", Narrative: true, normalise: plain, one: func(p *Profile) **Trait { return &p.Summary },
		Description: "the person in one or two sentences"},
	{Path: "contact.emails", Document: "contact.emails", Literal: true, normalise: normEmail, many: func(p *Profile) *[]Trait { return &p.Contact.Emails },
		Description: "e-mail addresses of the person"},
	{Path: "contact.phones", Document: "contact.phones", Literal: true, normalise: normPhone, many: func(p *Profile) *[]Trait { return &p.Contact.Phones },
		Description: "telephone numbers of the person"},
	{Path: "contact.links", Document: "contact.links", Literal: true, normalise: normLink, many: func(p *Profile) *[]Trait { return &p.Contact.Links },
		Description: "the person's own pages and profiles"},
	{Path: "background.birthDate", Document: "background.birth_date", Literal: true, Protected: true, normalise: plain, one: func(p *Profile) **Trait { return &p.Background.BirthDate },
		Description: "date or year of birth, as written"},
	{Path: "background.birthPlace", Document: "background.birth_place", Literal: true, Protected: true, normalise: plain, one: func(p *Profile) **Trait { return &p.Background.BirthPlace },
		Description: "where the person was born"},
	{Path: "background.deathDate", Document: "background.death_date", Literal: true, normalise: plain, one: func(p *Profile) **Trait { return &p.Background.DeathDate },
		Description: "date or year of death, as written"},
	{Path: "background.nationalities", Document: "background.nationalities", Literal: true, Protected: true, normalise: plain, many: func(p *Profile) *[]Trait { return &p.Background.Nationalities },
		Description: "nationality or citizenship, only when the text states it; never concluded from a name, a place or a language"},
	{Path: "background.residences", Document: "background.residences", Literal: true, normalise: plain, many: func(p *Profile) *[]Trait { return &p.Background.Residences },
		Description: "places where the person has lived or grown up"},
	{Path: "background.politicalParties", Document: "background.political_parties", Literal: true, Protected: true, normalise: plain, many: func(p *Profile) *[]Trait { return &p.Background.PoliticalParties },
		Description: "political parties the person belongs or belonged to"},
	{Path: "background.spouses", Document: "background.spouses", Literal: true, Protected: true, normalise: plain, many: func(p *Profile) *[]Trait { return &p.Background.Spouses },
		Description: "names of husbands, wives and partners"},
	{Path: "background.parents", Document: "background.parents", Literal: true, normalise: plain, many: func(p *Profile) *[]Trait { return &p.Background.Parents },
		Description: "names of the person's parents"},
	{Path: "background.children", Document: "background.children", Literal: true, normalise: plain, many: func(p *Profile) *[]Trait { return &p.Background.Children },
		Description: "names of the person's children"},
	{Path: "career.positions", Document: "career.positions", Literal: true, Parts: []string{"title", "organization", "location", "start", "end"},
		normalise: normParts("organization", "title", "start"), many: func(p *Profile) *[]Trait { return &p.Career.PositionTraits },
		Description: "positions held, paid or not: title, organization, location, start, end"},
	{Path: "career.education", Document: "career.education", Literal: true, Parts: []string{"institution", "degree", "field", "start", "end"},
		normalise: normParts("institution", "degree", "field"), many: func(p *Profile) *[]Trait { return &p.Career.EducationTraits },
		Description: "schooling: institution, degree, field, start, end"},
	{Path: "career.yearsOfExperience", Document: "career.years_of_experience", Literal: true, normalise: plain, one: func(p *Profile) **Trait { return &p.Career.YearsOfExperience },
		Description: "years of working experience, as the text puts it"},
	{Path: "career.certifications", Document: "career.certifications", normalise: plain, many: func(p *Profile) *[]Trait { return &p.Career.Certifications },
		Description: "certificates and licences"},
	{Path: "identity.coreDescription", Document: "identity.core_description", Narrative: true, normalise: plain, one: func(p *Profile) **Trait { return &p.Identity.CoreDescription },
		Description: "who the person is at heart, in two or three sentences"},
	{Path: "identity.selfPerception", Document: "identity.self_perception", normalise: plain, one: func(p *Profile) **Trait { return &p.Identity.SelfPerception },
		Description: "how the person sees himself or herself"},
	{Path: "identity.archetypes", Document: "identity.archetypes", normalise: plain, many: func(p *Profile) *[]Trait { return &p.Identity.Archetypes },
		Description: "what type of person this is, such as builder or mentor"},
	{Path: "identity.values", Document: "identity.values", normalise: plain, many: func(p *Profile) *[]Trait { return &p.Identity.Values },
		Description: "what the person holds dear"},
	{Path: "identity.beliefs", Document: "identity.beliefs", normalise: plain, many: func(p *Profile) *[]Trait { return &p.Identity.Beliefs },
		Description: "what the person is convinced of"},
	{Path: "cognition.thinkingStyle", Document: "cognition.thinking_style", normalise: plain, one: func(p *Profile) **Trait { return &p.Cognition.ThinkingStyle },
		Description: "how the person thinks"},
	{Path: "cognition.decisionMaking", Document: "cognition.decision_making", normalise: plain, one: func(p *Profile) **Trait { return &p.Cognition.DecisionMaking },
		Description: "how the person decides"},
	{Path: "cognition.learningStyle", Document: "cognition.learning_style", normalise: plain, one: func(p *Profile) **Trait { return &p.Cognition.LearningStyle },
		Description: "how the person learns"},
	{Path: "cognition.problemSolving", Document: "cognition.problem_solving", normalise: plain, one: func(p *Profile) **Trait { return &p.Cognition.ProblemSolving },
		Description: "how the person goes about a problem"},
	{Path: "cognition.riskTolerance", Document: "cognition.risk_tolerance", normalise: plain, one: func(p *Profile) **Trait { return &p.Cognition.RiskTolerance },
		Description: "how much risk the person takes"},
	{Path: "behavior.patterns", Document: "behavior.patterns", normalise: plain, many: func(p *Profile) *[]Trait { return &p.Behavior.Patterns },
		Description: "what the person does again and again"},
	{Path: "behavior.habits", Document: "behavior.habits", normalise: plain, many: func(p *Profile) *[]Trait { return &p.Behavior.Habits },
		Description: "habits"},
	{Path: "behavior.routines", Document: "behavior.routines", normalise: plain, one: func(p *Profile) **Trait { return &p.Behavior.Routines },
		Description: "how the person's day or week runs"},
	{Path: "behavior.socialBehavior", Document: "behavior.social_behavior", normalise: plain, one: func(p *Profile) **Trait { return &p.Behavior.SocialBehavior },
		Description: "how the person is among people"},
	{Path: "behavior.energyLevel", Document: "behavior.energy_level", normalise: plain, one: func(p *Profile) **Trait { return &p.Behavior.EnergyLevel },
		Description: "how much energy the person shows"},
	{Path: "communication.tone", Document: "communication.tone", normalise: plain, one: func(p *Profile) **Trait { return &p.Communication.Tone },
		Description: "the person's tone"},
	{Path: "communication.style", Document: "communication.style", normalise: plain, one: func(p *Profile) **Trait { return &p.Communication.Style },
		Description: "the person's way of speaking or writing"},
	{Path: "communication.preferences", Document: "communication.preferences", normalise: plain, many: func(p *Profile) *[]Trait { return &p.Communication.Preferences },
		Description: "how the person wants to be reached and spoken to"},
	{Path: "communication.vocabulary", Document: "communication.vocabulary", normalise: plain, one: func(p *Profile) **Trait { return &p.Communication.Vocabulary },
		Description: "the person's choice of words"},
	{Path: "communication.nonVerbal", Document: "communication.non_verbal", normalise: plain, one: func(p *Profile) **Trait { return &p.Communication.NonVerbal },
		Description: "what the person says without words"},
	{Path: "strengths", Document: "strengths", normalise: plain, many: func(p *Profile) *[]Trait { return &p.Strengths },
		Description: "strengths"},
	{Path: "challenges", Document: "challenges", normalise: plain, many: func(p *Profile) *[]Trait { return &p.Challenges },
		Description: "difficulties, frustrations, dislikes, weaknesses"},
	{Path: "interests.primary", Document: "interests.primary", normalise: plain, many: func(p *Profile) *[]Trait { return &p.Interests.Primary },
		Description: "what the person likes or does for pleasure"},
	{Path: "interests.secondary", Document: "interests.secondary", normalise: plain, many: func(p *Profile) *[]Trait { return &p.Interests.Secondary },
		Description: "interests mentioned in passing"},
	{Path: "interests.passions", Document: "interests.passions", normalise: plain, many: func(p *Profile) *[]Trait { return &p.Interests.Passions },
		Description: "what the person says he or she loves or is passionate about"},
	{Path: "skills.hard", Document: "skills.hard_skills", normalise: plain, many: func(p *Profile) *[]Trait { return &p.Skills.Hard },
		Description: "tools, techniques and technical skills"},
	{Path: "skills.soft", Document: "skills.soft_skills", normalise: plain, many: func(p *Profile) *[]Trait { return &p.Skills.Soft },
		Description: "skills with people and with oneself"},
	{Path: "skills.expertise", Document: "skills.expertise", normalise: plain, many: func(p *Profile) *[]Trait { return &p.Skills.Expertise },
		Description: "fields the person is an expert in"},
	{Path: "skills.languages", Document: "skills.languages", normalise: plain, many: func(p *Profile) *[]Trait { return &p.Skills.Languages },
		Description: "human languages, with the level where it is said"},
	{Path: "motivations.primaryDrives", Document: "motivations.primary_drives", normalise: plain, many: func(p *Profile) *[]Trait { return &p.Motivations.PrimaryDrives },
		Description: "what drives the person"},
	{Path: "motivations.goals", Document: "motivations.goals", normalise: plain, many: func(p *Profile) *[]Trait { return &p.Motivations.Goals },
		Description: "what the person wants to reach"},
	{Path: "motivations.aspirations", Document: "motivations.aspirations", normalise: plain, one: func(p *Profile) **Trait { return &p.Motivations.Aspirations },
		Description: "what the person dreams of becoming"},
	{Path: "motivations.fears", Document: "motivations.fears", normalise: plain, many: func(p *Profile) *[]Trait { return &p.Motivations.Fears },
		Description: "what the person is afraid of or worries about"},
	{Path: "relationships.relationalStyle", Document: "relationships.relational_style", normalise: plain, one: func(p *Profile) **Trait { return &p.Relationships.RelationalStyle },
		Description: "how the person relates to others"},
	{Path: "relationships.roleInGroups", Document: "relationships.role_in_groups", normalise: plain, one: func(p *Profile) **Trait { return &p.Relationships.RoleInGroups },
		Description: "the part the person plays in groups"},
	{Path: "relationships.preferredRelationships", Document: "relationships.preferred_relationships", normalise: plain, one: func(p *Profile) **Trait { return &p.Relationships.PreferredRelationships },
		Description: "whom the person likes to be with"},
	{Path: "relationships.influenceOnOthers", Document: "relationships.influence_on_others", normalise: plain, one: func(p *Profile) **Trait { return &p.Relationships.InfluenceOnOthers },
		Description: "what effect the person has on others"},
	{Path: "quotes", Document: "quotes", Literal: true, normalise: plain, many: func(p *Profile) *[]Trait { return &p.Quotes },
		Description: "telling sentences in the person's own words"},
}

func plain(value string, _ Detail) string { return normWords(value) }

// normWords lower-cases and leaves letters, digits and the signs that tell C,
// C++ and C# apart; everything else becomes one blank. A text of nothing but
// signs keeps them: an emoji is a value too.
func normWords(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '+' || r == '#' {
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(unicode.ToLower(r))
			continue
		}
		gap = true
	}
	if b.Len() == 0 {
		return strings.TrimSpace(s)
	}
	return b.String()
}

func normEmail(value string, _ Detail) string {
	return strings.ToLower(strings.TrimSpace(strings.TrimPrefix(value, "mailto:")))
}

func normPhone(value string, _ Detail) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, value)
}

func normLink(value string, _ Detail) string {
	s := strings.ToLower(strings.TrimSpace(value))
	s = strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "http://")
	return strings.TrimSuffix(strings.TrimPrefix(s, "www."), "/")
}

// normParts makes the key of a value with parts from the parts that tell two items apart.
func normParts(names ...string) func(string, Detail) string {
	return func(value string, d Detail) string {
		parts := make([]string, len(names))
		empty := true
		for i, n := range names {
			parts[i] = normWords(d[n])
			empty = empty && parts[i] == ""
		}
		if empty {
			return normWords(value)
		}
		return strings.Join(parts, "|")
	}
}

// maxValue is the longest value of a claim, in code points: a paragraph. What is
// longer is not a statement but a text.
const maxValue = 2000

func fits(value string) bool {
	return strings.TrimSpace(value) != "" && utf8.RuneCountInString(value) <= maxValue
}
