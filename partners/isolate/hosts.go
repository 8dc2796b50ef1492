package isolate

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/publicsuffix"

	"sparky/internal/httpcall"
	"sparky/partners"
	"sparky/partners/probe"
)

// hosts are where the probes of a partner may connect to.
type hosts struct {
	Named   []string `json:"named"`   // host:port, in lower case, as the configuration names them
	Domains []string `json:"domains"` // of these hosts; a partner may redirect to another host of one, as example.com to www.example.com
}

// hostsOf are the hosts that the probes' configurations name, and our own proxies.
func hostsOf(probes []partners.ProbeConfig, env func(string) (string, bool)) hosts {
	var h hosts
	for _, c := range probes {
		for _, address := range addressesOf(c) {
			h.addURL(address)
		}
		for _, hostPort := range []string{c.Address, c.Resolver} {
			if hostPort != "" {
				h.add(hostPort)
			}
		}
		if c.Resolver != "" {
			if servers, err := probe.Resolvers(c); err == nil {
				h.Named = append(h.Named, servers...)
			}
		}
	}
	named := len(h.Domains)
	for _, name := range proxyNames() {
		value, _ := env(name)
		if value != "" && !strings.Contains(value, "://") {
			value = "http://" + value
		}
		h.addURL(value)
	}
	h.Domains = h.Domains[:named] // who is our proxy's neighbour is none of the partner's
	slices.Sort(h.Named)
	slices.Sort(h.Domains)
	h.Named, h.Domains = slices.Compact(h.Named), slices.Compact(h.Domains)
	return h
}

func addressesOf(c partners.ProbeConfig) []string {
	all := []string{c.URL, c.BaseURL, c.Webhook.Reveal()}
	for _, step := range c.Steps {
		all = append(all, step.URL)
	}
	if c.Auth != nil && c.Auth.OAuth2 != nil {
		all = append(all, c.Auth.OAuth2.TokenURL)
	}
	return all
}

// proxyNames are the variables that name our own proxies.
func proxyNames() []string {
	return []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"}
}

func (h *hosts) addURL(address string) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Hostname() == "" {
		return
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	}
	if port == "" {
		port = "443"
	}
	h.add(net.JoinHostPort(u.Hostname(), port))
	if u.Scheme == "http" && u.Port() == "" {
		h.add(net.JoinHostPort(u.Hostname(), "443")) // the step up to https
	}
}

func (h *hosts) add(hostPort string) {
	hostPort = strings.ToLower(hostPort)
	h.Named = append(h.Named, hostPort)
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		return
	}
	if domain := domainOf(host); domain != "" {
		h.Domains = append(h.Domains, domain)
	}
}

// domainOf is the domain that somebody registered, of a host below it; empty for an address and for names of our own
// network.
func domainOf(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return ""
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(strings.TrimSuffix(host, "."))
	if err != nil {
		return ""
	}
	return domain
}

// gate connects to the hosts of a partner and to nobody else.
type gate struct {
	client *httpcall.Client

	mu    sync.Mutex
	hosts hosts
}

// also lets the gate connect to more, each host:port.
func (g *gate) also(named []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, hostPort := range named {
		if !slices.Contains(g.hosts.Named, hostPort) {
			g.hosts.Named = append(g.hosts.Named, hostPort)
		}
	}
}

// dial connects to a host that the configuration names wherever it is, and to its neighbours on the ports of the web
// where they are public. The error is that of the network, or an httpcall.RefusedHost.
func (g *gate) dial(ctx context.Context, network, address string) (net.Conn, error) {
	refused := &net.OpError{Op: "dial", Net: network, Err: httpcall.RefusedHost(clip(address, 300))}
	host, port, err := net.SplitHostPort(strings.ToLower(address))
	if err != nil || network != "tcp" && network != "udp" {
		return nil, refused
	}
	g.mu.Lock()
	named := slices.Contains(g.hosts.Named, net.JoinHostPort(host, port))
	neighbour := slices.Contains(g.hosts.Domains, domainOf(host))
	g.mu.Unlock()
	switch {
	case named:
		return g.client.DialContext(ctx, network, address)
	case neighbour && network == "tcp" && (port == "443" || port == "80"):
		return g.client.DialPublic(ctx, network, address)
	}
	refused.Err = httpcall.RefusedHost(clip(host, 300))
	return nil, refused
}
