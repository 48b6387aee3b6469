package app_test

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/synth/synthtest"
)

// process runs the program as a process of its own.
func process(t *testing.T, env map[string]string) (*server, *exec.Cmd) {
	t.Helper()
	s := &server{out: new(lockedBuffer), errout: new(lockedBuffer)}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), asServer+"=1", "ADDR=127.0.0.1:0")
	for k, v := range env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	cmd.Stdout, cmd.Stderr = s.out, s.errout
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill() // it may be gone
			_ = cmd.Wait()
		}
	})
	s.url = awaitURL(t, s.out, s.errout)
	return s, cmd
}

// TestAKilledProcessLosesNothing kills the server while the model holds up all
// its jobs, and starts another on the same database.
func TestAKilledProcessLosesNothing(t *testing.T) {
	const people = 50
	databases(t, func(t *testing.T, env map[string]string) {
		model := synthtest.NewServer(t)
		released := make(chan struct{})
		model.Answer(func(r synthtest.Request) synthtest.Reply {
			reply := synthtest.Read(r)
			reply.Wait = released
			return reply
		})
		env["OPENAI_BASE_URL"], env["OPENAI_API_KEY"] = model.URL(), "sk-test"
		env["JOB_WORKERS"], env["LLM_CONCURRENCY"] = fmt.Sprint(people), fmt.Sprint(people)
		first, cmd := process(t, env)
		var wg sync.WaitGroup
		for i := range people {
			wg.Go(func() {
				var got created
				first.ask(t, createQuery, map[string]any{"input": map[string]any{
					"text": fmt.Sprintf("My name is Ada%c Byron%c. Mail: ada%d@example.org", 'a'+i%26, 'a'+i/26, i), "waitSeconds": 0}}, &got)
				if got.CreatePersona.Persona == nil || got.CreatePersona.Persona.Status != "PENDING" {
					t.Errorf("created %+v", got.CreatePersona)
				}
			})
		}
		wg.Wait()
		require.Eventually(t, func() bool { return model.Open() == people }, minute, tick, "all in flight: %d", model.Open())
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait() // killed is not a success
		close(released)

		begun := time.Now()
		second, cmd := process(t, env)
		var all struct {
			Personas struct {
				Nodes []struct {
					ID, Status string
					Name       *string
					Version    *struct{ Number int }
					Claims     struct {
						Nodes []struct{ ID, Path, Value string }
					}
				}
			}
		}
		require.Eventually(t, func() bool {
			second.ask(t, `{ personas(first: 100) { nodes { id status name version { number } claims(first: 50) { nodes { id path value } } } } }`, nil, &all)
			for _, p := range all.Personas.Nodes {
				if p.Status != "READY" {
					return false
				}
			}
			return len(all.Personas.Nodes) == people
		}, 2*time.Minute, 100*time.Millisecond)
		t.Logf("all %d READY %.0f s after the restart", people, time.Since(begun).Seconds())
		names := map[string]bool{}
		for _, p := range all.Personas.Nodes {
			require.Equal(t, 1, p.Version.Number)
			require.NotNil(t, p.Name)
			names[*p.Name] = true
			said := map[string]bool{}
			for _, c := range p.Claims.Nodes {
				require.False(t, said[c.Path+c.Value], "%s twice", c.Path)
				said[c.Path+c.Value] = true
			}
			require.NotEmpty(t, said)
		}
		require.Len(t, names, people)
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		require.NoError(t, cmd.Wait(), "it ends well: %s", second.errout)
	})
}
