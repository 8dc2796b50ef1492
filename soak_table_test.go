package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/world/slack"
)

// table is what was measured, in Markdown: how things stood at the end of some days, and what people got on each.
func (s *soak) table() string {
	var b strings.Builder
	last := s.figures[len(s.figures)-1]
	shown := slices.DeleteFunc(slices.Clone(s.figures), func(f soakFigure) bool {
		return f.day != 1 && f.day != 7 && f.day != 14 && f.day != 21 && f.day != last.day
	})
	line := func(what string, of func(f soakFigure) string, after string) {
		fmt.Fprintf(&b, "| %s |", what)
		for _, f := range shown {
			fmt.Fprintf(&b, " %s |", of(f))
		}
		fmt.Fprintf(&b, " %s |\n", after)
	}
	line("at the end of day", func(f soakFigure) string { return fmt.Sprint(f.day) }, "402 days later")
	fmt.Fprintf(&b, "| ---%s | ---: |\n", strings.Repeat(" | ---:", len(shown)))
	mb := func(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
	line("heap that the program holds", func(f soakFigure) string { return mb(f.heap) }, "")
	line("processor time for that day, with that of the world around it", func(f soakFigure) string { return fmt.Sprintf("%.0f s", f.spent.Seconds()) }, "")
	line("goroutines, with those of the world around it", func(f soakFigure) string { return fmt.Sprint(f.goroutines) }, "")
	line("open files", func(f soakFigure) string { return fmt.Sprint(f.files) }, "")
	line("database", func(f soakFigure) string { return mb(f.size) }, "")
	for _, name := range s.tableNames() {
		line("rows of `"+name+"`", func(f soakFigure) string { return fmt.Sprint(f.rows[name]) }, fmt.Sprint(s.left[name]))
	}
	fmt.Fprintf(&b, "\n| day | began to fail | announced | calls of PagerDuty | #integration-alerts | in its threads | #ecosystem-updates | on call | owner | publisher | others |\n| ---: |%s\n",
		strings.Repeat(" ---: |", 10))
	for _, f := range s.figures {
		fmt.Fprintf(&b, "| %d | %d | %d | %d | %d | %d | %d |", f.day, s.truth.failures[f.day], s.truth.announcements[f.day], f.pages,
			f.got.channel[slack.Alerts], f.got.thread[slack.Alerts], f.got.channel[slack.Updates])
		for _, user := range soakColumns() {
			fmt.Fprintf(&b, " %d |", f.got.rings[user])
		}
		b.WriteString("\n")
	}
	return b.String()
}

// report shows the table, and writes it to docs/soak.md where that is asked for.
func (s *soak) report() {
	s.Helper()
	last := s.figures[len(s.figures)-1]
	verdict := "Nothing grew but what is to be kept, and nobody was told more than they must."
	if s.Failed() {
		verdict = "It does not hold; see the log."
	}
	text := fmt.Sprintf("%d days of %d partners with %d probes, each every %.0f minutes. That took %s on this machine, and %s of its processors for\nSparky and the world around it together.%s\n\n%s\n%s\n",
		len(s.figures), len(s.config.Partners), last.rows["probes"], s.plan.every.Minutes(), soakTook(last.real), soakTook(last.cpu), s.plan.abridged(), s.table(), verdict)
	s.Log("\n" + text)
	if name := os.Getenv("SPARKY_SOAK"); name != "" {
		s.hold(os.WriteFile(name, []byte(soakPreface+text), 0o600))
	}
}

// soakTook is how long something took, for people.
func soakTook(d time.Duration) string {
	if d < 2*time.Minute {
		return fmt.Sprintf("%.0f seconds", d.Seconds())
	}
	return fmt.Sprintf("%.0f minutes", d.Minutes())
}

// abridged says what is left out of a soak that is to take less time.
func (p soakPlan) abridged() string {
	if !p.calm {
		return ""
	}
	return " To take less, what Sparky looks after every few seconds\ncame every ten minutes here, and New Relic was left out."
}

const soakPreface = `# A month of Sparky

What Sparky takes when it runs for long, and what people get from it. Written by ` + "`make soak`" + `: the whole program in a world in
memory, with Slack, Jira, PagerDuty and fifty partners, whose time passes as fast as Sparky can do what is to be done in it. The
partners fail and recover, announce changes and betas; people ask, acknowledge, mute and resolve; links to Slack drop every few
hours, and once a week Sparky is restarted. One partner fails from the second day on and nobody mends it, on the twelfth day many
fail at once, on the fifteenth one comes and goes every twenty minutes, and on the seventeenth our own network is away for an hour.

The first table is how things stood at the end of some days, with what Sparky held in memory and in its database. Its last column
is what is left when everything has run out that ever does: the keys of what was done and of what was announced are kept, for
neither is to happen twice. The second is what people got on each day: new messages of a channel, and how often somebody was
named in a new message. Edits ring nobody.

The database is SQLite. PostgreSQL has no such month: it is reached through a socket, and the time of this world can pass only
while nothing waits for one.

`

// TestSoakTable holds that the table has a line for every table of the database and one for every day.
func TestSoakTable(t *testing.T) {
	s := &soak{T: t, left: map[string]int64{"effects": 7}}
	for day := 1; day <= 30; day++ {
		f := soakFigure{day: day, goroutines: 100 + day, rows: map[string]int64{"effects": int64(1000 + day)}}
		f.got = *newSoakPost()
		f.got.rings[slack.OnCall] = 900 + day
		s.figures = append(s.figures, f)
	}
	got := s.table()
	for _, want := range []string{"| rows of `effects` | 1001 | 1007 | 1014 | 1021 | 1030 | 7 |", "| 101 | 107 | 114 | 121 | 130 |", "| 929 | 0 |"} {
		if !strings.Contains(got, want) {
			t.Errorf("the table has no %s:\n%s", want, got)
		}
	}
	if lines := strings.Count(got, "\n"); lines != 2+6+1+2+30 {
		t.Errorf("the table has %d lines", lines)
	}
}
