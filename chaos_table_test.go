package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// chaosLine is a line of the table: what it is of, and the figures under chaosHead.
type chaosLine struct {
	of      string
	figures []string
	kind    bool // of one kind of effect
}

// chaosHead are the names of the figures.
var chaosHead = []string{"kills", "effects", "once", "moot", "lost", "doubled", "stale", "unrecorded", "takeover median", "longest", "took"}

// chaosLines are what all cases came to, each with its kinds of effects.
func chaosLines(all []havoc) []chaosLine {
	var lines []chaosLine
	for _, t := range all {
		var sum deeds
		for _, c := range t.kinds {
			sum = deeds{sum.recorded + c.recorded, sum.once + c.once, sum.moot + c.moot, sum.lost + c.lost, sum.doubled + c.doubled, sum.stale + c.stale, sum.unrecorded + c.unrecorded}
		}
		median, longest := "–", "–"
		if slices.Sort(t.takeover); len(t.takeover) > 0 {
			median = t.takeover[len(t.takeover)/2].Round(10 * time.Millisecond).String()
			longest = slices.Max(t.takeover).Round(10 * time.Millisecond).String()
		}
		lines = append(lines, chaosLine{of: t.name, figures: append(append([]string{fmt.Sprint(t.kills)}, sum.figures()...), median, longest, t.took.Round(time.Second).String())})
		for _, kind := range slices.Sorted(maps.Keys(t.kinds)) {
			if *t.kinds[kind] != (deeds{}) {
				lines = append(lines, chaosLine{of: kind, kind: true, figures: append([]string{""}, t.kinds[kind].figures()...)})
			}
		}
	}
	return lines
}

func (d deeds) figures() []string {
	var all []string
	for _, n := range []int{d.recorded, d.once, d.moot, d.lost, d.doubled, d.stale, d.unrecorded} {
		all = append(all, fmt.Sprint(n))
	}
	return all
}

// chaosStorm is what happened to each case meanwhile, a line each.
func chaosStorm(all []havoc) []string {
	var lines []string
	for _, t := range all {
		var did []string
		for _, what := range slices.Sorted(maps.Keys(t.storm)) {
			did = append(did, fmt.Sprintf("%d %s", t.storm[what], what))
		}
		lines = append(lines, t.name+": "+strings.Join(did, ", "))
	}
	return lines
}

// chaosTable is what all cases came to, for a terminal.
func chaosTable(all []havoc) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 2, 8, 2, ' ', 0)
	fmt.Fprintln(w, "\t"+strings.Join(chaosHead, "\t"))
	for _, line := range chaosLines(all) {
		name := line.of
		if line.kind {
			name = "  " + name
		}
		fmt.Fprintln(w, name+"\t"+strings.Join(line.figures, "\t"))
	}
	if err := w.Flush(); err != nil {
		return err.Error()
	}
	return b.String() + strings.Join(chaosStorm(all), "\n") + "\n"
}

// chaosPage is the same for the documentation.
func chaosPage(all []havoc, seed uint64) []byte {
	kills := 0
	for _, t := range all {
		kills += t.kills
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `# What %d kills did to Sparky

`+"`make chaos`"+` runs the program as `+"`make build`"+` builds it, in its demo world, and kills it (SIGKILL) at moments that nobody
chose, while partners fail and heal, announce things and betas, people press buttons, and Slack's, Jira's and PagerDuty's
answers are lost or found late. Of two replicas the one that leads is killed as often as the other. Then it counts in every other system
what was done how often:

- *once*: each thing that Sparky recorded as to be done stands there once;
- *moot*: nobody was called for an outage that was over before PagerDuty could be reached;
- *lost*, *doubled*: it does not stand there, or more than once;
- *stale*: it says another thing than Sparky remembers;
- *unrecorded*: it stands there, and Sparky knows nothing of it.

Takeover is the time from the death of the replica that led until another one leads.

`, kills)
	fmt.Fprintf(&b, "| | %s |\n|---|%s\n", strings.Join(chaosHead, " | "), strings.Repeat("--:|", len(chaosHead)))
	for _, line := range chaosLines(all) {
		name, figures := "**"+line.of+"**", slices.Clone(line.figures)
		if line.kind {
			name = "`" + line.of + "`"
		}
		for len(figures) < len(chaosHead) {
			figures = append(figures, "")
		}
		fmt.Fprintf(&b, "| %s | %s |\n", name, strings.Join(figures, " | "))
	}
	b.WriteString("\nWhat happened meanwhile:\n\n")
	for _, line := range chaosStorm(all) {
		fmt.Fprintf(&b, "- %s\n", line)
	}
	fmt.Fprintf(&b, "\n`CHAOS_SEED=%d make chaos` draws the same moments again; `CHAOS_KILLS` is how many.\n", seed)
	return b.Bytes()
}

// writeChaos writes the page where SPARKY_CHAOS names a file.
func writeChaos(t *testing.T, all []havoc, seed uint64) {
	t.Helper()
	path := os.Getenv("SPARKY_CHAOS")
	if path == "" {
		return
	}
	if err := os.WriteFile(path, chaosPage(all, seed), 0o644); err != nil {
		t.Error(err)
	}
}
