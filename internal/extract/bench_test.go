package extract

import (
	"os"
	"testing"

	"github.com/persona-api/persona-api/internal/persona"
)

// BenchmarkExtractCV reads a CV of the usual length, about 5,000 characters.
func BenchmarkExtractCV(b *testing.B) {
	raw, err := os.ReadFile("testdata/about/cv_long.txt")
	if err != nil {
		b.Fatal(err)
	}
	s := string(raw)
	e := New()
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Extract(b.Context(), persona.Source{Text: &s}, func([]persona.Draft) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
