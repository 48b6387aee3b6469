package persona

import (
	"crypto/sha256"
	"database/sql/driver"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// noun names the kind of thing an id belongs to; it is the id's printed prefix.
type noun interface{ noun() string }

// key is what all ids share: a UUID that prints with its noun and is stored bare.
type key[N noun] struct{ uuid.UUID }

// String returns the printed form, noun_uuid.
func (k key[N]) String() string {
	var n N
	return n.noun() + "_" + k.UUID.String()
}

// IsZero reports whether the id is unset.
func (k key[N]) IsZero() bool { return k.UUID == uuid.Nil }

// MarshalText returns the printed form.
func (k key[N]) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads the printed form or a bare UUID.
func (k *key[N]) UnmarshalText(b []byte) error { return k.parse(string(b)) }

// Value stores the bare UUID.
func (k key[N]) Value() (driver.Value, error) { return k.UUID.String(), nil }

// Scan reads a UUID column; NULL is the zero id.
func (k *key[N]) Scan(src any) error {
	if src == nil {
		k.UUID = uuid.Nil
		return nil
	}
	return k.UUID.Scan(src)
}

// parse accepts noun_uuid and, because the noun is known here, a bare UUID. The
// error never repeats the input.
func (k *key[N]) parse(s string) error {
	var n N
	u, err := uuid.Parse(strings.TrimPrefix(s, n.noun()+"_"))
	// uuid.Parse also takes URN, braces and undashed forms: only the canonical one is an id here.
	if err != nil || len(strings.TrimPrefix(s, n.noun()+"_")) != 36 {
		return Invalid("id", "must be a %s id, such as %s_0190b0a5-1c7e-7a10-9d3c-2f4b5a6c7d8e", n.noun(), n.noun())
	}
	k.UUID = u
	return nil
}

func (k key[N]) marshalGQL(w io.Writer) { _, _ = io.WriteString(w, `"`+k.String()+`"`) }

func (k *key[N]) unmarshalGQL(v any) error {
	s, _ := v.(string) // anything else is not an id, and parse says what one is
	return k.parse(s)
}

type (
	personaNoun struct{}
	sourceNoun  struct{}
	claimNoun   struct{}
	runNoun     struct{}
)

func (personaNoun) noun() string { return "persona" }
func (sourceNoun) noun() string  { return "source" }
func (claimNoun) noun() string   { return "claim" }
func (runNoun) noun() string     { return "run" }

// ID is a persona's id. It prints as persona_<uuid>; the UUID is of version 7,
// so ids sort by the time they were made.
type ID struct{ key[personaNoun] }

// SourceID is a source's id, source_<uuid>.
type SourceID struct{ key[sourceNoun] }

// ClaimID is a claim's id, claim_<uuid>. It is a hash of what the claim says and
// where, so that a retried run writes the same rows again.
type ClaimID struct{ key[claimNoun] }

// RunID is a synthesis run's id, run_<uuid>.
type RunID struct{ key[runNoun] }

// MarshalGQL writes the printed form as a GraphQL ID.
func (i ID) MarshalGQL(w io.Writer) { i.marshalGQL(w) }

// UnmarshalGQL reads a GraphQL ID; anything else is an Invalid error.
func (i *ID) UnmarshalGQL(v any) error { return i.unmarshalGQL(v) }

// MarshalGQL writes the printed form as a GraphQL ID.
func (i SourceID) MarshalGQL(w io.Writer) { i.marshalGQL(w) }

// UnmarshalGQL reads a GraphQL ID; anything else is an Invalid error.
func (i *SourceID) UnmarshalGQL(v any) error { return i.unmarshalGQL(v) }

// MarshalGQL writes the printed form as a GraphQL ID.
func (i ClaimID) MarshalGQL(w io.Writer) { i.marshalGQL(w) }

// UnmarshalGQL reads a GraphQL ID; anything else is an Invalid error.
func (i *ClaimID) UnmarshalGQL(v any) error { return i.unmarshalGQL(v) }

// MarshalGQL writes the printed form as a GraphQL ID.
func (i RunID) MarshalGQL(w io.Writer) { i.marshalGQL(w) }

// UnmarshalGQL reads a GraphQL ID; anything else is an Invalid error.
func (i *RunID) UnmarshalGQL(v any) error { return i.unmarshalGQL(v) }

// NewID makes a persona id from the present time.
func NewID() ID { return ID{key[personaNoun]{newV7()}} }

// NewSourceID makes a source id from the present time.
func NewSourceID() SourceID { return SourceID{key[sourceNoun]{newV7()}} }

// NewRunID makes a run id from the present time.
func NewRunID() RunID { return RunID{key[runNoun]{newV7()}} }

// newV7 returns a time-ordered UUID. The generator fails only when the system
// has no randomness left, where nothing that follows could be trusted.
func newV7() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// ParseID reads persona_<uuid> or a bare UUID; the error is Invalid, field id.
func ParseID(s string) (ID, error) {
	var id ID
	return id, id.parse(s)
}

// claimID hashes the parts that make a claim what it is into a UUID of version 8.
func claimID(parts ...string) ClaimID {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	var u uuid.UUID
	copy(u[:], h.Sum(nil))
	u[6] = u[6]&0x0f | 0x80
	u[8] = u[8]&0x3f | 0x80
	return ClaimID{key[claimNoun]{u}}
}

// VersionID names one version of one persona, version_<persona uuid>_<number>.
type VersionID struct {
	Persona ID
	Number  int
}

// String returns the printed form.
func (v VersionID) String() string {
	return "version_" + v.Persona.UUID.String() + "_" + strconv.Itoa(v.Number)
}

// MarshalGQL writes the printed form as a GraphQL ID.
func (v VersionID) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, `"`+v.String()+`"`) }

// UnmarshalGQL reads the printed form; anything else is an Invalid error.
func (v *VersionID) UnmarshalGQL(in any) error {
	s, _ := in.(string)
	rest, ok := strings.CutPrefix(s, "version_")
	u, n, cut := strings.Cut(rest, "_")
	number, err := strconv.Atoi(n)
	if !ok || !cut || err != nil || number < 1 || v.Persona.parse(u) != nil {
		return Invalid("id", "must be a version id, such as version_0190b0a5-1c7e-7a10-9d3c-2f4b5a6c7d8e_1")
	}
	v.Number = number
	return nil
}

// ParseNodeID reads the id of any noun. It returns an ID, SourceID, ClaimID,
// RunID or VersionID; a bare UUID is refused, because nothing tells its noun.
func ParseNodeID(s string) (any, error) {
	prefix, _, _ := strings.Cut(s, "_")
	switch prefix {
	case "persona":
		return ParseID(s)
	case "source":
		var id SourceID
		return id, id.parse(s)
	case "claim":
		var id ClaimID
		return id, id.parse(s)
	case "run":
		var id RunID
		return id, id.parse(s)
	case "version":
		var id VersionID
		err := id.UnmarshalGQL(s)
		return id, err
	}
	return nil, Invalid("id", "must begin with persona_, source_, claim_, run_ or version_; a bare UUID does not tell what it is")
}

// now is the time a row is stamped with: UTC, in microseconds, as both
// databases keep it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
