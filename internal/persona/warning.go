package persona

import (
	"cmp"
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// WarningCode classifies what is odd about a source's text.
type WarningCode string

// The codes of warnings.
const (
	WarnHidden        WarningCode = "HIDDEN_TEXT"
	WarnInstruction   WarningCode = "INSTRUCTION"
	WarnForgedHeader  WarningCode = "FORGED_HEADER"
	WarnSeveralPeople WarningCode = "SEVERAL_PEOPLE"
	WarnTruncated     WarningCode = "TRUNCATED"
)

// Warning is something odd about a source's text. Start and End say where, in
// code points, End excluded; nil when it is the text as a whole.
type Warning struct {
	Code    WarningCode `json:"code"`
	Message string      `json:"message"`
	Start   *int        `json:"start,omitempty"`
	End     *int        `json:"end,omitempty"`
}

// mostWarnings bounds the warnings of one code: who hides a thousand characters
// needs no thousand warnings. Beyond it the last one reaches to the last place.
const mostWarnings = 20

// Inspect says what is odd about a text, in its order: characters that nobody
// sees, instructions to whoever reads it by machine, headers that pretend to come
// from the reader's own side, more than one person. It takes time linear in the text.
//
// What stands in an INSTRUCTION or under a FORGED_HEADER is never evidence, and no
// engine sees it.
func Inspect(text string) []Warning {
	var found []Warning
	plain, at := text, func(i int) int { return utf8.RuneCountInString(text[:i]) }
	if strings.ContainsFunc(text, invisible) {
		found = hidden(text)
		// What is hidden between letters does not hide the words.
		plain, at = withoutHidden(text)
	}
	small := smallLetters(plain)
	found = append(found, commands(plain, small, at)...)
	if w, ok := severalPeople(plain, small); ok {
		found = append(found, w)
	}
	var out []Warning
	count := map[WarningCode]int{}
	last := map[WarningCode]int{}
	for _, w := range found {
		if count[w.Code]++; count[w.Code] > mostWarnings {
			out[last[w.Code]].End = w.End
			continue
		}
		last[w.Code] = len(out)
		out = append(out, w)
	}
	return out
}

// distrusted are the stretches of a text that prove nothing.
func distrusted(warnings []Warning) [][2]int {
	var out [][2]int
	for _, w := range warnings {
		if (w.Code == WarnInstruction || w.Code == WarnForgedHeader) && w.Start != nil && w.End != nil {
			out = append(out, [2]int{*w.Start, *w.End})
		}
	}
	return out
}

// shown is the source as an engine sees it: what proves nothing is blank there,
// letter by letter, so that it commands nobody and places stay what they are.
func (s *Source) shown() Source {
	out := *s
	odd := distrusted(s.Warnings)
	if len(odd) == 0 {
		return out
	}
	text := []rune(*s.Text)
	for _, at := range odd {
		for i := at[0]; i < min(at[1], len(text)); i++ {
			if text[i] != '\n' {
				text[i] = ' '
			}
		}
	}
	blank := string(text)
	out.Text = &blank
	return out
}

func warning(code WarningCode, message string, start, end int) Warning {
	return Warning{Code: code, Message: message, Start: &start, End: &end}
}

// invisible reports whether a character shows nothing. Joiners are for whoever
// knows the letters beside them.
func invisible(r rune) bool {
	switch {
	case r == '\u00AD', r >= '\u200B' && r <= '\u200F', r >= '\u202A' && r <= '\u202E', r >= '\u2060' && r <= '\u2064',
		r >= '\u2066' && r <= '\u206F', r == '\uFEFF', r == '\u180E', r == '\u115F', r == '\u1160', r == '\u3164', r == '\uFFA0',
		r >= 0xE0000 && r <= 0xE007F, r >= 0xE0100 && r <= 0xE01EF, r >= '\uFFF9' && r <= '\uFFFB':
		return true
	}
	return false
}

// innocent reports whether an invisible character does what it is there for:
// joiners within scripts and emoji that need them, marks of direction, a soft
// hyphen, the byte order mark at the very beginning, the tags of a flag.
func innocent(before, r, after rune, first bool) bool {
	switch {
	case r == '\u00AD' || r == '\u200E' || r == '\u200F':
		return true
	case r == '\uFEFF':
		return first
	case r == '\u200C' || r == '\u200D':
		joined := func(r rune) bool {
			return unicode.IsMark(r) || unicode.IsSymbol(r) || r == 0xFE0F || unicode.In(r, unicode.Arabic, unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi,
				unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Khmer, unicode.Mongolian)
		}
		return joined(before) && (joined(after) || r == '\u200C')
	case r >= 0xE0020 && r <= 0xE007F:
		return before == 0x1F3F4 || before >= 0xE0020 && before <= 0xE007E && (after >= 0xE0020 && after <= 0xE007F || r == 0xE007F)
	}
	return false
}

// hidden finds stretches of characters that nobody sees.
func hidden(text string) []Warning {
	const message = "characters that nobody sees stand here; look at the source before you trust what is said around them"
	var out []Warning
	start, at := -1, 0
	var before rune
	flag := false // within the tags that follow a black flag
	for i, r := range text {
		after, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(max(r, 0)):])
		flag = before == 0x1F3F4 || flag && before >= 0xE0020 && before <= 0xE007E
		tag := r >= 0xE0020 && r <= 0xE007F
		bad := invisible(r) && (tag && !flag || !tag && !innocent(before, r, after, i == 0))
		switch {
		case bad && start < 0:
			start = at
		case !bad && start >= 0:
			out = append(out, warning(WarnHidden, message, start, at))
			start = -1
		}
		before = r
		at++
	}
	if start >= 0 {
		out = append(out, warning(WarnHidden, message, start, at))
	}
	return out
}

// withoutHidden returns the text without invisible characters, and what tells
// where each of its bytes stands in the text, in code points, the end included.
func withoutHidden(text string) (string, func(i int) int) {
	var b strings.Builder
	at := make([]int32, 0, len(text)+1)
	n := int32(0)
	for _, r := range text {
		if !invisible(r) {
			width := b.Len()
			b.WriteRune(r)
			for range b.Len() - width {
				at = append(at, n)
			}
		}
		n++
	}
	at = append(at, n)
	return b.String(), func(i int) int { return int(at[i]) }
}

//go:embed commands.txt
var commandsText string

// pattern is one line of the data file.
type pattern struct {
	code       WarningCode
	words      []string // of which one must be there
	expression *regexp.Regexp
}

var patterns = func() []pattern {
	var out []pattern
	for line := range strings.Lines(commandsText) {
		cells := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(cells) == 3 {
			out = append(out, pattern{WarningCode(cells[0]), strings.Split(cells[1], "|"),
				regexp.MustCompile(`(?im)` + strings.ReplaceAll(cells[2], " ", `\s+`))})
		}
	}
	return out
}()

// commands finds what talks to a machine: small is the text in small letters, at
// tells where its bytes stand in the source. A command reaches from the beginning of the sentence to the end of the
// paragraph, for what follows a command belongs to it.
func commands(text, small string, at func(int) int) []Warning {
	small = strings.Join(strings.Fields(small), " ") // as the file's words are parted
	found := map[WarningCode][][]int{}
	for _, p := range patterns {
		if slices.ContainsFunc(p.words, func(w string) bool { return strings.Contains(small, w) }) {
			found[p.code] = append(found[p.code], p.expression.FindAllStringIndex(text, -1)...)
		}
	}
	var out []Warning
	for code, message := range map[WarningCode]string{
		WarnInstruction:  "this speaks to a machine that reads the text, not about the person; nothing here counts",
		WarnForgedHeader: "this pretends to be a message of the system; nothing here counts",
	} {
		slices.SortFunc(found[code], func(a, b []int) int { return a[0] - b[0] })
		end := 0
		for _, m := range found[code] {
			if m[0] < end {
				continue
			}
			start := sentenceBefore(text, m[0])
			end = paragraphAfter(text, m[1])
			if strings.TrimSpace(text[m[1]:end]) == "" { // a heading: what it heads comes after a blank line
				end = paragraphAfter(text, end+len(text[end:])-len(strings.TrimLeft(text[end:], " \t\r\n")))
			}
			out = append(out, warning(code, message, at(start), at(end)))
		}
	}
	slices.SortFunc(out, func(a, b Warning) int {
		return cmp.Or(*a.Start-*b.Start, strings.Compare(string(a.Code), string(b.Code)))
	})
	return out
}

// smallLetters is the text with A to Z in small letters, byte for byte.
func smallLetters(text string) string {
	b := []byte(text)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// longestCommand bounds how far a command reaches where no paragraph ends, in bytes.
const longestCommand = 600

// sentenceBefore returns where the sentence around byte i begins.
func sentenceBefore(text string, i int) int {
	for start := i; start > 0 && i-start < longestCommand; start-- {
		switch text[start-1] {
		case '\n':
			return start
		case '.', '!', '?':
			if text[start] == ' ' {
				return start + 1
			}
		case ' ':
			if start > 1 && text[start-2] == ' ' { // what parts cells where lines are lost
				return start
			}
		}
	}
	start := max(0, i-longestCommand)
	for !utf8.RuneStart(text[start]) {
		start++
	}
	return start
}

// paragraphAfter returns where the paragraph around byte i ends.
func paragraphAfter(text string, i int) int {
	limit := min(len(text), i+longestCommand)
	for end := i; end < limit; end++ {
		if text[end] == '\n' && (end+1 == len(text) || blankLine(text[end+1:])) {
			return end
		}
	}
	for limit < len(text) && !utf8.RuneStart(text[limit]) {
		limit++
	}
	return limit
}

// blankLine reports whether the text begins with a line that has nothing on it.
func blankLine(text string) bool {
	for i := range len(text) {
		switch text[i] {
		case '\n':
			return true
		case ' ', '\t', '\r':
		default:
			return false
		}
	}
	return true
}

// nameLabel is a line that says whose the following is.
var nameLabel = regexp.MustCompile(`(?i)^[ \t]*(?:full name|name|nom complet|nom|nombre|nome|vor- und nachname|姓名|氏名|الاسم)[ \t]*[::][ \t]*(\S[^\n]{0,79})$`)

// opening is a line with which a CV begins.
var opening = regexp.MustCompile(`(?i)^[ \t#*]*(?:curriculum vitae|r[ée]sum[ée]|lebenslauf|currículum|履歴書|简历)(?: (?:of|von|de)\b[^\n]{0,60})?[ \t*]*$`)

// linesWith returns the submatches of the lines, at most mostWarnings, that have
// one of words and match.
func linesWith(line *regexp.Regexp, text, small string, words ...string) [][]string {
	var out [][]string
	for at := 0; at < len(text) && len(out) < mostWarnings; {
		end := len(text)
		if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
			end = at + i
		}
		if end-at < 200 && slices.ContainsFunc(words, func(w string) bool { return strings.Contains(small[at:end], w) }) {
			if m := line.FindStringSubmatch(text[at:end]); m != nil {
				out = append(out, m)
			}
		}
		at = end + 1
	}
	return out
}

// severalPeople reports whether the text looks like that of more than one person.
func severalPeople(text, small string) (Warning, bool) {
	names := map[string]bool{}
	for _, m := range linesWith(nameLabel, text, small, "name", "nom", "姓名", "氏名", "الاسم") {
		names[normWords(m[1])] = true
	}
	if len(names) < 2 && len(linesWith(opening, text, small, "vitae", "resume", "résumé", "lebenslauf", "currículum", "履歴書", "简历")) < 2 {
		return Warning{}, false
	}
	return Warning{Code: WarnSeveralPeople, Message: "this looks like texts of several people; make a persona of each"}, true
}
