package synth

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/persona-api/persona-api/internal/persona"
)

// wire stands between langchaingo and the network. It classifies what goes wrong,
// because langchaingo passes on neither status nor headers nor the type of an
// error, and keeps the server's own words, which may repeat the text or part of
// the key, from getting any further.
type wire struct {
	base     http.RoundTripper
	provider provider
	model    string

	mu      sync.Mutex
	omitted []string // parameters that the server does not know
}

// exchange is what wire saw of one call. It travels in the request's context.
type exchange struct {
	mu      sync.Mutex
	failure *persona.Failure
	refused string // the parameter that the server did not know
	plain   bool   // it was asked for a stream and sent something else
}

type exchangeKey struct{}

// fail keeps the first failure: what follows is its consequence.
func (x *exchange) fail(f *persona.Failure) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.failure == nil {
		x.failure = f
	}
}

func (x *exchange) failed() *persona.Failure {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.failure
}

// unstream notes that the server cannot be asked for a stream.
func (x *exchange) unstream() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.plain = true
}

// lesson is what to do otherwise at the next call.
func (x *exchange) lesson() (refused string, plain bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.refused, x.plain
}

// RoundTrip sends the request and looks at what comes back.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	x, ok := req.Context().Value(exchangeKey{}).(*exchange)
	if !ok {
		x = &exchange{} // nobody asks, but nothing may break
	}
	body, omitted, err := w.trimmed(req)
	if err != nil {
		return nil, err
	}
	out := req.Clone(req.Context())
	out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	out.Header.Set("User-Agent", "persona-api")
	res, err := w.base.RoundTrip(out)
	if err != nil {
		x.fail(failing(persona.FailModelUnavailable, true, fmt.Errorf("no connection: %w", rootOf(err)),
			"the model's server cannot be reached; check that it runs, and %s", w.where()))
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10)) // half an explanation is one too
		_ = res.Body.Close()
		w.refusal(x, res, said, omitted)
		res.Body = io.NopCloser(strings.NewReader("{}"))
		return res, nil
	}
	if bytes.Contains(body, []byte(`"stream":true`)) && !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		x.unstream()
	}
	res.Body = &tap{body: res.Body, lines: bufio.NewReaderSize(res.Body, 64<<10), wire: w, x: x, ctx: req.Context()}
	return res, nil
}

// trimmed is the request's body without the parameters the server does not know,
// and which those are.
func (w *wire) trimmed(req *http.Request) (body []byte, omitted []string, err error) {
	body, err = io.ReadAll(req.Body)
	_ = req.Body.Close()
	w.mu.Lock()
	omitted = slices.Clone(w.omitted)
	w.mu.Unlock()
	if err != nil || len(omitted) == 0 {
		return body, nil, err
	}
	var o map[string]json.RawMessage
	if err := json.Unmarshal(body, &o); err != nil {
		return nil, nil, fmt.Errorf("read the request: %w", err)
	}
	for _, p := range omitted {
		delete(o, p)
	}
	body, err = json.Marshal(o)
	return body, omitted, err
}

// omit leaves a parameter out from now on; false when it was left out already.
func (w *wire) omit(parameter string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if slices.Contains(w.omitted, parameter) {
		return false
	}
	w.omitted = append(w.omitted, parameter)
	return true
}

// where names the setting that says where the server is.
func (w *wire) where() string {
	if w.provider.urlSetting == "" {
		return "this machine's way to " + w.provider.baseURL
	}
	return w.provider.urlSetting
}

// failing is a failure whose message is made of format.
func failing(code persona.FailureCode, retryable bool, cause error, format string, args ...any) *persona.Failure {
	return &persona.Failure{Code: code, Message: fmt.Sprintf(format, args...), Retryable: retryable, Cause: cause}
}

// cut is the failure of an answer that broke off.
func cut(cause error) *persona.Failure {
	return failing(persona.FailModelUnavailable, true, cause, "the connection to the model's server broke off in the middle of an answer; it will be tried again")
}

// problem is what servers say about an error, in the shapes in use.
type problem struct {
	Message string `json:"message"`
	Type    string `json:"type"`
	Code    any    `json:"code"`
	Param   string `json:"param"`
}

// problemIn reads the error object of a body, zero when there is none.
func problemIn(body []byte) (p problem) {
	var envelope struct {
		Error json.RawMessage `json:"error"`
		problem
	}
	if json.Unmarshal(body, &envelope) != nil {
		return problem{}
	}
	if len(envelope.Error) == 0 || string(envelope.Error) == "null" {
		return envelope.problem
	}
	if json.Unmarshal(envelope.Error, &p) != nil {
		_ = json.Unmarshal(envelope.Error, &p.Message) // a bare text, or nothing
	}
	return p
}

// codeName is a code fit for a log: a name, never a sentence.
var codeName = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,48}$`)

func (p problem) name() string {
	for _, s := range []string{fmt.Sprint(p.Code), p.Type} {
		if s != "<nil>" && codeName.MatchString(s) {
			return s
		}
	}
	return "none"
}

// refusal makes a failure of a status code and what the server says to it. A
// parameter counts as refused only if it was sent.
func (w *wire) refusal(x *exchange, res *http.Response, body []byte, omitted []string) {
	p := problemIn(body)
	f := w.classify(res.StatusCode, p)
	if f.RetryAfter == 0 {
		f.RetryAfter = retryAfter(res.Header, time.Now())
	}
	x.fail(f)
	if res.StatusCode == http.StatusBadRequest || res.StatusCode == http.StatusUnprocessableEntity {
		if refused := p.parameter(); !slices.Contains(omitted, refused) {
			x.mu.Lock()
			x.refused = refused
			x.mu.Unlock()
		}
	}
}

// parameter is the parameter complained of, of those one can do without.
func (p problem) parameter() string {
	said := p.Param + " " + p.Message
	for _, known := range []struct{ word, parameter string }{
		{"response_format", "response_format"}, {"json_schema", "response_format"}, {"stream_options", "stream_options"}, {"temperature", "temperature"},
	} {
		if strings.Contains(said, known.word) {
			return known.parameter
		}
	}
	return ""
}

// tooLong reports whether the question was longer than the model can read.
func (p problem) tooLong() bool {
	if p.name() == "context_length_exceeded" {
		return true
	}
	said := strings.ToLower(p.Message)
	for _, phrase := range []string{"context length", "context window", "context size", "maximum context", "prompt is too long", "input is too long", "too many tokens", "reduce the length"} {
		if strings.Contains(said, phrase) {
			return true
		}
	}
	return false
}

// classify makes a failure of an HTTP status, or of an error inside a stream, whose
// status is then what it would have been.
func (w *wire) classify(status int, p problem) *persona.Failure {
	cause := fmt.Errorf("HTTP %d, code %s", status, p.name())
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		if w.provider.keySetting == "" {
			return failing(persona.FailModelUnavailable, false, cause, "the model's server wants a key (%d); check %s", status, w.where())
		}
		return failing(persona.FailModelUnavailable, false, cause, "the model's provider refused the key (%d); check %s", status, w.provider.keySetting)
	case status == http.StatusPaymentRequired || p.name() == "insufficient_quota" || p.name() == "billing_error":
		return failing(persona.FailRateLimited, false, cause, "the account at the model's provider has no credit left; add some, or set the key of another account")
	case status == http.StatusTooManyRequests:
		return failing(persona.FailRateLimited, true, cause, "the model's provider takes no more calls for now; it will be tried again, or set LLM_RATE to what it allows, or lower LLM_CONCURRENCY")
	case status == http.StatusRequestEntityTooLarge || status == http.StatusBadRequest && p.tooLong():
		return failing(persona.FailModelUnavailable, false, errors.Join(errTooLong, cause), "the text is longer than the model can read at once; choose one with a larger context as %s", w.provider.modelSetting)
	case p.name() == "model_not_found" || p.name() == "not_found_error":
		return failing(persona.FailModelUnavailable, false, cause, "the model's server has no model %q for you; check %s", w.model, w.provider.modelSetting)
	case status == http.StatusNotFound:
		return failing(persona.FailModelUnavailable, false, cause, "the model's server has no model %q, or no API at this address; check %s, and %s", w.model, w.provider.modelSetting, w.where())
	case status == http.StatusRequestTimeout || status == http.StatusGatewayTimeout:
		return failing(persona.FailModelTimeout, true, cause, "the model's server gave up waiting for the model (%d); it will be tried again", status)
	case status >= 500:
		return failing(persona.FailModelUnavailable, true, cause, "the model's server has an error of its own (%d); it will be tried again", status)
	case status >= 300 && status < 400:
		return failing(persona.FailModelUnavailable, false, cause, "the model's server is somewhere else now (%d); check %s", status, w.where())
	}
	return failing(persona.FailModelUnavailable, false, cause, "the model's server refused the request (%d); check %s, and %s", status, w.provider.modelSetting, w.where())
}

// longestRetryAfter caps what a server may ask for.
const longestRetryAfter = time.Hour

// retryAfter reads how long to wait: seconds, a date, or milliseconds in the header
// some providers have for it; 0 when nothing is said.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 {
		return wait(ms / 1000)
	}
	v := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(v, 64); err == nil && seconds > 0 {
		return wait(seconds)
	}
	if at, err := http.ParseTime(v); err == nil && at.After(now) {
		return wait(at.Sub(now).Seconds())
	}
	return 0
}

func wait(seconds float64) time.Duration {
	return time.Duration(min(seconds, longestRetryAfter.Seconds()) * float64(time.Second))
}

// rootOf is the innermost error: the outer ones name addresses.
func rootOf(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// tap passes a response's body on and looks for errors in it. langchaingo skips an
// error inside an OpenAI stream, and one inside an Anthropic stream makes it leave
// a goroutine behind: here the stream ends before it.
type tap struct {
	body  io.ReadCloser
	lines *bufio.Reader
	rest  []byte // of the line being read out
	inner bool   // the line goes on from the piece before
	err   error
	wire  *wire
	x     *exchange
	ctx   context.Context // the request's, to tell a timeout from a cut
}

func (t *tap) Read(p []byte) (int, error) {
	if len(t.rest) == 0 && t.err == nil {
		t.next()
	}
	if len(t.rest) == 0 {
		return 0, t.err
	}
	n := copy(p, t.rest)
	t.rest = t.rest[n:]
	return n, nil
}

// next reads a line, or as much of it as fits the buffer.
func (t *tap) next() {
	line, err := t.lines.ReadSlice('\n')
	begins := !t.inner
	t.inner = errors.Is(err, bufio.ErrBufferFull)
	if err != nil && !t.inner {
		t.err = err
		if !errors.Is(err, io.EOF) && t.ctx.Err() == nil {
			t.x.fail(cut(fmt.Errorf("the stream broke off: %w", rootOf(err))))
		}
	}
	if data, ok := bytes.CutPrefix(line, []byte("data:")); begins && ok && bytes.Contains(data, []byte(`"error"`)) {
		if f := t.wire.streamed(data); f != nil {
			t.x.fail(f)
			t.rest, t.err = nil, io.ErrUnexpectedEOF
			return
		}
	}
	t.rest = line
}

// streamed makes a failure of a stream's event that is an error, nil of any other.
func (w *wire) streamed(data []byte) *persona.Failure {
	var event struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(data, &event) != nil || len(event.Error) == 0 || string(event.Error) == "null" {
		return nil
	}
	p := problemIn(data)
	status := http.StatusInternalServerError
	if code, ok := p.Code.(float64); ok && code >= 400 && code < 600 {
		status = int(code)
	}
	switch {
	case strings.Contains(p.name(), "rate_limit"):
		status = http.StatusTooManyRequests
	case p.tooLong():
		status = http.StatusBadRequest
	}
	return w.classify(status, p)
}

// Close closes the body.
func (t *tap) Close() error { return t.body.Close() }
