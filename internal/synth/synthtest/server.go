// Package synthtest is a model's server for tests: OpenAI's chat completions and
// Anthropic's messages on a local address, with answers that are scripted or read
// from the question, and every way of failing that a real one has.
package synthtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"
)

// Server answers like a model. Without Answer or Script it answers with Read.
type Server struct {
	server *httptest.Server
	closed chan struct{}

	mu       sync.Mutex
	answer   func(Request) Reply
	script   []Reply
	requests []Request
	now      int
	most     int
}

// Request is what was asked.
type Request struct {
	Path   string // /v1/chat/completions or /v1/messages
	Key    string // the API key that came along
	Model  string
	Form   string   // name of the JSON Schema asked for: claims, narrative, or "" without
	System string   // the standing instructions
	Turns  []string // the conversation, the user's first
	Text   string   // of the question to extract from: the text itself
	Facts  string   // of the question to compose from: the facts, one a line
	Stream bool
	Body   []byte
	schema string
}

// Ending is how an answer ends.
type Ending string

// The endings of an answer.
const (
	EndsWell     Ending = ""         // with a finish reason
	EndsSilently Ending = "silently" // the stream is over, and nobody says why
	EndsCut      Ending = "cut"      // the connection is gone
	EndsInError  Ending = "in error" // with an error instead of more text
	Hangs        Ending = "hangs"    // nothing more comes until the caller gives up
)

// Reply is what is answered. Its zero value is an answer of no text.
type Reply struct {
	Status     int    // not 0: an error of this status, with Body
	RetryAfter string // the header, for errors
	Body       string // of an error; "" is one in the provider's form

	Text   string // of the answer; bytes that are no UTF-8 go out as they are
	Finish string // the finish reason; "" is the provider's for a whole answer
	After  int    // bytes of Text that are sent before an Ending that is not EndsWell
	Ending Ending
	Plain  bool // answer in one JSON object even when asked for a stream
	Chunk  int  // bytes of Text per event of the stream; 48 when 0

	Delay time.Duration   // before the first byte
	Wait  <-chan struct{} // before the first byte, until closed

	InputTokens, OutputTokens int // 0 is by Tokens, with the schema counted to the input
}

// NewServer starts a server that ends with the test.
func NewServer(t testing.TB) *Server {
	s := Start()
	t.Cleanup(s.Close)
	return s
}

// Start starts a server that goes on until Close.
func Start() *Server {
	s := &Server{answer: Read, closed: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, openai{}) })
	mux.HandleFunc("POST /v1/messages", func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, anthropic{}) })
	s.server = httptest.NewServer(mux)
	return s
}

// Close ends the server, and with it every answer that is still under way.
func (s *Server) Close() {
	close(s.closed)
	s.server.Close()
}

// URL is what to set OPENAI_BASE_URL to.
func (s *Server) URL() string { return s.server.URL + "/v1" }

// Answer sets what every question gets that no script is left for.
func (s *Server) Answer(f func(Request) Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = f
}

// Script sets what the next questions get, in the order they come.
func (s *Server) Script(replies ...Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = append(s.script, replies...)
}

// Requests are the questions so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// MostAtOnce is the largest number of questions that were open at one time.
func (s *Server) MostAtOnce() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.most
}

// Open is the number of questions that are open now.
func (s *Server) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, d dialect) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller has gone
	}
	req, err := d.read(r, body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	reply := s.reply(req)
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.now--
	}()
	if !s.waited(r, reply) {
		return
	}
	if reply.Status != 0 && reply.Status != http.StatusOK {
		if reply.RetryAfter != "" {
			w.Header().Set("Retry-After", reply.RetryAfter)
		}
		if reply.Body == "" {
			reply.Body = d.problem(reply.Status)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(reply.Status)
		_, _ = io.WriteString(w, reply.Body)
		return
	}
	if reply.Finish == "" {
		reply.Finish = d.finish()
	}
	if reply.InputTokens == 0 {
		reply.InputTokens = Tokens(req.System) + Tokens(strings.Join(req.Turns, " ")) + Tokens(req.schema)
	}
	if reply.OutputTokens == 0 {
		reply.OutputTokens = Tokens(reply.Text)
	}
	if !req.Stream || reply.Plain {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, d.whole(reply)) //nolint:gosec // JSON for a test, no page
		return
	}
	s.stream(w, r, reply, d)
}

// reply picks the answer and counts the question.
func (s *Server) reply(req Request) Reply {
	s.mu.Lock()
	s.requests = append(s.requests, req)
	s.now++
	s.most = max(s.most, s.now)
	if len(s.script) > 0 {
		defer s.mu.Unlock()
		next := s.script[0]
		s.script = s.script[1:]
		return next
	}
	answer := s.answer
	s.mu.Unlock()
	return answer(req)
}

// waited waits as long as the reply says; false when there is nobody to answer any more.
func (s *Server) waited(r *http.Request, reply Reply) bool {
	var timer <-chan time.Time
	if reply.Delay > 0 {
		t := time.NewTimer(reply.Delay)
		defer t.Stop()
		timer = t.C
	}
	if timer == nil && reply.Wait == nil {
		return true
	}
	select {
	case <-timer:
	case <-reply.Wait:
	case <-r.Context().Done():
		return false
	case <-s.closed:
		return false
	}
	return true
}

func (s *Server) stream(w http.ResponseWriter, r *http.Request, reply Reply, d dialect) {
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w)
	send := func(events string) {
		_, _ = io.WriteString(w, events) //nolint:gosec // events for a test, no page
		_ = flush.Flush()
	}
	text := reply.Text
	if reply.Ending != EndsWell {
		text = text[:min(reply.After, len(text))]
	}
	send(d.begin(reply))
	size := reply.Chunk
	if size == 0 {
		size = 48
	}
	for len(text) > 0 {
		n := min(size, len(text))
		for n < len(text) && !utf8.RuneStart(text[n]) {
			n++
		}
		send(d.piece(text[:n]))
		text = text[n:]
	}
	switch reply.Ending {
	case EndsWell:
		send(d.end(reply))
	case EndsCut:
		panic(http.ErrAbortHandler) // the way to drop a connection from a handler
	case EndsInError:
		send(d.failed())
	case Hangs:
		select {
		case <-r.Context().Done():
		case <-s.closed:
		}
	case EndsSilently:
	}
}

// dialect is one provider's way of putting things.
type dialect interface {
	read(r *http.Request, body []byte) (Request, error)
	finish() string
	problem(status int) string
	whole(Reply) string
	begin(Reply) string
	piece(string) string
	end(Reply) string
	failed() string
}

type openai struct{}

func (openai) read(r *http.Request, body []byte) (Request, error) {
	var in struct {
		Model    string
		Stream   bool
		Messages []struct{ Role, Content string }
		Format   struct {
			Schema struct {
				Name   string
				Schema json.RawMessage
			} `json:"json_schema"`
		} `json:"response_format"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return Request{}, fmt.Errorf("read the question: %w", err)
	}
	out := Request{Path: r.URL.Path, Key: strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), Model: in.Model, Form: in.Format.Schema.Name, Stream: in.Stream, Body: body, schema: string(in.Format.Schema.Schema)}
	for _, m := range in.Messages {
		if m.Role == "system" {
			out.System += m.Content
		} else {
			out.Turns = append(out.Turns, m.Content)
		}
	}
	out.unfence()
	return out, nil
}

func (openai) finish() string { return "stop" }

func (openai) problem(status int) string {
	return fmt.Sprintf(`{"error":{"message":"status %d was asked for","type":"test","code":null}}`, status)
}

func (openai) usage(r Reply) string {
	return fmt.Sprintf(`{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}`, r.InputTokens, r.OutputTokens, r.InputTokens+r.OutputTokens)
}

func (d openai) whole(r Reply) string {
	return fmt.Sprintf(`{"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":%s},"finish_reason":%s}],"usage":%s}`,
		quote(r.Text), quote(r.Finish), d.usage(r))
}

func (openai) begin(Reply) string {
	return "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"
}

func (openai) piece(text string) string {
	return "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":" + quote(text) + "}}]}\n\n"
}

func (d openai) end(r Reply) string {
	return "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":" + quote(r.Finish) + "}]}\n\n" +
		"data: {\"id\":\"c\",\"choices\":[],\"usage\":" + d.usage(r) + "}\n\ndata: [DONE]\n\n"
}

func (openai) failed() string {
	return "data: {\"error\":{\"message\":\"the model fell over\",\"type\":\"server_error\",\"code\":500}}\n\n"
}

type anthropic struct{}

func (anthropic) read(r *http.Request, body []byte) (Request, error) {
	var in struct {
		Model    string
		Stream   bool
		System   string
		Messages []struct {
			Content []struct{ Text string }
		}
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return Request{}, fmt.Errorf("read the question: %w", err)
	}
	out := Request{Path: r.URL.Path, Key: r.Header.Get("X-Api-Key"), Model: in.Model, System: in.System, Stream: in.Stream, Body: body}
	for _, m := range in.Messages {
		turn := ""
		for _, c := range m.Content {
			turn += c.Text
		}
		out.Turns = append(out.Turns, turn)
	}
	out.unfence()
	return out, nil
}

func (anthropic) finish() string { return "end_turn" }

func (anthropic) problem(status int) string {
	return fmt.Sprintf(`{"type":"error","error":{"type":"test","message":"status %d was asked for"}}`, status)
}

func (anthropic) whole(r Reply) string {
	return fmt.Sprintf(`{"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":%s}],"stop_reason":%s,"usage":{"input_tokens":%d,"output_tokens":%d}}`,
		quote(r.Text), quote(r.Finish), r.InputTokens, r.OutputTokens)
}

func (anthropic) begin(r Reply) string {
	return fmt.Sprintf("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":%d,\"output_tokens\":1}}}\n\n"+
		"event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n", r.InputTokens)
}

func (anthropic) piece(text string) string {
	return "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":" + quote(text) + "}}\n\n"
}

func (anthropic) end(r Reply) string {
	return "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n" +
		fmt.Sprintf("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":%s},\"usage\":{\"output_tokens\":%d}}\n\n", quote(r.Finish), r.OutputTokens) +
		"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
}

func (anthropic) failed() string {
	return "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n"
}

// quote writes a JSON string; unlike encoding/json it leaves broken UTF-8 broken.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	plain := 0 // where what need not be escaped begins
	for i := range len(s) {
		c := s[i]
		if c != '"' && c != '\\' && c >= 0x20 {
			continue
		}
		b.WriteString(s[plain:i])
		plain = i + 1
		switch c {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\n':
			b.WriteString(`\n`)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	b.WriteString(s[plain:])
	b.WriteByte('"')
	return b.String()
}

// mark finds the marks around what a question is about.
var mark = regexp.MustCompile(`(?m)^<<<(TEXT|FACTS) ([0-9a-f]{32})$`)

// unfence takes the text or the facts out of the first turn.
func (r *Request) unfence() {
	if len(r.Turns) == 0 {
		return
	}
	at := mark.FindStringSubmatchIndex(r.Turns[0])
	if at == nil {
		return
	}
	kind, nonce := r.Turns[0][at[2]:at[3]], r.Turns[0][at[4]:at[5]]
	inner, _, _ := strings.Cut(r.Turns[0][at[1]:], "\n"+kind+" "+nonce+">>>")
	inner = strings.TrimPrefix(inner, "\n")
	if kind == "TEXT" {
		r.Text = inner
	} else {
		r.Facts = inner
	}
}
