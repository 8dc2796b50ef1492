package feed

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"sparky/internal/plaintext"
	"sparky/partners"
)

// maxEntries is how many entries of a source are kept, the newest. A source has fewer, or repeats its whole history.
const maxEntries = 5000

// document is what a format's reader found: the entries as the source gives them.
type document struct {
	title    string
	format   string
	repaired []string // what was mended, in words
	entries  []entry
	items    int // how many items held the entries
	skipped  int
	halved   bool // it was cut off within its last item
	last     int  // where in entries those of the last item begin
}

// unhalved is the document without what an item says that was cut off in its middle: half a title, or half an address,
// would make another entry of it than it is when it comes whole.
func (d document) unhalved() document {
	if d.halved && d.last < len(d.entries) {
		d.entries = d.entries[:d.last]
		d.skipped++
	}
	return d
}

// entry is one announcement, plain text already, not yet bounded and without key or hash.
type entry struct {
	id        string // what the source calls it; empty where it does not
	title     string
	body      string
	link      string // absolute, or empty
	published time.Time
	tags      []string
	deadline  string
	release   *entry // the item that lists this title, nil where the entry is no title of a list
}

// whole is the document with every list of titles as the one item that it is there.
func (d document) whole() document {
	var entries []entry
	var last *entry
	for _, e := range d.entries {
		switch {
		case e.release == nil:
			entries = append(entries, e)
		case e.release != last:
			entries = append(entries, *e.release)
		}
		last = e.release
	}
	d.entries = entries
	return d
}

// readable is an error where the document holds items and none of them could be read: it is none of its format, or its
// format has changed.
func (d document) readable() error {
	if d.items > 0 && len(d.entries) == 0 {
		return fmt.Errorf("this is no changelog that can be read: none of its %d items could be read as %s", d.items, d.format)
	}
	return nil
}

// reading bounds the entries and gives each its key and its hash.
func (d document) reading(source string) partners.Reading {
	entries, beyond := newest(named(d.entries))
	keys := keysOf(entries)
	r := partners.Reading{
		Title:    plaintext.Clip(plainLine(d.title), maxTitle),
		Format:   d.format,
		Items:    d.items,
		Skipped:  d.skipped + beyond,
		Repaired: strings.Join(d.repaired, "; "),
	}
	seen := map[string]bool{}
	for i, e := range entries {
		if seen[keys[i]] {
			continue
		}
		seen[keys[i]] = true
		r.Changes = append(r.Changes, e.change(source, keys[i]))
	}
	return r
}

func (e entry) change(source, key string) partners.Change {
	return partners.Change{
		Source:    source,
		Key:       key,
		Hash:      e.hash(),
		Title:     plaintext.Clip(e.title, maxTitle),
		Body:      cutBody(e.body),
		Link:      e.link,
		Published: e.published,
		Tags:      boundTags(e.tags),
		Deadline:  e.deadline,
	}
}

func cutBody(body string) string {
	cut := plaintext.Clip(body, maxBody)
	if len(cut) == len(body) {
		return body
	}
	return cut + fmt.Sprintf("\n(cut after %d characters; the whole text has %d)", maxBody, len([]rune(body)))
}

func boundTags(tags []string) []string {
	kept := []string{}
	for _, tag := range tags {
		tag = plaintext.Clip(plainLine(tag), maxTag)
		if tag != "" && !slices.Contains(kept, tag) && len(kept) < maxTags {
			kept = append(kept, tag)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return kept
}

// named gives a title to the entries that have none: their first line, else where they lead. Every entry of the
// document stays one, as it is in a reader.
func named(entries []entry) []entry {
	out := make([]entry, len(entries))
	for i, e := range entries {
		e.title = strings.Join(strings.Fields(e.title), " ")
		if e.title == "" {
			first, _, _ := strings.Cut(e.body, "\n")
			e.title = cmp.Or(plaintext.Clip(strings.TrimPrefix(first, "- "), 120), e.link, "(no title)")
		}
		if e.body == e.title {
			e.body = ""
		}
		out[i] = e
	}
	return out
}

// newest keeps the newest entries in the source's own order, and answers how many that leaves out. Entries without a
// date count as the source orders them: changelogs begin with the newest.
func newest(entries []entry) (kept []entry, beyond int) {
	if len(entries) <= maxEntries {
		return entries, 0
	}
	order := make([]int, len(entries))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return entries[b].published.Compare(entries[a].published)
	})
	order = order[:maxEntries]
	slices.Sort(order)
	for _, i := range order {
		kept = append(kept, entries[i])
	}
	return kept, len(entries) - maxEntries
}

// hash is of what the entry says: not of its link, its date, or the way in which it is marked up.
func (e entry) hash() string {
	tags := slices.Clone(e.tags)
	slices.Sort(tags)
	return digest(e.title, withoutTracking(e.body), e.deadline, strings.Join(tags, "\x00"))
}

func digest(parts ...string) string {
	sum := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(sum, "%d:", len(part))
		sum.Write([]byte(strings.Join(strings.Fields(part), " ")))
	}
	return hex.EncodeToString(sum.Sum(nil))[:32]
}

// maxKey bounds a key that a source gives; a longer one is kept as its hash.
const maxKey = 300

// keysOf gives each entry a key that depends on nothing but the entries that share its id, so that neither their order
// nor newer entries change it. The entry's id is its key. Sources repeat ids (a generator that takes a heading's
// anchor for the id): then the oldest entry keeps the id and the others add first their title to it, then their date,
// then their text. What is equal in all of it is the same item twice, and gets the same key.
func keysOf(entries []entry) []string {
	keys := make([]string, len(entries))
	groups := map[string][]int{}
	for i, e := range entries {
		id := cmp.Or(e.id, e.link)
		if id == "" {
			id = "sha256:" + digest(e.title, day(e.published))
		}
		groups[id] = append(groups[id], i)
	}
	for id, members := range groups {
		if len(id) > maxKey {
			id = "sha256:" + digest(id)
		}
		divide(entries, keys, members, id, 0)
	}
	return keys
}

// divide gives the key to the oldest of the members and divides the others by the next thing that tells them apart.
func divide(entries []entry, keys []string, members []int, key string, by int) {
	slices.SortStableFunc(members, func(a, b int) int { return older(entries[a], entries[b]) })
	keys[members[0]] = key
	parts := map[string][]int{}
	for _, i := range members[1:] {
		e := entries[i]
		if same(e, entries[members[0]]) {
			keys[i] = key
			continue
		}
		part := digest(e.title)[:12]
		switch by {
		case 1:
			part = cmp.Or(day(e.published), "undated")
		case 2:
			part = e.hash()
		}
		parts[part] = append(parts[part], i)
	}
	for part, rest := range parts {
		if by == 2 {
			for _, i := range rest {
				keys[i] = key + "#" + part
			}
			continue
		}
		divide(entries, keys, rest, key+"#"+part, by+1)
	}
}

func same(a, b entry) bool {
	return a.published.Equal(b.published) && a.hash() == b.hash()
}

// older orders entries by date, the undated last, and those of one date by their text.
func older(a, b entry) int {
	switch {
	case a.published.IsZero() != b.published.IsZero():
		if a.published.IsZero() {
			return 1
		}
		return -1
	case !a.published.Equal(b.published):
		return a.published.Compare(b.published)
	}
	return cmp.Or(strings.Compare(digest(a.title), digest(b.title)), strings.Compare(a.hash(), b.hash()))
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}
