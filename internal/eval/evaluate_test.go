package eval

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
)

// scripted is an engine that says of each text what it was told to say.
type scripted struct {
	says map[string][]persona.Draft // by text
	fail error
	on   func() // before each text
}

func (scripted) Info() persona.EngineInfo {
	return persona.EngineInfo{Name: "scripted", Model: "m", PromptHash: "h"}
}

func (scripted) Estimate(length int) persona.Usage {
	return persona.Usage{InputTokens: length, CostMicros: 2 * int64(length)}
}

func (e scripted) Extract(ctx context.Context, src persona.Source, emit func([]persona.Draft) error) (persona.Usage, error) {
	if e.on != nil {
		e.on()
	}
	if err := errors.Join(e.fail, ctx.Err()); err != nil {
		return persona.Usage{}, err
	}
	return persona.Usage{InputTokens: 10, OutputTokens: 1, CostMicros: 7}, emit(e.says[*src.Text])
}

func (scripted) Compose(context.Context, []persona.Fact) ([]persona.Draft, persona.Usage, error) {
	return nil, persona.Usage{}, errors.New("an evaluation composes nothing")
}

// says quotes the first place of the text that reads quote.
func says(text, path, value, quote string, detail persona.Detail) persona.Draft {
	before, _, _ := strings.Cut(text, quote)
	start := utf8.RuneCountInString(before)
	return persona.Draft{Path: path, Value: value, Detail: detail, Basis: persona.BasisStated, Confidence: 800, Start: start, End: start + utf8.RuneCountInString(quote), Quote: quote}
}

func run(t *testing.T, set Set, line string, drafts func(text string) []persona.Draft) *Report {
	t.Helper()
	text, wrong := parse(set, line)
	require.Empty(t, wrong)
	r, err := Evaluate(t.Context(), scripted{says: map[string][]persona.Draft{text.Text: drafts(text.Text)}}, []Task{{set, []Text{text}}}, Observe{})
	require.NoError(t, err)
	return r
}

func counts(r *Report) map[string]Counts {
	out := map[string]Counts{}
	for _, f := range r.Sets[0].Fields {
		if f.Counts != (Counts{}) {
			out[f.Field] = f.Counts
		}
	}
	return out
}

const pan = "Ünal Pike\nCook at Blue Pan, Rome\nBA in Cheese, Curd College\nunal@pan.example\nKnows bread and wine."

func TestACVIsScoredByField(t *testing.T) {
	line, err := json.Marshal(map[string]any{"id": "1", "text": pan, "gold": map[string][]string{
		"name": {"Ünal Pike", "Pike"}, "roles": {"Cook", "Head of bread"}, "employers": {"Blue Pan"}, "location": {"Rome", "Paris"},
		"degrees": {"BA in Cheese"}, "schools": {"Curd College"}, "skillsTech": {"bread"}, "skillsSoft": {"wine making"},
	}})
	require.NoError(t, err)
	r := run(t, CV, string(line), func(s string) []persona.Draft {
		lie := says(s, "location", "Oslo", "Rome", nil)
		lie.Quote = "Oslo"
		return []persona.Draft{
			says(s, "name", "Ünal Pike", "Ünal Pike", nil),
			says(s, "career.positions", "Cook, Blue Pan", "Cook at Blue Pan, Rome", persona.Detail{"title": "Cook", "organization": "Blue Pan", "location": "Rome"}),
			says(s, "career.education", "Curd College", "BA in Cheese, Curd College", persona.Detail{"institution": "Curd College", "degree": "BA", "field": "Cheese"}),
			says(s, "contact.emails", "unal@pan.example", "unal@pan.example", nil),
			says(s, "skills.hard", "bread", "bread", nil),
			says(s, "skills.expertise", "Bread", "bread", nil), // the same skill again
			says(s, "skills.soft", "wine", "wine", nil),
			says(s, "skills.languages", "Elvish", "wine", nil), // admitted, for skills need not be literal; but not in the text
			lie, // not admitted
		}
	})
	require.Equal(t, map[string]Counts{
		"name":      {1, 1, 1, 1}, // the first label alone
		"emails":    {0, 1, 0, 0},
		"locations": {2, 1, 1, 1},
		"roles":     {2, 1, 1, 1},
		"employers": {1, 1, 1, 1},
		"schools":   {1, 1, 1, 1},
		"degrees":   {1, 1, 1, 1},
		"skills":    {2, 3, 1, 2},
	}, counts(r))
	s := r.Sets[0]
	// F1: name 1, emails 0, locations 2/3, roles 2/3, employers 1, schools 1, degrees 1, skills .4 and .8
	require.InDelta(t, (1+0+2.0/3+2.0/3+1+1+1+.4)/8, s.Total.Exact.F1, 1e-12)
	require.InDelta(t, (1+0+2.0/3+2.0/3+1+1+1+.8)/8, s.Total.Relaxed.F1, 1e-12)
	require.Equal(t, Grounding{8, 9}, s.Quotes, "of nine drafts one lies")
	require.Equal(t, Grounding{9, 10}, s.Values, "Elvish is not in the text")
	require.Equal(t, 9, s.Drafts)
	require.Equal(t, 8, s.Claims)
	require.Equal(t, []float64{1, 1, 1, 0, 1, 1, 1, 0}, rights(r), "claim by claim, a repeated one like the first")
	require.Equal(t, [3]int64{10, 1, 7}, [3]int64{int64(r.InputTokens), int64(r.OutputTokens), r.CostMicros})
}

func rights(r *Report) []float64 {
	var out []float64
	for _, o := range r.Observations() {
		out = append(out, o.Right)
	}
	return out
}

func TestAPositionMayBeRightInPart(t *testing.T) {
	r := run(t, CV, `{"id":"1","text":"Cook at Blue Pan, Rome","gold":{"roles":["Cook"],"employers":["Red Pot"],"location":["Rome"]}}`, func(s string) []persona.Draft {
		return []persona.Draft{says(s, "career.positions", "Cook", s, persona.Detail{"title": "Cook", "organization": "Blue Pan", "location": "Rome"})}
	})
	require.InDelta(t, 2.0/3, rights(r)[0], 1e-12)
}

func TestANameIsNotScoredWhereNoneIsLabelled(t *testing.T) {
	r := run(t, CV, `{"id":"1","text":"Ada Bell, cook","gold":{"roles":["cook"]}}`, func(s string) []persona.Draft {
		return []persona.Draft{says(s, "name", "Ada Bell", "Ada Bell", nil)}
	})
	require.Equal(t, map[string]Counts{"roles": {Gold: 1}}, counts(r))
	require.Empty(t, r.Observations())
	require.Zero(t, r.Sets[0].Values.Of)
}

func TestAPassageIsScoredByFact(t *testing.T) {
	const text = "Ada Bell (1 May 1901 – 2 June 1990), a Danish chemist of the Mill Party, born in Ribe, Denmark, lived in Bath, studied at Curd College, worked for Blue Pan, married Olaf Reed. Her mother was Ines Bell, her son Tom Reed."
	line, err := json.Marshal(map[string]any{"id": "1", "text": text,
		"annotatedProperties": []string{"DATE_OF_BIRTH", "DATE_OF_DEATH", "NATIONALITY", "POLITICAL_AFFILIATION", "PLACE_OF_BIRTH", "PLACE_OF_RESIDENCE", "EDUCATED_AT", "SPOUSE", "CHILD_OF"},
		"facts": []map[string]string{
			{"property": "DATE_OF_BIRTH", "object": "1 May 1901"}, {"property": "DATE_OF_DEATH", "object": "2 June 1990"}, {"property": "NATIONALITY", "object": "Danish"},
			{"property": "POLITICAL_AFFILIATION", "object": "Mill Party"}, {"property": "PLACE_OF_BIRTH", "object": "Ribe"}, {"property": "PLACE_OF_BIRTH", "object": "Denmark"},
			{"property": "PLACE_OF_RESIDENCE", "object": "Bath"}, {"property": "EDUCATED_AT", "object": "Curd College"}, {"property": "SPOUSE", "object": "Olaf Reed"}, {"property": "SPOUSE", "object": "olaf reed"},
			{"property": "CHILD_OF", "object": "Ines Bell"}, {"property": "CHILD_OF", "object": "Ada Bell"}, {"property": "CHILD_OF", "object": "Olaf Reed"},
		}})
	require.NoError(t, err)
	r := run(t, Bios, string(line), func(s string) []persona.Draft {
		return []persona.Draft{
			says(s, "background.children", "Tom Reed", "Tom Reed", nil), // Tom is the child of Ada, whose name comes later
			says(s, "name", "Ada Bell", "Ada Bell", nil),
			says(s, "background.birthDate", "1 May 1901", "1 May 1901", nil),
			says(s, "background.deathDate", "1990", "1990", nil),
			says(s, "background.nationalities", "Danish", "Danish", nil),
			says(s, "background.politicalParties", "Mill Party", "Mill Party", nil),
			says(s, "background.birthPlace", "Ribe, Denmark", "Ribe, Denmark", nil),
			says(s, "background.residences", "Bath", "Bath", nil),
			says(s, "location", "Bath, Denmark", "Denmark, lived in Bath", nil),
			says(s, "background.spouses", "Olaf Reed", "Olaf Reed", nil),
			says(s, "background.parents", "Ines Bell", "Ines Bell", nil),
			says(s, "career.education", "Curd College", "Curd College", persona.Detail{"institution": "Curd College"}),
			says(s, "career.positions", "Blue Pan", "Blue Pan", persona.Detail{"organization": "Blue Pan"}), // not annotated: not judged
		}
	})
	want := map[string]Counts{
		"DATE_OF_BIRTH": {1, 1, 1, 1}, "DATE_OF_DEATH": {1, 1, 0, 1}, "NATIONALITY": {1, 1, 1, 1}, "POLITICAL_AFFILIATION": {1, 1, 1, 1},
		"PLACE_OF_BIRTH": {2, 2, 2, 2}, "PLACE_OF_RESIDENCE": {1, 2, 1, 1}, "EDUCATED_AT": {1, 1, 1, 1}, "SPOUSE": {1, 1, 1, 1}, "CHILD_OF": {3, 2, 2, 2},
		micro: {12, 12, 10, 11},
	}
	require.Equal(t, want, counts(r))
	require.InDelta(t, 11.0/12, r.Sets[0].Total.Relaxed.F1, 1e-12)
	require.Equal(t, []float64{1, 1, 1, 1, 1, 1, 1, .5, 1, 1, 1}, rights(r), "the location is half right; name and employer are not judged")
}

func TestAChatIsScoredByItsSpeaker(t *testing.T) {
	r := run(t, Chat, `{"id":"1","conversation":"User 1: I like red trams.\n* User 2: I hate rain.\nVery much.\nUser 2 : I like long books.\n","goldPersonaUser1":["I like trams."],"goldPersonaUser2":["I hate the rain.","I read long books and maps.","I have a sister."]}`, func(s string) []persona.Draft {
		return []persona.Draft{
			says(s, "interests.primary", "red trams", "I like red trams", nil), // the other's
			says(s, "challenges", "rain", "I hate rain", nil),
			says(s, "interests.primary", "long books", "I like long books", nil),
		}
	})
	require.Equal(t, &Chats{Sentences: 3, Said: 2, Found: 2, Claims: 3, Other: 1}, r.Sets[0].Chat)
	require.InDelta(t, 2.0/3, r.Sets[0].Chat.Recall(), 1e-12)
	require.InDelta(t, 1.0/3, r.Sets[0].Chat.OtherShare(), 1e-12)
}

func TestWhoSaysWhat(t *testing.T) {
	for text, want := range map[string][]stretch{
		"[09:14] Bo: hi\nAda: hü\nso\n": {{0, 15, 1}, {15, 26, 0}},
		"A lead.\nBo: hi\n":             {{8, 15, 1}},
		"I am Ada: a cook.\n":           {{0, 18, 0}}, // no labels: all is the first's
		"Bob: hi":                       {{0, 7, 0}},
	} {
		require.Equal(t, want, stretches(&Text{Text: text, speakers: [2]string{"Ada", "Bo"}}), "%q", text)
	}
}

func TestWhatIsSaidOfNobodyIsShown(t *testing.T) {
	r := run(t, Nobody, `{"id":"soup","text":"Java pepper"}`, func(s string) []persona.Draft {
		return []persona.Draft{says(s, "skills.hard", "Java", "Java", nil)}
	})
	require.Equal(t, &Silence{Values: 1, Said: []string{"soup: skills.hard: Java"}}, r.Sets[0].Nobody)
	r = run(t, Nobody, `{"id":"soup","text":"Java pepper"}`, func(string) []persona.Draft { return nil })
	require.Equal(t, &Silence{Silent: 1}, r.Sets[0].Nobody)
	require.InDelta(t, 1, r.Sets[0].Quotes.Share(), 0, "nothing that could be wrong")
}

func soups(n int) []Task {
	texts := make([]Text, n)
	for i := range texts {
		texts[i] = Text{ID: string(rune('a' + i)), Text: "soup"}
	}
	return []Task{{Nobody, texts}}
}

func TestAnEngineThatFailsFromTheStartIsGivenUp(t *testing.T) {
	broken := errors.New("no such key")
	r, err := Evaluate(t.Context(), scripted{fail: broken}, soups(9), Observe{})
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "first 3 texts")
	require.Equal(t, 3, r.Sets[0].Texts)
	require.Equal(t, 3, r.Sets[0].Failed)
	require.Equal(t, "no such key", r.Sets[0].Failure)
}

func TestAStopLeavesWhatWasMeasured(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	r, err := Evaluate(ctx, scripted{on: func() {
		if n++; n == 5 {
			cancel()
		}
	}}, soups(9), Observe{})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 4, r.Sets[0].Texts)
	require.Equal(t, 9, r.Sets[0].Of)
	var b strings.Builder
	require.NoError(t, r.Print(&b))
	require.Contains(t, b.String(), "nobody: 4 texts of 9, stopped there")
	require.Contains(t, b.String(), "cost: 40 tokens read, 4 written, $0.0000")
}

func TestProgressAndPredictionsComeTextByText(t *testing.T) {
	var seen []Progress
	var lines []string
	_, err := Evaluate(t.Context(), scripted{says: map[string][]persona.Draft{"soup": {says("soup", "skills.hard", "soup", "soup", nil)}}}, soups(2), Observe{
		Progress:   func(p Progress) { seen = append(seen, p) },
		Prediction: func(s Set, line []byte) error { lines = append(lines, string(s)+string(line)); return nil },
	})
	require.NoError(t, err)
	require.Equal(t, []Progress{{"scripted", Nobody, 0, 2, 0}, {"scripted", Nobody, 1, 2, 7}, {"scripted", Nobody, 2, 2, 14}}, seen)
	require.Len(t, lines, 2)
	require.JSONEq(t, `{"id":"a","claims":[{"path":"skills.hard","value":"soup","detail":null,"basis":"STATED","confidence":800,"start":0,"end":4,"quote":"soup"}]}`, strings.TrimPrefix(lines[0], "nobody"))

	full := errors.New("full")
	_, err = Evaluate(t.Context(), scripted{}, soups(2), Observe{Prediction: func(Set, []byte) error { return full }})
	require.ErrorIs(t, err, full)
}

// Predictions have the form that the sets' own scorers read.
func TestPredictionsHaveTheScorersForm(t *testing.T) {
	for set, c := range map[Set]struct{ line, want string }{
		CV:   {`{"id":"1","text":"Ada Bell of Bath","gold":{}}`, `{"id":"1","name":["Ada Bell"],"emails":[],"locations":["Bath"],"roles":[],"employers":[],"schools":[],"degrees":[],"skills":[]}`},
		Bios: {`{"id":"1","text":"Ada Bell of Bath","annotatedProperties":["SPOUSE"],"facts":[]}`, `{"id":"1","facts":[{"property":"PLACE_OF_RESIDENCE","value":"Bath"}]}`},
	} {
		text, wrong := parse(set, c.line)
		require.Empty(t, wrong)
		var got string
		drafts := []persona.Draft{says(text.Text, "name", "Ada Bell", "Ada Bell", nil), says(text.Text, "location", "Bath", "Bath", nil)}
		_, err := Evaluate(t.Context(), scripted{says: map[string][]persona.Draft{text.Text: drafts}}, []Task{{set, []Text{text}}}, Observe{Prediction: func(_ Set, line []byte) error { got = string(line); return nil }})
		require.NoError(t, err)
		require.JSONEq(t, c.want, got)
	}
}

func TestTimesPerText(t *testing.T) {
	times := make([]time.Duration, 200)
	for i := range times {
		times[len(times)-1-i] = time.Duration(i+1) * time.Millisecond
	}
	require.Equal(t, Time{Mean: 100.5, P50: 100, P99: 198}, timing(times))
	require.Equal(t, Time{Mean: 3, P50: 3, P99: 3}, timing([]time.Duration{3 * time.Millisecond}))
	require.Zero(t, timing(nil))
}

func TestAnEstimateIsTheSumOverAllTexts(t *testing.T) {
	tasks := append(soups(3), Task{CV, []Text{{Text: "süß"}}})
	require.Equal(t, persona.Usage{InputTokens: 15, CostMicros: 30}, Estimate(scripted{}, tasks))
}
