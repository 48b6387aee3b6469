package store_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// epoch is when the samples begin: a time with all six digits of its microseconds.
var epoch = time.Date(2026, 3, 14, 9, 26, 53, 589_793_000, time.UTC)

func ptr[T any](v T) *T { return &v }

func write(t testing.TB, ctx context.Context, s *store.Store, f func(tx persona.Tx) error) {
	t.Helper()
	require.NoError(t, s.Write(ctx, f))
}

// sample is a persona with all that can belong to one.
type sample struct {
	persona *persona.Persona
	source  *persona.Source
	run     *persona.Run
	version *persona.Version
	facets  []persona.Facet
	claims  []persona.Claim
	body    string
}

func claimID() (c persona.ClaimID) {
	c.UUID = uuid.New()
	return c
}

// newSample makes a persona of a name and a text about it, created at epoch plus age.
func newSample(name, text string, age time.Duration) *sample {
	at := epoch.Add(age)
	id, src, run := persona.NewID(), persona.NewSourceID(), persona.NewRunID()
	sum := sha256.Sum256([]byte(text))
	m := &sample{
		persona: &persona.Persona{ID: id, Status: persona.StatusPending, Tags: []string{}, CreatedAt: at, UpdatedAt: at},
		source: &persona.Source{ID: src, PersonaID: id, Kind: persona.KindText, Status: persona.SourcePending, Title: ptr("about " + name),
			Text: &text, Length: ptr(utf8.RuneCountInString(text)), SHA256: ptr(hex.EncodeToString(sum[:])), AsOf: ptr(at.Add(-time.Hour)), CreatedAt: at},
		run: &persona.Run{ID: run, PersonaID: id, Engine: "builtin", PromptHash: "p1", Stage: persona.StageQueued, CreatedAt: at},
	}
	for i, c := range []persona.Claim{
		{Path: "name", Key: persona.FacetKey(name), Value: name},
		{Path: "skills.hard", Key: "go", Value: "Go"},
		{Path: "career.positions", Key: "acme|engineer|2019", Value: "Engineer at Acme", Detail: persona.Detail{"title": "Engineer", "organization": "Acme", "start": "2019"}},
	} {
		c.ID, c.PersonaID, c.SourceID, c.RunID, c.Op, c.Basis = claimID(), id, &src, &run, persona.OpAssert, persona.BasisStated
		c.Confidence, c.Quote, c.Start, c.End, c.CreatedAt = 900, c.Value, i, i+len(c.Value), at.Add(time.Duration(i)*time.Microsecond)
		c.AsOf = m.source.AsOf
		m.claims = append(m.claims, c)
	}
	m.claims = append(m.claims, persona.Claim{ID: claimID(), PersonaID: id, RunID: &run, Op: persona.OpAssert, Path: "summary", Key: "s",
		Value: name + " writes Go.", Basis: persona.BasisInferred, Confidence: 700, ValidFrom: "2019", ValidTo: "2020-05", CreatedAt: at.Add(time.Second),
		Cites: []persona.ClaimID{m.claims[1].ID}})
	m.facets = []persona.Facet{{Kind: persona.FacetSkill, Key: "go", Value: "Go"}, {Kind: persona.FacetEmployer, Key: "acme", Value: "Acme"}}
	m.body = "Engineer at Acme, Go"
	m.persona.Name = &name
	return m
}

// create writes the persona as PENDING with its source and run.
func (m *sample) create(t testing.TB, ctx context.Context, s *store.Store) *sample {
	t.Helper()
	write(t, ctx, s, func(tx persona.Tx) error {
		if err := tx.InsertPersona(ctx, m.persona); err != nil {
			return err
		}
		if err := tx.InsertSources(ctx, []*persona.Source{m.source}); err != nil {
			return err
		}
		return tx.InsertRun(ctx, m.run)
	})
	return m
}

// finish writes claims and the first version of a created persona.
func (m *sample) finish(t testing.TB, ctx context.Context, s *store.Store) *sample {
	t.Helper()
	p := m.persona
	p.Status, p.VersionNumber, p.Hash = persona.StatusReady, 1, "h1"
	profile := persona.Profile{Name: &persona.Trait{Path: "name", Value: *p.Name, Basis: persona.BasisStated, Confidence: 900, Claims: []persona.ClaimID{m.claims[0].ID}}}
	profile.Skills.Hard = []persona.Trait{{Path: "skills.hard", Value: "Go", Basis: persona.BasisStated, Claims: []persona.ClaimID{m.claims[1].ID},
		Alternatives: []persona.Alternative{{Claim: m.claims[2].ID, State: persona.ClaimSuperseded}}}}
	var err error
	p.ProfileJSON, err = json.Marshal(profile)
	require.NoError(t, err)
	p.DocumentJSON = profile.Document()
	p.UpdatedAt = p.CreatedAt.Add(time.Minute)
	m.version = &persona.Version{PersonaID: p.ID, Number: 1, Reason: persona.ReasonCreated, Author: "engine:builtin", Hash: "h1", CreatedAt: p.UpdatedAt}
	m.run.Stage, m.run.Progress, m.run.Attempts = persona.StageDone, 1, 1
	started := p.CreatedAt.Truncate(time.Millisecond) // SQLite tells times apart to the millisecond
	m.run.StartedAt, m.run.FinishedAt = &started, ptr(started.Add(2250*time.Millisecond))
	m.run.Usage = persona.Usage{InputTokens: 100, OutputTokens: 20, CostMicros: 1500}
	m.run.ClaimsProposed, m.run.ClaimsProven = 4, 3
	write(t, ctx, s, func(tx persona.Tx) error {
		if _, err := tx.LockPersona(ctx, p.ID); err != nil {
			return err
		}
		if err := tx.InsertClaims(ctx, m.claims); err != nil {
			return err
		}
		if err := tx.OpenMembers(ctx, p.ID, m.ids(), 1); err != nil {
			return err
		}
		if err := tx.SaveVersion(ctx, p, m.version, m.facets, m.body); err != nil {
			return err
		}
		m.source.Status, m.source.ReadBy = persona.SourceRead, &m.run.ID
		if err := tx.UpdateSource(ctx, m.source); err != nil {
			return err
		}
		return tx.UpdateRun(ctx, m.run)
	})
	return m
}

func (m *sample) ids() []persona.ClaimID {
	ids := make([]persona.ClaimID, len(m.claims))
	for i, c := range m.claims {
		ids[i] = c.ID
	}
	return ids
}

// ready makes, creates and finishes a sample.
func ready(t testing.TB, ctx context.Context, s *store.Store, name, text string, age time.Duration) *sample {
	t.Helper()
	return newSample(name, text, age).create(t, ctx, s).finish(t, ctx, s)
}
