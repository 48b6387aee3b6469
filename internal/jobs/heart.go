package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// silence is what a node may miss three beats in and still be alive. A dead
// one's jobs run again after it, at the next beat of any other: within 26 s.
const silence = 20 * time.Second

// Nodes keeps which processes are alive: the store. A node is named by the id
// that River notes with every job the node takes.
type Nodes interface {
	// Beat says that the node is alive now.
	Beat(ctx context.Context, node string) error
	// Leave forgets the node.
	Leave(ctx context.Context, node string) error
	// ReleaseDead makes the running jobs of all nodes that have not beaten for
	// so long available again and returns how many they were. A node that is not
	// known has been silent for ever.
	ReleaseDead(ctx context.Context, silence time.Duration) (int, error)
}

// heart beats for this process and looks after the others.
type heart struct {
	nodes    Nodes
	node     string
	every    time.Duration
	released func() // called when jobs have become available
	log      *slog.Logger
	cancel   context.CancelFunc
	done     chan struct{}
}

// startHeart beats and looks once before it returns, then again and again until stop.
func startHeart(ctx context.Context, nodes Nodes, node string, every time.Duration, released func(), log *slog.Logger) (*heart, error) {
	h := &heart{nodes: nodes, node: node, every: every, released: released, log: log, done: make(chan struct{})}
	if err := h.beat(ctx); err != nil {
		return nil, err
	}
	ctx, h.cancel = context.WithCancel(ctx)
	go h.run(ctx)
	return h, nil
}

func (h *heart) run(ctx context.Context) {
	defer close(h.done)
	ticker := time.NewTicker(h.every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		// A beat that has begun is finished: given up half-way it could reach the
		// database after Leave, find this node gone, and release its jobs.
		if err := h.beat(context.WithoutCancel(ctx)); err != nil && ctx.Err() == nil {
			h.log.WarnContext(ctx, "no heartbeat; others will take over this process's jobs if it lasts", "error", err)
		}
	}
}

// beat comes before the look at the others, so that a process that was held up
// does not find itself dead.
func (h *heart) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := h.nodes.Beat(ctx, h.node); err != nil {
		return fmt.Errorf("beat: %w", err)
	}
	n, err := h.nodes.ReleaseDead(ctx, silence)
	if err != nil {
		return fmt.Errorf("release the jobs of dead nodes: %w", err)
	}
	if n > 0 {
		h.log.WarnContext(ctx, "jobs of dead nodes run again", "jobs", n)
		h.released()
	}
	return nil
}

// stop ends the beating and leaves, so that nobody waits for this node's silence.
func (h *heart) stop(ctx context.Context) error {
	h.cancel()
	<-h.done
	// Also when ctx is over, because the others should know at once.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := h.nodes.Leave(ctx, h.node); err != nil {
		return fmt.Errorf("leave: %w", err)
	}
	return nil
}
