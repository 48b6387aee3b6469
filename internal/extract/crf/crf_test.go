package crf

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
)

// weather is a small world: hidden states that last, seen through noisy features.
func weather(n int, seed uint64) []Sequence {
	rng := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // repeatable
	out := make([]Sequence, n)
	for i := range out {
		s := &out[i]
		y := uint8(0)
		for range 30 {
			if rng.Float64() < .2 {
				y = uint8(rng.IntN(3))
			}
			seen := uint32(y)
			if rng.Float64() < .25 {
				seen = uint32(rng.IntN(3))
			}
			s.Features = append(s.Features, []uint32{100 + seen, 7, rng.Uint32()})
			s.Joints = append(s.Joints, uint8(rng.IntN(Joints)))
			s.Labels = append(s.Labels, y)
		}
	}
	return out
}

var options = Options{Epochs: 6, Rate: .1, Decay: .01, Dropout: .2, Seen: 3, Piece: 10, Cut: 3, Seed: 1, Least: .01}

func anything(int, int, int) bool { return true }

func best(row []float32) int {
	b := 0
	for y, v := range row {
		if v > row[b] {
			b = y
		}
	}
	return b
}

func TestLearnsStatesBeyondTheirFeatures(t *testing.T) {
	m := Train([]string{"a", "b", "c"}, anything, weather(200, 1), options)
	right, naive, all := 0, 0, 0
	for _, s := range weather(50, 2) {
		p := m.Marginals(&s)
		for i, y := range s.Labels {
			sum := float32(0)
			for _, v := range p[i*3 : i*3+3] {
				sum += v
			}
			if math.Abs(float64(sum)-1) > 1e-4 {
				t.Fatalf("the probabilities of token %d sum to %f", i, sum)
			}
			if best(p[i*3:i*3+3]) == int(y) {
				right++
			}
			if s.Features[i][0] == 100+uint32(y) {
				naive++
			}
			all++
		}
	}
	if right <= naive {
		t.Errorf("%d of %d right, %d by the features alone", right, all, naive)
	}
}

// TestMarginalsAreExact compares with the sum over all labellings.
func TestMarginalsAreExact(t *testing.T) {
	m := Train([]string{"a", "b", "c"}, anything, weather(50, 3), options)
	s := weather(1, 4)[0]
	s.Features, s.Joints = s.Features[:5], s.Joints[:5]
	want := make([]float64, 5*3)
	total := 0.
	for code := range 243 {
		y := [5]int{code % 3, code / 3 % 3, code / 9 % 3, code / 27 % 3, code / 81}
		weight := float64(m.first[y[0]])
		for i := range 5 {
			score := 0.
			for _, f := range s.Features[i] {
				if r := m.row(f); r >= 0 {
					score += float64(m.weight(r, y[i])) * float64(m.scale)
				}
			}
			weight *= math.Exp(score)
			if i > 0 {
				weight *= float64(m.moves[int(s.Joints[i])*9+y[i-1]*3+y[i]])
			}
		}
		total += weight
		for i := range 5 {
			want[i*3+y[i]] += weight
		}
	}
	for i, p := range m.Marginals(&s) {
		if math.Abs(float64(p)-want[i]/total) > 1e-4 {
			t.Errorf("token %d, label %d: %f, not %f", i/3, i%3, p, want[i]/total)
		}
	}
}

func TestForbiddenLabelsDoNotFollow(t *testing.T) {
	never := func(_, before, label int) bool { return before != 0 || label != 1 }
	m := Train([]string{"a", "b", "c"}, never, weather(50, 5), options)
	s := Sequence{Features: [][]uint32{{100}, {101}}, Joints: []uint8{0, 0}}
	p := m.Marginals(&s)
	// The second token may be b only as far as the first is not a.
	if p[3+1] > 1-p[0]+1e-4 {
		t.Errorf("first a %f, second b %f", p[0], p[3+1])
	}
}

func TestSameDataSameBytesAndBack(t *testing.T) {
	var files [2]bytes.Buffer
	var models [2]*Model
	for i := range files {
		models[i] = Train([]string{"a", "b", "c"}, anything, weather(60, 6), options)
		if err := models[i].Write(&files[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
		t.Error("two trainings on the same data differ")
	}
	read, err := Read(bytes.NewReader(files[0].Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	s := weather(1, 7)[0]
	want, got := models[0].Marginals(&s), read.Marginals(&s)
	for i := range want {
		if want[i] != got[i] {
			t.Fatalf("probability %d is %f once read, not %f", i, got[i], want[i])
		}
	}
	for cut := range []int{0, 5, 20, files[0].Len() / 2, files[0].Len() - 1} {
		if _, err := Read(bytes.NewReader(files[0].Bytes()[:cut])); err == nil {
			t.Errorf("%d bytes of a file of %d were read", cut, files[0].Len())
		}
	}
}

func TestNothingToLabel(t *testing.T) {
	m := Train([]string{"a", "b"}, anything, []Sequence{{Features: [][]uint32{{1}}, Joints: []uint8{0}, Labels: []uint8{0}}}, options)
	if p := m.Marginals(&Sequence{}); len(p) != 0 {
		t.Errorf("%v", p)
	}
}
