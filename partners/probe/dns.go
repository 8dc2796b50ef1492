package probe

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"sparky/internal/httpcall"
	"sparky/internal/plaintext"
	"sparky/partners"
)

// resolvConf is where the system names its resolvers (resolv.conf(5)).
const resolvConf = "/etc/resolv.conf"

// dnsProbe asks a name server for the records of one type that a name has.
type dnsProbe struct {
	dial     func(ctx context.Context, network, address string) (net.Conn, error)
	question dnsmessage.Question
	name     string // as configured
	kind     string // of records, as configured
	resolver string // host:port; empty for the system's
	system   string // the file that names the system's resolvers
	expected []string
	id       func() uint16
}

func newDNS(config partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
	p, err := readDNS(config)
	if err != nil {
		return nil, fmt.Errorf("probe %s: %w", config.ID, err)
	}
	p.dial = client.DialContext
	p.system, p.id = resolvConf, func() uint16 { return uint16(rand.Uint32()) }
	return p.run, nil
}

func readDNS(config partners.ProbeConfig) (dnsProbe, error) {
	p := dnsProbe{name: strings.TrimSuffix(config.Name, "."), kind: strings.ToUpper(config.Type), expected: config.Expect.Values}
	if p.kind == "" {
		p.kind = "A"
	}
	kind, ok := recordTypes()[p.kind]
	if !ok {
		return p, fmt.Errorf("%q is no type of DNS record that can be asked for", config.Type)
	}
	full := p.name + "."
	if addr, err := netip.ParseAddr(p.name); err == nil && p.kind == "PTR" {
		full = reverse(addr)
	}
	name, err := dnsmessage.NewName(full)
	if err != nil || p.name == "" || slices.Contains(strings.Split(strings.TrimSuffix(full, "."), "."), "") {
		return p, fmt.Errorf("%q is not a DNS name; write it like api.example.com", p.name)
	}
	p.question = dnsmessage.Question{Name: name, Type: kind, Class: dnsmessage.ClassINET}
	if config.Resolver != "" {
		p.resolver = withPort(config.Resolver)
	}
	return p, nil
}

// withPort is a resolver with its port, which is 53 where none is written.
func withPort(resolver string) string {
	if _, _, err := net.SplitHostPort(resolver); err == nil {
		return resolver
	}
	return net.JoinHostPort(strings.Trim(resolver, "[]"), "53")
}

// reverse is the name under which the name of an address stands.
func reverse(addr netip.Addr) string {
	addr = addr.Unmap()
	bytes := addr.AsSlice()
	slices.Reverse(bytes)
	var name strings.Builder
	if addr.Is4() {
		for _, b := range bytes {
			fmt.Fprintf(&name, "%d.", b)
		}
		return name.String() + "in-addr.arpa."
	}
	for _, b := range bytes {
		fmt.Fprintf(&name, "%x.%x.", b&15, b>>4)
	}
	return name.String() + "ip6.arpa."
}

func (p dnsProbe) run(ctx context.Context) (partners.Finding, error) {
	resolvers, err := p.resolvers(ctx)
	if err != nil {
		return partners.Finding{}, &partners.Failure{Class: partners.FailRequest, Problem: err.Error()}
	}
	began := time.Now()
	answer, resolver, err := p.ask(ctx, resolvers)
	if watch := watchIn(ctx); watch != nil {
		watch.lookUp(time.Since(began))
	}
	if err != nil {
		failure := unreached(ctx, "asking the name server "+resolver+" for "+p.what(), resolver, err)
		failure.Connected = false // UDP connects to anything
		return partners.Finding{}, failure
	}
	if failure := p.judge(answer, resolver); failure != nil {
		return partners.Finding{}, failure
	}
	return partners.Finding{}, nil
}

// what is what is asked for, in words.
func (p dnsProbe) what() string { return p.name + " (" + p.kind + ")" }

// resolvers are the name servers to ask, in order.
func (p dnsProbe) resolvers(ctx context.Context) ([]string, error) {
	if p.resolver != "" {
		return []string{p.resolver}, nil
	}
	if given, ok := ctx.Value(resolversKey{}).([]string); ok {
		return given, nil
	}
	return resolversOf(p.system)
}

type resolversKey struct{}

// WithResolvers gives the dns probes that name no name server these to ask, as host:port and in order, for a process that
// cannot read which ones the machine has.
func WithResolvers(ctx context.Context, servers []string) context.Context {
	return context.WithValue(ctx, resolversKey{}, servers)
}

// Resolvers are the name servers that a dns probe asks, as host:port and in order: its own, or the machine's. The error
// says what to do where there are none.
func Resolvers(config partners.ProbeConfig) ([]string, error) {
	if config.Resolver != "" {
		return []string{withPort(config.Resolver)}, nil
	}
	return resolversOf(resolvConf)
}

func resolversOf(file string) ([]string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("this machine's name servers cannot be read (%w); name one as the probe's resolver, like 1.1.1.1", err)
	}
	servers := nameservers(string(content))
	if len(servers) == 0 {
		return nil, fmt.Errorf("%s names no name server; name one as the probe's resolver, like 1.1.1.1", file)
	}
	return servers, nil
}

// nameservers reads resolv.conf(5). Like the C library it takes three servers at most.
func nameservers(conf string) []string {
	var servers []string
	for line := range strings.Lines(conf) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != "nameserver" || len(servers) == 3 {
			continue
		}
		if addr, err := netip.ParseAddr(fields[1]); err == nil {
			servers = append(servers, netip.AddrPortFrom(addr, 53).String())
		}
	}
	return servers
}

// judge is the failure of an answer that is not what it must be, nil where it is.
func (p dnsProbe) judge(answer dnsAnswer, resolver string) *partners.Failure {
	fail := func(class partners.FailureClass, words string) *partners.Failure {
		return &partners.Failure{Class: class, Host: resolver, Connected: true, Problem: words}
	}
	switch answer.code {
	case dnsmessage.RCodeSuccess:
	case dnsmessage.RCodeNameError:
		return fail(partners.FailDNS, fmt.Sprintf("the name %s does not exist, says the name server %s", p.name, resolver))
	case dnsmessage.RCodeServerFailure:
		return fail(partners.FailDNS, fmt.Sprintf("the name server %s could not look up %s; the name's own servers do not answer, or its DNSSEC is broken", resolver, p.what()))
	case dnsmessage.RCodeRefused:
		return fail(partners.FailDNS, fmt.Sprintf("the name server %s refuses to look up %s for us", resolver, p.what()))
	default:
		return fail(partners.FailDNS, fmt.Sprintf("the name server %s could not look up %s (code %d)", resolver, p.what(), answer.code))
	}
	if len(answer.records) == 0 {
		return fail(partners.FailContent, fmt.Sprintf("the name %s has no record of type %s, says the name server %s", p.name, p.kind, resolver))
	}
	if len(p.expected) == 0 {
		return nil
	}
	missing, surplus := p.differences(answer.records)
	var differs []string
	if len(missing) > 0 {
		differs = append(differs, strings.Join(missing, ", ")+" is missing")
	}
	if len(surplus) > 0 {
		differs = append(differs, strings.Join(surplus, ", ")+" was not expected")
	}
	if len(differs) == 0 {
		return nil
	}
	return fail(partners.FailContent, plaintext.Clip(fmt.Sprintf("%s is not what it must be: %s", p.what(), plaintext.OneLine(strings.Join(differs, "; "))), 400))
}

// differences are the expected values that did not come, and the records that were not expected. Neither order nor
// repetition counts.
func (p dnsProbe) differences(records []record) (missing, surplus []string) {
	met := make([]bool, len(records))
	for _, want := range p.expected {
		found := false
		for i, r := range records {
			if r.is(want) {
				met[i], found = true, true
			}
		}
		if !found && !slices.Contains(missing, want) {
			missing = append(missing, want)
		}
	}
	for i, r := range records {
		if !met[i] && !slices.Contains(surplus, r.forms[0]) {
			surplus = append(surplus, r.forms[0])
		}
	}
	return missing, surplus
}
