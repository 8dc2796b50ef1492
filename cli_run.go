package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"

	"github.com/spf13/cobra"

	"sparky/internal/setting"
	"sparky/partners/catalog"
)

// newRunCommand is `sparky run`: the bot, or with no configuration the bot in its demo world.
func newRunCommand(env lookupEnv) *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Run Sparky; without a configuration file, in a demo world on this machine",
		Long: "Run Sparky until it is told to stop: with the configuration file against the services that it names, and without one\n" +
			"in a demo world on this machine, whose page it prints. A file that --config or $SPARKY_CONFIG names must be there.\n\n" +
			"What is under way when it is stopped is finished or taken up again at the next start; nothing is done twice.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, demo, err := whichWorld(cmd, env)
			if err != nil {
				return err
			}
			if demo {
				return runDemo(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
			}
			config, err := readConfig(cmd, path, env)
			if err != nil {
				return err
			}
			return runConfig(cmd.Context(), config, newLog(cmd.ErrOrStderr(), config), cmd.OutOrStdout())
		},
	}
}

// whichWorld is the configuration to run with, or the demo where there is none and none was asked for.
func whichWorld(cmd *cobra.Command, env lookupEnv) (path string, demo bool, err error) {
	path, err = cmd.Flags().GetString("config")
	if err != nil {
		return "", false, err
	}
	// A variable that is set to nothing names no file; deployment tools set such ones.
	fromEnv, _ := env("SPARKY_CONFIG")
	if cmd.Flags().Changed("config") || fromEnv != "" {
		return path, false, nil
	}
	_, err = os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return "", true, nil
	}
	return path, false, nil
}

// configOf loads the configuration that the command names.
func configOf(cmd *cobra.Command, env lookupEnv) (Config, error) {
	path, err := cmd.Flags().GetString("config")
	if err != nil {
		return Config{}, err
	}
	return readConfig(cmd, path, env)
}

// redacts has what the command prints from now on shown without the secrets of the configuration.
func redacts(cmd *cobra.Command, config Config) setting.Redactor {
	redactor := setting.NewRedactor(config.Secrets()...)
	cmd.SetOut(redacting{cmd.OutOrStdout(), redactor})
	cmd.SetErr(redacting{cmd.ErrOrStderr(), redactor})
	return redactor
}

// readConfig loads the configuration, or prints everything that is wrong with it.
func readConfig(cmd *cobra.Command, path string, env lookupEnv) (Config, error) {
	config, problems := loadConfig(path, env, vendorCatalogue())
	return config, tellProblems(cmd, problems)
}

// tellProblems prints what is wrong with a configuration. It returns errBad where anything is.
func tellProblems(cmd *cobra.Command, problems []Problem) error {
	for _, p := range problems {
		fmt.Fprintln(cmd.ErrOrStderr(), p)
	}
	if len(problems) > 0 {
		return errBad
	}
	return nil
}

// vendorCatalogue is the built-in catalogue, as the configuration asks for it.
func vendorCatalogue() catalogue {
	return catalogue{ids: catalog.IDs(), apply: catalog.Apply}
}

// newLog writes to w what happens, with the secrets of the configuration taken out.
func newLog(w io.Writer, config Config) *slog.Logger {
	redactor := setting.NewRedactor(config.Secrets()...)
	return slog.New(setting.NewLogHandler(slog.NewTextHandler(w, nil), redactor))
}

func runConfig(ctx context.Context, config Config, log *slog.Logger, out io.Writer) (err error) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbageLeast) // while it starts, which makes much garbage
	}
	s, err := newSparky(ctx, config, log)
	if err != nil {
		return explainTaken(ctx, config, err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	debug.FreeOSMemory() // reading the configuration took most of what is ever taken at once
	ctx, stop := context.WithCancel(ctx)
	var slim sync.WaitGroup
	slim.Go(func() { stayingSlim(ctx) })
	defer slim.Wait()
	defer stop()
	fmt.Fprintf(out, "Sparky watches %s. How it is doing: http://%s/readyz\n", count(len(config.Partners), "partner"), s.listener.Addr())
	return s.Run(ctx)
}
