package servicenow

import (
	"net/http"
	"strings"
	"testing"

	"sparky/fixtures/canned"
	"sparky/partners"
)

// fixed gives one answer, and notes the address.
type fixed struct {
	status int
	body   string
	header []string
	url    string
}

func (f *fixed) RoundTrip(req *http.Request) (*http.Response, error) {
	f.url = req.URL.String()
	return reply(f.status, f.body, f.header...), nil
}

func TestTable(t *testing.T) {
	for name, test := range map[string]struct {
		fixed
		class partners.FailureClass
		words []string
	}{
		"a row":            {fixed{status: 200, body: `{"result":[{"sys_id":"1"}]}`}, "", nil},
		"an empty table":   {fixed{status: 200, body: `{"result":[]}`, header: []string{"X-Total-Count", "0"}}, "", nil},
		"rows kept secret": {fixed{status: 200, body: `{"result":[]}`, header: []string{"X-Total-Count", "42"}}, partners.FailRights, []string{"has rows (42)", "role that may read u_thing"}},
		"no list":          {fixed{status: 200, body: `{"result":{}}`}, partners.FailContent, []string{"without a list"}},
		"no result":        {fixed{status: 200, body: `{}`}, partners.FailContent, []string{"without a result"}},
		"no record":        {fixed{status: 404, body: `{"error":{"message":"No Record found","detail":"x"},"status":"failure"}`}, partners.FailNotFound, []string{"no record is there that our account may see"}},
		"no table":         {fixed{status: 400, body: `{"error":{"message":"Invalid table u_thing"}}`}, partners.FailRequest, []string{"answered 400"}},
		"asleep":           {fixed{status: 200, body: asleep, header: []string{"Content-Type", "text/html"}}, partners.FailContent, []string{"asleep", "developer.servicenow.com"}},
		"too often":        {fixed{status: 429, body: `{}`, header: []string{"Retry-After", "120"}}, partners.FailThrottled, []string{"wait for 2 minutes", "an admin of our own instance"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := config(partners.KindServiceNowTable)
			c.Table = "u_thing"
			got := run(t, c, &test.fixed)
			if got.Class != test.class {
				t.Errorf("got class %q: %s", got.Class, got.Problem)
			}
			canned.Says(t, got.Problem, test.words...)
			if warned := got.Warning != ""; warned != (name == "an empty table") {
				t.Errorf("got the warning %q", got.Warning)
			}
			if !strings.HasPrefix(test.url, "https://dev1.example/api/now/table/u_thing?") || !strings.Contains(test.url, "sysparm_limit=10") {
				t.Errorf("called %s", test.url)
			}
		})
	}
}

func TestARefusalSaysWhatServiceNowSaid(t *testing.T) {
	got := run(t, config(partners.KindServiceNowTable), &fixed{status: 401, body: `{"error":{"message":"User Not Authenticated","detail":"Required to provide Auth information"},"status":"failure"}`})
	if got.Class != partners.FailAuth || got.Excerpt != "User Not Authenticated: Required to provide Auth information" || got.Status != 401 {
		t.Errorf("got %+v", got)
	}
	canned.Says(t, got.Problem, "reading the table incident: dev1.example answered 401")
}

func TestNew(t *testing.T) {
	for _, c := range []partners.ProbeConfig{
		{ID: "sign-in", Kind: partners.KindServiceNowTable}, {ID: "sign-in", Kind: "http", BaseURL: "https://dev1.example"},
	} {
		if _, err := New(c, nil); err == nil || !strings.Contains(err.Error(), "sign-in") {
			t.Errorf("got %v", err)
		}
	}
}
