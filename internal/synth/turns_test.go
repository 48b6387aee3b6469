package synth

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/synth/synthtest"
)

func TestSpeaker(t *testing.T) {
	for line, want := range map[string]string{
		"Ann: hello":                           "Ann",
		"Ann-Marie O'Neill (she/her): hello":   "Ann-Marie O'Neill (she/her)",
		"[12/03/2025, 20:14] Rafa: heyyy":      "Rafa",
		"12/03/2025, 20:14 - Rafa: heyyy":      "Rafa",
		"2025-03-12T20:14 Rafa: heyyy":         "Rafa",
		"[8:14 PM] Rafa: heyyy":                "Rafa",
		"Q: Why?":                              "Q",
		"Q:":                                   "Q",
		"小雨: 你好":                               "小雨",
		"see http://example.com":               "",
		"https://example.com":                  "",
		"I went there, and then: nothing":      "I went there, and then", // once is no conversation
		"12:30 lunch":                          "",
		"":                                     "",
		strings.Repeat("word ", 12) + ": what": "",
	} {
		require.Equal(t, want, speaker([]rune(line), 0), line)
	}
	require.Empty(t, speaker([]rune("x Ann: hello"), 2), "in the middle of a line")
}

// talk is a chat of n exchanges, with turns of several lines and blank lines in them.
func talk(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "[12/03/2025, 20:%02d] Rafa: And what about number %d?\n", i%60, i)
		fmt.Fprintf(&b, "[12/03/2025, 20:%02d] Luzia: It was fine.\n\n%s\nYou can write to luzia%d@example.com.\n", i%60, strings.Repeat("I draw by the sea and I sleep late. ", 16), i)
	}
	return b.String()
}

func TestTurnsAreNotCut(t *testing.T) {
	s := synthtest.NewServer(t)
	e, _ := engineOn(t, s)
	text := talk(80)
	require.True(t, conversation([]rune(text)))
	src := source(text)
	src.Kind = persona.KindChat
	var drafts []persona.Draft
	_, err := e.Extract(t.Context(), src, func(ds []persona.Draft) error {
		drafts = append(drafts, ds...)
		return nil
	})
	require.NoError(t, err)
	prove(t, text, drafts)
	asked := s.Requests()
	require.Greater(t, len(asked), 3)
	for _, r := range asked {
		require.NotEmpty(t, speaker([]rune(r.Text), 0), "a part begins with who speaks: %.60q", r.Text)
		require.NotContains(t, r.Turns[0], "goes on in the middle")
	}
	emails := map[string]bool{}
	for _, d := range drafts {
		if d.Path == "contact.emails" {
			emails[d.Value] = true
		}
	}
	require.Len(t, emails, 80)
}

func TestAPartInTheMiddleOfATurnIsToldWhoSpeaks(t *testing.T) {
	s := synthtest.NewServer(t)
	e, _ := engineOn(t, s)
	_, _, err := read(t, e, talk(10)+"Luzia: This is a long story.\n"+strings.Repeat("I went on and on about ferries.\n\n", 800)+"Rafa: So?\n")
	require.NoError(t, err)
	told := 0
	for _, r := range s.Requests() {
		if strings.Contains(r.Turns[0], "in the middle of what begins with: Luzia: This is a long story.") {
			told++
		}
	}
	require.GreaterOrEqual(t, told, 2)
}

func TestProseWithColonsIsNoConversation(t *testing.T) {
	for _, text := range []string{"Name: Ada\nRole: engineer\nPlace: Lagos\nSkills: welding\n", strings.Repeat("Note: this.\n", 20), long(5)} {
		require.False(t, conversation([]rune(text)))
	}
}
