// Package powerbi makes the probe of Power BI: a read of the workspaces that our app sees. It speaks the REST API
// (/v1.0/myorg) and knows its ways of lying; it knows nothing of what a failure leads to.
package powerbi

import (
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"sparky/internal/httpcall"
	"sparky/partners"
	"sparky/partners/probe"
)

const (
	doing = "reading Power BI's workspaces"
	// path is that of learn.microsoft.com/rest/api/power-bi/groups/get-groups; one workspace proves as much as all.
	path = "/v1.0/myorg/groups?$top=1"
	// tenantSetting lets an app in at all. Source: learn.microsoft.com/power-bi/enterprise/service-premium-service-principal.
	tenantSetting = "the tenant setting “Service principals can use Fabric APIs” must be on for a security group that our app is in"
)

// New is the probe of a configuration of kind powerbi.groups. The client carries the credential. A pass says that the app
// sees a workspace. An error says what cannot be used although it was validated.
func New(config partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
	base, err := probe.Base(config, partners.KindPowerBIGroups, "Power BI", "https://api.powerbi.com")
	if err != nil {
		return nil, err
	}
	return probe.Read{Client: client, Service: "powerbi", Action: "listGroups", URL: base + path, Doing: doing, Lost: probe.Entra, Refused: refused, Check: check}.Run, nil
}

func refused(answer httpcall.Response, failure *partners.Failure) *partners.Failure {
	failure.Problem += mend(answer)
	return failure
}

// check reads the list. Who was taken out of every workspace is told so by an empty one with status 200.
func check(answer httpcall.Response, document gjson.Result) *partners.Failure {
	list := document.Get("value")
	switch {
	case !list.IsArray():
		return probe.Fail(partners.FailContent, doing, answer, "answered without a list of workspaces; does base_url lead to Power BI?")
	case len(list.Array()) == 0:
		return probe.Fail(partners.FailRights, doing, answer,
			"shows our app no workspace; make the app a member of the workspace that is used, and if it was one: "+tenantSetting)
	case list.Get("0.id").String() == "":
		return probe.Fail(partners.FailContent, doing, answer, "lists workspaces without their id")
	}
	return nil
}

// mend is what a refusal means at Power BI, which says little by itself. An edge's word is not Power BI's.
func mend(answer httpcall.Response) string {
	switch answer.Status {
	case http.StatusUnauthorized:
		return ". Power BI also answers so to an app that it does not let in: " + tenantSetting +
			". With scopes of its own in the configuration, is the token one for Power BI?"
	case http.StatusForbidden:
		if strings.Contains(strings.ToLower(answer.Header.Get("Content-Type")), "html") {
			return ""
		}
		return ". For an app, " + tenantSetting
	case http.StatusTooManyRequests:
		return ". That is a limit on how often we call, or our own capacity is overloaded: look at it in the Capacity Metrics app"
	}
	return ""
}
