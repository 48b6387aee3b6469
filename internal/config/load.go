package config

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// grammar is the command line: the settings may stand before or after the command.
type grammar struct {
	Config `embed:""`

	Serve struct {
		Demo bool `name:"demo" help:"on an empty database add twelve sample people"`
	} `cmd:"" default:"withargs" help:"answer requests; this is what happens without a command"`
	Add          Add          `cmd:"" help:"make a persona of each text, page or file, beside a running server or without one"`
	Resynthesize Resynthesize `cmd:"" help:"read personas again with a better engine or prompt; shows first what it will cost"`
	Migrate      struct{}     `cmd:"" help:"bring the database's tables up to date, then stop"`
	Eval         Eval         `cmd:"" help:"measure the engines on labelled texts: what they find, what of it is right and proven, how long it takes"`

	ShowHelp    question `name:"help" short:"h" help:"show this and stop"`
	ShowVersion question `name:"version" help:"show the version and stop"`
}

// question is a flag that is answered before anything else is looked at, so
// that a wrong setting does not keep anyone from the help that explains it.
type question bool

// IgnoreDefault keeps the default command from being chosen.
func (question) IgnoreDefault() {}

// BeforeReset ends the parsing with what was asked.
func (question) BeforeReset(path *kong.Path) error { return asked(path.Flag.Name) }

type asked Command

func (a asked) Error() string { return "asked for " + string(a) }

// Load reads args (without the program's name) and, for what they leave out,
// getenv; never the process's environment. An empty variable is an unset one.
//
// An error is one line fit to be shown: it names the setting and the mend and
// holds no secret. A question for help or version is no error: see Config.Command.
func Load(args []string, getenv func(string) string) (Config, error) {
	var g grammar
	parser, err := kong.New(&g,
		kong.Name("persona-api"),
		kong.NoDefaultHelp(),
		kong.Resolvers(environment(getenv)),
		kong.TypeMapper(reflect.TypeFor[Secret](), decoder(func(s string) (Secret, string) { return NewSecret(s), "" })),
		kong.KindMapper(reflect.Int, decoder(func(s string) (int, string) {
			n, err := strconv.Atoi(s)
			return n, mend(err, s, "a whole number")
		})),
		kong.TypeMapper(reflect.TypeFor[time.Duration](), decoder(func(s string) (time.Duration, string) {
			d, err := time.ParseDuration(s)
			return d, mend(err, s, "a duration such as 30s or 2m")
		})),
	)
	if err != nil {
		return Config{}, fmt.Errorf("settings: %w", err) // the grammar itself is wrong
	}
	parsed, err := parser.Parse(args)
	if question, ok := errors.AsType[asked](err); ok {
		if Command(question) == CommandHelp {
			return Config{Command: CommandHelp, Help: help(parser.Model)}, nil
		}
		return Config{Command: CommandVersion}, nil
	}
	if err != nil {
		return Config{}, commandLine(err)
	}
	c := g.Config
	c.Command, c.Demo = Command(parsed.Selected().Name), g.Serve.Demo
	if err := c.finish(); err != nil {
		return Config{}, err
	}
	switch c.Command {
	case CommandAdd:
		c.Add = g.Add
		err = c.Add.finish()
	case CommandResynthesize:
		c.Resynthesize = g.Resynthesize
		err = c.Resynthesize.finish()
	case CommandEval:
		c.Eval = g.Eval
		err = c.Eval.finish()
	}
	if err != nil {
		return Config{}, err
	}
	return c, nil
}

// environment resolves the settings; --demo, --help and --version are asked for
// by hand alone.
func environment(getenv func(string) string) kong.ResolverFunc {
	return func(_ *kong.Context, path *kong.Path, flag *kong.Flag) (any, error) {
		if path.App == nil || isQuestion(flag) {
			return nil, nil
		}
		if value := strings.TrimSpace(getenv(env(flag.Name))); value != "" {
			return value, nil
		}
		return nil, nil
	}
}

func isQuestion(flag *kong.Flag) bool { return flag.Target.Type() == reflect.TypeFor[question]() }

// decoder makes a setting's type readable; read returns what is wrong, if anything is.
func decoder[T any](read func(string) (T, string)) kong.MapperFunc {
	return func(ctx *kong.DecodeContext, target reflect.Value) error {
		token, err := ctx.Scan.PopValue("value")
		if err != nil {
			return err
		}
		value, problem := read(fmt.Sprint(token.Value))
		if problem != "" {
			return wrong(env(ctx.Value.Name), "%s", problem)
		}
		target.Set(reflect.ValueOf(value))
		return nil
	}
}

func mend(err error, value, want string) string {
	if err == nil {
		return ""
	}
	return fmt.Sprintf("%.40q is not %s; mend it or leave it out", value, want)
}

// commandLine makes one line of what is wrong with the arguments. A stray
// argument is not repeated: it may be a secret after a space too many.
func commandLine(err error) error {
	if setting, ok := errors.AsType[*settingError](err); ok {
		return setting
	}
	if strings.HasPrefix(err.Error(), "unexpected argument") {
		if parsed := new(kong.ParseError); errors.As(err, &parsed) && parsed.Context.Selected() != nil && len(parsed.Context.Selected().Positional) > 0 {
			return fmt.Errorf("%s: an argument stands alone behind a flag; name all files and pages one after the other, with the flags before or behind them; run persona-api --help", parsed.Context.Selected().Name)
		}
		return errors.New("an argument is neither a flag nor a command (serve, add, resynthesize, migrate, eval); run persona-api --help")
	}
	return fmt.Errorf("%w; run persona-api --help", err)
}
