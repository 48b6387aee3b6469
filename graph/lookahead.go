package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/persona-api/persona-api/graph/model"
	"github.com/persona-api/persona-api/internal/persona"
)

// ahead reads what is selected below a page before the executor asks for it
// entity by entity: one read per list and level for all of the page. It fills the
// loaders and nothing else; what it leaves out is read later, only more slowly.
type ahead struct {
	ctx context.Context
	op  *graphql.OperationContext
	l   *loaders
}

func lookahead(ctx context.Context) ahead {
	return ahead{ctx, graphql.GetOperationContext(ctx), loadersFrom(ctx)}
}

// selected returns what is selected below the field being resolved.
func selected(ctx context.Context) ast.SelectionSet {
	return graphql.GetFieldContext(ctx).Field.Selections
}

// fields returns what sel selects of a type. Selections must come from the
// operation or from a field returned here: the executor caches by their address.
func (a ahead) fields(sel ast.SelectionSet, typ string) []graphql.CollectedField {
	return graphql.CollectFields(a.op, sel, []string{typ, "Node"})
}

// items returns what is selected of a connection's items, below nodes and below edges.
func (a ahead) items(connection ast.SelectionSet) []ast.SelectionSet {
	var out []ast.SelectionSet
	for _, f := range graphql.CollectFields(a.op, connection, nil) {
		switch f.Name {
		case "nodes":
			out = append(out, f.Selections)
		case "edges":
			for _, g := range graphql.CollectFields(a.op, f.Selections, nil) {
				if g.Name == "node" {
					out = append(out, g.Selections)
				}
			}
		}
	}
	return out
}

// columns says which large columns of a persona are selected.
func (a ahead) columns(sels ...ast.SelectionSet) persona.Columns {
	var cols persona.Columns
	for _, sel := range sels {
		for _, f := range a.fields(sel, "Persona") {
			switch f.Name {
			case "profile", "traits":
				cols.Profile = true
			case "document":
				cols.Document = true
			}
		}
	}
	return cols
}

// text says whether a source's text is selected.
func (a ahead) text(sels ...ast.SelectionSet) bool {
	return slices.ContainsFunc(sels, func(sel ast.SelectionSet) bool {
		return slices.ContainsFunc(a.fields(sel, "Source"), func(f graphql.CollectedField) bool { return f.Name == "text" })
	})
}

// page reads ahead below personas that have just been read with cols.
func (a ahead) page(cols persona.Columns, ps []*persona.Persona, sels ...ast.SelectionSet) {
	for _, p := range ps {
		for _, k := range []persona.Columns{{}, {Profile: true}, {Document: true}, {Profile: true, Document: true}} {
			if (cols.Profile || !k.Profile) && (cols.Document || !k.Document) {
				a.l.personas.Prime(a.ctx, personaKey{p.ID, k}, p)
			}
		}
	}
	for _, sel := range sels {
		a.personas(sel, ps)
	}
}

func (a ahead) personas(sel ast.SelectionSet, ps []*persona.Persona) {
	if ps = present(ps); len(ps) == 0 {
		return
	}
	ids := make([]persona.ID, len(ps))
	for i, p := range ps {
		ids[i] = p.ID
	}
	for _, f := range a.fields(sel, "Persona") {
		switch f.Name {
		case "latestRun":
			a.runs(f.Selections, a.l.latestRun.ahead(a.ctx, ids))
		case "mergedInto":
			a.personasAt(f.Selections, each(ps, func(p *persona.Persona) []persona.ID { return deref(p.MergedInto) }))
		case "version":
			versions := each(ps, func(p *persona.Persona) []persona.VersionID {
				if p.VersionNumber == 0 {
					return nil
				}
				return []persona.VersionID{presentVersion(p)}
			})
			a.versions(f.Selections, a.l.versions.ahead(a.ctx, versions))
		case "versions":
			pages(a, f, a.l.versionsOf, ids, a.versions)
		case "runs":
			pages(a, f, a.l.runsOf, ids, a.runs)
		case "claims":
			pages(a, f, a.l.claimsOf, ids, a.claims)
		case "sources":
			pages(a, f, a.l.sourcesOf, ids, a.sources)
		case "profile":
			a.section(f.Selections, "Profile", "", a.parsed(ps))
		case "traits":
			a.traits(f.Selections, each(a.parsed(ps), func(p *persona.Profile) []persona.Trait { return p.Traits(a.paths(f)...) }))
		}
	}
}

// pages reads the same list of each parent and goes on below its items.
func pages[T comparable](a ahead, f graphql.CollectedField, l *loader[listKey, *persona.Connection[T]], parents []persona.ID, below func(ast.SelectionSet, []T)) {
	args, err := a.args(f)
	if err != nil {
		return // the field itself reports it
	}
	keys := make([]listKey, len(parents))
	for i, id := range parents {
		keys[i] = args.of(id)
	}
	items := each(present(l.ahead(a.ctx, keys)), func(c *persona.Connection[T]) []T { return c.Nodes() })
	for _, sel := range a.items(f.Selections) {
		below(sel, items)
	}
}

// args decodes a list's arguments as its resolver gets them.
func (a ahead) args(f graphql.CollectedField) (listArgs, error) {
	raw := f.ArgumentMap(a.op.Variables)
	args := listArgs{}
	var err error
	number := func(name string) *int {
		v := raw[name]
		if v == nil || err != nil {
			return nil
		}
		var n int
		n, err = graphql.UnmarshalInt(v)
		return &n
	}
	word := func(name string) *string {
		v := raw[name]
		if v == nil || err != nil {
			return nil
		}
		var s string
		s, err = graphql.UnmarshalString(v)
		return &s
	}
	args.Page = persona.PageArgs{First: number("first"), After: word("after"), Last: number("last"), Before: word("before")}
	if err != nil {
		return args, err
	}
	if where := raw["where"]; where != nil {
		args.Where = new(persona.ClaimWhere)
		if err := graphql.UnmarshalNamedInputFromContext(a.ctx, "ClaimWhere", where, args.Where); err != nil {
			return args, err
		}
	}
	args.Text = f.Name == "sources" && a.text(a.items(f.Selections)...)
	return args, nil
}

// paths decodes the argument of traits.
func (a ahead) paths(f graphql.CollectedField) []string {
	return each(graphql.CoerceList(f.ArgumentMap(a.op.Variables)["paths"]), func(v any) []string {
		s, err := graphql.UnmarshalString(v)
		if err != nil {
			return nil
		}
		return []string{s}
	})
}

// parsed returns the profiles of the personas that have one.
func (a ahead) parsed(ps []*persona.Persona) []*persona.Profile {
	return each(ps, func(p *persona.Persona) []*persona.Profile {
		profile, err := a.l.profile(a.ctx, p)
		if profile == nil || err != nil {
			return nil // the field itself reports it
		}
		return []*persona.Profile{profile}
	})
}

func (a ahead) personasAt(sel ast.SelectionSet, ids []persona.ID) {
	cols := a.columns(sel)
	keys := make([]personaKey, len(ids))
	for i, id := range ids {
		keys[i] = personaKey{id, cols}
	}
	a.personas(sel, distinct(a.l.personas.ahead(a.ctx, keys)))
}

// section reads ahead below the traits that are selected of a part of the profiles,
// whose fields' paths begin with prefix.
func (a ahead) section(sel ast.SelectionSet, typ, prefix string, ps []*persona.Profile) {
	for _, f := range a.fields(sel, typ) {
		if f.Definition == nil {
			continue
		}
		switch below := f.Definition.Type.Name(); below {
		case "Trait":
			a.traits(f.Selections, traitsAt(ps, prefix+f.Name))
		case "Position", "Education":
			for _, g := range a.fields(f.Selections, below) {
				if g.Name == "trait" {
					a.traits(g.Selections, traitsAt(ps, prefix+f.Name))
				}
			}
		default:
			a.section(f.Selections, below, prefix+f.Name+".", ps)
		}
	}
}

// traitsAt returns the traits at a path. A projection has the evidence and the claims of what it projects.
func traitsAt(ps []*persona.Profile, path string) []persona.Trait {
	switch path {
	case "career.roles", "career.employers":
		path = "career.positions"
	case "career.schools", "career.degrees":
		path = "career.education"
	}
	field := persona.FieldAt(path)
	if field == nil {
		return nil
	}
	return each(ps, field.Of)
}

func (a ahead) traits(sel ast.SelectionSet, ts []persona.Trait) {
	if len(ts) == 0 {
		return
	}
	for _, f := range a.fields(sel, "Trait") {
		switch f.Name {
		case "evidence":
			a.evidence(f.Selections, each(ts, func(t persona.Trait) []persona.Evidence { return t.Evidence }))
		case "claims":
			a.claimsAt(f.Selections, each(ts, func(t persona.Trait) []persona.ClaimID { return t.Claims }))
		case "restsOn":
			a.claimsAt(f.Selections, each(ts, func(t persona.Trait) []persona.ClaimID { return t.RestsOn }))
		case "alternatives":
			a.claimsAt(f.Selections, each(ts, func(t persona.Trait) []persona.ClaimID { return alternatives(&t) }))
		}
	}
}

// evidence reads the sources quoted, with their texts if one of the fields needs them.
func (a ahead) evidence(sel ast.SelectionSet, es []persona.Evidence) {
	fields := a.fields(sel, "Evidence")
	source, text := false, false
	for _, f := range fields {
		switch f.Name {
		case "source":
			source = true
			text = text || a.text(f.Selections)
		case "before", "after":
			text = true
		case "start", "end":
			text = text || f.ArgumentMap(a.op.Variables)["unit"] == string(model.UTF16)
		}
	}
	if len(es) == 0 || !source && !text {
		return
	}
	read := a.sourcesAt(each(es, func(e persona.Evidence) []persona.SourceID { return []persona.SourceID{e.SourceID} }), text)
	for _, f := range fields {
		if f.Name == "source" {
			a.sources(f.Selections, read)
		}
	}
}

// sourcesAt reads sources. Read with their texts they also serve those who do not ask for them.
func (a ahead) sourcesAt(ids []persona.SourceID, text bool) []*persona.Source {
	keys := make([]sourceKey, len(ids))
	for i, id := range ids {
		keys[i] = sourceKey{id, text}
	}
	read := distinct(a.l.sources.ahead(a.ctx, keys))
	if text {
		for _, s := range read {
			a.l.sources.Prime(a.ctx, sourceKey{s.ID, false}, s)
		}
	}
	return read
}

func (a ahead) sources(sel ast.SelectionSet, ss []*persona.Source) {
	for _, f := range a.fields(sel, "Source") {
		if f.Name == "persona" && len(ss) > 0 {
			a.personasAt(f.Selections, each(ss, func(s *persona.Source) []persona.ID { return []persona.ID{s.PersonaID} }))
		}
	}
}

func (a ahead) claimsAt(sel ast.SelectionSet, ids []persona.ClaimID) {
	if len(ids) > 0 {
		a.claims(sel, a.l.claims.ahead(a.ctx, ids))
	}
}

func (a ahead) claims(sel ast.SelectionSet, cs []*persona.Claim) {
	if cs = distinct(cs); len(cs) == 0 {
		return
	}
	home := each(cs, func(c *persona.Claim) []persona.ID { return []persona.ID{c.PersonaID} })
	for _, f := range a.fields(sel, "Claim") {
		switch f.Name {
		case "persona":
			a.personasAt(f.Selections, home)
		case "state":
			keys := make([]personaKey, len(home))
			for i, id := range home {
				keys[i] = personaKey{id, persona.Columns{Profile: true}}
			}
			a.l.personas.ahead(a.ctx, keys)
		case "cites":
			a.claimsAt(f.Selections, each(cs, func(c *persona.Claim) []persona.ClaimID { return c.Cites }))
		case "source":
			a.sources(f.Selections, a.sourcesAt(each(cs, func(c *persona.Claim) []persona.SourceID { return deref(c.SourceID) }), a.text(f.Selections)))
		case "run":
			a.runs(f.Selections, a.l.runs.ahead(a.ctx, each(cs, func(c *persona.Claim) []persona.RunID { return deref(c.RunID) })))
		case "evidence":
			a.evidence(f.Selections, each(cs, func(c *persona.Claim) []persona.Evidence { return deref(c.Evidence()) }))
		}
	}
}

func (a ahead) runs(sel ast.SelectionSet, rs []*persona.Run) {
	for _, f := range a.fields(sel, "SynthesisRun") {
		if f.Name == "persona" {
			a.personasAt(f.Selections, each(present(rs), func(r *persona.Run) []persona.ID { return []persona.ID{r.PersonaID} }))
		}
	}
}

func (a ahead) versions(sel ast.SelectionSet, vs []*persona.Version) {
	if vs = distinct(vs); len(vs) == 0 {
		return
	}
	home := each(vs, func(v *persona.Version) []persona.ID { return []persona.ID{v.PersonaID} })
	for _, f := range a.fields(sel, "Version") {
		switch f.Name {
		case "persona":
			a.personasAt(f.Selections, home)
		case "profile", "document":
			keys := make([]personaKey, len(home))
			for i, id := range home {
				keys[i] = personaKey{id, persona.Columns{Profile: true}}
			}
			a.l.personas.ahead(a.ctx, keys)
		}
	}
}

// nodes reads what ids of any noun name, aligned to them, in one read per noun.
func (a ahead) nodes(sel ast.SelectionSet, ids []any) ([]model.Node, error) {
	cols, text := a.columns(sel), a.text(sel)
	var personas []personaKey
	var sources []persona.SourceID
	var claims []persona.ClaimID
	var runs []persona.RunID
	var versions []persona.VersionID
	for _, id := range ids {
		switch id := id.(type) {
		case persona.ID:
			personas = append(personas, personaKey{id, cols})
		case persona.SourceID:
			sources = append(sources, id)
		case persona.ClaimID:
			claims = append(claims, id)
		case persona.RunID:
			runs = append(runs, id)
		case persona.VersionID:
			versions = append(versions, id)
		}
	}
	a.page(cols, present(a.l.personas.ahead(a.ctx, personas)), sel)
	a.sources(sel, a.sourcesAt(sources, text))
	a.claimsAt(sel, claims)
	a.runs(sel, a.l.runs.ahead(a.ctx, runs))
	a.versions(sel, a.l.versions.ahead(a.ctx, versions))

	out := make([]model.Node, len(ids))
	for i, id := range ids {
		var err error
		switch id := id.(type) {
		case persona.ID:
			out[i], err = node(a.l.personas.load(a.ctx, personaKey{id, cols}))
		case persona.SourceID:
			out[i], err = node(a.l.sources.load(a.ctx, sourceKey{id, text}))
		case persona.ClaimID:
			out[i], err = node(a.l.claims.load(a.ctx, id))
		case persona.RunID:
			out[i], err = node(a.l.runs.load(a.ctx, id))
		case persona.VersionID:
			out[i], err = node(a.l.versions.load(a.ctx, id))
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// node turns a nil pointer into a nil Node.
func node[T any](v *T, err error) (model.Node, error) {
	if v == nil || err != nil {
		return nil, err
	}
	return v, nil
}

func each[T, U any](items []T, f func(T) []U) []U {
	var out []U
	for _, item := range items {
		out = append(out, f(item)...)
	}
	return out
}

func deref[T any](p *T) []T {
	if p == nil {
		return nil
	}
	return []T{*p}
}

// present leaves out what is not there.
func present[T comparable](items []T) []T {
	var none T
	return slices.DeleteFunc(slices.Clone(items), func(v T) bool { return v == none })
}

// distinct leaves out what is not there, and what comes twice.
func distinct[T comparable](items []T) []T {
	var none T
	seen := map[T]bool{none: true}
	return slices.DeleteFunc(slices.Clone(items), func(v T) bool {
		was := seen[v]
		seen[v] = true
		return was
	})
}
