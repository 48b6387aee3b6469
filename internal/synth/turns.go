package synth

import (
	"regexp"
	"strings"
)

// turnLine is how a turn of a conversation begins: perhaps the time, then who speaks.
var turnLine = regexp.MustCompile(`^[ \t]*(?:\[?\d[\d:./, \x{202F}apmAPMT-]{3,24}\]?[ \t]*(?:[-–][ \t]*)?)?([\pL][^\n:]{0,40}):(?:[ \t]|$)`)

// longestLabel is how far into a line it is looked for who speaks, in code points.
const longestLabel = 90

// speaker is who begins to speak at i, where a line begins; "" when nobody does.
func speaker(text []rune, i int) string {
	if i > 0 && !lineEnd(text[i-1]) {
		return ""
	}
	end := i
	for end < len(text) && end-i < longestLabel && !lineEnd(text[end]) {
		end++
	}
	if m := turnLine.FindStringSubmatch(string(text[i:end])); m != nil {
		return strings.TrimSpace(m[1])
	}
	return ""
}

// conversation reports whether text is one: at least two speak, and each of them three times.
func conversation(text []rune) bool {
	turns, often := map[string]int{}, 0
	for i := range text {
		if i > 0 && !lineEnd(text[i-1]) {
			continue
		}
		if who := speaker(text, i); who != "" {
			if turns[who]++; turns[who] == 3 {
				often++
			}
		}
	}
	return often >= 2
}

// interrupted is how the turn began that a cut at i goes through, one line of it at
// most; "" when no turn is cut.
func interrupted(text []rune, i int) string {
	if i >= len(text) || speaker(text, i) != "" {
		return ""
	}
	for j := i - 1; j >= 0; j-- {
		if (j == 0 || lineEnd(text[j-1])) && speaker(text, j) != "" {
			end := j
			for end < i && end-j < longestLabel && !lineEnd(text[end]) {
				end++
			}
			return string(text[j:end])
		}
	}
	return ""
}
