package statuspage

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/partners"
)

const (
	// lookBack is how long after an outage a component may still stand as we set it, because Sparky was killed before it
	// could note that.
	lookBack = 24 * time.Hour
	// ahead is how far Statuspage's clock may be behind ours, and behind how much later than it was asked for a status may
	// be set.
	ahead, behind = time.Minute, 10 * time.Minute
)

// features sets the components of the page, each to the worst of what the published incidents say of its feature, and
// back to operational when the last of them is over. A component that a person has set is left as it is, until nothing of
// ours concerns it any more.
type features struct {
	api        *api
	source     Source
	components map[string]string
	now        func() time.Time
	log        *slog.Logger
}

// standings is what is remembered of the components, by their ids.
type standings struct {
	Set     map[string]string `json:"set,omitempty"`     // as what we left them; those that we have not touched are not in it
	Hand    map[string]bool   `json:"hand,omitempty"`    // a person has set them while something of ours concerned them
	Skipped []string          `json:"skipped,omitempty"` // features that could not be shown, and why
	Read    time.Time         `json:"read"`              // when the posts were read that they stand by
}

// Do sets every component that does not stand as it is to. It looks before it writes, so doing it again does no harm.
func (f *features) Do(ctx context.Context, _ string, _, previous []byte) ([]byte, error) {
	before := standings{}
	if len(previous) > 0 && json.Unmarshal(previous, &before) != nil {
		before = standings{} // what the page and our posts tell is enough to go on
	}
	read := f.now()
	posts, err := f.source.Posts(ctx, read.Add(-lookBack))
	if err != nil {
		return nil, httpcall.Unsent(fmt.Errorf("setting the components of our status page: %w", err))
	}
	listed, err := f.api.list(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking at the components of our status page: %w", err)
	}
	after, wrong := f.note(posts, listed)
	after.Read = read
	for _, c := range f.ours(listed, before) {
		to, of := f.decide(c, posts, before)
		if to != c.Status {
			if err := f.api.set(ctx, c.ID, to); err != nil {
				return nil, fmt.Errorf("setting %s on our status page to %s: %w", c.Name, to, err)
			}
		}
		switch {
		case of == persons:
			after.Hand[c.ID] = true
		case of == ourOwn && to != operational:
			after.Set[c.ID] = to
		}
	}
	for _, text := range wrong {
		f.log.Warn("our status page cannot show a feature", "problem", text)
	}
	return encode("every component", after)
}

// Find answers that it is not there: Do looks for itself.
func (*features) Find(context.Context, string, []byte) ([]byte, bool, error) { return nil, false, nil }

// ours are the components that stand for a feature, and those that did when we set them, in the page's order.
func (f *features) ours(listed []component, before standings) []component {
	configured := slices.Collect(maps.Values(f.components))
	return slices.DeleteFunc(slices.Clone(listed), func(c component) bool {
		_, touched := before.Set[c.ID]
		return !touched && !slices.Contains(configured, c.ID)
	})
}

// note are empty standings, with the affected features that have no component.
func (f *features) note(posts []incidents.Incident, listed []component) (standings, []string) {
	after := standings{Set: map[string]string{}, Hand: map[string]bool{}}
	for _, feature := range slices.Sorted(maps.Keys(worst(posts))) {
		id, ok := f.components[feature]
		switch {
		case !ok:
			after.Skipped = append(after.Skipped, feature+" has no component; name one in status_page.components in sparky.yaml")
		case !slices.ContainsFunc(listed, func(c component) bool { return c.ID == id }):
			after.Skipped = append(after.Skipped, "the page has no component "+id+" for "+feature+"; correct status_page.components in sparky.yaml")
		}
	}
	return after, after.Skipped
}

// wanted is how a component is to stand by the published incidents, and whether any of them concerns it.
func (f *features) wanted(id string, posts []incidents.Incident) (string, bool) {
	level, concerns := partners.Operational, false
	for feature, now := range worst(posts) {
		if f.components[feature] == id {
			level, concerns = level.Worse(now), true
		}
	}
	return statusOf(level), concerns
}

// whose is who a component's status belongs to.
type whose int

const (
	nobodys whose = iota // it is as ever
	ourOwn
	persons
)

// decide is how a component is to stand, and whose that status is then.
func (f *features) decide(c component, posts []incidents.Incident, before standings) (to string, of whose) {
	to, concerns := f.wanted(c.ID, posts)
	left, touched := before.Set[c.ID]
	ours := touched && c.Status == left || f.weSet(c, posts, before.Read.Add(-ahead))
	switch {
	case !concerns && ours && !before.Hand[c.ID]:
		return operational, nobodys
	case !concerns:
		return c.Status, nobodys
	case before.Hand[c.ID]:
		return c.Status, persons
	case ours || c.Status == operational && !touched:
		return to, ourOwn
	default:
		return c.Status, persons
	}
}

// weSet tells that a component got its status while a post of ours asked for just that one: by an update since then, or by
// the newest one if the component was set since then. It is how what was set in an attempt whose end nobody could note, or
// by the post itself after the features were looked at, is known again.
func (f *features) weSet(c component, posts []incidents.Incident, since time.Time) bool {
	for _, in := range posts {
		if !slices.ContainsFunc(in.Affects, func(feature string) bool { return f.components[feature] == c.ID }) {
			continue
		}
		until := f.now()
		for n, newest := len(in.Post.Updates)-1, true; n >= 0; n-- {
			u := in.Post.Updates[n]
			if u.Phase != resolved {
				recent := u.At.After(since) || newest && c.Updated.After(since)
				if recent && statusOf(u.Level) == c.Status && c.Updated.After(u.At.Add(-ahead)) && c.Updated.Before(until.Add(behind)) {
					return true
				}
				newest = false
			}
			until = u.At
		}
	}
	return false
}
