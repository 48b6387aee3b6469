package extract

// letter is a mail or a ticket: its header lines and what its writer wrote.
type letter struct {
	from   span // value of the From line or its like
	body   []span
	others []span // the From lines of the writer's further mails
	after  span   // what stands under the closing formula
}

// mail recognises a mail or a ticket: two header lines of which one says who
// wrote, or a greeting and a closing formula with a name under it.
func (t *text) mail() (letter, bool) {
	var m letter
	headers, wrote, greeted := 0, false, false
	begin := 0
	for n, c := range t.cells {
		if !c.newline && n > 0 {
			continue
		}
		quoted := t.tok(c.a).sign == '>'
		if n < 30 {
			for i := c.a; i < c.b && i < c.a+4; i++ {
				if t.tok(i).sign != ':' && t.tok(i).sign != '#' {
					continue
				}
				key := t.words(span{c.a, i})
				if t.lex.mailHeaders[key] {
					headers++
					if t.lex.writers[key] && m.from.len() == 0 && i+1 < c.b {
						m.from, wrote = span{i + 1, c.b}, true
					}
					begin = c.b
				}
				break
			}
			if t.lex.greetings[t.tok(c.a).word] && c.len() < 10 && !greeted {
				greeted = true
				if last := *t.tok(c.b - 1); last.sign == ',' || last.sign == '!' || last.sign == '.' || last.sign == ':' || c.len() <= 4 {
					begin = c.b
				}
			}
		}
		if quoted {
			continue
		}
		w := t.words(c.span)
		if len(w) < 32 && n > 0 && m.after.len() == 0 && c.a >= begin {
			if t.lex.closings[w] && c.b < len(t.toks) {
				m.after = span{c.b, min(len(t.toks), c.b+40)}
			}
		}
	}
	if !(headers >= 2 && wrote || headers >= 3 || greeted && m.after.len() > 0) {
		return m, false
	}
	if t.thread(&m) {
		return m, true
	}
	end := len(t.toks)
	if m.after.len() > 0 {
		end = m.after.a
	}
	for _, s := range t.sentences(span{min(begin, end), end}) {
		if t.tok(s.a).sign != '>' {
			m.body = append(m.body, s)
		}
	}
	return m, true
}

// thread gathers, where several mails follow one another, what the writer of the
// first wrote: the bodies without greeting and signature, and the first signature.
func (t *text) thread(m *letter) bool {
	type message struct{ from, body span }
	var all []message
	for n, c := range t.cells {
		if !c.newline && n > 0 {
			continue
		}
		for i := c.a; i < c.b && i < c.a+4; i++ {
			if t.tok(i).sign != ':' {
				continue
			}
			switch key := t.words(span{c.a, i}); {
			case key == "from" || key == "von" || key == "de":
				if len(all) > 0 {
					all[len(all)-1].body.b = c.a
				}
				all = append(all, message{span{i + 1, c.b}, span{c.b, len(t.toks)}})
			case t.lex.mailHeaders[key] && len(all) > 0 && c.a == all[len(all)-1].body.a:
				all[len(all)-1].body.a = c.b
			}
			break
		}
	}
	if len(all) < 2 || m.from.len() == 0 {
		return false
	}
	m.after = span{}
	for _, msg := range all {
		if !t.shares(msg.from, m.from) {
			continue
		}
		m.others = append(m.others, msg.from)
		body := msg.body
		for _, c := range t.cells {
			if c.a < body.a || c.a >= body.b {
				continue
			}
			if c.a == body.a && t.lex.greetings[t.tok(c.a).word] && c.len() < 6 {
				body.a = c.b
				continue
			}
			if w := t.words(c.span); len(w) < 32 && t.lex.closings[w] {
				if m.after.len() == 0 && c.b < body.b {
					m.after = span{c.b, min(body.b, c.b+40)}
				}
				body.b = c.a
				break
			}
		}
		for _, s := range t.sentences(body) {
			if t.tok(s.a).sign != '>' {
				m.body = append(m.body, s)
			}
		}
	}
	return len(m.body) > 0
}

// letter reads the writer of a mail or ticket: name and address from its header
// or signature, the rest from what he or she writes in the first person.
func (r *reading) letter(m letter) {
	t := r.text
	named := false
	if m.from.len() > 0 {
		a := m.from.a
		for a < m.from.b && (t.tok(a).word == "" || t.is(a, isHonorific) && t.tok(a).upper) {
			a++
		}
		if n, ok := t.nameAt(a, m.from.b); ok && t.named(n) > -1 && !(n.b < m.from.b && t.tok(n.b).sign == '@') {
			r.sayName(n, sureLabel)
			named = true
		}
		r.contacts(m.from)
	}
	for _, f := range m.others {
		r.contacts(f)
	}
	if r.selves(m.body) > 0 {
		r.terse = true
		r.speak(m.body, true)
		r.present()
		if r.total > 0 {
			for _, s := range m.body {
				r.years(s)
			}
		}
	}
	if m.after.len() > 0 {
		r.signature(m.after, named)
	}
}

// signature reads name, title, organisation and telephone under a closing formula.
func (r *reading) signature(s span, named bool) {
	t := r.text
	lines := 0
	var org, title span
	for _, c := range t.cells {
		if c.a < s.a || c.a >= s.b {
			continue
		}
		if lines++; lines > 6 {
			break
		}
		if lines == 1 || lines == 2 && !named {
			if n, ok := t.nameAt(c.a, c.b); ok && n.len() >= c.len()-1 && t.named(n) > -2 {
				if !named {
					r.sayName(n, sureLayout)
				}
				named = true
				continue
			}
		}
		if !named {
			continue
		}
		for _, ch := range t.chunks(c.span) {
			switch {
			case ch.part == titlePart && title.len() == 0 && t.capitalised(ch.title):
				title = ch.title
				r.say("role", t.shown(title), sureLayout, title)
			case (ch.part == orgPart || ch.part == schoolPart || ch.part == plainPart && title.len() > 0 && t.capitalised(ch.span) && ch.len() < 6) && org.len() == 0:
				org = ch.span
			}
		}
	}
	if title.len() > 0 && org.len() > 0 {
		r.sayPosition(entry{title: title, org: org, parts: []span{title, org}})
	}
	if named {
		r.contacts(s)
	}
}
