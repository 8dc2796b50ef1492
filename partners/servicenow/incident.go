package servicenow

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"sparky/internal/httpcall"
	"sparky/partners"
	"sparky/partners/probe"
)

const (
	// marker begins the correlation_id of every incident that a probe makes.
	marker = "sparky-probe-"
	title  = "[Sparky probe] Checks that incidents can be created, closes itself"
)

// The states of an incident, as the platform delivers them: 1 new, 2 in progress, 3 on hold, 6 resolved, 7 closed,
// 8 cancelled.
const (
	stateResolved  = "6"
	stateClosed    = "7"
	stateCancelled = "8"
)

// incident is the probe that does what people do with incidents.
type incident struct {
	table
	random func() string
}

func randomText() string { return strings.ToLower(rand.Text()) }

// row is an incident of ours.
type row struct{ id, number string }

// run closes what earlier runs left behind, then creates an incident, updates it, reads it back and closes it. Whatever
// fails on the way, it tries to leave no open incident.
func (p incident) run(ctx context.Context) (partners.Finding, error) {
	finding, err := p.sweep(ctx)
	if err != nil {
		return finding, err
	}
	mark := marker + p.random()
	made, err := p.create(ctx, mark)
	if err != nil {
		return finding, p.takeBack(ctx, err, made, mark)
	}
	if err := p.use(ctx, made, mark); err != nil {
		return finding, p.takeBack(ctx, err, made, mark)
	}
	if err := p.close(ctx, made); err != nil {
		return finding, p.takeBack(ctx, err, made, mark)
	}
	return finding, nil
}

// sysID is what an id of a row may look like; the platform's own are 32 hexadecimal digits.
var sysID = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

func (p incident) create(ctx context.Context, mark string) (row, error) {
	const doing = "creating an incident"
	answer, result, err := p.call(ctx, doing, request{
		method: http.MethodPost, action: "createIncident", query: reading("sys_id,number"), want: http.StatusCreated,
		fields: map[string]string{
			"short_description": title, "correlation_id": mark, "impact": "3", "urgency": "3",
			"description": "Made by Sparky to see whether this works. It closes by itself within seconds; nothing is to be done.",
		},
	})
	if err != nil {
		return row{}, err
	}
	made := row{id: result.Get("sys_id").String(), number: result.Get("number").String()}
	if !sysID.MatchString(made.id) {
		return row{}, probe.Fail(partners.FailContent, doing, answer, "says that it is created, and does not name its sys_id")
	}
	return made, nil
}

// use updates an incident and reads it back: what was written must stand there.
func (p incident) use(ctx context.Context, made row, mark string) error {
	note := "Updated by Sparky, run " + mark + ". It closes by itself within seconds; nothing is to be done."
	_, _, err := p.call(ctx, "updating the incident", request{
		method: http.MethodPatch, action: "updateIncident", row: made.id, query: reading("sys_id"), want: http.StatusOK, fields: map[string]string{"description": note},
	})
	if err != nil {
		return err
	}
	const doing = "reading the incident back"
	answer, result, err := p.call(ctx, doing, request{
		method: http.MethodGet, action: "readIncident", row: made.id, query: reading("sys_id,short_description,description,correlation_id"), want: http.StatusOK,
	})
	if err != nil {
		return err
	}
	for _, field := range []struct{ name, written string }{
		{"sys_id", made.id}, {"correlation_id", mark}, {"short_description", title}, {"description", note},
	} {
		if strings.TrimSpace(result.Get(field.name).String()) != field.written {
			return probe.Fail(partners.FailContent, doing, answer,
				"shows another "+field.name+" than was written; a business rule of our own instance may have changed it, else the update was lost")
		}
	}
	return nil
}

// close ends an incident. Some instances turn closed into resolved; both are the end of it. The close code is one of
// those that the platform delivers; the Table API takes others too.
func (p incident) close(ctx context.Context, made row) error {
	const doing = "closing the incident"
	answer, result, err := p.call(ctx, doing, request{
		method: http.MethodPatch, action: "closeIncident", row: made.id, query: reading("sys_id,state,active"), want: http.StatusOK,
		fields: map[string]string{
			"state": stateClosed, "close_code": "Solution provided", "close_notes": "Closed by Sparky, which made it.",
		},
	})
	if err != nil {
		return err
	}
	if !ended(result) {
		return probe.Fail(partners.FailContent, doing, answer, fmt.Sprintf(
			"took the call, but the incident stays in state %q; a business rule of our own instance may ask for more", result.Get("state").String()))
	}
	return nil
}

func ended(incident gjson.Result) bool {
	switch incident.Get("state").String() {
	case stateResolved, stateClosed, stateCancelled:
		return true
	}
	return incident.Get("active").String() == "false"
}

// takeBack closes the incident of a run that failed, in time of its own, and adds to the failure if it could not.
func (p incident) takeBack(ctx context.Context, why error, made row, mark string) error {
	failure := probe.Understand(ctx, why)
	calledOff := ctx.Err() != nil
	if made.id == "" && !calledOff && neverMade(failure) {
		return failure
	}
	ctx, cancel := probe.CleanUp(ctx)
	defer cancel()
	left := "the incident that it made"
	err := error(nil)
	if made.id == "" {
		left = "the incident that it may have made"
		made, err = p.find(ctx, mark)
		if err == nil && made.id == "" && calledOff {
			made, err = p.findLate(ctx, mark)
		}
	} else if made.number != "" {
		left = "its incident " + made.number
	}
	if err == nil && made.id != "" {
		err = p.close(ctx, made)
	}
	if err != nil {
		failure.Problem += fmt.Sprintf("; %s could not be closed either, a later run tries again", left)
	}
	return failure
}

// neverMade tells that the call that was to create an incident certainly made none: it was refused, or never arrived. It
// does not hold for a call that was called off, which is as little a try as one that the circuit breaker refused.
func neverMade(failure *partners.Failure) bool {
	switch {
	case failure.Class.OurRequest(), failure.Class.AtNetwork(), failure.Class == partners.FailCertificate:
		return true
	case failure.Class == partners.FailThrottled, failure.Class == partners.FailNotTried:
		return true
	}
	return false
}

// find is the incident with a mark; the zero row where there is none.
func (p incident) find(ctx context.Context, mark string) (row, error) {
	rows, _, err := p.open(ctx, "looking for the incident", "correlation_id="+mark)
	if err != nil {
		return row{}, err
	}
	for _, found := range rows {
		if found.Get("correlation_id").String() == mark {
			return row{id: found.Get("sys_id").String(), number: found.Get("number").String()}, nil
		}
	}
	return row{}, nil
}

// lateBy is how long after a creation was called off its incident is still looked for: the instance may carry out what is
// under way. What comes later yet is left to a later run.
const lateBy = time.Second

func (p incident) findLate(ctx context.Context, mark string) (row, error) {
	timer := time.NewTimer(lateBy)
	defer timer.Stop()
	select {
	case <-timer.C:
		return p.find(ctx, mark)
	case <-ctx.Done():
		return row{}, ctx.Err()
	}
}

// open lists open incidents, the oldest first, ten at most. An instance may ignore a query that it does not understand
// and list anybody's: the caller looks at every row.
func (p incident) open(ctx context.Context, doing, query string) ([]gjson.Result, httpcall.Response, error) {
	values := reading("sys_id,number,state,active,correlation_id,sys_created_on")
	values.Set("sysparm_query", query+"^active=true^ORDERBYsys_created_on")
	values.Set("sysparm_limit", "10")
	answer, result, err := p.call(ctx, doing, request{method: http.MethodGet, action: "listIncidents", query: values, want: http.StatusOK})
	if err != nil {
		var failure *partners.Failure
		if errors.As(err, &failure) && failure.Status == http.StatusNotFound && noRecord(answer) {
			return nil, answer, nil // version 1 of the API has no empty list
		}
		return nil, answer, err
	}
	if !result.IsArray() {
		return nil, answer, probe.Fail(partners.FailContent, doing, answer, "answered without a list of rows")
	}
	return result.Array(), answer, nil
}
