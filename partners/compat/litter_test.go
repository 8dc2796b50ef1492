package compat

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"sparky/partners"
)

// littering is a contract that makes a parcel and never ends it.
func littering(c *partners.Contract) {
	chain(c)
	c.Operations = c.Operations[:1]
	c.Litter = &partners.Litter{
		List:  partners.Operation{Path: "/{version}/parcels", Query: map[string]string{"note": "{mark}"}, Status: 200},
		Items: "open", Mark: "note", ID: "id", What: "parcel", Shown: "number",
		End: partners.Operation{Method: http.MethodDelete, Path: "/{version}/parcels/{id}", Status: 204},
	}
}

// depot keeps parcels, by the two versions of its API.
type depot struct {
	notes   []string
	ended   []string
	making  int                                  // status
	refuses func(req *http.Request) (status int) // 0: it does not
	foreign bool                                 // lists somebody else's too
}

func (d *depot) answer(req *http.Request) *http.Response {
	if d.refuses != nil {
		if status := d.refuses(req); status != 0 {
			return reply(status, `{}`)
		}
	}
	switch req.Method {
	case http.MethodPost:
		var sent struct{ Note string }
		if err := json.NewDecoder(req.Body).Decode(&sent); err != nil {
			return reply(400, `{}`)
		}
		d.notes = append(d.notes, sent.Note)
		return reply(d.making, `{"key":"renamed"}`)
	case http.MethodDelete:
		d.ended = append(d.ended, req.URL.Path)
		return reply(204, ``)
	}
	rows := []map[string]string{}
	for _, note := range d.notes {
		rows = append(rows, map[string]string{"id": "7", "note": note, "number": "P-7"})
	}
	if d.foreign {
		rows = append(rows, map[string]string{"id": "8", "note": "somebody's", "number": "P-8"})
	}
	body, err := json.Marshal(map[string]any{"open": rows})
	if err != nil {
		return reply(500, `{}`)
	}
	return reply(200, string(body))
}

func TestLitterIsTakenAway(t *testing.T) {
	d := &depot{making: 201, foreign: true}
	report, _ := tried(t, parcels(littering), d.answer)
	differs(t, report, "field `id` is missing from POST /v2/parcels; what is there: key")
	if len(d.ended) != 1 || d.ended[0] != "/v1/parcels/7" || !strings.Contains(report.outcomes(), "clean up: passed") {
		t.Errorf("ended %v:\n%s", d.ended, report.outcomes())
	}
}

func TestLitterWhereThePresentVersionIsGone(t *testing.T) {
	d := &depot{making: 201, refuses: func(req *http.Request) int {
		if strings.HasPrefix(req.URL.Path, "/v1/") {
			return 410
		}
		return 0
	}}
	report, _ := tried(t, parcels(littering), d.answer)
	if len(d.ended) != 1 || d.ended[0] != "/v2/parcels/7" || report.Count(Failed) != 1 {
		t.Errorf("ended %v:\n%s", d.ended, report.outcomes())
	}
}

func TestLitterThatStays(t *testing.T) {
	for name, test := range map[string]struct {
		method string
		words  string
	}{
		"it cannot be ended":     {http.MethodDelete, "the parcel P-7 that this run made could not be closed; please close it by hand"},
		"it cannot be asked for": {http.MethodGet, "whether a parcel of this run is still open is not known, because they could not be asked for; look for those whose note is sparky-probe-compat-"},
	} {
		t.Run(name, func(t *testing.T) {
			d := &depot{making: 201, refuses: func(req *http.Request) int {
				if req.Method == test.method {
					return 403
				}
				return 0
			}}
			report, _ := tried(t, parcels(littering), d.answer)
			if got := report.Unknowns(); len(got) != 1 || !strings.HasPrefix(got[0], test.words) || report.Passed() {
				t.Errorf("told %q", got)
			}
		})
	}
}

// TestNothingWasMade: what was refused has left nothing, and is not looked for; what may have been made is.
func TestNothingWasMade(t *testing.T) {
	for status, calls := range map[int]int{400: 1, 403: 1, 500: 2} {
		d := &depot{refuses: func(req *http.Request) int {
			if req.Method == http.MethodPost {
				return status
			}
			return 0
		}}
		report, n := tried(t, parcels(littering), d.answer)
		if len(n.asked) != calls || strings.Contains(report.outcomes(), "clean up") {
			t.Errorf("%d: asked %v\n%s", status, n.asked, report.outcomes())
		}
	}
}

func TestLitterOfARunThatIsStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	d := &depot{making: 201}
	n := &network{answer: func(req *http.Request) *http.Response {
		defer cancel()
		return d.answer(req)
	}}
	if _, err := suiteOf(parcels(littering)).Run(ctx, partner(), "v2", "", over(n)); !errors.Is(err, context.Canceled) || len(d.ended) != 1 {
		t.Errorf("%v, ended %v", err, d.ended)
	}
}
