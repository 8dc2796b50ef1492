package statuspage

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/world/atlassian"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

// consult looks at a page of the stand-in, and gives what was found in lines.
func consult(t *testing.T, page *atlassian.Page, change func(*Config)) string {
	t.Helper()
	server := httptest.NewServer(page.Handler())
	t.Cleanup(func() { _ = page.Close(); server.Close() })
	var config Config
	config.SetDefaults()
	config.APIURL, config.PageID, config.Token = server.URL+"/v1", atlassian.PageID, setting.NewSecret(atlassian.Token)
	config.Components = map[string]string{page.Components()[0].Name: page.Components()[0].ID}
	change(&config)
	client := httpcall.New(httpcall.Options{Retries: -1, AttemptTimeout: 5 * time.Second}).With("page", config.Auth())
	var b strings.Builder
	for _, look := range config.Looks(client) {
		f := look.Try(t.Context())
		fmt.Fprintf(&b, "%s: %s: %s | %s | %s\n", look.What, f.State(), f.Tried, f.Problem, f.Mend)
	}
	return b.String()
}

func TestDoctorLooksAtThePage(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		wants  []string
	}{
		"all well":       {func(*Config) {}, []string{"status_page.token: ok: GET pages/" + atlassian.PageID + ": “", ": ok: GET components: it is “"}},
		"the builtin":    {func(c *Config) { c.Provider = ProviderBuiltin }, []string{"status_page: ok: Sparky serves the page itself"}},
		"the token":      {func(c *Config) { c.Token = setting.NewSecret("old") }, []string{"status_page.token: wrong: GET pages/" + atlassian.PageID + " | Statuspage answered 401 Unauthorized | give a valid API key in status_page.token"}},
		"the page":       {func(c *Config) { c.PageID = "nothing" }, []string{"wrong: GET pages/nothing | Statuspage answered 404 Not Found | check status_page.page_id"}},
		"the address":    {func(c *Config) { c.APIURL = strings.TrimSuffix(c.APIURL, "/v1") }, []string{"status_page.token: wrong: ", "check status_page."}},
		"nobody answers": {func(c *Config) { c.APIURL = "http://127.0.0.1:1/v1" }, []string{"the connection was refused | nothing listens there, or a firewall forbids it"}},
		"a component": {func(c *Config) { c.Components = map[string]string{"Maps": "gone"} },
			[]string{"status_page.components.Maps: wrong: GET components | the page has no component gone, but ", "| give the id of one of them"}},
	} {
		t.Run(name, func(t *testing.T) {
			page := atlassian.New(atlassian.Options{})
			got := consult(t, page, c.change)
			for _, want := range c.wants {
				if !strings.Contains(got, want) {
					t.Errorf("nobody says %q; found\n%s", want, got)
				}
			}
			for _, e := range page.Journal() {
				if e.Method != "GET" {
					t.Errorf("%s %s is no look", e.Method, e.Path)
				}
			}
		})
	}
}
