// Package testschema is a small schema with real resolvers for the tests of gqlhttp.
package testschema

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

//go:generate go tool gqlgen generate --config gqlgen.yml

// Secret is part of what the failing resolvers say; it must never reach a client.
const Secret = "SECRET-OF-THE-RESOLVER"

// ResponseKey is the context key under which Query.response and Subscription.responses look for an int.
type ResponseKey struct{}

// Resolvers implements the schema.
type Resolvers struct {
	// Running, if set, gets +1 when a subscription or Query.waits starts and -1 when it has ended.
	Running func(delta int)
}

// New returns the executable schema.
func New(r *Resolvers) graphql.ExecutableSchema {
	return NewExecutableSchema(Config{Resolvers: r})
}

// Fragile returns the resolvers of that type.
func (r *Resolvers) Fragile() FragileResolver { return fragile{} }

// Item returns the resolvers of that type.
func (r *Resolvers) Item() ItemResolver { return item{} }

// Mutation returns the resolvers of that type.
func (r *Resolvers) Mutation() MutationResolver { return mutation{} }

// Query returns the resolvers of that type.
func (r *Resolvers) Query() QueryResolver { return query{r} }

// Subscription returns the resolvers of that type.
func (r *Resolvers) Subscription() SubscriptionResolver { return subscription{r} }

func (r *Resolvers) run(delta int) {
	if r.Running != nil {
		r.Running(delta)
	}
}

func newItem(id string) *Item { return &Item{ID: id, Name: "Item " + id} }

func newItems(n int) []*Item {
	items := make([]*Item, n)
	for i := range items {
		items[i] = newItem(strconv.Itoa(i + 1))
	}
	return items
}

func response(ctx context.Context) int {
	n, _ := ctx.Value(ResponseKey{}).(int)
	return n
}

type fragile struct{}

func (fragile) Value(_ context.Context, obj *Fragile) (int, error) {
	if obj.Value == 2 {
		panic(Secret)
	}
	return obj.Value, nil
}

type item struct{}

func (item) Parent(context.Context, *Item) (*Item, error) { return newItem("0"), nil }

func (item) Children(_ context.Context, _ *Item, first *int) ([]*Item, error) {
	return newItems(*first), nil
}

func (item) Related(context.Context, *Item) ([]*Item, error) { return newItems(1), nil }

type mutation struct{}

func (mutation) Add(_ context.Context, by int) (int, error) { return by, nil }

func (mutation) Upload(_ context.Context, file *graphql.Upload, files []*graphql.Upload, dossier *Dossier) ([]*File, error) {
	all := append([]*graphql.Upload{file}, files...)
	if dossier != nil {
		all = append(all, dossier.Cover)
		for _, entry := range dossier.Sources {
			all = append(append(all, entry.File), entry.Attachments...)
		}
	}
	result := []*File{}
	for _, upload := range all {
		if upload == nil {
			continue
		}
		text, err := io.ReadAll(content(*upload))
		if err != nil {
			return nil, err
		}
		result = append(result, &File{Name: upload.Filename, MediaType: upload.ContentType, Size: int(upload.Size), Text: string(text)})
	}
	return result, nil
}

type query struct{ *Resolvers }

func (query) Measure(_ context.Context, file graphql.Upload) (int, error) {
	n, err := io.Copy(io.Discard, content(file))
	return int(n), err
}

// content reads by position: both fields of {a: measure(file: $f) b: measure(file: $f)} have the same reader.
func content(file graphql.Upload) io.Reader {
	return io.NewSectionReader(file.File.(io.ReaderAt), 0, file.Size)
}

func (query) Hello(_ context.Context, name *string) (string, error) { return "Hello, " + *name, nil }

func (query) Echo(_ context.Context, text *string, number *int, ratio *float64, flag *bool, kind *Kind, id *string,
	filter *Filter, choice *Choice, ids []string) (*string, error) {
	var s string
	add := func(name string, v any) { s += fmt.Sprintf("%s=%v ", name, v) }
	if text != nil {
		add("text", *text)
	}
	if number != nil {
		add("number", *number)
	}
	if ratio != nil {
		add("ratio", *ratio)
	}
	if flag != nil {
		add("flag", *flag)
	}
	if kind != nil {
		add("kind", *kind)
	}
	if id != nil {
		add("id", *id)
	}
	if filter != nil {
		add("filter", fmt.Sprint(filter.Name, filter.Kinds, *filter.Size))
	}
	if choice != nil {
		add("choice", choice.ID != nil)
	}
	if ids != nil {
		add("ids", ids)
	}
	return &s, nil
}

func (query) Node(_ context.Context, id string) (Node, error) { return newItem(id), nil }

func (query) Item(_ context.Context, id string) (*Item, error) { return newItem(id), nil }

func (query) Items(_ context.Context, first *int, _ *int) (*ItemConnection, error) {
	n := 20
	if first != nil {
		n = *first
	}
	c := &ItemConnection{Nodes: newItems(n)}
	for _, node := range c.Nodes {
		c.Edges = append(c.Edges, &ItemEdge{Cursor: node.ID, Node: node})
	}
	return c, nil
}

func (query) ItemsByID(_ context.Context, ids []string) ([]*Item, error) {
	items := make([]*Item, len(ids))
	for i, id := range ids {
		items[i] = newItem(id)
	}
	return items, nil
}

func (query) Search(context.Context, string) (*Item, error) { return nil, nil }

func (query) Panics(context.Context) (*string, error) { panic(Secret) }

func (query) Fails(context.Context) (*string, error) { return nil, errors.New(Secret) }

func (query) Refuses(context.Context) (*string, error) {
	return nil, &gqlerror.Error{Message: "not for you", Extensions: map[string]any{"code": "FORBIDDEN"}}
}

func (query) Response(ctx context.Context) (int, error) { return response(ctx), nil }

func (q query) Waits(ctx context.Context) (*string, error) {
	q.run(1)
	defer q.run(-1)
	<-ctx.Done()
	return nil, ctx.Err()
}

func (query) Raw(context.Context) (*RawJSON, error) {
	raw := RawJSON("{\n  \"a\": 1,\r\n  \"b\": [\n    2\n  ]\n}")
	return &raw, nil
}

type subscription struct{ *Resolvers }

// stream sends make(1) to make(n) on a channel that it closes when it is done or given up.
func stream[T any](ctx context.Context, r *Resolvers, n int, wait bool, event func(int) T) <-chan T {
	events := make(chan T)
	r.run(1)
	go func() {
		defer r.run(-1)
		defer close(events)
		for i := range n {
			select {
			case events <- event(i + 1):
			case <-ctx.Done():
				return
			}
		}
		if wait {
			<-ctx.Done()
		}
	}()
	return events
}

func number(i int) int { return i }

func (s subscription) Count(ctx context.Context, to int) (<-chan int, error) {
	return stream(ctx, s.Resolvers, to, false, number), nil
}

func (s subscription) Responses(ctx context.Context, to int) (<-chan *Moment, error) {
	return stream(ctx, s.Resolvers, to, false, func(int) *Moment { return &Moment{} }), nil
}

func (s subscription) Forever(ctx context.Context) (<-chan int, error) {
	return stream(ctx, s.Resolvers, 1, true, number), nil
}

func (s subscription) Breaks(ctx context.Context) (<-chan *Fragile, error) {
	return stream(ctx, s.Resolvers, 3, false, func(i int) *Fragile { return &Fragile{Value: i} }), nil
}

func (subscription) Refused(context.Context) (<-chan int, error) {
	return nil, &gqlerror.Error{Message: "not for you", Extensions: map[string]any{"code": "FORBIDDEN"}}
}

type moment struct{}

func (moment) Response(ctx context.Context, _ *Moment) (int, error) { return response(ctx), nil }

// Moment returns the resolvers of that type.
func (r *Resolvers) Moment() MomentResolver { return moment{} }
