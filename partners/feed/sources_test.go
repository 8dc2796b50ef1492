package feed

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sparky/internal/httpcall"
	"sparky/partners"
)

func TestReadGitHubReleases(t *testing.T) {
	cases := []struct {
		src  partners.Source
		want string
	}{
		{partners.Source{Repo: "acme/winch"}, "https://ghe.example/api/v3/repos/acme/winch/releases?per_page=50"},
		{partners.Source{URL: "https://github.com/acme/winch"}, "https://ghe.example/api/v3/repos/acme/winch/releases?per_page=50"},
		{partners.Source{URL: "https://github.com/acme/winch/releases"}, "https://ghe.example/api/v3/repos/acme/winch/releases?per_page=50"},
	}
	for _, c := range cases {
		caller := answers(200, string(fixture(t, "releases.json")), "ETag", `W/"1"`)
		c.src.Kind = partners.SourceGitHubReleases
		reading, err := NewReader(caller, Addresses{GitHubAPI: "https://ghe.example/api/v3/"}).Read(t.Context(), c.src, partners.Validators{ETag: `W/"0"`})
		if err != nil {
			t.Fatal(err)
		}
		req := caller.asked[0]
		if req.URL != c.want || req.Header.Get("If-None-Match") != `W/"0"` || req.Header.Get("Accept") != "application/vnd.github+json" {
			t.Errorf("asked %s with %v", req.URL, req.Header)
		}
		if reading.Format != "github-releases" || len(reading.Changes) != 3 || reading.Skipped != 1 || reading.Validators.ETag != `W/"1"` {
			t.Errorf("read %+v", reading)
		}
		if name := reading.Changes[0].Source; name != c.src.Name() {
			t.Errorf("the source is %q", name)
		}
	}
}

func TestReadGitHubReleasesFeed(t *testing.T) {
	caller := answers(200, string(fixture(t, "atom.xml")))
	src := partners.Source{Kind: partners.SourceGitHubReleases, URL: "https://github.com/acme/winch/releases.atom"}
	reading, err := NewReader(caller, Addresses{}).Read(t.Context(), src, partners.Validators{})
	if err != nil || len(reading.Changes) != 2 || caller.asked[0].URL != src.URL {
		t.Errorf("asked %v, read %d entries, %v", caller.urls(), len(reading.Changes), err)
	}
}

func TestGitHubReleasesErrors(t *testing.T) {
	for _, repo := range []string{"", "acme", "acme/winch/extra", "../..", "acme/wi nch", "-x/y"} {
		_, err := NewReader(answers(200, "[]"), Addresses{}).Read(t.Context(), partners.Source{Kind: partners.SourceGitHubReleases, Repo: repo}, partners.Validators{})
		if err == nil || !strings.Contains(err.Error(), "owner/name") {
			t.Errorf("repo %q: %v", repo, err)
		}
	}
	src := partners.Source{Kind: partners.SourceGitHubReleases, Repo: "a/b"}
	for document, want := range map[string]string{
		`{"message": "Bad credentials"}`: "Bad credentials",
		`[{"name": 5}, {"x": 1}]`:        "tag_name",
		`[1, 2`:                          "this is no",
		`<html><title>Unicorn</title>`:   "Unicorn",
	} {
		_, err := NewReader(answers(200, document), Addresses{}).Read(t.Context(), src, partners.Validators{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", document, err)
		}
	}
	reading, err := NewReader(answers(200, "[]"), Addresses{}).Read(t.Context(), src, partners.Validators{})
	if err != nil || len(reading.Changes) != 0 || reading.Format != "github-releases" {
		t.Errorf("a repository without releases: %+v, %v", reading, err)
	}
}

func TestRawAddresses(t *testing.T) {
	reader := NewReader(answers(200, "# A\n\n## 1.0.0\n\ntext\n"), Addresses{})
	for address, want := range map[string]string{
		"https://github.com/acme/tower/blob/main/docs/whats-new.md":    "https://raw.githubusercontent.com/acme/tower/main/docs/whats-new.md",
		"https://www.github.com/acme/tower/blob/v1/a b.md":             "https://raw.githubusercontent.com/acme/tower/v1/a%20b.md",
		"https://github.com/acme/tower/tree/main/CHANGELOG.md":         "https://raw.githubusercontent.com/acme/tower/main/CHANGELOG.md",
		"https://github.com/acme/tower/raw/main/CHANGELOG.md":          "https://raw.githubusercontent.com/acme/tower/main/CHANGELOG.md",
		"https://github.com/acme/tower/releases.atom":                  "https://github.com/acme/tower/releases.atom",
		"https://gitlab.example/acme/tower/-/raw/main/CHANGELOG.md":    "https://gitlab.example/acme/tower/-/raw/main/CHANGELOG.md",
		"https://github.example/acme/tower/blob/main/docs/whatsnew.md": "https://github.example/acme/tower/blob/main/docs/whatsnew.md",
	} {
		got, err := reader.rawAddress(address)
		if err != nil || got != want {
			t.Errorf("%s became %s, %v", address, got, err)
		}
	}
	for _, folder := range []string{"https://github.com/acme/tower/tree/main/changelog", "https://github.com/acme/tower/blob/main", "https://github.com/acme/tower/tree/main"} {
		if _, err := reader.rawAddress(folder); err == nil || !strings.Contains(err.Error(), "folder") {
			t.Errorf("%s: %v", folder, err)
		}
	}
	src := partners.Source{Kind: partners.SourceMarkdown, URL: "https://github.com/acme/tower/blob/main/CHANGELOG.md"}
	caller := answers(200, "# A\n\n## 1.0.0\n\ntext\n")
	reading, err := NewReader(caller, Addresses{GitHubRaw: "https://raw.ghe.example/"}).Read(t.Context(), src, partners.Validators{})
	if err != nil || caller.asked[0].URL != "https://raw.ghe.example/acme/tower/main/CHANGELOG.md" {
		t.Fatalf("asked %v, %v", caller.urls(), err)
	}
	if got := reading.Changes[0]; got.Key != "1.0.0" || got.Source != src.URL {
		t.Errorf("read %+v", got)
	}
}

// graph answers with pages of messages, each naming the next.
func graph(pages ...string) *fakeCaller {
	at := map[string]string{}
	for i, page := range pages {
		address := "https://graph.microsoft.com/v1.0/admin/serviceAnnouncement/messages"
		if i > 0 {
			address = fmt.Sprintf("%s?$skiptoken=%d", address, i)
		}
		at[address] = page
	}
	return &fakeCaller{answer: func(req httpcall.Request) (httpcall.Response, error) {
		page, ok := at[req.URL]
		if !ok {
			return httpcall.Response{Status: http.StatusNotFound}, nil
		}
		return httpcall.Response{Status: 200, Body: []byte(page)}, nil
	}}
}

func messagePage(next string, ids ...string) string {
	type m map[string]any
	value := []m{}
	for _, id := range ids {
		value = append(value, m{"id": id, "title": "Message " + id, "lastModifiedDateTime": "2026-11-01T00:00:00Z", "body": m{"content": "<p>x</p>"}})
	}
	page := m{"value": value}
	if next != "" {
		page["@odata.nextLink"] = next
	}
	b, err := json.Marshal(page)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

const graphMessages = "https://graph.microsoft.com/v1.0/admin/serviceAnnouncement/messages"

func TestReadMessages(t *testing.T) {
	src := partners.Source{Kind: partners.SourceM365Messages}
	caller := graph(messagePage(graphMessages+"?$skiptoken=1", "MC1", "MC2"), messagePage(graphMessages+"?$skiptoken=2", "MC3"), messagePage("", "MC4"))
	reader := NewReader(caller, Addresses{})
	first, err := reader.Read(t.Context(), src, partners.Validators{})
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, c := range first.Changes {
		keys = append(keys, c.Key)
	}
	if got := strings.Join(keys, " "); got != "MC1 MC2 MC3 MC4" || first.Format != "m365-messages" || first.Changes[0].Source != "m365-messages" {
		t.Errorf("read %s of %+v", got, first)
	}
	if len(caller.asked) != 3 {
		t.Errorf("asked %v", caller.urls())
	}
	// The token of a next page is new each time: that is no news.
	caller.answer = graph(messagePage(graphMessages+"?$skiptoken=1", "MC1", "MC2", "MC3"), messagePage("", "MC4")).answer
	second, err := reader.Read(t.Context(), src, first.Validators)
	if err != nil || !second.NotModified || second.Validators != first.Validators {
		t.Errorf("the second reading is %+v, %v", second, err)
	}
	caller.answer = graph(messagePage("", "MC5")).answer
	third, err := reader.Read(t.Context(), src, second.Validators)
	if err != nil || third.NotModified || len(third.Changes) != 1 {
		t.Errorf("the third reading is %+v, %v", third, err)
	}
}

func TestReadMessagesElsewhere(t *testing.T) {
	src := partners.Source{Kind: partners.SourceM365Messages, URL: "https://graph.microsoft.us/v1.0/admin/serviceAnnouncement/messages?$filter=x"}
	caller := answers(200, messagePage("", "MC1"))
	reading, err := NewReader(caller, Addresses{}).Read(t.Context(), src, partners.Validators{})
	if err != nil || caller.asked[0].URL != src.URL || len(reading.Changes) != 1 {
		t.Errorf("asked %v, %v", caller.urls(), err)
	}
	caller = answers(200, messagePage("", "MC1"))
	if _, err := NewReader(caller, Addresses{Graph: "https://mock.example"}).Read(t.Context(), partners.Source{Kind: partners.SourceM365Messages}, partners.Validators{}); err != nil || caller.asked[0].URL != "https://mock.example/v1.0/admin/serviceAnnouncement/messages" {
		t.Errorf("asked %v, %v", caller.urls(), err)
	}
}

func TestReadMessagesErrors(t *testing.T) {
	src := partners.Source{Kind: partners.SourceM365Messages}
	cases := map[string]struct {
		from *fakeCaller
		want string
	}{
		"a page on another host":  {graph(messagePage("https://evil.example/next", "MC1")), "another host, https://evil.example/next"},
		"a page on another port":  {graph(messagePage("https://graph.microsoft.com:8443/next", "MC1")), "another host"},
		"a page without TLS":      {graph(messagePage(strings.Replace(graphMessages, "https", "http", 1), "MC1")), "another host"},
		"a page again":            {graph(messagePage(graphMessages, "MC1")), "read already"},
		"a lost page":             {graph(messagePage(graphMessages+"?$skiptoken=1", "MC1")), "moved or gone"},
		"an error of Graph":       {answers(200, `{"error":{"code":"x"}}`), "no list of Graph's messages"},
		"a sign-in page":          {answers(200, `<html><title>Sign in</title>`), "Sign in"},
		"refused":                 {answers(403, ""), "refused us"},
		"a list of something":     {answers(200, `[1]`), "no list of Graph's messages"},
		"a value that is no list": {answers(200, `{"value": 5}`), "no list of Graph's messages"},
	}
	for name, c := range cases {
		reading, err := NewReader(c.from, Addresses{}).Read(t.Context(), src, partners.Validators{})
		if err == nil || !strings.Contains(err.Error(), c.want) || reading.Changes != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestReadMessagesEndlessly holds that a service which always names one more page comes to an end.
func TestReadMessagesEndlessly(t *testing.T) {
	n := 0
	caller := &fakeCaller{answer: func(httpcall.Request) (httpcall.Response, error) {
		n++
		return httpcall.Response{Status: 200, Body: []byte(messagePage(fmt.Sprintf("%s?$skiptoken=%d", graphMessages, n), fmt.Sprintf("MC%d", n)))}, nil
	}}
	reading, err := NewReader(caller, Addresses{}).Read(t.Context(), partners.Source{Kind: partners.SourceM365Messages}, partners.Validators{})
	if err != nil || n != maxPages || len(reading.Changes) != maxPages || !strings.Contains(reading.Repaired, "more than 60 pages") {
		t.Errorf("%d pages, %d entries, %v", n, len(reading.Changes), err)
	}
}
