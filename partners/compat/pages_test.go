package compat

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"sparky/partners"
)

func paged(c *partners.Contract) {
	c.Operations[0].Paging = &partners.Paging{Items: "parcels", Key: "id", Limit: "$top", Offset: "$skip"}
}

// shelf answers with pages of so many parcels; how changes what it makes of limit and offset.
func shelf(total int, how func(limit, offset int) (int, int)) func(*http.Request) *http.Response {
	return func(req *http.Request) *http.Response {
		number := func(name string, usual int) int {
			if n, err := strconv.Atoi(req.URL.Query().Get(name)); err == nil {
				return n
			}
			return usual
		}
		limit, offset := number("$top", 10), number("$skip", 0)
		if how != nil {
			limit, offset = how(limit, offset)
		}
		var rows []string
		for i := offset; i < min(offset+limit, total); i++ {
			rows = append(rows, fmt.Sprintf(`{"id":"%d"}`, i))
		}
		return reply(200, `{"parcels":[`+strings.Join(rows, ",")+`]}`)
	}
}

func TestPaging(t *testing.T) {
	for name, test := range map[string]struct {
		answer func(*http.Request) *http.Response
		want   []string
		calls  int
	}{
		"as it should be": {shelf(3, nil), nil, 3},
		"limit ignored": {shelf(3, func(_, offset int) (int, int) { return 10, offset }),
			[]string{"GET /v2/parcels ignores `$top`: 3 entries came where 1 was asked for"}, 2},
		"offset ignored": {shelf(3, func(limit, _ int) (int, int) { return limit, 0 }),
			[]string{"GET /v2/parcels ignores `$skip`: the second page begins as the first"}, 5},
		"refused": {func(req *http.Request) *http.Response {
			if req.URL.RawQuery != "" {
				return reply(400, `{"message":"no such parameter"}`)
			}
			return shelf(3, nil)(req)
		}, []string{"GET /v2/parcels answers 400, and must answer 200; it says: “no such parameter”, when asked for a page (`$top`, `$skip`)"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			report, n := tried(t, parcels(paged), test.answer)
			differs(t, report, test.want...)
			if len(n.asked) != test.calls {
				t.Errorf("it asked %v", n.asked)
			}
		})
	}
	report, _ := tried(t, parcels(paged), shelf(1, nil))
	differs(t, report)
	if !strings.Contains(report.outcomes(), "list parcels: paging: skipped\n  not looked at: there are fewer than two entries") {
		t.Errorf("one entry:\n%s", report.outcomes())
	}
}

// TestAnEntryComesBetweenTwoPages: a list that grows at its beginning is no difference.
func TestAnEntryComesBetweenTwoPages(t *testing.T) {
	total, grown := 3, false
	report, _ := tried(t, parcels(paged), func(req *http.Request) *http.Response {
		resp := shelf(total, func(limit, offset int) (int, int) {
			if offset == 1 && !grown {
				grown = true
				return limit, 0
			}
			return limit, offset
		})(req)
		return resp
	})
	differs(t, report)
	if !grown {
		t.Error("no second page was asked for")
	}
}

func TestAPageThatIsCutOff(t *testing.T) {
	calls := 0
	report, _ := tried(t, parcels(paged), func(req *http.Request) *http.Response {
		if calls++; calls > 1 {
			return nil
		}
		return shelf(3, nil)(req)
	})
	if got := report.Unknowns(); len(got) != 1 || report.Count(Failed) != 0 || !strings.HasPrefix(got[0], "GET /v2/parcels at parcels.example got no answer") {
		t.Errorf("told %q", got)
	}
}
