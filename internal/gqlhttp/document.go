package gqlhttp

import (
	"container/list"
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// keptDocuments is the most bytes of source of the documents that are kept. A parsed document takes ten to twenty times
// its source.
const keptDocuments = 2 << 20

// document is an admitted and valid document. It is shared by all requests and must not be changed.
type document struct {
	query *ast.QueryDocument
	// costs are those of the operations, as far as they do not depend on variables.
	costs map[*ast.OperationDefinition]operationCost
}

// documents is what the executor takes for its query cache: it asks there first, with the query that the extensions
// have agreed on, and parses and validates nothing if it gets a document. So this is where admission happens.
type documents struct {
	schema        *ast.Schema
	limits        Limits
	introspection bool
	rules         *rules.Rules
	pricing       *pricing
	cache         documentCache
}

func newDocuments(schema *ast.Schema, limits Limits, introspection bool) *documents {
	return &documents{
		schema:        schema,
		limits:        limits,
		introspection: introspection,
		rules:         validationRules(introspection),
		pricing:       newPricing(schema, limits),
		cache:         documentCache{entries: map[string]*list.Element{}},
	}
}

// validationRules are all of the specification's. Unless introspection is on they make no suggestions: "Did you mean"
// would spell the schema out, name by name. Suggestions of types and values are never made: the former cost the product of
// fragments and types, the latter repeat what was sent.
func validationRules(introspection bool) *rules.Rules {
	r := rules.NewDefaultRules()
	replace := func(loud, quiet validator.Rule) {
		r.RemoveRule(loud.Name)
		r.AddRule(quiet.Name, quiet.RuleFunc)
	}
	replace(rules.KnownTypeNamesRule, rules.KnownTypeNamesRuleWithoutSuggestions)
	replace(rules.ScalarLeafsRule, rules.ScalarLeafsRuleWithoutSuggestions)
	replace(rules.ValuesOfCorrectTypeRule, rules.ValuesOfCorrectTypeRuleWithoutSuggestions)
	r.AddRule("FilesAreVariables", filesAreVariables)
	if !introspection {
		replace(rules.FieldsOnCorrectTypeRule, rules.FieldsOnCorrectTypeRuleWithoutSuggestions)
		replace(rules.KnownArgumentNamesRule, rules.KnownArgumentNamesRuleWithoutSuggestions)
	}
	return r
}

// filesAreVariables refuses literals of the type Upload: a file comes in a variable or not at all.
func filesAreVariables(events *validator.Events, fail validator.AddErrFunc) {
	events.OnValue(func(_ *validator.Walker, value *ast.Value) {
		if value.Definition == nil || value.Definition.Name != uploadType {
			return
		}
		switch value.Kind {
		case ast.Variable, ast.NullValue, ast.ListValue:
		default:
			fail(validator.Message(`A literal cannot be of type "`+uploadType+`". Use a variable, and send the file as multipart/form-data.`), core.At(value.Position))
		}
	})
}

type admissionKey struct{}

// admission is one request on its way through the executor's CreateOperationContext.
type admission struct {
	params *graphql.RawParams
	// errs is why the request was refused. The executor's own error is then about something else.
	errs gqlerror.List
}

// Get implements the executor's query cache. It always has an answer: if the request is refused, the answer is a document
// without operations and the reason is in the context's admission.
func (d *documents) Get(ctx context.Context, query string) (*ast.QueryDocument, bool) {
	a := ctx.Value(admissionKey{}).(*admission)
	doc, errs := d.admit(ctx, query, a.params)
	if errs != nil {
		a.errs = errs
		return &ast.QueryDocument{}, true
	}
	return doc, true
}

// Add implements the executor's query cache. It is never called, because Get always answers.
func (d *documents) Add(context.Context, string, *ast.QueryDocument) {}

func (d *documents) admit(ctx context.Context, query string, params *graphql.RawParams) (*ast.QueryDocument, gqlerror.List) {
	if query == "" {
		return nil, gqlerror.List{refuse(codeBadRequest, `The request has no document. Send it as the string "query".`)}
	}
	doc, errs := d.document(query)
	if errs != nil {
		return nil, errs
	}
	operation := doc.query.Operations.ForName(params.OperationName)
	if operation == nil {
		return nil, gqlerror.List{refuse(codeValidation, `Which operation should run? Name one of the document's operations in "operationName".`)}
	}
	variables, err := coerceVariables(d.schema, operation, params.Variables)
	if err != nil {
		return nil, gqlerror.List{err}
	}
	params.Variables = variables
	cost := doc.costs[operation]
	if cost.varies {
		cost = d.pricing.cost(operation, variables)
	}
	graphql.GetOperationContext(ctx).Stats.SetExtension(costExtension, cost.cost)
	if cost.cost > d.limits.Cost {
		return nil, gqlerror.List{tooExpensive(cost.cost, d.limits)}
	}
	return doc.query, nil
}

// document admits and validates a query, or finds it among those that were.
func (d *documents) document(query string) (*document, gqlerror.List) {
	if doc := d.cache.find(query); doc != nil {
		return doc, nil
	}
	parsed, err := admit(query, d.limits, d.introspection)
	if err != nil {
		return nil, gqlerror.List{err}
	}
	if errs := validator.ValidateWithRules(d.schema, parsed, d.rules); len(errs) > 0 {
		return nil, validationErrors(errs)
	}
	removeDefer(parsed)
	doc := &document{query: parsed, costs: map[*ast.OperationDefinition]operationCost{}}
	for _, operation := range parsed.Operations {
		doc.costs[operation] = d.pricing.cost(operation, nil)
	}
	d.cache.keep(query, doc)
	return doc, nil
}

// documentCache keeps the documents used last, bounded by the length of their sources.
type documentCache struct {
	mu      sync.Mutex
	entries map[string]*list.Element
	// recent has the entries, the last used first.
	recent list.List
	bytes  int
}

type documentEntry struct {
	query string
	doc   *document
}

func (c *documentCache) find(query string) *document {
	c.mu.Lock()
	defer c.mu.Unlock()
	element := c.entries[query]
	if element == nil {
		return nil
	}
	c.recent.MoveToFront(element)
	return element.Value.(documentEntry).doc
}

func (c *documentCache) keep(query string, doc *document) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries[query] != nil {
		return
	}
	c.entries[query] = c.recent.PushFront(documentEntry{query, doc})
	c.bytes += len(query)
	for c.bytes > keptDocuments && c.recent.Len() > 1 {
		oldest := c.recent.Back()
		entry := c.recent.Remove(oldest).(documentEntry)
		delete(c.entries, entry.query)
		c.bytes -= len(entry.query)
	}
}
