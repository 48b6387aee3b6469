package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// capital reports whether token i is a word that begins in upper case.
func (t *text) capital(i int) bool {
	return i >= 0 && i < len(t.toks) && t.tok(i).word != "" && t.tok(i).upper && !t.tok(i).digits
}

// initial reports whether token i is a single capital letter.
func (t *text) initial(i int) bool {
	return t.capital(i) && utf8.RuneCountInString(t.tok(i).word) == 1
}

// nameAt returns the longest run of words from i that has the form of a person's
// name: capitalised words, initials, particles between them, a generation at the
// end. It does not say that it is one; likeness does.
func (t *text) nameAt(i, limit int) (span, bool) {
	if !t.capital(i) || strings.HasPrefix(t.tok(i).word, "i'") { // I'm Ada
		return span{}, false
	}
	end, words, full := i, 0, 0
	for j := i; j < limit && words < 6; {
		k := t.tok(j)
		if j > i && k.gap >= wide {
			break
		}
		switch {
		case t.initial(j) && j+1 < limit && t.tok(j+1).sign == '.' && t.tok(j+1).gap == glued:
			words++
			j += 2
			end = j
			continue
		case words > 0 && t.is(j, isGeneration) && t.tok(j).upper:
			end = j + 1
			if end < limit && t.tok(end).sign == '.' {
				end++
			}
			return span{i, end}, full > 0
		case t.capital(j):
			if t.tok(j).caps != t.tok(i).caps && full > 0 && !t.initial(j) && len(t.tok(j).word) > 3 && t.tok(i).caps {
				return span{i, end}, full > 0
			}
			words++
			if !t.initial(j) {
				full++
			}
			j++
			end = j
			// Anna-Lena, O'Brien, and a comma before Jr.
			for j+1 < limit && t.tok(j).sign == '-' && t.tok(j).gap == glued && t.tok(j+1).gap == glued && t.capital(j+1) {
				j += 2
				end = j
			}
			if j+1 < limit && t.tok(j).sign == ',' && t.is(j+1, isGeneration) && t.tok(j+1).upper && words > 1 {
				j++
			}
			continue
		case words > 0 && t.is(j, isParticle) && j+1 < limit && (t.capital(j+1) || t.is(j+1, isParticle)):
			j++
			continue
		case words > 0 && (k.sign == '"' || k.sign == '“' || k.sign == '('):
			// A nickname: James "Jim" Farley.
			n := j + 1
			for n < limit && n < j+6 && (t.capital(n) || t.tok(n).sign == '.' && t.initial(n-1)) {
				n++
			}
			if n > j+1 && n+1 < limit && t.tok(n).sign != 0 && strings.ContainsRune("\"”)", t.tok(n).sign) && t.capital(n+1) && t.tok(n+1).gap == spaced {
				j = n + 1
				continue
			}
		}
		break
	}
	return span{i, end}, full > 0
}

// named reports how much the span looks like a person: the more, the likelier.
// A word that cannot be in a name makes it negative.
func (t *text) named(s span) int {
	score, words := 0, 0
	for i := s.a; i < s.b; i++ {
		k := t.tok(i)
		if k.word == "" || t.initial(i) {
			continue
		}
		words++
		if k.digits || len(k.word) > 40 {
			return -9
		}
		first := t.is(i, isFirstName)
		switch {
		case t.is(i, isNotName):
			return -9
		case t.is(i, isParticle|isGeneration):
		case first && words <= 2:
			score += 3
		case len(k.word) > 3 && t.is(i, isHard|isSoft), t.is(i, isOrgSuffix|isOrgWord|isSchool|isTitle|isTitleWord|isDegree|isMonth|isSeason|isTongue|isDemonym):
			score -= 3
		case t.is(i, isCity|isCountry|isRegion):
			score -= 2
		}
	}
	if t.match(s.a, s.b, isPlace) == s.b || t.match(s.a, s.b, isHard|isSoft|isDegree|isCertificate) == s.b {
		score -= 4
	}
	switch {
	case words == 1 && s.len() == 1:
		score -= 2
	case words >= 2 && words <= 4:
		score++
	}
	return score
}

// person writes a name as it is shown: not in capitals.
func (t *text) person(s span) string {
	v := clean(t.of(s))
	caps := true
	for i := s.a; i < s.b; i++ {
		if k := t.tok(i); k.word != "" && !k.caps && !t.initial(i) {
			caps = false
		}
	}
	if caps {
		v = titleCase(v)
	}
	return strings.TrimRight(v, ",")
}

func titleCase(s string) string {
	var b strings.Builder
	up := true
	var prev, prev2 rune
	for _, r := range s {
		if up || prev == 'c' && prev2 == 'M' {
			b.WriteRune(unicode.ToUpper(r))
			r = unicode.ToUpper(r)
		} else {
			r = unicode.ToLower(r)
			b.WriteRune(r)
		}
		up = !unicode.IsLetter(r) && !unicode.IsMark(r)
		prev2, prev = prev, r
	}
	return b.String()
}

// placeAt returns the place that begins at token i: a known one, several parted
// by commas (Portland, Oregon), or a capitalised word before a region (Itarsi, MP).
func (t *text) placeAt(i, limit int) (span, bool) {
	if !t.capital(i) && !t.is(i, isPlace) {
		return span{}, false
	}
	if i > 0 && t.tok(i).gap == glued && t.tok(i-1).word != "" {
		return span{}, false
	}
	known := t.match(i, limit, isPlace)
	if known > i && !t.tok(i).upper && t.tok(i).word != "the" {
		return span{}, false
	}
	end := known
	if end == i {
		if end = t.match(i, limit, isAbbreviatedRegion); end > i {
			if !t.tok(i).caps { // a lone "La" or "Me" is a word
				return span{}, false
			}
			return span{i, end}, false
		}
		// One to three capitalised words, then a comma and a region.
		for end < limit && end < i+3 && t.capital(end) && (end == i || t.tok(end).gap == spaced) && !t.is(end, isJob|isOrgSuffix|isSchool|isNotName&^isPlace) {
			end++
		}
		if end == i {
			return span{}, false
		}
	}
	for {
		j := end
		for j < limit && (t.tok(j).sign == ',' || t.tok(j).sign == '.' && t.tok(j).gap == glued) {
			j++
		}
		if j == end && known == i || j >= limit || t.tok(j).gap > wide || !t.tok(j).upper {
			break
		}
		next := t.match(j, limit, isRegion|isCountry)
		if next == j {
			next = t.match(j, limit, isAbbreviatedRegion)
			if next > j && j == end && !t.tok(j).caps {
				next = j
			}
		}
		if next == j && known > i {
			// "Vienna, Austria" yes, "Paris, Berlin" no.
			break
		}
		if next == j {
			break
		}
		end, known = next, next
		if end < limit && t.tok(end).sign == '.' && t.tok(end).gap == glued && t.tok(end-1).gap == glued {
			end++
		}
	}
	if known == i {
		return span{}, false
	}
	return span{i, end}, true
}

// place writes a place without the blanks and points around it.
func (t *text) place(s span) string {
	v := clean(t.of(s))
	if strings.HasSuffix(v, ".") && strings.Count(v, ".") == 1 {
		v = strings.TrimSuffix(v, ".")
	}
	return v
}

// titleIn finds a job title in a line-like chunk: from its first word to the last
// word that ends titles. "Engineer II" and "Director of Sales" belong to it.
func (t *text) titleIn(s span) (span, bool) {
	if s.len() == 0 || s.len() > 16 {
		return span{}, false
	}
	head := -1
	for i := s.a; i < s.b && i < s.a+9; i++ {
		if !t.is(i, isJob) {
			continue
		}
		next := i + 1
		if next < s.b && t.tok(next).word != "" && t.tok(next).gap != glued {
			switch w := t.tok(next).word; w {
			case "of", "for", "in", "to", "on", "and", "ii", "iii", "iv", "i", "1", "2", "3", "with", "at", "de", "des", "du", "für", "en", "&":
			default:
				continue
			}
		}
		head = i
	}
	if head < 0 || t.is(s.a, isOrgSuffix) {
		return span{}, false
	}
	end := head + 1
	if end < s.b {
		switch t.tok(end).word {
		case "of", "for", "to", "de", "des", "du", "für", "en", "in":
			// Director of Sales: what follows belongs to it when it is short.
			if s.b-end <= 6 && s.b-end > 1 && t.capital(end+1) {
				if inner := t.orgLike(span{end + 1, s.b}); !inner {
					end = s.b
				}
			}
		case "ii", "iii", "iv", "i", "1", "2", "3":
			end++
		}
	}
	return span{s.a, end}, true
}

// orgLike reports whether a word of the span says that it names an organisation.
func (t *text) orgLike(s span) bool {
	for i := s.a; i < s.b; i++ {
		if t.is(i, isSchool) && t.tok(i).upper {
			return true
		}
		if t.is(i, isOrgSuffix|isOrgWord) && t.tok(i).upper && (i > s.a || t.tok(i).caps) {
			return true
		}
	}
	return false
}

// titleBefore walks left from a head of a job title over the words that may stand
// before one, and returns where the title begins.
func (t *text) titleBefore(head, limit int) int {
	a := head
	for a > limit && head-a < 7 {
		p := a - 1
		k := t.tok(p)
		if t.tok(a).gap > wide {
			break
		}
		switch {
		case k.word == "":
			if (k.sign == '-' || k.sign == '/' || k.sign == '&') && p > limit && t.tok(p-1).word != "" && (k.gap == glued || k.sign == '&') {
				a = p
				continue
			}
			return t.wordFrom(a, head)
		case t.is(p, isDemonym):
			return t.wordFrom(a, head)
		case t.is(p, isTitleWord|isJob):
			a = p
			continue
		case k.upper && !k.digits && !t.is(p, isNotName|isHonorific|isFirstName) && p > limit && t.tok(p-1).sign != '.' && t.tok(a).upper:
			a = p
			continue
		}
		break
	}
	return t.wordFrom(a, head)
}

func (t *text) wordFrom(a, head int) int {
	for a < head && t.tok(a).word == "" {
		a++
	}
	return a
}

// properAt returns the run of capitalised words from i that could name an
// organisation: "the University of X", "Bank of Y & Sons", "Z, Inc."
func (t *text) properAt(i, limit int) (span, bool) {
	if t.tok(min(i, len(t.toks)-1)).word == "the" {
		i++
	}
	if i >= limit || !(t.tok(i).upper || t.tok(i).digits && !t.tok(i).number) || t.tok(i).word == "" || t.is(i, isMonth) && !t.is(i+1, isSchool) {
		return span{}, false
	}
	end := i
	for j := i; j < limit && j < i+14; {
		k := t.tok(j)
		if j > i && k.gap == paragraph {
			break
		}
		switch {
		case k.word != "" && (k.upper || k.digits && !k.number):
			if j > i && (t.is(j, isMonth) && j+1 < limit && t.tok(j+1).number || k.word == "he" || k.word == "she" || k.word == "i" || k.word == "they") {
				return span{i, end}, end > i
			}
			j++
			end = j
			continue
		case k.word == "of" || k.word == "de" || k.word == "du" || k.word == "der" || k.word == "für" || k.word == "des" || k.word == "del" || k.word == "la" || k.word == "da" || k.word == "do" || k.word == "dos" || k.word == "das" && t.tok(j-1).upper || k.word == "d'" || k.word == "at" && t.is(j-1, isSchool):
			n := j + 1
			for n < limit && n < j+3 && (t.tok(n).word == "the" || t.tok(n).word == "la" || t.tok(n).word == "los" || t.tok(n).word == "las") {
				n++
			}
			if t.capital(n) && k.gap < paragraph {
				j = n
				continue
			}
		case k.word == "and" || k.word == "for" || k.word == "und" || k.word == "et" || k.word == "y":
			// Department of A and B, Institute for C; otherwise "and" joins two names.
			if t.capital(j+1) && (k.word == "for" && (t.is(j-1, isOrgWord|isSchool)) || k.word != "for" && t.joins(span{i, end}, j+1)) {
				j++
				continue
			}
		case k.sign == '&' || k.sign == '-' || k.sign == '/' || k.sign == '+':
			if j+1 < limit && t.tok(j+1).word != "" && t.tok(j+1).upper && t.tok(j+1).gap <= spaced && (k.sign == '&' || k.gap == glued) {
				j++
				continue
			}
		case k.sign == '.' && k.gap == glued:
			// St. Mary's, J.P. Morgan, but not the end of a sentence
			if j+1 < limit && t.tok(j+1).gap <= spaced && t.tok(j+1).upper && (t.abbreviated(j-1) || t.tok(j+1).gap == glued) {
				j++
				continue
			}
			if t.is(j-1, isOrgSuffix) {
				end = j + 1
			}
		case k.sign == ',':
			if t.is(j+1, isOrgSuffix) && t.capital(j+1) {
				j++
				continue
			}
		}
		break
	}
	return span{i, end}, end > i
}

// joins reports whether "and" before token i stays within the name s.
func (t *text) joins(s span, i int) bool {
	of := false
	for j := s.a; j < s.b; j++ {
		of = of || (t.tok(j).word == "of" || t.tok(j).word == "for") && j > s.a && t.is(j-1, isOrgWord|isSchool)
	}
	return of && !t.is(i, isSchool) && !t.is(i+1, isSchool) && !t.capital(i+3)
}
