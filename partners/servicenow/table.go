// Package servicenow makes the probes of ServiceNow: a read of a table, and an incident that is created, updated, read
// back and closed. It speaks the Table API (/api/now/table) and knows its ways of lying; it knows nothing of what a
// failure leads to.
package servicenow

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"sparky/internal/httpcall"
	"sparky/partners"
	"sparky/partners/probe"
)

// usualTable is the table where none is configured.
const usualTable = "incident"

// New is the probe of a configuration of kind servicenow.incident or servicenow.table. The client carries the
// credential. An error says what cannot be used although it was validated.
func New(config partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
	base := strings.TrimRight(config.BaseURL, "/")
	if base == "" {
		return nil, fmt.Errorf("probe %s: base_url is missing; write the address of the instance, like https://dev12345.service-now.com", config.ID)
	}
	t := table{client: client, name: config.Table, now: time.Now}
	if t.name == "" {
		t.name = usualTable
	}
	t.url = base + "/api/now/table/" + url.PathEscape(t.name)
	switch config.Kind {
	case partners.KindServiceNowTable:
		return t.read, nil
	case partners.KindServiceNowIncident:
		return incident{table: t, random: randomText}.run, nil
	}
	return nil, fmt.Errorf("probe %s: %q is no kind of ServiceNow probe", config.ID, config.Kind)
}

// table is one table of an instance.
type table struct {
	client *httpcall.Client
	url    string
	name   string
	now    func() time.Time
}

// reading are the parameters of every read: values as they are stored, times in UTC.
func reading(fields string) url.Values {
	return url.Values{
		"sysparm_display_value": {"false"}, "sysparm_exclude_reference_link": {"true"}, "sysparm_fields": {fields},
	}
}

// read asks for a few rows: access rules take rows out of an answer after it was limited, so that of one row none may
// be left. X-Total-Count counts those that are kept from us too. That a table is empty is told, because some rules hide
// rows from the count as well.
func (t table) read(ctx context.Context) (partners.Finding, error) {
	query := reading("sys_id")
	query.Set("sysparm_limit", "10")
	doing := "reading the table " + t.name
	answer, result, err := t.call(ctx, doing, request{method: http.MethodGet, action: "readTable", query: query, want: http.StatusOK})
	if err != nil {
		return partners.Finding{}, err
	}
	if !result.IsArray() {
		return partners.Finding{}, probe.Fail(partners.FailContent, doing, answer, "answered without a list of rows")
	}
	if len(result.Array()) > 0 {
		return partners.Finding{}, nil
	}
	if total, err := strconv.Atoi(answer.Header.Get("X-Total-Count")); err == nil && total > 0 {
		return partners.Finding{}, probe.Fail(partners.FailRights, doing, answer,
			fmt.Sprintf("has rows (%d) and shows us none of the first; give our account a role that may read %s", total, t.name))
	}
	return partners.Finding{Warning: "the table " + t.name + " of " + t.host() +
		" shows no row; unless it is empty, our account has lost the right to read it"}, nil
}

func (t table) host() string {
	address, err := url.Parse(t.url)
	if err != nil {
		return "the instance"
	}
	return address.Host
}

// request is one call of the Table API.
type request struct {
	method string
	action string // what it is called in New Relic
	row    string // its sys_id; empty for the table itself
	query  url.Values
	fields map[string]string // to write
	want   int               // status
}

// call makes a call and gives what stands under "result". Every failure is a *partners.Failure.
func (t table) call(ctx context.Context, doing string, r request) (httpcall.Response, gjson.Result, error) {
	call := httpcall.Request{Method: r.method, URL: t.url, Header: http.Header{"Accept": {"application/json"}}}
	if r.row != "" {
		call.URL += "/" + url.PathEscape(r.row)
	}
	if len(r.query) > 0 {
		call.URL += "?" + r.query.Encode()
	}
	if r.fields != nil {
		body, err := json.Marshal(r.fields)
		if err != nil {
			return httpcall.Response{}, gjson.Result{}, fmt.Errorf("%s: writing the fields: %w", doing, err)
		}
		call.Body = body
		call.Header.Set("Content-Type", "application/json")
	}
	answer, err := probe.Do(ctx, t.client, "servicenow", r.action, call)
	if err != nil {
		return httpcall.Response{}, gjson.Result{}, probe.Understand(ctx, fmt.Errorf("%s: %w", doing, err))
	}
	result, failure := judge(doing, r, answer)
	if failure != nil {
		return answer, gjson.Result{}, failure
	}
	return answer, result, nil
}

// judge reads an answer. What came in the place of JSON is told before the status: a page with 200 is more telling than
// that 201 was to come.
func judge(doing string, r request, answer httpcall.Response) (gjson.Result, *partners.Failure) {
	if answer.Status < 200 || answer.Status > 299 {
		return gjson.Result{}, explained(r, answer, probe.Judge(doing, answer, r.want))
	}
	document, failure := probe.JSON(doing, answer)
	if failure != nil {
		if bytes.Contains(bytes.ToLower(answer.Body), []byte("hibernat")) {
			failure.Problem = doing + ": the developer instance " + failure.Host +
				" is asleep; wake it at developer.servicenow.com, or probe an instance that does not sleep"
		}
		return gjson.Result{}, failure
	}
	if failure := probe.Judge(doing, answer, r.want); failure != nil {
		return gjson.Result{}, failure
	}
	result := document.Get("result")
	if !result.Exists() {
		return gjson.Result{}, probe.Fail(partners.FailContent, doing, answer, "answered without a result")
	}
	return result, nil
}

// explained adds what a refusal means at ServiceNow.
func explained(r request, answer httpcall.Response, failure *partners.Failure) *partners.Failure {
	switch {
	case failure == nil:
		return nil
	case answer.Status == http.StatusTooManyRequests:
		failure.Problem += ". The limit is a rule that an admin of our own instance made, not ServiceNow's"
	case answer.Status == http.StatusNotFound && noRecord(answer):
		failure.Problem += ". ServiceNow says that no record is there that our account may see"
	case r.fields != nil && (answer.Status == http.StatusForbidden || answer.Status == http.StatusBadRequest):
		failure.Problem += ". A business rule, data policy or mandatory field of our own instance may ask for more than the probe sends"
	}
	return failure
}

// noRecord tells the 404 of a query without a match from that of a wrong address.
func noRecord(answer httpcall.Response) bool {
	if !json.Valid(answer.Body) {
		return false
	}
	return strings.HasPrefix(strings.ToLower(gjson.GetBytes(answer.Body, "error.message").String()), "no record")
}
