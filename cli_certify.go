package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sparky/commands"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/certify"
)

// newCertifyCommand is `sparky certify`: the checklist of an integration, measured.
func newCertifyCommand(env lookupEnv) *cobra.Command {
	var markdown, junit string
	var calls int
	cmd := &cobra.Command{
		Use:   "certify PARTNER",
		Short: "Try out how a partner is integrated: security, performance, resilience",
		Long: "Try out how a partner is integrated, probe by probe. The partner is called 20 times (5 times by a probe that writes,\n" +
			"which cleans up each time), and then faults are made on this machine: slow answers, none at all, cut connections,\n" +
			"errors, wrong certificates. Every item is measured. It takes about half a minute for each probe.\n\n" +
			"Ends with status 0 where all required items passed, 1 where one failed.",
		Example: "  sparky certify servicenow\n  sparky certify okta --markdown okta.md --junit okta.xml\n  sparky certify okta --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{errors.New("certify needs a partner: sparky certify PARTNER")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if calls < 0 || calls > mostCalls {
				return usageError{fmt.Errorf("--calls is from 1 to %d", mostCalls)}
			}
			return certifyPartner(cmd, env, args, calls, map[string]writer{markdown: certify.Markdown, junit: certify.JUnit})
		},
	}
	cmd.Flags().StringVar(&markdown, "markdown", "", "write the certificate to this file, as a document")
	cmd.Flags().StringVar(&junit, "junit", "", "write the certificate to this file, as JUnit's XML")
	cmd.Flags().IntVar(&calls, "calls", 0, "how often to call the partner to measure how long it takes")
	cmd.Flags().Bool("json", false, "print the certificate as one JSON object; times are in seconds")
	return cmd
}

// mostCalls is how often a partner is called at most, so that nobody is called to excess by a slip of the pen.
const mostCalls = 1000

// writer is a form of a certificate.
type writer func(io.Writer, partners.Certificate) error

func certifyPartner(cmd *cobra.Command, env lookupEnv, words []string, calls int, files map[string]writer) error {
	config, err := configOf(cmd, env)
	if err != nil {
		return err
	}
	config = config.named()
	redactor := setting.NewRedactor(config.Secrets()...)
	cmd.SetOut(redacting{cmd.OutOrStdout(), redactor})
	p, rest, refusal := commands.NewDirectory(config.Partners).Take(words)
	switch {
	case refusal != nil:
		return usageError{errors.New(printable(typed(refusal.Text)))}
	case len(rest) > 0:
		return usageError{fmt.Errorf("certify takes a partner alone, and was given %q too", rest)}
	case len(p.Probes) == 0:
		return usageError{fmt.Errorf("%s has no probes that could be tried out; configure one", p.Name)}
	}
	progress := newProgress(cmd.ErrOrStderr())
	made := newCertifier(config, redactor, time.Now)
	made.calls = calls
	cert, err := made.Certify(cmd.Context(), p, func(at certify.Progress) { progress.show(progressLine(at)) })
	progress.done()
	if err != nil {
		return err
	}
	if err := writeFiles(cert, redactor, files); err != nil {
		return err
	}
	if wantsJSON(cmd) {
		err = printFacts(cmd.OutOrStdout(), newCertificateRecord(cert))
	} else {
		err = printCertificate(cmd.OutOrStdout(), paletteOf(cmd), cert)
	}
	if err == nil && !cert.Passed() {
		return errBad
	}
	return err
}

func progressLine(at certify.Progress) string {
	what := "calling the partner"
	if at.Name != "" {
		what = at.Name
	}
	return fmt.Sprintf("%d of %d: %s: %s", at.Done, at.All, at.Probe, what)
}

// writeFiles writes the certificate to each file in its form; an empty name is none.
func writeFiles(cert partners.Certificate, redactor setting.Redactor, files map[string]writer) error {
	for name, write := range files {
		if name == "" {
			continue
		}
		var b strings.Builder
		if err := write(&b, cert); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(redactor.Redact(b.String())), 0o600); err != nil {
			return fmt.Errorf("keeping the certificate: %w", err)
		}
	}
	return nil
}

// printCertificate writes a certificate for reading: a table for each part, and below an item what must be, where it is not.
func printCertificate(w io.Writer, colours palette, cert partners.Certificate) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", printable(certify.Verdict(cert)))
	part := ""
	for _, i := range cert.Items {
		if heading := i.Probe + ", " + i.Part; heading != part {
			part = heading
			fmt.Fprintf(&b, "\n%s\n", printable(heading))
		}
		mark := certificateMark(i)
		fmt.Fprintf(&b, "  %s %s %s\n", colours.mark(mark), padded(printable(i.Name), 56), printable(i.Measured))
		if i.Outcome == partners.ItemFailed {
			fmt.Fprintf(&b, "      must be: %s\n", printable(i.Budget))
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the certificate: %w", err)
	}
	return nil
}

func certificateMark(i partners.CertificateItem) commands.Mark {
	switch {
	case i.Outcome == partners.ItemPassed:
		return commands.MarkGood
	case i.Outcome == partners.ItemSkipped:
		return commands.MarkUnknown
	case i.Required:
		return commands.MarkBad
	}
	return commands.MarkWarn
}
