package synth

import (
	"encoding/json"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// deepest is how far an answer may nest. Its form needs three levels.
	deepest = 24
	// longestString is where a string that nobody closed is given up, in bytes.
	longestString = 16 << 10
	// effort bounds the reading of a broken answer, in steps per byte.
	effort = 8
)

// salvage returns the entries of the answer's list, whatever the answer looks
// like: wrapped in prose or code fences, cut off, with broken quotes, trailing
// commas, bare words. Every object that is complete and looks like an entry
// counts. whole reports that the list itself was there and closed, so that no
// entries means none. It never fails and takes time linear in the text.
func salvage(text string, list string, entry func(map[string]any) bool) (entries []map[string]any, whole bool) {
	// What a reasoning model thinks aloud is not its answer.
	if _, after, ok := strings.Cut(text, "</think>"); ok {
		text = after
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	if written := strings.TrimSpace(text); strings.HasPrefix(written, `"`) {
		_ = json.Unmarshal([]byte(written), &text) // some write the whole answer as a string
	}
	c := collector{list: list, entry: entry}
	first, last := strings.IndexByte(text, '{'), strings.LastIndexByte(text, '}')
	if first < 0 {
		return nil, false
	}
	if first < last {
		var v any
		if json.Unmarshal([]byte(text[first:last+1]), &v) == nil {
			c.walk(v, 0)
			return c.entries, c.whole
		}
	}
	s := scanner{text: text, at: first, effort: effort * len(text), object: c.object}
	for s.at < len(text) && s.effort > 0 {
		from := s.at
		if text[s.at] == '{' {
			s.value(0)
		}
		if next := strings.IndexByte(text[max(s.at, from+1):], '{'); next >= 0 {
			s.at = max(s.at, from+1) + next
		} else {
			break
		}
	}
	return c.entries, c.whole
}

// collector keeps the objects that are wanted.
type collector struct {
	list    string
	entry   func(map[string]any) bool
	entries []map[string]any
	whole   bool
}

func (c *collector) object(o map[string]any) {
	if _, ok := o[c.list].([]any); ok {
		c.whole = true
	}
	if c.entry(o) {
		c.entries = append(c.entries, o)
	}
}

// walk visits all objects of a value, in order.
func (c *collector) walk(v any, depth int) {
	if depth > deepest {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			c.walk(e, depth+1)
		}
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			c.walk(v[k], depth+1)
		}
		c.object(v)
	}
}

// scanner reads JSON as models write it when they write it badly. Each complete
// object is handed on at once, so that what follows cannot take it back.
type scanner struct {
	text   string
	at     int
	effort int // steps left
	object func(map[string]any)
}

// value reads one value; ok is false where none can be made out, and at stands there.
func (s *scanner) value(depth int) (v any, ok bool) {
	if depth > deepest {
		return nil, false
	}
	switch s.blank(); {
	case s.at >= len(s.text):
		return nil, false
	case s.text[s.at] == '{':
		return s.members(depth)
	case s.text[s.at] == '[':
		return s.elements(depth)
	case s.quoteMark() != 0:
		return s.str(false)
	}
	return s.bare()
}

func (s *scanner) members(depth int) (any, bool) {
	s.at++
	o := map[string]any{}
	for {
		s.separators()
		if s.at >= len(s.text) {
			return nil, false
		}
		if s.text[s.at] == '}' {
			s.at++
			s.object(o)
			return o, true
		}
		var key any
		var ok bool
		if s.quoteMark() != 0 {
			key, ok = s.str(true)
		} else {
			key, ok = s.bare()
		}
		name, isName := key.(string)
		if s.blank(); !ok || !isName || s.at >= len(s.text) || s.text[s.at] != ':' {
			return nil, false
		}
		s.at++
		v, ok := s.value(depth + 1)
		if !ok {
			return nil, false
		}
		o[name] = v
	}
}

func (s *scanner) elements(depth int) (any, bool) {
	s.at++
	list := []any{}
	for {
		s.separators()
		if s.at >= len(s.text) {
			return nil, false
		}
		if s.text[s.at] == ']' {
			s.at++
			return list, true
		}
		v, ok := s.value(depth + 1)
		if !ok {
			return nil, false
		}
		list = append(list, v)
	}
}

// blank skips white space and comments.
func (s *scanner) blank() {
	for s.at < len(s.text) && s.effort > 0 {
		n := 1
		ahead := s.text[s.at:min(len(s.text), s.at+longestComment)]
		switch c := s.text[s.at]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
		case c == '/' || c == '#':
			n = comment(ahead)
		case strings.HasPrefix(s.text[s.at:], "\u00A0"):
			n = 2
		case strings.HasPrefix(s.text[s.at:], "\uFEFF"):
			n = 3
		default:
			return
		}
		if n == 0 {
			s.effort -= len(ahead) // one was looked for
			return
		}
		s.at += n
		s.effort -= n
	}
}

// longestComment is the longest comment that is taken for one, in bytes.
const longestComment = 1 << 10

// comment is the length of the comment that s begins with, 0 when none does.
func comment(s string) int {
	end, size := "\n", 0 // the line's end is a blank of its own
	switch {
	case strings.HasPrefix(s, "/*"):
		end, size = "*/", 2
	case strings.HasPrefix(s, "//"), strings.HasPrefix(s, "#"):
	default:
		return 0
	}
	if i := strings.Index(s, end); i >= 0 {
		return i + size
	}
	return 0
}

// separators skips white space and commas: one too many or too few changes nothing.
func (s *scanner) separators() {
	for s.blank(); s.at < len(s.text) && s.text[s.at] == ','; s.blank() {
		s.at++
	}
}

// quoteMark is the mark that closes a string opened here, 0 when none is.
func (s *scanner) quoteMark() rune {
	switch r, _ := utf8.DecodeRuneInString(s.text[s.at:]); r {
	case '"', '\'':
		return r
	case '“', '„':
		return '”'
	}
	return 0
}

// str reads a string. A mark inside closes it only where what follows can follow a
// string; other marks belong to it, as do line breaks.
func (s *scanner) str(key bool) (any, bool) {
	closing := s.quoteMark()
	_, size := utf8.DecodeRuneInString(s.text[s.at:])
	start := s.at + size
	var b strings.Builder
	for i := start; i < len(s.text) && i-start < longestString && s.effort > 0; s.effort-- {
		r, size := utf8.DecodeRuneInString(s.text[i:])
		switch {
		case r == '\\':
			n, e := escape(s.text[i:])
			b.WriteString(e)
			i += n
			continue
		case (r == closing || closing == '”' && r == '"') && s.closes(i+size, key):
			s.at = i + size
			return b.String(), true
		}
		b.WriteRune(r)
		i += size
	}
	s.at = start // the next object may begin inside what was taken for a string
	return nil, false
}

// closes reports whether a string may end before i.
func (s *scanner) closes(i int, key bool) bool {
	rest := strings.TrimLeft(s.text[i:min(i+64, len(s.text))], " \t\r\n")
	if rest == "" {
		return i >= len(s.text)
	}
	switch rest[0] {
	case ':':
		return key
	case '}', ']':
		return !key
	case '/', '#':
		return !key && begunComment.MatchString(rest)
	case ',':
		after := strings.TrimLeft(rest[1:], " \t\r\n")
		return !key && (after == "" || strings.ContainsRune("\"'“{[}]-0123456789", firstRune(after)) || begunComment.MatchString(after) || bareKey.MatchString(after))
	case '"':
		// A comma was forgotten between two lines.
		return !key && strings.Contains(s.text[i:i+strings.IndexByte(s.text[i:], '"')], "\n")
	}
	return false
}

// bareKey finds a key that is written without quotation marks.
var bareKey = regexp.MustCompile(`^(path|value|parts|quote|basis|confidence|name|text|cites)[ \t]*:`)

// begunComment finds a comment that follows a value.
var begunComment = regexp.MustCompile(`^(//|/\*|# )`)

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// escape reads the escape that s begins with; an unknown one is its character.
func escape(s string) (size int, text string) {
	if len(s) < 2 {
		return len(s), ""
	}
	switch s[1] {
	case 'n':
		return 2, "\n"
	case 't':
		return 2, "\t"
	case 'r', 'b', 'f':
		return 2, " "
	case 'u':
		var v string
		if n := min(6, len(s)); n == 6 && json.Unmarshal([]byte(`"`+s[:6]+`"`), &v) == nil {
			if v == "\uFFFD" && len(s) >= 12 && json.Unmarshal([]byte(`"`+s[:12]+`"`), &v) == nil && utf8.RuneCountInString(v) == 1 {
				return 12, v // two halves of one character
			}
			return 6, strings.ToValidUTF8(v, "\uFFFD")
		}
		return 2, ""
	}
	_, n := utf8.DecodeRuneInString(s[1:])
	return 1 + n, s[1 : 1+n]
}

// bare reads a number, true, false, null or a word without quotes.
func (s *scanner) bare() (any, bool) {
	start := s.at
	for s.at < len(s.text) && s.at-start < 64 {
		r, n := utf8.DecodeRuneInString(s.text[s.at:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_.+-%", r) {
			break
		}
		s.at += n
		s.effort--
	}
	switch word := s.text[start:s.at]; word {
	case "":
		return nil, false
	case "true", "True":
		return true, true
	case "false", "False":
		return false, true
	case "null", "None", "undefined", "NaN", "Infinity", "-Infinity":
		return nil, true
	default:
		if f, err := strconv.ParseFloat(word, 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return f, true
		}
		return word, true
	}
}
