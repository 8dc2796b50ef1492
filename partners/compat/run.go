package compat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/tidwall/gjson"

	"sparky/internal/httpcall"
	"sparky/partners"
	"sparky/partners/probe"
)

// usualLatency is how long one call may take where the contract does not say.
const usualLatency = 5 * time.Second

// run is one contract being tried.
type run struct {
	suite Suite
	job
	signed, nobody *httpcall.Client
	values         map[string]string // what stands in operations in braces
	away           bool              // a call got no answer, so that those after it are spared
	made           bool              // something may be there that the run has made
	slowest        Check
	checks         []Check
}

func (r *run) all(ctx context.Context) {
	for _, op := range r.contract.Operations {
		if ctx.Err() != nil {
			break
		}
		if r.suite.Progress != nil {
			r.suite.Progress(op.Name)
		}
		r.operation(ctx, op)
	}
	r.latency()
	if r.made && r.contract.Litter != nil {
		r.cleanUp(ctx)
	}
}

// operation makes one call and looks at its answer.
func (r *run) operation(ctx context.Context, op partners.Operation) {
	label := r.label(op)
	if name := r.lacks(op); name != "" {
		r.add(Check{Operation: label, Name: op.Name, Outcome: Skipped, Detail: "not tried: no call before it gave the " + name + " that it needs"})
		return
	}
	if r.away {
		r.add(Check{Operation: label, Name: op.Name, Outcome: Skipped, Detail: "not tried: a call before it got no answer"})
		return
	}
	answer, took, err := r.call(ctx, op)
	called := Check{Operation: label, Name: op.Name + ": answer", Took: took, Outcome: Passed}
	r.made = r.made || op.Method == http.MethodPost && (err != nil || answer.Status < 400 || answer.Status >= 500)
	switch {
	case err != nil:
		r.away = true
		called.Outcome, called.Detail = Unknown, unanswered(ctx, label, err)
	case !rightStatus(op, answer.Status):
		called.Outcome, called.Detail = wrong(op, answer.Status), r.wrongStatus(op, label, answer)
	}
	r.add(called)
	if err == nil && took > r.slowest.Took {
		r.slowest = called
	}
	if called.Outcome == Passed {
		r.content(ctx, op, label, answer)
	}
}

// content looks at an answer of the right status, and saves what later operations need.
func (r *run) content(ctx context.Context, op partners.Operation, label string, answer httpcall.Response) {
	if len(op.Headers) > 0 {
		r.compare(op.Name+": headers", label, headerDifferences(op, label, answer.Header))
	}
	if len(op.Fields) == 0 {
		return
	}
	name, of := op.Name+": fields", label
	if refusal(op) {
		name, of = op.Name+": form of the error", "the "+strconv.Itoa(answer.Status)+" of "+label
	}
	document, failure := probe.JSON(label, answer)
	if failure != nil {
		r.add(Check{Operation: label, Name: name, Outcome: Failed, Detail: failure.Problem})
		return
	}
	r.compare(name, label, r.fieldDifferences(op, of, document))
	for to, path := range op.Save {
		if found := document.Get(path); found.Type == gjson.String && found.Str != "" {
			r.values[to] = found.Str
		}
	}
	if op.Paging != nil {
		r.add(r.pages(ctx, op, label))
	}
}

// compare adds a check that passed where nothing differs, and else one for each difference.
func (r *run) compare(name, label string, differences []string) {
	if len(differences) == 0 {
		r.add(Check{Operation: label, Name: name, Outcome: Passed})
		return
	}
	for i, difference := range differences {
		own := name
		if i > 0 {
			own += " (" + strconv.Itoa(i+1) + ")" // CI systems tell cases apart by name
		}
		r.add(Check{Operation: label, Name: own, Outcome: Failed, Detail: difference})
	}
}

func (r *run) add(c Check) {
	c.Kind = r.config.Kind
	r.checks = append(r.checks, c)
}

// latency adds a check of the slowest call, where any was answered.
func (r *run) latency() {
	if r.slowest.Name == "" {
		return
	}
	most := r.contract.Latency
	if most == 0 {
		most = usualLatency
	}
	c := Check{Operation: r.slowest.Operation, Name: "latency of the slowest call", Outcome: Passed}
	if r.slowest.Took > most {
		c.Outcome = Failed
		c.Detail = fmt.Sprintf("%s took %s, and at most %s is relied on", c.Operation, r.slowest.Took.Round(100*time.Millisecond), most)
	}
	r.add(c)
}

func refusal(op partners.Operation) bool { return op.Status == 0 || op.Status >= 400 }

func rightStatus(op partners.Operation, status int) bool {
	if op.Status == 0 {
		return status == http.StatusUnauthorized || status == http.StatusForbidden
	}
	return status == op.Status
}

// wrong is how a check ends whose answer has a status that is not relied on. Being asked to slow down is no difference, and
// neither is that our credential is refused.
func wrong(op partners.Operation, status int) Outcome {
	if status == http.StatusTooManyRequests || status == http.StatusUnauthorized && !op.Anonymous {
		return Unknown
	}
	return Failed
}

// wrongStatus says what a status means that is not the one that is relied on.
func (r *run) wrongStatus(op partners.Operation, label string, answer httpcall.Response) string {
	said := fmt.Sprintf("%s answers %d", label, answer.Status)
	want := strconv.Itoa(op.Status)
	if op.Status == 0 {
		want = "401 or 403"
	}
	switch {
	case answer.Status == http.StatusGone:
		return said + ": the version is gone"
	case op.Anonymous && answer.Status < 400:
		return said + ", and must refuse it with " + want
	case answer.Status == http.StatusUnauthorized && !op.Anonymous:
		return said + ": our credential is not accepted there, which says nothing about the version; check the one that the run was given"
	case answer.Status == http.StatusTooManyRequests:
		return said + ": it asks us to slow down, which says nothing about the version; run it again later"
	}
	said += ", and must answer " + want
	if words := probe.Excerpt(answer); words != "" && op.Path != partners.WebhookPath {
		said += "; it says: “" + words + "”"
	}
	return said
}

// unanswered is a call without an answer. The words are made anew, because those of the error may tell a webhook's path.
func unanswered(ctx context.Context, label string, err error) string {
	failure := probe.Understand(ctx, err)
	reason := err.Error()
	var call *httpcall.Error
	if errors.As(err, &call) {
		reason = call.Reason()
	}
	if failure.Host != "" {
		label += " at " + failure.Host
	}
	return label + " got no answer: " + reason
}
