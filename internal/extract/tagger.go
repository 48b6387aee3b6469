package extract

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"slices"

	"github.com/persona-api/persona-api/internal/extract/crf"
	"github.com/persona-api/persona-api/internal/persona"
)

// tagKind is what the tagger can take a stretch of a CV for.
type tagKind uint8

const (
	noTag tagKind = iota
	titleTag
	orgTag
	placeTag
	schoolTag
	degreeTag
	toolTag  // a skill: a tool or a technique
	craftTag // a skill of the trade
	softTag
	yearsTag
	graduationTag
	nameTag
	mailTag
	tags
)

// labelNames are the tags as the training data call them.
var labelNames = [tags]string{"", "Designation", "Companies worked at", "Location", "College Name", "Degree", "Tech Tools", "Job Specific Skills", "Soft Skills", "Years of Experience", "Graduation Year", "Name", "Email Address"}

// Each tag has two labels, for its first token and for the others; 0 is none.
func firstLabel(t tagKind) uint8 { return uint8(2*t - 1) }

func labels() []string {
	out := []string{"O"}
	for _, n := range labelNames[1:] {
		out = append(out, "B "+n, "I "+n)
	}
	return out
}

// mayFollow reports whether a label may stand after another; before is -1 at the beginning.
func mayFollow(joint, before, label int) bool {
	if joint == paragraphJoint && label > 0 && label%2 == 0 {
		return false
	}
	if label == 0 || label%2 == 1 {
		return true
	}
	return before == label || before == label-1
}

// Example is a CV with the stretches that people have marked in it.
type Example struct {
	Text  string
	Marks []Mark
}

// Mark is a stretch of an Example in code points, End excluded. Label is one of
// the names of tagger.go.
type Mark struct {
	Label string `json:"label"`
	Start int    `json:"start"`
	End   int    `json:"end"`
}

// Train learns the tagger from examples and writes its weights, which the next
// build embeds. The same examples give the same bytes.
func Train(examples []Example, weights io.Writer) error {
	e := &Engine{lex: load(data)}
	seqs := make([]crf.Sequence, len(examples))
	for i, x := range examples {
		seqs[i] = e.sequence(x)
	}
	return crf.Train(labels(), mayFollow, seqs, training).Write(weights)
}

// training are the options of the weights that are shipped, chosen by cross-validation.
var training = crf.Options{Epochs: 12, Rate: .1, Decay: .02, Dropout: .5, Seen: 4, Piece: 80, Cut: wideJoint, Seed: 7, Members: 3, Least: .04}

// sequence returns what the tagger sees of the example, with the labels to learn.
func (e *Engine) sequence(x Example) crf.Sequence {
	r := e.reading(x.Text)
	lines := r.mendDates(r.outline())
	marks, _ := r.ruled(lines)
	seq := *r.observe(lines, marks)
	seq.Labels = make([]uint8, len(r.toks))
	for _, m := range x.Marks {
		kind := noTag
		for k, name := range labelNames {
			if name == m.Label && k > 0 {
				kind = tagKind(k)
			}
		}
		if kind == noTag {
			continue
		}
		first := true
		for i := range r.toks {
			a, b := r.points(r.toks[i].start), r.points(r.toks[i].end)
			if b <= m.Start || a >= m.End {
				continue
			}
			if seq.Labels[i] != 0 || !first && seq.Joints[i] == paragraphJoint {
				break
			}
			seq.Labels[i] = firstLabel(kind) + 1
			if first {
				seq.Labels[i], first = firstLabel(kind), false
			}
		}
	}
	return seq
}

// reading prepares a text to be read.
func (e *Engine) reading(s string) *reading {
	t := newText(string([]rune(s)), e.lex)
	return &reading{text: t, sink: &sink{t: t, seen: map[string]bool{}, has: map[string]bool{}}, subject: map[string]bool{}, tagger: e.tagger}
}

// ruled says of every token what the rules take it for, and the positions they read.
func (r *reading) ruled(lines []line) ([]mark, []entry) {
	q := &reading{text: r.text, sink: &sink{t: r.text, seen: map[string]bool{}, has: map[string]bool{}}, subject: map[string]bool{}, title: r.title, marks: make([]mark, len(r.toks))}
	name, score := q.cvName(lines)
	positions := q.positions(lines)
	if score >= 4 {
		q.note(nameMark, name)
	}
	q.cvHead(lines, name, positions, nil)
	for _, e := range positions {
		q.note(titleMark, e.title)
		q.note(orgMark, e.org)
		q.note(placeMark, e.place)
		if e.hasDate {
			q.note(dateMark, e.date.span)
		}
	}
	q.education(lines)
	q.skills(lines)
	for _, l := range lines {
		if !l.heading {
			q.years(l.span)
		}
	}
	return q.marks, positions
}

// note marks a span, unless something is marked there already.
func (r *reading) note(m mark, s span) {
	if r.marks == nil {
		return
	}
	for i := s.a; i < s.b; i++ {
		if r.marks[i] == noMark {
			r.marks[i] = m
			if i == s.a {
				r.marks[i] |= firstOf
			}
		}
	}
}

// say notes what the rules say, then says it.
func (r *reading) say(path, value string, confidence persona.PerMille, quote span) {
	if r.marks != nil {
		switch path {
		case "role":
			r.note(roleMark, quote)
		case "location":
			r.note(placeMark, quote)
		case "skills.hard":
			r.note(hardMark, quote)
		case "skills.soft":
			r.note(softMark, quote)
		case "skills.languages":
			r.note(tongueMark, quote)
		case "career.certifications":
			r.note(certificateMark, quote)
		case "career.yearsOfExperience":
			r.note(yearsMark, quote)
		}
		return
	}
	r.sink.say(path, value, confidence, quote)
}

// found is a stretch that the tagger takes for something.
type found struct {
	span
	tag  tagKind
	sure float32
	post float32 // of a school: how likely it is an employer
}

// spansOf reads the stretches off the labels' probabilities.
func spansOf(p []float32, n int, least *[tags]float32) []found {
	var out []found
	size := len(p) / n
	for i := 0; i < size; {
		row := p[i*n : i*n+n]
		best, sure := noTag, float32(0)
		for k := titleTag; k < tags; k++ {
			if v := row[firstLabel(k)]; v >= least[k] && v > sure {
				best, sure = k, v
			}
		}
		i++
		if best == noTag {
			continue
		}
		f := found{span{i - 1, i}, best, sure, row[firstLabel(orgTag)]}
		first := int(firstLabel(best))
		for ; i < size; i++ {
			again, on := p[i*n+first], p[i*n+first+1]
			if again > on || on < least[best] && on < .5 {
				break
			}
		}
		f.b = i
		out = append(out, f)
	}
	return out
}

// thresholds are the probabilities from which the tagger's word counts, per tag.
// They were chosen by cross-validation on the training data: organisations for
// precision, the others for the best balance.
var thresholds = [tags]float32{titleTag: .25, orgTag: .75, placeTag: .2, schoolTag: .25, degreeTag: .25, toolTag: .2, craftTag: .2, softTag: .2, yearsTag: .3, graduationTag: .3, nameTag: .5, mailTag: .5}

// tagged returns what the tagger finds in a CV, nil when it does not read its language.
func (r *reading) tagged(lines []line) []found {
	if r.tagger == nil || !r.english() {
		return nil
	}
	marks, entries := r.ruled(lines)
	p := r.tagger.Marginals(r.observe(lines, marks))
	return r.completed(lines, spansOf(p, int(2*tags-1), &thresholds), entries, marks, p)
}

// completed adds what the tagger leaves out of the entries that the rules read whole
// and of which it has the title: they know layouts that it has not seen.
func (r *reading) completed(lines []line, marks []found, entries []entry, rules []mark, p []float32) []found {
	taken := make([]tagKind, len(r.toks))
	for _, f := range marks {
		for i := f.a; i < f.b; i++ {
			taken[i] = f.tag
		}
	}
	only := func(s span, k tagKind) bool {
		for i := s.a; i < s.b; i++ {
			if taken[i] != noTag && taken[i] != k {
				return false
			}
		}
		return true
	}
	add := func(s span, k tagKind) {
		if s.len() > 0 && only(s, noTag) {
			marks = append(marks, found{span: s, tag: k, sure: .5})
			for i := s.a; i < s.b; i++ {
				taken[i] = k
			}
		}
	}
	least := float32(fillLeast)
	for _, l := range lines {
		if l.newline && l.a > 0 { // the rules read lines well
			least = fillLines
			break
		}
	}
	for _, e := range entries {
		if !e.hasDate || e.title.len() == 0 || e.org.len() == 0 || taken[e.title.a] != titleTag && taken[e.title.b-1] != titleTag {
			continue
		}
		if least == fillLines && taken[e.org.a] == schoolTag {
			for n := range marks { // who has a post at a school works there
				if marks[n].a <= e.org.a && e.org.a < marks[n].b && r.lineAt(lines, e.org.a).in != inEducation {
					marks[n].tag = orgTag
				}
			}
		}
		next := r.lineAt(lines, e.org.b+1)
		if !next.newline && r.aside(next.span) || // Windrose · Full-time
			p[e.org.a*int(2*tags-1)+int(firstLabel(orgTag))] >= least {
			add(e.org, orgTag)
		}
		add(e.place, placeTag)
	}
	// A place is as long as the rules or the lists know it: Bath, England.
	for n := range marks {
		f := &marks[n]
		if f.tag != placeTag {
			continue
		}
		wider := []span{run(rules, f.a)}
		for i := max(0, f.a-4); i <= f.a; i++ {
			if q, ok := r.placeAt(i, min(len(r.toks), f.b+6)); ok {
				wider = append(wider, q)
			}
		}
		for _, q := range wider {
			if q.a > f.a || q.b < f.b || q == f.span || r.wordsIn(span{q.a, f.a}) > 2 || !only(q, placeTag) || r.crosses(q) {
				continue
			}
			f.span = q
			for i := q.a; i < q.b; i++ {
				taken[i] = placeTag
			}
			break
		}
	}
	begins := make(map[int]int, len(marks))
	for n, f := range marks {
		begins[f.a] = n
	}
	// The rules' items of a list of skills, unless the tagger is sure that they are none.
	for i := range rules {
		m := rules[i] &^ firstOf
		if rules[i]&firstOf == 0 || m != hardMark && m != softMark {
			continue
		}
		b := i + 1
		for b < len(rules) && rules[b] == m {
			b++
		}
		if n, ok := begins[i]; ok { // the item is as long as its separators say
			if f := &marks[n]; f.b < b && isSkill(f.tag) && only(span{f.b, b}, noTag) {
				f.b = b
			}
			continue
		}
		row := p[i*int(2*tags-1):]
		if row[firstLabel(toolTag)]+row[firstLabel(craftTag)]+row[firstLabel(softTag)] >= listLeast {
			k := craftTag
			if m == softMark {
				k = softTag
			}
			add(span{i, b}, k)
		}
	}
	slices.SortStableFunc(marks, func(a, b found) int { return a.a - b.a })
	out := marks[:0]
	for _, f := range marks {
		if l := r.lineAt(lines, f.a); l.heading && l.b < f.b { // out of a heading into its section
			f.a = l.b
		}
		for i := f.a + 1; i < f.b && f.tag == titleTag; i++ { // a title of its own line
			if r.tok(i).newline && r.is(i-1, isJob) {
				f.b = i
			}
		}
		if f.len() > 0 && (len(out) == 0 || f.a >= out[len(out)-1].b) {
			out = append(out, f)
		}
	}
	return out
}

func isSkill(k tagKind) bool { return k == toolTag || k == craftTag || k == softTag }

// run returns the stretch around token i that the rules take for a place.
func run(rules []mark, i int) span {
	if rules[i]&^firstOf != placeMark {
		return span{}
	}
	s := span{i, i + 1}
	for s.a > 0 && rules[s.a]&firstOf == 0 {
		s.a--
	}
	for s.b < len(rules) && rules[s.b] == placeMark {
		s.b++
	}
	return s
}

// wordsIn counts the words of a span.
func (t *text) wordsIn(s span) int {
	n := 0
	for i := s.a; i < s.b; i++ {
		if t.tok(i).word != "" {
			n++
		}
	}
	return n
}

// crosses reports whether a span goes over a wide gap.
func (t *text) crosses(s span) bool {
	for i := s.a + 1; i < s.b; i++ {
		if t.tok(i).gap >= wide {
			return true
		}
	}
	return false
}

// The least probabilities at which the rules' word is taken: for an organisation, for
// one in a text of lines, which the rules read well, and for an item of a list of skills.
const fillLeast, fillLines, listLeast = .5, 0, .1

// english reports whether the text has words of English, and no other language more.
func (t *text) english() bool {
	count := map[string]int{}
	for i := range min(len(t.toks), 600) {
		for _, name := range t.lex.languages {
			if w := t.tok(i).word; w != "in" && w != "was" && t.lex.manners[name].common[w] { // German, too
				count[name]++
			}
		}
	}
	for _, n := range count {
		if n > count["en"] {
			return false
		}
	}
	return count["en"] > 0
}

// tagger reads the weights and makes them part of the lexicon's hash. Like the word
// lists they are the program's own: broken ones panic.
func (lex *lexicon) tagger(files fs.FS) *crf.Model {
	raw, err := fs.ReadFile(files, "data/tagger.bin")
	if err != nil {
		panic(err)
	}
	m, err := crf.Read(bytes.NewReader(raw))
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(append([]byte(lex.hash), raw...))
	lex.hash = hex.EncodeToString(sum[:])[:16]
	return m
}
