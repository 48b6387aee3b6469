package gqlhttp

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// coerceVariables checks the variables of a valid operation as the specification wants it and fills in defaults. The
// executor's own check, which runs afterwards, takes enum values in any case, numbers for strings and any shape of a
// @oneOf input, and repeats values in its errors.
//
// Int becomes int64, Float float64 and ID string; custom scalars stay as they are. What the operation does not declare is
// left out.
func coerceVariables(schema *ast.Schema, operation *ast.OperationDefinition, values map[string]any) (map[string]any, *gqlerror.Error) {
	coerced := make(map[string]any, len(operation.VariableDefinitions))
	for _, definition := range operation.VariableDefinitions {
		v, given := values[definition.Variable]
		if !given {
			if definition.DefaultValue != nil {
				d, err := definition.DefaultValue.Value(nil)
				if err != nil {
					return nil, refuse(codeValidation, `The default of variable "$%s" does not fit its type.`, shown(definition.Variable))
				}
				v, given = d, true
			} else if definition.Type.NonNull {
				return nil, refuse(codeValidation, `Variable "$%s" of type "%s" is missing.`, shown(definition.Variable), shownType(definition.Type))
			}
		}
		if !given {
			continue
		}
		c := coercion{schema: schema, at: &step{name: definition.Variable}}
		if coerced[definition.Variable] = c.value(definition.Type, v); c.err != nil {
			return nil, c.err
		}
	}
	return coerced, nil
}

// step is one step on the way to the value that is being coerced: a variable, a field or, if the name is empty, an item.
type step struct {
	up    *step
	name  string
	index int
}

func (s *step) String() string {
	var parts []string
	for ; s != nil; s = s.up {
		switch {
		case s.up == nil:
			parts = append(parts, "$"+shown(s.name))
		case s.name == "":
			parts = append(parts, "["+strconv.Itoa(s.index)+"]")
		default:
			parts = append(parts, "."+shown(s.name))
		}
		if len(parts) == 20 {
			parts = append(parts, "…")
			break
		}
	}
	var b strings.Builder
	for i := len(parts) - 1; i >= 0; i-- {
		b.WriteString(parts[i])
	}
	return b.String()
}

func shownType(t *ast.Type) string {
	if len(t.Name()) > maxNameInAnError {
		return "…"
	}
	return t.String()
}

type coercion struct {
	schema *ast.Schema
	at     *step
	err    *gqlerror.Error
}

func (c *coercion) fail(format string, args ...any) any {
	if c.err == nil {
		err := refuse(codeValidation, format, args...)
		err.Message = `Variable "` + c.at.String() + `" ` + err.Message
		c.err = err
	}
	return nil
}

// under coerces a part of the present value.
func (c *coercion) under(name string, index int, t *ast.Type, v any) any {
	c.at = &step{up: c.at, name: name, index: index}
	v = c.value(t, v)
	c.at = c.at.up
	return v
}

func (c *coercion) value(t *ast.Type, v any) any {
	if c.err != nil {
		return nil
	}
	if v == nil {
		if t.NonNull {
			return c.fail(`must not be null; it is of type "%s".`, shownType(t))
		}
		return nil
	}
	if t.Elem != nil {
		items, ok := v.([]any)
		if !ok {
			// A single value stands for a list of it.
			return []any{c.value(t.Elem, v)}
		}
		list := make([]any, len(items))
		for i, item := range items {
			list[i] = c.under("", i, t.Elem, item)
		}
		return list
	}
	definition := c.schema.Types[t.NamedType]
	switch {
	case definition == nil:
		return c.fail("has an unknown type.")
	case definition.Kind == ast.Enum:
		if s, ok := v.(string); ok && definition.EnumValues.ForName(s) != nil {
			return s
		}
		return c.fail(`must be a value of enum "%s".`, definition.Name)
	case definition.Kind == ast.InputObject:
		return c.object(definition, v)
	}
	if _, isFile := v.(graphql.Upload); isFile != (t.NamedType == uploadType) {
		if isFile {
			return c.fail(`must be of type "%s", not a file.`, definition.Name)
		}
		return c.fail("must be a file. Send null in its place, and the file, as multipart/form-data.")
	}
	var ok bool
	switch t.NamedType {
	case "Int":
		var n int64
		if n, ok = integer(v); ok && math.MinInt32 <= n && n <= math.MaxInt32 {
			return n
		}
		return c.fail("must be a whole number of 32 bits.")
	case "Float":
		if v, ok = float(v); ok {
			return v
		}
		return c.fail("must be a number.")
	case "ID":
		if s, ok := v.(string); ok {
			return s
		}
		if n, ok := integer(v); ok {
			return strconv.FormatInt(n, 10)
		}
		return c.fail("must be a string or a whole number.")
	case "String":
		_, ok = v.(string)
	case "Boolean":
		_, ok = v.(bool)
	default:
		ok = true
	}
	if !ok {
		return c.fail(`must be of type "%s".`, t.NamedType)
	}
	return v
}

func (c *coercion) object(definition *ast.Definition, v any) any {
	fields, ok := v.(map[string]any)
	if !ok {
		return c.fail(`must be an object of type "%s".`, definition.Name)
	}
	coerced := make(map[string]any, len(fields))
	for _, field := range definition.Fields {
		value, given := fields[field.Name]
		if given {
			coerced[field.Name] = c.under(field.Name, 0, field.Type, value)
		} else if field.Type.NonNull && field.DefaultValue == nil {
			c.fail(`lacks the field "%s" of type "%s".`, field.Name, shownType(field.Type))
		}
	}
	// Some clients send the __typename of what they read along with it.
	known := len(coerced)
	if _, ok := fields["__typename"]; ok && definition.Fields.ForName("__typename") == nil {
		known++
	}
	if known != len(fields) {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if name != "__typename" && definition.Fields.ForName(name) == nil {
				return c.fail(`has a field that "%s" does not: "%s".`, definition.Name, shown(name))
			}
		}
	}
	if definition.Directives.ForName("oneOf") != nil {
		if len(coerced) != 1 {
			return c.fail(`of type "%s" must have exactly one field.`, definition.Name)
		}
		for name, value := range coerced {
			if value == nil {
				return c.fail(`must have a value in its field "%s".`, name)
			}
		}
	}
	return coerced
}

func integer(v any) (int64, bool) {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n, true
		}
		f, err := v.Float64()
		if err != nil {
			return 0, false
		}
		return integer(f)
	case int:
		return int64(v), true
	case int64:
		return v, true
	case int32:
		return int64(v), true
	case float64:
		// Above 2^53 a float no longer says which whole number was meant.
		if v != math.Trunc(v) || math.Abs(v) > 1<<53-1 {
			return 0, false
		}
		return int64(v), true
	}
	return 0, false
}

func float(v any) (float64, bool) {
	switch v := v.(type) {
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	case float64:
		return v, !math.IsNaN(v) && !math.IsInf(v, 0)
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case int32:
		return float64(v), true
	}
	return 0, false
}
