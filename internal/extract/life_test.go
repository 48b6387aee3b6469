package extract

import (
	"slices"
	"strings"
	"testing"
)

// Sentences as biographies have them: what must be said of their subject, and what
// must not, because it is another's, denied, wished for or over.
func TestReadsALife(t *testing.T) {
	for _, c := range []struct {
		text        string
		says, never []string
	}{
		// Birth and death.
		{"Odalys Brandt-Okoye (born 3 March 1951 in Windhoek, Namibia; died 9 June 2018) was a Namibian botanist.",
			[]string{"name: Odalys Brandt-Okoye", "background.birthDate: 3 March 1951", "background.birthPlace: Windhoek, Namibia", "background.deathDate: 9 June 2018", "background.nationalities: Namibian"}, nil},
		{"Tobiah Quill (12 May 1880, Harrowgate – 4 July 1944, Lisbon) was a British typographer.",
			[]string{"background.birthDate: 12 May 1880", "background.birthPlace: Harrowgate", "background.deathDate: 4 July 1944"}, []string{"birthPlace: Lisbon", "ageRange"}},
		{"Marek Osric (c. 1480 – 1533) was a Polish engraver.", []string{"background.birthDate: c. 1480", "background.deathDate: 1533"}, nil},
		{"She died in Tromsø on 8 May 1977.", []string{"background.deathDate: 8 May 1977"}, []string{"residences", "birthDate"}},
		{"He led the choir from 1950 until his death in 1961.", []string{"background.deathDate: 1961"}, nil},
		{"Following the death of Ruben Adeyemi in 1931, Clara Voss became director of the Lantern Museum.",
			[]string{"name: Clara Voss", "career.positions: title=director; organization=Lantern Museum"}, []string{"deathDate"}},
		{"Jorun Whitby married Ola Frisk (died 1706), a sea captain.", []string{"background.spouses: Ola Frisk"}, []string{"deathDate"}},
		{"Born in Perth, Ann Calder-Roy studied law at the University of Leeds.",
			[]string{"name: Ann Calder-Roy", "background.birthPlace: Perth", "career.education: institution=University of Leeds; field=law"}, nil},
		{"A native of Trieste, she teaches at Wayland College.", []string{"background.birthPlace: Trieste", "career.positions: organization=Wayland College"}, []string{"location"}},
		{"Ivo Marsh is an Oslo native.", []string{"background.birthPlace: Oslo"}, nil},
		{"Ivo Marsh was not born in Cairo.", nil, []string{"Cairo"}},

		{"Vera Lund (born Vera Krohn; May 3, 1901 – June 4, 1977) was a poet.", []string{"background.birthDate: May 3, 1901", "background.deathDate: June 4, 1977"}, []string{"Krohn"}},
		{"He was married to Ida Krohn from 1950 until her death in 1971.", []string{"background.spouses: Ida Krohn"}, []string{"deathDate"}},
		{"Jim Poe served as chairman until 27 June 2009, when he died.", []string{"background.deathDate: 27 June 2009"}, nil},
		{"Educated at Kingsmere College, he entered the army in 1914.", []string{"career.education: institution=Kingsmere College"}, []string{"1914"}},

		{"She lived in a house that her father had built before he died in 1874.", nil, []string{"deathDate"}},
		{"His father may have died before 1870.", nil, []string{"deathDate"}},

		// Nationality: said, not concluded.
		{"Aurelio Banks is a South African composer.", []string{"background.nationalities: South African"}, nil},
		{"The Lebanese singer Nour Abboud lives in Lyon with her husband.", []string{"name: Nour Abboud", "background.nationalities: Lebanese", "location: Lyon"}, []string{"spouses"}},
		{"Petra Holt is an English teacher.", []string{"role: teacher"}, []string{"nationalities"}},
		{"Petra Holt is a German-born baker.", nil, []string{"nationalities"}},
		{"Petra Holt married the French painter Luc Armand.", []string{"background.spouses: Luc Armand"}, []string{"nationalities"}},
		{"Petra Holt is a Nigerian-British novelist.", []string{"background.nationalities: Nigerian-British"}, nil},
		{"Petra Holt is a New Zealand glaciologist.", []string{"background.nationalities: New Zealand"}, nil},
		{"Petra Holt speaks French and studied Italian literature.", nil, []string{"nationalities"}},

		// Where somebody lives, lived, moved; where others did.
		{"Dora Finch grew up in Ghent, moved to Oslo in 1990 and lives in Bergen, Norway.",
			[]string{"background.residences: Ghent", "background.residences: Oslo", "location: Bergen, Norway"}, []string{"location: Oslo", "location: Ghent"}},
		{"He was raised in Bergen, Ghent and Turin.", []string{"background.residences: Bergen", "background.residences: Ghent", "background.residences: Turin"}, nil},
		{"Dora Finch lives in Bergen. Her husband grew up in Eger and moved to Oslo.", []string{"location: Bergen"}, []string{"Eger", "Oslo"}},
		{"Bergen-based artist Vera Lund opened a show.", []string{"location: Bergen"}, nil},
		{"Vera Lund divides her time between Bergen and Ghent.", []string{"location: Bergen", "background.residences: Ghent"}, nil},
		{"Vera Lund's novel tells of a girl named Adaeze, who moved to Liverpool.", nil, []string{"Liverpool"}},
		{"Dora Finch wants to move to Lima.", nil, []string{"residences", "location"}},
		{"Dora Finch moved her bakery to Lima in 1999.", nil, []string{"residences", "location"}},
		{"He moved to Ashby United in 1963.", nil, []string{"residences", "location"}},
		{"Dora Finch and her brother Emil Finch moved to Turin in 1980.", []string{"background.residences: Turin"}, nil},

		// Family, from both sides.
		{"Ezra Pemberton is married to Lucia Frank, with whom he has two children, Milo and Ada.",
			[]string{"background.spouses: Lucia Frank", "background.children: Milo", "background.children: Ada"}, nil},
		{"Ezra Pemberton was the second son of the banker Silas Pemberton and his wife, Ruth Moore.",
			[]string{"background.parents: Silas Pemberton", "background.parents: Ruth Moore"}, []string{"spouses"}},
		{"Ezra Pemberton is the father of the pianist Ada Pemberton-Lowe.", []string{"background.children: Ada Pemberton-Lowe"}, nil},
		{"She lives in Turin with her second husband, the writer Paolo Bassi, and their son Nino.",
			[]string{"background.spouses: Paolo Bassi", "background.children: Nino", "location: Turin"}, []string{"parents"}},
		{"Her father, Amos Lindqvist, was a judge in Malmö.", []string{"background.parents: Amos Lindqvist"}, []string{"judge", "Malmö"}},
		{"Ezra Pemberton worked with Jim Tate and his wife Olga Tate.", nil, []string{"spouses"}},
		{"He was never married to Ida Krohn.", nil, []string{"Krohn"}},
		{"Ezra Pemberton has been married twice, first to Ida Krohn, then to Eve Lund.", []string{"background.spouses: Ida Krohn", "background.spouses: Eve Lund"}, nil},

		{"She lives in Leeds with her partner, Ann Lee.", []string{"background.spouses: Ann Lee"}, nil},
		{"She founded the firm with her business partner Ann Lee.", nil, []string{"spouses"}},
		{"Jim Poe was engaged to Ida Krohn.", nil, []string{"spouses"}},
		{"He is the son of Hanna Lowe and the singer Leo Dahl, and half brother of Max Dahl.", []string{"background.parents: Hanna Lowe", "background.parents: Leo Dahl"}, []string{"Max"}},

		// Parties.
		{"Harald Fenn (born 1951) is a Norwegian politician for the Harbour Party.", []string{"background.politicalParties: Harbour Party", "background.nationalities: Norwegian"}, []string{"organization=Harbour Party"}},
		{"Harald Fenn was a Republican senator.", []string{"background.politicalParties: Republican"}, nil},
		{"Harald Fenn joined the Labour Party in 1971 and left it for the Greens.", []string{"background.politicalParties: Labour Party"}, nil},
		{"Harald Fenn is a Democratic State Senator from Ohio.", []string{"background.politicalParties: Democratic"}, nil},
		{"In 1921 he switched to the Communists.", []string{"background.politicalParties: Communists"}, nil},
		{"Harald Fenn was defeated by the Labour Party candidate Ann Poe.", nil, []string{"politicalParties"}},
		{"Harald Fenn fought against the Labour Party.", nil, []string{"politicalParties"}},

		// Work.
		{"Selma Roth is professor of Ocean Engineering at the Memorial University of Larkhill.",
			[]string{"career.positions: title=professor of Ocean Engineering; organization=Memorial University of Larkhill"}, nil},
		{"Selma Roth is founder and CEO of Tidal Works Ltd and a member of the Board of Trustees of Karst University.",
			[]string{"career.positions: title=founder and CEO; organization=Tidal Works Ltd", "career.positions: title=member of the Board of Trustees; organization=Karst University"}, nil},
		{"Selma Roth worked at Norden Systems, Tidal Works Ltd and the Harbour Institute.",
			[]string{"career.positions: organization=Norden Systems", "career.positions: organization=Tidal Works Ltd", "career.positions: organization=Harbour Institute"}, nil},
		{"Selma Roth is a seismic tomographer at the Harbour Institute.", []string{"career.positions: title=seismic tomographer; organization=Harbour Institute"}, nil},
		{"At Norden Systems he was country manager for Ireland.", []string{"career.positions: title=country manager; organization=Norden Systems; location=Ireland"}, nil},
		{"Jim Poe served as mayor of Dayton.", []string{"career.positions: title=mayor; location=Dayton"}, []string{"organization"}},
		{"Norden Systems spokeswoman Selma Roth resigned.", []string{"career.positions: title=spokeswoman; organization=Norden Systems"}, nil},
		{"Norden Systems CEO Selma Roth announced the deal.", []string{"name: Selma Roth", "career.positions: title=CEO; organization=Norden Systems"}, nil},
		{"In 1999 Selma Roth left Norden Systems.", []string{"career.positions: organization=Norden Systems; end=1999"}, []string{"start="}},
		{"NASA astronaut Selma Roth gave the speech.", []string{"career.positions: title=astronaut; organization=NASA"}, nil},
		{"The plant will stay open, said Selma Roth, chief executive of Tidal Works Ltd on Monday.",
			[]string{"name: Selma Roth", "career.positions: title=chief executive; organization=Tidal Works Ltd"}, nil},
		{"Tidal Works Ltd is led by its chairman Selma Roth.", []string{"name: Selma Roth", "career.positions: title=chairman; organization=Tidal Works Ltd"}, nil},
		{"She was captain of the team at the Harbour Games in Leeds.", nil, []string{"Games"}},
		{"I met a kind therapist in Rob Holmes.", nil, []string{"Holmes"}},
		{"He taught at Kingsmere College in Leeds (1948–49), Larkspur College (1950–54) and Karst University.",
			[]string{"career.positions: organization=Kingsmere College; location=Leeds; start=1948", "career.positions: organization=Larkspur College; start=1950", "career.positions: organization=Karst University"}, nil},
		{"I am Ann, a bus driver from Palermo.", []string{"career.positions: title=bus driver; location=Palermo"}, []string{"organization"}},
		{"Selma Roth met Ivo Marsh, a professor at Karst University.", nil, []string{"Karst"}},
		{"Selma Roth never worked for Petrol & Sons Ltd.", nil, []string{"Petrol"}},
		{"Her brother Ivo teaches at Karst University.", nil, []string{"Karst"}},

		// Schools.
		{"She graduated from Kingsmere College in 1927 and then from Karst University with a law degree.",
			[]string{"career.education: institution=Kingsmere College; end=1927", "career.education: institution=Karst University"}, nil},
		{"He is majoring in botany at Larkspur College.", []string{"career.education: institution=Larkspur College; field=botany"}, nil},

		// In one's own words.
		{"I was born in Narvik and grew up in Bodø.", []string{"background.birthPlace: Narvik", "background.residences: Bodø"}, nil},
		{"My wife Ida and I moved to Turin, where I work at Norden Systems.", []string{"background.spouses: Ida", "career.positions: organization=Norden Systems"}, nil},
		{"My father, Amos Lindqvist, was born in Malmö and my mother studied at Karst University.", []string{"background.parents: Amos Lindqvist"}, []string{"Malmö", "Karst"}},

		// Of nobody.
		{"The Grey Heron was built in Leith in 1907 and moved to Riga in 1920.", nil, []string{": "}},
		{"Ashby is a town in Kent, born of the railway, and home to the Kent Regiment.", nil, []string{": "}},
	} {
		t.Run(c.text[:min(40, len(c.text))], func(t *testing.T) {
			got := lines(read(t, c.text, ""))
			for _, want := range c.says {
				if !slices.Contains(got, want) {
					t.Errorf("%q does not say %q", c.text, want)
				}
			}
			for _, l := range got {
				for _, no := range c.never {
					if strings.Contains(l, no) {
						t.Errorf("%q says %q", c.text, l)
					}
				}
			}
			if t.Failed() {
				t.Log("said:\n" + strings.Join(got, "\n"))
			}
		})
	}
}
