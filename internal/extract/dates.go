package extract

import (
	"fmt"
	"strconv"
	"strings"
)

// date is a date or a span of time as the text writes it.
type date struct {
	span
	start, end       span   // tokens of the two ends; end is empty for a single date
	startISO, endISO string // partial ISO dates; "" when not understood, or open
	open             bool   // it goes on: "2019 – present"
}

// dates finds all dates of a span, in order. A lone small number is no date.
func (t *text) dates(s span) []date {
	var out []date
	for i := s.a; i < s.b; {
		d, ok := t.dateAt(i, s.b)
		if !ok {
			i++
			continue
		}
		out = append(out, d)
		i = d.b
	}
	return out
}

func (t *text) dateAt(i, limit int) (date, bool) {
	since := false
	first := i
	if t.is(i, isSince) {
		since = true
		i++
	}
	a, iso, ok := t.day(i, limit)
	if !ok {
		return date{}, false
	}
	d := date{span: a, start: a, startISO: iso}
	// Between the two ends: a dash, "to", or nothing where the layout lost the dash.
	j := a.b
	dash := false
	for j < limit && j < a.b+3 && t.tok(j).sign != 0 && strings.ContainsRune("-–—~/‐‑•'’", t.tok(j).sign) {
		dash = true
		j++
	}
	until := !dash && t.is(j, isUntil)
	if until {
		j++
	}
	if j < limit && (dash || until || t.tok(j).gap >= wide || t.tok(j).gap == spaced && i > first || j == a.b) {
		if now := t.match(j, limit, isNow); now > j && (dash || until || t.tok(j).gap != glued) {
			d.end, d.b, d.open = span{j, now}, now, true
			return d, true
		}
		lost := !dash && !until
		if b, iso, ok := t.day(j, limit); ok && (!lost || t.tok(j).gap == wide && !t.tok(j).newline && len(iso) >= 4 && iso >= d.startISO && iso[:4] < "2100") {
			d.end, d.endISO, d.b = b, iso, b.b
			return d, true
		}
	}
	if since && first < i {
		d.a, d.open = first, true
	}
	return d, true
}

// day reads one date: 12 May 1990, May 12, 1990, May 1990, 05/1990, 12/05/1990,
// 1990-05-12, Spring 1990, 1990.
func (t *text) day(i, limit int) (span, string, bool) {
	if i >= limit {
		return span{}, "", false
	}
	k := func(j int) *token {
		if j < limit {
			return t.tok(j)
		}
		return &token{}
	}
	month := func(j int) int {
		if j < limit && (t.tok(j).upper || len(t.tok(j).word) > 3) {
			return t.lex.months[t.tok(j).word]
		}
		return 0
	}
	skip := func(j int, signs string) int {
		if j < limit && t.tok(j).sign != 0 && strings.ContainsRune(signs, t.tok(j).sign) {
			return j + 1
		}
		return j
	}
	// Month first.
	if m := month(i); m > 0 {
		j := skip(i+1, ".")
		if d, ok := dayOfMonth(k(j)); ok {
			if y, ok := year(k(skip(j+1, ","))); ok {
				return span{i, skip(j+1, ",") + 1}, iso(y, m, d), true
			}
			// May 2006 has no day; May 12 without a year is no date.
		}
		j2 := skip(j, ",'’-/")
		if y, ok := year(k(j2)); ok {
			return span{i, j2 + 1}, iso(y, m, 0), true
		}
		if n := k(j2); n.number && len(n.word) == 2 && j2 > j {
			if y, ok := shortYear(n); ok {
				return span{i, j2 + 1}, iso(y, m, 0), true
			}
		}
		return span{}, "", false
	}
	if t.is(i, isSeason) && t.tok(i).upper {
		if y, ok := year(k(i + 1)); ok {
			return span{i, i + 2}, iso(y, 0, 0), true
		}
		return span{}, "", false
	}
	n := k(i)
	if t.fused(n) {
		return span{i, i + 1}, "", true
	}
	// Day first.
	if d, ok := dayOfMonth(n); ok {
		j := skip(i+1, ".-")
		if k(j).word == "of" || k(j).word == "de" {
			j++
		}
		if m := month(j); m > 0 {
			j = skip(j+1, ".,-")
			if k(j).word == "de" || k(j).word == "del" {
				j++
			}
			if y, ok := year(k(j)); ok {
				return span{i, j + 1}, iso(y, m, d), true
			}
		}
	}
	if !n.number {
		return span{}, "", false
	}
	sep := func(j int) bool {
		return j+1 < limit && t.tok(j).gap == glued && t.tok(j+1).gap == glued && t.tok(j).sign != 0 && strings.ContainsRune("/.-", t.tok(j).sign)
	}
	if len(n.word) <= 2 && sep(i+1) {
		m, _ := strconv.Atoi(n.word)
		if y, ok := year(k(i + 2)); ok && m >= 1 && m <= 12 {
			return span{i, i + 3}, iso(y, m, 0), true
		}
		if k(i+2).number && len(k(i+2).word) <= 2 && sep(i+3) && t.tok(i+1).sign == t.tok(i+3).sign {
			if y, ok := year(k(i + 4)); ok {
				return span{i, i + 5}, iso(y, 0, 0), true
			}
		}
		return span{}, "", false
	}
	if y, ok := year(n); ok {
		if sep(i+1) && t.tok(i+1).sign == '-' && k(i+2).number && len(k(i+2).word) == 2 {
			m, _ := strconv.Atoi(k(i + 2).word)
			if sep(i+3) && k(i+4).number && len(k(i+4).word) == 2 && m >= 1 && m <= 12 {
				d, _ := strconv.Atoi(k(i + 4).word)
				return span{i, i + 5}, iso(y, m, d), true
			}
			// 2004-05 is a school year more often than a month.
			if m >= 1 && m <= 12 && m != (y+1)%100 {
				return span{i, i + 3}, iso(y, m, 0), true
			}
		}
		if k(i+1).gap == glued && k(i+1).sign == '/' && k(i+2).number && len(k(i+2).word) == 2 && k(i+2).word <= "12" && k(i+3).sign != '/' {
			m, _ := strconv.Atoi(k(i + 2).word)
			return span{i, i + 3}, iso(y, m, 0), true
		}
		return span{i, i + 1}, iso(y, 0, 0), true
	}
	return span{}, "", false
}

// fused reports whether the layout has lost the dash inside one word: 20072008, 2016present.
func (t *text) fused(k *token) bool {
	if !k.digits || len(k.word) < 7 {
		return false
	}
	y, ok := year(&token{word: k.word[:4], number: true})
	if !ok || y < 1900 {
		return false
	}
	if k.number && len(k.word) == 8 {
		z, ok := year(&token{word: k.word[4:], number: true})
		return ok && z >= y && z < y+60
	}
	n := t.lex.root.next[k.word[4:]]
	return n != nil && n.classes&isNow != 0
}

func dayOfMonth(k *token) (int, bool) {
	w := strings.TrimRight(k.word, "dehnorst")
	if !k.digits || len(w) == 0 || len(w) > 2 || len(k.word)-len(w) > 2 {
		return 0, false
	}
	d, err := strconv.Atoi(w)
	return d, err == nil && d >= 1 && d <= 31
}

func year(k *token) (int, bool) {
	if !k.number || len(k.word) != 4 {
		return 0, false
	}
	y, err := strconv.Atoi(k.word)
	return y, err == nil && y >= 1200 && y < 2100
}

func shortYear(k *token) (int, bool) {
	y, err := strconv.Atoi(k.word)
	if y < 40 {
		return 2000 + y, err == nil
	}
	return 1900 + y, err == nil
}

func iso(y, m, d int) string {
	switch {
	case m == 0:
		return strconv.Itoa(y)
	case d == 0:
		return fmt.Sprintf("%d-%02d", y, m)
	}
	return fmt.Sprintf("%d-%02d-%02d", y, m, d)
}
