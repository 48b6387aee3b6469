package synth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/synth/synthtest"
)

func TestEmptyTextAsksNobody(t *testing.T) {
	s := synthtest.NewServer(t)
	e, _ := engineOn(t, s)
	for _, text := range []string{"", " \n\t "} {
		drafts, usage, err := read(t, e, text)
		require.NoError(t, err)
		require.Empty(t, drafts)
		require.Zero(t, usage)
	}
	_, err := e.Extract(t.Context(), persona.Source{}, nil)
	require.Equal(t, persona.FailInternal, asFailure(t, err).Code)
	require.Empty(t, s.Requests())
}

func TestNothingToSayIsAnAnswer(t *testing.T) {
	s := synthtest.NewServer(t)
	s.Script(synthtest.Claims())
	e, _ := engineOn(t, s)
	drafts, _, err := read(t, e, "The weather was fine.")
	require.NoError(t, err)
	require.Empty(t, drafts)
	require.Len(t, s.Requests(), 1)
}

// long is a text of n numbered paragraphs, each with an address of its own.
func long(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "Paragraph %d is about bridges 🌉 and 桥梁, and about little else. %s You can write to person%d@example.com.\n\n", i, strings.Repeat("The river is wide and the days are long. ", 20), i)
	}
	return b.String()
}

func TestLongTextIsReadInChunksWithItsOffsets(t *testing.T) {
	s := synthtest.NewServer(t)
	e, _ := engineOn(t, s)
	text := long(40)
	portions := 0
	var all []persona.Draft
	_, err := e.Extract(t.Context(), source(text), func(ds []persona.Draft) error {
		portions++
		all = append(all, ds...)
		return nil
	})
	require.NoError(t, err)
	prove(t, text, all)
	var emails []string
	for _, d := range all {
		if d.Path == "contact.emails" {
			require.Equal(t, persona.BasisStated, d.Basis)
			emails = append(emails, d.Quote)
		}
	}
	require.Len(t, emails, 40)
	require.Equal(t, 4, portions, "one portion per chunk")

	var texts []string
	for _, r := range s.Requests() {
		require.LessOrEqual(t, len([]rune(r.Text)), chunkSize)
		texts = append(texts, r.Text)
		if !strings.HasPrefix(text, r.Text) {
			require.Contains(t, r.Turns[0], "<<<OPENING", "a later part is told how the text begins")
		}
	}
	for i := range 40 {
		p := fmt.Sprintf("person%d@example.com.", i)
		require.True(t, slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, p) }), "no paragraph is cut")
	}
}

func TestNoMoreCallsAtOnceThanAllowed(t *testing.T) {
	const limit = 3
	s := synthtest.NewServer(t)
	go4 := make(chan struct{})
	s.Answer(func(r synthtest.Request) synthtest.Reply {
		reply := synthtest.Read(r)
		reply.Wait = go4
		return reply
	})
	e, _ := engineOn(t, s, func(o *Options) { o.Concurrency = limit })
	done := make(chan error, 4)
	for range cap(done) {
		go func() {
			_, err := e.Extract(context.Background(), source(long(40)), func([]persona.Draft) error { return nil })
			done <- err
		}()
	}
	require.Eventually(t, func() bool { return s.Open() == limit }, 10*time.Second, time.Millisecond)
	close(go4)
	for range cap(done) {
		require.NoError(t, <-done)
	}
	require.Len(t, s.Requests(), 16)
	require.Equal(t, limit, s.MostAtOnce())
}

func TestCancellationReturnsAtOnce(t *testing.T) {
	for _, provider := range []string{OpenAI, Anthropic} {
		t.Run(provider, func(t *testing.T) {
			s := synthtest.NewServer(t)
			hang := synthtest.Read(synthtest.Request{Text: text})
			hang.Ending, hang.After = synthtest.Hangs, 60
			s.Answer(func(synthtest.Request) synthtest.Reply { return hang })
			e, _ := engineOn(t, s, func(o *Options) { o.Provider, o.Concurrency = provider, 2 })
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() {
				_, err := e.Extract(ctx, source(long(40)), func([]persona.Draft) error { return nil })
				done <- err
			}()
			// Two calls hang in the middle of an answer, two wait for a slot.
			require.Eventually(t, func() bool { return s.Open() == 2 }, 10*time.Second, time.Millisecond)
			cancel()
			err := <-done
			require.Equal(t, persona.FailCancelled, asFailure(t, err).Code)
			require.True(t, asFailure(t, err).Retryable)
			require.ErrorIs(t, err, context.Canceled)
			require.Len(t, s.Requests(), 2)
		})
	}
}

func TestErrorOfEmitIsReturnedAsItIs(t *testing.T) {
	s := synthtest.NewServer(t)
	e, _ := engineOn(t, s)
	mine := errors.New("the disk is full")
	calls := 0
	_, err := e.Extract(t.Context(), source(long(40)), func([]persona.Draft) error {
		calls++
		return mine
	})
	require.Same(t, mine, err)
	require.Equal(t, 1, calls)
}

func TestWhatOtherChunksSaidIsEmittedWhenOneFails(t *testing.T) {
	s := synthtest.NewServer(t)
	text := long(40)
	// All four are under way before one of them fails.
	hold := make(chan struct{})
	s.Answer(func(r synthtest.Request) synthtest.Reply {
		if strings.Contains(r.Text, "person0@") {
			return synthtest.Reply{Status: 401, Wait: hold}
		}
		reply := synthtest.Read(r)
		reply.Wait = hold
		return reply
	})
	e, _ := engineOn(t, s)
	var drafts []persona.Draft
	done := make(chan error, 1)
	go func() {
		_, err := e.Extract(t.Context(), source(text), func(ds []persona.Draft) error {
			drafts = append(drafts, ds...)
			return nil
		})
		done <- err
	}()
	require.Eventually(t, func() bool { return s.Open() == 4 }, 10*time.Second, time.Millisecond)
	close(hold)
	require.Equal(t, persona.FailModelUnavailable, asFailure(t, <-done).Code)
	prove(t, text, drafts)
	emails := 0
	for _, d := range drafts {
		if d.Path == "contact.emails" {
			emails++
		}
	}
	require.Greater(t, emails, 20)
}

func TestAnswerThatWasCutIsUsedAndReadAgainByHalves(t *testing.T) {
	for name, cut := range map[string]func(*synthtest.Reply){
		"by length":    func(r *synthtest.Reply) { r.Text, r.Finish = r.Text[:len(r.Text)/2], "length" },
		"in silence":   func(r *synthtest.Reply) { r.After, r.Ending = len(r.Text)/2, synthtest.EndsSilently },
		"by the net":   func(r *synthtest.Reply) { r.After, r.Ending = len(r.Text)/2, synthtest.EndsCut },
		"by an error":  func(r *synthtest.Reply) { r.After, r.Ending = len(r.Text)/2, synthtest.EndsInError },
		"by the clock": func(r *synthtest.Reply) { r.After, r.Ending = len(r.Text)/2, synthtest.Hangs },
		"context limit": func(r *synthtest.Reply) {
			*r = synthtest.Reply{Status: 400, Body: `{"error":{"message":"This model's maximum context length is 4096 tokens","code":"context_length_exceeded"}}`}
		},
	} {
		for _, provider := range []string{OpenAI, Anthropic} {
			t.Run(name+" "+provider, func(t *testing.T) {
				t.Parallel()
				s := synthtest.NewServer(t)
				text := long(12)
				require.Less(t, len([]rune(text)), chunkSize)
				most, timeout := 4000, time.Minute // the quarters are short enough
				if name == "by the clock" {
					most, timeout = 9000, 2*time.Second // the halves are
				}
				s.Answer(func(r synthtest.Request) synthtest.Reply {
					reply := synthtest.Read(r)
					if len([]rune(r.Text)) > most {
						cut(&reply)
						if provider == Anthropic && reply.Finish == "length" {
							reply.Finish = "max_tokens"
						}
					}
					return reply
				})
				e, _ := engineOn(t, s, func(o *Options) { o.Provider, o.Timeout = provider, timeout })
				drafts, _, err := read(t, e, text)
				require.NoError(t, err)
				found := map[string]bool{}
				for _, d := range drafts {
					if d.Path == "contact.emails" {
						found[d.Value] = true
					}
				}
				require.Len(t, found, 12)
			})
		}
	}
}

func TestShortAnswerThatWasCutIsKept(t *testing.T) {
	s := synthtest.NewServer(t)
	whole := synthtest.Read(synthtest.Request{Text: text})
	s.Answer(func(synthtest.Request) synthtest.Reply {
		r := whole
		r.After, r.Ending = len(r.Text)-40, synthtest.EndsCut
		return r
	})
	e, p := engineOn(t, s)
	drafts, _, err := read(t, e, text)
	require.NoError(t, err)
	require.NotNil(t, draftAt(drafts, "name"))
	require.NotNil(t, draftAt(drafts, "contact.emails"))
	require.Nil(t, draftAt(drafts, "interests.passions"), "the one that was cut")
	require.Len(t, p.all, retries, "a cut is tried again first")
}

func TestUselessAnswerIsRepairedOnce(t *testing.T) {
	for name, useless := range map[string]string{
		"prose":         "I am sorry, I cannot see a text.",
		"other fields":  `{"claims":[{"path":"favouriteColour","value":"blue"}]}`,
		"another shape": `{"name":"Ada Okafor","role":"engineer"}`,
		"nothing":       "",
		"broken":        `{"claims":[{"path":"name","value":`,
	} {
		t.Run(name, func(t *testing.T) {
			s := synthtest.NewServer(t)
			s.Script(synthtest.Reply{Text: useless, Finish: "stop"})
			e, _ := engineOn(t, s)
			drafts, usage, err := read(t, e, text)
			require.NoError(t, err)
			require.NotNil(t, draftAt(drafts, "name"))
			asked := s.Requests()
			require.Len(t, asked, 2)
			require.Len(t, asked[1].Turns, 3, "the question, the answer, what was wrong")
			require.Equal(t, asked[0].Turns[0], asked[1].Turns[0])
			require.Contains(t, asked[1].Turns[2], "JSON object")
			require.Greater(t, usage.OutputTokens, len(strings.Fields(useless)), "both calls are paid for")

			s.Answer(func(synthtest.Request) synthtest.Reply { return synthtest.Reply{Text: useless, Finish: "stop"} })
			drafts, _, err = read(t, e, text)
			require.Empty(t, drafts)
			f := asFailure(t, err)
			require.Equal(t, persona.FailInvalidOutput, f.Code)
			require.True(t, f.Retryable)
			require.Len(t, s.Requests(), 4, "once, not for ever")
		})
	}
}

func TestRefusalByTheProviderIsNoMatterOfForm(t *testing.T) {
	s := synthtest.NewServer(t)
	s.Answer(func(synthtest.Request) synthtest.Reply {
		return synthtest.Reply{Text: "I can't", Finish: "content_filter"}
	})
	e, _ := engineOn(t, s)
	_, _, err := read(t, e, text)
	f := asFailure(t, err)
	require.Equal(t, persona.FailInvalidOutput, f.Code)
	require.False(t, f.Retryable)
	require.Len(t, s.Requests(), 1)
}

func TestModelThatRepeatsItselfIsStopped(t *testing.T) {
	s := synthtest.NewServer(t)
	claims := slices.Repeat([]synthtest.Claim{{Path: "name", Value: "Ada Okafor", Quote: "Ada Okafor", Basis: "STATED"}}, 8000)
	r := synthtest.Claims(claims...)
	r.Chunk = 4096
	s.Answer(func(synthtest.Request) synthtest.Reply { return r })
	e, _ := engineOn(t, s)
	require.Greater(t, len(r.Text), longestAnswer)
	drafts, _, err := read(t, e, text)
	require.NoError(t, err)
	require.Len(t, drafts, 1, "said 8,000 times, it is one statement")
}

func TestClaimsAreReadHoweverTheyAreSpelt(t *testing.T) {
	cases := []struct {
		name, claim string
		want        func(*testing.T, persona.Draft)
	}{
		{"percentage", `{"path":"name","value":"Ada Okafor","quote":"Ada Okafor","basis":"stated","confidence":"85%"}`, func(t *testing.T, d persona.Draft) {
			require.EqualValues(t, 850, d.Confidence)
			require.Equal(t, persona.BasisStated, d.Basis)
		}},
		{"document's path", `{"path":"skills.hard_skills","value":"bridge engineering","quote":"work as a bridge engineer","basis":"INFERRED","confidence":0.6}`, func(t *testing.T, d persona.Draft) {
			require.Equal(t, "skills.hard", d.Path)
			require.Equal(t, persona.BasisInferred, d.Basis)
			require.Equal(t, "work as a bridge engineer", d.Quote, "an inference may have evidence")
		}},
		{"parts as keys, and one the quote has not", `{"path":"career.positions","title":"bridge engineer","organization":"Delta Spans","start":"2019","quote":"bridge engineer at Delta Spans","basis":"STATED"}`, func(t *testing.T, d persona.Draft) {
			require.Equal(t, persona.Detail{"title": "bridge engineer", "organization": "Delta Spans"}, d.Detail)
			require.Equal(t, "bridge engineer, Delta Spans", d.Value)
			require.EqualValues(t, 700, d.Confidence)
		}},
		{"parts as an object", `{"path":"career.positions","value":"x","detail":{"Title":"bridge engineer"},"quote":"a bridge engineer","basis":"STATED"}`, func(t *testing.T, d persona.Draft) {
			require.Equal(t, persona.Detail{"title": "bridge engineer"}, d.Detail)
		}},
		{"a literal value in another spelling", `{"path":"name","value":"ADA  ÓKAFOR","quote":"my name is ada okafor","basis":"STATED"}`, func(t *testing.T, d persona.Draft) {
			require.Equal(t, "Ada Okafor", d.Value)
			require.Equal(t, "My name is Ada Okafor", d.Quote)
		}},
		{"parts in another spelling", `{"path":"career.positions","parts":[{"name":"organization","text":"DELTA-SPANS"}],"quote":"work as a bridge engineer at Delta Spans","basis":"STATED"}`, func(t *testing.T, d persona.Draft) {
			require.Equal(t, persona.Detail{"organization": "Delta Spans"}, d.Detail)
			require.Equal(t, "Delta Spans", d.Value)
		}},
		{"no quote of a literal value", `{"path":"contact.emails","value":"ada.okafor@example.com","basis":"STATED"}`, func(t *testing.T, d persona.Draft) {
			require.Equal(t, "ada.okafor@example.com", d.Quote)
			require.Equal(t, persona.BasisStated, d.Basis)
		}},
		{"lists and numbers where texts should be", `{"path":["location"],"value":["Lagos"],"quote":["I live in Lagos"],"basis":true,"confidence":400}`, func(t *testing.T, d persona.Draft) {
			require.Equal(t, "Lagos", d.Value)
			require.Equal(t, persona.BasisInferred, d.Basis)
			require.EqualValues(t, 500, d.Confidence)
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			drafts, state := readClaims(`{"claims":[`+c.claim+`]}`, newPassage(chunk{0, []rune(text)}))
			require.Equal(t, useful, state)
			require.Len(t, drafts, 1)
			prove(t, text, drafts)
			c.want(t, drafts[0])
		})
	}
}

func TestClaimsThatAreNoneAreDropped(t *testing.T) {
	for name, claim := range map[string]string{
		"narrative":           `{"path":"summary","value":"A good person.","quote":"My name is Ada Okafor","basis":"STATED"}`,
		"inferred protection": `{"path":"gender","value":"female","quote":"My name is Ada Okafor","basis":"INFERRED"}`,
		"protection by proof": `{"path":"gender","value":"female","quote":"I am a woman","basis":"STATED"}`,
		"no value":            `{"path":"role","value":"  ","quote":"engineer"}`,
		"a novel":             `{"path":"role","value":"` + strings.Repeat("x", 2001) + `"}`,
		"damaged":             "{\"path\":\"role\",\"value\":\"brid\uFFFDge\"}",
		"rest of an answer":   `{"path":"role","value":"engineer, \"quote\": \"bridge"}`,
		"object for a value":  `{"path":"role","value":{"is":"engineer"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			drafts, _ := readClaims(`{"claims":[`+claim+`]}`, newPassage(chunk{0, []rune(text)}))
			require.Empty(t, drafts)
		})
	}
}

func TestPeriodOfPosition(t *testing.T) {
	for _, c := range []struct{ start, end, from, to string }{
		{"2017", "2019", "2017", "2019"}, {"2017-03", "2017", "2017-03", "2017"}, {"March 2017", "2019", "", "2019"},
		{"2019", "2017", "", ""}, {"2020-01-05", "today", "2020-01-05", ""}, {"", "", "", ""}, {"2020-13", "", "", ""},
	} {
		from, to := period(persona.Detail{"start": c.start, "end": c.end})
		require.Equal(t, [2]string{c.from, c.to}, [2]string{from, to}, "%+v", c)
	}
}

func TestConfidenceIsBoundedByTheQuote(t *testing.T) {
	p := newPassage(chunk{0, []rune(text)})
	for _, c := range []struct {
		quote     string
		said      string
		want      persona.PerMille
		whichever string
	}{
		{"I love long-distance swimming", "1", 980, "exactly"},
		{"I love long-distance swimming", "0.6", 600, "exactly, and the model doubts"},
		{"i LOVE long distance swimming", "1", 950, "folded"},
		{"I love long-distance swiming, and I want to build a school", "1", 800, "nearly"},
		{"I love long-distance swiming, and I want to build a school", "0.7", 700, "nearly, and the model doubts"},
		{"I love the smell of rain on warm stone", "1", 500, "nowhere"},
		{"I love the smell of rain on warm stone", "0.6", 300, "nowhere, and the model doubts"},
	} {
		drafts, _ := readClaims(fmt.Sprintf(`{"claims":[{"path":"interests.passions","value":"something","quote":%q,"basis":"STATED","confidence":%s}]}`, c.quote, c.said), p)
		require.Len(t, drafts, 1)
		require.Equal(t, c.want, drafts[0].Confidence, c.whichever)
	}
}

func TestInventedQuotesAreNeverStated(t *testing.T) {
	text := long(10) + text
	p := newPassage(chunk{0, []rune(text)})
	for _, quote := range []string{
		"I have collected 412 miniature lighthouses since I was nine",
		"I want to build a school for 150 girls",            // another number
		"I like meetings without an agenda",                 // the denial is gone
		"I do not love long-distance swimming",              // a denial has come
		"I love long-distance cycling, and I want to build", // another thing
		"Okaf",
		"I live in Lagos and work as a bridge inspector at Delta Spans",
		"person11@example.com",
		"The river is wide and the nights are long, she never said",
		"…", "... ...", "“”", ".",
	} {
		drafts, _ := readClaims(fmt.Sprintf(`{"claims":[{"path":"interests.passions","value":"something","quote":%q,"basis":"STATED","confidence":1}]}`, quote), p)
		require.Len(t, drafts, 1)
		require.Equal(t, persona.BasisInferred, drafts[0].Basis, quote)
		require.Empty(t, drafts[0].Quote, quote)
		require.EqualValues(t, 500, drafts[0].Confidence, "halved")
	}
}
