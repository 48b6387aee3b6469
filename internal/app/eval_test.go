package app_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/app"
	"github.com/persona-api/persona-api/internal/synth/synthtest"
)

// evaluated runs the command eval.
func evaluated(t *testing.T, env map[string]string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errout lockedBuffer
	err = app.Run(t.Context(), append([]string{"eval"}, args...), func(n string) string { return env[n] }, nil, &out, &errout)
	if err != nil {
		require.NotContains(t, err.Error(), "\n", "one line")
	}
	return out.String(), errout.String(), err
}

func TestEvalMeasuresTheEmbeddedCorpusOnItsOwn(t *testing.T) {
	out, progress, err := evaluated(t, nil, "--reliability")
	require.NoError(t, err)
	for _, want := range []string{"# builtin (rules or prompts ", "## cv: 12 texts\n", "macro-F1 exact ", "## bios: 16 texts\n", "~micro ", "## chat: 12 texts\n", "## nobody: 27 texts\nvalues said about nobody: 0; texts left alone: 27 of 27\n", "milliseconds per text: mean ", "expected calibration error "} {
		require.Contains(t, out, want)
	}
	require.Contains(t, progress, "builtin: cv 0/12\nbuiltin: cv 12/12\n")

	out, _, err = evaluated(t, nil, "--set", "bios", "--limit", "5", "--json")
	require.NoError(t, err)
	var got struct {
		Engines []struct {
			Engine string
			Sets   []struct {
				Set       string
				Texts, Of int
			}
			Reliability any
		}
	}
	require.NoError(t, json.Unmarshal([]byte(out), &got))
	require.Len(t, got.Engines, 1)
	require.Len(t, got.Engines[0].Sets, 1)
	require.Equal(t, 5, got.Engines[0].Sets[0].Of)
	require.Nil(t, got.Engines[0].Reliability)
}

func TestEvalSaysWhatIsWrongWithTheData(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
	_, _, err := evaluated(t, nil, "--data", filepath.Join(dir, "absent"))
	require.ErrorContains(t, err, "absent is not a folder that can be read; name one with cv/dev.jsonl")
	_, _, err = evaluated(t, nil, "--data", dir)
	require.ErrorContains(t, err, "has none of cv/dev.jsonl, bios/dev.jsonl and chat/spc.dev.jsonl")
	write("cv/dev.jsonl", "{\"id\":\"1\",\"text\":\"Ada\",\"gold\":{}}\n{oops\n")
	_, _, err = evaluated(t, nil, "--data", dir)
	require.ErrorContains(t, err, filepath.Join(dir, "cv/dev.jsonl")+" line 2: is not as expected")
	_, _, err = evaluated(t, nil, "--data", dir, "--set", "bios")
	require.ErrorContains(t, err, "--set bios: there is no "+filepath.Join(dir, "bios/dev.jsonl"))
	_, _, err = evaluated(t, nil, "--data", dir, "--split", "train")
	require.ErrorContains(t, err, "has none of cv/train.jsonl")

	// What stands before the broken line can be measured; nobody comes with the program.
	out, _, err := evaluated(t, nil, "--data", dir, "--limit", "1")
	require.NoError(t, err)
	require.Contains(t, out, "## cv: 1 text\n")
	require.Contains(t, out, "## nobody: 1 text\n")
	require.NotContains(t, out, "## bios")
}

func TestEvalSpendsNothingUnasked(t *testing.T) {
	model := synthtest.NewServer(t)
	env := map[string]string{"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": model.URL()}
	out, told, err := evaluated(t, env, "--set", "cv", "--limit", "2")
	require.ErrorContains(t, err, "nothing has been spent; add --yes")
	require.Contains(t, told, "openai gpt-4o-mini will read about ")
	require.Empty(t, out)
	require.Empty(t, model.Requests())

	out, told, err = evaluated(t, env, "--set", "cv", "--limit", "2", "--yes")
	require.NoError(t, err)
	require.Less(t, strings.Index(out, "# builtin"), strings.Index(out, "# openai gpt-4o-mini"))
	require.Contains(t, out, "tokens read")
	require.Contains(t, told, "openai: cv 2/2, $0.")
	require.NotEmpty(t, model.Requests())

	_, _, err = evaluated(t, env, "--set", "cv", "--engine", "builtin")
	require.NoError(t, err)
}

// stopAt ends the context when a line of progress begins as told.
type stopAt struct {
	prefix string
	stop   context.CancelFunc
}

func (s stopAt) Write(p []byte) (int, error) {
	if strings.HasPrefix(string(p), s.prefix) {
		s.stop()
	}
	return len(p), nil
}

func TestAStoppedEvalPrintsWhatItHas(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out lockedBuffer
	err := app.Run(ctx, []string{"eval"}, func(string) string { return "" }, nil, &out, stopAt{"builtin: bios 0", cancel})
	require.ErrorContains(t, err, "eval was stopped")
	require.Contains(t, out.String(), "## cv: 12 texts\n")
	require.Contains(t, out.String(), "## bios: 0 texts of 16, stopped there\n")
	require.NotContains(t, out.String(), "## chat")
}

func TestEvalWritesPredictionsAndCalibrations(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	_, _, err := evaluated(t, nil, "--predictions", dir)
	require.NoError(t, err)
	for set, n := range map[string]int{"cv": 12, "bios": 16, "chat": 12, "nobody": 27} {
		raw, err := os.ReadFile(filepath.Join(dir, "builtin."+set+".jsonl"))
		require.NoError(t, err)
		lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
		require.Len(t, lines, n)
		for _, line := range lines {
			require.True(t, json.Valid([]byte(line)))
		}
	}

	table := filepath.Join(dir, "calibration.tsv")
	_, told, err := evaluated(t, nil, "--calibrate", table)
	require.NoError(t, err)
	require.Contains(t, told, "written to "+table)
	raw, err := os.ReadFile(table)
	require.NoError(t, err)
	require.Contains(t, string(raw), "\ncareer.positions\t700\t", "the raw confidence, not what the present table makes of it")

	_, _, err = evaluated(t, nil, "--calibrate", table, "--limit", "1")
	require.ErrorContains(t, err, "too few to fit a single field, and nothing was written")
	_, _, err = evaluated(t, nil, "--calibrate", filepath.Join(dir, "absent", "f"))
	require.ErrorContains(t, err, "--calibrate: ")
	_, _, err = evaluated(t, nil, "--predictions", table)
	require.ErrorContains(t, err, "--predictions: ")
}
