package compat

import (
	"context"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"sparky/partners/probe"
)

// cleanUp ends what the run has made and not ended itself, found by its mark. The integration's present version is asked
// first: of the one that is tried nobody knows what it does. It goes on for a while after ctx has ended. What is left for a
// person to close is no difference of the version's.
func (r *run) cleanUp(ctx context.Context) {
	ctx, cancel := probe.CleanUp(ctx)
	defer cancel()
	litter := r.contract.Litter
	was := r.values["version"]
	defer func() { r.values["version"] = was }()
	wrong := ""
	for _, version := range slices.Compact([]string{r.contract.Present, was}) {
		r.values["version"] = version
		left, problem := r.litter(ctx)
		if wrong = problem; problem != "" {
			continue
		}
		if left == nil {
			return
		}
		stuck := r.end(ctx, left)
		if len(stuck) == 0 {
			r.add(Check{Operation: r.label(litter.End), Name: "clean up", Outcome: Passed})
			return
		}
		wrong = "the " + litter.What + " " + strings.Join(stuck, ", ") + " that this run made could not be closed; please close it by hand"
	}
	r.add(Check{Operation: r.label(litter.List), Name: "clean up", Outcome: Unknown, Detail: wrong})
}

// litter lists what the run has left; the problem says that it could not be asked for.
func (r *run) litter(ctx context.Context) (left []gjson.Result, problem string) {
	litter := r.contract.Litter
	answer, _, err := r.call(ctx, litter.List)
	unknown := "whether a " + litter.What + " of this run is still open is not known, because they could not be asked for; look for those whose " +
		litter.Mark + " is " + r.values["mark"]
	if err != nil || !rightStatus(litter.List, answer.Status) || !gjson.ValidBytes(answer.Body) {
		return nil, unknown
	}
	items := gjson.GetBytes(answer.Body, gjson.Escape(litter.Items))
	if !items.IsArray() {
		return nil, unknown
	}
	for _, item := range items.Array() {
		if member(item, litter.Mark).Str == r.values["mark"] {
			left = append(left, item)
		}
	}
	return left, ""
}

// end ends what was left, and names what could not be.
func (r *run) end(ctx context.Context, left []gjson.Result) (stuck []string) {
	litter := r.contract.Litter
	for _, item := range left {
		id := member(item, litter.ID).Str
		if id != "" {
			r.values["id"] = id
			answer, _, err := r.call(ctx, litter.End)
			if err == nil && rightStatus(litter.End, answer.Status) {
				continue
			}
		}
		stuck = append(stuck, shownOr(member(item, litter.Shown).Str))
	}
	return stuck
}

// shownOr is a name of the partner's that can be told as it is, or that there is none.
func shownOr(name string) string {
	if shownName.MatchString(name) {
		return name
	}
	return "(no name)"
}
