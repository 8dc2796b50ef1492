package incidents

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Trial is a compatibility run that came to a verdict: whether our integration works with a version of the partner's API.
type Trial struct {
	Run     string    `json:"run"` // its id, by which every other system knows it
	Partner string    `json:"partner"`
	Name    string    `json:"name,omitempty"` // of the partner, for people, as it was when the run was asked for
	Owner   Owner     `json:"owner,omitzero"` // and who answered for the integration then
	Version string    `json:"version"`
	Passed  bool      `json:"passed"`
	URL     string    `json:"url,omitempty"` // of the workflow run, for people
	At      time.Time `json:"at"`            // when it ended

	Announced string `json:"announced,omitempty"` // the title of the announcement; empty where a person asked for the run
	Link      string `json:"link,omitempty"`      // to the announcement
	Effective string `json:"effective,omitempty"` // from which day the version holds, YYYY-MM-DD; empty where none is named

	Failed []FailedJob `json:"failed,omitempty"`
	Report *TestReport `json:"report,omitempty"` // what the suite reported; nil where it left no report
	Notes  []string    `json:"notes,omitempty"`  // what could not be read of the run
}

// FailedJob is a job of a workflow run that failed.
type FailedJob struct {
	Name  string   `json:"name"`
	URL   string   `json:"url,omitempty"`
	Steps []string `json:"steps,omitempty"` // the names of those that failed
	Log   []string `json:"log,omitempty"`   // its last lines
}

// TestReport is what the compatibility suite counted.
type TestReport struct {
	Tests    int          `json:"tests"`
	Failures int          `json:"failures"`         // errors among them
	Errors   int          `json:"errors,omitempty"` // checks that could not be carried out: they tell nothing about the version
	Skipped  int          `json:"skipped,omitempty"`
	Cases    []FailedCase `json:"cases,omitempty"` // the first of those that failed, differences before errors
}

// FailedCase is a check of the suite that failed.
type FailedCase struct {
	Name    string `json:"name"`
	Message string `json:"message,omitempty"` // what is different from what we rely on, or why it tells nothing
	Error   bool   `json:"error,omitempty"`   // it could not be carried out
}

// Different tells that the suite found a difference. A run that failed without one may have failed for another reason: the
// sandbox, the build, calls that got no answer.
func (t Trial) Different() bool { return t.Report != nil && t.Report.Failures > t.Report.Errors }

// Unheard tells that checks of the suite could not be carried out, and none of the others found a difference.
func (t Trial) Unheard() bool { return t.Report != nil && t.Report.Errors > 0 && !t.Different() }

// Counted says in words how many checks failed, and how many of them could not be carried out: "2 of 12 checks failed".
func (r TestReport) Counted() string {
	differ, all := r.Failures-r.Errors, counted(r.Tests, "check")
	switch {
	case r.Errors <= 0:
		return fmt.Sprintf("%d of %s failed", r.Failures, all)
	case differ <= 0:
		return fmt.Sprintf("%d of %s could not be carried out", r.Errors, all)
	}
	return fmt.Sprintf("%d of %s failed, %d could not be carried out", differ, all, r.Errors)
}

// FailedStep is the first step that failed, in quotation marks; empty where none is known.
func (t Trial) FailedStep() string {
	for _, j := range t.Failed {
		if len(j.Steps) > 0 {
			return "“" + oneLine(j.Steps[0], 100) + "”"
		}
	}
	return ""
}

// EffectRun is the kind of the pictures of a compatibility run's one message. Their payload is a Ref that names the run,
// and its incident where it has one; their result decodes as Card.
const EffectRun = "slack.run"

// RunMessage asks for the message of a compatibility run to be drawn as things stand. incident is the id of the version's,
// whether there is one or not.
func RunMessage(run, incident string) Effect {
	effect := NewEffect(EffectRun, "run/"+run, Ref{Run: run, Incident: incident})
	effect.Picture = true
	return effect
}

// TrialIncident is the id of the one incident that there is for a version of a partner's API, whatever its letters' case.
func TrialIncident(partner, version string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(version))))
	return "sparky-compat-" + strings.ToLower(partner) + "-" + hex.EncodeToString(sum[:5])
}

// trialPriority is that of an incident about a version that is not in use yet: there is time, and an end to it.
const trialPriority = "P2"

// Tried takes a compatibility run's verdict. One that failed opens the version's incident, or goes on with it where there
// is one; one that passed is told in an incident that is open. Taking the same run again changes nothing.
func (d *Desk) Tried(ctx context.Context, t Trial) error {
	err := d.decide(ctx, t.Partner, func(l *ledger) error {
		in := l.byID(TrialIncident(t.Partner, t.Version))
		switch {
		case in != nil && in.knows(t.Run):
		case t.Passed:
			if in != nil && in.State.Active() {
				in.Green = &t
				l.happened(in, Event{Kind: EventTried, Text: "A compatibility run of " + t.Version + " has passed. Resolve this if that settles it." + linkTo(t.URL)})
			}
		case in == nil:
			l.openTrial(t)
		default:
			l.failedAgain(in, t)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("noting how compatibility run %s ended: %w", t.Run, err)
	}
	return nil
}

// knows tells that the run is noted in the incident.
func (i *Incident) knows(run string) bool {
	return i.Trial != nil && i.Trial.Run == run || i.Green != nil && i.Green.Run == run || slices.Contains(i.Tried, run)
}

func (l *ledger) openTrial(t Trial) {
	p, known := l.desk.byID[t.Partner]
	name, owner := p.Name, OwnerOf(p)
	if !known { // it has left the configuration while the run went on
		name, owner = t.Name, t.Owner
	}
	in := Incident{ID: TrialIncident(t.Partner, t.Version), Kind: KindCompat, State: StateOpen, Outage: 1, Opened: l.now, Since: l.now,
		Partner: t.Partner, Name: name, Affects: slices.Clone(p.Affects), PageURL: p.Status.URL, Owner: owner, Priority: trialPriority, Trial: &t}
	in.Events = []Event{{At: l.now, Kind: EventOpened, Text: opening(in, t)}}
	l.Incidents = append(l.Incidents, in)
}

// failedAgain notes that another run of the version failed. What was over by then is open again.
func (l *ledger) failedAgain(in *Incident, t Trial) {
	if in.Trial != nil {
		in.Tried = append(in.Tried, in.Trial.Run)
	}
	if in.Green != nil {
		in.Tried = append(in.Tried, in.Green.Run)
	}
	in.Tried = in.Tried[max(0, len(in.Tried)-mostTried):]
	in.Trial, in.Green = &t, nil
	if in.State.Active() {
		l.happened(in, Event{Kind: EventTried, Text: "Another compatibility run of " + t.Version + " has failed." + linkTo(t.URL)})
		return
	}
	in.State, in.Outage, in.Since, in.Ended = StateOpen, in.Outage+1, l.now, time.Time{}
	in.Acknowledged, in.Closed = nil, nil
	l.happened(in, Event{Kind: EventReopened, Text: "A compatibility run of " + t.Version + " has failed again." + linkTo(t.URL)})
}

// mostTried is how many runs of a version an incident remembers beside the newest.
const mostTried = 50

func linkTo(url string) string {
	if url == "" {
		return ""
	}
	return " " + url
}

// opening is what the owner of an integration is told first.
func opening(in Incident, t Trial) string {
	text := "Our integration with " + in.Name + " does not work with " + t.Version + ", which is not in use yet."
	if !t.Different() {
		text = "The compatibility run of " + in.Name + " " + t.Version + " failed. Whether our integration works with that version is not known."
	}
	if t.Effective != "" {
		text += " It takes effect on " + t.Effective + "."
	}
	return text
}
