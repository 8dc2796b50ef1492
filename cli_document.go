package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sparky/changes"
	"sparky/commands"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/feed"
)

// readFile prints the entries of one saved document.
func readFile(cmd *cobra.Command, file, since string, args []string) error {
	if len(args) > 1 {
		return usageError{fmt.Errorf("changelog takes one partner, and was given %q", args)}
	}
	if ending := strings.ToLower(filepath.Ext(file)); ending == ".yaml" || ending == ".yml" {
		// Its comments would pass for the headings of a document in Markdown.
		return fmt.Errorf("reading %s: this is no changelog: it is YAML; give a feed, a page, GitHub's releases or Markdown", file)
	}
	document, err := readDocument(cmd.InOrStdin(), file)
	if err != nil {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	source := partners.Source{URL: file}
	reading, err := feed.Items(document, "", source)
	if err != nil {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	partner := strings.Join(args, "")
	now := time.Now()
	query := changes.Query{}
	if d, err := setting.ParseDuration(since); err == nil {
		query.Since = now.Add(-d.Std())
	}
	entries := make([]changes.Entry, 0, len(reading.Changes))
	for _, change := range reading.Changes {
		change.Partner, change.Source = partner, file
		entry := changes.Classify(change, now)
		entry.FirstSeen = now
		if !entry.When().Before(query.Since) {
			entries = append(entries, entry)
		}
	}
	reply := commands.EntriesReply(fmt.Sprintf("%s (%s)", file, reading.Format), entries, func(id string) string { return id }, now, false)
	if reading.Repaired != "" {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: mended to read it: %s\n", file, printable(reading.Repaired))
	}
	if reading.Skipped > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: %d entries could not be read and were skipped\n", file, reading.Skipped)
	}
	return printAnswer(cmd, reply)
}

// maxDocument bounds a document that is read from a file or from standard input, as it is for one from the network.
const maxDocument = 20 << 20

func readDocument(stdin io.Reader, file string) ([]byte, error) {
	if file != "-" {
		return readBounded(file, maxDocument)
	}
	document, err := io.ReadAll(io.LimitReader(stdin, maxDocument+1))
	if err != nil {
		return nil, fmt.Errorf("reading standard input: %w", err)
	}
	if len(document) > maxDocument {
		return nil, fmt.Errorf("standard input is longer than %d MiB", maxDocument>>20)
	}
	return document, nil
}
