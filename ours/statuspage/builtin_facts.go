package statuspage

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// facts are what the page that Sparky serves has to say, in whatever form.
type facts struct {
	served   Served
	at       time.Time // when it was read
	changed  time.Time // when anything of it last changed
	level    partners.Level
	features []feature
	open     []happening // the newest first
	over     []happening // the newest first
}

// feature is something that customers use.
type feature struct {
	id    string
	name  string
	level partners.Level
	since time.Time // the newest word about it; zero where there is none
}

// happening is an incident as customers are told of it.
type happening struct {
	id      string
	title   string
	phase   string
	level   partners.Level // the worst that it was
	affects []string
	began   time.Time // when it was first told of
	since   time.Time // when it was told of after it had last been over; began where it never was
	ended   time.Time // zero while it lasts
	updates []incidents.PostUpdate
}

func newFacts(served Served, posts []incidents.Incident, at, began time.Time) facts {
	known := facts{served: served, at: at, changed: began, level: partners.Operational}
	for _, in := range posts {
		if len(in.Post.Updates) == 0 || in.Post.State == incidents.PostNone {
			continue
		}
		h := newHappening(in)
		if last := h.updates[len(h.updates)-1].At; last.After(known.changed) {
			known.changed = last
		}
		if h.ended.IsZero() {
			known.open = append(known.open, h)
		} else if at.Sub(h.ended) < history {
			known.over = append(known.over, h)
		}
	}
	newestFirst := func(a, b happening) int {
		return cmp.Or(b.updates[len(b.updates)-1].At.Compare(a.updates[len(a.updates)-1].At), cmp.Compare(a.id, b.id))
	}
	slices.SortFunc(known.open, newestFirst)
	slices.SortFunc(known.over, newestFirst)
	known.addFeatures(posts)
	return known
}

// addFeatures are those that are configured, and any other that a post of ours names.
func (f *facts) addFeatures(posts []incidents.Incident) {
	now := worst(posts)
	names := slices.Clone(f.served.Features)
	for _, h := range f.open {
		names = append(names, h.affects...)
	}
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] || name == "" {
			continue
		}
		seen[name] = true
		level, affected := now[name]
		if !affected {
			level = partners.Operational
		}
		f.features = append(f.features, feature{id: stableID(name), name: name, level: level, since: f.lastTold(name)})
		f.level = f.level.Worse(level)
	}
	// What affects no feature that the page lists is an incident all the same.
	for _, h := range f.open {
		f.level = f.level.Worse(h.now())
	}
}

// lastTold is when the page last said something about a feature.
func (f *facts) lastTold(name string) time.Time {
	last := time.Time{}
	for _, h := range slices.Concat(f.open, f.over) {
		if at := h.updates[len(h.updates)-1].At; slices.Contains(h.affects, name) && at.After(last) {
			last = at
		}
	}
	return last
}

func newHappening(in incidents.Incident) happening {
	updates := in.Post.Updates
	last := updates[len(updates)-1]
	h := happening{id: in.ID, title: last.Title, phase: last.Phase, level: partners.Operational, affects: in.Affects,
		began: updates[0].At.UTC(), since: updates[0].At.UTC(), updates: updates}
	for n, u := range updates {
		if u.Phase != resolved {
			h.level = h.level.Worse(shownLevel(u.Level))
		}
		if n > 0 && updates[n-1].Phase == resolved {
			h.since = u.At.UTC()
		}
	}
	if last.Phase == resolved || in.Post.State != incidents.PostPublished {
		h.phase, h.ended = resolved, last.At.UTC()
	}
	return h
}

// now is how badly the features are affected at the moment.
func (h happening) now() partners.Level {
	if !h.ended.IsZero() {
		return partners.Operational
	}
	return shownLevel(h.updates[len(h.updates)-1].Level)
}

// shownLevel is a level that a customer may be shown: what is not known is at least degraded.
func shownLevel(level partners.Level) partners.Level {
	if level == partners.Unknown || level == "" {
		return partners.Degraded
	}
	return level
}

// stableID names something as Statuspage does, in twelve characters, and the same way every time.
func stableID(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:6])
}
