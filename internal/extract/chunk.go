package extract

import "strings"

// part says what a chunk of a line is.
type part uint8

const (
	plainPart part = iota
	titlePart
	orgPart
	placePart
	datePart
	degreePart
	schoolPart
)

// chunk is a stretch of a line between separators, with what it is.
type chunk struct {
	span
	part  part
	date  date
	title span // of a titlePart: the title; of a degreePart: the degree's words
	known bool // the lists know it; false when only its place speaks for it
}

// chunks parts a line at its dates and separators and says what each part is.
func (t *text) chunks(s span) []chunk {
	var out []chunk
	at := s.a
	for _, d := range t.dates(s) {
		out = t.pieces(out, span{at, d.a})
		out = append(out, chunk{span: d.span, part: datePart, date: d, known: true})
		at = d.b
	}
	out = t.pieces(out, span{at, s.b})
	return t.join(out)
}

// pieces cuts a stretch without dates at its separators.
func (t *text) pieces(out []chunk, s span) []chunk {
	begin, depth := s.a, 0
	for i := s.a; i <= s.b; i++ {
		cut := i == s.b
		if !cut {
			k := t.tok(i)
			loose := k.gap != glued || i+1 < len(t.toks) && t.tok(i+1).gap != glued
			switch k.sign {
			case '(':
				depth++
				cut = true
			case ')':
				depth--
				cut = true
			case ',', '|', ';', ':', '@', '•', '·', '\t', '"':
				cut = true
			case '-', '–', '—', '‐', '−':
				cut = loose
			}
			if (k.word == "at" || k.word == "bei" || k.word == "chez" || k.word == "with" || k.word == "from") && i > begin && i+1 < s.b && t.tok(i+1).upper {
				cut = true
			}
		}
		if !cut {
			continue
		}
		if c, ok := t.piece(span{begin, i}); ok {
			out = append(out, c)
		}
		begin = i + 1
	}
	return out
}

// piece trims a stretch and says what it is.
func (t *text) piece(s span) (chunk, bool) {
	for s.a < s.b && t.tok(s.a).word == "" {
		s.a++
	}
	for s.b > s.a && t.tok(s.b-1).word == "" && !(t.tok(s.b-1).sign == '.' && t.tok(s.b-1).gap == glued && (s.b-s.a < 2 || t.abbreviated(s.b-2) || t.tok(s.b-2).gap == glued)) {
		s.b--
	}
	if s.len() == 0 {
		return chunk{}, false
	}
	c := chunk{span: s}
	if d, ok := t.degreeIn(s); ok {
		c.part, c.title, c.known = degreePart, d, true
		return c, true
	}
	school, org := -1, false
	for i := s.a; i < s.b; i++ {
		if t.is(i, isSchool) && t.tok(i).upper {
			school = i
		}
		if t.is(i, isOrgSuffix|isOrgWord) && t.tok(i).upper && (i > s.a || s.len() == 1) {
			org = true
		}
	}
	if p, ok := t.placeAt(s.a, s.b); p.b == s.b && (ok || t.match(s.a, s.b, isAbbreviatedRegion) == s.b && t.tok(s.a).caps) {
		c.part, c.known = placePart, true
		return c, true
	}
	if title, ok := t.titleIn(s); ok && t.tok(s.a).upper && school < 0 && !(org && t.is(s.b-1, isOrgSuffix|isOrgWord)) {
		c.part, c.title, c.known = titlePart, title, true
		return c, true
	}
	switch {
	case school >= 0 && s.len() <= 14 && t.tok(s.a).upper:
		c.part, c.known = schoolPart, true
	case org && s.len() <= 12 && t.tok(s.a).upper:
		c.part, c.known = orgPart, true
	}
	return c, true
}

// join puts together what a comma has parted: Acme + Inc., Itarsi + Madhya Pradesh.
func (t *text) join(in []chunk) []chunk {
	var out []chunk
	for _, c := range in {
		if len(out) > 0 {
			p := &out[len(out)-1]
			comma := c.a-p.b <= 2 && t.tok(p.b).sign == ','
			switch {
			case comma && (p.part == plainPart || p.part == orgPart || p.part == schoolPart) && c.len() <= 2 && t.is(c.a, isOrgSuffix):
				p.b, p.part, p.known = c.b, orgPart, true
				continue
			case comma && c.part == placePart && p.part == placePart:
				p.b = c.b
				continue
			case comma && c.part == placePart && p.part == plainPart && p.len() <= 3 && t.capitalised(p.span) && !p.known && (len(out) > 1 && (t.match(c.a, c.b, isRegion) == c.b || out[len(out)-2].part == orgPart || out[len(out)-2].part == schoolPart) || t.is(p.a, isPlace) || t.match(c.a, c.b, isAbbreviatedRegion) == c.b):
				p.b, p.part, p.known = c.b, placePart, true
				continue
			}
		}
		out = append(out, c)
	}
	return out
}

// capitalised reports whether all but the small words of the span begin in upper case.
func (t *text) capitalised(s span) bool {
	found := false
	for i := s.a; i < s.b; i++ {
		k := t.tok(i)
		if k.word == "" || k.number {
			continue
		}
		if k.upper || k.digits {
			found = true
			continue
		}
		switch k.word {
		case "of", "and", "the", "for", "in", "at", "de", "des", "du", "la", "le", "et", "y", "und", "für", "der", "die", "von", "del", "el", "a", "to", "on":
		default:
			return false
		}
	}
	return found
}

// degreeAt returns the end of a degree that begins at token i, or i.
func (t *text) degreeAt(i, limit int) int {
	if !t.tok(i).upper && !t.tok(i).digits && len(t.tok(i).word) < 6 {
		return i
	}
	end := t.match(i, limit, isDegree)
	if end == i+1 && len(t.tok(i).word) <= 3 && !t.tok(i).caps && t.tok(i).word != "phd" && t.tok(i).word != "bsc" && t.tok(i).word != "msc" && t.tok(i).word != "med" {
		return i
	}
	if end == i+1 && (t.tok(i).word == "as" || t.tok(i).word == "me" || t.tok(i).word == "be" || t.tok(i).word == "ms" || t.tok(i).word == "ma") && end < limit && t.tok(end).caps {
		return i // a line in capitals, MS OFFICE
	}
	if end > i && end < limit && t.tok(end).sign == '.' && t.tok(end).gap == glued {
		end++
	}
	return end
}

// degreeIn finds a degree near the beginning of a stretch and returns its words.
func (t *text) degreeIn(s span) (span, bool) {
	for i := s.a; i < s.b && i < s.a+3; i++ {
		if end := t.degreeAt(i, s.b); end > i {
			return span{i, end}, true
		}
	}
	return span{}, false
}

// shown writes a chunk as a value.
func (t *text) shown(s span) string { return tidy(t.of(s)) }

// sentenceLike reports whether a line is running text, not a head line of an entry.
func (t *text) sentenceLike(l line) bool {
	words, lower := 0, 0
	for i := l.a; i < l.b; i++ {
		if t.tok(i).word != "" {
			words++
			if !t.tok(i).upper && !t.tok(i).digits {
				lower++
			}
		}
	}
	if words == 0 {
		return true
	}
	last := t.tok(l.b - 1)
	k := t.tok(l.a)
	return words > 18 || lower > 7 || lower*2 > words+2 || last.sign == '.' && words > 7 && lower > 2 || k.word != "" && !k.upper && !k.digits ||
		k.word != "" && k.sign == 0 && (strings.HasSuffix(k.word, "ing") || strings.HasSuffix(k.word, "ed")) && lower > 1
}
