package changes

import (
	"cmp"
	"strings"

	"sparky/incidents"
)

// Acts are what was done to the run since it stood as before, which is the zero Run where there was none. Its steps on the
// way are none.
func (r Run) Acts(before Run, d incidents.Doer) []incidents.Act {
	var all []incidents.Act
	did := func(a incidents.Act) {
		a.Partner, a.Target, a.Origin = r.Partner, r.ID, d.Origin
		a.Reason = r.Version + strings.TrimRight(": "+a.Reason, ": ")
		all = append(all, a)
	}
	if before.ID == "" {
		did(r.asked())
	}
	begun := before.State == "" || before.State == RunAsked
	if begun && r.State != RunAsked && !r.Begun.IsZero() {
		did(incidents.Act{At: r.Begun, Did: incidents.DidDispatch, Reason: r.Workflow + " in " + r.Repo})
	}
	if !r.State.Live() && (before.ID == "" || before.State.Live()) {
		did(incidents.Act{At: r.Ended, Did: incidents.DidEndRun, Reason: r.ended()})
	}
	return all
}

// asked is that the run was asked for, and why.
func (r Run) asked() incidents.Act {
	a := incidents.Act{At: r.Asked, Did: incidents.DidAskRun, Actor: r.By}
	switch {
	case r.Attempt > 1:
		a.Actor, a.Reason = "", "once more, since the run before came to no verdict"
	case r.By == "" && r.Entry != nil:
		a.Reason = "announced as “" + strings.TrimRight(strings.TrimSpace(r.Entry.Title), ".") + "”"
	}
	return a
}

func (r Run) ended() string {
	switch r.State {
	case RunPassed:
		return "our integration works with it"
	case RunFailed:
		return "it failed"
	}
	return "no verdict. " + cmp.Or(r.Reason, "Why is not known.")
}
