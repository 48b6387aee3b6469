package persona

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestIDsPrintTheirNounAndReadBack(t *testing.T) {
	id := NewID()
	require.Regexp(t, `^persona_[0-9a-f-]{36}$`, id.String())
	for _, s := range []string{id.String(), id.UUID.String()} {
		back, err := ParseID(s)
		require.NoError(t, err)
		require.Equal(t, id, back)
	}
	v := VersionID{id, 7}
	for _, n := range []any{id, NewSourceID(), NewRunID(), claimID("x"), v} {
		back, err := ParseNodeID(n.(interface{ String() string }).String())
		require.NoError(t, err)
		require.Equal(t, n, back)
	}
}

func TestWrongIDsAreInvalidAndNotEchoed(t *testing.T) {
	u := NewID().UUID.String()
	for _, s := range []string{"", "persona_", "persona_secret", "source_" + u, "{" + u + "}", "urn:uuid:" + u, strings.ReplaceAll(u, "-", ""), u + "x"} {
		_, err := ParseID(s)
		require.Equal(t, CodeInvalid, CodeOf(err), s)
		require.NotContains(t, err.Error(), "secret")
	}
	for _, s := range []string{u, "nobody_" + u, "version_" + u, "version_" + u + "_0", "version_" + u + "_x", ""} {
		_, err := ParseNodeID(s)
		require.Equal(t, CodeInvalid, CodeOf(err), s)
	}
}

func TestAFacetKeyIsBoundedAndItsOwnKey(t *testing.T) {
	require.Equal(t, "c++ and c#", FacetKey("  C++, and C#. "))
	for _, s := range []string{strings.Repeat("名", 300), strings.Repeat("x", 199) + " yz", strings.Repeat("ab ", 300), strings.Repeat("!", 300)} {
		key := FacetKey(s)
		require.LessOrEqual(t, utf8.RuneCountInString(key), 200)
		require.NotEmpty(t, key)
		require.Equal(t, key, FacetKey(key))
	}
}

func TestWindowRefusesWhatIsNoPage(t *testing.T) {
	n := func(i int) *int { return &i }
	c := Cursor{Order: "a", Key: "k", ID: "i"}.String()
	w, err := PageArgs{First: n(5), After: &c}.Window("a")
	require.NoError(t, err)
	require.Equal(t, Window{Limit: 5, After: &Cursor{"a", "k", "i"}}, w)
	for _, a := range []PageArgs{{First: n(101)}, {First: n(-1)}, {Last: n(101)}, {First: n(1), Last: n(1)}} {
		_, err := a.Window("a")
		require.Equal(t, CodeInvalid, CodeOf(err))
	}
	for _, s := range []string{"", "no cursor", "bm8"} {
		_, err := PageArgs{After: &s}.Window("a")
		require.Equal(t, CodeInvalid, CodeOf(err))
	}
	_, err = PageArgs{Before: &c}.Window("b")
	require.Equal(t, CodeInvalid, CodeOf(err), "a cursor of another order")
}
