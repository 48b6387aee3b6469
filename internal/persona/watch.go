package persona

import (
	"context"
	"slices"
	"sync"
	"time"
)

// WatchSynthesis sends where the persona's latest run stands, then every step,
// each with the claims written since the one before. The channel is closed when
// the run is over or ctx ends. Errors: NotFound, Unavailable.
func (s *Service) WatchSynthesis(ctx context.Context, id ID) (<-chan *SynthesisEvent, error) {
	ctx = Fresh(ctx)
	events, err := s.bus.Subscribe(ctx)
	if err != nil {
		return nil, err
	}
	unwatch := s.watched.add(id)
	seen := map[ClaimID]bool{}
	first, err := s.step(ctx, id, nil, seen)
	if err != nil {
		unwatch()
		return nil, err
	}
	out := make(chan *SynthesisEvent)
	go func() {
		defer close(out)
		defer unwatch()
		poll := time.NewTicker(time.Second) // for events lost on the way
		defer poll.Stop()
		for at := first; at != nil; {
			select {
			case out <- at:
			case <-ctx.Done():
				return
			}
			if at.Run.Stage.Over() {
				return
			}
			run := at.Run
			for at = nil; at == nil; {
				select {
				case e, ok := <-events:
					if !ok {
						return
					}
					if e.Persona != id && !e.Persona.IsZero() {
						continue
					}
				case <-poll.C:
				}
				if at, err = s.step(ctx, id, run, seen); err != nil {
					if ctx.Err() == nil && CodeOf(err) != CodeNotFound {
						s.log.WarnContext(ctx, "synthesis not watched any longer", "persona", id, "error", err)
					}
					return
				}
			}
		}
	}()
	return out, nil
}

// watched counts who watches which persona's synthesis in this process.
type watched struct {
	mu sync.Mutex
	by map[ID]int
}

func (w *watched) add(id ID) (remove func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.by == nil {
		w.by = map[ID]int{}
	}
	w.by[id]++
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.by[id]--; w.by[id] == 0 {
			delete(w.by, id)
		}
	}
}

func (w *watched) has(id ID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.by[id] > 0
}

// step reads where the run stands; nil when nothing has moved since last.
func (s *Service) step(ctx context.Context, id ID, last *Run, seen map[ClaimID]bool) (*SynthesisEvent, error) {
	p, err := s.Persona(ctx, id, Columns{Profile: true, Document: true})
	if err != nil {
		return nil, err
	}
	runs, err := s.LatestRuns(ctx, []ID{id})
	if err != nil {
		return nil, err
	}
	run := runs[0]
	if run == nil {
		return nil, NotFound("synthesis run of a persona")
	}
	claims, err := s.ClaimsOfRun(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	fresh := slices.DeleteFunc(claims, func(c *Claim) bool { return seen[c.ID] })
	if last != nil && len(fresh) == 0 && last.ID == run.ID && last.Stage == run.Stage && last.Attempts == run.Attempts && last.Progress == run.Progress {
		return nil, nil
	}
	for _, c := range fresh {
		seen[c.ID] = true
	}
	return &SynthesisEvent{Run: run, Persona: p, NewClaims: fresh, At: now()}, nil
}

// WatchChanges sends the changes of the given personas, of the whole workspace
// without ids, until ctx ends. After a lost connection each of the given personas
// comes once more as UPDATED. Errors: Unavailable.
func (s *Service) WatchChanges(ctx context.Context, ids []ID) (<-chan *PersonaChange, error) {
	ctx = Fresh(ctx)
	events, err := s.bus.Subscribe(ctx)
	if err != nil {
		return nil, err
	}
	out := make(chan *PersonaChange)
	go func() {
		defer close(out)
		for e := range events {
			var changed []Event
			switch {
			case e.Persona.IsZero():
				for _, id := range ids {
					changed = append(changed, Event{Kind: EventUpdated, Persona: id, At: e.At})
				}
			case e.Kind != EventProgress && (len(ids) == 0 || slices.Contains(ids, e.Persona)):
				changed = []Event{e}
			}
			for _, e := range changed {
				p, err := s.Persona(ctx, e.Persona, Columns{Profile: true, Document: true})
				if err != nil && CodeOf(err) != CodeNotFound {
					if ctx.Err() == nil {
						s.log.WarnContext(ctx, "changes not watched any longer", "error", err)
					}
					return
				}
				select {
				case out <- &PersonaChange{ID: e.Persona, Kind: e.Kind, Persona: p, At: e.At}:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out, nil
}
