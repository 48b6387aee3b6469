package persona_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

// elsewhere is the context of another workspace.
func elsewhere(t *testing.T) context.Context {
	return persona.WithCaller(t.Context(), persona.Caller{Subject: "bob", Workspace: "other", Role: persona.RoleWriter})
}

func TestTheSameTextIsNotPaidForTwice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, scripted{paid: true})
		const cv = "name: Ada Byron\nskills.hard: Algebra\nrole: Mathematician\nrole: Countess\n"
		first := w.create(t, persona.Create{Text: text(cv)})
		w.work(t)
		require.Equal(t, int64(7), w.run(t, first.ID).Usage.CostMicros)

		again := w.create(t, persona.Create{Text: text(cv)})
		w.work(t)
		require.Equal(t, persona.Usage{}, w.run(t, again.ID).Usage, "read before: it costs nothing")
		a, b := w.read(t, first.ID), w.read(t, again.ID)
		require.JSONEq(t, string(a.DocumentJSON), string(b.DocumentJSON), "and says the same")
		require.NotNil(t, b.Summary)
		profile, err := b.Profile()
		require.NoError(t, err)
		require.NotEqual(t, profile.Name.Evidence[0].SourceID, (persona.SourceID{}))
		require.Equal(t, w.source(t, again.ID).ID, profile.Name.Evidence[0].SourceID, "proven by its own source")

		other := w.with(scripted{paid: true, rev: "2"})
		third := other.create(t, persona.Create{Text: text(cv)})
		other.jobs = w.jobs
		other.work(t)
		require.Equal(t, int64(7), w.run(t, third.ID).Usage.CostMicros, "another prompt reads anew")

		chat := persona.KindChat
		fourth := w.create(t, persona.Create{Sources: []persona.SourceInput{{Text: text(cv), Kind: &chat}}})
		w.work(t)
		require.Equal(t, int64(7), w.run(t, fourth.ID).Usage.CostMicros, "as does another kind")

		here := w.ctx
		w.ctx = elsewhere(t)
		fifth := w.create(t, persona.Create{Text: text(cv)})
		w.work(t)
		require.Equal(t, int64(7), w.run(t, fifth.ID).Usage.CostMicros, "and another workspace")
		w.ctx = here

		_, err = w.Delete(w.ctx, persona.Delete{ID: first.ID})
		require.NoError(t, err)
		_, err = w.Delete(w.ctx, persona.Delete{ID: again.ID})
		require.NoError(t, err)
		sixth := w.create(t, persona.Create{Text: text(cv)})
		w.work(t)
		require.Equal(t, int64(7), w.run(t, sixth.ID).Usage.CostMicros, "what was erased is not remembered")
	})
}

func TestABudgetIsCheckedBeforeItIsSpent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, scripted{paid: true})
		o := w.options(scripted{paid: true})
		o.Budget = 20 // two texts at 7 each, and not a third
		w.Service = persona.NewService(o)
		for _, name := range []string{"Ada", "Bob"} {
			p := w.create(t, persona.Create{Text: text("name: " + name)})
			w.work(t)
			require.Equal(t, persona.StatusReady, w.read(t, p.ID).Status)
		}
		p := w.create(t, persona.Create{Text: text("name: Cleo")})
		err := w.Synthesize(w.ctx, w.jobs[len(w.jobs)-1])
		var failure *persona.Failure
		require.ErrorAs(t, err, &failure)
		require.Equal(t, persona.FailBudgetExceeded, failure.Code)
		require.Contains(t, failure.Message, "LLM_BUDGET_USD")
		run := w.run(t, p.ID)
		require.Equal(t, persona.StageFailed, run.Stage)
		require.Zero(t, run.Usage.CostMicros, "nothing was spent")
		require.Equal(t, persona.StatusFailed, w.read(t, p.ID).Status)
		require.Equal(t, persona.FailBudgetExceeded, w.source(t, p.ID).Failure.Code)

		free := w.create(t, persona.Create{Text: text("name: Bob")})
		w.work(t)
		require.Equal(t, persona.StatusReady, w.read(t, free.ID).Status, "what was read before needs no budget")

		w.ctx = elsewhere(t)
		p = w.create(t, persona.Create{Text: text("name: Dora")})
		w.work(t)
		require.Equal(t, persona.StatusReady, w.read(t, p.ID).Status, "each workspace has its own")
	})
}

func TestWhatWasReservedAndNotSpentComesBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		down := func(string) error {
			return &persona.Failure{Code: persona.FailModelUnavailable, Message: "down", Retryable: true}
		}
		w := newWorld(t, s, scripted{paid: true})
		o := w.options(scripted{paid: true, fail: down})
		o.Budget = 10
		w.Service = persona.NewService(o)
		p := w.create(t, persona.Create{Text: text("name: Ada")})
		for range 3 {
			require.Error(t, w.Synthesize(w.ctx, w.jobs[0]))
		}
		o = w.options(scripted{paid: true})
		o.Budget = 10
		w.Service = persona.NewService(o)
		w.work(t)
		require.Equal(t, persona.StatusReady, w.read(t, p.ID).Status)
	})
}
