package statuspage

import (
	"fmt"
	"strings"
	"time"

	"sparky/partners"
)

// phaseWords is how far an incident is, for a customer.
func phaseWords(phase string) string {
	switch phase {
	case "identified":
		return "Cause known"
	case "monitoring":
		return "Watching the recovery"
	case resolved:
		return "Over"
	default:
		return "Being looked into"
	}
}

// sentence is what a customer wants to know first. Where nothing is open it does not say that all works: what people decided not
// to publish, or closed while it lasted, stands on no page.
func (f facts) sentence() string {
	var affected []feature
	for _, c := range f.features {
		if c.level != partners.Operational {
			affected = append(affected, c)
		}
	}
	switch {
	case len(affected) == 0 && len(f.open) == 0:
		return "No incidents are open"
	case len(affected) == 0:
		return "There is an open incident"
	case len(affected) == 1:
		return affected[0].name + ": " + lower(mannerOf(affected[0].level).words)
	case len(affected) == len(f.features):
		return "All features are affected"
	default:
		return fmt.Sprintf("%d of %d features are affected", len(affected), len(f.features))
	}
}

func lower(text string) string { return strings.ToLower(text[:1]) + text[1:] }

// hour is a moment for people, always in UTC because nobody knows where the reader is.
func hour(at time.Time) string { return at.UTC().Format("2 Jan 2006, 15:04 UTC") }

// span is how long something lasted, as closely as anybody wants to know.
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return strings.TrimSuffix(fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60), " 0 min")
	default:
		return fmt.Sprintf("%d days", int(d.Hours())/24)
	}
}

// piece is a run of text, and where it leads to where it is an address.
type piece struct{ Text, Link string }

// pieces finds the addresses in a text. Only https is followed; what ends a sentence belongs to none.
func pieces(text string) []piece {
	var all []piece
	plain := func(s string) {
		if s != "" {
			all = append(all, piece{Text: s})
		}
	}
	for {
		at := strings.Index(text, "https://")
		if at < 0 {
			plain(text)
			return all
		}
		end := at + len("https://")
		for end < len(text) && !strings.ContainsRune(" \t\n\r<>\"'`|\\^{}\u00a0", rune(text[end])) && text[end] < 0x80 && text[end] > 0x20 {
			end++
		}
		address := strings.TrimRight(text[at:end], ".,;:!?)]*_")
		if len(address) == len("https:") || address == "https://" || !strings.HasPrefix(address, "https://") {
			plain(text[:end])
			text = text[end:]
			continue
		}
		plain(text[:at])
		all = append(all, piece{Text: address, Link: address})
		text = text[at+len(address):]
	}
}
