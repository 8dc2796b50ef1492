package changes

import (
	"cmp"
	"slices"
	"time"
)

// UndatedFor is how long an announcement without a date counts as still to come.
const UndatedFor = 90 * 24 * time.Hour

// When is the day that an entry stands under: when it was published, or where that is not known, first seen.
func (e Entry) When() time.Time {
	if e.Published.IsZero() {
		return e.FirstSeen
	}
	return e.Published
}

// Choose are those of the entries, of one reading, that the query asks for, newest first. Those without a date come last: when
// they were first seen says nothing of their age.
func Choose(entries []Entry, query Query) []Entry {
	var chosen []Entry
	for _, e := range entries {
		if (query.Partner == "" || e.Partner == query.Partner) && !e.When().Before(query.Since) {
			chosen = append(chosen, e)
		}
	}
	slices.SortStableFunc(chosen, newestFirst)
	if query.Limit > 0 && len(chosen) > query.Limit {
		chosen = chosen[:query.Limit]
	}
	return chosen
}

// ChooseUpcoming are those of the entries that hold from a day on or after from, the soonest first, and after them the
// breaking changes, deprecations and betas without a date that were announced lately.
func ChooseUpcoming(entries []Entry, from Date) []Entry {
	var chosen []Entry
	for _, e := range entries {
		if e.Effective >= from && e.Effective != "" || e.Effective == "" && e.Is(Breaking, Deprecation, Beta) && from.Time().Sub(e.When()) < UndatedFor {
			chosen = append(chosen, e)
		}
	}
	slices.SortStableFunc(chosen, func(a, b Entry) int {
		return cmp.Or(boolOrder(a.Effective == "")-boolOrder(b.Effective == ""), cmp.Compare(a.Effective, b.Effective), newestFirst(a, b))
	})
	return chosen
}

func newestFirst(a, b Entry) int {
	return cmp.Or(boolOrder(a.Published.IsZero())-boolOrder(b.Published.IsZero()), b.When().Compare(a.When()))
}

func boolOrder(b bool) int {
	if b {
		return 1
	}
	return 0
}
