package extract

import (
	"testing"

	"github.com/google/uuid"

	"github.com/persona-api/persona-api/internal/persona"
)

func TestComposesOneLineFromWhatWon(t *testing.T) {
	fact := func(path, value string, d persona.Detail) persona.Fact {
		var id persona.ClaimID
		if err := id.UnmarshalText([]byte(uuid.NewSHA1(uuid.Nil, []byte(path+value)).String())); err != nil {
			t.Fatal(err)
		}
		return persona.Fact{ID: id, Path: path, Value: value, Detail: d}
	}
	governor := fact("career.positions", "governor", persona.Detail{"title": "governor", "location": "Vermont", "start": "1894", "end": "1898"})
	representative := fact("career.positions", "Representative", persona.Detail{"title": "Representative", "location": "Vermont"})
	for _, c := range []struct {
		name  string
		facts []persona.Fact
		want  string
		cites int
	}{
		{"nothing", nil, "", 0},
		{"neither name nor role", []persona.Fact{fact("location", "Graz", nil), fact("interests.primary", "chess", nil)}, "", 0},
		{"a name alone", []persona.Fact{fact("name", "Uma Reyes", nil)}, "", 0},
		{"name and role", []persona.Fact{fact("name", "Uma Reyes", nil), fact("role", "welder", nil)}, "Uma Reyes, welder.", 2},
		{"name, role, place", []persona.Fact{fact("name", "Uma Reyes", nil), fact("role", "welder", nil), fact("location", "Graz", nil)}, "Uma Reyes, welder; Graz.", 3},
		{"a directory entry", []persona.Fact{fact("name", "Ezekiel Vanterpool", nil), fact("role", "Representative from Vermont", nil), representative, governor},
			"Ezekiel Vanterpool, Representative from Vermont; governor of Vermont (1894–1898).", 3},
		{"likes", []persona.Fact{fact("name", "Bruno", nil), fact("interests.primary", "biking", nil), fact("interests.primary", "sour beer", nil)},
			"Bruno likes biking and sour beer.", 3},
		{"the present position says the role", []persona.Fact{fact("name", "Uma Reyes", nil), fact("role", "Welder", nil), fact("location", "Graz", nil),
			fact("career.positions", "Fitter", persona.Detail{"title": "Fitter", "organization": "Stahl AG", "start": "2001", "end": "2010"}),
			fact("career.positions", "Senior Welder", persona.Detail{"title": "Senior Welder", "organization": "Rohr GmbH", "start": "May 2010", "end": "heute"})},
			"Uma Reyes, Senior Welder at Rohr GmbH since May 2010; Graz.", 4},
		{"the last position of one without a role", []persona.Fact{fact("name", "Uma Reyes", nil),
			fact("career.positions", "fitter", persona.Detail{"title": "fitter", "organization": "Stahl AG", "start": "2001", "end": "2010"}),
			fact("career.positions", "welder", persona.Detail{"title": "welder", "organization": "Rohr GmbH", "start": "2010", "end": "2018"})},
			"Uma Reyes, formerly welder at Rohr GmbH (2010–2018).", 2},
		{"a verb as role", []persona.Fact{fact("name", "Uma Reyes", nil), fact("role", "runs the bakery Ofen", nil), fact("career.positions", "Ofen", persona.Detail{"organization": "Ofen"})},
			"Uma Reyes runs the bakery Ofen.", 2},
		{"another script", []persona.Fact{fact("name", "朝比奈つむぎ", nil), fact("career.positions", "代表", persona.Detail{"title": "代表", "organization": "どんぐり舎", "start": "2016年", "end": "現在"})},
			"朝比奈つむぎ, 代表, どんぐり舎 (2016年–現在).", 2},
		{"place and likes", []persona.Fact{fact("name", "Bruno", nil), fact("location", "Ghent", nil), fact("interests.primary", "biking", nil)}, "Bruno (Ghent) likes biking.", 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, usage, err := engine.Compose(t.Context(), c.facts)
			if err != nil || usage != (persona.Usage{}) {
				t.Fatal(usage, err)
			}
			if c.want == "" {
				if len(got) != 0 {
					t.Fatalf("composed %+v", got)
				}
				return
			}
			if len(got) != 1 || got[0].Path != "summary" || got[0].Basis != persona.BasisInferred || got[0].Confidence > 700 {
				t.Fatalf("composed %+v", got)
			}
			if got[0].Value != c.want || len(got[0].Cites) != c.cites {
				t.Errorf("%q citing %d, want %q citing %d", got[0].Value, len(got[0].Cites), c.want, c.cites)
			}
			for _, id := range got[0].Cites {
				found := false
				for _, f := range c.facts {
					found = found || f.ID == id
				}
				if !found {
					t.Errorf("cites %s, which is no fact", id)
				}
			}
		})
	}
}
