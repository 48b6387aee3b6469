package config

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// help is the complete text of --help. It does not ask how wide the terminal
// is, so it reads the same everywhere.
func help(app *kong.Application) string {
	var b strings.Builder
	b.WriteString("persona-api turns what is written about a person into a persona whose every\nstatement can be traced to its words, and serves personas over GraphQL.\n\n")
	b.WriteString("Usage: persona-api [command] [flags]\n\nCommands:\n")
	for _, command := range app.Children {
		hanging(&b, fmt.Sprintf("  %-13s ", command.Name), 16, command.Help)
		for _, argument := range command.Positional {
			hanging(&b, strings.Repeat(" ", 18), 22, argument.Name+": "+argument.Help)
		}
		for _, flag := range command.Flags {
			name := "--" + flag.Name
			if flag.PlaceHolder != "" {
				name += " " + flag.PlaceHolder
			}
			hanging(&b, strings.Repeat(" ", 18), 22, name+": "+flag.Help)
		}
	}
	b.WriteString("\nFlags:\n")
	for _, flag := range app.Flags {
		if isQuestion(flag) {
			fmt.Fprintf(&b, "  --%-9s %s\n", flag.Name, flag.Help)
		}
	}
	b.WriteString("\nSettings, each an environment variable and a flag; the flag wins. Give secrets\nas variables: flags can be seen in the list of processes.\n")
	for _, flag := range app.Flags {
		if isQuestion(flag) {
			continue
		}
		standard := "unset"
		if flag.HasDefault {
			standard = flag.Default
		}
		fmt.Fprintf(&b, "\n  %s, --%s (default: %s)\n", env(flag.Name), flag.Name, standard)
		for _, line := range wrap(flag.Help, 74) {
			fmt.Fprintf(&b, "      %s\n", line)
		}
	}
	b.WriteString("\nTraces leave only when the standard OTEL_* variables say where to, such as\nOTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318.\n")
	return b.String()
}

// hanging writes text behind first, and its further lines indented by so many blanks.
func hanging(b *strings.Builder, first string, indent int, text string) {
	for _, line := range wrap(text, 80-max(len(first), indent)) {
		b.WriteString(first + line + "\n")
		first = strings.Repeat(" ", indent)
	}
}

// wrap breaks text at spaces into lines of at most width bytes.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
