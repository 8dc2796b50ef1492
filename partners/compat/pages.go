package compat

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/tidwall/gjson"

	"sparky/partners"
	"sparky/partners/probe"
)

// pages asks for two pages of one entry each: the limit must be kept to, and the second page begin with another entry.
func (r *run) pages(ctx context.Context, op partners.Operation, label string) Check {
	check := Check{Operation: label, Name: op.Name + ": paging", Outcome: Failed}
	// Between two pages somebody may add or take away an entry, so that a difference counts only where it comes again.
	for range 2 {
		first, took, wrong := r.page(ctx, op, label, 0)
		check.Took += took
		if wrong != "" {
			check.Detail = wrong
			return check
		}
		second, took, wrong := r.page(ctx, op, label, 1)
		check.Took += took
		switch {
		case wrong != "":
			check.Detail = wrong
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

// page is the keys of a page of one entry, or what is wrong with it.
func (r *run) page(ctx context.Context, op partners.Operation, label string, offset int) (keys []string, took time.Duration, wrong string) {
	paging := op.Paging
	op.Query = maps.Clone(op.Query)
	if op.Query == nil {
		op.Query = map[string]string{}
	}
	op.Query[paging.Limit], op.Query[paging.Offset] = "1", strconv.Itoa(offset)
	answer, took, err := r.call(ctx, op)
	if err != nil {
		return nil, took, unanswered(ctx, label, err)
	}
	if !rightStatus(op, answer.Status) {
		return nil, took, fmt.Sprintf("%s, when asked for a page (`%s`, `%s`)", r.wrongStatus(op, label, answer), paging.Limit, paging.Offset)
	}
	document, failure := probe.JSON(label, answer)
	if failure != nil {
		return nil, took, failure.Problem
	}
	entries := document.Get(gjson.Escape(paging.Items)).Array()
	if len(entries) > 1 {
		return nil, took, fmt.Sprintf("%s ignores `%s`: %d entries came where 1 was asked for", label, paging.Limit, len(entries))
	}
	for _, entry := range entries {
		keys = append(keys, member(entry, paging.Key).Raw)
	}
	return keys, took, ""
}
