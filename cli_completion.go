package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// shells are those whose completion can be printed, and how.
func shells() []string { return []string{"bash", "zsh", "fish", "powershell"} }

// newCompletionCommand is `sparky completion`.
func newCompletionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the completion of commands for a shell: " + strings.Join(shells(), ", "),
		Long: "Print what completes commands, flags, partners, probes, incidents and lengths of time in a shell: bash, zsh, fish or\n" +
			"powershell. What is offered of partners is read from the configuration, of incidents and mutes from the store.",
		Example: "  source <(sparky completion bash)\n  sparky completion bash > /etc/bash_completion.d/sparky\n" +
			"  sparky completion zsh > \"${fpath[1]}/_sparky\"\n  sparky completion fish > ~/.config/fish/completions/sparky.fish\n" +
			"  sparky completion powershell | Out-String | Invoke-Expression",
		ValidArgs: shells(),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{errors.New("completion needs one shell: " + strings.Join(shells(), ", "))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return writeCompletion(cmd.OutOrStdout(), cmd.Root(), args[0])
		},
	}
}

func writeCompletion(w io.Writer, root *cobra.Command, shell string) error {
	var err error
	switch shell {
	case "bash":
		var script string
		if script, err = bashCompletion(root); err == nil {
			_, err = io.WriteString(w, script)
		}
	case "zsh":
		err = root.GenZshCompletion(w)
	case "fish":
		err = root.GenFishCompletion(w, true)
	case "powershell":
		err = root.GenPowerShellCompletionWithDesc(w)
	default:
		return usageError{fmt.Errorf("there is no completion for %q; the shells are %s", shell, strings.Join(shells(), ", "))}
	}
	if err != nil {
		return fmt.Errorf("writing the completion: %w", err)
	}
	return nil
}
