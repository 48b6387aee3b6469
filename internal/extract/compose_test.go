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
			"Bruno; likes biking and sour beer.", 3},
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
