package graph

import "unicode/utf8"

// stride is how many code points lie between two marks of a text.
const stride = 512

// text is a source's text that can be addressed by code points without walking
// all of it each time.
type text struct {
	s     string
	marks []mark // every stride code points, from 0
	end   mark
}

// mark is one place, counted in code points, bytes and UTF-16 code units.
type mark struct{ points, bytes, units int }

func newText(s string) *text {
	t := &text{s: s}
	at := mark{}
	for i, r := range s {
		at.bytes = i
		if at.points%stride == 0 {
			t.marks = append(t.marks, at)
		}
		at.points++
		at.units += units(r)
	}
	at.bytes = len(s)
	t.end = at
	return t
}

func units(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// at returns the place of a code point; what lies outside is moved to the nearer end.
func (t *text) at(point int) mark {
	switch {
	case point <= 0:
		return mark{}
	case point >= t.end.points:
		return t.end
	}
	at := t.marks[point/stride]
	for at.points < point {
		r, size := utf8.DecodeRuneInString(t.s[at.bytes:])
		at.points++
		at.bytes += size
		at.units += units(r)
	}
	return at
}

// slice returns the text between two code points.
func (t *text) slice(from, to int) string { return t.s[t.at(from).bytes:t.at(to).bytes] }

// utf16 returns the place of a code point in UTF-16 code units.
func (t *text) utf16(point int) int { return t.at(point).units }
