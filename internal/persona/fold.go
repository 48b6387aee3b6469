package persona

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// Fold makes the profile of a set of claims. It sees the claims and nothing
// else: the same set gives the same profile in whatever order it comes.
//
// Per path: under a LOCK only human claims and the cited ones count. A DENY drops
// its key, or with an empty key all machine claims, unless a later human ASSERT
// names that key. What is left is grouped by key, and the groups are ranked by
// basis, time, confidence, number of distinct sources, place in the text and
// key, so that equal texts give equal profiles, and least id. A single field takes the first group and keeps the others as
// alternatives; a list takes all. A claim that cites others counts only while
// all of them won.
func Fold(set []Claim) *Profile {
	byPath := map[string][]*Claim{}
	seen := map[ClaimID]bool{}
	for i := range set {
		if c := &set[i]; !seen[c.ID] {
			seen[c.ID] = true
			byPath[c.Path] = append(byPath[c.Path], c)
		}
	}
	p := new(Profile)
	won := map[ClaimID]bool{}
	// Narratives last: they stand on what won before them, never on each other.
	for _, narrative := range []bool{false, true} {
		next := map[ClaimID]bool{}
		for i := range Fields {
			f := &Fields[i]
			if f.Narrative != narrative || len(byPath[f.Path]) == 0 {
				continue
			}
			traits, aside := f.fold(byPath[f.Path], won)
			f.set(p, traits)
			p.SetAside = append(p.SetAside, aside...)
			for _, t := range traits {
				for _, id := range t.Claims {
					next[id] = true
				}
			}
		}
		won = next
	}
	return p
}

// fold folds one path. aside are claims a lock keeps out and no trait lists.
func (f *Field) fold(claims []*Claim, won map[ClaimID]bool) (traits []Trait, aside []ClaimID) {
	var asserts, denies []*Claim
	locked := false
	pinned := map[ClaimID]bool{}
	for _, c := range claims {
		switch c.Op {
		case OpAssert:
			if stands(c, won) {
				asserts = append(asserts, c)
			}
		case OpDeny:
			denies = append(denies, c)
		case OpLock:
			locked = true
			for _, id := range c.Cites {
				pinned[id] = true
			}
		}
	}
	asserts = slices.DeleteFunc(asserts, func(c *Claim) bool { return denied(c, denies, claims) })
	var out []*Claim
	if locked {
		counts := func(c *Claim) bool { return c.Human() || pinned[c.ID] }
		for _, c := range asserts {
			if !counts(c) {
				out = append(out, c)
			}
		}
		asserts = slices.DeleteFunc(asserts, func(c *Claim) bool { return !counts(c) })
	}
	slices.SortFunc(out, better)

	groups := groupByKey(asserts)
	if f.Single() && len(groups) > 1 {
		for _, g := range groups[1:] {
			out = append(out, g.claims...)
		}
		groups = groups[:1]
	}
	for _, g := range groups {
		traits = append(traits, g.trait(f, locked))
	}
	if f.Single() && len(traits) == 1 {
		for _, c := range out {
			traits[0].Alternatives = append(traits[0].Alternatives, Alternative{c.ID, lost(c, groups[0], locked)})
		}
		return traits, nil
	}
	for _, c := range out {
		aside = append(aside, c.ID)
	}
	return traits, aside
}

// stands reports whether all that the claim cites won; a claim that cites nothing does.
func stands(c *Claim, won map[ClaimID]bool) bool {
	for _, id := range c.Cites {
		if !won[id] {
			return false
		}
	}
	return true
}

// denied reports whether a DENY drops the claim and no later human ASSERT of its key lifts that.
func denied(c *Claim, denies, all []*Claim) bool {
	for _, d := range denies {
		if d.Key != c.Key && (d.Key != "" || c.Human()) {
			continue
		}
		lifted := slices.ContainsFunc(all, func(h *Claim) bool {
			return h.Op == OpAssert && h.Human() && h.Key == c.Key && later(h, d)
		})
		if !lifted {
			return true
		}
	}
	return false
}

func later(a, b *Claim) bool {
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), compareIDs(a.ID, b.ID)) > 0
}

// lost says why a claim stands behind the winners: CONFLICTING when it is as
// well founded and of the same time, else SUPERSEDED.
func lost(c *Claim, winner *group, locked bool) ClaimState {
	if !locked && c.Basis.rank() == winner.top().Basis.rank() && overlap(periodOf(c), periodOf(winner.top())) {
		return ClaimConflicting
	}
	return ClaimSuperseded
}

// group is the claims of one key, the best first.
type group struct {
	claims  []*Claim
	sources int // distinct
	least   ClaimID
}

func (g *group) top() *Claim { return g.claims[0] }

// groupByKey returns the groups, the best first.
func groupByKey(claims []*Claim) []*group {
	byKey := map[string]*group{}
	var groups []*group
	for _, c := range claims {
		g := byKey[c.Key]
		if g == nil {
			g = &group{least: c.ID}
			byKey[c.Key] = g
			groups = append(groups, g)
		}
		g.claims = append(g.claims, c)
		if compareIDs(c.ID, g.least) < 0 {
			g.least = c.ID
		}
	}
	for _, g := range groups {
		slices.SortFunc(g.claims, better)
		sources := map[SourceID]bool{}
		for _, c := range g.claims {
			if c.SourceID != nil {
				sources[*c.SourceID] = true
			}
		}
		g.sources = len(sources)
	}
	slices.SortFunc(groups, func(a, b *group) int {
		return cmp.Or(
			compareStrength(a.top(), b.top()),
			-cmp.Compare(a.sources, b.sources),
			cmp.Compare(place(a.top()), place(b.top())),
			strings.Compare(a.top().Key, b.top().Key),
			compareIDs(a.least, b.least),
		)
	})
	return groups
}

// trait makes the group what the profile shows.
func (g *group) trait(f *Field, locked bool) Trait {
	top := g.top()
	t := Trait{Path: f.Path, Value: top.Value, Detail: top.Detail, Basis: top.Basis, Confidence: top.Confidence, Locked: locked, RestsOn: top.Cites}
	for _, c := range g.claims {
		t.Claims = append(t.Claims, c.ID)
		if e := c.Evidence(); e != nil && !slices.Contains(t.Evidence, *e) {
			t.Evidence = append(t.Evidence, *e)
		}
	}
	return t
}

// better orders claims of one path, the best first.
func better(a, b *Claim) int {
	return cmp.Or(compareStrength(a, b), cmp.Compare(place(a), place(b)), strings.Compare(a.Value, b.Value), compareIDs(a.ID, b.ID))
}

// compareStrength is negative when a is better founded, more recent or more certain than b.
func compareStrength(a, b *Claim) int {
	pa, pb := periodOf(a), periodOf(b)
	return -cmp.Or(
		cmp.Compare(a.Basis.rank(), b.Basis.rank()),
		cmp.Compare(pa.until(), pb.until()),
		cmp.Compare(pa.from, pb.from),
		cmp.Compare(a.Confidence, b.Confidence),
	)
}

// place is where in its text the claim stands: its value, where the quote has it
// word for word. What quotes nothing comes last.
func place(c *Claim) int {
	if c.Quote == "" {
		return math.MaxInt
	}
	at := max(0, strings.Index(c.Quote, c.Value))
	return c.Start + utf8.RuneCountInString(c.Quote[:at])
}

func compareIDs(a, b ClaimID) int { return bytes.Compare(a.UUID[:], b.UUID[:]) }

// period is when a claim holds. Both ends are ISO 8601, possibly partial; "" is open.
type period struct{ from, to string }

// stamp writes times so that their text sorts as they do.
const stamp = "2006-01-02T15:04:05.000000Z"

// periodOf takes the claim's own dates. Without any, it is the moment the source
// speaks of or, for a human claim, the moment it was made.
func periodOf(c *Claim) period {
	if c.ValidFrom != "" || c.ValidTo != "" {
		return period{c.ValidFrom, c.ValidTo}
	}
	at := c.AsOf
	if c.Human() {
		at = &c.CreatedAt
	}
	if at == nil {
		return period{}
	}
	return period{from: at.UTC().Format(stamp)}
}

// until orders by the end: what still holds comes after everything that has ended.
func (p period) until() string {
	if p.to == "" {
		return "~"
	}
	return p.to
}

// overlap reports whether both can hold at the same time. Of what is undated
// nobody knows, so it may. Two moments are the same only when equal.
func overlap(a, b period) bool {
	if a == (period{}) || b == (period{}) {
		return true
	}
	if a.moment() && b.moment() {
		return a == b
	}
	return !before(a.to, b.from) && !before(b.to, a.from)
}

func (p period) moment() bool { return p.to == "" && strings.Contains(p.from, "T") }

// before compares partial dates at the precision they share; "" is unbounded.
func before(end, start string) bool {
	n := min(len(end), len(start))
	return end[:n] < start[:n]
}

// hash is the SHA-256 of the profile's bytes, in hexadecimal.
func hash(profile []byte) string {
	sum := sha256.Sum256(profile)
	return hex.EncodeToString(sum[:])
}

// encode returns the profile as it is stored. Encoding is canonical: struct
// fields in order, map keys sorted.
func (p *Profile) encode() json.RawMessage {
	b, _ := json.Marshal(p) // strings, numbers and ids: cannot fail
	return b
}
