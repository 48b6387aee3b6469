package gqlhttp

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/persona-api/persona-api/internal/gqlhttp/testschema"
)

// costOf is what resolvers and extensions see as the operation's cost.
func costOf(t *testing.T, h *Handler, document string, variables map[string]any) int {
	t.Helper()
	response := h.Execute(t.Context(), &graphql.RawParams{Query: document, Variables: variables})
	require.Empty(t, response.Errors, document)
	return response.Extensions["cost"].(int)
}

func TestWhatOperationsCost(t *testing.T) {
	require.Zero(t, Cost(t.Context()))
	h := handler(Options{
		Introspection: true,
		Extensions: []graphql.HandlerExtension{extension(func(ctx context.Context) {
			graphql.RegisterExtension(ctx, "cost", Cost(ctx))
		})},
	})
	for _, test := range []struct {
		document  string
		variables map[string]any
		cost      int
	}{
		{document: "{hello}", cost: 0},
		{document: "{__typename}", cost: 0},
		{document: "{item(id: 1) {id name}}", cost: 1},
		{document: "{item(id: 1) {parent {id}}}", cost: 2},
		{document: "{item(id: 1) {heavy}}", cost: 101},
		{document: `{search(text: "a") {id}}`, cost: 10}, // 7 + 2.5, rounded up
		// A list without @listSize has five items.
		{document: "{item(id: 1) {related {id}}}", cost: 1 + 5},
		{document: "{item(id: 1) {related {related {id}}}}", cost: 1 + 5*(1+5)},
		// The argument, its default, a variable, its default.
		{document: "{item(id: 1) {children(first: 3) {id}}}", cost: 1 + 3},
		{document: "{item(id: 1) {children {id}}}", cost: 1 + 10},
		{document: "query($n: Int) {item(id: 1) {children(first: $n) {id}}}", variables: map[string]any{"n": 7}, cost: 1 + 7},
		{document: "query($n: Int) {item(id: 1) {children(first: $n) {id}}}", cost: 1 + 10},
		{document: "query($n: Int = 4) {item(id: 1) {children(first: $n) {id}}}", cost: 1 + 4},
		{document: "query($n: Int = 4) {item(id: 1) {children(first: $n) {id}}}", variables: map[string]any{"n": 6}, cost: 1 + 6},
		// The size belongs to the connection's lists, not to the connection.
		{document: "{items(first: 3) {nodes {id}}}", cost: 1 + 3},
		{document: "{items(first: 3) {edges {node {id}}}}", cost: 1 + 3*2},
		{document: "{items(first: 3) {nodes {id} edges {cursor}}}", cost: 1 + 3 + 3},
		{document: "{items(first: 3, last: 8) {nodes {id}}}", cost: 1 + 8},
		{document: "{items {nodes {id}}}", cost: 1 + 20},
		{document: "{items(first: 0) {nodes {id}}}", cost: 1},
		{document: "{items(first: 3) {...F}} fragment F on ItemConnection {...G ... {edges {cursor}}} fragment G on ItemConnection {nodes {id}}", cost: 1 + 3 + 3},
		{document: "{a: items(first: 3) {...F} b: items(first: 5) {...F}} fragment F on ItemConnection {nodes {id}}", cost: 1 + 3 + 1 + 5},
		// A list of ids is as long as its result.
		{document: "{itemsById(ids: [1, 2, 3]) {id}}", cost: 3},
		{document: "query($a: ID!) {itemsById(ids: [1, $a]) {id}}", variables: map[string]any{"a": "2"}, cost: 2},
		{document: "query($ids: [ID!]!) {itemsById(ids: $ids) {id}}", variables: map[string]any{"ids": []any{"1", "2", "3", "4"}}, cost: 4},
		// Introspection has a flat price.
		{document: `{__type(name: "Item") {fields {name type {name}}}}`, cost: 50},
		{document: introspectionQuery, cost: 1000},
		// Only the operation that runs counts.
		{document: "mutation {add}", cost: 0},
	} {
		for range 2 { // new, then kept
			require.Equal(t, test.cost, costOf(t, h, test.document, test.variables), test.document)
		}
	}
}

func TestTooExpensiveOperationsAreRefused(t *testing.T) {
	h := handler(Options{Limits: Limits{Cost: 21}})
	got := query(t, h, "{items {nodes {id}}}", nil)
	require.Empty(t, got.envelope(t).Errors)
	for document, variables := range map[string]map[string]any{
		"{items(first: 21) {nodes {id}}}":                nil,
		"query($n: Int) {items(first: $n) {nodes {id}}}": {"n": 21},
	} {
		got = query(t, h, document, variables)
		require.Equal(t, codeTooExpensive, got.code(t))
		require.EqualValues(t, 22, got.envelope(t).Errors[0].Extensions["cost"])
		require.Equal(t, "The operation costs 22, more than the 21 allowed. Ask for shorter lists or fewer fields.", got.envelope(t).Errors[0].Message)
	}
	got = query(t, h, "query($n: Int) {items(first: $n) {nodes {id}}}", map[string]any{"n": 2})
	require.Empty(t, got.envelope(t).Errors)
}

func TestCostsSaturate(t *testing.T) {
	h := handler(Options{Limits: Limits{Depth: 100}})
	got := query(t, h, "{item(id: 1) "+strings.Repeat("{children(first: 2147483647) ", 90)+"{id}"+strings.Repeat("}", 91), nil)
	require.Equal(t, codeTooExpensive, got.code(t), got.body)
	require.EqualValues(t, mostCost, got.envelope(t).Errors[0].Extensions["cost"])
	got = query(t, h, "{items(first: -5) {nodes {id}}}", nil)
	require.Contains(t, got.body, "internal error", "a negative size costs nothing; the resolver deals with it")
}

// TestFragmentsCostWhatTheyStandFor compares a document with the same one whose fragments are written out.
func TestFragmentsCostWhatTheyStandFor(t *testing.T) {
	h := newDocuments(testschema.New(&testschema.Resolvers{}).Schema(), Limits{Cost: 1 << 40}.withDefaults(), false)
	rapid.Check(t, func(t *rapid.T) {
		var fragments []string
		var connection, item func(depth int) (spread, flat string)
		part := func(on string, f func(int) (string, string), depth int) (string, string) {
			spread, flat := f(depth)
			switch rapid.IntRange(0, 2).Draw(t, "how") {
			case 0:
				name := fmt.Sprintf("F%d", len(fragments))
				fragments = append(fragments, fmt.Sprintf("fragment %s on %s {%s}", name, on, spread))
				return "..." + name, flat
			case 1:
				return "... on " + on + " {" + spread + "}", flat
			}
			return spread, flat
		}
		connection = func(depth int) (string, string) {
			nodes, flatNodes := part("Item", item, depth-1)
			edges, flatEdges := part("Item", item, depth-1)
			return "nodes {" + nodes + "} edges {cursor node {" + edges + "}}", "nodes {" + flatNodes + "} edges {cursor node {" + flatEdges + "}}"
		}
		item = func(depth int) (string, string) {
			if depth <= 0 {
				return "id", "id"
			}
			child, flat := part("Item", item, depth-1)
			field := rapid.SampledFrom([]string{"parent", "related", "children", "children(first: 2)"}).Draw(t, "field")
			return "heavy " + field + " {" + child + "}", "heavy " + field + " {" + flat + "}"
		}
		n := rapid.IntRange(0, 50).Draw(t, "first")
		spread, flat := part("ItemConnection", connection, rapid.IntRange(0, 4).Draw(t, "depth"))
		head := fmt.Sprintf("{items(first: %d) {", n)
		a, errs := h.document(head + spread + "}} " + strings.Join(fragments, " "))
		require.Empty(t, errs)
		b, errs := h.document(head + flat + "}}")
		require.Empty(t, errs)
		require.Equal(t, b.costs[b.query.Operations[0]], a.costs[a.query.Operations[0]])
	})
}

// extension runs in each response's context.
type extension func(ctx context.Context)

func (extension) ExtensionName() string                   { return "Extension" }
func (extension) Validate(graphql.ExecutableSchema) error { return nil }
func (e extension) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	e(ctx)
	return next(ctx)
}
