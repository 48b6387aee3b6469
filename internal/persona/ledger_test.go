package persona_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

// ledger is the oracle: every version is a copy of its whole set.
type ledger struct{ versions [][]persona.Claim }

func (l *ledger) live() []persona.Claim {
	if len(l.versions) == 0 {
		return nil
	}
	return l.versions[len(l.versions)-1]
}

func (l *ledger) commit(next func([]persona.Claim) []persona.Claim) {
	set := next(slices.Clone(l.live()))
	if len(l.versions) > 0 && slices.Equal(ids(set), ids(l.live())) {
		return
	}
	l.versions = append(l.versions, set)
}

// ids are the ids of a set, each once, sorted.
func ids(set []persona.Claim) []string {
	var out []string
	for _, c := range set {
		out = append(out, c.ID.String())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestTheLedgerIsASequenceOfSets runs random verbs on the store and on the
// oracle: the live set, the profile's hash and every version that ever was agree.
func TestTheLedgerIsASequenceOfSets(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := persona.WithCaller(t.Context(), persona.Caller{Subject: "ada", Workspace: "default", Role: persona.RoleWriter})
		rapid.Check(t, func(t *rapid.T) {
			id, sources := threeSources(ctx, t, s)
			var want ledger
			for range rapid.IntRange(1, 8).Draw(t, "verbs") {
				next := drawVerb(t, &want, id, sources)
				want.commit(next)
				var p *persona.Persona
				require.NoError(t, s.Write(ctx, func(tx persona.Tx) (err error) {
					p, err = persona.Commit(ctx, tx, persona.Verb{Persona: id, Reason: persona.ReasonEdited, Next: next})
					return err
				}))
				require.Equal(t, len(want.versions), p.VersionNumber)
				profile := persona.Encode(persona.Fold(want.live()))
				require.Equal(t, profile, string(p.ProfileJSON))
				stored, err := s.Persona(persona.Fresh(ctx), id, persona.Columns{Profile: true, Document: true})
				require.NoError(t, err)
				require.JSONEq(t, profile, string(stored.ProfileJSON))
				require.Equal(t, p.Hash, stored.Hash)
				require.JSONEq(t, string(p.DocumentJSON), string(stored.DocumentJSON))
			}
			for n, set := range want.versions {
				v := persona.VersionID{Persona: id, Number: n + 1}
				got, err := s.Members(persona.Fresh(ctx), v)
				require.NoError(t, err)
				require.Equal(t, ids(set), ids(got), "what version %d was stays readable", n+1)
				require.Equal(t, persona.Encode(persona.Fold(set)), persona.Encode(persona.Fold(got)), "and folds to the same")
			}
		})
	})
}

// threeSources makes a persona with three sources, dated as persona.AsOf says.
func threeSources(ctx context.Context, t *rapid.T, s *store.Store) (persona.ID, []persona.SourceID) {
	wait := 0
	var in persona.Create
	for i, text := range []string{"one", "two", "three"} {
		in.Sources = append(in.Sources, persona.SourceInput{Text: &text, AsOf: persona.AsOf(i)})
	}
	in.WaitSeconds = &wait
	s.SetEnqueue(collect(func(persona.Job) {}))
	service := persona.NewService(persona.Options{Reader: s, Writer: s, Bus: s, Engines: []persona.Engine{scripted{}}, Log: slog.New(slog.DiscardHandler)})
	p, err := service.Create(ctx, in)
	require.NoError(t, err)
	first := 3
	page, err := s.SourcesOf(persona.Fresh(ctx), []persona.ID{p.ID}, persona.PageArgs{First: &first}, false)
	require.NoError(t, err)
	var out []persona.SourceID
	for _, src := range page[0].Nodes() {
		out = append(out, src.ID)
	}
	return p.ID, out
}

// drawVerb draws a function from set to set: adding, taking away, going back, doing nothing.
func drawVerb(t *rapid.T, l *ledger, id persona.ID, sources []persona.SourceID) func([]persona.Claim) []persona.Claim {
	switch rapid.SampledFrom([]string{"add", "add", "add", "remove", "back", "nothing"}).Draw(t, "verb") {
	case "add":
		// A label of its own: equal ids with other contents do not occur.
		more := persona.DrawClaims(t, fmt.Sprint("v", len(l.versions)), id, sources)
		return func(live []persona.Claim) []persona.Claim { return append(live, more...) }
	case "remove":
		n := rapid.IntRange(1, 4).Draw(t, "every")
		return func(live []persona.Claim) []persona.Claim {
			keep := ids(live)
			return slices.DeleteFunc(live, func(c persona.Claim) bool { return slices.Index(keep, c.ID.String())%n == 0 })
		}
	case "back":
		if len(l.versions) > 0 {
			old := rapid.SampledFrom(l.versions).Draw(t, "version")
			return func([]persona.Claim) []persona.Claim { return slices.Clone(old) }
		}
	}
	return func(live []persona.Claim) []persona.Claim { return live }
}
