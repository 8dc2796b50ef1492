package catalog_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sparky/partners"
	"sparky/partners/catalog"
	"sparky/partners/statuspage"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

func TestTheFileHasNoKeyThatNobodyReads(t *testing.T) {
	file, err := os.ReadFile("catalog.yaml")
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(file))
	decoder.KnownFields(true)
	var whole struct {
		Vendors []catalog.Vendor `yaml:"vendors"`
	}
	if err := decoder.Decode(&whole); err != nil {
		t.Fatal(err)
	}
	if len(whole.Vendors) != len(catalog.IDs()) {
		t.Errorf("the file has %d vendors, IDs %d", len(whole.Vendors), len(catalog.IDs()))
	}
}

func TestEveryVendor(t *testing.T) {
	names := map[string]string{}
	for _, id := range catalog.IDs() {
		v, ok := catalog.Lookup(id)
		if !ok || v.ID != id {
			t.Fatalf("Lookup(%q) = %+v, %v", id, v, ok)
		}
		if v.Name == "" {
			t.Errorf("%s has no name", id)
		}
		if len(v.Changelog)+len(v.Hints) == 0 && v.Status.URL == "" {
			t.Errorf("%s brings nothing with it", id)
		}
		for _, called := range append(v.Aliases, v.ID) {
			if !regexp.MustCompile(`^[a-z0-9-]+$`).MatchString(called) {
				t.Errorf("%s is called %q, which is hard to type", id, called)
			}
			if other, taken := names[called]; taken {
				t.Errorf("%q means both %s and %s", called, other, id)
			}
			names[called] = id
		}
	}
}

func TestEveryFact(t *testing.T) {
	for _, id := range catalog.IDs() {
		v, _ := catalog.Lookup(id)
		for _, f := range v.Changelog {
			checkFact(t, id, f)
			checkSourceKind(t, id, f)
		}
		if v.Status.URL != "" {
			checkFact(t, id, v.Status)
			checkStatusKind(t, id, v.Status)
		}
		for _, f := range v.Hints {
			f.URL = strings.NewReplacer("{KEY}", "NA1", "{MYDOMAIN}", "acme").Replace(f.URL)
			checkFact(t, id, f)
			if f.Note == "" {
				t.Errorf("%s: the hint %s does not say why it is only one", id, f.URL)
			}
			switch f.What {
			case "status":
				checkStatusKind(t, id, f)
			case "changelog":
			default:
				t.Errorf("%s: the hint %s is for %q", id, f.URL, f.What)
			}
		}
	}
}

func checkFact(t *testing.T, id string, f catalog.Fact) {
	t.Helper()
	u, err := url.Parse(f.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsAny(f.URL, " {}") {
		t.Errorf("%s: %q is no absolute https address", id, f.URL)
	}
	if f.Mark != "A" && f.Mark != "B" && f.Mark != "C" {
		t.Errorf("%s: %s has mark %q", id, f.URL, f.Mark)
	}
	if f.Source == "" {
		t.Errorf("%s: %s does not say where it was read", id, f.URL)
	}
	if strings.Contains(f.URL, "github.com/") && strings.Contains(f.URL, "/blob/") {
		t.Errorf("%s: %s is a page around a file; give the raw address", id, f.URL)
	}
}

func checkSourceKind(t *testing.T, id string, f catalog.Fact) {
	t.Helper()
	known := []partners.SourceKind{partners.SourceFeed, partners.SourceHTML, partners.SourceMarkdown}
	if !slices.Contains(known, partners.SourceKind(f.Kind)) {
		t.Errorf("%s: %s is of kind %q, which a public changelog is not", id, f.URL, f.Kind)
	}
	if f.Kind == "html" && f.Item == "" {
		t.Errorf("%s: %s is HTML and does not say what an entry is", id, f.URL)
	}
	if strings.Contains(f.URL, "graph.microsoft.com") {
		t.Errorf("%s: %s needs a sign-in and is read by itself", id, f.URL)
	}
}

func checkStatusKind(t *testing.T, id string, f catalog.Fact) {
	t.Helper()
	if f.Kind != statuspage.KindAuto && !slices.Contains(statuspage.Kinds(), f.Kind) {
		t.Errorf("%s: %s is of kind %q, which is none", id, f.URL, f.Kind)
	}
	if f.What == "" && f.Kind == "m365" {
		t.Errorf("%s: %s needs a sign-in and is read by itself", id, f.URL)
	}
	if strings.Contains(f.URL, "status.azure.com") {
		t.Errorf("%s: %s is the copy of the nearest region", id, f.URL)
	}
}

func TestVendorsThatPeopleNameAreThere(t *testing.T) {
	for called, id := range map[string]string{
		"snow": "servicenow", "Teams": "msteams", "o365": "microsoft-365", "GCP": "google-cloud", "azure-ad": "entra", "jira": "jira-service-management",
		"graph": "microsoft-graph", "pbi": "powerbi", "workday": "workday", "okta": "okta", "slack": "slack", "github": "github",
		"atlassian": "atlassian", "sfdc": "salesforce", "zoom": "zoom", "google-workspace": "google-workspace", "pd": "pagerduty",
		"datadog": "datadog", "aws": "aws", "azure": "azure", " Okta ": "okta",
	} {
		if v, ok := catalog.Lookup(called); !ok || v.ID != id {
			t.Errorf("Lookup(%q) = %q, %v; want %q", called, v.ID, ok, id)
		}
	}
	for _, called := range []string{"", "nobody", "ok*"} {
		if v, ok := catalog.Lookup(called); ok {
			t.Errorf("Lookup(%q) = %q", called, v.ID)
		}
	}
}

func TestApply(t *testing.T) {
	okta, _ := catalog.Lookup("okta")
	brought := partners.Partner{
		ID: "okta", Name: "Okta", Catalog: "okta", Aliases: okta.Aliases,
		Changelog: []partners.Source{{Kind: partners.SourceFeed, URL: "https://developer.okta.com/rss/identity-engine.xml"}},
		Status:    partners.StatusSource{Kind: "html", URL: "https://status.okta.com"},
	}
	for name, c := range map[string]struct{ in, want partners.Partner }{
		"all of it":                    {partners.Partner{Catalog: "okta"}, brought},
		"no entry":                     {partners.Partner{ID: "own", Name: "Own"}, partners.Partner{ID: "own", Name: "Own"}},
		"an entry that does not exist": {partners.Partner{ID: "own", Catalog: "nobody"}, partners.Partner{ID: "own", Catalog: "nobody"}},
		"components alone": {
			partners.Partner{Catalog: "OKTA", Status: partners.StatusSource{Components: []string{"US Cell 2"}}},
			with(brought, func(p *partners.Partner) { p.Catalog, p.Status.Components = "OKTA", []string{"US Cell 2"} }),
		},
		"what is written overrides": {
			partners.Partner{Catalog: "okta", ID: "idp", Name: "Sign-in", Aliases: []string{"sso"}, Changelog: []partners.Source{},
				Status: partners.StatusSource{URL: "https://status.example"}},
			partners.Partner{Catalog: "okta", ID: "idp", Name: "Sign-in", Aliases: []string{"sso"}, Changelog: []partners.Source{},
				Status: partners.StatusSource{URL: "https://status.example"}},
		},
		"a kind alone is a choice": {
			partners.Partner{Catalog: "okta", Status: partners.StatusSource{Kind: "m365"}},
			with(brought, func(p *partners.Partner) { p.Status = partners.StatusSource{Kind: "m365"} }),
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, catalog.Apply(c.in)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func with(p partners.Partner, change func(*partners.Partner)) partners.Partner {
	change(&p)
	return p
}

func TestNobodyCanChangeTheCatalogue(t *testing.T) {
	p := catalog.Apply(partners.Partner{Catalog: "okta"})
	p.Aliases[0], p.Changelog[0].URL = "changed", "changed"
	v, _ := catalog.Lookup("okta")
	v.Hints[0].URL, v.Changelog[0].URL = "changed", "changed"
	again, _ := catalog.Lookup("okta")
	if again.Aliases[0] == "changed" || again.Changelog[0].URL == "changed" || again.Hints[0].URL == "changed" {
		t.Error("what one caller changed, the next one gets")
	}
}

// TestFactsOfTheResearch holds the catalogue to the collected facts where they are at hand: every public address marked
// A to C stands in it, none with another mark does.
func TestFactsOfTheResearch(t *testing.T) {
	file, err := os.ReadFile("../../../shared/facts/vendors.json")
	if err != nil {
		t.Skip("the collected facts are not here")
	}
	var facts struct {
		Vendors []struct {
			Changelogs []struct{ URL, Confidence, Format string }
			Status     []struct {
				API        []string
				Page       string
				Confidence string
			}
		}
	}
	if err := json.Unmarshal(file, &facts); err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, id := range catalog.IDs() {
		v, _ := catalog.Lookup(id)
		for _, f := range append(append(v.Changelog, v.Hints...), v.Status) {
			have[host(f.URL)] = true
		}
	}
	for _, v := range facts.Vendors {
		for _, c := range v.Changelogs {
			if strings.Contains("ABC", c.Confidence) && !have[host(c.URL)] {
				t.Errorf("%s (%s) is not in the catalogue", c.URL, c.Confidence)
			}
		}
		for _, s := range v.Status {
			for _, a := range s.API {
				known := strings.Contains("ABC", s.Confidence) && strings.HasPrefix(a, "https://")
				if known != have[host(a)] && strings.HasPrefix(a, "https://") {
					t.Errorf("%s (%s): in the catalogue %v", a, s.Confidence, have[host(a)])
				}
			}
		}
	}
}

func host(address string) string {
	u, err := url.Parse(strings.NewReplacer("{", "", "}", "").Replace(address))
	if err != nil {
		return address
	}
	if u.Host == "github.com" || u.Host == "raw.githubusercontent.com" {
		return "github/" + strings.ToLower(strings.Join(strings.Split(u.Path, "/")[1:3], "/"))
	}
	return u.Host
}
