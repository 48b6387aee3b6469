package gqlhttp

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2/validator"

	"github.com/persona-api/persona-api/internal/gqlhttp/testschema"
)

// roomy are limits under which the walk and not the parser has to refuse.
func roomy() Limits { return Limits{Document: 8 << 20, Tokens: 1 << 20, Body: 16 << 20} }

// times concatenates f(0) to f(n-1).
func times(n int, f func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(f(i))
	}
	return b.String()
}

// doubling nests fragments, each spread twice in the one before it.
func doubling(levels int) string {
	return "{...F0} " + times(levels, func(i int) string {
		return fmt.Sprintf("fragment F%d on Query {...F%d ...F%d} ", i, i+1, i+1)
	}) + fmt.Sprintf("fragment F%d on Query {hello}", levels)
}

// hostile are documents that would take seconds, or for ever, in a validator or executor that trusts them.
func hostile() map[string]string {
	return map[string]string{
		"nested fragments doubling 100 times": doubling(100),
		"doubling under fields": "{item(id: 1) {...F0}} " + times(100, func(i int) string {
			return fmt.Sprintf("fragment F%d on Item {a: parent {...F%d} b: parent {...F%d}} ", i, i+1, i+1)
		}) + "fragment F100 on Item {id}",
		"10,000 equal fields":  "{" + strings.Repeat("hello ", 10000) + "}",
		"20,000 aliases":       "{" + times(20000, func(i int) string { return fmt.Sprintf("a%d: hello ", i) }) + "}",
		"30,000 directives":    "{hello " + strings.Repeat("@a", 30000) + "}",
		"30,000 on a variable": "query($a: Int " + strings.Repeat("@a", 30000) + ") {hello}",
		"30,000 on a fragment": "{...F} fragment F on Query " + strings.Repeat("@a", 30000) + " {hello}",
		"1,000 overlapping fragments": "{" + times(1000, func(i int) string { return fmt.Sprintf("...F%d ", i) }) + "} " +
			times(1000, func(i int) string { return fmt.Sprintf("fragment F%d on Query {hello} ", i) }),
		"200 overlapping fragments": "{" + times(200, func(i int) string { return fmt.Sprintf("...F%d ", i) }) + "} " +
			times(200, func(i int) string { return fmt.Sprintf("fragment F%d on Query {hello} ", i) }),
		"a chain of fragments that each validation enters again": "{...F0} " + times(199, func(i int) string {
			return fmt.Sprintf("fragment F%d on Query {hello %s ...F%d} ", i, times(20, func(j int) string { return fmt.Sprintf("f%d_%d ", i, j) }), i+1)
		}) + "fragment F199 on Query {hello}",
		"1,000 operations that share a fragment": times(1000, func(i int) string { return fmt.Sprintf("query Q%d {...F} ", i) }) +
			"fragment F on Query {" + times(100, func(i int) string { return fmt.Sprintf("f%d ", i) }) + "}",
		"equal fields in equal fields": "{" + strings.Repeat("item(id: 1) {"+strings.Repeat("parent {id} ", 40)+"} ", 40) + "}",
		"a binary tree of equal fields": func() string {
			s := "id"
			for range 12 {
				s = "parent {" + s + "} parent {" + s + "}"
			}
			return "{item(id: 1) {" + s + "}}"
		}(),
		"500 levels":          "{item(id: 1) " + strings.Repeat("{parent ", 500) + "{id}" + strings.Repeat("}", 501) + "}",
		"30,000 levels":       "{item(id: 1) " + strings.Repeat("{parent ", 30000),
		"60,000 lists":        "{echo(ids: " + strings.Repeat("[", 60000),
		"30,000 objects":      "{echo(filter: " + strings.Repeat("{a: ", 30000),
		"60,000 list types":   "query($a: " + strings.Repeat("[", 60000),
		"20,000 arguments":    "{hello(" + strings.Repeat("a:1 ", 20000) + ")}",
		"20,000 values":       "{itemsById(ids: [" + strings.Repeat("1 ", 20000) + "]) {id related {id}}}",
		"20,000 operations":   strings.Repeat("{hello}", 20000),
		"a name of 50,000":    "{" + strings.Repeat("x", 50000) + "}",
		"a million items":     "{items(first: 1000000) {nodes {id}}}",
		"products of lists":   "{items(first: 100) {nodes {children(first: 100) {children(first: 100) {id}}}}}",
		"a fragment's circle": "{...A} fragment A on Query {...B} fragment B on Query {hello ...A}",
		"a long circle": "{...F0} " + times(150, func(i int) string {
			return fmt.Sprintf("fragment F%d on Query {...F%d ...F%d} ", i, (i+1)%150, (i+2)%150)
		}),
	}
}

func TestHostileDocumentsAreRefused(t *testing.T) {
	for name, document := range hostile() {
		for _, limits := range []Limits{{}, roomy()} {
			t.Run(name, func(t *testing.T) {
				got := query(t, handler(Options{Introspection: true, Limits: limits}), document, nil)
				require.Less(t, len(got.body), 4000)
				require.Nil(t, got.envelope(t).Data)
				require.Equal(t, http.StatusBadRequest, got.status)
				require.Contains(t, []string{codeTooLarge, codeTooDeep, codeTooComplex, codeTooExpensive, codeParse, codeValidation}, got.code(t))
			})
		}
	}
}

func TestEachLimitIsExact(t *testing.T) {
	limits := Limits{Document: 1000, Tokens: 120, Depth: 4, Fields: 20, Aliases: 3, Repeats: 4, Directives: 3, Fragments: 3, Cost: 30}
	fields := func(n int) string {
		return "{" + times(n, func(i int) string { return fmt.Sprintf("f%d ", i) }) + "}"
	}
	for _, test := range []struct {
		name          string
		admitted, not string
		code          string
		says          string
	}{
		{"bytes", "{hello}" + strings.Repeat(" ", 993), "{hello}" + strings.Repeat(" ", 994), codeTooLarge, "1000 bytes"},
		{"tokens", "{hello(a: [" + strings.Repeat("1 ", 110) + "])}", "{hello(a: [" + strings.Repeat("1 ", 120) + "])}", codeTooLarge, "120 tokens"},
		{"comments", "{a}" + strings.Repeat("#\n", 116), "{a}" + strings.Repeat("#\n", 120), codeTooLarge, "120 tokens"},
		{"depth", "{a {b {c {d}}}}", "{a {b {c {d {e}}}}}", codeTooDeep, "4 levels"},
		{"depth through fragments", "{a {...F}} fragment F on T {b {c {d}}}", "{a {...F}} fragment F on T {b {c {... {d {e}}}}}", codeTooDeep, "4 levels"},
		{"depth in an unused fragment", "{a} fragment F on T {a {b {c {d}}}}", "{a} fragment F on T {a {b {c {d {e}}}}}", codeTooDeep, "4 levels"},
		{"fields", fields(20), fields(21), codeTooComplex, "20 fields"},
		{"fields through fragments", "{a {...F} b {...F}} fragment F on T {c d e f g h i j}", "{a {...F} b {...F}} fragment F on T {c d e f g h i j k}", codeTooComplex, "20 fields"},
		{"aliases", "{a: x b: x c: x}", "{a: x b: x c: x d: x}", codeTooComplex, "3 aliases"},
		{"aliases through fragments", "{a: x b {...F} c {...F}} fragment F on T {d: x}", "{b {...F} c {...F}} fragment F on T {d: x e: x}", codeTooComplex, "3 aliases"},
		{"an alias that is the name is none", "{a: a b: b c: c d: d}", "{a: a b: x c: x d: x e: x}", codeTooComplex, "3 aliases"},
		{"repeats", "{a a a a}", "{a a a a a}", codeTooComplex, "4 times"},
		{"repeats through fragments", "{a a ...F ... {a}} fragment F on T {a}", "{a a ...F ... {a a}} fragment F on T {a}", codeTooComplex, "4 times"},
		{"repeats below repeats", "{a {x x} a {x x}}", "{a {x x} a {x x x}}", codeTooComplex, "4 times"},
		{"repeats in an unused fragment", "{b} fragment F on T {a a a a}", "{b} fragment F on T {a a a a a}", codeTooComplex, "4 times"},
		{"directives", "{a @x @x b @x}", "{a @x @x b @x @x}", codeTooComplex, "3 directives"},
		{"directives on everything", "query($v: T @x) @x {...F @x} fragment F on T {a}", "query($v: T @x) @x {...F @x} fragment F on T @x {a}", codeTooComplex, "3 directives"},
		{"fragments", "{a} " + strings.Repeat("fragment F on T {a} ", 3), "{a} " + strings.Repeat("fragment F on T {a} ", 4), codeTooComplex, "3 fragments"},
		{"names", "{" + strings.Repeat("x", 128) + "}", "{" + strings.Repeat("x", 129) + "}", codeTooLarge, "128 characters"},
		{"names of arguments", "{a(" + strings.Repeat("x", 128) + ": 1)}", "{a(" + strings.Repeat("x", 129) + ": 1)}", codeTooLarge, "128 characters"},
		{"names in values", "{a(b: {" + strings.Repeat("x", 128) + ": 1})}", "{a(b: {" + strings.Repeat("x", 129) + ": 1})}", codeTooLarge, "128 characters"},
		{"cycles", "{...A} fragment A on T {...B} fragment B on T {a}", "{...A} fragment A on T {...B} fragment B on T {a ...A}", codeValidation, `"A"`},
		{"cycles in unused fragments", "{a} fragment A on T {a}", "{a} fragment A on T {a {...A}}", codeValidation, `"A"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := admit(test.admitted, limits.withDefaults(), true)
			require.Nil(t, err)
			_, err = admit(test.not, limits.withDefaults(), true)
			require.NotNil(t, err)
			require.Equal(t, test.code, code(err), err.Message)
			require.Contains(t, err.Message, test.says)
		})
	}
}

func TestNestingDeeperThanTheParserMayRecurseIsTooDeep(t *testing.T) {
	_, err := admit("{a(b: "+strings.Repeat("[", 2000)+strings.Repeat("]", 2000)+")}", Limits{}.withDefaults(), true)
	require.NotNil(t, err)
	require.Equal(t, codeTooDeep, code(err))
}

// introspectionQuery asks for all that GraphiQL asks for, with types nine wrappers deep.
const introspectionQuery = `query IntrospectionQuery {
  __schema {
    description
    queryType { name kind } mutationType { name kind } subscriptionType { name kind }
    types { ...FullType }
    directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } }
  }
}
fragment FullType on __Type {
  kind name description specifiedByURL isOneOf
  fields(includeDeprecated: true) {
    name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason
  }
  inputFields(includeDeprecated: true) { ...InputValue }
  interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType {
  kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }`

func TestFullIntrospectionIsAdmitted(t *testing.T) {
	got := query(t, handler(Options{Introspection: true}), introspectionQuery, nil)
	require.Equal(t, http.StatusOK, got.status, got.body)
	require.Empty(t, got.envelope(t).Errors)
	require.Contains(t, got.body, `"ItemConnection"`)
}

func TestDeepIntrospectionIsRefused(t *testing.T) {
	got := query(t, handler(Options{Introspection: true}), "{__schema {types {fields {type {fields {type {fields {name}}}}}}}}", nil)
	require.Equal(t, codeValidation, got.code(t))
}

func TestDocumentsAreKeptUpToABound(t *testing.T) {
	d := newDocuments(testschema.New(&testschema.Resolvers{}).Schema(), Limits{}.withDefaults(), true)
	document := func(i int) string { return fmt.Sprintf("{hello} #%d %s", i, strings.Repeat("x", 60000)) }
	first, errs := d.document(document(0))
	require.Empty(t, errs)
	for i := range 30 {
		_, errs = d.document(document(i))
		require.Empty(t, errs)
		again, _ := d.document(document(0))
		require.Same(t, first, again, "what is used stays")
	}
	for i := range 100 {
		_, errs = d.document(document(100 + i))
		require.Empty(t, errs)
	}
	require.LessOrEqual(t, d.cache.bytes, keptDocuments)
	require.Len(t, d.cache.entries, d.cache.recent.Len())
	require.Less(t, d.cache.recent.Len(), 40)
	require.Nil(t, d.cache.find(document(0)))
	again, errs := d.document(document(0))
	require.Empty(t, errs)
	require.NotSame(t, first, again)
}

func TestKeptDocumentsMayBeRunAtTheSameTime(t *testing.T) {
	h := handler(Options{})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 20 {
				response := h.Execute(t.Context(), &graphql.RawParams{
					Query:     fmt.Sprintf("query($n: Int) {items(first: $n) {...F}} fragment F on ItemConnection {nodes {id ... @defer {name}}} #%d", i%3),
					Variables: map[string]any{"n": 2},
				})
				if len(response.Errors) > 0 {
					t.Error(response.Errors)
				}
			}
		})
	}
	all.Wait()
}

func TestRefusedDocumentsAreNotKept(t *testing.T) {
	d := newDocuments(testschema.New(&testschema.Resolvers{}).Schema(), Limits{}.withDefaults(), true)
	for _, document := range []string{"{", "{nothing}", "{" + strings.Repeat("hello ", 51) + "}"} {
		_, errs := d.document(document)
		require.NotEmpty(t, errs)
	}
	require.Zero(t, d.cache.bytes)
}

// FuzzAdmission admits and validates documents of any kind. What is refused must have a code and a short message, what
// is admitted must stay within the limits however it is counted, and nothing may panic.
func FuzzAdmission(f *testing.F) {
	for _, document := range hostile() {
		if len(document) < 20000 {
			f.Add(document)
		}
	}
	f.Add(introspectionQuery)
	f.Add(`query Q($a: Int = 1, $f: [Filter!]) @x { a: items(first: $a) { nodes { ... on Item @include(if: true) { id } ...F } } } fragment F on Item { name children(first: 3) { id } }`)
	f.Add(`subscription { count(to: 3) } mutation M { add(by: """block""") } { echo(kind: SMALL, filter: {name: "\u00e9", kinds: [LARGE], inner: null}) }`)
	f.Add(`{echo(choice: {id: null}) node(id: 1) {... on Tag {label} ... on Item {id}}}`)
	limits := Limits{Fields: 100, Aliases: 10, Directives: 10, Repeats: 5, Depth: 8, Fragments: 10}.withDefaults()
	d := newDocuments(testschema.New(&testschema.Resolvers{}).Schema(), limits, true)
	f.Fuzz(func(t *testing.T, document string) {
		doc, err := admit(document, limits, true)
		if err != nil {
			require.NotEmpty(t, code(err))
			require.Less(t, len(err.Message), 300)
			return
		}
		require.NotEmpty(t, doc.Operations)
		n := naive{doc: doc}
		for _, operation := range doc.Operations {
			n.count(operation.SelectionSet, 1)
		}
		require.LessOrEqual(t, n.fields, limits.Fields)
		require.LessOrEqual(t, n.aliases, limits.Aliases)
		require.LessOrEqual(t, n.directives, limits.Directives)
		require.LessOrEqual(t, n.depth, limits.Depth)
		if errs := validator.ValidateWithRules(d.schema, doc, d.rules); len(errs) > 0 {
			safe := validationErrors(errs)
			encoded, err := json.Marshal(safe)
			require.NoError(t, err)
			require.Less(t, len(encoded), 4000)
			return
		}
		removeDefer(doc)
		for _, operation := range doc.Operations {
			cost := d.pricing.cost(operation, nil)
			require.GreaterOrEqual(t, cost.cost, 0)
		}
	})
}

func BenchmarkHostileDocuments(b *testing.B) {
	for name, document := range hostile() {
		b.Run(strings.ReplaceAll(name, " ", "_"), func(b *testing.B) {
			h := handler(Options{Introspection: true})
			benchmark(b, h, document, false)
		})
		b.Run(strings.ReplaceAll(name, " ", "_")+"/roomy", func(b *testing.B) {
			h := handler(Options{Introspection: true, Limits: roomy()})
			benchmark(b, h, document, false)
		})
	}
}

// BenchmarkAdmittedDocuments are the worst that the limits let through, each as if it were new.
func BenchmarkAdmittedDocuments(b *testing.B) {
	documents := map[string]string{
		"introspection":  introspectionQuery,
		"50 equal trees": "{" + strings.Repeat("items(first: 1) {nodes {id name parent {id name} children(first: 1) {id name}} edges {cursor node {id}}} ", 50) + "}",
		"200 fragments":  "{item(id: 1) {...F0}} " + times(199, func(i int) string { return fmt.Sprintf("fragment F%d on Item {id %s} ", i, spreadNext(i)) }) + "fragment F199 on Item {id}",
		"49 overlapping fragments": "{item(id: 1) {" + times(49, func(i int) string { return fmt.Sprintf("...F%d ", i) }) + "}} " + times(49, func(i int) string {
			return fmt.Sprintf("fragment F%d on Item {id name parent {id name parent {id name}} children(first: 2) {id name related {id}}} ", i)
		}),
		"1,600 unknown fields":        "{" + times(1600, func(i int) string { return fmt.Sprintf("hell%d ", i) }) + "}",
		"2 fields with 800 arguments": "{" + strings.Repeat("echo("+times(800, func(i int) string { return fmt.Sprintf("a%d:1 ", i) })+") ", 2) + "}",
	}
	for name, document := range documents {
		b.Run(strings.ReplaceAll(name, " ", "_"), func(b *testing.B) {
			d := newDocuments(testschema.New(&testschema.Resolvers{}).Schema(), Limits{}.withDefaults(), true)
			b.ReportAllocs()
			for b.Loop() {
				d.cache.entries = map[string]*listElement{}
				d.cache.recent.Init()
				_, _ = d.document(document)
			}
		})
	}
}

func spreadNext(i int) string {
	if i%10 == 9 {
		return fmt.Sprintf("parent {id ...F%d}", i+1)
	}
	return fmt.Sprintf("...F%d", i+1)
}

func BenchmarkSmallQuery(b *testing.B) {
	benchmark(b, handler(Options{}), "{items(first: 2) {nodes {id name}}}", true)
}

func benchmark(b *testing.B, h http.Handler, document string, answered bool) {
	body, err := json.Marshal(graphql.RawParams{Query: document})
	require.NoError(b, err)
	b.ReportAllocs()
	size := 0
	for b.Loop() {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/", strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		size = w.Body.Len()
		if !answered && (size >= 4000 || !strings.HasPrefix(w.Body.String(), `{"errors"`)) {
			b.Fatalf("answered with %d bytes", size)
		}
	}
	b.ReportMetric(float64(size), "bytes/answer")
}
