package probe

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// typeCAA is the number of CAA records (RFC 8659), which dnsmessage has no name for.
const typeCAA dnsmessage.Type = 257

// recordTypes are the types that the configuration's validation accepts.
func recordTypes() map[string]dnsmessage.Type {
	return map[string]dnsmessage.Type{
		"A": dnsmessage.TypeA, "AAAA": dnsmessage.TypeAAAA, "CNAME": dnsmessage.TypeCNAME, "MX": dnsmessage.TypeMX,
		"NS": dnsmessage.TypeNS, "PTR": dnsmessage.TypePTR, "SOA": dnsmessage.TypeSOA, "SRV": dnsmessage.TypeSRV,
		"TXT": dnsmessage.TypeTXT, "CAA": typeCAA,
	}
}

// record is one record as people write it: whole, and the shorter forms that they mean as well, such as a mail server
// without its preference.
type record struct {
	forms []string
	exact bool // a text, in which case and dots count
}

// is tells that a record is the one that a person wrote.
func (r record) is(want string) bool {
	want = strings.Join(strings.Fields(want), " ")
	if r.exact {
		return slices.ContainsFunc(r.forms, func(form string) bool { return strings.Join(strings.Fields(form), " ") == want })
	}
	if addr, err := netip.ParseAddr(want); err == nil {
		want = addr.String()
	}
	want = plainName(want)
	return slices.ContainsFunc(r.forms, func(form string) bool { return plainName(form) == want })
}

// plainName is a DNS name, or several words, without the last dot and without case.
func plainName(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// recordOf reads the part of a record that its type gives it; ok is false for a type that is not asked for.
func recordOf(resource dnsmessage.Resource) (r record, ok bool) {
	bare := func(n dnsmessage.Name) string { return strings.TrimSuffix(n.String(), ".") }
	switch body := resource.Body.(type) {
	case *dnsmessage.AResource:
		return record{forms: []string{netip.AddrFrom4(body.A).String()}}, true
	case *dnsmessage.AAAAResource:
		return record{forms: []string{netip.AddrFrom16(body.AAAA).String()}}, true
	case *dnsmessage.CNAMEResource:
		return record{forms: []string{bare(body.CNAME)}}, true
	case *dnsmessage.NSResource:
		return record{forms: []string{bare(body.NS)}}, true
	case *dnsmessage.PTRResource:
		return record{forms: []string{bare(body.PTR)}}, true
	case *dnsmessage.MXResource:
		return record{forms: []string{fmt.Sprintf("%d %s", body.Pref, bare(body.MX)), bare(body.MX)}}, true
	case *dnsmessage.SRVResource:
		target := bare(body.Target)
		return record{forms: []string{
			fmt.Sprintf("%d %d %d %s", body.Priority, body.Weight, body.Port, target),
			fmt.Sprintf("%s:%d", target, body.Port), target,
		}}, true
	case *dnsmessage.SOAResource:
		servers := bare(body.NS) + " " + bare(body.MBox)
		return record{forms: []string{
			fmt.Sprintf("%s %d %d %d %d %d", servers, body.Serial, body.Refresh, body.Retry, body.Expire, body.MinTTL),
			servers, bare(body.NS),
		}}, true
	case *dnsmessage.TXTResource:
		return record{forms: []string{strings.Join(body.TXT, "")}, exact: true}, true
	case *dnsmessage.UnknownResource:
		return caa(body)
	}
	return record{}, false
}

// caa reads a CAA record: flags, the length of the tag, the tag, the value (RFC 8659, section 4.1).
func caa(body *dnsmessage.UnknownResource) (record, bool) {
	if body.Type != typeCAA {
		return record{}, false
	}
	if len(body.Data) < 2 || len(body.Data) < 2+int(body.Data[1]) {
		return record{forms: []string{`\# ` + hex.EncodeToString(body.Data)}}, true
	}
	end := 2 + int(body.Data[1])
	tag, value := string(body.Data[2:end]), string(body.Data[end:])
	return record{forms: []string{
		fmt.Sprintf("%d %s %q", body.Data[0], tag, value), fmt.Sprintf("%d %s %s", body.Data[0], tag, value),
		tag + " " + value, fmt.Sprintf("%s %q", tag, value), value,
	}}, true
}
