package graph

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/persona-api/persona-api/internal/persona"
)

func TestErrorPresenter(t *testing.T) {
	cause := errors.New("pq: relation persona, row Ada Lovelace")
	validator := gqlerror.Errorf("Unknown field")
	validator.Extensions = map[string]any{"code": "GRAPHQL_VALIDATION_FAILED"}
	for name, c := range map[string]struct {
		err     error
		message string
		want    map[string]any
		logged  string
	}{
		"invalid": {
			err: fmt.Errorf("list: %w", persona.Invalid("first", "must be from 0 to 100")), message: "first must be from 0 to 100",
			want: map[string]any{"code": "INVALID", "field": []string{"first"}, "requestId": "r1"},
		},
		"wrapped by the executor": {
			err: gqlerror.WrapPath(nil, persona.NotFound("source")), message: "no source with this id in this workspace",
			want: map[string]any{"code": "NOT_FOUND", "requestId": "r1"},
		},
		"database gone": {
			err: persona.Unavailable("database", cause), message: "the database cannot be reached; try again in a moment",
			want: map[string]any{"code": "UNAVAILABLE", "requestId": "r1"}, logged: cause.Error(),
		},
		"unknown": {
			err: fmt.Errorf("scan: %w", cause), message: "internal error",
			want: map[string]any{"code": "INTERNAL", "requestId": "r1"}, logged: cause.Error(),
		},
		"internal": {
			err: &persona.Error{Code: persona.CodeInternal, Message: "row Ada Lovelace", Cause: cause}, message: "internal error",
			want: map[string]any{"code": "INTERNAL", "requestId": "r1"}, logged: cause.Error(),
		},
		"of the executor, without a code": {
			err: gqlerror.Errorf("must not be null"), message: "internal error",
			want: map[string]any{"code": "INTERNAL", "requestId": "r1"}, logged: "must not be null",
		},
		"validation": {
			err: validator, message: "Unknown field",
			want: map[string]any{"code": "GRAPHQL_VALIDATION_FAILED", "requestId": "r1"},
		},
		"deadline": {
			err: fmt.Errorf("query: %w", context.DeadlineExceeded), message: "the request was given up before its answer was ready; ask for less, or try again",
			want: map[string]any{"code": "TIMEOUT", "requestId": "r1"},
		},
		"panic": {
			err: Recover(t.Context(), "index out of range"), message: "internal error",
			want: map[string]any{"code": "INTERNAL", "requestId": "r1"}, logged: "TestErrorPresenter",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			present := ErrorPresenter(slog.New(slog.NewTextHandler(&log, nil)), func(context.Context) string { return "r1" })
			got := present(t.Context(), c.err)
			require.Equal(t, c.message, got.Message)
			require.Equal(t, c.want, got.Extensions)
			require.NoError(t, got.Err, "nothing of the cause is left to be printed")
			if c.logged == "" {
				require.Empty(t, log.String())
				return
			}
			require.Contains(t, log.String(), c.logged)
			require.Equal(t, 1, bytes.Count(log.Bytes(), []byte("\n")))
		})
	}
}

func TestErrorPresenterLogsAFailedReadOnce(t *testing.T) {
	var log bytes.Buffer
	present := ErrorPresenter(slog.New(slog.NewTextHandler(&log, nil)), nil)
	ctx := context.WithValue(t.Context(), loadersKey{}, &loaders{})
	failed := errors.New("disk")
	for range 3 {
		require.Equal(t, map[string]any{"code": "INTERNAL"}, present(ctx, gqlerror.WrapPath(nil, failed)).Extensions)
	}
	require.Equal(t, 1, bytes.Count(log.Bytes(), []byte("disk")))
}

func TestUserErrorsAreThoseACallerCanMend(t *testing.T) {
	mine, err := userErrors(fmt.Errorf("create: %w", persona.TooLarge("text", "is too long")))
	require.NoError(t, err)
	require.Equal(t, []*persona.Error{{Code: persona.CodeTooLarge, Field: []string{"text"}, Message: "is too long"}}, mine)

	for _, failure := range []error{errors.New("disk"), persona.Unavailable("database", nil), &persona.Error{Code: persona.CodeInternal}} {
		mine, err = userErrors(failure)
		require.Equal(t, failure, err)
		require.Nil(t, mine)
	}
}
