package jira

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"sparky/incidents"
	"sparky/internal/plaintext"
)

// property is what an entity property holds: data of ours that nobody sees.
type property struct {
	Key   string `json:"key"`
	Value any    `json:"value"`
}

// marker is the key of our properties on issues and comments.
const marker = "sparky"

// optional are the fields without which an issue is still worth opening, with what they are called.
func optional() []struct{ field, name string } {
	return []struct{ field, name string }{
		{"components", "component"}, {"assignee", "assignee"}, {"priority", "priority"}, {"description", "description"},
	}
}

// create opens the incident's issue. A field that Jira refuses is left out, and the description says which.
func (t *Tickets) create(ctx context.Context, i incidents.Incident) (kept, error) {
	fields := t.fields(i)
	fields["description"] = nil
	var left []string
	for {
		note := strings.Join(left, "; ")
		summary, description := t.words(i, note)
		fields["summary"] = summary
		_, described := fields["description"]
		if described {
			fields["description"] = t.client.text(description)
		}
		made, err := t.post(ctx, i, fields)
		if err == nil {
			k := kept{Ticket: incidents.Ticket{Key: made.Key, URL: t.client.url(made.Key)}, Note: note}
			if !described {
				k.Unwritten = fingerprint(summary, description)
			}
			return k, nil
		}
		out := leaveOut(fields, err)
		if len(out) == 0 {
			return kept{}, err
		}
		left = append(left, out...)
	}
}

func (t *Tickets) post(ctx context.Context, i incidents.Incident, fields map[string]any) (issue, error) {
	doing := "opening an issue for " + i.ID
	body := map[string]any{"fields": fields}
	if t.client.cloud() {
		body["properties"] = []property{{marker, map[string]string{"incident": i.ID}}}
	}
	var made issue
	err := t.client.do(ctx, request{doing: doing, method: http.MethodPost, path: "issue", body: body, needs: "Create Issues", writes: true}, &made)
	if err == nil && !issueKey.MatchString(made.Key) {
		return issue{}, opaque{doing + ": Jira's answer names no issue"}
	}
	return made, err
}

// fields are what an issue is opened with, but for its text.
func (t *Tickets) fields(i incidents.Incident) map[string]any {
	config := t.client.config
	fields := map[string]any{
		"project":   map[string]string{"key": config.Project},
		"issuetype": map[string]string{"name": config.IssueType},
		"labels":    labels(i),
	}
	if name := config.Priorities[i.Priority]; name != "" {
		fields["priority"] = map[string]string{"name": name}
	}
	if i.Owner.JiraAssignee != "" {
		id := "name"
		if t.client.cloud() {
			id = "accountId"
		}
		fields["assignee"] = map[string]string{id: i.Owner.JiraAssignee}
	}
	if i.Owner.JiraComponent != "" {
		fields["components"] = []map[string]string{{"name": i.Owner.JiraComponent}}
	}
	return fields
}

// labels are ours, the incident's, by which its issue is found again, and the partner's.
func labels(i incidents.Incident) []string {
	all := []string{"sparky", label(i.ID)}
	if partner := label(i.Partner); partner != "" && !slices.Contains(all, partner) {
		all = append(all, partner)
	}
	return all
}

// leaveOut takes out of the fields those that Jira refused, where all that it refused can be spared, and says which.
func leaveOut(fields map[string]any, err error) []string {
	named := faultsOf(err)
	if len(named) == 0 {
		return nil
	}
	var out []string
	for _, o := range optional() {
		if said, refused := named[o.field]; refused && fields[o.field] != nil {
			out = append(out, strings.TrimSpace(o.name+" "+valueOf(fields[o.field]))+" ("+strings.TrimSuffix(said, ".")+")")
		}
	}
	if len(out) < len(named) {
		return nil
	}
	for _, o := range optional() {
		if _, refused := named[o.field]; refused {
			delete(fields, o.field)
		}
	}
	return out
}

// valueOf is a field's value in words.
func valueOf(field any) string {
	switch value := field.(type) {
	case map[string]string:
		for _, text := range value {
			return "“" + text + "”"
		}
	case []map[string]string:
		if len(value) > 0 {
			return valueOf(value[0])
		}
	}
	return ""
}

// words are the issue's summary and description.
func (t *Tickets) words(i incidents.Incident, note string) (summary, description string) {
	summary, description = t.text(i)
	if note != "" {
		description += "\n\nJira did not take everything when this was opened. Left out: " + note + "."
	}
	return plaintext.Line(summary, longestSummary), description
}

// fingerprint tells one text from another.
func fingerprint(parts ...string) string {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%q", parts)))
	return hex.EncodeToString(sum[:8])
}
