package gqlhttp

import (
	"context"
	"math"
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

const (
	// The whole of introspection has a flat price: nothing in it touches a database, but it makes long answers.
	schemaWeight, typeWeight = 1000, 50
	// mostCost is where costs stop growing. Products of two of them are exact enough in a float64.
	mostCost = 1e15

	costExtension = "gqlhttp.cost"
)

// Cost returns what the operation in ctx was found to cost before it ran, or 0 outside of an operation.
func Cost(ctx context.Context) int {
	if !graphql.HasOperationContext(ctx) {
		return 0
	}
	cost, _ := graphql.GetOperationContext(ctx).Stats.GetExtension(costExtension).(int)
	return cost
}

// pricing is what the schema says about costs. It is read once.
type pricing struct {
	schema   *ast.Schema
	listSize float64
	fields   map[*ast.FieldDefinition]price
	// sizable has the names of all fields whose size another field's @listSize(sizedFields:) may tell.
	sizable map[string]bool
}

type price struct {
	// weight is what one value of the field costs, its selections apart.
	weight float64
	// arguments are the weights of the arguments that have one.
	arguments map[string]float64
	list      bool
	size      *listSize
}

type listSize struct {
	assumed float64
	// slicing names the arguments that tell the size: a number, or a list as long as the result.
	slicing []string
	// sized names the fields of the result that have the size; without any it is the field itself.
	sized []string
}

func newPricing(schema *ast.Schema, limits Limits) *pricing {
	p := &pricing{
		schema:   schema,
		listSize: float64(limits.ListSize),
		fields:   map[*ast.FieldDefinition]price{},
		sizable:  map[string]bool{},
	}
	for _, definition := range schema.Types {
		if definition.IsCompositeType() {
			for _, field := range definition.Fields {
				p.fields[field] = p.price(definition, field)
			}
		}
	}
	return p
}

func (p *pricing) price(parent *ast.Definition, field *ast.FieldDefinition) price {
	switch {
	case field.Name == "__schema":
		return price{weight: schemaWeight}
	case field.Name == "__type":
		return price{weight: typeWeight}
	case len(parent.Name) > 2 && parent.Name[:2] == "__":
		return price{}
	}
	result := price{list: field.Type.Elem != nil}
	if t := p.schema.Types[field.Type.Name()]; t != nil && t.IsCompositeType() {
		result.weight = 1
	}
	if w, ok := weight(field.Directives); ok {
		result.weight = w
	}
	for _, argument := range field.Arguments {
		if w, ok := weight(argument.Directives); ok {
			if result.arguments == nil {
				result.arguments = map[string]float64{}
			}
			result.arguments[argument.Name] = w
		}
	}
	if directive := field.Directives.ForName("listSize"); directive != nil {
		result.size = &listSize{assumed: p.listSize}
		if n, ok := length(constant(directive, "assumedSize")); ok {
			result.size.assumed = n
		}
		result.size.slicing = names(constant(directive, "slicingArguments"))
		result.size.sized = names(constant(directive, "sizedFields"))
		for _, name := range result.size.sized {
			p.sizable[name] = true
		}
	}
	return result
}

func weight(directives ast.DirectiveList) (float64, bool) {
	directive := directives.ForName("cost")
	if directive == nil {
		return 0, false
	}
	return parseWeight(constant(directive, "weight"))
}

func constant(directive *ast.Directive, name string) any {
	argument := directive.Arguments.ForName(name)
	if argument == nil {
		return nil
	}
	v, err := argument.Value.Value(nil)
	if err != nil {
		return nil
	}
	return v
}

// parseWeight reads the string of a @cost directive.
func parseWeight(v any) (float64, bool) {
	s, ok := v.(string)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(n) {
		return 0, false
	}
	return clamp(n), true
}

// length is the size that an argument tells: a number itself, a list by its items.
func length(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return clamp(float64(v)), true
	case float64:
		return clamp(v), true
	case []any:
		return clamp(float64(len(v))), true
	}
	return 0, false
}

func clamp(n float64) float64 { return min(max(n, 0), mostCost) }

func names(v any) []string {
	if s, ok := v.(string); ok {
		return []string{s}
	}
	items, _ := v.([]any)
	var result []string
	for _, item := range items {
		if s, ok := item.(string); ok {
			result = append(result, s)
		}
	}
	return result
}

// operationCost is the cost of one operation of a document.
type operationCost struct {
	cost int
	// varies says that the cost depends on variables.
	varies bool
}

// cost computes what an operation of a valid document costs, in time linear in the document's length. Each fragment is
// computed once. The variables must be coerced.
func (p *pricing) cost(operation *ast.OperationDefinition, variables map[string]any) operationCost {
	c := &costing{pricing: p, variables: variables, fragments: map[*ast.FragmentDefinition]tally{}}
	total := c.set(operation.SelectionSet)
	return operationCost{cost: int(math.Ceil(total.sum(nil, 0))), varies: c.varies}
}

type costing struct {
	*pricing
	variables map[string]any
	fragments map[*ast.FragmentDefinition]tally
	varies    bool
}

// tally is the cost of a selection set. How many of some fields there are is known only to the field around the set,
// which a fragment cannot see: their costs are kept apart by name.
type tally struct {
	base  float64
	sized map[string]sizedTally
}

type sizedTally struct {
	// fixed does not grow with the size, each is for one item, alone is the whole cost if nothing else tells the size.
	fixed, each, alone float64
}

func (t *tally) add(other tally) {
	t.base = min(t.base+other.base, mostCost)
	for name, s := range other.sized {
		t.addSized(name, s)
	}
}

func (t *tally) addSized(name string, s sizedTally) {
	if t.sized == nil {
		t.sized = map[string]sizedTally{}
	}
	old := t.sized[name]
	t.sized[name] = sizedTally{
		fixed: min(old.fixed+s.fixed, mostCost),
		each:  min(old.each+s.each, mostCost),
		alone: min(old.alone+s.alone, mostCost),
	}
}

// sum is the tally's cost where the fields of the given names have n items each.
func (t tally) sum(sized []string, n float64) float64 {
	sum := t.base
	for name, s := range t.sized {
		if slices.Contains(sized, name) {
			sum += s.fixed + n*s.each
		} else {
			sum += s.alone
		}
	}
	return min(sum, mostCost)
}

func (c *costing) set(set ast.SelectionSet) tally {
	var t tally
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			c.field(&t, selection)
		case *ast.InlineFragment:
			t.add(c.set(selection.SelectionSet))
		case *ast.FragmentSpread:
			if selection.Definition == nil {
				continue
			}
			known, ok := c.fragments[selection.Definition]
			if !ok {
				known = c.set(selection.Definition.SelectionSet)
				c.fragments[selection.Definition] = known
			}
			t.add(known)
		}
	}
	return t
}

func (c *costing) field(t *tally, field *ast.Field) {
	price, ok := c.fields[field.Definition]
	if !ok {
		return // __typename
	}
	inner := c.set(field.SelectionSet)
	n, below := 1.0, 0.0
	if price.list {
		n = c.listSize
	}
	switch {
	case price.size == nil:
		below = inner.sum(nil, 0)
	case len(price.size.sized) > 0:
		below = inner.sum(price.size.sized, c.size(field, price.size))
	default:
		n = c.size(field, price.size)
		below = inner.sum(nil, 0)
	}
	fixed := 0.0
	for _, argument := range field.Arguments {
		fixed += price.arguments[argument.Name]
	}
	each := min(price.weight+below, mostCost)
	alone := min(fixed+n*each, mostCost)
	if c.sizable[field.Name] {
		t.addSized(field.Name, sizedTally{fixed: fixed, each: each, alone: alone})
	} else {
		t.base = min(t.base+alone, mostCost)
	}
}

// size is the largest number that the slicing arguments tell, or the assumed size if they tell none.
func (c *costing) size(field *ast.Field, size *listSize) float64 {
	largest, found := 0.0, false
	for _, name := range size.slicing {
		if n, ok := length(c.argument(field, name)); ok {
			largest, found = max(largest, n), true
		}
	}
	if !found {
		return size.assumed
	}
	return largest
}

func (c *costing) argument(field *ast.Field, name string) any {
	if argument := field.Arguments.ForName(name); argument != nil {
		switch argument.Value.Kind {
		case ast.Variable:
			c.varies = true
			if v, ok := c.variables[argument.Value.Raw]; ok {
				return v
			}
		case ast.ListValue:
			// The length is known even if items are variables.
			return make([]any, len(argument.Value.Children))
		default:
			v, err := argument.Value.Value(nil)
			if err != nil {
				return nil
			}
			return v
		}
	}
	definition := field.Definition.Arguments.ForName(name)
	if definition == nil || definition.DefaultValue == nil {
		return nil
	}
	v, err := definition.DefaultValue.Value(nil)
	if err != nil {
		return nil
	}
	return v
}

func tooExpensive(cost int, limits Limits) *gqlerror.Error {
	err := refuse(codeTooExpensive, "The operation costs %d, more than the %d allowed. Ask for shorter lists or fewer fields.", cost, limits.Cost)
	err.Extensions["cost"] = cost
	return err
}
