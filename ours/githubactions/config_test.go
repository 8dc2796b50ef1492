package githubactions

import (
	"fmt"
	"strings"
	"testing"

	"sparky/internal/setting"
)

func check(c Config) []setting.Mistake {
	var found []setting.Mistake
	c.Check(setting.NewReport(func(m setting.Mistake) { found = append(found, m) }))
	return found
}

func TestConfigChecks(t *testing.T) {
	secret := setting.NewSecret("s3cr3t")
	_, pem, _ := newKey(t)
	key := setting.NewSecret(pem)
	for name, test := range map[string]struct {
		config Config
		want   []string // path: a word of the text
	}{
		"a token":     {Config{Token: secret}, nil},
		"an app":      {Config{App: &App{ID: 1, InstallationID: 2, PrivateKey: key}}, nil},
		"no key":      {Config{App: &App{ID: 1, InstallationID: 2, PrivateKey: secret}}, []string{"[app private_key]: is no PEM file"}},
		"half a key":  {Config{App: &App{ID: 1, InstallationID: 2, PrivateKey: setting.NewSecret(pem[:200])}}, []string{"[app private_key]: is no PEM file"}},
		"nothing":     {Config{}, []string{"[token]: or an app"}},
		"both":        {Config{Token: secret, App: &App{ID: 1, InstallationID: 2, PrivateKey: key}}, []string{"[app]: keep one"}},
		"half an app": {Config{App: &App{}}, []string{"[app id]: App ID", "[app installation_id]: number", "[app private_key]: ${file:"}},
	} {
		test.config.SetDefaults()
		found := check(test.config)
		if len(found) != len(test.want) {
			t.Errorf("%s: got %+v, want %q", name, found, test.want)
			continue
		}
		for i, m := range found {
			path, word, _ := strings.Cut(test.want[i], ": ")
			if fmt.Sprint(m.Path) != path || !strings.Contains(m.Text, word) {
				t.Errorf("%s: got %+v, want %q", name, m, test.want[i])
			}
		}
	}
}

func TestConfigAddress(t *testing.T) {
	c := Config{Token: setting.NewSecret("s3cr3t")}
	c.SetDefaults()
	if c.APIURL != "https://api.github.com/" {
		t.Errorf("the default address is %q", c.APIURL)
	}
	c.APIURL = "github.acme.example"
	if found := check(c); len(found) != 1 || fmt.Sprint(found[0].Path) != "[api_url]" {
		t.Errorf("got %+v", found)
	}
}
