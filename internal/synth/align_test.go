package synth

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const letter = `Dr. José Müller-Lüdenscheidt — born 1974 in Zürich — works as a “senior hydro-
logist” at the Ministry of Works.

He does not eat meat. He said: "I've climbed 14 peaks,   and I am not finished."
Skills: C++, C#, Go | 桥梁设计 and 水利工程 👩‍🔬. His ﬁrst job was at Acme; his second job was at Beta.
كَتَبَ رسالة. Anna came, Ann stayed. I love the sea. Later: I love the sea, and the mountains of Lebanon.`

func TestQuotesAreFound(t *testing.T) {
	for _, c := range []struct {
		name, quote, want string
		how               agreement
	}{
		{"exactly", "born 1974 in Zürich", "born 1974 in Zürich", exact},
		{"without accents", "Jose Muller-Ludenscheidt", "José Müller-Lüdenscheidt", alike},
		{"composed otherwise", "Jose\u0301 Mu\u0308ller", "José Müller", alike},
		{"other quotation marks", "He said: “I’ve climbed 14 peaks, and I am not finished.”", "He said: \"I've climbed 14 peaks,   and I am not finished", alike},
		{"other case and blanks", "HE DOES  NOT\neat meat", "He does not eat meat", alike},
		{"a ligature", "first job was at Acme", "ﬁrst job was at Acme", alike},
		{"signs that mean something", "c++", "C++", alike},
		{"chinese inside a run", "桥梁", "桥梁", exact},
		{"without vowel points", "كتب رسالة", "كَتَبَ رسالة", alike},
		{"around a word's invisible signs", "👩‍🔬", "👩‍🔬", exact},
		{"with an ellipsis", "José … works as a", "José Müller-Lüdenscheidt — born 1974 in Zürich — works as a", alike},
		{"with an ellipsis at the ends", "...his second job...", "his second job", alike},
		{"across a hyphen", "senior hydrologist at the Ministry of Works", "senior hydro-\nlogist” at the Ministry of Works", near},
		{"with a slip", "His second job was at Beta, and came Anna", "", absent},
		{"misspelt", "works as a senior hydro-logist at the Ministrry of Works", "works as a “senior hydro-\nlogist” at the Ministry of Works", near},
		{"a whole word, not its beginning", "Ann", "Ann", exact},
		{"half a word", "Zür", "", absent},
		{"another number", "I've climbed 15 peaks, and I am not finished", "", absent},
		{"no denial", "I've climbed 14 peaks, and I am finished", "", absent},
		{"another sign", "C##", "", absent},
		{"empty", " ", "", absent},
		{"only marks", "—", "", absent},
		{"broken UTF-8", "born \xff1974 in Z\xc3\xbcrich", "born 1974 in Zürich", exact},
		{"far more than there is", strings.Repeat("x", 20_000), "", absent},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPassage(chunk{0, []rune(letter)})
			s, how := p.find(c.quote, nil)
			require.Equal(t, c.how, how)
			require.Equal(t, c.want, string(p.text[s.start:s.end]))
		})
	}
}

func TestOfTwoPlacesTheHintsChoose(t *testing.T) {
	p := newPassage(chunk{0, []rune(letter)})
	first, how := p.find("I love the sea", nil)
	require.Equal(t, exact, how)
	second, _ := p.find("I love the sea", []string{"lebanon"})
	require.Less(t, first.start, second.start)
	require.Equal(t, "I love the sea", string(p.text[second.start:second.end]))
	third, _ := p.find("I love the sea", []string{"nowhere"})
	require.Equal(t, first, third, "the first of equals")
}

func TestHalvesOfWordsAndOfFiguresAreNoEvidence(t *testing.T) {
	p := newPassage(chunk{0, []rune("Write to jane.doe@example.com or call +44 20 7946 0958. Annabeth is 41.")})
	for _, quote := range []string{"jane.doe@example.co", "7946 095", "Anna", "4", "doe@example.c"} {
		_, how := p.find(quote, nil)
		require.Equal(t, absent, how, quote)
	}
}

// spelt says text otherwise: letters in the other case, blanks doubled, marks changed.
func spelt(text []rune, coin func() bool) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case unicode.IsLetter(r) && coin():
			b.WriteRune(unicode.ToUpper(r))
		case r == ' ' && coin():
			b.WriteString(" \n ")
		case r == '"' && coin():
			b.WriteRune('”')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func TestWhateverIsCutFromATextIsFoundInIt(t *testing.T) {
	text := []rune(letter + "\n" + long(3))
	p := newPassage(chunk{0, text})
	rapid.Check(t, func(t *rapid.T) {
		start := rapid.IntRange(0, len(text)-1).Draw(t, "start")
		end := rapid.IntRange(start+1, min(len(text), start+200)).Draw(t, "end")
		for inWord(text, start) {
			start--
		}
		for inWord(text, end) {
			end++
		}
		quote := strings.TrimSpace(string(text[start:end]))
		folded := fold([]rune(quote))
		if len(folded.runes) == 0 {
			return
		}
		s, how := p.find(quote, nil)
		require.Equal(t, exact, how)
		require.Equal(t, quote, string(text[s.start:s.end]))

		again := spelt([]rune(quote), func() bool { return rapid.Bool().Draw(t, "coin") })
		s, how = p.find(again, nil)
		require.NotEqual(t, absent, how, "%q", again)
		require.Equal(t, folded.str, fold(text[s.start:s.end]).str)
	})
}

func FuzzFind(f *testing.F) {
	f.Add(letter, "José … works as a", "lebanon", 0)
	f.Add(letter, "senior hydrologist at the Ministrry of Works", "", 7)
	f.Add(strings.Repeat("a", 500), strings.Repeat("a", 60), "a", 3)
	f.Add("ﬁﬁﬁ x ﬃ", "ffi", "", 0)
	f.Add("e\u0301e\u0301 \u200b\u00ad", "ee", "", 1)
	f.Fuzz(func(t *testing.T, text, quote, hint string, start int) {
		runes := []rune(text)
		if len(runes) > 20_000 || start < 0 || start > 1<<20 {
			return
		}
		source := append(make([]rune, start), runes...)
		p := newPassage(chunk{start, source[start:]})
		s, how := p.find(quote, []string{hint})
		if how == absent {
			require.Zero(t, s)
			return
		}
		require.True(t, 0 <= s.start && s.start < s.end && s.end <= len(runes))
		require.False(t, inWord(p.text, s.start) || inWord(p.text, s.end))
		require.NotEmpty(t, fold(p.text[s.start:s.end]).runes)
		if how == exact {
			require.Equal(t, strings.TrimSpace(strings.ToValidUTF8(quote, "")), string(p.text[s.start:s.end]))
		}
		d, ok := draftOf(map[string]any{"path": "skills.soft", "value": "v", "quote": quote, "basis": "STATED"}, p)
		require.True(t, ok)
		require.Equal(t, string(source[d.Start:d.End]), d.Quote)
	})
}

func TestFoldRemembersWhereEveryRuneCameFrom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []rune(rapid.String().Draw(t, "text"))
		f := fold(text)
		require.Len(t, f.from, len(f.runes))
		require.True(t, utf8.ValidString(f.str))
		last := int32(0)
		for i, from := range f.from {
			require.GreaterOrEqual(t, from, last)
			require.Less(t, int(from), len(text))
			last = from
			if f.runes[i] == ' ' {
				require.True(t, 0 < i && i < len(f.runes)-1 && f.runes[i-1] != ' ')
			}
		}
	})
}

// BenchmarkFind is the cost of a quote in a text of the greatest length, which is
// an eighth of this or less in use: texts are read in chunks.
func BenchmarkFind(b *testing.B) {
	text := []rune(long(110))[:100_000]
	tail := string(text[99_000:99_140])
	for _, c := range []struct{ name, quote string }{
		{"exact", tail},
		{"alike", strings.ToUpper(tail)},
		{"near", strings.Replace(tail, "river", "rivver", 1)},
		{"absent", "I have collected 412 miniature lighthouses since I was nine years old, and I am proud of it"},
		{"absent and long", strings.Repeat("The river is long and the days are wide and deep. ", 19)},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := newPassage(chunk{0, text})
			for b.Loop() {
				p.find(c.quote, []string{"bridges"})
			}
		})
	}
	b.Run("newPassage", func(b *testing.B) {
		for b.Loop() {
			newPassage(chunk{0, text})
		}
	})
}
