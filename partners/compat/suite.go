// Package compat holds a partner's API, at a given version and address, to what our integration relies on: the contract
// that each partner module declares. A difference is told as what changed. It knows no partner, and not what a difference
// leads to.
package compat

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// Suite runs contracts. The zero value of Secrets takes nothing out of what is told.
type Suite struct {
	Contracts map[string]partners.Contract            // by kind of probe
	Sign      func(auth *partners.Auth) httpcall.Auth // the credential of a probe as calls carry it
	Now       func() time.Time                        // for what is measured
	Secrets   setting.Redactor                        // takes secrets out of what is told
	Progress  func(operation string)                  // told before each operation; may be nil
}

// versionForm is what any version looks like: it becomes a part of addresses and headers.
var versionForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$`)

// Run tries what the partner's probes rely on against a version, at baseURL (scheme and host) in the place of each probe's
// own address where it is not empty. The client's connections are used, with each probe's own credential.
//
// Where calls can name the version they do. Where none of the partner's APIs has versions of that form, such as the name of a
// release, baseURL must lead to something that runs it, and calls stay as they are.
//
// Without an error every contract was run to its end; differences are in the Report. An error is a mistake in what was asked,
// with its mend, and nothing was called; or that ctx ended, and the Report holds what was found until then.
func (s Suite) Run(ctx context.Context, partner partners.Partner, version, baseURL string, client *httpcall.Client) (Report, error) {
	jobs, err := s.plan(partner, version, baseURL)
	if err != nil {
		return Report{}, err
	}
	report := Report{Partner: partner.ID, Version: version, Started: s.Now()}
	mark := "sparky-probe-compat-" + strings.ToLower(rand.Text())
	for _, j := range jobs {
		if address := j.address(); !slices.Contains(strings.Fields(report.BaseURL), address) {
			report.BaseURL = strings.TrimSpace(report.BaseURL + " " + address)
		}
		r := &run{suite: s, job: j, values: map[string]string{"mark": mark, "version": j.version, "tenant": j.config.Tenant, "table": j.table()}}
		r.signed = client.With(partner.ID+"/"+j.config.ID+" compat", s.Sign(j.config.Auth))
		r.nobody = client.With(partner.ID+"/"+j.config.ID+" compat without a credential", httpcall.Auth{})
		r.all(ctx)
		report.Checks = append(report.Checks, r.checks...)
	}
	report.Checks = append(report.Checks, s.generic(ctx, partner, baseURL, client)...)
	for i := range report.Checks {
		report.Checks[i].Detail = s.Secrets.Redact(report.Checks[i].Detail)
	}
	report.BaseURL = s.Secrets.Redact(report.BaseURL)
	report.Took = s.Now().Sub(report.Started)
	if ctx.Err() != nil {
		return report, fmt.Errorf("trying %s of %s was stopped: %w", version, partner.Name, ctx.Err())
	}
	return report, nil
}

// job is one probe's contract, at a version and an address.
type job struct {
	contract partners.Contract
	config   partners.ProbeConfig
	version  string // that calls name; empty where they name none
}

func (j job) table() string {
	if j.config.Table == "" {
		return "incident"
	}
	return j.config.Table
}

// address is scheme and host of what is called.
func (j job) address() string {
	if j.config.Webhook.Reveal() == "" {
		return strings.TrimRight(j.config.BaseURL, "/")
	}
	hook, err := url.Parse(j.config.Webhook.Reveal())
	if err != nil {
		return ""
	}
	return hook.Scheme + "://" + hook.Host
}

// plan is what there is to run, or what is wrong with the request.
func (s Suite) plan(partner partners.Partner, version, baseURL string) ([]job, error) {
	if !versionForm.MatchString(version) {
		return nil, fmt.Errorf("%q cannot be a version; write it as the partner does, like v3 or 2026.12.0", version)
	}
	if err := checkBase(baseURL); err != nil {
		return nil, err
	}
	var fitting, other []job
	var apis []string
	for _, config := range partner.Probes {
		contract, ok := s.Contracts[config.Kind]
		if !ok {
			continue
		}
		if baseURL != "" {
			config = moved(config, baseURL)
		}
		named := regexp.MustCompile(`^(?:` + contract.Versions + `)$`).MatchString(version)
		if named {
			fitting = appendNew(fitting, job{contract, config, version})
			continue
		}
		other = appendNew(other, job{contract, config, contract.Present})
		if name := contract.API + " (like " + contract.Example + ")"; !slices.Contains(apis, name) {
			apis = append(apis, name)
		}
	}
	switch {
	case len(fitting) > 0:
		return fitting, nil
	case len(other) == 0:
		return nil, fmt.Errorf("%s has no probe of a module with a contract; give it one of: %s", partner.Name, strings.Join(s.kinds(), ", "))
	case baseURL == "":
		return nil, fmt.Errorf("%s is no version that a call to %s can name; to try a release, give the address of a sandbox that runs it (--base-url)",
			version, strings.Join(apis, " or "))
	}
	return other, nil
}

func (s Suite) kinds() []string {
	return slices.DeleteFunc(partners.ProbeKinds(), func(kind string) bool { _, ok := s.Contracts[kind]; return !ok })
}

// appendNew adds a job unless one that makes the same calls is there.
func appendNew(jobs []job, one job) []job {
	same := func(j job) bool {
		return j.config.Kind == one.config.Kind && j.address() == one.address() && j.table() == one.table() &&
			j.config.Tenant == one.config.Tenant && j.config.Webhook.Reveal() == one.config.Webhook.Reveal()
	}
	if slices.ContainsFunc(jobs, same) {
		return jobs
	}
	return append(jobs, one)
}

func checkBase(base string) error {
	if base == "" {
		return nil
	}
	address, err := url.Parse(base)
	if err != nil || address.Host == "" || address.Scheme != "https" && address.Scheme != "http" || address.User != nil ||
		strings.Trim(address.Path, "/") != "" || address.RawQuery != "" || address.Fragment != "" {
		return errors.New("the base URL is to be scheme and host alone, like https://sandbox.example; paths stand in the contracts")
	}
	return nil
}

// moved is the configuration with the base URL in the place of its own scheme and host.
func moved(config partners.ProbeConfig, base string) partners.ProbeConfig {
	config.BaseURL = strings.TrimRight(base, "/")
	if hook := config.Webhook.Reveal(); hook != "" {
		config.Webhook = setting.NewSecret(onBase(hook, base))
	}
	return config
}

// Choose leaves the partner with the probes that suite names: by id, by kind, or by the kind's module, such as servicenow;
// all where suite is empty. The error says what there is.
func Choose(partner partners.Partner, suite string) (partners.Partner, error) {
	if suite == "" {
		return partner, nil
	}
	chosen, names := partner, []string{}
	chosen.Probes = nil
	for _, config := range partner.Probes {
		module, _, _ := strings.Cut(config.Kind, ".")
		if strings.EqualFold(suite, config.ID) || strings.EqualFold(suite, config.Kind) || strings.EqualFold(suite, module) {
			chosen.Probes = append(chosen.Probes, config)
		}
		for _, name := range []string{config.ID, module} {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if chosen.Probes == nil {
		return partner, fmt.Errorf("%s has no suite %q; there are %s", partner.Name, suite, strings.Join(names, ", "))
	}
	return chosen, nil
}
