package persona

import (
	"encoding/json"
	"strings"
)

// Document returns the profile as plain JSON in snake_case sections, without
// evidence; what is unknown is left out. An item with parts is an object.
func (p *Profile) Document() json.RawMessage {
	doc := map[string]any{}
	for i := range Fields {
		f := &Fields[i]
		ts := f.Of(p)
		if len(ts) == 0 {
			continue
		}
		values := make([]any, len(ts))
		for j, t := range ts {
			values[j] = t.Value
			if len(f.Parts) > 0 && len(t.Detail) > 0 {
				values[j] = t.Detail
			}
		}
		at, name := doc, f.Document
		if section, rest, ok := strings.Cut(f.Document, "."); ok {
			sub, _ := doc[section].(map[string]any)
			if sub == nil {
				sub = map[string]any{}
				doc[section] = sub
			}
			at, name = sub, rest
		}
		if f.Single() {
			at[name] = values[0]
		} else {
			at[name] = values
		}
	}
	b, _ := json.Marshal(doc) // strings, lists and maps of them: cannot fail
	return b
}
