package compat

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/world/vendors"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/all"
)

// TestEveryContractCanBeRun holds the data together: names that are used are given, forms fit their examples.
func TestEveryContractCanBeRun(t *testing.T) {
	contracts := all.Contracts()
	for kind, c := range contracts {
		if !slices.Contains(partners.ProbeKinds(), kind) {
			t.Errorf("%s is no kind of probe", kind)
		}
		form := regexp.MustCompile(`^(?:` + c.Versions + `)$`)
		if !form.MatchString(c.Example) || c.Present != "" && !form.MatchString(c.Present) || c.API == "" || form.MatchString("zurich") {
			t.Errorf("%s: versions %s, like %q, now %q", kind, c.Versions, c.Example, c.Present)
		}
		given, refusals, called := map[string]bool{"version": true, "tenant": true, "table": true, "mark": true}, 0, []string{}
		for _, op := range c.Operations {
			checkOperation(t, kind, op, given)
			if slices.Contains(called, op.Name) {
				t.Errorf("%s does %q twice, which a report cannot tell apart", kind, op.Name)
			}
			called = append(called, op.Name)
			for name := range op.Save {
				given[name] = true
			}
			if op.Anonymous || op.Query["sig"] == "" && strings.Contains(op.Name, "without") {
				refusals++
			}
		}
		if refusals == 0 {
			t.Errorf("%s never looks whether a call without a credential is refused", kind)
		}
		if c.Litter != nil {
			given["id"] = true
			checkOperation(t, kind, c.Litter.List, given)
			checkOperation(t, kind, c.Litter.End, given)
		}
	}
	for _, kind := range all.Kinds() {
		if _, ok := contracts[kind]; !ok && strings.Contains(kind, ".") {
			t.Errorf("the module of %s has no contract", kind)
		}
	}
}

func checkOperation(t *testing.T, kind string, op partners.Operation, given map[string]bool) {
	t.Helper()
	uses := op.Body
	if op.Path != partners.WebhookPath {
		uses += op.Path
	}
	for _, value := range op.Query {
		uses += value
	}
	for _, name := range placeholder.FindAllString(uses, -1) {
		if !given[strings.Trim(name, "{}")] {
			t.Errorf("%s: %q uses %s, which nothing gives", kind, op.Name, name)
		}
	}
	if op.Body != "" && !json.Valid([]byte(op.Body)) {
		t.Errorf("%s: the body of %q is no JSON", kind, op.Name)
	}
	if op.Status == 0 && !op.Anonymous || op.Method == http.MethodPost && op.Body == "" || op.Path != partners.WebhookPath && !strings.HasPrefix(op.Path, "/") {
		t.Errorf("%s: %+v cannot be called", kind, op)
	}
}

// standIn is a partner of the demo world, with probes as a person would configure them.
func standIn(t *testing.T, id string) (partners.Partner, *vendors.Vendors, Suite) {
	t.Helper()
	v := vendors.New(vendors.Options{})
	server := httptest.NewServer(v.APIHandler(id))
	t.Cleanup(func() {
		server.Close()
		_ = v.Close()
	})
	who := v.Credentials(id)
	secrets := setting.NewRedactor(setting.NewSecret(who.Password), setting.NewSecret(who.ClientSecret))
	suite := Suite{Contracts: all.Contracts(), Now: time.Now, Secrets: secrets, Sign: func(auth *partners.Auth) httpcall.Auth {
		switch {
		case id == vendors.ServiceNow:
			return httpcall.Auth{Basic: &httpcall.Basic{User: who.User, Password: setting.NewSecret(who.Password)}}
		case id == vendors.Okta:
			return httpcall.Auth{Header: &httpcall.Header{Name: "Authorization", Value: setting.NewSecret("SSWS " + who.APIToken)}}
		case auth == nil:
			return httpcall.Auth{}
		}
		return httpcall.Auth{OAuth2: &httpcall.OAuth2{TokenURL: server.URL + who.TokenURL, ClientID: who.ClientID,
			ClientSecret: setting.NewSecret(who.ClientSecret), RefreshToken: setting.NewSecret(who.RefreshToken), Scopes: auth.OAuth2.Scopes}}
	}}
	oauth := func() *partners.Auth { return &partners.Auth{OAuth2: &partners.OAuth2{}} }
	p := partners.Partner{ID: id, Name: vendors.Name(id), Probes: map[string][]partners.ProbeConfig{
		vendors.ServiceNow: {{ID: "incident", Kind: partners.KindServiceNowIncident, BaseURL: server.URL}, {ID: "users", Kind: partners.KindServiceNowTable, BaseURL: server.URL, Table: "sys_user"}},
		vendors.Okta:       {{ID: "org", Kind: partners.KindOktaOrg, BaseURL: server.URL}},
		vendors.Workday:    {{ID: "workers", Kind: partners.KindWorkdayWorkers, BaseURL: server.URL, Tenant: who.Tenant, Auth: oauth()}},
		vendors.Microsoft: {
			{ID: "groups", Kind: partners.KindPowerBIGroups, BaseURL: server.URL, Auth: oauth()}, {ID: "health", Kind: partners.KindGraphHealth, BaseURL: server.URL, Auth: oauth()},
			{ID: "card", Kind: partners.KindTeamsCard}},
	}[id]}
	if id == vendors.Microsoft {
		p.Probes[2].URL = server.URL + who.Webhook
	}
	p.Complete()
	return p, v, suite
}

// TestTheStandIns tries every version of every partner: the present one works, and of the announced ones what breaks is told.
func TestTheStandIns(t *testing.T) {
	const groups, health = "GET /v2.0-preview/myorg/groups", "GET /beta/admin/serviceAnnouncement/healthOverviews"
	for partner, versions := range map[string]map[string][]string{
		vendors.ServiceNow: {"v2": nil, "v3": {"field `result.sys_id` is missing from POST /api/now/v3/table/incident; what is there: id, number"}},
		vendors.Okta:       {"2026.12.0": nil, "2026.11.0": {"GET /api/v1/org answers 406, and must answer 200; it says: “Bad request. Accept and/or Content-Type headers likely do not match supported values.”", "GET /api/v1/org without a credential answers 406, and must answer 401; it says: “Bad request. Accept and/or Content-Type headers likely do not match supported values.”"}},
		vendors.Workday: {"v1": nil, "v2": {
			"field `error` is missing from the 404 of GET /ccx/api/v2/demo_works/workers/00000000000000000000000000000000; what is there: status, title, type",
			"field `error` is missing from the 401 of GET /ccx/api/v2/demo_works/workers without a credential; what is there: status, title, type"}},
		vendors.Microsoft: {"v1.0": nil, "1": nil,
			"v2.0-preview": {"field `value[].id` of " + groups + " is an object, and must be text"},
			"beta":         {health + " answers 410: the version is gone", health + "/{id} answers 410: the version is gone", health + " without a credential answers 410: the version is gone"}},
	} {
		for version, want := range versions {
			t.Run(partner+" "+version, func(t *testing.T) {
				p, v, suite := standIn(t, partner)
				report, err := suite.Run(t.Context(), p, version, "", httpcall.New(httpcall.Options{Retries: -1}))
				if err != nil {
					t.Fatal(err)
				}
				differs(t, report, want...)
				if left := v.OpenTickets(); len(left) != 0 {
					t.Errorf("left %v", left)
				}
				readJUnit(t, report)
			})
		}
	}
}

// TestAVersionThatIsMended: a version that was broken and is not any more passes, whatever was wrong with it.
func TestAVersionThatIsMended(t *testing.T) {
	for partner, kinds := range map[string]int{vendors.ServiceNow: 2, vendors.Okta: 1, vendors.Workday: 1, vendors.Microsoft: 1} {
		p, v, suite := standIn(t, partner)
		client := httpcall.New(httpcall.Options{Retries: -1, Breaker: httpcall.BreakerOptions{Requests: 1000}})
		for _, version := range v.Versions(partner) {
			for _, how := range append(vendors.VersionBreaks()[1:], vendors.VersionSame) {
				if err := v.BreakVersion(partner, version.Name, how); err != nil {
					t.Fatal(err)
				}
				report, err := suite.Run(t.Context(), p, version.Name, "", client)
				if err != nil {
					t.Fatal(err)
				}
				if report.Passed() != (how == vendors.VersionSame) || len(report.Checks) < 3*kinds {
					t.Errorf("%s %s that %q:\n%s", partner, version.Name, how, report.outcomes())
				}
			}
		}
		if left := v.OpenTickets(); len(left) != 0 {
			t.Errorf("left %v", left)
		}
	}
}

// anID is a part of a path that names one thing.
var anID = regexp.MustCompile(`/[0-9a-f]{32}$`)

// callsOf are the calls that an API got, as method and path without ids, and what they asked to read.
func callsOf(v *vendors.Vendors, partner string, from int) []string {
	var calls []string
	for _, r := range v.APIRequests(partner)[from:] {
		path := anID.ReplaceAllString(strings.Replace(r.Path, "/api/now/table/", "/api/now/v2/table/", 1), "/ID")
		fields := regexp.MustCompile(`sysparm_fields=([^&]*)`).FindString(r.Query)
		calls = append(calls, r.Method+" "+path+" "+fields)
	}
	return calls
}

// TestContractsAreOfTheModules holds each contract to the code that it stands for: what a probe calls, and asks to read, its
// contract calls too.
func TestContractsAreOfTheModules(t *testing.T) {
	for _, id := range []string{vendors.ServiceNow, vendors.Okta, vendors.Workday, vendors.Microsoft} {
		p, v, suite := standIn(t, id)
		client := httpcall.New(httpcall.Options{Retries: -1})
		for _, config := range p.Probes {
			probe, err := all.New(config, client.With(config.ID, suite.Sign(config.Auth)))
			if err != nil {
				t.Fatal(err)
			}
			before := len(v.APIRequests(id))
			if _, err := probe(t.Context()); err != nil {
				t.Fatalf("%s: %v", config.Kind, err)
			}
			between := len(v.APIRequests(id))
			one := p
			one.Probes = []partners.ProbeConfig{config}
			version := suite.Contracts[config.Kind].Present
			if version == "" {
				version = suite.Contracts[config.Kind].Example
			}
			if report, err := suite.Run(t.Context(), one, version, "", client); err != nil || !report.Passed() {
				t.Fatalf("%s: %v\n%s", config.Kind, err, report.outcomes())
			}
			relied := callsOf(v, id, between)
			for _, call := range slices.DeleteFunc(callsOf(v, id, before)[:between-before], func(c string) bool { return strings.Contains(c, "/token") || strings.Contains(c, "/oauth") }) {
				if !slices.Contains(relied, call) {
					t.Errorf("%s calls %q, and its contract only\n%s", config.Kind, call, strings.Join(relied, "\n"))
				}
			}
		}
	}
}
