package incidents

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// mostWhat is how many characters of what an incident was are kept.
const mostWhat = 500

// acknowledging is all that can be done to a storm: the rest is done to what it is made of.
const acknowledging = "acknowledging"

// Acknowledge notes that somebody has taken the incident on. The second time changes nothing and tells who was first.
func (d *Desk) Acknowledge(ctx context.Context, ref, by string) (Answer, error) {
	return d.ask(ctx, acknowledging, ref, func(l *ledger, in *Incident, answer *Answer) error {
		switch {
		case in.Acknowledged != nil:
			answer.First = *in.Acknowledged
			return nil
		case !in.State.Active():
			return ErrOver
		}
		l.acknowledge(in, by)
		if in.Kind == KindStorm {
			l.takeAll(in, by)
		}
		answer.Changed = true
		return nil
	})
}

func (l *ledger) acknowledge(in *Incident, by string) {
	in.State, in.Acknowledged = StateAcknowledged, &Deed{By: by, At: l.now}
	if in.Page.Wanted == PageTriggered {
		in.Page.Wanted = PageAcknowledged
	}
	l.happened(in, Event{Kind: EventAcknowledged, Text: "Acknowledged.", By: by})
}

// Resolve closes the incident and everything that hangs on it, by a person's word. Nothing new opens while the same
// failure lasts. What it was, in the person's words, is told in the thread and in the ticket; empty where they do not say.
func (d *Desk) Resolve(ctx context.Context, ref, by, what string) (Answer, error) {
	return d.ask(ctx, "resolving", ref, func(l *ledger, in *Incident, answer *Answer) error {
		switch {
		case in.Closed != nil:
			answer.First = *in.Closed
			return nil
		case !in.State.Active():
			return ErrOver
		}
		in.Closed = &Deed{By: by, At: l.now}
		why := strings.TrimRight(oneLine(what, mostWhat), ".")
		what := because(why)
		if in.Kind == KindCompat {
			l.end(in, StateRecovered)
			l.happened(in, Event{Kind: EventClosed, By: by, Why: why, Text: "Resolved" + what + ". Should another compatibility run of " + in.Trial.Version + " fail, it is opened again."})
		} else {
			l.end(in, StateClosed)
			l.happened(in, Event{Kind: EventClosed, By: by, Why: why, Text: "Resolved by hand" + what + ". Nothing new is opened while the same failure lasts."})
		}
		answer.Changed = true
		return nil
	})
}

// Overrule gives the incident a person's verdict, External or Internal, and does what follows from it. Sparky does not
// change it any more.
func (d *Desk) Overrule(ctx context.Context, ref, by string, word Word) (Answer, error) {
	return d.ask(ctx, "overruling the verdict on", ref, func(l *ledger, in *Incident, answer *Answer) error {
		switch {
		case in.Verdict.By != "" && in.Verdict.Word == word:
			answer.First = Deed{By: in.Verdict.By, At: in.Verdict.At}
			return nil
		case !in.State.Active():
			return ErrOver
		case in.Kind == KindCompat:
			return ErrNoVerdict
		}
		v := in.Verdict
		v.Word, v.Reason, v.Lean, v.By, v.At, v.Missing = word, ReasonPerson, "", by, l.now, nil
		v.Says, v.Would = "Ours, by a person's word.", "It stays so until a person says otherwise."
		if word == External {
			v.Says = in.Name + "'s, by a person's word."
		}
		l.judge(in, v)
		answer.Changed = true
		return nil
	})
}

// Publish puts a proposed post on our public page, with a text that PublicText has let pass, or as it was proposed where
// the text is empty.
func (d *Desk) Publish(ctx context.Context, ref, by, text string) (Answer, error) {
	return d.ask(ctx, "publishing", ref, func(l *ledger, in *Incident, answer *Answer) error {
		switch in.Post.State {
		case PostPublished:
			answer.First = Deed{By: in.Post.By, At: in.Post.At}
			return nil
		case PostProposed, PostDeclined:
		default:
			return ErrNoPost
		}
		if !in.State.Active() {
			return ErrOver
		}
		says, why := "Published.", ""
		if in.publishAs(l.now, by, text) {
			says, why = "Published: in words of their own.", oneLine(text, mostWhat)
		}
		l.happened(in, Event{Kind: EventPublished, By: by, Why: why, Text: says})
		l.tellsCustomers(in, in.Post.heard())
		answer.Changed = true
		return nil
	})
}

// Decline keeps a proposed post from our public page.
func (d *Desk) Decline(ctx context.Context, ref, by string) (Answer, error) {
	return d.ask(ctx, "not publishing", ref, func(l *ledger, in *Incident, answer *Answer) error {
		switch in.Post.State {
		case PostDeclined:
			answer.First = Deed{By: in.Post.By, At: in.Post.At}
			return nil
		case PostProposed:
		default:
			return ErrNoPost
		}
		in.Post.State, in.Post.By, in.Post.At = PostDeclined, by, l.now
		l.happened(in, Event{Kind: EventDeclined, By: by, Text: "Not published. Customers are told nothing of it."})
		answer.Changed = true
		return nil
	})
}

// ask lets decision change one incident. The answer holds the incident as it is then.
func (d *Desk) ask(ctx context.Context, doing, ref string, decision func(*ledger, *Incident, *Answer) error) (Answer, error) {
	var answer Answer
	in, err := d.Memory.Incident(ctx, ref)
	if err != nil {
		return answer, fmt.Errorf("%s %s: %w", doing, ref, err)
	}
	if in.Kind == KindStorm && doing != acknowledging {
		return answer, fmt.Errorf("%s %s: %w", doing, ref, ErrNoIncident)
	}
	answer.Incident = in
	err = d.decide(ctx, in.Partner, func(l *ledger) error {
		now := l.byID(in.ID)
		if now == nil {
			return ErrOver // it ended long ago
		}
		answer = Answer{}
		err := decision(l, now, &answer)
		answer.Incident = now.Clone()
		return err
	})
	if err != nil {
		return answer, fmt.Errorf("%s %s: %w", doing, ref, err)
	}
	return answer, nil
}

// Mute keeps the failures of a partner, or of one of its probes, from becoming incidents until the mute ends, and quiets
// the one that is open. A mute of the same takes the place of the one before.
func (d *Desk) Mute(ctx context.Context, m Mute) (Mute, error) {
	err := d.decide(ctx, m.Partner, func(l *ledger) error {
		m.At = l.now
		l.Mutes = slices.DeleteFunc(l.Mutes, func(old Mute) bool { return old.Partner == m.Partner && old.Probe == m.Probe })
		l.Mutes = append(l.Mutes, m)
		if in := l.live(KindProbe, m.Partner); in != nil && in.State.Active() {
			if l.quiet(in); in.MutedUntil.IsZero() {
				l.follow(in) // something else in it fails and is not muted, or no longer
				return nil
			}
			in.stopPage()
			l.happened(in, Event{Kind: EventMuted, By: m.By, Text: "Muted" + because(m.Reason) + ".", Quiet: true})
		}
		return nil
	})
	if err != nil {
		return m, fmt.Errorf("muting %s: %w", m.Partner, err)
	}
	return m, nil
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

// Unmute ends the mutes of the partner, or of one of its probes, and returns those that it ended.
func (d *Desk) Unmute(ctx context.Context, partner, probe, by string) ([]Mute, error) {
	var lifted []Mute
	err := d.decide(ctx, partner, func(l *ledger) error {
		l.doer.Actor = by
		lifted = l.lift(partner, probe)
		if in := l.live(KindProbe, partner); in != nil && in.State.Active() && !in.MutedUntil.IsZero() {
			if l.quiet(in); !in.MutedUntil.IsZero() {
				return nil
			}
			l.happened(in, Event{Kind: EventUnmuted, By: by, Text: "No longer muted.", Quiet: true})
			l.follow(in)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("ending the mute of %s: %w", partner, err)
	}
	return lifted, nil
}

// lift takes out the mutes of exactly this partner and probe; all of the partner's where probe is empty.
func (l *ledger) lift(partner, probe string) []Mute {
	var kept, lifted []Mute
	for _, m := range l.Mutes {
		if m.Partner == partner && (probe == "" || m.Probe == probe) {
			lifted = append(lifted, m)
		} else {
			kept = append(kept, m)
		}
	}
	l.Mutes = kept
	return lifted
}
