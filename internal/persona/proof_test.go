package persona

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func prove(text string, drafts ...Draft) ([]Claim, int) {
	src := &Source{ID: NewSourceID(), Text: &text}
	return newProver(src, &Run{ID: NewRunID(), PersonaID: NewID()}, EngineInfo{Name: "test"}, time.Unix(0, 0)).prove(drafts)
}

func TestNothingEntersUnproven(t *testing.T) {
	const text = "😀 Ada Byron works in London."
	good := Draft{Path: "name", Value: "Ada Byron", Basis: BasisStated, Confidence: 900, Start: 2, End: 11, Quote: "Ada Byron"}
	claims, proven := prove(text, good)
	require.Len(t, claims, 1)
	require.Equal(t, 1, proven)
	require.Equal(t, BasisStated, claims[0].Basis)

	with := func(edit func(*Draft)) []Claim {
		d := good
		edit(&d)
		cs, _ := prove(text, d)
		return cs
	}
	require.Empty(t, with(func(d *Draft) { d.Start, d.End = 4, 13 }), "byte offsets are not code points")
	require.Empty(t, with(func(d *Draft) { d.End = 1000 }))
	require.Empty(t, with(func(d *Draft) { d.Start = -1 }))
	require.Empty(t, with(func(d *Draft) { d.Value = "Ada Lovelace" }), "a literal value must be made of the quote's words")
	require.Empty(t, with(func(d *Draft) { d.Path = "no.such" }))
	require.Empty(t, with(func(d *Draft) { d.Path = "summary" }), "narratives do not come from a text")
	require.Empty(t, with(func(d *Draft) { d.Value = " " }))
	require.Empty(t, with(func(d *Draft) { d.Value = "a\x00b" }))
	require.Empty(t, with(func(d *Draft) { d.Path, d.Value, d.Basis = "gender", "female", BasisInferred }), "protected, and not stated")
	require.Empty(t, with(func(d *Draft) { d.Path, d.Value, d.Quote = "gender", "female", "somewhere else" }))

	lost := with(func(d *Draft) { d.Path, d.Value, d.Quote = "communication.tone", "warm", "not in it" })
	require.Len(t, lost, 1)
	require.Equal(t, BasisInferred, lost[0].Basis, "without its quote nothing is STATED")
	require.Nil(t, lost[0].Evidence())
	edited := with(func(d *Draft) { d.Basis, d.Confidence = BasisEdited, 5000 })
	require.Equal(t, BasisInferred, edited[0].Basis, "an engine is not a person")
	require.Equal(t, PerMille(1000), edited[0].Confidence)
}

func TestLiteralWorksWithoutSpaces(t *testing.T) {
	const text = "大家好，我叫王小明。"
	claims, _ := prove(text, Draft{Path: "name", Value: "王小明", Basis: BasisStated, Start: 4, End: 9, Quote: "我叫王小明"})
	require.Len(t, claims, 1)
	claims, _ = prove(text, Draft{Path: "name", Value: "王大明", Basis: BasisStated, Start: 4, End: 9, Quote: "我叫王小明"})
	require.Empty(t, claims)
}

func TestPartsMustBeSaidToo(t *testing.T) {
	const text = "Engineer at Acme, 2019 to 2021"
	d := Draft{Path: "career.positions", Value: "Engineer, Acme", Basis: BasisStated, Start: 0, End: 16, Quote: "Engineer at Acme",
		Detail: Detail{"title": "Engineer", "organization": "Acme", "boss": "Bob"}}
	claims, _ := prove(text, d)
	require.Len(t, claims, 1)
	require.Equal(t, Detail{"title": "Engineer", "organization": "Acme"}, claims[0].Detail, "unknown parts are dropped")
	d.Detail = Detail{"title": "Engineer", "organization": "Acme", "start": "2019"}
	claims, _ = prove(text, d)
	require.Empty(t, claims, "2019 is not in the quote")
}

func TestProofOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("ab 😀é王.")), 1, 30, -1).Draw(t, "text")
		d := Draft{
			Path:  rapid.SampledFrom([]string{"name", "role", "skills.hard", "gender", "quotes"}).Draw(t, "path"),
			Value: rapid.StringOfN(rapid.RuneFrom([]rune("ab 😀王")), 0, 4, -1).Draw(t, "value"),
			Basis: rapid.SampledFrom([]Basis{BasisStated, BasisInferred, "", BasisEdited}).Draw(t, "basis"),
			Start: rapid.IntRange(-2, 32).Draw(t, "start"), End: rapid.IntRange(-2, 32).Draw(t, "end"),
			Quote: rapid.StringOfN(rapid.RuneFrom([]rune("ab 😀é王.")), 0, 6, -1).Draw(t, "quote"),
		}
		claims, _ := prove(text, d)
		for _, c := range claims {
			require.NotEqual(t, BasisEdited, c.Basis)
			if c.Basis == BasisStated {
				require.Equal(t, string([]rune(text)[c.Start:c.End]), c.Quote)
				require.NotEmpty(t, c.Quote)
			}
		}
	})
}

func TestAClaimsIdIsWhatItSaysAndWhere(t *testing.T) {
	text := "Go, Go"
	src := &Source{ID: NewSourceID(), Text: &text}
	run := &Run{ID: NewRunID(), PersonaID: NewID()}
	drafts := []Draft{
		{Path: "skills.hard", Value: "Go", Basis: BasisStated, Start: 0, End: 2, Quote: "Go"},
		{Path: "skills.hard", Value: "go", Basis: BasisStated, Start: 0, End: 2, Quote: "Go"},
		{Path: "skills.hard", Value: "Go", Basis: BasisStated, Start: 4, End: 6, Quote: "Go"},
	}
	first, _ := newProver(src, run, EngineInfo{Name: "test"}, time.Unix(0, 0)).prove(drafts)
	require.Len(t, first, 2, "the same statement of the same words is one claim")
	again, _ := newProver(src, &Run{ID: NewRunID(), PersonaID: run.PersonaID}, EngineInfo{Name: "test"}, time.Unix(9, 0)).prove(drafts)
	require.Equal(t, ids(first), ids(again), "another run writes the same rows")
	other, _ := newProver(src, run, EngineInfo{Name: "test", PromptHash: "2"}, time.Unix(0, 0)).prove(drafts)
	require.NotEqual(t, ids(first), ids(other), "another prompt does not")
}

func TestNarrativesCiteWhatWon(t *testing.T) {
	run := &Run{ID: NewRunID(), PersonaID: NewID()}
	a, b := claimID("a"), claimID("b")
	won := map[ClaimID]bool{a: true}
	d := func(path string, cites ...ClaimID) Draft {
		return Draft{Path: path, Value: "A person.", Basis: BasisStated, Cites: cites}
	}
	got := proveNarratives(run, EngineInfo{}, []Draft{d("summary", a), d("summary", a, b), d("summary"), d("name", a)}, won, time.Unix(0, 0))
	require.Len(t, got, 1)
	require.Equal(t, BasisInferred, got[0].Basis, "composed is not stated")
}
