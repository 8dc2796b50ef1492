package statuspage

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"sparky/incidents"
)

// fingerprint is the newest word of the page on an incident: what a person changes when they edit it.
func fingerprint(page shown) string {
	var last told
	if updates := inOrder(page); len(updates) > 0 {
		last = updates[len(updates)-1]
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{page.Name, page.Status, last.ID, last.Status, last.Body}, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// inOrder are the page's updates, oldest first. Statuspage lists the newest first, and its times are of the millisecond.
func inOrder(page shown) []told {
	updates := slices.Clone(page.Updates)
	slices.Reverse(updates)
	slices.SortStableFunc(updates, func(a, b told) int { return a.Created.Compare(b.Created) })
	return updates
}

// newest is the ID of the page's newest update on an incident, empty where there is none.
func newest(page shown) string {
	updates := inOrder(page)
	if len(updates) == 0 {
		return ""
	}
	return updates[len(updates)-1].ID
}

// landed tells how many of our updates the page says, and whether its newest word is ours. The page may be further than
// we remember, where an answer was lost: then all that it says since then must be ours, in order.
func landed(page shown, before posted, ours []incidents.PostUpdate) (said int, is bool) {
	if fingerprint(page) == before.Seen {
		return before.Said, true
	}
	updates := inOrder(page)
	for more := min(len(ours)-before.Said, len(updates)-1); more > 0; more-- {
		next := ours[before.Said : before.Said+more]
		known, since := updates[len(updates)-more-1], updates[len(updates)-more:]
		if known.ID == before.Last && sameWords(since, next) && standsAs(page, next[more-1]) {
			return before.Said + more, true
		}
	}
	return before.Said, false
}

// standsAs tells that the incident has the name and the phase of an update of ours.
func standsAs(page shown, ours incidents.PostUpdate) bool {
	return page.Status == ours.Phase && plain(page.Name) == plain(ours.Title)
}

// recognised tells how many of our updates the page says where nothing is remembered, and whether its newest word is ours.
func recognised(page shown, ours []incidents.PostUpdate) (said int, is bool) {
	updates := inOrder(page)
	if len(updates) == 0 {
		return 0, false
	}
	last := updates[len(updates)-1:]
	for n := len(ours); n > 0; n-- {
		if sameWords(last, ours[n-1:n]) && standsAs(page, ours[n-1]) {
			return n, true
		}
	}
	return 0, false
}

// sameWords tells that the page's updates say what ours say, whatever Statuspage did to the white space.
func sameWords(page []told, ours []incidents.PostUpdate) bool {
	for n := range page {
		if page[n].Status != ours[n].Phase || plain(page[n].Body) != plain(ours[n].Text) {
			return false
		}
	}
	return len(page) == len(ours)
}

func plain(text string) string { return strings.Join(strings.Fields(text), " ") }
