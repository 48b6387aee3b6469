package extract

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/persona-api/persona-api/internal/persona"
)

// unspacedCue is a line of unspaced.txt.
type unspacedCue struct{ path, shape, words string }

// spanOfYears is a line of a career: 2018年4月〜2021年9月.
var spanOfYears = regexp.MustCompile(`((?:19|20)\d\d(?:年(?:\d{1,2}月)?|[./]\d{1,2})?)\s*(?:[〜～~\-–—－至]|から)\s*((?:19|20)\d\d(?:年(?:\d{1,2}月)?|[./]\d{1,2})?|現在|现在|至今|今)`)

// unspaced finds out whether a Japanese or Chinese text tells of a person, and
// returns how to read it. Such texts part no words, so it reads bytes, not tokens.
func (r *reading) unspaced() func() {
	start, end := r.unspacedName()
	if end <= start {
		return nil
	}
	lines := stretches(r.s, 0, len(r.s), "\n")
	probe := &reading{text: r.text, sink: &sink{t: r.text, seen: map[string]bool{}, has: map[string]bool{}}}
	probe.unspacedLines(lines)
	if len(probe.has) < 2 && !probe.has["role"] && !probe.has["location"] {
		return nil
	}
	return func() {
		r.sayBytes("name", r.s[start:end], sureForm, start, end)
		r.unspacedLines(lines)
		r.contacts(span{0, len(r.toks)})
	}
}

// stretches cuts s[from:to] at the signs and drops blanks and emoji at the ends.
func stretches(s string, from, to int, signs string) []address {
	var out []address
	begin := from
	depth := 0
	add := func(end int) {
		a, b := trimmedBytes(s, begin, end)
		if b > a {
			out = append(out, address{a, b})
		}
	}
	for i, c := range s[from:to] {
		switch c {
		case '（', '(', '「', '『':
			depth++
		case '）', ')', '」', '』':
			depth = max(0, depth-1)
		case '\n':
			depth = 0
		}
		if strings.ContainsRune(signs, c) && depth == 0 {
			add(from + i)
			begin = from + i + utf8.RuneLen(c)
		}
	}
	add(to)
	return out
}

// trimmedBytes moves the ends inwards to letters, digits and brackets.
func trimmedBytes(s string, a, b int) (int, int) {
	keep := func(c rune) bool {
		return unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune("「『（(+#ー", c)
	}
	for a < b {
		c, n := utf8.DecodeRuneInString(s[a:b])
		if keep(c) && c != utf8.RuneError {
			break
		}
		a += n
	}
	for a < b {
		c, n := utf8.DecodeLastRuneInString(s[a:b])
		if c != utf8.RuneError && (keep(c) && c != '「' && c != '（' && c != '(' || strings.ContainsRune("」』）)", c)) {
			break
		}
		b -= n
	}
	return a, b
}

// unspacedName finds the name: a part of the source's title that stands in the text,
// what follows or precedes a formula, or who the first sentences say they are.
func (r *reading) unspacedName() (int, int) {
	for _, w := range strings.FieldsFunc(r.title, func(c rune) bool { return !unicode.IsLetter(c) }) {
		if n := utf8.RuneCountInString(w); n >= 2 && n <= 8 && strings.ContainsFunc(w, unspaced) && !r.headsUnspaced(w) {
			if at := strings.Index(r.s, w); at >= 0 {
				return at, at + len(w)
			}
		}
	}
	fits := func(a, b int) bool {
		n := utf8.RuneCountInString(r.s[a:b])
		return n >= 2 && n <= 8 && !strings.ContainsAny(r.s[a:b], "のはをがで「『0123456789，。是") && !r.occupationEnds(r.s[a:b])
	}
	head := min(len(r.s), 1500)
	for head < len(r.s) && !utf8.RuneStart(r.s[head]) {
		head++
	}
	for n, c := range stretches(r.s, 0, head, "。！!？?\n、，,；;…") {
		a, b := c.start, c.end
		v := r.s[a:b]
		for _, q := range r.lex.unspaced {
			if q.path != "name" {
				continue
			}
			if rest, ok := strings.CutPrefix(v, q.words); ok && q.shape == "begins" {
				if x := b - len(rest); fits(x, b) {
					return x, b
				}
			}
			if rest, ok := strings.CutSuffix(v, q.words); ok && q.shape == "ends" {
				if x, y := r.bareName(a, a+len(rest)); fits(x, y) {
					return x, y
				}
			}
		}
		if n > 5 {
			continue
		}
		// "三枝ひなた（さえぐさ ひなた）です", with the reading in brackets, or after 私は.
		if rest, ok := strings.CutSuffix(v, "です"); ok {
			i := strings.IndexAny(rest, "（(")
			x, y := r.bareName(a, a+len(rest))
			if (i > 0 || x > a) && fits(x, y) {
				return x, y
			}
		}
		// 王小明，… and 王小明是…: a usual surname and one or two signs more.
		first, size := utf8.DecodeRuneInString(v)
		if n == 0 && r.lex.surnames[string(first)] {
			for _, verb := range []string{"是", "于", "现居", "现任", "出生"} {
				if i := strings.Index(v, verb); i > size && utf8.RuneCountInString(v[:i]) <= 3 {
					return a, a + i
				}
			}
			if k := utf8.RuneCountInString(v); k == 2 || k == 3 {
				return a, b
			}
		}
	}
	return 0, 0
}

// bareName drops 私は before a name and the reading in brackets after it.
func (r *reading) bareName(a, b int) (int, int) {
	for _, p := range []string{"私は", "わたしは", "僕は", "ぼくは", "俺は", "私、"} {
		if strings.HasPrefix(r.s[a:b], p) {
			a += len(p)
		}
	}
	if i := strings.IndexAny(r.s[a:b], "（("); i > 0 {
		b = a + i
	}
	return trimmedBytes(r.s, a, b)
}

func (r *reading) headsUnspaced(w string) bool {
	for _, q := range r.lex.unspaced {
		if q.shape == "heads" && q.words == w {
			return true
		}
	}
	return false
}

func (r *reading) occupationEnds(s string) bool {
	for _, q := range r.lex.unspaced {
		if q.shape == "role" && strings.HasSuffix(s, q.words) {
			return true
		}
	}
	return false
}

// unspacedLines reads line by line: headed lists, the lines of a career, sentences.
func (r *reading) unspacedLines(lines []address) {
	for _, l := range lines {
		if m := spanOfYears.FindStringSubmatchIndex(r.s[l.start:l.end]); m != nil && m[0] == 0 {
			r.unspacedEntry(l, m)
		}
	}
	under := "" // the field that the lines below a heading fill
	for _, l := range lines {
		v := r.s[l.start:l.end]
		if path, at := r.unspacedHead(v); path != "" {
			under = path
			if at > 0 {
				r.unspacedList(path, l.start+at, l.end)
				under = ""
			}
			continue
		}
		if m := spanOfYears.FindStringSubmatchIndex(v); m != nil && m[0] == 0 {
			continue
		}
		if under != "" && under != "-" && !strings.ContainsAny(v, "。！？") {
			if under == "identity.values" {
				r.sayBytes(under, v, sureLayout, l.start, l.end)
			} else {
				r.unspacedList(under, l.start, l.end)
			}
			continue
		}
		under = ""
		for _, s := range stretches(r.s, l.start, l.end, "。！!？?") {
			r.unspacedSentence(s)
		}
	}
}

// unspacedHead recognises a heading and returns where the list on its line begins, 0 if none.
func (r *reading) unspacedHead(v string) (string, int) {
	for _, q := range r.lex.unspaced {
		if q.shape != "heads" || !strings.HasPrefix(v, q.words) {
			continue
		}
		rest := v[len(q.words):]
		if rest == "" {
			return strings.TrimSpace(q.path), 0
		}
		if c, n := utf8.DecodeRuneInString(rest); c == '：' || c == ':' {
			return strings.TrimSpace(q.path), len(q.words) + n
		}
	}
	return "", 0
}

func (r *reading) unspacedList(path string, from, to int) {
	if path == "-" {
		return
	}
	for _, p := range stretches(r.s, from, to, "、,，・;；/和") {
		if utf8.RuneCountInString(r.s[p.start:p.end]) <= 24 {
			r.sayBytes(path, r.s[p.start:p.end], sureLayout, p.start, p.end)
		}
	}
}

// unspacedEntry reads a line of a career: years, school or employer, field or title.
func (r *reading) unspacedEntry(l address, m []int) {
	v := r.s[l.start:l.end]
	d := persona.Draft{Detail: persona.Detail{"start": v[m[2]:m[3]], "end": v[m[4]:m[5]]}, Confidence: sureLayout, Path: "career.positions"}
	rest := v[m[1]:]
	if i := strings.LastIndexAny(rest, "（("); i > 0 {
		if place := strings.Trim(rest[i:], "（）() "); place != "" && utf8.RuneCountInString(place) < 12 {
			d.Detail["location"] = place
		}
		rest = rest[:i]
	}
	kind := func(w, shape string) bool {
		for _, q := range r.lex.unspaced {
			if q.shape == shape && strings.HasSuffix(w, q.words) {
				return true
			}
		}
		return false
	}
	var plain []string
	for _, w := range strings.Fields(rest) {
		switch {
		case w == "卒業" || w == "修了" || w == "中退" || w == "入学" || w == "毕业":
		case kind(w, "school"):
			d.Detail["institution"] = w
		case kind(w, "field"):
			d.Detail["field"] = w
		default:
			plain = append(plain, w)
		}
	}
	if d.Detail["institution"] != "" {
		d.Path = "career.education"
		delete(d.Detail, "location")
		if len(plain) > 0 && d.Detail["field"] == "" {
			d.Detail["field"] = plain[0]
		}
		d.Value = strings.TrimSpace(d.Detail["institution"] + " " + d.Detail["field"])
		r.add(d, l.start, l.end)
		return
	}
	if f := d.Detail["field"]; f != "" {
		delete(d.Detail, "field")
		plain = append(plain, f)
	}
	if len(plain) == 0 {
		return
	}
	d.Detail["organization"], d.Value = plain[0], plain[0]
	r.bodies = append(r.bodies, plain[0])
	if len(plain) > 1 {
		d.Detail["title"] = plain[1]
		d.Value = plain[1] + ", " + plain[0]
	}
	r.add(d, l.start, l.end)
	if end := d.Detail["end"]; r.lex.lasts(end) && d.Detail["title"] != "" && !r.has["role"] {
		r.sayBytes("role", d.Detail["title"], sureLexicon, l.start, l.end)
	}
}

// unspacedSentence reads a sentence whole and clause by clause.
func (r *reading) unspacedSentence(s address) {
	v := r.s[s.start:s.end]
	for _, q := range r.lex.unspaced {
		switch q.shape {
		case "says":
			if i := strings.Index(v, q.words); i == 0 || i > 0 && strings.ContainsAny(v[max(0, i-3):i], "，、") {
				a, b := trimmedBytes(r.s, s.start+i+len(q.words), s.end)
				for _, tail := range []string{"です", "ことです", "こと"} {
					if strings.HasSuffix(r.s[a:b], tail) {
						b -= len(tail)
					}
				}
				r.sayBytes(q.path, r.s[a:b], sureCue, s.start+i, b)
			}
		case "told":
			if rest, ok := strings.CutSuffix(v, q.words); ok && rest != "" {
				a, b := trimmedBytes(r.s, s.start, s.start+len(rest))
				r.sayBytes(q.path, r.s[a:b], sureCue, a, s.end)
			}
		}
	}
	for _, c := range stretches(r.s, s.start, s.end, "、，,；;") {
		r.unspacedClause(c)
	}
}

func (r *reading) unspacedClause(c address) {
	for _, p := range []string{"いまは", "今は", "現在は", "現在", "私は", "わたしは", "我是", "我", "现在", "目前", "是"} {
		if strings.HasPrefix(r.s[c.start:c.end], p) && c.end-c.start > len(p) {
			if p == "我" && strings.HasPrefix(r.s[c.start:], "我的") {
				break
			}
			c.start += len(p)
			break
		}
	}
	v := r.s[c.start:c.end]
	for _, q := range r.lex.unspaced {
		switch q.shape {
		case "ends":
			if rest, ok := strings.CutSuffix(v, q.words); ok && q.path != "name" && rest != "" && utf8.RuneCountInString(rest) < 20 {
				r.sayBytes(q.path, rest, sureCue, c.start, c.end)
				return
			}
			if i := strings.Index(v, q.words); q.words == "在住の" && i > 0 {
				r.sayBytes(q.path, v[:i], sureCue, c.start, c.end)
				c.start += i + len(q.words)
				r.unspacedClause(c)
				return
			}
		case "begins":
			if rest, ok := strings.CutPrefix(v, q.words); ok && q.path != "name" && rest != "" && utf8.RuneCountInString(rest) < 20 {
				if q.path == "skills.languages" || q.path == "interests.primary" {
					from, to := c.end-len(rest), c.end
					if more := strings.IndexAny(r.s[to:], "，,。！？\n；"); strings.HasPrefix(r.s[to:], "、") && more > 0 {
						to += more
					}
					r.unspacedList(q.path, from, to)
				} else if path := q.path; path == "background.birthPlace" && strings.ContainsFunc(rest, unicode.IsDigit) {
					r.sayBytes("background.birthDate", rest, sureCue, c.start, c.end) // 生于1990年
				} else {
					r.sayBytes(path, rest, sureCue, c.start, c.end)
				}
				return
			}
		case "whole":
			if strings.HasSuffix(v, q.words) && utf8.RuneCountInString(v) < 20 && (q.path != "ageRange" && q.path != "background.birthDate" || strings.ContainsFunc(v, unicode.IsDigit)) {
				value := strings.TrimSuffix(v, "です")
				if q.path == "background.birthDate" {
					value = strings.TrimRight(value, "生まれ出") // what is said of the date
				}
				r.sayBytes(q.path, value, sureCue, c.start, c.end)
				return
			}
		}
	}
	// "…のデザイナーで", "小さなスタジオ「ツバメ座」の代表です"
	b := v
	for _, tail := range []string{"をしています", "として働いています", "です", "で", "だ"} {
		if rest, ok := strings.CutSuffix(b, tail); ok {
			b = rest
			break
		}
	}
	for _, q := range r.lex.unspaced {
		if q.shape != "role" || !strings.HasSuffix(b, q.words) || utf8.RuneCountInString(b) > 30 {
			continue
		}
		i, j := strings.IndexAny(b, "「『"), strings.IndexAny(b, "」』")
		if i > 0 && j > i {
			open := utf8.RuneLen([]rune(b[i:])[0])
			if slices.Contains(r.bodies, b[i+open:j]) {
				return // a line of the career says more
			}
			title := b[strings.LastIndex(b, q.words):]
			d := persona.Draft{Path: "career.positions", Value: title + ", " + b[i+open:j], Detail: persona.Detail{"title": title, "organization": b[i+open : j]}, Confidence: sureLexicon}
			r.add(d, c.start, c.start+len(b))
			return
		}
		if q.path == "role" && b == v && !strings.HasSuffix(v, q.words) {
			return
		}
		if !r.has["role"] && b != q.words || q.path == "role" && !r.has["role"] {
			r.sayBytes("role", b, sureCue, c.start, c.start+len(b))
		}
		return
	}
}
