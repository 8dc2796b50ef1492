package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"sparky/bot"
	"sparky/internal/setting"
	"sparky/ours/githubactions"
	"sparky/ours/jira"
	"sparky/ours/newrelic"
	"sparky/ours/pager"
	"sparky/ours/statuspage"
	"sparky/partners"
)

// Config is the whole of sparky.yaml. Each block belongs to the package that uses it; a block that may be left out and
// was is nil.
type Config struct {
	Slack       bot.Config            `yaml:"slack"`       // the Slack app that Sparky is
	Store       storeConfig           `yaml:"store"`       // where Sparky keeps what it remembers
	Listen      string                `yaml:"listen"`      // host:port of /healthz, /readyz, /metrics and the built-in status page
	Jira        *jira.Config          `yaml:"jira"`        // where a ticket is opened for each failure
	GitHub      *githubactions.Config `yaml:"github"`      // how compatibility runs are started, and releases read
	StatusPage  *statuspage.Config    `yaml:"status_page"` // our own public status page, which customers read
	Oncall      *pager.Config         `yaml:"oncall"`      // who is called when the trouble is ours or cannot be told
	NewRelic    *newrelic.Config      `yaml:"new_relic"`   // where results go, and whose alerts are asked for
	Heartbeat   *heartbeatConfig      `yaml:"heartbeat"`   // a dead man's switch, which raises the alarm when Sparky no longer calls it
	Schedule    scheduleConfig        `yaml:"schedule"`    // how often the outside is looked at
	Triage      triageConfig          `yaml:"triage"`      // how a failure is told to be ours or theirs, and when it is over
	Partners    []partners.Partner    `yaml:"partners"`    // the third parties that the product depends on
	substituted []setting.Secret
	// written are the settings whose secret stands in the file itself, such as partners[0].probes[1].auth.bearer.
	written []string
}

// SetDefaults is called before the file is read.
func (c *Config) SetDefaults() {
	c.Listen = "127.0.0.1:8780"
	c.Slack.SetDefaults()
	c.Store.SetDefaults()
	c.Schedule.SetDefaults()
	c.Triage.SetDefaults()
}

// Complete fills in what follows from what was written. It can be called again without harm.
func (c *Config) Complete() {
	c.Slack.Complete()
	for i := range c.Partners {
		c.Partners[i].Complete()
	}
}

// catalogue is what the loader asks of the built-in catalogue of partners. The zero value knows nobody.
type catalogue struct {
	ids   []string                                  // what `catalog:` may name
	apply func(p partners.Partner) partners.Partner // p with what it leaves out filled in from the entry that p.Catalog names
}

// maxConfigBytes bounds a configuration file: ten thousand partners fit many times.
const maxConfigBytes = 32 << 20

// maxSecretBytes bounds what ${file:} reads: keys and certificates are a few thousand bytes.
const maxSecretBytes = 1 << 20

// loadConfig reads a configuration file strictly and returns it with everything that is wrong with it, in the order of
// the file; the Config is usable only where there is no problem. It asks nothing of the network. A file that does not
// exist is one problem; a caller to whom that means something else looks first.
func loadConfig(path string, env func(string) (string, bool), vendors catalogue) (Config, []Problem) {
	l := loadFile(path, env, nil, vendors)
	return l.config, l.problems
}

// loaded is a configuration with what there is to say about it.
type loaded struct {
	config   Config
	problems []Problem
	notes    []Problem // nothing is wrong, but worth knowing
}

func loadFile(path string, env func(string) (string, bool), spares func([]any, bool) bool, vendors catalogue) loaded {
	document, err := readBounded(path, maxConfigBytes)
	if err != nil {
		return loaded{problems: []Problem{{File: path, Text: unreadable(err)}}}
	}
	expand := expander{env: env, spares: spares, file: func(name string) (string, error) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(path), name)
		}
		content, err := readBounded(name, maxSecretBytes)
		return string(content), err
	}}
	return parseConfig(path, document, expand, vendors)
}

func unreadable(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "there is no such file; `sparky init` writes one to begin with, --config names another"
	}
	return reason(err)
}

// reason is why a file could not be read, without its name, which the reader knows.
func reason(err error) string {
	var on *fs.PathError
	if errors.As(err, &on) {
		return "cannot be read: " + on.Err.Error()
	}
	return "cannot be read: " + err.Error()
}

// errNotAFile keeps pipes and devices out: reading one can wait for ever.
var errNotAFile = errors.New("it is not a regular file")

func readBounded(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNotAFile
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > limit {
		return nil, fmt.Errorf("it is larger than %d MiB", limit>>20)
	}
	return content, nil
}
