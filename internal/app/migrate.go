package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/persona-api/persona-api/internal/config"
)

// migrate brings the database up to date and stops; serving does the same at its start.
func migrate(ctx context.Context, cfg config.Config, log *slog.Logger, stdout io.Writer) error {
	tel, err := observe(ctx, cfg, unobserved)
	if err != nil {
		return err
	}
	s, err := openStore(ctx, cfg, log, tel)
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = fmt.Fprintln(stdout, "the database is up to date")
	return err
}
