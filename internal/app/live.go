package app

import (
	"fmt"
	"io"
	"os"
)

// live is one line of a terminal that is written again and again. Elsewhere it
// writes nothing.
type live struct{ terminal io.Writer }

func newLive(w io.Writer) live {
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return live{f}
		}
	}
	return live{}
}

// say puts the line in the place of the one before. The cursor goes back to its
// beginning, so that whatever is written next, by whomever, goes over it.
func (l live) say(format string, args ...any) {
	if l.terminal != nil {
		fmt.Fprintf(l.terminal, "\r\x1b[K"+format+"\r", args...)
	}
}

// clear takes the line away.
func (l live) clear() { l.say("") }
