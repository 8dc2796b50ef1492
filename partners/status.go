package partners

import "time"

// Level is how well a partner, or one component of it, is doing by its own word.
type Level string

// The levels from well to worst. Unknown is not among them: it is the absence of a word, and never means well.
const (
	Operational   Level = "operational"
	Maintenance   Level = "maintenance"
	Degraded      Level = "degraded"
	PartialOutage Level = "partial outage"
	MajorOutage   Level = "major outage"
	Unknown       Level = "unknown"
)

func (l Level) rank() int {
	switch l {
	case Operational:
		return 1
	case Maintenance:
		return 2
	case Degraded:
		return 3
	case PartialOutage:
		return 4
	case MajorOutage:
		return 5
	default:
		return 0
	}
}

// Worse is the worse of two levels. A known level is worse than Unknown.
func (l Level) Worse(other Level) Level {
	if other.rank() > l.rank() {
		return other
	}
	return l
}

// Status is what a partner's own page said when it was read.
type Status struct {
	Kind        string         `json:"kind"`                // the format that the document turned out to be, one of the contract's kinds
	Page        string         `json:"page"`                // the address for people
	Level       Level          `json:"level"`               // the worst of indicator, components and unresolved incidents; Unknown where the page gave no word
	Indicator   Level          `json:"indicator,omitempty"` // the page's own word for all of it; empty where it has none
	Description string         `json:"description"`         // the page's own sentence
	UpdatedAt   time.Time      `json:"updated_at,omitzero"` // when the page says that it was last changed; zero where it does not
	ReadAt      time.Time      `json:"read_at,omitzero"`    // when we read it
	Problem     string         `json:"problem,omitempty"`   // why Level is Unknown, in words; empty when the page was read
	Note        string         `json:"note,omitempty"`      // what a reader should know although the page was read: it moved, it contradicts itself
	Doubt       string         `json:"doubt,omitempty"`     // why it does not mean well where the page names no trouble; empty where it does
	Skipped     int            `json:"skipped,omitempty"`   // parts of the document that could not be read
	Unmatched   []string       `json:"unmatched,omitempty"` // patterns of Concerning that match no component of a page that lists components
	Components  []Component    `json:"components,omitempty"`
	Incidents   []PageIncident `json:"incidents,omitempty"`   // unresolved, and those resolved within the last day
	Windows     []PageWindow   `json:"maintenance,omitempty"` // in progress, and coming
}

// Component is a part of the partner's service with a state of its own. Groups are left out: they repeat their parts.
type Component struct {
	Name   string `json:"name"`
	Group  string `json:"group,omitempty"`
	Region string `json:"region,omitempty"`
	Level  Level  `json:"level"`
}

// PageIncident is an incident on a partner's page; ours are in package incidents.
type PageIncident struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Link       string    `json:"link,omitempty"`
	Phase      string    `json:"phase"`            // the page's word: investigating, identified, monitoring, resolved…
	Level      Level     `json:"level"`            // its impact; Operational where the page calls it none
	Notice     bool      `json:"notice,omitempty"` // information, not an outage
	Stale      bool      `json:"stale,omitempty"`  // open, but with no update for days: background, it explains nothing of today
	Resolved   bool      `json:"resolved,omitempty"`
	Began      time.Time `json:"began,omitzero"`   // when the trouble began, by the page
	Posted     time.Time `json:"posted,omitzero"`  // when the page first told of it
	Updated    time.Time `json:"updated,omitzero"` // its newest update
	Ended      time.Time `json:"ended,omitzero"`
	Components []string  `json:"components,omitempty"`
	Regions    []string  `json:"regions,omitempty"`
	Text       string    `json:"text,omitempty"` // the newest update, plain
}

// PageWindow is a maintenance window on a partner's page.
type PageWindow struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Link       string    `json:"link,omitempty"`
	From       time.Time `json:"from,omitzero"`
	Until      time.Time `json:"until,omitzero"`
	InProgress bool      `json:"in_progress,omitempty"`
	Components []string  `json:"components,omitempty"`
	Regions    []string  `json:"regions,omitempty"`
}

// StatusRecord is what is remembered of a partner's page from one reading to the next.
type StatusRecord struct {
	Status   Status    // the newest reading, good or not
	LastGood Status    // the newest one with a level; the zero Status where there never was one
	Since    time.Time // when the newest reading's level was first read, without another level in between
}

// Open tells that the incident is an outage that the page says is going on now: not resolved, not mere information, not
// forgotten.
func (i PageIncident) Open() bool { return !i.Resolved && !i.Notice && !i.Stale }

// OpenLevel is how bad an open incident makes things: at least Degraded, whatever impact the page gives it, because a
// page that calls its incident harmless is the first one to be wrong. Unknown where it is not open.
func (i PageIncident) OpenLevel() Level {
	if !i.Open() {
		return Unknown
	}
	return i.Level.Worse(Degraded)
}

// UnknownStatus is the Status of a page that gave no word we can trust, and why.
func UnknownStatus(page, why string, at time.Time) Status {
	return Status{Page: page, Level: Unknown, Problem: why, ReadAt: at}
}
