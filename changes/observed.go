package changes

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// SourceAnswers is the source of the entries that come of what a partner's endpoints say of themselves.
const SourceAnswers = "answers to our probes"

// movesIn is how long a date stands before another one for the same endpoint is believed: servers behind one address
// may disagree, and some count theirs from the moment of the answer.
const movesIn = 24 * time.Hour

// Observed takes what the answers to a probe said of their endpoints. Each endpoint's deprecation, and that it is gone, is
// an entry of the partner's changelog and told once; another date for it is told as one that moved, at most once a day.
// Only the memory's failure is an error.
func (w *Watcher) Observed(ctx context.Context, p partners.Partner, probe string, notices []partners.Notice) error {
	now := w.Now()
	var listed []partners.Change
	var entries []Entry
	for _, n := range notices {
		e := observed(p.ID, probe, n, now)
		listed, entries = append(listed, e.Change), append(entries, e)
	}
	if len(listed) == 0 {
		return nil
	}
	known, err := w.Memory.Known(ctx, p.ID, SourceAnswers, listed)
	if err != nil {
		return fmt.Errorf("recalling what the endpoints of %s said: %w", p.ID, err)
	}
	poll := Poll{}
	var findings []Finding
	var last time.Time
	for _, e := range entries {
		before, seen := known.Entries[e.Key]
		switch {
		case !seen:
			findings = append(findings, Finding{Entry: e})
		case e.Effective == "" || e.Effective == before.Effective, before.Effective != "" && now.Sub(before.Published) < movesIn:
			continue
		default:
			e.FirstSeen, last = before.FirstSeen, before.Published
			findings = append(findings, Finding{Entry: e, Before: &before})
		}
		poll.Entries = append(poll.Entries, e)
	}
	if len(findings) == 0 {
		return nil
	}
	poll.Effects = []incidents.Effect{incidents.NewEffect(EffectDigest, digestKey(p.ID, last, findings), NewDigest(p.ID, p.Name, findings, now))}
	if err := w.Memory.RecordPoll(ctx, poll); err != nil {
		return fmt.Errorf("recording what the endpoints of %s said: %w", p.ID, err)
	}
	return nil
}

// observed is the entry that a notice is. Its key is the endpoint's, and its hash that of what is said, whichever probe
// saw it.
func observed(partner, probe string, n partners.Notice, now time.Time) Entry {
	name := n.Method + " " + n.Endpoint
	e := Entry{FirstSeen: now, Change: partners.Change{Partner: partner, Source: SourceAnswers, Published: now, Link: n.More}}
	if e.Link == "" {
		e.Link = n.Successor
	}
	if n.Gone {
		e.Key, e.Title, e.Kinds = "gone "+name, name+" is gone", []Kind{Breaking, Removal}
		e.Summary = "Our probe " + probe + " was answered 410: it was removed for good. " + advice(n, "Look for its successor in their changelog, and move our calls there.")
	} else {
		e.Key = "retired " + name
		e.Title, e.Kinds, e.Effective = retiring(name, n, now)
		e.Summary = "Their answer to our probe " + probe + " says so" + since(n, now) + ". " + advice(n, "Ask them what takes its place, and move our calls there in time.")
	}
	e.Body, e.Deadline = e.Summary, string(e.Effective)
	e.Hash = shortHash(e.Key + "\x00" + e.Deadline)
	return e
}

// retiring is the title, the kinds and the day of an endpoint that is deprecated.
func retiring(name string, n partners.Notice, now time.Time) (string, []Kind, Date) {
	day := func(t time.Time) Date { return Date(t.UTC().Format(time.DateOnly)) }
	switch {
	case n.Sunset.IsZero() && n.Since.After(now):
		return name + " becomes deprecated", []Kind{Deprecation}, day(n.Since)
	case n.Sunset.IsZero():
		return name + " is deprecated", []Kind{Deprecation}, ""
	case n.Sunset.After(now):
		return name + " will be switched off", []Kind{Breaking, Deprecation}, day(n.Sunset)
	default:
		return name + " may be switched off any day", []Kind{Breaking, Deprecation}, day(n.Sunset)
	}
}

// since says from when the endpoint is deprecated, and that no end is named where none is.
func since(n partners.Notice, now time.Time) string {
	text := ""
	if !n.Since.IsZero() && !n.Since.After(now) {
		text = " (deprecated since " + n.Since.UTC().Format("2 January 2006") + ")"
	}
	if n.Sunset.IsZero() {
		text += "; it names no day on which it ends"
	}
	return text
}

// advice says what to do, by what the partner itself names.
func advice(n partners.Notice, otherwise string) string {
	var parts []string
	if n.Successor != "" {
		parts = append(parts, "What takes its place: "+n.Successor)
	}
	if n.More != "" {
		parts = append(parts, "they tell more at "+n.More)
	}
	if len(parts) == 0 {
		return otherwise
	}
	text := strings.Join(parts, "; ")
	return strings.ToUpper(text[:1]) + text[1:]
}
