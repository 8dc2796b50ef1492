package probe

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/plaintext"
	"sparky/internal/setting"
	"sparky/partners"
)

// usualWarning is how long before its end a certificate is warned about where nothing else is configured.
const usualWarning = 21 * setting.Day

// tlsProbe looks at the certificate that a host shows.
type tlsProbe struct {
	client  *httpcall.Client
	address string
	host    string
	warn    time.Duration
	roots   *x509.CertPool // nil: the system's
	now     func() time.Time
}

func newTLS(config partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
	host, _, err := net.SplitHostPort(config.Address)
	if err != nil {
		return nil, fmt.Errorf("probe %s: the address %q of a tls probe is not host:port: %w", config.ID, config.Address, err)
	}
	p := tlsProbe{client: client, address: config.Address, host: host, warn: config.ExpiresIn.Or(usualWarning), now: time.Now}
	return p.run, nil
}

func (p tlsProbe) run(ctx context.Context) (partners.Finding, error) {
	chain, err := p.client.Handshake(ctx, p.address)
	if err != nil {
		return partners.Finding{}, p.disagreed(ctx, err)
	}
	if len(chain) == 0 {
		return partners.Finding{}, &partners.Failure{Class: partners.FailCertificate, Host: p.address, Connected: true,
			Problem: p.address + " showed no certificate"}
	}
	ends, err := p.verify(chain)
	finding := partners.Finding{Expires: chain[0].NotAfter}
	if err != nil {
		return finding, &partners.Failure{Class: partners.FailCertificate, Host: p.address, Connected: true,
			Issuer: issuerOf(chain[0]), Problem: p.refusal(chain, err)}
	}
	finding.Expires = ends.NotAfter
	if left := ends.NotAfter.Sub(p.now()); left < p.warn {
		finding.Warning = fmt.Sprintf("%s ends on %s, %s", p.named(ends, chain[0]), day(ends.NotAfter, p.now()), until(left))
	}
	return finding, nil
}

// disagreed is a handshake that did not come to its end.
func (p tlsProbe) disagreed(ctx context.Context, err error) *partners.Failure {
	failure := unreached(ctx, "encryption with "+p.address, p.address, err)
	switch failure.Class {
	case partners.FailTLS:
		failure.Problem = fmt.Sprintf("encryption with %s: no agreement; does it speak TLS 1.2 or newer on this port? (%s)",
			p.address, plaintext.Line(err.Error(), 150))
	case partners.FailReset:
		// Nothing was asked yet: whoever cuts here does not want to agree on encryption, or a firewall does not let us.
		failure.Class = partners.FailTLS
		failure.Problem = "encryption with " + p.address + ": the connection was cut while encryption was being agreed"
	}
	return failure
}

// verify checks the chain and the name, and gives the certificate of the chain that ends first.
func (p tlsProbe) verify(chain []*x509.Certificate) (*x509.Certificate, error) {
	others := x509.NewCertPool()
	for _, cert := range chain[1:] {
		others.AddCert(cert)
	}
	trusted, err := chain[0].Verify(x509.VerifyOptions{
		DNSName: p.host, Intermediates: others, Roots: p.roots, CurrentTime: p.now(),
	})
	if err != nil {
		return nil, err
	}
	// Of several ways to trust, the one that lasts longest counts; of its links, the one that ends first.
	var ends *x509.Certificate
	for _, way := range trusted {
		first := way[0]
		for _, cert := range way[1:] {
			if cert.NotAfter.Before(first.NotAfter) {
				first = cert
			}
		}
		if ends == nil || first.NotAfter.After(ends.NotAfter) {
			ends = first
		}
	}
	return ends, nil
}

// refusal says why a chain is not trusted.
func (p tlsProbe) refusal(chain []*x509.Certificate, err error) string {
	leaf := chain[0]
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &name):
		return fmt.Sprintf("the certificate that %s shows is for another name (%s)", p.address, plaintext.Line(namesOf(leaf), 150))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		cert := leaf
		if invalid.Cert != nil {
			cert = invalid.Cert
		}
		if p.now().Before(cert.NotBefore) {
			return fmt.Sprintf("%s is valid only from %s; if that is wrong, check this machine's clock", p.named(cert, leaf), day(cert.NotBefore, p.now()))
		}
		return fmt.Sprintf("%s ended on %s; whoever runs it must renew it", p.named(cert, leaf), day(cert.NotAfter, p.now()))
	case errors.As(err, &authority):
		return fmt.Sprintf("the certificate of %s was issued by %s, whom this machine does not trust; if a proxy of ours inspects TLS, "+
			"add the proxy's certificate to the system's, else the other side left out a part of its chain", p.host, orUnnamed(issuerOf(leaf)))
	}
	return fmt.Sprintf("the certificate of %s cannot be trusted: %s", p.host, plaintext.Line(err.Error(), 200))
}

// named is a certificate of the chain in words.
func (p tlsProbe) named(cert, leaf *x509.Certificate) string {
	if cert.Equal(leaf) {
		return "the certificate of " + p.host
	}
	return fmt.Sprintf("the certificate of %s, which signs that of %s,", orUnnamed(plaintext.Line(cert.Subject.CommonName, 100)), p.host)
}

func namesOf(cert *x509.Certificate) string {
	switch {
	case len(cert.DNSNames) > 3:
		return fmt.Sprintf("%s, %s and %d more", cert.DNSNames[0], cert.DNSNames[1], len(cert.DNSNames)-2)
	case len(cert.DNSNames) > 0:
		names := cert.DNSNames[0]
		for _, name := range cert.DNSNames[1:] {
			names += ", " + name
		}
		return names
	}
	return orUnnamed(cert.Subject.CommonName)
}

func orUnnamed(name string) string {
	if name == "" {
		return "somebody without a name"
	}
	return name
}

// day is a date as people write it, with its year where it is not this one.
func day(at, now time.Time) string {
	at = at.UTC()
	if at.Year() == now.UTC().Year() {
		return at.Format("2 January")
	}
	return at.Format("2 January 2006")
}

// until says how far away a moment is.
func until(left time.Duration) string {
	switch days := int(left / setting.Day); {
	case left < 2*time.Hour:
		return "within two hours"
	case days == 0:
		return fmt.Sprintf("in %d hours", int(left/time.Hour))
	case days == 1:
		return "in 1 day"
	default:
		return fmt.Sprintf("in %d days", days)
	}
}
