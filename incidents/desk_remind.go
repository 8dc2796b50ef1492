package incidents

import (
	"cmp"
	"slices"
	"time"
)

// remind brings a call to on-call up again that nobody has acknowledged, in the thread of its card, each time of
// Rules.Remind once. What passed while Sparky was down is one reminder. Without a user group that can be mentioned nobody
// would hear of it, so there is none.
func (l *ledger) remind(in *Incident) {
	if !in.Unanswered() || in.MutedUntil.After(l.now) || l.desk.Rules.Offices.Mention == "" || in.Page.Since.IsZero() {
		return
	}
	waited := l.now.Sub(in.Page.Since)
	passed := RemindersPassed(waited, l.desk.Rules.Remind)
	if passed <= in.Page.Reminded {
		return
	}
	in.Page.Reminded = passed
	l.happened(in, Event{Kind: EventReminded, Text: "Nobody has acknowledged this for " + inUnits(waited) + ". " + in.trouble() + " " + remindMend})
}

// remindMend is how a person lets Sparky rest.
const remindMend = "Whoever has it presses Acknowledge on the message above."

// trouble is whose failure it is and what fails, as a sentence. A line that rings is read alone, on a lock screen.
func (i Incident) trouble() string {
	switch i.Kind {
	case KindNetwork:
		return "Our own network looks down."
	case KindStorm:
		return atOnceText(i.Storm.Tally().Active)
	}
	var names []string
	for _, f := range i.FailingProbes() {
		names = append(names, oneLine(f.Probe, 60))
	}
	switch who := cmp.Or(oneLine(i.Name, 60), "A partner"); len(names) {
	case 0:
		return who + " fails."
	case 1:
		return who + ": " + names[0] + " fails."
	default:
		return who + ": " + listed(names) + " fail."
	}
}

// Unanswered tells that on-call is called for the incident, and that nobody has taken it.
func (i Incident) Unanswered() bool {
	return i.State == StateOpen && i.Page.Wanted == PageTriggered && i.Page.Done != PageAcknowledged
}

// RemindedAfter tells that people were to be reminded of the call once more after that time.
func (i Incident) RemindedAfter(at time.Time) bool {
	return slices.ContainsFunc(i.Events, func(e Event) bool { return e.Kind == EventReminded && e.At.After(at) })
}

// RemindersPassed is how many of the times after a call have passed, the times rising.
func RemindersPassed(waited time.Duration, after []time.Duration) int {
	n := 0
	for _, d := range after {
		if d > 0 && waited >= d {
			n++
		}
	}
	return n
}
