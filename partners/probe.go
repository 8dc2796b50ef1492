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
	ID       string           `yaml:"id"`
	Kind     string           `yaml:"kind"`
	Every    setting.Duration `yaml:"every"`
	Timeout  setting.Duration `yaml:"timeout"`
	Priority string           `yaml:"priority"` // P1 to P4
	Monitor  string           `yaml:"monitor"`
	P95      *Above           `yaml:"p95"`
	Success  *Below           `yaml:"success"`
	Auth     *Auth            `yaml:"auth"`

	HTTPStep  `yaml:",inline"` // http
	Steps     []HTTPStep       `yaml:"steps"`
	Address   string           `yaml:"address"`                   // tcp, tls
	ExpiresIn setting.Duration `yaml:"expires_in"`                // tls
	Name      string           `yaml:"name"`                      // dns
	Type      string           `yaml:"type"`                      // dns
	Resolver  string           `yaml:"resolver"`                  // dns
	BaseURL   string           `yaml:"base_url" sensitive:"refs"` // modules
	Table     string           `yaml:"table"`                     // servicenow.*
	Tenant    string           `yaml:"tenant"`                    // workday.workers
	Webhook   setting.Secret   `yaml:"-"`                         // msteams.card: its url, moved here because the whole address is a secret
}

// HTTPStep is one request of an http probe and what its answer must be.
type HTTPStep struct {
	URL     string            `yaml:"url" sensitive:"refs"`
	Method  string            `yaml:"method"`
	Headers map[string]string `yaml:"headers" sensitive:"refs"`
	Body    string            `yaml:"body" sensitive:"refs"`
	Expect  Expect            `yaml:"expect"`
	Save    map[string]string `yaml:"save"`   // name: JSON path, used later as {{name}}; in steps only
	Always  bool              `yaml:"always"` // runs even after a step failed: the one that cleans up; in steps only
}

// Expect is what an answer must be: for http by status, JSON path, text and latency, for dns the list of values.
type Expect struct {
	Status     []int             `yaml:"status"` // none: any 2xx
	JSON       map[string]string `yaml:"json"`   // gjson path: the value, or a comparison such as >0
	Body       string            `yaml:"body"`   // a part of the body
	MaxLatency setting.Duration  `yaml:"max_latency"`
	Values     []string          `yaml:",list"` // dns: a bare list
}

// IsZero tells that nothing is expected but an answer.
func (e Expect) IsZero() bool {
	return e.Status == nil && e.JSON == nil && e.Body == "" && e.MaxLatency == 0 && e.Values == nil
}

// Above warns when a duration stays over its limit.
type Above struct {
	Above setting.Duration `yaml:"above"`
	Over  setting.Duration `yaml:"over"`
}

// Below warns when a share stays under its limit.
type Below struct {
	Below setting.Percent  `yaml:"below"`
	Over  setting.Duration `yaml:"over"`
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
