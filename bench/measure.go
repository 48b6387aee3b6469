package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/persona-api/persona-api/internal/persona"
)

const (
	page    = 20   // what clients usually ask for
	deep    = 4000 // how many personas lie before the deep page
	warming = 20   // calls before the clock counts
)

// operation is something a reader does. call gets the number of the round and
// returns how many items came back; none is a failure, for it would be measured
// for nothing.
type operation struct {
	name  string
	call  func(ctx context.Context, round int) (int, error)
	times []time.Duration
}

// measure times the operations and prints a table. Operations take turns, round
// by round: what disturbs the machine for a while disturbs all of them alike.
func measure(ctx context.Context, personas *persona.Service, n int, words []wordClass, rounds int, out io.Writer) error {
	depth := min(deep, n-2*page)
	after, ids, err := walk(ctx, personas, depth)
	if err != nil {
		return err
	}
	newest := persona.Order{Field: persona.OrderCreatedAt, Direction: persona.Desc}
	first := page
	list := func(after *string, cols persona.Columns) func(context.Context, int) (int, error) {
		return func(ctx context.Context, _ int) (int, error) {
			c, err := personas.List(ctx, persona.ListArgs{PageArgs: persona.PageArgs{First: &first, After: after}, Order: newest, Columns: cols})
			if err != nil {
				return 0, err
			}
			if len(c.Edges) != page {
				return 0, fmt.Errorf("a page of %d came back with %d", page, len(c.Edges))
			}
			return page, nil
		}
	}
	// The first page and the deep one stand side by side: they should cost the same.
	operations := []*operation{
		{name: "list of 20, first page", call: list(nil, persona.Columns{})},
		{name: fmt.Sprintf("list of 20, after %d", depth), call: list(after, persona.Columns{})},
		{name: "list of 20, first page, profiles", call: list(nil, persona.Columns{Profile: true})},
		{name: fmt.Sprintf("list of 20, after %d, profiles", depth), call: list(after, persona.Columns{Profile: true})},
		{name: "get by id, profile and document", call: func(ctx context.Context, round int) (int, error) {
			_, err := personas.Persona(ctx, ids[round%len(ids)], persona.Columns{Profile: true, Document: true})
			return 1, err
		}},
	}
	for _, class := range words {
		for _, order := range []persona.SearchOrder{persona.SearchRelevance, persona.SearchNewest} {
			operations = append(operations, &operation{
				name: fmt.Sprintf("search of 20, %s word (%s), %s", class.name, class.share(n), strings.ToLower(string(order))),
				call: func(ctx context.Context, round int) (int, error) {
					word := class.words[round%len(class.words)]
					c, err := personas.Search(ctx, persona.SearchArgs{PageArgs: persona.PageArgs{First: &first}, Query: word, Order: order})
					if err != nil {
						return 0, err
					}
					if len(c.Edges) == 0 {
						return 0, fmt.Errorf("nothing found for %q, which stands in %s of the texts", word, class.share(n))
					}
					return len(c.Edges), nil
				},
			})
		}
	}
	operations = append(operations, &operation{name: "stats, 30 days", call: func(ctx context.Context, _ int) (int, error) {
		s, err := personas.Stats(ctx, persona.StatsArgs{Days: 30})
		if err != nil {
			return 0, err
		}
		return s.Total, nil
	}})

	for round := range warming + rounds {
		for _, op := range operations {
			begun := time.Now()
			got, err := op.call(ctx, round)
			took := time.Since(begun)
			switch {
			case err != nil:
				return fmt.Errorf("%s: %w", op.name, err)
			case got == 0:
				return fmt.Errorf("%s: nothing came back", op.name)
			case round >= warming:
				op.times = append(op.times, took)
			}
		}
	}
	return table(out, operations)
}

func table(out io.Writer, operations []*operation) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "operation\tcalls\t  p50 ms\t  p99 ms")
	for _, op := range operations {
		slices.Sort(op.times)
		fmt.Fprintf(w, "%s\t%d\t%8.2f\t%8.2f\n", op.name, len(op.times), ms(percentile(op.times, 50)), ms(percentile(op.times, 99)))
	}
	return w.Flush()
}

// percentile returns the nearest rank: the least of the sorted values that p per cent do not exceed.
func percentile[T cmp.Ordered](sorted []T, p int) T {
	return sorted[(len(sorted)*p+99)/100-1]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// walk pages through the newest personas. It returns the cursor that depth of
// them lie before, and the ids it saw, shuffled.
func walk(ctx context.Context, personas *persona.Service, depth int) (*string, []persona.ID, error) {
	var after *string
	var ids []persona.ID
	for len(ids) < depth {
		first := min(persona.MaxPage, depth-len(ids))
		c, err := personas.List(ctx, persona.ListArgs{PageArgs: persona.PageArgs{First: &first, After: after},
			Order: persona.Order{Field: persona.OrderCreatedAt, Direction: persona.Desc}})
		if err != nil {
			return nil, nil, err
		}
		if len(c.Edges) != first {
			return nil, nil, fmt.Errorf("the list ended after %d personas", len(ids)+len(c.Edges))
		}
		for _, e := range c.Edges {
			ids = append(ids, e.Node.ID)
		}
		after = c.PageInfo.EndCursor
	}
	r := rand.New(rand.NewPCG(1, 1)) // the same order in every run
	r.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	return after, ids, nil
}
