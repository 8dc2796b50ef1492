package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sparky/commands"
	"sparky/partners"
	"sparky/store"
)

// completer offers what can follow the arguments that are typed. It is asked at each press of a key: it reaches for nothing but
// the configuration and the store, and offers nothing where either cannot be read.
type completer func(ctx context.Context, config Config, args []string) []cobra.Completion

// completionTime bounds how long a person may wait for what could follow.
const completionTime = 2 * time.Second

// of is the completer as cobra asks it. nil offers nothing.
func (c completer) of(env lookupEnv) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if c == nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		path, err := cmd.Flags().GetString("config")
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		// What is wrong with it, such as a variable that is not set in this shell, is for validate to tell.
		config := loadFile(path, env, nil, vendorCatalogue()).config
		ctx, cancel := context.WithTimeout(orBackground(cmd.Context()), completionTime)
		defer cancel()
		return fitting(c(ctx, config, args), begun), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// fitting are the offers that begin as the word does, in capitals or not.
func fitting(offers []cobra.Completion, begun string) []cobra.Completion {
	return slices.DeleteFunc(offers, func(o cobra.Completion) bool { return !strings.HasPrefix(strings.ToLower(o), strings.ToLower(begun)) })
}

// orBackground is for the calls that cobra makes outside of a command.
func orBackground(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx
}

// offer is one thing that can follow, and what it is. Both are from outside.
func offer(word, about string) cobra.Completion {
	return cobra.CompletionWithDesc(printable(word), printable(about))
}

// completePartner offers the partners, where none is named yet.
func completePartner(_ context.Context, config Config, args []string) []cobra.Completion {
	if len(args) > 0 {
		return nil
	}
	var offers []cobra.Completion
	for _, p := range config.Partners {
		if p.ID != "" {
			offers = append(offers, offer(p.ID, p.Name))
		}
	}
	return offers
}

// completeProbe offers the partners, and behind one of them its probes.
func completeProbe(ctx context.Context, config Config, args []string) []cobra.Completion {
	if len(args) == 0 {
		return completePartner(ctx, config, args)
	}
	p, ok := commands.NewDirectory(config.Partners).Find(args[0])
	if !ok || len(args) > 1 {
		return nil
	}
	return probesOf(p, "")
}

func probesOf(p partners.Partner, before string) []cobra.Completion {
	var offers []cobra.Completion
	for _, c := range p.Probes {
		if c.ID != "" {
			offers = append(offers, offer(before+c.ID, c.Kind))
		}
	}
	return offers
}

// muteSpans are the lengths that people mute for.
func muteSpans() []cobra.Completion {
	return []cobra.Completion{offer("30m", "half an hour"), offer("1h", "an hour"), offer("2h", "two hours"), offer("4h", "four hours"), offer("8h", "eight hours"),
		offer("1d", "a day"), offer("7d", "a week"), offer("30d", "the longest")}
}

// completeMute offers partners and their probes, and then for how long.
func completeMute(ctx context.Context, config Config, args []string) []cobra.Completion {
	switch len(args) {
	case 0:
		offers := completePartner(ctx, config, nil)
		for _, p := range config.Partners {
			offers = append(offers, probesOf(p, p.ID+"/")...)
		}
		return offers
	case 1:
		return muteSpans()
	}
	return nil
}

// asking reads from the store for a completion.
func asking[T any](ctx context.Context, config Config, read func(*store.Store) ([]T, error)) []T {
	memory, _, err := store.Visit(ctx, config.Store.URL, false, store.Options{})
	if err != nil {
		return nil
	}
	found, err := read(memory)
	if closing := memory.Close(); err != nil || closing != nil {
		return nil
	}
	return found
}

// completeMuted offers what is muted now.
func completeMuted(ctx context.Context, config Config, args []string) []cobra.Completion {
	if len(args) > 0 {
		return nil
	}
	return asking(ctx, config, func(memory *store.Store) ([]cobra.Completion, error) {
		mutes, err := memory.Mutes(ctx)
		var offers []cobra.Completion
		for _, m := range mutes {
			target := m.Partner
			if m.Probe != "" {
				target += "/" + m.Probe
			}
			offers = append(offers, offer(target, "until "+commands.At(m.Until).Text))
		}
		return offers, err
	})
}

// completeIncident offers the incidents that are open.
func completeIncident(ctx context.Context, config Config, args []string) []cobra.Completion {
	if len(args) > 0 {
		return nil
	}
	return asking(ctx, config, func(memory *store.Store) ([]cobra.Completion, error) {
		live, err := memory.Incidents(ctx, true, time.Time{})
		var offers []cobra.Completion
		for _, i := range live {
			record := commands.NewIncidentRecord(i)
			offers = append(offers, offer(keyOf(record), whatFails(record)))
		}
		return offers, err
	})
}

// describedCommands are the commands that are listed, each with what it does.
func describedCommands(root *cobra.Command) []cobra.Completion {
	var offers []cobra.Completion
	for _, c := range root.Commands() {
		if !c.Hidden {
			offers = append(offers, offer(c.Name(), c.Short))
		}
	}
	return offers
}

// completes gives the commands that look at partners their completions, and every flag that names a file or a partner.
func completes(root *cobra.Command, env lookupEnv) {
	for name, complete := range map[string]completer{
		"status": completePartner, "changelog": completePartner, "upcoming": completePartner, "certify": completePartner,
		"compat": completePartner, "onboard": completePartner, "probe": completeProbe,
	} {
		at := slices.IndexFunc(root.Commands(), func(c *cobra.Command) bool { return c.Name() == name })
		if at >= 0 {
			root.Commands()[at].ValidArgsFunction = complete.of(env)
		}
	}
	yaml := cobra.FixedCompletions([]cobra.Completion{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt)
	if err := root.RegisterFlagCompletionFunc("config", yaml); err != nil {
		panic(err) // there is no such flag, or it is registered twice: a mistake in this program
	}
}
