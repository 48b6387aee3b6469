package crf

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
)

// Options say how to train.
type Options struct {
	Epochs  int     // how often each sequence is seen
	Rate    float64 // the step of AdaGrad
	Decay   float64 // what every weight loses per epoch, as a share of it
	Dropout float64 // the share of features that are left out of each look at a token
	Seen    int     // in how many sequences a feature must occur to be kept
	Piece   int     // sequences are cut into pieces of at least so many tokens at joints from kind Cut on
	Cut     uint8
	Seed    uint64
	Members int     // how many fields are trained, each with its own shuffling, and averaged
	Least   float64 // rows of which no weight reaches this are dropped
}

// Train fits a field to the sequences, in which a label stands after another only
// where allowed says so; before is -1 at the beginning. It works by stochastic
// gradient with AdaGrad (Duchi, Hazan and Singer, 2011); features are dropped out
// at random, the weights averaged over the second half of the epochs. The same
// input gives the same model.
func Train(labels []string, allowed func(joint, before, label int) bool, seqs []Sequence, o Options) *Model {
	ids, rows := index(seqs, o.Seen)
	pieces := cut(seqs, ids, o)
	members := make([]*trainer, max(1, o.Members))
	var wait sync.WaitGroup
	for i := range members {
		wait.Go(func() {
			members[i] = newTrainer(len(labels), rows, allowed)
			members[i].run(slices.Clone(pieces), o, o.Seed+uint64(i))
		})
	}
	wait.Wait()
	mean := members[0]
	for i, w := range mean.sum {
		for _, m := range members[1:] {
			w += m.sum[i]
		}
		mean.sum[i] = w / float32(len(members))
	}
	for i, w := range mean.movesSum {
		for _, m := range members[1:] {
			w += m.movesSum[i]
		}
		mean.movesSum[i] = w / float32(len(members))
	}
	return mean.model(labels, ids, o.Least)
}

func newTrainer(n, rows int, allowed func(joint, before, label int) bool) *trainer {
	moves := (Joints*n + 1) * n
	tr := &trainer{
		n: n, w: make([]float32, rows*n), g: make([]float32, rows*n), sum: make([]float32, rows*n),
		moves: make([]float32, moves), movesG: make([]float32, moves), movesSum: make([]float32, moves),
	}
	for j := range Joints {
		for x := range n {
			for y := range n {
				tr.banned = append(tr.banned, !allowed(j, x, y))
			}
		}
	}
	for y := range n {
		tr.banned = append(tr.banned, !allowed(0, -1, y))
	}
	return tr
}

// run trains one member; its averaged weights are in sum and movesSum then.
func (tr *trainer) run(pieces []piece, o Options, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a training run is to be repeatable
	averaged := 0
	for epoch := range o.Epochs {
		rng.Shuffle(len(pieces), func(i, j int) { pieces[i], pieces[j] = pieces[j], pieces[i] })
		for i, p := range pieces {
			if i%8 == 0 {
				tr.exponentiate()
			}
			tr.step(p, float32(o.Rate), o.Dropout, rng)
		}
		keep := float32(1 - o.Decay)
		for i := range tr.w {
			tr.w[i] *= keep
		}
		if epoch >= o.Epochs/2 {
			averaged++
			for i, w := range tr.w {
				tr.sum[i] += w
			}
			for i, w := range tr.moves {
				tr.movesSum[i] += w
			}
		}
	}
	// While training, only a share of a token's features was there.
	share := float32(1-o.Dropout) / float32(averaged)
	for i := range tr.sum {
		tr.sum[i] *= share
	}
	for i := range tr.movesSum {
		tr.movesSum[i] /= float32(averaged)
	}
}

// index numbers the features that occur in enough sequences, in the order of their hashes.
func index(seqs []Sequence, seen int) (map[uint32]int32, int) {
	count, last := map[uint32]int32{}, map[uint32]int32{}
	for i, s := range seqs {
		for _, fs := range s.Features {
			for _, f := range fs {
				if last[f] != int32(i+1) {
					last[f] = int32(i + 1)
					count[f]++
				}
			}
		}
	}
	var keys []uint32
	for f, c := range count {
		if int(c) >= seen {
			keys = append(keys, f)
		}
	}
	slices.Sort(keys)
	ids := make(map[uint32]int32, len(keys))
	for i, k := range keys {
		ids[k] = int32(i)
	}
	return ids, len(keys)
}

// piece is a stretch of a sequence, its features as rows.
type piece struct {
	features [][]int32
	joints   []uint8
	labels   []uint8
}

func cut(seqs []Sequence, ids map[uint32]int32, o Options) []piece {
	var out []piece
	for _, s := range seqs {
		var p piece
		for i, fs := range s.Features {
			if len(p.labels) >= o.Piece && s.Joints[i] >= o.Cut && s.Labels[i] == 0 {
				out = append(out, p)
				p = piece{}
			}
			rows := make([]int32, 0, len(fs))
			for _, f := range fs {
				if id, ok := ids[f]; ok {
					rows = append(rows, id)
				}
			}
			p.features, p.joints, p.labels = append(p.features, rows), append(p.joints, s.Joints[i]), append(p.labels, s.Labels[i])
		}
		if len(p.labels) > 0 {
			out = append(out, p)
		}
	}
	return out
}

type trainer struct {
	n                       int
	w, g, sum               []float32
	moves, movesG, movesSum []float32 // transitions by joint, then the first label's
	banned                  []bool
	exp                     []float32
	lattice                 lattice
	psi                     []float32
	kept                    [][]int32
}

// exponentiate prepares the transitions for the lattice.
func (tr *trainer) exponentiate() {
	if tr.exp == nil {
		tr.exp = make([]float32, len(tr.moves))
	}
	tr.lattice.n = tr.n
	tr.lattice.moves, tr.lattice.first = transitions(tr.moves, tr.exp, tr.banned, tr.n)
}

func transitions(moves, exp []float32, banned []bool, n int) (m, first []float32) {
	for i, v := range moves {
		exp[i] = float32(math.Exp(float64(v)))
		if banned[i] {
			exp[i] = 0
		}
	}
	return exp[:Joints*n*n], exp[Joints*n*n:]
}

func (tr *trainer) step(p piece, rate float32, dropout float64, rng *rand.Rand) {
	n := tr.n
	size := len(p.labels) * n
	if cap(tr.psi) < size {
		tr.psi = make([]float32, size)
	}
	psi := tr.psi[:size]
	clear(psi)
	limit := uint32(dropout * (1 << 16))
	tr.kept = tr.kept[:0]
	for i, fs := range p.features {
		row := psi[i*n : i*n+n]
		kept := fs
		if limit > 0 {
			kept = make([]int32, 0, len(fs))
			for j := 0; j < len(fs); j += 4 {
				bits := rng.Uint64()
				for _, f := range fs[j:min(j+4, len(fs))] {
					if uint32(bits&0xFFFF) >= limit {
						kept = append(kept, f)
					}
					bits >>= 16
				}
			}
		}
		tr.kept = append(tr.kept, kept)
		for _, f := range kept {
			for y, w := range tr.w[int(f)*n : int(f)*n+n] {
				row[y] += w
			}
		}
		exponentiate(row)
	}
	marginals := tr.lattice.run(psi, p.joints)
	for i, gold := range p.labels {
		row := marginals[i*n : i*n+n]
		for y, q := range row {
			d := -q
			if y == int(gold) {
				d += 1
			}
			if d < 2e-3 && d > -2e-3 {
				continue
			}
			square := d * d
			for _, f := range tr.kept[i] {
				j := int(f)*n + y
				tr.g[j] += square
				tr.w[j] += rate * d / float32(math.Sqrt(float64(tr.g[j])+1e-2))
			}
		}
	}
	// Transitions: the gold one against the expected ones given the neighbours' marginals,
	// which is exact for a pair of labels that the lattice scores as it does here.
	beta := tr.lattice.beta[:size]
	move := func(j int, d float32) {
		if d < 1e-3 && d > -1e-3 {
			return
		}
		tr.movesG[j] += d * d
		tr.moves[j] += rate * d / float32(math.Sqrt(float64(tr.movesG[j])+1e-2))
	}
	for y := range n {
		d := -marginals[y]
		if int(p.labels[0]) == y {
			d += 1
		}
		move(Joints*n*n+y, d)
	}
	next := tr.lattice.next
	pair := make([]float32, n*n)
	for i := 1; i < len(p.labels); i++ {
		base := int(p.joints[i]) * n * n
		exp := tr.lattice.moves[base : base+n*n]
		before := marginals[(i-1)*n : i*n]
		for y := range n {
			next[y] = psi[i*n+y] * beta[i*n+y]
		}
		// P(x, y) = P(x) · exp(move) · psi(y) · beta(y) / Σy of the same.
		for x, px := range before {
			row := pair[x*n : x*n+n]
			if px < 1e-4 {
				clear(row)
				continue
			}
			total := float32(0)
			for y, w := range exp[x*n : x*n+n] {
				row[y] = w * next[y]
				total += row[y]
			}
			if total <= 1e-30 {
				clear(row)
				continue
			}
			for y := range row {
				row[y] *= px / total
			}
		}
		gold := int(p.labels[i-1])*n + int(p.labels[i])
		pair[gold] -= 1
		for j, q := range pair {
			if q != 0 {
				move(base+j, -q)
			}
		}
	}
}

func (tr *trainer) model(labels []string, ids map[uint32]int32, least float64) *Model {
	n := tr.n
	high := float32(0)
	for _, w := range tr.sum {
		high = max(high, w, -w)
	}
	m := &Model{labels: labels, scale: high / 127}
	if m.scale == 0 {
		m.scale = 1
	}
	var keys []uint32
	for k := range ids {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var kept []uint32
	for _, k := range keys {
		row := tr.sum[int(ids[k])*n : int(ids[k])*n+n]
		top := float32(0)
		for _, w := range row {
			top = max(top, w, -w)
		}
		if float64(top) < least || top < m.scale/2 {
			continue
		}
		kept = append(kept, k)
	}
	m.fill(kept)
	m.reserve(len(kept))
	for r, k := range kept {
		for y, w := range tr.sum[int(ids[k])*n : int(ids[k])*n+n] {
			m.setWeight(r, y, int8(math.Round(float64(w/m.scale))))
		}
	}
	exp := make([]float32, len(tr.movesSum))
	m.moves, m.first = transitions(tr.movesSum, exp, tr.banned, n)
	return m
}

// fill builds the table of the keys, whose rows stand in their order.
func (m *Model) fill(keys []uint32) {
	size := 16
	for size < 2*len(keys) {
		size *= 2
	}
	m.table = make([]slot, size)
	mask := uint32(size - 1)
	for r, k := range keys {
		i := k * 0x9E3779B1 >> 7 & mask
		for m.table[i].row != 0 {
			i = (i + 1) & mask
		}
		m.table[i] = slot{k, int32(r) + 1}
	}
}
