package persona

// DefaultOrder is the order of a list when none is asked for: the newest first.
func DefaultOrder() Order { return Order{Field: OrderCreatedAt, Direction: Desc} }

// String names the order; it is what its cursors are marked with.
func (o Order) String() string { return string(o.Field) + " " + string(o.Direction) }

// Cursor is the place p has in a list of this order.
func (o Order) Cursor(p *Persona) Cursor {
	c := Cursor{Order: o.String(), ID: p.ID.UUID.String()}
	switch o.Field {
	case OrderName:
		if p.Name != nil {
			c.Key = FacetKey(*p.Name)
		}
	case OrderUpdatedAt:
		c.Key = p.UpdatedAt.UTC().Format(stamp)
	default:
		c.Key = p.CreatedAt.UTC().Format(stamp)
	}
	return c
}
