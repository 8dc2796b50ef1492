package partners

import (
	"slices"
	"strings"
)

// The kinds of probes. Those with a dot are actions of partner modules.
const (
	KindHTTP               = "http"
	KindTCP                = "tcp"
	KindDNS                = "dns"
	KindTLS                = "tls"
	KindNewRelic           = "newrelic"
	KindServiceNowIncident = "servicenow.incident"
	KindServiceNowTable    = "servicenow.table"
	KindTeamsCard          = "msteams.card"
	KindPowerBIGroups      = "powerbi.groups"
	KindGraphHealth        = "graph.health"
	KindWorkdayWorkers     = "workday.workers"
	KindOktaOrg            = "okta.org"
)

// probeKind says which keys a kind of probe has beside those that every probe has.
type probeKind struct {
	name     string
	required []string
	optional []string
	auth     []string // the schemes that it can use; none: it needs no credentials
	writes   bool     // a run leaves or changes something at the partner, if only for a moment
}

const (
	authBasic   = "basic"
	authBearer  = "bearer"
	authHeader  = "header"
	authOAuth2  = "oauth2"
	authRefresh = "oauth2 with a refresh_token"
)

// probeKinds is the table of the kinds in the order in which they are listed to people.
func probeKinds() []probeKind {
	return []probeKind{
		{name: KindHTTP, optional: []string{"url", "method", "headers", "body", "expect", "steps"}},
		{name: KindTCP, required: []string{"address"}},
		{name: KindDNS, required: []string{"name"}, optional: []string{"type", "resolver", "expect"}},
		{name: KindTLS, required: []string{"address"}, optional: []string{"expires_in"}},
		{name: KindNewRelic, required: []string{"monitor"}},
		{name: KindServiceNowIncident, required: []string{"base_url"}, optional: []string{"table"}, auth: []string{authBasic, authOAuth2}, writes: true},
		{name: KindServiceNowTable, required: []string{"base_url"}, optional: []string{"table"}, auth: []string{authBasic, authOAuth2}},
		{name: KindTeamsCard, required: []string{"url"}, writes: true},
		{name: KindPowerBIGroups, optional: []string{"base_url"}, auth: []string{authOAuth2}},
		{name: KindGraphHealth, optional: []string{"base_url"}, auth: []string{authOAuth2}},
		{name: KindWorkdayWorkers, required: []string{"base_url", "tenant"}, auth: []string{authRefresh}},
		{name: KindOktaOrg, required: []string{"base_url"}, auth: []string{authHeader, authBearer}},
	}
}

func probeKindOf(name string) (probeKind, bool) {
	for _, k := range probeKinds() {
		if k.name == name {
			return k, true
		}
	}
	return probeKind{}, false
}

// ProbeKinds lists the names of the kinds of probes.
func ProbeKinds() []string {
	var names []string
	for _, k := range probeKinds() {
		names = append(names, k.name)
	}
	return names
}

// kindsWith names the kinds that have a key.
func kindsWith(key string) []string {
	var names []string
	for _, k := range probeKinds() {
		for _, known := range append(k.required, k.optional...) {
			if known == key {
				names = append(names, k.name)
			}
		}
	}
	return names
}

// sourceKind says which keys a kind of changelog source has beside its kind.
type sourceKind struct {
	name     SourceKind
	required []string
	optional []string
}

func sourceKinds() []sourceKind {
	return []sourceKind{
		{name: SourceFeed, required: []string{"url"}},
		{name: SourceHTML, required: []string{"url", "item"}, optional: []string{"title", "date"}},
		{name: SourceMarkdown, required: []string{"url"}},
		{name: SourceOpenAPI, required: []string{"url"}},
		{name: SourceGitHubReleases, required: []string{"repo"}},
		{name: SourceM365Messages, optional: []string{"url"}},
	}
}

// SourceKinds lists the names of the kinds of changelog sources.
func SourceKinds() []string {
	var names []string
	for _, k := range sourceKinds() {
		names = append(names, string(k.name))
	}
	return names
}

// StatusM365 is Microsoft 365's service health, read from Graph with a sign-in.
const StatusM365 = "m365"

// StatusKinds lists the formats of status pages, and auto, which tells them apart by content.
func StatusKinds() []string {
	return []string{
		"auto", "statuspage", "incidentio", "instatus", "statusio", "betterstack", "google", "aws", "azure",
		"slack", "salesforce", StatusM365, "rss", "json", "html",
	}
}

// Priorities are our names for how urgent an incident is, the most urgent first.
func Priorities() []string { return []string{"P1", "P2", "P3", "P4"} }

// ProbeKeys are the keys that a kind of probe has beside those that every probe has: those that it needs, and those that it may
// have. One that signs in needs auth.
func ProbeKeys(kind string) (required, optional []string) {
	k, _ := probeKindOf(kind)
	required = slices.Clone(k.required)
	if k.auth != nil {
		required = append(required, "auth")
	}
	return required, slices.Clone(k.optional)
}

// SourceKeys are the keys that a kind of changelog source has beside kind and auth.
func SourceKeys(kind string) (required, optional []string) {
	for _, k := range sourceKinds() {
		if string(k.name) == kind {
			return slices.Clone(k.required), slices.Clone(k.optional)
		}
	}
	return nil, nil
}

// ProbeAuth are the ways to sign in that a kind of probe can use, by their keys in auth; none where it needs none.
func ProbeAuth(kind string) []string {
	k, _ := probeKindOf(kind)
	var keys []string
	for _, scheme := range k.auth {
		key, _, _ := strings.Cut(scheme, " ")
		keys = append(keys, key)
	}
	return keys
}
