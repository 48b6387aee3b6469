package app_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/synth/synthtest"
)

// people adds a persona for each name, read by the built-in engine.
func people(t *testing.T, env map[string]string, names ...string) {
	t.Helper()
	texts := map[string]string{}
	for _, name := range names {
		texts[name+".txt"] = "My name is " + name + ". I live in Bristol. Mail: " + strings.ToLower(strings.Fields(name)[0]) + "@example.org"
	}
	_, _, err := command(t.Context(), t, with(env, "LLM_PROVIDER", "builtin"), nil, "add", "--tag=crew", files(t, texts))
	require.NoError(t, err)
}

// with returns the environment with more in it.
func with(env map[string]string, more ...string) map[string]string {
	out := maps.Clone(env)
	for i := 0; i < len(more); i += 2 {
		out[more[i]] = more[i+1]
	}
	return out
}

// estimated is what resynthesize --json prints first.
type estimated struct {
	Engine, Model                                  string
	Personas, AlreadyRead, NothingToRead           int
	Sources, Characters, InputTokens, OutputTokens int
	CostUsd                                        float64
}

func estimate(t *testing.T, env map[string]string, args ...string) estimated {
	t.Helper()
	out, _, err := command(t.Context(), t, env, nil, append([]string{"resynthesize", "--json"}, args...)...)
	require.NoError(t, err)
	var line struct{ Estimate estimated }
	require.NoError(t, json.Unmarshal([]byte(out), &line), out)
	return line.Estimate
}

// runs counts the runs of all personas by "STAGE engine".
func runs(t *testing.T, env map[string]string) map[string]int {
	t.Helper()
	s := start(t, env)
	var got struct {
		Personas struct {
			Nodes []struct {
				Runs struct {
					Nodes []struct{ Stage, Engine string }
				}
			}
		}
	}
	s.ask(t, `{ personas(first: 100) { nodes { runs(first: 20) { nodes { stage engine } } } } }`, nil, &got)
	out := map[string]int{}
	for _, p := range got.Personas.Nodes {
		for _, r := range p.Runs.Nodes {
			out[r.Stage+" "+r.Engine]++
		}
	}
	return out
}

func TestResynthesizeLeavesOutWhatTheEngineHasRead(t *testing.T) {
	databases(t, func(t *testing.T, env map[string]string) {
		people(t, env, "Ada Byron", "Otis Quayle")
		out, _, err := command(t.Context(), t, env, nil, "resynthesize", "--yes")
		require.NoError(t, err)
		require.Contains(t, out, "engine      builtin (prompts or rules ")
		require.Contains(t, out, "personas    0; left out: 2 that it has read already (--all reads them, too)\n")
		require.Contains(t, out, "nothing to do, in ")

		out, _, err = command(t.Context(), t, env, nil, "resynthesize", "--all")
		require.NoError(t, err)
		require.Contains(t, out, "personas    2\nsources     2\n")
		require.Contains(t, out, "tokens      about 0 to read, 0 to write\ncost        about $0.0000\nnothing has been read or spent; add --yes to do it\n")

		out, _, err = command(t.Context(), t, env, nil, "resynthesize", "--all", "--yes")
		require.NoError(t, err)
		require.Regexp(t, `DONE   1 of 2  persona_\S+\nDONE   2 of 2  persona_\S+\n2 of 2 read again; it cost \$0.0000, estimated were \$0.0000\n$`, out)
		require.Equal(t, map[string]int{"DONE builtin": 4}, runs(t, env))
	})
}

func TestResynthesizeSpendsWhatWasAgreedAndGoesOnWhereItWas(t *testing.T) {
	databases(t, func(t *testing.T, env map[string]string) {
		people(t, env, "Ada Byron", "Otis Quayle", "Edda Lind")
		model := synthtest.NewServer(t)
		env = with(env, "LLM_PROVIDER", "builtin", "OPENAI_BASE_URL", model.URL(), "OPENAI_API_KEY", "sk-test")

		before := estimate(t, env, "--engine=openai")
		require.Equal(t, "openai", before.Engine)
		require.Equal(t, "gpt-4o-mini", before.Model)
		require.Equal(t, []int{3, 0, 3}, []int{before.Personas, before.AlreadyRead, before.Sources})
		require.Greater(t, before.InputTokens, before.Characters/8)
		require.Positive(t, before.OutputTokens)
		require.Positive(t, before.CostUsd)
		require.Empty(t, model.Requests(), "an estimate asks nobody")

		// One of them fails, the others do not.
		model.Answer(func(r synthtest.Request) synthtest.Reply {
			if strings.Contains(r.Text, "Otis") {
				return synthtest.Reply{Status: http.StatusUnauthorized}
			}
			return synthtest.Read(r)
		})
		out, _, err := command(t.Context(), t, env, nil, "resynthesize", "--engine=openai", "--yes")
		require.ErrorContains(t, err, "1 of 3 could not be read again; what to do stands beside each")
		require.Regexp(t, `(?m)^FAILED \d of 3  persona_\S+  MODEL_UNAVAILABLE: `, out)
		require.Equal(t, 2, strings.Count(out, "DONE "))
		spent := regexp.MustCompile(`2 of 3 read again; it cost \$(\S+), estimated were \$(\S+)\n`).FindStringSubmatch(out)
		require.NotNil(t, spent, out)
		cost, err := strconv.ParseFloat(spent[1], 64)
		require.NoError(t, err)
		require.Positive(t, cost)

		// What is left is the one that failed; then nothing is.
		model.Answer(synthtest.Read)
		left := estimate(t, env, "--engine=openai")
		require.Equal(t, []int{1, 2}, []int{left.Personas, left.AlreadyRead})
		out, _, err = command(t.Context(), t, env, nil, "resynthesize", "--engine=openai", "--yes", "--json")
		require.NoError(t, err)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		require.Len(t, lines, 3)
		require.Regexp(t, `^\{"costUsd":0\.\d+,"failure":null,"id":"persona_\S+","status":"DONE"\}$`, lines[1])
		require.Regexp(t, `^\{"sum":\{.*"failed":0,"notBegun":0,"queued":0,"read":1\}\}$`, lines[2])
		asked := len(model.Requests())
		out, _, err = command(t.Context(), t, env, nil, "resynthesize", "--engine=openai", "--yes")
		require.NoError(t, err)
		require.Contains(t, out, "nothing to do, in ")
		require.Len(t, model.Requests(), asked)

		// Another model is another reader.
		require.Equal(t, 3, estimate(t, with(env, "OPENAI_MODEL", "gpt-4o"), "--engine=openai").Personas)
		require.Equal(t, 3, estimate(t, env).Personas, "builtin was not the last")
	})
}

// A persona that got a second text is read whole only when every text was.
func TestResynthesizeReadsWhatOnlyAnotherEngineHasRead(t *testing.T) {
	databases(t, func(t *testing.T, env map[string]string) {
		people(t, env, "Ada Byron")
		model := synthtest.NewServer(t)
		env = with(env, "OPENAI_BASE_URL", model.URL(), "OPENAI_API_KEY", "sk-test")
		t.Run("a server adds a text", func(t *testing.T) {
			s := start(t, env)
			var found struct {
				Personas struct{ Nodes []struct{ ID string } }
			}
			s.ask(t, `{ personas { nodes { id } } }`, nil, &found)
			var got struct {
				AddSources struct {
					Persona struct {
						LatestRun struct{ Stage, Engine string }
					}
				}
			}
			s.ask(t, `mutation ($id: ID!) { addSources(input: {id: $id, text: "I like chess.", waitSeconds: 60}) { persona { latestRun { stage engine } } } }`,
				map[string]any{"id": found.Personas.Nodes[0].ID}, &got)
			require.Equal(t, "DONE", got.AddSources.Persona.LatestRun.Stage)
			require.Equal(t, "openai", got.AddSources.Persona.LatestRun.Engine)
		})
		require.Equal(t, 1, estimate(t, env).Personas)
		_, _, err := command(t.Context(), t, env, nil, "resynthesize", "--yes")
		require.NoError(t, err)
		require.Equal(t, 1, estimate(t, env).AlreadyRead)
	})
}

func TestResynthesizeReadsOnlyThoseOfWhomAllConditionsHold(t *testing.T) {
	databases(t, func(t *testing.T, env map[string]string) {
		people(t, env, "Ada Byron", "Otis Quayle", "Edda Lind")
		for _, c := range []struct {
			where []string
			want  int
		}{
			{nil, 3},
			{[]string{"status=ready"}, 3},
			{[]string{"status=FAILED"}, 0},
			{[]string{"name=ada byron"}, 1},
			{[]string{"name=Ada"}, 0},
			{[]string{"name=Ada*"}, 1},
			{[]string{"name=*a*"}, 3},
			{[]string{"name=*li*"}, 1},
			{[]string{"location=Bristol", "tag=crew"}, 3},
			{[]string{"tag=crew", "tag=cast"}, 0},
			{[]string{"skill=juggling"}, 0},
			{[]string{"employer=Nobody Ltd"}, 0},
			{[]string{"role=*er*"}, 0},
			{[]string{"engine=builtin"}, 3},
			{[]string{"engine=openai"}, 0},
			{[]string{"created-after=2020-01-01", "created-before=2199-12-31", "name=Edda*"}, 1},
			{[]string{"created-before=2020-01-01T00:00:00+02:00"}, 0},
			{[]string{"updated-after=2199-01-01"}, 0},
			{[]string{"Updated-Before = 2199-01-01"}, 3},
		} {
			args := []string{"--all"}
			for _, w := range c.where {
				args = append(args, "--where", w)
			}
			require.Equal(t, c.want, estimate(t, env, args...).Personas, "%v", c.where)
		}
	})
}

func TestResynthesizeSaysWhatCanBeAsked(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--where=colour=red"}, `--where: "colour" is not one of status, name, role, location, tag, skill, employer, engine, created-after, created-before, updated-after, updated-before; write it as KEY=VALUE`},
		{[]string{"--where=READY"}, `--where: "READY" is not one of status, name`},
		{[]string{"--where=name"}, "--where name: has no value; write it as name=VALUE"},
		{[]string{"--where=name= "}, "--where name: has no value"},
		{[]string{"--where=name=a", "--where=name=b"}, "--where name: is given twice"},
		{[]string{"--where=status=DONE"}, `--where status: "DONE" is not one of PENDING, READY, FAILED`},
		{[]string{"--where=engine=gpt"}, `--where engine: "gpt" is not one of builtin, openai, anthropic, ollama`},
		{[]string{"--where=created-after=yesterday"}, `--where created-after: "yesterday" is not a time; write 2026-11-23 or 2026-11-23T16:00:00Z`},
		{[]string{"--engine=anthropic"}, "--engine anthropic: has no settings; set ANTHROPIC_API_KEY, or name one of builtin"},
	} {
		out, _, err := command(t.Context(), t, map[string]string{"DATA_DIR": t.TempDir()}, nil, append([]string{"resynthesize"}, c.args...)...)
		require.ErrorContains(t, err, c.want)
		require.Empty(t, out)
	}
}

func TestResynthesizeStopsAtTheBudget(t *testing.T) {
	databases(t, func(t *testing.T, env map[string]string) {
		people(t, env, "Ada Byron", "Otis Quayle", "Edda Lind", "Ivo Marek")
		model := synthtest.NewServer(t)
		env = with(env, "OPENAI_BASE_URL", model.URL(), "OPENAI_API_KEY", "sk-test", "JOB_WORKERS", "1")
		one := estimate(t, env).CostUsd / 4
		env["LLM_BUDGET_USD"] = strconv.FormatFloat(one*1.5, 'f', 6, 64)
		out, _, err := command(t.Context(), t, env, nil, "resynthesize", "--yes")
		require.ErrorContains(t, err, "LLM_BUDGET_USD: is used up, and ")
		require.ErrorContains(t, err, "then run this again, it goes on where it was")
		require.Contains(t, out, "more than LLM_BUDGET_USD, $")
		require.Equal(t, 1, strings.Count(out, "BUDGET_EXCEEDED"), "the others are not even tried: %s", out)
		done := strings.Count(out, "DONE ")
		require.Positive(t, done)
		delete(env, "LLM_BUDGET_USD")
		require.Equal(t, []int{4 - done, done}, []int{estimate(t, env).Personas, estimate(t, env).AlreadyRead})
	})
}

// TestAStoppedResynthesizeIsTakenUpAgain stops while the model holds up the first two.
func TestAStoppedResynthesizeIsTakenUpAgain(t *testing.T) {
	databases(t, func(t *testing.T, env map[string]string) {
		people(t, env, "Ada Byron", "Otis Quayle", "Edda Lind", "Ivo Marek", "Zoe Adler")
		model := synthtest.NewServer(t)
		released := make(chan struct{})
		model.Answer(func(r synthtest.Request) synthtest.Reply {
			reply := synthtest.Read(r)
			reply.Wait = released
			return reply
		})
		env = with(env, "OPENAI_BASE_URL", model.URL(), "OPENAI_API_KEY", "sk-test", "JOB_WORKERS", "2")
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		done := make(chan error)
		go func() {
			_, _, err := command(ctx, t, env, nil, "resynthesize", "--yes")
			done <- err
		}()
		require.Eventually(t, func() bool { return model.Open() == 2 }, minute, tick)
		stop()
		err := <-done
		require.ErrorContains(t, err, "stopped: 0 of 5 read again, ")
		require.ErrorContains(t, err, "in the queue for a server or the next run")

		close(released)
		out, _, err := command(t.Context(), t, env, nil, "resynthesize", "--yes")
		require.NoError(t, err)
		require.Contains(t, out, "5 of 5 read again")
		require.Equal(t, map[string]int{"DONE builtin": 5, "DONE openai": 5}, runs(t, env), "none twice")
	})
}

// A server without the engine's settings works the same queue, and leaves alone what is not for it.
func TestResynthesizeIsReadByItsEngineBesideAServerWithoutIt(t *testing.T) {
	databases(t, func(t *testing.T, env map[string]string) {
		people(t, env, "Ada Byron", "Otis Quayle", "Edda Lind")
		start(t, env)
		model := synthtest.NewServer(t)
		out, _, err := command(t.Context(), t, with(env, "OPENAI_BASE_URL", model.URL(), "OPENAI_API_KEY", "sk-test"), nil, "resynthesize", "--yes")
		require.NoError(t, err)
		require.Contains(t, out, "3 of 3 read again")
		require.Equal(t, map[string]int{"DONE builtin": 3, "DONE openai": 3}, runs(t, env))
	})
}

func TestAResynthesizeOfAnEmptyDatabaseHasNothingToDo(t *testing.T) {
	dir := t.TempDir()
	out, _, err := command(t.Context(), t, map[string]string{"DATA_DIR": filepath.Join(dir, "new")}, nil, "resynthesize", "--all", "--yes")
	require.NoError(t, err)
	require.Contains(t, out, "nothing to do, in ")
}
