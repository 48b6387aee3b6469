package extract

import "strings"

// item is something that an entry of a career is made of.
type item struct {
	span
	tag  tagKind // yearsTag for a date
	date date
	line int
	post float32
}

// career puts together what the tagger found: positions of titles, organisations,
// places and dates, and schooling of degrees, schools and dates. Things belong to
// one entry as long as they stand together and none comes twice.
func (r *reading) career(lines []line, marks []found) (positions, schooling []entry) {
	at := make([]int, len(r.toks))
	for n, l := range lines {
		for i := l.a; i < l.b; i++ {
			at[i] = n
		}
	}
	var items []item
	tagged := make([]bool, len(lines))
	work := make([]bool, len(lines)) // lines with a title or an organisation
	study := make([]bool, len(lines))
	for _, f := range marks {
		n := at[f.a]
		switch f.tag {
		case titleTag, orgTag:
			work[n] = true
		case degreeTag, schoolTag:
			study[n] = true
		case placeTag:
		default:
			continue
		}
		tagged[n] = true
		items = append(items, item{span: f.span, tag: f.tag, line: n, post: f.post})
	}
	var out []item
	k := 0
	for n, l := range lines {
		from := k
		for k < len(items) && items[k].line == n {
			k++
		}
		if !l.heading && (l.in == inExperience || l.in == inEducation || l.in == inTraining || tagged[n] || n > 0 && work[n-1] || n+1 < len(lines) && work[n+1]) {
			out = r.dated(out, items[from:k], n, l, tagged[n])
		} else {
			out = append(out, items[from:k]...)
		}
	}
	return r.assemble(lines, out, work, study)
}

// dated adds the items of a line with its dates among them, in order.
func (r *reading) dated(out, items []item, n int, l line, tagged bool) []item {
	i := 0
	s := l.span
	if !tagged && s.len() > 30 {
		s.b = s.a + 12 // a date within running text is not that of an entry
	}
	for _, d := range r.dates(s) {
		inside := false
		for i < len(items) && items[i].a < d.b {
			inside = inside || items[i].b > d.a
			out = append(out, items[i])
			i++
		}
		if inside || !tagged && d.end.len() == 0 && !d.open && l.len() > 8 {
			continue
		}
		out = append(out, item{span: d.span, tag: yearsTag, date: d, line: n})
	}
	return append(out, items[i:]...)
}

// postLeast is how likely a school must be an employer to be taken for one.
const postLeast = .1

// builder makes entries of items.
type builder struct {
	*reading
	lines []line
	cur   entry
	last  int // the line of the last item of cur
	out   []entry
}

func (b *builder) flush() {
	if !b.cur.empty() {
		b.out = append(b.out, b.cur)
	}
	b.cur = entry{}
}

func (b *builder) take(p *span, it item) {
	*p = it.span
	b.cur.take(it.span)
	b.last = it.line
}

// between counts the lines of running text between the last item and a line; -1 is
// a heading.
func (b *builder) between(n int) int {
	if b.cur.empty() {
		return 0
	}
	body := 0
	for i := b.last + 1; i < n; i++ {
		if b.lines[i].heading {
			return -1
		}
		if !b.aside(b.lines[i].span) && b.follows(b.lines[i].a, b.lines[i].b) {
			body++
		}
	}
	if n < len(b.lines) && b.lines[n].heading && n > b.last {
		return -1
	}
	return body
}

func (r *reading) assemble(lines []line, items []item, work, study []bool) (positions, schooling []entry) {
	jobs := &builder{reading: r, lines: lines}
	schools := &builder{reading: r, lines: lines}
	for _, it := range items {
		in := lines[it.line].in
		switch it.tag {
		case degreeTag:
			if in != inCertifications { // a certificate
				schools.learn(it)
			}
		case schoolTag:
			if d := schools.cur.degree; d.len() > 0 && it.a-max(d.b, schools.cur.field.b) == 1 && r.tok(it.a-1).word == "in" && !r.hasSchool(it.span) {
				schools.take(&schools.cur.field, it) // Master of Pharmacy in Clinical Pharmacy
				continue
			}
			// Who has a post at a university works there.
			if in == inExperience && !study[max(0, it.line-1)] && jobs.near(it) && jobs.cur.title.len() > 0 && jobs.cur.org.len() == 0 {
				if it.post < postLeast {
					continue
				}
				it.tag = orgTag
				jobs.hold(it)
				continue
			}
			schools.learn(it)
		case yearsTag:
			if study[it.line] && !work[it.line] || in == inEducation || in == inTraining {
				schools.learn(it)
				continue
			}
			if !work[it.line] && schools.near(it) && (jobs.cur.empty() || jobs.last < schools.last) && in != inExperience {
				schools.learn(it)
				continue
			}
			jobs.hold(it)
		default:
			if (in == inEducation || study[it.line]) && it.tag == placeTag {
				continue
			}
			jobs.hold(it)
		}
	}
	jobs.flush()
	schools.flush()
	return jobs.out, schools.out
}

// near reports whether an item can belong to the entry that is open.
func (b *builder) near(it item) bool {
	n := b.between(it.line)
	return !b.cur.empty() && (n == 0 || n == 1 && b.lines[b.last+1].len() <= 6)
}

// hold adds an item to a position.
func (b *builder) hold(it item) {
	c := &b.cur
	gap := b.between(it.line)
	if !b.near(it) && !(it.tag == titleTag && gap > 0 && gap <= 3 && c.title.len() == 0 && c.hasDate) {
		b.flush()
	}
	same := !c.empty() && b.last == it.line
	switch it.tag {
	case titleTag:
		if c.title.len() > 0 {
			was := *c
			b.flush()
			if was.org.len() > 0 && (same || was.org.a < was.title.a && it.b-was.org.a < 80) && b.orgLeads(was) {
				c.org, c.strong = was.org, true
				c.take(was.org)
				if same && was.place.len() > 0 {
					c.place = was.place
					c.take(was.place)
				}
			}
		}
		b.take(&c.title, it)
	case orgTag:
		if c.org.len() > 0 {
			if same && c.title.len() > 0 { // a client or a division beside its company
				b.out = append(b.out, entry{org: it.span, parts: []span{it.span}, strong: true})
				b.last = it.line
				return
			}
			b.flush()
		}
		c.strong = true
		b.take(&c.org, it)
	case placeTag:
		if c.place.len() == 0 {
			b.take(&c.place, it)
		}
	case yearsTag:
		if c.hasDate {
			if same {
				return
			}
			b.flush()
		}
		c.date, c.hasDate = it.date, true
		c.take(it.span)
		b.last = it.line
	}
}

// orgLeads reports whether an entry names its organisation first.
func (b *builder) orgLeads(e entry) bool { return e.org.a < e.title.a }

// learn adds an item to an entry of schooling.
func (b *builder) learn(it item) {
	c := &b.cur
	if n := b.between(it.line); n < 0 || n > 2 {
		b.flush()
	}
	switch it.tag {
	case degreeTag:
		if c.degree.len() > 0 {
			if _, ok := b.degreeIn(it.span); !ok && c.field.len() == 0 && it.line-b.last < 2 {
				b.take(&c.field, it)
				return
			}
			b.flush()
		}
		title, ok := b.degreeIn(it.span)
		if !ok {
			title = it.span
		}
		c.degree, c.field = b.degreeParts(chunk{span: it.span, title: title})
		if ok && title.a > it.a { // "Second class honours MSc"
			c.degree.a = it.a
		}
		c.take(it.span)
		b.last = it.line
	case schoolTag:
		if c.school.len() > 0 {
			b.flush()
		}
		b.take(&c.school, it)
	case yearsTag:
		if c.hasDate {
			if b.last == it.line {
				return
			}
			b.flush()
		}
		c.date, c.hasDate = it.date, true
		c.take(it.span)
		b.last = it.line
	}
}

// sayCareer says the entries: whole ones as they stand, a lone title or a lone
// organisation only when no entry has it.
func (r *reading) sayCareer(positions []entry) {
	key := func(s span) string { return strings.ToLower(r.shown(s)) }
	said := map[string]bool{strings.ToLower(r.role): true}
	for _, e := range positions {
		if e.title.len() > 0 && (e.org.len() > 0 || e.hasDate) {
			said[key(e.title)], said[key(e.org)] = true, true
		}
	}
	for _, e := range positions {
		switch {
		case e.title.len() == 0 && e.org.len() == 0, e.quote().len() > 120:
			continue
		case e.org.len() == 0 && !e.hasDate && r.tok(e.title.a-1).word == "the": // reports to the …
			continue
		case e.title.len() == 0 && !e.hasDate && said[key(e.org)], e.org.len() == 0 && !e.hasDate && said[key(e.title)]:
			continue
		}
		r.sayPosition(e)
	}
}
