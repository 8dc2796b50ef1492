package incidents

import (
	"slices"
	"time"
)

// TriageRules are the lengths of time by which evidence is judged.
type TriageRules struct {
	LagWindow  time.Duration // how long their page may still turn a verdict that calls it ours
	PageAge    time.Duration // a reading of their page that is older is no evidence
	Grace      time.Duration // how long a failure stays theirs after their page calls it over
	WindowLead time.Duration // how long before an announced window it may begin
	OurChange  time.Duration // a failure this soon after a change of ours counts as its doing
	// LongBefore is by how much a failure of ours may be older than an incident of theirs that explains it. Pages that are
	// read give the beginning of the trouble, but some give the hour at which somebody wrote it down.
	LongBefore time.Duration
	Removed    time.Duration // how long after its day an announced removal explains that we are refused
	ClockOff   time.Duration // our clock is wrong beyond this
}

// DefaultTriageRules are the rules where the configuration says nothing else. Pages were late by 16 minutes at the
// median and 121 at most in the one study that measured it (Metrist, 25 outages, 2022 and 2023); Workday shuts its doors
// 30 minutes before a window.
func DefaultTriageRules() TriageRules {
	return TriageRules{
		LagWindow: 45 * time.Minute, PageAge: 15 * time.Minute, Grace: 15 * time.Minute, WindowLead: 30 * time.Minute,
		OurChange: 30 * time.Minute, LongBefore: 6 * time.Hour, Removed: 7 * 24 * time.Hour, ClockOff: 2 * time.Minute,
	}
}

// Decide says whose a failure is, from all that could be learned about it. It is pure: the same evidence in any order
// gives the same verdict. What a person said is returned as it stands. It calls nothing the partner's that is not
// announced on the partner's own page, and never while our own controls get no answer either.
func Decide(e Evidence, rules TriageRules) Verdict {
	if e.Prior.By != "" {
		return e.Prior
	}
	q := inquire(e, rules)
	v := q.stands(q.judge())
	v.At, v.Missing = e.At, q.Missing
	if v.Word == Internal && q.Prior.Word == Internal {
		v.At = q.standsSince()
	}
	v.Points = q.points(v)
	v.Moments = q.moments(v)
	return v
}

// judge asks in the order in which evidence outranks other evidence: what concerns everything before what concerns this
// partner, and what a partner's outage could not produce before what its page says.
func (q inquiry) judge() Verdict {
	for _, ask := range []func() (Verdict, bool){
		q.ourNetwork, q.brokenProbe, q.toldToSlowDown, q.refusal, q.certificate, q.theirWord, q.justOver, q.slowDownInDisguise,
	} {
		if v, sure := ask(); sure {
			return v
		}
	}
	look := q.look()
	if !q.page.read {
		return q.unread(look)
	}
	return q.unannounced(look)
}

// restsOnPage are the reasons of a verdict that was given because their page did not say otherwise.
func restsOnPage(r Reason) bool {
	return slices.Contains([]Reason{ReasonNotAnnounced, ReasonOurs, ReasonShared, ReasonNeverWorked, ReasonOurChange, ReasonPlanned, ReasonAnnounced}, r)
}

// stands keeps a verdict that called it ours from being turned by less than it takes: by a page that cannot be read any
// more, and by any page once the time to look again is over.
func (q inquiry) stands(v Verdict) Verdict {
	prior := q.Prior
	if prior.Word != Internal || v.Word == Internal {
		return v
	}
	switch {
	case v.Word == Unclear && restsOnPage(prior.Reason):
		return prior
	case v.Word == Unclear && q.late():
		v.Word, v.Reason = Internal, ReasonOurs
		if v.Lean == LeanTheirs {
			v.Reason = ReasonNotAnnounced
		}
		v.Says = "Still ours to look at: " + q.saw() + ", and " + q.page.unreadWords(q.name()) + "."
	case v.Word == External && q.late():
		v.Word, v.Reason, v.Lean = Internal, ReasonAnnounced, LeanTheirs
		v.Says = "Still ours to look at, though it looks like theirs by now: " + q.announcedWords(v.Announced) +
			". It has stood as ours for more than " + inUnits(q.rules.LagWindow) + "."
		v.Would = "Only a person's word turns it now: press It's theirs if that explains it."
		v.Announced = nil
	}
	return v
}

// standsSince is since when it has been called ours; now where it has not.
func (q inquiry) standsSince() time.Time {
	if q.Prior.Word != Internal {
		return q.At
	}
	if q.Prior.At.After(q.Incident.Since) {
		return q.Prior.At
	}
	return q.Incident.Since
}

// late tells that the time in which their page may turn it is over.
func (q inquiry) late() bool { return q.At.Sub(q.standsSince()) > q.rules.LagWindow }
