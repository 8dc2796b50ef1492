package partners

import (
	"fmt"
	"strings"
	"testing"
)

func TestOperationsOfAProbe(t *testing.T) {
	for _, c := range []struct {
		config ProbeConfig
		want   string
	}{
		{ProbeConfig{Kind: KindHTTP, HTTPStep: HTTPStep{URL: "https://a.example/v1/users?x=1"}}, "GET /v1/users"},
		{ProbeConfig{Kind: KindHTTP, Steps: []HTTPStep{{Method: "post", URL: "https://a.example/v1/users"}, {Method: "DELETE", URL: "https://a.example/v1/users/{{id}}"}}},
			"POST /v1/users, DELETE /v1/users/{{id}}"},
		{ProbeConfig{Kind: KindServiceNowTable, BaseURL: "https://a.example/", Table: "sys_user"}, "GET /api/now/table/sys_user"},
		{ProbeConfig{Kind: KindServiceNowIncident, BaseURL: "https://a.example"},
			"GET /api/now/table/incident, POST /api/now/table/incident, GET /api/now/table/incident/{sys_id}, PATCH /api/now/table/incident/{sys_id}"},
		{ProbeConfig{Kind: KindOktaOrg, BaseURL: "https://a.example/proxy"}, "GET /proxy/api/v1/org"},
		{ProbeConfig{Kind: KindPowerBIGroups, BaseURL: "https://a.example"}, "GET /v1.0/myorg/groups"},
		{ProbeConfig{Kind: KindGraphHealth}, "GET /v1.0/admin/serviceAnnouncement/healthOverviews"},
		{ProbeConfig{Kind: KindWorkdayWorkers, BaseURL: "https://a.example"}, "GET /ccx/api/v1/{tenant}/workers"},
		{ProbeConfig{Kind: KindTeamsCard, HTTPStep: HTTPStep{URL: "https://hooks.example/s3cret"}}, ""},
		{ProbeConfig{Kind: KindTLS, Address: "a.example:443"}, ""},
		{ProbeConfig{Kind: KindHTTP, HTTPStep: HTTPStep{URL: "%zz"}}, "GET "},
	} {
		var got []string
		for _, o := range c.config.Endpoints() {
			got = append(got, fmt.Sprintf("%s %s", o.Method, o.Path))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %q, want %q", c.config.Kind, got, c.want)
		}
	}
}
