package extract

import (
	"context"
	"strings"

	"github.com/persona-api/persona-api/internal/persona"
)

// Compose puts one line together from the facts: name, role, a telling position,
// place. It writes no summary without a name or a role, and no core description:
// word lists cannot tell who somebody is at heart.
func (e *Engine) Compose(ctx context.Context, facts []persona.Fact) ([]persona.Draft, persona.Usage, error) {
	if err := ctx.Err(); err != nil {
		return nil, persona.Usage{}, &persona.Failure{Code: persona.FailCancelled, Message: "composing the summary was stopped", Retryable: true, Cause: err}
	}
	var name, role, place *persona.Fact
	var positions, likes []*persona.Fact
	first := func(p **persona.Fact, f *persona.Fact) {
		if *p == nil {
			*p = f
		}
	}
	for i := range facts {
		f := &facts[i]
		switch f.Path {
		case "name":
			first(&name, f)
		case "role":
			first(&role, f)
		case "location":
			first(&place, f)
		case "career.positions":
			positions = append(positions, f)
		case "interests.passions", "interests.primary":
			likes = append(likes, f)
		}
	}
	if name == nil && role == nil {
		return nil, persona.Usage{}, nil
	}
	var cites []persona.ClaimID
	var parts []string
	use := func(f *persona.Fact) string {
		cites = append(cites, f.ID)
		return f.Value
	}
	if name != nil {
		parts = append(parts, use(name))
	}
	if role != nil {
		parts = append(parts, use(role))
	}
	s := strings.Join(parts, ", ")
	if p := telling(positions, role); p != nil {
		joiner := "; "
		if role == nil {
			joiner = ", "
		}
		s += joiner + shortPosition(p)
		cites = append(cites, p.ID)
	}
	if place != nil && !strings.Contains(s, place.Value) {
		s += "; " + use(place)
	}
	if len(likes) > 0 && (role == nil || len(positions) == 0) {
		s += "; likes " + use(likes[0])
		if len(likes) > 1 {
			s += " and " + use(likes[1])
		}
	}
	if len(cites) < 2 {
		return nil, persona.Usage{}, nil // it would only say the name again
	}
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return []persona.Draft{{Path: "summary", Value: s, Basis: persona.BasisInferred, Confidence: sureLittle + 100, Cites: cites}}, persona.Usage{}, nil
}

// telling picks the position that says most and not the role again: one with a
// title, an organisation or place, and dates; the open one before the others.
func telling(positions []*persona.Fact, role *persona.Fact) *persona.Fact {
	var best *persona.Fact
	most := 1
	for _, p := range positions {
		d, n := p.Detail, 0
		title, org := d["title"], d["organization"]
		if title != "" {
			n += 2
		}
		if org != "" {
			n += 2
		}
		if d["location"] != "" {
			n++
		}
		if d["start"] != "" && d["end"] != "" {
			n++
		}
		if role != nil && title != "" && strings.EqualFold(title, role.Value) {
			n-- // its organisation still adds something
			if org == "" {
				continue
			}
		}
		if role != nil && title != "" && org == "" && strings.HasPrefix(strings.ToLower(role.Value), strings.ToLower(title)) {
			continue
		}
		if title == "" && org == "" {
			continue
		}
		if n > most {
			best, most = p, n
		}
	}
	return best
}

func shortPosition(p *persona.Fact) string {
	d := p.Detail
	s := d["title"]
	switch {
	case s != "" && d["organization"] != "":
		joint := " at "
		if low := strings.ToLower(s); strings.HasSuffix(low, "member") || strings.HasSuffix(low, "governor") || strings.HasSuffix(low, "president") || strings.HasSuffix(low, "founder") || strings.HasSuffix(low, "chairman") {
			joint = " of "
		}
		s += joint + d["organization"]
	case s == "":
		s = d["organization"]
	case d["location"] != "":
		joint := " of "
		if low := strings.ToLower(s); strings.Contains(low, "representative") || strings.Contains(low, "senator") || strings.Contains(low, "delegate") {
			joint = " from "
		} else if !strings.Contains(low, "governor") && !strings.Contains(low, "mayor") && !strings.Contains(low, "president") {
			joint = ", "
		}
		s += joint + d["location"]
	}
	switch {
	case d["start"] != "" && d["end"] != "":
		s += " (" + d["start"] + "–" + d["end"] + ")"
	case d["start"] != "":
		s += " (" + d["start"] + ")"
	}
	return s
}
