package main

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"strings"
	"syscall"

	"sparky/internal/setting"
)

// heartbeatLook is a look at the heartbeat that gives none: whoever waits for it must not take a look for a sign of life.
func (d *doctor) heartbeatLook() []setting.Look {
	if d.config.Heartbeat == nil {
		return nil
	}
	return []setting.Look{{What: "heartbeat.url", Try: func(ctx context.Context) setting.Finding {
		const tried = "connecting to its host, without calling the address"
		if err := d.reach(ctx, d.config.Heartbeat.URL); err != nil {
			return setting.Wrong(tried, err.Error(), "see that this machine may reach it, and check heartbeat.url")
		}
		return setting.Open(tried+": it can be reached", "sparky run calls it; see at the service that the calls arrive")
	}}}
}

// reach connects to the host of an address, agrees on encryption where the address asks for it, and hangs up. The error
// names nothing of the address.
func (d *doctor) reach(ctx context.Context, address setting.Secret) error {
	u, err := url.Parse(strings.TrimSpace(address.Reveal()))
	if err != nil {
		return errors.New("it is not an address")
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	place := net.JoinHostPort(u.Hostname(), port)
	if u.Scheme == "http" {
		conn, err := d.ours.DialContext(ctx, "tcp", place)
		if err == nil {
			err = conn.Close()
		}
		return unreached(err)
	}
	chain, err := d.ours.Handshake(ctx, place)
	if err != nil || len(chain) == 0 {
		return unreached(cmp.Or(err, errors.New("no certificate")))
	}
	others := x509.NewCertPool()
	for _, cert := range chain[1:] {
		others.AddCert(cert)
	}
	if _, err := chain[0].Verify(x509.VerifyOptions{DNSName: u.Hostname(), Intermediates: others, CurrentTime: d.now()}); err != nil {
		return errors.New("its certificate is not to be trusted, is for another name or has run out")
	}
	return nil
}

// unreached says why a host could not be reached, without naming it; nil where it was.
func unreached(err error) error {
	name, unknown := errors.AsType[*net.DNSError](err)
	switch {
	case err == nil:
		return nil
	case unknown && name.IsNotFound:
		return errors.New("there is no such host")
	case unknown:
		return errors.New("the name of its host cannot be looked up")
	case errors.Is(err, syscall.ECONNREFUSED):
		return errors.New("its host takes no connection there")
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("its host does not answer in time")
	}
	return errors.New("its host cannot be reached")
}
