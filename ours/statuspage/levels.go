package statuspage

import (
	"sparky/incidents"
	"sparky/partners"
)

// The statuses of a component, as Statuspage has them.
const (
	operational = "operational"
	resolved    = "resolved"
)

// manner is how a level is told.
type manner struct {
	status string // Statuspage's word for a component that is doing so
	impact string // Statuspage's word for an incident, or a page, that is doing so
	words  string // for a customer
	tone   string // the class that colours it on the page that we serve
	symbol string // for those who do not see colours
}

// mannerOf is how a level is told. What is not known to be well is not told as well, and what is has nothing reported of it.
func mannerOf(level partners.Level) manner {
	switch level {
	case partners.Operational:
		return manner{operational, "none", "Nothing reported", "well", "✓"}
	case partners.Maintenance:
		return manner{"under_maintenance", "maintenance", "Under maintenance", "planned", "◷"}
	case partners.PartialOutage:
		return manner{"partial_outage", "major", "Partly down", "major", "!"}
	case partners.MajorOutage:
		return manner{"major_outage", "critical", "Down", "critical", "✕"}
	default:
		return manner{"degraded_performance", "minor", "Degraded", "minor", "!"}
	}
}

func statusOf(level partners.Level) string { return mannerOf(level).status }

func impactOf(level partners.Level) string { return mannerOf(level).impact }

// rank orders the statuses of a component from well to worst.
func rank(status string) int {
	switch status {
	case operational:
		return 0
	case "under_maintenance":
		return 1
	case "degraded_performance":
		return 2
	case "partial_outage":
		return 3
	default:
		return 4
	}
}

// levelOf is how badly a published incident affects the features behind it now. Unknown is never shown: Degraded is the
// least that a customer is told.
func levelOf(in incidents.Incident) partners.Level {
	n := len(in.Post.Updates)
	if n == 0 || in.Post.Updates[n-1].Phase == resolved {
		return partners.Operational
	}
	return shownLevel(in.Post.Updates[n-1].Level)
}

// worst is how each feature does that a published incident affects: a feature that two partners carry is as bad as the
// worse of the two.
func worst(posts []incidents.Incident) map[string]partners.Level {
	all := map[string]partners.Level{}
	for _, in := range posts {
		if in.Post.State != incidents.PostPublished {
			continue
		}
		level := levelOf(in)
		for _, feature := range in.Affects {
			if known, ok := all[feature]; ok {
				all[feature] = known.Worse(level)
			} else {
				all[feature] = level
			}
		}
	}
	return all
}
