package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"sparky/changes"
	"sparky/commands"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/feed"
)

// newStatusCommand is `sparky status`: how partners are doing now.
func newStatusCommand(env lookupEnv) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status [PARTNER]",
		Short: "Read the partners' status pages now and say how they are doing",
		RunE: func(cmd *cobra.Command, args []string) error {
			return ask(cmd, env, append([]string{"status"}, args...))
		},
	}
	cmd.Flags().Bool("json", false, "print facts as JSON, one object a line")
	return cmd
}

// newUpcomingCommand is `sparky upcoming`: what is announced and still to come.
func newUpcomingCommand(env lookupEnv) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "upcoming [PARTNER]",
		Short: "Read the partners' changelogs now and print what is still to come, by date",
		RunE: func(cmd *cobra.Command, args []string) error {
			return ask(cmd, env, append([]string{"upcoming"}, args...))
		},
	}
	cmd.Flags().Bool("json", false, "print entries as JSON, one object a line")
	return cmd
}

// newChangelogCommand is `sparky changelog`: what partners announced lately, or what one saved document says.
func newChangelogCommand(env lookupEnv) *cobra.Command {
	var since, file string
	cmd := &cobra.Command{
		Use:   "changelog [PARTNER]",
		Short: "Read the partners' changelogs now and print what they announce, classified",
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := setting.ParseDuration(since); since != "" && err != nil {
				return usageError{fmt.Errorf("--since: %w", err)}
			}
			if file != "" {
				return readFile(cmd, file, since, args)
			}
			if since != "" {
				args = append(args, since)
			}
			return ask(cmd, env, append([]string{"changelog"}, args...))
		},
	}
	cmd.Flags().StringVar(&since, "since", "", "how far back, like 7d or 36h (7d; with --file, everything)")
	cmd.Flags().StringVar(&file, "file", "", "read one saved document instead, - for standard input")
	cmd.Flags().Bool("json", false, "print entries as JSON, one object a line")
	return cmd
}

// ask answers a command by looking now, and prints the answer.
func ask(cmd *cobra.Command, env lookupEnv, words []string) error {
	path, err := cmd.Flags().GetString("config")
	if err != nil {
		return err
	}
	config, err := readConfig(cmd, path, env)
	if err != nil {
		return err
	}
	config = config.named()
	redactor := setting.NewRedactor(config.Secrets()...)
	client := httpcall.New(httpcall.Options{Redactor: redactor, PublicOnly: true})
	progress := newProgress(cmd.ErrOrStderr())
	cmd.SetOut(redacting{cmd.OutOrStdout(), redactor})
	cmd.SetErr(redacting{cmd.ErrOrStderr(), redactor})
	facts := newLive(newOutside(client, config, time.Now), config.Partners, time.Now, progress.show)
	directory := commands.NewDirectory(config.Partners)
	book := commands.NewBook(directory, nil, commands.Status(directory, commands.StatusSources{Pages: facts}, time.Now), commands.Changelog(directory, facts, time.Now),
		commands.Upcoming(directory, facts, time.Now))
	reply := book.Run(cmd.Context(), commands.Request{Text: strings.Join(words, " "), Person: commands.Person{Local: true}})
	if err := cmd.Context().Err(); err != nil {
		return errors.New("stopped before it was answered")
	}
	if asJSON, err := cmd.Flags().GetBool("json"); err == nil && asJSON {
		for _, failed := range facts.problems() {
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s: %s\n", failed.Partner, printable(failed.Source), printable(failed.Problem))
		}
	}
	return printAnswer(cmd, reply)
}

// redacting takes secrets out of what is printed: addresses in the configuration may hold them. Each answer, and each
// line of facts, is written at once, so that none is cut in two.
type redacting struct {
	io.Writer
	redactor setting.Redactor
}

// Write writes the text without its secrets.
func (w redacting) Write(text []byte) (int, error) {
	if _, err := io.WriteString(w.Writer, w.redactor.Redact(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}

// printAnswer prints a reply in the form that was asked for. A reply that failed ends with the status for bad news.
func printAnswer(cmd *cobra.Command, reply commands.Reply) error {
	asJSON, err := cmd.Flags().GetBool("json")
	if err != nil {
		return err
	}
	switch {
	case reply.Refused:
		return errors.New(printable(reply.Text))
	case asJSON && reply.Facts != nil:
		err = printFacts(cmd.OutOrStdout(), reply.Facts)
	case asJSON:
		return errors.New(printable(reply.Text))
	default:
		err = printReply(cmd.OutOrStdout(), reply)
	}
	if err == nil && reply.Failed {
		return errBad
	}
	return err
}

// readFile prints the entries of one saved document.
func readFile(cmd *cobra.Command, file, since string, args []string) error {
	if len(args) > 1 {
		return usageError{fmt.Errorf("changelog takes one partner, and was given %q", args)}
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
	reply := commands.EntriesReply(fmt.Sprintf("%s (%s)", file, reading.Format), entries, func(id string) string { return id }, now, false, len(entries))
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

// progress shows on a terminal how far something is, once it takes longer than a second. Elsewhere it is silent.
type progress struct {
	out   io.Writer
	start time.Time
	shown bool
}

func newProgress(w io.Writer) *progress {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return &progress{}
	}
	return &progress{out: w, start: time.Now()}
}

func (p *progress) show(text string) {
	switch {
	case p.out == nil:
	case text == "" && p.shown:
		fmt.Fprint(p.out, "\r\x1b[K")
		p.shown = false
	case text != "" && time.Since(p.start) > time.Second:
		fmt.Fprintf(p.out, "\r\x1b[K%s", text)
		p.shown = true
	}
}
