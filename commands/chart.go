package commands

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sparky/partners"
)

// Chart is how a partner's probes did, to be drawn as a picture.
type Chart struct {
	Title string // whose probes, and which
	// Alt says in words what the picture shows, in at most 1,000 characters.
	Alt     string
	Windows []ChartWindow
}

// ChartWindow is a stretch of time that ends now.
type ChartWindow struct {
	Name  string // "24 hours"
	Whole partners.ProbeStats
	// Steps are the parts of the window, oldest first and without gaps. One without runs is a time that nothing is known of.
	Steps []partners.ProbeStats
}

// longestAlt is what Slack takes as the description of a picture (files.getUploadURLExternal: alt_txt_too_large).
const longestAlt = 1000

// chartWindows are what a chart shows: a day by the hour, and a month by the quarter of a day.
func chartWindows() []chartWindow {
	return []chartWindow{{"24 hours", 24 * time.Hour, time.Hour}, {"30 days", 30 * 24 * time.Hour, 6 * time.Hour}}
}

type chartWindow struct {
	name       string
	long, step time.Duration
}

// chart answers with a picture of what the partner's probes did.
func (s statusCommand) chart(ctx context.Context, p partners.Partner) Reply {
	if s.Probes == nil || len(p.Probes) == 0 {
		return refuse(fmt.Sprintf("%s has no probe, so there is nothing to draw. More on it: /sparky status %s.", p.Name, p.ID))
	}
	var ids []string
	for _, c := range p.Probes {
		ids = append(ids, c.ID)
	}
	now := s.now()
	chart := Chart{Title: p.Name + ": " + ofProbes(ids)}
	for _, w := range chartWindows() {
		whole, steps, err := s.Probes.ProbeSeries(ctx, p.ID, ids, now.Add(-w.long), now, w.step)
		if err != nil {
			return fault("what our probes saw", err)
		}
		chart.Windows = append(chart.Windows, ChartWindow{w.name, whole, steps})
	}
	if chart.Windows[len(chart.Windows)-1].Whole.Runs == 0 {
		return refuse(fmt.Sprintf("Our probes of %s have told nothing in the last 30 days, so there is nothing to draw yet.", p.Name))
	}
	reply := Reply{Title: chart.Title, Text: p.Name + ", l" + chart.Windows[0].words()[1:]}
	section := Section{}
	for _, w := range chart.Windows {
		section.Lines = append(section.Lines, Say(w.words()))
	}
	reply.Sections = []Section{section}
	chart.Alt = shorten("A chart of "+chart.Title+". "+flat(section.Lines[0])+" "+flat(section.Lines[1])+worst(chart.Windows[0]), longestAlt-1)
	reply.Chart, reply.Facts = &chart, chart.Windows
	return reply
}

// ofProbes names one probe, and counts several.
func ofProbes(ids []string) string {
	if len(ids) == 1 {
		return "our probe " + ids[0]
	}
	return fmt.Sprintf("our %d probes together", len(ids))
}

// words are the figures of the whole window.
func (w ChartWindow) words() string {
	rate, ok := w.Whole.SuccessRate()
	if !ok {
		return "Last " + w.Name + ": nothing ran."
	}
	text := fmt.Sprintf("Last %s: %s of %s passed", w.Name, Share(rate), plural(w.Whole.Runs, "run"))
	if w.Whole.Passed > 0 {
		text += fmt.Sprintf("; half of them within %s (p50), 19 of 20 within %s (p95)", Took(w.Whole.P50), Took(w.Whole.P95))
	}
	return text + "."
}

// worst says for who cannot see the picture where the failures of a window are; empty where there are none.
func worst(w ChartWindow) string {
	failures := func(s partners.ProbeStats) int { return s.Runs - s.Passed }
	if failures(w.Whole) == 0 || len(w.Steps) == 0 {
		return ""
	}
	most := slices.MaxFunc(w.Steps, func(a, b partners.ProbeStats) int { return failures(a) - failures(b) })
	return fmt.Sprintf(" Most failures, %d of %s, were in the hour from %s UTC.", failures(most), plural(most.Runs, "run"), most.From.UTC().Format("15:04"))
}

// sparkline is the 95th percentile through a window as a row of bars, each step's height by the slowest; a step in which
// something failed is a cross, one of which nothing is known a dot. It is empty where there is nothing to compare.
func sparkline(steps []partners.ProbeStats) string {
	bars := []rune("▁▂▃▄▅▆▇█")
	slowest, known := time.Duration(0), 0
	for _, s := range steps {
		slowest = max(slowest, s.P95)
		if s.Runs > 0 {
			known++
		}
	}
	if known < 2 {
		return ""
	}
	line := make([]rune, 0, len(steps))
	for _, s := range steps {
		switch {
		case s.Runs == 0:
			line = append(line, '·')
		case s.Passed < s.Runs:
			line = append(line, '×')
		default:
			line = append(line, bars[min(int(float64(s.P95)/float64(max(slowest, 1))*float64(len(bars))), len(bars)-1)])
		}
	}
	return string(line)
}

// together adds the steps of another probe to those of a day: runs add up, and the slower of two counts.
func together(day, more []partners.ProbeStats) []partners.ProbeStats {
	if len(day) != len(more) {
		return more
	}
	sum := slices.Clone(day)
	for i, m := range more {
		sum[i].Runs, sum[i].Passed, sum[i].P95 = sum[i].Runs+m.Runs, sum[i].Passed+m.Passed, max(sum[i].P95, m.P95)
	}
	return sum
}
