package gqlhttp

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVariablesAreCoercedStrictly(t *testing.T) {
	h := handler(Options{})
	for _, test := range []struct {
		argument, kind, value string
		// answer is what the resolver got, or empty if the variable is refused with the message.
		answer, message string
	}{
		{"text", "String", `"a"`, "text=a", ""},
		{"text", "String", `null`, "", ""},
		{"text", "String", `1`, "", `Variable "$v" must be of type "String".`},
		{"text", "String!", `null`, "", `Variable "$v" must not be null; it is of type "String!".`},
		{"number", "Int", `1`, "number=1", ""},
		{"number", "Int", `-2147483648`, "number=-2147483648", ""},
		{"number", "Int", `2147483648`, "", `Variable "$v" must be a whole number of 32 bits.`},
		{"number", "Int", `1.5`, "", `Variable "$v" must be a whole number of 32 bits.`},
		{"number", "Int", `1e2`, "number=100", ""},
		{"number", "Int", `1e400`, "", `Variable "$v" must be a whole number of 32 bits.`},
		{"number", "Int", `"1"`, "", `Variable "$v" must be a whole number of 32 bits.`},
		{"ratio", "Float", `1`, "ratio=1", ""},
		{"ratio", "Float", `1.5`, "ratio=1.5", ""},
		{"ratio", "Float", `1e400`, "", `Variable "$v" must be a number.`},
		{"ratio", "Float", `"1"`, "", `Variable "$v" must be a number.`},
		{"flag", "Boolean", `true`, "flag=true", ""},
		{"flag", "Boolean", `0`, "", `Variable "$v" must be of type "Boolean".`},
		{"id", "ID", `"x"`, "id=x", ""},
		{"id", "ID", `12`, "id=12", ""},
		{"id", "ID", `9007199254740993`, "id=9007199254740993", ""},
		{"id", "ID", `1.5`, "", `Variable "$v" must be a string or a whole number.`},
		{"id", "ID", `1e300`, "", `Variable "$v" must be a string or a whole number.`},
		{"kind", "Kind", `"SMALL"`, "kind=SMALL", ""},
		{"kind", "Kind", `"small"`, "", `Variable "$v" must be a value of enum "Kind".`},
		{"kind", "Kind", `1`, "", `Variable "$v" must be a value of enum "Kind".`},
		{"ids", "[ID!]", `["a",1]`, "ids=[a 1]", ""},
		{"ids", "[ID!]", `"a"`, "ids=[a]", ""},
		{"ids", "[ID!]", `[]`, "ids=[]", ""},
		{"ids", "[ID!]", `["a",null]`, "", `Variable "$v[1]" must not be null; it is of type "ID!".`},
		{"filter", "Filter", `{"name":"a"}`, "filter=a[] 3", ""},
		{"filter", "Filter", `{"name":"a","size":4,"kinds":"LARGE","__typename":"Filter"}`, "filter=a[LARGE] 4", ""},
		{"filter", "Filter", `{}`, "", `Variable "$v" lacks the field "name" of type "String!".`},
		{"filter", "Filter", `[]`, "", `Variable "$v" must be an object of type "Filter".`},
		{"filter", "Filter", `{"name":"a","nome":"b"}`, "", `Variable "$v" has a field that "Filter" does not: "nome".`},
		{"filter", "Filter", `{"name":"a","inner":{"name":"b","kinds":["SMALL","x"]}}`, "", `Variable "$v.inner.kinds[1]" must be a value of enum "Kind".`},
		{"choice", "Choice", `{"id":1}`, "choice=true", ""},
		{"choice", "Choice", `{"name":"a"}`, "choice=false", ""},
		{"choice", "Choice", `{}`, "", `Variable "$v" of type "Choice" must have exactly one field.`},
		{"choice", "Choice", `{"id":1,"name":"a"}`, "", `Variable "$v" of type "Choice" must have exactly one field.`},
		{"choice", "Choice", `{"id":null}`, "", `Variable "$v" must have a value in its field "id".`},
	} {
		t.Run(test.argument+" "+test.value, func(t *testing.T) {
			body := fmt.Sprintf(`{"query":"query($v: %s) {echo(%s: $v)}","variables":{"v":%s,"other":1}}`, test.kind, test.argument, test.value)
			got := post(t, h, body, "Accept", graphqlResponse)
			if test.message != "" {
				require.Equal(t, http.StatusBadRequest, got.status, got.body)
				require.Equal(t, test.message, got.envelope(t).Errors[0].Message)
				return
			}
			require.Equal(t, fmt.Sprintf(`{"data":{"echo":%q}}`, strings.TrimSpace(test.answer+" ")+suffix(test.answer)), got.body)
		})
	}
}

func suffix(answer string) string {
	if answer == "" {
		return ""
	}
	return " "
}

func TestDefaultsOfVariablesAndArguments(t *testing.T) {
	h := handler(Options{})
	const document = "query A($n: String = \"default\") {...F} query B($n: String = \"other\") {...F} fragment F on Query {hello(name: $n)}"
	for operation, want := range map[string]string{"A": "default", "B": "other"} {
		got := post(t, h, fmt.Sprintf(`{"query":%q,"operationName":%q}`, document, operation))
		require.Equal(t, `{"data":{"hello":"Hello, `+want+`"}}`, got.body)
	}
	got := query(t, h, "query($n: String) {hello(name: $n)}", nil)
	require.Equal(t, `{"data":{"hello":"Hello, world"}}`, got.body, "an absent variable leaves the argument's default")
	got = query(t, h, "query($n: String!) {hello(name: $n)}", nil)
	require.Equal(t, `Variable "$n" of type "String!" is missing.`, got.envelope(t).Errors[0].Message)
}

func TestADeepPathIsCutShort(t *testing.T) {
	value := `{"name":1}`
	for range 50 {
		value = `{"name":"a","inner":` + value + `}`
	}
	got := post(t, handler(Options{}), `{"query":"query($v: Filter) {echo(filter: $v)}","variables":{"v":`+value+`}}`)
	message := got.envelope(t).Errors[0].Message
	require.Contains(t, message, "….inner")
	require.Less(t, len(message), 300)
}
