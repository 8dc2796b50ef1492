package incidents

import (
	"fmt"
	"reflect"
	"time"
)

// The kinds of the effects that incidents ask for. A picture's payload is a Ref, and whoever carries it out asks for the
// incident as it stands then; a deed's payload holds all that is said.
const (
	EffectCard       = "slack.card"        // picture: the incident's one message; its result decodes as Card
	EffectThread     = "slack.thread"      // deed, payload ThreadLine: what happened, in the card's thread
	EffectWarning    = "slack.warning"     // deed, payload Warning: what will fail unless somebody acts
	EffectTicket     = "jira.ticket"       // picture: the issue and its status; its result decodes as Ticket
	EffectComment    = "jira.comment"      // deed, payload Comment
	EffectPage       = "oncall.page"       // picture: whether on-call is called; its result decodes as PageResult
	EffectPost       = "public.post"       // picture: the incident on our public page; its result decodes as PostResult
	EffectComponents = "public.components" // picture, payload empty: the features on our public page
)

// Ref is the payload of a picture of an incident.
type Ref struct {
	Incident string `json:"incident"` // its ID
	Outage   int    `json:"outage,omitempty"`
	Run      string `json:"run,omitempty"` // the id of a compatibility run, where the picture is of that
}

// ThreadLine is something said in the thread of an incident's card.
type ThreadLine struct {
	Incident string `json:"incident"`
	Channel  string `json:"channel"`
	TS       string `json:"ts"` // of the card
	Event    Event  `json:"event"`
	Mention  string `json:"mention,omitempty"` // the user group that is called, or answers for it; empty for nobody
	Rings    string `json:"rings,omitempty"`   // the person in Event.By, where they are to hear of it; empty for nobody
}

// Comment is something said in an incident's ticket.
type Comment struct {
	Incident string `json:"incident"`
	Ticket   string `json:"ticket"` // its key
	Text     string `json:"text"`   // plain, without markup
}

// Warning is something that a probe saw coming, a figure past its limit, or a host that is not called for a while.
type Warning struct {
	Partner string `json:"partner"`
	Name    string `json:"name"`
	Probe   string `json:"probe"`
	Text    string `json:"text"`
	Source  string `json:"source,omitempty"` // who measured the figure, for people; empty where a probe saw it coming
	// Expires is the day on which it will fail; zero where none is known.
	Expires time.Time `json:"expires,omitzero"`
	Over    bool      `json:"over,omitempty"`  // the figure is within its limit again, or the host is called again
	Aside   string    `json:"aside,omitempty"` // what stands below it, where it is of neither a probe nor a figure
}

// OverSuffix ends the key of a warning that tells of the end of another, whose key stands before it.
const OverSuffix = "/over"

// PageResult is what the pager has taken.
type PageResult struct {
	Done PageState `json:"done"`
}

// PostResult is how an incident stands on our public page.
type PostResult struct {
	ID     string `json:"id"`
	URL    string `json:"url"`
	ByHand bool   `json:"by_hand,omitempty"` // a person edited it, so it was left alone
	Said   int    `json:"said,omitempty"`    // how many of the post's updates stand there, from the oldest
}

// Offices are the systems of ours that are configured: what is not, is not asked for.
type Offices struct {
	Tickets bool
	Pager   bool   // a service that is sent pages; without one, Mention is how people are called
	Mention string // the user group that is called in Slack; empty for none
	Public  bool   // our public page
	Approve bool   // it waits for a person
}

// Calls tells whether there is any way to call somebody.
func (o Offices) Calls() bool { return o.Pager || o.Mention != "" }

// due are the effects that the change from before to after calls for. Those that are pictures are asked for where what
// they show has changed; a deed has a key of its own for ever, so that asking for it again does nothing.
func due(before, after Incident, offices Offices) []Effect {
	var all []Effect
	picture := func(is bool, kind, key string) {
		if is {
			effect := NewEffect(kind, after.ID+"/"+key, Ref{Incident: after.ID, Outage: after.Outage})
			effect.Picture = true
			all = append(all, effect)
		}
	}
	if after.Kind == KindStorm && after.Storm.Began.IsZero() {
		return nil // it only counts
	}
	picture(offices.Tickets && after.Kind != KindStorm && ticketView(before) != ticketView(after), EffectTicket, "ticket")
	if changed := !reflect.DeepEqual(cardView(before), cardView(after)); after.Kind == KindCompat && changed {
		all = append(all, runMessages(before, after)...)
	} else {
		waits := after.Card.Storm != "" && after.Card.Thread == "" && after.Card.TS == ""
		picture(changed && !waits, EffectCard, "card")
	}
	picture(offices.Pager && before.Page.Wanted != after.Page.Wanted, EffectPage, fmt.Sprintf("page/%d", after.Outage))
	posts := offices.Public && !reflect.DeepEqual(before.Post.Updates, after.Post.Updates)
	picture(posts, EffectPost, "post")
	// A post sets the features that it tells of, and may do so by what it read before it was over: they are looked at
	// once more when it has been written.
	if written := before.Post.ID != after.Post.ID || before.Post.Said != after.Post.Said; posts || written {
		components := Effect{Key: "public/components", Kind: EffectComponents, Payload: []byte("{}"), Picture: true}
		all = append(all, components)
	}
	return append(all, said(before, after, offices)...)
}

// runMessages are the messages of the compatibility runs that an incident of a version is shown in.
func runMessages(incidents ...Incident) []Effect {
	var all []Effect
	asked := map[string]bool{}
	for _, i := range incidents {
		for _, t := range []*Trial{i.Trial, i.Green} {
			if t != nil && !asked[t.Run] {
				asked[t.Run] = true
				all = append(all, RunMessage(t.Run, i.ID))
			}
		}
	}
	return all
}

// said are the lines and comments about what happened, as soon as there is a place for them.
func said(before, after Incident, offices Offices) []Effect {
	var all []Effect
	for i, event := range after.Events {
		n := i + after.Forgotten
		told := n < before.Forgotten+len(before.Events)
		if after.Card.TS != "" && !event.Quiet && !saidAgain(after.Events, i) && !(told && before.Card.TS != "") && !drowned(after, event) {
			line := ThreadLine{Incident: after.ID, Channel: after.Card.Channel, TS: after.Card.Root(), Event: event}
			switch {
			case event.Kind == EventPaged, event.Kind == EventReminded:
				line.Mention = offices.Mention
			case after.Kind == KindCompat && (event.Kind == EventOpened || event.Kind == EventReopened):
				line.Mention = after.Owner.SlackGroup
			case after.Kind == KindStorm && event.Kind == EventJoined:
				line.Rings = event.By
			}
			all = append(all, NewEffect(EffectThread, fmt.Sprintf("%s/thread/%d", after.ID, n), line))
		}
		if after.Ticket.Key == "" || told && before.Ticket.Key != "" {
			continue
		}
		if text := CommentText(event, after); text != "" {
			all = append(all, NewEffect(EffectComment, fmt.Sprintf("%s/comment/%d", after.ID, n), Comment{after.ID, after.Ticket.Key, text}))
		}
	}
	return all
}

// drowned tells that a line would only be lost among those of a storm: the cards of all that fails stand in one thread, and
// each says by itself how it stands. What a person decided is said, and so is a call that is one incident's own: with the
// provider slack the line is the call.
func drowned(in Incident, e Event) bool {
	return in.Card.Thread != "" && e.Kind != EventPaged && e.Kind != EventReminded && (e.By == "" || e.Kind == EventAcknowledged)
}

// saidAgain tells that the event needs no line of its own: it is a verdict, and the line that calls on-call because of it
// holds its words.
func saidAgain(events []Event, i int) bool {
	switch events[i].Kind {
	case EventVerdict, EventAmended:
		return i+1 < len(events) && events[i+1].Kind == EventPaged && events[i+1].At.Equal(events[i].At)
	}
	return false
}

// ticketView is what of an incident its ticket shows: by its status how far it is, and in its text whose it is.
func ticketView(i Incident) string {
	if i.ID == "" {
		return ""
	}
	return fmt.Sprintf("%d %s %s %s %s", i.Outage, i.State, i.Verdict.Word, i.Verdict.Reason, i.Verdict.By)
}

// cardView is what of an incident its card shows. Where the card stands is no part of it but for the thread it waits for, nor is that a probe that
// failed fails still.
func cardView(i Incident) Incident {
	i.Card, i.Events, i.Ticket.ByHand, i.Ticket.Ranked, i.Ticket.Priority, i.Ticket.Seen = Card{Thread: i.Card.Thread}, nil, false, false, "", ""
	i.Forgotten, i.AnnouncedSeen = 0, time.Time{}
	i.Post = i.Post.shown()
	i.Page.Since, i.Page.Reminded = time.Time{}, 0
	probes := make([]Failing, len(i.Probes))
	for n, p := range i.Probes {
		probes[n].Partner, probes[n].Probe, probes[n].Since, probes[n].Over = p.Partner, p.Probe, p.Since, p.Over
		probes[n].Last.Class, probes[n].Last.Status = p.Last.Class, p.Last.Status
	}
	i.Probes = probes
	return i
}
