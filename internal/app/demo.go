package app

import (
	"context"
	"fmt"
	"io"

	"github.com/persona-api/persona-api/internal/app/demo"
	"github.com/persona-api/persona-api/internal/persona"
)

// addDemo adds the sample people to an empty default workspace, through the same door as
// createPersona, and tells how far it has come.
func addDemo(ctx context.Context, personas *persona.Service, out io.Writer) error {
	ctx = persona.WithCaller(ctx, persona.Caller{Subject: "demo", Workspace: "default", Role: persona.RoleWriter})
	n, err := personas.CountPersonas(persona.Fresh(ctx), nil)
	if err != nil {
		return fmt.Errorf("add the demo: %w", err)
	}
	if n.Value > 0 {
		_, err = fmt.Fprintf(out, "demo: the database has %d personas already, none added\n", n.Value)
		return err
	}
	people := demo.People()
	for i, who := range people {
		p, err := personas.Create(ctx, persona.Create{
			Sources: []persona.SourceInput{{Text: &who.Text, Kind: &who.Kind, Title: &who.Title, AsOf: who.AsOf}},
			Tags:    who.Tags,
		})
		if err != nil {
			return fmt.Errorf("add the demo: %w", err)
		}
		name := "somebody without a name"
		if p.Name != nil {
			name = *p.Name
		}
		if _, err := fmt.Fprintf(out, "demo: %2d of %d  %-7s %s\n", i+1, len(people), p.Status, name); err != nil {
			return err
		}
	}
	return nil
}
