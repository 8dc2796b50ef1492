package servicenow

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"sparky/partners"
)

const (
	// litterAge is how old an open incident of a probe must be to count as left behind: no run takes that long, and
	// another Sparky may be in the middle of one.
	litterAge = 5 * time.Minute
	// mostSwept is how many of them one run closes, so that it stays a probe.
	mostSwept = 5
)

// sweep closes incidents that a run left open because it was cut off half-way. Not to be able to ask for them is a
// failure of the table; not to be able to close one is a warning, and a matter of the runs to come. Where none can be
// closed of as many as one run takes, making more would only add to them: that is a failure too.
func (p incident) sweep(ctx context.Context) (partners.Finding, error) {
	rows, answer, err := p.open(ctx, "reading its incidents", "correlation_idSTARTSWITH"+marker)
	if err != nil {
		return partners.Finding{}, err
	}
	now := p.now()
	if theirs, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		now = theirs // the rows tell the instance's time, and only its own clock fits it
	}
	swept, stuck := 0, []string{}
	var last error
	for _, found := range rows {
		if swept+len(stuck) == mostSwept || ctx.Err() != nil {
			break
		}
		if !litter(found, now) {
			continue
		}
		left := row{id: found.Get("sys_id").String(), number: found.Get("number").String()}
		if err := p.close(ctx, left); err != nil {
			stuck, last = append(stuck, left.number), err
			continue
		}
		swept++
	}
	switch len(stuck) {
	case 0:
		return partners.Finding{}, nil
	case mostSwept:
		return partners.Finding{}, fmt.Errorf("incidents that earlier runs made are still open (%s, perhaps more), and no new one is made until they can be closed: %w",
			strings.Join(stuck, ", "), last)
	}
	return partners.Finding{Warning: fmt.Sprintf(
		"incidents that this probe made earlier cannot be closed (%s); please close them by hand and see what keeps them open",
		strings.Join(stuck, ", "))}, nil
}

// litter tells an open incident of a probe that is old enough. A row is looked at in full, see open.
func litter(found gjson.Result, now time.Time) bool {
	if !strings.HasPrefix(found.Get("correlation_id").String(), marker) || !sysID.MatchString(found.Get("sys_id").String()) || ended(found) {
		return false
	}
	made, err := time.Parse(time.DateTime, found.Get("sys_created_on").String())
	return err == nil && now.Sub(made) > litterAge
}
