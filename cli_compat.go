package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sparky/commands"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/all"
	"sparky/partners/compat"
)

// newCompatCommand is `sparky compat`: whether the integration works with a version of the partner's API.
func newCompatCommand(env lookupEnv) *cobra.Command {
	var o compatOptions
	cmd := &cobra.Command{
		Use:   "compat PARTNER --api-version VERSION",
		Short: "Try a version of a partner's API against what our integration relies on",
		Long: "Try a version of a partner's API against what our integration relies on: that its calls succeed, that the fields and\n" +
			"headers that are read are there with their types, that errors have the documented form, that lists come in pages,\n" +
			"that a call without a credential is refused, and that answers come in time. What is created is closed again.\n\n" +
			"Where calls can name the version they do; a release that they cannot name needs --base-url of a sandbox that runs it.\n" +
			"The credentials are those of the partner's probes. They are sent to the base URL, so give it those of the sandbox.\n\n" +
			"Ends with status 0 where the integration works with the version, 1 where something differs, 2 for a mistake in the\n" +
			"call, such as a partner whose probes have no contract.",
		Example: "  sparky compat servicenow --api-version v3\n  sparky compat microsoft --api-version beta --suite graph --json\n" +
			"  sparky compat okta --api-version 2026.12.0 --base-url https://acme.oktapreview.com --junit report.xml",
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return usageError{errors.New("compat needs a partner: sparky compat PARTNER --api-version VERSION")}
			case o.version == "":
				return usageError{errors.New("compat needs the version to try: --api-version v3")}
			}
			return runCompat(cmd, env, strings.Join(args, " "), o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.version, "api-version", "", "the version to try, as the partner writes it")
	flags.StringVar(&o.baseURL, "base-url", "", "scheme and host of a sandbox, in the place of the configured address")
	flags.StringVar(&o.suite, "suite", "", "only this module, kind or probe of the partner, such as graph")
	flags.StringVar(&o.junit, "junit", "", "write a JUnit report to this file, too")
	flags.Bool("json", false, "print the report as JSON; times are in seconds")
	return cmd
}

type compatOptions struct{ version, baseURL, suite, junit string }

// compatSuite is every contract there is, with each probe's own credential.
func compatSuite(now func() time.Time, redactor setting.Redactor) compat.Suite {
	return compat.Suite{Contracts: all.Contracts(), Sign: authOf, Now: now, Secrets: redactor}
}

func runCompat(cmd *cobra.Command, env lookupEnv, name string, o compatOptions) error {
	config, err := configOf(cmd, env)
	if err != nil {
		return err
	}
	config = config.named()
	redactor := setting.NewRedactor(config.Secrets()...)
	cmd.SetOut(redacting{cmd.OutOrStdout(), redactor})
	cmd.SetErr(redacting{cmd.ErrOrStderr(), redactor})
	partner, err := compatPartner(config, name, o.suite)
	if err != nil {
		return err
	}
	progress := newProgress(cmd.ErrOrStderr())
	suite := compatSuite(time.Now, redactor)
	suite.Progress = progress.show
	client := httpcall.New(httpcall.Options{Redactor: redactor, PublicOnly: true})
	report, err := suite.Run(cmd.Context(), partner, o.version, o.baseURL, client)
	progress.done()
	switch {
	case cmd.Context().Err() != nil:
		return errors.New("stopped before all was tried")
	case err != nil:
		return usageError{err}
	}
	return printReport(cmd, partner.Name, report, o.junit)
}

// printReport tells the report in every form that was asked for. One that cannot be written does not cost the others.
func printReport(cmd *cobra.Command, name string, report compat.Report, junit string) error {
	show := func() error { return printCompat(cmd.OutOrStdout(), paletteOf(cmd), name, report) }
	if wantsJSON(cmd) {
		show = func() error { return printFacts(cmd.OutOrStdout(), newCompatRecord(report)) }
	}
	if err := errors.Join(show(), writeJUnit(junit, report)); err != nil {
		return err
	}
	if !report.Passed() {
		return errBad
	}
	return nil
}

// compatPartner finds the partner, with the probes that the suite is about.
func compatPartner(config Config, name, suite string) (partners.Partner, error) {
	partner, rest, refusal := commands.NewDirectory(config.Partners).Take(strings.Fields(name))
	switch {
	case refusal != nil:
		return partner, usageError{errors.New(printable(typed(refusal.Text)))}
	case len(rest) > 0:
		return partner, usageError{fmt.Errorf("compat takes one partner, and was given %q after %s", strings.Join(rest, " "), partner.ID)}
	}
	partner, err := compat.Choose(partner, suite)
	if err != nil {
		return partner, usageError{err}
	}
	return partner, nil
}

// writeJUnit writes the report to a file; nowhere where path is empty.
func writeJUnit(path string, report compat.Report) error {
	if path == "" {
		return nil
	}
	var document bytes.Buffer
	if err := report.JUnit(&document); err != nil {
		return err
	}
	if err := os.WriteFile(path, document.Bytes(), 0o644); err != nil {
		return fmt.Errorf("--junit: the report could not be written: %w", err)
	}
	return nil
}
