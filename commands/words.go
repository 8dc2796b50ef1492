package commands

import (
	"fmt"
	"strings"
	"time"

	"sparky/changes"
	"sparky/partners"
)

// Age is a length of time in the two largest units at most, for reading: "just now", "4 min", "2 h", "3 days".
func Age(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return "just now"
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 24*time.Hour:
		if m := int(d.Minutes()) % 60; m > 0 && d < 3*time.Hour {
			return fmt.Sprintf("%d h %d min", int(d.Hours()), m)
		}
		return fmt.Sprintf("%d h", int(d.Hours()))
	default:
		return plural(int(d.Hours()/24), "day")
	}
}

// ago is Age as a point in the past.
func ago(then, now time.Time) string {
	age := Age(now.Sub(then))
	if age == "just now" {
		return age
	}
	return age + " ago"
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, ok := strings.CutSuffix(noun, "y"); ok && noun != "day" {
		noun = stem + "ie"
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// DaysLeft says how far away a day is: "today", "tomorrow", "in 12 days", "3 days ago".
func DaysLeft(d changes.Date, now time.Time) string {
	switch days := d.DaysFrom(now); {
	case days == 0:
		return "today"
	case days == 1:
		return "tomorrow"
	case days > 1:
		return fmt.Sprintf("in %d days", days)
	case days == -1:
		return "yesterday"
	default:
		return fmt.Sprintf("%d days ago", -days)
	}
}

// Day is a calendar day for reading: 30 June 2027.
func Day(d changes.Date) string { return d.Time().Format("2 January 2006") }

// markOf is the symbol for a level.
func markOf(level partners.Level) Mark {
	switch level {
	case partners.Operational:
		return MarkGood
	case partners.Maintenance:
		return MarkPlanned
	case partners.Degraded:
		return MarkWarn
	case partners.PartialOutage, partners.MajorOutage:
		return MarkBad
	default:
		return MarkUnknown
	}
}

// At is a point in time in the reader's own zone, with what a terminal shows instead.
func At(t time.Time) Piece {
	return Piece{Text: t.UTC().Format("2 Jan 15:04") + " UTC", Time: t}
}

// sentence ends a text with a full stop where it has no end of its own.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsAny(text[len(text)-1:], ".!?:…") {
		return text
	}
	return text + "."
}

// KindWords are the kinds of an announcement for reading, a beta with what is on offer where the title does not say it.
func KindWords(kinds []changes.Kind, betaVersion, title string) string {
	words := make([]string, 0, len(kinds))
	for _, k := range kinds {
		word := string(k)
		if offer := offered(betaVersion); k == changes.Beta && offer != "" && !strings.Contains(fold(title), fold(offer)) {
			word += " of " + shorten(offer, 60)
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

// offered is what is on offer without its stage, which stands before it: "Reports API v2 (beta)" is "Reports API v2".
func offered(betaVersion string) string {
	offer, _, _ := strings.Cut(betaVersion, " (")
	return strings.TrimSpace(offer)
}

// list joins names for reading, the first dozen of them.
func list(names []string) string {
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

// trimStop is a text without the full stop at its end, to stand inside a sentence.
func trimStop(text string) string { return strings.TrimSuffix(strings.TrimSpace(text), ".") }
