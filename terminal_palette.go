package main

import (
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"sparky/commands"
)

// palette says whether marks are coloured. The zero palette has no colours.
type palette bool

// plainly marks the root command of somebody who wants no colours.
const plainly = "plain"

// wantsPlain tells that colours are not wanted: NO_COLOR holds something (https://no-color.org), or the terminal has none.
func wantsPlain(env lookupEnv) bool {
	no, _ := env("NO_COLOR")
	kind, _ := env("TERM")
	return no != "" || kind == "dumb"
}

// paletteOf is that of where the command prints: colours are for terminals alone, never for a file or a pipe.
func paletteOf(cmd *cobra.Command) palette {
	if cmd.Root().Annotations[plainly] != "" {
		return false
	}
	out := cmd.OutOrStdout()
	if hiding, ok := out.(redacting); ok {
		out = hiding.Writer
	}
	file, ok := out.(*os.File)
	return palette(ok && term.IsTerminal(int(file.Fd())))
}

// mark is the symbol of a mark, which tells as much without its colour.
func (p palette) mark(m commands.Mark) string {
	symbol := symbols[m]
	if !p || symbol == "" {
		return symbol
	}
	colour := "36" // cyan: planned, muted, unknown
	switch m {
	case commands.MarkGood:
		colour = "32"
	case commands.MarkWarn:
		colour = "33"
	case commands.MarkBad:
		colour = "31"
	}
	return "\x1b[" + colour + "m" + symbol + "\x1b[0m"
}
