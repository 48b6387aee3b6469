package graph

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
)

// shelf is a reader that has one persona and counts how often it is asked.
type shelf struct {
	persona.Reader
	has   persona.Persona
	asked []persona.Columns
	err   error
}

func (s *shelf) Personas(_ context.Context, ids []persona.ID, cols persona.Columns) ([]*persona.Persona, error) {
	s.asked = append(s.asked, cols)
	out := make([]*persona.Persona, len(ids))
	for i, id := range ids {
		if id == s.has.ID {
			out[i] = &s.has
		}
	}
	return out, s.err
}

func TestWhatWasLeftUnreadIsReadWhenItIsAskedFor(t *testing.T) {
	s := &shelf{has: persona.Persona{ID: persona.NewID(), VersionNumber: 1,
		ProfileJSON: json.RawMessage(`{"name":{"path":"name","value":"Ada","claims":[]}}`), DocumentJSON: json.RawMessage(`{}`)}}
	l := newLoaders(persona.NewService(persona.Options{Reader: s}))
	for range 2 {
		p, err := l.profile(t.Context(), &persona.Persona{ID: s.has.ID, VersionNumber: 1})
		require.NoError(t, err)
		require.Equal(t, "Ada", p.Name.Value)
		doc, err := l.document(t.Context(), &persona.Persona{ID: s.has.ID, VersionNumber: 1})
		require.NoError(t, err)
		require.JSONEq(t, `{}`, string(doc))
	}
	require.Equal(t, []persona.Columns{{Profile: true}, {Document: true}}, s.asked, "once each")

	l.clear()
	_, err := l.profile(t.Context(), &persona.Persona{ID: s.has.ID, VersionNumber: 1})
	require.NoError(t, err)
	require.Len(t, s.asked, 3, "after a write it is read again")

	p, err := l.profile(t.Context(), &persona.Persona{ID: s.has.ID})
	require.NoError(t, err)
	require.Nil(t, p, "no version, no profile")
	_, err = l.profile(t.Context(), &persona.Persona{ID: persona.NewID(), VersionNumber: 1})
	require.Equal(t, persona.CodeNotFound, persona.CodeOf(err), "gone meanwhile")
}

func TestAFailedReadAheadIsReportedByTheFieldAndNotRepeated(t *testing.T) {
	s := &shelf{err: errors.New("disk")}
	l := newLoaders(persona.NewService(persona.Options{Reader: s}))
	key := personaKey{id: persona.NewID()}
	require.Equal(t, []*persona.Persona{nil}, l.personas.ahead(t.Context(), []personaKey{key}))
	_, err := l.persona(t.Context(), key.id, persona.Columns{})
	require.Equal(t, s.err, err)
	require.Len(t, s.asked, 1)
}

func TestAPanicOfTheReaderIsAnErrorOfTheField(t *testing.T) {
	l := newLoaders(persona.NewService(persona.Options{Reader: &shelf{}}))
	_, err := l.source(t.Context(), persona.NewSourceID(), false) // the shelf has no Sources
	var p *recovered
	require.ErrorAs(t, err, &p)
	require.Contains(t, string(p.stack), "Sources")
}
