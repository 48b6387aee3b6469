package app_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/app"
)

func TestAStartThatCannotBeSaysWhatToMend(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, taken.Close()) }()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	prices := filepath.Join(t.TempDir(), "prices.tsv")
	require.NoError(t, os.WriteFile(prices, []byte("openai\tgpt-4o\tcheap\t1\n"), 0o600))
	nowhere := "postgres://ada:s3cr3t-pass@127.0.0.1:1/persona?connect_timeout=2"
	for name, c := range map[string]struct {
		env   map[string]string
		names []string
	}{
		"taken port":           {map[string]string{"ADDR": taken.Addr().String(), "DATA_DIR": t.TempDir()}, []string{"ADDR", taken.Addr().String(), ":8081"}},
		"wrong level":          {map[string]string{"LOG_LEVEL": "LOUD"}, []string{"LOG_LEVEL", "INFO"}},
		"wrong environment":    {map[string]string{"ENVIRONMENT": "moon"}, []string{"ENVIRONMENT", "production"}},
		"not a database":       {map[string]string{"DATABASE_URL": "mysql://s3cr3t-pass@x"}, []string{"DATABASE_URL", "postgres://"}},
		"database unreachable": {map[string]string{"DATABASE_URL": nowhere}, []string{"DATABASE_URL"}},
		"folder is a file":     {map[string]string{"DATA_DIR": file}, []string{"DATA_DIR"}},
		"no key":               {map[string]string{"LLM_PROVIDER": "openai"}, []string{"OPENAI_API_KEY"}},
		"wrong prices":         {map[string]string{"LLM_PRICES": prices, "OPENAI_API_KEY": "k"}, []string{"LLM_PRICES", "line 1", "cheap"}},
		"no price to budget":   {map[string]string{"LLM_BUDGET_USD": "5", "OPENAI_API_KEY": "k", "OPENAI_MODEL": "homemade"}, []string{"LLM_BUDGET_USD", "homemade", "LLM_PRICES"}},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errout lockedBuffer
			getenv := func(n string) string {
				if v, ok := c.env[n]; ok {
					return v
				}
				return map[string]string{"ADDR": "127.0.0.1:0", "DATA_DIR": t.TempDir()}[n]
			}
			err := app.Run(t.Context(), nil, getenv, nil, &out, &errout)
			require.Error(t, err)
			for _, n := range c.names {
				require.Contains(t, err.Error(), n)
			}
			require.NotContains(t, err.Error(), "\n", "one line")
			require.NotContains(t, err.Error()+out.String()+errout.String(), "s3cr3t-pass")
			require.Empty(t, out.String())
		})
	}
}

func TestHelpNamesEverySettingAndVersionIsOneLine(t *testing.T) {
	none := func(string) string { return "" }
	var out, errout lockedBuffer
	require.NoError(t, app.Run(t.Context(), []string{"--help"}, none, nil, &out, &errout))
	for _, n := range []string{"ADDR", "DATA_DIR", "DATABASE_URL", "DATABASE_READ_URL", "ENVIRONMENT", "LOG_LEVEL", "LLM_PROVIDER", "OPENAI_API_KEY", "OPENAI_MODEL", "OPENAI_BASE_URL", "--demo", "migrate"} {
		require.Contains(t, out.String(), n)
	}
	out = lockedBuffer{}
	require.NoError(t, app.Run(t.Context(), []string{"--version"}, none, nil, &out, &errout))
	require.True(t, strings.HasPrefix(out.String(), "persona-api "))
	require.Equal(t, 1, strings.Count(out.String(), "\n"))
}

func TestMigrateMayRunAnyNumberOfTimes(t *testing.T) {
	databases(t, func(t *testing.T, env map[string]string) {
		for range 2 {
			var out, errout lockedBuffer
			require.NoError(t, app.Run(t.Context(), []string{"migrate"}, func(n string) string { return env[n] }, nil, &out, &errout))
			require.Equal(t, "the database is up to date\n", out.String())
		}
	})
}
