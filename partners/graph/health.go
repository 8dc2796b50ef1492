// Package graph makes the probe of Microsoft Graph: a read of Microsoft 365's service health. It looks whether we can sign
// in and read; how Microsoft's services are, the status source m365 says, and what a failure leads to others decide.
package graph

import (
	"context"
	"fmt"
	"net/http"
	"strings"

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

// health is the probe of one tenant.
type health struct {
	client *httpcall.Client
	url    string
}

// New is the probe of a configuration of kind graph.health. The client carries the credential. A pass says that the list of
// services can be read, whatever it says of them. An error says what cannot be used although it was validated.
func New(config partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
	base := strings.TrimRight(config.BaseURL, "/")
	switch {
	case config.Kind != partners.KindGraphHealth:
		return nil, fmt.Errorf("probe %s: %q is no kind of Graph probe", config.ID, config.Kind)
	case base == "":
		return nil, fmt.Errorf("probe %s: base_url is missing; write https://graph.microsoft.com", config.ID)
	}
	return health{client: client, url: base + path}.run, nil
}

func (h health) run(ctx context.Context) (partners.Finding, error) {
	answer, err := probe.Do(ctx, h.client, "graph", "readServiceHealth", httpcall.Request{URL: h.url, Header: http.Header{"Accept": {"application/json"}}})
	if err != nil {
		err = fmt.Errorf("%s: %w", doing, err)
		return partners.Finding{}, probe.Entra(err, probe.Understand(ctx, err))
	}
	if failure := judge(answer); failure != nil {
		return partners.Finding{}, failure
	}
	return partners.Finding{}, nil
}

func judge(answer httpcall.Response) *partners.Failure {
	if failure := probe.Judge(doing, answer, http.StatusOK); failure != nil {
		failure.Problem += mend(answer)
		return failure
	}
	document, failure := probe.JSON(doing, answer)
	if failure != nil {
		return failure
	}
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
