package persona

import (
	"encoding/base64"
	"encoding/json"
)

// MaxPage is the largest page; more is an error, not a silent cut.
const MaxPage = 100

// PageArgs asks for a page as Relay does: First (After) or Last (Before).
type PageArgs struct {
	First, Last   *int
	After, Before *string
}

// Window is a page request, checked and decoded.
type Window struct {
	Limit    int
	Backward bool    // take the last Limit items, not the first
	After    *Cursor // exclusive; nil from the beginning
	Before   *Cursor // exclusive; nil to the end
}

// Window checks the arguments. order is what the cursors must have been made
// with. Neither First nor Last means the first 20.
func (a PageArgs) Window(order string) (Window, error) {
	w := Window{Limit: 20}
	if a.First != nil && a.Last != nil {
		return w, Invalid("last", "cannot be given together with first; ask for one of them")
	}
	size, field := a.First, "first"
	if a.Last != nil {
		size, field, w.Backward = a.Last, "last", true
	}
	if size != nil {
		if *size < 0 || *size > MaxPage {
			return w, Invalid(field, "must be from 0 to %d", MaxPage)
		}
		w.Limit = *size
	}
	var err error
	if w.After, err = parseCursor("after", a.After, order); err != nil {
		return w, err
	}
	w.Before, err = parseCursor("before", a.Before, order)
	return w, err
}

// Cursor is a place in an ordered list: the sort key and the id, which breaks ties.
type Cursor struct {
	Order string `json:"o"` // which order it belongs to
	Key   string `json:"k"`
	ID    string `json:"i"`
}

// String returns the opaque form clients pass back.
func (c Cursor) String() string {
	b, _ := json.Marshal(c) // three strings: cannot fail
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseCursor(field string, s *string, order string) (*Cursor, error) {
	if s == nil {
		return nil, nil
	}
	var c Cursor
	b, err := base64.RawURLEncoding.DecodeString(*s)
	if err != nil || json.Unmarshal(b, &c) != nil || c.Order != order {
		return nil, Invalid(field, "is not a cursor of this list; pass one from the same list and order")
	}
	return &c, nil
}

// Edge is an item with its place in the list.
type Edge[T any] struct {
	Cursor string
	Node   T
}

// PageInfo tells whether there is more.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool
	StartCursor     *string
	EndCursor       *string
}

// Connection is a page of a list, in the list's order.
type Connection[T any] struct {
	Edges    []Edge[T]
	PageInfo PageInfo
}

// Nodes returns the items without their cursors.
func (c *Connection[T]) Nodes() []T {
	out := make([]T, len(c.Edges))
	for i, e := range c.Edges {
		out[i] = e.Node
	}
	return out
}

// NewConnection makes a page from rows in list order and the cursors they stand
// at. more says that rows lie beyond the page in the direction it was read.
func NewConnection[T any](rows []T, cursor func(T) Cursor, w Window, more bool) *Connection[T] {
	c := &Connection[T]{Edges: make([]Edge[T], len(rows))}
	for i, r := range rows {
		c.Edges[i] = Edge[T]{Cursor: cursor(r).String(), Node: r}
	}
	if n := len(c.Edges); n > 0 {
		c.PageInfo.StartCursor, c.PageInfo.EndCursor = &c.Edges[0].Cursor, &c.Edges[n-1].Cursor
	}
	c.PageInfo.HasNextPage = !w.Backward && more || w.Backward && w.Before != nil
	c.PageInfo.HasPreviousPage = w.Backward && more || !w.Backward && w.After != nil
	return c
}
