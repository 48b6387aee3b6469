package config

import (
	"fmt"
	"slices"
	"strings"
)

// Eval is what the command eval measures and how it tells.
type Eval struct {
	Data        string   `name:"data" placeholder:"DIR" help:"folder with cv/dev.jsonl, bios/dev.jsonl, chat/spc.dev.jsonl or some of them; without it a small corpus of invented people"`
	Split       string   `name:"split" default:"dev" placeholder:"NAME" help:"which files of the folder: dev or train"`
	Sets        []string `name:"set" placeholder:"SET" help:"cv, bios, chat or nobody, once for each; without it all there are"`
	Engines     []string `name:"engine" placeholder:"ENGINE" help:"builtin, openai, anthropic or ollama, once for each; without it builtin and those that the settings name"`
	Limit       uint     `name:"limit" placeholder:"N" help:"read the first N texts of each set; 0 is all"`
	Yes         bool     `name:"yes" help:"spend what the model costs; without it the estimate is shown and nothing spent"`
	JSON        bool     `name:"json" help:"print one JSON object instead of tables"`
	Reliability bool     `name:"reliability" help:"also set confidence against what is right"`
	Predictions string   `name:"predictions" placeholder:"DIR" help:"folder to write what each engine says of each set, ENGINE.SET.jsonl"`
	Calibrate   string   `name:"calibrate" placeholder:"FILE" help:"fit the built-in engine's confidences to the labels and write the table to FILE"`
}

// finish checks the flags. They are flags alone: no variable sets them.
func (e *Eval) finish() error {
	for _, check := range []error{
		flagOf("split", []string{e.Split}, "dev", "train"),
		flagOf("set", e.Sets, "cv", "bios", "chat", "nobody"),
		flagOf("engine", e.Engines, ProviderBuiltin, ProviderOpenAI, ProviderAnthropic, ProviderOllama),
	} {
		if check != nil {
			return check
		}
	}
	if e.Split != "dev" && e.Data == "" {
		return &settingError{"--split: the corpus that comes with the program has dev alone; name a folder with --data DIR, or leave --split out; run persona-api --help"}
	}
	if e.Calibrate != "" && slices.ContainsFunc(e.Engines, func(name string) bool { return name != ProviderBuiltin }) {
		return &settingError{"--calibrate: fits the built-in engine's confidences alone; leave the other --engine out; run persona-api --help"}
	}
	return nil
}

func flagOf(flag string, values []string, allowed ...string) error {
	for _, v := range values {
		if !slices.Contains(allowed, v) {
			return &settingError{fmt.Sprintf("--%s: %.40q is not one of %s; run persona-api --help", flag, v, strings.Join(allowed, ", "))}
		}
	}
	return nil
}
