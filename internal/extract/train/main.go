// Command train makes the weights of the CV tagger:
//
//	go run ./internal/extract/train --data DIR/cv/train.jsonl
//
// Every line of the data is a CV: {"text": …, "spans": [{"label", "start", "end"}]},
// offsets in code points. The weights go to internal/extract/data/tagger.bin unless
// --out names another file. The same data give the same bytes.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/persona-api/persona-api/internal/extract"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("train", flag.ContinueOnError)
	from := flags.String("data", "", "file of labelled CVs, one JSON object a line")
	to := flags.String("out", "internal/extract/data/tagger.bin", "file of weights to write")
	if err := flags.Parse(args); err != nil {
		return err
	}
	examples, err := read(*from)
	if err != nil {
		return err
	}
	var weights bytes.Buffer
	if err := extract.Train(examples, &weights); err != nil {
		return err
	}
	if err := os.WriteFile(*to, weights.Bytes(), 0o600); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s: %d bytes from %d CVs\n", *to, weights.Len(), len(examples))
	return err
}

func read(name string) ([]extract.Example, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open the labelled CVs named by --data: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	var out []extract.Example
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var row struct {
			Text  string         `json:"text"`
			Spans []extract.Mark `json:"spans"`
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", name, len(out)+1, err)
		}
		out = append(out, extract.Example{Text: row.Text, Marks: row.Spans})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s has no line: give a file of labelled CVs", name)
	}
	return out, nil
}
