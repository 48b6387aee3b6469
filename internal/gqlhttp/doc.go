// Package gqlhttp serves a gqlgen schema over HTTP (POST and GET), Server-Sent Events and WebSocket.
//
// It follows the GraphQL over HTTP specification (every audit of graphql-http passes), the "distinct connections" mode
// of graphql-sse and the graphql-transport-ws subprotocol, and runs operations on gqlgen's executor: extensions,
// presenters and interceptors work as they do with gqlgen's own server.
//
// # Admission
//
// A document is bounded before anything expensive sees it: its bytes, then its tokens while it is parsed, then, in one
// walk that visits each fragment once, its depth and what it expands to (see [Limits]). Only then is it validated, its
// variables are coerced strictly (exact enum values, 32-bit Int, @oneOf), and the cost of the chosen operation is
// computed from the schema's @cost and @listSize directives. Admitted documents are kept, so that all of this but the
// variables and the costs that depend on them happens once per document.
//
// # Files
//
// With Options.Uploads a POST may be multipart/form-data by the GraphQL multipart request specification: the part
// "operations", the part "map", then the files, which become values of the scalar Upload. Everything else is as for a JSON
// body: the same admission, negotiation and execution. One operation per request, no subscriptions. Files are counted
// while they come in (see [Limits]) and held in memory. Since a browser sends a form for any page without asking, such a
// POST needs a header that only this site's own pages, or no pages at all, can add.
//
// # Errors
//
// Every error that this package makes carries extensions.code, one of:
//
//	BAD_REQUEST                the request is not a GraphQL request: body, members, parameters
//	CROSS_SITE_REQUEST         a browser sent it for another site without a header that needs a preflight
//	METHOD_NOT_ALLOWED         neither GET nor POST, or a mutation by GET
//	NOT_ACCEPTABLE             the Accept header names nothing that can answer this operation
//	UNSUPPORTED_MEDIA_TYPE     the body is neither application/json in UTF-8 nor, where that is allowed, a form with files
//	TOO_LARGE                  the body, a file, the document or a name in it has too many bytes, or there are too many
//	                           files or tokens
//	TOO_DEEP                   the document nests too deeply
//	TOO_COMPLEX                too many fields, aliases, equal fields, directives or fragments
//	TOO_EXPENSIVE              the operation costs too much
//	TOO_MANY_OPERATIONS        a WebSocket runs as many operations as it may
//	INTROSPECTION_DISABLED     __schema or __type was asked for
//	GRAPHQL_PARSE_FAILED       the document is not GraphQL
//	GRAPHQL_VALIDATION_FAILED  the document, the operation's name or the variables do not fit the schema
//	TIMEOUT                    the body came too slowly, or the request was given up before its answer was ready
//	UNAVAILABLE                the server is shutting down
//	INTERNAL                   a panic, or an error that the presenter does not show
//
// No message repeats the request beyond GraphQL names of at most 64 characters: never a literal, a variable's value or
// an operation's name.
//
// With application/graphql-response+json an answer without data has status 400 (500 for INTERNAL), any other 200; with
// application/json it is 200 unless the request itself was malformed, as the specification wants for old clients.
package gqlhttp
