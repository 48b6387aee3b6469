package extract

import (
	"context"
	"strings"
	"unicode"

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
	use := func(f *persona.Fact) string {
		cites = append(cites, f.ID)
		return f.Value
	}
	s := ""
	if name != nil {
		s = use(name)
	}
	add := func(joint, what string) {
		if s != "" {
			s += joint
		}
		s += what
	}
	cur := e.current(positions, role)
	switch {
	case cur != nil && (role == nil || similar(role.Value, cur.Detail["title"])):
		if role != nil {
			cites = append(cites, role.ID)
		}
		add(", ", e.shortPosition(cur))
		cites = append(cites, cur.ID)
	case role != nil:
		joint := ", "
		if first := phrase(role.Value); len(first) > 1 && e.lex.predicates[first[0]] && e.lex.present[first[0]] {
			joint = " " // "… runs the bakery"
		}
		add(joint, use(role))
	}
	if cur != nil && !strings.Contains(s, e.shortPosition(cur)) {
		add("; ", e.shortPosition(cur))
		cites = append(cites, cur.ID)
	} else if p := e.telling(positions, role); cur == nil && p != nil && !e.does(positions, role) {
		joint := "; "
		if role == nil {
			joint = ", formerly "
			if p.Detail["end"] == "" {
				joint = ", "
			}
		}
		add(joint, e.shortPosition(p))
		cites = append(cites, p.ID)
	}
	alone := role == nil && len(positions) == 0 && name != nil && len(likes) > 0
	if place != nil && !strings.Contains(s, place.Value) {
		if alone {
			s += " (" + use(place) + ")"
		} else {
			add("; ", use(place))
		}
	}
	if alone {
		s += " likes " + use(likes[0])
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

// lasts reports whether a date stands for an open end: "Present", "heute".
func (lex *lexicon) lasts(end string) bool {
	n := &lex.root
	for _, w := range phrase(end) {
		if n = n.next[w]; n == nil {
			return false
		}
	}
	return n.classes&isNow != 0
}

// does reports whether the role itself names the organisation of a position.
func (e *Engine) does(positions []*persona.Fact, role *persona.Fact) bool {
	for _, p := range positions {
		if org := p.Detail["organization"]; role != nil && org != "" && strings.Contains(role.Value, org) {
			return true
		}
	}
	return false
}

// similar reports whether one title says what the other says, perhaps with more words.
func similar(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	return b != "" && a != "" && (strings.Contains(a, b) || strings.Contains(b, a))
}

// current picks the position that is held now: one that lasts, else one that began
// after all others had ended and has no end, else one without dates that has the role as its title. The one that fits the role goes first.
func (e *Engine) current(positions []*persona.Fact, role *persona.Fact) *persona.Fact {
	var best *persona.Fact
	most, latest := 0, 1
	for _, p := range positions {
		latest = max(latest, yearIn(p.Detail["end"]))
	}
	for _, p := range positions {
		d, n := p.Detail, 0
		fits := role != nil && similar(role.Value, d["title"])
		switch {
		case e.lex.lasts(d["end"]):
			n = 4
		case d["end"] == "" && d["start"] != "" && yearIn(d["start"]) >= latest:
			n = 3
		case fits && d["end"] == "" && d["organization"] != "":
			n = 2
		default:
			continue
		}
		if fits {
			n += 2
		}
		if d["title"] != "" {
			n++
		}
		if d["organization"] != "" {
			n++
		}
		if n = n*10_000 + yearIn(d["start"]); n > most {
			best, most = p, n
		}
	}
	return best
}

// telling picks the position that says most and not the role again: one with a
// title, and an organisation or place; the latest of them.
func (e *Engine) telling(positions []*persona.Fact, role *persona.Fact) *persona.Fact {
	var best *persona.Fact
	most, latest := 1, -1
	for _, p := range positions {
		d, n := p.Detail, 0
		title, org := d["title"], d["organization"]
		if title != "" {
			n += 4
		}
		if org != "" || d["location"] != "" {
			n += 2
		}
		if role != nil && title != "" && (strings.EqualFold(title, role.Value) || org == "" && strings.HasPrefix(strings.ToLower(role.Value), strings.ToLower(title))) {
			if org == "" {
				continue
			}
			n-- // its organisation still adds something
		}
		if title == "" && (org == "" || role != nil && d["start"] == "" && d["end"] == "") {
			continue
		}
		when := max(yearIn(d["start"]), yearIn(d["end"]))
		if n > most || n == most && when > latest {
			best, most, latest = p, n, when
		}
	}
	return best
}

// foreign reports whether s begins in a script that knows no upper case.
func foreign(s string) bool {
	for _, r := range s {
		if unicode.IsLetter(r) {
			return unicode.Is(unicode.Lo, r)
		}
	}
	return false
}

// yearIn returns the last year that a date names, 0 if there is none.
func yearIn(s string) int {
	last := 0
	for _, t := range cut(s) {
		if y, ok := year(&t); ok {
			last = y
		}
	}
	return last
}

func (e *Engine) shortPosition(p *persona.Fact) string {
	d := p.Detail
	s := d["title"]
	if foreign(s + d["organization"]) {
		// No English joints in a script of another kind.
		if s != "" && d["organization"] != "" {
			s += ", "
		}
		s += d["organization"]
		if d["start"] != "" && d["end"] != "" {
			s += " (" + d["start"] + "–" + d["end"] + ")"
		}
		return s
	}
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
	case d["start"] != "" && e.lex.lasts(d["end"]):
		s += " since " + d["start"]
	case d["end"] != "" && d["start"] == "" && e.lex.lasts(d["end"]):
	case d["start"] != "" && d["end"] != "":
		s += " (" + d["start"] + "–" + d["end"] + ")"
	case d["start"] != "":
		s += " (from " + d["start"] + ")"
	}
	return s
}
