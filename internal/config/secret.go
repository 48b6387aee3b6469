package config

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a value that no way of printing shows: fmt, JSON and slog all give
// "[set]", or nothing when it is unset. Reveal is the only way to it.
type Secret struct {
	// A pointer, because fmt prints the fields of an unexported field without
	// asking their methods: of a pointer in there it shows the address alone.
	value *string
}

// NewSecret hides value; the empty string is unset.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{&value}
}

// Reveal returns the value itself, "" when it is unset.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsSet reports whether there is a value.
func (s Secret) IsSet() bool { return s.value != nil }

// String returns "[set]" or "".
func (s Secret) String() string {
	if s.IsSet() {
		return "[set]"
	}
	return ""
}

// GoString returns what String returns.
func (s Secret) GoString() string { return s.String() }

// Format writes what String returns, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText returns what String returns.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue returns what String returns.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
