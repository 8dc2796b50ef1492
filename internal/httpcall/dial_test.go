package httpcall_test

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"sparky/internal/httpcall"
)

// TestDialInstead holds that nothing connects past Options.Dial, and that what it says is understood.
func TestDialInstead(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("here")) })
	var dialled []string
	var refusal error
	client := httpcall.New(httpcall.Options{PublicOnly: true, Retries: -1, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		dialled = append(dialled, network+" "+address)
		if refusal != nil {
			return nil, &net.OpError{Op: "dial", Net: network, Err: refusal}
		}
		var dialer net.Dialer
		return dialer.DialContext(ctx, network, strings.TrimPrefix(server.URL, "http://"))
	}})
	answer, err := client.Do(t.Context(), httpcall.Request{URL: "http://api.example/"})
	if err != nil || string(answer.Body) != "here" || len(dialled) != 1 || dialled[0] != "tcp api.example:80" {
		t.Errorf("got %q, %v by %q", answer.Body, err, dialled)
	}
	conn, err := client.DialContext(t.Context(), "tcp", "other.example:5432")
	if err != nil || len(dialled) != 2 || dialled[1] != "tcp other.example:5432" {
		t.Errorf("got %v by %q", err, dialled)
	} else {
		_ = conn.Close()
	}
	client.CloseIdleConnections()
	for refusal, want := range map[error]string{
		httpcall.RefusedHost("evil.example"):                                  "it leads to evil.example, a host that the configuration",
		httpcall.RefusedAddress{Addr: netip.MustParseAddr("169.254.169.254")}: "it leads to 169.254.169.254, an address inside a private network",
	} {
		fault := refusedBy(t, refusal)
		if !strings.Contains(fault.Error(), want) || !fault.NotSent() {
			t.Errorf("%v reads %q, want %q", refusal, fault, want)
		}
	}
}

func refusedBy(t *testing.T, refusal error) *httpcall.Error {
	t.Helper()
	client := httpcall.New(httpcall.Options{Dial: func(_ context.Context, network, _ string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: network, Err: refusal}
	}})
	_, err := client.Do(t.Context(), httpcall.Request{URL: "http://api.example/"})
	return faultOf(t, err, httpcall.ClassRefused)
}

// TestDialPublic holds that a host that only an answer named is not looked for in our own network.
func TestDialPublic(t *testing.T) {
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	address := strings.TrimPrefix(server.URL, "http://")
	guarded := httpcall.New(httpcall.Options{PublicOnly: true})
	conn, err := guarded.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatalf("the host that was named: %v", err)
	}
	_ = conn.Close()
	if conn, err := guarded.DialPublic(t.Context(), "tcp", address); err == nil {
		t.Error("a private address was connected to as a public one")
		_ = conn.Close()
	}
	open := httpcall.New(httpcall.Options{})
	conn, err = open.DialPublic(t.Context(), "tcp", address)
	if err != nil {
		t.Fatalf("without PublicOnly: %v", err)
	}
	_ = conn.Close()
}
