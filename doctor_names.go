package main

import (
	"context"
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

// unnamed tells that a look failed because a name led nowhere. What is said then is httpcall's and the probes' own.
func unnamed(f setting.Finding) bool {
	return strings.Contains(f.Problem, "no such host is known") || strings.Contains(f.Problem, "name could not be looked up")
}

// nameless says it once where this machine resolves no name at all: then nobody has mistyped an address. What failed for that alone
// is untried.
func (d *doctor) nameless(ctx context.Context, findings []setting.Finding) []setting.Finding {
	if !slices.ContainsFunc(findings, unnamed) {
		return findings
	}
	names := d.names()
	if len(names) == 0 || d.resolvesAny(ctx, names) {
		return findings
	}
	all := []setting.Finding{{What: "names", Tried: "looking up " + strings.Join(names, ", "), Problem: "this machine resolves no name",
		Mend: "see that it has a network and a name server (/etc/resolv.conf), or set HTTPS_PROXY where a proxy leads to the outside"}}
	for _, f := range findings {
		if unnamed(f) {
			what := f.What
			f = setting.Open("it needs a name to be looked up", "mend names first")
			f.What = what
		}
		all = append(all, f)
	}
	return all
}

// names are the hosts that the configuration gives a name of, leaving out those of partners: they are the likeliest to be mistyped.
// Most of them nobody typed.
func (d *doctor) names() []string {
	addresses := append([]string{d.config.Slack.APIURL}, d.config.Triage.Controls...)
	if d.config.GitHub != nil {
		addresses = append(addresses, d.config.GitHub.APIURL)
	}
	if d.config.Jira != nil {
		addresses = append(addresses, d.config.Jira.URL)
	}
	var names []string
	for _, address := range addresses {
		parsed, err := url.Parse(address)
		if err != nil {
			continue
		}
		host := parsed.Hostname()
		if host != "" && host != "localhost" && net.ParseIP(host) == nil && !slices.Contains(names, host) {
			names = append(names, host)
		}
	}
	return names
}

// resolvesAny tells whether one of the names leads somewhere, by calls that need nothing more than that.
func (d *doctor) resolvesAny(ctx context.Context, names []string) bool {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	client := d.ours.With("names", httpcall.Auth{})
	found := make([]bool, len(names))
	var group sync.WaitGroup
	for i, name := range names {
		group.Go(func() {
			_, err := client.Do(ctx, httpcall.Request{URL: "https://" + name + "/"})
			var fault *httpcall.Error
			found[i] = !errors.As(err, &fault) || fault.Class != httpcall.ClassDNS
		})
	}
	group.Wait()
	return slices.Contains(found, true)
}
