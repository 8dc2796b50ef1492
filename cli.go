package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"sparky/internal/setting"
)

// The exit statuses that scripts rely on.
const (
	exitDone  = 0
	exitBad   = 1 // the thing asked about is bad, or could not be done
	exitUsage = 2
)

// errBad ends a command whose answer has been printed and is bad news.
var errBad = errors.New("bad")

// usageError is a mistake in how the command was called.
type usageError struct{ error }

// lookupEnv is how the program sees its environment: os.LookupEnv, or a test's.
type lookupEnv func(name string) (string, bool)

// execute runs the program and returns its exit status.
func execute(ctx context.Context, args []string, env lookupEnv, stdout, stderr io.Writer) int {
	root := newRootCommand(env)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errBad):
		return exitBad
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "sparky: %v\nTry sparky --help.\n", err)
		return exitUsage
	default:
		fmt.Fprintf(stderr, "sparky: %v\n", err)
		return exitBad
	}
}

func newRootCommand(env lookupEnv) *cobra.Command {
	root := &cobra.Command{
		Use:   "sparky",
		Short: "Sparky guards the third parties that your product depends on, and tells your team in Slack",
		Long: "Sparky guards the third parties that your product depends on, and tells your team in Slack. When a probe fails it\n" +
			"opens a ticket and says whose trouble it is; what partners announce it tells in time.\n\n" +
			"To begin: sparky init, then sparky validate, sparky doctor and sparky run. Without a configuration file, sparky run starts a\n" +
			"demo world on this machine.\n\n" +
			"The exit status is 0 when all is well, 1 when what was asked about is bad or could not be read, 2 for a mistake in\n" +
			"the call.",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				mend := ""
				if near := setting.Nearest(args[0], commandNames(cmd)); near != "" {
					mend = "; did you mean " + near + "?"
				}
				return usageError{fmt.Errorf("there is no command %q%s", args[0], mend)}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usageError{err} })
	root.PersistentFlags().String("config", defaultConfigPath(env), "the configuration file; $SPARKY_CONFIG names another default")
	root.AddCommand(newRunCommand(env), newValidateCommand(env, vendorCatalogue()), newStatusCommand(env), newProbeCommand(env), newCompatCommand(env), newCertifyCommand(env),
		newChangelogCommand(env), newUpcomingCommand(env), newOnboardCommand(env), newDoctorCommand(env), newHealthCommand(env), newBackupCommand(env), newRestoreCommand(env), newInitCommand(), newManifestCommand(), newVersionCommand(), newWorkerCommand())
	return root
}

func commandNames(cmd *cobra.Command) []string {
	var names []string
	for _, c := range cmd.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	return names
}

// noArguments refuses arguments as a wrong usage.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s takes no arguments, and was given %q", cmd.CommandPath(), args)}
	}
	return nil
}
