package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// gap is what stands before a token.
type gap uint8

const (
	glued     gap = iota // nothing
	spaced               // one blank
	wide                 // a line break, a tab or several blanks
	paragraph            // an empty line, or four blanks and more
)

// token is a word or a single sign of the text.
type token struct {
	start, end int // bytes
	word       string
	sign       rune // of a token that is no word
	gap        gap
	upper      bool // begins with an upper-case letter, or has no case
	caps       bool // two letters or more, all upper case
	digits     bool // has a digit
	number     bool // is digits only
	newline    bool // the gap before it has a line break
}

// span is a range of tokens, b excluded.
type span struct{ a, b int }

func (s span) len() int { return s.b - s.a }

// cell is the smallest unit of layout: a line, or what stands between wide gaps.
type cell struct {
	span
	gap     gap  // before it
	bullet  bool // it is an item of a list
	newline bool // it begins a line
}

// text is a source, cut once and read by everyone.
type text struct {
	s     string
	toks  []token
	cells []cell
	lex   *lexicon
	none  token // before the first and after the last
	runes []int // code points before every 64th byte; nil for ASCII

	addressed    bool // the following have been found
	mails, pages []address
	own          []bool // of pages

	recognised bool // what language it is in
	manner     *manner
}

func newText(s string, lex *lexicon) *text {
	t := &text{s: s, toks: cut(s), lex: lex, none: token{gap: paragraph, newline: true}}
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			t.count()
			break
		}
	}
	t.layout()
	return t
}

// cut parts s into tokens.
func cut(s string) []token {
	var toks []token
	toks = make([]token, 0, len(s)/5+1)
	blanks, lines, tab := 0, 0, false
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if unicode.IsSpace(r) || r == 0xFEFF || r == 0x200B {
			blanks++
			switch r {
			case '\n', 0x2028, 0x2029:
				lines++
			case '\t':
				tab = true
			}
			i += n
			continue
		}
		if n, breaks := tag(s[i:]); n > 0 {
			// Markup is a gap: a block's ends the line.
			if i += n; breaks {
				blanks, lines = blanks+1, lines+1
			}
			continue
		}
		t := token{start: i, newline: lines > 0 || len(toks) == 0}
		switch {
		case len(toks) == 0 || lines > 1 || blanks > 3 && lines == 0:
			t.gap = paragraph
		case lines > 0 || blanks > 1 || tab:
			t.gap = wide
		case blanks > 0:
			t.gap = spaced
		}
		blanks, lines, tab = 0, 0, false
		if !wordRune(r) && !(r == '.' && t.gap != glued && strings.HasPrefix(strings.ToLower(s[i:min(len(s), i+5)]), ".net")) {
			t.sign, t.end = r, i+n
			i += n
			toks = append(toks, t)
			continue
		}
		t.upper = unicode.IsUpper(r) || unicode.IsTitle(r) || unicode.IsLetter(r) && !unicode.IsLower(r)
		letters, uppers, other := 0, 0, false
		curly := false
		for i < len(s) {
			r, n := utf8.DecodeRuneInString(s[i:])
			if wordRune(r) {
				switch {
				case unicode.IsDigit(r):
					t.digits = true
				case unicode.IsUpper(r):
					letters, uppers = letters+1, uppers+1
				case unicode.IsLetter(r):
					letters++
				default:
					other = true
				}
			} else if (r == '\'' || r == '’') && i > t.start {
				next, _ := utf8.DecodeRuneInString(s[i+n:])
				if !unicode.IsLetter(next) {
					break
				}
				curly = curly || r == '’'
			} else if !(r == '.' && i == t.start) && !((r == '+' || r == '#') && letters > 0 && signsEnd(s[i:])) {
				break
			}
			i += n
		}
		t.end = i
		t.caps = uppers > 1 && uppers == letters
		t.number = t.digits && letters == 0 && !other
		t.word = strings.ToLower(s[t.start:t.end])
		if curly {
			t.word = strings.ReplaceAll(t.word, "’", "'")
		}
		toks = append(toks, t)
	}
	return toks
}

// tag returns the length of the HTML tag that s begins with, 0 if there is none,
// and whether it ends a line.
func tag(s string) (n int, breaks bool) {
	if len(s) < 3 || s[0] != '<' {
		return 0, false
	}
	i := 1
	if s[i] == '/' {
		i++
	}
	begin := i
	for i < len(s) && i-begin < 10 && alnum(s[i]) {
		i++
	}
	switch strings.ToLower(s[begin:i]) {
	case "p", "div", "br", "li", "ul", "ol", "dl", "dt", "dd", "tr", "table", "tbody", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer", "blockquote", "hr", "body", "html":
		breaks = true
	case "b", "i", "u", "em", "strong", "span", "a", "small", "font", "td", "th", "code", "mark", "sup", "sub":
	default:
		return 0, false
	}
	for n = i; n < len(s) && n < i+300; n++ {
		switch s[n] {
		case '>':
			return n + 1, breaks
		case '<', '\n':
			return 0, false
		}
		if n == i && s[n] != ' ' && s[n] != '/' {
			return 0, false
		}
	}
	return 0, false
}

func wordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

// signsEnd reports whether s begins with the signs of C++ or C# and no word goes on after them.
func signsEnd(s string) bool {
	n := 0
	for n < len(s) && n < 2 && (s[n] == '+' || s[n] == '#') {
		n++
	}
	r, _ := utf8.DecodeRuneInString(s[n:])
	return !wordRune(r) && r != '+' && r != '#'
}

// bullets open items of lists; private-use runes are what PDF makes of them.
func bullet(r rune) bool {
	return strings.ContainsRune("•●▪◦‣∙■►➢✓✔❖◆○⁃§·", r) || unicode.Is(unicode.Co, r) || r == 0xFFFD
}

// layout parts the tokens into cells.
func (t *text) layout() {
	begin := 0
	var open cell
	flush := func(end int) {
		if end > begin {
			open.span = span{begin, end}
			t.cells = append(t.cells, open)
		}
	}
	for i, k := range t.toks {
		switch {
		case bullet(k.sign), (k.sign == '-' || k.sign == '*' || k.sign == '–') && k.newline && i+1 < len(t.toks) && t.tok(i+1).gap != glued:
			flush(i)
			// Within a line a bullet only parts.
			inner := k.gap <= spaced
			open = cell{gap: k.gap, bullet: !inner, newline: k.newline}
			begin = i + 1
		case k.gap >= wide && i != begin:
			flush(i)
			open, begin = cell{gap: k.gap, newline: k.newline}, i
		case i == begin && i == 0:
			open = cell{gap: paragraph, newline: true}
		}
	}
	flush(len(t.toks))
}

// count fills runes.
func (t *text) count() {
	t.runes = make([]int, len(t.s)/64+1)
	n := 0
	for i := range len(t.s) {
		if i%64 == 0 {
			t.runes[i/64] = n
		}
		if t.s[i]&0xC0 != 0x80 {
			n++
		}
	}
	if len(t.s)%64 == 0 {
		t.runes[len(t.s)/64] = n
	}
}

// points returns how many code points stand before byte i.
func (t *text) points(i int) int {
	if t.runes == nil {
		return i
	}
	n := t.runes[i/64]
	for j := i / 64 * 64; j < i; j++ {
		if t.s[j]&0xC0 != 0x80 {
			n++
		}
	}
	return n
}

// tok returns token i, an empty one beyond the ends.
func (t *text) tok(i int) *token {
	if i < 0 || i >= len(t.toks) {
		return &t.none
	}
	return &t.toks[i]
}

// of returns the text of a span.
func (t *text) of(s span) string {
	if s.b <= s.a {
		return ""
	}
	return t.s[t.tok(s.a).start:t.tok(s.b-1).end]
}

// words joins the words of a span by blanks, lower case.
func (t *text) words(s span) string {
	var b strings.Builder
	for i := s.a; i < s.b; i++ {
		if w := t.tok(i).word; w != "" {
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(w)
		}
	}
	return b.String()
}

// is reports whether token i alone is a phrase of one of the classes.
func (t *text) is(i int, c class) bool {
	if i < 0 || i >= len(t.toks) || t.tok(i).word == "" {
		return false
	}
	w := t.tok(i).word
	if n := t.lex.root.next[w]; n != nil && n.classes&c != 0 {
		return true
	}
	if len(w) > 9 && c&(isTitle|isSchool|isOrgWord) != 0 {
		for class, endings := range t.lex.endings {
			for _, e := range endings {
				if c&class != 0 && strings.HasSuffix(w, e) && len(w) > len(e)+2 {
					return true
				}
			}
		}
	}
	// l'université, d'ingénieur
	if len(w) > 3 && w[1] == '\'' {
		n := t.lex.root.next[w[2:]]
		return n != nil && n.classes&c != 0
	}
	return false
}

// match returns the end of the longest phrase of the classes that begins at token
// i and ends by limit, or i if there is none. Points and hyphens inside words do
// not count, so B.E. is b e and node.js is node js.
func (t *text) match(i, limit int, c class) int {
	end := i
	n := &t.lex.root
	for j := i; j < limit && n.next != nil; j++ {
		k := t.tok(j)
		if j > i && k.gap == paragraph {
			break
		}
		if k.word == "" {
			if j == i || k.gap != glued || !strings.ContainsRune(".-/&’'", k.sign) || j+1 >= limit || t.tok(j+1).gap != glued {
				break
			}
			continue
		}
		if n = n.next[k.word]; n == nil {
			break
		}
		if n.classes&c != 0 && (c != isAbbreviatedRegion || t.tok(i).upper) {
			end = j + 1
		}
	}
	return end
}

// sentences parts a span into sentences.
func (t *text) sentences(s span) []span {
	var out []span
	begin, lineStart := s.a, s.a
	for i := s.a; i < s.b; i++ {
		k := t.tok(i)
		if k.newline && i > lineStart {
			// A short line that another begins after in upper case was not wrapped.
			short := t.tok(i-1).end-t.tok(lineStart).start < 60
			lineStart = i
			if i > begin && (short && k.upper || bullet(k.sign) || (k.sign == '-' || k.sign == '*' || k.sign == '>')) {
				out = append(out, span{begin, i})
				begin = i
			}
		}
		if k.gap == paragraph && i > begin {
			out = append(out, span{begin, i})
			begin = i
		}
		if !strings.ContainsRune(".!?。！？…؟", k.sign) || k.sign == 0 {
			continue
		}
		j := i + 1
		for j < s.b && t.tok(j).gap == glued && strings.ContainsRune(".!?\"”’')»]", t.tok(j).sign) && t.tok(j).sign != 0 {
			j++
		}
		if j < s.b && t.tok(j).gap == glued && k.sign < 0x80 && !(k.sign == '.' && t.tok(j).upper && i > s.a && len(t.tok(i-1).word) > 3 && t.tok(i-1).gap != glued) {
			continue
		}
		if k.sign == '.' && i > s.a && j < s.b && (t.abbreviated(i-1) || t.tok(i-1).number && len(t.tok(i-1).word) < 3 && t.lex.months[t.tok(j).word] > 0) {
			continue
		}
		out = append(out, span{begin, j})
		begin, i = j, j-1
	}
	if begin < s.b {
		out = append(out, span{begin, s.b})
	}
	return out
}

// abbreviated reports whether a point after token i does not end a sentence.
func (t *text) abbreviated(i int) bool {
	k := t.tok(i)
	if k.word == "" || k.gap == glued && t.tok(i-1).sign == '&' {
		return false // D&D ends a sentence
	}
	if (k.word == "c" || k.word == "ca" || k.word == "b" || k.word == "d") && !k.upper && t.tok(i+2).digits {
		return true // b. 1842
	}
	return t.is(i, isAbbreviation|isHonorific) || k.upper && k.word != "i" && utf8.RuneCountInString(k.word) == 1 || t.match(i, i+1, isAbbreviatedRegion) > i && t.tok(i).upper && len(k.word) < 6
}

// clean collapses blanks and trims signs that do not belong to a value.
func clean(s string) string {
	for i := strings.IndexByte(s, '<'); i >= 0; {
		if n, _ := tag(s[i:]); n > 0 {
			s = s[:i] + s[i+n:]
		} else {
			i++
		}
		next := strings.IndexByte(s[i:], '<')
		if next < 0 {
			break
		}
		i += next
	}
	s = strings.Join(strings.Fields(s), " ")
	s = strings.TrimLeft(s, " .,;:!?-–—|/\\*•·&=~_>)]}'’`\"“”»«")
	for {
		was := s
		s = strings.TrimRight(s, " ,;:!?-–—|/\\*•·&=~_<([{`\"“»«…")
		if strings.HasSuffix(s, ")") && !strings.Contains(s, "(") {
			s = strings.TrimSuffix(s, ")")
		}
		if strings.HasSuffix(s, "'") || strings.HasSuffix(s, "’") || strings.HasSuffix(s, "”") && !strings.Contains(s, "“") {
			s = strings.TrimRight(s, "'’”")
		}
		if s == was {
			return s
		}
	}
}

// tidy is clean without a final point, unless it belongs to an abbreviation.
func tidy(s string) string {
	s = clean(s)
	if !strings.HasSuffix(s, ".") {
		return s
	}
	last := s[strings.LastIndexByte(s, ' ')+1 : len(s)-1]
	low := strings.ToLower(last)
	if strings.Contains(last, ".") || len(last) == 1 || low == "inc" || low == "ltd" || low == "corp" || low == "co" || low == "jr" || low == "sr" || low == "pvt" {
		return s
	}
	return clean(strings.TrimRight(s, "."))
}
