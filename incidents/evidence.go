package incidents

import (
	"context"
	"time"

	"sparky/partners"
)

// Evidence is all that could be learned about a failure within a few seconds. Every piece may be missing: then Missing
// says which, and why.
type Evidence struct {
	At       time.Time // when the gathering ended
	Incident Incident  // as it stands, with its failing probes
	// Prior is the verdict that stands already; the zero Verdict where there is none.
	Prior Verdict

	Page      PageEvidence
	Controls  []Control
	Others    []Neighbour            // the other partners that have probes
	History   []History              // of each failing probe
	Siblings  []partners.ProbeResult // the newest results of the partner's other probes, passing or not
	Expiries  []Expiry
	Notices   []Notice // what the partner announced that may explain it, and its entries of the last 7 days
	OurChange OurChange
	// ClockOff is by how much our clock is ahead of the controls' (their Date header); negative where it is behind, zero
	// where nobody knows.
	ClockOff time.Duration
	Missing  []string // pieces that could not be had, and why, in words
}

// PageEvidence is the partner's own status page.
type PageEvidence struct {
	Configured bool
	// Status is the newest reading, as far as it concerns us (see partners.Status.Concerning).
	Status partners.Status
	// Whole is the same reading of the whole page.
	Whole partners.Status
	// LastGood is the newest reading with a level, as far as it concerns us; the zero Status where there never was one.
	LastGood partners.Status
	// ResolvedAgo is how long ago what Prior rests on was over by the page: an incident, a window, a component that was
	// troubled. Zero where it is not over, or nobody knows since when. It is the page's own word, or that of the first
	// reading on which all was well: after an hour in which nobody read the page, the failure is theirs for a while yet.
	// Of a page that dropped the incident and has another one it says nothing: that is for Incident.AnnouncedSeen.
	ResolvedAgo time.Duration
}

// Control is an address that has nothing to do with any partner.
type Control struct {
	Name    string // its host
	Problem string // why it did not answer, in words; empty where it did
	Class   partners.FailureClass
}

// Neighbour is another partner, by the results of its probes in the last minutes.
type Neighbour struct {
	Partner string
	Name    string
	Probes  int // that ran in the last minutes
	Failing int // of them, by their newest result
	// AtNetwork counts those of Failing that saw no answer.
	AtNetwork int
	// Auth counts those of Failing whose credentials were refused.
	Auth     int
	Edge     string // of a failing answer, the provider that made it
	PageRead bool   // its status page was read in the last minutes
}

// History is how a failing probe has done until now.
type History struct {
	Partner, Probe string
	Runs           int       // all that are remembered
	Passed         int       // of them
	LastPass       time.Time // zero: it never passed
	FirstFailure   time.Time // since LastPass
	// Recent and RecentFailed are the runs of the last hour.
	Recent, RecentFailed int
	// UsualP95 is the 95th percentile of the last day's durations; zero where it is not known.
	UsualP95 time.Duration
}

// Expiry is the end of something that is ours or theirs and that a probe rests on.
type Expiry struct {
	What string // the certificate of a.example
	At   time.Time
	Ours bool
}

// Notice is something that the partner announced in its changelog.
type Notice struct {
	Title     string
	Link      string
	Published time.Time
	Effective time.Time // midnight UTC of the day from which it holds; zero where none is stated
	Breaking  bool      // it breaks, retires or removes something
	BrownOut  bool      // it announces a time of failing on purpose
	Text      string    // its summary
	Observed  bool      // it is no announcement: Sparky made it of what the partner's answers said of themselves
}

// OurChange is a change in our own configuration of the partner.
type OurChange struct {
	At   time.Time // when Sparky first ran with it; zero: none is known
	What string    // which parts changed, in words
}

// Witness gathers evidence. It returns within a few seconds with what it has; it never fails.
type Witness interface {
	Gather(ctx context.Context, incident Incident) Evidence
}
