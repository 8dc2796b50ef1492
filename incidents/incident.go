package incidents

import (
	"time"

	"sparky/partners"
)

// Kind is what an incident is about.
type Kind string

// The kinds of incidents.
const (
	KindProbe   Kind = "probe"   // probes of one partner fail
	KindNetwork Kind = "network" // our own network is down; no partner is blamed
	KindStorm   Kind = "storm"   // many partners fail at about the same time; each has an incident of its own beside it
	KindCompat  Kind = "compat"  // our integration does not work with a version that a partner announced
)

// State is how far an incident has come.
type State string

// The states. The legal moves are open -> acknowledged, either of them -> recovered or closed, closed -> recovered once
// the failure ends, recovered -> open when it comes back within the time to reopen, open or acknowledged -> folded,
// and every live one -> unwatched.
const (
	StateOpen         State = "open"
	StateAcknowledged State = "acknowledged"
	// StateClosed was resolved by a person while the failure lasts. Nothing new opens for it until it has ended.
	StateClosed State = "closed"
	// StateRecovered is over: the probes pass again.
	StateRecovered State = "recovered"
	// StateFolded turned out to be part of another incident, which goes on in its place.
	StateFolded State = "folded"
	// StateUnwatched ended without anybody knowing whether it is over: its probes are not configured any more.
	StateUnwatched State = "unwatched"
)

// Live tells that the failure is not known to be over, so that a failure of the partner belongs to this incident.
func (s State) Live() bool { return s == StateOpen || s == StateAcknowledged || s == StateClosed }

// Active tells that people are still meant to look at it.
func (s State) Active() bool { return s == StateOpen || s == StateAcknowledged }

// Incident is one failure of one partner, or of our own network, from the first sign of it to its end. It is drawn whole
// wherever it is shown.
type Incident struct {
	ID       string   `json:"id"` // names it in every other system: sparky-<partner>-<when it opened>
	Kind     Kind     `json:"kind"`
	Partner  string   `json:"partner,omitempty"` // its id; empty for KindNetwork
	Name     string   `json:"name"`              // of the partner, for people; "Our network" for KindNetwork
	Owner    Owner    `json:"owner"`
	Affects  []string `json:"affects,omitempty"` // our customer-facing features behind the partner
	PageURL  string   `json:"page_url,omitempty"`
	Priority string   `json:"priority"` // P1 to P4

	State State `json:"state"`
	// Outage counts the times that the failure came back, from 1. What is done once an outage has it in its key.
	Outage int       `json:"outage"`
	Opened time.Time `json:"opened"` // the first time
	// Since is when the present outage was first seen.
	Since time.Time `json:"since"`
	// Already tells that it was failing when Sparky first looked, so that nobody knows since when.
	Already bool      `json:"already,omitempty"`
	Ended   time.Time `json:"ended,omitzero"` // when the failure was over, or was closed by a person
	Probes  []Failing `json:"probes"`         // those that fail, and those that failed in this outage

	Trial *Trial   `json:"trial,omitempty"` // of KindCompat: the newest run that failed
	Green *Trial   `json:"green,omitempty"` // of KindCompat: the newest run that passed since then
	Tried []string `json:"tried,omitempty"` // of KindCompat: the ids of runs before those
	Storm *Storm   `json:"storm,omitempty"` // of KindStorm, and never nil there

	Verdict Verdict `json:"verdict"`
	// AnnouncedSeen is when their page was last seen to announce what the verdict rests on; zero where it never was. It
	// counts where the page does not tell since when that is over (see PageEvidence.ResolvedAgo).
	AnnouncedSeen time.Time `json:"announced_seen,omitzero"`
	Acknowledged  *Deed     `json:"acknowledged,omitempty"`
	Closed        *Deed     `json:"closed,omitempty"` // who resolved it by hand
	MutedUntil    time.Time `json:"muted_until,omitzero"`
	FoldedInto    string    `json:"folded_into,omitempty"`

	Ticket Ticket  `json:"ticket"`
	Card   Card    `json:"card"`
	Page   Page    `json:"page"`
	Post   Post    `json:"post"`
	Events []Event `json:"events,omitempty"` // what happened, in order, the newest 200
	// Forgotten is how many events there were before those.
	Forgotten int `json:"forgotten,omitempty"`
}

// Owner is the team of ours that answers for the integration.
type Owner struct {
	Team          string `json:"team,omitempty"`
	JiraAssignee  string `json:"jira_assignee,omitempty"`
	JiraComponent string `json:"jira_component,omitempty"`
	SlackGroup    string `json:"slack_group,omitempty"`
}

// Failing is a probe that takes part in an incident.
type Failing struct {
	Partner string               `json:"partner"`
	Probe   string               `json:"probe"`
	Since   time.Time            `json:"since"`
	Last    partners.ProbeResult `json:"last"`             // its newest failure
	Fails   int                  `json:"fails"`            // in this outage
	Passes  int                  `json:"passes,omitempty"` // in a row since then
	Over    bool                 `json:"over,omitempty"`   // it passed often enough
}

// Deed is what a person did.
type Deed struct {
	By string    `json:"by"` // a Slack user id, or a name
	At time.Time `json:"at"`
}

// Ticket is the incident in Jira, as far as Sparky knows.
type Ticket struct {
	Key      string `json:"key,omitempty"` // empty until it was created
	URL      string `json:"url,omitempty"`
	Status   string `json:"status,omitempty"`   // the name of its status when it was last looked at in this outage
	Assignee string `json:"assignee,omitempty"` // who has it, by the name that Jira shows
	// ByHand tells that a person moved it, so that Sparky moves it no more.
	ByHand bool `json:"by_hand,omitempty"`
	// Priority is the one that Jira showed when it was last looked at, P1 to P4; empty before that.
	Priority string `json:"priority,omitempty"`
	// Seen is the status in which it was when people's moves were last looked for: Status may be newer, and by one of them.
	Seen string `json:"seen,omitempty"`
	// Ranked tells that a person changed the priority, so that Sparky raises it no more.
	Ranked bool `json:"ranked,omitempty"`
}

// Card is the incident's message in the alerts channel.
type Card struct {
	Channel string `json:"channel,omitempty"` // an id; empty until it was posted
	TS      string `json:"ts,omitempty"`
	// Storm is the id of the storm under whose message the card belongs; empty for a card in the channel. Thread is the ts of
	// that message, empty until it stands: so long the card waits.
	Storm  string `json:"storm,omitempty"`
	Thread string `json:"thread,omitempty"`
}

// Root is the ts of the message whose thread tells what happened: the card's own, or the storm's, under which it stands.
func (c Card) Root() string {
	if c.Thread != "" {
		return c.Thread
	}
	return c.TS
}

// PageState is whether somebody on call is to be awake for an incident.
type PageState string

// The states of a page to on-call. The zero state is that nobody was called.
const (
	PageNone         PageState = ""
	PageTriggered    PageState = "triggered"
	PageAcknowledged PageState = "acknowledged"
	PageResolved     PageState = "resolved"
)

// Page is the call to on-call that the incident wants.
type Page struct {
	Wanted PageState `json:"wanted,omitempty"`
	Done   PageState `json:"done,omitempty"` // what the pager has taken
	// Since is when on-call was called, the last time.
	Since    time.Time `json:"since,omitzero"`
	Reminded int       `json:"reminded,omitempty"` // how many of Rules.Remind have passed since then
}

// PostState is what our public status page is to say.
type PostState string

// The states of a public post. The zero state is that there is nothing to say.
const (
	PostNone      PostState = ""
	PostProposed  PostState = "proposed" // waits for a person to press Publish
	PostDeclined  PostState = "declined" // a person said no
	PostPublished PostState = "published"
	PostResolved  PostState = "resolved"
)

// Post is the incident on our public status page.
type Post struct {
	State   PostState    `json:"state,omitempty"`
	By      string       `json:"by,omitempty"` // who published or declined it; empty where Sparky did
	At      time.Time    `json:"at,omitzero"`  // when
	Updates []PostUpdate `json:"updates,omitempty"`
	ID      string       `json:"id,omitempty"`   // at the provider; empty until it stands there
	URL     string       `json:"url,omitempty"`  // for people
	Said    int          `json:"said,omitempty"` // how many of Updates stand there, from the oldest; zero where the page reads them here
	// ByHand tells that a person edited it on the page, so that Sparky leaves it alone.
	ByHand bool `json:"by_hand,omitempty"`
	// Outage is the outage that it last told of; zero where it told of none, or of one before Sparky kept this.
	Outage int `json:"outage,omitempty"`
	// Waiting tells that it was published and does not stand there yet, so that nobody was told that customers are.
	Waiting bool `json:"waiting,omitempty"`
}

// PostUpdate is one thing that our public page says, oldest first.
type PostUpdate struct {
	At    time.Time      `json:"at"`
	Phase string         `json:"phase"` // investigating, identified, monitoring or resolved, as Statuspage has them
	Level partners.Level `json:"level"` // of the features that are affected
	Title string         `json:"title"`
	Text  string         `json:"text"`
}

// EventKind is what happened in the life of an incident.
type EventKind string

// The kinds of events.
const (
	EventOpened       EventKind = "opened"
	EventJoined       EventKind = "joined" // another probe fails too, or another partner of a storm
	EventVerdict      EventKind = "verdict"
	EventAmended      EventKind = "amended" // the verdict changed
	EventOverruled    EventKind = "overruled"
	EventAcknowledged EventKind = "acknowledged"
	EventPaged        EventKind = "paged"
	EventStorm        EventKind = "storm"    // it became part of one
	EventReminded     EventKind = "reminded" // nobody has acknowledged the call to on-call yet
	EventPublished    EventKind = "published"
	EventDeclined     EventKind = "declined"
	EventMuted        EventKind = "muted"
	EventUnmuted      EventKind = "unmuted"
	EventByHand       EventKind = "by hand" // somebody changed it in another system
	EventClosed       EventKind = "closed"
	EventRecovered    EventKind = "recovered"
	EventReopened     EventKind = "reopened"
	EventFolded       EventKind = "folded"
	EventUnwatched    EventKind = "unwatched" // its probes are not configured any more
	EventTried        EventKind = "tried"     // another compatibility run of the version has ended
)

// Event is one thing that happened.
type Event struct {
	At   time.Time `json:"at"`
	Kind EventKind `json:"kind"`
	Text string    `json:"text"`         // a sentence for people, without markup
	By   string    `json:"by,omitempty"` // who did it; empty for Sparky
	// Why is what a person wrote for it, in one line; empty where they wrote nothing.
	Why string `json:"why,omitempty"`
	// Quiet events stand in the record but are told nowhere.
	Quiet bool `json:"quiet,omitempty"`
}

// Mute keeps a partner's failures, or those of one probe, from becoming incidents for a while.
type Mute struct {
	Partner string    `json:"partner"`
	Probe   string    `json:"probe,omitempty"` // empty: all of the partner's
	Until   time.Time `json:"until"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	Reason  string    `json:"reason,omitempty"`
}

// Covers tells whether the mute holds for a probe at a moment.
func (m Mute) Covers(partner, probe string, at time.Time) bool {
	return m.Partner == partner && (m.Probe == "" || m.Probe == probe) && at.Before(m.Until)
}

// FailingProbes are the probes that have not passed often enough since they failed.
func (i Incident) FailingProbes() []Failing {
	var failing []Failing
	for _, p := range i.Probes {
		if !p.Over {
			failing = append(failing, p)
		}
	}
	return failing
}

// Lasted is how long the present outage has lasted, or did.
func (i Incident) Lasted(now time.Time) time.Duration {
	if !i.Ended.IsZero() {
		now = i.Ended
	}
	return now.Sub(i.Since)
}
