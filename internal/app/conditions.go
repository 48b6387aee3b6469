package app

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/persona-api/persona-api/internal/config"
	"github.com/persona-api/persona-api/internal/persona"
)

// conditions are what --where asks of personas.
type conditions struct {
	where  persona.Where
	engine string // that read the persona last; "" is any
}

// condition is a key that --where knows, and what its value is.
type condition struct {
	key string
	set func(c *conditions, value string) error
}

// conditionKeys are all that can be asked, as the help lists them.
func conditionKeys() []condition {
	return []condition{
		{"status", func(c *conditions, v string) error {
			status, err := choice(strings.ToUpper(v), string(persona.StatusPending), string(persona.StatusReady), string(persona.StatusFailed))
			c.where.StatusIn = append(c.where.StatusIn, persona.Status(status))
			return err
		}},
		{"name", func(c *conditions, v string) error { c.where.Name = like(v); return nil }},
		{"role", func(c *conditions, v string) error { c.where.Role = like(v); return nil }},
		{"location", func(c *conditions, v string) error { c.where.Location = like(v); return nil }},
		{"tag", func(c *conditions, v string) error { c.where.TagsAll = append(c.where.TagsAll, v); return nil }},
		{"skill", func(c *conditions, v string) error { c.where.Skill = &v; return nil }},
		{"employer", func(c *conditions, v string) error { c.where.Employer = &v; return nil }},
		{"engine", func(c *conditions, v string) (err error) {
			c.engine, err = choice(v, config.ProviderBuiltin, config.ProviderOpenAI, config.ProviderAnthropic, config.ProviderOllama)
			return err
		}},
		{"created-after", func(c *conditions, v string) error { return instant(v, &within(&c.where.CreatedAt).From) }},
		{"created-before", func(c *conditions, v string) error { return instant(v, &within(&c.where.CreatedAt).To) }},
		{"updated-after", func(c *conditions, v string) error { return instant(v, &within(&c.where.UpdatedAt).From) }},
		{"updated-before", func(c *conditions, v string) error { return instant(v, &within(&c.where.UpdatedAt).To) }},
	}
}

// conditionsOf reads what was given as KEY=VALUE; all of it must hold. An error
// says what is possible.
func conditionsOf(given []string) (*conditions, error) {
	known := conditionKeys()
	out, seen := new(conditions), map[string]bool{}
	for _, one := range given {
		key, value, ok := strings.Cut(one, "=")
		value = strings.TrimSpace(value)
		i := slices.IndexFunc(known, func(c condition) bool { return c.key == strings.ToLower(strings.TrimSpace(key)) })
		switch {
		case i < 0:
			var keys []string
			for _, c := range known {
				keys = append(keys, c.key)
			}
			return nil, fmt.Errorf("--where: %.40q is not one of %s; write it as KEY=VALUE, such as status=READY", key, strings.Join(keys, ", "))
		case !ok || value == "":
			return nil, fmt.Errorf("--where %s: has no value; write it as %[1]s=VALUE", known[i].key)
		case seen[known[i].key] && known[i].key != "tag":
			return nil, fmt.Errorf("--where %s: is given twice; no persona has two, name one", known[i].key)
		}
		seen[known[i].key] = true
		if err := known[i].set(out, value); err != nil {
			return nil, fmt.Errorf("--where %s: %.40q %w", known[i].key, value, err)
		}
	}
	return out, nil
}

// like reads a pattern: Ada is exactly that, Ada* begins with it, *Ada* contains it.
func like(pattern string) *persona.StringFilter {
	begins := strings.HasPrefix(pattern, "*")
	text := strings.Trim(pattern, "*")
	switch {
	case begins:
		return &persona.StringFilter{Contains: &text}
	case len(text) < len(pattern):
		return &persona.StringFilter{StartsWith: &text}
	}
	return &persona.StringFilter{Eq: &text}
}

func choice(value string, of ...string) (string, error) {
	if slices.Contains(of, value) {
		return value, nil
	}
	return "", fmt.Errorf("is not one of %s", strings.Join(of, ", "))
}

func within(r **persona.TimeRange) *persona.TimeRange {
	if *r == nil {
		*r = new(persona.TimeRange)
	}
	return *r
}

// instant reads a day, which is its beginning in UTC, or a time.
func instant(value string, into **time.Time) error {
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, value); err == nil {
			*into = &t
			return nil
		}
	}
	return fmt.Errorf("is not a time; write 2026-11-23 or 2026-11-23T16:00:00Z")
}
