package httpcall

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// reserved are the ranges that lead to no public host, from IANA's registries of special-purpose addresses (IPv4:
// RFC 6890 and its successors; IPv6: only 2000::/3 is unicast on the Internet, less the ranges below).
var reserved = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"224.0.0.0/3",
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

// metadata are where clouds keep the credentials of a machine, beyond the link-local 169.254.169.254 (AWS over IPv6,
// Alibaba, Oracle, Azure's WireServer, which is even a public address).
var metadata = prefixes("fd00:ec2::254/128", "100.100.100.200/32", "192.0.0.192/32", "168.63.129.16/32")

var (
	unicast6  = netip.MustParsePrefix("2000::/3")
	translate = netip.MustParsePrefix("64:ff9b::/96") // NAT64 (RFC 6052): the last four bytes are an IPv4 address
)

func prefixes(texts ...string) []netip.Prefix {
	parsed := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		parsed[i] = netip.MustParsePrefix(text)
	}
	return parsed
}

func within(addr netip.Addr, ranges []netip.Prefix) bool {
	for _, prefix := range ranges {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// plain is the IPv4 address that an IPv6 one stands for, where it does.
func plain(addr netip.Addr) netip.Addr {
	addr = addr.Unmap().WithZone("")
	if translate.Contains(addr) {
		bytes := addr.As16()
		return netip.AddrFrom4([4]byte(bytes[12:]))
	}
	return addr
}

// private tells that an address is not a public host's.
func private(addr netip.Addr) bool {
	addr = plain(addr)
	if !addr.IsValid() || within(addr, reserved) || within(addr, metadata) {
		return true
	}
	return addr.Is6() && !unicast6.Contains(addr)
}

// never tells that an address is not even a private service's: link-local, multicast, unspecified, a cloud's metadata.
func never(addr netip.Addr) bool {
	addr = plain(addr)
	return !addr.IsValid() || addr.IsUnspecified() || addr.IsMulticast() || addr.IsLinkLocalUnicast() ||
		within(addr, metadata)
}

// odd tells a name that is no public host's: one that says this machine, or an address in a form that some resolvers
// understand, such as 127.1, 0x7f000001 and 2130706433. No name of the Internet ends in a number (RFC 3696, section 2). A
// proxy would resolve it where we cannot look at what comes of it.
func odd(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return false // it is judged as what it is
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	digits, set := strings.CutPrefix(last, "0x")
	forms := "0123456789"
	if set {
		forms += "abcdef"
	}
	return last == "" || last == "localhost" || strings.Trim(digits, forms) == ""
}

// allowList is what a person configured and so may be private.
type allowList struct {
	hosts  map[string]bool // host or host:port, lower case
	ranges []netip.Prefix
}

func parseAllow(entries []string) allowList {
	list := allowList{hosts: map[string]bool{}}
	for _, entry := range entries {
		if prefix, err := netip.ParsePrefix(entry); err == nil {
			list.ranges = append(list.ranges, prefix)
			continue
		}
		if addr, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil {
			addr = addr.Unmap()
			list.ranges = append(list.ranges, netip.PrefixFrom(addr, addr.BitLen()))
			continue
		}
		if target, err := url.Parse(entry); err == nil && target.Host != "" {
			list.hosts[hostPort(target)] = true
			continue
		}
		if !strings.ContainsAny(entry, "/@ ") && entry != "" {
			list.hosts[strings.ToLower(entry)] = true
		}
	}
	return list
}

// host tells that a host:port was named.
func (l allowList) host(hostPort string) bool {
	hostPort = strings.ToLower(hostPort)
	host, _, err := net.SplitHostPort(hostPort)
	return l.hosts[hostPort] || err == nil && l.hosts[host]
}

// address tells that an address was named.
func (l allowList) address(addr netip.Addr) bool { return within(addr, l.ranges) }

// hostPort is a URL's host with its port, written out, in lower case.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "80"
		if u.Scheme == "https" {
			port = "443"
		}
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// sameHost tells that b is the same service as a: the same host and port, or its step up from http to https.
func sameHost(a, b *url.URL) bool {
	if hostPort(a) == hostPort(b) {
		return a.Scheme == b.Scheme || b.Scheme == "https"
	}
	return strings.EqualFold(a.Hostname(), b.Hostname()) &&
		a.Scheme == "http" && b.Scheme == "https" && strings.HasSuffix(hostPort(a), ":80") && strings.HasSuffix(hostPort(b), ":443")
}
