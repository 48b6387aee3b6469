package synth

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSalvage(t *testing.T) {
	for _, c := range []struct {
		name, text string
		values     []string
		whole      bool
	}{
		{"as asked", `{"claims":[{"path":"a","value":"1"},{"path":"b","value":"2"}]}`, []string{"1", "2"}, true},
		{"none", `{"claims":[]}`, nil, true},
		{"none, fenced", "```json\n{\"claims\": []}\n```", nil, true},
		{"in prose", `Sure! Here it is: {"claims":[{"path":"a","value":"1"}]} Anything else?`, []string{"1"}, true},
		{"after thinking", `<think>maybe {"path":"x","value":"0"}?</think>{"claims":[{"path":"a","value":"1"}]}`, []string{"1"}, true},
		{"wrapped", `{"result":{"claims":[{"path":"a","value":"1"}]}}`, []string{"1"}, true},
		{"a bare list", `[{"path":"a","value":"1"},{"path":"b","value":"2"}]`, []string{"1", "2"}, false},
		{"lines", "{\"path\":\"a\",\"value\":\"1\"}\n{\"path\":\"b\",\"value\":\"2\"}", []string{"1", "2"}, false},
		{"cut in a value", `{"claims":[{"path":"a","value":"1"},{"path":"b","value":"2`, []string{"1"}, false},
		{"cut in a key", `{"claims":[{"path":"a","value":"1"},{"pa`, []string{"1"}, false},
		{"cut after a list's entry", `{"claims":[{"path":"a","value":"1"}`, []string{"1"}, false},
		{"trailing commas", `{"claims":[{"path":"a","value":"1",},],}`, []string{"1"}, true},
		{"missing commas", "{\"claims\":[{\"path\":\"a\"\n\"value\":\"1\"}\n{\"path\":\"b\" , \"value\":\"2\"}]}", []string{"1", "2"}, true},
		{"quotes in a value", `{"claims":[{"path":"a","value":"he said "yes", loudly"},{"path":"b","value":"2"}]}`, []string{`he said "yes", loudly`, "2"}, true},
		{"single quotes", `{'claims':[{'path':'a','value':'it's so'}]}`, []string{"it's so"}, true},
		{"curly quotes", `{“claims”:[{“path”:“a”,“value”:“1”}]}`, []string{"1"}, true},
		{"bare words", `{claims:[{path:a,value:yes,n:None,t:True}]}`, []string{"yes"}, true},
		{"bare keys", `{claims:[{path: "a", value: "1, value of it"}, {path:"b" , value:"he said "note: it", and left"}]}`, []string{"1, value of it", `he said "note: it", and left`}, true},
		{"comments", "{// {first}\n\"claims\":[ /* \"x\": */ {\"path\":\"a\", # or b\n\"value\":\"1\" // {sure}\n}, // next\n{\"path\":\"b\",\"value\":\"see // this, and /* that */\"}]}", []string{"1", "see // this, and /* that */"}, true},
		{"a comment that does not end", `{"claims":[{"path":"a","value":"1"}, /* and {"path":"b","value":"2"}]}`, []string{"1", "2"}, false},
		{"numbers that are none", `{"claims":[{"path":"a","value":"1","confidence":NaN},{"path":"b","value":Infinity,"confidence":-Infinity},{"path":"c","value":Nan}]}`, []string{"1", "", "Nan"}, true},
		{"a mark before and between", "\uFEFF{\u00A0\"claims\":\uFEFF[{\"path\":\"a\",\"value\":\"1\",}]}", []string{"1"}, true},
		{"written as a string", `"{\"claims\":[{\"path\":\"a\",\"value\":\"\\\"1\\\"\"}]}"`, []string{`"1"`}, true},
		{"lists in lists", `{"claims":[[[{"path":"a","value":"1"}]]]}`, []string{"1"}, true},
		{"line breaks in a value", "{\"claims\":[{\"path\":\"a\",\"value\":\"one\ntwo\"}]}", []string{"one\ntwo"}, true},
		{"unknown escapes", `{"claims":[{"path":"a","value":"50\% \é \n \u00e9 \ud83d\ude00 \ud83d",}]}`, []string{"50% é \n é 😀 \uFFFD"}, true},
		{"one broken among good ones", `{"claims":[{"path":"a","value":"1"},{"path":"b","value":@@},{"path":"c","value":"3"}]}`, []string{"1", "3"}, false},
		{"a missing bracket", `{"claims":[{"path":"a","value":"1"},{"path":"c","value":"3"}}`, []string{"1", "3"}, false},
		{"nothing", ``, nil, false},
		{"no object", `I cannot do that.`, nil, false},
		{"another object", `{"answer":42}`, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			entries, whole := salvage(c.text, "claims", isClaim)
			var values []string
			for _, e := range entries {
				values = append(values, textOf(e["value"]))
			}
			require.Equal(t, c.values, values)
			require.Equal(t, c.whole, whole)
		})
	}
}

func TestSalvageReadsEveryValidAnswerAsItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var claims []map[string]any
		for i := range rapid.IntRange(0, 5).Draw(t, "claims") {
			claims = append(claims, map[string]any{"path": fmt.Sprint("p", i), "value": rapid.String().Draw(t, "value"), "quote": rapid.String().Draw(t, "quote")})
		}
		text, err := json.Marshal(map[string]any{"claims": claims})
		require.NoError(t, err)
		entries, _ := salvage("So: "+string(text), "claims", isClaim)
		require.Len(t, entries, len(claims))
		for i, e := range entries {
			require.Equal(t, claims[i], e)
		}
	})
}

func TestSalvageKeepsWhatWasWholeBeforeTheCut(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"claims":[`)
	var ends []int
	for i := range 20 {
		fmt.Fprintf(&b, `{"path":"p","value":"%d \" , } { “x”","parts":[{"name":"n","text":"t"}]},`, i)
		ends = append(ends, b.Len()-1)
	}
	text := b.String()
	for cut := range len(text) {
		entries, whole := salvage(text[:cut], "claims", isClaim)
		want := 0
		for _, e := range ends {
			if e <= cut {
				want++
			}
		}
		require.False(t, whole)
		require.Len(t, entries, want, "cut at %d", cut)
	}
}

func TestSalvageIsLinear(t *testing.T) {
	// Each would take hours if it were not.
	for _, text := range []string{
		strings.Repeat("{", 400_000), strings.Repeat(`{"a":`, 100_000), strings.Repeat(`{"a":"`, 80_000), strings.Repeat(`[{"a":[`, 60_000),
		strings.Repeat(`{"`, 200_000), `{"a":"` + strings.Repeat(`"`, 400_000), strings.Repeat("{ ", 200_000), strings.Repeat(`{a:'`, 100_000),
		strings.Repeat("{/*", 170_000), strings.Repeat("{//", 170_000), strings.Repeat("{#", 250_000), strings.Repeat(`{"a":"" //`, 60_000), strings.Repeat("{\u00A0\uFEFF", 100_000), strings.Repeat(`{a:"",value`, 50_000),
	} {
		entries, whole := salvage(text, "claims", isClaim)
		require.Empty(t, entries)
		require.False(t, whole)
	}
}

func FuzzSalvage(f *testing.F) {
	f.Add(`{"claims":[{"path":"name","value":"Ada","parts":[{"name":"start","text":"2019"}],"quote":"My name is Ada","basis":"STATED","confidence":0.9}]}`)
	f.Add("```json\n{'claims':[{path:name,value:“Ada”,}\n{\"path\":\"role\" \"value\":\"x\"}")
	f.Add(`{"a":"\ud83d\u00zz\`)
	f.Add(`<think>{"path":</think>[{"path":"name","confidence":1e999,"value":[[["x"]]]}`)
	f.Add("{\"path\":\"na\xffme\",\"value\":\"\xf0\x9f\x98\"}")
	p := newPassage(chunk{0, []rune("My name is Ada Okafor. I live in Lagos.")})
	f.Fuzz(func(t *testing.T, answer string) {
		entries, _ := salvage(answer, "claims", isClaim)
		for _, e := range entries {
			require.True(t, isClaim(e))
		}
		drafts, state := readClaims(answer, p)
		require.Equal(t, len(drafts) > 0, state == useful)
		prove(t, string(p.text), drafts)
		for _, d := range drafts {
			require.NotEmpty(t, d.Value)
			require.True(t, 0 <= d.Confidence && d.Confidence <= 1000)
		}
		composed, _ := readSentences(answer, factsFrom(drafts))
		for _, d := range composed {
			require.NotEmpty(t, d.Cites)
		}
	})
}
