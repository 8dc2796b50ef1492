package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sparky/commands"
	"sparky/incidents"
	"sparky/store"
)

// terminalActor is how somebody at a terminal is remembered, before the name of their account on the machine.
const terminalActor = "terminal:"

// operator is who sits at the terminal. Whoever can read the configuration and the store is the operator of this Sparky, so no
// role is asked for; what they do is kept under the name of their account.
func operator() commands.Person {
	name := fmt.Sprintf("uid %d", os.Getuid())
	if account, err := user.Current(); err == nil && account.Username != "" {
		name = account.Username
	}
	return commands.Person{Name: terminalActor + strings.Join(strings.Fields(printable(name)), " "), Local: true}
}

// storeCommand is a command that asks what Sparky remembers, or changes it.
type storeCommand struct {
	describe func(d *commands.Directory) commands.Command // what Slack's help says of it; nothing of it is run
	long     string
	acts     bool // it changes something
	byConfig bool // the configuration alone answers it
	complete completer
	dated    bool // takes --before
}

// storeCommands are the commands of Slack that are answered from the store, in the order of help.
func storeCommands() []storeCommand {
	const acts = "It is kept in the store under the name of your account (terminal:NAME), as sparky audit shows, and the Sparky that runs\n" +
		"carries out within a second what follows from it. Where none runs, that waits for the next start, and you are told so."
	const asks = "It is read from the store, beside a Sparky that runs."
	now, desk := commands.Clock(time.Now), (*incidents.Desk)(nil)
	return []storeCommand{
		{describe: func(d *commands.Directory) commands.Command { return commands.Incidents(nil, d, now) },
			long: "Say what is broken now, whose it is, and who has it. " + asks + "\n\nEnds with status 0 where nothing is open, 1 where something is."},
		{describe: func(*commands.Directory) commands.Command { return commands.Oncall(nil) }, byConfig: true,
			long: "Say who would be called, as the configuration has it."},
		{describe: func(*commands.Directory) commands.Command { return commands.Ack(desk, nil, now) }, acts: true, complete: completeIncident,
			long: "Take an incident in hand: its Jira issue and the call to on-call follow.\n" + acts},
		{describe: func(*commands.Directory) commands.Command { return commands.Resolve(desk, nil, now) }, acts: true, complete: completeIncident,
			long: "Close an incident and everything that hangs on it, with what it was for whoever meets it next.\n" + acts},
		{describe: func(d *commands.Directory) commands.Command { return commands.Mute(d, desk, nil, now) }, acts: true, complete: completeMute,
			long: "Keep the failures of a partner, or of one probe, quiet for a while: no ticket, message or call. What still fails at the\nend opens its incident.\n" + acts},
		{describe: func(d *commands.Directory) commands.Command { return commands.Unmute(d, desk, nil, now) }, acts: true, complete: completeMuted,
			long: "End a mute before its time.\n" + acts},
		{describe: func(*commands.Directory) commands.Command { return commands.Theirs(desk, nil, now) }, acts: true, complete: completeIncident,
			long: "Overrule the verdict: the trouble is the partner's, and what follows from that follows.\n" + acts},
		{describe: func(*commands.Directory) commands.Command { return commands.Ours(desk, nil, now) }, acts: true, complete: completeIncident,
			long: "Overrule the verdict: the trouble is ours, and what follows from that follows.\n" + acts},
		{describe: func(*commands.Directory) commands.Command { return commands.Publish(desk, nil, now, nil) }, acts: true, complete: completeIncident,
			long: "Publish to our public page what waits there for a person, where publish: approve is configured.\n" + acts},
		{describe: func(*commands.Directory) commands.Command { return commands.Decline(desk, nil, now) }, acts: true, complete: completeIncident,
			long: "Do not publish what waits for a person.\n" + acts},
		{describe: func(d *commands.Directory) commands.Command { return commands.Audit(d, nil) }, complete: completePartner, dated: true,
			long: "Say who did what, when and why: by command, by button or in Jira, Sparky itself, and who was refused. The newest come\nfirst; --before 2026-11-20 shows what was done before that day. " + asks},
	}
}

// newStoreCommands are those commands of the terminal.
func newStoreCommands(env lookupEnv) []*cobra.Command {
	var all []*cobra.Command
	for _, r := range storeCommands() {
		all = append(all, r.command(env))
	}
	return all
}

// inCapitals are the arguments of a command as a terminal's help writes them.
func inCapitals(args string) string {
	args, _, _ = strings.Cut(args, " [--before")
	words := strings.Fields(strings.NewReplacer("<", "", ">", "").Replace(args))
	for i, word := range words {
		if word != "2h" { // a length of time, which is an example
			words[i] = strings.ToUpper(word)
		}
	}
	return strings.Join(words, " ")
}

func (r storeCommand) command(env lookupEnv) *cobra.Command {
	told := r.describe(commands.NewDirectory(nil))
	examples := make([]string, len(told.Examples))
	for i, example := range told.Examples {
		examples[i] = "  sparky " + example
	}
	cmd := &cobra.Command{
		Use:     strings.TrimSpace(told.Name + " " + inCapitals(told.Args)),
		Short:   strings.ToUpper(told.Short[:1]) + told.Short[1:],
		Long:    r.long,
		Example: strings.Join(examples, "\n"),
	}
	cmd.Flags().Bool("json", false, "print facts as JSON, one object a line")
	var before string
	if r.dated {
		cmd.Flags().StringVar(&before, "before", "", "show what was done before this day, like 2026-11-20")
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		words := append([]string{told.Name}, args...)
		if before != "" {
			words = append(words, "--before", before)
		}
		return r.answer(cmd, env, words)
	}
	cmd.ValidArgsFunction = r.complete.of(env)
	return cmd
}

// answer asks the store, and says where what was decided has to wait.
func (r storeCommand) answer(cmd *cobra.Command, env lookupEnv, words []string) error {
	config, err := configSparing(cmd, env, besideTheStore)
	if err != nil {
		return err
	}
	config = config.named()
	redactor := redacts(cmd, config)
	request := commands.Request{Text: strings.Join(words, " "), Person: operator()}
	if r.byConfig {
		book := commands.NewBook(commands.NewDirectory(config.Partners), nil, commands.Oncall(config.oncallFacts()))
		return printAnswer(cmd, book.Run(cmd.Context(), request))
	}
	memory, running, err := store.Visit(cmd.Context(), config.Store.URL, r.acts, store.Options{Morning: config.Slack.Digest.Rule()})
	if err != nil {
		// With a store, what could be meant would be offered.
		return cmp.Or(r.lacking(cmd, words[1:]), err)
	}
	reply := deskBook(config, memory, redactor.Redact, time.Now).Run(cmd.Context(), request)
	if err := memory.Close(); err != nil {
		return err
	}
	err = printAnswer(cmd, reply)
	if done := reply.Public && !reply.Refused; r.acts && done && !running {
		fmt.Fprintln(cmd.ErrOrStderr(), "No Sparky runs with this store now. It is written down, and what follows from it is done when one starts.")
	}
	return err
}

// lacking is a usageError where a call has fewer words than the command cannot do without; nil elsewhere.
func (r storeCommand) lacking(cmd *cobra.Command, args []string) error {
	told := r.describe(commands.NewDirectory(nil))
	if len(args) >= strings.Count(told.Args, "<") {
		return nil
	}
	return usageError{fmt.Errorf("%s lacks something; it is written sparky %s", cmd.CommandPath(), cmd.Use)}
}

// stopped says that a person ended a command, where that is so.
func stopped(ctx context.Context) error {
	if ctx.Err() != nil {
		return errors.New("stopped before it was answered")
	}
	return nil
}
