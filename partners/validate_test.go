package partners

import (
	"fmt"
	"strings"
	"testing"

	"sparky/internal/setting"
)

// goodPartner is a partner with everything that can be checked, and nothing wrong.
func goodPartner() Partner {
	var p Partner
	p.SetDefaults()
	p.ID, p.Aliases, p.Affects = "okta", []string{"oie"}, []string{"Sign-in"}
	p.Owner = Owner{Team: "Platform", SlackGroup: "S0PLATFORM"}
	p.Changelog = []Source{{URL: "https://okta.example/feed.xml"}, {Kind: SourceHTML, URL: "https://okta.example/releases", Item: "article"}, {Kind: SourceGitHubReleases, Repo: "okta/sdk"}}
	p.Status = StatusSource{URL: "https://status.okta.example", Components: []string{"US*"}}
	p.Probes = []ProbeConfig{probe(KindHTTP, func(c *ProbeConfig) { c.URL = "https://okta.example" })}
	var compat Compat
	compat.SetDefaults()
	compat.Repo, compat.Workflow, compat.Inputs = "acme/integrations", "compat.yml", map[string]string{"suite": "okta"}
	p.Compat = &compat
	return p
}

// probe is a probe with the defaults and an id of its kind.
func probe(kind string, change func(*ProbeConfig)) ProbeConfig {
	var c ProbeConfig
	c.SetDefaults()
	c.ID, c.Kind = "of-"+kind, kind
	change(&c)
	return c
}

// mistakes completes and checks partners, and writes what was found as `path: text`.
func mistakes(list ...Partner) []string {
	for i := range list {
		list[i].Complete()
	}
	var found []string
	Check(list, setting.NewReport(func(m setting.Mistake) {
		var path []string
		for _, step := range m.Path {
			path = append(path, fmt.Sprint(step))
		}
		found = append(found, strings.Join(path, ".")+": "+m.Text)
	}))
	return found
}

// expect compares what was found with beginnings of `path: text`, in any order of the checks.
func expect(t *testing.T, what string, found []string, want ...string) {
	t.Helper()
	if len(found) != len(want) {
		t.Errorf("%s: found %q, want %q", what, found, want)
		return
	}
	for _, w := range want {
		path, word, _ := strings.Cut(w, ": ")
		ok := false
		for _, f := range found {
			ok = ok || strings.HasPrefix(f, path+": ") && strings.Contains(f, word)
		}
		if !ok {
			t.Errorf("%s: found %q, want %q", what, found, w)
		}
	}
}

func TestGoodPartner(t *testing.T) {
	expect(t, "a good partner", mistakes(goodPartner()))
	p := goodPartner()
	p.Complete()
	p.Complete()
	if p.Name != "okta" || p.Changelog[0].Kind != SourceFeed || p.Status.Kind != "auto" || p.Isolation != IsolationProcess || p.Compat.Ref != "main" {
		t.Errorf("completed: %+v", p)
	}
}

func TestPartnerChecks(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Partner)
		want   string
	}{
		"no id":               {func(p *Partner) { p.ID, p.Name = "", "Okta" }, "0.id: needs one"},
		"an id with a slash":  {func(p *Partner) { p.ID = "a/b" }, "0.id: one word"},
		"a long id":           {func(p *Partner) { p.ID = strings.Repeat("a", 65) }, "0.id: 64"},
		"an option":           {func(p *Partner) { p.ID = "--public" }, "0.id: one word"},
		"a word of commands":  {func(p *Partner) { p.Aliases = []string{"ALL"} }, "0.aliases.0: commands use"},
		"a length of time":    {func(p *Partner) { p.Aliases = []string{"30m"} }, "0.aliases.0: length of time"},
		"an empty feature":    {func(p *Partner) { p.Affects = []string{" "} }, "0.affects.0: name of a feature"},
		"a feature twice":     {func(p *Partner) { p.Affects = []string{"a", "a"} }, "0.affects.1: twice"},
		"isolation":           {func(p *Partner) { p.Isolation = "Process" }, `0.isolation: did you mean "process"`},
		"a group by name":     {func(p *Partner) { p.Owner.SlackGroup = "platform" }, "0.owner.slack_group: begins with S"},
		"a source's kind":     {func(p *Partner) { p.Changelog[0].Kind = "atom" }, "0.changelog.0.kind: feed, html"},
		"no address":          {func(p *Partner) { p.Changelog[0].URL = "" }, "0.changelog.0.url: needs it"},
		"no item":             {func(p *Partner) { p.Changelog[1].Item = "" }, "0.changelog.1.item: html needs it"},
		"no selector":         {func(p *Partner) { p.Changelog[1].Item = "article[" }, "0.changelog.1.item: CSS selector"},
		"nor for titles":      {func(p *Partner) { p.Changelog[1].Title = "<h2>" }, "0.changelog.1.title: CSS selector"},
		"nor for dates":       {func(p *Partner) { p.Changelog[1].Date = "time:" }, "0.changelog.1.date: CSS selector"},
		"a foreign key":       {func(p *Partner) { p.Changelog[2].Title = "h2" }, "0.changelog.2.title: does not belong"},
		"a repository's page": {func(p *Partner) { p.Changelog[2].Repo = "github.com/okta/sdk" }, "0.changelog.2.repo: owner/name"},
		"a source twice":      {func(p *Partner) { p.Changelog[1].URL = p.Changelog[0].URL }, "0.changelog.1: twice"},
		"a source's sign-in":  {func(p *Partner) { p.Changelog[0].Auth = &Auth{} }, "0.changelog.0.auth: one of basic"},
		"no sign-in":          {func(p *Partner) { p.Changelog[0] = Source{Kind: SourceM365Messages} }, "0.changelog.0: message centre"},
		"no status address":   {func(p *Partner) { p.Status = StatusSource{Kind: "rss"} }, "0.status.url: address"},
		"only components":     {func(p *Partner) { p.Status = StatusSource{Components: []string{"a"}} }, "0.status.url: address"},
		"a status kind":       {func(p *Partner) { p.Status.Kind = "atlassian" }, "0.status.kind: statuspage"},
		"a status address":    {func(p *Partner) { p.Status.URL = "status.okta.example" }, "0.status.url: https://"},
		"a bad pattern":       {func(p *Partner) { p.Status.Components = []string{"[a"} }, "0.status.components.0: bracket"},
		"a status sign-in":    {func(p *Partner) { p.Status.Auth = &Auth{} }, "0.status.auth: one of basic"},
		"no repository":       {func(p *Partner) { p.Compat.Repo = "" }, "0.compat.repo: owner/name"},
		"no workflow":         {func(p *Partner) { p.Compat.Workflow = "" }, "0.compat.workflow: compat.yml"},
		"a workflow's path":   {func(p *Partner) { p.Compat.Workflow = ".github/workflows/compat.yml" }, "0.compat.workflow: without a folder"},
		"no time":             {func(p *Partner) { p.Compat.Timeout = 0 }, "0.compat.timeout: too short"},
		"an input of ours":    {func(p *Partner) { p.Compat.Inputs["request_id"] = "1" }, "0.compat.inputs.request_id: by Sparky itself"},
	} {
		p := goodPartner()
		test.change(&p)
		expect(t, name, mistakes(p), test.want)
	}
	p := goodPartner()
	for i := range maxInputs {
		p.Compat.Inputs[fmt.Sprint("i", i)] = "x"
	}
	expect(t, "too many inputs", mistakes(p), "0.compat.inputs: 22 at most")
}

func TestNamesOfPartners(t *testing.T) {
	named := func(id, name string, aliases ...string) Partner {
		return Partner{ID: id, Name: name, Aliases: aliases, Isolation: IsolationProcess}
	}
	expect(t, "names of one's own may repeat", mistakes(named("okta", "Okta", "okta", "OKTA")))
	expect(t, "an id twice", mistakes(named("okta", ""), named("Okta", "")), "1.id: partner 1")
	expect(t, "an id that is a name", mistakes(named("a", "Okta"), named("okta", "")), "1.id: partner 1")
	expect(t, "an alias that is an id", mistakes(named("okta", ""), named("b", "", "x", "OKTA")), "1.aliases.1: partner 1")
	expect(t, "a name that is an alias", mistakes(named("a", "", "ok"), named("b", "OK ")), "1.name: partner 1")
}

// TestKinds holds the tables to each other: every key of a kind is one that checkKindKeys looks at.
func TestKinds(t *testing.T) {
	if len(SourceKinds()) != 6 || len(StatusKinds()) != 15 {
		t.Errorf("%d kinds of sources, %d of status pages", len(SourceKinds()), len(StatusKinds()))
	}
	for _, kind := range probeKinds() {
		found := mistakes(Partner{ID: "a", Isolation: IsolationProcess, Probes: []ProbeConfig{probe(kind.name, func(*ProbeConfig) {})}})
		for _, key := range kind.required {
			if !strings.Contains(strings.Join(found, "\n"), "0.probes.0."+key+": a probe of kind "+kind.name+" needs it") {
				t.Errorf("%s without %s: %q", kind.name, key, found)
			}
		}
	}
}
