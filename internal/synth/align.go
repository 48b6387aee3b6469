package synth

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// agreement is how well a quote agrees with the words that were found for it.
type agreement int

const (
	absent agreement = iota // nothing was found
	exact                   // the same characters
	alike                   // the same words, in another spelling
	near                    // nine tenths of the characters, and no other word
)

// span is a piece of a passage, in runes, end excluded.
type span struct{ start, end int }

// passage is a piece of a source, ready to have quotes found in it. It is not for
// concurrent use.
type passage struct {
	start int // in the source, in code points
	text  []rune
	str   string
	fold  folded
}

func newPassage(c chunk) *passage {
	return &passage{start: c.start, text: c.text, str: string(c.text), fold: fold(c.text)}
}

const (
	// mostPlaces is how many places of a repeated quote are weighed against each other.
	mostPlaces = 64
	// nearby is how far around a place words count as its company, in code points.
	nearby = 200
	// widestGap is how much text an ellipsis in a quote may stand for, in code points.
	widestGap = 400
)

// find returns where the passage says what the quote says: exactly, else with
// spelling folded, else nearly. Of several places it returns the one in whose
// company most of the hints stand, the first of equals. What is found begins and
// ends at a word's border and is never empty. The cost is bounded by the passage's
// length, whatever the quote.
func (p *passage) find(quote string, hints []string) (span, agreement) {
	quote = strings.TrimSpace(strings.ToValidUTF8(quote, ""))
	if len(quote) > len(p.str)+4<<10 {
		return span{}, absent
	}
	q := fold([]rune(quote))
	if len(q.runes) == 0 {
		return span{}, absent // a full stop proves nothing
	}
	if found := p.exactly(quote); len(found) > 0 {
		return p.narrow(found, hints), exact
	}
	if found := p.alike(q.str, 0); len(found) > 0 {
		return p.narrow(found, hints), alike
	}
	if s, ok := p.elided(quote); ok {
		return s, alike
	}
	if s, ok := p.nearly(q); ok {
		return s, near
	}
	return span{}, absent
}

// exactly returns the places of the quote. One that cuts a word in two is no place:
// "Ann" is not said where "Anna" is.
func (p *passage) exactly(quote string) []span {
	var out []span
	length := utf8.RuneCountInString(quote)
	runes, last := 0, 0
	for _, at := range places(p.str, quote) {
		runes += utf8.RuneCountInString(p.str[last:at])
		last = at
		if !inWord(p.text, runes) && !inWord(p.text, runes+length) {
			out = append(out, span{runes, runes + length})
		}
	}
	return out
}

// alike returns the places of a folded quote, from a rune of the folded passage on.
func (p *passage) alike(quote string, from int) []span {
	if quote == "" {
		return nil
	}
	var out []span
	offset := len(string(p.fold.runes[:from]))
	length := utf8.RuneCountInString(quote)
	runes, last := from, offset
	for _, at := range places(p.fold.str[offset:], quote) {
		at += offset
		runes += utf8.RuneCountInString(p.fold.str[last:at])
		last = at
		if s := p.unfold(runes, runes+length); !inWord(p.text, s.start) && !inWord(p.text, s.end) {
			out = append(out, s)
		}
	}
	return out
}

// unfold is the piece of the text that a piece of its folded form came from.
// Accents and joiners that follow the last letter belong to it.
func (p *passage) unfold(start, end int) span {
	s := span{int(p.fold.from[start]), int(p.fold.from[end-1]) + 1}
	for s.end < len(p.text) && invisible(p.text[s.end]) && unicode.IsMark(p.text[s.end]) {
		s.end++
	}
	return s
}

// elided finds a quote that leaves words out and says so: its pieces in order,
// never far apart. The place is from the first to the last.
func (p *passage) elided(quote string) (span, bool) {
	pieces := strings.Split(strings.NewReplacer("[...]", "…", "[…]", "…", "(...)", "…", "...", "…").Replace(quote), "…")
	if len(pieces) < 2 || len(pieces) > 8 {
		return span{}, false
	}
	var all span
	from, found := 0, false
	for _, piece := range pieces {
		q := fold([]rune(piece))
		if len(q.runes) == 0 {
			continue // an ellipsis at the beginning or the end
		}
		next := p.alike(q.str, from)
		if len(next) == 0 || found && next[0].start-all.end > widestGap {
			return span{}, false
		}
		if !found {
			all.start, found = next[0].start, true
		}
		all.end = next[0].end
		from, _ = slices.BinarySearch(p.fold.from, int32(all.end)) //nolint:gosec // a text has at most 100,000
	}
	return all, found
}

// places are the byte offsets of needle in hay, overlapping ones included, at most
// mostPlaces.
func places(hay, needle string) []int {
	var out []int
	for at := 0; len(out) < mostPlaces; {
		i := strings.Index(hay[at:], needle)
		if i < 0 {
			break
		}
		out = append(out, at+i)
		_, size := utf8.DecodeRuneInString(hay[at+i:])
		at += i + size
	}
	return out
}

// narrow picks the place with the best company: hints close by count twice.
func (p *passage) narrow(found []span, hints []string) span {
	if len(found) == 1 || len(hints) == 0 {
		return found[0]
	}
	best, most := found[0], -1
	for _, s := range found {
		n := p.company(s, hints, nearby) + p.company(s, hints, nearby/4)
		if n > most {
			best, most = s, n
		}
	}
	return best
}

// company counts the hints that stand within reach of a place.
func (p *passage) company(s span, hints []string, reach int) (n int) {
	before := fold(p.text[max(0, s.start-reach):s.start]).words()
	after := fold(p.text[s.end:min(len(p.text), s.end+reach)]).words()
	for _, h := range hints {
		if slices.Contains(before, h) || slices.Contains(after, h) {
			n++
		}
	}
	return n
}

const (
	// shortestNear is the shortest quote that may agree nearly, in folded runes:
	// below it one letter is more than a slip.
	shortestNear = 16
	// longestNear bounds the cost; longer quotes agree in spelling or not at all.
	longestNear = 1000
	// gramSize is how many runes in a row must agree for a place to be looked at. A
	// quote of shortestNear runes with its one slip has such a run.
	gramSize = 6
	// mostDiagonals is how many places are looked at, those with the most runs first.
	mostDiagonals = 4
)

// nearly finds the place that differs least from the quote, by at most a tenth of
// its characters, and only in the spelling of words: see sameWords.
func (p *passage) nearly(q folded) (span, bool) {
	if len(q.runes) < shortestNear || len(q.runes) > longestNear || len(p.fold.runes) < gramSize {
		return span{}, false
	}
	slack := len(q.runes)/10 + 24
	for _, at := range p.diagonals(q.runes) {
		low := max(0, at-slack)
		high := min(len(p.fold.runes), at+len(q.runes)+slack)
		start, end, edits := leastEdits(q.runes, p.fold.runes[low:high], 2*slack)
		if edits < 0 || start == end {
			continue
		}
		start, end = low+start, low+end
		s, grown := p.wholeWords(start, end)
		if 10*(edits+grown) > max(len(q.runes), end-start+grown) {
			continue
		}
		if sameWords(q.words(), fold(p.text[s.start:s.end]).words()) {
			return s, true
		}
	}
	return span{}, false
}

// wholeWords is the text of a folded piece, grown to whole words, and by how many runes.
func (p *passage) wholeWords(start, end int) (s span, grown int) {
	for start < end && p.fold.runes[start] == ' ' {
		start++
	}
	for end > start && p.fold.runes[end-1] == ' ' {
		end--
	}
	if start == end {
		return span{}, len(p.text)
	}
	s = p.unfold(start, end)
	was := s
	for inWord(p.text, s.start) {
		s.start--
	}
	for inWord(p.text, s.end) {
		s.end++
	}
	return s, was.start - s.start + s.end - was.end
}

// diagonals are the places where the quote may begin, in folded runes (even before
// the passage's first), those first with which the most runs of gramSize agree.
// Only runs that the quote has once count: one vote per rune of the passage.
func (p *passage) diagonals(q []rune) []int {
	const bucket = 16
	grams := map[uint64]int{} // where in the quote; -1 when more than once
	eachGram(q, func(at int, h uint64) {
		if _, twice := grams[h]; twice {
			at = -1
		}
		grams[h] = at
	})
	votes := map[int]int{}
	eachGram(p.fold.runes, func(at int, h uint64) {
		if in, ok := grams[h]; ok && in >= 0 {
			votes[(at-in+len(q))/bucket]++
		}
	})
	order := make([]int, 0, len(votes))
	for b := range votes {
		order = append(order, b)
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(votes[b], votes[a]), cmp.Compare(a, b)) })
	order = order[:min(len(order), mostDiagonals)]
	for i, b := range order {
		order[i] = b*bucket + bucket/2 - len(q)
	}
	return order
}

// eachGram calls f with every run of gramSize runes, hashed, and where it begins.
func eachGram(runes []rune, f func(at int, hash uint64)) {
	const base = 1_000_003
	var h, top uint64 = 0, 1
	for range gramSize {
		top *= base
	}
	for i, r := range runes {
		h = h*base + uint64(r) + 1 //nolint:gosec // runes are not negative
		if i >= gramSize {
			h -= top * (uint64(runes[i-gramSize]) + 1) //nolint:gosec // the same
		}
		if i >= gramSize-1 {
			f(i-gramSize+1, h)
		}
	}
}

// leastEdits finds the piece of text that the fewest edits turn q into, looking only
// where piece and quote are within band of each other's pace: a band of an edit
// distance with free ends. edits is -1 when there are more than a tenth.
func leastEdits(q, text []rune, band int) (start, end, edits int) {
	most := len(q)/10 + 1
	const far = 1 << 20
	type cell struct{ edits, start int }
	row, next := make([]cell, band+1), make([]cell, band+1)
	for k := range row {
		row[k] = cell{0, k}
		if k > len(text) {
			row[k].edits = far
		}
	}
	for i := 1; i <= len(q); i++ {
		least := far
		for k := 0; k <= band; k++ {
			j := i + k // how much of text has been used; k is how far it is ahead of q
			best := cell{far, 0}
			if j <= len(text) {
				best = row[k]
				if q[i-1] != text[j-1] {
					best.edits++
				}
				if k > 0 && next[k-1].edits+1 < best.edits {
					best = cell{next[k-1].edits + 1, next[k-1].start}
				}
			}
			// text used up to i-1+k+1: the quote's rune is left out
			if k < band && j <= len(text) && row[k+1].edits+1 < best.edits {
				best = cell{row[k+1].edits + 1, row[k+1].start}
			}
			next[k] = best
			least = min(least, best.edits)
		}
		if least > most {
			return 0, 0, -1
		}
		row, next = next, row
	}
	best := -1
	for k := range row {
		if j := len(q) + k; j <= len(text) && row[k].edits <= most && (best < 0 || row[k].edits < row[best].edits) {
			best = k
		}
	}
	if best < 0 {
		return 0, 0, -1
	}
	return row[best].start, len(q) + best, row[best].edits
}

// sameWords reports whether two texts that nearly agree say the same: their words
// differ only in spelling, or in a short word that turns nothing round. Numbers
// must agree; a word that one has and the other has not may be the very point.
func sameWords(a, b []string) bool {
	onlyA, onlyB := difference(a, b), difference(b, a)
	if strings.Join(onlyA, "") == strings.Join(onlyB, "") {
		return true // blanks and hyphens, at most
	}
	onlyA = slices.DeleteFunc(onlyA, func(w string) bool {
		i := slices.IndexFunc(onlyB, func(o string) bool { return misspelt(w, o) })
		if i >= 0 {
			onlyB = slices.Delete(onlyB, i, i+1)
		}
		return i >= 0
	})
	if len(onlyA) > 0 && len(onlyB) > 0 {
		return false // one word in the place of another: she for he
	}
	return !slices.ContainsFunc(append(onlyA, onlyB...), func(w string) bool { return !negligible(w) })
}

// difference are the words of a that b has not, counting repetitions, in order.
func difference(a, b []string) []string {
	count := map[string]int{}
	for _, w := range b {
		count[w]++
	}
	var out []string
	for _, w := range a {
		if count[w]--; count[w] < 0 {
			out = append(out, w)
		}
	}
	return out
}

// misspelt reports whether two words are one word with a slip. Words of three
// letters, those that are not of letters only (numbers, addresses), and those that
// begin differently (able, unable) are not.
func misspelt(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if min(len(x), len(y)) < 4 || x[0] != y[0] || strings.ContainsFunc(a+b, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) || unspaced(r) }) {
		return false
	}
	return distance(x, y) <= max(1, max(len(x), len(y))/5)
}

// negligible reports whether a word can be missed or added without harm: of at most
// three letters, and none of those that deny or limit.
func negligible(w string) bool {
	if utf8.RuneCountInString(w) > 3 || strings.ContainsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) || unspaced(r) || r > 0x024F }) {
		return false
	}
	switch w {
	case "no", "not", "nor", "non", "t", "ex", "un", "few", "if", "may", // t: what is left of don't
		"ne", "ni", "pas", "nie", "nem", "nej", "nei", "ei", "sin", "nao", "sem", "sub", "niet":
		return false
	}
	return true
}

// distance is the edit distance of two words.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
