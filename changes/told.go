package changes

import (
	"encoding/json"
	"fmt"
	"time"

	"sparky/incidents"
)

// Telling is what an effect is as something that was done: people are told of what was announced, of a day that comes near,
// of a source that cannot be read, or of what a probe saw coming. ok is false where it tells of none of these: what it is
// then is kept with an incident or a run.
func Telling(e incidents.Effect, now time.Time) (act incidents.Act, ok bool) {
	var read func() error
	act = incidents.Act{At: now, Origin: incidents.BySchedule, Did: incidents.DidTell}
	switch e.Kind {
	case EffectDigest:
		read = func() error {
			var d Digest
			err := json.Unmarshal(e.Payload, &d)
			act.Partner = d.Partner
			if len(d.Items) > 0 {
				act.Reason = andMore(d.Items[0].Title, d.Total()-1)
			}
			return err
		}
	case EffectReminder:
		read = func() error {
			var r Reminder
			err := json.Unmarshal(e.Payload, &r)
			act.Partner, act.Did = r.Partner, incidents.DidRemind
			if len(r.Items) > 0 {
				act.Reason = string(r.Items[0].Effective) + ", " + andMore(r.Items[0].Title, len(r.Items)-1+r.Folded)
			}
			return err
		}
	case EffectNotice:
		read = func() error {
			var n SourceNotice
			err := json.Unmarshal(e.Payload, &n)
			act.Partner, act.Reason = n.Partner, n.Source+" cannot be read: "+n.Problem
			if n.Problem == "" {
				act.Reason = n.Source + " is read again"
			}
			return err
		}
	case incidents.EffectWarning:
		read = func() error {
			var w incidents.Warning
			err := json.Unmarshal(e.Payload, &w)
			act.Partner, act.Reason = w.Partner, w.Probe+": "+w.Text
			return err
		}
	default:
		return incidents.Act{}, false
	}
	// What cannot be read is told to nobody either.
	return act, read() == nil
}

// andMore is the first of several titles, and how many more there are.
func andMore(first string, more int) string {
	text := "“" + first + "”"
	if more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
