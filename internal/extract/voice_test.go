package extract

import (
	"slices"
	"strings"
	"testing"
)

// TestReadsTheFirstPerson holds what one or two sentences say (says) and what they do
// not (never, a part of a line, quotes aside).
func TestReadsTheFirstPerson(t *testing.T) {
	for _, c := range []struct {
		text  string
		says  []string
		never []string
	}{
		// What is liked, as a clean phrase.
		{"I love getting to work on old clocks in my free time.", []string{"interests.passions: work on old clocks"}, nil},
		{"I like to listen to rock and jazz, cook and go hiking.", []string{"interests.primary: listen to rock and jazz", "interests.primary: cook", "interests.primary: go hiking"}, nil},
		{"I like biking, card games and sour beer.", []string{"interests.primary: biking", "interests.primary: card games", "interests.primary: sour beer"}, nil},
		{"I enjoy the peace and quiet of the hills.", []string{"interests.primary: the peace and quiet of the hills"}, nil},
		{"I like reading 📚 and I love spending time with my friends and family.", []string{"interests.primary: reading", "interests.passions: spending time with my friends and family"}, nil},
		{"I love chess. I like playing chess. I like to play chess.", []string{"interests.passions: chess"}, []string{"playing", "play chess"}},
		{"I love it. I like the story. I love watching them. I like that one. I love their music. I like different things.", nil, []string{"interests"}},
		{"I love how it smells, and the thing I love most is over.", nil, []string{"interests"}},
		{"My favorite color is blue and my favorite food is pizza.", []string{"interests.primary: favorite color is blue", "interests.primary: pizza"}, nil},
		{"My favourite film is \"To Catch a Thief\". Rye bread is my favorite food.", []string{"interests.primary: favourite film is To Catch a Thief", "interests.primary: Rye bread"}, nil},
		{"My favorite singer was Elvis.", nil, []string{"Elvis"}},
		{"I am a coffee lover and a night owl.", []string{"interests.passions: coffee", "identity.archetypes: night owl"}, nil},
		{"What matters to me is honesty on the plate.", []string{"identity.values: honesty on the plate"}, nil},
		{"I'm a nurse, so sleep is very important to me.", []string{"identity.values: sleep"}, []string{"values: I"}},

		{"I love <em>old sandstone</em> and my dream is to carve a <b>whole</b> portal.", []string{"interests.passions: old sandstone", "motivations.goals: carve a whole portal"}, nil},

		// What is done.
		{"I play the violin and run every morning.", []string{"interests.primary: play the violin", "behavior.habits: run every morning"}, nil},
		{"I still do my gouache sketch every morning before coffee.", []string{"behavior.habits: do my gouache sketch every morning before coffee"}, nil},
		{"I call my mother on Sundays, and twice a week I swim.", []string{"behavior.habits: call my mother on Sundays"}, nil},
		{"I paint. I read a book about it last week.", []string{"interests.primary: paint"}, []string{"a book"}},
		{"I don't eat meat and I never smoke.", []string{"behavior.habits: don't eat meat", "behavior.habits: never smoke"}, nil},
		{"Eat something! Play it again. I ate early every day.", nil, []string{"habits", "interests"}},

		// Who somebody is and what somebody has.
		{"I have two dogs and a cat named Tom.", []string{"interests.secondary: two dogs", "interests.secondary: cat"}, []string{"Tom"}},
		{"I've always wanted a dog. I have an idea. I have a meeting at nine.", nil, []string{"interests"}},
		{"I own two vintage motorbikes.", []string{"interests.secondary: two vintage motorbikes"}, nil},
		{"I'm a vegetarian and an optimist.", []string{"identity.archetypes: vegetarian", "identity.archetypes: optimist"}, nil},
		{"I'm not a good swimmer, but I am a good cook.", []string{"challenges: not a good swimmer"}, []string{"archetypes"}},
		{"I'm good at chess. I'm not very good at names.", []string{"strengths: chess", "challenges: names"}, []string{"strengths: names"}},
		{"I'm allergic to peanuts.", []string{"challenges: allergic to peanuts"}, nil},
		{"I'm four years old. My name is Uma.", []string{"ageRange: four years old"}, nil},
		{"I just turned 18 yesterday, my dear.", []string{"ageRange: 18"}, nil},

		// Work, places, schools.
		{"I work at a shipyard and I live in a small town.", []string{"career.positions: organization=shipyard", "location: small town"}, nil},
		{"I work in marketing.", []string{"role: work in marketing"}, nil},
		{"I run a small bakery.", []string{"role: run a small bakery"}, nil},
		{"I worked for nine years at Vetreria Salso.", []string{"career.positions: organization=Vetreria Salso"}, nil},
		{"I'm a glassblower in Murano.", []string{"role: glassblower", "career.positions: title=glassblower; location=Murano"}, []string{"organization=Murano"}},
		{"I'm from Canada. I love snow.", []string{"location: Canada"}, nil},
		{"I'm from Canada, but I live in Peru now.", []string{"location: Peru"}, []string{"location: Canada"}},
		{"I was born in Dakar on 3 May 1980 and grew up in Lyon.", []string{"background.birthPlace: Dakar", "background.birthDate: 3 May 1980", "background.residences: Lyon"}, []string{"location"}},
		{"I grew up in Zakopane, studied statistics at Jagiellonian University and moved on.", []string{"career.education: institution=Jagiellonian University; field=statistics"}, nil},
		{"Hi, I'm Tomasz! I'm Bernadette Kowalczyk, they say.", []string{"name: Tomasz"}, nil},
		{"I'm German. I'm Batman. I'm Scrum Master. I love tea.", nil, []string{"name"}},
		{"I speak Polish and English (fluent).", []string{"skills.languages: Polish", "skills.languages: English (fluent)"}, nil},

		// What is wanted.
		{"I want to be a nurse. I'm thinking about opening a shop.", []string{"motivations.goals: be a nurse", "motivations.goals: opening a shop"}, nil},
		{"I'm going to the movies. I'm going to open a window. I'm looking forward to seeing you.", []string{"motivations.goals: open a window"}, []string{"movies", "seeing"}},
		{"I'd like to visit Peru, what about you?", []string{"motivations.goals: visit Peru"}, []string{"about"}},
		{"I would love to hear about it. I want to try that.", nil, []string{"goals"}},

		// What another likes, what was, what would be, what is not held.
		{"My wife loves skiing and my son plays chess. I love tea.", []string{"interests.passions: tea"}, []string{"skiing", "chess"}},
		{"She said \"I love knitting\". I love tea.", []string{"interests.passions: tea"}, []string{"knitting"}},
		{"My friends say I like jazz. I don't think I like rain. I love tea.", []string{"interests.passions: tea"}, []string{"jazz", "rain"}},
		{"I live in Riga and my wife works at Acme and loves golf. My brother hates fish and I love fish.", []string{"location: Riga", "interests.passions: fish"}, []string{"Acme", "golf", "challenges"}},
		{"I'm retired, my husband works at Acme and enjoys golf.", []string{"role: retired"}, []string{"Acme", "golf"}},
		{"I love tea and the kids love golf and hate rain.", []string{"interests.passions: tea"}, []string{"golf", "rain"}},
		{"I'm not sure I like jazz. I doubt I want to move. It's not that I hate rain. I can't say I enjoy golf.", nil, []string{"jazz", "move", "rain", "golf"}},
		{"I'd say I like jazz.", []string{"interests.primary: jazz"}, nil},
		{"I used to love ballet. I loved golf. I used to play tennis every day. I no longer like opera.", nil, []string{"interests", "habits"}},
		{"I wish I could surf. I wish I had a dog. If I were rich, I would love to sail.", nil, []string{"surf", "dog", "sail"}},
		{"I'm not into opera and I can't stand crowds.", []string{"challenges: opera", "challenges: crowds"}, []string{"interests"}},
		{"Do you like opera? Do I love tea? What I like is over.", nil, []string{"opera", "tea"}},
	} {
		got := lines(read(t, "My name is really not the point, I mean. "+c.text, ""))
		for _, want := range c.says {
			if !slices.Contains(got, want) {
				t.Errorf("%q does not say %q but %q", c.text, want, got)
			}
		}
		for _, l := range got {
			for _, no := range c.never {
				if strings.Contains(l, no) && !strings.HasPrefix(l, "quotes") {
					t.Errorf("%q says %q", c.text, l)
				}
			}
		}
	}
}

// The cues of other languages have their negations too.
func TestReadsTheFirstPersonOfOtherLanguages(t *testing.T) {
	for _, c := range []struct {
		text  string
		says  []string
		never string
	}{
		{"Ich heiße Merle. Ich arbeite jetzt als Tischlerin bei Holzwerk Nord in Flensburg. Ich spiele gern Schach. Ich mag keine Großraumbüros.",
			[]string{"name: Merle", "role: Tischlerin", "interests.primary: Schach", "challenges: Großraumbüros"}, "interests.primary: Groß"},
		{"Soy traductora y me encanta la madera vieja. No me gusta el ruido. Tengo miedo de perder el oído. Mi sueño es escribir una novela.",
			[]string{"role: traductora", "interests.passions: la madera vieja", "challenges: el ruido", "motivations.fears: perder el oído", "motivations.goals: escribir una novela"}, "interests.primary: el ruido"},
		{"Je m'appelle Solène et j'adore la voile. Je n'aime pas le bruit. Mon rêve est de traverser l'Atlantique.",
			[]string{"name: Solène", "interests.passions: la voile", "challenges: le bruit", "motivations.goals: traverser l'Atlantique"}, "interests.primary: le bruit"},
		{"Chamo-me Benedita e moro em Lisboa. Adoro o mar e gosto de cozinhar. Não gosto de barulho. O meu sonho é abrir uma padaria.",
			[]string{"name: Benedita", "location: Lisboa", "interests.passions: o mar", "interests.primary: cozinhar", "challenges: barulho", "motivations.goals: abrir uma padaria"}, "interests.primary: barulho"},
		{"Mi chiamo Ginevra e abito a Torino. Mi piace la montagna. Non mi piace il rumore. Il mio sogno è aprire una libreria.",
			[]string{"name: Ginevra", "location: Torino", "interests.primary: la montagna", "challenges: il rumore", "motivations.goals: aprire una libreria"}, "interests.primary: il rumore"},
		{"Ik heet Saskia en ik woon in Utrecht. Ik hou van schaatsen. Ik hou niet van lawaai. Ik ben bang voor onweer.",
			[]string{"name: Saskia", "location: Utrecht", "interests.primary: schaatsen", "challenges: lawaai", "motivations.fears: onweer"}, "interests.primary: lawaai"},
	} {
		got := lines(read(t, c.text, ""))
		for _, want := range c.says {
			if !slices.Contains(got, want) {
				t.Errorf("%q does not say %q but %q", c.text, want, got)
			}
		}
		if slices.Contains(got, c.never) {
			t.Errorf("%q says %q", c.text, c.never)
		}
	}
}

// Quotes tell what no field has; small talk and what was said to somebody do not.
func TestQuotesAreTelling(t *testing.T) {
	got := lines(read(t, "Ana: How was it?\nBo: I'm sure it will be fine, thanks for asking me.\nAna: And you?\nBo: I grew up on a horse farm with nine brothers. I hope you enjoy your weekend with all of them.\nAna: Nice!\nBo: I believe that a bridge should outlive its builder. I love tea.\n", ""))
	for _, want := range []string{"quotes: I believe that a bridge should outlive its builder.", "quotes: I grew up on a horse farm with nine brothers."} {
		if !slices.Contains(got, want) {
			t.Errorf("does not say %q but %q", want, got)
		}
	}
	for _, l := range got {
		if strings.HasPrefix(l, "quotes") && (strings.Contains(l, "thanks") || strings.Contains(l, "weekend")) {
			t.Errorf("says %q", l)
		}
	}
}

// The reply to a question for a favourite needs no sentence, and quotes the reply alone.
func TestRepliesToFavourites(t *testing.T) {
	got := read(t, "Ana: What's your favorite color?\nBo: Dark green.\nAna: And what is your favorite food?\nBo: Pierogi with plums!\nAna: What is your favorite movie?\nBo: Rear Window.\nAna: What is your favorite way home?\nBo: I don't know, I walk.\n", "")
	all := lines(got)
	for _, want := range []string{"interests.primary: Rear Window", "interests.primary: Pierogi with plums"} {
		if !slices.Contains(all, want) {
			t.Errorf("does not say %q but %q", want, all)
		}
	}
	for _, d := range got {
		if strings.Contains(d.Quote, "favorite") {
			t.Errorf("quotes the question: %q", d.Quote)
		}
	}
}

// A long answer, with lines broken for their length, and a profile: what a stranger
// would note down of each.
func TestReadsALifeToldAtLength(t *testing.T) {
	for _, c := range []struct {
		text  string
		says  []string
		never []string
	}{
		{"Interview with Marguerite Delacroix-Bond, lighthouse keeper\n\n" +
			"Interviewer: Thank you for seeing us on such a windy day. Could you tell us how it all\nbegan, and what your first years on the island were like for you and for your family?\n\n" +
			"Marguerite: I was born in Brest in 1961 and I grew up in my father's workshop, where\nthe smell of tar never left. I studied navigation at the École Maritime de Brest and\n" +
			"then I worked for twelve years as a pilot for Iroise Ferries. My brother still works\nthere. He loves it.\n\nInterviewer: I love the sea too, I live in Rennes though. What keeps you going?\n\n" +
			"Marguerite: The light, honestly. I believe in doing one thing well. I get up at four\nevery morning. I am afraid of the day they automate us. In winter I knit and read\nRussian novels.\n",
			[]string{"name: Marguerite Delacroix-Bond", "role: lighthouse keeper", "background.birthPlace: Brest", "background.birthDate: 1961",
				"career.education: institution=École Maritime de Brest; field=navigation", "career.positions: title=pilot; organization=Iroise Ferries",
				"identity.values: doing one thing well", "behavior.habits: get up at four every morning", "motivations.fears: the day they automate us",
				"interests.primary: knit", "interests.primary: read Russian novels"},
			[]string{"Rennes", "sea", "loves it"}},
		{"I lead procurement at Clearwater Health in Denver, where my team looks after 40 clinics. Before that I spent six years at Bolt Logistics as a demand planner.\n\n" +
			"I specialise in supplier negotiations and change management. I'm certified in Quarzware and I hold an MBA from Front Range University. My colleagues describe me as calm and stubborn.\n\n" +
			"I'm a volunteer ski patroller. My goal for the next years is to bring reusable packaging into every ward. Don't pitch me crypto.\n",
			[]string{"role: lead procurement", "career.positions: organization=Clearwater Health; location=Denver", "career.positions: title=demand planner; organization=Bolt Logistics",
				"skills.expertise: supplier negotiations", "career.certifications: Quarzware", "career.education: institution=Front Range University; degree=MBA",
				"identity.archetypes: calm", "identity.archetypes: stubborn", "role: volunteer ski patroller", "motivations.goals: bring reusable packaging into every ward"},
			[]string{"crypto"}},
	} {
		got := lines(read(t, c.text, ""))
		for _, want := range c.says {
			if !slices.Contains(got, want) {
				t.Errorf("does not say %q but %q", want, got)
			}
		}
		for _, l := range got {
			for _, no := range c.never {
				if strings.Contains(l, no) && !strings.HasPrefix(l, "quotes") {
					t.Errorf("says %q", l)
				}
			}
		}
	}
}
