package changes

import (
	"strings"
	"testing"
	"time"

	"sparky/partners"
)

func TestPreReleases(t *testing.T) {
	for word, want := range map[string]bool{
		"2.0.0-beta.3": true, "v3-rc1": true, "1.4.0b2": true, "3.0a1": true, "7.0.0-next.4": true, "2.1.0-canary.7": true, "@totals/sdk@2.0.0-beta.1": true,
		"1.4.0b": false, "12a": false, "totals-next": false, "2025-10-01-preview": true, "2025-09-30.preview": true,
		"squirrel-girl-preview": true, "3.0.0-alpha": true, "v1beta1": true, "4.0.0.rc.2": true, "api-version=2026-04-01-preview": true,
		"beta": false, "preview": false, "link-preview": true, "2.0.0": false, "area": false, "idea": false, "march": false,
		"https://example.com/v2-beta": false, "/v2/beta": false, "": false,
	} {
		if got := isPreRelease(word); got != want {
			t.Errorf("%q a pre-release: %t, want %t", word, got, want)
		}
	}
}

func TestVersionWords(t *testing.T) {
	for word, want := range map[string]bool{
		"v3": true, "v2.1": true, "v1beta1": true, "3.1.0": true, "2025.09.1": true,
		"3.1": false, "v": false, "vault": false, "v8engine": false, "1.2.3.4": false, "...": false, "": false,
	} {
		if got := isVersionWord(word); got != want {
			t.Errorf("%q a version: %t, want %t", word, got, want)
		}
	}
}

func TestBetaVersionNamesWhatIsOnOffer(t *testing.T) {
	for _, row := range []struct{ title, body, offer, version string }{
		{"SDK 2.0.0-beta.3", "Adds totals.", "2.0.0-beta.3", "2.0.0-beta.3"},
		{"Orders API", "Try `api-version=2026-04-01-preview`; it is in public preview.", "2026-04-01-preview", "2026-04-01-preview"},
		{"v2 of the Reports API is now in beta", "", "v2 of the Reports API (beta)", "v2"},
		{"Reports API", "Version 3 is now available in public beta.", "version 3 of Reports API (beta)", "3"},
		{"Totals by month is EA in Preview", "", "Totals by month (EA)", ""},
		{"Public Preview - Totals by month", "", "Totals by month (Public Preview)", ""},
		{"Now in private beta: totals by month", "", "totals by month (beta)", ""},
		{"Users (beta)", "- Added the **nick** property to the member resource.", "nick property to the member resource (beta)", "beta"},
		{"Totals", "Early access to totals comes with the Zurich release.", "Totals (EA)", "Zurich"},
		{"Totals are generally available", "", "", ""},
		{"Totals API v2.51 is now available in public beta", "", "Totals API v2.51 (beta)", "v2.51"},
		{"Totals by month has entered beta", "", "Totals by month (beta)", ""},
		{"Totals SDKs are available in public beta for Go and Ruby", "", "Totals SDKs (beta)", ""},
		{"New beta version of the Totals API released", "", "Totals API (beta)", ""},
		{"Announcing the public beta of Totals API", "", "Totals API (beta)", ""},
		{"Totals API: public beta now open", "", "Totals API (beta)", ""},
		{"Try the totals preview today", "", "totals preview", ""},
		{"We're launching totals in early access", "", "totals (EA)", ""},
		{"Launching the Totals pilot!", "", "Totals pilot", ""},
	} {
		e := Classify(partners.Change{Title: row.title, Body: row.body, Published: today}, today)
		if e.BetaVersion != row.offer || e.APIVersion() != row.version {
			t.Errorf("%q: offers %q, version %q; want %q, %q", row.title, e.BetaVersion, e.APIVersion(), row.offer, row.version)
		}
		if (e.BetaVersion != "") != e.Is(Beta) {
			t.Errorf("%q: %v and offers %q", row.title, e.Kinds, e.BetaVersion)
		}
	}
}

func TestBetaChannelByTag(t *testing.T) {
	e := Classify(partners.Change{Title: "Groups", Body: "- Added the **nick** property.", Tags: []string{"prd", "beta"}}, today)
	if !e.Is(Beta) || e.APIVersion() != "beta" {
		t.Errorf("%v, version %q", e.Kinds, e.APIVersion())
	}
	e = Classify(partners.Change{Title: "Groups", Body: "- Removed the **nick** property.", Tags: []string{"prd", "beta"}}, today)
	if e.Is(Beta) {
		t.Errorf("what only removes from a beta channel is %v", e.Kinds)
	}
}

func TestAVersionFromAFeedIsOneThatMayBeTried(t *testing.T) {
	for title, want := range map[string]string{
		"Public beta: 1&id&x-2-beta is available":                        "",
		"Public beta: 1'&id&'x-beta.2 is available":                      "",
		"Public beta: v2$HOME-beta is available":                         "",
		"Beta of " + strings.Repeat("1.", 100) + "0-beta.1 is available": "",
		"Spring ’27 is in public beta":                                   "Spring 27",
		"The Zürich release is in public beta":                           "Zürich",
		"2.0-beta.1 is available":                                        "2.0-beta.1",
	} {
		e := Classify(partners.Change{Title: title}, time.Now())
		if !e.Is(Beta) {
			t.Errorf("%q is no beta", title)
		}
		if got := e.APIVersion(); got != want {
			t.Errorf("%q: got %q, want %q", title, got, want)
		}
	}
}

func TestAVersionThatAPersonNames(t *testing.T) {
	for _, version := range []string{"v3", "2026-11-01.preview", "Spring 27", "Zürich", "@acme/sdk@2", "1.0+build:7", strings.Repeat("ü", 100)} {
		if problem := VersionProblem(version); problem != "" {
			t.Errorf("%q: %s", version, problem)
		}
	}
	for version, want := range map[string]string{strings.Repeat("v", 101): "longer than 100", "v3;id": "';'", "$(id)": "'$'", "a\nb": `'\n'`, "v3\u202e": "it holds", "a'b": "it holds",
		"-rf v3": "begins with '-'", "--config x": "begins with '-'", "/etc/passwd": "begins with '/'", "../v3": "begins with '.'", "a/../b": `".."`, "v3//x": `"//"`, "https://evil.example": `"//"`,
		"a/.git/config": `"/."`, " v3": "begins with ' '"} {
		if problem := VersionProblem(version); !strings.Contains(problem, want) {
			t.Errorf("%q: %q, want %q", version, problem, want)
		}
	}
}
