package certify

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"sparky/internal/setting"
	"sparky/partners"
)

// role is what an address of a probe is for.
type role string

const (
	roleAPI   role = "api"
	roleToken role = "token"
)

// errUnaimed is a probe whose calls cannot be led to this machine.
var errUnaimed = errors.New("its address cannot be led to this machine")

// readdressed is the configuration with each of its addresses as change gives it. The configuration itself stays as it is.
func readdressed(c partners.ProbeConfig, change func(role, string) (string, error)) (partners.ProbeConfig, error) {
	switch c.Kind {
	case partners.KindTCP, partners.KindDNS, partners.KindTLS, partners.KindNewRelic:
		return c, fmt.Errorf("%w: a probe of kind %s does not speak HTTP to the partner", errUnaimed, c.Kind)
	}
	var err error
	set := func(as role, address *string) {
		if err == nil && *address != "" {
			*address, err = change(as, *address)
		}
	}
	set(roleAPI, &c.BaseURL)
	set(roleAPI, &c.URL)
	c.Steps = slices.Clone(c.Steps)
	for i := range c.Steps {
		set(roleAPI, &c.Steps[i].URL)
	}
	if !c.Webhook.IsZero() {
		address := c.Webhook.Reveal()
		set(roleAPI, &address)
		c.Webhook = setting.NewSecret(address)
	}
	if c.Auth != nil && c.Auth.OAuth2 != nil {
		own, oauth := *c.Auth, *c.Auth.OAuth2
		set(roleToken, &oauth.TokenURL)
		own.OAuth2, c.Auth = &oauth, &own
	}
	return c, err
}

// origin is the scheme and host of an address, and what follows them. Placeholders in the rest stay.
func origin(address string) (before, after string, err error) {
	scheme, rest, found := strings.Cut(address, "://")
	at := strings.IndexAny(rest, "/?#")
	if at < 0 {
		at = len(rest)
	}
	host := rest[:at]
	if !found || host == "" || strings.Contains(host, "{{") {
		return "", "", fmt.Errorf("%w: its host is not known before it runs", errUnaimed)
	}
	if strings.Contains(host, "@") {
		return "", "", fmt.Errorf("%w: a user stands in it; write the credential under auth", errUnaimed)
	}
	return scheme + "://" + host, rest[at:], nil
}

// addresses are all addresses of a probe that speaks HTTP; none for others.
func addresses(c partners.ProbeConfig) []string {
	var all []string
	_, err := readdressed(c, func(_ role, address string) (string, error) {
		all = append(all, address)
		return address, nil
	})
	if err != nil {
		return nil
	}
	return all
}

// allLocal tells that each address of a probe is on this machine.
func allLocal(c partners.ProbeConfig) bool {
	all := addresses(c)
	return len(all) > 0 && !slices.ContainsFunc(all, func(address string) bool { return !local(address) })
}

// local tells an address of this machine.
func local(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// hostOf is the host of an address without its port.
func hostOf(hostPort string) string {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		return hostPort
	}
	return host
}
