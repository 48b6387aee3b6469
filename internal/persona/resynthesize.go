package persona

import "context"

// Resynthesize names a persona whose sources shall be read again.
type Resynthesize struct {
	ID               ID
	Engine           *string // whose turn it is, by name; nil: the server's own
	DryRun           bool    // only say what it would cost
	WaitSeconds      *int
	ClientMutationID *string
}

// Estimate is about what reading again will cost, before it is spent.
type Estimate struct {
	Engine     string
	Model      *string // nil when the engine has none
	Sources    int
	Characters int // code points
	Usage      Usage
}

// InputTokens is how many tokens the model will read.
func (e *Estimate) InputTokens() int { return e.Usage.InputTokens }

// OutputTokens is how many tokens the model will write.
func (e *Estimate) OutputTokens() int { return e.Usage.OutputTokens }

// CostUsd is the cost in US dollars, nil when no model is called.
func (e *Estimate) CostUsd() *float64 { return e.Usage.usd() }

// Add returns the sum of both, of the engine of e.
func (e Estimate) Add(f Estimate) Estimate {
	return Estimate{e.Engine, e.Model, e.Sources + f.Sources, e.Characters + f.Characters, e.Usage.Add(f.Usage)}
}

// EstimateResynthesis says what Resynthesize of the persona would cost. Errors:
// Invalid when there is no such engine, NotFound, Unavailable.
func (s *Service) EstimateResynthesis(ctx context.Context, id ID, engine *string) (*Estimate, error) {
	e, err := s.chosen(engine)
	if err != nil {
		return nil, err
	}
	if _, err := s.Persona(ctx, id, Columns{}); err != nil {
		return nil, err
	}
	most := MaxPage
	pages, err := s.SourcesOf(ctx, []ID{id}, PageArgs{First: &most}, false)
	if err != nil {
		return nil, err
	}
	info := e.Info()
	out := &Estimate{Engine: info.Name, Model: info.model()}
	for {
		for _, edge := range pages[0].Edges {
			out.Sources++
			if n := edge.Node.Length; n != nil {
				out.Characters += *n
				out.Usage = out.Usage.Add(e.Estimate(*n))
			}
		}
		if !pages[0].PageInfo.HasNextPage {
			return out, nil
		}
		if pages, err = s.SourcesOf(ctx, []ID{id}, PageArgs{First: &most, After: pages[0].PageInfo.EndCursor}, false); err != nil {
			return nil, err
		}
	}
}

// Resynthesize reads all sources of the persona again, with the engine named. What
// engines said of them before gives way to what is said now, in a version of its
// own if anything differs; what people said stays. It waits and returns like
// Create, together with what it was estimated to cost; of a DryRun that is all.
// Errors: Invalid, NotFound, Merged, Unavailable.
func (s *Service) Resynthesize(ctx context.Context, in Resynthesize) (*Persona, *Estimate, error) {
	e, err := s.chosen(in.Engine)
	if err != nil {
		return nil, nil, err
	}
	estimate, err := s.EstimateResynthesis(ctx, in.ID, in.Engine)
	if err != nil {
		return nil, nil, err
	}
	if in.DryRun {
		p, err := s.Persona(ctx, in.ID, Columns{Profile: true, Document: true})
		return p, estimate, err
	}
	if estimate.Sources == 0 {
		return nil, nil, Invalid("id", "has no source to read; add one first")
	}
	run := newRun(in.ID, e.Info(), ReasonResynthesized, now())
	p, err := s.enqueue(ctx, nil, run, in.WaitSeconds, func(tx Tx) error {
		if err := changeable(ctx, tx, in.ID); err != nil {
			return err
		}
		if err := tx.InsertRun(ctx, run); err != nil {
			return err
		}
		return tx.Notify(ctx, Event{Kind: EventProgress, Persona: in.ID, Run: &run.ID, At: run.CreatedAt})
	})
	return p, estimate, err
}

// chosen is the engine of a name, the first one without a name.
func (s *Service) chosen(name *string) (Engine, error) {
	if name == nil {
		return s.engines[0], nil
	}
	if e := s.engine(*name); e != nil {
		return e, nil
	}
	known := ""
	for i, e := range s.engines {
		if i > 0 {
			known += ", "
		}
		known += e.Info().Name
	}
	return nil, Invalid("engine", "must be one of those this server has: %s", known)
}
