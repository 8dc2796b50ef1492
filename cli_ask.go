package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sparky/commands"
	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// newStatusCommand is `sparky status`: how partners are doing now.
func newStatusCommand(env lookupEnv) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status [PARTNER]",
		Short: "Say how partners are doing now, by their own status pages and by our probes",
		Long: "Read the partners' status pages, run the probes that only read, and say how partners are doing now. A probe that\n" +
			"writes at the partner, such as servicenow.incident or msteams.card, is left out and named: sparky probe runs it.\n" +
			"Of one partner, its changelogs and what is coming are told too.\n\n" +
			"Ends with status 0 where all is well, 1 where a partner has trouble or cannot be told to be well.",
		Example: "  sparky status\n  sparky status servicenow --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			return ask(cmd, env, append([]string{"status"}, args...))
		},
	}
	cmd.Flags().Bool("json", false, "print facts as JSON, one object a line")
	cmd.Flags().Bool("no-probes", false, "read the status pages alone")
	return cmd
}

// newUpcomingCommand is `sparky upcoming`: what is announced and still to come.
func newUpcomingCommand(env lookupEnv) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "upcoming [PARTNER]",
		Short: "Read the partners' changelogs now and print what is still to come, by date",
		Long: "Read the partners' changelogs now and print announced breaking changes, retirements and betas whose day is still to\n" +
			"come, the nearest first. Ends with status 1 where a changelog could not be read.",
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
		Long: "Read the partners' changelogs now and print what they announce, classified, the newest first. Ends with status 1 where a\n" +
			"changelog could not be read. --file reads one saved feed document instead, and needs no configuration.",
		Example: "  sparky changelog okta --since 30d\n  sparky changelog --file feed.xml --json\n  curl https://a.example/feed | sparky changelog --file -",
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
	config, err := configOf(cmd, env)
	if err != nil {
		return err
	}
	config = config.named()
	progress := newProgress(cmd.ErrOrStderr())
	redactor := redacts(cmd, config)
	client := httpcall.New(publicOnly(redactor))
	facts := newLive(newOutside(newLines(publicOnly(redactor), partners.Partner.Patience, nil).to, config, time.Now), config.Partners, time.Now, progress.show)
	probes := newProbes(newLines(publicOnly(redactor), partners.Partner.ProbePatience, nil).to, redactor, time.Now)
	probes.insight = newInsight(config.NewRelic, client, time.Now)
	probing := trial{probes, config.Partners, time.Now, progress.show}
	if workers := newWorkers(config, client, nil, time.Now, nil); workers != nil {
		defer workers.Close()
		probing.probes.apart = workers
	}
	book := terminalBook(cmd, config.Partners, words, facts, probing)
	reply := book.Run(cmd.Context(), commands.Request{Text: strings.Join(words, " "), Person: commands.Person{Local: true},
		Progress: func(r commands.Reply) { progress.show(r.Text) }})
	progress.done()
	if err := stopped(cmd.Context()); err != nil {
		return err
	}
	if wantsJSON(cmd) {
		for _, failed := range facts.problems() {
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s: %s\n", failed.Partner, printable(failed.Source), printable(failed.Problem))
		}
	}
	return printAnswer(cmd, reply)
}

// terminalBook is everything that can be asked in a terminal. Where status is asked of one partner, nobody else is looked
// at.
func terminalBook(cmd *cobra.Command, known []partners.Partner, words []string, facts *live, probing trial) *commands.Book {
	directory := commands.NewDirectory(known)
	if p, rest, refusal := directory.Take(words[1:]); refusal == nil && len(rest) == 0 {
		facts.partners, probing.partners = []partners.Partner{p}, []partners.Partner{p}
	}
	sources := commands.StatusSources{Pages: facts, Probes: probing}
	if without, err := cmd.Flags().GetBool("no-probes"); err == nil && without {
		sources.Probes = nil
	}
	return commands.NewBook(directory, nil, commands.Status(directory, sources, time.Now), commands.Changelog(directory, facts, time.Now),
		commands.Upcoming(directory, facts, time.Now), commands.Probe(directory, probing))
}

// wantsJSON tells whether the answer is for a program.
func wantsJSON(cmd *cobra.Command) bool {
	is, err := cmd.Flags().GetBool("json")
	return err == nil && is
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

// printAnswer prints a reply in the form that was asked for. A reply that failed ends with the status for bad news, one
// that refused the call with that for wrong usage.
func printAnswer(cmd *cobra.Command, reply commands.Reply) error {
	asJSON := wantsJSON(cmd)
	if reply.Refused {
		return usageError{errors.New(printable(typed(reply.Text)))}
	}
	if asJSON && reply.Facts == nil {
		return errors.New(printable(typed(reply.Text)))
	}
	if err := printTo(cmd.OutOrStdout(), paletteOf(cmd), reply, asJSON); err != nil {
		return err
	}
	if reply.Failed {
		return errBad
	}
	return nil
}

func printTo(w io.Writer, colours palette, reply commands.Reply, asJSON bool) error {
	if asJSON {
		return printFacts(w, reply.Facts)
	}
	switch facts := reply.Facts.(type) {
	case []commands.ProbeRecord:
		return printProbes(w, colours, reply.Title, facts)
	case []commands.IncidentRecord:
		if len(facts) > 0 {
			return printIncidents(w, colours, reply, facts, time.Now())
		}
	case []incidents.Act:
		if len(facts) > 0 {
			return printActs(w, reply, facts)
		}
	}
	return printReply(w, colours, reply)
}
