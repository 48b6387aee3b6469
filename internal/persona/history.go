package persona

import (
	"bytes"
	"context"
	"encoding/json"
	"time"
)

// VersionAt returns the version with a number, or the one that was present at a
// time; exactly one is given. Nil when there is none.
func (s *Service) VersionAt(ctx context.Context, id ID, number *int, at *time.Time) (*Version, error) {
	switch {
	case (number == nil) == (at == nil):
		return nil, Invalid("number", "or time must be given, one of them")
	case at != nil:
		return s.VersionBefore(ctx, id, *at)
	case *number < 1:
		return nil, Invalid("number", "must be 1 or more")
	}
	vs, err := s.Versions(ctx, []VersionID{{id, *number}})
	if err != nil {
		return nil, err
	}
	return vs[0], nil
}

// ProfileAt returns the profile a version had: the fold of its set.
func (s *Service) ProfileAt(ctx context.Context, v VersionID) (*Profile, error) {
	set, err := s.Members(ctx, v)
	if err != nil {
		return nil, err
	}
	return Fold(set), nil
}

// Changes returns, path by path, what a version changed against the one before,
// or against the version numbered since; version 0 is the empty profile.
func (s *Service) Changes(ctx context.Context, v VersionID, since *int) ([]Change, error) {
	from := v.Number - 1
	if since != nil {
		from = *since
	}
	if from < 0 || from >= v.Number {
		return nil, Invalid("since", "must be the number of an earlier version, or 0 for everything")
	}
	before := new(Profile)
	if from > 0 {
		var err error
		if before, err = s.ProfileAt(ctx, VersionID{v.Persona, from}); err != nil {
			return nil, err
		}
	}
	after, err := s.ProfileAt(ctx, v)
	if err != nil {
		return nil, err
	}
	return diff(before, after), nil
}

// diff lists the paths whose traits differ, in the order of Fields.
func diff(before, after *Profile) []Change {
	var out []Change
	for i := range Fields {
		f := &Fields[i]
		a, b := f.Of(before), f.Of(after)
		ja, _ := json.Marshal(a)
		jb, _ := json.Marshal(b)
		if !bytes.Equal(ja, jb) {
			out = append(out, Change{Path: f.Path, Before: a, After: b})
		}
	}
	return out
}
