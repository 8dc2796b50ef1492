package incidents

import (
	"fmt"
	"slices"
	"time"

	"sparky/partners"
)

// raging is the storm that the incident is part of; nil where there is none, or it only counts.
func (l *ledger) raging(id string) *Incident {
	if s := l.counting(id); s != nil && !s.Storm.Began.IsZero() {
		return s
	}
	return nil
}

// counting is the storm, or what may become one, that has counted the incident, the newest first.
func (l *ledger) counting(id string) *Incident {
	var newest *Incident
	for i := range l.Incidents {
		s := &l.Incidents[i]
		if s.Kind == KindStorm && s.Storm.member(id) != nil && (newest == nil || s.Opened.After(newest.Opened)) {
			newest = s
		}
	}
	return newest
}

// storms brings the storms in line with a decision: what opened by it is counted, and how the members stand is noted. It
// comes last in a decision, since a storm that is begun has every partner's ledger change.
func (l *ledger) storms(before map[string]Incident) {
	rules := l.desk.Rules.Storm
	for i := range l.Incidents {
		in := l.Incidents[i]
		old, known := before[in.ID]
		if rules.Above > 0 && in.Kind == KindProbe && in.State.Active() && old.Outage != in.Outage && l.counting(in.ID) == nil {
			l.gather(in.ID, !known, before)
		}
	}
	for i := range l.Incidents {
		if s := &l.Incidents[i]; s.Kind == KindStorm {
			l.stands(s)
		}
	}
}

// leaveStorm takes what comes back out of the storm that somebody has taken: whoever did was told that it was over, so it
// calls on-call again, by itself. A card that still waits for the storm's message waits no more.
func (l *ledger) leaveStorm(in *Incident) {
	s := l.raging(in.ID)
	if s == nil || s.State != StateAcknowledged {
		return
	}
	s.Storm.Members = slices.DeleteFunc(s.Storm.Members, func(m Member) bool { return m.Incident == in.ID })
	if in.Card.TS == "" && in.Card.Thread == "" {
		in.Card.Storm = ""
	}
}

// gather counts an incident that has opened or come back. fresh tells that it has no card yet. A storm that it was part of
// before the decision it has left by it.
func (l *ledger) gather(id string, fresh bool, before map[string]Incident) {
	at := slices.IndexFunc(l.Incidents, func(s Incident) bool {
		return s.Kind == KindStorm && s.State.Live() && s.Storm.Takes(l.now, l.desk.Rules.Storm) && before[s.ID].Storm.member(id) == nil
	})
	if at < 0 {
		s := Incident{Kind: KindStorm, Name: "Several partners", State: StateOpen, Outage: 1, Opened: l.now, Since: l.now, Storm: &Storm{}}
		s.ID = l.freeID(s)
		l.Incidents = append(l.Incidents, s)
		at = len(l.Incidents) - 1
	}
	s, in := &l.Incidents[at], l.byID(id)
	quiet := s.Storm.Began.IsZero()
	joined := s.Storm.Join(Member{Incident: id, Name: in.Name, Joined: l.now, State: in.State}, l.now, l.desk.Rules.Storm)
	s.Storm = &joined
	begun := !joined.Began.IsZero()
	if quiet && begun {
		s.Opened, s.Since = l.now, joined.Members[0].Joined
		l.happened(s, Event{Kind: EventOpened, Text: "Opened: " + atOnceText(len(joined.Members)), Quiet: true})
	}
	if begun && fresh {
		in.Card.Storm = s.ID
	}
	m := s.Storm.member(id)
	m.Apart = !begun || !fresh
	if s.State == StateAcknowledged {
		l.tellWhoHas(s, *in)
	}
}

// tellWhoHas tells whoever has the storm that one more fails, for nobody is called for it. Where several follow at once one
// line is enough: the storm's message lists them all.
func (l *ledger) tellWhoHas(s *Incident, in Incident) {
	text := in.Name + " fails now too, beside what " + s.Acknowledged.By + " has in hand."
	if l.desk.Rules.Offices.Calls() {
		text += " On-call is not called again for it."
	}
	lately := slices.ContainsFunc(s.Events, func(e Event) bool {
		return e.Kind == EventJoined && !e.Quiet && l.now.Sub(e.At) < l.desk.Rules.Storm.Within
	})
	l.happened(s, Event{Kind: EventJoined, Text: text, By: s.Acknowledged.By, Quiet: lately})
}

func atOnceText(n int) string {
	return fmt.Sprintf("%d partners fail at about the same time, each in its own way.", n)
}

// againText says how much of a storm that was over is back.
func againText(t StormTally) string {
	verb := "fail"
	switch {
	case t.All == 1: // the others left it
		return "It is back: the last of several fails again."
	case t.Active == 1:
		verb = "fails"
	}
	return fmt.Sprintf("It is back: %d of the %d %s again.", t.Active, t.All, verb)
}

// callText says what on-call is called for.
func callText(t StormTally) string {
	what := atOnceText(t.Active)
	switch {
	case t.All == 1:
		return "Calling on-call. The last of several partners fails."
	case t.Active == 1:
		what = fmt.Sprintf("1 of the %d fails.", t.All)
	}
	return "Calling on-call. It is one call for all of it: " + what
}

// stands notes how the members of a storm stand, and does what follows for the whole of it: it ends with the last of them,
// and calls on-call once for all.
func (l *ledger) stands(s *Incident) {
	for n := range s.Storm.Members {
		m := &s.Storm.Members[n]
		in := l.byID(m.Incident)
		if in == nil {
			continue // another partner's, or over for long
		}
		m.see(*in, l.now)
		if in.Card.Storm == s.ID && in.Card.TS == "" && in.Card.Thread == "" {
			in.Card.Thread = s.Card.TS
		}
		if s.Priority == "" || slices.Index(partners.Priorities(), in.Priority) < slices.Index(partners.Priorities(), s.Priority) {
			s.Priority = in.Priority
		}
		if !s.Storm.Began.IsZero() && in.Page.Wanted == PageTriggered && l.raging(in.ID) == s {
			in.stopPage()
			l.happened(in, Event{At: l.desk.Now(), Kind: EventStorm, Text: "On-call is called once for all that fails now, not for each.", Quiet: true})
		}
	}
	if s.Storm.Began.IsZero() {
		return
	}
	t := s.Storm.Tally()
	switch {
	case s.State.Active() && t.Active == 0:
		l.end(s, StateRecovered)
		l.happened(s, Event{Kind: EventRecovered, Text: stormOver(t, *s)})
	case !s.State.Active() && t.Active > 0:
		s.State, s.Outage, s.Since, s.Ended = StateOpen, s.Outage+1, l.now, time.Time{}
		s.Acknowledged, s.Page = nil, Page{}
		l.happened(s, Event{Kind: EventReopened, Text: againText(t)})
	}
	l.callOnce(s, t)
}

// callOnce has on-call awake for as long as any of the storm's incidents wants that and nobody has taken it.
func (l *ledger) callOnce(s *Incident, t StormTally) {
	switch {
	case !s.State.Active() || !l.desk.Rules.Offices.Calls():
	case t.Waking == 0:
		s.stopPage()
	case s.State != StateOpen:
	case t.Waking == t.Taken:
		s.stopPage() // not acknowledged: the pager calls nobody for an alert that somebody has taken, should one more fail
	case s.Page.Wanted != PageTriggered:
		s.call(l.desk.Now())
		l.happened(s, Event{Kind: EventPaged, Text: callText(t)})
	}
}

// stormOver says how long it was and how many.
func stormOver(t StormTally, s Incident) string {
	text := fmt.Sprintf("Over: %d of %d work again.", t.Over, t.All)
	switch {
	case t.All == 0:
		return "Over: all of it is part of the trouble with our own network, and goes on there."
	case t.Over == 1 && t.All == 1:
		text = "Over: the last of it works again."
	case t.Over == t.All:
		text = fmt.Sprintf("Over: all %d work again.", t.All)
	}
	return text + " It lasted " + inUnits(s.Ended.Sub(s.Since)) + "."
}

// takeAll acknowledges what a person took in hand by taking the storm.
func (l *ledger) takeAll(s *Incident, by string) {
	for _, m := range s.Storm.Members {
		if in := l.byID(m.Incident); in != nil && in.State == StateOpen {
			l.acknowledge(in, by)
		}
	}
}

// calmed forgets what was counted and did not become a storm.
func (l *ledger) calmed() {
	l.Incidents = slices.DeleteFunc(l.Incidents, func(s Incident) bool {
		return s.Kind == KindStorm && s.Storm.Began.IsZero() && !s.Storm.Takes(l.now, l.desk.Rules.Storm)
	})
}

// CalledWithOthers tells that a call to on-call for the incident, of that time, became that of a storm.
func (i Incident) CalledWithOthers(at time.Time) bool {
	return slices.ContainsFunc(i.Events, func(e Event) bool { return e.Kind == EventStorm && !e.At.Before(at) })
}
