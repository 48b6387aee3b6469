package gqlhttp

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

const (
	// maxName is the most bytes of a name. Validation compares unknown names with known ones, which costs the product
	// of their lengths.
	maxName = 128
	// saturated is where sums stop growing, far above every limit and far below overflow.
	saturated = 1 << 30
	// visitsPerField is how many nodes validation may visit for each field that a document may expand to, beside those
	// that are written in it: it enters a fragment again from each operation and each fragment that reaches it.
	visitsPerField = 3
)

// admit parses a document and bounds it, in time linear in its length, so that validation and execution can be trusted
// with it. It knows nothing of the schema.
func admit(query string, limits Limits, introspection bool) (*ast.QueryDocument, *gqlerror.Error) {
	if len(query) > limits.Document {
		return nil, refuse(codeTooLarge, "The document has more than %d bytes. Split it, or move literals into variables.", limits.Document)
	}
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: query}, limits.Tokens)
	if err != nil {
		return nil, parseError(err, limits)
	}
	if len(doc.Operations) == 0 {
		return nil, refuse(codeValidation, "The document has no operation. Add a query, mutation or subscription.")
	}
	if len(doc.Fragments) > limits.Fragments {
		return nil, refuse(codeTooComplex, "The document has more than %d fragments. Merge some of them.", limits.Fragments)
	}
	w := &walk{limits: limits, introspection: introspection, fragments: make(map[string]*fragment, len(doc.Fragments))}
	if err := w.document(doc); err != nil {
		return nil, err
	}
	return doc, nil
}

// size is what a selection set expands to, every spread replaced by its fragment. Sums saturate.
type size struct {
	fields, aliases, directives, visits, depth int
}

func (s *size) add(other size) {
	s.fields = min(s.fields+other.fields, saturated)
	s.aliases = min(s.aliases+other.aliases, saturated)
	s.directives = min(s.directives+other.directives, saturated)
	s.visits = min(s.visits+other.visits, saturated)
	s.depth = max(s.depth, other.depth)
}

type fragment struct {
	definition *ast.FragmentDefinition
	// open is set while the fragment is walked: meeting it again then is a cycle.
	open, done bool
	size       size
}

// walk visits each node of a document once.
type walk struct {
	limits        Limits
	introspection bool
	fragments     map[string]*fragment
	err           *gqlerror.Error
}

func (w *walk) document(doc *ast.QueryDocument) *gqlerror.Error {
	for _, definition := range doc.Fragments {
		w.name(definition.Name)
		w.name(definition.TypeCondition)
		if w.fragments[definition.Name] == nil {
			w.fragments[definition.Name] = &fragment{definition: definition}
		}
	}
	var total size
	visits := 0
	for _, operation := range doc.Operations {
		s := w.operation(operation)
		total.add(s)
		visits = min(visits+s.visits, saturated)
	}
	for _, definition := range doc.Fragments {
		f := w.fragments[definition.Name]
		if f.definition != definition {
			// A second fragment of the same name is not spread by anything; validation will refuse it.
			f = &fragment{definition: definition}
		}
		reached := f.done
		s := w.fragment(f)
		if !reached {
			total.add(s)
		}
		visits = min(visits+s.visits, saturated)
	}
	switch l := w.limits; {
	case w.err != nil:
		return w.err
	case total.depth > l.Depth:
		return refuse(codeTooDeep, "Fields nest more than %d levels deep. Select fewer levels.", l.Depth)
	case total.fields > l.Fields:
		return refuse(codeTooComplex, "The document expands to more than %d fields. Select fewer, or send several requests.", l.Fields)
	case visits > l.Tokens+visitsPerField*l.Fields:
		return refuse(codeTooComplex, "The document's operations and fragments share too many fragments. Nest them less.")
	case total.aliases > l.Aliases:
		return refuse(codeTooComplex, "The document has more than %d aliases. Use fewer, or send several requests.", l.Aliases)
	case total.directives > l.Directives:
		return refuse(codeTooComplex, "The document has more than %d directives. Use fewer.", l.Directives)
	}
	for _, operation := range doc.Operations {
		w.repeats(operation.SelectionSet)
	}
	for _, definition := range doc.Fragments {
		w.repeats(definition.SelectionSet)
	}
	return w.err
}

// fail keeps the first error.
func (w *walk) fail(err *gqlerror.Error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *walk) name(s string) {
	if len(s) > maxName {
		w.fail(refuse(codeTooLarge, "A name in the document has more than %d characters. Shorten it.", maxName))
	}
}

func (w *walk) operation(operation *ast.OperationDefinition) size {
	w.name(operation.Name)
	s := w.directives(operation.Directives)
	for _, v := range operation.VariableDefinitions {
		w.name(v.Variable)
		w.name(v.Type.Name())
		s.visits += 1 + w.value(v.DefaultValue)
		s.add(w.directives(v.Directives))
	}
	s.add(w.selections(operation.SelectionSet))
	return s
}

func (w *walk) fragment(f *fragment) size {
	if f.done {
		return f.size
	}
	if f.open {
		w.fail(refuse(codeValidation, `Fragment "%s" spreads itself. Remove the cycle.`, shown(f.definition.Name)))
		return size{}
	}
	f.open = true
	s := w.directives(f.definition.Directives)
	s.add(w.selections(f.definition.SelectionSet))
	f.open, f.done, f.size = false, true, s
	return s
}

func (w *walk) selections(set ast.SelectionSet) size {
	var sum size
	for _, selection := range set {
		s := size{fields: 1, visits: 1}
		switch selection := selection.(type) {
		case *ast.Field:
			w.name(selection.Name)
			w.name(selection.Alias)
			if !w.introspection && (selection.Name == "__schema" || selection.Name == "__type") {
				w.fail(refuse(codeIntrospection, "Introspection is switched off. Use the published schema."))
			}
			if selection.Alias != selection.Name {
				s.aliases = 1
			}
			s.visits += w.arguments(selection.Arguments)
			s.add(w.directives(selection.Directives))
			s.add(w.selections(selection.SelectionSet))
			s.depth++
		case *ast.InlineFragment:
			w.name(selection.TypeCondition)
			s.add(w.directives(selection.Directives))
			s.add(w.selections(selection.SelectionSet))
		case *ast.FragmentSpread:
			w.name(selection.Name)
			s.add(w.directives(selection.Directives))
			if f := w.fragments[selection.Name]; f != nil {
				s.add(w.fragment(f))
			}
		}
		sum.add(s)
	}
	return sum
}

func (w *walk) directives(list ast.DirectiveList) size {
	s := size{directives: len(list), visits: len(list)}
	for _, d := range list {
		w.name(d.Name)
		s.visits += w.arguments(d.Arguments)
	}
	return s
}

func (w *walk) arguments(list ast.ArgumentList) int {
	n := 0
	for _, a := range list {
		w.name(a.Name)
		n += w.value(a.Value)
	}
	return n
}

func (w *walk) value(v *ast.Value) int {
	if v == nil {
		return 0
	}
	n := 1
	for _, child := range v.Children {
		w.name(child.Name)
		n += w.value(child.Value)
	}
	return n
}

// repeats bounds how often one place of the response is selected. Validation compares all selections of a place with
// one another. It goes through the expanded document, which the walk has found small enough.
func (w *walk) repeats(sets ...ast.SelectionSet) {
	if w.err != nil {
		return
	}
	type place struct {
		count int
		sets  []ast.SelectionSet
	}
	places := map[string]*place{}
	seen := map[string]bool{}
	var collect func(set ast.SelectionSet)
	collect = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch selection := selection.(type) {
			case *ast.Field:
				p := places[selection.Alias]
				if p == nil {
					p = &place{}
					places[selection.Alias] = p
				}
				p.count++
				if len(selection.SelectionSet) > 0 {
					p.sets = append(p.sets, selection.SelectionSet)
				}
			case *ast.InlineFragment:
				collect(selection.SelectionSet)
			case *ast.FragmentSpread:
				if f := w.fragments[selection.Name]; f != nil && !seen[selection.Name] {
					seen[selection.Name] = true
					collect(f.definition.SelectionSet)
				}
			}
		}
	}
	for _, set := range sets {
		collect(set)
	}
	for _, p := range places {
		if p.count > w.limits.Repeats {
			w.fail(refuse(codeTooComplex, "A field is selected more than %d times in the same place. Select it once.", w.limits.Repeats))
			return
		}
	}
	for _, p := range places {
		if len(p.sets) > 0 {
			w.repeats(p.sets...)
		}
	}
}

// removeDefer drops @defer from an admitted document: answers are delivered whole, which a server may always do.
func removeDefer(doc *ast.QueryDocument) {
	var remove func(set ast.SelectionSet)
	without := func(list ast.DirectiveList) ast.DirectiveList {
		if list.ForName("defer") == nil {
			return list
		}
		var rest ast.DirectiveList
		for _, d := range list {
			if d.Name != "defer" {
				rest = append(rest, d)
			}
		}
		return rest
	}
	remove = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch selection := selection.(type) {
			case *ast.Field:
				remove(selection.SelectionSet)
			case *ast.InlineFragment:
				selection.Directives = without(selection.Directives)
				remove(selection.SelectionSet)
			case *ast.FragmentSpread:
				selection.Directives = without(selection.Directives)
			}
		}
	}
	for _, operation := range doc.Operations {
		remove(operation.SelectionSet)
	}
	for _, definition := range doc.Fragments {
		remove(definition.SelectionSet)
	}
}
