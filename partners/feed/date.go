package feed

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// layouts are the ways in which changelogs write a day or a moment, after ordinals, commas and weekday names have gone
// and the name of the zone has become an offset.
func layouts() []string {
	return []string{
		time.RFC3339Nano,
		"2006-01-02T15:04:05-0700",
		"2006-01-02T15:04:05",
		"2006-01-02T15:04Z07:00",
		"2006-01-02T15:04",
		"2006-01-02 15:04:05 -0700",
		"2006-01-02 15:04:05.999999999 -0700",
		"2006-01-02 15:04:05Z07:00",
		"2006-01-02 15:04:05",
		"2006-01-02 15:04",
		"2006-01-02",
		"2006-1-2",
		"2006/01/02",
		"2006.01.02",
		"02.01.2006",
		"2.1.2006",
		"1/2/2006", // as Microsoft's tables write it; only where that is no day is it the other way round
		"2/1/2006",
		"2 Jan 2006 15:04:05 -0700",
		"2 Jan 2006 15:04:05",
		"2 Jan 2006 15:04 -0700",
		"2 Jan 2006 15:04",
		"2 Jan 06 15:04:05 -0700",
		"2 Jan 06 15:04 -0700",
		"2-Jan-06 15:04:05 -0700",
		"2-Jan-2006 15:04:05 -0700",
		"2-Jan-2006",
		"2 Jan 2006",
		"Jan 2 2006 15:04:05 -0700",
		"Jan 2 2006 15:04:05",
		"Jan 2 2006 15:04",
		"Jan 2 2006 3:04 PM",
		"Jan 2 2006 3:04:05 PM",
		"Jan 2 15:04:05 2006",
		"Jan 2 15:04:05 -0700 2006",
		"Jan 2 2006",
		"2006 Jan 2",
	}
}

var (
	weekday  = regexp.MustCompile(`(?i)^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[.,]?\s+`)
	ordinal  = regexp.MustCompile(`(?i)\b(\d{1,2})(?:st|nd|rd|th)\b`)
	month    = regexp.MustCompile(`(?i)\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?`)
	zoneName = regexp.MustCompile(`\s*\(?\b(UTC|UT|GMT|Z|EST|EDT|CST|CDT|MST|MDT|PST|PDT|CET|CEST|BST|JST|IST)\b\)?$`)

	writtenDay = regexp.MustCompile(`(?i)\b(?:\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}/\d{1,2}/\d{4}` +
		`|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}` +
		`|\d{1,2}(?:st|nd|rd|th)?\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?\s+\d{4})\b`)
	unixTime = regexp.MustCompile(`^\d{9,10}(?:\d{3})?$`)
)

// parseDate reads a moment as a changelog writes it: RFC 822, RFC 3339, ISO 8601, words, Unix seconds or milliseconds.
// It answers in UTC, and false for what is no date or no date that a changelog can have: a zero date, or one outside
// the years 1990 to 2100, was invented by a program.
func parseDate(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if len(s) > 60 || !strings.ContainsAny(s, "0123456789") {
		return time.Time{}, false
	}
	if unixTime.MatchString(s) {
		return unixDate(s)
	}
	s = normalDate(s)
	for _, layout := range layouts() {
		if t, err := time.Parse(layout, s); err == nil {
			return sane(t)
		}
	}
	return time.Time{}, false
}

func unixDate(s string) (time.Time, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	if len(s) > 10 {
		return sane(time.UnixMilli(n))
	}
	return sane(time.Unix(n, 0))
}

// normalDate brings the ways of writing to those that layouts lists.
func normalDate(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	s = weekday.ReplaceAllString(s, "")
	s = ordinal.ReplaceAllString(s, "$1")
	s = month.ReplaceAllStringFunc(s, func(name string) string {
		return strings.ToUpper(name[:1]) + strings.ToLower(name[1:3])
	})
	s = strings.ReplaceAll(strings.ReplaceAll(s, ",", " "), " at ", " ")
	if at := zoneName.FindStringSubmatchIndex(s); at != nil && at[0] > 0 {
		s = zoned(strings.TrimSpace(s[:at[0]]), s[at[2]:at[3]])
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, "a.m.", "AM"), "p.m.", "PM")
	return strings.Join(strings.Fields(s), " ")
}

// zoned puts the offset in the place of a zone's name, unless an offset stands before the name.
func zoned(s, name string) string {
	if tail := s[max(0, len(s)-5):]; len(tail) == 5 && (tail[0] == '+' || tail[0] == '-') {
		return s
	}
	if name == "Z" {
		return s + "Z"
	}
	return s + " " + offset(name)
}

func offset(zone string) string {
	switch zone {
	case "EST", "CDT":
		return "-0500"
	case "EDT":
		return "-0400"
	case "CST", "MDT":
		return "-0600"
	case "MST", "PDT":
		return "-0700"
	case "PST":
		return "-0800"
	case "CET", "BST":
		return "+0100"
	case "CEST":
		return "+0200"
	case "IST":
		return "+0530"
	case "JST":
		return "+0900"
	default:
		return "+0000"
	}
}

func sane(t time.Time) (time.Time, bool) {
	if t.Year() < 1990 || t.Year() > 2100 {
		return time.Time{}, false
	}
	return t.UTC(), true
}

// dayIn finds the first day that is written out in a text, as headings of changelogs do: 2026-03-01, March 1, 2026,
// 1 March 2026.
func dayIn(text string) (time.Time, bool) {
	if !strings.ContainsAny(text, "0123456789") {
		return time.Time{}, false
	}
	found := writtenDay.FindString(text)
	if found == "" {
		return time.Time{}, false
	}
	return parseDate(found)
}

// isDay tells that a text is a day and nothing else.
func isDay(text string) bool {
	found := writtenDay.FindString(text)
	if found == "" {
		return false
	}
	rest := strings.TrimSpace(strings.Replace(text, found, "", 1))
	return weekday.ReplaceAllString(rest+" ", "") == "" || strings.Trim(rest, " ,.[]()") == ""
}
