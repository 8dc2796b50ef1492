package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/width"

	"sparky/commands"
	"sparky/incidents"
)

// shownWidth is how many columns of a terminal a text takes: two for the wide characters of East Asia and for emoji, none for
// marks that are drawn over the character before (Unicode Standard Annex 11).
func shownWidth(text string) int {
	columns := 0
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case isWide(r):
			columns += 2
		default:
			columns++
		}
	}
	return columns
}

func isWide(r rune) bool {
	kind := width.LookupRune(r).Kind()
	return kind == width.EastAsianWide || kind == width.EastAsianFullwidth
}

// padded is the text with spaces up to a width.
func padded(text string, columns int) string {
	return text + strings.Repeat(" ", max(0, columns-shownWidth(text)))
}

// columns are the rows with their cells below each other, those from the given one on aligned to the right. All rows
// have the same number of cells.
func columns(rows [][]string, right int) []string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], shownWidth(printable(cell)))
		}
	}
	lines := make([]string, 0, len(rows))
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			cell = printable(cell)
			gap := strings.Repeat(" ", widths[i]-shownWidth(cell))
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

// printTable writes rows below a title, the first of them as headings; marks stand before the others.
func printTable(w io.Writer, title string, colours palette, rows [][]string, marks []commands.Mark) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", printable(title))
	for i, line := range columns(rows, len(rows[0])) {
		mark := "   "
		if i > 0 && symbols[marks[i-1]] != "" {
			mark = " " + colours.mark(marks[i-1]) + " "
		}
		fmt.Fprintf(&b, " %s%s\n", mark, line)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the table: %w", err)
	}
	return nil
}

// keyOf is what people call an incident by: its key in Jira, or its id until it has one.
func keyOf(r commands.IncidentRecord) string {
	if r.Key != "" {
		return r.Key
	}
	return r.ID
}

// whatFails is what an incident is about, in a few words.
func whatFails(r commands.IncidentRecord) string {
	switch {
	case r.Kind == incidents.KindCompat && r.Trial != nil:
		return r.Name + ": " + r.Trial.Version + " does not fit"
	case len(r.Probes) > 0 && r.Partner != "":
		return r.Name + ": " + strings.ReplaceAll(strings.Join(r.Probes, ", "), r.Partner+"/", "")
	default:
		return r.Name
	}
}

// printIncidents writes the open incidents as a table, and below it what else the answer has, such as what is muted.
func printIncidents(w io.Writer, colours palette, reply commands.Reply, records []commands.IncidentRecord, now time.Time) error {
	rows := [][]string{{"KEY", "", "WHAT FAILS", "WHOSE", "SINCE", "IN HAND", "AFFECTS"}}
	var marks []commands.Mark
	for _, r := range records {
		rows = append(rows, []string{keyOf(r), r.Priority, whatFails(r), whose(r), since(r.Since, now), inHand(r), strings.Join(r.Affects, ", ")})
		mark := commands.MarkBad
		if r.Closed != nil || r.Kind == incidents.KindCompat {
			mark = commands.MarkWarn
		}
		marks = append(marks, mark)
	}
	if err := printTable(w, reply.Title, colours, rows, marks); err != nil {
		return err
	}
	for at, section := range reply.Sections {
		if section.Heading != "" {
			return printReply(w, colours, commands.Reply{Sections: reply.Sections[at:]})
		}
	}
	return nil
}

// whose is the verdict, as far as there is one.
func whose(r commands.IncidentRecord) string {
	switch {
	case r.Kind == incidents.KindCompat:
		return "a version to come"
	case r.Verdict == "":
		return "being looked at"
	}
	return string(r.Verdict)
}

func since(then, now time.Time) string {
	if then.IsZero() {
		return ""
	}
	return commands.Age(now.Sub(then))
}

// inHand is who has it.
func inHand(r commands.IncidentRecord) string {
	switch {
	case r.Closed != nil:
		return "resolved by " + person(r.Closed.By)
	case r.Acknowledged != nil:
		return person(r.Acknowledged.By)
	}
	return "nobody yet"
}

// person is who did something; Sparky where nobody is named.
func person(by string) string {
	if by == "" {
		return "Sparky"
	}
	return by
}

// printActs writes who did what as a table.
func printActs(w io.Writer, reply commands.Reply, acts []incidents.Act) error {
	rows := [][]string{{"WHEN", "WHO", "DID", "TO", "BY", "WHY"}}
	for _, a := range acts {
		target := a.Ticket
		if target == "" {
			target = a.Target
		}
		if a.Partner != "" && !strings.HasPrefix(target, a.Partner) {
			target = strings.TrimSpace(target + " (" + a.Partner + ")")
		}
		rows = append(rows, []string{a.At.UTC().Format("2006-01-02 15:04 UTC"), person(a.Actor), string(a.Did), target, string(a.Origin), a.Reason})
	}
	if err := printTable(w, reply.Title, false, rows, make([]commands.Mark, len(acts))); err != nil {
		return err
	}
	for _, section := range reply.Sections {
		for _, older := range section.Buttons {
			if _, err := fmt.Fprintf(w, "\nOlder: sparky %s\n", printable(older.Command)); err != nil {
				return fmt.Errorf("writing the table: %w", err)
			}
		}
	}
	return nil
}
