package commands

import (
	"time"

	"sparky/incidents"
)

// IncidentRecord is an incident for machines. Times are RFC 3339; what does not hold is left out.
type IncidentRecord struct {
	ID           string              `json:"id"`
	Key          string              `json:"key,omitempty"` // in Jira
	URL          string              `json:"url,omitempty"`
	Partner      string              `json:"partner,omitempty"` // empty for our own network
	Name         string              `json:"name"`
	Probes       []string            `json:"probes"` // that fail, each as partner/probe
	State        incidents.State     `json:"state"`
	Priority     string              `json:"priority,omitempty"`
	Since        time.Time           `json:"since,omitzero"`
	Ended        time.Time           `json:"ended,omitzero"`
	Outage       int                 `json:"outage"`
	Verdict      incidents.Word      `json:"verdict,omitempty"` // external, internal or unclear
	Reason       incidents.Reason    `json:"reason,omitempty"`
	Says         string              `json:"says,omitempty"`
	Affects      []string            `json:"affects,omitempty"`
	Acknowledged *incidents.Deed     `json:"acknowledged,omitempty"`
	Closed       *incidents.Deed     `json:"closed,omitempty"`
	MutedUntil   time.Time           `json:"muted_until,omitzero"`
	Page         incidents.PageState `json:"page,omitempty"` // what on-call has been told
	Post         incidents.PostState `json:"post,omitempty"` // on our public page
	PostURL      string              `json:"post_url,omitempty"`
	Kind         incidents.Kind      `json:"kind"`
	Trial        *incidents.Trial    `json:"trial,omitempty"` // the compatibility run that failed, where that is what it is about
}

// NewIncidentRecord is the incident's record.
func NewIncidentRecord(i incidents.Incident) IncidentRecord {
	probes := []string{}
	for _, f := range i.FailingProbes() {
		probes = append(probes, targetWords(f.Partner, f.Probe))
	}
	return IncidentRecord{
		ID: i.ID, Key: i.Ticket.Key, URL: i.Ticket.URL, Partner: i.Partner, Name: i.Name, Probes: probes, State: i.State,
		Priority: i.Priority, Since: i.Since, Ended: i.Ended, Outage: i.Outage,
		Verdict: i.Verdict.Word, Reason: i.Verdict.Reason, Says: i.Verdict.Says, Affects: i.Affects,
		Acknowledged: i.Acknowledged, Closed: i.Closed, MutedUntil: i.MutedUntil,
		Page: i.Page.Wanted, Post: i.Post.State, PostURL: i.Post.URL, Kind: i.Kind, Trial: i.Trial,
	}
}
