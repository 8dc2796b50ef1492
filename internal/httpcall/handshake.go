package httpcall

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http/httptrace"
)

// Handshake connects to host:port as DialContext does, agrees on encryption, and hangs up: what the other side shows of
// itself, the certificate that is for the host first. Nothing is verified, so that a certificate that is not to be
// trusted can be told about too; the caller verifies. A trace of package httptrace in ctx sees the handshake.
//
// The error is that of the network or of package tls, as it is.
func (c *Client) Handshake(ctx context.Context, address string) ([]*x509.Certificate, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("reading the address %q: %w", address, err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.AttemptTimeout)
	defer cancel()
	conn, err := c.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	// Nothing is sent over this connection, so that it may be to anybody.
	secured := tls.Client(conn, &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: true})
	trace := httptrace.ContextClientTrace(ctx)
	if trace != nil && trace.TLSHandshakeStart != nil {
		trace.TLSHandshakeStart()
	}
	err = secured.HandshakeContext(ctx)
	state := secured.ConnectionState()
	if trace != nil && trace.TLSHandshakeDone != nil {
		trace.TLSHandshakeDone(state, err)
	}
	if err != nil {
		return nil, err
	}
	return state.PeerCertificates, nil
}
