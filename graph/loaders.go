package graph

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/graph-gophers/dataloader/v7"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/persona-api/persona-api/graph/model"
	"github.com/persona-api/persona-api/internal/persona"
)

const (
	// batchWait is how long a loader waits for more keys. What hangs below a page
	// is read ahead and never waits; a shorter wait cuts batches apart.
	batchWait = time.Millisecond
	// batchCap is the most keys of one batch.
	batchCap = 1000
)

type loadersKey struct{}

// WithLoaders returns a context in which one response, or one event of a
// subscription, is made: what it reads twice it reads once. Mutations and
// subscriptions see every acknowledged write, and all waiting in one mutation
// document is paid from one budget.
func WithLoaders(ctx context.Context, personas *persona.Service) context.Context {
	if graphql.HasOperationContext(ctx) {
		if op := graphql.GetOperationContext(ctx).Operation; op != nil && op.Operation != ast.Query {
			ctx = persona.Fresh(persona.WithWaitBudget(ctx))
		}
	}
	return context.WithValue(ctx, loadersKey{}, newLoaders(personas))
}

func loadersFrom(ctx context.Context) *loaders {
	l, ok := ctx.Value(loadersKey{}).(*loaders)
	if !ok {
		panic("graph: no loaders in the context: make every response under graph.WithLoaders")
	}
	return l
}

// loaders is what one response has read.
type loaders struct {
	service *persona.Service

	personas   *loader[personaKey, *persona.Persona]
	sources    *loader[sourceKey, *persona.Source]
	claims     *loader[persona.ClaimID, *persona.Claim]
	runs       *loader[persona.RunID, *persona.Run]
	versions   *loader[persona.VersionID, *persona.Version]
	latestRun  *loader[persona.ID, *persona.Run]
	sourcesOf  *loader[listKey, *persona.Connection[*persona.Source]]
	claimsOf   *loader[listKey, *persona.Connection[*persona.Claim]]
	versionsOf *loader[listKey, *persona.Connection[*persona.Version]]
	runsOf     *loader[listKey, *persona.Connection[*persona.Run]]

	profiles memo[persona.VersionID, *persona.Profile]
	states   memo[persona.VersionID, map[persona.ClaimID]persona.ClaimState]
	texts    memo[persona.SourceID, *text]
	logged   sync.Map // causes of errors that are in the log already
}

type personaKey struct {
	id   persona.ID
	cols persona.Columns
}

type sourceKey struct {
	id   persona.SourceID
	text bool
}

// listKey is a parent and the arguments of its list, as JSON because that can be compared.
type listKey struct {
	parent persona.ID
	args   string
}

type listArgs struct {
	Page  persona.PageArgs
	Where *persona.ClaimWhere
	Text  bool
}

func (a listArgs) of(parent persona.ID) listKey {
	b, _ := json.Marshal(a) // numbers, strings and ids: cannot fail
	return listKey{parent, string(b)}
}

func newLoaders(s *persona.Service) *loaders {
	return &loaders{
		service: s,
		personas: newLoader(func(ctx context.Context, keys []personaKey) ([]*persona.Persona, error) {
			ids, cols := make([]persona.ID, len(keys)), persona.Columns{}
			for i, k := range keys {
				ids[i] = k.id
				cols.Profile = cols.Profile || k.cols.Profile
				cols.Document = cols.Document || k.cols.Document
			}
			return s.Personas(ctx, ids, cols)
		}),
		sources: newLoader(func(ctx context.Context, keys []sourceKey) ([]*persona.Source, error) {
			ids, text := make([]persona.SourceID, len(keys)), false
			for i, k := range keys {
				ids[i], text = k.id, text || k.text
			}
			return s.Sources(ctx, ids, text)
		}),
		claims:    newLoader(s.Claims),
		runs:      newLoader(s.Runs),
		versions:  newLoader(s.Versions),
		latestRun: newLoader(s.LatestRuns),
		sourcesOf: newLoader(lists(func(ctx context.Context, ids []persona.ID, a listArgs) ([]*persona.Connection[*persona.Source], error) {
			return s.SourcesOf(ctx, ids, a.Page, a.Text)
		})),
		claimsOf: newLoader(lists(func(ctx context.Context, ids []persona.ID, a listArgs) ([]*persona.Connection[*persona.Claim], error) {
			return s.ClaimsOf(ctx, ids, a.Where, a.Page)
		})),
		versionsOf: newLoader(lists(func(ctx context.Context, ids []persona.ID, a listArgs) ([]*persona.Connection[*persona.Version], error) {
			return s.VersionsOf(ctx, ids, a.Page)
		})),
		runsOf: newLoader(lists(func(ctx context.Context, ids []persona.ID, a listArgs) ([]*persona.Connection[*persona.Run], error) {
			return s.RunsOf(ctx, ids, a.Page)
		})),
	}
}

// lists reads lists of many parents, one read for each set of arguments.
func lists[T any](read func(context.Context, []persona.ID, listArgs) ([]T, error)) func(context.Context, []listKey) ([]T, error) {
	return func(ctx context.Context, keys []listKey) ([]T, error) {
		out := make([]T, len(keys))
		parents, places := map[string][]persona.ID{}, map[string][]int{}
		for i, k := range keys {
			parents[k.args] = append(parents[k.args], k.parent)
			places[k.args] = append(places[k.args], i)
		}
		for encoded, ids := range parents {
			var args listArgs
			if err := json.Unmarshal([]byte(encoded), &args); err != nil {
				return nil, err
			}
			pages, err := read(ctx, ids, args)
			if err != nil {
				return nil, err
			}
			for i, page := range pages {
				out[places[encoded][i]] = page
			}
		}
		return out, nil
	}
}

// clear forgets everything: something has been written.
func (l *loaders) clear() {
	l.personas.ClearAll()
	l.sources.ClearAll()
	l.claims.ClearAll()
	l.runs.ClearAll()
	l.versions.ClearAll()
	l.latestRun.ClearAll()
	l.sourcesOf.ClearAll()
	l.claimsOf.ClearAll()
	l.versionsOf.ClearAll()
	l.runsOf.ClearAll()
	l.profiles.Clear()
	l.states.Clear()
	l.texts.Clear()
}

// persona returns a persona that must be there; NotFound if it has just gone.
func (l *loaders) persona(ctx context.Context, id persona.ID, cols persona.Columns) (*persona.Persona, error) {
	p, err := l.personas.load(ctx, personaKey{id, cols})
	if p == nil && err == nil {
		err = persona.NotFound("persona")
	}
	return p, err
}

// source returns a source that must be there; NotFound if it has just gone.
func (l *loaders) source(ctx context.Context, id persona.SourceID, text bool) (*persona.Source, error) {
	s, err := l.sources.load(ctx, sourceKey{id, text})
	if s == nil && err == nil {
		err = persona.NotFound("source")
	}
	return s, err
}

// claimsByID returns claims in the order of their ids, without those that are gone.
func (l *loaders) claimsByID(ctx context.Context, ids []persona.ClaimID) ([]*persona.Claim, error) {
	thunks := make([]dataloader.Thunk[*persona.Claim], len(ids))
	for i, id := range ids {
		thunks[i] = l.claims.Load(ctx, id)
	}
	out := make([]*persona.Claim, 0, len(ids))
	for _, thunk := range thunks {
		c, err := thunk()
		if err != nil {
			return nil, err
		}
		if c != nil {
			out = append(out, c)
		}
	}
	return out, nil
}

// profile returns the persona's present profile, parsed once; nil before the first version.
func (l *loaders) profile(ctx context.Context, p *persona.Persona) (*persona.Profile, error) {
	if p.VersionNumber == 0 {
		return nil, nil
	}
	return l.profiles.do(presentVersion(p), func() (*persona.Profile, error) {
		if p.ProfileJSON != nil {
			return p.Profile()
		}
		p, err := l.persona(ctx, p.ID, persona.Columns{Profile: true})
		if err != nil {
			return nil, err
		}
		return p.Profile()
	})
}

// document returns the persona's present document; nil before the first version.
func (l *loaders) document(ctx context.Context, p *persona.Persona) (json.RawMessage, error) {
	if p.DocumentJSON != nil || p.VersionNumber == 0 {
		return p.DocumentJSON, nil
	}
	p, err := l.persona(ctx, p.ID, persona.Columns{Document: true})
	if err != nil {
		return nil, err
	}
	return p.DocumentJSON, nil
}

// profileAt returns the profile a version had: the present one is kept, the others are folded anew.
func (l *loaders) profileAt(ctx context.Context, id persona.VersionID) (*persona.Profile, error) {
	p, err := l.persona(ctx, id.Persona, persona.Columns{Profile: true})
	if err != nil {
		return nil, err
	}
	if p.VersionNumber == id.Number {
		return l.profile(ctx, p)
	}
	return l.profiles.do(id, func() (*persona.Profile, error) { return l.service.ProfileAt(ctx, id) })
}

// state returns how a claim fares in the present version of the persona it is at home in.
func (l *loaders) state(ctx context.Context, c *persona.Claim) (persona.ClaimState, error) {
	p, err := l.persona(ctx, c.PersonaID, persona.Columns{Profile: true})
	if err != nil {
		return "", err
	}
	states, err := l.states.do(presentVersion(p), func() (map[persona.ClaimID]persona.ClaimState, error) {
		profile, err := l.profile(ctx, p)
		if profile == nil || err != nil {
			return nil, err
		}
		return profile.States(), nil
	})
	if err != nil {
		return "", err
	}
	if s, ok := states[c.ID]; ok {
		return s, nil
	}
	return persona.ClaimRetracted, nil
}

// text returns a source's text, indexed once.
func (l *loaders) text(ctx context.Context, id persona.SourceID) (*text, error) {
	return l.texts.do(id, func() (*text, error) {
		s, err := l.source(ctx, id, true)
		if err != nil {
			return nil, err
		}
		if s.Text == nil {
			return nil, persona.NotFound("text of a source")
		}
		return newText(*s.Text), nil
	})
}

// offset turns a place counted in code points into one counted in unit.
func (l *loaders) offset(ctx context.Context, id persona.SourceID, place int, unit model.TextUnit) (int, error) {
	if unit != model.UTF16 {
		return place, nil
	}
	t, err := l.text(ctx, id)
	if err != nil {
		return 0, err
	}
	return t.utf16(place), nil
}

// loader is a dataloader that can also be filled for many keys in one read,
// without waiting.
type loader[K comparable, V any] struct {
	*dataloader.Loader[K, V]
	cache dataloader.Cache[K, V]
	read  func(context.Context, []K) ([]V, error)
}

func newLoader[K comparable, V any](read func(context.Context, []K) ([]V, error)) *loader[K, V] {
	safe := func(ctx context.Context, keys []K) (values []V, err error) {
		defer func() {
			if p := recover(); p != nil {
				err = Recover(ctx, p)
			}
		}()
		return read(ctx, keys)
	}
	batch := func(ctx context.Context, keys []K) []*dataloader.Result[V] {
		values, err := safe(ctx, keys)
		out := make([]*dataloader.Result[V], len(keys))
		for i := range out {
			out[i] = &dataloader.Result[V]{Error: err}
			if err == nil {
				out[i].Data = values[i]
			}
		}
		return out
	}
	cache := dataloader.NewCache[K, V]()
	return &loader[K, V]{
		Loader: dataloader.NewBatchedLoader(batch, dataloader.WithCache(cache),
			dataloader.WithWait[K, V](batchWait), dataloader.WithBatchCapacity[K, V](batchCap)),
		cache: cache, read: safe,
	}
}

func (l *loader[K, V]) load(ctx context.Context, key K) (V, error) { return l.Load(ctx, key)() }

// ahead reads what is not known yet of keys in one read and returns the values of
// all, zero where there is none. A failure is kept like a value: the fields that
// ask for it report it.
func (l *loader[K, V]) ahead(ctx context.Context, keys []K) []V {
	var missing []K
	seen := make(map[K]bool, len(keys))
	for _, k := range keys {
		if _, ok := l.cache.Get(ctx, k); !ok && !seen[k] {
			seen[k] = true
			missing = append(missing, k)
		}
	}
	if len(missing) > 0 {
		values, err := l.read(ctx, missing)
		for i, k := range missing {
			var v V
			if err == nil {
				v = values[i]
			}
			l.cache.Set(ctx, k, func() (V, error) { return v, err })
		}
	}
	out := make([]V, len(keys))
	for i, k := range keys {
		if thunk, ok := l.cache.Get(ctx, k); ok {
			out[i], _ = thunk()
		}
	}
	return out
}

// memo computes each value once.
type memo[K comparable, V any] struct{ sync.Map }

func (m *memo[K, V]) do(key K, f func() (V, error)) (V, error) {
	once, _ := m.LoadOrStore(key, sync.OnceValues(f))
	return once.(func() (V, error))()
}
