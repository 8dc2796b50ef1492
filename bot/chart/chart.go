// Package chart draws how a partner's probes did as a picture. Drawing is a pure function: the same chart gives the same
// picture. It knows nothing of Slack.
package chart

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-analyze/charts"

	"sparky/commands"
	"sparky/partners"
)

// Width is how wide every picture is, in pixels: a phone's own, so that nothing is made smaller there.
const Width = 1200

// How high the parts are, in pixels.
const (
	margin       = 44
	titleHeight  = 84
	legendHeight = 64
	headHeight   = 126 // name and figures of a window
	lineHeight   = 300
	gap          = 26 // between the lines and the strip below
	stripHeight  = 74
	axisHeight   = 84
	windowHeight = headHeight + lineHeight + gap + stripHeight + axisHeight
	axisWidth    = 132
)

// Sizes of letters, in points of 92 dots an inch: the smallest are still read on a phone.
const (
	titleSize = 32
	textSize  = 25
)

// Height is how high the picture of so many windows is, in pixels.
func Height(windows int) int { return titleHeight + legendHeight + windows*windowHeight + margin/2 }

// PNG draws the chart on a ground of its own, which is dark enough for a dark client and calm in a light one.
func PNG(c commands.Chart) ([]byte, error) {
	d := drawing{charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputPNG, Width: Width, Height: Height(len(c.Windows))}), colours()}
	d.p.FilledRect(0, 0, d.p.Width(), d.p.Height(), d.ground, d.ground, 0)
	d.textIn(c.Title, margin, 62, Width-2*margin, titleSize, d.ink)
	d.legend(titleHeight + 34)
	for i, w := range c.Windows {
		d.window(w, titleHeight+legendHeight+i*windowHeight)
	}
	picture, err := d.p.Bytes()
	if err != nil {
		return nil, fmt.Errorf("drawing the chart of %s: %w", c.Title, err)
	}
	return picture, nil
}

// palette is what is drawn with. The two lines differ in lightness and in width, and failures in height as well, so that
// colour is never the only bearer.
type palette struct{ ground, panel, grid, ink, faint, p50, p95, good, bad, none charts.Color }

func colours() palette {
	hex := charts.ColorFromHex
	return palette{ground: hex("#1b1f26"), panel: hex("#232933"), grid: hex("#3a424f"), ink: hex("#f2f4f7"), faint: hex("#b4bcc8"),
		p50: hex("#5fb4ff"), p95: hex("#ffc24b"), good: hex("#2f9e6e"), bad: hex("#ff6b7d"), none: hex("#3a424f")}
}

type drawing struct {
	p *charts.Painter
	palette
}

func (d drawing) text(text string, x, y int, points float64, colour charts.Color) int {
	d.p.Text(text, x, y, 0, charts.FontStyle{FontSize: points, FontColor: colour})
	return x + d.width(text, points)
}

func (d drawing) width(text string, points float64) int {
	// The library measures nothing that has no colour.
	box := d.p.MeasureText(text, 0, charts.FontStyle{FontSize: points, FontColor: d.ink})
	return box.Width()
}

// textIn is a text that is cut where it would not fit.
func (d drawing) textIn(text string, x, y, wide int, points float64, colour charts.Color) {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	for shown := string(runes); len(runes) > 0; shown = string(runes) + "…" {
		if d.width(shown, points) <= wide {
			d.text(shown, x, y, points, colour)
			return
		}
		runes = runes[:len(runes)-1]
	}
}

// legend says what the two lines and the strip are.
func (d drawing) legend(y int) {
	x := margin
	for _, entry := range []struct {
		text   string
		colour charts.Color
		thick  int
	}{{"p95", d.p95, 8}, {"p50", d.p50, 5}, {"passed", d.good, 26}, {"failed", d.bad, 26}, {"not known", d.none, 26}} {
		middle := y - 10
		d.p.FilledRect(x, middle-entry.thick/2, x+42, middle+(entry.thick+1)/2, entry.colour, entry.colour, 0)
		x = d.text(entry.text, x+56, y, textSize, d.faint) + 48
	}
}

// window draws one stretch of time below y: its figures, the two lines, the strip, and the axis of time.
func (d drawing) window(w commands.ChartWindow, y int) {
	d.text("Last "+w.Name, margin, y+46, textSize+3, d.ink)
	d.text(figures(w.Whole), margin, y+92, textSize, d.faint)
	plot := charts.NewBox(margin+axisWidth, y+headHeight, Width-margin, y+headHeight+lineHeight)
	d.lines(w.Steps, plot)
	strip := charts.NewBox(plot.Left, plot.Bottom+gap, plot.Right, plot.Bottom+gap+stripHeight)
	d.strip(w.Steps, strip)
	d.times(w, strip)
}

func figures(s partners.ProbeStats) string {
	rate, ok := s.SuccessRate()
	if !ok {
		return "nothing ran"
	}
	text := fmt.Sprintf("%s of %d passed", commands.Share(rate), s.Runs)
	if s.Passed > 0 {
		text += fmt.Sprintf("   p50 %s   p95 %s", commands.Took(s.P50), commands.Took(s.P95))
	}
	return text
}

// lines draws how long the passes took: p50 and p95 of each step. Where nothing passed, the line has a gap.
func (d drawing) lines(steps []partners.ProbeStats, box charts.Box) {
	d.p.FilledRect(box.Left, box.Top, box.Right, box.Bottom, d.panel, d.panel, 0)
	slowest := time.Duration(0)
	for _, s := range steps {
		slowest = max(slowest, s.P95)
	}
	top := roof(slowest)
	for part := range 3 {
		y := box.Bottom - part*box.Height()/2
		d.p.LineStroke([]charts.Point{{X: box.Left, Y: y}, {X: box.Right, Y: y}}, d.grid, 2)
		label := commands.Took(top * time.Duration(part) / 2)
		if part == 0 {
			label = "0"
		}
		d.text(label, box.Left-18-d.width(label, textSize), y+10, textSize, d.faint)
	}
	for _, line := range []struct {
		of     func(partners.ProbeStats) time.Duration
		colour charts.Color
		thick  float64
	}{
		{func(s partners.ProbeStats) time.Duration { return s.P95 }, d.p95, 6},
		{func(s partners.ProbeStats) time.Duration { return s.P50 }, d.p50, 4},
	} {
		for _, run := range unbroken(steps) {
			var points []charts.Point
			for i := run[0]; i < run[1]; i++ {
				left, right := column(box, i, len(steps))
				high := int(float64(box.Height()) * float64(line.of(steps[i])) / float64(top))
				points = append(points, charts.Point{X: (left + right) / 2, Y: box.Bottom - high})
			}
			if len(points) == 1 {
				d.p.Circle(line.thick, points[0].X, points[0].Y, line.colour, line.colour, 1)
				continue
			}
			d.p.LineStroke(points, line.colour, line.thick)
		}
	}
}

// unbroken are the stretches of steps, first and behind the last, in which something passed.
func unbroken(steps []partners.ProbeStats) [][2]int {
	var runs [][2]int
	for i, s := range steps {
		switch {
		case s.Passed == 0:
		case len(runs) > 0 && runs[len(runs)-1][1] == i:
			runs[len(runs)-1][1]++
		default:
			runs = append(runs, [2]int{i, i + 1})
		}
	}
	return runs
}

// strip draws the share of passes in each step from below, and that of failures from above; a failure among thousands
// is still seen.
func (d drawing) strip(steps []partners.ProbeStats, box charts.Box) {
	d.text("passed", margin, box.Top+box.Height()/2+10, textSize, d.faint)
	const least = 0.18
	for i, s := range steps {
		left, right := column(box, i, len(steps))
		if right-left > 6 {
			right -= 2
		}
		rate, ok := s.SuccessRate()
		if !ok {
			d.p.FilledRect(left, box.Bottom-6, right, box.Bottom, d.none, d.none, 0)
			continue
		}
		d.p.FilledRect(left, box.Top, right, box.Bottom, d.good, d.good, 0)
		if s.Passed < s.Runs {
			fell := int(max(1-rate, least) * float64(box.Height()))
			d.p.FilledRect(left, box.Top, right, box.Top+fell, d.bad, d.bad, 0)
		}
	}
}

// times writes when it was below the strip, counted from now: whoever looks may live in any zone.
func (d drawing) times(w commands.ChartWindow, box charts.Box) {
	y := box.Bottom + 42
	for part, label := range labels(w.Whole.To.Sub(w.Whole.From)) {
		x := box.Left + part*box.Width()/3
		switch part {
		case 0:
		case 3:
			x -= d.width(label, textSize)
		default:
			x -= d.width(label, textSize) / 2
		}
		d.text(label, x, y, textSize, d.faint)
	}
}

// labels are the beginning of a window, its thirds, and now.
func labels(long time.Duration) []string {
	unit, name := time.Hour, "h"
	if long > 48*time.Hour {
		unit, name = 24*time.Hour, "d"
	}
	var all []string
	for part := range 3 {
		count := float64(long) / float64(unit) * float64(3-part) / 3
		all = append(all, fmt.Sprintf("-%.3g %s", count, name))
	}
	return append(all, "now")
}

// column is where the step stands, in pixels from the left.
func column(box charts.Box, i, of int) (left, right int) {
	return box.Left + i*box.Width()/of, box.Left + (i+1)*box.Width()/of
}

// roof is a round duration that nothing exceeds, of which half is round as well.
func roof(slowest time.Duration) time.Duration {
	for unit := time.Millisecond; ; unit *= 10 {
		for _, times := range []time.Duration{1, 2, 4, 6} {
			if top := unit * times; slowest <= top || unit > 1000*time.Hour {
				return top
			}
		}
	}
}
