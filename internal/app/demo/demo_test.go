package demo_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/app/demo"
	"github.com/persona-api/persona-api/internal/persona"
)

func TestPeopleAreTwelveDifferentTexts(t *testing.T) {
	people := demo.People()
	require.Len(t, people, 12)
	texts, titles, kinds := map[string]bool{}, map[string]bool{}, map[persona.SourceKind]bool{}
	for _, p := range people {
		require.NotEmpty(t, strings.TrimSpace(p.Text), p.Title)
		require.True(t, utf8.ValidString(p.Text+p.Title), p.Title)
		require.Greater(t, utf8.RuneCountInString(p.Text), 400, p.Title)
		require.Less(t, utf8.RuneCountInString(p.Text), persona.MaxText, p.Title)
		require.LessOrEqual(t, len(strings.Fields(p.Text)), 500, p.Title)
		require.Contains(t, p.Tags, "demo", p.Title)
		if p.AsOf != nil {
			require.Equal(t, "UTC", p.AsOf.Location().String(), p.Title)
		}
		texts[p.Text], titles[p.Title], kinds[p.Kind] = true, true, true
	}
	require.Len(t, texts, 12)
	require.Len(t, titles, 12)
	for _, k := range []persona.SourceKind{persona.KindText, persona.KindDocument, persona.KindInterview, persona.KindChat, persona.KindEmail} {
		require.True(t, kinds[k], "no sample of kind %s", k)
	}
}

var (
	flattened = regexp.MustCompile(`\S  \S`)
	address   = regexp.MustCompile(`[\w.+-]+@([\w.-]+\.\w+)`)
	link      = regexp.MustCompile(`https?://\S+`)
	phone     = regexp.MustCompile(`\+?\d[\d ()-]{8,}\d`)

	// Domains that RFC 2606 keeps for examples.
	reserved = regexp.MustCompile(`(^|\.)example\.(org|com|net)$`)
	// Numbers that the regulators of North America, the United Kingdom, Germany and
	// Sweden never assign: they are kept for films and for samples like these.
	fictional = regexp.MustCompile(`^(\+1 \d{3} 555 01\d\d|07700 900\d{3}|\+49 30 23125 \d{3}|\+46 31 390 06 [0-4]\d)$`)
	years     = regexp.MustCompile(`^\d{4} ?- ?\d{4}$`)
)

func TestOnlyTheFlattenedCVHasLostItsLines(t *testing.T) {
	for _, p := range demo.People() {
		lines := strings.Count(strings.TrimSpace(p.Text), "\n") + 1
		if strings.HasPrefix(p.Title, "CV, Wanjiru") {
			require.Equal(t, 1, lines)
			require.Greater(t, len(flattened.FindAllString(p.Text, -1)), 30)
			continue
		}
		require.Greater(t, lines, 5, p.Title)
		require.Empty(t, flattened.FindAllString(p.Text, -1), p.Title)
	}
}

func TestNobodyCanBeReached(t *testing.T) {
	var addresses, links, phones int
	for _, p := range demo.People() {
		for _, m := range address.FindAllStringSubmatch(p.Text, -1) {
			require.Regexp(t, reserved, m[1])
			addresses++
		}
		for _, s := range link.FindAllString(p.Text, -1) {
			u, err := url.Parse(s)
			require.NoError(t, err)
			require.Regexp(t, reserved, u.Hostname())
			links++
		}
		for _, s := range phone.FindAllString(p.Text, -1) {
			if years.MatchString(s) {
				continue
			}
			require.Regexp(t, fictional, s)
			phones++
		}
	}
	require.GreaterOrEqual(t, addresses, 12)
	require.GreaterOrEqual(t, links, 5)
	require.Equal(t, 4, phones)
}
