// Package changes is what we decide when a partner announces something: what kind of announcement it is, from when it
// holds, what to tell whom, and what to try out before it happens.
package changes

import (
	"fmt"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// Kind is what an announcement means for those who integrate with the partner.
type Kind string

// The kinds of announcements, as the contract names them.
const (
	Breaking    Kind = "breaking"
	Deprecation Kind = "deprecation"
	Removal     Kind = "removal"
	Security    Kind = "security"
	Beta        Kind = "beta"
	New         Kind = "new"
	Fix         Kind = "fix"
	Other       Kind = "other"
)

// Entry is a change and what we concluded from its text.
type Entry struct {
	partners.Change
	Kinds       []Kind // in the order above, at least one
	BetaVersion string // what is on offer, where Kinds has Beta; empty elsewhere
	Effective   Date   // the day from which the breaking or retiring change holds; empty where none is stated
	Summary     string // at most three sentences of the partner's own, in its order, the one with Effective among them
	FirstSeen   time.Time
	Handled     incidents.Deed // who said that it is dealt with, and when; zero where nobody did, or nobody asked
}

// Is tells whether the entry is of one of the kinds.
func (e Entry) Is(kinds ...Kind) bool {
	for _, have := range e.Kinds {
		for _, want := range kinds {
			if have == want {
				return true
			}
		}
	}
	return false
}

// NeedsAttention tells whether somebody who uses the partner must look: something breaks, is retired or is gone.
func (e Entry) NeedsAttention() bool { return e.Is(Breaking, Deprecation, Removal) }

// Date is a calendar day, YYYY-MM-DD, without a time zone. Empty is no day.
type Date string

// NewDate is the day, or an error for a day that no calendar has.
func NewDate(year, month, day int) (Date, error) {
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Year() != year || int(t.Month()) != month || t.Day() != day {
		return "", fmt.Errorf("%04d-%02d-%02d is not a day", year, month, day)
	}
	return Date(t.Format(time.DateOnly)), nil
}

// Time is midnight UTC of the day, zero for no day.
func (d Date) Time() time.Time {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	return t
}

// DaysFrom is how many days lie between now's day (UTC) and d: 0 today, negative in the past.
func (d Date) DaysFrom(now time.Time) int {
	y, m, day := now.UTC().Date()
	today := time.Date(y, m, day, 0, 0, 0, 0, time.UTC)
	return int(d.Time().Sub(today).Hours() / 24)
}
