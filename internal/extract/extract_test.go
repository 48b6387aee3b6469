package extract

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/persona-api/persona-api/internal/persona"
)

var engine = New()

// read returns what the engine drafts from a text, after holding every draft to
// the contract.
func read(t testing.TB, s, title string) []persona.Draft {
	t.Helper()
	return readAs(t, s, title, persona.KindText)
}

// readAs reads a text that is said to be of a kind.
func readAs(t testing.TB, s, title string, kind persona.SourceKind) []persona.Draft {
	t.Helper()
	src := persona.Source{Text: &s, Kind: kind}
	if title != "" {
		src.Title = &title
	}
	var all []persona.Draft
	_, err := engine.Extract(t.Context(), src, func(ds []persona.Draft) error { all = append(all, ds...); return nil })
	if err != nil {
		t.Fatalf("extract: %v", err)
	}
	hold(t, s, all)
	return all
}

// hold checks what persona asks of every draft: the quote stands where it says it
// stands, a literal value is made of the quote's words, the value is clean.
func hold(t testing.TB, s string, drafts []persona.Draft) {
	t.Helper()
	text := []rune(s)
	for _, d := range drafts {
		f := persona.FieldAt(d.Path)
		if f == nil || f.Narrative {
			t.Fatalf("%s is no field that a text fills", d.Path)
		}
		if d.Basis != persona.BasisStated || d.Confidence <= 0 || d.Confidence > 1000 {
			t.Errorf("%s %q: basis %s, confidence %d", d.Path, d.Value, d.Basis, d.Confidence)
		}
		if d.Start < 0 || d.End > len(text) || d.Start >= d.End || string(text[d.Start:d.End]) != d.Quote {
			t.Fatalf("%s %q: [%d:%d] is not the quote %q", d.Path, d.Value, d.Start, d.End, d.Quote)
		}
		values := []string{d.Value}
		for part, v := range d.Detail {
			if !slices.Contains(f.Parts, part) {
				t.Errorf("%s has no part %s", d.Path, part)
			}
			values = append(values, v)
		}
		if f.Literal {
			literal := values
			if len(d.Detail) > 0 {
				literal = values[1:]
			}
			said := wordsOf(d.Quote)
			for _, v := range literal {
				for _, w := range wordsOf(v) {
					if !slices.Contains(said, w) && (!strings.ContainsFunc(w, unspaced) || !strings.Contains(d.Quote, w)) {
						t.Errorf("%s %q: %q is not in the quote %q", d.Path, v, w, d.Quote)
					}
				}
			}
		}
		for _, v := range values {
			if v == "" || v != strings.Join(strings.Fields(v), " ") || strings.HasSuffix(v, ",") || strings.HasSuffix(v, ";") || strings.HasSuffix(v, " -") {
				t.Errorf("%s: value %q is not clean", d.Path, v)
			}
		}
	}
}

// line shows a draft as the tables below write it.
func show(d persona.Draft) string {
	if len(d.Detail) == 0 {
		return d.Path + ": " + d.Value
	}
	parts := []string{}
	for _, name := range persona.FieldAt(d.Path).Parts {
		if v := d.Detail[name]; v != "" {
			parts = append(parts, name+"="+v)
		}
	}
	return d.Path + ": " + strings.Join(parts, "; ")
}

func lines(drafts []persona.Draft) []string {
	out := make([]string, len(drafts))
	for i, d := range drafts {
		out[i] = show(d)
	}
	return out
}

func file(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestReadsEachKindOfText holds, for a text of each kind, what must be said, what
// must not (a prefix or part of a line), and that nothing else is said of the
// fields that have one value.
func TestReadsEachKindOfText(t *testing.T) {
	for _, c := range []struct {
		file  string
		says  []string
		never []string
	}{
		{"cv_lines", []string{
			"name: Ingrid Solheim-Vega", "role: Senior Data Engineer", "location: Bergen, Norway",
			"contact.emails: ingrid.solheim@fjordmail.example", "contact.phones: +47 555 01 234", "contact.links: https://github.com/isolheim",
			"career.positions: title=Senior Data Engineer; organization=Nordlys Analytics AS; location=Bergen, Norway; start=March 2019; end=Present",
			"career.positions: title=Data Engineer; organization=Havbris Shipping Ltd; start=June 2014; end=February 2019",
			"career.education: institution=University of Bergen; degree=M.Sc.; field=Computer Science; end=2014",
			"career.education: institution=Tromsdal College; degree=B.Sc.; field=Mathematics; start=2009; end=2012",
			"career.yearsOfExperience: 9 years of experience", "career.certifications: AWS Certified Solutions Architect",
			"skills.hard: Kafka", "skills.soft: public speaking", "skills.languages: Norwegian (native)", "skills.languages: Spanish",
			"interests.primary: bird counts", "interests.passions: clean pipelines", "challenges: silent failures",
		}, []string{"skills.hard: https", "skills.hard: github"}},
		{"cv_blanks", []string{
			"name: Tobias Okonjo-Reed", "role: Head Chef", "location: Bristol, England", "contact.phones: 0117 555 0143",
			"career.positions: title=Head Chef; organization=The Copper Ladle; location=Bristol, England; start=2016; end=Present",
			"career.positions: title=Sous Chef; organization=Marlow & Finch Ltd.; location=Bath, England; start=2011; end=2015",
			"career.education: institution=Severnside College; degree=Diploma; field=Culinary Arts; end=2010",
			"skills.hard: food safety", "skills.soft: Time management", "skills.languages: Yoruba",
			"motivations.goals: To lead the kitchen of a small restaurant that cooks with what the season gives",
		}, []string{"skills.hard: Available", "skills.soft: Responsible"}},
		{"cv_long", []string{
			"name: Halvard Nkemelu", "career.yearsOfExperience: 14 years of experience", "skills.hard: Terraform", "skills.hard: capacity planning",
			"career.positions: title=Systems Engineer; organization=Tramwerk Verkehrsbetriebe AG; location=Dortmund, Germany; start=January 2013; end=August 2016",
			"career.certifications: ITIL Foundation", "skills.languages: Igbo (native)", "interests.primary: baking rye bread", "challenges: meetings that have no agenda",
		}, []string{"skills.languages: Python", "location: Dortmund"}},
		{"bio", []string{
			"name: Mirela Pavić", "background.birthDate: 17 May 1968", "background.birthPlace: Zadar", "background.nationalities: Croatian", "role: marine biologist and author", "location: Split, Croatia",
			"career.education: institution=University of Zadar; end=1991", "career.education: institution=Adriatic Institute; degree=PhD; field=oceanography; end=1997",
			"career.positions: organization=Kornati Research Station; start=1998; end=2006",
			"career.positions: title=professor of marine ecology; organization=Karst University; start=2007",
			"interests.primary: free diving", "interests.primary: chess", "interests.primary: old maps",
		}, []string{"Petrolia", "Brodomont", "gender", "quotes"}},
		{"directory", []string{
			"name: Ezekiel Josiah Vanterpool Jr.", "role: Representative from Vermont", "background.birthDate: March 3, 1861", "background.birthPlace: Millbrook, Orange County, Vt", "background.deathDate: June 9, 1922",
			"career.education: institution=Greenfield Academy; end=1880", "career.education: institution=Lakeside University; degree=LL.B.; end=1884",
			"career.positions: title=Representative; location=Vermont", "career.positions: title=governor; location=Vermont; start=1894; end=1898",
			"career.positions: title=member; organization=Vermont state senate; start=1891; end=1893",
			"career.positions: organization=Fifty-sixth Congress; start=March 4, 1899; end=March 3, 1901",
		}, []string{"Amos", "Hilltop", "location: Burlington", "candidate"}},
		{"interview", []string{
			"name: Nadia Ferreira-Kow", "ageRange: 41-year-old", "role: midwife", "location: Porto",
			"interests.passions: the first quiet minute after a birth", "challenges: paperwork that nobody reads",
			"motivations.fears: Night shifts without a doctor on call", "motivations.goals: open a birth house by the river",
			"identity.values: Honesty", "identity.values: patience", "communication.preferences: prefer email",
			"behavior.habits: Every morning I swim before work", "quotes: I can't stand paperwork that nobody reads.",
		}, []string{"name: Interviewer", "passions: paperwork"}},
		{"chat", []string{
			"name: Bruno", "location: Ghent", "career.positions: organization=Lichtmeer Studio", "challenges: cardboard boxes",
			"interests.primary: sour beer", "motivations.goals: ride to Lisbon next summer", "motivations.fears: trucks", "identity.beliefs: slow travel makes better people",
		}, []string{"moving", "wine", "fears: rain", "Ana"}},
		{"ticket", []string{
			"name: Oluwaseun Brandt", "contact.emails: o.brandt@tidewater.example", "contact.phones: +44 20 5550 1882", "role: Warehouse Manager",
			"career.positions: title=Warehouse Manager; organization=Tidewater Books Ltd", "skills.hard: Excel", "challenges: the import screen",
			"communication.preferences: Please email me",
		}, []string{"support@"}},
		{"own_words", []string{
			"name: Priya Castellanos", "ageRange: 34 years old", "location: Valparaíso", "role: freelance cartographer",
			"career.education: institution=Universidad del Puerto; field=geography", "skills.languages: Hindi",
			"interests.passions: hand-drawn maps", "interests.primary: hike alone", "challenges: crowded offices", "motivations.fears: losing my sight",
			"motivations.goals: map every footpath of Chiloé", "identity.values: craft",
		}, []string{"Google", "location: Lima", "trains", "gender"}},
		{"card", []string{
			"name: Marguerite Oyelaran", "ageRange: 52", "role: School librarian", "location: Leeds, England", "motivations.goals: Retire to the coast at sixty",
			"challenges: Budgets decided in July", "identity.values: Fairness", "behavior.habits: Reads the paper from back to front",
		}, nil},
		{"german", []string{
			"name: Annegret Thalbach", "background.birthDate: 12. März 1985", "location: Kiel", "contact.phones: 0431 5550199",
			"career.positions: title=Projektleiterin; organization=Förde Windkraft GmbH; location=Kiel; start=2015; end=heute",
			"career.positions: title=Bauingenieurin; organization=Holm & Söhne KG; start=2010; end=2015",
			"career.education: institution=Technische Universität Hamburg; degree=Diplom; field=Bauingenieurwesen; start=2004; end=2010",
			"skills.hard: AutoCAD", "skills.languages: Deutsch (Muttersprache)", "skills.languages: Dänisch", "interests.primary: Segeln",
		}, nil},
		{"french", []string{
			"name: Solène Marchetti", "location: Rennes", "role: infirmière", "interests.primary: les romans policiers", "challenges: les réunions trop longues",
			"motivations.goals: traverser l'Atlantique", "skills.languages: breton",
		}, nil},
		{"spanish", []string{
			"name: Joaquín Urrutia", "location: Bilbao", "role: traductor", "interests.primary: el ajedrez", "challenges: madrugar",
			"motivations.goals: escribir una novela", "motivations.fears: volar", "skills.languages: ruso",
		}, []string{"interests.primary: madrugar"}},
		{"bio_pronouns", []string{
			"name: Tamsin Okwuosa-Pryde", "background.birthDate: 1961", "background.birthPlace: Whitby", "location: Saltburn",
			"career.education: institution=University of Skerrow; field=geology; end=1983", "career.education: institution=University of Skerrow; degree=doctorate; end=1988",
			"career.positions: title=field geologist; organization=Northmere Survey; start=1989; end=1997",
			"career.positions: organization=Museum of Quiet Stones; location=Whitby; start=1998",
			"career.positions: title=director; organization=Museum of Quiet Stones; start=2006; end=2021",
			"identity.beliefs: every child should own a hammer", "interests.primary: builds kites", "interests.primary: collects old maps", "skills.languages: Welsh",
		}, []string{"Brackwater", "Harle", "captain", "teacher", "1850", "Leeds", "law"}},
		{"speaker", []string{
			"name: Ilinca Vaduva Storm", "role: Principal Engineer", "location: Tallinn, Estonia",
			"career.positions: title=Principal Engineer; organization=Lanternworks", "career.positions: title=letter cutter; organization=Aaspere Workshop",
			"career.positions: title=font engineer; organization=Glyphhouse; location=Riga",
			"career.education: institution=University of Reval; degree=Bachelor of Arts; field=Typography",
			"career.education: institution=Haapsalu Institute; degree=Master of Science; field=Optics", "interests.passions: small capitals",
		}, []string{"speakers@", "mentors", "Grids"}},
		{"interview_lead", []string{
			"name: Casimir Oduya-Lind", "ageRange: 38", "location: Antwerp", "role: runs the bindery Papier & Knoten",
			"career.positions: organization=Papier & Knoten; location=Antwerp", "career.positions: title=proofreader; location=Ghent",
			"career.education: institution=University of Leuven; field=philosophy", "identity.values: Silence", "identity.values: light", "motivations.fears: damp",
			"challenges: Prices", "challenges: haggling with publishers", "motivations.goals: open a school for apprentices", "interests.primary: play the bassoon",
		}, []string{"Belmont", "Oda"}},
		{"bio_german", []string{
			"name: Roswitha Amsel-Brandner", "background.birthDate: 7. April 1972", "background.birthPlace: Sigmaringen", "role: Geigenbauerin", "location: Lindau am Bodensee",
			"career.positions: title=Lehre; organization=Werkstatt Ohnsorg; location=Kempten; start=1991; end=1995", "career.positions: title=Gesellin; location=Basel",
			"career.positions: organization=Amsel Geigenbau; start=2006", "strengths: Ausdauer", "strengths: ein feines Gehör", "skills.expertise: alten Lacken", "skills.expertise: Darmsaiten",
			"skills.languages: Französisch", "identity.values: Ruhe", "challenges: Hast", "motivations.fears: dass das gute Holz ausgeht",
			"motivations.goals: eine Geige für jedes Kind im Dorf zu bauen", "interests.primary: singt im Chor", "contact.emails: amsel@example.org",
		}, []string{"Donauwerk", "Jura", "Ulm", "Försters", "interests.primary: Hast"}},
		{"bio_spanish", []string{
			"name: Itziar Colomé Baraza", "role: ingeniera", "location: Cádiz, España", "background.birthDate: 9 de mayo de 1979", "background.birthPlace: Huelva",
			"career.education: institution=Universidad del Estrecho; field=Hidráulica; end=2003",
			"career.education: institution=Universidad Politécnica de Levante; degree=máster; field=Energía Marina; start=2004; end=2006",
			"career.positions: organization=Marea Alta; location=Barcelona", "career.positions: organization=Corriente Común; start=2012",
			"career.positions: title=profesora de Oceanografía; organization=Universidad del Estrecho; start=2019",
			"skills.hard: MATLAB", "skills.expertise: mareas", "skills.languages: catalán", "interests.passions: la vela", "challenges: las prisas",
			"motivations.goals: iluminar un pueblo con el mar",
		}, []string{"pescadora", "los vientos"}},
		{"bio_japanese", []string{
			"name: 朝比奈つむぎ", "role: 代表", "location: 札幌", "background.birthDate: 1988年", "career.education: institution=信州工芸大学; field=木工学科; start=2007年; end=2011年",
			"career.positions: title=家具職人; organization=株式会社ミズナラ; location=旭川; start=2011年4月; end=2016年3月",
			"career.positions: title=代表; organization=どんぐり舎; location=札幌; start=2016年4月; end=現在",
			"skills.hard: Blender", "skills.languages: 日本語（母語）", "interests.primary: そば", "challenges: 満員電車", "behavior.habits: 朝は五時に起きて、森を歩く",
			"motivations.goals: 町に小さなおもちゃの図書館を開く", "contact.emails: tsumugi@example.com",
		}, []string{"interests.primary: 満員電車", "長野"}},
		{"bio_chinese", []string{
			"name: 沈知秋", "background.birthDate: 1990年", "location: 杭州", "role: 创始人", "career.positions: title=店员; organization=西湖茶叶公司; start=2012年; end=2018年",
			"interests.primary: 书法", "interests.primary: 徒步", "skills.languages: 中文", "skills.languages: 英语",
		}, nil},
		{"bio_arabic", []string{
			"name: سلمى الزيداني", "role: مهندسة مياه وكاتبة", "location: صفاقس، تونس", "background.birthDate: عام 1983", "background.birthPlace: قابس",
			"career.education: institution=جامعة الواحة الجديدة; field=الهندسة; end=2006", "career.education: institution=جامعة لشبونة; degree=ماجستير; field=إدارة المياه; end=2009",
			"career.positions: title=مهندسةً; organization=شركة الينابيع; location=تونس; start=2009; end=2015",
			"career.positions: organization=مختبر الأعماق; location=صفاقس; start=2016", "skills.languages: الإيطالية", "interests.primary: صيد السمك",
			"challenges: الضجيج", "motivations.fears: تجفّ الآبار", "motivations.goals: تكتب موسوعة عن الماء",
		}, []string{"السفر", "interests.primary: الضجيج"}},
		{"thread", []string{
			"name: Eluned Vasquez-Hart", "role: head brewer", "location: Aberaeron, Wales", "contact.emails: eluned@example.com", "contact.phones: 07700 900532",
			"career.positions: title=head brewer; organization=Copperlane Brewery; location=Aberaeron, Wales", "career.education: institution=Teifi University; field=chemistry",
			"communication.preferences: Please don't call before noon", "skills.hard: Python",
		}, []string{"Leeds", "scales", "Tobiah", "support@"}},
		{"profile_page", []string{
			"name: Bohdan Ferreira Quist", "role: Product Designer", "location: Halifax, Nova Scotia, Canada",
			"career.positions: title=Product Designer; organization=Windrose; location=Halifax, Nova Scotia; start=Mar 2020; end=Present",
			"career.positions: title=Illustrator; organization=Tern & Tide Press; location=St. John's, Newfoundland; start=Jun 2015; end=Feb 2020",
			"career.education: institution=Bluenose University; degree=Bachelor of Design; start=2011; end=2015", "identity.values: honest sketches",
		}, []string{"skills.soft: honest", "Full-time", "skills.hard: Illustrator"}},
		{"mixed", []string{
			"name: Zainab Löwe", "name: 林晓雨", "name: ليلى حداد", "location: Graz", "contact.emails: leila@barid.example", "interests.passions: small radios",
		}, nil},
	} {
		t.Run(c.file, func(t *testing.T) {
			got := lines(read(t, file(t, "about/"+c.file+".txt"), ""))
			for _, want := range c.says {
				if !slices.Contains(got, want) {
					t.Errorf("does not say %q", want)
				}
			}
			for _, l := range got {
				for _, no := range c.never {
					if strings.Contains(l, no) {
						t.Errorf("says %q", l)
					}
				}
				// A field with one value must not be said twice in a text about one person.
				path, _, _ := strings.Cut(l, ": ")
				if f := persona.FieldAt(path); f.Single() && c.file != "mixed" {
					if i := slices.IndexFunc(got, func(o string) bool { return strings.HasPrefix(o, path+": ") }); got[i] != l {
						t.Errorf("says both %q and %q", got[i], l)
					}
				}
			}
			if t.Failed() {
				t.Log("said:\n" + strings.Join(got, "\n"))
			}
		})
	}
}

func TestSaysNothingOfTextsAboutNobody(t *testing.T) {
	files, err := filepath.Glob("testdata/nobody/*.txt")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d texts about nobody, %v", len(files), err)
	}
	for _, f := range files {
		name := strings.TrimPrefix(f, "testdata/")
		t.Run(filepath.Base(f), func(t *testing.T) {
			if got := read(t, file(t, name), ""); len(got) > 0 {
				t.Errorf("says %q", lines(got))
			}
		})
	}
}

func TestPolarity(t *testing.T) {
	for _, c := range []struct{ text, says, never string }{
		{"My name is Uma. I don't like olives.", "challenges: olives", "interests"},
		{"My name is Uma. I do not really like olives.", "challenges: olives", "interests"},
		{"My name is Uma. I like olives but I hate capers.", "interests.primary: olives", "interests.primary: capers"},
		{"My name is Uma. I never worked at Quarzwerk Ltd.", "name: Uma", "Quarzwerk"},
		{"My name is Uma. I am not afraid of heights.", "name: Uma", "heights"},
		{"My name is Uma. I don't want to move to Oslo.", "name: Uma", "Oslo"},
		{"My name is Uma. If I like it, I will buy it.", "name: Uma", "interests"},
		{"My name is Uma. Do I like rain?", "name: Uma", "rain"},
		{"My name is Uma. You love opera and I love jazz.", "interests.passions: jazz", "opera"},
		{"My name is Uma. My brother likes fishing.", "name: Uma", "fishing"},
		{"My name is Uma and I am a woman. I work in a quarry.", "gender: woman", "positions"},
		{"My name is Uma. She is my sister and he likes football.", "name: Uma", "gender"},
		{"My name is Uma. I'm self-employed.", "role: self-employed", "role: employed"},
		{"My name is Uma. I want to make a film. I want to make a complaint.", "motivations.goals: make a film", "complaint"},
		{"Q: Hello?\nA: Hi.\nQ: What are your goals?\nA: I'm not sure yet.\nQ: And do you fear?\nA: I love tea.\n", "interests.passions: tea", "sure"},
		{"My name is Uma. I used to love ballet.", "name: Uma", "passions"},
		{"Loud music drives me crazy. My name is Uma.", "challenges: Loud music", "interests"},
		{"My name is Uma. Loyalty is important to me.", "identity.values: Loyalty", "challenges"},
	} {
		got := lines(read(t, c.text, ""))
		if !slices.Contains(got, c.says) {
			t.Errorf("%q does not say %q but %q", c.text, c.says, got)
		}
		for _, l := range got {
			if strings.Contains(l, c.never) && !strings.HasPrefix(l, "quotes") {
				t.Errorf("%q says %q", c.text, l)
			}
		}
	}
}

// A name in the source's title may be taken for the subject's where the text has it too.
func TestTitleNamesTheSubject(t *testing.T) {
	talk := "Q: What do you do?\nA: I grow roses. I love moss.\nQ: And what annoys you?\nA: I hate slugs.\n\nThanks to Wendeline Astor-Okafor for the talk.\n"
	for title, want := range map[string]bool{"Interview with Wendeline Astor-Okafor": true, "Interview with Perpetua Blackwood": false, "": false} {
		got := lines(read(t, talk, title))
		if slices.Contains(got, "name: Wendeline Astor-Okafor") != want || !slices.Contains(got, "interests.passions: moss") {
			t.Errorf("with title %q: %q", title, got)
		}
	}
	if got := read(t, file(t, "nobody/kettle.txt"), "Wendeline Astor-Okafor"); len(got) > 0 {
		t.Errorf("a text about nobody says %q", lines(got))
	}
}

// What an objective says in the first person is a goal once; a soft skill is none
// inside a title or before a noun.
func TestSaysAThingOnce(t *testing.T) {
	got := lines(read(t, "Ida Holmqvist\nSite Reliability Engineer\nida@example.org\n\nSUMMARY\nReliability engineer who likes honest plans.\n\nOBJECTIVE\nI want to build a bridge that sings.\n\nSKILLS\nGo, Teamwork\n", ""))
	if !slices.Contains(got, "motivations.goals: build a bridge that sings") || !slices.Contains(got, "skills.soft: Teamwork") {
		t.Errorf("says %q", got)
	}
	for _, l := range got {
		if l == "skills.soft: Reliability" || l == "skills.soft: honest" || strings.HasPrefix(l, "motivations.goals: I") {
			t.Errorf("says %q", l)
		}
	}
}

// The title decides whom a chat is about; without one, who says most of himself
// or herself does, and never who only asks.
func TestChatSubject(t *testing.T) {
	chat := "Ruth: I love orchids and I live in Basel.\nOmar: I like trams. My goal is to see every tram in Europe. I am afraid of lifts.\nRuth: Nice!\nOmar: I hate queues.\n"
	for title, want := range map[string]string{"": "name: Omar", "Chat with Ruth": "name: Ruth", "Omar": "name: Omar"} {
		if got := lines(read(t, chat, title)); !slices.Contains(got, want) {
			t.Errorf("with title %q: %q", title, got)
		}
	}
	got := lines(read(t, "Agent: I love helping. What do you need?\nUser 1: I live in Turku.\nAgent: I see.\nUser 1: I hate waiting.\n", ""))
	if !slices.Contains(got, "location: Turku") || slices.ContainsFunc(got, func(l string) bool { return strings.HasPrefix(l, "name") || strings.Contains(l, "helping") }) {
		t.Errorf("got %q", got)
	}
}

func TestSurvivesAnyText(t *testing.T) {
	for name, s := range map[string]string{
		"empty":            "",
		"blanks":           strings.Repeat(" \n\t", 20000),
		"one word":         strings.Repeat("a", 200_000),
		"one capital word": "A" + strings.Repeat("b", 200_000),
		"capital words":    strings.Repeat("Ab ", 33_000),
		"at signs":         strings.Repeat("a@a.", 25_000),
		"digits":           strings.Repeat("1", 100_000),
		"short numbers":    strings.Repeat("12 ", 33_000),
		"years":            strings.Repeat("2004-2007 ", 10_000),
		"links":            strings.Repeat("http://a.b ", 9_000),
		"brackets":         strings.Repeat("(", 100_000),
		"labels":           strings.Repeat("A:\n", 33_000),
		"headings":         strings.Repeat("SKILLS\n", 14_000),
		"selves":           strings.Repeat("I like ", 14_000),
		"longest CV":       strings.Repeat(file(t, "about/cv_long.txt")+"\n", 24)[:100_000],
		"longest bio":      strings.Repeat(file(t, "about/bio.txt"), 190),
		"emoji":            strings.Repeat("👩🏽‍🚀🚀", 10_000),
		"right to left":    strings.Repeat("اسمي ليلى \u202e", 7_000),
		"combining marks":  "e" + strings.Repeat("\u0301", 50_000),
		"broken":           "My name is \xff\xfeUma. I like \xc3 tea.",
		"signs":            strings.Repeat("•-*|·", 20_000),
		"longest Japanese": strings.Repeat(file(t, "about/bio_japanese.txt"), 70),
		"longest Arabic":   strings.Repeat(file(t, "about/bio_arabic.txt"), 80),
		"longest German":   strings.Repeat(file(t, "about/bio_german.txt"), 70),
		"longest thread":   strings.Repeat(file(t, "about/thread.txt"), 90),
		"longest talk":     strings.Repeat(file(t, "about/interview_lead.txt"), 100),
		"employers":        "Ana Lima was born in 1980. " + strings.Repeat("She worked at Abc Inc. as a cook. ", 3_000),
		"one Han sentence": "我叫林晓雨，" + strings.Repeat("现居北京、", 6_000),
		"Han brackets":     "我叫林晓雨，" + strings.Repeat("「（", 16_000),
		"Arabic words":     "سلمى الزيداني مهندسة تعيش في صفاقس " + strings.Repeat("عملت في شركة ", 7_000),
		"German verbs":     "Ute Kern ist Ärztin. Sie wurde 1970 geboren. " + strings.Repeat("Sie arbeitet bei der ", 4_000),
		"Han":              strings.Repeat("我叫", 40_000),
	} {
		t.Run(name, func(t *testing.T) { read(t, s, "") })
	}
}

func TestStopsWhenAsked(t *testing.T) {
	s := file(t, "about/cv_lines.txt")
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	_, err := engine.Extract(ctx, persona.Source{Text: &s}, func([]persona.Draft) error { calls++; cancel(); return nil })
	var failure *persona.Failure
	if !errors.As(err, &failure) || failure.Code != persona.FailCancelled || !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("after %d portions: %v", calls, err)
	}
	full := errors.New("full")
	if _, err := engine.Extract(t.Context(), persona.Source{Text: &s}, func([]persona.Draft) error { return full }); err != full { //nolint:errorlint // it must come back as it is
		t.Errorf("emit's error came back as %v", err)
	}
	if _, _, err := engine.Compose(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("compose: %v", err)
	}
}

// What people type first.
func TestReadsShortTexts(t *testing.T) {
	for text, want := range map[string][]string{
		"I'm Ada Okafor, a data engineer from Leeds. I love hiking.":         {"name: Ada Okafor", "role: data engineer", "interests.passions: hiking", "location: Leeds"},
		"# Grace Holloway\n\nEngineer in Boston\n\n## Skills\n- Go\n- SQL\n": {"name: Grace Holloway", "role: Engineer", "location: Boston", "skills.hard: Go", "skills.hard: SQL"},
	} {
		if got := lines(read(t, text, "")); !slices.Equal(got, want) {
			t.Errorf("%q says %q, not %q", text, got, want)
		}
	}
}

func TestReadsNothingWithoutText(t *testing.T) {
	if _, err := engine.Extract(t.Context(), persona.Source{}, func([]persona.Draft) error { t.Error("emitted"); return nil }); err != nil {
		t.Error(err)
	}
}

// The hash names the rules: equal lists give equal hashes, another word another.
func TestInfo(t *testing.T) {
	a, b := New().Info(), New().Info()
	if a != b || a.Name != "builtin" || a.Model != "" || len(a.PromptHash) != 16 {
		t.Fatalf("%+v and %+v", a, b)
	}
	files := fstest.MapFS{}
	entries, err := data.ReadDir("data")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		raw, err := data.ReadFile("data/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		files["data/"+e.Name()] = &fstest.MapFile{Data: raw}
	}
	hash := func() string {
		lex := load(files)
		lex.tagger(files)
		return lex.hash
	}
	if got := hash(); got != a.PromptHash {
		t.Errorf("the same files hash to %s, not %s", got, a.PromptHash)
	}
	files["data/titles.txt"].Data = append(slices.Clone(files["data/titles.txt"].Data), "quillturner\n"...)
	if got := hash(); got == a.PromptHash {
		t.Error("a new word did not change the hash")
	}
}

func TestSameTextSameDrafts(t *testing.T) {
	s := file(t, "about/cv_long.txt")
	a, b := lines(read(t, s, "")), lines(read(t, s, ""))
	if !slices.Equal(a, b) {
		t.Error("two readings differ")
	}
}
