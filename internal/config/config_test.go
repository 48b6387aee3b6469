package config_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/config"
)

var update = flag.Bool("update", false, "write the golden files anew")

// from is an environment of exactly these variables.
func from(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

func TestNothingSetGivesTheDefaults(t *testing.T) {
	got, err := config.Load(nil, from(nil))
	require.NoError(t, err)
	require.Equal(t, config.Config{
		Command:          config.CommandServe,
		Addr:             ":8080",
		Environment:      "development",
		LogLevel:         "INFO",
		DataDir:          "./data",
		DatabaseMaxConns: 16,
		LLMProvider:      "builtin",
		LLMConcurrency:   10,
		LLMTimeout:       30 * time.Second,
		OpenAIModel:      "gpt-4o-mini",
		AnthropicModel:   "claude-haiku-4-5",
		OllamaModel:      "llama3.1",
		JobWorkers:       20,
	}, got)
}

func TestEverySettingIsAVariableAndAFlag(t *testing.T) {
	values := map[string]string{
		"ADDR": "127.0.0.1:0", "ENVIRONMENT": "staging", "LOG_LEVEL": "DEBUG",
		"DATA_DIR": "/var/lib/p", "DATABASE_URL": "postgres://u:hunter2@db/p", "DATABASE_READ_URL": "postgresql://u:hunter2@replica/p", "DATABASE_MAX_CONNS": "4",
		"LLM_PROVIDER": "ollama", "LLM_CONCURRENCY": "3", "LLM_RATE": "90", "LLM_TIMEOUT": "1m30s", "LLM_BUDGET_USD": "2.5", "LLM_PRICES": "/etc/p/prices.tsv",
		"OPENAI_API_KEY": "sk-hunter2", "OPENAI_MODEL": "m1", "OPENAI_BASE_URL": "http://localhost:1/v1",
		"ANTHROPIC_API_KEY": "ant-hunter2", "ANTHROPIC_MODEL": "m2",
		"OLLAMA_BASE_URL": "http://localhost:2", "OLLAMA_MODEL": "m3", "JOB_WORKERS": "7",
	}
	want := config.Config{
		Command: config.CommandServe, Addr: "127.0.0.1:0", Environment: "staging", LogLevel: "DEBUG",
		DataDir: "/var/lib/p", DatabaseURL: config.NewSecret(values["DATABASE_URL"]), DatabaseReadURL: config.NewSecret(values["DATABASE_READ_URL"]), DatabaseMaxConns: 4,
		LLMProvider: "ollama", LLMConcurrency: 3, LLMRate: 90, LLMTimeout: 90 * time.Second, LLMBudgetUSD: 2.5, LLMPrices: "/etc/p/prices.tsv",
		OpenAIAPIKey: config.NewSecret("sk-hunter2"), OpenAIModel: "m1", OpenAIBaseURL: "http://localhost:1/v1",
		AnthropicAPIKey: config.NewSecret("ant-hunter2"), AnthropicModel: "m2",
		OllamaBaseURL: "http://localhost:2", OllamaModel: "m3", JobWorkers: 7,
	}
	// Every field but Command, Help and those of the commands is a setting: a new one must be added here.
	require.Len(t, values, reflect.TypeFor[config.Config]().NumField()-6)

	t.Run("variables", func(t *testing.T) {
		got, err := config.Load(nil, from(values))
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
	t.Run("flags", func(t *testing.T) {
		var args []string
		for name, value := range values {
			args = append(args, "--"+strings.ToLower(strings.ReplaceAll(name, "_", "-"))+"="+value)
		}
		got, err := config.Load(args, from(nil))
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

func TestTheFlagWinsOverTheVariable(t *testing.T) {
	c, err := config.Load([]string{"--addr", ":1"}, from(map[string]string{"ADDR": ":2", "LOG_LEVEL": "ERROR"}))
	require.NoError(t, err)
	require.Equal(t, ":1", c.Addr)
	require.Equal(t, "ERROR", c.LogLevel)
}

func TestTheProcessEnvironmentIsNotRead(t *testing.T) {
	t.Setenv("ADDR", ":9")
	t.Setenv("LOG_LEVEL", "LOUD")
	c, err := config.Load(nil, from(nil))
	require.NoError(t, err)
	require.Equal(t, ":8080", c.Addr)
}

func TestEmptyAndPaddedVariables(t *testing.T) {
	c, err := config.Load(nil, from(map[string]string{"ADDR": "", "DATABASE_URL": "  ", "OPENAI_API_KEY": "sk-1\n", "LOG_LEVEL": "debug"}))
	require.NoError(t, err)
	require.Equal(t, ":8080", c.Addr)
	require.False(t, c.DatabaseURL.IsSet())
	require.Equal(t, "sk-1", c.OpenAIAPIKey.Reveal())
	require.Equal(t, "DEBUG", c.LogLevel)
}

func TestCommands(t *testing.T) {
	for _, c := range []struct {
		args []string
		want config.Command
		demo bool
	}{
		{nil, config.CommandServe, false},
		{[]string{"serve"}, config.CommandServe, false},
		{[]string{"--demo"}, config.CommandServe, true},
		{[]string{"serve", "--demo", "--addr=:1"}, config.CommandServe, true},
		{[]string{"--addr=:1", "--demo"}, config.CommandServe, true},
		{[]string{"migrate"}, config.CommandMigrate, false},
		{[]string{"--data-dir=x", "migrate"}, config.CommandMigrate, false},
		{[]string{"add", "cv.pdf"}, config.CommandAdd, false},
		{[]string{"--data-dir=x", "add", "--json", "-", "https://example.org/", "--log-level=ERROR"}, config.CommandAdd, false},
		{[]string{"resynthesize"}, config.CommandResynthesize, false},
		{[]string{"eval"}, config.CommandEval, false},
		{[]string{"eval", "--limit=3", "--log-level=ERROR"}, config.CommandEval, false},
		{[]string{"--version"}, config.CommandVersion, false},
		{[]string{"migrate", "--version"}, config.CommandVersion, false},
		{[]string{"--help"}, config.CommandHelp, false},
		{[]string{"-h"}, config.CommandHelp, false},
		{[]string{"serve", "--help"}, config.CommandHelp, false},
		{[]string{"--log-level=LOUD", "--help"}, config.CommandHelp, false},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			got, err := config.Load(c.args, from(map[string]string{"DEMO": "true", "HELP": "true", "VERSION": "true"}))
			require.NoError(t, err)
			require.Equal(t, c.want, got.Command)
			require.Equal(t, c.demo, got.Demo)
			require.Equal(t, c.want == config.CommandHelp, got.Help != "")
		})
	}
}

func TestEvalTakesItsFlagsFromTheCommandLineAlone(t *testing.T) {
	c, err := config.Load([]string{"eval", "--data", "d", "--split=train", "--set", "cv", "--set", "bios", "--engine", "builtin", "--limit", "7", "--yes", "--json", "--reliability", "--predictions", "p"},
		from(map[string]string{"DATA": "no", "LIMIT": "9"}))
	require.NoError(t, err)
	require.Equal(t, config.Eval{Data: "d", Split: "train", Sets: []string{"cv", "bios"}, Engines: []string{"builtin"}, Limit: 7, Yes: true, JSON: true, Reliability: true, Predictions: "p"}, c.Eval)
	c, err = config.Load([]string{"eval"}, from(map[string]string{"DATA": "no", "LIMIT": "9", "YES": "true", "SET": "cv"}))
	require.NoError(t, err)
	require.Equal(t, config.Eval{Split: "dev"}, c.Eval)
}

func TestAddTakesItsFlagsFromTheCommandLineAlone(t *testing.T) {
	c, err := config.Load([]string{"add", "--together", "--name=Ada, Countess", "--role", "r", "--location=l", "--tag", "a,b", "--tag=c", "--kind=chat", "--title=t", "--json", "a, b.txt", "-", "https://example.org/?a,b"}, from(map[string]string{"NAME": "no"}))
	require.NoError(t, err)
	require.Equal(t, config.Add{Inputs: []string{"a, b.txt", "-", "https://example.org/?a,b"}, Together: true, Name: "Ada, Countess", Role: "r", Location: "l",
		Tags: []string{"a,b", "c"}, Kind: "chat", Title: "t", JSON: true}, c.Add)
	c, err = config.Load([]string{"add", "cv.pdf"}, from(map[string]string{"NAME": "no", "TAG": "no", "KIND": "no", "JSON": "true"}))
	require.NoError(t, err)
	require.Equal(t, config.Add{Inputs: []string{"cv.pdf"}}, c.Add)
}

func TestResynthesizeTakesItsFlagsFromTheCommandLineAlone(t *testing.T) {
	c, err := config.Load([]string{"resynthesize", "--engine=openai", "--where", "tag=a,b", "--where=status=READY", "--all", "--yes", "--json"}, from(nil))
	require.NoError(t, err)
	require.Equal(t, config.Resynthesize{Engine: "openai", Where: []string{"tag=a,b", "status=READY"}, All: true, Yes: true, JSON: true}, c.Resynthesize)
	c, err = config.Load([]string{"resynthesize"}, from(map[string]string{"YES": "true", "ENGINE": "no", "WHERE": "no", "ALL": "true"}))
	require.NoError(t, err)
	require.Equal(t, config.Resynthesize{}, c.Resynthesize)
}

func TestAWrongVariableDoesNotHideTheHelp(t *testing.T) {
	c, err := config.Load([]string{"--help"}, from(map[string]string{"LLM_TIMEOUT": "soon"}))
	require.NoError(t, err)
	require.Equal(t, config.CommandHelp, c.Command)
}

func TestAutoTakesTheFirstProviderThatIsSet(t *testing.T) {
	for _, c := range []struct {
		vars map[string]string
		want string
	}{
		{nil, "builtin"},
		{map[string]string{"OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k", "OLLAMA_BASE_URL": "http://o"}, "openai"},
		{map[string]string{"ANTHROPIC_API_KEY": "k", "OLLAMA_BASE_URL": "http://o"}, "anthropic"},
		{map[string]string{"OLLAMA_BASE_URL": "http://o"}, "ollama"},
		{map[string]string{"OPENAI_API_KEY": "k", "LLM_PROVIDER": "builtin"}, "builtin"},
		{map[string]string{"OPENAI_BASE_URL": "http://o/v1", "LLM_PROVIDER": "openai"}, "openai"},
		{map[string]string{"OPENAI_BASE_URL": "http://o/v1"}, "builtin"},
	} {
		got, err := config.Load(nil, from(c.vars))
		require.NoError(t, err)
		require.Equal(t, c.want, got.LLMProvider, "%v", c.vars)
	}
	got, err := config.Load(nil, from(map[string]string{"LLM_PROVIDER": "ollama"}))
	require.NoError(t, err)
	require.Equal(t, "http://localhost:11434", got.OllamaBaseURL)
}

func TestWrongValues(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"ADDR", "8080", `ADDR (flag --addr): "8080" is not host:port with a port from 0 to 65535; set it to :8080 or 127.0.0.1:8080`},
		{"ADDR", ":http", `ADDR (flag --addr): ":http" is not host:port`},
		{"ADDR", ":65536", `ADDR (flag --addr): ":65536" is not host:port`},
		{"ENVIRONMENT", "prod", `ENVIRONMENT (flag --environment): "prod" is not one of development, staging, production; set it to development or leave it out`},
		{"LOG_LEVEL", "LOUD", `LOG_LEVEL (flag --log-level): "LOUD" is not one of DEBUG, INFO, WARNING, ERROR, CRITICAL; set it to INFO or leave it out`},
		{"DATABASE_URL", "mysql://u:hunter2@db/p", `DATABASE_URL (flag --database-url): is not a URL that begins with postgres:// or postgresql://`},
		{"DATABASE_URL", "host=db password=hunter2", `leave it out to use SQLite in DATA_DIR`},
		{"DATABASE_URL", "postgres://u:hunter2%zz@db/p", `(in a password write %40 for @ and %2F for /)`},
		{"DATABASE_READ_URL", "hunter2", `DATABASE_READ_URL (flag --database-read-url): is not a URL`},
		{"DATABASE_READ_URL", "postgres://u:hunter2@db/p", `DATABASE_READ_URL (flag --database-read-url): is a replica, but DATABASE_URL, its primary, is unset`},
		{"DATABASE_MAX_CONNS", "3", `DATABASE_MAX_CONNS (flag --database-max-conns): 3 is not from 4 to 1000; set it to 16 or leave it out`},
		{"DATABASE_MAX_CONNS", "many", `DATABASE_MAX_CONNS (flag --database-max-conns): "many" is not a whole number; mend it or leave it out`},
		{"LLM_PROVIDER", "gpt", `LLM_PROVIDER (flag --llm-provider): "gpt" is not one of auto, builtin, openai, anthropic, ollama; set it to auto or leave it out`},
		{"LLM_PROVIDER", "openai", `OPENAI_API_KEY (flag --openai-api-key): is unset, but LLM_PROVIDER is openai; set the key`},
		{"LLM_PROVIDER", "anthropic", `ANTHROPIC_API_KEY (flag --anthropic-api-key): is unset, but LLM_PROVIDER is anthropic; set the key`},
		{"LLM_CONCURRENCY", "0", `LLM_CONCURRENCY (flag --llm-concurrency): 0 is not from 1 to 1000; set it to 10 or leave it out`},
		{"LLM_RATE", "-1", `LLM_RATE (flag --llm-rate): -1 is not from 0 to 100000; set it to 0 or leave it out`},
		{"LLM_RATE", "100001", `LLM_RATE (flag --llm-rate): 100001 is not from 0 to 100000`},
		{"LLM_RATE", "1.5", `LLM_RATE (flag --llm-rate): "1.5" is not a whole number; mend it or leave it out`},
		{"LLM_TIMEOUT", "30", `LLM_TIMEOUT (flag --llm-timeout): "30" is not a duration such as 30s or 2m; mend it or leave it out`},
		{"LLM_TIMEOUT", "1h", `LLM_TIMEOUT (flag --llm-timeout): 1h0m0s is not from 1s to 10m0s; set it to 30s or leave it out`},
		{"OPENAI_BASE_URL", "localhost:8000", `OPENAI_BASE_URL (flag --openai-base-url): is not a URL that begins with http:// or https://; set it to one such as http://localhost:8000/v1`},
		{"OPENAI_BASE_URL", "https://u:hunter2@host/v1", `OPENAI_BASE_URL (flag --openai-base-url): must not contain a user, password, query or fragment`},
		{"OLLAMA_BASE_URL", "http://", `OLLAMA_BASE_URL (flag --ollama-base-url): is not a URL`},
		{"JOB_WORKERS", "-1", `JOB_WORKERS (flag --job-workers): -1 is not from 1 to 1000; set it to 20 or leave it out`},
	} {
		t.Run(c.name+"="+c.value, func(t *testing.T) {
			_, fromVariable := config.Load(nil, from(map[string]string{c.name: c.value}))
			_, fromFlag := config.Load([]string{"--" + strings.ToLower(strings.ReplaceAll(c.name, "_", "-")) + "=" + c.value}, from(nil))
			for _, err := range []error{fromVariable, fromFlag} {
				require.ErrorContains(t, err, c.want)
				require.NotContains(t, err.Error(), "\n")
				require.NotContains(t, err.Error(), "hunter2")
			}
		})
	}
	for _, flag := range []string{"--data-dir=", "--openai-model=", "--anthropic-model=", "--ollama-model=", "--addr="} {
		_, err := config.Load([]string{flag}, from(nil))
		require.ErrorContains(t, err, "(flag "+strings.TrimSuffix(flag, "=")+")")
	}
}

func TestWrongCommandLines(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--openai-api-keys=hunter2"}, "unknown flag --openai-api-keys"},
		{[]string{"--openai-api-key=", "hunter2"}, "an argument is neither a flag nor a command (serve, add, resynthesize, migrate, eval); run persona-api --help"},
		{[]string{"migrat"}, "an argument is neither a flag nor a command (serve, add, resynthesize, migrate, eval); run persona-api --help"},
		{[]string{"--addr"}, "--addr"},
		{[]string{"migrate", "--demo"}, "--demo"},
		{[]string{"--demo=perhaps"}, "--demo"},
		{[]string{"add"}, "FILE-or-URL"},
		{[]string{"add", "cv.pdf", "--kind=cv"}, `--kind: "cv" is not one of text, chat, interview, email, document, url, other`},
		{[]string{"add", "cv.pdf", "--tag=x", "hunter2"}, "add: an argument stands alone behind a flag; name all files and pages one after the other"},
		{[]string{"add", "cv.pdf", "--sparkle"}, "--sparkle"},
		{[]string{"resynthesize", "--engine", "gpt"}, `--engine: "gpt" is not one of builtin, openai, anthropic, ollama`},
		{[]string{"resynthesize", "everybody", "hunter2"}, "an argument is neither a flag nor a command"},
		{[]string{"resynthesize", "--where"}, "--where"},
		{[]string{"eval", "--set", "cvs"}, `--set: "cvs" is not one of cv, bios, chat, nobody`},
		{[]string{"eval", "--engine", "gpt"}, `--engine: "gpt" is not one of builtin, openai, anthropic, ollama`},
		{[]string{"eval", "--split", "test", "--data=d"}, `--split: "test" is not one of dev, train`},
		{[]string{"eval", "--split", "train"}, "--split: the corpus that comes with the program has dev alone; name a folder with --data DIR"},
		{[]string{"eval", "--calibrate=f", "--engine=openai"}, "--calibrate: fits the built-in engine's confidences alone"},
		{[]string{"eval", "--limit", "few"}, "--limit"},
		{[]string{"--limit", "3"}, "--limit"},
	} {
		_, err := config.Load(c.args, from(nil))
		require.ErrorContains(t, err, c.want, "%v", c.args)
		require.ErrorContains(t, err, "persona-api --help")
		require.NotContains(t, err.Error(), "hunter2")
		require.NotContains(t, err.Error(), "\n")
	}
}

func TestHelpIsComplete(t *testing.T) {
	t.Setenv("COLUMNS", "20")
	c, err := config.Load([]string{"--help"}, from(nil))
	require.NoError(t, err)
	for field := range reflect.TypeFor[config.Config]().Fields() {
		name := field.Tag.Get("name")
		if name == "" {
			continue
		}
		standard := "unset"
		if d, ok := field.Tag.Lookup("default"); ok {
			standard = d
		}
		require.Contains(t, c.Help, fmt.Sprintf("\n  %s, --%s (default: %s)\n      ", strings.ToUpper(strings.ReplaceAll(name, "-", "_")), name, standard))
	}
	const golden = "testdata/help.txt"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(c.Help), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), c.Help, "run go test ./internal/config -update when this is meant")
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	c, err := config.Load(nil, from(map[string]string{
		"DATABASE_URL": "postgres://u:hunter2@db/p", "DATABASE_READ_URL": "postgres://u:hunter2@db/p?password=hunter2",
		"OPENAI_API_KEY": "hunter2", "ANTHROPIC_API_KEY": "hunter2",
	}))
	require.NoError(t, err)
	require.Equal(t, "hunter2", c.OpenAIAPIKey.Reveal())
	require.Empty(t, config.Secret{}.Reveal())

	hidden := struct {
		inner  config.Config
		secret config.Secret
		err    error
	}{c, c.OpenAIAPIKey, nil}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, value := range []any{c, &c, c.OpenAIAPIKey, &c.OpenAIAPIKey, hidden, &hidden, []config.Secret{c.OpenAIAPIKey}} {
			text := fmt.Sprintf(verb, value)
			require.NotContains(t, text, "hunter2", verb)
			require.NotContains(t, text, "68756e74657232", verb) // the same in hexadecimal
		}
	}
	require.Equal(t, "[set] []", fmt.Sprintf("%v [%v]", c.OpenAIAPIKey, config.Secret{}))

	text, err := json.Marshal(c)
	require.NoError(t, err)
	require.NotContains(t, string(text), "hunter2")
	require.Contains(t, string(text), `"OpenAIAPIKey":"[set]"`)

	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(handler).Info("started", "config", c, "pointer", &c, "secret", c.DatabaseURL)
	}
	require.NotContains(t, log.String(), "hunter2")
	require.Contains(t, log.String(), `"secret":"[set]"`)
}
