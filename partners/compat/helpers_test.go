package compat

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// network is a network in memory, which keeps what it was asked.
type network struct {
	mu     sync.Mutex
	answer func(req *http.Request) *http.Response // nil: the connection is cut
	asked  []string                               // "METHOD /path?query", in order
	heard  []*http.Request
}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked = append(n.asked, req.Method+" "+req.URL.RequestURI())
	n.heard = append(n.heard, req)
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	if resp := n.answer(req); resp != nil {
		resp.Request = req
		return resp, nil
	}
	return nil, io.ErrUnexpectedEOF
}

func reply(status int, body string, header ...string) *http.Response {
	resp := &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}
	for i := 0; i+1 < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}

const kind = "parcels.read"

// parcels is a contract of one read, to be changed by a test.
func parcels(change func(*partners.Contract)) partners.Contract {
	c := partners.Contract{
		API: "Parcels API", Versions: `v[0-9]+`, Example: "v2", Present: "v1",
		Operations: []partners.Operation{{
			Name: "list parcels", Path: "/{version}/parcels", Status: http.StatusOK,
			Fields: []partners.Field{{Path: "parcels", Type: partners.FieldList}, {Path: "parcels[].id", Type: partners.FieldWord}},
		}},
	}
	if change != nil {
		change(&c)
	}
	return c
}

func partner(probes ...partners.ProbeConfig) partners.Partner {
	if probes == nil {
		probes = []partners.ProbeConfig{{ID: "read", Kind: kind, BaseURL: "https://parcels.example/"}}
	}
	return partners.Partner{ID: "parcels", Name: "Parcels", Probes: probes}
}

func suiteOf(contract partners.Contract) Suite {
	return Suite{
		Contracts: map[string]partners.Contract{kind: contract}, Now: time.Now,
		Sign: func(auth *partners.Auth) httpcall.Auth {
			if auth == nil {
				return httpcall.Auth{Bearer: setting.NewSecret("our-token-of-the-sandbox")}
			}
			return httpcall.Auth{Bearer: auth.Bearer}
		},
		Secrets: setting.NewRedactor(setting.NewSecret("our-token-of-the-sandbox")),
	}
}

func over(n http.RoundTripper) *httpcall.Client {
	return httpcall.New(httpcall.Options{Transport: n, Retries: -1})
}

// tried runs one contract at v2 against a network that answers everything alike.
func tried(t *testing.T, contract partners.Contract, answer func(req *http.Request) *http.Response) (Report, *network) {
	t.Helper()
	n := &network{answer: answer}
	report, err := suiteOf(contract).Run(t.Context(), partner(), "v2", "", over(n))
	if err != nil {
		t.Fatal(err)
	}
	return report, n
}

// always is the same answer to everything.
func always(status int, body string, header ...string) func(*http.Request) *http.Response {
	return func(*http.Request) *http.Response { return reply(status, body, header...) }
}

// outcomes are the checks as "name: outcome", and their details below them.
func (r Report) outcomes() string {
	var b strings.Builder
	for _, c := range r.Checks {
		fmt.Fprintf(&b, "%s: %s\n", c.Name, c.Outcome)
		if c.Detail != "" {
			fmt.Fprintf(&b, "  %s\n", c.Detail)
		}
	}
	return b.String()
}

func differs(t *testing.T, report Report, want ...string) {
	t.Helper()
	if got := report.Differences(); !slices.Equal(got, want) {
		t.Errorf("it differs by\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if report.Passed() != (len(want) == 0) {
		t.Errorf("passed is %v with %d differences", report.Passed(), len(want))
	}
}
