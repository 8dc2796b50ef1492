package chart

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"sparky/commands"
	"sparky/partners"
)

// noon is when the charts of the tests end.
func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// month is a chart with a slow hour, one in which all failed, and a time that nothing is known of.
func month() commands.Chart {
	return commands.Chart{Title: "ServiceNow: our 2 probes together", Windows: []commands.ChartWindow{
		window("24 hours", 24*time.Hour, time.Hour), window("30 days", 720*time.Hour, 6*time.Hour)}}
}

func window(name string, long, step time.Duration) commands.ChartWindow {
	w := commands.ChartWindow{Name: name, Whole: partners.ProbeStats{From: noon().Add(-long), To: noon(), P50: 312 * time.Millisecond, P95: 690 * time.Millisecond}}
	for i := range int(long/step) + 1 {
		s := partners.ProbeStats{Runs: 24, Passed: 24, P50: time.Duration(300+60*math.Sin(float64(i)/5)) * time.Millisecond}
		s.P95 = 2 * s.P50
		switch n := int(long/step) + 1; {
		case i == n/3:
			s.Passed, s.P95 = 9, 1900*time.Millisecond
		case i == n/3+1:
			s = partners.ProbeStats{Runs: 24}
		case i > n/2 && i < n/2+n/8:
			s = partners.ProbeStats{}
		}
		w.Steps = append(w.Steps, s)
		w.Whole.Runs, w.Whole.Passed = w.Whole.Runs+s.Runs, w.Whole.Passed+s.Passed
	}
	return w
}

func drawn(t testing.TB, c commands.Chart) image.Image {
	t.Helper()
	data, err := PNG(c)
	if err != nil {
		t.Fatal(err)
	}
	if path := os.Getenv("SPARKY_CHART"); path != "" {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

func colourAt(p image.Image, x, y int) string {
	r, g, b, a := p.At(x, y).RGBA()
	return fmt.Sprintf("#%02x%02x%02x/%02x", r>>8, g>>8, b>>8, a>>8)
}

// holds counts the pixels of a colour in a part of the picture.
func holds(p image.Image, part image.Rectangle, colour string) int {
	found := 0
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			if colourAt(p, x, y) == colour {
				found++
			}
		}
	}
	return found
}

// The colours of the picture, opaque: it brings its own ground into a light client and a dark one.
const (
	ground = "#1b1f26/ff"
	panel  = "#232933/ff"
	good   = "#2f9e6e/ff"
	bad    = "#ff6b7d/ff"
	blue   = "#5fb4ff/ff"
	yellow = "#ffc24b/ff"
)

func TestThePictureHasAGroundOfItsOwn(t *testing.T) {
	p := drawn(t, month())
	if size := p.Bounds().Size(); size != image.Pt(Width, Height(2)) {
		t.Fatalf("the picture is %v", size)
	}
	for _, corner := range []image.Point{{1, 1}, {Width - 2, 1}, {1, Height(2) - 2}, {Width - 2, Height(2) - 2}} {
		if got := colourAt(p, corner.X, corner.Y); got != ground {
			t.Errorf("at %v it is %s", corner, got)
		}
	}
	right := image.Rect(Width-margin/2, 0, Width, Height(2))
	if other := right.Dx()*right.Dy() - holds(p, right, ground); other != 0 {
		t.Errorf("%d pixels stand in the right margin: something is cut off", other)
	}
}

func TestEachStepIsInTheStrip(t *testing.T) {
	c := month()
	p := drawn(t, c)
	for i, w := range c.Windows {
		top := titleHeight + legendHeight + i*windowHeight + headHeight + lineHeight + gap
		left, wide := margin+axisWidth, Width-2*margin-axisWidth
		for step, s := range w.Steps {
			x := left + (2*step+1)*wide/(2*len(w.Steps))
			above, below := colourAt(p, x, top+3), colourAt(p, x, top+stripHeight-9)
			want := [2]string{good, good}
			switch {
			case s.Runs == 0:
				want = [2]string{ground, ground}
			case s.Passed == 0:
				want = [2]string{bad, bad}
			case s.Passed < s.Runs:
				want = [2]string{bad, good}
			}
			if above != want[0] || below != want[1] {
				t.Errorf("window %d step %d (%d of %d) is %s above %s; want %v", i, step, s.Passed, s.Runs, above, below, want)
			}
		}
	}
}

func TestTheLinesHaveGapsWhereNothingPassed(t *testing.T) {
	c := month()
	p := drawn(t, c)
	steps := c.Windows[0].Steps
	top, left, wide := titleHeight+legendHeight+headHeight, margin+axisWidth, Width-2*margin-axisWidth
	for step, s := range steps {
		x := left + (2*step+1)*wide/(2*len(steps))
		column := image.Rect(x-4, top, x+4, top+lineHeight)
		slow, half := holds(p, column, yellow), holds(p, column, blue)
		if passed := s.Passed > 0; passed != (slow > 0) || passed != (half > 0) {
			t.Errorf("step %d, of which %d passed, has %d pixels of p95 and %d of p50", step, s.Passed, slow, half)
		}
	}
	// The slowest of 1.9 s is nearly as high as the panel, which ends at 2 s.
	peak := left + (2*(len(steps)/3)+1)*wide/(2*len(steps))
	if high := image.Rect(peak-4, top, peak+4, top+lineHeight/8); holds(p, high, yellow) == 0 {
		t.Error("the slowest hour does not stand out")
	}
}

func TestOneFailureInThousandsIsSeen(t *testing.T) {
	w := commands.ChartWindow{Name: "24 hours", Whole: partners.ProbeStats{From: noon().Add(-24 * time.Hour), To: noon()},
		Steps: []partners.ProbeStats{{Runs: 10000, Passed: 9999, P50: 1, P95: 1}}}
	p := drawn(t, commands.Chart{Title: "Okta", Windows: []commands.ChartWindow{w}})
	if holds(p, p.Bounds(), bad) < 1000 {
		t.Error("it is lost among the passes")
	}
}

func TestOddCharts(t *testing.T) {
	long := strings.Repeat("Very long name 雪 ", 40)
	for name, c := range map[string]commands.Chart{
		"nothing at all":       {},
		"a window of nothing":  {Title: "a", Windows: []commands.ChartWindow{{Name: "24 hours"}}},
		"a long name":          {Title: long, Windows: month().Windows},
		"one that took months": {Title: "a", Windows: []commands.ChartWindow{{Steps: []partners.ProbeStats{{Runs: 1, Passed: 1, P95: math.MaxInt64, P50: math.MaxInt64}}}}},
	} {
		p := drawn(t, c)
		if size := p.Bounds().Size(); size != image.Pt(Width, Height(len(c.Windows))) {
			t.Errorf("%s: the picture is %v", name, size)
		}
		right := image.Rect(Width-margin/2, 0, Width, 120)
		if holds(p, right, ground) != right.Dx()*right.Dy() {
			t.Errorf("%s: the title is cut off by the edge", name)
		}
	}
}

func TestRoofIsRound(t *testing.T) {
	for slowest, want := range map[time.Duration]time.Duration{
		0: time.Millisecond, 1100 * time.Microsecond: 2 * time.Millisecond, 390 * time.Millisecond: 400 * time.Millisecond,
		610 * time.Millisecond: time.Second, 1900 * time.Millisecond: 2 * time.Second, 31 * time.Second: 40 * time.Second,
	} {
		if got := roof(slowest); got != want {
			t.Errorf("above %s the panel ends at %s; want %s", slowest, got, want)
		}
	}
}

func TestLabelsCountFromNow(t *testing.T) {
	for long, want := range map[time.Duration]string{24 * time.Hour: "-24 h -16 h -8 h now", 720 * time.Hour: "-30 d -20 d -10 d now"} {
		if got := strings.Join(labels(long), " "); got != want {
			t.Errorf("%s is labelled %s; want %s", long, got, want)
		}
	}
}

func BenchmarkPNG(b *testing.B) {
	for b.Loop() {
		if _, err := PNG(month()); err != nil {
			b.Fatal(err)
		}
	}
}
