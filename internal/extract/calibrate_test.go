package extract

import (
	"testing"

	"github.com/persona-api/persona-api/internal/persona"
)

func TestCalibration(t *testing.T) {
	c := calibration{}
	for _, line := range []string{"role\t700\t650", "role\t900\t800"} {
		if err := c.line(line); err != nil {
			t.Fatal(err)
		}
	}
	for raw, want := range map[persona.PerMille]persona.PerMille{500: 500, 690: 650, 700: 650, 899: 650, 900: 800, 1000: 800} {
		if got := c.of("role", raw); got != want {
			t.Errorf("role at %d is worth %d, not %d", raw, got, want)
		}
		if got := c.of("name", raw); got != raw {
			t.Errorf("name at %d is worth %d although nothing is known of names", raw, got)
		}
	}
	for _, line := range []string{"role\t700", "rule\t700\t650", "role\tx\t650", "role\t950\tx", "role\t950\t1000", "role\t1001\t900", "role\t900\t900", "role\t950\t700"} {
		if err := c.line(line); err == nil {
			t.Errorf("%q was taken", line)
		}
	}
}

// The calibrated engine says what the rules say; only how sure it is differs.
func TestCalibrationTouchesConfidenceAlone(t *testing.T) {
	s := file(t, "about/cv_long.txt")
	var raw, calibrated []persona.Draft
	for e, out := range map[*Engine]*[]persona.Draft{Uncalibrated(): &raw, New(): &calibrated} {
		if _, err := e.Extract(t.Context(), persona.Source{Text: &s}, func(ds []persona.Draft) error { *out = append(*out, ds...); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if len(raw) == 0 || len(raw) != len(calibrated) {
		t.Fatalf("%d drafts and %d", len(raw), len(calibrated))
	}
	changed := 0
	for i := range raw {
		if raw[i].Confidence != calibrated[i].Confidence {
			changed++
		}
		if want := engine.lex.worths.of(raw[i].Path, raw[i].Confidence); calibrated[i].Confidence != want {
			t.Errorf("%s at %d became %d, not %d", raw[i].Path, raw[i].Confidence, calibrated[i].Confidence, want)
		}
		calibrated[i].Confidence = raw[i].Confidence
		if show(raw[i]) != show(calibrated[i]) || raw[i].Start != calibrated[i].Start || raw[i].End != calibrated[i].End {
			t.Errorf("%q became %q", show(raw[i]), show(calibrated[i]))
		}
	}
	if changed == 0 {
		t.Error("the table changes nothing")
	}
}
