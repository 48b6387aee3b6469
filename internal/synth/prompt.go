package synth

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"text/template"

	"github.com/persona-api/persona-api/internal/persona"
)

//go:embed prompts/*.tmpl
var promptFiles embed.FS

// revision counts the changes to what this package makes of an answer: alignment,
// salvage, what is dropped. It is hashed with the prompts, because the same answer
// gives other claims then.
const revision = 2

// prompts are the instructions, made from the field table, and what they were made of.
type prompts struct {
	extractSystem, composeSystem, repair string
	files                                *template.Template
	hash                                 string
}

// fieldLine is a field as a prompt shows it.
type fieldLine struct{ Path, Marks, Description, Parts string }

// factLine is a fact as a prompt shows it.
type factLine struct {
	Number int
	Path   string
	Basis  persona.Basis
	Text   string
}

// extractText is what one question of Extract is about.
type extractText struct {
	Nonce, Kind, Language string
	Number, Count         int    // this part, of how many
	Opening               string // how the whole text begins, for later parts
	Turn                  string // how the turn begins that this part goes on with
	Text                  string
}

// composeFacts is what a question of Compose is about.
type composeFacts struct {
	Nonce string
	Facts []factLine
}

func loadPrompts(fields []persona.Field) (*prompts, error) {
	files, err := template.New("").Option("missingkey=error").ParseFS(promptFiles, "prompts/*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("read the prompts: %w", err)
	}
	p := &prompts{files: files}
	data := struct{ Fields, Narratives []fieldLine }{}
	for i := range fields {
		f := &fields[i]
		line := fieldLine{f.Path, marks(f), f.Description, strings.Join(f.Parts, ", ")}
		if f.Narrative {
			data.Narratives = append(data.Narratives, line)
		} else {
			data.Fields = append(data.Fields, line)
		}
	}
	for name, to := range map[string]*string{"extract.system.tmpl": &p.extractSystem, "compose.system.tmpl": &p.composeSystem, "repair.tmpl": &p.repair} {
		if *to, err = p.render(name, data); err != nil {
			return nil, err
		}
	}
	p.hash, err = p.sum(fields)
	return p, err
}

// marks are the rules of a field that the instructions speak of.
func marks(f *persona.Field) string {
	var m []string
	if f.Single() {
		m = append(m, "one")
	}
	if f.Literal {
		m = append(m, "literal")
	}
	if f.Protected {
		m = append(m, "protected")
	}
	return strings.Join(m, ", ")
}

func (p *prompts) render(name string, data any) (string, error) {
	var b strings.Builder
	if err := p.files.ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("fill prompt %s: %w", name, err)
	}
	return strings.TrimSpace(b.String()), nil
}

// sum hashes everything that shapes an answer or what is made of it, and nothing
// that changes from call to call.
func (p *prompts) sum(fields []persona.Field) (string, error) {
	h := sha256.New()
	add := func(part []byte) { _, _ = fmt.Fprintf(h, "%d:%s", len(part), part) }
	entries, err := promptFiles.ReadDir("prompts") // sorted by name
	if err != nil {
		return "", fmt.Errorf("read the prompts: %w", err)
	}
	for _, f := range entries {
		text, err := promptFiles.ReadFile("prompts/" + f.Name())
		if err != nil {
			return "", fmt.Errorf("read the prompts: %w", err)
		}
		add([]byte(f.Name()))
		add(text)
	}
	forms, err := json.Marshal([]any{claimsForm(fields), narrativeForm(fields)})
	if err != nil {
		return "", fmt.Errorf("write the form of answers: %w", err)
	}
	add(forms)
	add([]byte(p.extractSystem))
	add([]byte(p.composeSystem))
	add(fmt.Appendf(nil, "%d %d %d %d %d", revision, chunkSize, leastChunk, openingSize, factsPerPath))
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}
