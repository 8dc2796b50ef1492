package partners

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"sparky/internal/setting"
)

// ProbeConfig is one probe as sparky.yaml describes it: the keys that every probe has, and those of its kind, which
// are empty for every other kind.
type ProbeConfig struct {
	ID       string           `yaml:"id"`       // what people type, as sign-in
	Kind     string           `yaml:"kind"`     // what is tried
	Every    setting.Duration `yaml:"every"`    // how often it runs
	Timeout  setting.Duration `yaml:"timeout"`  // how long a run may take
	Priority string           `yaml:"priority"` // how urgent its failure is
	Monitor  string           `yaml:"monitor"`  // the name under which results go to New Relic; for newrelic the monitor whose result is taken
	P95      *Above           `yaml:"p95"`      // a warning where the 95th percentile of its duration stays over a limit
	Success  *Below           `yaml:"success"`  // a warning where its success rate stays under a limit
	Auth     *Auth            `yaml:"auth"`     // how to sign in

	HTTPStep  `yaml:",inline"` // http
	Steps     []HTTPStep       `yaml:"steps"`                     // for http: several requests in their order, in the place of one
	Address   string           `yaml:"address"`                   // for tcp and tls: host:port
	ExpiresIn setting.Duration `yaml:"expires_in"`                // for tls: how long before its end a certificate is warned of; left out: 21d
	Name      string           `yaml:"name"`                      // for dns: the name that is asked for
	Type      string           `yaml:"type"`                      // for dns: the type of record; left out: A
	Resolver  string           `yaml:"resolver"`                  // for dns: the server that is asked, as 1.1.1.1
	BaseURL   string           `yaml:"base_url" sensitive:"refs"` // for partners' kinds: scheme and host
	Table     string           `yaml:"table"`                     // for servicenow: the table
	Tenant    string           `yaml:"tenant"`                    // for workday.workers: the tenant
	Webhook   setting.Secret   `yaml:"-"`                         // msteams.card: its url, moved here because the whole address is a secret
}

// HTTPStep is one request of an http probe and what its answer must be.
type HTTPStep struct {
	URL     string            `yaml:"url" sensitive:"refs"`     // the address; of msteams.card the whole webhook, which is a secret
	Method  string            `yaml:"method"`                   // the method; left out: GET
	Headers map[string]string `yaml:"headers" sensitive:"refs"` // headers that are sent
	Body    string            `yaml:"body" sensitive:"refs"`    // what is sent
	Expect  Expect            `yaml:"expect"`                   // what the answer must be; left out: any 2xx
	Save    map[string]string `yaml:"save"`                     // name: JSON path, used later as {{name}}; in steps only
	Always  bool              `yaml:"always"`                   // runs even after a step failed: the one that cleans up; in steps only
}

// Expect is what an answer must be: for http by status, JSON path, text and latency, for dns the list of values.
type Expect struct {
	Status     []int             `yaml:"status"`      // the statuses that are good; left out: any 2xx
	JSON       map[string]string `yaml:"json"`        // what stands at paths of the answer: the value, or a comparison such as >0
	Body       string            `yaml:"body"`        // a text that the answer holds
	MaxLatency setting.Duration  `yaml:"max_latency"` // how long it may take
	Values     []string          `yaml:",list"`       // dns: a bare list
}

// IsZero tells that nothing is expected but an answer.
func (e Expect) IsZero() bool {
	return e.Status == nil && e.JSON == nil && e.Body == "" && e.MaxLatency == 0 && e.Values == nil
}

// Above warns when a duration stays over its limit.
type Above struct {
	Above setting.Duration `yaml:"above"` // the limit
	Over  setting.Duration `yaml:"over"`  // how long is measured
}

// Below warns when a share stays under its limit.
type Below struct {
	Below setting.Percent  `yaml:"below"` // the limit
	Over  setting.Duration `yaml:"over"`  // how long is measured
}

// SetDefaults is called before the file is read.
func (c *ProbeConfig) SetDefaults() {
	c.Every = setting.Duration(5 * time.Minute)
	c.Timeout = setting.Duration(10 * time.Second)
	c.Priority = "P4"
}

// Writes tells that a run may leave or change something at the partner, if only for a moment: its kind does, or one of its
// requests has a method that is for writing.
func (c ProbeConfig) Writes() bool {
	kind, _ := probeKindOf(c.Kind)
	return kind.writes || c.Kind == KindHTTP && slices.ContainsFunc(append(slices.Clone(c.Steps), c.HTTPStep), HTTPStep.writes)
}

// CleansUp tells that a run may go on after its time to undo what it did.
func (c ProbeConfig) CleansUp() bool {
	return c.Kind == KindServiceNowIncident || slices.ContainsFunc(c.Steps, func(step HTTPStep) bool { return step.Always })
}

func (s HTTPStep) writes() bool {
	return !slices.Contains([]string{"", http.MethodGet, http.MethodHead, http.MethodOptions}, strings.ToUpper(s.Method))
}

// complete fills in what follows from the kind.
func (c *ProbeConfig) complete() {
	switch c.Kind {
	case KindHTTP:
		for i := range c.Steps {
			c.Steps[i].complete()
		}
		if c.Steps == nil {
			c.HTTPStep.complete()
		}
	case KindDNS:
		c.Type = or(strings.ToUpper(c.Type), "A")
	case KindTLS:
		if c.ExpiresIn == 0 {
			c.ExpiresIn = setting.Duration(21 * setting.Day)
		}
	case KindPowerBIGroups:
		c.BaseURL = or(c.BaseURL, "https://api.powerbi.com")
		c.Auth = c.Auth.asking(powerBIScope)
	case KindGraphHealth:
		c.BaseURL = or(c.BaseURL, "https://graph.microsoft.com")
		c.Auth = c.Auth.asking(graphScope)
	case KindTeamsCard:
		if c.URL != "" {
			c.Webhook, c.URL = setting.NewSecret(c.URL), ""
		}
	}
}

func (s *HTTPStep) complete() {
	s.Method = or(strings.ToUpper(s.Method), "GET")
}

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
