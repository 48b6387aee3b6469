// Package config reads the server's settings from the environment and the
// command line into one flat struct.
package config

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Command is what the program was asked to do.
type Command string

// The commands. For CommandHelp and CommandVersion only Command and Help of a Config are set.
const (
	CommandServe        Command = "serve"
	CommandAdd          Command = "add"
	CommandResynthesize Command = "resynthesize"
	CommandMigrate      Command = "migrate"
	CommandEval         Command = "eval"
	CommandHelp         Command = "help"
	CommandVersion      Command = "version"
)

// The providers of a model. ProviderBuiltin is the engine that needs none.
const (
	ProviderAuto      = "auto"
	ProviderBuiltin   = "builtin"
	ProviderOpenAI    = "openai"
	ProviderAnthropic = "anthropic"
	ProviderOllama    = "ollama"
)

// The environments.
const (
	Development = "development"
	Staging     = "staging"
	Production  = "production"
)

// Config is everything that can be set. Its names are the flags; the
// environment's are the same in capitals, with _ for -.
type Config struct {
	Command      Command      `kong:"-"`
	Help         string       `kong:"-"` // the text to print, for CommandHelp
	Demo         bool         `kong:"-"` // of serve: add twelve sample people to an empty database
	Add          Add          `kong:"-"` // of add: what to make personas of
	Resynthesize Resynthesize `kong:"-"` // of resynthesize: what to read again
	Eval         Eval         `kong:"-"` // of eval: what to measure

	Addr        string `name:"addr" default:":8080" help:"where to listen, host:port; without a host on every interface"`
	Environment string `name:"environment" default:"development" help:"development, staging or production; logs are text in development, JSON elsewhere"`
	LogLevel    string `name:"log-level" default:"INFO" help:"the least level to log: DEBUG, INFO, WARNING, ERROR or CRITICAL"`

	DataDir          string `name:"data-dir" default:"./data" help:"folder of the SQLite file, used when DATABASE_URL is unset; made when missing"`
	DatabaseURL      Secret `name:"database-url" help:"PostgreSQL to use instead of SQLite, postgres://user:password@host:5432/name"`
	DatabaseReadURL  Secret `name:"database-read-url" help:"a replica of DATABASE_URL to read from"`
	DatabaseMaxConns int    `name:"database-max-conns" default:"16" help:"most connections to each PostgreSQL, from 4 to 1000"`

	LLMProvider     string        `name:"llm-provider" default:"auto" help:"who reads texts: auto, builtin, openai, anthropic or ollama; auto takes the first of OPENAI_API_KEY, ANTHROPIC_API_KEY and OLLAMA_BASE_URL that is set, else builtin, which needs no model"`
	LLMConcurrency  int           `name:"llm-concurrency" default:"10" help:"most calls of the model at a time, from 1 to 1000"`
	LLMRate         int           `name:"llm-rate" default:"0" help:"most calls of the model a minute by this process, evenly spaced, up to 100000; 0 sets no limit"`
	LLMTimeout      time.Duration `name:"llm-timeout" default:"30s" help:"longest wait for one answer of the model, from 1s to 10m"`
	LLMBudgetUSD    float64       `name:"llm-budget-usd" default:"0" help:"most US dollars that a workspace may spend on the model in a day (UTC), checked before they are spent; 0 is no limit"`
	LLMPrices       string        `name:"llm-prices" help:"file of prices that come before the built-in ones: lines of provider, model, dollars per million tokens read and written, parted by tabs"`
	OpenAIAPIKey    Secret        `name:"openai-api-key" help:"key for OpenAI; a server of your own behind OPENAI_BASE_URL may need none"`
	OpenAIModel     string        `name:"openai-model" default:"gpt-4o-mini" help:"model to ask there"`
	OpenAIBaseURL   string        `name:"openai-base-url" help:"another server that speaks OpenAI's API, such as http://localhost:8000/v1"`
	AnthropicAPIKey Secret        `name:"anthropic-api-key" help:"key for Anthropic"`
	AnthropicModel  string        `name:"anthropic-model" default:"claude-haiku-4-5" help:"model to ask there"`
	OllamaBaseURL   string        `name:"ollama-base-url" help:"where Ollama listens; http://localhost:11434 when LLM_PROVIDER is ollama"`
	OllamaModel     string        `name:"ollama-model" default:"llama3.1" help:"model to ask there"`

	JobWorkers int `name:"job-workers" default:"20" help:"most texts read at a time by this process, from 1 to 1000"`
}

// flag is the name of a setting's flag; env the name in the environment.
func flag(env string) string { return strings.ToLower(strings.ReplaceAll(env, "_", "-")) }
func env(flag string) string { return strings.ToUpper(strings.ReplaceAll(flag, "-", "_")) }

// wrong is the one line that every wrong value gives: the setting by both its
// names, what is wrong, what to do.
func wrong(env, format string, args ...any) error {
	return &settingError{fmt.Sprintf("%s (flag --%s): ", env, flag(env)) + fmt.Sprintf(format, args...)}
}

type settingError struct{ line string }

func (e *settingError) Error() string { return e.line }

// finish checks every setting and brings it into its one form: levels in
// capitals, environments and providers in small letters, LLMProvider never auto.
func (c *Config) finish() error {
	c.LogLevel = strings.ToUpper(c.LogLevel)
	c.Environment = strings.ToLower(c.Environment)
	c.LLMProvider = strings.ToLower(c.LLMProvider)
	for _, check := range []error{
		oneOf("LOG_LEVEL", c.LogLevel, "INFO", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
		oneOf("ENVIRONMENT", c.Environment, Development, Development, Staging, Production),
		oneOf("LLM_PROVIDER", c.LLMProvider, ProviderAuto, ProviderAuto, ProviderBuiltin, ProviderOpenAI, ProviderAnthropic, ProviderOllama),
		address("ADDR", c.Addr),
		filled("DATA_DIR", c.DataDir, "./data"),
		filled("OPENAI_MODEL", c.OpenAIModel, "gpt-4o-mini"),
		filled("ANTHROPIC_MODEL", c.AnthropicModel, "claude-haiku-4-5"),
		filled("OLLAMA_MODEL", c.OllamaModel, "llama3.1"),
		between("DATABASE_MAX_CONNS", c.DatabaseMaxConns, 4, 1000, 16),
		between("LLM_CONCURRENCY", c.LLMConcurrency, 1, 1000, 10),
		between("LLM_RATE", c.LLMRate, 0, 100_000, 0),
		between("LLM_TIMEOUT", c.LLMTimeout, time.Second, 10*time.Minute, 30*time.Second),
		between("LLM_BUDGET_USD", c.LLMBudgetUSD, 0, 1e6, 0),
		between("JOB_WORKERS", c.JobWorkers, 1, 1000, 20),
		postgres("DATABASE_URL", c.DatabaseURL),
		postgres("DATABASE_READ_URL", c.DatabaseReadURL),
		web("OPENAI_BASE_URL", c.OpenAIBaseURL, "http://localhost:8000/v1"),
		web("OLLAMA_BASE_URL", c.OllamaBaseURL, "http://localhost:11434"),
	} {
		if check != nil {
			return check
		}
	}
	if c.DatabaseReadURL.IsSet() && !c.DatabaseURL.IsSet() {
		return wrong("DATABASE_READ_URL", "is a replica, but DATABASE_URL, its primary, is unset; set DATABASE_URL as well, or leave both out for SQLite")
	}
	return c.provider()
}

// provider settles LLMProvider and checks that it has what it needs.
func (c *Config) provider() error {
	switch c.LLMProvider {
	case ProviderAuto:
		switch {
		case c.OpenAIAPIKey.IsSet():
			c.LLMProvider = ProviderOpenAI
		case c.AnthropicAPIKey.IsSet():
			c.LLMProvider = ProviderAnthropic
		case c.OllamaBaseURL != "":
			c.LLMProvider = ProviderOllama
		default:
			c.LLMProvider = ProviderBuiltin
		}
	case ProviderOpenAI:
		if !c.OpenAIAPIKey.IsSet() && c.OpenAIBaseURL == "" {
			return wrong("OPENAI_API_KEY", "is unset, but LLM_PROVIDER is openai; set the key, or OPENAI_BASE_URL for a server that needs none, or LLM_PROVIDER=builtin")
		}
	case ProviderAnthropic:
		if !c.AnthropicAPIKey.IsSet() {
			return wrong("ANTHROPIC_API_KEY", "is unset, but LLM_PROVIDER is anthropic; set the key, or LLM_PROVIDER=builtin")
		}
	case ProviderOllama:
		if c.OllamaBaseURL == "" {
			c.OllamaBaseURL = "http://localhost:11434"
		}
	}
	return nil
}

// Providers are all that can be asked with these settings: LLMProvider, then the others.
func (c *Config) Providers() []string {
	out := []string{c.LLMProvider}
	for _, p := range []struct {
		name string
		set  bool
	}{
		{ProviderOpenAI, c.OpenAIAPIKey.IsSet()},
		{ProviderAnthropic, c.AnthropicAPIKey.IsSet()},
		{ProviderOllama, c.OllamaBaseURL != ""},
		{ProviderBuiltin, true},
	} {
		if p.set && p.name != c.LLMProvider {
			out = append(out, p.name)
		}
	}
	return out
}

func oneOf(env, value, usual string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return wrong(env, "%.40q is not one of %s; set it to %s or leave it out", value, strings.Join(allowed, ", "), usual)
}

func filled(env, value, usual string) error {
	if value != "" {
		return nil
	}
	return wrong(env, "is empty; set it, or leave it out for %s", usual)
}

func between[T int | float64 | time.Duration](env string, value, least, most, usual T) error {
	if least <= value && value <= most {
		return nil
	}
	return wrong(env, "%v is not from %v to %v; set it to %v or leave it out", value, least, most, usual)
}

func address(env, value string) error {
	_, port, err := net.SplitHostPort(value)
	if err == nil {
		if n, bad := strconv.ParseUint(port, 10, 16); bad == nil && n <= 65535 {
			return nil
		}
	}
	return wrong(env, "%.60q is not host:port with a port from 0 to 65535; set it to :8080 or 127.0.0.1:8080", value)
}

// postgres checks a database's URL and never repeats it: it holds a password.
func postgres(env string, value Secret) error {
	if !value.IsSet() {
		return nil
	}
	u, err := url.Parse(value.Reveal())
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return wrong(env, "is not a URL that begins with postgres:// or postgresql://, such as postgres://user:password@host:5432/name (in a password write %%40 for @ and %%2F for /); leave it out to use SQLite in DATA_DIR")
	}
	return nil
}

func web(env, value, usual string) error {
	if value == "" {
		return nil
	}
	u, err := url.Parse(value)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return wrong(env, "is not a URL that begins with http:// or https://; set it to one such as %s", usual)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return wrong(env, "must not contain a user, password, query or fragment; set it to one such as %s", usual)
	}
	return nil
}
