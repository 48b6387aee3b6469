// Package persona is the domain: what a persona is, how its statements are
// proven, folded and versioned, and the rules of every change.
//
// A persona is a fold over a set of claims. A Source is an immutable text about
// the person, a Claim an immutable statement read from one source or made by one
// author, a Version a set of claims, and the Profile the Fold of that set. Every
// change is a function from set to set, carried out by one writer, commit.
//
// The package knows no database, no GraphQL, no queue and no model: those are
// behind Reader, Writer, Bus and Engine.
package persona
