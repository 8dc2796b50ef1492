package commands

import (
	"fmt"
	"math"
	"time"

	"sparky/partners"
)

// lengthOf is a length of time that is still to come, in the two largest units: "40 s", "59 min", "1 h 30 min", "2 days".
func lengthOf(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d s", int(math.Ceil(d.Seconds())))
	}
	d = d.Round(time.Minute)
	hours, minutes := int(d.Hours()), int(d.Minutes())%60
	switch {
	case hours == 0:
		return fmt.Sprintf("%d min", minutes)
	case hours < 24 && minutes == 0:
		return fmt.Sprintf("%d h", hours)
	case hours < 24:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case hours%24 == 0:
		return plural(hours/24, "day")
	default:
		return fmt.Sprintf("%s %d h", plural(hours/24, "day"), hours%24)
	}
}

// Took is how long something took, exact enough to compare: "0.4 ms", "412 ms", "1.2 s", "1 min 15 s".
func Took(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	default:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
}

// Share is a success rate in percent. It is rounded down, so that 100% is said only where nothing failed.
func Share(rate float64) string {
	percent := math.Floor(rate*1000) / 10
	if percent == math.Trunc(percent) {
		return fmt.Sprintf("%.0f%%", percent)
	}
	return fmt.Sprintf("%.1f%%", percent)
}

// overADay is the success rate and the 95th percentile, with p95 before it, of the last 24 hours; empty where nothing ran.
func overADay(s partners.ProbeStats, p95 string) string {
	rate, ok := s.SuccessRate()
	if !ok {
		return ""
	}
	text := fmt.Sprintf("%s of %s passed in 24 h", Share(rate), plural(s.Runs, "run"))
	if s.P95 > 0 {
		text += ", " + p95 + Took(s.P95)
	}
	return text
}

// timings are the parts of a call and the whole of it.
func timings(r partners.ProbeResult) string {
	text := ""
	for _, part := range []struct {
		name string
		d    time.Duration
	}{{"DNS", r.Timings.DNS}, {"connect", r.Timings.Connect}, {"TLS", r.Timings.TLS}, {"first byte", r.Timings.FirstByte}} {
		if part.d > 0 {
			text += part.name + " " + Took(part.d) + ", "
		}
	}
	return text + "total " + Took(r.Took)
}
