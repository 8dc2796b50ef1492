package statuspage

import (
	"fmt"
	"strings"
	"testing"

	"sparky/internal/setting"
)

func good() Config {
	var c Config
	c.SetDefaults()
	c.PageID, c.Token = "abc123", setting.NewSecret("s3cr3t")
	c.Components = map[string]string{"Ticket sync": "8kbf7d35c070", "Sign-in": "q1"}
	return c
}

func check(c Config) []setting.Mistake {
	var found []setting.Mistake
	c.Check(setting.NewReport(func(m setting.Mistake) { found = append(found, m) }))
	return found
}

func TestConfigDefaults(t *testing.T) {
	c := good()
	if found := check(c); len(found) > 0 {
		t.Errorf("the defaults are wrong: %+v", found)
	}
	if c.Provider != ProviderStatuspage || c.Publish != PublishAuto || c.APIURL != "https://api.statuspage.io/v1" {
		t.Errorf("defaults: %+v", c)
	}
}

func TestConfigChecks(t *testing.T) {
	for name, test := range map[string]struct {
		change     func(*Config)
		path, text string
	}{
		"another provider":       {func(c *Config) { c.Provider = "StatusPage" }, "[provider]", `"statuspage"`},
		"another publishing":     {func(c *Config) { c.Publish = "never" }, "[publish]", "auto, approve"},
		"an address":             {func(c *Config) { c.APIURL = "statuspage" }, "[api_url]", "https://"},
		"no page":                {func(c *Config) { c.PageID = "" }, "[page_id]", "page's id"},
		"no token":               {func(c *Config) { c.Token = setting.Secret{} }, "[token]", "${STATUSPAGE_TOKEN}"},
		"a component without id": {func(c *Config) { c.Components["Sign-in"] = "" }, "[components Sign-in]", "stands for Sign-in"},
		"two on one component":   {func(c *Config) { c.Components["Zoom"] = "q1" }, "[components Zoom]", "of Sign-in"},
	} {
		c := good()
		test.change(&c)
		found := check(c)
		if len(found) != 1 || fmt.Sprint(found[0].Path) != test.path || !strings.Contains(found[0].Text, test.text) {
			t.Errorf("%s: got %+v, want one at %s about %q", name, found, test.path, test.text)
		}
	}
}

// TestBuiltinPage holds that the page that Sparky serves needs nothing else.
func TestBuiltinPage(t *testing.T) {
	var c Config
	c.SetDefaults()
	c.Provider = ProviderBuiltin
	if found := check(c); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}
