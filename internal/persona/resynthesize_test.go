package persona_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

func TestABetterEngineReadsWhatIsThere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		old, better := scripted{}, scripted{name: "better", paid: true, wild: true}
		w := newWorld(t, s, old, better)
		role := "Countess"
		p := w.create(t, persona.Create{Text: text("name: Ada Byron\nrole: Mathematician"), Subject: &persona.Subject{Role: &role}})
		w.work(t)

		name := "better"
		got, estimate, err := w.Resynthesize(w.ctx, persona.Resynthesize{ID: p.ID, Engine: &name, DryRun: true})
		require.NoError(t, err)
		require.Equal(t, &persona.Estimate{Engine: "better", Sources: 1, Characters: 35, Usage: persona.Usage{InputTokens: 10, OutputTokens: 5, CostMicros: 7}}, estimate)
		require.Equal(t, 1, got.VersionNumber)
		require.Len(t, w.jobs, 1, "nothing is done yet")

		none := 0
		_, _, err = w.Resynthesize(w.ctx, persona.Resynthesize{ID: p.ID, Engine: &name, WaitSeconds: &none})
		require.NoError(t, err)
		w.work(t)
		run := w.run(t, p.ID)
		require.Equal(t, persona.StageDone, run.Stage)
		require.Equal(t, "better", run.Engine)
		got = w.read(t, p.ID)
		require.Equal(t, 2, got.VersionNumber)
		v, err := w.VersionAt(persona.Fresh(w.ctx), p.ID, new(2), nil)
		require.NoError(t, err)
		require.Equal(t, persona.ReasonResynthesized, v.Reason)
		profile, err := got.Profile()
		require.NoError(t, err)
		require.Equal(t, "Countess", profile.Role.Value, "what people said stays")
		require.Equal(t, persona.BasisEdited, profile.Role.Basis)
		require.Equal(t, "warm", profile.Communication.Tone.Value)
		claims, err := w.Claims(persona.Fresh(w.ctx), profile.Name.Claims)
		require.NoError(t, err)
		require.Len(t, claims, 1, "what the old engine said has given way")
		require.Equal(t, run.ID, *claims[0].RunID)

		// The same engine again says the same: no version is made of nothing.
		_, _, err = w.Resynthesize(w.ctx, persona.Resynthesize{ID: p.ID, Engine: &name, WaitSeconds: &none})
		require.NoError(t, err)
		w.work(t)
		require.Equal(t, 2, w.read(t, p.ID).VersionNumber)
		require.Equal(t, int64(7), w.run(t, p.ID).Usage.CostMicros, "but it was read again, as was asked")
	})
}

func TestARunIsLeftToAProcessThatHasItsEngine(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		plain := scripted{}
		w := newWorld(t, s, scripted{name: "better"}, plain)
		p := w.create(t, persona.Create{Text: text("name: Ada Byron")})
		without := w.with(plain)
		err := without.Synthesize(w.ctx, w.jobs[0])
		require.Equal(t, persona.CodeUnavailable, persona.CodeOf(err), "to be tried again")
		require.ErrorContains(t, err, "the engine better has no settings in this process")
		require.Equal(t, persona.StageQueued, w.run(t, p.ID).Stage)
		require.Zero(t, w.run(t, p.ID).Attempts)
		w.work(t)
		require.Equal(t, "better", w.run(t, p.ID).Engine)
		require.Equal(t, persona.StatusReady, w.read(t, p.ID).Status)

		// After a while there is none: its settings are gone.
		old := persona.Run{ID: persona.NewRunID(), PersonaID: p.ID, Reason: persona.ReasonResynthesized, Engine: "better", PromptHash: "1",
			Stage: persona.StageQueued, CreatedAt: time.Now().UTC().Add(-time.Hour)}
		require.NoError(t, s.Write(w.ctx, func(tx persona.Tx) error { return tx.InsertRun(w.ctx, &old) }))
		require.NoError(t, without.Synthesize(w.ctx, persona.Job{Persona: p.ID, Run: old.ID, Attempt: 1}))
		runs, err := w.Runs(persona.Fresh(w.ctx), []persona.RunID{old.ID})
		require.NoError(t, err)
		require.Equal(t, "scripted", runs[0].Engine)
		require.Equal(t, persona.StageDone, runs[0].Stage)
	})
}

func TestWhatCannotBeResynthesizedIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, scripted{}, scripted{name: "better"})
		p := w.create(t, persona.Create{Text: text("name: Ada Byron")})
		unknown := "nobody"
		_, _, err := w.Resynthesize(w.ctx, persona.Resynthesize{ID: p.ID, Engine: &unknown})
		require.Equal(t, persona.CodeInvalid, persona.CodeOf(err))
		require.ErrorContains(t, err, "scripted, better")
		_, _, err = w.Resynthesize(w.ctx, persona.Resynthesize{ID: persona.NewID()})
		require.Equal(t, persona.CodeNotFound, persona.CodeOf(err))
	})
}

func TestAFailedUpgradeKeepsWhatWasRead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, scripted{})
		p := w.create(t, persona.Create{Text: text("name: Ada Byron")})
		w.work(t)
		before := w.read(t, p.ID)
		broken := w.with(scripted{fail: func(string) error { return &persona.Failure{Code: persona.FailInvalidOutput, Message: "no JSON"} }})
		none := 0
		_, _, err := broken.Resynthesize(w.ctx, persona.Resynthesize{ID: p.ID, WaitSeconds: &none})
		require.NoError(t, err)
		broken.jobs = w.jobs
		require.Error(t, broken.Synthesize(w.ctx, broken.jobs[len(broken.jobs)-1]))
		after := w.read(t, p.ID)
		require.Equal(t, before.Hash, after.Hash)
		require.Equal(t, persona.StatusReady, after.Status)
		require.Equal(t, persona.SourceRead, w.source(t, p.ID).Status)
		require.Equal(t, persona.StageFailed, w.run(t, p.ID).Stage)
	})
}

// A run that is over in a moment shows its steps all the same to who watches it.
func TestWhoWatchesSeesClaimsAsTheyCome(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		seen := make(chan struct{})
		w := newWorld(t, s, scripted{slow: func() { <-seen }})
		p := w.create(t, persona.Create{Text: text("name: Ada Byron\nrole: Mathematician")})
		events, err := w.WatchSynthesis(w.ctx, p.ID)
		require.NoError(t, err)
		done := make(chan error, 1)
		go func() { done <- w.Synthesize(w.ctx, w.jobs[0]) }()
		var stages []persona.Stage
		claims := 0
		for e := range events {
			stages = append(stages, e.Run.Stage)
			if claims += len(e.NewClaims); claims == 2 && e.Run.Stage == persona.StageExtracting {
				close(seen)
			}
		}
		require.NoError(t, <-done)
		require.Contains(t, stages, persona.StageExtracting)
		require.Equal(t, persona.StageDone, stages[len(stages)-1])
		require.Equal(t, 3, claims, "the narrative among them")
	})
}
