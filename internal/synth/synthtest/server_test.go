package synthtest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/synth/synthtest"
)

// ask sends a question as a client of OpenAI's API would.
func ask(t *testing.T, s *synthtest.Server, user string, stream bool) (int, http.Header, string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"model": "m", "stream": stream, "messages": []map[string]string{{"role": "system", "content": "s"}, {"role": "user", "content": user}}})
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+"/chat/completions", strings.NewReader(string(body)))
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	out, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, res.Header, string(out)
}

const nonce = "0123456789abcdef0123456789abcdef"

func TestReadQuotesTheTextAndInventsOne(t *testing.T) {
	s := synthtest.NewServer(t)
	text := "My name is Ada Okafor. I work as a bridge engineer at Delta Spans.\nWrite to ada@example.com."
	status, _, body := ask(t, s, "Kind: x\n\n<<<TEXT "+nonce+"\n"+text+"\nTEXT "+nonce+">>>\n\nGo.", false)
	require.Equal(t, http.StatusOK, status)
	var answer struct {
		Choices []struct{ Message struct{ Content string } }
	}
	require.NoError(t, json.Unmarshal([]byte(body), &answer))
	var out struct{ Claims []synthtest.Claim }
	require.NoError(t, json.Unmarshal([]byte(answer.Choices[0].Message.Content), &out))
	values := map[string]string{}
	for _, c := range out.Claims {
		values[c.Path] = c.Value
		if c.Path == synthtest.Invented().Path {
			require.NotContains(t, text, c.Quote)
		} else {
			require.Contains(t, text, c.Quote)
		}
	}
	require.Equal(t, map[string]string{
		"name": "Ada Okafor", "role": "bridge engineer", "contact.emails": "ada@example.com",
		"career.positions": "bridge engineer at Delta Spans", "interests.passions": "collecting lighthouses",
	}, values)
	require.Equal(t, text, s.Requests()[0].Text)
}

func TestScriptComesBeforeAnswer(t *testing.T) {
	s := synthtest.NewServer(t)
	s.Script(synthtest.Reply{Status: 429, RetryAfter: "3"}, synthtest.Reply{Text: "hello", Chunk: 2})
	s.Answer(func(synthtest.Request) synthtest.Reply { return synthtest.Reply{Text: "later"} })
	status, header, _ := ask(t, s, "x", true)
	require.Equal(t, http.StatusTooManyRequests, status)
	require.Equal(t, "3", header.Get("Retry-After"))
	_, _, body := ask(t, s, "x", true)
	require.Equal(t, 3, strings.Count(body, `"delta":{"content":`))
	require.Contains(t, body, "data: [DONE]")
	_, _, body = ask(t, s, "x", false)
	require.Contains(t, body, `"content":"later"`)
	require.Equal(t, 1, s.MostAtOnce())
	require.Zero(t, s.Open())
}

func TestTokens(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, " ": 0, "I": 1, "bridge": 1, "bridges": 2, "a bridge": 2, "2019": 2, "1 000": 2, "}]}]": 2, "林小雨": 3, "a-b": 3, `{"path":"name"}`: 5, "\n\n": 1,
	} {
		require.Equal(t, want, synthtest.Tokens(text), "%q", text)
	}
}
