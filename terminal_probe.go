package main

import (
	"fmt"
	"io"
	"strings"

	"sparky/commands"
	"sparky/partners"
)

// printProbes writes how probes ended for reading: a line each, in columns, and below what is wrong.
func printProbes(w io.Writer, colours palette, title string, records []commands.ProbeRecord) error {
	rows := [][]string{{"", "", "dns", "connect", "tls", "first byte", "total"}}
	for _, r := range records {
		_, result := outcomeOf(r)
		t := r.Timings
		rows = append(rows, []string{r.Probe, result, inMS(t.DNS), inMS(t.Connect), inMS(t.TLS), inMS(t.FirstByte), inMS(r.Duration)})
	}
	lines := columns(rows, 2)
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n    %s\n", printable(title), lines[0])
	for i, r := range records {
		mark, _ := outcomeOf(r)
		fmt.Fprintf(&b, "  %s %s\n", colours.mark(mark), lines[i+1])
		for _, detail := range detailsOf(r) {
			fmt.Fprintf(&b, "      %s\n", printable(detail))
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the results: %w", err)
	}
	return nil
}

// outcomeOf is how a probe ended, in a word or two.
func outcomeOf(r commands.ProbeRecord) (commands.Mark, string) {
	switch {
	case r.Passed && r.Warning != "":
		return commands.MarkWarn, "passed (warning)"
	case r.Passed:
		return commands.MarkGood, "passed"
	case r.Class == "":
		return commands.MarkUnknown, "could not be run"
	case r.Class == partners.FailNotTried:
		return commands.MarkUnknown, "not tried"
	default:
		return commands.MarkBad, fmt.Sprintf("failed (%s)", r.Class)
	}
}

func detailsOf(r commands.ProbeRecord) []string {
	var details []string
	if r.Problem != "" {
		details = append(details, r.Problem)
	}
	if r.Excerpt != "" {
		details = append(details, "It answered: “"+r.Excerpt+"”")
	}
	if r.Warning != "" {
		details = append(details, "Warning: "+r.Warning)
	}
	return details
}

// inMS is a length of time in milliseconds, so that a column of them compares at a glance.
func inMS(seconds float64) string {
	switch ms := seconds * 1000; {
	case ms <= 0:
		return "-"
	case ms < 10:
		return fmt.Sprintf("%.1f ms", ms)
	default:
		return fmt.Sprintf("%.0f ms", ms)
	}
}
