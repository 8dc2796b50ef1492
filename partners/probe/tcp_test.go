package probe

import (
	"net"
	"testing"
	"time"

	"sparky/fixtures/canned"
	"sparky/internal/httpcall"
	"sparky/partners"
)

func listen(t testing.TB) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

func TestTCP(t *testing.T) {
	listener := listen(t)
	config := partners.ProbeConfig{ID: "p", Kind: partners.KindTCP, Address: listener.Addr().String(), Timeout: seconds(10)}
	client := httpcall.New(httpcall.Options{})
	got := run(t, config, client)
	if !got.Passed() || got.Timings.Connect <= 0 {
		t.Errorf("got %+v", got)
	}
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("the probe sent something, or did not hang up: %d, %v", n, err)
	}
	_ = listener.Close()
	got = run(t, config, client)
	if got.Class != partners.FailConnect || got.Host != config.Address || got.Connected || !got.AtNetwork() {
		t.Errorf("got %+v", got)
	}
	canned.Says(t, got.Problem, "connecting to "+config.Address, "refused")
}

func TestTCPToAnUnknownName(t *testing.T) {
	config := partners.ProbeConfig{ID: "p", Kind: partners.KindTCP, Address: "nobody.invalid:443", Timeout: seconds(5)}
	if got := run(t, config, httpcall.New(httpcall.Options{})); !got.AtNetwork() || got.Class == partners.FailConnect {
		t.Errorf("got %+v, want a failure of the look-up", got)
	}
}
