package incidents

import (
	"context"
	"time"
)

// Origin is the way by which something was done.
type Origin string

// The ways.
const (
	ByCommand    Origin = "command"    // typed
	ByButton     Origin = "button"     // pressed under a message
	ByMessage    Origin = "message"    // said to Sparky in a channel, or to it alone
	ByHome       Origin = "home"       // pressed in App Home
	ByTerminal   Origin = "terminal"   // on the machine that Sparky runs on
	InJira       Origin = "jira"       // to the ticket
	OnStatusPage Origin = "statuspage" // to the post on our public page
	BySchedule   Origin = "schedule"   // by Sparky, unasked
)

// Did is what was done.
type Did string

// What is done. Incidents and their posts, mutes, compatibility runs, announcements, and what only asks.
const (
	DidOpen        Did = "opened"
	DidReopen      Did = "reopened"
	DidJudge       Did = "judged"
	DidAmend       Did = "amended" // judged anew
	DidOverrule    Did = "overruled"
	DidAcknowledge Did = "acknowledged"
	DidResolve     Did = "resolved"
	DidEnd         Did = "recovered" // it was over by itself
	DidFold        Did = "folded"
	DidUnwatch     Did = "unwatched"
	DidTicket      Did = "ticketed"
	DidPage        Did = "paged"
	DidRemindCall  Did = "page reminded"
	DidStopPage    Did = "page ended"
	DidPropose     Did = "proposed" // a post, to whoever may publish it
	DidPublish     Did = "published"
	DidDecline     Did = "declined"
	DidUpdate      Did = "updated" // what the post says
	DidTakeBack    Did = "post resolved"
	DidChange      Did = "changed" // by hand, in another system
	DidMute        Did = "muted"
	DidUnmute      Did = "unmuted"
	DidAskRun      Did = "compat"
	DidDispatch    Did = "dispatched"
	DidEndRun      Did = "run ended"
	DidTell        Did = "told" // the channel, of what was announced, or of what does not work as it should
	DidRemind      Did = "reminded"
	DidHandle      Did = "handled"
	DidUnhandle    Did = "unhandled"
	DidProbe       Did = "probe"
	DidCertify     Did = "certify"
	DidRefuse      Did = "refused" // a command that the actor may not give
)

// Act is one thing that was done, and by whom.
type Act struct {
	ID      int64     `json:"id"` // in the order in which acts were kept, from 1; 0 until it is kept
	At      time.Time `json:"at"`
	Partner string    `json:"partner,omitempty"` // its id; empty where it is about none, or about all
	Actor   string    `json:"actor,omitempty"`   // a Slack user id, or a name; empty for Sparky
	Origin  Origin    `json:"origin,omitempty"`  // what led to it, where Sparky did it
	Did     Did       `json:"did"`
	// Target is what it was done to: the id of an incident, a run or an announcement, a probe as partner/probe, or the
	// words of a command.
	Target string `json:"target,omitempty"`
	Reason string `json:"reason,omitempty"` // or details, in one line
	Ticket string `json:"ticket,omitempty"` // the key of the target's ticket, as far as is known when it is read
}

// ActQuery says which acts are asked for, the newest first.
type ActQuery struct {
	Partner string    // its id; empty for all
	Before  int64     // those that were kept before the act with that ID; 0 for all
	Until   time.Time // those that were done before then; zero for all
	Limit   int       // at most so many; 0 for all
}

// Doer is who does something, and by which way.
type Doer struct {
	Actor  string // as in Act
	Origin Origin
}

type doerKey struct{}

// WithDoer is a context in which that is who does things.
func WithDoer(ctx context.Context, d Doer) context.Context {
	return context.WithValue(ctx, doerKey{}, d)
}

// DoerOf is who does things in the context: Sparky, unasked, where nobody is named.
func DoerOf(ctx context.Context) Doer {
	if d, ok := ctx.Value(doerKey{}).(Doer); ok {
		return d
	}
	return Doer{Origin: BySchedule}
}
