package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/scheduler"
)

// breakers is to which hosts of partners calls are held back, by this process and by its workers. It is what each breaker
// said last: one that was open for as long as it may be lets the next call through, without saying so before.
type breakers struct {
	config   Config
	redactor setting.Redactor
	now      func() time.Time
	log      *slog.Logger

	mu    sync.Mutex
	hosts map[breakerHost]*heldBack
}

type breakerHost struct{ partner, host string }

// heldBack is a host of which some breaker is not closed.
type heldBack struct {
	since  time.Time                   // the first breaker opened
	failed time.Time                   // any breaker opened, the first time or again
	moved  time.Time                   // any breaker did
	open   map[string]httpcall.Breaker // that are not closed, by name; Since is by our clock
	why    string
}

const (
	// mostHosts is how many hosts of all partners are looked after: redirects can lead anywhere.
	mostHosts = 1000
	// breakerIdle is how long a breaker may say nothing before its host is taken for one that is not called any more.
	breakerIdle = 25 * time.Hour
)

func newBreakers(config Config, redactor setting.Redactor, now func() time.Time, log *slog.Logger) *breakers {
	return &breakers{config: config, redactor: redactor, now: now, log: log, hosts: map[breakerHost]*heldBack{}}
}

// moved takes what a breaker for calls to a partner says.
func (b *breakers) moved(partner string, said httpcall.Breaker) {
	b.mu.Lock()
	defer b.mu.Unlock()
	said.Since = b.now()
	at := breakerHost{partner, b.redactor.Redact(shownHost(said.Host))}
	if said.State == httpcall.BreakerClosed {
		b.closed(at, said)
		return
	}
	h := b.hosts[at]
	switch {
	case h == nil && len(b.hosts) >= mostHosts:
		b.log.Warn("calls are held back to more hosts than are looked after", "partner", partner, "host", at.host)
		return
	case h == nil:
		h = &heldBack{since: said.Since, failed: said.Since, open: map[string]httpcall.Breaker{}}
		b.hosts[at] = h
		b.log.Warn("calls are held back", "partner", partner, "host", at.host, "why", said.Why)
	}
	h.open[said.Name], h.why, h.moved = said, said.Why, said.Since
	if said.State == httpcall.BreakerOpen {
		h.failed = said.Since
	}
}

// closed takes that a breaker closed. With the last of its host that is forgotten.
func (b *breakers) closed(at breakerHost, said httpcall.Breaker) {
	h := b.hosts[at]
	if h == nil {
		return
	}
	delete(h.open, said.Name)
	if h.moved = said.Since; len(h.open) == 0 {
		b.log.Info("calls are made again", "partner", at.partner, "host", at.host)
		delete(b.hosts, at)
	}
}

// shownHost is a host for people: the port only where it is not the usual one.
func shownHost(hostPort string) string {
	return strings.TrimSuffix(strings.ToLower(strings.ToValidUTF8(hostPort, "?")), ":443")
}

// Breakers are the hosts of the partner to which calls are held back now, by name.
func (b *breakers) Breakers(partner string) []incidents.Circuit {
	return b.circuits(partner, func(*heldBack) bool { return true })
}

// news is Breakers without the hosts of changelogs alone: of a changelog that cannot be read people are told anyway.
func (b *breakers) news(partner string) []incidents.Circuit {
	return b.circuits(partner, func(h *heldBack) bool {
		for name := range h.open {
			if name != feedsOf(partner) {
				return true
			}
		}
		return false
	})
}

// word is all of them, for what shows them: it is another word where one is to be shown otherwise.
func (b *breakers) word() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []string
	for at, h := range b.hosts {
		all = append(all, fmt.Sprintf("%s %s %d %t %s", at.partner, at.host, h.since.UnixMilli(), b.trying(at.partner, h), h.why))
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

func (b *breakers) circuits(partner string, which func(*heldBack) bool) []incidents.Circuit {
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []incidents.Circuit
	for at, h := range b.hosts {
		switch {
		case at.partner != partner:
		case b.now().Sub(h.moved) > breakerIdle:
			delete(b.hosts, at)
		case which(h):
			found = append(found, incidents.Circuit{Host: at.host, Since: h.since, Failed: h.failed, Trying: b.trying(partner, h), Why: h.why})
		}
	}
	slices.SortFunc(found, func(x, y incidents.Circuit) int { return strings.Compare(x.Host, y.Host) })
	return found
}

// trying tells that no breaker of the host is open any more: each has been for as long as it may.
func (b *breakers) trying(partner string, h *heldBack) bool {
	for name, one := range h.open {
		if one.State == httpcall.BreakerOpen && b.now().Sub(one.Since) < b.openFor(partner, name) {
			return false
		}
	}
	return true
}

// openFor is how long a breaker of the partner stays open. Those of probes are called partner/probe.
func (b *breakers) openFor(partner, name string) time.Duration {
	for _, p := range b.config.Partners {
		switch {
		case p.ID != partner:
		case strings.HasPrefix(name, partner+"/"):
			return p.ProbePatience().Breaker.OpenFor.Std()
		default:
			return p.Patience().Breaker.OpenFor.Std()
		}
	}
	return 0
}

// breakerJobs take to the desk to which hosts calls are held back.
func (s *sparky) breakerJobs() []scheduler.Job {
	return []scheduler.Job{{Name: "breakers", Every: s.config.Schedule.Alerts.Std(), Timeout: sweepTimeout, FirstDue: time.Now(), Run: s.lookAtBreakers}}
}

// lookAtBreakers tells of nothing while what probes found waits for the database: an incident that says why calls fail may
// be among it.
func (s *sparky) lookAtBreakers(ctx context.Context) error {
	if waiting, _ := s.responder.held.counts(); waiting > 0 {
		return nil
	}
	held, failing := map[string][]incidents.Circuit{}, 0
	for _, p := range s.config.Partners {
		if held[p.ID] = s.breakers.news(p.ID); len(held[p.ID]) > 0 {
			failing++
		}
	}
	reach := incidents.ReachUnknown
	switch {
	case failing > 2 && failing*2 > len(s.config.Partners):
		reach = incidents.ReachDown // most of them at once: the way there is no partner's own
	case failing > 0:
		reach = s.responder.controls.reach(ctx)
	}
	var err error
	for _, p := range s.config.Partners {
		err = errors.Join(err, s.responder.desk.Circuits(ctx, p.ID, held[p.ID], reach))
	}
	return err
}

// hostsOf are the hosts that a partner's configuration names, as breakers are told by them.
func hostsOf(p partners.Partner) []string {
	addresses := []string{p.Status.URL}
	for _, s := range p.Changelog {
		addresses = append(addresses, s.URL)
	}
	for _, c := range p.Probes {
		addresses = append(addresses, c.URL, c.BaseURL, c.Webhook.Reveal())
		for _, step := range c.Steps {
			addresses = append(addresses, step.URL)
		}
		if c.Auth != nil && c.Auth.OAuth2 != nil {
			addresses = append(addresses, c.Auth.OAuth2.TokenURL)
		}
	}
	hosts := map[string]bool{}
	for _, address := range addresses {
		u, err := url.Parse(address)
		if err != nil || u.Hostname() == "" {
			continue
		}
		port := u.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
		}
		hosts[shownHost(net.JoinHostPort(u.Hostname(), port))] = true
	}
	return slices.Sorted(maps.Keys(hosts))
}

// breakerGauges are the figures of the breakers.
type breakerGauges struct {
	breakers *breakers
	state    *prometheus.Desc
}

func newBreakerGauges(b *breakers) breakerGauges {
	return breakerGauges{b, prometheus.NewDesc("sparky_breaker_state",
		"Whether calls to a host of a partner are made: 0 closed, they are; 1 half-open, the next one may try; 2 open, none is.", []string{"partner", "host"}, nil)}
}

// Describe names the figure.
func (g breakerGauges) Describe(out chan<- *prometheus.Desc) { out <- g.state }

// Collect tells of every host that the configuration names, and of those beside them that are held back.
func (g breakerGauges) Collect(out chan<- prometheus.Metric) {
	for _, p := range g.breakers.config.Partners {
		states := map[string]float64{}
		for _, host := range hostsOf(p) {
			states[g.breakers.redactor.Redact(host)] = 0
		}
		for _, c := range g.breakers.Breakers(p.ID) {
			if states[c.Host] = 2; c.Trying {
				states[c.Host] = 1
			}
		}
		for host, state := range states {
			out <- prometheus.MustNewConstMetric(g.state, prometheus.GaugeValue, state, p.ID, host)
		}
	}
}
