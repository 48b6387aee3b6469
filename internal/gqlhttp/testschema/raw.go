package testschema

import (
	"context"
	"io"
)

// RawJSON is JSON that is written as it is, line breaks and all.
type RawJSON string

// MarshalGQLContext writes the bytes as they are.
func (r RawJSON) MarshalGQLContext(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, string(r))
	return err
}

// UnmarshalGQLContext takes any value and keeps nothing: no resolver reads an argument of this type.
func (r *RawJSON) UnmarshalGQLContext(context.Context, any) error { return nil }
