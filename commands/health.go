package commands

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Healthy tells how well Sparky itself is. A look asks the database at most once and comes back within two seconds,
// also where that does not answer.
type Healthy interface {
	Health(ctx context.Context) Health
}

// Health is how well Sparky itself is, as this process of it sees itself: the one answer behind /healthz, /readyz,
// /metrics, `/sparky status` and App Home. It names no secret and nobody.
type Health struct {
	At      time.Time `json:"at"` // when it was looked at
	Version string    `json:"version"`
	// Instance tells one Sparky from another by where it remembers; replicas have the same.
	Instance string    `json:"instance,omitempty"`
	Started  time.Time `json:"started"`
	// Problem is the first reason why Sparky cannot do its work at this moment, in words; empty while it can. It comes and
	// goes with every hiccup. Ill is what lasts.
	Problem string `json:"problem,omitempty"`
	// Ill is what has been wrong with Sparky for so long that people are told of it, the gravest first; empty while it is
	// well.
	Ill []Illness `json:"ill,omitempty"`

	LinksUp  int            `json:"slack_links"`
	Links    []LinkHealth   `json:"links,omitempty"`
	Queued   int            `json:"queued_requests"` // of Slack, taken on and waiting
	Room     int            `json:"queue_room"`      // how many may wait at most
	Effects  EffectsHealth  `json:"effects"`
	Jobs     JobsHealth     `json:"jobs"`
	Database DatabaseHealth `json:"database"`
	Lease    LeaseHealth    `json:"lease"`
	// Heartbeat is what the outside hears of Sparky being alive; nil where none is configured.
	Heartbeat *HeartbeatHealth `json:"heartbeat,omitempty"`
}

// IllnessKind is what part of Sparky is ill. The same kind twice is the same illness.
type IllnessKind string

// The kinds of illness, the gravest first.
const (
	IllDatabase IllnessKind = "database" // nothing can be kept
	IllLink     IllnessKind = "link"     // Slack is not heard
	IllLease    IllnessKind = "lease"    // no replica runs the jobs
	IllJobs     IllnessKind = "jobs"     // what comes round does not
	IllEffects  IllnessKind = "effects"  // what is to be done outside does not get done
	IllQueue    IllnessKind = "queue"    // more is asked than is answered
)

// Illness is one thing that is wrong with Sparky itself, and has been for a while.
type Illness struct {
	Kind  IllnessKind `json:"kind"`
	Words string      `json:"words"` // a sentence without its stop: what does not work, and what it means
	Mend  string      `json:"mend"`  // what a person can do, a sentence without its stop
	Since time.Time   `json:"since"`
}

// LinkHealth is one of the links to Slack.
type LinkHealth struct {
	Up        bool      `json:"up"`
	Since     time.Time `json:"since,omitzero"`      // when it came up, or went down; zero before either
	LastPing  time.Time `json:"last_ping,omitzero"`  // Slack's last ping
	LastFrame time.Time `json:"last_frame,omitzero"` // the last command, click or event
	Problem   string    `json:"problem,omitempty"`   // why it is down, in words
}

// EffectsHealth is how the carrying out of what is recorded goes.
type EffectsHealth struct {
	Due          int       `json:"due"`                    // whose time has come and which nobody has begun
	Oldest       time.Time `json:"oldest_due,omitzero"`    // since when the first of them has been due
	Failing      int       `json:"failing"`                // that did not work yet and are tried again by themselves
	FailingSince time.Time `json:"failing_since,omitzero"` // since when the first of them has been failing
	FailingWhy   string    `json:"failing_why,omitempty"`  // what was last said to that one
	Refused      int       `json:"refused"`                // that wait until a person mends something
	RefusedLast  time.Time `json:"refused_last,omitzero"`  // since when the last of them has been failing
}

// JobsHealth is how what comes round goes. Jobs run where the lease is held: elsewhere none is overdue.
type JobsHealth struct {
	Count   int         `json:"count"`
	Running int         `json:"running"`
	Failing int         `json:"failing"` // whose last run could not do its work
	Overdue int         `json:"overdue"` // that should have run and did not, or do not come to their end
	LastEnd time.Time   `json:"last_end,omitzero"`
	Each    []JobHealth `json:"each,omitempty"` // those that are overdue first, then those that fail, then by name
}

// JobHealth is one thing that comes round. Its times are those of this process.
type JobHealth struct {
	Name         string    `json:"name"`
	Running      bool      `json:"running,omitempty"`
	LastStart    time.Time `json:"last_start,omitzero"`
	LastEnd      time.Time `json:"last_end,omitzero"`
	LastSuccess  time.Time `json:"last_success,omitzero"`
	FailingSince time.Time `json:"failing_since,omitzero"` // the end of the first run that failed after the last good one
	Problem      string    `json:"problem,omitempty"`      // of the last run, in words
	NextDue      time.Time `json:"next_due,omitzero"`
	OverdueSince time.Time `json:"overdue_since,omitzero"`
}

// DatabaseHealth is whether things can be kept.
type DatabaseHealth struct {
	Problem string    `json:"problem,omitempty"`          // why they cannot, in words
	Since   time.Time `json:"since,omitzero"`             // zero where it is only seen that it cannot be read now
	Unread  bool      `json:"unread,omitempty"`           // it cannot be read either, and what it would tell is missing above
	Held    int       `json:"held_results,omitempty"`     // of probes, that wait for it
	GivenUp int       `json:"given_up_results,omitempty"` // since the start, because too many waited or another replica had run their probes since
}

// LeaseHealth is which replica runs the jobs and speaks for all of them.
type LeaseHealth struct {
	Here   bool      `json:"here"`             // it is this process
	Holder string    `json:"holder,omitempty"` // the replica that holds it; empty where nobody does or it cannot be read
	Since  time.Time `json:"since,omitzero"`   // when this process took it; zero where another has it
}

// HeartbeatHealth is how the calls go by which somebody outside notices when Sparky is gone. They are this process's own.
type HeartbeatHealth struct {
	Last    time.Time `json:"last,omitzero"`     // when the last one was taken; zero before the first
	Problem string    `json:"problem,omitempty"` // why the newest one was not taken, or not made, in words
}

// Well tells whether there is nothing that people are told of.
func (h Health) Well() bool { return len(h.Ill) == 0 }

// Sentence is how Sparky itself is, in one sentence with its stop.
func (h Health) Sentence() string {
	switch {
	case len(h.Ill) > 0:
		first := h.Ill[0]
		text := fmt.Sprintf("Sparky itself is not well, for %s: %s", Age(max(h.At.Sub(first.Since), shortestAge)), trimStop(first.Words))
		if n := len(h.Ill) - 1; n > 0 {
			text += fmt.Sprintf("; and %s more", plural(n, "thing"))
		}
		return sentence(text)
	case h.Problem != "":
		return sentence("Sparky itself has a problem just now: " + h.Problem)
	}
	return "Sparky itself is well."
}

// shortestAge is the shortest time that Age gives in figures.
const shortestAge = 10 * time.Second

// Footing is which Sparky this is, since when it has run, and when Slack was last heard, in one sentence with its stop.
func (h Health) Footing() string {
	text := "Sparky " + h.Version
	if !h.Started.IsZero() {
		text += ", started " + ago(h.Started, h.At)
	}
	var ping time.Time
	for _, l := range h.Links {
		if l.LastPing.After(ping) {
			ping = l.LastPing
		}
	}
	if !ping.IsZero() {
		text += "; Slack's last ping " + ago(ping, h.At)
	}
	return sentence(text)
}

// line is Sparky's own health, for a reader who asked about something else; none while all is well.
func (h Health) line() (Line, bool) {
	if h.Well() && h.Problem == "" {
		return Line{}, false
	}
	pieces := []Piece{{Text: h.Sentence(), Strong: true}}
	if len(h.Ill) > 0 && h.Ill[0].Mend != "" {
		pieces = append(pieces, Piece{Text: " What helps: " + sentence(h.Ill[0].Mend)})
	}
	return Line{Mark: MarkWarn, Pieces: pieces}, true
}

// unwellSections is Sparky's own health where it is not well.
func unwellSections(ctx context.Context, healthy Healthy) []Section {
	if healthy == nil {
		return nil
	}
	line, ill := healthy.Health(ctx).line()
	if !ill {
		return nil
	}
	return []Section{{Lines: []Line{line}}}
}

// MarshalJSON has the ages that people look for beside the times that machines compare.
func (h Health) MarshalJSON() ([]byte, error) {
	type plain Health // without this method
	ages := struct {
		plain
		DueEffects int    `json:"due_effects"`
		OldestDue  string `json:"oldest_due_effect,omitempty"`
	}{plain: plain(h), DueEffects: h.Effects.Due}
	if !h.Effects.Oldest.IsZero() {
		ages.OldestDue = Age(h.At.Sub(h.Effects.Oldest))
	}
	return json.Marshal(ages)
}
