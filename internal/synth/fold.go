package synth

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folded is a text as it reads when spelling does not matter: small letters
// without accents, ligatures and full-width forms resolved, every run of white
// space and punctuation one blank, invisible characters gone. Signs that carry
// meaning (C++, C#, 40 %, €, emoji) stay. It remembers where every rune came from.
type folded struct {
	runes []rune
	from  []int32 // of each rune, its index in the text
	str   string  // runes as a string
}

func fold(text []rune) folded {
	f := folded{runes: make([]rune, 0, len(text)), from: make([]int32, 0, len(text))}
	gap := -1
	put := func(r rune, i int) {
		switch {
		case invisible(r):
			return
		case separates(r):
			if gap < 0 {
				gap = i
			}
			return
		}
		if gap >= 0 && len(f.runes) > 0 {
			f.runes, f.from = append(f.runes, ' '), append(f.from, int32(gap)) //nolint:gosec // a text has at most 100,000
		}
		gap = -1
		f.runes, f.from = append(f.runes, unicode.ToLower(r)), append(f.from, int32(i)) //nolint:gosec // the same
	}
	var buf [utf8.UTFMax]byte
	for i, r := range text {
		if r < utf8.RuneSelf {
			put(r, i)
			continue
		}
		n := utf8.EncodeRune(buf[:], r)
		d := norm.NFKD.Properties(buf[:n]).Decomposition()
		if d == nil {
			put(r, i)
			continue
		}
		for _, part := range string(d) {
			put(part, i)
		}
	}
	f.str = string(f.runes)
	return f
}

// invisible reports whether r shows nothing of its own: what is hidden from the
// model, format characters, variation selectors, and the accents and vowel points
// that writers leave out.
func invisible(r rune) bool {
	switch {
	case hidden(r):
		return true
	case r < 0x7F:
		return false
	case 0x0300 <= r && r <= 0x036F, 0x0591 <= r && r <= 0x05C7, 0x064B <= r && r <= 0x065F, r == 0x0670,
		0xFE00 <= r && r <= 0xFE0F, r == utf8.RuneError:
		return true
	}
	return unicode.Is(unicode.Cf, r)
}

// separates reports whether r only parts words.
func separates(r rune) bool {
	switch r {
	case '#', '@', '%', '&':
		return false
	case '|', '~', '`', '^', '=', '<', '>':
		return true
	}
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) && !unicode.IsSymbol(r)
}

// words are the words of a folded text; in scripts without blanks every rune is one.
func (f folded) words() []string {
	var out []string
	for _, w := range strings.Fields(f.str) {
		start := 0
		for i, r := range w {
			if unspaced(r) {
				if start < i {
					out = append(out, w[start:i])
				}
				start = i + utf8.RuneLen(r)
				out = append(out, w[i:start])
			}
		}
		if start < len(w) {
			out = append(out, w[start:])
		}
	}
	return out
}

// holds reports whether every word of g is a word of f.
func (f folded) holds(g folded) bool {
	have := map[string]bool{}
	for _, w := range f.words() {
		have[w] = true
	}
	for _, w := range g.words() {
		if !have[w] {
			return false
		}
	}
	return true
}

// unspaced reports whether r is of a script that does not part words by blanks.
func unspaced(r rune) bool {
	return r > 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// inWord reports whether text cannot be cut at i without cutting a word.
func inWord(text []rune, i int) bool {
	return i > 0 && i < len(text) && wordRune(text[i-1]) && wordRune(text[i]) && !unspaced(text[i-1]) && !unspaced(text[i])
}

func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || r > 0x7F && unicode.Is(unicode.Cf, r)
}
