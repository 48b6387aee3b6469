package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/persona"
)

// texts are the main job's inputs: file name → the name its text gives.
var texts = map[string]string{
	"cv.txt":        "Marit Solheim",
	"biography.txt": "Tobias Renner",
	"congress.txt":  "Elias Warner Thorne",
	"interview.txt": "Priya Raman",
	"mixed.txt":     "林小雨",
}

func TestTextBecomesAnEvidencedPersona(t *testing.T) {
	databases(t, func(t *testing.T, env map[string]string) {
		s := start(t, env)
		for file, name := range texts {
			b, err := os.ReadFile(filepath.Join("testdata", file))
			require.NoError(t, err)
			var got created
			s.ask(t, createQuery, map[string]any{"input": map[string]any{"text": string(b), "waitSeconds": 60}}, &got)
			require.Empty(t, got.CreatePersona.UserErrors)
			p := got.CreatePersona.Persona
			require.Equal(t, "READY", p.Status, file)
			require.NotNil(t, p.Name, file)
			require.Equal(t, name, *p.Name)
			require.Equal(t, 1, p.Version.Number)
			require.Equal(t, "CREATED", p.Version.Reason)
			require.Equal(t, "DONE", p.LatestRun.Stage)
			require.Equal(t, "builtin", p.LatestRun.Engine)
			require.Greater(t, len(p.Traits), 2, file)
			checkEvidence(t, p.Traits, string(b))
		}
		var found struct {
			SearchPersonas struct{ Nodes []struct{ Name string } }
			PersonaStats   struct{ Total, Sources int }
		}
		s.ask(t, `{ searchPersonas(query: "林小雨") { nodes { name } } personaStats { total sources } }`, nil, &found)
		require.NotEmpty(t, found.SearchPersonas.Nodes)
		require.Equal(t, "林小雨", found.SearchPersonas.Nodes[0].Name)
		require.Equal(t, len(texts), found.PersonaStats.Total)
		require.Equal(t, len(texts), found.PersonaStats.Sources)
	})
}

func TestBadInputGetsATypedErrorAndLeavesNothing(t *testing.T) {
	const canary = "Zanzibarium"
	create := func(input map[string]any) string {
		b, err := json.Marshal(map[string]any{"query": createQuery, "variables": map[string]any{"input": input}})
		require.NoError(t, err)
		return string(b)
	}
	long := strings.Repeat("x", persona.MaxText+1-len(canary)) + canary
	databases(t, func(t *testing.T, env map[string]string) {
		s := start(t, env)
		for name, c := range map[string]struct {
			body   string
			code   string
			status int
		}{
			"empty text":      {create(map[string]any{"text": ""}), "INVALID", 200},
			"spaces only":     {create(map[string]any{"text": " \n\t "}), "INVALID", 200},
			"too long":        {create(map[string]any{"text": long}), "TOO_LARGE", 200},
			"NUL":             {create(map[string]any{"text": canary + "\x00"}), "INVALID", 200},
			"too many tags":   {create(map[string]any{"text": canary, "tags": strings.Split(strings.Repeat("a b c d e f g ", 4), " ")}), "INVALID", 200},
			"wrong id":        {`{"query":"{ persona(id: \"` + canary + `\") { id } }"}`, "INVALID", 200},
			"wrong id in":     {`{"query":"mutation { deletePersona(input: {id: \"` + canary + `\"}) { deletedPersonaId } }"}`, "INVALID", 200},
			"nobody's id":     {`{"query":"mutation { deletePersona(input: {id: \"0190b0a5-1c7e-7a10-9d3c-2f4b5a6c7d8e\"}) { userErrors { code } } }"}`, "NOT_FOUND", 200},
			"missing body":    {"", "", 400},
			"malformed JSON":  {`{"query": "` + canary, "", 400},
			"invalid UTF-8":   {`{"query":"{ viewer { subject } }","variables":{"x":"` + canary + "\xff\"}}", "", 400},
			"no query":        {`{"variables":{"text":"` + canary + `"}}`, "", 400},
			"unknown field":   {`{"query":"{ personas(first: \"` + canary + `\") { nope } }"}`, "GRAPHQL_VALIDATION_FAILED", 400},
			"syntax":          {`{"query":"{ personas(\"` + canary + `\" }"}`, "GRAPHQL_PARSE_FAILED", 400},
			"variable's type": {`{"query":"query ($n: Int) { personas(first: $n) { nodes { id } } }","variables":{"n":"` + canary + `"}}`, "", 400},
			"page too large":  {`{"query":"{ personas(first: 101) { nodes { id } } }"}`, "INVALID", 200},
			"wrong cursor":    {`{"query":"{ personas(after: \"` + canary + `\") { nodes { id } } }"}`, "INVALID", 200},
		} {
			r := s.post(t, c.body)
			require.NotContains(t, r.raw, canary, "%s: nothing of the body is echoed", name)
			require.NotContains(t, r.raw, "xxxxx", name)
			require.Equal(t, c.status, r.status, "%s: %s", name, r.raw)
			if len(r.Errors) > 0 {
				require.NotEmpty(t, r.Errors[0].Extensions.Code, "%s: %s", name, r.raw)
				require.NotEmpty(t, r.Errors[0].Message)
			}
			if c.code != "" {
				require.Contains(t, r.raw, `"code":"`+c.code+`"`, name)
			} else {
				require.NotEmpty(t, r.Errors, name)
			}
		}
		var stats struct{ PersonaStats struct{ Total, Sources int } }
		s.ask(t, `{ personaStats { total sources } }`, nil, &stats)
		require.Zero(t, stats.PersonaStats.Total, "nothing is stored")
		require.Zero(t, stats.PersonaStats.Sources)
		require.NotContains(t, s.errout.String(), canary, "nor logged")
	})
}

func TestDemoAddsTwelvePeople(t *testing.T) {
	databases(t, func(t *testing.T, env map[string]string) {
		s := start(t, env, "--demo")
		require.Eventually(t, func() bool { return strings.Contains(s.out.String(), "try: curl") }, minute, tick, "%s", s.out)
		var got struct {
			Personas struct {
				TotalCount struct {
					Value int
					Exact bool
				}
				Nodes []struct {
					Status string
					Name   *string
				}
			}
		}
		s.ask(t, `{ personas(first: 100) { totalCount { value exact } nodes { status name } } }`, nil, &got)
		require.Equal(t, 12, got.Personas.TotalCount.Value)
		require.True(t, got.Personas.TotalCount.Exact)
		for _, p := range got.Personas.Nodes {
			require.Equal(t, "READY", p.Status)
			require.NotNil(t, p.Name)
		}
	})
}
