package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"sparky/internal/setting"
)

// newHelpCommand is `sparky help`: that of a command, or of all. A word that is none is a mistake in the call.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Say what there is, or how one command is used",
		Long:  "Say what there is, or how one command is used, with examples.",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return fitting(describedCommands(cmd.Root()), begun), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			if len(args) == 0 {
				return root.Help()
			}
			found, rest, err := root.Find(args)
			if err != nil || found == root || len(rest) > 0 {
				return noCommand(root, strings.Join(args, " "))
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}

// noCommand refuses a word that is no command, with the one that was probably meant.
func noCommand(root *cobra.Command, word string) error {
	mend := ""
	if near := setting.Nearest(word, commandNames(root)); near != "" {
		mend = "; did you mean " + near + "?"
	}
	return usageError{fmt.Errorf("there is no command %q%s", word, mend)}
}
