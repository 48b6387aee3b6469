package synth

import (
	"github.com/tmc/langchaingo/llms/openai"

	"github.com/persona-api/persona-api/internal/persona"
)

// form is the shape an answer must have; it is the name of its JSON Schema too.
type form string

const (
	formClaims    form = "claims"
	formNarrative form = "narrative"
)

// list is the key of the answer's one list.
func (f form) list() string {
	if f == formNarrative {
		return "sentences"
	}
	return "claims"
}

type property = openai.ResponseFormatJSONSchemaProperty

// claimsForm is the strict schema of what Extract asks for. It is flat: one list
// of claims whose parts are pairs, so that the many claims without parts do not
// pay for the few that have some.
func claimsForm(fields []persona.Field) *openai.ResponseFormat {
	var paths, parts []any
	seen := map[string]bool{}
	for _, f := range fields {
		if f.Narrative {
			continue
		}
		paths = append(paths, f.Path)
		for _, p := range f.Parts {
			if !seen[p] {
				seen[p] = true
				parts = append(parts, p)
			}
		}
	}
	return strict(formClaims, map[string]*property{
		"path":  {Type: "string", Enum: paths},
		"value": {Type: "string"},
		"parts": {Type: "array", Items: object(map[string]*property{
			"name": {Type: "string", Enum: parts},
			"text": {Type: "string"},
		}, "name", "text")},
		"quote":      {Type: "string"},
		"basis":      {Type: "string", Enum: []any{persona.BasisStated, persona.BasisInferred}},
		"confidence": {Type: "number"},
	}, "path", "value", "parts", "quote", "basis", "confidence")
}

// narrativeForm is the strict schema of what Compose asks for: single sentences,
// so that one without a source can go and the others stay.
func narrativeForm(fields []persona.Field) *openai.ResponseFormat {
	var paths []any
	for _, f := range fields {
		if f.Narrative {
			paths = append(paths, f.Path)
		}
	}
	return strict(formNarrative, map[string]*property{
		"path":  {Type: "string", Enum: paths},
		"text":  {Type: "string"},
		"cites": {Type: "array", Items: &property{Type: "integer"}},
	}, "path", "text", "cites")
}

// strict wraps the form of one entry into that of the answer.
func strict(f form, entry map[string]*property, required ...string) *openai.ResponseFormat {
	return &openai.ResponseFormat{Type: "json_schema", JSONSchema: &openai.ResponseFormatJSONSchema{
		Name: string(f), Strict: true,
		Schema: object(map[string]*property{f.list(): {Type: "array", Items: object(entry, required...)}}, f.list()),
	}}
}

// object requires every property: strict mode knows no optional ones.
func object(properties map[string]*property, required ...string) *property {
	return &property{Type: "object", Properties: properties, Required: required}
}
