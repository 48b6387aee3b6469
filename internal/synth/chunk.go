package synth

import "unicode"

const (
	// chunkSize is the longest piece of text the model reads at once, in code
	// points: about 3,000 tokens. Longer ones make models skip what stands in the
	// middle, and their answers outgrow the time of a call.
	chunkSize = 12_000
	// leastChunk is the shortest piece worth reading by halves when the answer
	// about it was cut off, in code points.
	leastChunk = 3_000
)

// chunk is a piece of a text.
type chunk struct {
	start int // in the text, in code points
	text  []rune
}

// split cuts text into chunks of at most size code points, at the best border in
// the second half of each: in a conversation where another begins to speak, else at
// a blank line, a line's end, a sentence's end, a blank. The chunks put together are
// the text.
func split(text []rune, start, size int) []chunk {
	var out []chunk
	for len(text) > size {
		n := border(text, size)
		out = append(out, chunk{start, text[:n]})
		start, text = start+n, text[n:]
	}
	return append(out, chunk{start, text})
}

// halves cuts a chunk in two; ok is false when it is too short for it.
func (c chunk) halves() (parts []chunk, ok bool) {
	if len(c.text) < leastChunk {
		return nil, false
	}
	// The first part is one to two thirds long, so the rest fits into one.
	return split(c.text, c.start, len(c.text)*2/3), true
}

// border returns where to cut, from size/2+1 to size; size is less than len(text).
func border(text []rune, size int) int {
	best, rank := size, 0
	turns := conversation(text[:size])
	for i := size; i > size/2; i-- {
		r := cutRank(text, i)
		if turns && r >= 3 && speaker(text, i) != "" {
			r = 5
		}
		if r > rank {
			best, rank = i, r
			if r == 5 || r == 4 && !turns {
				break
			}
		}
	}
	if rank == 0 {
		// Nowhere a blank: at least leave marks and joiners with their letter.
		for best > size/2+1 && (unicode.IsMark(text[best]) || text[best] == '\u200d' || text[best-1] == '\u200d') {
			best--
		}
	}
	return best
}

// cutRank says how well text can be cut before i: 4 after a blank line, 3 after a
// line, 2 after a sentence, 1 after a blank, 0 elsewhere.
func cutRank(text []rune, i int) int {
	switch last := text[i-1]; {
	case lineEnd(last):
		for j := i - 2; j >= 0 && unicode.IsSpace(text[j]); j-- {
			if lineEnd(text[j]) {
				return 4
			}
		}
		return 3
	case last == '。' || last == '！' || last == '？':
		return 2
	case !unicode.IsSpace(last):
		return 0
	case i >= 2 && (text[i-2] == '.' || text[i-2] == '!' || text[i-2] == '?' || text[i-2] == '…' || text[i-2] == '؟' || text[i-2] == '।'):
		return 2
	}
	return 1
}

func lineEnd(r rune) bool { return r == '\n' || r == '\u2028' || r == '\u2029' }
