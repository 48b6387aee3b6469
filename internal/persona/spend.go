package persona

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// recall looks for sources whose very text the engine has read already in this
// workspace: what it said then need not be paid for again. Whoever asks for a new
// synthesis wants a new reading.
func (s *Service) recall(ctx context.Context, w *synthesis) error {
	w.recorded = map[SourceID][]Draft{}
	if w.run.Reason == ReasonResynthesized {
		return nil
	}
	for _, src := range w.sources {
		if free(w.engine, src) {
			continue
		}
		claims, read, err := s.Recorded(ctx, src, w.engine.Info())
		if err != nil {
			return err
		}
		if !read {
			continue
		}
		drafts := make([]Draft, len(claims))
		for i, c := range claims {
			drafts[i] = c.draft()
		}
		w.recorded[src.ID] = drafts
	}
	return nil
}

func free(e Engine, src *Source) bool { return e.Estimate(*src.Length) == Usage{} }

// draft is the claim as the engine once proposed it.
func (c *Claim) draft() Draft {
	return Draft{Path: c.Path, Value: c.Value, Detail: c.Detail, Basis: c.Basis, Confidence: c.Confidence,
		Start: c.Start, End: c.End, Quote: c.Quote, ValidFrom: c.ValidFrom, ValidTo: c.ValidTo}
}

// recallNarrative returns what the engine has composed already in this workspace
// from claims that say the same as set, citing the claims of set, and the key
// under which it is found again. Both are empty for an engine that costs nothing.
func (s *Service) recallNarrative(ctx context.Context, w *synthesis, set []Claim) ([]Draft, string, error) {
	if (w.engine.Estimate(0) == Usage{}) {
		return nil, "", nil
	}
	own := map[string]ClaimID{}
	var all []string
	for i := range set {
		says := set[i].says()
		own[says] = set[i].ID
		all = append(all, says)
	}
	slices.Sort(all)
	sum := sha256.Sum256([]byte(strings.Join(all, "\x00")))
	key := hex.EncodeToString(sum[:])
	if w.run.Reason == ReasonResynthesized {
		return nil, key, nil
	}
	narratives, err := s.RecordedNarrative(ctx, key, w.engine.Info())
	if err != nil {
		return nil, "", err
	}
	var drafts []Draft
	for _, n := range narratives {
		cited, err := s.Claims(ctx, n.Cites)
		if err != nil {
			return nil, "", err
		}
		d := n.draft()
		for _, c := range cited {
			if c == nil {
				continue // deleted between the two reads
			}
			if id, ok := own[c.says()]; ok {
				d.Cites = append(d.Cites, id)
			}
		}
		if len(d.Cites) == len(n.Cites) {
			drafts = append(drafts, d)
		}
	}
	return drafts, key, nil
}

// says is all that a claim says and where, without whose it is.
func (c *Claim) says() string {
	detail, _ := json.Marshal(c.Detail) // a map of texts: cannot fail, and in the order of its keys
	return strings.Join([]string{string(c.Op), c.Path, c.Key, c.Value, string(detail), string(c.Basis), strconv.Itoa(int(c.Confidence)),
		strconv.Itoa(c.Start), strconv.Itoa(c.End), c.Quote, c.ValidFrom, c.ValidTo}, "\x01")
}

// cost is about what reading the sources and composing will cost; zero when all of
// them were read before.
func (w *synthesis) cost() Usage {
	var u Usage
	for _, src := range w.sources {
		if _, ok := w.recorded[src.ID]; !ok {
			u = u.Add(w.engine.Estimate(*src.Length))
		}
	}
	return u
}

// reserve puts aside what work will about cost, so that runs at the same time do
// not spend the same money, and refuses what would go beyond the workspace's
// budget of the day. release puts the real cost in its place; what dies before
// stays reserved until the day is over.
func (s *Service) reserve(ctx context.Context, w *synthesis, estimate Usage) (release func(), err error) {
	if s.budget == 0 || estimate.CostMicros == 0 {
		return func() {}, nil
	}
	day := now().Format(time.DateOnly)
	spend := func(ctx context.Context, micros, most int64) (ok bool, err error) {
		err = s.w.Write(ctx, func(tx Tx) error { ok, err = tx.Spend(ctx, day, micros, most); return err })
		return ok, err
	}
	ok, err := spend(ctx, estimate.CostMicros, s.budget)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, &Failure{Code: FailBudgetExceeded, Message: fmt.Sprintf(
			"reading this would cost about %s, more than is left of the %s that the workspace may spend a day; synthesize again after midnight UTC, or raise LLM_BUDGET_USD",
			dollars(estimate.CostMicros), dollars(s.budget))}
	}
	before := w.run.Usage.CostMicros
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
		defer cancel()
		if _, err := spend(ctx, w.run.Usage.CostMicros-before-estimate.CostMicros, math.MaxInt64); err != nil {
			s.log.WarnContext(ctx, "cost not settled: what was reserved counts as spent until midnight UTC", slog.Any("run", w.run.ID), slog.Any("error", err))
		}
	}, nil
}

func dollars(micros int64) string { return fmt.Sprintf("$%.4g", float64(micros)/1e6) }
