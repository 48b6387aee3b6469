package synth

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/anthropic"
	"github.com/tmc/langchaingo/llms/openai"

	"github.com/persona-api/persona-api/internal/persona"
)

const (
	// anthropicTokens is the longest answer asked of Anthropic, which must be told
	// one. Other servers know their own limit, and some refuse one above it.
	anthropicTokens = 8_000
	// longestAnswer is where a model that repeats itself is stopped, in bytes.
	longestAnswer = 512 << 10
)

// errLongAnswer ends a stream that has become too long.
var errLongAnswer = errors.New("the answer is too long")

// chat is a model behind langchaingo. What langchaingo leaves out (status codes,
// Retry-After, errors in a stream, a stream's cut) it learns from wire.
//
// Answers are streamed, so that what came before a cut or a timeout is not lost.
// langchaingo joins the pieces only of a stream that ends well; here they are
// gathered as they come.
type chat struct {
	provider provider
	llms     map[form]llms.Model // response_format belongs to a client: one for each form
	wire     *wire
	log      *slog.Logger
	// unstreamed is set once a server has shown that it does not stream.
	unstreamed atomic.Bool
}

func newChat(p provider, model, key string, transport http.RoundTripper, log *slog.Logger) (*chat, error) {
	w := &wire{base: transport, provider: p, model: model}
	client := &http.Client{
		Transport: w,
		// A redirect would carry text and key to where nobody sent them.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	c := &chat{provider: p, llms: map[form]llms.Model{}, wire: w, log: log}
	if p.name == Anthropic {
		// No schema: tool input that is cut off is lost whole there, text is not.
		m, err := anthropic.New(anthropic.WithToken(key), anthropic.WithModel(model), anthropic.WithBaseURL(p.baseURL), anthropic.WithHTTPClient(client))
		if err != nil {
			return nil, fmt.Errorf("set up anthropic: %w", err)
		}
		c.llms[formClaims], c.llms[formNarrative] = m, m
		return c, nil
	}
	if key == "" {
		key = "none" // langchaingo insists on one; the server does not
	}
	for _, format := range []*openai.ResponseFormat{claimsForm(persona.Fields), narrativeForm(persona.Fields)} {
		// All options are given: what is left out langchaingo reads from the environment.
		m, err := openai.New(openai.WithToken(key), openai.WithModel(model), openai.WithBaseURL(p.baseURL), openai.WithOrganization(""),
			openai.WithHTTPClient(client), openai.WithResponseFormat(format))
		if err != nil {
			return nil, fmt.Errorf("set up %s: %w", p.name, err)
		}
		c.llms[form(format.JSONSchema.Name)] = m
	}
	return c, nil
}

// generate asks, and at once again without what the server turns out not to know.
// Such a lesson holds for the process; calls that were under way learn it too. A
// call learns each at most once, because it then no longer sends what was refused.
func (c *chat) generate(ctx context.Context, req request) (reply, error) {
	for {
		x := &exchange{}
		r, err := c.ask(context.WithValue(ctx, exchangeKey{}, x), x, req)
		if err == nil || ctx.Err() != nil {
			return r, err
		}
		switch refused, plain := x.lesson(); {
		case refused != "":
			if c.wire.omit(refused) {
				c.log.WarnContext(ctx, "the model's server does not know a parameter; going on without it", "parameter", refused)
			}
		case plain:
			if c.unstreamed.CompareAndSwap(false, true) {
				c.log.WarnContext(ctx, "the model's server does not stream; going on without")
			}
		default:
			return r, err
		}
	}
}

// ask is one HTTP exchange.
func (c *chat) ask(ctx context.Context, x *exchange, req request) (reply, error) {
	var came gathered
	options := []llms.CallOption{llms.WithTemperature(0)}
	if !c.unstreamed.Load() {
		options = append(options, llms.WithStreamingFunc(came.add))
	}
	if c.provider.name == Anthropic {
		options = append(options, llms.WithMaxTokens(anthropicTokens))
	}
	res, err := c.llms[req.form].GenerateContent(ctx, messages(req), options...)
	if errors.Is(err, anthropic.ErrEmptyResponse) {
		err = nil // what it says of a stream that was cut, whatever had come
	}
	r := reply{text: came.String()}
	if res != nil && len(res.Choices) > 0 {
		r.finish = finishOf(res.Choices[0].StopReason)
		r.usage = usageOf(res.Choices[0].GenerationInfo)
		if r.text == "" {
			for _, choice := range res.Choices {
				r.text += choice.Content
			}
		}
	}
	switch {
	case errors.Is(err, bufio.ErrTooLong):
		// langchaingo reads lines of up to 64 kB; a proxy that sends an answer in one
		// piece sends longer ones.
		x.unstream()
		return r, c.failure(ctx, x, err)
	case errors.Is(err, errLongAnswer):
		r.finish = finishLength
		return r, nil
	case err != nil:
		return r, c.failure(ctx, x, err)
	case r.finish != finishBroken:
		return r, nil
	case complete(r.text):
		r.finish = finishStop // some servers forget to say so
		return r, nil
	}
	// langchaingo takes a stream that just ends for a whole one.
	return r, c.failure(ctx, x, nil)
}

// failure says why a call did not come to its end. Of err, which may quote the
// server or the text, only the type is kept.
func (c *chat) failure(ctx context.Context, x *exchange, err error) *persona.Failure {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &persona.Failure{Code: persona.FailModelTimeout, Retryable: true, Cause: ctx.Err(),
			Message: "the model did not answer in time; it will be tried again, or raise LLM_TIMEOUT"}
	}
	if ctx.Err() != nil {
		return stopped(ctx)
	}
	if f := x.failed(); f != nil {
		return f
	}
	if err == nil {
		return cut(errors.New("the stream ended without a finish reason"))
	}
	return failing(persona.FailModelUnavailable, true, fmt.Errorf("unreadable response: %T", err),
		"the model's server answered with something that is no chat completion; check %s", c.wire.where())
}

func messages(req request) []llms.MessageContent {
	out := []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeSystem, req.system)}
	for _, t := range req.turns {
		role := llms.ChatMessageTypeHuman
		if t.assistant {
			role = llms.ChatMessageTypeAI
		}
		out = append(out, llms.TextParts(role, t.text))
	}
	return out
}

// gathered is the text of a stream so far. It is locked because langchaingo may
// still write from a goroutine of its own while a call is being given up.
type gathered struct {
	mu   sync.Mutex
	text strings.Builder
}

func (g *gathered) add(ctx context.Context, piece []byte) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.text.Write(piece)
	if g.text.Len() > longestAnswer {
		return errLongAnswer
	}
	return ctx.Err()
}

func (g *gathered) String() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.text.String()
}

// finishOf reads the finish reasons of all providers.
func finishOf(reason string) finish {
	switch reason {
	case "", "null", "<nil>":
		return finishBroken
	case "length", "max_tokens", "model_length", "model_context_window_exceeded":
		return finishLength
	case "content_filter", "refusal", "safety", "SAFETY":
		return finishFiltered
	}
	return finishStop
}

// usageOf reads the tokens, whose keys differ per provider. Anthropic counts what
// its cache read and wrote apart.
func usageOf(info map[string]any) persona.Usage {
	sum := func(keys ...string) (n int) {
		for _, k := range keys {
			switch v := info[k].(type) {
			case int:
				n += v
			case int64:
				n += int(v)
			case float64:
				n += int(v)
			}
		}
		return n
	}
	return persona.Usage{
		InputTokens:  sum("PromptTokens", "InputTokens", "CacheCreationInputTokens", "CacheReadInputTokens"),
		OutputTokens: sum("CompletionTokens", "OutputTokens"),
	}
}

// complete reports whether a text has everything an answer needs: an object that closes.
func complete(text string) bool {
	for _, f := range []form{formClaims, formNarrative} {
		if _, whole := salvage(text, f.list(), func(map[string]any) bool { return false }); whole {
			return true
		}
	}
	return false
}
