package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

// receive waits for the next event.
func receive(t *testing.T, events <-chan persona.Event) persona.Event {
	t.Helper()
	select {
	case e, open := <-events:
		require.True(t, open, "the subscription has ended")
		return e
	case <-time.After(30 * time.Second):
		t.Fatal("no event")
		return persona.Event{}
	}
}

func TestEventsReachTheWorkspacesSubscribersAfterTheCommit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, other := storetest.Context(t, "a"), storetest.Context(t, "b")
		mine, err := s.Subscribe(ctx)
		require.NoError(t, err)
		also, err := s.Subscribe(ctx)
		require.NoError(t, err)
		theirs, err := s.Subscribe(other)
		require.NoError(t, err)

		run := persona.NewRunID()
		e := persona.Event{Kind: persona.EventProgress, Persona: persona.NewID(), Run: &run, At: epoch}
		undo := errors.New("undone")
		require.ErrorIs(t, s.Write(ctx, func(tx persona.Tx) error {
			require.NoError(t, tx.Notify(ctx, persona.Event{Kind: persona.EventDeleted, Persona: persona.NewID(), At: epoch}))
			return undo
		}), undo)
		write(t, ctx, s, func(tx persona.Tx) error {
			require.NoError(t, tx.Notify(ctx, e))
			select {
			case early := <-mine:
				t.Errorf("before the commit: %v", early)
			default:
			}
			return nil
		})
		require.Equal(t, e, receive(t, mine))
		require.Equal(t, e, receive(t, also))
		last := persona.Event{Kind: persona.EventCreated, Persona: persona.NewID(), At: epoch}
		write(t, other, s, func(tx persona.Tx) error { return tx.Notify(other, last) })
		require.Equal(t, last, receive(t, theirs), "the first that the other workspace hears")
	})
}

func TestASubscriptionEndsWithItsContext(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, cancel := context.WithCancel(storetest.Context(t, "a"))
		events, err := s.Subscribe(ctx)
		require.NoError(t, err)
		cancel()
		require.Eventually(t, func() bool {
			select {
			case _, open := <-events:
				return !open
			default:
				return false
			}
		}, 30*time.Second, time.Millisecond)
		write(t, storetest.Context(t, "a"), s, func(tx persona.Tx) error {
			return tx.Notify(t.Context(), persona.Event{Kind: persona.EventCreated, At: epoch})
		})
	})
}

func TestASlowSubscriberIsToldToReadAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := storetest.Context(t, "a")
		slow, err := s.Subscribe(ctx)
		require.NoError(t, err)
		quick, err := s.Subscribe(ctx)
		require.NoError(t, err)
		last := persona.NewID()
		for i := range 200 {
			id := persona.NewID()
			if i == 199 {
				id = last
			}
			write(t, ctx, s, func(tx persona.Tx) error {
				return tx.Notify(ctx, persona.Event{Kind: persona.EventUpdated, Persona: id, At: epoch})
			})
			require.Equal(t, id, receive(t, quick).Persona, "one that keeps up misses nothing")
		}
		again := false
		for {
			e := receive(t, slow)
			again = again || e.Persona.IsZero()
			if e.Persona == last {
				break
			}
		}
		require.True(t, again)
	})
}

func TestEventsGoOnAfterTheConnectionIsLost(t *testing.T) {
	s := storetest.Open(t, storetest.Postgres(t))
	ctx := storetest.Context(t, "a")
	events, err := s.Subscribe(ctx)
	require.NoError(t, err)
	_, err = s.Pool().Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()")
	require.NoError(t, err)
	require.True(t, receive(t, events).Persona.IsZero(), "something may have been missed")
	e := persona.Event{Kind: persona.EventUpdated, Persona: persona.NewID(), At: epoch}
	write(t, ctx, s, func(tx persona.Tx) error { return tx.Notify(ctx, e) })
	require.Equal(t, e, receive(t, events))
}

func TestCloseLeavesNothingRunning(t *testing.T) {
	for dialect, prepare := range openers(t) {
		t.Run(dialect, func(t *testing.T) {
			open := prepare(t)
			before := goleak.IgnoreCurrent()
			s, err := open()
			require.NoError(t, err)
			require.NoError(t, s.Migrate(t.Context()))
			ctx := storetest.Context(t, "a")
			_, err = s.Subscribe(ctx)
			require.NoError(t, err)
			ready(t, ctx, s, "Ada", "Ada", 0)
			require.NoError(t, s.Close())
			goleak.VerifyNone(t, before)
		})
	}
}
