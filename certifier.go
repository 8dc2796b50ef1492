package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/all"
	"sparky/partners/certify"
)

// certifier tries out how partners are integrated, by clients made as the responder's.
type certifier struct {
	config  Config
	options httpcall.Options
	secret  setting.Redactor
	now     func() time.Time
	listen  func(context.Context) (net.Listener, error)
	code    string
	calls   int // 0: as many as is usual
}

// newCertifier is the certifier of a configuration.
func newCertifier(config Config, redactor setting.Redactor, now func() time.Time) certifier {
	info, _ := debug.ReadBuildInfo()
	return certifier{config: config, secret: redactor, now: now, code: versionOf(buildOf(info)),
		options: httpcall.Options{Redactor: redactor, PublicOnly: true},
		listen:  func(ctx context.Context) (net.Listener, error) { return listen(ctx, anyPort) }}
}

// versionOf is which Sparky this is, in one word or two; the same source gives the same.
func versionOf(b build) string {
	text := b.Version
	if len(b.Revision) >= 12 && !strings.Contains(text, b.Revision[:12]) {
		text += " " + b.Revision[:12]
	}
	return text
}

// Certify tries the partner's integration out and says how far it is. The error is that it was called off, or that this
// machine could not be made ready.
func (c certifier) Certify(ctx context.Context, p partners.Partner, progress func(certify.Progress)) (partners.Certificate, error) {
	return certify.Run(ctx, certify.Subject{Partner: p, Inline: c.inline(p)}, certify.Tools{
		Make: all.New, Auth: authOf, Client: c.options, Listen: c.listen, Secret: c.secret, Random: rand.Text,
		Now: c.now, Code: c.code, Calls: c.calls, Progress: progress,
	})
}

// Fingerprint tells the partner's integration as it is now.
func (c certifier) Fingerprint(p partners.Partner) partners.CertificatePrint {
	return certify.Fingerprint(p, c.code, c.secret)
}

// inline are the keys of a partner whose secret stands in the configuration file itself.
func (c certifier) inline(p partners.Partner) []string {
	var keys []string
	for i, known := range c.config.Partners {
		if known.ID != p.ID {
			continue
		}
		for _, path := range c.config.written {
			if key, ok := strings.CutPrefix(path, fmt.Sprintf("partners[%d].", i)); ok {
				keys = append(keys, key)
			}
		}
		for j, one := range known.Probes {
			if !one.Webhook.IsZero() && !c.inserted(one.Webhook) {
				keys = append(keys, fmt.Sprintf("probes[%d].url", j))
			}
		}
	}
	return keys
}

// inserted tells that what is secret of an address came by ${…}.
func (c certifier) inserted(address setting.Secret) bool {
	whole := address.Reveal()
	plain, err := url.QueryUnescape(whole)
	if err != nil {
		plain = whole
	}
	for _, one := range c.config.substituted {
		if text := one.Reveal(); text != "" && (strings.Contains(whole, text) || strings.Contains(plain, text)) {
			return true
		}
	}
	return false
}

// certificateKeeper remembers certificates.
type certificateKeeper interface {
	SaveCertificate(ctx context.Context, c partners.Certificate) error
	Certificates(ctx context.Context) (map[string]partners.Certificate, error)
}

// certificates makes certificates and keeps them.
type certificates struct {
	certifier
	memory certificateKeeper
}

// Certify makes a certificate and keeps it.
func (c certificates) Certify(ctx context.Context, p partners.Partner, progress func(done, all int, probe, item string)) (partners.Certificate, error) {
	cert, err := c.certifier.Certify(ctx, p, func(at certify.Progress) { progress(at.Done, at.All, at.Probe, at.Name) })
	if err != nil {
		return cert, err
	}
	return cert, c.memory.SaveCertificate(ctx, cert)
}

// Certificates are the last ones, by partner.
func (c certificates) Certificates(ctx context.Context) (map[string]partners.Certificate, error) {
	return c.memory.Certificates(ctx)
}
