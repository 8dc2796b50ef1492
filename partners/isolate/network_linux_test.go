package isolate

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"sparky/internal/httpcall"
	"sparky/partners"
)

// TestThroughTheDoor has a worker call by connections that its parent makes, and measure them.
func TestThroughTheDoor(t *testing.T) {
	f := newFirm(t, Limits{})
	address := strings.TrimPrefix(f.site.URL, "http://")
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	named := f.ask("named", partners.KindHTTP, func(c *partners.ProbeConfig) { c.URL = "http://localhost:" + port })
	if !named.Passed() || named.Timings.DNS+named.Timings.Connect <= 0 || named.Timings.FirstByte <= 0 {
		t.Errorf("by name: %+v", named)
	}
	if got := f.ask("tcp", partners.KindTCP, func(c *partners.ProbeConfig) { c.Address = address; patient(c) }); !got.Passed() || got.Timings.Connect <= 0 {
		t.Errorf("tcp: %+v", got)
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	if got := f.ask("closed", partners.KindTCP, func(c *partners.ProbeConfig) { c.Address = closed.Addr().String(); patient(c) }); got.Class != partners.FailConnect {
		t.Errorf("nobody listens: %+v", got)
	}
	if got := f.ask("unknown", partners.KindHTTP, func(c *partners.ProbeConfig) { c.URL = "http://nowhere.invalid" }); got.Class != partners.FailDNS {
		t.Errorf("no such name: %+v", got)
	}
}

// TestSecureThroughTheDoor looks at a certificate that nobody trusts, which the worker cannot do without the system's.
func TestSecureThroughTheDoor(t *testing.T) {
	f := newFirm(t, Limits{})
	site := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(site.Close)
	got := f.ask("acme", partners.KindTLS, func(c *partners.ProbeConfig) { c.Address = strings.TrimPrefix(site.URL, "https://"); patient(c) })
	if got.Class != partners.FailCertificate || !got.Connected || got.Expires.IsZero() {
		t.Errorf("got %+v", got)
	}
}

// TestRedirectedElsewhere is a host that only an answer names.
func TestRedirectedElsewhere(t *testing.T) {
	f := newFirm(t, Limits{})
	other := serve(t)
	site := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusFound))
	t.Cleanup(site.Close)
	got := f.ask("acme", partners.KindHTTP, func(c *partners.ProbeConfig) { c.URL = site.URL })
	if got.Class != partners.FailRequest || !strings.Contains(got.Problem, "127.0.0.1") {
		t.Errorf("got %+v", got)
	}
}

// TestNameServer asks a name server over UDP, by a socket that the parent made.
func TestNameServer(t *testing.T) {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	go answerNames(server)
	f := newFirm(t, Limits{})
	got := f.ask("acme", partners.KindDNS, func(c *partners.ProbeConfig) {
		c.Name, c.Type, c.Resolver = "a.example", "A", server.LocalAddr().String()
		patient(c)
	})
	if !got.Passed() {
		t.Errorf("got %+v", got)
	}
}

// answerNames answers each question with one address, until the socket is closed.
func answerNames(server net.PacketConn) {
	buffer := make([]byte, 4<<10)
	for {
		n, from, err := server.ReadFrom(buffer)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if err := m.Unpack(buffer[:n]); err != nil {
			continue
		}
		m.Response, m.Additionals = true, nil
		m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: m.Questions[0].Name, Class: dnsmessage.ClassINET, TTL: 1},
			Body: &dnsmessage.AResource{A: [4]byte{192, 0, 2, 1}}}}
		if packed, err := m.Pack(); err == nil {
			_, _ = server.WriteTo(packed, from)
		}
	}
}

// TestBreakerIsTold holds that a breaker that moves in a worker is heard of outside.
func TestBreakerIsTold(t *testing.T) {
	f := newFirm(t, Limits{})
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	t.Cleanup(site.Close)
	moved := make(chan httpcall.Breaker, 10)
	f.pool.options.OnBreaker = func(partner string, b httpcall.Breaker) {
		if partner == "acme" {
			moved <- b
		}
	}
	f.pool.options.Calls = func(partners.Partner) Calls {
		return Calls{Retries: -1, Breaker: httpcall.BreakerOptions{Requests: 2}}
	}
	for range 2 {
		f.ask("acme", partners.KindHTTP, func(c *partners.ProbeConfig) { c.URL = site.URL })
	}
	if b := <-moved; b.State != httpcall.BreakerOpen || !strings.Contains(site.URL, b.Host) || b.Why != "it answered 500" {
		t.Errorf("got %+v", b)
	}
	if got := f.ask("acme", partners.KindHTTP, func(c *partners.ProbeConfig) { c.URL = site.URL }); got.Class != partners.FailNotTried {
		t.Errorf("behind an open breaker: %+v", got)
	}
}

// TestBreakersEndWithTheirWorker holds that none is left open which nobody would ever close, and that a worker can open no
// more than there can be, with texts that end and hold no secret.
func TestBreakersEndWithTheirWorker(t *testing.T) {
	f := newFirm(t, Limits{})
	var mu sync.Mutex
	open, most := map[string]bool{}, 0
	f.pool.options.OnBreaker = func(_ string, b httpcall.Breaker) {
		mu.Lock()
		defer mu.Unlock()
		if len(b.Host) > mostName+len("…") || strings.Contains(b.Why, secret) {
			t.Errorf("got %+v", b)
		}
		if b.State == httpcall.BreakerClosed {
			delete(open, b.Host)
		} else if open[b.Host] = true; len(open) > most {
			most = len(open)
		}
	}
	if got := f.ask("hostile", "opens", patient); !strings.Contains(got.Problem, "it says too much") {
		t.Errorf("got %+v", got)
	}
	f.pool.Close()
	mu.Lock()
	defer mu.Unlock()
	if most != mostHeld || len(open) != 0 {
		t.Errorf("%d were open, and %d are", most, len(open))
	}
}
