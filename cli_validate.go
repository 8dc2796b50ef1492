package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// defaultConfig is the file that is looked for where nothing names another.
const defaultConfig = "sparky.yaml"

// defaultConfigPath is where the configuration is looked for when --config names no file.
func defaultConfigPath(env lookupEnv) string {
	if path, set := env("SPARKY_CONFIG"); set && path != "" {
		return path
	}
	return defaultConfig
}

// newValidateCommand is `sparky validate`: every problem of the configuration at once, or what it amounts to.
func newValidateCommand(env lookupEnv, vendors catalogue) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check the configuration: every problem at once, or what is configured and what is left off",
		Long: "Check the configuration without asking the network anything. Prints every problem as file:line:column, what is\n" +
			"wrong and the mend, and ends with status 1; or what is configured, what is left off, what no part of this version uses\n" +
			"and what is worth knowing, and ends with status 0.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := cmd.Flags().GetString("config")
			if err != nil {
				return err
			}
			return validate(cmd.OutOrStdout(), path, loadFile(path, env, nil, vendors), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// validate prints what was found and returns errBad where there is a problem.
func validate(out io.Writer, path string, l loaded, asJSON bool) error {
	print := printValidation
	if asJSON {
		print = printValidationJSON
	}
	if err := print(out, path, l); err != nil {
		return fmt.Errorf("printing the validation of %s: %w", path, err)
	}
	if len(l.problems) > 0 {
		return errBad
	}
	return nil
}

func printValidation(out io.Writer, path string, l loaded) error {
	p := printer{out: out}
	for _, problem := range l.problems {
		p.line("%s", problem)
	}
	if n := len(l.problems); n > 0 {
		p.line("")
		p.line("%s in %s. Sparky does not start with it.", count(n, "problem"), path)
		return p.err
	}
	s := l.config.summary()
	p.line("%s is valid.", path)
	p.line("")
	for _, f := range s.Configured {
		p.line("  %-*s  %s", widest(s.Configured), f.Name, f.Text)
	}
	if len(s.Off) > 0 {
		p.line("")
		p.line("What is missing switches off just what needs it:")
		for _, o := range s.Off {
			p.line("  no %s: %s", o.Missing, o.Effect)
		}
	}
	if len(s.Missing) > 0 {
		p.line("")
		p.line("What this machine cannot give:")
		for _, name := range s.Missing {
			p.line("  %s", name)
		}
	}
	if len(l.notes) > 0 {
		p.line("")
		p.line("Worth knowing:")
		for _, n := range l.notes {
			p.line("  %s", n)
		}
	}
	return p.err
}

func widest(facts []fact) int {
	width := 0
	for _, f := range facts {
		width = max(width, len(f.Name))
	}
	return width
}

// validation is the answer of `sparky validate --json`.
type validation struct {
	File     string    `json:"file"`
	Valid    bool      `json:"valid"`
	Problems []Problem `json:"problems"`
	Notes    []Problem `json:"notes"`
	*summary           // left out where there are problems
}

func printValidationJSON(out io.Writer, path string, l loaded) error {
	answer := validation{File: path, Valid: len(l.problems) == 0, Problems: append([]Problem{}, l.problems...), Notes: append([]Problem{}, l.notes...)}
	if answer.Valid {
		s := l.config.summary()
		answer.summary = &s
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(answer)
}

// printer writes lines and remembers the first failure, such as a pipe that was closed.
type printer struct {
	out io.Writer
	err error
}

func (p *printer) line(format string, values ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.out, format+"\n", values...)
	}
}
