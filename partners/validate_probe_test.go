package partners

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/internal/setting"
)

// probeMistakes are those of one probe of an otherwise empty partner.
func probeMistakes(c ProbeConfig) []string {
	return mistakes(Partner{ID: "a", Isolation: IsolationProcess, Probes: []ProbeConfig{c}})
}

func secret() setting.Secret { return setting.NewSecret("s3cr3t") }

func client() *OAuth2 {
	return &OAuth2{TokenURL: "https://login.example/token", ClientID: "a", ClientSecret: secret()}
}

func refreshing() *OAuth2 {
	o := client()
	o.RefreshToken = secret()
	return o
}

func TestGoodProbes(t *testing.T) {
	examples := map[string]func(*ProbeConfig){
		KindHTTP: func(c *ProbeConfig) {
			c.URL, c.Method, c.Body, c.Headers = "https://a.example?x=1", "post", "{}", map[string]string{"Accept": "a"}
			c.Expect = Expect{Status: []int{100, 599}, JSON: map[string]string{"a.#": ">0"}}
			c.P95, c.Success = &Above{Above: 1, Over: 1}, &Below{Below: 99, Over: 1}
		},
		KindTCP: func(c *ProbeConfig) { c.Address = "[::1]:22" },
		KindDNS: func(c *ProbeConfig) {
			c.Name, c.Resolver, c.Expect.Values = "a.example", "[::1]:53", []string{"192.0.2.1"}
		},
		KindTLS:                func(c *ProbeConfig) { c.Address = "a.example:443" },
		KindNewRelic:           func(c *ProbeConfig) { c.Monitor = "sign-in" },
		KindServiceNowIncident: func(c *ProbeConfig) { c.BaseURL, c.Auth = "https://a.example", &Auth{OAuth2: client()} },
		KindServiceNowTable: func(c *ProbeConfig) {
			c.BaseURL, c.Table, c.Auth = "https://a.example", "sys_user", &Auth{Basic: &BasicAuth{"u", secret()}}
		},
		KindTeamsCard:     func(c *ProbeConfig) { c.URL = "https://a.example/workflows/1?sig=2" },
		KindPowerBIGroups: func(c *ProbeConfig) { c.Auth = &Auth{OAuth2: client()} },
		KindGraphHealth:   func(c *ProbeConfig) { c.Auth = &Auth{OAuth2: refreshing()} },
		KindWorkdayWorkers: func(c *ProbeConfig) {
			c.BaseURL, c.Tenant, c.Auth = "https://a.example", "acme", &Auth{OAuth2: refreshing()}
		},
		KindOktaOrg: func(c *ProbeConfig) {
			c.BaseURL, c.Auth = "https://a.example/", &Auth{Header: &HeaderAuth{"Authorization", setting.NewSecret("SSWS s3cr3t")}}
		},
	}
	for _, kind := range ProbeKinds() {
		if examples[kind] == nil {
			t.Errorf("%s has no good example here", kind)
			continue
		}
		expect(t, kind, probeMistakes(probe(kind, examples[kind])))
	}
}

func TestProbeDefaults(t *testing.T) {
	p := Partner{Probes: []ProbeConfig{probe(KindTLS, func(*ProbeConfig) {}), probe(KindDNS, func(*ProbeConfig) {}), probe(KindGraphHealth, func(*ProbeConfig) {}), probe(KindHTTP, func(c *ProbeConfig) { c.Steps = []HTTPStep{{}} })}}
	p.Complete()
	p.Complete()
	if c := p.Probes[0]; c.ExpiresIn.String() != "21d" || c.Every.String() != "5m" || c.Timeout.String() != "10s" || c.Priority != "P4" {
		t.Errorf("tls: %+v", c)
	}
	if p.Probes[1].Type != "A" || p.Probes[2].BaseURL != "https://graph.microsoft.com" {
		t.Errorf("dns type %q, graph %q", p.Probes[1].Type, p.Probes[2].BaseURL)
	}
	if c := p.Probes[3]; c.Steps[0].Method != "GET" || c.Method != "" {
		t.Errorf("steps: %+v", c)
	}
}

// TestWebhookIsMovedOnce holds that completing twice does not lose the address.
func TestWebhookIsMovedOnce(t *testing.T) {
	p := Partner{Probes: []ProbeConfig{probe(KindTeamsCard, func(c *ProbeConfig) { c.URL = "https://a.example/hook" })}}
	p.Complete()
	p.Complete()
	if c := p.Probes[0]; c.URL != "" || c.Webhook.Reveal() != "https://a.example/hook" {
		t.Errorf("url %q, webhook %q", c.URL, c.Webhook.Reveal())
	}
}

func TestProbeChecks(t *testing.T) {
	const at = "0.probes.0."
	for name, test := range map[string]struct {
		kind   string
		change func(*ProbeConfig)
		want   []string
	}{
		"an unknown kind":  {"ftp", func(*ProbeConfig) {}, []string{at + "kind: http, tcp"}},
		"no kind":          {"", func(*ProbeConfig) {}, []string{at + "kind: http, tcp"}},
		"an id":            {KindTCP, func(c *ProbeConfig) { c.ID, c.Address = "a b", "a:1" }, []string{at + "id: one word"}},
		"no interval":      {KindTCP, func(c *ProbeConfig) { c.Every, c.Address = 0, "a:1" }, []string{at + "every: too short"}},
		"no time limit":    {KindTCP, func(c *ProbeConfig) { c.Timeout, c.Address = 0, "a:1" }, []string{at + "timeout: too short"}},
		"a priority":       {KindTCP, func(c *ProbeConfig) { c.Priority, c.Address = "p4", "a:1" }, []string{at + `priority: "P4"`}},
		"limits by halves": {KindTCP, func(c *ProbeConfig) { c.P95, c.Success, c.Address = &Above{Over: 1}, &Below{Below: 99}, "a:1" }, []string{at + "p95.above: 2s", at + "success.over: 15m"}},
		"a foreign key":    {KindNewRelic, func(c *ProbeConfig) { c.Monitor, c.Tenant = "m", "acme" }, []string{at + "tenant: only to workday.workers"}},
		"foreign lists":    {KindTCP, func(c *ProbeConfig) { c.Address, c.Steps, c.Headers = "a:1", []HTTPStep{}, map[string]string{} }, []string{at + "steps: only to http", at + "headers: only to http"}},
		"always outside":   {KindHTTP, func(c *ProbeConfig) { c.URL, c.Always = "https://a.example", true }, []string{at + "always: one of the steps"}},
		"a wide base":      {KindOktaOrg, func(c *ProbeConfig) { c.BaseURL, c.Auth = "https://a.example/api", &Auth{Bearer: secret()} }, []string{at + "base_url: scheme and host"}},
		"a webhook":        {KindTeamsCard, func(c *ProbeConfig) { c.URL = "s3cr3t" }, []string{at + "url: whole address"}},
		"no sign-in":       {KindOktaOrg, func(c *ProbeConfig) { c.BaseURL = "https://a.example" }, []string{at + "auth: header or bearer"}},
		"an empty sign-in": {KindOktaOrg, func(c *ProbeConfig) { c.BaseURL, c.Auth = "https://a.example", &Auth{} }, []string{at + "auth: one of basic"}},
		"another sign-in":  {KindOktaOrg, func(c *ProbeConfig) { c.BaseURL, c.Auth = "https://a.example", &Auth{OAuth2: client()} }, []string{at + "auth: header or bearer"}},
		"no refresh token": {KindWorkdayWorkers, func(c *ProbeConfig) { c.BaseURL, c.Tenant, c.Auth = "https://a.example", "a", &Auth{OAuth2: client()} }, []string{at + "auth: refresh_token"}},
		"two sign-ins":     {KindTCP, func(c *ProbeConfig) { c.Address, c.Auth = "a:1", &Auth{Bearer: secret(), OAuth2: client()} }, []string{at + "auth: bearer and oauth2"}},
		"halves of basic":  {KindTCP, func(c *ProbeConfig) { c.Address, c.Auth = "a:1", &Auth{Basic: &BasicAuth{}} }, []string{at + "auth.basic.user: needs it", at + "auth.basic.password: needs it"}},
		"halves of header": {KindTCP, func(c *ProbeConfig) { c.Address, c.Auth = "a:1", &Auth{Header: &HeaderAuth{}} }, []string{at + "auth.header.name: Authorization", at + "auth.header.value: holds"}},
		"a header's name":  {KindTCP, func(c *ProbeConfig) { c.Address, c.Auth = "a:1", &Auth{Header: &HeaderAuth{"X:", secret()}} }, []string{at + "auth.header.name: letters"}},
		"lines in a header": {KindTCP, func(c *ProbeConfig) {
			c.Address, c.Auth = "a:1", &Auth{Header: &HeaderAuth{"X", setting.NewSecret("a\r\nB: c")}}
		}, []string{at + "auth.header.value: line break"}},
		"lines in a token": {KindTCP, func(c *ProbeConfig) { c.Address, c.Auth = "a:1", &Auth{Bearer: setting.NewSecret("a\nb")} }, []string{at + "auth.bearer: line break"}},
		"half a client":    {KindTCP, func(c *ProbeConfig) { c.Address, c.Auth = "a:1", &Auth{OAuth2: &OAuth2{TokenURL: "x"}} }, []string{at + "auth.oauth2.client_id: needs it", at + "auth.oauth2.client_secret: needs it", at + "auth.oauth2.token_url: https://"}},
		"a DNS name":       {KindDNS, func(c *ProbeConfig) { c.Name = "https://a.example" }, []string{at + "name: api.example.com"}},
		"a DNS type":       {KindDNS, func(c *ProbeConfig) { c.Name, c.Type = "a", "HTTPS" }, []string{at + "type: A, AAAA"}},
		"a DNS resolver":   {KindDNS, func(c *ProbeConfig) { c.Name, c.Resolver = "a", "my resolver" }, []string{at + "resolver: 1.1.1.1"}},
		"a DNS port":       {KindDNS, func(c *ProbeConfig) { c.Name, c.Resolver = "a", "1.1.1.1:0" }, []string{at + "resolver: 65535"}},
		"DNS by keys":      {KindDNS, func(c *ProbeConfig) { c.Name, c.Expect.Body = "a", "b" }, []string{at + "expect: list"}},
		"HTTP by a list":   {KindHTTP, func(c *ProbeConfig) { c.URL, c.Expect.Values = "https://a.example", []string{"b"} }, []string{at + "expect: keys"}},
	} {
		expect(t, name, probeMistakes(probe(test.kind, test.change)), test.want...)
	}
}

func TestHTTPChecks(t *testing.T) {
	const at = "0.probes.0."
	step := func(url string) HTTPStep { return HTTPStep{URL: url} }
	saving := HTTPStep{URL: "https://a.example", Save: map[string]string{"ticket": "result.id"}}
	for name, test := range map[string]struct {
		steps []HTTPStep
		want  []string
	}{
		"saved and used":     {[]HTTPStep{saving, step("https://a.example/{{ticket}}?q={{ ticket }}")}, nil},
		"a saved host":       {[]HTTPStep{saving, step("https://{{ticket}}.example")}, []string{at + "steps.1.url: write the host itself"}},
		"no steps":           {[]HTTPStep{}, []string{at + "steps: one step at least"}},
		"a step without url": {[]HTTPStep{{}}, []string{at + "steps.0.url: needs one"}},
		"a bad url":          {[]HTTPStep{saving, step("{{ticket}}")}, []string{at + "steps.1.url: https://"}},
		"used by itself":     {[]HTTPStep{{URL: "https://a.example/{{x}}", Save: map[string]string{"x": "y"}}}, []string{at + "steps.0.url: no earlier step saves anything"}},
		"used in a body":     {[]HTTPStep{saving, {URL: "https://a.example", Method: "PUT", Body: "{{tickets}}"}}, []string{at + `steps.1.body: did you mean "ticket"`}},
		"used in a header":   {[]HTTPStep{saving, {URL: "https://a.example", Headers: map[string]string{"A": "{{nothing}}"}}}, []string{at + "steps.1.headers.A: one of ticket"}},
		"a saved name":       {[]HTTPStep{{URL: "https://a.example", Save: map[string]string{"a b": "c"}}}, []string{at + "steps.0.save.a b: letters"}},
		"a saved path":       {[]HTTPStep{{URL: "https://a.example", Save: map[string]string{"a": ""}}}, []string{at + "steps.0.save.a: JSON path"}},
		"a method":           {[]HTTPStep{{URL: "https://a.example", Method: "TRACE"}}, []string{at + "steps.0.method: GET"}},
		"a body of GET":      {[]HTTPStep{{URL: "https://a.example", Body: "x"}}, []string{at + "steps.0.body: method: POST"}},
		"a header's name":    {[]HTTPStep{{URL: "https://a.example", Headers: map[string]string{"a b": "c"}}}, []string{at + "steps.0.headers.a b: letters"}},
		"a header's lines":   {[]HTTPStep{{URL: "https://a.example", Headers: map[string]string{"a": "b\nc"}}}, []string{at + "steps.0.headers.a: line break"}},
		"a status":           {[]HTTPStep{{URL: "https://a.example", Expect: Expect{Status: []int{200, 99}}}}, []string{at + "steps.0.expect.status.1: 100 to 599"}},
		"an empty path":      {[]HTTPStep{{URL: "https://a.example", Expect: Expect{JSON: map[string]string{"": "1"}}}}, []string{at + "steps.0.expect.json: JSON path"}},
	} {
		expect(t, name, probeMistakes(probe(KindHTTP, func(c *ProbeConfig) { c.Steps = test.steps })), test.want...)
	}
	beside := probe(KindHTTP, func(c *ProbeConfig) {
		c.Steps, c.HTTPStep = []HTTPStep{saving}, HTTPStep{URL: "https://a.example", Method: "GET", Body: "a", Headers: map[string]string{"A": "b"}, Expect: Expect{Body: "c"}}
	})
	expect(t, "beside steps", probeMistakes(beside), at+"url: beside", at+"method: beside", at+"body: beside", at+"headers: beside", at+"expect: beside")
	expect(t, "braces outside of steps mean nothing", probeMistakes(probe(KindHTTP, func(c *ProbeConfig) {
		c.URL, c.Method, c.Body = "https://a.example", "POST", "{{mustache}}"
	})))
}

func TestProbesOfOnePartner(t *testing.T) {
	tcp := func(id string) ProbeConfig {
		return probe(KindTCP, func(c *ProbeConfig) { c.ID, c.Address = id, "a:1" })
	}
	expect(t, "ids", mistakes(Partner{ID: "a", Isolation: IsolationProcess, Probes: []ProbeConfig{tcp("x"), tcp("X"), tcp(""), tcp("y")}}),
		"0.probes.1.id: probe 1", "0.probes.2.id: needs one")
}

func TestWhatWrites(t *testing.T) {
	for name, c := range map[string]struct {
		probe ProbeConfig
		want  bool
	}{
		"reading":            {ProbeConfig{Kind: KindHTTP, HTTPStep: HTTPStep{URL: "https://a.example"}}, false},
		"asking for headers": {ProbeConfig{Kind: KindHTTP, HTTPStep: HTTPStep{Method: "head"}}, false},
		"sending":            {ProbeConfig{Kind: KindHTTP, HTTPStep: HTTPStep{Method: "post"}}, true},
		"sending in a step":  {ProbeConfig{Kind: KindHTTP, Steps: []HTTPStep{{Method: "GET"}, {Method: "DELETE"}}}, true},
		"reading in steps":   {ProbeConfig{Kind: KindHTTP, Steps: []HTTPStep{{Method: "GET"}, {}}}, false},
		"an incident":        {ProbeConfig{Kind: KindServiceNowIncident}, true},
		"a table":            {ProbeConfig{Kind: KindServiceNowTable}, false},
		"a card":             {ProbeConfig{Kind: KindTeamsCard}, true},
		"a name":             {ProbeConfig{Kind: KindDNS}, false},
		"no kind":            {ProbeConfig{}, false},
	} {
		if got := c.probe.Writes(); got != c.want {
			t.Errorf("%s: writes is %v", name, got)
		}
	}
}

func TestNoAnswerChoosesAHost(t *testing.T) {
	for address, bad := range map[string]bool{
		"https://{{host}}/a":              true,
		"https://a.{{host}}":              true,
		"https://{{ user }}@a.example/a":  true,
		"https://a.example:{{port}}?b=1":  true,
		"https://a.example/{{id}}":        false,
		"https://a.example?b={{id}}":      false,
		"https://a.example/://{{id}}/":    false,
		"https://a.example/a/{{ id }}/b?": false,
	} {
		found := probeMistakes(probe(KindHTTP, func(c *ProbeConfig) {
			c.Steps = []HTTPStep{
				{URL: "https://a.example", Save: map[string]string{"host": "a", "user": "a", "port": "a", "id": "a"}}, {URL: address},
			}
		}))
		if said := slices.ContainsFunc(found, func(m string) bool { return strings.Contains(m, "in the host of the address") }); said != bad || !bad && len(found) > 0 {
			t.Errorf("%s: %q", address, found)
		}
	}
}

func TestARunLongerThanItsIntervalIsRemarkedOn(t *testing.T) {
	for _, c := range []struct {
		every, timeout time.Duration
		note           bool
	}{{5 * time.Second, 10 * time.Second, true}, {10 * time.Second, 10 * time.Second, false}, {time.Minute, time.Second, false}, {0, time.Second, false}} {
		found := probeMistakes(probe(KindTCP, func(p *ProbeConfig) {
			p.Address, p.Every, p.Timeout = "a:1", setting.Duration(c.every), setting.Duration(c.timeout)
		}))
		if said := slices.ContainsFunc(found, func(m string) bool { return strings.Contains(m, "runs never overlap") }); said != c.note {
			t.Errorf("every %v, timeout %v: %q", c.every, c.timeout, found)
		}
	}
}
