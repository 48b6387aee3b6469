package extract

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/persona-api/persona-api/internal/persona"
)

// BenchmarkExtractCV reads a CV of the usual length, about 5,000 characters.
func BenchmarkExtractCV(b *testing.B) { extractFile(b, "testdata/about/cv_long.txt") }

// BenchmarkExtractBiography reads a biography of about 1,000 characters.
func BenchmarkExtractBiography(b *testing.B) { extractFile(b, "testdata/about/bio_pronouns.txt") }

func extractFile(b *testing.B, file string) {
	raw, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	extract(b, string(raw))
}

// BenchmarkExtractHostile reads texts made to keep a reader busy, of 50,000 and of
// 100,000 code points: ns/point must be about the same for both.
func BenchmarkExtractHostile(b *testing.B) {
	for name, unit := range hostile {
		for _, n := range []int{persona.MaxText / 2, persona.MaxText} {
			b.Run(name+map[bool]string{true: "/whole", false: "/half"}[n == persona.MaxText], func(b *testing.B) {
				s := strings.Repeat(unit, n/utf8.RuneCountInString(unit))
				extract(b, s)
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/point")
			})
		}
	}
}

func extract(b *testing.B, s string) {
	b.Helper()
	e := New()
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Extract(b.Context(), persona.Source{Text: &s}, func([]persona.Draft) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
