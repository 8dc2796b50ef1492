package changes

import (
	"context"
	"errors"
	"maps"
	"strings"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// The kinds of the deeds that a compatibility run asks for, beside the picture incidents.EffectRun.
const (
	EffectDispatch = "github.dispatch" // payload incidents.Ref: the workflow is started; its result decodes as RunStarted
	EffectTrial    = "incident.trial"  // payload incidents.Trial: the incidents hear of the verdict
)

// Run is one compatibility run: the partner's workflow, which tries our integration against a version of its API.
type Run struct {
	// ID is the request id: an input of the workflow, and part of its run's name, by which it is found.
	ID      string          `json:"id"`
	Partner string          `json:"partner"`
	Name    string          `json:"name"` // of the partner, for people
	Owner   incidents.Owner `json:"owner"`
	Version string          `json:"version"`
	Attempt int             `json:"attempt"`         // from 1; the second is made by itself where the first came to no verdict
	By      string          `json:"by,omitempty"`    // who asked for it; empty where an announcement did
	Asked   time.Time       `json:"asked"`           // when
	Entry   *RunEntry       `json:"entry,omitempty"` // the announcement of the version; nil where none is known

	Repo     string            `json:"repo"` // owner/name
	Workflow string            `json:"workflow"`
	Ref      string            `json:"ref"`
	Inputs   map[string]string `json:"inputs"` // all that it is started with
	Timeout  time.Duration     `json:"timeout"`

	State    RunState    `json:"state"`
	GitHubID int64       `json:"github_id,omitempty"` // of the workflow run; 0 until it is known
	URL      string      `json:"url,omitempty"`       // of the workflow run, for people
	Begun    time.Time   `json:"begun,omitzero"`      // when GitHub took it
	Doing    string      `json:"doing,omitempty"`     // the job and step that run now
	Done     int         `json:"done,omitempty"`      // steps that ended, of Total
	Total    int         `json:"total,omitempty"`
	Ended    time.Time   `json:"ended,omitzero"`
	Reason   string      `json:"reason,omitempty"` // why there is no verdict, or why it has not begun, in sentences for people
	Again    string      `json:"again,omitempty"`  // the id of the run that was started in its place
	Outcome  *RunOutcome `json:"outcome,omitempty"`
}

// RunEntry is the announcement of a version.
type RunEntry struct {
	Title     string `json:"title"`
	Link      string `json:"link,omitempty"`
	Effective Date   `json:"effective,omitempty"`
}

// RunState is how far a compatibility run has come.
type RunState string

// The states of a run, in their order. The last three are ends.
const (
	RunAsked     RunState = "asked"  // GitHub was not seen to have it
	RunQueued    RunState = "queued" // GitHub has it
	RunRunning   RunState = "running"
	RunPassed    RunState = "passed"
	RunFailed    RunState = "failed"
	RunNoVerdict RunState = "no verdict" // it was cancelled, could not start or took too long: nobody knows
)

// Live tells that the run has not ended.
func (s RunState) Live() bool { return s == RunAsked || s == RunQueued || s == RunRunning }

// RunStarted is a workflow run as its dispatch tells of it.
type RunStarted struct {
	GitHubID int64  `json:"github_id,omitempty"` // 0 where the server does not tell
	URL      string `json:"url,omitempty"`
}

// RunProgress is how a workflow run stands.
type RunProgress struct {
	Running bool
	URL     string
	Doing   string // the job and step that run now
	Done    int    // steps that ended, of Total
	Total   int
	Ended   bool
	Passed  bool   // where it ended
	Failed  bool   // where it ended; neither of both is no verdict
	Reason  string // why there is none, as a sentence for people
}

// RunOutcome is what a workflow run that ended shows of itself.
type RunOutcome struct {
	Failed []incidents.FailedJob `json:"failed,omitempty"`
	Report *incidents.TestReport `json:"report,omitempty"`
	Notes  []string              `json:"notes,omitempty"` // what could not be read
}

// Workflows is GitHub as compatibility runs need it. An error whose RetryAfter() is positive asks for that much time.
type Workflows interface {
	// Find looks for the run's workflow run by its request id.
	Find(ctx context.Context, run Run) (RunStarted, bool, error)
	// Look is how the workflow run stands.
	Look(ctx context.Context, run Run) (RunProgress, error)
	// Outcome reads what a workflow run that ended shows.
	Outcome(ctx context.Context, run Run) (RunOutcome, error)
}

// RunMemory remembers compatibility runs.
type RunMemory interface {
	// DecideRuns shows decide the live runs of a partner, oldest first, and keeps those that it returns, new or
	// changed, together with the effects, in one transaction. No two calls see the same runs side by side. An error of
	// decide keeps nothing and is returned; decide must be ready to be asked again.
	DecideRuns(ctx context.Context, partner string, decide func([]Run) ([]Run, []incidents.Effect, error)) error
	// Run is the run with that id. Its error is ErrNoRun where there is none.
	Run(ctx context.Context, id string) (Run, error)
	// Runs are the live runs of every partner, and those that were asked for since then, newest first.
	Runs(ctx context.Context, since time.Time) ([]Run, error)
}

// Errors of what people ask of compatibility runs.
var (
	ErrNoRun      = errors.New("there is no such compatibility run")
	ErrNoWorkflow = errors.New("no compatibility workflow is configured")
)

// newRun is a run of a version that nobody has started yet.
func newRun(p partners.Partner, version string, entry *RunEntry, by string, now time.Time) Run {
	version = strings.TrimSpace(version)
	run := Run{ID: "compat-" + p.ID + "-" + shortHash(p.ID+"\x00"+version+"\x00"+by+"\x00"+now.UTC().Format(time.RFC3339Nano)),
		Partner: p.ID, Name: p.Name, Version: version, Attempt: 1, By: by, Asked: now, Entry: entry, State: RunAsked,
		Owner: incidents.OwnerOf(p)}
	if p.Compat == nil {
		return run.withInputs()
	}
	return run.by(*p.Compat)
}

// by is the run by that workflow.
func (r Run) by(c partners.Compat) Run {
	r.Repo, r.Workflow, r.Ref, r.Timeout = c.Repo, c.Workflow, c.Ref, c.Timeout.Std()
	r.Inputs = maps.Clone(c.Inputs)
	return r.withInputs()
}

// withInputs gives the run Sparky's own inputs beside the configured ones.
func (r Run) withInputs() Run {
	r.Inputs = maps.Clone(r.Inputs)
	if r.Inputs == nil {
		r.Inputs = map[string]string{}
	}
	r.Inputs["partner"], r.Inputs["api_version"], r.Inputs["request_id"] = r.Partner, r.Version, r.ID
	return r
}

// Begins are the effects that a new run begins with: its message, and the start of its workflow.
func (r Run) Begins() []incidents.Effect {
	return []incidents.Effect{r.message(), incidents.NewEffect(EffectDispatch, r.ID+"/dispatch", incidents.Ref{Run: r.ID})}
}

// message asks for the run's message to be drawn as things stand. It names the version's incident always: whichever drawing
// is the last, the incident learns where its story is told.
func (r Run) message() incidents.Effect {
	return incidents.RunMessage(r.ID, incidents.TrialIncident(r.Partner, r.Version))
}

// second is the run that is made in the place of one without a verdict.
func (r Run) second(now time.Time) Run {
	again := r
	again.ID, again.Attempt, again.Asked, again.State = r.ID+"-2", r.Attempt+1, now, RunAsked
	again.GitHubID, again.URL, again.Begun, again.Ended, again.Reason, again.Again, again.Outcome = 0, "", time.Time{}, time.Time{}, "", "", nil
	again.Doing, again.Done, again.Total = "", 0, 0
	return again.withInputs()
}

// sameVersion tells that the run is of that version, in whatever case it is written.
func (r Run) sameVersion(version string) bool {
	return strings.EqualFold(r.Version, strings.TrimSpace(version))
}

// Trial is the run's verdict as incidents hear of it.
func (r Run) Trial() incidents.Trial {
	t := incidents.Trial{Run: r.ID, Partner: r.Partner, Name: r.Name, Owner: r.Owner, Version: r.Version, Passed: r.State == RunPassed, URL: r.URL, At: r.Ended}
	if r.Entry != nil {
		t.Announced, t.Link, t.Effective = r.Entry.Title, r.Entry.Link, string(r.Entry.Effective)
	}
	if r.Outcome != nil {
		t.Failed, t.Report, t.Notes = r.Outcome.Failed, r.Outcome.Report, r.Outcome.Notes
	}
	return t
}
