package httpcall

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// A connection that is not used costs memory: its buffers, and the stacks of the two goroutines that look after it. What a
// burst opened goes soon after it, and what is in use is used more often than that: by what is asked every ten seconds, or oftener.
// What is asked more rarely connects anew, which is little beside how rarely that is.
const (
	idleConnection   = 20 * time.Second
	connectionBuffer = 2 << 10 // bytes, each way; longer bodies go past them
)

// wires are the ways to the network. There are two under PublicOnly, because kept-alive connections are shared: what was
// dialled for a host that may be private must not carry a request that came by a redirect.
type wires struct {
	named  *wire // to hosts that the caller or the configuration named
	public *wire // to hosts that a redirect named
	allow  allowList
	proxy  func(*http.Request) (*url.URL, error)
	guard  bool
	fixed  http.RoundTripper
}

// wire is a transport and the dialler under it.
type wire struct {
	transport *http.Transport
	dialer    net.Dialer
	instead   func(ctx context.Context, network, address string) (net.Conn, error) // of the dialer, where not nil
	allow     allowList
	refuses   func(netip.Addr) bool // nil: nothing
	literal   bool                  // an address that the URL itself writes is meant
}

func newWires(options Options) *wires {
	w := &wires{
		allow: parseAllow(options.Allow),
		proxy: options.Proxy,
		guard: options.PublicOnly,
		fixed: options.Transport,
	}
	w.named = newWire(options, w.allow, never, true)
	w.public = newWire(options, w.allow, private, false)
	if !options.PublicOnly {
		w.named.refuses, w.public = nil, w.named
	}
	return w
}

func newWire(options Options, allow allowList, refuses func(netip.Addr) bool, literal bool) *wire {
	w := &wire{allow: allow, refuses: refuses, literal: literal, instead: options.Dial}
	w.dialer = net.Dialer{Timeout: options.AttemptTimeout, KeepAlive: 15 * time.Second}
	w.transport = &http.Transport{
		Proxy:                  options.Proxy,
		DialContext:            w.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    options.AttemptTimeout,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxIdleConns:           256,
		MaxIdleConnsPerHost:    options.PerHost,
		IdleConnTimeout:        idleConnection,
		MaxResponseHeaderBytes: 1 << 20,
		ReadBufferSize:         connectionBuffer,
		WriteBufferSize:        connectionBuffer,
		// A dead HTTP/2 connection would swallow every attempt for minutes; it is asked for a sign of life instead.
		HTTP2: &http.HTTP2Config{SendPingTimeout: options.AttemptTimeout / 2, PingTimeout: options.AttemptTimeout / 2},
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
			if resp.StatusCode != http.StatusOK {
				return proxyRefusal{resp.StatusCode}
			}
			return nil
		},
	}
	return w
}

// dial connects, and looks at the address that the name led to at the last moment before, so that no second look-up can
// give another one.
func (w *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if w.instead != nil {
		return w.instead(ctx, network, address)
	}
	dialer := w.dialer
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	_, err = netip.ParseAddr(host)
	if meant := w.literal && err == nil; w.refuses != nil && !meant && !w.allow.host(address) {
		dialer.ControlContext = func(_ context.Context, _, resolved string, _ syscall.RawConn) error {
			return w.check(resolved)
		}
	}
	return dialer.DialContext(ctx, network, address)
}

func (w *wire) check(resolved string) error {
	at, err := netip.ParseAddrPort(resolved)
	if err != nil {
		return RefusedAddress{}
	}
	if addr := at.Addr().Unmap().WithZone(""); w.refuses(addr) && !w.allow.address(addr) {
		return RefusedAddress{addr}
	}
	return nil
}

// pick is the way for a request. The host that the call names, and hosts that are allowed, may be private; the rest,
// which only an answer can have named, must be public. What goes through a proxy is resolved there, so that here only an
// address that is written out can be refused, in whatever form.
func (w *wires) pick(call *call, req *http.Request) (http.RoundTripper, error) {
	trusted := !w.guard || sameHost(call.origin, req.URL) || w.allow.host(hostPort(req.URL))
	if !trusted {
		addr, err := netip.ParseAddr(req.URL.Hostname())
		if addr = addr.Unmap().WithZone(""); err == nil && private(addr) && !w.allow.address(addr) {
			return nil, RefusedAddress{addr}
		}
	}
	if w.fixed != nil {
		return w.fixed, nil
	}
	if trusted {
		return w.named.transport, nil
	}
	if proxy, err := w.proxy(req); err != nil || proxy != nil {
		if host := req.URL.Hostname(); odd(host) {
			return nil, oddHost(host)
		}
		return w.named.transport, nil // the transport asks for the proxy again and says what is wrong with it
	}
	return w.public.transport, nil
}

// proxyRefusal is a proxy's answer to CONNECT.
type proxyRefusal struct{ status int }

func (p proxyRefusal) Error() string {
	return "the proxy answered " + http.StatusText(p.status)
}

// RefusedAddress is an address that a call may not reach; the zero value where it could not be read.
type RefusedAddress struct{ Addr netip.Addr }

// Error names the address.
func (r RefusedAddress) Error() string { return "the address " + r.Addr.String() + " is not public" }

// RefusedHost is a host that a call may not reach, because the configuration names it nowhere. It comes of Options.Dial.
type RefusedHost string

// Error names the host.
func (r RefusedHost) Error() string { return "the configuration does not name " + string(r) }

// oddHost is a host that a proxy may not be asked for, because it is no public name.
type oddHost string

func (o oddHost) Error() string { return string(o) + " is no public name" }

func isRefused(err error) (netip.Addr, bool) {
	var refused RefusedAddress
	ok := errors.As(err, &refused)
	return refused.Addr, ok
}
