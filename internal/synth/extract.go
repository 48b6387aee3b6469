package synth

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/persona-api/persona-api/internal/persona"
)

// openingSize is how much of a text's beginning later chunks are shown, in code
// points, so that "he" in the middle of a biography has a name.
const openingSize = 400

// errTooLong marks a failure of which a shorter question is the cure.
var errTooLong = errors.New("the question is longer than the model's context")

// Extract reads the source's text, chunk by chunk at the same time, and emits the
// drafts of each chunk when its answer is there, from the calling goroutine.
//
// When a chunk fails, those under way are still read and emitted, no other is
// begun, and the first failure is returned: what was paid for is not thrown away.
func (e *Engine) Extract(ctx context.Context, src persona.Source, emit func([]persona.Draft) error) (persona.Usage, error) {
	if src.Text == nil {
		return persona.Usage{}, &persona.Failure{Code: persona.FailInternal, Message: "the source has no text yet; it must be fetched before it is read"}
	}
	if strings.TrimSpace(*src.Text) == "" {
		return persona.Usage{}, nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	gate, shut := context.WithCancel(ctx)
	defer shut()

	runes := []rune(*src.Text)
	chunks := split(runes, 0, chunkSize)
	r := &reading{engine: e, src: &src, text: runes, turns: len(chunks) > 1 && conversation(runes), count: len(chunks), out: make(chan []persona.Draft)}
	var failure error
	var first sync.Once
	var work sync.WaitGroup
	for i, c := range chunks {
		work.Go(func() {
			if err := r.begin(ctx, gate, c, i+1); err != nil {
				first.Do(func() { failure = err }) // those that the gate turned away come later
				shut()
			}
		})
	}
	go func() {
		work.Wait()
		close(r.out)
	}()
	var refused error
	for drafts := range r.out {
		if refused != nil {
			continue
		}
		if refused = emit(drafts); refused != nil {
			cancel()
		}
	}
	if refused != nil {
		return r.usage, refused
	}
	return r.usage, failure
}

// reading is the work on one source.
type reading struct {
	engine *Engine
	src    *persona.Source
	text   []rune
	turns  bool // text is a conversation
	count  int
	out    chan []persona.Draft

	mu    sync.Mutex
	usage persona.Usage
}

// begin is read on a goroutine of its own, where a panic would end the process: here
// it ends the reading of one source.
func (r *reading) begin(ctx, gate context.Context, c chunk, number int) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = failureOf(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	return r.read(ctx, gate, c, number)
}

// read asks about one chunk, part number of count, and sends what comes of it. An
// answer that was cut off is used as far as it goes, and the chunk then read again
// by halves: the same claim read twice is one claim. The error is a *persona.Failure.
func (r *reading) read(ctx, gate context.Context, c chunk, number int) error {
	req, err := r.question(c, number)
	if err != nil {
		return err
	}
	p := newPassage(c)
	var drafts []persona.Draft
	rep, usage, err := r.engine.answer(ctx, gate, req, func(text string) answerState {
		var state answerState
		drafts, state = readClaims(text, p)
		return state
	})
	r.spent(usage)
	if len(drafts) > 0 && !r.send(ctx, drafts) {
		return stopped(ctx)
	}
	if err == nil && rep.whole() || err != nil && !errors.Is(err, errTooLong) && !errors.Is(err, errCut) {
		return err
	}
	parts, ok := c.halves()
	if !ok {
		if err == nil {
			r.engine.log.WarnContext(ctx, "the model's answer was cut off; what it had said is kept", "source", r.src.ID, "claims", len(drafts), "finish", rep.finish)
		}
		return err
	}
	r.engine.log.DebugContext(ctx, "reading by halves", "source", r.src.ID, "length", len(c.text))
	for _, half := range parts {
		if err := r.read(ctx, gate, half, number); err != nil {
			return err
		}
	}
	return nil
}

func (r *reading) question(c chunk, number int) (request, error) {
	data := extractText{Kind: string(r.src.Kind), Number: number, Count: r.count, Text: harmless(string(c.text))}
	if c.start > 0 {
		data.Opening = harmless(string(r.text[:min(openingSize, c.start)]))
		if r.turns {
			data.Turn = harmless(interrupted(r.text, c.start))
		}
	}
	if r.src.Language != nil && languageTag.MatchString(*r.src.Language) {
		data.Language = *r.src.Language
	}
	data.Nonce = r.engine.fresh(data.Text, data.Opening)
	user, err := r.engine.prompts.render("extract.user.tmpl", data)
	if err != nil {
		return request{}, failureOf(err)
	}
	return request{form: formClaims, system: r.engine.prompts.extractSystem, turns: []turn{{text: user}}}, nil
}

// send hands drafts to Extract; false when ctx ended first.
func (r *reading) send(ctx context.Context, drafts []persona.Draft) bool {
	select {
	case r.out <- drafts:
		return true
	case <-ctx.Done():
		return false
	}
}

func (r *reading) spent(u persona.Usage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.usage = r.usage.Add(u)
}

// mostDrafts is how many drafts of one answer are kept, the first ones. No text of
// chunkSize says more about a person; a model that runs wild does.
const mostDrafts = 500

// readClaims makes drafts of an answer about p, each but once.
func readClaims(text string, p *passage) ([]persona.Draft, answerState) {
	entries, whole := salvage(text, formClaims.list(), isClaim)
	type identity struct {
		path, key  string
		start, end int
	}
	seen := map[identity]bool{}
	var drafts []persona.Draft
	for _, o := range entries {
		if len(drafts) == mostDrafts {
			break
		}
		d, ok := draftOf(o, p)
		if !ok {
			continue
		}
		id := identity{d.Path, persona.FieldAt(d.Path).Key(d.Value, d.Detail), d.Start, d.End}
		if !seen[id] {
			seen[id] = true
			drafts = append(drafts, d)
		}
	}
	return drafts, stateOf(len(entries), len(drafts), whole)
}
