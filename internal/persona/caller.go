package persona

import "context"

// Role is what a caller may do in its workspace.
type Role string

// The roles, each including the one before.
const (
	RoleReader Role = "READER"
	RoleWriter Role = "WRITER"
	RoleAdmin  Role = "ADMIN"
)

// Caller is on whose behalf something is done. Every statement is scoped to its Workspace.
type Caller struct {
	Subject   string // who: a key's or user's name; the author of edits
	Workspace string
	Role      Role
}

type callerKey struct{}

// WithCaller returns a context that acts for c.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerFrom returns whom ctx acts for; without one, a Caller of no workspace, who sees nothing.
func CallerFrom(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}

type freshKey struct{}

// Fresh returns a context whose reads see every acknowledged write: they go to
// the primary. It is for what a client has just written, waited for or subscribed to.
func Fresh(ctx context.Context) context.Context { return context.WithValue(ctx, freshKey{}, true) }

// IsFresh reports whether ctx came from Fresh.
func IsFresh(ctx context.Context) bool { return ctx.Value(freshKey{}) != nil }
