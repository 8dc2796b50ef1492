package statuspage

import (
	"strconv"
	"strings"
	"time"

	"sparky/partners"

	"github.com/tidwall/gjson"
)

// componentLevel is the level of a component in the words of Statuspage and those who copied them (incident.io says
// full_outage, Better Stack downtime, Instatus writes without underscores). Unknown for any other word.
func componentLevel(word string) partners.Level {
	switch squeezed(word) {
	case "operational":
		return partners.Operational
	case "undermaintenance", "maintenance":
		return partners.Maintenance
	case "degradedperformance", "degraded", "minoroutage":
		return partners.Degraded
	case "partialoutage":
		return partners.PartialOutage
	case "majoroutage", "fulloutage", "downtime":
		return partners.MajorOutage
	}
	return partners.Unknown
}

// impactLevel is the level of an indicator or an impact in Statuspage's words. Unknown for any other word.
func impactLevel(word string) partners.Level {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "none":
		return partners.Operational
	case "maintenance":
		return partners.Maintenance
	case "minor":
		return partners.Degraded
	case "major":
		return partners.PartialOutage
	case "critical":
		return partners.MajorOutage
	}
	return partners.Unknown
}

// isOver tells the phases that end an incident, in any vendor's writing. A phase that is not known here is not over.
func isOver(phase string) bool {
	switch squeezed(phase) {
	case "resolved", "postmortem", "completed", "closed", "cancelled", "canceled", "servicerestored", "falsepositive",
		"postincidentreviewpublished", "resolvedexternal", "mitigatedexternal", "mitigated", "restored", "fixed",
		"maintenancecomplete", "maintenancecompleted", "complete":
		return true
	}
	return false
}

// isUnderWay tells the phases of a maintenance that is going on.
func isUnderWay(phase string) bool {
	switch squeezed(phase) {
	case "inprogress", "maintenanceinprogress", "verifying":
		return true
	}
	return false
}

// squeezed is a word as all vendors would write it: in lower case, without what separates its parts.
func squeezed(word string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.TrimSpace(word)))
}

// moment reads a time as status documents write it: ISO 8601 with or without a colon in the zone, the RFC 822 family
// (Azure with a bare Z), or seconds or milliseconds since 1970. Zero for anything else, and for years out of the world.
func moment(r gjson.Result) time.Time { return parseTime(text(r)) }

func parseTime(s string) time.Time {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 64 {
		return time.Time{}
	}
	s = withOffset(s)
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05 -0700",
		"2006-01-02 15:04:05 MST", "2006-01-02 15:04:05", time.RFC1123Z, time.RFC1123, "Mon, 2 Jan 2006 15:04:05 -0700",
		"Mon, 2 Jan 2006 15:04:05 MST", "Mon, 02 Jan 2006 15:04:05 Z", "2006-01-02",
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return sane(t.UTC())
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(n > 0 && n < 1e13) {
		return time.Time{}
	}
	if n > 1e11 {
		return sane(time.UnixMilli(int64(n)).UTC())
	}
	return sane(time.Unix(int64(n), 0).UTC())
}

// withOffset writes the American zones of RFC 822 as numbers: time.Parse takes any name of a zone that is not its own for
// UTC.
func withOffset(s string) string {
	end := strings.LastIndexByte(s, ' ')
	if end < 0 {
		return s
	}
	hours := map[string]string{
		"EST": "-0500", "EDT": "-0400", "CST": "-0600", "CDT": "-0500", "MST": "-0700", "MDT": "-0600", "PST": "-0800", "PDT": "-0700",
	}[s[end+1:]]
	if hours == "" {
		return s
	}
	return s[:end+1] + hours
}

func sane(t time.Time) time.Time {
	if t.Year() < 2000 || t.Year() > 2200 {
		return time.Time{}
	}
	return t
}

// latest is the newest of the times; zero where all are.
func latest(times ...time.Time) time.Time {
	var newest time.Time
	for _, t := range times {
		if t.After(newest) {
			newest = t
		}
	}
	return newest
}

// first is the first text that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// labels collects a name of each element of JSON lists: of the element itself where it is text, else of the first of the
// fields that it has. Repetitions are left out.
func labels(list gjson.Result, fields ...string) []string {
	var out []string
	seen := map[string]bool{}
	list.ForEach(func(_, element gjson.Result) bool {
		found := label(element)
		for _, field := range fields {
			if found == "" && element.IsObject() {
				found = label(element.Get(field))
			}
		}
		if found != "" && !seen[found] {
			seen[found] = true
			out = append(out, found)
		}
		return true
	})
	return out
}
