package partners

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
)

// Operation is one call of a partner's API: its method, and its path without host and query. A part of the path in braces
// stands for any one part.
type Operation struct {
	Method string
	Path   string
}

// Operations are the calls that a probe makes, as far as they are known: those of an http probe are its requests, those of
// a module what it is documented to call. Probes that make no HTTP calls have none, and neither has msteams.card, whose
// address is a secret.
func (c ProbeConfig) Operations() []Operation {
	if c.Kind == KindHTTP {
		steps := c.Steps
		if len(steps) == 0 {
			steps = []HTTPStep{c.HTTPStep}
		}
		var all []Operation
		for _, s := range steps {
			all = append(all, Operation{cmp.Or(strings.ToUpper(s.Method), http.MethodGet), pathOf(s.URL)})
		}
		return all
	}
	base := strings.TrimRight(pathOf(c.BaseURL), "/")
	var all []Operation
	for _, o := range moduleOperations(c) {
		all = append(all, Operation{o.Method, base + o.Path})
	}
	return all
}

// moduleOperations are what the modules call below their base_url.
func moduleOperations(c ProbeConfig) []Operation {
	switch c.Kind {
	case KindServiceNowIncident:
		table := "/api/now/table/" + cmp.Or(c.Table, "incident")
		return []Operation{
			{http.MethodGet, table}, {http.MethodPost, table},
			{http.MethodGet, table + "/{sys_id}"}, {http.MethodPatch, table + "/{sys_id}"},
		}
	case KindServiceNowTable:
		return []Operation{{http.MethodGet, "/api/now/table/" + cmp.Or(c.Table, "incident")}}
	case KindPowerBIGroups:
		return []Operation{{http.MethodGet, "/v1.0/myorg/groups"}}
	case KindGraphHealth:
		return []Operation{{http.MethodGet, "/v1.0/admin/serviceAnnouncement/healthOverviews"}}
	case KindOktaOrg:
		return []Operation{{http.MethodGet, "/api/v1/org"}}
	case KindWorkdayWorkers:
		return []Operation{{http.MethodGet, "/ccx/api/v1/{tenant}/workers"}}
	}
	return nil
}

// pathOf is the path of an address, empty where it is none. {{name}} of an http probe's steps is left as it is: a part of
// a path in braces.
func pathOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Path
}
