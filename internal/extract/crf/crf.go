// Package crf is a linear-chain conditional random field over sparse features: it
// gives every token of a sequence a label, each with its probability. It knows
// nothing of texts; who uses it says what the features are.
//
// J. Lafferty, A. McCallum and F. Pereira, Conditional Random Fields, ICML 2001.
package crf

import "math"

// Sequence is the tokens of one text.
type Sequence struct {
	Features [][]uint32 // of each token, as hashes
	Joints   []uint8    // what stands between a token and the one before it, less than Joints
	Labels   []uint8    // the index of each token's label; only for training
}

// Joints is how many kinds of joints there are. Each has transitions of its own.
const Joints = 6

// Model is a trained field. It is read only and may be used by any number of goroutines.
type Model struct {
	labels []string
	table  []slot   // open addressing, a power of two
	rows   []uint64 // of each feature the weights of all labels, four to a word
	words  int      // of a row
	scale  float32
	moves  []float32 // exp of the transitions: joint, label before, label
	first  []float32 // exp of the weights of the first label
}

// slot leads from a feature's hash to its row, counted from 1; 0 is empty.
type slot struct {
	key uint32
	row int32
}

// A weight is a byte from -127 to 127. In a row it stands in 16 bits, raised by
// offset to be positive, so that one addition sums four labels.
const (
	offset     = 128
	mostSummed = 255
)

func (m *Model) setWeight(r, y int, w int8) {
	m.rows[r*m.words+y/4] += uint64(int(w)+offset) << (y % 4 * 16)
}

func (m *Model) weight(r, y int) int8 {
	return int8(int(m.rows[r*m.words+y/4]>>(y%4*16)&0xFFFF) - offset)
}

// reserve makes room for rows.
func (m *Model) reserve(rows int) {
	m.words = (len(m.labels) + 3) / 4
	m.rows = make([]uint64, rows*m.words)
}

// Labels are the names of the labels, in the order of their indices.
func (m *Model) Labels() []string { return m.labels }

func (m *Model) row(key uint32) int {
	mask := uint32(len(m.table) - 1)
	for i := key * 0x9E3779B1 >> 7 & mask; ; i = (i + 1) & mask {
		s := &m.table[i]
		if s.row == 0 {
			return -1
		}
		if s.key == key {
			return int(s.row) - 1
		}
	}
}

// Marginals returns the probability of each label at each token, flat: label y of
// token i stands at i*len(Labels())+y.
func (m *Model) Marginals(s *Sequence) []float32 {
	n, words := len(m.labels), m.words
	psi := make([]float32, len(s.Features)*n)
	sums := make([]uint64, words)
	for i, fs := range s.Features {
		clear(sums)
		known := 0
		for j, f := range fs {
			if j == mostSummed {
				break // a sum holds no more
			}
			r := m.row(f)
			if r < 0 {
				continue
			}
			known++
			for y, w := range m.rows[r*words : r*words+words] {
				sums[y] += w
			}
		}
		row := psi[i*n : i*n+n]
		for y := range row {
			row[y] = float32(int(sums[y/4]>>(y%4*16)&0xFFFF)-known*offset) * m.scale
		}
		exponentiate(row)
	}
	l := lattice{n: n, moves: m.moves, first: m.first}
	return l.run(psi, s.Joints)
}

// exponentiate replaces scores by their exponentials, the highest being 1.
func exponentiate(row []float32) {
	high := row[0]
	for _, v := range row {
		high = max(high, v)
	}
	for y, v := range row {
		if v -= high; v > -30 {
			row[y] = float32(math.Exp(float64(v)))
		} else {
			row[y] = 0
		}
	}
}

// lattice runs the forward-backward algorithm. Its buffers are used again.
type lattice struct {
	n            int
	moves, first []float32
	alpha, beta  []float32
	next         []float32
}

// run returns the marginals in a buffer of the lattice's own. Each step is scaled to
// the sum 1, so that nothing underflows.
func (l *lattice) run(psi []float32, joints []uint8) []float32 {
	n, size := l.n, len(psi)
	if cap(l.alpha) < size {
		l.alpha, l.beta = make([]float32, size), make([]float32, size)
		l.next = make([]float32, n)
	}
	alpha, beta := l.alpha[:size], l.beta[:size]
	if size == 0 {
		return alpha
	}
	for y := range n {
		alpha[y] = l.first[y] * psi[y]
	}
	norm(alpha[:n])
	for i := n; i < size; i += n {
		moves := l.moves[int(joints[i/n])*n*n:]
		row := alpha[i : i+n]
		clear(row)
		for x, a := range alpha[i-n : i] {
			if a < 1e-9 {
				continue
			}
			for y, w := range moves[x*n : x*n+n] {
				row[y] += a * w
			}
		}
		for y, p := range psi[i : i+n] {
			row[y] *= p
		}
		norm(row)
	}
	last := beta[size-n:]
	for y := range last {
		last[y] = 1
	}
	next := l.next
	for i := size - n; i > 0; i -= n {
		moves := l.moves[int(joints[i/n])*n*n:]
		for y, p := range psi[i : i+n] {
			next[y] = p * beta[i+y]
		}
		row := beta[i-n : i]
		for x := range row {
			sum := float32(0)
			for y, w := range moves[x*n : x*n+n] {
				sum += w * next[y]
			}
			row[x] = sum
		}
		norm(row)
	}
	for i := 0; i < size; i += n {
		for y := range n {
			alpha[i+y] *= beta[i+y]
		}
		norm(alpha[i : i+n])
	}
	return alpha
}

func norm(row []float32) {
	sum := float32(0)
	for _, v := range row {
		sum += v
	}
	if sum <= 1e-30 {
		for y := range row {
			row[y] = 1 / float32(len(row))
		}
		return
	}
	for y := range row {
		row[y] /= sum
	}
}
