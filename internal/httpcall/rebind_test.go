package httpcall

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// names is a name server in memory: it gives the first look-up the first address, the next one the next, the last for ever.
func names(t *testing.T, lookups *atomic.Int32, addresses ...string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			for {
				if err := answerName(theirs, lookups, addresses); err != nil {
					if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
						t.Error(err)
					}
					return
				}
			}
		}()
		return ours, nil
	}}
}

// answerName answers one question as DNS over TCP does, with two bytes of length in front.
func answerName(conn net.Conn, lookups *atomic.Int32, addresses []string) error {
	var length [2]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return err
	}
	question := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(conn, question); err != nil {
		return err
	}
	var message dnsmessage.Message
	if err := message.Unpack(question); err != nil {
		return err
	}
	message.Response, message.Additionals = true, nil
	if asked := message.Questions[0]; asked.Type == dnsmessage.TypeA {
		n := int(lookups.Add(1)) - 1
		addr := netip.MustParseAddr(addresses[min(n, len(addresses)-1)])
		message.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: asked.Name, Class: asked.Class, Type: asked.Type},
			Body:   &dnsmessage.AResource{A: addr.As4()},
		}}
	}
	packed, err := message.Pack()
	if err != nil {
		return err
	}
	_, err = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(packed))), packed...))
	return err
}

func withNames(c *Client, resolver *net.Resolver) *Client {
	c.wires.named.dialer.Resolver, c.wires.public.dialer.Resolver = resolver, resolver
	return c
}

// TestNamesThatLeadInside follows redirects to a name that leads into our own network.
func TestNamesThatLeadInside(t *testing.T) {
	inside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("inside")) }))
	defer inside.Close()
	_, port, err := net.SplitHostPort(inside.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://feeds.example:"+port+"/", http.StatusFound)
	}))
	defer outside.Close()
	for name, test := range map[string]struct {
		url     string
		address string
		allow   []string
		class   Class
	}{
		"a redirect, to the loopback":       {outside.URL, "127.0.0.1", nil, ClassRefused},
		"a redirect, to a private network":  {outside.URL, "10.0.0.7", nil, ClassRefused},
		"a redirect, to the metadata":       {outside.URL, "169.254.169.254", nil, ClassRefused},
		"a redirect that is allowed":        {outside.URL, "127.0.0.1", []string{"feeds.example"}, ""},
		"a redirect whose range is allowed": {outside.URL, "127.0.0.1", []string{"127.0.0.0/8"}, ""},
		"the named host, inside":            {"http://feeds.example:" + port, "127.0.0.1", nil, ""},
		"the named host, at the metadata":   {"http://feeds.example:" + port, "169.254.169.254", nil, ClassRefused},
		"the named host, at no address":     {"http://feeds.example:" + port, "0.0.0.0", nil, ClassRefused},
		"the named host, multicast":         {"http://feeds.example:" + port, "224.0.0.1", nil, ClassRefused},
	} {
		var lookups atomic.Int32
		client := withNames(New(Options{PublicOnly: true, Allow: test.allow, Retries: -1}), names(t, &lookups, test.address))
		got, err := client.Do(t.Context(), Request{URL: test.url})
		var fault *Error
		switch {
		case test.class == "" && (err != nil || string(got.Body) != "inside"):
			t.Errorf("%s: got %q, %v", name, got.Body, err)
		case test.class != "" && (!errors.As(err, &fault) || fault.Class != test.class):
			t.Errorf("%s: got %q, %v, want %s", name, got.Body, err, test.class)
		}
	}
}

// TestNamesThatChange gives a name a public address first and a private one afterwards, as who looks up twice is fooled.
func TestNamesThatChange(t *testing.T) {
	var lookups atomic.Int32
	client := withNames(New(Options{PublicOnly: true, AttemptTimeout: 300 * time.Millisecond, Retries: -1}),
		names(t, &lookups, "240.0.0.1", "127.0.0.1"))
	conn, err := client.wires.public.dial(t.Context(), "tcp", "feeds.example:80")
	if err == nil {
		conn.Close()
	}
	if addr, ok := isRefused(err); !ok || addr != netip.MustParseAddr("240.0.0.1") {
		t.Errorf("first: %v", err)
	}
	conn, err = client.wires.public.dial(t.Context(), "tcp", "feeds.example:80")
	if err == nil {
		conn.Close()
	}
	if addr, ok := isRefused(err); !ok || addr != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("then: %v", err)
	}
	if n := lookups.Load(); n != 2 {
		t.Errorf("%d look-ups for two connections", n)
	}
	if _, err := client.DialContext(t.Context(), "tcp", "nowhere"); err == nil {
		t.Error("an address without a port was dialled")
	}
}
