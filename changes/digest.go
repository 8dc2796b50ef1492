package changes

import (
	"cmp"
	"slices"
	"time"
)

// Digest is what one round over a partner's changelogs found, as one message tells it: what needs action first, the
// rest counted. It holds no more than a message can carry, however much was found.
type Digest struct {
	Partner string `json:"partner"` // Partner.ID
	Name    string `json:"name"`
	Items   []Item `json:"items"`
	// Folded counts, by leading kind, what was found beyond Items.
	Folded map[Kind]int `json:"folded,omitempty"`
	At     time.Time    `json:"at"`
}

// Item is one entry in a digest.
type Item struct {
	Title       string `json:"title"`
	Summary     string `json:"summary,omitempty"`
	Link        string `json:"link,omitempty"`
	Kinds       []Kind `json:"kinds"`
	BetaVersion string `json:"beta_version,omitempty"`
	Effective   Date   `json:"effective,omitempty"`
	Version     string `json:"version,omitempty"` // that our integration can be tried against; empty where it cannot
	// Before is what was concluded from the entry until the partner edited it; nil for a new entry.
	Before *Before `json:"before,omitempty"`
}

// Before is what an edited entry said.
type Before struct {
	Kinds     []Kind `json:"kinds"`
	Effective Date   `json:"effective,omitempty"`
}

// Finding is an entry that a digest is to tell, and what was known of it before; nil for a new one.
type Finding struct {
	Entry  Entry
	Before *Entry
}

// Total is how many entries the digest stands for.
func (d Digest) Total() int {
	n := len(d.Items)
	for _, count := range d.Folded {
		n += count
	}
	return n
}

// Lead is the kind that says most of what an entry means: the first that is there of removal, breaking, deprecation,
// security, beta, new, fix, other.
func Lead(kinds []Kind) Kind {
	for _, k := range []Kind{Removal, Breaking, Deprecation, Security, Beta, New, Fix} {
		if slices.Contains(kinds, k) {
			return k
		}
	}
	return Other
}

// Most that a digest shows one by one: all that fits on a screen or two. What needs action has more room than the rest,
// because folding it away would be a surprise later.
const (
	mostAttention = 15
	mostOther     = 5
)

// NewDigest orders the findings and folds what is beyond a readable message.
func NewDigest(partner, name string, findings []Finding, now time.Time) Digest {
	d := Digest{Partner: partner, Name: name, At: now}
	sorted := slices.Clone(findings)
	slices.SortStableFunc(sorted, func(a, b Finding) int { return compareUrgency(a, b, now) })
	attention, other := 0, 0
	for _, f := range sorted {
		count, most := &other, mostOther
		if urgent(f) {
			count, most = &attention, mostAttention
		}
		if *count++; *count <= most {
			d.Items = append(d.Items, newItem(f))
			continue
		}
		if d.Folded == nil {
			d.Folded = map[Kind]int{}
		}
		d.Folded[Lead(f.Entry.Kinds)]++
	}
	return d
}

// urgent findings stand first: what needs action, what moved, and betas, which can be tried before they ship.
func urgent(f Finding) bool {
	return f.Before != nil || f.Entry.NeedsAttention() || f.Entry.Is(Beta)
}

func newItem(f Finding) Item {
	item := Item{
		Title: f.Entry.Title, Summary: f.Entry.Summary, Link: f.Entry.Link,
		Kinds: f.Entry.Kinds, BetaVersion: f.Entry.BetaVersion, Effective: f.Entry.Effective, Version: f.Entry.APIVersion(),
	}
	if f.Before != nil {
		item.Before = &Before{Kinds: f.Before.Kinds, Effective: f.Before.Effective}
	}
	return item
}

func compareUrgency(a, b Finding, now time.Time) int {
	return cmp.Or(
		cmp.Compare(urgency(a.Entry, now), urgency(b.Entry, now)),
		cmp.Compare(a.Entry.Effective, b.Entry.Effective),
		b.Entry.Published.Compare(a.Entry.Published),
	)
}

// urgency ranks an entry: dated and still ahead, then undated or past, then security, betas and the rest.
func urgency(e Entry, now time.Time) int {
	switch {
	case e.NeedsAttention() && e.Effective != "" && e.Effective.DaysFrom(now) >= 0:
		return 0
	case e.NeedsAttention():
		return 1
	case e.Is(Security):
		return 2
	case e.Is(Beta):
		return 3
	case e.Is(New):
		return 4
	case e.Is(Fix):
		return 5
	default:
		return 6
	}
}

// untried is the digest of a partner whose versions nothing can try.
func (d Digest) untried() Digest {
	for i := range d.Items {
		d.Items[i].Version = ""
	}
	return d
}
