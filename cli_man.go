package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newManCommand is `sparky man`: the page for man(1), made of what --help says.
func newManCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man",
		Short: "Print the manual page",
		Long: "Print the manual page, with every command and its flags, in the form that man reads. To read it: sparky man | man -l -\n" +
			"To install it: sparky man > /usr/local/share/man/man1/sparky.1",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return writeMan(cmd.OutOrStdout(), cmd.Root()) },
	}
}

// writeMan writes the page of the program. It names no version and no day, so that it changes when the program does.
func writeMan(w io.Writer, root *cobra.Command) error {
	m := &manual{}
	m.request("TH", "SPARKY", "1", "", "Sparky", "User Commands")
	m.heading("NAME")
	m.text("sparky - guards the third parties that a product depends on")
	m.heading("SYNOPSIS")
	m.bold("sparky")
	m.text("COMMAND [ARGUMENTS] [FLAGS]")
	m.heading("DESCRIPTION")
	m.paragraphs(root.Long)
	m.heading("COMMANDS")
	for _, c := range root.Commands() {
		if !c.Hidden && c.Name() != "help" {
			m.command(c)
		}
	}
	m.heading("FLAGS OF EVERY COMMAND")
	m.flags(root.PersistentFlags())
	m.heading("SHELL COMPLETION")
	m.paragraphs(completionHelp)
	m.heading("ENVIRONMENT")
	for _, variable := range environment() {
		m.request("TP")
		m.bold(variable[0])
		m.text(variable[1])
	}
	m.heading("FILES")
	for _, file := range files() {
		m.request("TP")
		m.bold(file[0])
		m.text(file[1])
	}
	m.heading("EXIT STATUS")
	m.text("0 when all is well, 1 when what was asked about is bad or could not be read, 2 for a mistake in the call.")
	if _, err := io.WriteString(w, m.String()); err != nil {
		return fmt.Errorf("writing the manual page: %w", err)
	}
	return nil
}

// completionHelp tells how to switch shell completion on.
const completionHelp = "sparky completion bash, zsh, fish or powershell prints the completion of commands, flags, partners, probes, incidents and\n" +
	"lengths of time for that shell. For the present shell: source <(sparky completion bash). For all to come, write it where the\n" +
	"shell looks for completions: sparky completion bash > /etc/bash_completion.d/sparky."

// environment is what of the environment the program itself looks at.
func environment() [][2]string {
	return [][2]string{
		{"SPARKY_CONFIG", "the configuration file, where --config names none"},
		{"NO_COLOR", "where it holds something, nothing is coloured"},
		{"HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "the proxy by which addresses outside are reached"},
	}
}

// files are those that the program reads and writes by itself.
func files() [][2]string {
	return [][2]string{
		{"sparky.yaml", "the configuration; sparky init writes one to begin with"},
		{"sparky.schema.json", "what can stand in it, for editors; sparky init writes it beside"},
		{"sparky.db", "what Sparky remembers, where store.url names nothing else"},
	}
}

// manual is a page in the making, in the man macros of roff.
type manual struct{ strings.Builder }

// request writes a macro with its arguments.
func (m *manual) request(name string, args ...string) {
	m.WriteString("." + name)
	for _, arg := range args {
		m.WriteString(` "` + strings.ReplaceAll(roff(arg), `"`, `\(dq`) + `"`)
	}
	m.WriteString("\n")
}

func (m *manual) heading(text string) { m.request("SH", text) }
func (m *manual) bold(text string)    { m.request("B", text) }

// text writes a paragraph's lines.
func (m *manual) text(text string) {
	for line := range strings.Lines(text) {
		line = roff(strings.TrimSpace(line))
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			line = `\&` + line // a macro begins so
		}
		if line != "" {
			m.WriteString(line + "\n")
		}
	}
}

func (m *manual) paragraphs(text string) {
	for i, paragraph := range strings.Split(text, "\n\n") {
		if i > 0 {
			m.request("PP")
		}
		m.text(paragraph)
	}
}

// command writes what there is to know of one command.
func (m *manual) command(c *cobra.Command) {
	m.request("SS", "sparky "+c.Use)
	long := c.Long
	if long == "" {
		long = c.Short + "."
	}
	m.paragraphs(long)
	m.flags(c.NonInheritedFlags())
	if c.Example == "" {
		return
	}
	m.request("PP")
	m.text("For example:")
	m.request("PP")
	m.request("nf")
	for line := range strings.Lines(c.Example) {
		m.text("    " + strings.TrimSpace(line))
	}
	m.request("fi")
}

// flags writes what there is to know of flags.
func (m *manual) flags(all *pflag.FlagSet) {
	all.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		m.request("TP")
		what, usage := pflag.UnquoteUsage(f)
		m.bold(strings.TrimSpace("--" + f.Name + " " + what))
		m.text(usage)
	})
}

// roff is a text in which nothing means anything to roff: a backslash begins its escapes, and a hyphen that people copy is \-.
func roff(text string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "\t", " ", "\n", " ", "\r", " ").Replace(text)
}
