package changes

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"sparky/incidents"
)

// EffectMorning is the kind of the pictures whose payload is a Morning.
const EffectMorning = "slack.morning"

// MorningRule says when people are told what is not urgent. The zero rule has nothing wait.
type MorningRule struct {
	At   time.Duration  // after midnight
	Zone *time.Location // nil: there is no such message
}

// Morning is what one message of a morning tells, in the order in which it came.
type Morning struct {
	Day   Date          `json:"day"` // in the rule's zone
	Items []MorningItem `json:"items"`
	More  int           `json:"more,omitempty"` // how many were left out because there were too many
}

// MorningItem is one thing that could wait.
type MorningItem struct {
	Key     string          `json:"key"`  // the effect's
	Kind    string          `json:"kind"` // EffectDigest, EffectNotice or incidents.EffectWarning
	At      time.Time       `json:"at"`   // when it came
	Payload json.RawMessage `json:"payload"`
}

// mostMorning is how many things a morning holds: more than a message can show.
const mostMorning = 200

// expiresSoon is when what runs out has to be told at once.
const expiresSoon = 3 * 24 * time.Hour

// Next is the first morning after a moment, and the day that it is of.
func (r MorningRule) Next(now time.Time) (at time.Time, day Date) {
	y, m, d := now.In(r.Zone).Date()
	for n := range 3 {
		// By the clock on the wall, so that the hour stays when the clocks are changed.
		at = time.Date(y, m, d+n, int(r.At/time.Hour), int(r.At%time.Hour/time.Minute), 0, 0, r.Zone)
		if at.After(now) {
			break
		}
	}
	return at, Date(at.Format(time.DateOnly))
}

// Waits tells whether an effect is a message that can wait until the morning: a warning of what does not fail yet, a changelog
// that cannot be read and may mend itself, or announcements of which none asks for anything. What fails, such as a host that is
// not called any more, what only a person can mend, what runs out within three days, and what breaks, ends, can be tried or is
// about security goes at once.
func (r MorningRule) Waits(e incidents.Effect, now time.Time) (item MorningItem, ok bool) {
	if r.Zone == nil {
		return item, false
	}
	switch e.Kind {
	case incidents.EffectWarning:
		var w incidents.Warning
		ok = json.Unmarshal(e.Payload, &w) == nil && (w.Aside == "" || w.Over) && (w.Expires.IsZero() || w.Expires.Sub(now) > expiresSoon)
	case EffectNotice:
		var n SourceNotice
		ok = json.Unmarshal(e.Payload, &n) == nil && !n.Lasts
	case EffectDigest:
		var d Digest
		ok = json.Unmarshal(e.Payload, &d) == nil && d.calm()
	}
	return MorningItem{Key: e.Key, Kind: e.Kind, At: now, Payload: e.Payload}, ok
}

// calm tells that nothing in the digest asks for anything, today or later.
func (d Digest) calm() bool {
	pressing := []Kind{Breaking, Deprecation, Removal, Security, Beta}
	for _, k := range pressing {
		if d.Folded[k] > 0 {
			return false
		}
	}
	return !slices.ContainsFunc(d.Items, func(i Item) bool {
		return i.Before != nil || i.Version != "" || slices.ContainsFunc(i.Kinds, func(k Kind) bool { return slices.Contains(pressing, k) })
	})
}

// Add is the morning with one more thing. The end of something takes the place of its beginning.
func (m Morning) Add(item MorningItem) Morning {
	begun := strings.TrimSuffix(item.Key, incidents.OverSuffix)
	m.Items = slices.DeleteFunc(slices.Clone(m.Items), func(old MorningItem) bool { return old.Key == begun })
	if len(m.Items) >= mostMorning {
		m.More++
		return m
	}
	m.Items = append(m.Items, item)
	return m
}

// Effect is the message of the morning, to be posted at that time.
func (m Morning) Effect(at time.Time) incidents.Effect {
	effect := incidents.NewEffect(EffectMorning, MorningKey(m.Day), m)
	effect.Picture, effect.After = true, at
	return effect
}

// MorningKey names the message of a day.
func MorningKey(day Date) string { return fmt.Sprintf("morning/%s", day) }
