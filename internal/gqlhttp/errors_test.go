package gqlhttp

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// canary stands in for what a client would not want to see in a log or an error tracker.
const canary = "CANARY"

func TestNoErrorRepeatsTheRequest(t *testing.T) {
	const c = canary
	documents := []string{
		// Syntax errors.
		c, "{" + c, "{hello " + c + ":}", "query " + c + " $", `{hello(name: "` + c, `{hello(name: "` + c + "\n\")}",
		`{hello(name: """` + c, `{hello(name: "\q` + c + `")}`, `{hello(name: "\u` + c + `")}`, `{hello(name: "\u{` + c + `")}`,
		`{hello(name: 1` + c + `)}`, `{hello(name: 0` + c + `)}`, `{hello "` + c + `"}`, `{hello """` + c + `"""}`, "{hello(name: $)} #" + c,
		`"` + c + `" {hello}`, `{hello} "` + c + `"`, "fragment on on " + c + " {a}", "fragment F " + c, "{... on " + c,
		"query($a: " + c, "query($a: String = $" + c + ") {hello}", "{hello}" + c, "Ω" + c, "{hello(name: 1.e" + c + ")}",
		// Values that do not fit.
		`{hello(name: ` + c + `)}`, `{hello(name: [` + c + `])}`, `{hello(name: {a: "` + c + `"})}`, `{hello(name: {a: """` + c + `"""})}`,
		`{echo(number: "` + c + `")}`, `{echo(number: """` + c + `""")}`, `{echo(number: ` + c + `)}`, `{echo(number: [{a: "` + c + `"}])}`,
		`{echo(ratio: "` + c + `")}`, `{echo(flag: "` + c + `")}`, `{echo(flag: ` + c + `)}`, `{echo(id: ` + c + `)}`, `{echo(id: {a: ` + c + `})}`,
		`{echo(kind: ` + c + `)}`, `{echo(kind: "` + c + `")}`, `{echo(kind: """` + c + `""")}`, `{echo(kind: [` + c + `])}`,
		`{echo(kind: "x\" does not exist in \"` + c + `\" enum.")}`,
		`{echo(filter: "` + c + `")}`, `{echo(filter: ` + c + `)}`, `{echo(filter: {name: 1, kinds: [` + c + `]})}`,
		`{echo(filter: {name: null, size: "` + c + `"})}`, `{echo(filter: {inner: {name: ` + c + `}})}`, `{echo(ids: [{a: "` + c + `"}])}`,
		`{echo(choice: {id: "` + c + `", name: "` + c + `"})}`, `{echo(choice: "` + c + `")}`, `{echo(choice: [{id: null}, "` + c + `"])}`,
		`{hello(unknown: "` + c + `")}`, `{hello(unknown: ` + c + `)}`, `{hello(name: "` + c + `", name: "` + c + `2")}`,
		`{nothing(a: "` + c + `", b: ` + c + `, c: """` + c + `""")}`, `{hello @nothing(a: "` + c + `")}`, `{hello @skip(if: "` + c + `")}`, `{hello @skip(if: ` + c + `)}`,
		`{a: hello(name: "` + c + `") a: hello(name: "` + c + `2")}`, `{a: echo(filter: {name: "` + c + `"}) a: echo(filter: {name: "x"})}`,
		`query($n: Int = "` + c + `") {echo(number: $n)}`, `query($n: Int = ` + c + `) {echo(number: $n)}`, `query($k: Kind = ` + c + `) {echo(kind: $k)}`,
		`{echo(number: 99999999999999999999` + strings.Repeat("9", 20) + `)}`,
		// Operations' names, and names too long to be shown.
		"query " + c + "($a: Int) {hello}", "query " + c + " {echo(number: $a)}", "query " + c + " {hello} query " + c + " {hello}",
		"subscription " + c + " {count(to: 1) forever}", "subscription " + c + " {__typename}", "{" + c + strings.Repeat("x", 60) + "}",
		"{...F} fragment F on " + c + strings.Repeat("x", 60) + " {id}", "{hello(" + c + strings.Repeat("x", 60) + ": 1)}",
		"query($" + c + strings.Repeat("x", 60) + ": Int) {hello}", "{" + c + strings.Repeat("x", 200) + "}",
	}
	for _, introspection := range []bool{false, true} {
		h := handler(Options{Introspection: introspection})
		for _, document := range documents {
			got := query(t, h, document, nil)
			require.Equal(t, http.StatusBadRequest, got.status, document+got.body)
			require.NotContains(t, got.body, c, document)
			require.NotContains(t, got.body, "99999", document)
			require.NotEmpty(t, got.code(t), document)
		}
	}

	declared := "query($name: String, $n: Int, $r: Float, $f: Boolean, $k: Kind, $i: ID, $filter: Filter, $choice: Choice, $ids: [ID!]) " +
		"{echo(text: $name, number: $n, ratio: $r, flag: $f, kind: $k, id: $i, filter: $filter, choice: $choice, ids: $ids)}"
	h := handler(Options{Introspection: true})
	for _, variables := range []string{
		`{"name":["` + c + `"]}`, `{"name":{"` + c + `":1}}`, `{"n":"` + c + `"}`, `{"n":1.5e400}`, `{"n":3000000000}`, `{"n":{"a":"` + c + `"}}`,
		`{"r":"` + c + `"}`, `{"f":"` + c + `"}`, `{"k":"` + c + `"}`, `{"k":"` + c + ` is not"}`, `{"i":{"` + c + `":"` + c + `"}}`, `{"i":true}`,
		`{"filter":"` + c + `"}`, `{"filter":{"name":["` + c + `"]}}`, `{"filter":{"name":"a","` + c + ` with a space":1}}`,
		`{"filter":{"name":"a","kinds":["SMALL","` + c + `"]}}`, `{"filter":{"name":"a","inner":{"name":"b","size":"` + c + `"}}}`,
		`{"choice":{"id":"` + c + `","name":"` + c + `"}}`, `{"choice":["` + c + `"]}`, `{"ids":["` + c + `",{"` + c + `":"` + c + `"}]}`,
	} {
		got := post(t, h, fmt.Sprintf(`{"query":%q,"variables":%s}`, declared, variables), "Accept", graphqlResponse)
		require.Equal(t, http.StatusBadRequest, got.status, variables)
		require.NotContains(t, got.body, c, variables)
		require.Equal(t, codeValidation, got.code(t), variables)
		require.Contains(t, got.envelope(t).Errors[0].Message, "$", variables)
	}

	for _, body := range []string{
		c, `{"query":"` + c, `{"` + c + `"}`, `{"query":{"` + c + `":1}}`, `{"variables":"` + c + `"}`, `{"extensions":["` + c + `"]}`, `[{"query":"` + c + `"}]`,
		`{"query":"{hello}"}` + c, `{"query":"{hello}","operationName":"` + c + `"}`, `{"query":"{hello}","operationName":["` + c + `"]}`,
		`{"query":"query A {hello}","operationName":"` + c + ` drop"}`, `{"` + c + `":"\ud800"}`, `"` + c + `"`,
	} {
		got := post(t, h, body, "Accept", graphqlResponse, "X-Canary", c)
		require.Equal(t, http.StatusBadRequest, got.status, body)
		require.NotContains(t, got.body, c, body)
	}
	for _, parameters := range []url.Values{{"query": {c}}, {"query": {"{hello}"}, "variables": {c}}, {"query": {"{hello}"}, c: {c}, "operationName": {c}}} {
		got := get(t, h, parameters)
		require.NotContains(t, got.body, c)
	}
	for _, header := range [][]string{{"Accept", c + "/" + c}, {"Content-Type", c + "/json"}, {"Content-Encoding", c}} {
		got := do(t, h, http.MethodPost, "/", "{}", header...)
		require.NotContains(t, got.body, c)
	}
}

func TestErrorsSayWhatIsWrong(t *testing.T) {
	h := handler(Options{Introspection: true})
	for document, want := range map[string]string{
		"{hello":                                 "Syntax error: expected Name, found the end of the document.",
		"{hello(name: )}":                        "Syntax error: did not expect ).",
		"{}":                                     "Syntax error: expected at least one item, found }.",
		"fragment F in Item {id}":                `Syntax error: expected "on", found Name.`,
		`{hello(name: "a)}`:                      "Syntax error: did not expect a malformed number, string or character.",
		`{hello(name: "\q")}`:                    "Syntax error: did not expect a malformed number, string or character.",
		"{hello(name: 01)}":                      "Syntax error: did not expect a malformed number, string or character.",
		"{hello ? }":                             "Syntax error: expected Name, found a malformed number, string or character.",
		"{hellos}":                               `Cannot query field "hellos" on type "Query". Did you mean "hello"?`,
		"{hello(nome: 1)}":                       `Unknown argument "nome" on field "Query.hello". Did you mean "name"?`,
		"{item {id}}":                            `Field "item" argument "id" of type "ID!" is required, but it was not provided.`,
		"{item(id: 1)}":                          `Field "item" of type "Item" must have a selection of subfields.`,
		"{hello {__typename}}":                   `Field "hello" must not have a selection since type "String" has no subfields.`,
		"{...F} fragment F on Itm {id}":          `Unknown type "Itm".`,
		"{...F}":                                 `Unknown fragment "F".`,
		"{echo(number: 1.5)}":                    "Int cannot represent this value.",
		"{echo(kind: HUGE)}":                     `Expected a value of enum "Kind".`,
		`{echo(kind: "SMALL")}`:                  `Expected a value of type "Kind".`,
		"{echo(filter: 1)}":                      `Expected a value of type "Filter".`,
		"{echo(filter: {})}":                     `Field "Filter.name" of required type "String!" was not provided.`,
		`{echo(filter: {name: "a", nome: "b"})}`: `Field "nome" is not defined by type "Filter".`,
		"{echo(choice: {})}":                     `OneOf Input Object "Choice" must specify exactly one key.`,
		"{hello @nothing}":                       `Unknown directive "@nothing".`,
		"query Q($a: Int) {hello}":               `Variable "$a" is never used.`,
		"query Q {echo(number: $a)}":             `Variable "$a" is not defined.`,
		"query($a: String) {echo(number: $a)}":   `Variable "$a" of type "String" used in position expecting type "Int".`,
		"{a: hello a: fails}":                    `Fields "a" conflict because "hello" and "fails" are different fields. Use different aliases on the fields to fetch both if this was intentional.`,
		"query Q {hello} query Q {hello}":        "Every operation of a document needs a name of its own.",
		"subscription S {count(to: 1) forever}":  "The subscription must select only one top level field.",
		"{...A} fragment A on Query {...A}":      `Fragment "A" spreads itself. Remove the cycle.`,
		"fragment A on Query {hello}":            "The document has no operation. Add a query, mutation or subscription.",
		"{node(id: 1) {...F}} fragment F on Kind {__typename}": `Fragment "F" cannot condition on non composite type "Kind".`,
	} {
		got := query(t, h, document, nil).envelope(t)
		require.NotEmpty(t, got.Errors, document)
		require.Equal(t, want, got.Errors[0].Message, document)
	}
}

func TestOnlySomeOfManyErrorsAreReported(t *testing.T) {
	got := query(t, handler(Options{Introspection: true}), "{"+times(1000, func(i int) string { return fmt.Sprintf("hell%d ", i) })+"}", nil)
	require.Len(t, got.envelope(t).Errors, maxReportedErrors)
	require.Less(t, len(got.body), 4000)
}
