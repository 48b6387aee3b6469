package extract

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/persona-api/persona-api/internal/persona"
)

// calibration says of each path what the rules' confidences are worth: from each
// raw confidence on, up to the next, the claims are that often right.
type calibration map[string][]worth

type worth struct{ from, to persona.PerMille }

// of returns the calibrated confidence. Of a path without steps, and below a
// path's first, the labels tell nothing: the raw one stays, but none is worth more
// than a higher one. So the result does not fall as raw rises.
func (c calibration) of(path string, raw persona.PerMille) persona.PerMille {
	steps := c[path]
	if len(steps) == 0 {
		return raw
	}
	out := min(raw, steps[0].to)
	for _, s := range steps {
		if s.from <= raw {
			out = s.to
		}
	}
	return out
}

// line reads a line of calibration.tsv. Lines of a path must rise in both
// columns; a broken line is a mistake of the build.
func (c calibration) line(s string) error {
	cells := strings.Split(s, "\t")
	if len(cells) != 3 || persona.FieldAt(cells[0]) == nil {
		return fmt.Errorf("calibration.tsv: %q is not a field's path, a raw and a calibrated confidence, parted by tabs", s)
	}
	from, err := strconv.ParseInt(cells[1], 10, 16)
	if err != nil {
		return fmt.Errorf("calibration.tsv: %q: %w", s, err)
	}
	to, err := strconv.ParseInt(cells[2], 10, 16)
	if err != nil {
		return fmt.Errorf("calibration.tsv: %q: %w", s, err)
	}
	steps := c[cells[0]]
	if from < 0 || from > 1000 || to < 1 || to > 999 || len(steps) > 0 && (from <= int64(steps[len(steps)-1].from) || to < int64(steps[len(steps)-1].to)) {
		return fmt.Errorf("calibration.tsv: %q: confidences must lie from 0 to 1000, calibrated ones from 1 to 999, and rise from line to line of a path", s)
	}
	c[cells[0]] = append(steps, worth{persona.PerMille(from), persona.PerMille(to)})
	return nil
}
