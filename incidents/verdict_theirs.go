package incidents

import (
	"slices"
	"strings"
	"time"

	"sparky/partners"
)

// theirWord is the verdict where the partner's page tells of something that goes on now and concerns us.
func (q inquiry) theirWord() (Verdict, bool) {
	t := q.said(anything)
	if t == nil || q.controlsDown() || q.nature != theirSide && q.nature != nothingSeen {
		return Verdict{}, false
	}
	return q.theirs(*t), true
}

func (q inquiry) theirs(t trouble) Verdict {
	v := Verdict{Word: External, Reason: ReasonAnnounced, Announced: &t.Announced}
	overrun := t.Maintenance && !t.Until.IsZero() && q.At.After(t.Until.Add(q.rules.Grace))
	switch {
	case overrun:
		v.Says = q.name() + "'s own maintenance, which lasts longer than they said: “" + t.Name + "” was to end at " + q.when(t.Until) + "."
		v.Would = "It becomes ours to look at when their page says that it is over and it still fails " + inUnits(q.rules.Grace) + " later."
	case t.Maintenance:
		v.Reason = ReasonPlanned
		v.Says = q.name() + "'s own planned maintenance: “" + t.Name + "”" + q.until(t.Until) + "."
		v.Would = "It becomes ours to look at if it still fails " + inUnits(q.rules.Grace) + " after its end and their page says nothing more."
	default:
		if q.sharedEdge() != "" {
			v.Reason = ReasonShared
		}
		v.Says = q.name() + "'s own outage: " + q.announcedWords(v.Announced) + "."
		v.Would = "It becomes ours to look at when their page says that it is over and it still fails " + inUnits(q.rules.Grace) + " later."
	}
	return v
}

// announcedWords say what their page reports.
func (q inquiry) announcedWords(a *Announced) string {
	words := "their page reports “" + a.Name + "”"
	if !a.Began.IsZero() {
		words += " since " + q.when(a.Began)
	}
	return words
}

func (q inquiry) until(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ", until " + q.when(t)
}

// grace is how long a failure stays theirs after their page called it over. Figures hold what is over for as long as they look
// back: the shortest of them, and nothing where a run fails too.
func (q inquiry) grace() time.Duration {
	if len(q.lead) == 0 {
		return q.rules.Grace
	}
	least := q.lead[0].LooksBack
	for _, r := range q.lead {
		least = min(least, r.LooksBack)
	}
	return q.rules.Grace + least
}

// justOver keeps a failure theirs for a while after their page called it over.
func (q inquiry) justOver() (Verdict, bool) {
	gone, ok := q.goneBy()
	if q.Prior.Word != External || !ok || gone > q.grace() || gone < 0 || !q.page.read || q.controlsDown() || q.nature != theirSide {
		return Verdict{}, false
	}
	v := Verdict{Word: External, Reason: q.Prior.Reason, Announced: q.Prior.Announced, Over: true}
	v.Says = "Still " + q.name() + "'s: their page called “" + q.Prior.Announced.Name + "” over at " + q.when(q.At.Add(-gone)) + ", and the same still fails."
	if q.grace() > q.rules.Grace {
		v.Says = "Still " + q.name() + "'s: their page called “" + q.Prior.Announced.Name + "” over at " + q.when(q.At.Add(-gone)) + ", and the figure looks back further than that."
	}
	v.Would = "It becomes ours to look at if it still fails " + inUnits(q.grace()) + " after their page called it over."
	return v, true
}

// look is where the evidence points when their page does not tell.
type look struct {
	reason Reason
	lean   Lean
	why    string // as the end of a sentence
}

// look asks in the order of what would explain most: a provider below several, an announced change, a change of ours,
// what never worked, and at last the kind of failure.
func (q inquiry) look() look {
	edge, notice := q.sharedEdge(), q.planned()
	switch {
	case edge != "":
		return look{ReasonShared, LeanTheirs, q.saw() + " at the edge of " + edge + ", and so do other partners behind it"}
	case notice != nil:
		return look{ReasonPlanned, "", q.plannedWords(*notice)}
	case q.ourChange():
		return look{ReasonOurChange, LeanOurs, q.saw() + q.afterOurChange()}
	case q.neverWorked():
		return look{ReasonNeverWorked, LeanOurs, q.saw() + ", and this probe has never passed, which is most often a matter of configuration"}
	case q.slowAsUsual():
		return look{ReasonOurs, LeanOurs, "its answers are no slower than usual, so our own limit is too tight"}
	case q.asleep():
		return look{ReasonOurs, LeanOurs, "their answer says that our instance is hibernating; wake it up"}
	case q.looksTheirs():
		return look{ReasonNotAnnounced, LeanTheirs, q.saw() + q.whileOursIsWell()}
	}
	return look{ReasonOurs, "", q.saw() + ", and nothing shows on whose side that is"}
}

// unread is the verdict where their page gave no word that counts.
func (q inquiry) unread(l look) Verdict {
	v := Verdict{Word: Unclear, Reason: ReasonPageUnread, Lean: l.lean}
	if l.reason == ReasonShared {
		v.Reason = ReasonShared
	}
	v.Says = "Unclear whose it is: " + q.page.unreadWords(q.name()) + "."
	switch why := strings.TrimSuffix(l.why, "."); l.lean {
	case LeanTheirs:
		v.Says += " It looks like theirs: " + why + "."
	case LeanOurs:
		v.Says += " It looks like ours: " + why + "."
	default:
		v.Says += " What we saw: " + why + "."
	}
	v.Would = "It is decided when their page can be read again, or when a person says whose it is."
	if !q.Page.Configured {
		v.Would = "A person's word decides it. A status page in the configuration would let Sparky ask."
	}
	return v
}

// unreadWords say that the page is no evidence.
func (p pageView) unreadWords(name string) string {
	switch p.problem {
	case "no status page is configured":
		return "no status page of " + name + " is configured"
	case "":
		return "their page says nothing of it"
	}
	return "their page cannot be read (" + strings.TrimSuffix(p.problem, ".") + ")"
}

// unannounced is the verdict where their page was read and tells of nothing that explains it.
func (q inquiry) unannounced(l look) Verdict {
	v := Verdict{Word: Internal, Reason: l.reason, Lean: l.lean,
		Would: "It becomes theirs if their page reports it before " + q.when(q.standsSince().Add(q.rules.LagWindow)) + ", or if a person says so."}
	if q.late() {
		v.Would = "Only a person's word turns it by now."
	}
	switch {
	case l.reason == ReasonNotAnnounced:
		v.Says = "Escalated: not announced by them, but it looks like theirs: " + l.why + "."
	case l.reason == ReasonShared:
		v.Says = "Escalated: a provider below several partners seems to fail. " + l.why + "."
	case l.reason == ReasonPlanned:
		v.Says, v.Would = l.why, "It ends when we have made the change, or when they put it off."
	case l.lean == LeanOurs:
		v.Says = "Ours: " + l.why + "."
	default:
		v.Says = "Ours to look at: " + l.why + "."
	}
	return v
}

// sharedEdge is the provider at whose edge this partner and others fail at once; empty where there is none.
func (q inquiry) sharedEdge() string {
	for _, r := range q.lead {
		if r.Edge == "" || classOf(r) != partners.FailServer {
			continue
		}
		if slices.ContainsFunc(q.neighbours(), func(n Neighbour) bool { return n.Failing > 0 && strings.EqualFold(n.Edge, r.Edge) }) {
			return oneLine(r.Edge, 40)
		}
	}
	return ""
}

// ourSideWell tells that something else was reached from here at the time: a control, another partner, a status page.
func (q inquiry) ourSideWell() bool {
	if q.controlAnswers() || q.readDuring() {
		return true
	}
	return slices.ContainsFunc(q.neighbours(), func(n Neighbour) bool { return n.Failing == 0 || n.PageRead })
}

// readDuring tells that the partner's page was read while the failure lasted.
func (q inquiry) readDuring() bool {
	return q.page.read && len(q.lead) > 0 && !q.page.status.ReadAt.Before(q.lead[0].At)
}

// looksTheirs tells that the kind of failure is one that a partner's own trouble produces, and that our side is shown to
// be well where the failure might be of the way there.
func (q inquiry) looksTheirs() bool {
	if len(q.lead) == 0 || q.nature != theirSide {
		return false
	}
	switch q.class() {
	case partners.FailServer:
		return true
	case partners.FailContent:
		return troubleCue.MatchString(q.lead[0].Excerpt)
	case partners.FailReset, partners.FailTimeout, partners.FailConnect, partners.FailTLS, partners.FailDNS, partners.FailSlow:
		return q.ourSideWell()
	case partners.FailCertificate: // of this nature only where it has run out
		return true
	}
	return false
}

// neverWorked tells that no probe that the verdict is about has passed once.
func (q inquiry) neverWorked() bool {
	histories := q.leadHistory()
	if len(histories) == 0 {
		return false
	}
	return !slices.ContainsFunc(histories, func(h History) bool { return h.Runs == 0 || h.Passed > 0 || !h.LastPass.IsZero() })
}

// slowAsUsual tells that an answer that was too slow took no longer than answers usually do.
func (q inquiry) slowAsUsual() bool {
	if !q.leads(partners.FailSlow) {
		return false
	}
	return slices.ContainsFunc(q.leadHistory(), func(h History) bool {
		return h.UsualP95 > 0 && h.Partner == q.lead[0].Partner && h.Probe == q.lead[0].Probe && q.lead[0].Took <= h.UsualP95
	})
}

func (q inquiry) asleep() bool {
	return q.leads(partners.FailContent) && asleepCue.MatchString(q.lead[0].Excerpt)
}

// ourChange tells that the failure began right after a change in our configuration, and that nothing has passed since.
func (q inquiry) ourChange() bool {
	at, began := q.OurChange.At, q.began()
	if at.IsZero() || began.IsZero() || at.After(began) || began.Sub(at) > q.rules.OurChange {
		return false
	}
	return !slices.ContainsFunc(q.leadHistory(), func(h History) bool { return h.LastPass.After(at) })
}
