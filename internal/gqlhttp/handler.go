package gqlhttp

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.opentelemetry.io/otel/trace"

	"github.com/persona-api/persona-api/internal/gqlhttp/form"
)

// Options configure a Handler. The zero value is a safe one: introspection off, no cross-origin sockets, errors hidden.
type Options struct {
	// Limits bounds documents, operations and bodies.
	Limits Limits

	// Introspection allows __schema and __type, and with them suggestions in validation errors.
	Introspection bool

	// Uploads allows POSTs of multipart/form-data with files, by the GraphQL multipart request specification; the schema's
	// scalar Upload, which is graphql.Upload, takes them. Files are held in memory: see Limits.FilesTotal. Its File is a
	// *bytes.Reader, which all uses of a variable in a document share: read it with ReadAt.
	Uploads bool

	// Extensions are gqlgen's, used in this order, the first one outermost.
	Extensions []graphql.HandlerExtension

	// ErrorPresenter turns errors into what the client sees. Without one, errors made as *gqlerror.Error without a cause
	// are shown as they are and all others are logged and shown as "internal error" with the code INTERNAL.
	//
	// It also gets the errors of this package, which are *gqlerror.Error without a cause and with extensions.code; it
	// should let them pass. Of those, the ones about the HTTP request come before there is an operation: see
	// graphql.HasOperationContext.
	ErrorPresenter graphql.ErrorPresenterFunc

	// RecoverFunc turns a panic into an error for the presenter. Without one it is logged with its stack and shown as
	// "internal error".
	RecoverFunc graphql.RecoverFunc

	// ResponseContext makes the context in which one response is resolved: once for a query or mutation, once for each
	// event of a subscription. It is the place for dataloaders, which must not outlive a response. For a subscription
	// it is called before the event is waited for, so what it makes must not hold anything that grows old, such as a
	// transaction. The context holds the operation (graphql.GetOperationContext) and all that middleware and Init put
	// into it.
	ResponseContext func(context.Context) context.Context

	// Init decides about a WebSocket's connection_init. The payload is nil if there is none. It returns the context of all
	// the socket's operations, made from the one it gets, and what to send with the acknowledgement, if anything; an
	// error closes the socket with 4403 and is not shown. Without Init every socket is let in.
	Init func(ctx context.Context, payload map[string]any) (context.Context, map[string]any, error)

	// Origins are the origins of other sites, such as https://app.example.com, whose pages may open WebSockets and send
	// GETs. "*" is every origin. A page's own origin is always allowed, and so are clients that are not pages. CORS headers
	// are not this package's business.
	Origins []string

	// InitTimeout is how long a WebSocket may take until its connection_init: 10 s.
	InitTimeout time.Duration
	// PingInterval is how often a quiet event stream gets a comment and a WebSocket a ping: 15 s.
	PingInterval time.Duration
	// WriteTimeout is how long one write to an event stream or a WebSocket, or the answer to a ping, may take before the
	// client counts as gone: 10 s.
	WriteTimeout time.Duration

	// Logger gets what the default presenter hides, and panics. Nil discards.
	Logger *slog.Logger

	// TracerProvider makes the spans, one per operation. Nil is OpenTelemetry's global provider.
	TracerProvider trace.TracerProvider
}

// Handler serves GraphQL. It is an http.Handler for one path and all methods.
type Handler struct {
	options Options
	limits  Limits
	exec    *executor.Executor
	present graphql.ErrorPresenterFunc
	buffers bufferPool

	mu sync.Mutex
	// streams has how to end each open event stream and socket.
	streams map[*stream]struct{}
	closed  bool
	running sync.WaitGroup
}

// New returns a Handler for a schema. Like gqlgen it panics if an extension does not fit the schema.
func New(schema graphql.ExecutableSchema, options Options) *Handler {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.ErrorPresenter == nil {
		options.ErrorPresenter = presentError(options.Logger)
	}
	if options.RecoverFunc == nil {
		options.RecoverFunc = recoverPanic(options.Logger)
	}
	if options.InitTimeout <= 0 {
		options.InitTimeout = 10 * time.Second
	}
	if options.PingInterval <= 0 {
		options.PingInterval = 15 * time.Second
	}
	if options.WriteTimeout <= 0 {
		options.WriteTimeout = 10 * time.Second
	}
	h := &Handler{
		options: options,
		limits:  options.Limits.withDefaults(),
		exec:    executor.New(schema),
		present: options.ErrorPresenter,
		streams: map[*stream]struct{}{},
	}
	h.exec.SetErrorPresenter(options.ErrorPresenter)
	h.exec.SetRecoverFunc(options.RecoverFunc)
	h.exec.SetQueryCache(newDocuments(schema.Schema(), h.limits, options.Introspection))
	h.exec.Use(newTracing(options.TracerProvider))
	if options.Introspection {
		h.exec.Use(introspection{})
	}
	if makeContext := options.ResponseContext; makeContext != nil {
		h.exec.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
			return next(makeContext(ctx))
		})
	}
	for _, e := range options.Extensions {
		h.exec.Use(e)
	}
	return h
}

// introspection lets the executor answer __schema and __type.
type introspection struct{}

func (introspection) ExtensionName() string { return "Introspection" }

func (introspection) Validate(graphql.ExecutableSchema) error { return nil }

func (introspection) MutateOperationContext(_ context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	operation.DisableIntrospection = false
	return nil
}

// ServeHTTP answers a POST or GET with JSON or with an event stream, as the client accepts it, and a GET that asks for
// an upgrade with a WebSocket.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		h.serveSocket(w, r)
		return
	}
	w.Header().Add("Vary", "Accept")
	takes := negotiate(r.Header)
	mediaType := takes.json
	if mediaType == "" {
		mediaType = plainJSON
	}
	ctx := graphql.StartOperationTrace(r.Context())
	params, refused := h.read(w, r, takes)
	if refused != nil {
		h.refuse(ctx, w, mediaType, refused)
		return
	}
	operation, errs := h.create(ctx, params)
	if operation != nil {
		ctx = graphql.WithOperationContext(ctx, operation)
	}
	if errs == nil {
		if refused := transportFor(r, operation.Operation.Operation, takes); refused != nil {
			h.refuse(ctx, w, mediaType, refused)
			return
		}
	}
	asStream := takes.json == "" || takes.streamFirst ||
		errs == nil && operation.Operation.Operation == ast.Subscription
	if asStream {
		h.serveEvents(ctx, w, operation, errs)
		return
	}
	h.writeResponse(w, mediaType, h.respond(ctx, operation, errs))
}

func (h *Handler) read(w http.ResponseWriter, r *http.Request, takes accepted) (*graphql.RawParams, *refusal) {
	if r.Method != http.MethodPost && r.Method != http.MethodGet {
		return nil, &refusal{status: http.StatusMethodNotAllowed, allow: "GET, POST",
			err: refuse(codeMethod, "Only GET and POST are answered here. Use POST.")}
	}
	if takes.json == "" && !takes.stream {
		return nil, &refusal{status: http.StatusNotAcceptable, err: refuse(codeNotAcceptable,
			"Accept %s, %s or %s.", graphqlResponse, plainJSON, eventStream)}
	}
	start := graphql.Now()
	var params *graphql.RawParams
	var refused *refusal
	if r.Method == http.MethodPost {
		params, refused = h.readPost(w, r)
	} else {
		params, refused = h.readGet(r, takes)
	}
	if refused != nil {
		return nil, refused
	}
	params.Headers = r.Header
	params.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}
	return params, nil
}

// transportFor refuses what a method, a form or the accepted types cannot carry.
func transportFor(r *http.Request, operation ast.Operation, takes accepted) *refusal {
	switch {
	case operation == ast.Mutation && r.Method == http.MethodGet:
		return &refusal{status: http.StatusMethodNotAllowed, allow: http.MethodPost,
			err: refuse(codeMethod, "A GET cannot mutate. Use POST.")}
	case operation == ast.Subscription && r.Method == http.MethodPost && form.Is(r.Header.Get("Content-Type")):
		return &refusal{status: http.StatusUnsupportedMediaType, err: refuse(codeMediaType,
			"A subscription takes no files. Send it with Content-Type: application/json, or use a WebSocket.")}
	case operation == ast.Subscription && !takes.stream:
		return &refusal{status: http.StatusNotAcceptable, err: refuse(codeNotAcceptable,
			"A subscription is answered with a stream. Accept %s, or use a WebSocket.", eventStream)}
	}
	return nil
}

// refuse answers a request that has no operation to run.
func (h *Handler) refuse(ctx context.Context, w http.ResponseWriter, mediaType string, refused *refusal) {
	if refused.allow != "" {
		w.Header().Set("Allow", refused.allow)
	}
	if refused.status == http.StatusRequestEntityTooLarge {
		// Or the server would first wait for more of the body.
		w.Header().Set("Connection", "close")
	}
	h.write(w, mediaType, refused.status, &graphql.Response{Errors: gqlerror.List{h.presented(ctx, refused.err)}})
}

// presented runs the presenter outside of the executor. It always has an error to show.
func (h *Handler) presented(ctx context.Context, err error) (shown *gqlerror.Error) {
	defer func() {
		if p := recover(); p != nil {
			shown = h.recovered(ctx, p)
		} else if shown == nil {
			shown = refuse(codeInternal, internalMessage)
		}
	}()
	return h.present(ctx, err)
}

// Execute runs a query or mutation outside of HTTP, with all of admission, and returns its response. The caller of the
// operation is in the context, as it is for requests.
func (h *Handler) Execute(ctx context.Context, params *graphql.RawParams) *graphql.Response {
	ctx = graphql.StartOperationTrace(ctx)
	own := *params
	operation, errs := h.create(ctx, &own)
	if operation != nil {
		ctx = graphql.WithOperationContext(ctx, operation)
	}
	if errs == nil && operation.Operation.Operation == ast.Subscription {
		errs = gqlerror.List{refuse(codeBadRequest, "A subscription has more than one response. Use an event stream or a WebSocket.")}
	}
	return h.respond(ctx, operation, errs)
}

// create has the executor make the operation, which runs admission, and replaces the executor's errors by those of
// admission. The operation is nil only after a panic.
func (h *Handler) create(ctx context.Context, params *graphql.RawParams) (operation *graphql.OperationContext, errs gqlerror.List) {
	defer func() {
		if p := recover(); p != nil {
			operation, errs = nil, gqlerror.List{h.recovered(ctx, p)}
		}
	}()
	a := &admission{params: params}
	operation, errs = h.exec.CreateOperationContext(context.WithValue(ctx, admissionKey{}, a), params)
	if a.errs != nil {
		return operation, a.errs
	}
	for i, err := range errs {
		// Admission leaves the executor nothing to find in the variables. If it does, its message repeats them.
		if len(err.Path) > 0 && err.Path[0] == ast.PathName("variable") {
			errs[i] = refuse(codeValidation, "A variable does not fit its type.")
		}
	}
	return operation, errs
}

// respond runs a query or mutation, or answers with the errors that kept it from running.
func (h *Handler) respond(ctx context.Context, operation *graphql.OperationContext, errs gqlerror.List) *graphql.Response {
	response, _ := h.start(ctx, operation, errs)()
	if response == nil {
		response = &graphql.Response{Errors: gqlerror.List{refuse(codeTimeout,
			"The request was given up before its answer was ready. Ask for less, or try again.")}}
	}
	return response
}

// responses yields an operation's responses one by one and then nil. A response's data is valid until the next call.
// The bool is false if the operation did not run.
type responses func() (response *graphql.Response, ran bool)

func (h *Handler) start(ctx context.Context, operation *graphql.OperationContext, errs gqlerror.List) responses {
	if errs != nil {
		done := false
		return func() (*graphql.Response, bool) {
			if done {
				return nil, false
			}
			done = true
			return h.guard(ctx, func() *graphql.Response {
				if operation == nil { // the error is a recovered one, presented already
					return &graphql.Response{Errors: errs}
				}
				return h.exec.DispatchError(ctx, errs)
			}), false
		}
	}
	var next graphql.ResponseHandler
	ended := false
	return func() (*graphql.Response, bool) {
		if ended {
			return nil, true
		}
		var response *graphql.Response
		finished := false
		response = h.guard(ctx, func() *graphql.Response {
			if next == nil {
				next, ctx = h.exec.DispatchOperation(ctx, operation)
			}
			r := next(ctx)
			finished = true
			return r
		})
		// After a panic nobody knows what the next call would do.
		ended = response == nil || !finished
		return response, true
	}
}

// guard turns a panic that the executor did not recover, as in a scalar's marshaller, into a response.
func (h *Handler) guard(ctx context.Context, f func() *graphql.Response) (response *graphql.Response) {
	defer func() {
		if p := recover(); p != nil {
			response = &graphql.Response{Errors: gqlerror.List{h.recovered(ctx, p)}}
		}
	}()
	return f()
}

// recovered presents a panic. A presenter that panics as well is not asked again.
func (h *Handler) recovered(ctx context.Context, p any) (shown *gqlerror.Error) {
	defer func() {
		if p := recover(); p != nil || shown == nil {
			shown = refuse(codeInternal, internalMessage)
		}
	}()
	presented, ok := errors.AsType[*gqlerror.Error](h.exec.PresentRecoveredError(ctx, p))
	if !ok || presented == nil || presented.Extensions["code"] != nil {
		return presented
	}
	// The status depends on the code. The error may belong to somebody else.
	own := *presented
	if own.Extensions = maps.Clone(own.Extensions); own.Extensions == nil {
		own.Extensions = map[string]any{}
	}
	own.Extensions["code"] = codeInternal
	return &own
}

// stream is an open event stream or socket.
type stream struct{ end func() }

// open registers a stream, unless the handler is shutting down. The caller calls leave when it has ended.
func (h *Handler) open(end func()) (leave func(), ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, false
	}
	s := &stream{end: end}
	h.streams[s] = struct{}{}
	h.running.Add(1)
	return func() {
		h.mu.Lock()
		delete(h.streams, s)
		h.mu.Unlock()
		h.running.Done()
	}, true
}

// Shutdown ends all event streams, closes all WebSockets with 1001 (going away), refuses new ones, and waits until the
// operations on them have ended or ctx is done. Other requests are left to http.Server.Shutdown, which waits for event
// streams but knows nothing of WebSockets: call this one first.
func (h *Handler) Shutdown(ctx context.Context) error {
	h.mu.Lock()
	h.closed = true
	for s := range h.streams {
		s.end()
	}
	h.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		h.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func unavailable() *refusal {
	return &refusal{status: http.StatusServiceUnavailable, err: refuse(codeUnavailable,
		"The server is shutting down. Try again in a moment.")}
}
