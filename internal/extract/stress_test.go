package extract

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/persona-api/persona-api/internal/persona"
)

// hostile are texts, by what they repeat, that find a reader which looks back or
// ahead without a bound.
var hostile = map[string]string{
	"a word":              "persona ",
	"a letter":            "a",
	"a capital":           "A",
	"capitals":            "A ",
	"brackets":            "(",
	"nested brackets":     "([{<",
	"angles":              "<",
	"tags":                "<b>",
	"open tags":           "<b ",
	"newlines":            "\n",
	"lines":               "a\n",
	"I love":              "I love ",
	"I love it":           "I love tea. ",
	"and I love":          "and I love tea ",
	"I love lists":        "I love tea, ",
	"I have":              "I have two dogs and a cat and ",
	"I am":                "I am a ",
	"I am a":              "I am a vegan and a ",
	"favorites":           "my favorite ",
	"favorites are":       "my favorite food is ",
	"favorites before":    "tea is my favorite and ",
	"every day":           "I run every day and ",
	"I do not":            "I don't eat ",
	"from":                "I am from Riga and ",
	"work":                "I work at a bank and ",
	"said":                "she said \"I love tea ",
	"nested quotes":       "\"“«'",
	"quotes":              "\"I ",
	"labels":              "Ana: ",
	"labelled lines":      "Ana: I love tea\n",
	"many labels":         "Ana: I love tea. Bo: I hate tea! ",
	"stamped lines":       "Ana 10:02 I love tea\n",
	"stamps":              "[10:02] ",
	"dates":               "12/03/2025, 20:14 - ",
	"marks":               "**",
	"marked lines":        "- **> ",
	"questions":           "I love tea, do you? ",
	"commas":              "I like tea, and , but , so ",
	"commas without end":  "I live in Riga, ",
	"answers":             "Q: What is your favorite color?\nA: Blue\n",
	"subjects without an": "she swims, ",
	"emoji":               "I love 🍵 ",
	"links":               "Website: https://a.example ",
	"bare links":          "https://a.example ",
	"links and mails":     "https://a.example info@b.example ",
	"mails":               "a@b.example ",
	"zero width":          "\u200b",
	"mixed":               "I love\n\n(tea) <b>\"A: [10:02] ",
}

// Every hostile text of the greatest length is read, and what is said of it holds.
func TestReadsHostileText(t *testing.T) {
	for name, unit := range hostile {
		t.Run(name, func(t *testing.T) {
			s := strings.Repeat(unit, persona.MaxText/utf8.RuneCountInString(unit))
			read(t, s, "")
			read(t, "My name is Uma Reyes. "+string([]rune(s)[:persona.MaxText/8]), "Chat with Uma Reyes")
		})
	}
}

// FuzzExtract holds every draft of any text, title and kind to the contract, and the
// narrative to its facts.
func FuzzExtract(f *testing.F) {
	kinds := []persona.SourceKind{persona.KindText, persona.KindURL, persona.KindChat, persona.KindInterview, persona.KindDocument, persona.KindEmail, persona.KindOther, ""}
	files, err := filepath.Glob("testdata/*/*.txt")
	if err != nil || len(files) < 30 {
		f.Fatalf("%d seeds, %v", len(files), err)
	}
	for n, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(raw), "", byte(n))
	}
	for n, s := range []string{"I", "I'm", "X, Y, a", "A: b\nA: c\nB: d", "From: a\nTo: b\n\nHi,\n\nRegards,\nB", "Education\n2001", "Skills: C", "He is the CEO of", "( born", "İ is a nurse.", "I am a 34", "2001  2006: Cook",
		"my favorite", "I have", "I own a", "I am from", "I was born", "I work at", "I play", "Ana 10:02\nI", "[Ana] 10:02\nI love", "<b>Ana</b>: I", "Q. I\nA. I", "she said \"I love", "I don't eat", "I run every", "I am going to", "I like a and b and"} {
		f.Add(s, "Chat with Ana", byte(n))
	}
	for unit := range hostile {
		f.Add(strings.Repeat(hostile[unit], 20), "A", byte(2))
	}
	f.Fuzz(func(t *testing.T, s, title string, kind byte) {
		if len(s) > 20_000 {
			return
		}
		var facts []persona.Fact
		for _, d := range readAs(t, s, title, kinds[int(kind)%len(kinds)]) {
			facts = append(facts, fact(t, d.Path, d.Value, d.Detail))
		}
		composed(t, facts)
	})
}
