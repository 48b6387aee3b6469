package synthtest

import "unicode"

// Tokens counts about the tokens that a model takes a text for, by the rules by which
// tokenizers begin: a word is one for every six of its letters, a number one for
// every three digits, a row of marks one for every three, a character of a script
// without blanks one. A blank goes with the word after it. On prose in European
// languages and on JSON that is within a quarter of what OpenAI's encodings make of it.
func Tokens(text string) (n int) {
	last, run := 0, 0
	for _, r := range text {
		kind, size := 3, 3
		switch {
		case r == ' ':
			kind = 0
		case r > 0x2E80:
			kind, size = 4, 1
		case unicode.IsLetter(r) || unicode.IsMark(r):
			kind, size = 1, 6
		case unicode.IsDigit(r):
			kind, size = 2, 3
		}
		if kind != last {
			run = 0
		}
		last = kind
		if kind == 0 {
			continue
		}
		if run%size == 0 {
			n++
		}
		run++
	}
	return n
}
