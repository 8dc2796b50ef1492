package partners

import "sparky/internal/setting"

// ProbeConfig is one probe as sparky.yaml describes it: the keys that every probe has, and those of its kind.
type ProbeConfig struct {
	ID       string           `yaml:"id"`
	Kind     string           `yaml:"kind"`
	Every    setting.Duration `yaml:"every"`
	Timeout  setting.Duration `yaml:"timeout"`
	Priority string           `yaml:"priority"`
	Monitor  string           `yaml:"monitor"`
	P95      *Above           `yaml:"p95"`
	Success  *Below           `yaml:"success"`
	Auth     *Auth            `yaml:"auth"`

	HTTPStep  `yaml:",inline"` // http
	Steps     []HTTPStep       `yaml:"steps"`
	Address   string           `yaml:"address"`    // tcp, tls
	ExpiresIn setting.Duration `yaml:"expires_in"` // tls
	Name      string           `yaml:"name"`       // dns
	Type      string           `yaml:"type"`       // dns
	Resolver  string           `yaml:"resolver"`   // dns
	BaseURL   string           `yaml:"base_url"`   // modules
	Table     string           `yaml:"table"`      // servicenow.*
	Tenant    string           `yaml:"tenant"`     // workday.workers
}

// HTTPStep is one request of an http probe and what its answer must be.
type HTTPStep struct {
	URL     string            `yaml:"url"`
	Method  string            `yaml:"method"`
	Headers map[string]string `yaml:"headers"`
	Body    string            `yaml:"body"`
	Expect  Expect            `yaml:"expect"`
	Save    map[string]string `yaml:"save"`   // name: JSON path, used later as {{name}}
	Always  bool              `yaml:"always"` // runs even after a step failed: the one that cleans up
}

// Expect is what an answer must be: for http by status, JSON path, text and latency, for dns the list of values.
type Expect struct {
	Status     []int             `yaml:"status"`
	JSON       map[string]string `yaml:"json"`
	Body       string            `yaml:"body"`
	MaxLatency setting.Duration  `yaml:"max_latency"`
	Values     []string          `yaml:"-"` // dns
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
