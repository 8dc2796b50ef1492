// Package workday makes the probe of Workday: a read of one worker by the REST API. Workday says little of what is wrong,
// and some of it in ways that look like an outage; the package knows these. It keeps nothing of what it reads, which is
// people's data, and knows nothing of what a failure leads to.
package workday

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/tidwall/gjson"

	"sparky/internal/httpcall"
	"sparky/partners"
	"sparky/partners/probe"
)

const doing = "reading a worker from Workday"

// workers is the probe of one tenant.
type workers struct {
	url    string
	tenant string
	// worked is whether a run has passed: what has worked is not misspelt.
	worked bool
}

// New is the probe of a configuration of kind workday.workers. The client carries the credential. A pass says that our user
// sees a worker at least. An error says what cannot be used although it was validated.
func New(config partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
	base, err := probe.Base(config, partners.KindWorkdayWorkers, "Workday", "the host of the data centre, like https://wd2-impl-services1.workday.com")
	switch {
	case err != nil:
		return nil, err
	case config.Tenant == "":
		return nil, fmt.Errorf("probe %s: tenant is missing; it is the word after /ccx/oauth2/ in the address of the token endpoint", config.ID)
	}
	w := &workers{tenant: config.Tenant, url: base + "/ccx/api/v1/" + url.PathEscape(config.Tenant) + "/workers?limit=1"}
	return probe.Read{Client: client, Service: "workday", Action: "listWorkers", URL: w.url, Doing: doing, Lost: w.unanswered, Refused: w.explained, Check: w.check}.Run, nil
}

// check reads the list, and remembers that this tenant has given one.
func (w *workers) check(answer httpcall.Response, document gjson.Result) *partners.Failure {
	total, list := document.Get("total"), document.Get("data")
	switch {
	case total.Type != gjson.Number || !list.IsArray():
		return probe.Fail(partners.FailContent, doing, answer, "answered without a list of workers; does base_url lead to Workday's REST API?")
	case total.Int() == 0 && len(list.Array()) == 0:
		return probe.Fail(partners.FailRights, doing, answer, "answered 200 and shows us not one worker. Workday does so to a user whose "+
			"security group was never activated: run “Activate Pending Security Policy Changes”, and see that the group may get Worker Data")
	case len(list.Array()) == 0:
		return probe.Fail(partners.FailContent, doing, answer, fmt.Sprintf("counts %d workers and lists none", total.Int()))
	case list.Get("0.id").String() == "":
		return probe.Fail(partners.FailContent, doing, answer, "lists workers without their id")
	}
	w.worked = true
	return nil
}

// explained adds what a refusal means at Workday.
func (w *workers) explained(answer httpcall.Response, failure *partners.Failure) *partners.Failure {
	switch answer.Status {
	case http.StatusUnauthorized:
		failure.Problem += ". If it comes and goes, turn on “Enforce 60 Minutes Access Token Expiry” for the API client" + w.refreshed()
	case http.StatusForbidden:
		failure.Problem += ". The security group of our user needs to get Worker Data, and the API client the scope Staffing; activate the change afterwards"
	case http.StatusNotFound:
		failure.Problem += ". base_url is the host of the tenant's own data centre, without a path"
	case http.StatusServiceUnavailable:
		w.noTenant(failure, string(answer.Body))
	}
	return failure
}

// unanswered is a call without an answer. Where no token was given, the token endpoint's status says why.
func (w *workers) unanswered(err error, failure *partners.Failure) *partners.Failure {
	refusal, refused := probe.Refusal(err, failure)
	if !refused {
		return failure
	}
	switch refusal.Status {
	case http.StatusNotFound:
		failure.Class = partners.FailNotFound
		failure.Problem = doing + ": " + failure.Host + " has no token endpoint at the address in token_url (404); copy it from “View API Clients” in Workday, it is like https://HOST/ccx/oauth2/TENANT/token"
	case http.StatusServiceUnavailable:
		failure.Class = partners.FailServer
		failure.Problem = doing + ": " + failure.Host + " answered 503 Service Unavailable when asked for a token"
		w.noTenant(failure, refusal.Said)
	case http.StatusBadRequest, http.StatusUnauthorized:
		failure.Problem = doing + ": " + reason(err) + w.refreshed()
	}
	return failure
}

func reason(err error) string {
	var call *httpcall.Error
	if errors.As(err, &call) {
		return call.Reason()
	}
	return err.Error()
}

// noTenant tells a tenant that there is not from an outage: Workday answers both with 503, and only the page's words differ.
// Of a tenant that has answered before, the same words mean that it is away for now.
func (w *workers) noTenant(failure *partners.Failure, said string) {
	named := strings.Contains(strings.ToLower(said), "invalid tenant")
	switch {
	case w.worked && named:
		failure.Problem += ". It says that there is no tenant " + w.tenant + ", which answered before: it may be in a service update, or was renamed or ended"
	case named:
		failure.Class = partners.FailNotFound
		failure.Problem = doing + ": " + failure.Host + " knows no tenant " + w.tenant + " (it says so with 503, as in an outage); check tenant and token_url for a typing error, and that base_url is the tenant's own data centre"
	case !w.worked:
		failure.Problem += ". Workday answers so for a misspelt tenant too; if this probe has never passed, check tenant, token_url and base_url"
	}
}

// refreshed reminds of what happens to tenants that are no production.
func (w *workers) refreshed() string {
	address, err := url.Parse(w.url)
	if err != nil || !strings.Contains(address.Hostname(), "impl") {
		return ""
	}
	return ". Sandboxes are overwritten from production every Friday evening, Pacific time: an API client that was made only there is gone then"
}
