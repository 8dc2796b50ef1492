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
	switch strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(word)) {
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
	switch strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(phase)) {
	case "resolved", "postmortem", "completed", "closed", "cancelled", "canceled", "servicerestored", "falsepositive",
		"postincidentreviewpublished", "resolvedexternal", "mitigatedexternal", "mitigated", "restored", "fixed":
		return true
	}
	return false
}

// moment reads a time as status documents write it: ISO 8601 with or without a colon in the zone, the RFC 822 family
// (Azure with a bare Z), or seconds or milliseconds since 1970. Zero for anything else, and for years out of the world.
func moment(r gjson.Result) time.Time { return parseTime(text(r)) }

func parseTime(s string) time.Time {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 64 {
		return time.Time{}
	}
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05 -0700",
		"2006-01-02 15:04:05 MST", "2006-01-02 15:04:05", time.RFC1123Z, time.RFC1123, "Mon, 2 Jan 2006 15:04:05 -0700",
		"Mon, 2 Jan 2006 15:04:05 MST", "Mon, 02 Jan 2006 15:04:05 Z", "2006-01-02",
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return sane(t.UTC())
		}
	}
	if n, err := strconv.ParseInt(strings.TrimSuffix(s, ".0"), 10, 64); err == nil {
		if n > 100_000_000_000 {
			return sane(time.UnixMilli(n).UTC())
		}
		return sane(time.Unix(n, 0).UTC())
	}
	return time.Time{}
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
