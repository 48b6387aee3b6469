package synth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/synth/synthtest"
)

func TestFailuresAreTyped(t *testing.T) {
	const secret = "the text and sk-secret-key are repeated here"
	for _, c := range []struct {
		name      string
		reply     synthtest.Reply
		code      persona.FailureCode
		retryable bool
		calls     int
		says      string
	}{
		{"no key", synthtest.Reply{Status: 401}, persona.FailModelUnavailable, false, 1, "OPENAI_API_KEY"},
		{"no right", synthtest.Reply{Status: 403}, persona.FailModelUnavailable, false, 1, "OPENAI_API_KEY"},
		{"no credit", synthtest.Reply{Status: 429, Body: `{"error":{"code":"insufficient_quota","message":"` + secret + `"}}`}, persona.FailRateLimited, false, 1, "credit"},
		{"no model", synthtest.Reply{Status: 404, Body: `{"error":{"code":"model_not_found","message":"` + secret + `"}}`}, persona.FailModelUnavailable, false, 1, `"gpt-4o-mini" for you; check OPENAI_MODEL`},
		{"no API", synthtest.Reply{Status: 404, Body: `<html>` + secret}, persona.FailModelUnavailable, false, 1, "OPENAI_BASE_URL"},
		{"too fast", synthtest.Reply{Status: 429}, persona.FailRateLimited, true, 3, "LLM_CONCURRENCY"},
		{"too long", synthtest.Reply{Status: 400, Body: `{"error":{"message":"` + secret + `: maximum context length"}}`}, persona.FailModelUnavailable, false, 1, "larger context as OPENAI_MODEL"},
		{"too large", synthtest.Reply{Status: 413}, persona.FailModelUnavailable, false, 1, "larger context as OPENAI_MODEL"},
		{"refused", synthtest.Reply{Status: 400, Body: `{"error":"` + secret + `"}`}, persona.FailModelUnavailable, false, 1, "refused the request (400)"},
		{"broken", synthtest.Reply{Status: 500, Body: secret}, persona.FailModelUnavailable, true, 3, "error of its own (500)"},
		{"overloaded", synthtest.Reply{Status: 529}, persona.FailModelUnavailable, true, 3, "(529)"},
		{"gave up", synthtest.Reply{Status: 504}, persona.FailModelTimeout, true, 3, "gave up waiting"},
		{"elsewhere", synthtest.Reply{Status: 302}, persona.FailModelUnavailable, false, 1, "OPENAI_BASE_URL"},
		{"cut at once", synthtest.Reply{Ending: synthtest.EndsCut}, persona.FailModelUnavailable, true, 3, "broke off"},
		{"silent at once", synthtest.Reply{Ending: synthtest.EndsSilently}, persona.FailModelUnavailable, true, 3, "broke off"},
		{"error in the stream", synthtest.Reply{Ending: synthtest.EndsInError}, persona.FailModelUnavailable, true, 3, "error of its own"},
	} {
		for _, provider := range []string{OpenAI, Anthropic} {
			t.Run(c.name+" "+provider, func(t *testing.T) {
				s := synthtest.NewServer(t)
				s.Answer(func(synthtest.Request) synthtest.Reply { return c.reply })
				var log bytes.Buffer
				e, p := engineOn(t, s, func(o *Options) {
					o.Provider = provider
					o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
				})
				drafts, _, err := read(t, e, text)
				require.Empty(t, drafts)
				f := asFailure(t, err)
				require.Equal(t, c.code, f.Code, f)
				require.Equal(t, c.retryable, f.Retryable)
				require.Len(t, s.Requests(), c.calls)
				require.Len(t, p.all, c.calls-1)
				says := c.says
				if provider == Anthropic {
					says = strings.NewReplacer("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_MODEL", "ANTHROPIC_MODEL", "OPENAI_BASE_URL", "this machine's way").Replace(says)
				}
				require.Contains(t, f.Message, says)
				for _, said := range []string{err.Error(), log.String()} {
					require.NotContains(t, said, "sk-secret-key")
					require.NotContains(t, said, "Okafor")
					require.NotContains(t, said, "repeated here")
				}
			})
		}
	}
}

func TestPassingFailureIsTriedAgain(t *testing.T) {
	s := synthtest.NewServer(t)
	s.Script(synthtest.Reply{Status: 500}, synthtest.Reply{Status: 429, RetryAfter: "7"})
	e, p := engineOn(t, s)
	drafts, _, err := read(t, e, text)
	require.NoError(t, err)
	require.NotNil(t, draftAt(drafts, "name"))
	require.Len(t, p.all, 2)
	require.GreaterOrEqual(t, p.all[0], backoff/2)
	require.Less(t, p.all[0], 2*backoff)
	require.Equal(t, 7*time.Second, p.all[1], "as long as it was asked to")
}

func TestLongRetryAfterIsLeftToTheQueue(t *testing.T) {
	for _, after := range []string{"90", time.Now().Add(90*time.Second + 500*time.Millisecond).UTC().Format(http.TimeFormat)} {
		s := synthtest.NewServer(t)
		s.Answer(func(synthtest.Request) synthtest.Reply { return synthtest.Reply{Status: 429, RetryAfter: after} })
		e, p := engineOn(t, s)
		_, _, err := read(t, e, text)
		f := asFailure(t, err)
		require.Equal(t, persona.FailRateLimited, f.Code)
		require.True(t, f.Retryable)
		require.InDelta(t, 90, f.RetryAfter.Seconds(), 60, after)
		require.Greater(t, f.RetryAfter, patience)
		require.Empty(t, p.all)
		require.Len(t, s.Requests(), 1)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		header, value string
		want          time.Duration
	}{
		{"Retry-After", "3", 3 * time.Second},
		{"Retry-After", " 0.5 ", 500 * time.Millisecond},
		{"Retry-After", "Sat, 01 Mar 2025 12:00:20 GMT", 20 * time.Second},
		{"Retry-After", "Sat, 01 Mar 2025 11:00:00 GMT", 0},
		{"Retry-After", "soon", 0},
		{"Retry-After", "-4", 0},
		{"Retry-After", "NaN", 0},
		{"Retry-After", "1e300", longestRetryAfter},
		{"Retry-After", "+Inf", longestRetryAfter},
		{"Retry-After-Ms", "250", 250 * time.Millisecond},
		{"X-Other", "1", 0},
	} {
		h := http.Header{}
		h.Set(c.header, c.value)
		require.Equal(t, c.want, retryAfter(h, now), "%s: %s", c.header, c.value)
	}
}

func TestServerThatIsNotThere(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	address := gone.URL
	gone.Close()
	for _, provider := range []string{OpenAI, Ollama} {
		e, err := New(Options{Provider: provider, Model: "m", APIKey: "k", BaseURL: address})
		require.NoError(t, err)
		t.Cleanup(e.Close)
		e.pause = (&pauses{}).pause
		_, _, err = read(t, e, text)
		f := asFailure(t, err)
		require.Equal(t, persona.FailModelUnavailable, f.Code)
		require.True(t, f.Retryable)
		require.Contains(t, f.Message, strings.ToUpper(provider)+"_BASE_URL")
		require.ErrorContains(t, err, "connection refused")
	}
}

func TestModelThatDoesNotAnswerInTime(t *testing.T) {
	s := synthtest.NewServer(t)
	s.Answer(func(synthtest.Request) synthtest.Reply { return synthtest.Reply{Ending: synthtest.Hangs} })
	e, p := engineOn(t, s, func(o *Options) { o.Timeout = 50 * time.Millisecond })
	_, _, err := read(t, e, text)
	f := asFailure(t, err)
	require.Equal(t, persona.FailModelTimeout, f.Code)
	require.True(t, f.Retryable)
	require.Contains(t, f.Message, "LLM_TIMEOUT")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Len(t, p.all, retries)
}

func TestCallersDeadlineIsNotTriedAgain(t *testing.T) {
	s := synthtest.NewServer(t)
	s.Answer(func(synthtest.Request) synthtest.Reply { return synthtest.Reply{Ending: synthtest.Hangs} })
	e, p := engineOn(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := e.Extract(ctx, source(text), func([]persona.Draft) error { return nil })
	require.Equal(t, persona.FailModelTimeout, asFailure(t, err).Code)
	require.Empty(t, p.all)
}

// TestServersThatKnowLessThanOpenAI has servers that refuse a parameter or do not
// stream. Each is asked once in vain, and not again.
func TestServersThatKnowLessThanOpenAI(t *testing.T) {
	refuse := func(parameter, problem string) func(synthtest.Request) synthtest.Reply {
		return func(r synthtest.Request) synthtest.Reply {
			if bytes.Contains(r.Body, []byte(`"`+parameter+`":`)) {
				return synthtest.Reply{Status: 400, Body: problem}
			}
			return synthtest.Read(r)
		}
	}
	for name, answer := range map[string]func(synthtest.Request) synthtest.Reply{
		"no schema":          refuse("response_format", `{"error":{"message":"This response_format type is unavailable now"}}`),
		"no schema, by vLLM": refuse("response_format", `{"object":"error","message":"json_schema is not supported","code":400}`),
		"no temperature":     refuse("temperature", `{"error":{"message":"Unsupported value","param":"temperature"}}`),
		"no stream options":  refuse("stream_options", `{"error":{"message":"Unknown parameter: stream_options"}}`),
		"no stream": func(r synthtest.Request) synthtest.Reply {
			reply := synthtest.Read(r)
			reply.Plain = true
			return reply
		},
		"a stream of one piece": func(r synthtest.Request) synthtest.Reply {
			reply := synthtest.Read(r)
			reply.Text += strings.Repeat(" ", 70_000)
			reply.Chunk = 1 << 20
			return reply
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := synthtest.NewServer(t)
			s.Answer(answer)
			e, p := engineOn(t, s)
			drafts, _, err := read(t, e, text)
			require.NoError(t, err)
			require.NotNil(t, draftAt(drafts, "name"))
			require.Len(t, s.Requests(), 2)
			_, _, err = read(t, e, long(40)) // four at the same time
			require.NoError(t, err)
			require.Len(t, s.Requests(), 6)
			require.Empty(t, p.all, "a lesson is no failure")
		})
	}
}

// TestLessonIsLearntByAllCallsUnderWay has four calls refused before any of them could know better.
func TestLessonIsLearntByAllCallsUnderWay(t *testing.T) {
	s := synthtest.NewServer(t)
	together := make(chan struct{})
	s.Answer(func(r synthtest.Request) synthtest.Reply {
		if r.Form != "" {
			return synthtest.Reply{Status: 400, Body: `{"error":{"param":"response_format"}}`, Wait: together}
		}
		return synthtest.Read(r)
	})
	e, _ := engineOn(t, s)
	done := make(chan error, 1)
	go func() {
		_, err := e.Extract(t.Context(), source(long(40)), func([]persona.Draft) error { return nil })
		done <- err
	}()
	require.Eventually(t, func() bool { return s.Open() == 4 }, 10*time.Second, time.Millisecond)
	close(together)
	require.NoError(t, <-done)
	require.Len(t, s.Requests(), 8)
}

func TestParameterIsRefusedButOnce(t *testing.T) {
	s := synthtest.NewServer(t)
	s.Answer(func(synthtest.Request) synthtest.Reply {
		return synthtest.Reply{Status: 400, Body: `{"error":{"message":"temperature, stream_options and response_format are all wrong"}}`}
	})
	e, _ := engineOn(t, s)
	_, _, err := read(t, e, text)
	require.False(t, asFailure(t, err).Retryable)
	require.Len(t, s.Requests(), 2, "the server names the same one again")
}

// scripted is a model that answers from a list.
type scripted struct {
	replies []reply
	errs    []error
	asked   []request
}

func (m *scripted) generate(_ context.Context, req request) (reply, error) {
	i := len(m.asked)
	m.asked = append(m.asked, req)
	return m.replies[i], m.errs[i]
}

func TestLongestOfBrokenAnswersIsKept(t *testing.T) {
	s := synthtest.NewServer(t)
	e, _ := engineOn(t, s)
	gone := &persona.Failure{Code: persona.FailModelUnavailable, Retryable: true}
	m := &scripted{
		replies: []reply{{text: "a", usage: persona.Usage{InputTokens: 1}}, {text: "aaa"}, {text: "aa", usage: persona.Usage{OutputTokens: 2}}},
		errs:    []error{gone, gone, gone},
	}
	e.model = m
	r, err := e.call(t.Context(), t.Context(), request{})
	require.NoError(t, err)
	require.Equal(t, "aaa", r.text)
	require.Same(t, gone, r.broken)
	require.False(t, r.whole())
	require.Equal(t, 1, r.usage.InputTokens)
	require.Equal(t, 2, r.usage.OutputTokens)

	m = &scripted{replies: []reply{{}}, errs: []error{errors.New("a surprise")}}
	e.model = m
	gate, shut := context.WithCancel(t.Context())
	shut()
	_, err = e.call(t.Context(), gate, request{})
	require.Equal(t, persona.FailCancelled, asFailure(t, err).Code)
	require.Empty(t, m.asked, "a closed gate begins nothing")
}

func TestFinishReasons(t *testing.T) {
	for reason, want := range map[string]finish{
		"stop": finishStop, "end_turn": finishStop, "stop_sequence": finishStop, "eos": finishStop, "length": finishLength, "max_tokens": finishLength,
		"content_filter": finishFiltered, "refusal": finishFiltered, "": finishBroken, "null": finishBroken,
	} {
		require.Equal(t, want, finishOf(reason), fmt.Sprintf("%q", reason))
	}
}

func TestAnswerWithoutFinishReasonIsWholeWhenItsListCloses(t *testing.T) {
	s := synthtest.NewServer(t)
	s.Answer(func(r synthtest.Request) synthtest.Reply {
		reply := synthtest.Read(r)
		reply.Ending, reply.After = synthtest.EndsSilently, len(reply.Text)
		return reply
	})
	for _, provider := range []string{OpenAI, Anthropic} {
		e, p := engineOn(t, s, func(o *Options) { o.Provider = provider })
		drafts, _, err := read(t, e, text)
		require.NoError(t, err)
		require.NotNil(t, draftAt(drafts, "interests.passions"))
		require.Empty(t, p.all)
	}
}

func TestNobodyHoldsASlotWhileWaiting(t *testing.T) {
	s := synthtest.NewServer(t)
	s.Script(synthtest.Reply{Status: 429})
	e, _ := engineOn(t, s, func(o *Options) { o.Concurrency = 1 })
	waiting, goOn := make(chan struct{}), make(chan struct{})
	e.pause = func(context.Context, time.Duration) error {
		close(waiting)
		<-goOn
		return nil
	}
	first := make(chan error, 1)
	go func() {
		_, err := e.Extract(t.Context(), source(text), func([]persona.Draft) error { return nil })
		first <- err
	}()
	<-waiting
	_, _, err := read(t, e, text)
	require.NoError(t, err)
	close(goOn)
	require.NoError(t, <-first)
}
