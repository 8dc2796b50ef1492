package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"sparky/commands"
	"sparky/partners"
)

// printProbes writes how probes ended for reading: a line each, in columns, and below what is wrong.
func printProbes(w io.Writer, title string, records []commands.ProbeRecord) error {
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
		fmt.Fprintf(&b, "  %s %s\n", symbols[mark], lines[i+1])
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

// columns are the rows with their cells below each other, those from the given one on aligned to the right. All rows
// have the same number of cells.
func columns(rows [][]string, right int) []string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(printable(cell)))
		}
	}
	lines := make([]string, 0, len(rows))
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			cell = printable(cell)
			gap := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i > 0 {
				b.WriteString("  ")
			}
			if i >= right {
				b.WriteString(gap + cell)
			} else {
				b.WriteString(cell + gap)
			}
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
	}
	return lines
}
