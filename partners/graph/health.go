// Package graph makes the probe of Microsoft Graph: a read of Microsoft 365's service health. It looks whether we can sign
// in and read; how Microsoft's services are, the status source m365 says, and what a failure leads to others decide.
package graph

import (
	"net/http"

	"github.com/tidwall/gjson"

	"sparky/internal/httpcall"
	"sparky/partners"
	"sparky/partners/probe"
)

const (
	doing = "reading Microsoft 365's service health"
	// path is v1.0's: learn.microsoft.com/graph/api/serviceannouncement-list-healthoverviews.
	path = "/v1.0/admin/serviceAnnouncement/healthOverviews"
	// grant is how the app comes by the right to read it.
	grant = "give the app's registration the application permission ServiceHealth.Read.All, and let an administrator consent to it"
)

// New is the probe of a configuration of kind graph.health. The client carries the credential. A pass says that the list of
// services can be read, whatever it says of them. An error says what cannot be used although it was validated.
func New(config partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
	base, err := probe.Base(config, partners.KindGraphHealth, "Graph", "https://graph.microsoft.com")
	if err != nil {
		return nil, err
	}
	return probe.Read{Client: client, Service: "graph", Action: "readServiceHealth", URL: base + path, Doing: doing, Lost: probe.Entra, Refused: refused, Check: check}.Run, nil
}

func refused(answer httpcall.Response, failure *partners.Failure) *partners.Failure {
	failure.Problem += mend(answer)
	return failure
}

func check(answer httpcall.Response, document gjson.Result) *partners.Failure {
	services := document.Get("value")
	if !services.IsArray() {
		return probe.Fail(partners.FailContent, doing, answer, "answered without a list of services; does base_url lead to Graph?")
	}
	list := services.Array()
	if len(list) == 0 {
		return probe.Fail(partners.FailRights, doing, answer,
			"lists no service at all, which it does to an app that may not see them and for a tenant without a subscription; "+grant)
	}
	for _, service := range list {
		if service.Get("service").String() == "" || service.Get("status").String() == "" {
			return probe.Fail(partners.FailContent, doing, answer, "lists services without their name or status")
		}
	}
	return nil
}

// mend is what a refusal means at Graph. Sources: learn.microsoft.com/graph/errors and /graph/throttling.
func mend(answer httpcall.Response) string {
	if isEdge(answer) {
		return ""
	}
	switch answer.Status {
	case http.StatusUnauthorized:
		return ". The token is not one for Graph, or its app was removed; leave scopes out, or write https://graph.microsoft.com/.default"
	case http.StatusForbidden:
		return ". For service health, " + grant
	case http.StatusTooManyRequests:
		return ". All apps of the tenant count together"
	}
	return ""
}

// isEdge tells an answer that Graph itself did not make: Graph's errors are JSON with a code.
func isEdge(answer httpcall.Response) bool {
	return !gjson.ValidBytes(answer.Body) || !gjson.GetBytes(answer.Body, "error.code").Exists()
}
