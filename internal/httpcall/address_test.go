package httpcall

import (
	"net/netip"
	"net/url"
	"testing"
)

func TestAddresses(t *testing.T) {
	for text, want := range map[string]struct{ private, never bool }{
		"93.184.216.34": {}, "1.1.1.1": {}, "172.15.255.255": {}, "172.32.0.0": {}, "100.63.255.255": {}, "100.128.0.0": {},
		"192.169.0.1": {}, "2606:4700::1111": {}, "2a00:1450:4001::1": {}, "64:ff9b::101:101": {}, "::ffff:1.1.1.1": {},
		"127.0.0.1": {true, false}, "127.255.255.254": {true, false}, "10.1.2.3": {true, false}, "172.16.0.1": {true, false},
		"172.31.255.255": {true, false}, "192.168.1.1": {true, false}, "100.64.0.1": {true, false}, "198.18.0.1": {true, false},
		"192.0.2.1": {true, false}, "203.0.113.9": {true, false}, "0.1.2.3": {true, false}, "::1": {true, false},
		"fc00::1": {true, false}, "fd12::1": {true, false}, "::ffff:10.0.0.1": {true, false}, "64:ff9b::a00:1": {true, false},
		"64:ff9b:1::1": {true, false}, "2001:db8::1": {true, false}, "2001::1": {true, false}, "2002:a00:1::1": {true, false},
		"3fff::1": {true, false}, "5f00::1": {true, false}, "::127.0.0.1": {true, false}, "fec0::1": {true, false},
		"240.0.0.1": {true, false}, "255.255.255.255": {true, false},
		"0.0.0.0": {true, true}, "::": {true, true}, "169.254.169.254": {true, true}, "169.254.0.1": {true, true},
		"::ffff:169.254.169.254": {true, true}, "64:ff9b::a9fe:a9fe": {true, true}, "fe80::1%eth0": {true, true},
		"224.0.0.1": {true, true}, "ff02::1": {true, true}, "fd00:ec2::254": {true, true}, "100.100.100.200": {true, true},
		"168.63.129.16": {true, true}, "192.0.0.192": {true, true},
	} {
		addr := netip.MustParseAddr(text)
		if got := private(addr); got != want.private {
			t.Errorf("%s: private is %t", text, got)
		}
		if got := never(addr); got != want.never {
			t.Errorf("%s: never is %t", text, got)
		}
	}
	if !private(netip.Addr{}) || !never(netip.Addr{}) {
		t.Error("no address at all passes")
	}
}

// FuzzAddresses holds that however an IPv4 address is wrapped into an IPv6 one that reaches it, it is judged the same, and
// that what is never reached is never public.
func FuzzAddresses(f *testing.F) {
	f.Add([]byte{127, 0, 0, 1})
	f.Add([]byte{169, 254, 169, 254})
	f.Fuzz(func(t *testing.T, bytes []byte) {
		addr, ok := netip.AddrFromSlice(bytes)
		if !ok {
			return
		}
		if never(addr) && !private(addr) {
			t.Errorf("%s is never reached, but public", addr)
		}
		if !addr.Is4() {
			return
		}
		nat := translate.Addr().As16()
		copy(nat[12:], bytes)
		for _, wrapped := range []netip.Addr{netip.AddrFrom16(addr.As16()), netip.AddrFrom16(nat)} {
			if private(wrapped) != private(addr) || never(wrapped) != never(addr) {
				t.Errorf("%s is judged otherwise than %s", wrapped, addr)
			}
		}
	})
}

func TestOddHosts(t *testing.T) {
	for host, want := range map[string]bool{
		"127.1": true, "127.0.1": true, "2130706433": true, "0x7f000001": true, "0x7F.0.0.1": true, "0177.0.0.1": true, "127.000.000.001": true,
		"a.0x": true, "0": true, "localhost": true, "LocalHost.": true, "a.localhost": true, "": true, ".": true, "evil.example.1": true,
		"a.example": false, "a.example.": false, "127.0.0.1": false, "::1": false, "1password.com": false, "0x.org": false, "xn--p1ai": false,
		"localhost.example": false, "face": false, "fe80::1%lo": false,
	} {
		if odd(host) != want {
			t.Errorf("%q: odd is %t", host, !want)
		}
	}
}

func TestSameHost(t *testing.T) {
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"https://a.example/x", "https://A.example:443/y", true},
		{"http://a.example", "https://a.example", true},
		{"http://a.example:80", "https://a.example:443", true},
		{"https://a.example", "http://a.example", false},
		{"http://a.example:8080", "https://a.example", false},
		{"http://a.example:8080", "http://a.example:8081", false},
		{"https://a.example:80", "http://a.example:80", false},
		{"https://a.example", "https://b.example", false},
		{"https://a.example", "https://a.example.", false},
		{"http://[::1]:80", "http://[::1]", true},
		{"http://user@a.example", "http://a.example", true},
	} {
		a, err := url.Parse(test.a)
		if err != nil {
			t.Fatal(err)
		}
		b, err := url.Parse(test.b)
		if err != nil {
			t.Fatal(err)
		}
		if got := sameHost(a, b); got != test.same {
			t.Errorf("%s and %s: %t", test.a, test.b, got)
		}
	}
}
