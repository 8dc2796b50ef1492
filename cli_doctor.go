package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sparky/commands"
	"sparky/internal/setting"
)

// newDoctorCommand is `sparky doctor`: a live look at all that the configuration names.
func newDoctorCommand(env lookupEnv) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look live at everything that the configuration names, and say what to mend; changes nothing",
		Long: "Look live at everything that the configuration names: tokens and their scopes, channels and user groups, the store,\n" +
			"Jira's project and names, workflows, the status page, PagerDuty, New Relic, changelogs, pages and probes that only read.\n" +
			"It prints a line for each, in the order of the configuration: ok, or what is wrong and the mend. What cannot be told\n" +
			"without changing something is untried, with how to try it. Nothing is changed anywhere.\n\n" +
			"Ends with status 0 where nothing is wrong, 1 where something is.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return diagnose(cmd, env, time.Now) },
	}
	cmd.Flags().Bool("json", false, "print findings as JSON, one object a line")
	return cmd
}

// finding is a line of `sparky doctor --json`.
type finding struct {
	What    string `json:"what"`
	State   string `json:"state"` // ok, wrong or untried
	Tried   string `json:"tried"`
	Problem string `json:"problem,omitempty"`
	Mend    string `json:"mend,omitempty"`
}

// diagnose looks, by our clock, and prints what was found. It returns errBad where something is wrong.
func diagnose(cmd *cobra.Command, env lookupEnv, now func() time.Time) error {
	config, err := configOf(cmd, env)
	if err != nil {
		return err
	}
	d := newDoctor(config, now)
	defer d.Close()
	progress := newProgress(cmd.ErrOrStderr())
	findings := d.nameless(cmd.Context(), examine(cmd.Context(), d.looks(), progress.show))
	progress.done()
	if err := cmd.Context().Err(); err != nil {
		return fmt.Errorf("stopped before everything was looked at: %w", err)
	}
	cmd.SetOut(redacting{cmd.OutOrStdout(), setting.NewRedactor(config.Secrets()...)})
	return printFindings(cmd, findings, wantsJSON(cmd))
}

// printFindings prints a line for each finding, and how many there are of each state where it is for people.
func printFindings(cmd *cobra.Command, findings []setting.Finding, asJSON bool) error {
	p := printer{out: cmd.OutOrStdout()}
	states := map[string]int{}
	for _, f := range findings {
		states[f.State()]++
		if !asJSON {
			p.line("%s", findingLine(f))
			continue
		}
		if err := printFacts(cmd.OutOrStdout(), finding{f.What, f.State(), f.Tried, f.Problem, f.Mend}); err != nil {
			return err
		}
	}
	if !asJSON {
		p.line("\n%s: %d ok, %d wrong, %d untried.", count(len(findings), "look"), states[setting.FoundWell], states[setting.FoundWrong], states[setting.FoundOpen])
	}
	if p.err == nil && states[setting.FoundWrong] > 0 {
		return errBad
	}
	return p.err
}

// findingLine is a finding on one line: its mark and state, the setting, what was tried, what is wrong, and the mend.
func findingLine(f setting.Finding) string {
	mark := map[string]commands.Mark{setting.FoundWell: commands.MarkGood, setting.FoundWrong: commands.MarkBad, setting.FoundOpen: commands.MarkUnknown}[f.State()]
	said := []string{f.What, f.Tried}
	if f.Problem != "" {
		said = append(said, f.Problem)
	}
	line := fmt.Sprintf("%s %-7s %s", symbols[mark], f.State(), strings.Join(said, ": "))
	if f.Mend != "" {
		line += "; " + f.Mend
	}
	return printable(line)
}
