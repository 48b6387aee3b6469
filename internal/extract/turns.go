package extract

import (
	"strings"
	"unicode"

	"github.com/persona-api/persona-api/internal/persona"
)

// turn is what one speaker says at once.
type turn struct {
	label span // of its speaker
	key   string
	words span
}

// heading is the beginning of a turn: whose it is and where the words begin.
type heading struct {
	at      int // where the line begins, with its time and its signs
	label   span
	body    int
	stamped bool // "Ana 10:32" on a line of its own
}

// turns parts a chat into turns; none when the text is no chat. A turn begins a
// line with a label and a colon ("[10:02] Ana: …", "**Ana:** …", "Q: …"), with a
// label in angles ("<ana> …"), or under a line of label and time ("Ana  10:02 AM").
// Where the layout has lost its lines, a label may also follow the end of a sentence.
func (t *text) turns(kind persona.SourceKind) []turn {
	if out := t.records(); len(out) > 0 {
		return out
	}
	var plain, stamped, inner []heading
	lines := 0
	for i := 0; i < len(t.toks); i++ {
		begins := i == 0 || t.tok(i).gap >= wide
		if !begins && !(t.tok(i).gap == spaced && t.ended(i)) {
			continue
		}
		if begins && (i == 0 || t.tok(i).gap == paragraph || !t.wrapped(i)) {
			lines++
		}
		h, ok := t.headingAt(i)
		switch {
		case !ok:
			continue
		case !begins:
			inner = append(inner, h)
		case h.stamped:
			stamped = append(stamped, h)
		default:
			plain = append(plain, h)
		}
		i = max(i, h.body-1)
	}
	if out := t.parted(stamped); t.converses(out, lines, kind) {
		return out
	}
	if out := t.parted(plain); t.converses(out, lines, kind) {
		return out
	}
	if len(inner) < 2 {
		return nil
	}
	all := merged(plain, inner)
	if out := t.parted(all); t.converses(out, len(all), kind) {
		return out
	}
	return nil
}

// records parts a chat that was exported as JSON: objects with who speaks, and
// after it what is said.
func (t *text) records() []turn {
	if s := t.tok(0).sign; s != '{' && s != '[' {
		return nil
	}
	var out []turn
	var label span
	for i := 0; i+4 < len(t.toks); i++ {
		// "key": "value"
		if t.tok(i).sign != '"' || t.tok(i+1).word == "" || t.tok(i+2).sign != '"' || t.tok(i+3).sign != ':' || t.tok(i+4).sign != '"' {
			continue
		}
		key, a := t.tok(i+1).word, i+5
		end := a
		for end < len(t.toks) && (t.tok(end).sign != '"' || t.tok(end-1).sign == '\\') {
			end++
		}
		switch key {
		case "role", "user", "author", "name", "sender", "speaker", "from", "username":
			label = span{a, end}
		case "content", "text", "message", "body":
			if label.len() > 0 {
				out = append(out, turn{label, t.words(label), span{a, end}})
			}
			label = span{}
		}
		i = end
	}
	labels := map[string]bool{}
	for _, u := range out {
		labels[u.key] = true
	}
	if len(out) < 2 || len(labels) < 2 {
		return nil
	}
	return out
}

// merged joins two lists of headings that are in order.
func merged(a, b []heading) []heading {
	out := make([]heading, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].at < b[0].at {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// parted makes turns of headings: each lasts until the next begins.
func (t *text) parted(hs []heading) []turn {
	out := make([]turn, len(hs))
	for n, h := range hs {
		end := len(t.toks)
		if n+1 < len(hs) {
			end = hs[n+1].at
		}
		out[n] = turn{h.label, t.words(h.label), span{min(h.body, end), end}}
	}
	return out
}

// converses reports whether turns are those of a conversation: labels come again,
// and the text is made of them. A source that is known to be a chat or an
// interview needs less.
func (t *text) converses(turns []turn, lines int, kind persona.SourceKind) bool {
	labels := map[string]int{}
	asked := 0
	for _, u := range turns {
		labels[u.key]++
		if t.serves(u.label) {
			asked++
		}
	}
	again, most := 0, 0
	for _, n := range labels {
		if n > 1 {
			again += n
		}
		most = max(most, n)
	}
	if kind == persona.KindChat || kind == persona.KindInterview {
		return len(turns) >= 2 && len(labels) >= 2 && turns[0].label.a < 1000
	}
	if len(turns) < 3 || most < 2 || again*2 < len(turns) || len(labels) > 2+len(turns)/2 || turns[0].label.a > 400 {
		return false
	}
	if asked == 0 && !t.talks(turns) {
		return false
	}
	// Who asks and who answers may speak for paragraphs.
	return len(turns)*3 >= lines || asked >= 2 && len(labels) == 2 && len(turns)*12 >= lines
}

// asked reports whether one of the speakers asks or serves (speakers.txt).
func (t *text) asked(turns []turn) bool {
	for _, u := range turns {
		if t.serves(u.label) {
			return true
		}
	}
	return false
}

// talks reports whether one turn in four speaks to somebody or of oneself. What
// does not is a form: "Project: …", "Duration: …".
func (t *text) talks(turns []turn) bool {
	n := 0
	for _, u := range turns {
		if t.is(u.label.a, isFirstName|isNameless) {
			n++
			continue
		}
		for i := u.words.a; i < u.words.b; i++ {
			k := t.tok(i)
			if k.sign == '?' || k.sign == '？' || k.sign == '؟' || t.lex.selfWords[k.word] || k.word == "you" || strings.HasPrefix(k.word, "i'") || strings.Contains(k.word, "我") || strings.Contains(k.word, "私") {
				n++
				break
			}
		}
	}
	return n*4 >= len(turns)
}

// ended reports whether a sentence, or a sign that closes one, ends before token i.
func (t *text) ended(i int) bool {
	k := t.tok(i - 1)
	return k.word == "" && (strings.ContainsRune(".!?…。！？\"”)'’*", k.sign) || k.sign > 0x2000 && unicode.Is(unicode.So, k.sign))
}

// wrapped reports whether the line before token i was broken for its length.
func (t *text) wrapped(i int) bool {
	a := i - 1
	for a > 0 && !t.tok(a).newline && i-a < 60 {
		a--
	}
	return t.tok(i-1).end-t.tok(a).start > 55 && !t.ended(i)
}

// headingAt reads the beginning of a turn at token i.
func (t *text) headingAt(i int) (heading, bool) {
	a := t.overMarks(i)
	if end, _ := t.stamp(a); end > a && t.sameLine(end) {
		a = t.overMarks(end)
	}
	if open := t.tok(a).sign; (open == '<' || open == '[') && t.sameLine(a+1) {
		l := t.labelWords(t.overMarks(a + 1))
		if s := t.tok(l.b).sign; l.len() > 0 && (open == '<' && s == '>' || open == '[' && s == ']') {
			if open == '<' {
				return heading{i, l, l.b + 1, false}, true
			}
			if end, clock := t.stamp(l.b + 1); clock && !t.sameLine(end) {
				return heading{i, l, end, true}, true // [Ana Lima] 10:02:13
			}
		}
		return heading{}, false
	}
	l := t.labelWords(a)
	if l.len() == 0 {
		return heading{}, false
	}
	j, clock := l.b, false
	for range 3 {
		j = t.overMarks(j)
		switch t.tok(j).sign {
		case '(', '[':
			end := j + 1
			for end < j+14 && t.sameLine(end) && t.tok(end).sign != ')' && t.tok(end).sign != ']' {
				end++
			}
			if s := t.tok(end).sign; s != ')' && s != ']' {
				return heading{}, false
			}
			if _, c := t.stamp(j); c {
				clock = true
			}
			j = end + 1
		default:
			if end, c := t.stamp(j); c && !t.tok(j).newline {
				j, clock = end, true
			}
		}
	}
	k := t.tok(j)
	switch {
	case l.len() == 1 && len(t.tok(l.a).word) == 1 && t.is(l.a, isNameless|isAsker) && t.tok(l.a).upper && k.sign == '.' && k.gap == glued && t.tok(l.b+1).gap != glued:
		return heading{i, l, j + 1, false}, true
	case (k.sign == ':' || k.sign == '：') && t.sameLine(j):
		next := t.tok(j + 1)
		if next.gap == glued && (next.sign == '/' || next.digits && !clock) {
			return heading{}, false
		}
		key := t.words(l)
		if _, field := t.lex.labels[key]; (field || t.lex.mailHeaders[key]) && !t.is(l.a, isNameless|isAsker) {
			return heading{}, false
		}
		return heading{i, l, t.overMarks(j + 1), false}, true
	case clock && !t.sameLine(j) && j < len(t.toks) && t.tok(l.a).upper:
		return heading{i, l, j, true}, true
	}
	return heading{}, false
}

// sameLine reports whether token i stands on the line of the one before it.
func (t *text) sameLine(i int) bool { return i < len(t.toks) && t.tok(i).gap <= spaced }

// overMarks skips signs of lists, quoting and emphasis: "- **", "> ", "###".
func (t *text) overMarks(i int) int {
	for j := i; j < i+8 && j < len(t.toks) && (j == i || t.sameLine(j)); j++ {
		if k := t.tok(j); k.sign == 0 || !strings.ContainsRune("*_#>~|@", k.sign) && !bullet(k.sign) && !(k.sign == '-' && k.gap != glued) {
			return j
		}
	}
	return i
}

// labelWords returns the one to four words of a label at token i, empty if there
// are none. A number belongs to it after a word such as User.
func (t *text) labelWords(i int) span {
	end, words := i, 0
	for j := i; j < len(t.toks) && j < i+8 && (j == i || t.sameLine(j)); j++ {
		k := t.tok(j)
		switch {
		case k.number && j > i && t.is(j-1, isNameless|isAsker) && !(t.tok(j+1).sign == ':' && t.tok(j+2).number && t.tok(j+2).gap == glued):
			end = j + 1
		case k.word != "" && (!k.digits || j == i):
			words++
			end = j + 1
		case k.sign == '.' && j == i+1 && t.is(i, isNameless|isAsker):
			return span{i, end} // Q. and A.
		case (k.sign == '.' && k.gap == glued && (t.abbreviated(j-1) || t.tok(j+1).gap == glued)) || strings.ContainsRune("'-_#’&", k.sign) && k.sign != 0 && k.gap == glued:
			continue
		default:
			j = len(t.toks)
		}
	}
	if t.tok(end).sign == '.' && t.tok(end).gap == glued && words > 1 {
		// Ana L.
		if s := t.tok(end + 1).sign; s == ':' || s == '>' {
			end++
		}
	}
	first := t.tok(i)
	if words == 0 || words > 4 || first.number || !first.upper && words > 1 && !t.is(i, isNameless|isAsker) {
		return span{i, i}
	}
	return span{i, end}
}

// stamp skips a date or time at token i, "[10:02]", "12/03/2025, 20:14 -", "— Today at
// 10:02 AM", and says whether it has the time of a day.
func (t *text) stamp(i int) (end int, clock bool) {
	j, digits := i, false
	for j < len(t.toks) && j < i+20 && (j == i || t.sameLine(j)) {
		k := t.tok(j)
		switch {
		case k.number:
			digits = true
			if s := t.tok(j + 1); (s.sign == ':' || s.sign == '.') && s.gap == glued && t.tok(j+2).number && t.tok(j+2).gap == glued && len(t.tok(j+2).word) == 2 && len(k.word) < 3 {
				clock = clock || s.sign == ':' || len(t.tok(j+2).word) == 2 && t.tok(j+3).sign != '.'
			}
		case k.word != "" && k.digits && len(k.word) < 12:
			digits = true
		case t.lex.timeWords[k.word], t.is(j, isMonth):
		case k.sign != 0 && strings.ContainsRune("[]():/.,-–—>", k.sign):
			// A colon after the time belongs to the label: "Ana 10:32: hi".
			if k.sign == ':' && !(t.tok(j+1).digits && t.tok(j+1).gap == glued) {
				return trimStamp(i, j, digits), clock
			}
		default:
			return trimStamp(i, j, digits), clock
		}
		j++
	}
	return trimStamp(i, j, digits), clock
}

// trimStamp is i when nothing between i and j was of a time.
func trimStamp(i, j int, digits bool) int {
	if !digits {
		return i
	}
	return j
}
