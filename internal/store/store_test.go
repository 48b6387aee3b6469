package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

func TestWhatIsWrittenIsRead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		m := newSample("Ada Ωmega", "Ada Ωmega, 東京 👩🏽‍🚀, writes Go at Acme since 2019.", 0)
		m.persona.Role, m.persona.Location, m.persona.Summary, m.persona.Tags = ptr("Engineer"), ptr("Łódź"), ptr("O'Brien's \\ friend?"), []string{"vip", "Ünïcode"}
		m.source.URL, m.source.Language = ptr("https://example.com/?a=1&b=?ws"), ptr("en")
		m.run.Model = ptr("m1")
		m.create(t, ctx, s).finish(t, ctx, s)

		all := persona.Columns{Profile: true, Document: true}
		got, err := s.Persona(ctx, m.persona.ID, all)
		require.NoError(t, err)
		require.Equal(t, m.persona, got)

		lean, err := s.Persona(ctx, m.persona.ID, persona.Columns{})
		require.NoError(t, err)
		require.Nil(t, lean.ProfileJSON)
		require.Nil(t, lean.DocumentJSON)
		require.Equal(t, "Ada Ωmega", *lean.Name)

		missing := persona.NewID()
		ps, err := s.Personas(ctx, []persona.ID{missing, m.persona.ID, m.persona.ID}, all)
		require.NoError(t, err)
		require.Equal(t, []*persona.Persona{nil, m.persona, m.persona}, ps)
		_, err = s.Persona(ctx, missing, all)
		require.Equal(t, persona.CodeNotFound, persona.CodeOf(err))

		srcs, err := s.Sources(ctx, []persona.SourceID{persona.NewSourceID(), m.source.ID}, true)
		require.NoError(t, err)
		require.Equal(t, []*persona.Source{nil, m.source}, srcs)
		srcs, err = s.Sources(ctx, []persona.SourceID{m.source.ID}, false)
		require.NoError(t, err)
		require.Nil(t, srcs[0].Text)
		require.Equal(t, m.source.Length, srcs[0].Length)

		cs, err := s.Claims(ctx, []persona.ClaimID{m.claims[3].ID, claimID(), m.claims[2].ID})
		require.NoError(t, err)
		require.Equal(t, []*persona.Claim{&m.claims[3], nil, &m.claims[2]}, cs)
		byRun, err := s.ClaimsOfRun(ctx, m.run.ID)
		require.NoError(t, err)
		require.Equal(t, []*persona.Claim{&m.claims[0], &m.claims[1], &m.claims[2], &m.claims[3]}, byRun)

		vs, err := s.Versions(ctx, []persona.VersionID{{Persona: m.persona.ID, Number: 2}, {Persona: m.persona.ID, Number: 1}})
		require.NoError(t, err)
		require.Equal(t, []*persona.Version{nil, m.version}, vs)
		v, err := s.VersionBefore(ctx, m.persona.ID, m.version.CreatedAt)
		require.NoError(t, err)
		require.Equal(t, m.version, v)
		v, err = s.VersionBefore(ctx, m.persona.ID, m.version.CreatedAt.Add(-time.Microsecond))
		require.NoError(t, err)
		require.Nil(t, v)
		set, err := s.Members(ctx, persona.VersionID{Persona: m.persona.ID, Number: 1})
		require.NoError(t, err)
		require.Equal(t, m.claims, set)

		rs, err := s.Runs(ctx, []persona.RunID{persona.NewRunID(), m.run.ID})
		require.NoError(t, err)
		require.Equal(t, []*persona.Run{nil, m.run}, rs)
		rs, err = s.LatestRuns(ctx, []persona.ID{missing, m.persona.ID})
		require.NoError(t, err)
		require.Equal(t, []*persona.Run{nil, m.run}, rs)
	})
}

func TestTransactionReadsItsOwnWrites(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "default")
		m := newSample("Ada", "Ada knows Go.", 0).create(t, ctx, s)
		write(t, ctx, s, func(tx persona.Tx) error {
			unread, err := tx.SourcesIn(ctx, m.persona.ID, persona.SourcePending)
			require.NoError(t, err)
			require.Equal(t, []*persona.Source{m.source}, unread)
			m.source.Status, m.source.Failure = persona.SourceFailed, &persona.Failure{Code: persona.FailFetchFailed, Message: "not there"}
			require.NoError(t, tx.UpdateSource(ctx, m.source))
			unread, err = tx.SourcesIn(ctx, m.persona.ID, persona.SourcePending)
			require.NoError(t, err)
			require.Empty(t, unread)
			failed, err := tx.SourcesIn(ctx, m.persona.ID, persona.SourcePending, persona.SourceFailed)
			require.NoError(t, err)
			require.Equal(t, []*persona.Source{m.source}, failed)

			r, err := tx.LockRun(ctx, m.run.ID)
			require.NoError(t, err)
			require.Equal(t, m.run, r)
			r.Stage, r.Failure = persona.StageFailed, &persona.Failure{Code: persona.FailRateLimited, Message: "slow down", Retryable: true}
			require.NoError(t, tx.UpdateRun(ctx, r))
			again, err := tx.LockRun(ctx, m.run.ID)
			require.NoError(t, err)
			require.Equal(t, r, again)

			require.NoError(t, tx.SetStatus(ctx, m.persona.ID, persona.StatusFailed, epoch.Add(time.Hour)))
			p, err := tx.LockPersona(ctx, m.persona.ID)
			require.NoError(t, err)
			require.Equal(t, persona.StatusFailed, p.Status)
			require.Equal(t, epoch.Add(time.Hour), p.UpdatedAt)

			// Written twice, as a retried run does: the first stays.
			require.NoError(t, tx.InsertClaims(ctx, m.claims))
			other := m.claims[0]
			other.Value = "someone else"
			require.NoError(t, tx.InsertClaims(ctx, []persona.Claim{other, m.claims[3]}))
			live, err := tx.Live(ctx, m.persona.ID)
			require.NoError(t, err)
			require.Empty(t, live, "claims count only as members")
			require.NoError(t, tx.OpenMembers(ctx, m.persona.ID, m.ids(), 1))
			live, err = tx.Live(ctx, m.persona.ID)
			require.NoError(t, err)
			require.Equal(t, m.claims, live)
			require.NoError(t, tx.CloseMembers(ctx, m.persona.ID, m.ids()[:2], 2))
			live, err = tx.Live(ctx, m.persona.ID)
			require.NoError(t, err)
			require.Equal(t, m.claims[2:], live)
			require.NoError(t, tx.OpenMembers(ctx, m.persona.ID, m.ids()[:1], 3), "a claim may come back")
			return nil
		})
		for n, want := range map[int][]persona.Claim{1: m.claims, 2: m.claims[2:], 3: {m.claims[0], m.claims[2], m.claims[3]}} {
			got, err := s.Members(ctx, persona.VersionID{Persona: m.persona.ID, Number: n})
			require.NoError(t, err)
			require.Equal(t, want, got, "version %d", n)
		}

		for name, f := range map[string]func(persona.Tx) error{
			"LockPersona":   func(tx persona.Tx) error { _, err := tx.LockPersona(ctx, persona.NewID()); return err },
			"SetStatus":     func(tx persona.Tx) error { return tx.SetStatus(ctx, persona.NewID(), persona.StatusReady, epoch) },
			"DeletePersona": func(tx persona.Tx) error { return tx.DeletePersona(ctx, persona.NewID()) },
			"LockRun":       func(tx persona.Tx) error { _, err := tx.LockRun(ctx, persona.NewRunID()); return err },
			"UpdateRun":     func(tx persona.Tx) error { return tx.UpdateRun(ctx, &persona.Run{ID: persona.NewRunID()}) },
			"InsertRun": func(tx persona.Tx) error {
				return tx.InsertRun(ctx, &persona.Run{ID: persona.NewRunID(), PersonaID: persona.NewID()})
			},
		} {
			require.Equal(t, persona.CodeNotFound, persona.CodeOf(s.Write(ctx, f)), name)
		}
	})
}
