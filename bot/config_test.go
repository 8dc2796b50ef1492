package bot

import (
	"fmt"
	"strings"
	"testing"

	"sparky/internal/setting"
)

// good is a configuration with nothing wrong.
func good() Config {
	var c Config
	c.SetDefaults()
	c.AppToken, c.BotToken = setting.NewSecret("xapp-1"), setting.NewSecret("xoxb-1")
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
	if c.Channels.Updates != "#ecosystem-updates" || c.Channels.Alerts != "#integration-alerts" || c.APIURL != "https://slack.com/api/" {
		t.Errorf("defaults: %+v", c)
	}
}

func TestConfigCompletesTheAddress(t *testing.T) {
	for given, want := range map[string]string{
		"http://127.0.0.1:1/api": "http://127.0.0.1:1/api/", "http://127.0.0.1:1/api/": "http://127.0.0.1:1/api/", "": "",
	} {
		c := Config{APIURL: given}
		c.Complete()
		c.Complete()
		if c.APIURL != want {
			t.Errorf("%q becomes %q, want %q", given, c.APIURL, want)
		}
	}
}

func TestConfigChecks(t *testing.T) {
	for name, test := range map[string]struct {
		change     func(*Config)
		path, text string
		form       setting.Form
	}{
		"no app token":       {func(c *Config) { c.AppToken = setting.Secret{} }, "[app_token]", "connections:write", setting.Absent},
		"no bot token":       {func(c *Config) { c.BotToken = setting.Secret{} }, "[bot_token]", "once the app is installed", setting.Absent},
		"a user's token":     {func(c *Config) { c.BotToken = setting.NewSecret("xoxp-1") }, "[bot_token]", "begins with xoxp-", setting.Whole},
		"a stand-in's token": {func(c *Config) { c.AppToken = setting.NewSecret("fake") }, "[app_token]", "Slack itself would refuse", setting.Advice},
		"an address":         {func(c *Config) { c.APIURL = "slack" }, "[api_url]", "https://", setting.ShowValue},
		"no channel":         {func(c *Config) { c.Channels.Alerts = "" }, "[channels alerts]", "in quotes", setting.Absent},
		"a person's id":      {func(c *Config) { c.Roles.Operator = []string{"U1", "ada"} }, "[roles operator 1]", "U…", setting.ShowValue},
		"a role of nobody":   {func(c *Config) { c.Roles.Publisher = []string{} }, "[roles publisher]", "nobody has", setting.Whole},
	} {
		c := good()
		test.change(&c)
		found := check(c)
		if len(found) != 1 || fmt.Sprint(found[0].Path) != test.path || found[0].Form != test.form || !strings.Contains(found[0].Text, test.text) {
			t.Errorf("%s: got %+v, want one at %s about %q", name, found, test.path, test.text)
		}
	}
}

func TestChannelNames(t *testing.T) {
	for name, ok := range map[string]bool{
		"#ops": true, "ops": true, "#größe-übersicht": true, "#運用": true, "#a_b-1": true, "C0ALERTS": true, "G01": true,
		"#Ops": false, "#a b": false, "#": false, "##ops": false, "#a.b": false, "@ada": false, "#" + strings.Repeat("a", 81): false, "<!channel>": false,
	} {
		c := good()
		c.Channels.Updates = name
		if found := check(c); (len(found) == 0) != ok {
			t.Errorf("%q: %+v", name, found)
		}
	}
}
