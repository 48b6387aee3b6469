package eval

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func load(t *testing.T, set Set) []Text {
	t.Helper()
	texts, err := Load(Corpus(), "corpus", set, "dev", 0)
	require.NoError(t, err)
	return texts
}

// A label that the text does not bear out would blame engines for its own mistake.
func TestLabelsOfTheCorpusStandInItsTexts(t *testing.T) {
	for _, text := range load(t, CV) {
		require.NotEmpty(t, text.fields["name"], text.ID)
		for field, values := range text.fields {
			for _, v := range values {
				require.Contains(t, normalise(text.Text), normalise(v), "%s %s", text.ID, field)
			}
		}
	}
	properties := map[string]bool{}
	for _, text := range load(t, Bios) {
		for _, f := range text.facts {
			require.Contains(t, text.Text, f.Value, text.ID)
			require.True(t, text.annotated[f.Property], "%s %s", text.ID, f.Property)
			properties[f.Property] = true
		}
	}
	require.Len(t, properties, 10, "each property at least once")
	for _, text := range load(t, Chat) {
		c := &measurement{set: &SetReport{Set: Chat}}
		c.chat(&text, nil)
		require.Equal(t, c.set.Chat.Sentences, c.set.Chat.Said, "%s: its speaker says every sentence in some way", text.ID)
	}
	require.GreaterOrEqual(t, len(load(t, Nobody)), 20)
}

func TestLimitTakesTheFirst(t *testing.T) {
	texts, err := Load(Corpus(), "corpus", Bios, "dev", 3)
	require.NoError(t, err)
	require.Equal(t, load(t, Bios)[:3], texts)
}

func TestABrokenLineIsNamed(t *testing.T) {
	const good = `{"id":"1","text":"x","gold":{}}` + "\n"
	for content, want := range map[string]string{
		good + "{":                                  `d/cv/dev.jsonl line 2: is not as expected (unexpected end of JSON input); mend or remove the line: each is one object such as {"id":…`,
		good + "\n" + good:                          "line 3: has the id of line 1;",
		good + `{"text":"x","gold":{}}`:             "line 2: has no id;",
		good + `{"id":"2","text":" ","gold":{}}`:    "line 2: has no text;",
		good + `{"id":"2","text":"x"}`:              "line 2: has no gold;",
		good + `{"id":"2","text":"x","gold":["a"]}`: "line 2: is not as expected (json: cannot unmarshal",
		good + "{\"id\":\"2\",\"text\":\"\xff\"}\n": "line 2: is not UTF-8;",
		"": "d/cv/dev.jsonl: has no lines;",
		good + `{"id":"2","text":"x","gold":{}} more`: "line 2: is not as expected (invalid character 'm' after top-level value)",
	} {
		_, err := Load(fstest.MapFS{"cv/dev.jsonl": {Data: []byte(content)}}, "d", CV, "dev", 0)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "\n")
	}
	for set, line := range map[Set]string{
		Bios: `{"id":"2","text":"x"}`, Chat: `{"id":"2","conversation":"x"}`,
	} {
		name, _ := set.file("dev")
		_, err := Load(fstest.MapFS{name: {Data: []byte(line)}}, "d", set, "dev", 0)
		require.ErrorContains(t, err, "line 1: has n")
	}
	_, err := Load(fstest.MapFS{"chat/spc.dev.jsonl": {Data: []byte(`{"id":"2","conversation":"x","speakers":["A"],"goldPersonaUser1":["y"]}`)}}, "d", Chat, "dev", 0)
	require.ErrorContains(t, err, "line 1: has speakers that are not two")
	_, err = Load(fstest.MapFS{}, "d", CV, "train", 0)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, "d/cv/train.jsonl")
}

func TestALongLineIsRead(t *testing.T) {
	long := strings.Repeat("word ", 200_000)
	texts, err := Load(fstest.MapFS{"nobody/dev.jsonl": {Data: []byte(`{"id":"1","text":"` + long + `"}`)}}, "d", Nobody, "dev", 0)
	require.NoError(t, err)
	require.Equal(t, long, texts[0].Text)
}
