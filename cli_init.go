package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"sparky/bot"
)

// starter is the configuration that `sparky init` writes. Lines that begin with a # and no space after it are settings
// that are switched off.
//
//go:embed starter.yaml
var starter []byte

// newInitCommand is `sparky init`: a configuration to begin with, and the manifest of the Slack app beside it.
func newInitCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Write a commented starter sparky.yaml, and slack-manifest.yaml next to it",
		Long: "Write a commented starter sparky.yaml, and slack-manifest.yaml next to it, and say what comes next. A third file,\n" +
			"sparky.schema.json, is for editors, which complete and check the configuration by it. A file that is there already is\n" +
			"left as it is. --config names another place.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := cmd.Flags().GetString("config")
			if err != nil {
				return err
			}
			manifest := filepath.Join(filepath.Dir(path), "slack-manifest.yaml")
			text, err := schema()
			if err != nil {
				return err
			}
			described := newFile{filepath.Join(filepath.Dir(path), schemaFile), text}
			if err := writeNew(newFile{path, starter}, newFile{manifest, []byte(bot.Manifest())}, described); err != nil {
				return err
			}
			p := printer{out: cmd.OutOrStdout()}
			p.line("Wrote %s and %s, and %s for editors.", path, manifest, described.path)
			p.line("")
			p.line("Next:")
			p.line("  1. On https://api.slack.com/apps choose Create New App, From a manifest, and paste %s.", manifest)
			p.line("  2. Install the app, and put its bot token (xoxb-…) into SLACK_BOT_TOKEN.")
			p.line("  3. Under Basic Information create an app-level token with connections:write, for SLACK_APP_TOKEN.")
			p.line("  4. Make the two channels that %s names, and type /invite @Sparky in both.", path)
			with := ""
			if path != defaultConfig {
				with = " --config " + path
			}
			p.line("  5. sparky validate%s, then sparky doctor%s, which tries all of it live, then sparky run%s", with, with, with)
			return p.err
		},
	}
}

type newFile struct {
	path    string
	content []byte
}

// writeNew writes all of the files or none, and never over one that is there.
func writeNew(files ...newFile) error {
	for _, f := range files {
		if _, err := os.Lstat(f.path); !errors.Is(err, fs.ErrNotExist) {
			return refuse(f.path, err)
		}
	}
	for i, f := range files {
		if err := create(f); err != nil {
			for _, written := range files[:i] {
				err = errors.Join(err, os.Remove(written.path))
			}
			return err
		}
	}
	return nil
}

// refuse says why a file is not written: it is there (no error), or nobody can tell.
func refuse(path string, err error) error {
	if err == nil {
		return fmt.Errorf("%s is there already and is left as it is; move it away, or name another with --config", path)
	}
	return fmt.Errorf("looking whether %s is there: %w", path, err)
}

func create(f newFile) error {
	// O_EXCL keeps the promise even if the file came into being since we looked.
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("writing %s: %w", f.path, err)
	}
	_, err = file.Write(f.content)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", f.path, errors.Join(err, os.Remove(f.path)))
	}
	return nil
}
