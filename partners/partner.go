// Package partners holds the nouns of the watched world: a partner, what it announces, what its status page says.
// It imports nothing of ours but the value types of the configuration, and does nothing: no network, no store.
package partners

import (
	"time"

	"sparky/internal/setting"
)

// Partner is one third party that our product depends on, as sparky.yaml describes it.
type Partner struct {
	ID        string        `yaml:"id"`        // what people type, as okta
	Name      string        `yaml:"name"`      // what people read; left out: the id
	Catalog   string        `yaml:"catalog"`   // who it is in the built-in catalogue, which brings name, aliases, feeds and status page
	Aliases   []string      `yaml:"aliases"`   // other names that people may type
	Owner     Owner         `yaml:"owner"`     // the team of ours that answers for the integration
	Affects   []string      `yaml:"affects"`   // our features that stand behind this partner
	Changelog []Source      `yaml:"changelog"` // where it announces changes
	Status    StatusSource  `yaml:"status"`    // where it says how it is doing
	Isolation string        `yaml:"isolation"` // where the code of its probes runs: in a process of its own, or in Sparky's
	Probes    []ProbeConfig `yaml:"probes"`    // what Sparky tries by itself
	Compat    *Compat       `yaml:"compat"`    // the workflow that tries our integration against an announced version

	Resilience *Resilience `yaml:"resilience"` // how patient and careful calls to it are
}

// Where the code of a partner's module runs: in a process of its own, which is the default, or in Sparky's.
const (
	IsolationProcess = "process"
	IsolationInline  = "inline"
)

// SetDefaults is called before the file is read.
func (p *Partner) SetDefaults() { p.Isolation = IsolationProcess }

// Complete fills in what follows from the rest of the entry, after the file and the catalogue have been read.
func (p *Partner) Complete() {
	if p.Name == "" {
		p.Name = p.ID
	}
	for i := range p.Changelog {
		if p.Changelog[i].Kind == "" {
			p.Changelog[i].Kind = SourceFeed
		}
	}
	if p.Status.Kind == "" && p.Status.URL != "" {
		p.Status.Kind = "auto"
	}
	for i := range p.Probes {
		p.Probes[i].complete()
	}
}

// The scopes that Microsoft's sign-in is asked for where a configuration names none: all that the app was granted. Entra
// gives a token for one API only, and none without a scope. National clouds have scopes of their own, which are configured.
// Sources: learn.microsoft.com/graph/auth-v2-service and learn.microsoft.com/rest/api/power-bi.
const (
	graphScope   = "https://graph.microsoft.com/.default"
	powerBIScope = "https://analysis.windows.net/powerbi/api/.default"
)

// asking is the credential with the scope, where it is of OAuth and names none. The credential itself stays as it is: others
// may share it.
func (a *Auth) asking(scope string) *Auth {
	if a == nil || a.OAuth2 == nil || len(a.OAuth2.Scopes) > 0 {
		return a
	}
	own, oauth := *a, *a.OAuth2
	oauth.Scopes = []string{scope}
	own.OAuth2 = &oauth
	return &own
}

// GraphAuth is the credential that the partner's graph.health probe has: its Microsoft 365 sources sign in with it where
// they have none of their own. It is nil where there is no such probe.
func (p Partner) GraphAuth() *Auth {
	for _, probe := range p.Probes {
		if probe.Kind != KindGraphHealth || probe.Auth == nil {
			continue
		}
		return probe.Auth.asking(graphScope)
	}
	return nil
}

// Owner is the team of ours that answers for the integration.
type Owner struct {
	Team          string `yaml:"team"`           // its name
	JiraAssignee  string `yaml:"jira_assignee"`  // the Atlassian account id of who gets the tickets
	JiraComponent string `yaml:"jira_component"` // the component that tickets have
	SlackGroup    string `yaml:"slack_group"`    // the id of the user group that messages mention
}

// Source is one place where a partner announces changes. URL, or Repo for github-releases, names it.
type Source struct {
	Kind  SourceKind `yaml:"kind"`                 // what form it has; left out: feed, which is RSS, Atom or JSON Feed
	URL   string     `yaml:"url" sensitive:"refs"` // its address
	Repo  string     `yaml:"repo"`                 // owner/name, for github-releases
	Item  string     `yaml:"item"`                 // for html, CSS selectors: one announcement,
	Title string     `yaml:"title"`                // its title inside it,
	Date  string     `yaml:"date"`                 // and its date inside it
	Auth  *Auth      `yaml:"auth"`                 // how to sign in, for m365-messages

	Called string `yaml:"-"` // where its address holds a secret: the name that may be shown and remembered
}

// SourceKind is the format of a changelog source.
type SourceKind string

// The kinds of changelog sources. SourceFeed is RSS, Atom or JSON Feed, told apart by content.
const (
	SourceFeed           SourceKind = "feed"
	SourceHTML           SourceKind = "html"
	SourceMarkdown       SourceKind = "markdown"
	SourceOpenAPI        SourceKind = "openapi"
	SourceGitHubReleases SourceKind = "github-releases"
	SourceM365Messages   SourceKind = "m365-messages"
)

// Name identifies the source among all sources of its partner, in the store and in messages.
func (s Source) Name() string {
	switch {
	case s.Called != "":
		return s.Called
	case s.URL != "":
		return s.URL
	case s.Repo != "":
		return "github.com/" + s.Repo
	default:
		return string(s.Kind)
	}
}

// Link is the address for people to open, empty where it holds a secret.
func (s Source) Link() string {
	if s.Called != "" {
		return ""
	}
	return s.URL
}

// StatusSource is where a partner says how it is doing.
type StatusSource struct {
	Kind       string   `yaml:"kind"`                 // what form it has; left out: auto, which tells it by its content
	URL        string   `yaml:"url" sensitive:"refs"` // the page, or the exact document
	Components []string `yaml:"components"`           // names or globs that concern us; none: the whole page
	Auth       *Auth    `yaml:"auth"`                 // how to sign in, for m365
}

// IsZero tells that the partner has no status page that Sparky could read.
func (s StatusSource) IsZero() bool { return s.URL == "" && s.Kind == "" }

// Auth is how a call proves who we are. At most one of the fields is set.
type Auth struct {
	Basic  *BasicAuth     `yaml:"basic"`  // HTTP basic authentication
	Bearer setting.Secret `yaml:"bearer"` // a token in the header Authorization
	Header *HeaderAuth    `yaml:"header"` // a credential in a header of its own
	OAuth2 *OAuth2        `yaml:"oauth2"` // the client credentials grant, or that of a refresh token
}

// BasicAuth is HTTP basic authentication.
type BasicAuth struct {
	User     string         `yaml:"user"`     // the name of the account
	Password setting.Secret `yaml:"password"` // its password
}

// HeaderAuth is a credential in a header of its own.
type HeaderAuth struct {
	Name  string         `yaml:"name"`  // the header's name, as Authorization
	Value setting.Secret `yaml:"value"` // what it holds
}

// OAuth2 is the client credentials grant, or the refresh token grant where RefreshToken is set.
type OAuth2 struct {
	TokenURL     string         `yaml:"token_url"`     // where tokens are had
	ClientID     string         `yaml:"client_id"`     // who asks
	ClientSecret setting.Secret `yaml:"client_secret"` // the asker's secret
	RefreshToken setting.Secret `yaml:"refresh_token"` // where the grant is that of a refresh token
	Scopes       []string       `yaml:"scopes"`        // what is asked for; left out: the vendor's usual, where there is one
}

// Compat is the workflow that tries our integration against an announced version.
type Compat struct {
	Repo     string            `yaml:"repo"`                    // owner/name
	Workflow string            `yaml:"workflow"`                // the workflow's file name, as compat.yml
	Ref      string            `yaml:"ref"`                     // the branch or tag that it runs at
	Inputs   map[string]string `yaml:"inputs" sensitive:"refs"` // what is sent beside Sparky's own: partner, api_version, request_id
	Timeout  setting.Duration  `yaml:"timeout"`                 // how long a run may take
}

// SetDefaults is called before the file is read.
func (c *Compat) SetDefaults() {
	c.Ref = "main"
	c.Timeout = setting.Duration(time.Hour)
}
