// Package demo holds twelve invented people for a first look at the program.
// Their texts differ as real input does: in form, in length, in language and in script.
// Nobody in them is real; addresses and numbers come from ranges reserved for examples.
package demo

import (
	_ "embed"
	"time"

	"github.com/persona-api/persona-api/internal/persona"
)

// Person is one sample: a text about somebody, and what goes with it into persona.Create.
type Person struct {
	Kind  persona.SourceKind
	Title string // of the source; unique
	Text  string // from 120 to 500 words
	Tags  []string
	AsOf  *time.Time // when the text was true, nil when it does not say
}

//go:embed cv.txt
var cv string

//go:embed cv-flat.txt
var flatCV string

//go:embed profile-page.txt
var profilePage string

//go:embed biography.txt
var biography string

//go:embed speaker.txt
var speaker string

//go:embed interview.txt
var interview string

//go:embed chat.txt
var chat string

//go:embed ticket.txt
var ticket string

//go:embed bio-de.txt
var bioDE string

//go:embed bio-es.txt
var bioES string

//go:embed bio-ja.txt
var bioJA string

//go:embed bio-ar.txt
var bioAR string

// People returns the samples, always the same and in the same order.
func People() []Person {
	return []Person{
		{persona.KindDocument, "CV, Amara Lindqvist-Obi", cv, []string{"demo", "cv", "engineering"}, day(2025, time.January, 15)},
		// Copied out of a PDF: the line breaks are gone, two blanks stand in their place.
		{persona.KindDocument, "CV, Wanjiru Adhiambo Kimeli", flatCV, []string{"demo", "cv", "health"}, nil},
		{persona.KindText, "Profile page, Devraj Pelletier", profilePage, []string{"demo", "profile", "product"}, day(2025, time.March, 3)},
		{persona.KindText, "Biography, Ngaire Whitcombe-Tau", biography, []string{"demo", "biography", "science"}, day(2024, time.October, 20)},
		{persona.KindText, "Speaker page, Kavya Ramanathan Iyer", speaker, []string{"demo", "biography", "engineering"}, nil},
		{persona.KindInterview, "Interview with Benedita Falcão-Reis", interview, []string{"demo", "interview", "trade"}, day(2025, time.February, 8)},
		{persona.KindChat, "Chat with Luzia", chat, []string{"demo", "chat", "art"}, day(2025, time.March, 12)},
		{persona.KindEmail, "Support ticket of Gethin Pryce-Maddox", ticket, []string{"demo", "support", "farming"}, day(2025, time.May, 12)},
		{persona.KindText, "Porträt von Friederike Sandmeier-Kolb", bioDE, []string{"demo", "biography", "trade"}, nil},
		{persona.KindText, "Semblanza de Ximena Arancibia Tolosa", bioES, []string{"demo", "biography", "architecture"}, nil},
		{persona.KindText, "三枝ひなた 自己紹介", bioJA, []string{"demo", "profile", "art"}, day(2025, time.April, 1)},
		{persona.KindText, "السيرة الذاتية: الدكتورة رُبى الخطّاري", bioAR, []string{"demo", "biography", "health"}, nil},
	}
}

func day(year int, month time.Month, d int) *time.Time {
	t := time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
	return &t
}
