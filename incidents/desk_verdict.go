package incidents

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// looksAtOnce is how often a verdict is tried again that another one overtook.
const looksAtOnce = 3

// Triage gathers the evidence for an incident and judges it. A verdict that a person gave is left as it is, and so is one
// that was given while the evidence was gathered: the evidence is gathered anew then.
func (d *Desk) Triage(ctx context.Context, id string) error {
	for range looksAtOnce {
		if settled, err := d.look(ctx, id); err != nil || settled {
			return err
		}
	}
	return nil // whoever was faster each time has judged by evidence as new as this
}

func (d *Desk) look(ctx context.Context, id string) (settled bool, err error) {
	in, err := d.Memory.Incident(ctx, id)
	if err != nil {
		return false, fmt.Errorf("looking at incident %s: %w", id, err)
	}
	if !in.State.Active() || in.Kind != KindProbe || in.Verdict.By != "" {
		return true, nil
	}
	evidence := d.Witness.Gather(ctx, in)
	verdict := d.Judge(evidence)
	verdict.Probes = len(evidence.Incident.FailingProbes())
	err = d.decide(ctx, in.Partner, func(l *ledger) error {
		settled = true
		now := l.byID(id)
		if now == nil || !now.State.Active() || now.Outage != in.Outage || now.Verdict.By != "" {
			return nil
		}
		if !now.Verdict.Same(in.Verdict) || !now.Verdict.At.Equal(in.Verdict.At) {
			settled = verdict.Same(now.Verdict)
			return nil
		}
		// What is configured may be the document for programs; people are led to the page for people.
		now.PageURL = cmp.Or(evidence.Page.Status.Page, evidence.Page.LastGood.Page, now.PageURL)
		l.conclude(now, verdict)
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("keeping the verdict on %s: %w", id, err)
	}
	return settled, nil
}

// conclude gives the incident Sparky's own verdict. One that stands is not turned while all that failed passes again: it
// is nearly over. Nor does our own network, where that has an incident already, become one of the partner's too.
func (l *ledger) conclude(in *Incident, v Verdict) {
	stands := in.Verdict.Word != ""
	if stands && !l.stillFails(*in) {
		return
	}
	if network := l.live(KindNetwork, ""); network != nil && v.Reason == ReasonNetwork {
		if !stands && l.foldable(*in, network.Since) {
			l.foldInto(network, in)
		}
		if stands || in.State == StateFolded {
			return
		}
	}
	l.judge(in, v)
}

// judge gives the incident its verdict, and does what follows from it. A verdict that means the same as the one that
// stands changes nothing, so that its words are those of when it was given.
func (l *ledger) judge(in *Incident, v Verdict) {
	prior := in.Verdict
	if v.Word == External && v.By == "" && v.Announced != nil && !v.Over {
		in.AnnouncedSeen = l.now
	}
	if v.Same(prior) {
		if v.Probes > prior.Probes && prior.By == "" {
			if v.Over {
				v.At = prior.At // since when it is over goes by it
			}
			in.Verdict = v // what fails since then is part of the evidence now
		}
		l.follow(in)
		return
	}
	in.Verdict = v
	event := Event{Kind: EventVerdict, Text: v.Says, By: v.By}
	switch {
	case v.By != "":
		event.Kind = EventOverruled
	case prior.Word != "":
		event.Kind = EventAmended
	}
	l.happened(in, event)
	l.follow(in)
}

// follow does what follows from the verdict that stands: on-call is called or let sleep again, customers are told.
func (l *ledger) follow(in *Incident) {
	if !in.State.Active() {
		return
	}
	if in.MutedUntil.After(l.now) {
		// A mute begins nothing new. What customers read or somebody is asked to publish is to stay true all the same.
		if in.Post.State == PostPublished || in.Post.State == PostProposed && !in.Verdict.Publishes() {
			l.post(in)
		}
		return
	}
	wakes := in.Verdict.Wakes() && l.desk.Rules.Offices.Calls() && l.raging(in.ID) == nil // the storm calls for all of it
	switch {
	case !wakes:
		in.stopPage()
	case in.State == StateOpen && (in.Page.Wanted == PageNone || in.Page.Wanted == PageResolved):
		// Somebody who has acknowledged it is awake already.
		in.call(l.desk.Now())
		l.happened(in, Event{Kind: EventPaged, Text: "Calling on-call. " + in.trouble() + " " + in.Verdict.Says})
	}
	l.post(in)
}

// post makes our public page say what the verdict lets it say.
func (l *ledger) post(in *Incident) {
	offices := l.desk.Rules.Offices
	switch {
	case !offices.Public || len(in.Affects) == 0:
	case !in.Verdict.Publishes():
		// What was published stays until it is over: neither that their page has gone green nor that a person says it is
		// ours makes it work again. But the partner is blamed no more.
		switch in.Post.State {
		case PostProposed:
			in.Post.withdraw()
		case PostPublished:
			in.update(l.now)
		}
	case offices.Approve && (in.Post.State == PostNone || in.Post.State == PostResolved):
		in.Post.State = PostProposed
	case !offices.Approve && in.Post.State != PostDeclined && in.Post.State != PostPublished:
		// Also what was proposed when a person was still asked.
		in.publish(l.now, "")
		l.tellsCustomers(in, in.Post.heard())
	case in.Post.State == PostPublished:
		in.update(l.now)
	}
}

// publish puts the incident on our public page.
func (i *Incident) publish(now time.Time, by string) {
	i.published(now, by)
	i.update(now)
}

func (i *Incident) published(now time.Time, by string) {
	i.Post.State, i.Post.By, i.Post.At, i.Post.Outage, i.Post.Waiting = PostPublished, by, now, i.Outage, true
}

// tellsCustomers says that our page does, where that is news. Until the post stands there it would be no more than a hope.
func (l *ledger) tellsCustomers(in *Incident, news bool) {
	if news {
		l.happened(in, Event{Kind: EventPublished, Text: "Our status page tells customers."})
	}
}

// update says what is new since the page last said something: how bad it is, or how far.
func (i *Incident) update(now time.Time) {
	next := PublicUpdate(*i, now)
	if next.Phase == PhaseMonitoring {
		return // the next failure would take it back, and each word is a mail to every subscriber
	}
	if n := len(i.Post.Updates); n > 0 {
		last := i.Post.Updates[n-1]
		if last.Phase == next.Phase && last.Level == next.Level && last.Title == next.Title {
			return
		}
	}
	i.Post.Updates = append(i.Post.Updates, next)
}

// endPost says on our public page that it is over, where the page says anything.
func (i *Incident) endPost(now time.Time) {
	switch i.Post.State {
	case PostProposed:
		i.Post.withdraw()
	case PostPublished:
		i.Post.State, i.Post.Outage, i.Post.Waiting = PostResolved, i.Outage, false
		i.update(now)
	}
}

// call wants on-call awake from now on, also where what it is called for happened some time ago and was kept only now.
func (i *Incident) call(now time.Time) {
	i.Page.Wanted, i.Page.Since, i.Page.Reminded = PageTriggered, now, 0
}

// stopPage lets on-call sleep again.
func (i *Incident) stopPage() {
	if i.Page.Wanted == PageTriggered || i.Page.Wanted == PageAcknowledged {
		i.Page.Wanted = PageResolved
	}
}
