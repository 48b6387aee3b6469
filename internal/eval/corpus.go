package eval

import (
	"bufio"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"
)

// Set is a kind of labelled texts.
type Set string

// The sets, in the order they are measured.
const (
	CV     Set = "cv"     // scored by field
	Bios   Set = "bios"   // passages about people, scored by fact
	Chat   Set = "chat"   // chats and first-person texts, scored by what the speaker is known to be like
	Nobody Set = "nobody" // texts about nobody
)

// Sets lists the sets in the order they are measured.
func Sets() []Set { return []Set{CV, Bios, Chat, Nobody} }

// file is where a split of the set lies in a folder of data, and what a line of it is.
func (s Set) file(split string) (name, format string) {
	switch s {
	case CV:
		return path.Join("cv", split+".jsonl"), `{"id":…, "text":…, "gold":{"name":[…], "location":[…], "roles":[…], "employers":[…], "schools":[…], "degrees":[…], "emails":[…], "skillsTech":[…], "skillsJob":[…], "skillsSoft":[…]}}`
	case Bios:
		return path.Join("bios", split+".jsonl"), `{"id":…, "text":…, "annotatedProperties":["EDUCATED_AT", …], "facts":[{"property":"EDUCATED_AT", "object":…}, …]}`
	case Chat:
		return path.Join("chat", "spc."+split+".jsonl"), `{"id":…, "conversation":…, "speakers":["User 1", "User 2"], "goldPersonaUser1":[…], "goldPersonaUser2":[…]}, where speakers may be left out`
	}
	return path.Join("nobody", split+".jsonl"), `{"id":…, "text":…}`
}

// Text is a labelled text.
type Text struct {
	ID   string
	Text string

	fields    map[string][]string // CV: the labelled values of each of cvFields
	annotated map[string]bool     // Bios: the properties of which every fact is labelled
	facts     []fact              // Bios
	speakers  [2]string           // Chat: the labels that turns begin with
	personas  [2][]string         // Chat: what each speaker is known to be like
}

// fact is a property of a person and its value.
type fact struct {
	Property string `json:"property"`
	Value    string `json:"value"`
}

//go:embed testdata/cv testdata/bios testdata/chat testdata/nobody
var embedded embed.FS

// Corpus is the embedded corpus: invented people and texts about nobody. It has
// one split, dev.
func Corpus() fs.FS {
	files, err := fs.Sub(embedded, "testdata")
	if err != nil {
		panic(err) // the path is a constant
	}
	return files
}

// Load reads a split of a set, at most limit texts when limit is above 0. folder
// names files in errors. The error is fs.ErrNotExist when there is no such file;
// any other names file and line and says what to do.
func Load(files fs.FS, folder string, set Set, split string, limit int) ([]Text, error) {
	name, format := set.file(split)
	shown := path.Join(folder, name)
	f, err := files.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, absent(shown)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w", shown, err)
	}
	defer f.Close()
	var texts []Text
	seen := map[string]int{}
	lines := bufio.NewReaderSize(f, 1<<16)
	for n := 1; limit <= 0 || len(texts) < limit; n++ {
		line, err := lines.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s line %d: cannot be read: %w", shown, n, err)
		}
		if strings.TrimSpace(line) != "" {
			t, wrong := parse(set, line)
			if first := seen[t.ID]; wrong == "" && first > 0 {
				wrong = fmt.Sprintf("has the id of line %d", first)
			}
			if wrong != "" {
				return nil, fmt.Errorf("%s line %d: %s; mend or remove the line: each is one object such as %s", shown, n, wrong, format)
			}
			seen[t.ID] = n
			texts = append(texts, t)
		}
		if err != nil {
			break
		}
	}
	if len(texts) == 0 {
		return nil, fmt.Errorf("%s: has no lines; each is one object such as %s", shown, format)
	}
	return texts, nil
}

// absent is a file that there is not. It is fs.ErrNotExist.
type absent string

func (a absent) Error() string        { return "there is no " + string(a) }
func (a absent) Is(target error) bool { return target == fs.ErrNotExist }

// parse reads a line; wrong says what is wrong with it, "" nothing.
func parse(set Set, line string) (t Text, wrong string) {
	var raw struct {
		ID           string              `json:"id"`
		Text         string              `json:"text"`
		Conversation string              `json:"conversation"`
		Gold         map[string][]string `json:"gold"`
		Annotated    []string            `json:"annotatedProperties"`
		Facts        []struct {
			Property string `json:"property"`
			Object   string `json:"object"`
		} `json:"facts"`
		Speakers []string `json:"speakers"`
		First    []string `json:"goldPersonaUser1"`
		Second   []string `json:"goldPersonaUser2"`
	}
	if !utf8.ValidString(line) {
		return t, "is not UTF-8"
	}
	if err := json.Unmarshal([]byte(line), &raw); err != nil {
		return t, fmt.Sprintf("is not as expected (%v)", err)
	}
	t.ID, t.Text = raw.ID, raw.Text
	if set == Chat {
		t.Text = raw.Conversation
	}
	switch {
	case t.ID == "":
		return t, "has no id"
	case strings.TrimSpace(t.Text) == "":
		return t, "has no text"
	case set == CV && raw.Gold == nil:
		return t, "has no gold"
	case set == Bios && len(raw.Annotated) == 0:
		return t, "has no annotatedProperties"
	case set == Chat && len(raw.First)+len(raw.Second) == 0:
		return t, "has neither goldPersonaUser1 nor goldPersonaUser2"
	case len(raw.Speakers) != 0 && len(raw.Speakers) != 2:
		return t, "has speakers that are not two"
	}
	t.fields, t.annotated = map[string][]string{}, map[string]bool{}
	for _, f := range cvFields {
		for _, label := range f.labels {
			t.fields[f.name] = append(t.fields[f.name], raw.Gold[label]...)
		}
	}
	for _, p := range raw.Annotated {
		t.annotated[p] = true
	}
	for _, f := range raw.Facts {
		t.facts = append(t.facts, fact{f.Property, f.Object})
	}
	t.speakers, t.personas = [2]string{"User 1", "User 2"}, [2][]string{raw.First, raw.Second}
	if len(raw.Speakers) == 2 {
		t.speakers = [2]string(raw.Speakers)
	}
	return t, ""
}
