package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sparky/incidents"
	"sparky/store"
)

// operating is where the documents say more.
const operating = "docs/operating.md"

// newBackupCommand is `sparky backup FILE`.
func newBackupCommand(env lookupEnv) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write all that Sparky remembers into a new file, while it runs",
		Long: "Write all that Sparky remembers, as it is at one moment, into a new file that its owner alone can read. Sparky may run\n" +
			"meanwhile and is not held up. The file is read to its end before it gets its name, and one that is there already is\n" +
			"left as it is.\n\n" +
			"This is for SQLite. PostgreSQL is backed up with pg_dump; see " + operating + ".",
		Example: "  sparky backup /backup/sparky-$(date +%F).db\n  sparky backup --store sqlite:/var/lib/sparky/sparky.db /backup/sparky.db",
		Args:    oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			url, err := storeURL(cmd, env)
			if err != nil {
				return err
			}
			if err := store.Backup(cmd.Context(), url, args[0]); err != nil {
				return elsewhere(err, serverCommand(url, "pg_dump", "--format=custom", "--file="+args[0]))
			}
			info, err := os.Stat(args[0])
			if err != nil {
				return fmt.Errorf("looking at the backup: %w", err)
			}
			p := printer{out: cmd.OutOrStdout()}
			p.line("Wrote %s: %.1f MB, whole and readable.", args[0], float64(info.Size())/1e6)
			return p.err
		},
	}
	storeFlag(cmd)
	return cmd
}

// newRestoreCommand is `sparky restore FILE`.
func newRestoreCommand(env lookupEnv) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "restore [FILE]",
		Short: "Put a backup in the place of what Sparky remembers; what is there is kept aside",
		Long: "Put a backup that sparky backup wrote in the place of what Sparky remembers, while no Sparky runs on it. What is there\n" +
			"is kept aside. A backup of an older Sparky is brought up to date; one of a newer Sparky is refused, and so is one that\n" +
			"is damaged.\n\n" +
			"What was done after the backup was made is not in it. For a day, Sparky therefore looks in Slack, Jira, Statuspage and\n" +
			"GitHub before it does anything. What this cannot find stands in " + operating + ".\n\n" +
			"With PostgreSQL run pg_restore, and then sparky restore without a file, so that Sparky looks first there too.",
		Example: "  sparky restore /backup/sparky-2026-11-23.db\n  sparky restore --store sqlite:/var/lib/sparky/sparky.db /backup/sparky.db",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return oneFile(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error { return restore(cmd, args, env) },
	}
	storeFlag(cmd)
	return cmd
}

// oneFile refuses anything but the name of one file.
func oneFile(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 1 && args[0] != "":
		return nil
	case len(args) == 0:
		return usageError{fmt.Errorf("%s takes the name of one file: %[1]s FILE", cmd.CommandPath())}
	}
	return usageError{fmt.Errorf("%s takes the name of one file, and was given %q", cmd.CommandPath(), args)}
}

func storeFlag(cmd *cobra.Command) {
	cmd.Flags().String("store", "", "which database, like store.url; without it the configuration says so")
}

// storeURL is the database that is meant: by the flag, for which no configuration and no secret is read, or by the
// configuration.
func storeURL(cmd *cobra.Command, env lookupEnv) (string, error) {
	url, err := cmd.Flags().GetString("store")
	if err != nil {
		return "", err
	}
	if url != "" {
		if err := (store.Config{URL: url}).Validate(); err != nil {
			return "", usageError{fmt.Errorf("--store: %w", err)}
		}
		return url, nil
	}
	config, err := configSparing(cmd, env, besideTheStore)
	return config.Store.URL, err
}

// serverCommand is a program of PostgreSQL's with where the database is, for a person to copy. It asks for the password by itself,
// or has it of ~/.pgpass.
func serverCommand(url string, words ...string) string {
	words = append(words, store.Config{URL: url}.ClientFlags()...)
	for i, word := range words {
		words[i] = shellWord(word)
	}
	return strings.Join(words, " ")
}

// shellWord is a text as one word of a shell.
func shellWord(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune(plainLetters, r) }) < 0 && text != "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// plainLetters mean nothing but themselves to a shell.
const plainLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=./:,@%+"

// elsewhere says what PostgreSQL has for what was asked for.
func elsewhere(err error, command string) error {
	if errors.Is(err, store.ErrNotSQLite) {
		return fmt.Errorf("the database is PostgreSQL's, which has its own way: %s (see %s)", command, operating)
	}
	return err
}

func restore(cmd *cobra.Command, args []string, env lookupEnv) error {
	url, err := storeURL(cmd, env)
	if err != nil {
		return err
	}
	p := &printer{out: cmd.OutOrStdout()}
	if len(args) == 0 {
		return restoreMark(cmd, p, url)
	}
	done, err := store.Restore(cmd.Context(), url, args[0], time.Now())
	if err != nil {
		return elsewhere(err, serverCommand(url, "pg_restore", "--clean", "--if-exists")+" "+shellWord(args[0])+", and then sparky restore without a file")
	}
	p.line("Restored %s, which knows what was up to %s.", args[0], moment(done.UpTo))
	if done.Aside != "" {
		p.line("What was there is kept as %s.", done.Aside)
	}
	tellUnknown(p, done)
	return p.err
}

// restoreMark is what is left to do when pg_restore has filled a database.
func restoreMark(cmd *cobra.Command, p *printer, url string) error {
	if target := (store.Config{URL: url}); !target.Shared() {
		return usageError{errors.New("restore needs the backup: sparky restore FILE")}
	}
	upTo, err := store.MarkRestored(cmd.Context(), url)
	if err != nil {
		return err
	}
	p.line("This database knows what was up to %s. For a day, Sparky looks first whether something was done already.", moment(upTo))
	tellUnknown(p, store.Restored{})
	return p.err
}

// tellUnknown says what of the time after the backup is for people to look after.
func tellUnknown(p *printer, done store.Restored) {
	switch {
	case len(done.Unknown) > 0:
		p.line("\nThese were open, and the backup does not know them. Sparky will not end them; what still fails opens anew:")
		for _, i := range done.Unknown {
			p.line("  %s", unknownLine(i))
		}
	case done.Unread != nil || done.Aside == "":
		p.line("\nTickets, calls and public posts that were opened since then are unknown to Sparky now. Close by hand what is open of them.")
	}
	p.line("\nStart Sparky. What it was to tell may come a minute or two later than usual, because it looks first.")
}

// unknownLine is an incident with where it stands.
func unknownLine(i incidents.Incident) string {
	line := fmt.Sprintf("%s, since %s", cmp.Or(i.Name, i.ID), moment(i.Opened))
	if i.Ticket.Key != "" {
		line += ": " + cmp.Or(i.Ticket.URL, i.Ticket.Key)
	}
	if i.Post.State == incidents.PostPublished {
		line += ", and on our public page " + i.Post.URL
	}
	if i.Page.Done == incidents.PageTriggered || i.Page.Done == incidents.PageAcknowledged {
		line += ", and on-call was called"
	}
	return printable(line)
}

// moment is a time for people who look after machines.
func moment(t time.Time) string {
	if t.IsZero() {
		return "no moment that is known"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}
