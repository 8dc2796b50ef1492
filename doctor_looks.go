package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// looks are all looks, in the order of the configuration.
func (d *doctor) looks() []setting.Look {
	all := append(d.slack.Looks(), d.config.Store.Looks()...)
	all = append(all, setting.Look{What: "listen", Try: d.listen})
	all = append(all, d.offices()...)
	all = append(all, d.heartbeatLook()...)
	for i, address := range d.config.Triage.Controls {
		all = append(all, setting.Look{What: fmt.Sprintf("triage.controls[%d]", i), Try: func(ctx context.Context) setting.Finding { return d.control(ctx, address) }})
	}
	all = append(all, d.isolation()...)
	for _, p := range d.config.Partners {
		all = append(all, d.partner(p)...)
	}
	return all
}

// offices are the looks at the systems that we operate.
func (d *doctor) offices() []setting.Look {
	var all []setting.Look
	c := d.config
	if d.jira != nil {
		all = append(all, d.jira.Looks()...)
	}
	switch {
	case d.github != nil:
		all = append(all, d.github.Looks()...)
	case d.badApp != nil:
		all = append(all, setting.Look{What: "github.app.private_key", Try: func(context.Context) setting.Finding {
			return setting.Failed("reading the key", d.badApp, "give the key that GitHub let you download")
		}})
	}
	if page := c.StatusPage; page != nil {
		all = append(all, page.Looks(d.ours.With("our status page", page.Auth()))...)
	}
	if o := c.Oncall; o != nil {
		all = append(all, o.Looks(d.ours.With("pagerduty", httpcall.Auth{}))...)
		if o.SlackGroup != "" {
			all = append(all, d.slack.People("oncall.slack_group", o.SlackGroup))
		}
	}
	if n := c.NewRelic; n != nil {
		all = append(all, n.Looks(d.ours.With("new relic events", n.EventsAuth()), d.ours.With("new relic", n.GraphAuth()))...)
	}
	return all
}

// listen listens for a moment. Where somebody does already, it is asked whether it is Sparky.
func (d *doctor) listen(ctx context.Context) setting.Finding {
	address := d.config.Listen
	tried := "listening on " + address
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err == nil {
		err = listener.Close()
	}
	switch {
	case err == nil:
		return setting.Well("%s: it is free", tried)
	case !errors.Is(err, syscall.EADDRINUSE):
		return setting.Wrong(tried, err.Error(), "give an address of this machine in listen, such as 127.0.0.1:8780")
	}
	switch whoListens(ctx, d.config) {
	case occupantSelf:
		return setting.Well("%s: this Sparky runs, and has it", tried)
	case occupantOther:
		return setting.Wrong(tried, "another Sparky, with another store, has it", ownListen)
	case occupantUntold:
		return setting.Open(tried+": an older Sparky has it, of which cannot be told whether it is this one", "stop it, or change listen, before this one is started")
	}
	return setting.Wrong(tried, "another program has it", "stop that, or change listen")
}

func (d *doctor) control(ctx context.Context, address string) setting.Finding {
	const tried = "GET, whatever it answers"
	answer, err := d.ours.With("control", httpcall.Auth{}).Do(ctx, httpcall.Request{URL: address})
	switch {
	case err != nil:
		return setting.Failed(tried, err, "see that this machine may reach it, or name another address in triage.controls")
	case answer.Status >= 500:
		return setting.Wrong(tried, fmt.Sprintf("it answers %d", answer.Status), "name another address in triage.controls; this one would make our network look down")
	}
	return setting.Well("%s: it can be reached", tried)
}

// isolation is what keeps workers from what is not theirs, where a partner asks for it.
func (d *doctor) isolation() []setting.Look {
	asked := false
	for _, p := range d.config.Partners {
		asked = asked || p.Isolation == partners.IsolationProcess && len(d.config.runnable(p)) > 0
	}
	if !asked {
		return nil
	}
	return []setting.Look{{What: "isolation", Try: func(context.Context) setting.Finding {
		const tried = "what this machine can keep a worker from"
		missing := d.config.workersMissing()
		if len(missing) == 0 {
			return setting.Well("%s: everything that it has no need of", tried)
		}
		for i, sentence := range missing {
			missing[i] = strings.TrimPrefix(sentence, "isolation: process: ")
		}
		return setting.Wrong(tried, strings.Join(missing, ", "),
			"run Sparky where the kernel and the container allow Landlock and seccomp, or write isolation: inline where that is meant")
	}}}
}

// partner are the looks at what the configuration says of a partner.
func (d *doctor) partner(p partners.Partner) []setting.Look {
	at := "partners." + p.ID + "."
	var all []setting.Look
	if p.Owner.JiraComponent != "" && d.jira != nil {
		all = append(all, d.jira.Component(at+"owner.jira_component", p.Owner.JiraComponent))
	}
	if p.Owner.SlackGroup != "" {
		all = append(all, d.slack.People(at+"owner.slack_group", p.Owner.SlackGroup))
	}
	for _, source := range p.Changelog {
		all = append(all, setting.Look{What: at + "changelog " + source.Name(),
			Try: func(ctx context.Context) setting.Finding { return d.source(ctx, p, source) }})
	}
	if !p.Status.IsZero() {
		all = append(all, setting.Look{What: at + "status", Try: func(ctx context.Context) setting.Finding { return d.page(ctx, p) }})
	}
	for _, c := range p.Probes {
		all = append(all, setting.Look{What: at + "probes." + c.ID, Try: func(ctx context.Context) setting.Finding { return d.probe(ctx, p, c) }})
	}
	if p.Compat != nil && d.github != nil {
		all = append(all, d.github.Workflow(at+"compat", *p.Compat))
	}
	return all
}

func (d *doctor) source(ctx context.Context, p partners.Partner, source partners.Source) setting.Finding {
	const tried = "reading it"
	if source.Kind == partners.SourceM365Messages && source.Auth == nil && p.GraphAuth() == nil {
		return setting.Wrong(tried, "it is read by Microsoft Graph, and there is no credential for that", "give it an auth with oauth2")
	}
	reading, err := d.outside.changelog(p).Read(ctx, source, partners.Validators{})
	switch {
	case err != nil:
		return setting.Failed(tried, err, "correct its address or kind, or give it an auth")
	case reading.Moved != "":
		return setting.Wrong(tried, "it has moved for good, to "+reading.Moved, "write that address in its place")
	case source.Kind == partners.SourceOpenAPI:
		return setting.Well("%s: it is an OpenAPI description", tried)
	case len(reading.Changes) == 0:
		return setting.Open(fmt.Sprintf("%s: it can be read (%s), and lists no entry", tried, reading.Format), "see in a browser whether that is so")
	}
	return setting.Well("%s: it lists %s (%s)", tried, count(len(reading.Changes), "change"), reading.Format)
}

func (d *doctor) page(ctx context.Context, p partners.Partner) setting.Finding {
	const tried = "reading the page"
	status := d.outside.status(ctx, p).Concerning(p.Status.Components)
	switch {
	case len(status.Unmatched) > 0:
		return setting.Wrong(tried, "it has no component like "+strings.Join(status.Unmatched, ", "),
			"name those that it lists in status.components, or leave the key out for the whole page")
	case status.Problem != "":
		return setting.Failed(tried, errors.New(status.Problem), "correct the address, or name its kind in status.kind")
	}
	return setting.Well("%s: it is of the kind %s", tried, status.Kind)
}

// probe runs a probe that only reads.
func (d *doctor) probe(ctx context.Context, p partners.Partner, c partners.ProbeConfig) setting.Finding {
	const tried = "running it once"
	more := "sparky probe " + p.ID + " " + c.ID
	switch {
	case c.Writes():
		return setting.Open("it writes at "+p.Name, more+" runs it")
	case !d.config.runs(c):
		return setting.Wrong(tried, "it asks New Relic, which is not configured", "give new_relic.user_key")
	}
	result, err := d.probes.run(ctx, p, c)
	switch {
	case err != nil:
		return setting.Wrong(tried, err.Error(), more+" tells more")
	case !result.Passed():
		return setting.Failed(tried, errors.New(result.Problem), more+" tells more")
	case result.Warning != "":
		return setting.Well("%s: it passes, and warns: %s", tried, result.Warning)
	}
	return setting.Well("%s: it passes", tried)
}
