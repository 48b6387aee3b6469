package store

import (
	"context"
	"time"
)

// Beat says that the node works on the queue. Nodes act outside of any workspace.
func (s *Store) Beat(ctx context.Context, node string) error {
	ctx = system(ctx)
	_, err := s.scoped(ctx, s.writer).NewRaw(`INSERT INTO node (name, beat_at) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET beat_at = excluded.beat_at`, node, frag(s.d.now)).Exec(ctx)
	return translate(ctx, err)
}

// Leave says that the node has stopped: what it still has running is free at once.
func (s *Store) Leave(ctx context.Context, node string) error {
	ctx = system(ctx)
	_, err := s.scoped(ctx, s.writer).NewRaw("DELETE FROM node WHERE name = ?", node).Exec(ctx)
	return translate(ctx, err)
}

// ReleaseDead makes the running jobs of nodes that have not beaten for as long as
// silence, or have left, available again, and returns how many. The attempt that
// died does not count. The queue's tables must be there.
func (s *Store) ReleaseDead(ctx context.Context, silence time.Duration) (int, error) {
	ctx = system(ctx)
	res, err := s.scoped(ctx, s.writer).NewRaw(s.d.release, s.d.ago(silence.Seconds())).Exec(ctx)
	if err != nil {
		return 0, translate(ctx, err)
	}
	n, err := res.RowsAffected()
	return int(n), translate(ctx, err)
}
