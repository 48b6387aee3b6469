package synth

import (
	"regexp"
	"strings"
	"unicode"
)

// harmless is a text as the model is shown it. A text may have been written against
// the model, and the fence around it only helps while the model and its server take
// what is inside for words. So two things are done to it, and neither changes how
// it reads once spelling is folded, which is how quotes are found: offsets are those
// of the text as it is.
//
// What shows nothing is taken out. It can hide instructions from whoever reads the
// text beside the model: tags, bidirectional controls, blanks of no width, fillers,
// bytes dressed up as variation selectors. A joiner or an emoji's selector stays
// behind something that it can join.
//
// What servers read as more than words is broken up by a blank: marks such as
// <|im_start|>, </s>, <start_of_turn> and [INST], with which chat templates end a
// turn. Many servers take them for the real thing wherever they stand.
func harmless(text string) string {
	return templateMark.ReplaceAllStringFunc(visible(text), func(mark string) string { return mark[:1] + " " + mark[1:] })
}

// templateMark finds how the marks of chat templates begin: an angle or a square
// bracket right before what they have in it.
var templateMark = regexp.MustCompile(`<[|｜/\pL]|\[/?[A-Z][A-Z_ ]{1,30}\]`)

// visible is text without what shows nothing, line ends made alike.
func visible(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	last := ' ' // the rune written last
	after := rune(0)
	for _, r := range text {
		before := after
		after = r
		switch {
		case r == '\n' && before == '\r':
			continue // written already
		case r == '\r' || r == '\v' || r == '\f' || r == '\u0085':
			r = '\n'
		case hidden(r):
			continue
		case joiner(r) && (unicode.IsSpace(last) || joiner(last)), selector(r) && (unicode.IsSpace(last) || joiner(last) || selector(last)):
			continue
		}
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

// joiner reports whether r joins or parts the letters or emoji beside it; some
// scripts cannot be written without.
func joiner(r rune) bool { return r == '\u200C' || r == '\u200D' }

// selector reports whether r makes an emoji of a sign, or a sign of an emoji.
func selector(r rune) bool { return r == '\uFE0E' || r == '\uFE0F' }

// hidden reports whether r shows nothing and nothing is lost without it.
func hidden(r rune) bool {
	switch {
	case r < 0x7F:
		return r < 0x20 && r != '\n' && r != '\t' && r != '\r' && r != '\v' && r != '\f'
	case r < 0xA0:
		return r != 0x85
	case r == 0xAD, r == 0x034F, r == 0x061C, r == 0x115F, r == 0x1160, r == 0x17B4, r == 0x17B5, 0x180B <= r && r <= 0x180F,
		r == 0x200B, r == 0x200E, r == 0x200F, 0x202A <= r && r <= 0x202E, 0x2060 <= r && r <= 0x206F, r == 0x3164,
		0xFE00 <= r && r <= 0xFE0D, r == 0xFEFF, r == 0xFFA0, 0xFFF0 <= r && r <= 0xFFFB, 0x1BCA0 <= r && r <= 0x1BCA3,
		0x1D173 <= r && r <= 0x1D17A, 0xE0000 <= r && r <= 0xE0FFF:
		return true
	}
	return false
}

// languageTag is what may be said of a language outside the fence.
var languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?$`)
