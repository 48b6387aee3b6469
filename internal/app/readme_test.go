package app_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the README's outputs anew")

// example is a request of the README with the output it shows under it.
var example = regexp.MustCompile("(?s)<<'JSON'\n(.*?)\nJSON\n```\n\n<!-- output:(\\w+) -->\n```json\n(.*?)```\n")

// TestTheReadmeShowsWhatHappens sends the README's requests, one after the other,
// to a server with the demo people. Ids differ from run to run and are told by their noun alone.
func TestTheReadmeShowsWhatHappens(t *testing.T) {
	const path = "../../README.md"
	readme, err := os.ReadFile(path)
	require.NoError(t, err)
	s := start(t, map[string]string{"DATA_DIR": t.TempDir()}, "--demo")
	require.Eventually(t, func() bool { return strings.Contains(s.out.String(), "try: curl") }, minute, tick, "%s", s.out)

	examples := example.FindAllSubmatchIndex(readme, -1)
	require.Len(t, examples, 3, "createPersona, a search and a stats query")
	var written bytes.Buffer
	at := 0
	for _, m := range examples {
		body, name, shown := string(readme[m[2]:m[3]]), string(readme[m[4]:m[5]]), string(readme[m[6]:m[7]])
		r := s.post(t, body)
		require.Empty(t, r.Errors, name)
		var got bytes.Buffer
		require.NoError(t, json.Indent(&got, []byte(r.raw), "", "  "))
		got.WriteByte('\n')
		written.Write(readme[at:m[6]])
		written.Write(got.Bytes())
		at = m[7]
		if !*update {
			require.Equal(t, withoutIDs(shown), withoutIDs(got.String()), "%s: go test ./internal/app -run Readme -update writes it anew", name)
		}
	}
	written.Write(readme[at:])
	if *update {
		require.NoError(t, os.WriteFile(path, written.Bytes(), 0o644))
	}
}

func withoutIDs(s string) string {
	return regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`).ReplaceAllString(s, "…")
}
