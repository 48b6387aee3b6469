package crf

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// magic opens a file of weights; its last sign is the version.
const magic = "crf-field-1"

// most bounds what a file may declare.
const most = 1 << 24

// Write writes the model, compressed. Equal models give equal bytes.
func (m *Model) Write(w io.Writer) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("write weights: %w", err)
	}
	b := []byte(magic)
	number := func(v int) { b = binary.AppendUvarint(b, uint64(v)) }
	number(len(m.labels))
	for _, l := range m.labels {
		number(len(l))
		b = append(b, l...)
	}
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(m.scale))
	for _, list := range [][]float32{m.moves, m.first} {
		for _, v := range list {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
	}
	keys := m.keys()
	number(len(keys))
	last := uint32(0)
	for _, k := range keys {
		number(int(k - last))
		last = k
	}
	// Column by column: the weights of one label resemble each other.
	n := len(m.labels)
	for y := range n {
		for r := range keys {
			b = append(b, byte(m.weight(r, y)))
		}
	}
	if _, err := z.Write(b); err != nil {
		return fmt.Errorf("write weights: %w", err)
	}
	return z.Close()
}

// keys returns the features in the order of their rows, which is ascending.
func (m *Model) keys() []uint32 {
	keys := make([]uint32, len(m.rows)/max(1, m.words))
	for _, s := range m.table {
		if s.row > 0 {
			keys[s.row-1] = s.key
		}
	}
	return keys
}

var errFormat = errors.New("read weights: not a file that this version wrote; train it anew")

// Read reads a model that Write wrote. Anything else is an error.
func Read(r io.Reader) (*Model, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("read weights: %w", err)
	}
	b := bufio.NewReaderSize(z, 1<<16)
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(b, head); err != nil || string(head) != magic {
		return nil, errFormat
	}
	number := func() int {
		v, failed := binary.ReadUvarint(b)
		if failed != nil || v > math.MaxUint32 {
			err = errFormat
			return 0
		}
		return int(v)
	}
	m := &Model{}
	n := number()
	if err != nil || n == 0 || n > 255 {
		return nil, errFormat
	}
	for range n {
		size := number()
		if err != nil || size > 255 {
			return nil, errFormat
		}
		name := make([]byte, size)
		if _, err := io.ReadFull(b, name); err != nil {
			return nil, errFormat
		}
		m.labels = append(m.labels, string(name))
	}
	floats := make([]float32, 1+(Joints*n+1)*n)
	if err := binary.Read(b, binary.LittleEndian, floats); err != nil {
		return nil, errFormat
	}
	m.scale, m.moves, m.first = floats[0], floats[1:1+Joints*n*n], floats[1+Joints*n*n:]
	count := number()
	if err != nil || count > most/n {
		return nil, errFormat
	}
	keys := make([]uint32, count)
	last := 0
	for i := range keys {
		last += number()
		keys[i] = uint32(last)
	}
	if err != nil || last > math.MaxUint32 {
		return nil, errFormat
	}
	m.reserve(count)
	column := make([]byte, count)
	for y := range n {
		if _, err := io.ReadFull(b, column); err != nil {
			return nil, errFormat
		}
		for r, v := range column {
			m.setWeight(r, y, int8(v))
		}
	}
	if _, err := b.ReadByte(); !errors.Is(err, io.EOF) {
		return nil, errFormat
	}
	m.fill(keys)
	return m, nil
}
