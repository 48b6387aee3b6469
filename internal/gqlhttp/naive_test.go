package gqlhttp

import (
	"container/list"

	"github.com/vektah/gqlparser/v2/ast"
)

type listElement = list.Element

// naive counts what a document expands to by expanding it: exponential, and the oracle of the walk.
type naive struct {
	doc                                *ast.QueryDocument
	fields, aliases, directives, depth int
}

func (n *naive) count(set ast.SelectionSet, depth int) {
	for _, selection := range set {
		n.fields++
		switch selection := selection.(type) {
		case *ast.Field:
			n.depth = max(n.depth, depth)
			n.directives += len(selection.Directives)
			if selection.Alias != selection.Name {
				n.aliases++
			}
			n.count(selection.SelectionSet, depth+1)
		case *ast.InlineFragment:
			n.directives += len(selection.Directives)
			n.count(selection.SelectionSet, depth)
		case *ast.FragmentSpread:
			n.directives += len(selection.Directives)
			if f := n.doc.Fragments.ForName(selection.Name); f != nil {
				n.directives += len(f.Directives)
				n.count(f.SelectionSet, depth)
			}
		}
	}
}
