package commands

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"sparky/internal/setting"
)

// spanUnits are the units that people write a length of time in, beside those of a configuration. A month is of thirty days.
var spanUnits = map[string]time.Duration{
	"hour": time.Hour, "hours": time.Hour, "day": setting.Day, "days": setting.Day, "w": 7 * setting.Day, "week": 7 * setting.Day,
	"weeks": 7 * setting.Day, "month": 30 * setting.Day, "months": 30 * setting.Day,
}

var spanWord = regexp.MustCompile(`^(\d{1,4})([a-z]+)$`)

// longestSpan is as far as announcements are listed: ten years. What is longer is all that there is.
const longestSpan = 3650 * setting.Day

// spanOf reads a length of time as people write it: 36h, 7d, 7days, 2weeks, 1w.
func spanOf(text string) (time.Duration, bool) {
	text = strings.ToLower(text)
	if d, err := setting.ParseDuration(text); err == nil {
		return min(d.Std(), longestSpan), d > 0
	}
	parts := spanWord.FindStringSubmatch(text)
	if parts == nil || spanUnits[parts[2]] == 0 {
		return 0, false
	}
	n, err := strconv.Atoi(parts[1])
	return min(time.Duration(n)*spanUnits[parts[2]], longestSpan), err == nil && n > 0
}

// takeSpan takes a length of time out of the arguments, written as one word or as two: "7days", "7 days". Without one it is
// 0; of several the last counts.
func takeSpan(args []string) (rest []string, span time.Duration) {
	for i := 0; i < len(args); i++ {
		if i+1 < len(args) && spanUnits[strings.ToLower(args[i+1])] > 0 {
			if d, ok := spanOf(args[i] + args[i+1]); ok {
				span, i = d, i+1
				continue
			}
		}
		if d, ok := spanOf(args[i]); ok {
			span = d
			continue
		}
		rest = append(rest, args[i])
	}
	return rest, span
}

// spanWords is a length of time as it follows “the last” or “the next”: 7 days, day, 36h.
func spanWords(span time.Duration) string { return lastOf(setting.Duration(span).String()) }
