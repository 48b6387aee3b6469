package app

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/persona-api/persona-api/internal/persona"
)

// added is how a persona came out, as --json prints it.
type added struct {
	ID         *persona.ID      `json:"id"` // nil when there is none
	Status     persona.Status   `json:"status"`
	Name       *string          `json:"name"`
	Role       *string          `json:"role"`
	Location   *string          `json:"location"`
	Statements int              `json:"statements"`
	Failure    *persona.Failure `json:"failure"`
	Sources    []addedSource    `json:"sources"`
}

type addedSource struct {
	From     string               `json:"from"` // as it was named
	ID       *persona.SourceID    `json:"id"`
	Status   persona.SourceStatus `json:"status"`
	Warnings []persona.Warning    `json:"warnings"`
	Failure  *persona.Failure     `json:"failure"`
}

// outcome reads how a persona came out of its run. Errors: NotFound when it was deleted meanwhile.
func outcome(ctx context.Context, personas *persona.Service, p made, run *persona.Run) (*added, error) {
	ctx = persona.Fresh(context.WithoutCancel(ctx))
	whole, err := personas.Persona(ctx, p.id, persona.Columns{Profile: true})
	if err != nil {
		return nil, err
	}
	most := persona.MaxPage
	sources, err := personas.SourcesOf(ctx, []persona.ID{p.id}, persona.PageArgs{First: &most}, false)
	if err != nil {
		return nil, err
	}
	profile, err := whole.Profile()
	if err != nil {
		return nil, err
	}
	out := &added{ID: &p.id, Status: whole.Status, Name: whole.Name, Role: whole.Role, Location: whole.Location, Sources: []addedSource{}}
	if profile != nil {
		out.Statements = len(profile.Traits())
	}
	for i, src := range sources[0].Nodes() {
		if i < len(p.names) { // others are somebody else's
			out.Sources = append(out.Sources, addedSource{p.names[i], &src.ID, src.Status, src.Warnings, src.Failure})
		}
	}
	if run != nil {
		out.Failure = run.Failure
	}
	return out, nil
}

// pending is what stands for sources that are yet to be read.
func pending(names []string) []addedSource {
	out := make([]addedSource, len(names))
	for i, name := range names {
		out[i] = addedSource{From: name, Status: persona.SourcePending}
	}
	return out
}

// text is the outcome for people: a line, and below it what is odd or wrong with its sources.
func (o *added) text() string {
	var b strings.Builder
	names := make([]string, len(o.Sources))
	for i, s := range o.Sources {
		names[i] = s.From
	}
	from := plain(strings.Join(names, ", "))
	fmt.Fprintf(&b, "%-7s ", o.Status)
	switch {
	case o.Status == persona.StatusReady:
		b.WriteString(o.who(from))
	case o.Status == persona.StatusFailed && o.Failure != nil && len(o.Sources) == 1:
		fmt.Fprintf(&b, "%s: %s", from, o.Failure.Message)
	default:
		b.WriteString(from)
	}
	if o.ID != nil {
		fmt.Fprintf(&b, "  %s", o.ID)
	}
	b.WriteByte('\n')
	broken := false
	for _, s := range o.Sources {
		s.warn(&b)
		if s.Failure != nil && len(o.Sources) > 1 {
			fmt.Fprintf(&b, "        %s FAILED: %s\n", plain(s.From), s.Failure.Message)
		}
		broken = broken || s.Failure != nil
	}
	if o.Failure != nil && !broken {
		fmt.Fprintf(&b, "        without a summary: %s\n", o.Failure.Message)
	}
	return b.String()
}

// warn writes a line for each kind of warning.
func (s *addedSource) warn(b *strings.Builder) {
	from := plain(s.From)
	places := map[persona.WarningCode]int{}
	for _, w := range s.Warnings {
		places[w.Code]++
	}
	for _, w := range s.Warnings {
		switch places[w.Code] {
		case 0: // told with the first
			continue
		case 1:
			fmt.Fprintf(b, "        %s: %s: %s\n", from, w.Code, w.Message)
		default:
			fmt.Fprintf(b, "        %s: %s, in %d places: %s\n", from, w.Code, places[w.Code], w.Message)
		}
		places[w.Code] = 0
	}
}

// who introduces a person that was read from somewhere.
func (o *added) who(from string) string {
	var rest []string
	for _, s := range []*string{o.Role, o.Location} {
		if s != nil {
			rest = append(rest, plain(*s))
		}
	}
	who := "somebody without a name, from " + from
	if o.Name != nil {
		who = plain(*o.Name)
	}
	if len(rest) > 0 {
		who += " — " + strings.Join(rest, ", ")
	}
	return fmt.Sprintf("%s (%s)", who, counted(o.Statements, "statement"))
}

// plain is a text that stays on its line and tells the terminal nothing.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '�'
		}
		return r
	}, s)
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
