package persona

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var testSources = func() (out []SourceID) {
	for i := range 3 {
		out = append(out, SourceID{key[sourceNoun]{uuid.UUID{15: byte(i + 1)}}})
	}
	return out
}()

// claims draws a set of claims of a persona over few paths, keys, sources and
// times, so that they meet often.
func claims(t *rapid.T, label string, home ID, sources []SourceID) []Claim {
	day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	dates := rapid.SampledFrom([]string{"", "", "2018", "2019-05", "2021"})
	var set []Claim
	for i := range rapid.IntRange(0, 14).Draw(t, label+" size") {
		c := Claim{
			PersonaID:  home,
			Op:         rapid.SampledFrom([]Op{OpAssert, OpAssert, OpAssert, OpAssert, OpDeny, OpLock}).Draw(t, "op"),
			Path:       rapid.SampledFrom([]string{"role", "location", "skills.hard", "career.positions"}).Draw(t, "path"),
			Value:      rapid.SampledFrom([]string{"Go", "go", "Rust", "SQL"}).Draw(t, "value"),
			Confidence: PerMille(rapid.SampledFrom([]int{300, 600, 900}).Draw(t, "confidence")),
			CreatedAt:  day.AddDate(0, 0, rapid.IntRange(0, 3).Draw(t, "day")),
		}
		human := c.Op != OpAssert || rapid.IntRange(0, 4).Draw(t, "human") == 0
		if human {
			who := "ada"
			c.Author, c.Basis, c.Confidence = &who, BasisEdited, 1000
		} else {
			src := rapid.SampledFrom(sources).Draw(t, "source")
			c.SourceID = &src
			c.Basis = rapid.SampledFrom([]Basis{BasisStated, BasisInferred}).Draw(t, "basis")
			c.ValidFrom, c.ValidTo = dates.Draw(t, "from"), dates.Draw(t, "to")
			if c.Basis == BasisStated {
				c.Start = rapid.IntRange(0, 30).Draw(t, "start")
				c.End, c.Quote = c.Start+2, "go"
			}
			c.AsOf = AsOf(slices.Index(sources, src))
		}
		if c.Op == OpDeny && rapid.Bool().Draw(t, "all") {
			c.Value = ""
		}
		if c.Op == OpLock {
			for _, o := range set {
				if o.Path == c.Path && o.Op == OpAssert {
					c.Cites = append(c.Cites, o.ID)
					break
				}
			}
		}
		c.Key = normWords(c.Value)
		c.ID = claimID(home.String(), label, fmt.Sprint(i))
		set = append(set, c)
	}
	for i := range rapid.IntRange(0, 3).Draw(t, label+" narratives") {
		c := Claim{ID: claimID(home.String(), label, "n", fmt.Sprint(i)), PersonaID: home, Op: OpAssert, Path: "summary", Value: fmt.Sprint("Somebody ", i), Basis: BasisInferred, Confidence: 500, CreatedAt: day}
		c.Key = normWords(c.Value)
		if len(set) > 0 {
			c.Cites = []ClaimID{rapid.SampledFrom(set).Draw(t, "cited").ID}
		}
		set = append(set, c)
	}
	return set
}

// AsOf is the date of the i-th source of a test: the first has none.
func AsOf(i int) *time.Time {
	if i == 0 {
		return nil
	}
	d := time.Date(2024-i, 1, 1, 0, 0, 0, 0, time.UTC)
	return &d
}

func TestFoldSeesTheSetAndNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := claims(t, "set", ID{}, testSources)
		want := string(Fold(set).encode())
		shuffled := rapid.Permutation(set).Draw(t, "order")
		require.Equal(t, want, string(Fold(shuffled).encode()), "another order")
		require.Equal(t, want, string(Fold(append(shuffled, set...)).encode()), "every claim twice")

		var back Profile
		require.NoError(t, json.Unmarshal([]byte(want), &back))
		require.Equal(t, want, string(back.encode()), "stored and read again")
	})
}

// TestFoldKeepsTheRanking checks the fold against the rules said once more, slowly:
// every pair of claims is compared by itself.
func TestFoldKeepsTheRanking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := claims(t, "set", ID{}, testSources)
		p := Fold(set)
		states := p.States()
		for i := range Fields {
			f := &Fields[i]
			if f.Narrative {
				continue
			}
			counts := naiveCounting(set, f.Path)
			if len(counts) == 0 {
				require.Empty(t, f.Of(p), f.Path)
				continue
			}
			traits := f.Of(p)
			require.NotEmpty(t, traits, f.Path)
			if f.Single() {
				require.Len(t, traits, 1)
			} else {
				require.Len(t, traits, len(naiveKeys(counts)), "a list has every key once")
			}
			strongest := slices.MaxFunc(counts, func(a, b Claim) int { return a.Basis.rank() - b.Basis.rank() })
			require.Equal(t, strongest.Basis.rank(), traits[0].Basis.rank(), "the strongest basis comes first at %s", f.Path)
			for j := 1; j < len(traits); j++ {
				require.GreaterOrEqual(t, traits[j-1].Basis.rank(), traits[j].Basis.rank())
			}
			for _, tr := range traits {
				for _, id := range tr.Claims {
					require.Equal(t, ClaimActive, states[id])
					require.True(t, slices.ContainsFunc(counts, func(c Claim) bool { return c.ID == id }), "only what counts is active")
				}
				for _, e := range tr.Evidence {
					require.NotEmpty(t, e.Quote)
				}
			}
			// Nothing that counts is lost: it is active or an alternative.
			for _, c := range counts {
				require.Contains(t, states, c.ID, "claim at %s", f.Path)
			}
		}
		for _, c := range set {
			if c.Path == "summary" && p.Summary != nil && states[c.ID] == ClaimActive {
				for _, id := range c.Cites {
					require.Equal(t, ClaimActive, states[id], "a narrative rests on what won")
				}
			}
		}
	})
}

// naiveCounting are the ASSERT claims of a path that DENY and LOCK leave.
func naiveCounting(set []Claim, path string) (out []Claim) {
	var lock, pins = false, map[ClaimID]bool{}
	for _, l := range set {
		if l.Op == OpLock && l.Path == path {
			lock = true
			for _, id := range l.Cites {
				pins[id] = true
			}
		}
	}
	for _, c := range set {
		if c.Op != OpAssert || c.Path != path || lock && c.Author == nil && !pins[c.ID] {
			continue
		}
		if len(c.Cites) > 0 {
			continue
		}
		dropped := false
		for _, d := range set {
			if d.Op != OpDeny || d.Path != path {
				continue
			}
			hits := d.Key == c.Key || d.Key == "" && c.Author == nil
			for _, h := range set {
				if h.Op == OpAssert && h.Path == path && h.Author != nil && h.Key == c.Key &&
					(h.CreatedAt.After(d.CreatedAt) || h.CreatedAt.Equal(d.CreatedAt) && h.ID.String() > d.ID.String()) {
					hits = false
				}
			}
			dropped = dropped || hits
		}
		if !dropped {
			out = append(out, c)
		}
	}
	return out
}

func naiveKeys(cs []Claim) map[string]bool {
	out := map[string]bool{}
	for _, c := range cs {
		out[c.Key] = true
	}
	return out
}

// claim makes a STATED claim of the first source; edit changes it.
func claim(id, path, value string, edit func(*Claim)) Claim {
	f := FieldAt(path)
	c := Claim{ID: claimID(id), SourceID: &testSources[0], Op: OpAssert, Path: path, Value: value, Key: f.Key(value, nil),
		Basis: BasisStated, Confidence: 800, Start: 1, End: 1 + len(value), Quote: value}
	if edit != nil {
		edit(&c)
	}
	return c
}

func human(c *Claim) {
	who := "ada"
	c.Author, c.SourceID, c.Basis, c.Confidence, c.Quote = &who, nil, BasisEdited, 1000, ""
}

func TestFoldRanksByBasisThenTimeThenConfidence(t *testing.T) {
	at := func(year int) func(*Claim) {
		return func(c *Claim) {
			d := time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)
			c.AsOf = &d
		}
	}
	berlin, paris := claim("1", "location", "Berlin", at(2019)), claim("2", "location", "Paris", at(2023))
	guess := claim("3", "location", "Rome", func(c *Claim) { c.Basis, c.Quote, c.Confidence = BasisInferred, "", 999 })
	edit := claim("4", "location", "Oslo", human)

	p := Fold([]Claim{guess, berlin, paris})
	require.Equal(t, "Paris", p.Location.Value, "the later source of those that state it")
	require.Equal(t, []Alternative{{berlin.ID, ClaimSuperseded}, {guess.ID, ClaimSuperseded}}, p.Location.Alternatives)
	require.Equal(t, "Oslo", Fold([]Claim{guess, berlin, paris, edit}).Location.Value, "what a person says stands above")

	sure, unsure := claim("5", "role", "Cook", func(c *Claim) { c.Confidence = 900 }), claim("6", "role", "Chef", func(c *Claim) { c.Confidence = 400 })
	p = Fold([]Claim{unsure, sure})
	require.Equal(t, "Cook", p.Role.Value)
	require.Equal(t, []Alternative{{unsure.ID, ClaimConflicting}}, p.Role.Alternatives, "undated and equally founded")
}

func TestFoldPrefersWhatStillHolds(t *testing.T) {
	past := claim("1", "role", "Nurse", func(c *Claim) { c.ValidFrom, c.ValidTo, c.Confidence = "2010", "2015", 950 })
	now := claim("2", "role", "Head nurse", func(c *Claim) { c.ValidFrom, c.Confidence = "2015-03", 500 })
	p := Fold([]Claim{past, now})
	require.Equal(t, "Head nurse", p.Role.Value)
	require.Equal(t, ClaimConflicting, p.Role.Alternatives[0].State, "2015 and 2015-03 overlap at the precision they share")
	later := claim("3", "role", "Director", func(c *Claim) { c.ValidFrom = "2016" })
	require.Equal(t, ClaimSuperseded, Fold([]Claim{past, later}).Role.Alternatives[0].State)
}

func TestDenyDropsUntilALaterAssert(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2024, 1, n, 0, 0, 0, 0, time.UTC) }
	said := claim("1", "skills.hard", "Go", nil)
	deny := claim("2", "skills.hard", "Go", func(c *Claim) { human(c); c.Op, c.CreatedAt = OpDeny, day(2) })
	require.Empty(t, Fold([]Claim{said, deny}).Skills.Hard)
	again := claim("3", "skills.hard", "go", func(c *Claim) { human(c); c.CreatedAt = day(3) })
	p := Fold([]Claim{said, deny, again})
	require.Len(t, p.Skills.Hard, 1)
	require.Equal(t, []ClaimID{again.ID, said.ID}, p.Skills.Hard[0].Claims)
	require.Len(t, p.Skills.Hard[0].Evidence, 1, "the words come back with it")

	none := claim("4", "skills.hard", "", func(c *Claim) { human(c); c.Op, c.Key, c.CreatedAt = OpDeny, "", day(2) })
	rust := claim("5", "skills.hard", "Rust", func(c *Claim) { human(c); c.CreatedAt = day(1) })
	p = Fold([]Claim{said, none, rust})
	require.Len(t, p.Skills.Hard, 1, "an empty key drops what machines say, not what people say")
	require.Equal(t, "Rust", p.Skills.Hard[0].Value)
}

func TestLockKeepsWhatItCites(t *testing.T) {
	old := claim("1", "location", "Berlin", nil)
	lock := claim("2", "location", "", func(c *Claim) { human(c); c.Op, c.Key, c.Cites = OpLock, "", []ClaimID{old.ID} })
	recent := claim("3", "location", "Paris", func(c *Claim) { c.Confidence, c.ValidFrom = 1000, "2025" })
	p := Fold([]Claim{recent, lock, old})
	require.Equal(t, "Berlin", p.Location.Value)
	require.True(t, p.Location.Locked)
	require.Equal(t, []Alternative{{recent.ID, ClaimSuperseded}}, p.Location.Alternatives)

	empty := claim("4", "skills.hard", "", func(c *Claim) { human(c); c.Op, c.Key = OpLock, "" })
	skill := claim("5", "skills.hard", "Go", nil)
	p = Fold([]Claim{empty, skill})
	require.Empty(t, p.Skills.Hard, "a lock on nothing keeps the path empty")
	require.Equal(t, ClaimSuperseded, p.States()[skill.ID])
}

func TestNarrativeFallsWithWhatItRestsOn(t *testing.T) {
	name := claim("1", "name", "Ada Byron", nil)
	other := claim("2", "name", "Ada King", func(c *Claim) { c.Confidence = 100 })
	good := claim("3", "summary", "Ada Byron is known.", func(c *Claim) { c.Quote, c.Basis, c.Cites = "", BasisInferred, []ClaimID{name.ID} })
	bad := claim("4", "summary", "Ada King is known.", func(c *Claim) {
		c.Quote, c.Basis, c.Confidence, c.Cites = "", BasisInferred, 990, []ClaimID{name.ID, other.ID}
	})
	p := Fold([]Claim{bad, good, other, name})
	require.Equal(t, "Ada Byron is known.", p.Summary.Value)
	require.Equal(t, []ClaimID{name.ID}, p.Summary.RestsOn)
	require.Nil(t, Fold([]Claim{bad, good, other}).Summary)
}

func TestListsKeepTheOrderOfTheText(t *testing.T) {
	var set []Claim
	for i, s := range []string{"Go", "SQL", "Terraform", "Rust"} {
		set = append(set, claim("s"+s, "skills.hard", s, func(c *Claim) { c.Start, c.End = 10*i, 10*i+len(s) }))
	}
	var got []string
	for _, tr := range Fold(set).Skills.Hard {
		got = append(got, tr.Value)
	}
	require.Equal(t, "Go SQL Terraform Rust", strings.Join(got, " "))
}

func TestProjectionsMergeEqualParts(t *testing.T) {
	position := func(id, title, org string, start int) Claim {
		return claim(id, "career.positions", title+", "+org, func(c *Claim) {
			c.Detail = Detail{"title": title, "organization": org}
			c.Key, c.Start = FieldAt(c.Path).Key(c.Value, c.Detail), start
		})
	}
	c := Fold([]Claim{position("1", "Engineer", "Acme", 5), position("2", "Lead", "ACME", 50)}).Career
	require.Len(t, c.Positions(), 2)
	require.Equal(t, "Engineer", *c.Positions()[0].Title)
	require.Nil(t, c.Positions()[0].Start)
	require.Len(t, c.Employers(), 1)
	require.Len(t, c.Employers()[0].Evidence, 2)
	require.Len(t, c.Roles(), 2)
	require.Equal(t, "career.roles", c.Roles()[0].Path)
}

func TestDocumentHasTheSections(t *testing.T) {
	set := []Claim{
		claim("1", "name", "Ada", nil), claim("2", "skills.hard", "Go", nil), claim("3", "strengths", "Patience", nil),
		claim("4", "career.education", "BSc", func(c *Claim) { c.Detail = Detail{"degree": "BSc", "institution": "MIT"} }),
	}
	require.JSONEq(t, `{"meta":{"name":"Ada"},"skills":{"hard_skills":["Go"]},"strengths":["Patience"],
		"career":{"education":[{"degree":"BSc","institution":"MIT"}]}}`, string(Fold(set).Document()))
	require.Equal(t, "{}", string(new(Profile).Document()), "unknown is left out")
}

func TestFieldTableReachesEveryLeaf(t *testing.T) {
	var set []Claim
	paths, documents := map[string]bool{}, map[string]bool{}
	for _, f := range Fields {
		require.False(t, paths[f.Path], "%s twice", f.Path)
		require.False(t, documents[f.Document], "%s twice", f.Document)
		paths[f.Path], documents[f.Document] = true, true
		require.NotEmpty(t, f.Description)
		require.True(t, (f.one == nil) != (f.many == nil), "%s is single or a list", f.Path)
		set = append(set, claim(f.Path, f.Path, "x "+f.Path, nil))
	}
	p := Fold(set)
	for i, tr := range p.Traits() {
		require.Equal(t, Fields[i].Path, tr.Path, "each accessor leads to its own place")
	}
	require.Len(t, p.Traits(), len(Fields))
	require.Len(t, p.Traits("skills"), 4)
	require.Empty(t, p.Traits("skill"))
}
