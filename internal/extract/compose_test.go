package extract

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/persona-api/persona-api/internal/persona"
)

func fact(t *testing.T, path, value string, d persona.Detail) persona.Fact {
	t.Helper()
	var id persona.ClaimID
	if err := id.UnmarshalText([]byte(uuid.NewSHA1(uuid.Nil, []byte(path+value)).String())); err != nil {
		t.Fatal(err)
	}
	return persona.Fact{ID: id, Path: path, Value: value, Detail: d}
}

// composed returns the narratives by path, after checking that each is INFERRED, not
// too sure of itself and cites facts alone.
func composed(t *testing.T, facts []persona.Fact) map[string]persona.Draft {
	t.Helper()
	got, usage, err := engine.Compose(t.Context(), facts)
	if err != nil || usage != (persona.Usage{}) {
		t.Fatal(usage, err)
	}
	out := map[string]persona.Draft{}
	for _, d := range got {
		if d.Basis != persona.BasisInferred || d.Confidence > 700 || !persona.FieldAt(d.Path).Narrative || out[d.Path].Path != "" {
			t.Errorf("composed %+v", d)
		}
		for _, id := range d.Cites {
			found := false
			for _, f := range facts {
				found = found || f.ID == id
			}
			if !found {
				t.Errorf("%s cites %s, which is no fact", d.Path, id)
			}
		}
		out[d.Path] = d
	}
	return out
}

func TestComposesASummary(t *testing.T) {
	f := func(path, value string, d persona.Detail) persona.Fact { return fact(t, path, value, d) }
	name, welder, graz := f("name", "Uma Reyes", nil), f("role", "welder", nil), f("location", "Graz", nil)
	english := f("quotes", "I like the smell of hot steel in the morning.", nil)
	governor := f("career.positions", "governor", persona.Detail{"title": "governor", "location": "Vermont", "start": "1894", "end": "1898"})
	representative := f("career.positions", "Representative", persona.Detail{"title": "Representative", "location": "Vermont"})
	for _, c := range []struct {
		name  string
		facts []persona.Fact
		want  string
		cites int
	}{
		{"nothing", nil, "", 0},
		{"neither name nor role", []persona.Fact{graz, f("interests.primary", "chess", nil)}, "", 0},
		{"a name alone", []persona.Fact{name, english}, "", 0},
		{"no language shown", []persona.Fact{name, f("role", "Gießer", nil), graz}, "Uma Reyes, Gießer; Graz.", 3},
		{"a name is no language", []persona.Fact{name, f("role", "Gießer", nil), f("location", "Los Angeles", nil)}, "Uma Reyes, Gießer; Los Angeles.", 3},
		{"capitals", []persona.Fact{name, f("role", "SENIOR WELDER", nil), english}, "Uma Reyes is a Senior Welder.", 2},
		{"abbreviations", []persona.Fact{name, f("role", "SAP CONSULTANT", nil), english}, "Uma Reyes is an SAP Consultant.", 2},
		{"name and role", []persona.Fact{name, welder, english}, "Uma Reyes is a welder.", 2},
		{"name, role, place", []persona.Fact{name, welder, graz, english}, "Uma Reyes is a welder, based in Graz.", 3},
		{"name and place", []persona.Fact{name, graz, english}, "Uma Reyes is based in Graz.", 2},
		{"no name", []persona.Fact{welder, graz, english}, "A welder, based in Graz.", 2},
		{"a directory entry", []persona.Fact{f("name", "Ezekiel Vanterpool", nil), f("role", "Representative from Vermont", nil), representative, governor, english},
			"Ezekiel Vanterpool was a Representative from Vermont and was governor of Vermont (1894–1898).", 3},
		{"likes", []persona.Fact{f("name", "Bruno", nil), f("interests.primary", "biking", nil), f("interests.primary", "sour beer", nil), english},
			"Bruno likes biking and sour beer.", 3},
		{"what is liked is done", []persona.Fact{f("name", "Bruno", nil), f("interests.primary", "play the bassoon", nil), f("interests.primary", "spend time with my family", nil), english},
			"Bruno likes to play the bassoon and spend time with their family.", 3},
		{"a sister is nobody's liking", []persona.Fact{f("name", "Bruno", nil), f("interests.primary", "what I like", nil), english}, "", 0},
		{"the present position says the role", []persona.Fact{name, f("role", "Welder", nil), graz, english,
			f("career.positions", "Fitter", persona.Detail{"title": "Fitter", "organization": "Stahl AG", "start": "2001", "end": "2010"}),
			f("career.positions", "Senior Welder", persona.Detail{"title": "Senior Welder", "organization": "Rohr Ltd", "start": "May 2010", "end": "Present"})},
			"Uma Reyes is a Senior Welder at Rohr Ltd (since May 2010), based in Graz.", 4},
		{"the position's place is the person's", []persona.Fact{name, f("role", "Welder", nil), f("location", "Graz, Austria", nil), english,
			f("career.positions", "Welder", persona.Detail{"title": "Welder", "organization": "Rohr Ltd", "location": "Graz"})},
			"Uma Reyes is a Welder at Rohr Ltd in Graz, Austria.", 4},
		{"a past position of one without a role", []persona.Fact{name, english,
			f("career.positions", "fitter", persona.Detail{"title": "fitter", "organization": "Stahl AG", "start": "2001", "end": "2010"}),
			f("career.positions", "director", persona.Detail{"title": "director", "organization": "Institute of Metal Studies", "start": "2010", "end": "2018"})},
			"Uma Reyes was director of the Institute of Metal Studies (2010–2018).", 2},
		{"an unnamed employer", []persona.Fact{name, english, f("career.positions", "shipyard", persona.Detail{"organization": "shipyard"})}, "Uma Reyes works at a shipyard.", 2},
		{"a verb as role", []persona.Fact{name, english, f("role", "runs the bakery Ofen", nil), f("career.positions", "Ofen", persona.Detail{"organization": "Ofen"}), graz},
			"Uma Reyes runs the bakery Ofen in Graz.", 3},
		{"the speaker's verb as role", []persona.Fact{name, english, f("role", "work in marketing", nil)}, "Uma Reyes works in marketing.", 2},
		{"no title", []persona.Fact{name, english, f("role", "retired", nil)}, "Uma Reyes is retired.", 2},
		{"a vowel and a nationality", []persona.Fact{name, english, f("role", "marine biologist", nil), f("background.nationalities", "Estonian", nil)}, "Uma Reyes is an Estonian marine biologist.", 3},
		{"birth", []persona.Fact{name, english, welder, f("background.birthDate", "1953", nil), f("background.birthPlace", "Graz", nil)}, "Uma Reyes, born in 1953 in Graz, is a welder.", 4},
		{"a life", []persona.Fact{name, english, welder, f("background.birthDate", "3 May 1853", nil), f("background.deathDate", "1911", nil), graz}, "Uma Reyes (3 May 1853 – 1911) was a welder.", 4},
		{"the family is not told", []persona.Fact{name, english, welder, f("background.spouses", "Ida Reyes", nil), f("background.politicalParties", "Greens", nil)}, "Uma Reyes is a welder.", 2},
		{"schooling", []persona.Fact{name, welder, english, f("career.yearsOfExperience", "9 years of experience", nil),
			f("career.education", "x", persona.Detail{"institution": "University of Graz", "field": "metallurgy", "end": "2001"})},
			"Uma Reyes is a welder. Uma has 9 years of experience and studied metallurgy at the University of Graz.", 4},
		{"German", []persona.Fact{name, f("role", "Schweißerin", nil), graz, f("motivations.goals", "eine Brücke aus Stahl zu bauen", nil),
			f("career.positions", "Rohr GmbH", persona.Detail{"organization": "Rohr GmbH", "start": "2004"})},
			"Uma Reyes, Schweißerin; Rohr GmbH (seit 2004); Graz.", 4},
		{"Japanese", []persona.Fact{f("name", "朝比奈つむぎ", nil), f("career.positions", "代表", persona.Detail{"title": "代表", "organization": "どんぐり舎", "start": "2016年", "end": "現在"})},
			"朝比奈つむぎ、代表、どんぐり舎 (2016年から)。", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := composed(t, c.facts)["summary"]
			if got.Value != c.want || len(got.Cites) != c.cites {
				t.Errorf("%q citing %d, want %q citing %d", got.Value, len(got.Cites), c.want, c.cites)
			}
		})
	}
}

func TestComposesACoreDescription(t *testing.T) {
	f := func(path, value string) persona.Fact { return fact(t, path, value, nil) }
	name := f("name", "Uma Reyes")
	for _, c := range []struct {
		name  string
		facts []persona.Fact
		want  string
		cites int
	}{
		{"one kind of fact", []persona.Fact{name, f("identity.values", "honesty"), f("identity.values", "craft and the like")}, "", 0},
		{"nobody", []persona.Fact{f("identity.values", "honesty"), f("motivations.goals", "build a bridge in the park")}, "", 0},
		{"all", []persona.Fact{name, f("identity.values", "Honesty"), f("interests.passions", "small radios"), f("motivations.goals", "build a bridge in the park"),
			f("motivations.fears", "the river will rise"), f("identity.beliefs", "steel remembers")},
			"Uma values honesty and loves small radios. Uma wants to build a bridge in the park and fears that the river will rise. Uma believes that steel remembers.", 6},
		{"lists in a list", []persona.Fact{name, f("identity.values", "honesty"), f("identity.values", "rest"), f("interests.primary", "read novels and guess their end"), f("interests.primary", "walk by the river")},
			"Uma values honesty and rest, and likes to walk by the river.", 4},
		{"the speaker's clauses are left out", []persona.Fact{name, f("motivations.goals", "be what I was"), f("motivations.goals", "becoming a nurse of the poor"), f("interests.primary", "spending time with my dogs")},
			"Uma likes spending time with their dogs. Uma plans on becoming a nurse of the poor.", 3},
		{"Spanish", []persona.Fact{name, f("identity.values", "la calma"), f("motivations.goals", "escribir una novela de la sierra")},
			"Valores: la calma. Meta: escribir una novela de la sierra.", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := composed(t, c.facts)["identity.coreDescription"]
			if got.Value != c.want || len(got.Cites) != c.cites {
				t.Errorf("%q citing %d, want %q citing %d", got.Value, len(got.Cites), c.want, c.cites)
			}
		})
	}
}

// A stranger must be able to read what is composed of any text the tests know.
func TestNarrativesAreClean(t *testing.T) {
	for _, name := range []string{"bio", "bio_german", "bio_spanish", "bio_japanese", "bio_arabic", "chat", "interview", "interview_lead", "own_words", "cv_lines", "cv_long", "ticket", "speaker", "directory", "french", "spanish", "german"} {
		var facts []persona.Fact
		seen := map[string]bool{}
		for _, d := range read(t, file(t, "about/"+name+".txt"), "") {
			if persona.FieldAt(d.Path).Single() && seen[d.Path] {
				continue
			}
			seen[d.Path] = true
			facts = append(facts, fact(t, d.Path, d.Value, d.Detail))
		}
		got := composed(t, facts)
		if got["summary"].Value == "" {
			t.Errorf("%s has no summary", name)
		}
		for path, d := range got {
			for _, bad := range []string{"  ", " ,", " .", "..", " and.", " of.", "is is", "a a ", " ,"} {
				if strings.Contains(d.Value, bad) {
					t.Errorf("%s: %s has %q: %s", name, path, bad, d.Value)
				}
			}
		}
	}
}
