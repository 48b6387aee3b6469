package extract

import (
	"slices"
	"strings"
	"testing"

	"github.com/persona-api/persona-api/internal/persona"
)

// The same talk in the layouts that messengers, forums and transcripts leave: in
// each the subject's statements are said and the other's are not.
func TestReadsEachLayoutOfATalk(t *testing.T) {
	talk := []struct{ who, says string }{
		{"Ana", "Hi! I love opera and I live in Porto. How are you?"},
		{"Bruno", "Great, thanks. I live in Ghent now."},
		{"Ana", "Nice. I hate moving."},
		{"Bruno", "I like biking and I am afraid of trucks. My goal is to ride to Lisbon."},
		{"Ana", "Brave!"},
		{"Bruno", "I believe that slow travel makes better people."},
	}
	says := []string{"location: Ghent", "interests.primary: biking", "motivations.fears: trucks", "motivations.goals: ride to Lisbon", "identity.beliefs: slow travel makes better people"}
	never := []string{"opera", "Porto", "moving", "How are you"}
	for name, line := range map[string]func(who, says string) string{
		"colon":                 func(w, s string) string { return w + ": " + s + "\n" },
		"no blank":              func(w, s string) string { return w + ":" + s + "\n" },
		"empty lines":           func(w, s string) string { return w + ": " + s + "\n\n" },
		"words under the label": func(w, s string) string { return w + ":\n" + s + "\n\n" },
		"full name":             func(w, s string) string { return w + " de Wit: " + s + "\n" },
		"capitals":              func(w, s string) string { return strings.ToUpper(w) + ": " + s + "\n" },
		"lower case":            func(w, s string) string { return strings.ToLower(w) + ": " + s + "\n" },
		"initial":               func(w, s string) string { return w + " K.: " + s + "\n" },
		"role in brackets":      func(w, s string) string { return w + " (member): " + s + "\n" },
		"time before":           func(w, s string) string { return "[10:02] " + w + ": " + s + "\n" },
		"time with seconds":     func(w, s string) string { return "10:02:45 " + w + ": " + s + "\n" },
		"time in brackets":      func(w, s string) string { return w + " (10:02): " + s + "\n" },
		"time after":            func(w, s string) string { return w + " 10:02: " + s + "\n" },
		"bracketed date":        func(w, s string) string { return "[12/03/2025, 20:14:05] " + w + ": " + s + "\n" },
		"dashed date":           func(w, s string) string { return "12.03.25, 20:14 - " + w + ": " + s + "\n" },
		"date with AM":          func(w, s string) string { return "3/12/25, 8:14 PM - " + w + ": " + s + "\n" },
		"ISO date":              func(w, s string) string { return "2025-03-12T20:14:05Z " + w + ": " + s + "\n" },
		"weekday":               func(w, s string) string { return "[Mon 20:14] " + w + ": " + s + "\n" },
		"angles":                func(w, s string) string { return "<" + w + "> " + s + "\n" },
		"time and angles":       func(w, s string) string { return "[20:14] <@" + strings.ToLower(w) + "> " + s + "\n" },
		"line of label, time":   func(w, s string) string { return w + "  10:02 AM\n" + s + "\n" },
		"and brackets":          func(w, s string) string { return w + " [10:02 AM]\n" + s + "\n\n" },
		"today at":              func(w, s string) string { return w + " — Today at 10:02 AM\n" + s + "\n" },
		"comma and date":        func(w, s string) string { return w + ", [12.03.25 20:14]\n" + s + "\n\n" },
		"label in brackets":     func(w, s string) string { return "[" + w + " de Wit] 10:02:13\n" + s + "\n" },
		"time of a transcript":  func(w, s string) string { return w + " 0:05\n" + s + "\n" },
		"bold, colon in":        func(w, s string) string { return "**" + w + ":** " + s + "\n\n" },
		"bold, colon out":       func(w, s string) string { return "**" + w + "**: " + s + "\n\n" },
		"list":                  func(w, s string) string { return "- **" + w + "**: " + s + "\n" },
		"italic":                func(w, s string) string { return "_" + w + ":_ " + s + "\n" },
		"headings":              func(w, s string) string { return "### " + w + ":\n" + s + "\n\n" },
		"quoting":               func(w, s string) string { return "> " + w + ": " + s + "\n" },
		"HTML paragraphs":       func(w, s string) string { return "<p><strong>" + w + ":</strong> " + s + "</p>" },
		"HTML breaks":           func(w, s string) string { return "<b>" + w + "</b>: " + s + "<br/>" },
		"HTML divisions": func(w, s string) string {
			return `<div class="msg"><span class="who">` + w + `:</span><span>` + s + "</span></div>\n"
		},
		"records": func(w, s string) string {
			return `{"role": "` + w + `", "content": "` + s + "\"}\n"
		},
		"one line":      func(w, s string) string { return w + ": " + s + " " },
		"double blanks": func(w, s string) string { return w + ": " + s + "  " },
		"numbers": func(w, s string) string {
			return map[string]string{"Ana": "User 1", "Bruno": "User 2"}[w] + ": " + s + "\n"
		},
		"speakers": func(w, s string) string {
			return map[string]string{"Ana": "Speaker 1", "Bruno": "Speaker 2"}[w] + "  0:05\n" + s + "\n"
		},
		"Q and A":   func(w, s string) string { return map[string]string{"Ana": "Q", "Bruno": "A"}[w] + ": " + s + "\n" },
		"Q. and A.": func(w, s string) string { return map[string]string{"Ana": "Q.", "Bruno": "A."}[w] + " " + s + "\n" },
		"interviewer": func(w, s string) string {
			return map[string]string{"Ana": "Interviewer", "Bruno": "Bruno"}[w] + ": " + s + "\n\n"
		},
		"assistant": func(w, s string) string {
			return map[string]string{"Ana": "Assistant", "Bruno": "User"}[w] + ": " + s + "\n"
		},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			for _, u := range talk {
				b.WriteString(line(u.who, u.says))
			}
			got := read(t, b.String(), "")
			all := lines(got)
			for _, want := range says {
				if !slices.Contains(all, want) {
					t.Errorf("does not say %q", want)
				}
			}
			for _, d := range got {
				for _, no := range never {
					if strings.Contains(d.Quote, no) {
						t.Errorf("says %q", show(d))
					}
				}
			}
			if t.Failed() {
				t.Logf("of:\n%s\nsaid:\n%s", b.String(), strings.Join(all, "\n"))
			}
		})
	}
}

// Two turns are a talk when the source says that it is one.
func TestAKnownChatNeedsLess(t *testing.T) {
	s := "Ana: I love opera.\nBruno: I like trams. I live in Ghent.\n"
	var got []persona.Draft
	if _, err := engine.Extract(t.Context(), persona.Source{Text: &s, Kind: persona.KindChat}, func(ds []persona.Draft) error { got = append(got, ds...); return nil }); err != nil {
		t.Fatal(err)
	}
	hold(t, s, got)
	all := lines(got)
	if !slices.Contains(all, "location: Ghent") || !slices.Contains(all, "name: Bruno") || slices.Contains(all, "interests.passions: opera") {
		t.Errorf("says %q", all)
	}
}

// A form has labels that come again, and is no talk: nobody speaks in it.
func TestAFormIsNoTalk(t *testing.T) {
	var b strings.Builder
	for range 4 {
		b.WriteString("Project: a bridge over the Mur\nDuration: six months\nResponsibilities: welding and drawing\n\n")
	}
	if turns := newText(b.String(), engine.lex).turns(persona.KindText); len(turns) > 0 {
		t.Errorf("%d turns, the first of %q", len(turns), turns[0].key)
	}
}

// The subject of a talk is whom the title names, by any word of the name.
func TestTheTitleNamesASpeaker(t *testing.T) {
	talk := "Ruth Okafor: I love orchids and I live in Basel.\nOmar: I like trams. My goal is to see every tram in Europe. I am afraid of lifts.\nRuth Okafor: Nice!\nOmar: I hate queues.\n"
	for title, want := range map[string]string{"": "name: Omar", "Chat with Ruth": "name: Ruth Okafor", "WhatsApp-Chat mit Ruth Okafor": "name: Ruth Okafor", "Omar and Ruth": "name: Omar", "Omar Haddad": "name: Omar"} {
		if got := lines(read(t, talk, title)); !slices.Contains(got, want) {
			t.Errorf("with title %q: %q", title, got)
		}
	}
	head := "Interview with Ruth\n\n" + talk
	if got := lines(read(t, head, "")); !slices.Contains(got, "name: Ruth Okafor") {
		t.Errorf("under a heading that names her: %q", got)
	}
}

// Japanese and Chinese talks are parted too.
func TestATalkWithoutBlanksBetweenWords(t *testing.T) {
	got := lines(read(t, "花子：こんにちは！最近どう？\n太郎：元気だよ。登山が好きです。東京に住んでいます。\n花子：私は猫が好きです。\n太郎：電車が苦手です。目標は富士山に登ること。\n", ""))
	for _, want := range []string{"name: 太郎", "location: 東京", "interests.primary: 登山", "challenges: 電車"} {
		if !slices.Contains(got, want) {
			t.Errorf("does not say %q but %q", want, got)
		}
	}
	for _, l := range got {
		if strings.Contains(l, "猫") || strings.Contains(l, "花子") {
			t.Errorf("says %q", l)
		}
	}
}
