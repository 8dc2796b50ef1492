package pager

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"sparky/incidents"
	"sparky/internal/plaintext"
)

// Limits of the Events API v2, in characters (developer.pagerduty.com, "Send an alert event"), and our own for what would
// only make an alert unreadable.
const (
	maxKey     = 255
	maxSummary = 1024
	maxText    = 2000
	maxPoints  = 20
)

// event is the body of a call to /v2/enqueue.
type event struct {
	RoutingKey string   `json:"routing_key"`
	Action     string   `json:"event_action"`
	DedupKey   string   `json:"dedup_key"`
	Client     string   `json:"client,omitempty"`
	ClientURL  string   `json:"client_url,omitempty"`
	Links      []link   `json:"links,omitempty"`
	Payload    *payload `json:"payload,omitempty"`
}

type link struct {
	Href string `json:"href"`
	Text string `json:"text"`
}

type payload struct {
	Summary   string         `json:"summary"`
	Source    string         `json:"source"`
	Severity  string         `json:"severity"`
	Timestamp string         `json:"timestamp,omitempty"`
	Component string         `json:"component,omitempty"`
	Group     string         `json:"group,omitempty"`
	Class     string         `json:"class,omitempty"`
	Details   map[string]any `json:"custom_details"`
}

// dedupKey names an outage of an incident. One that is too long for PagerDuty is cut and told apart by its hash.
func dedupKey(id string, outage int) string {
	key := fmt.Sprintf("%s/%d", id, outage)
	if utf8.RuneCountInString(key) <= maxKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	hash := hex.EncodeToString(sum[:16])
	return string([]rune(key)[:maxKey-len(hash)-1]) + "/" + hash
}

// event is what is said of the incident. Only a trigger carries a payload: PagerDuty reads none with the others.
func (p *Pager) event(in incidents.Incident, dedup, action string) event {
	e := event{RoutingKey: p.key.Reveal(), Action: action, DedupKey: dedup}
	if action != "trigger" {
		return e
	}
	e.Client = "Sparky"
	if isAddress(in.Ticket.URL) {
		e.ClientURL = in.Ticket.URL
		e.Links = append(e.Links, link{in.Ticket.URL, "Jira " + in.Ticket.Key})
	}
	if isAddress(in.PageURL) {
		e.Links = append(e.Links, link{in.PageURL, in.Name + " status page"})
	}
	source, class := in.Name, ""
	for _, failing := range in.FailingProbes() {
		source, class = cmp.Or(failing.Last.Host, source), string(failing.Last.Class)
		break
	}
	e.Payload = &payload{
		Summary:   plaintext.Clip(cmp.Or(plaintext.OneLine(p.summary(in)), plaintext.OneLine(in.Name+" is failing.")), maxSummary),
		Source:    cmp.Or(plaintext.Line(source, maxKey), "Sparky"),
		Severity:  severity(in.Priority),
		Timestamp: stamp(in.Since),
		Component: strings.Join(in.Affects, ", "),
		Group:     in.Partner,
		Class:     class,
		Details:   details(in),
	}
	return e
}

// severity is PagerDuty's word for a priority. It is never warning or info: with urgency by severity those ring no phone,
// and Sparky calls only where somebody has to look at once.
func severity(priority string) string {
	switch priority {
	case "P1", "P2":
		return "critical"
	default:
		return "error"
	}
}

// details is what the person who was woken reads: the verdict, the evidence for it, and what fails.
func details(in incidents.Incident) map[string]any {
	all := map[string]any{"priority": in.Priority}
	say := func(name, text string) {
		if text != "" {
			all[name] = plaintext.Clip(text, maxText)
		}
	}
	say("verdict", strings.TrimSpace(in.Verdict.Says))
	say("what would change it", in.Verdict.Would)
	say("since", stamp(in.Since))
	say("owner", in.Owner.Team)
	if in.Already {
		all["since"] = "it was failing already when Sparky first looked"
	}
	if len(in.Affects) > 0 {
		all["affects"] = in.Affects
	}
	var evidence, failing []string
	for _, point := range in.Verdict.Points {
		text := point.Text
		if isAddress(point.Link) {
			text += " (" + point.Link + ")"
		}
		evidence = append(evidence, plaintext.Clip(text, maxText))
	}
	for _, probe := range in.FailingProbes() {
		failing = append(failing, plaintext.Clip(probe.Probe+": "+cmp.Or(probe.Last.Problem, string(probe.Last.Class)), maxText))
	}
	list(all, "evidence", evidence)
	list(all, "failing probes", failing)
	list(all, "not known", in.Verdict.Missing)
	return all
}

// list notes the lines, and how many of a long list are left out.
func list(all map[string]any, name string, lines []string) {
	if len(lines) == 0 {
		return
	}
	if more := len(lines) - maxPoints; more > 0 {
		lines = append(lines[:maxPoints:maxPoints], fmt.Sprintf("and %d more", more))
	}
	all[name] = lines
}

func stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

func isAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}
