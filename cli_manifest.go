package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	yaml "go.yaml.in/yaml/v4"

	"sparky/bot"
)

// newManifestCommand is `sparky manifest`: the Slack app that the code needs. Slack takes either form.
func newManifestCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "manifest",
		Short: "Print the Slack app manifest that Sparky needs: scopes, slash command, events",
		Long: "Print the Slack app manifest that Sparky needs, with the reason for each scope. For a new app, choose Create New App,\n" +
			"From a manifest, on https://api.slack.com/apps. For an app from an older Sparky, put it in the place of the one under\n" +
			"App Manifest, and install the app again: a newer Sparky may need scopes that the old one did not.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p := printer{out: cmd.OutOrStdout()}
			if !asJSON {
				_, p.err = fmt.Fprint(p.out, bot.Manifest())
				return p.err
			}
			var manifest any
			if err := yaml.Load([]byte(bot.Manifest()), &manifest); err != nil {
				return fmt.Errorf("reading the built-in manifest: %w", err)
			}
			encoded, err := json.MarshalIndent(manifest, "", "  ")
			if err != nil {
				return fmt.Errorf("writing the manifest as JSON: %w", err)
			}
			p.line("%s", encoded)
			return p.err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON, without the reasons")
	return cmd
}

// build says which Sparky this is.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified,omitempty"` // built from a tree with uncommitted changes
	Built    string `json:"committed,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// buildOf reads what the Go tool recorded in the binary. A binary built outside of a repository says "unknown".
func buildOf(info *debug.BuildInfo) build {
	b := build{Version: "unknown", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info == nil {
		return b
	}
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		case "vcs.time":
			b.Built = s.Value
		}
	}
	return b
}

// String is the build in one line.
func (b build) String() string {
	text := "sparky " + b.Version
	if len(b.Revision) >= 12 && !strings.Contains(b.Version, b.Revision[:12]) {
		text += " " + b.Revision[:12]
	}
	if b.Modified && !strings.HasSuffix(b.Version, "+dirty") {
		text += " with local changes"
	}
	return text + " (" + b.Go + ", " + b.Platform + ")"
}

// newVersionCommand is `sparky version`.
func newVersionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print which Sparky this is",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			info, _ := debug.ReadBuildInfo()
			b := buildOf(info)
			p := printer{out: cmd.OutOrStdout()}
			if !asJSON {
				p.line("%s", b)
				return p.err
			}
			encoded, err := json.Marshal(b)
			if err != nil {
				return fmt.Errorf("writing the version as JSON: %w", err)
			}
			p.line("%s", encoded)
			return p.err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}
