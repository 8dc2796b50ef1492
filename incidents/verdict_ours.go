package incidents

import (
	"slices"
	"strconv"

	"sparky/partners"
)

// ourNetwork is the verdict where it is our own network that fails: the controls get no answer either, or most partners
// are cut off at once. That most are cut off counts for less where their page was read and tells of an outage.
func (q inquiry) ourNetwork() (Verdict, bool) {
	v := Verdict{Word: Internal, Reason: ReasonNetwork, Lean: LeanOurs,
		Would: "It ends by itself when calls are answered again; what still fails then is looked at on its own."}
	switch announced := q.said(anything) != nil; {
	case q.Incident.Kind == KindNetwork:
		v.Says = "Ours: Sparky's way to the internet is down. No partner is to blame."
	case q.controlsDown() && q.cutOff() && (q.nature == theirSide || q.nature == badCertificate):
		v.Says = "Ours: our own network is down. Addresses that have nothing to do with " + q.name() + " do not answer either, so no partner is to blame."
	case q.controlsDown() && q.nature == theirSide:
		v.Lean = ""
		v.Says = "Ours to look at first: " + q.saw() + ", but the addresses that we compare with get no answer from here either, so our own network comes first."
		v.Would = "Once those addresses answer again, what " + q.name() + "'s page says counts."
	case !announced && q.leads(partners.FailProxy):
		v.Says = "Ours: our own proxy did not let the call to " + q.name() + " through."
		v.Would = "It becomes theirs if their page reports an outage, or if a person says so."
	case !announced && q.cutOff() && q.nature == theirSide && q.mostCutOff():
		v.Says = "Ours: most partners stopped answering at the same time, which points to our own network. No partner is to blame."
	case q.nature == badCertificate && q.controlsRefuseCertificates():
		v.Says = "Ours: certificates of addresses that have nothing to do with each other are refused here, so something of ours stands in between, or our clock or trust store is wrong."
		v.Would = "It ends when those certificates are accepted again."
	default:
		return Verdict{}, false
	}
	return v, true
}

// controlsDown tells that every control was asked and none answered.
func (q inquiry) controlsDown() bool {
	return len(q.Controls) > 0 && !slices.ContainsFunc(q.Controls, func(c Control) bool { return c.Problem == "" })
}

func (q inquiry) controlAnswers() bool {
	return slices.ContainsFunc(q.Controls, func(c Control) bool { return c.Problem == "" })
}

func (q inquiry) controlsRefuseCertificates() bool {
	return slices.ContainsFunc(q.Controls, func(c Control) bool { return c.Problem != "" && c.Class == partners.FailCertificate })
}

// mostCutOff tells that more than half of the partners, this one counted, see no answer: two at least, and three where
// a control answers.
func (q inquiry) mostCutOff() bool {
	probed, out, least := 1, 1, 2
	for _, n := range q.neighbours() {
		probed++
		if n.AtNetwork > 0 {
			out++
		}
	}
	if q.controlAnswers() {
		least = 3
	}
	return out >= least && out*2 > probed
}

// neighbours are the other partners whose probes ran.
func (q inquiry) neighbours() []Neighbour {
	return slices.DeleteFunc(slices.Clone(q.Others), func(n Neighbour) bool { return n.Probes == 0 || n.Partner == q.Incident.Partner })
}

func (q inquiry) brokenProbe() (Verdict, bool) {
	if q.nature != probeBroke {
		return Verdict{}, false
	}
	return Verdict{Word: Internal, Reason: ReasonProbe, Lean: LeanOurs,
		Says:  "Ours: the probe itself broke, so nothing is known of " + q.name() + ".",
		Would: "It ends when the probe is mended. A person can say that it is theirs.",
	}, true
}

func (q inquiry) toldToSlowDown() (Verdict, bool) {
	if q.nature != slowDown {
		return Verdict{}, false
	}
	return q.throttled(), true
}

// slowDownInDisguise is being told to slow down by a server error. It comes after what their page says: an outage makes
// servers say many things.
func (q inquiry) slowDownInDisguise() (Verdict, bool) {
	disguised := q.leads(partners.FailServer) &&
		!slices.ContainsFunc(q.lead, func(r partners.ProbeResult) bool { return !saysSlowDown(r.Excerpt) })
	if q.nature != theirSide || !disguised {
		return Verdict{}, false
	}
	return q.throttled(), true
}

func (q inquiry) throttled() Verdict {
	status := ""
	if q.lead[0].Status != 0 {
		status = " (" + statusOf(q.lead[0]) + ")"
	}
	return Verdict{Word: Internal, Reason: ReasonThrottled, Lean: LeanOurs,
		Says:  "Ours: " + q.name() + " asks us to slow down" + status + ". Nobody is woken.",
		Would: "It ends when fewer calls are made with this account. If it goes on although we are quiet, ask " + q.name() + ".",
	}
}

func statusOf(r partners.ProbeResult) string { return strconv.Itoa(r.Status) }

// refusal is the verdict on answers that find fault with what we sent. Only an incident about signing in explains them.
func (q inquiry) refusal() (Verdict, bool) {
	if q.nature != refused {
		return Verdict{}, false
	}
	if t := q.said(trouble.aboutSignIn); t != nil && !q.controlsDown() {
		return q.theirs(*t), true
	}
	v := Verdict{Word: Internal, Reason: refusalReason(q.class()), Lean: LeanOurs, Would: "It becomes theirs if their page reports trouble with signing in, or if a person says so."}
	if refusalReason(q.class()) == ReasonRequest {
		v.Would = "It ends when our call fits their API again. If it is theirs, a person can say so."
	}
	v.Says = "Ours: " + refusalWords(q.class(), q.lead[0]) + q.afterOurChange() + "."
	expired := q.oursExpired()
	switch notice := q.planned(); {
	case q.class() == partners.FailAuth && expired != nil:
		v.Says = "Ours: " + refusalWords(q.class(), q.lead[0]) + "; " + expired.What + " ran out at " + q.when(expired.At) + "."
	case q.clockWrong() && q.class() == partners.FailAuth:
		v.Says = "Ours: " + refusalWords(q.class(), q.lead[0]) + ", and our clock is wrong by " + inUnits(q.ClockOff.Abs()) + ", which alone can do that."
	case notice != nil:
		v.Reason, v.Lean = ReasonPlanned, ""
		v.Says = q.plannedWords(*notice)
		v.Would = "It ends when we have made the change, or when they put it off."
	case q.ourChange(), q.controlsDown():
	case q.severalRefused():
		v.Reason, v.Lean = ReasonShared, LeanTheirs
		v.Says = "Escalated: the credentials of several partners were refused at once, so it looks like the service that signs us in, or a store of secrets of ours."
		v.Would = "It becomes theirs if their page reports trouble with signing in, or if a person says so."
	case q.comesAndGoes() || q.signInElsewhere():
		v.Lean = LeanTheirs
		v.Says = "Ours to look at, perhaps a fault of theirs: " + refusalWords(q.class(), q.lead[0]) + q.whyTheirFault() + "."
	}
	return v, true
}

func (t trouble) aboutSignIn() bool      { return signInCue.MatchString(t.about) }
func (t trouble) aboutCertificate() bool { return certificateCue.MatchString(t.about) }

// signInElsewhere tells of an incident about signing in on a part of their page that does not concern us by our
// configuration.
func (q inquiry) signInElsewhere() bool {
	return q.class() == partners.FailAuth &&
		slices.ContainsFunc(q.elsewhere(), func(i partners.PageIncident) bool { return ofIncident(i, i.Level).aboutSignIn() })
}

func (q inquiry) whyTheirFault() string {
	if q.signInElsewhere() {
		return ", and their page reports trouble with signing in"
	}
	return ", but other calls with the same credentials passed in between"
}

// comesAndGoes tells that a probe passed after it had begun to fail, which a wrong credential never does.
func (q inquiry) comesAndGoes() bool {
	return slices.ContainsFunc(q.leadHistory(), func(h History) bool {
		return h.LastPass.After(q.Incident.Since) && h.RecentFailed >= 2
	})
}

// severalRefused tells that other partners refuse our credentials at the same time.
func (q inquiry) severalRefused() bool {
	return q.class() == partners.FailAuth && slices.ContainsFunc(q.neighbours(), func(n Neighbour) bool { return n.Auth > 0 })
}

func refusalReason(class partners.FailureClass) Reason {
	switch class {
	case partners.FailAuth:
		return ReasonCredentials
	case partners.FailRights:
		return ReasonRights
	}
	return ReasonRequest
}

// certificate is the verdict on a certificate that one side does not accept, where it is not theirs that has expired.
func (q inquiry) certificate() (Verdict, bool) {
	if q.nature != badCertificate {
		return Verdict{}, false
	}
	expired := q.oursExpired()
	if t := q.said(trouble.aboutCertificate); t != nil && expired == nil && !q.controlsDown() {
		return q.theirs(*t), true
	}
	v := Verdict{Word: Internal, Reason: ReasonCertificate, Lean: LeanOurs, Would: "It becomes theirs if their page reports trouble with certificates, or if a person says so."}
	issuer := oneLine(q.lead[0].Issuer, 80)
	switch {
	case expired != nil:
		v.Says = "Ours: " + expired.What + " ran out at " + q.when(expired.At) + "."
		v.Would = "It ends when that is renewed."
	case q.clockWrong():
		v.Says = "Ours: our clock is wrong by " + inUnits(q.ClockOff.Abs()) + ", so certificates are refused."
	case issuer != "" && !publicAuthority(issuer):
		v.Says = "Ours to look at: the certificate of " + hostOf(q.lead[0]) + " was signed by “" + issuer + "”, which is no public authority; most often that is a proxy of ours in between."
	default:
		v.Lean = ""
		v.Says = "Ours to look at: the certificate of " + hostOf(q.lead[0]) + " is not accepted here; it may be for another name, or our trust store too old."
	}
	return v, true
}

func (q inquiry) clockWrong() bool { return q.ClockOff.Abs() > q.rules.ClockOff }

// oursExpired is something of ours that has run out; nil where nothing has.
func (q inquiry) oursExpired() *Expiry {
	for _, x := range q.Expiries {
		if x.Ours && !x.At.IsZero() && !x.At.After(q.At) {
			return &x
		}
	}
	return nil
}

// theirsExpired tells that the certificate that the partner showed has run out, for everybody.
func (q inquiry) theirsExpired(r partners.ProbeResult) bool {
	if !r.Expires.IsZero() && !r.Expires.After(q.At) {
		return q.oursExpired() == nil && !q.clockWrong()
	}
	return slices.ContainsFunc(q.Expiries, func(x Expiry) bool { return !x.Ours && !x.At.IsZero() && !x.At.After(q.At) }) &&
		q.oursExpired() == nil && !q.clockWrong()
}
