package store

import (
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/persona-api/persona-api/internal/persona"
)

// filter makes the condition of w on the persona p. It begins with the
// workspace; narrow reports whether w asks for anything more. The error is the
// caller's: a filter that cannot be asked.
func (q scope) filter(w *persona.Where) (f fragment, narrow bool, err error) {
	f = frag("p.workspace_id = ?ws")
	if w.IsZero() {
		return f, false, nil
	}
	if err := w.Check(); err != nil {
		return f, false, err
	}
	and := func(sql string, args ...any) {
		f.sql += " AND " + sql
		f.args = append(f.args, args...)
	}
	if len(w.StatusIn) > 0 {
		and("p.status IN (?)", bun.List(w.StatusIn))
	}
	for _, part := range []struct {
		name string
		is   *persona.StringFilter
	}{{"name", w.Name}, {"role", w.Role}, {"location", w.Location}} {
		if part.is == nil {
			continue
		}
		column := bun.Safe(part.name + "_key")
		switch {
		case part.is.Eq != nil:
			and("p.? = ?", column, persona.FacetKey(*part.is.Eq))
		case part.is.StartsWith != nil:
			// A range, not LIKE: the operators of a range may use an index behind
			// row-level security, LIKE may not.
			from := persona.FacetKey(*part.is.StartsWith)
			and("p.? >= ?", column, from)
			if to, ok := after(from); ok {
				and("p.? < ?", column, to)
			}
		case part.is.Contains != nil:
			if text := persona.FacetKey(*part.is.Contains); text != "" {
				and("?", q.d.contains(part.name, text))
			}
		}
	}
	facet := func(kind, value string) {
		and("EXISTS (SELECT 1 FROM facet f WHERE f.workspace_id = ?ws AND f.persona_id = p.id AND f.kind = ? AND f.key = ?)",
			kind, persona.FacetKey(value))
	}
	for _, tag := range w.TagsAll {
		facet(persona.FacetTag, tag)
	}
	if w.Skill != nil {
		facet(persona.FacetSkill, *w.Skill)
	}
	if w.Employer != nil {
		facet(persona.FacetEmployer, *w.Employer)
	}
	between := func(column bun.Safe, r *persona.TimeRange) {
		if r == nil {
			return
		}
		if r.From != nil {
			and("p.? >= ?", column, *r.From)
		}
		if r.To != nil {
			and("p.? < ?", column, *r.To)
		}
	}
	between("created_at", w.CreatedAt)
	between("updated_at", w.UpdatedAt)
	return f, true, nil
}

// after returns the least string greater than all that begin with prefix,
// in the order of bytes; ok is false when there is none.
func after(prefix string) (next string, ok bool) {
	for len(prefix) > 0 {
		r, n := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-n]
		if r == 0xD7FF {
			r = 0xDFFF // skips the surrogates, which are no characters
		}
		if r < utf8.MaxRune {
			return prefix + string(r+1), true
		}
	}
	return "", false
}
