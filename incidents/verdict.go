package incidents

import (
	"time"

	"sparky/partners"
)

// Word is whose an incident is.
type Word string

// The words. The zero Word is that nobody has looked yet.
const (
	External Word = "external" // the partner's, by its own word or a person's
	Internal Word = "internal" // ours to look at
	Unclear  Word = "unclear"  // the evidence cannot tell
)

// Reason is the finer word for why a verdict is what it is.
type Reason string

// The reasons.
const (
	ReasonAnnounced    Reason = "announced"     // an incident on the partner's page that concerns us; too late, where it stays Internal
	ReasonPlanned      Reason = "planned"       // maintenance, a brown-out or a removal that was announced
	ReasonCredentials  Reason = "credentials"   // 401, an expired or revoked secret
	ReasonRights       Reason = "rights"        // 403
	ReasonRequest      Reason = "request"       // our request is wrong: 404, 410, other 4xx
	ReasonCertificate  Reason = "certificate"   // a certificate of ours, or our trust store
	ReasonThrottled    Reason = "throttled"     // we were told to slow down
	ReasonNetwork      Reason = "network"       // our own network
	ReasonShared       Reason = "shared"        // a provider below several partners
	ReasonNotAnnounced Reason = "not announced" // looks like theirs, but their page does not say so
	ReasonNeverWorked  Reason = "never worked"  // it has not passed once: configuration
	ReasonOurChange    Reason = "our change"    // began right after a change of ours
	ReasonOurs         Reason = "ours"          // nothing speaks for them
	ReasonPageUnread   Reason = "page unread"   // their page could not be read, or is too old
	ReasonProbe        Reason = "probe"         // a mistake in Sparky's own probe
	ReasonPerson       Reason = "person"        // somebody said so
)

// Lean is where the evidence points beyond what the verdict can say.
type Lean string

// The leanings; the zero Lean is none.
const (
	LeanTheirs Lean = "theirs"
	LeanOurs   Lean = "ours"
)

// Point is one piece of the evidence for a verdict, as a sentence.
type Point struct {
	Text string `json:"text"`
	Link string `json:"link,omitempty"` // where a person can see for themselves
	For  Lean   `json:"for,omitempty"`  // for whose fault it speaks; empty for neither
}

// Verdict says whose an incident is, why, and what would change that.
type Verdict struct {
	Word   Word   `json:"word,omitempty"`
	Reason Reason `json:"reason,omitempty"`
	Lean   Lean   `json:"lean,omitempty"`
	// Says is the verdict in one sentence, for the first lines of a message: whose it is, and why.
	Says    string   `json:"says,omitempty"`
	Points  []Point  `json:"points,omitempty"`  // the evidence, the weightiest first
	Would   string   `json:"would,omitempty"`   // what would change it, as a sentence
	Missing []string `json:"missing,omitempty"` // evidence that could not be had, and why
	// Moments are the points in time that those texts name, by the words for them: who shows the texts may put each in the
	// reader's own zone.
	Moments map[string]time.Time `json:"moments,omitempty"`
	// Announced is what the partner's own page says of it, where it says something that explains it.
	Announced *Announced `json:"announced,omitempty"`
	// Over tells that their page has called Announced over, or shows it no more.
	Over   bool      `json:"over,omitempty"`
	At     time.Time `json:"at,omitzero"`      // since when it stands, where the word is Internal or it is Over; else when the verdict was given
	Probes int       `json:"probes,omitempty"` // that failed when the evidence was gathered
	By     string    `json:"by,omitempty"`     // who overruled Sparky; empty where it is Sparky's own
}

// Announced is the incident or the maintenance window on the partner's page that a verdict rests on.
type Announced struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	Link        string         `json:"link,omitempty"`
	Level       partners.Level `json:"level"`
	Began       time.Time      `json:"began,omitzero"`
	Maintenance bool           `json:"maintenance,omitempty"`
	Until       time.Time      `json:"until,omitzero"` // of a maintenance window
}

// Wakes tells whether somebody on call is called for it.
func (v Verdict) Wakes() bool {
	return (v.Word == Internal || v.Word == Unclear) && v.Reason != ReasonThrottled
}

// Publishes tells whether our customers are told.
func (v Verdict) Publishes() bool { return v.Word == External }

// Same tells whether two verdicts mean the same, so that what follows from them is the same too.
func (v Verdict) Same(other Verdict) bool {
	return v.Word == other.Word && v.Reason == other.Reason && v.Lean == other.Lean && v.By == other.By && v.Over == other.Over &&
		(v.Announced == nil) == (other.Announced == nil) &&
		(v.Announced == nil || v.Announced.ID == other.Announced.ID && v.Announced.Level == other.Announced.Level)
}
