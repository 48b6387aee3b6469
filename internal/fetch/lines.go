package fetch

import "strings"

// lines writes words in lines: what stands between two words is owed until the
// second one comes, so that markup without text leaves nothing behind.
type lines struct {
	text   strings.Builder
	breaks int  // line ends owed
	space  rune // a space or tab owed, 0 for none; a line end counts more
}

func (w *lines) word(s string) {
	if w.text.Len() > 0 {
		if w.breaks > 0 {
			w.text.WriteString(strings.Repeat("\n", min(w.breaks, 2)))
		} else if w.space != 0 {
			w.text.WriteRune(w.space)
		}
	}
	w.breaks, w.space = 0, 0
	// A soft hyphen is where a word may be broken, and no part of it.
	w.text.WriteString(strings.ReplaceAll(s, "\u00ad", ""))
}

// String returns what was written.
func (w *lines) String() string { return strings.TrimSpace(w.text.String()) }
