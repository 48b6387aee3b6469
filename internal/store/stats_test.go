package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

func TestStats(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		empty, err := s.Stats(ctx, persona.StatsArgs{Days: 2})
		require.NoError(t, err)
		require.Zero(t, empty.Total)
		require.Nil(t, empty.CostUsd)
		require.Nil(t, empty.AverageSynthesisMs)
		require.Nil(t, empty.OldestCreatedAt)
		require.Len(t, empty.CreatedPerDay, 2)
		require.Equal(t, empty.AsOf.Format("2006-01-02"), empty.CreatedPerDay[1].Date)

		today := time.Now().UTC().Truncate(24 * time.Hour)
		ages := []time.Duration{today.Sub(epoch), today.Sub(epoch) + 23*time.Hour + 59*time.Minute, today.Sub(epoch) - time.Microsecond, 0}
		for i, age := range ages {
			m := newSample(fmt.Sprintf("Ada %d", i), fmt.Sprintf("text %d", i), age)
			m.persona.Tags = []string{"VIP"}
			for j := range i {
				m.facets = append(m.facets, persona.Facet{Kind: persona.FacetSkill, Key: fmt.Sprintf("skill %d", j), Value: fmt.Sprintf("Skill %d", j)})
			}
			m.facets = append(m.facets, persona.Facet{Kind: persona.FacetRole, Key: "engineer", Value: "Engineer"})
			m.create(t, ctx, s)
			if i < 3 {
				m.finish(t, ctx, s)
			}
		}
		got, err := s.Stats(ctx, persona.StatsArgs{Days: 3})
		require.NoError(t, err)
		require.WithinDuration(t, time.Now(), got.AsOf, time.Minute)
		usd, ms := 0.0045, 2250.0
		want := &persona.Stats{
			Total:    4,
			ByStatus: []persona.Bucket{{Key: "READY", Count: 3}, {Key: "PENDING", Count: 1}},
			CreatedPerDay: []persona.DayCount{
				{Date: today.AddDate(0, 0, -2).Format("2006-01-02")},
				{Date: today.AddDate(0, 0, -1).Format("2006-01-02"), Count: 1},
				{Date: today.Format("2006-01-02"), Count: 2}},
			TopRoles:        []persona.Bucket{{Key: "Engineer", Count: 3}},
			TopLocations:    []persona.Bucket{},
			TopSkills:       []persona.Bucket{{Key: "Go", Count: 3}, {Key: "Skill 0", Count: 2}, {Key: "Skill 1", Count: 1}},
			TopTags:         []persona.Bucket{{Key: "VIP", Count: 4}},
			OldestCreatedAt: ptr(epoch), NewestCreatedAt: ptr(epoch.Add(ages[1])),
			DaysActive: 3, Sources: 4, Claims: 12, ProvenRatio: 0.75, InputTokens: 300, OutputTokens: 60,
			CostUsd: &usd, AverageSynthesisMs: &ms, AsOf: got.AsOf,
		}
		require.Equal(t, want, got)

		// The same from the rows themselves, over all time and over one day.
		ranged, err := s.Stats(ctx, persona.StatsArgs{Days: 3, CreatedAt: &persona.TimeRange{From: ptr(epoch.Add(-time.Hour))}})
		require.NoError(t, err)
		want.AsOf = ranged.AsOf
		require.Equal(t, want, ranged)
		one, err := s.Stats(ctx, persona.StatsArgs{Days: 1, CreatedAt: &persona.TimeRange{From: ptr(today.AddDate(0, 0, -1)), To: &today}})
		require.NoError(t, err)
		require.Equal(t, 1, one.Total)
		require.Equal(t, []persona.DayCount{{Date: today.AddDate(0, 0, -1).Format("2006-01-02"), Count: 1}}, one.CreatedPerDay)
		require.Equal(t, int64(100), one.InputTokens)
		require.Equal(t, 4, one.Claims)
		require.Equal(t, 2250.0, *one.AverageSynthesisMs)
		none, err := s.Stats(ctx, persona.StatsArgs{CreatedAt: &persona.TimeRange{To: ptr(epoch)}})
		require.NoError(t, err)
		require.Zero(t, none.Total)
		require.Zero(t, none.Sources)
		_, err = s.Stats(ctx, persona.StatsArgs{Days: 1_000_000})
		require.Equal(t, persona.CodeInvalid, persona.CodeOf(err))
	})
}

// TestRollupsCount holds the counts that triggers keep against the rows
// themselves, after whatever was written, changed, deleted and rolled back.
func TestRollupsCount(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		round := 0
		rapid.Check(t, func(rt *rapid.T) {
			round++
			ctx := storetest.Context(t, fmt.Sprintf("w%d", round))
			var all []*sample
			words := []string{"go", "rust", "weaving"}
			steps := rapid.SliceOfN(rapid.IntRange(0, 6), 1, 8).Draw(rt, "steps")
			for i, step := range steps {
				if step > 0 && len(all) == 0 {
					step = 0
				}
				var m *sample
				if step > 0 {
					m = all[rapid.IntRange(0, len(all)-1).Draw(rt, "which")]
				}
				switch step {
				case 0, 1:
					m = newSample("Ada", fmt.Sprint("text ", i), time.Duration(i)*25*time.Hour)
					m.persona.Tags = []string{rapid.SampledFrom(words).Draw(rt, "tag")}
					all = append(all, m.create(t, ctx, s))
				case 2, 3: // a first or another version, with other facets
					m.facets = nil
					for _, w := range words {
						if rapid.Bool().Draw(rt, w) {
							m.facets = append(m.facets, persona.Facet{Kind: persona.FacetSkill, Key: w, Value: w})
						}
					}
					if m.version == nil {
						m.finish(t, ctx, s)
						break
					}
					m.persona.VersionNumber++
					v := *m.version
					v.Number = m.persona.VersionNumber
					write(t, ctx, s, func(tx persona.Tx) error { return tx.SaveVersion(ctx, m.persona, &v, m.facets, m.body) })
				case 4:
					m.run.Usage.InputTokens += 7
					m.run.Stage = rapid.SampledFrom([]persona.Stage{persona.StageDone, persona.StageFailed}).Draw(rt, "stage")
					write(t, ctx, s, func(tx persona.Tx) error {
						if err := tx.SetStatus(ctx, m.persona.ID, persona.StatusFailed, epoch); err != nil {
							return err
						}
						return tx.UpdateRun(ctx, m.run)
					})
				case 5: // undone
					undo := fmt.Errorf("undo")
					err := s.Write(ctx, func(tx persona.Tx) error {
						if err := tx.DeletePersona(ctx, m.persona.ID); err != nil {
							return err
						}
						return undo
					})
					require.ErrorIs(rt, err, undo)
				case 6:
					write(t, ctx, s, func(tx persona.Tx) error { return tx.DeletePersona(ctx, m.persona.ID) })
					for i := range all {
						if all[i] == m {
							all = append(all[:i], all[i+1:]...)
							break
						}
					}
				}
			}
			requireRollups(rt, ctx, s)
		})
	})
}

// requireRollups compares the statistics from the rollups with those from the rows.
func requireRollups(t require.TestingT, ctx context.Context, s *store.Store) {
	kept, err := s.Stats(ctx, persona.StatsArgs{Days: 400})
	require.NoError(t, err)
	counted, err := s.Stats(ctx, persona.StatsArgs{Days: 400, CreatedAt: &persona.TimeRange{From: ptr(time.Unix(0, 0))}})
	require.NoError(t, err)
	counted.AsOf = kept.AsOf
	require.Equal(t, counted, kept)
	n, err := s.CountPersonas(ctx, nil)
	require.NoError(t, err)
	require.Equal(t, persona.Count{Value: counted.Total, Exact: true}, n)
}
