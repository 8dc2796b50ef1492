package compat

import (
	"context"
	"fmt"
	"maps"
	"strconv"

	"github.com/tidwall/gjson"

	"sparky/partners"
	"sparky/partners/probe"
)

// pages asks for two pages of one entry each: the limit must be kept to, and the second page begin with another entry.
func (r *run) pages(ctx context.Context, op partners.Operation, label string) Check {
	check := Check{Operation: label, Name: op.Name + ": paging", Outcome: Failed}
	// Between two pages somebody may add or take away an entry, so that a difference counts only where it comes again.
	for range 2 {
		first, outcome := r.page(ctx, op, label, 0, &check)
		if outcome != Passed {
			check.Outcome = outcome
			return check
		}
		second, outcome := r.page(ctx, op, label, 1, &check)
		switch {
		case outcome != Passed:
			check.Outcome = outcome
			return check
		case len(first) == 0 || len(second) == 0:
			check.Outcome, check.Detail = Skipped, "not looked at: there are fewer than two entries to page through"
			return check
		case first[0] != second[0]:
			check.Outcome, check.Detail = Passed, ""
			return check
		}
		check.Detail = fmt.Sprintf("%s ignores `%s`: the second page begins as the first", label, op.Paging.Offset)
	}
	return check
}

// page is the keys of a page of one entry. The check learns how long it took and what is wrong with it.
func (r *run) page(ctx context.Context, op partners.Operation, label string, offset int, check *Check) (keys []string, outcome Outcome) {
	paging := op.Paging
	op.Query = maps.Clone(op.Query)
	if op.Query == nil {
		op.Query = map[string]string{}
	}
	op.Query[paging.Limit], op.Query[paging.Offset] = "1", strconv.Itoa(offset)
	answer, took, err := r.call(ctx, op)
	check.Took += took
	if err != nil {
		check.Detail = unanswered(ctx, label, err)
		return nil, Unknown
	}
	if !rightStatus(op, answer.Status) {
		check.Detail = fmt.Sprintf("%s, when asked for a page (`%s`, `%s`)", r.wrongStatus(op, label, answer), paging.Limit, paging.Offset)
		return nil, wrong(op, answer.Status)
	}
	document, failure := probe.JSON(label, answer)
	if failure != nil {
		check.Detail = failure.Problem
		return nil, Failed
	}
	entries := document.Get(gjson.Escape(paging.Items)).Array()
	if len(entries) > 1 {
		check.Detail = fmt.Sprintf("%s ignores `%s`: %d entries came where 1 was asked for", label, paging.Limit, len(entries))
		return nil, Failed
	}
	for _, entry := range entries {
		keys = append(keys, member(entry, paging.Key).Raw)
	}
	return keys, Passed
}
