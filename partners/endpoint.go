package partners

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
)

// Endpoint is one call of a partner's API: its method, and its path without host and query. A part of the path in braces
// stands for any one part.
type Endpoint struct {
	Method string
	Path   string
}

// Endpoints are the calls that a probe makes, as far as they are known: those of an http probe are its requests, those of
// a module what it is documented to call. Probes that make no HTTP calls have none, and neither has msteams.card, whose
// address is a secret.
func (c ProbeConfig) Endpoints() []Endpoint {
	if c.Kind == KindHTTP {
		steps := c.Steps
		if len(steps) == 0 {
			steps = []HTTPStep{c.HTTPStep}
		}
		var all []Endpoint
		for _, s := range steps {
			all = append(all, Endpoint{cmp.Or(strings.ToUpper(s.Method), http.MethodGet), pathOf(s.URL)})
		}
		return all
	}
	base := strings.TrimRight(pathOf(c.BaseURL), "/")
	var all []Endpoint
	for _, o := range moduleOperations(c) {
		all = append(all, Endpoint{o.Method, base + o.Path})
	}
	return all
}

// moduleOperations are what the modules call below their base_url.
func moduleOperations(c ProbeConfig) []Endpoint {
	switch c.Kind {
	case KindServiceNowIncident:
		table := "/api/now/table/" + cmp.Or(c.Table, "incident")
		return []Endpoint{
			{http.MethodGet, table}, {http.MethodPost, table},
			{http.MethodGet, table + "/{sys_id}"}, {http.MethodPatch, table + "/{sys_id}"},
		}
	case KindServiceNowTable:
		return []Endpoint{{http.MethodGet, "/api/now/table/" + cmp.Or(c.Table, "incident")}}
	case KindPowerBIGroups:
		return []Endpoint{{http.MethodGet, "/v1.0/myorg/groups"}}
	case KindGraphHealth:
		return []Endpoint{{http.MethodGet, "/v1.0/admin/serviceAnnouncement/healthOverviews"}}
	case KindOktaOrg:
		return []Endpoint{{http.MethodGet, "/api/v1/org"}}
	case KindWorkdayWorkers:
		return []Endpoint{{http.MethodGet, "/ccx/api/v1/{tenant}/workers"}}
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
