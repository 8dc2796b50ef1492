package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"sparky/commands"
	"sparky/partners/compat"
)

// compatRecord is a report for machines, its times in seconds as everywhere.
type compatRecord struct {
	Partner  string        `json:"partner"`
	Version  string        `json:"version"`
	BaseURL  string        `json:"base_url"`
	Started  time.Time     `json:"started"`
	Duration float64       `json:"duration"`
	Passed   bool          `json:"passed"`
	Checks   []compatCheck `json:"checks"`
}

type compatCheck struct {
	Kind      string         `json:"kind"`
	Operation string         `json:"operation"`
	Name      string         `json:"name"`
	Outcome   compat.Outcome `json:"outcome"`
	Detail    string         `json:"detail,omitempty"`
	Duration  float64        `json:"duration"`
}

func newCompatRecord(r compat.Report) compatRecord {
	record := compatRecord{Partner: r.Partner, Version: r.Version, BaseURL: r.BaseURL, Started: r.Started, Duration: r.Took.Seconds(), Passed: r.Passed()}
	for _, c := range r.Checks {
		record.Checks = append(record.Checks, compatCheck{c.Kind, c.Operation, c.Name, c.Outcome, c.Detail, c.Took.Seconds()})
	}
	return record
}

// printCompat writes a report for reading: what differs first, then a line for each check, in columns.
func printCompat(w io.Writer, colours palette, name string, report compat.Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s at %s: %s\n", printable(name), printable(report.Version), printable(report.BaseURL), compatVerdict(report))
	for _, difference := range report.Differences() {
		fmt.Fprintf(&b, "  %s %s\n", colours.mark(commands.MarkBad), printable(difference))
	}
	for _, unknown := range report.Unknowns() {
		fmt.Fprintf(&b, "  %s %s\n", colours.mark(commands.MarkUnknown), printable(unknown))
	}
	rows := make([][]string, 0, len(report.Checks))
	for _, c := range report.Checks {
		rows = append(rows, []string{c.Name, c.Operation, string(c.Outcome), inMS(c.Took.Seconds())})
	}
	b.WriteByte('\n')
	if len(rows) > 0 {
		for i, line := range columns(rows, 3) {
			c := report.Checks[i]
			fmt.Fprintf(&b, "  %s %s\n", colours.mark(compatMark(c.Outcome)), line)
			if c.Outcome == compat.Skipped {
				fmt.Fprintf(&b, "      %s\n", printable(c.Detail))
			}
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// compatVerdict is the report in a sentence.
func compatVerdict(report compat.Report) string {
	counts := fmt.Sprintf("%d of %d checks passed", report.Count(compat.Passed), len(report.Checks))
	if skipped := report.Count(compat.Skipped); skipped > 0 {
		counts += fmt.Sprintf(", %d skipped", skipped)
	}
	unknown := report.Count(compat.Unknown)
	if unknown > 0 {
		counts += fmt.Sprintf(", %d could not be carried out", unknown)
	}
	counts += ", in " + report.Took.Round(time.Millisecond).String()
	switch failed := report.Count(compat.Failed); {
	case report.Passed():
		return "works with our integration (" + counts + ")"
	case failed == 1:
		return "1 difference (" + counts + ")"
	case failed > 0:
		return fmt.Sprintf("%d differences (%s)", failed, counts)
	}
	if unknown > 0 {
		return "whether it works is not known (" + counts + ")"
	}
	return "nothing could be tried (" + counts + ")"
}

func compatMark(outcome compat.Outcome) commands.Mark {
	switch outcome {
	case compat.Passed:
		return commands.MarkGood
	case compat.Failed:
		return commands.MarkBad
	}
	return commands.MarkUnknown
}
