package extract

import (
	"strings"

	"github.com/persona-api/persona-api/internal/extract/crf"
)

// observation collects what the tagger may look at: features of each token of a CV.
//
// A feature is a hash of its kind and its value. Words come in as hashes alone, and
// training keeps only those that several CVs share.
type observation struct {
	*text
	lines  []line
	marks  []mark // of each token: what the rules take it for
	about  []lineFacts
	lineOf []int32
	facts  []tokenFacts
	seq    crf.Sequence
	arena  []uint32
}

// mark is what the rules take a token for, and whether it begins there.
type mark uint8

const (
	noMark mark = iota
	titleMark
	orgMark
	placeMark
	dateMark
	degreeMark
	fieldMark
	schoolMark
	hardMark
	softMark
	tongueMark
	certificateMark
	nameMark
	contactMark
	roleMark
	yearsMark
	firstOf mark = 32 // added at the first token
)

// tokenFacts is what is known of a token apart from its neighbours.
type tokenFacts struct {
	word, shape, classes uint32
	part                 uint32 // the chunk of the line it lies in
	phrase               uint32 // the phrase of the lists it lies in
	last                 uint32 // its last letters
}

// lineFacts is what is known of a line.
type lineFacts struct {
	section, first, label, length, style uint32
	labelEnd                             int
	dates                                []date
	kinds                                uint32 // what it holds: bits of title, organisation, school, place, date, degree
	signs                                uint32
	heading                              uint32
}

// kinds of features. Their numbers are part of the trained weights.
const (
	fBias uint32 = iota + 1
	fWord
	fPair
	fAround
	fShape
	fShapes
	fPrefix
	fSuffix
	fClass
	fClasses
	fPhrase
	fPart
	fSection
	fGap
	fLine
	fLabel
	fPlace
	fSigns
	fDate
	fKinds
	fMark
	fRepeat
	fStyle
	fHeading
	fDepth
)

func mix(h, v uint32) uint32 {
	h ^= v * 0xCC9E2D51
	h = h<<13 | h>>19
	return h*5 + 0xE6546B64
}

func hashOf(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}

func (o *observation) add(kind uint32, values ...uint32) {
	h := kind * 0x9E3779B1
	for _, v := range values {
		h = mix(h, v)
	}
	h ^= h >> 16
	h *= 0x85EBCA6B
	h ^= h >> 13
	o.arena = append(o.arena, h)
}

// shapeOf writes a word's form: its letters' case and its digits, runs shortened.
func shapeOf(s string) uint32 {
	h, last, run := uint32(7), byte(0), 0
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 0x80:
			c = 'x'
		case c >= 'A' && c <= 'Z':
			c = 'X'
		case c >= '0' && c <= '9':
			c = 'd'
		}
		if c == last {
			if run++; run > 2 || c == 'x' && run > 1 {
				continue
			}
		} else {
			last, run = c, 1
		}
		h = mix(h, uint32(c))
	}
	return h
}

// bucket rounds a count.
func bucket(n int) uint32 {
	switch {
	case n < 5:
		return uint32(max(n, 0))
	case n < 8:
		return 5
	case n < 12:
		return 6
	case n < 20:
		return 7
	case n < 40:
		return 8
	}
	return 9
}

const (
	hasTitle = 1 << iota
	hasOrg
	hasSchool
	hasPlace
	hasDegree
	hasDates
	hasSkill
)

// The joints between two cells. Nothing goes on over the last.
const (
	wideJoint = iota + 3
	lineJoint
	paragraphJoint
)

// observe computes the features of all tokens.
func (t *text) observe(lines []line, marks []mark) *crf.Sequence {
	o := &observation{text: t, lines: lines, marks: marks, lineOf: make([]int32, len(t.toks)), facts: make([]tokenFacts, len(t.toks)), about: make([]lineFacts, len(lines))}
	o.arena = make([]uint32, 0, 80*len(t.toks))
	for i := range t.toks {
		o.lineOf[i] = -1
	}
	for i := range t.toks {
		o.fact(i)
	}
	o.phrases()
	heading := uint32(0)
	for n, l := range lines {
		for i := l.a; i < l.b; i++ {
			o.lineOf[i] = int32(n)
		}
		if l.heading && l.b > l.a {
			heading = hashOf(t.words(l.span))
		}
		o.line(n, heading)
	}
	o.seq.Features = make([][]uint32, len(t.toks))
	o.seq.Joints = make([]uint8, len(t.toks))
	places := o.elsewhere()
	for i := range t.toks {
		from := len(o.arena)
		o.token(i, places)
		o.seq.Features[i] = o.arena[from:len(o.arena):len(o.arena)]
		k := t.tok(i)
		switch {
		case k.gap >= wide || o.lineOf[i] < 0 || i > 0 && o.lineOf[i-1] != o.lineOf[i]:
			o.seq.Joints[i] = wideJoint
			if k.gap == paragraph && k.newline {
				o.seq.Joints[i] = paragraphJoint
			} else if k.newline {
				o.seq.Joints[i] = lineJoint
			}
		case k.word == "":
			o.seq.Joints[i] = 1
		case t.tok(i-1).word == "":
			o.seq.Joints[i] = 2
		}
	}
	return &o.seq
}

const seenClasses = isJob | isTitleWord | isDegree | isSchool | isOrgSuffix | isOrgWord | isCountry | isRegion | isAbbreviatedRegion | isCity | isFirstName | isHard | isLooseHard | isSoft |
	isTongue | isCertificate | isNotName | isMonth | isSeason | isNow | isDemonym

func (o *observation) fact(i int) {
	t := o.text
	k, f := t.tok(i), &o.facts[i]
	if k.word == "" {
		f.word = uint32(k.sign)
		f.shape = f.word + 1<<20
		if bullet(k.sign) {
			f.word, f.shape = 1, 1
		}
		return
	}
	s := t.s[k.start:k.end]
	f.word, f.shape = hashOf(k.word), shapeOf(s)
	if k.number {
		if _, ok := year(k); ok {
			f.word = 2
		} else {
			f.word = 3 + uint32(min(len(k.word), 9))
		}
	}
	c := class(0)
	if len(k.word) > 9 || strings.Contains(k.word, "'") { // it may be a compound of such words
		for _, one := range [...]class{isJob, isTitleWord, isDegree, isSchool, isOrgSuffix, isOrgWord} {
			if t.is(i, one) {
				c |= one
			}
		}
	}
	if n := t.lex.root.next[k.word]; n != nil {
		c |= n.classes & seenClasses
	}
	f.classes = mix(uint32(c), uint32(c>>32))
	if c == 0 {
		f.classes = 0
	}
	if n := len(k.word); n > 3 && !k.digits {
		f.last = hashOf(k.word[n-3:])
	}
}

// phrases marks the tokens of phrases of the lists.
func (o *observation) phrases() {
	t := o.text
	for i := 0; i < len(t.toks); i++ {
		if t.tok(i).word == "" || o.facts[i].phrase != 0 {
			continue
		}
		best, kind := i, uint32(0)
		for n, c := range []class{isDegree, isHard | isLooseHard, isSoft, isPlace, isAbbreviatedRegion, isCertificate, isTongue} {
			if end := t.match(i, len(t.toks), c); end > best {
				best, kind = end, uint32(n)+1
			}
		}
		for j := i; j < best; j++ {
			place := uint32(16)
			if j > i {
				place = 32
			}
			if best == i+1 {
				place = 48
			}
			o.facts[j].phrase = kind | place
		}
	}
}

func (o *observation) line(n int, heading uint32) {
	t, l, a := o.text, o.lines[n], &o.about[n]
	a.section, a.heading = uint32(l.in), heading
	a.length = bucket(l.len())
	if l.b > l.a {
		a.first = o.facts[l.a].word
	}
	if l.heading {
		a.style |= 1
	}
	if l.bullet {
		a.style |= 2
	}
	if t.sentenceLike(l) {
		a.style |= 4
	}
	if t.capitalised(l.span) {
		a.style |= 8
	}
	a.labelEnd = -1
	signs := [4]int{}
	for i := l.a; i < l.b; i++ {
		switch t.tok(i).sign {
		case ':':
			if a.labelEnd < 0 && i-l.a < 7 && i > l.a {
				a.labelEnd = i
				a.label = mix(o.facts[i-1].word, bucket(i-l.a))
			}
		case ',', ';':
			signs[0]++
		case '|', '/', '•', '·':
			signs[1]++
		case '.':
			signs[2]++
		}
	}
	a.signs = min(3, uint32(signs[0])) | min(2, uint32(signs[1]))<<2 | min(1, uint32(signs[2]))<<4
	if l.len() > 200 {
		a.dates = t.dates(span{l.a, l.a + 200})
	} else {
		a.dates = t.dates(l.span)
	}
	if len(a.dates) > 0 {
		a.kinds |= hasDates
	}
	if l.len() > 120 {
		return
	}
	for m, c := range t.chunks(l.span) {
		switch c.part {
		case titlePart:
			a.kinds |= hasTitle
		case orgPart:
			a.kinds |= hasOrg
		case schoolPart:
			a.kinds |= hasSchool
		case placePart:
			a.kinds |= hasPlace
		case degreePart:
			a.kinds |= hasDegree
		}
		for i := c.a; i < c.b; i++ {
			p := uint32(c.part) + 1
			if i == c.a {
				p |= 8
			}
			if i == c.b-1 {
				p |= 16
			}
			p |= uint32(min(m, 3)) << 5
			o.facts[i].part = p
		}
	}
}

// elsewhere says of each word what the rules take it for most often.
func (o *observation) elsewhere() map[uint32]uint32 {
	seen := map[uint32][16]uint8{}
	for i, m := range o.marks {
		if o.tok(i).word == "" {
			continue
		}
		w := o.facts[i].word
		c := seen[w]
		if c[m&^firstOf] < 255 {
			c[m&^firstOf]++
		}
		seen[w] = c
	}
	out := make(map[uint32]uint32, len(seen))
	for w, c := range seen {
		best, n, total := 0, uint8(0), 0
		for m, v := range c {
			total += int(v)
			if m > 0 && v > n {
				best, n = m, v
			}
		}
		out[w] = uint32(best) | bucket(total)<<8
	}
	return out
}

var noFacts tokenFacts

func (o *observation) fat(i int) *tokenFacts {
	if i < 0 || i >= len(o.facts) {
		return &noFacts
	}
	return &o.facts[i]
}

func (o *observation) markAt(i int) uint32 {
	if i < 0 || i >= len(o.marks) {
		return 99
	}
	return uint32(o.marks[i])
}

func (o *observation) kindsAt(n int) uint32 {
	if n < 0 || n >= len(o.about) {
		return 1 << 10
	}
	k := o.about[n].kinds | o.about[n].style<<12
	return k
}

func (o *observation) token(i int, elsewhere map[uint32]uint32) {
	t := o.text
	k, f := t.tok(i), &o.facts[i]
	p1, p2, n1, n2 := o.fat(i-1), o.fat(i-2), o.fat(i+1), o.fat(i+2)
	o.add(fBias)
	o.add(fWord, 0, f.word)
	o.add(fWord, 1, p1.word)
	o.add(fWord, 2, n1.word)
	o.add(fWord, 3, p2.word)
	o.add(fWord, 4, n2.word)
	o.add(fPair, 0, p1.word, f.word)
	o.add(fPair, 1, f.word, n1.word)
	o.add(fPair, 2, p2.word, p1.word)
	o.add(fPair, 3, n1.word, n2.word)
	o.add(fShape, 0, f.shape)
	o.add(fShapes, 0, p1.shape, f.shape)
	o.add(fShapes, 1, f.shape, n1.shape)
	o.add(fShapes, 2, p1.shape, f.shape, n1.shape)
	if w := k.word; len(w) > 2 && !k.digits {
		o.add(fPrefix, hashOf(w[:2]))
		o.add(fPrefix, hashOf(w[:3]))
		o.add(fSuffix, hashOf(w[len(w)-2:]))
		o.add(fSuffix, f.last)
		if len(w) > 4 {
			o.add(fPrefix, hashOf(w[:4]))
			o.add(fSuffix, hashOf(w[len(w)-4:]))
		}
	}
	o.add(fSuffix, 1, p1.last)
	o.add(fSuffix, 2, n1.last)
	o.add(fClass, 0, f.classes)
	o.add(fClass, 1, p1.classes)
	o.add(fClass, 2, n1.classes)
	o.add(fClass, 3, p2.classes)
	o.add(fClass, 4, n2.classes)
	o.add(fClasses, 0, p1.classes, f.classes, n1.classes)
	o.add(fClasses, 1, f.classes, n1.classes, f.shape)
	o.add(fPhrase, 0, f.phrase)
	o.add(fPhrase, 1, p1.phrase, f.phrase, n1.phrase)
	o.add(fPart, 0, f.part)
	o.add(fPart, 1, p1.part&31, f.part&31, n1.part&31)

	// The line it stands in.
	n := int(o.lineOf[i])
	g, after := uint32(k.gap), uint32(t.tok(i+1).gap)
	if k.newline {
		g |= 8
	}
	o.add(fGap, g, after)
	o.add(fGap, g, after, f.shape)
	m := o.markAt(i)
	if n < 0 {
		o.add(fLine, 0)
		return
	}
	l, a := &o.lines[n], &o.about[n]
	sec := a.section
	o.add(fSection, 0, sec)
	o.add(fSection, 1, sec, f.classes)
	o.add(fSection, 2, sec, f.shape, g)
	o.add(fSection, 3, sec, f.word)
	o.add(fHeading, a.heading)
	o.add(fHeading, a.heading, f.shape)
	o.add(fStyle, a.style, a.length, a.signs)
	o.add(fStyle, a.style, sec)
	o.add(fStyle, a.style, f.word)
	o.add(fLine, 1, a.first)
	left, right := i-l.a, l.b-1-i
	o.add(fPlace, bucket(left), 0)
	o.add(fPlace, bucket(right), 1)
	o.add(fPlace, bucket(left), sec, a.style)
	if a.labelEnd >= 0 {
		side := uint32(0)
		if i > a.labelEnd {
			side = 1
		}
		o.add(fLabel, a.label, side)
		o.add(fLabel, a.label, side, f.shape)
	}
	// The signs that enclose it.
	ls, rs, dl, dr := uint32(0), uint32(0), 0, 0
	for j := i - 1; j >= l.a && j > i-9; j-- {
		if t.tok(j).word == "" || t.tok(j).word == "and" || t.tok(j).word == "at" || t.tok(j).word == "in" || t.tok(j).word == "for" || t.tok(j).word == "of" {
			ls = o.facts[j].word
			break
		}
		dl++
	}
	for j := i + 1; j < l.b && j < i+9; j++ {
		if t.tok(j).word == "" || t.tok(j).word == "and" || t.tok(j).word == "at" || t.tok(j).word == "in" || t.tok(j).word == "for" || t.tok(j).word == "of" {
			rs = o.facts[j].word
			break
		}
		dr++
	}
	o.add(fSigns, ls, rs)
	o.add(fSigns, ls, rs, bucket(dl), bucket(dr))
	o.add(fSigns, ls, rs, sec, a.style)
	o.add(fSigns, ls, f.shape, sec)
	// Dates around it.
	d := uint32(0)
	for _, x := range a.dates {
		switch {
		case x.b <= i:
			d |= 1
		case x.a > i:
			d |= 2
		default:
			d |= 4
			if x.a == i {
				d |= 8
			}
			if x.end.len() > 0 || x.open {
				d |= 16
			}
		}
	}
	o.add(fDate, d, sec)
	before, here, next := o.kindsAt(n-1), o.kindsAt(n), o.kindsAt(n+1)
	o.add(fKinds, 0, here, d&7)
	o.add(fKinds, 1, before&0xFFF, here&0xFFF, next&0xFFF)
	o.add(fKinds, 2, before, sec)
	o.add(fKinds, 3, next, sec)
	o.add(fKinds, 4, here, f.shape)
	o.add(fKinds, 5, before&0xFFF, here&0xFFF, f.part&7, sec)
	// What the rules take it for, here and elsewhere.
	pm, nm := o.markAt(i-1), o.markAt(i+1)
	o.add(fMark, 0, m)
	o.add(fMark, 1, pm, m, nm)
	o.add(fMark, 2, m, sec)
	o.add(fMark, 3, m, f.word)
	o.add(fMark, 4, m, f.shape)
	o.add(fMark, 5, m, g, after)
	e := elsewhere[f.word]
	o.add(fRepeat, 0, e&0xFF)
	o.add(fRepeat, 1, e>>8, f.shape)
	o.add(fRepeat, 2, e&0xFF, m, sec)
	o.add(fRepeat, 3, elsewhere[n1.word]&0xFF, e&0xFF)
	o.add(fDepth, bucket(i/20), sec, f.shape)
}
