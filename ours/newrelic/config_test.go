package newrelic

import (
	"fmt"
	"strings"
	"testing"

	"sparky/internal/setting"
)

func alert(name string) Alert {
	a := Alert{Name: name, Partner: "okta", NRQL: "SELECT average(duration) FROM ExternalServiceCall", Above: new(2.0)}
	a.SetDefaults()
	return a
}

func good() Config {
	c := Config{AccountID: 1, UserKey: setting.NewSecret("s3cr3t"), Alerts: []Alert{alert("slow"), alert("slower")}}
	c.SetDefaults()
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
	if c.Alerts[0].Severity != SeverityWarning || c.GraphQLURL != "https://api.newrelic.com/graphql" || c.EventsURL != "https://insights-collector.newrelic.com" {
		t.Errorf("defaults: %+v", c)
	}
}

// TestOnlySending holds that results can be sent without any key to ask with.
func TestOnlySending(t *testing.T) {
	c := good()
	c.UserKey, c.LicenseKey, c.Alerts = setting.Secret{}, setting.NewSecret("s3cr3t"), nil
	if found := check(c); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}

func TestConfigChecks(t *testing.T) {
	for name, test := range map[string]struct {
		change     func(*Config)
		path, text string
	}{
		"no account":         {func(c *Config) { c.AccountID = 0 }, "[account_id]", "number"},
		"no key at all":      {func(c *Config) { c.UserKey = setting.Secret{} }, "[user_key]", "license_key"},
		"no key for alerts":  {func(c *Config) { c.UserKey, c.LicenseKey = c.LicenseKey, c.UserKey }, "[user_key]", "${NEW_RELIC_USER_KEY}"},
		"an address":         {func(c *Config) { c.GraphQLURL = "eu" }, "[graphql_url]", "https://"},
		"another address":    {func(c *Config) { c.EventsURL = "eu" }, "[events_url]", "https://"},
		"an alert's name":    {func(c *Config) { c.Alerts[1].Name = "" }, "[alerts 1 name]", "needs one"},
		"a name twice":       {func(c *Config) { c.Alerts[1].Name = "SLOW" }, "[alerts 1 name]", "alert 1"},
		"nobody's alert":     {func(c *Config) { c.Alerts[0].Partner = "" }, "[alerts 0 partner]", "id"},
		"no query":           {func(c *Config) { c.Alerts[0].NRQL = " " }, "[alerts 0 nrql]", "SELECT"},
		"another language":   {func(c *Config) { c.Alerts[0].NRQL = "sum(rate(x[5m]))" }, "[alerts 0 nrql]", "SELECT"},
		"no limit":           {func(c *Config) { c.Alerts[0].Above = nil }, "[alerts 0 above]", "above or below"},
		"two limits":         {func(c *Config) { c.Alerts[0].Below = new(1.0) }, "[alerts 0 below]", "keep one"},
		"a severity of ours": {func(c *Config) { c.Alerts[0].Severity = "P5" }, "[alerts 0 severity]", "P"},
	} {
		c := good()
		test.change(&c)
		found := check(c)
		if len(found) != 1 || fmt.Sprint(found[0].Path) != test.path || !strings.Contains(found[0].Text, test.text) {
			t.Errorf("%s: got %+v, want one at %s about %q", name, found, test.path, test.text)
		}
	}
}
