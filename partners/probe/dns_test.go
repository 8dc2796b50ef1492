package probe

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"sparky/fixtures/canned"
	"sparky/internal/httpcall"
	"sparky/partners"
)

func nameOf(text string) dnsmessage.Name { return dnsmessage.MustNewName(text) }

// zone answers questions: the records for a type, or a code.
type zone struct {
	code    dnsmessage.RCode
	records []dnsmessage.ResourceBody
	cut     bool // over UDP
	silent  bool
	odd     bool // sends what is no answer first
	asked   atomic.Int32
}

func (z *zone) answer(t testing.TB, question []byte, network string) []byte {
	var message dnsmessage.Message
	if err := message.Unpack(question); err != nil {
		t.Errorf("the question cannot be read: %v", err)
		return nil
	}
	message.Response, message.RCode = true, z.code
	message.Additionals = nil
	if message.Truncated = z.cut && network == "udp"; !message.Truncated {
		for _, body := range z.records {
			header := dnsmessage.ResourceHeader{Name: message.Questions[0].Name, Class: dnsmessage.ClassINET, TTL: 60}
			message.Answers = append(message.Answers, dnsmessage.Resource{Header: header, Body: body})
		}
	}
	packed, err := message.Pack()
	if err != nil {
		t.Error(err)
	}
	return packed
}

// serve answers on a conversation in memory. It ends with the other side.
func (z *zone) serve(t testing.TB, conn net.Conn, network string) {
	defer conn.Close()
	buffer := make([]byte, 4096)
	n, err := conn.Read(buffer)
	if err != nil {
		return
	}
	if network == "tcp" {
		if length := int(binary.BigEndian.Uint16(buffer)); length != n-2 {
			t.Errorf("the length is %d, and %d bytes came", length, n-2)
		}
		packed := z.answer(t, buffer[2:n], network)
		_, _ = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(packed))), packed...))
		return
	}
	if z.silent {
		_, _ = io.Copy(io.Discard, conn)
		return
	}
	if z.odd {
		_, _ = conn.Write([]byte("noise"))
		other := slices.Clone(buffer[:n])
		other[0]++
		_, _ = conn.Write(z.answer(t, other, network))
	}
	_, _ = conn.Write(z.answer(t, buffer[:n], network))
}

func (z *zone) dial(t testing.TB) func(context.Context, string, string) (net.Conn, error) {
	return func(_ context.Context, network, _ string) (net.Conn, error) {
		z.asked.Add(1)
		ours, theirs := net.Pipe()
		go z.serve(t, theirs, network)
		return ours, nil
	}
}

func askZone(t testing.TB, z *zone, config partners.ProbeConfig) partners.ProbeResult {
	t.Helper()
	config.ID, config.Kind, config.Timeout = "p", partners.KindDNS, seconds(10)
	if config.Resolver == "" {
		config.Resolver = "192.0.2.53"
	}
	p, err := readDNS(config)
	if err != nil {
		t.Fatal(err)
	}
	p.dial, p.id = z.dial(t), func() uint16 { return 4711 }
	return Run(t.Context(), "acme", config, p.run, time.Now)
}

func TestDNSValues(t *testing.T) {
	mail := []dnsmessage.ResourceBody{&dnsmessage.MXResource{Pref: 10, MX: nameOf("Mail.a.example.")}, &dnsmessage.MXResource{Pref: 20, MX: nameOf("mx2.a.example.")}}
	two := []dnsmessage.ResourceBody{&dnsmessage.AResource{A: [4]byte{192, 0, 2, 1}}, &dnsmessage.AResource{A: [4]byte{192, 0, 2, 2}}}
	alias := []dnsmessage.ResourceBody{&dnsmessage.CNAMEResource{CNAME: nameOf("edge.example.")}, &dnsmessage.AResource{A: [4]byte{192, 0, 2, 1}}}
	for name, test := range map[string]struct {
		kind     string
		records  []dnsmessage.ResourceBody
		expected []string
		words    string // empty: it passes
	}{
		"any":             {"A", two, nil, ""},
		"in any order":    {"A", two, []string{"192.0.2.2", "192.0.2.1", "192.0.2.1"}, ""},
		"one is missing":  {"A", two[:1], []string{"192.0.2.2", "192.0.2.1"}, "192.0.2.2 is missing"},
		"one too many":    {"A", two, []string{"192.0.2.1"}, "192.0.2.2 was not expected"},
		"others":          {"A", two[:1], []string{"192.0.2.9"}, "192.0.2.9 is missing; 192.0.2.1 was not expected"},
		"aliases":         {"A", alias, []string{"192.0.2.1"}, ""},
		"alias itself":    {"CNAME", alias, []string{"Edge.Example."}, ""},
		"long address":    {"AAAA", []dnsmessage.ResourceBody{&dnsmessage.AAAAResource{AAAA: [16]byte{0x20, 1, 0xd, 0xb8, 15: 1}}}, []string{"2001:0DB8:0::1"}, ""},
		"mail":            {"MX", mail, []string{"10 mail.a.example", "mx2.a.example."}, ""},
		"mail, preferred": {"MX", mail, []string{"5 mail.a.example", "20  mx2.a.example"}, "5 mail.a.example is missing"},
		"name servers":    {"NS", []dnsmessage.ResourceBody{&dnsmessage.NSResource{NS: nameOf("ns1.example.")}}, []string{"NS1.example"}, ""},
		"texts":           {"TXT", []dnsmessage.ResourceBody{&dnsmessage.TXTResource{TXT: []string{"v=spf1 ", "-all"}}}, []string{"v=spf1 -all"}, ""},
		"text in case":    {"TXT", []dnsmessage.ResourceBody{&dnsmessage.TXTResource{TXT: []string{"Token"}}}, []string{"token"}, "token is missing"},
		"service":         {"SRV", []dnsmessage.ResourceBody{&dnsmessage.SRVResource{Priority: 1, Weight: 2, Port: 443, Target: nameOf("a.example.")}}, []string{"1 2 443 a.example."}, ""},
		"service, short":  {"SRV", []dnsmessage.ResourceBody{&dnsmessage.SRVResource{Port: 443, Target: nameOf("a.example.")}}, []string{"a.example:443"}, ""},
		"authority":       {"SOA", []dnsmessage.ResourceBody{&dnsmessage.SOAResource{NS: nameOf("ns1.example."), MBox: nameOf("ops.example."), Serial: 7}}, []string{"ns1.example"}, ""},
		"reverse":         {"PTR", []dnsmessage.ResourceBody{&dnsmessage.PTRResource{PTR: nameOf("a.example.")}}, []string{"a.example"}, ""},
		"issuers":         {"CAA", []dnsmessage.ResourceBody{&dnsmessage.UnknownResource{Type: typeCAA, Data: []byte("\x00\x05issueca.example")}}, []string{`0 issue "ca.example"`}, ""},
		"broken issuers":  {"CAA", []dnsmessage.ResourceBody{&dnsmessage.UnknownResource{Type: typeCAA, Data: []byte("\x00\xffis")}}, []string{"issue ca.example"}, `\# 00ff6973 was not expected`},
		"none of type":    {"AAAA", two, nil, "has no record of type AAAA"},
	} {
		t.Run(name, func(t *testing.T) {
			config := partners.ProbeConfig{Name: "a.example", Type: test.kind, HTTPStep: partners.HTTPStep{Expect: partners.Expect{Values: test.expected}}}
			got := askZone(t, &zone{records: test.records, odd: true}, config)
			if test.words == "" && !got.Passed() || test.words != "" && got.Class != partners.FailContent {
				t.Errorf("got class %q: %s", got.Class, got.Problem)
			}
			canned.Says(t, got.Problem, test.words)
		})
	}
}

func TestDNSCodes(t *testing.T) {
	for code, words := range map[dnsmessage.RCode]string{
		dnsmessage.RCodeNameError:     "a.example does not exist, says the name server 192.0.2.53:53",
		dnsmessage.RCodeServerFailure: "DNSSEC is broken",
		dnsmessage.RCodeRefused:       "refuses to look up a.example (A)",
		dnsmessage.RCodeFormatError:   "code 1",
	} {
		got := askZone(t, &zone{code: code}, partners.ProbeConfig{Name: "a.example."})
		if got.Class != partners.FailDNS || got.Host != "192.0.2.53:53" || !got.Connected {
			t.Errorf("%v: got %+v", code, got)
		}
		canned.Says(t, got.Problem, words)
	}
}

func TestDNSOverTCPWhereItDoesNotFit(t *testing.T) {
	z := &zone{cut: true, records: []dnsmessage.ResourceBody{&dnsmessage.AResource{A: [4]byte{192, 0, 2, 1}}}}
	if got := askZone(t, z, partners.ProbeConfig{Name: "a.example", HTTPStep: partners.HTTPStep{Expect: partners.Expect{Values: []string{"192.0.2.1"}}}}); !got.Passed() || z.asked.Load() != 2 {
		t.Errorf("got %+v after %d questions", got, z.asked.Load())
	}
}

func TestDNSThatSaysNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := &zone{silent: true}
		got := askZone(t, z, partners.ProbeConfig{Name: "a.example"})
		if got.Class != partners.FailTimeout || got.Connected || !got.AtNetwork() || got.Took != dnsRounds*dnsTry || z.asked.Load() != dnsRounds {
			t.Errorf("got %+v after %d questions", got, z.asked.Load())
		}
		canned.Says(t, got.Problem, "asking the name server 192.0.2.53:53 for a.example (A)", "in time")
		if got.Timings.DNS != got.Took {
			t.Errorf("got %+v", got.Timings)
		}
	})
}

func TestDNSAsksTheNextServer(t *testing.T) {
	conf := filepath.Join(t.TempDir(), "resolv.conf")
	content := "# ours\nnameserver 192.0.2.1\nsearch a.example\nnameserver\nnameserver nonsense\noptions edns0\nnameserver 2001:db8::1\n"
	if err := os.WriteFile(conf, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	config := partners.ProbeConfig{ID: "p", Kind: partners.KindDNS, Name: "a.example", Timeout: seconds(10)}
	p, err := readDNS(config)
	if err != nil {
		t.Fatal(err)
	}
	var asked []string
	z := &zone{records: []dnsmessage.ResourceBody{&dnsmessage.AResource{A: [4]byte{192, 0, 2, 1}}}}
	p.system, p.id = conf, func() uint16 { return 1 }
	p.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		asked = append(asked, address)
		if len(asked) == 1 {
			return nil, dialError(errors.New("no way"))
		}
		return z.dial(t)(ctx, network, address)
	}
	got := Run(t.Context(), "acme", config, p.run, time.Now)
	if !got.Passed() || !slices.Equal(asked, []string{"192.0.2.1:53", "[2001:db8::1]:53"}) {
		t.Errorf("got %+v from %q", got, asked)
	}
	for _, missing := range []string{filepath.Join(t.TempDir(), "none"), os.DevNull} {
		p.system = missing
		failure := failureIn(t, func() error { _, err := p.run(t.Context()); return err }())
		if failure.Class != partners.FailRequest {
			t.Errorf("got %+v", failure)
		}
		canned.Says(t, failure.Problem, "1.1.1.1")
	}
}

// TestDNSAsksThoseThatItIsGiven is of a process that cannot read which name servers the machine has.
func TestDNSAsksThoseThatItIsGiven(t *testing.T) {
	z := &zone{records: []dnsmessage.ResourceBody{&dnsmessage.AResource{A: [4]byte{192, 0, 2, 1}}}}
	for resolver, want := range map[string]string{"": "192.0.2.7:53", "192.0.2.9": "192.0.2.9:53"} {
		config := partners.ProbeConfig{ID: "p", Kind: partners.KindDNS, Name: "a.example", Resolver: resolver, Timeout: seconds(10)}
		p, err := readDNS(config)
		if err != nil {
			t.Fatal(err)
		}
		var asked string
		p.system, p.id = filepath.Join(t.TempDir(), "none"), func() uint16 { return 1 }
		p.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			asked = address
			return z.dial(t)(ctx, network, address)
		}
		got := Run(WithResolvers(t.Context(), []string{"192.0.2.7:53"}), "acme", config, p.run, time.Now)
		if !got.Passed() || asked != want {
			t.Errorf("with resolver %q: got %+v from %s, want %s", resolver, got, asked, want)
		}
		if own, err := Resolvers(config); resolver != "" && (err != nil || !slices.Equal(own, []string{want})) {
			t.Errorf("its own are %q (%v), want %s", own, err, want)
		}
	}
}

// TestDNSOverARealNetwork asks a server on UDP, through the client.
func TestDNSOverARealNetwork(t *testing.T) {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	z := &zone{records: []dnsmessage.ResourceBody{&dnsmessage.AResource{A: [4]byte{192, 0, 2, 1}}}}
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			_, _ = server.WriteTo(z.answer(t, buffer[:n], "udp"), from)
		}
	}()
	config := partners.ProbeConfig{ID: "p", Kind: partners.KindDNS, Name: "a.example", Type: "a", Resolver: server.LocalAddr().String(), Timeout: seconds(10)}
	if got := run(t, config, httpcall.New(httpcall.Options{})); !got.Passed() || got.Timings.DNS <= 0 {
		t.Errorf("got %+v", got)
	}
}
