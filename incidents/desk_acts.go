package incidents

import (
	"cmp"
	"slices"
	"strings"
)

// somebody did it, and nobody tells who; inJira follows the name of a person whom Jira names.
const (
	somebody = "somebody"
	inJira   = " in Jira"
)

// longestActReason is how many characters of a reason are kept.
const longestActReason = 300

// did notes something that was done to the incident.
func (l *ledger) did(in Incident, a Act) {
	a.At, a.Partner, a.Target, a.Reason = l.now, in.Partner, in.ID, oneLine(a.Reason, longestActReason)
	a.Origin = cmp.Or(a.Origin, l.doer.Origin)
	l.Acts = append(l.Acts, a)
}

// acts notes the change from before to after as what was done: what happened in words, and what follows from it in other
// systems.
func (l *ledger) acts(before, after Incident) {
	events := after.Events[min(len(after.Events), max(0, before.Forgotten+len(before.Events)-after.Forgotten)):]
	for _, e := range events {
		if e.Kind == EventPublished && e.By == "" && after.Post.By != "" {
			continue // it stands there, by the deed of whoever published it
		}
		if did := didBy(e); did != "" {
			l.did(after, Act{Did: did, Actor: actorOf(e), Reason: reasonOf(after, e)})
		}
	}
	if before.Ticket.Key == "" && after.Ticket.Key != "" {
		l.did(after, Act{Did: DidTicket})
	}
	called := before.Page.Wanted == PageTriggered || before.Page.Wanted == PageAcknowledged
	if called && after.Page.Wanted == PageResolved {
		l.did(after, Act{Did: DidStopPage, Reason: cause(events)})
	}
	l.postActs(before.Post, after, events)
}

// postActs notes what was done to the incident's post on our public page.
func (l *ledger) postActs(before Post, after Incident, events []Event) {
	post := after.Post
	begun := post.State == PostPublished && before.State != PostPublished // that it stands there is told when it does
	switch {
	case post.State == PostProposed && before.State != PostProposed:
		l.did(after, Act{Did: DidPropose, Reason: after.Verdict.Says})
	case post.State == PostResolved && before.State == PostPublished:
		l.did(after, Act{Did: DidTakeBack, Reason: cause(events)})
	case len(post.Updates) > len(before.Updates) && !begun:
		l.did(after, Act{Did: DidUpdate, Reason: post.Updates[len(post.Updates)-1].Text})
	}
	if post.ByHand && !before.ByHand {
		l.did(after, Act{Did: DidChange, Actor: somebody, Origin: OnStatusPage, Reason: "The post was edited there, so I leave it as it is."})
	}
}

// didBy is what an event was as something that was done; empty for what only showed, and for what is told otherwise: a
// person's mute, and how a compatibility run ended.
func didBy(e Event) Did {
	switch e.Kind {
	case EventOpened:
		return DidOpen
	case EventReopened:
		return DidReopen
	case EventVerdict:
		return DidJudge
	case EventAmended:
		return DidAmend
	case EventOverruled:
		return DidOverrule
	case EventAcknowledged:
		return DidAcknowledge
	case EventPaged:
		return DidPage
	case EventReminded:
		return DidRemindCall
	case EventPublished:
		return DidPublish
	case EventDeclined:
		return DidDecline
	case EventByHand:
		return DidChange
	case EventClosed:
		return DidResolve
	case EventRecovered:
		return DidEnd
	case EventFolded:
		return DidFold
	case EventUnwatched:
		return DidUnwatch
	}
	switch {
	case e.By != "":
		return ""
	case e.Kind == EventMuted:
		return DidMute
	case e.Kind == EventUnmuted:
		return DidUnmute
	}
	return ""
}

func actorOf(e Event) string {
	if e.Kind == EventByHand {
		return cmp.Or(e.By, somebody)
	}
	return strings.TrimSuffix(e.By, inJira)
}

// reasonOf is why an event came about, or what it was in detail; empty where what was done says it all.
func reasonOf(in Incident, e Event) string {
	if e.Why != "" {
		return e.Why
	}
	switch e.Kind {
	case EventAcknowledged, EventClosed, EventDeclined:
		return ""
	case EventOpened:
		return strings.TrimPrefix(e.Text, "Opened: ")
	case EventPaged:
		return in.Verdict.Says
	case EventPublished:
		if e.By != "" {
			return ""
		}
		return in.Verdict.Says
	case EventVerdict, EventAmended:
		return string(in.Verdict.Word) + ": " + e.Text
	}
	return e.Text
}

// cause is what happened first of what came of one decision: the rest follows from it.
func cause(events []Event) string {
	if len(events) == 0 {
		return ""
	}
	return events[0].Text
}

// muteActs notes which mutes people made and lifted since then. One that ran out was lifted by nobody.
func (l *ledger) muteActs(before []Mute) {
	same := func(a, b Mute) bool { return a.Partner == b.Partner && a.Probe == b.Probe }
	note := func(m Mute, did Did, by, reason string) {
		target := m.Partner
		if m.Probe != "" {
			target = ProbeKey(m.Partner, m.Probe)
		}
		l.Acts = append(l.Acts, Act{At: l.now, Partner: m.Partner, Actor: by, Origin: l.doer.Origin, Did: did, Target: target,
			Reason: oneLine(reason, longestActReason)})
	}
	for _, m := range l.Mutes {
		if !slices.Contains(before, m) {
			note(m, DidMute, m.By, "until "+stamp(m.Until, l.now)+because(m.Reason))
		}
	}
	for _, m := range before {
		lifted := !slices.ContainsFunc(l.Mutes, func(now Mute) bool { return same(m, now) })
		if lifted && l.now.Before(m.Until) {
			note(m, DidUnmute, l.doer.Actor, "")
		}
	}
}
