package store

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/persona-api/persona-api/internal/persona"
)

// channel is PostgreSQL's channel for events.
const channel = "persona_event"

// backlog is how many events wait for a subscriber that is busy.
const backlog = 64

// message is an event as it goes over the channel.
type message struct {
	Workspace string        `json:"workspace"`
	Event     persona.Event `json:"event"`
}

// bus hands events to the subscribers of their workspace. On SQLite the store
// publishes after each commit; on PostgreSQL one connection per process listens.
type bus struct {
	log    *slog.Logger
	listen *pgx.ConnConfig // nil: nothing to listen to

	starting  sync.Mutex // held while the first subscriber connects
	listening bool
	ctx       context.Context // ends with the bus
	cancel    context.CancelFunc
	done      sync.WaitGroup

	mu     sync.Mutex
	closed bool
	subs   map[*subscriber]bool
}

type subscriber struct {
	workspace string
	events    chan persona.Event
	stop      func() bool
}

func newBus(log *slog.Logger, listen *pgx.ConnConfig) *bus {
	b := &bus{log: log, listen: listen, subs: map[*subscriber]bool{}}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	return b
}

// Subscribe implements persona.Bus.
func (s *Store) Subscribe(ctx context.Context) (<-chan persona.Event, error) {
	if err := s.bus.start(ctx); err != nil {
		return nil, translate(ctx, err)
	}
	return s.bus.subscribe(ctx)
}

func (b *bus) subscribe(ctx context.Context) (<-chan persona.Event, error) {
	sub := &subscriber{workspace: persona.CallerFrom(ctx).Workspace, events: make(chan persona.Event, backlog)}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, persona.Unavailable("event bus", errors.New("closed"))
	}
	b.subs[sub] = true
	sub.stop = context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.remove(sub)
	})
	return sub.events, nil
}

// remove ends a subscription; b.mu is held.
func (b *bus) remove(sub *subscriber) {
	if b.subs[sub] {
		delete(b.subs, sub)
		close(sub.events)
	}
}

// publish delivers an event to the workspace's subscribers. It never waits.
func (b *bus) publish(workspace string, e persona.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for sub := range b.subs {
		if sub.workspace == workspace {
			sub.send(e)
		}
	}
}

// readAgain tells all subscribers that they may have missed something.
func (b *bus) readAgain() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for sub := range b.subs {
		sub.send(persona.Event{Kind: persona.EventUpdated, At: time.Now().UTC()})
	}
}

// send queues an event. What does not fit is replaced, with all that waits, by
// one event that says "read again". Senders hold the bus's mutex, so there is room then.
func (s *subscriber) send(e persona.Event) {
	select {
	case s.events <- e:
		return
	default:
	}
	for {
		select {
		case <-s.events:
			continue
		default:
		}
		break
	}
	s.events <- persona.Event{Kind: persona.EventUpdated, At: e.At}
}

func (b *bus) close() {
	b.cancel()
	b.done.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for sub := range b.subs {
		sub.stop()
		b.remove(sub)
	}
}

// start listens, once, for the first subscriber: when it returns, no later event is missed.
func (b *bus) start(ctx context.Context) error {
	b.starting.Lock()
	defer b.starting.Unlock()
	if b.listen == nil || b.listening || b.ctx.Err() != nil {
		return nil
	}
	conn, err := b.connect(ctx)
	if err != nil {
		return err
	}
	b.listening = true
	b.done.Add(1)
	go func() {
		defer b.done.Done()
		b.receive(conn)
	}()
	return nil
}

func (b *bus) connect(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, b.listen)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		_ = conn.Close(ctx)
		return nil, err
	}
	return conn, nil
}

// silence is how long the connection may say nothing before it is asked whether it lives.
const silence = 15 * time.Second

// receive publishes what arrives until the bus is closed, over a new connection
// whenever the old one is lost.
func (b *bus) receive(conn *pgx.Conn) {
	for try := 0; b.ctx.Err() == nil; {
		if conn != nil {
			err := b.forward(conn)
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			_ = conn.Close(ctx)
			cancel()
			conn, try = nil, 0
			if b.ctx.Err() != nil {
				return
			}
			b.log.Warn("the connection for events is lost and will be made again", "cause", err)
		}
		var err error
		if conn, err = b.connect(b.ctx); err == nil {
			b.readAgain()
			continue
		}
		try = min(try+1, 10) // up to about five seconds
		_ = pause(b.ctx, try)
	}
	if conn != nil {
		_ = conn.Close(context.Background())
	}
}

// forward publishes the notifications of one connection until it fails.
func (b *bus) forward(conn *pgx.Conn) error {
	for {
		ctx, cancel := context.WithTimeout(b.ctx, silence)
		n, err := conn.WaitForNotification(ctx)
		quiet := errors.Is(ctx.Err(), context.DeadlineExceeded)
		cancel()
		switch {
		case err == nil:
			var m message
			if err := json.Unmarshal([]byte(n.Payload), &m); err != nil {
				b.log.Error("an event cannot be read", "cause", err)
				continue
			}
			b.publish(m.Workspace, m.Event)
		case quiet && !conn.IsClosed():
			ctx, cancel := context.WithTimeout(b.ctx, connectTimeout)
			err := conn.Ping(ctx)
			cancel()
			if err != nil {
				return err
			}
		default:
			return err
		}
	}
}
