package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"sparky/internal/httpcall"
	"sparky/internal/plaintext"
	"sparky/partners"
)

// Understand is the failure that an error of a probe's means; its text becomes the problem as it is. A *partners.Failure
// in it is kept but for that. ctx is the probe's own: it knows whether a connection stood.
func Understand(ctx context.Context, err error) *partners.Failure {
	var known *partners.Failure
	if errors.As(err, &known) {
		own := *known
		own.Problem = err.Error()
		return &own
	}
	failure := &partners.Failure{Problem: err.Error(), Connected: stood(ctx, err)}
	var call *httpcall.Error
	if errors.As(err, &call) {
		failure.Class, failure.Host = classOf(call), call.Host
	} else {
		failure.Class = netClass(err)
	}
	if leaf := refusedCertificate(err); leaf != nil {
		failure.Class, failure.Issuer = partners.FailCertificate, issuerOf(leaf)
		if failure.Issuer != "" {
			failure.Problem += "; it was issued by " + failure.Issuer
		}
	}
	switch failure.Class {
	case partners.FailReset, partners.FailContent, partners.FailCertificate:
		failure.Connected = true // there is none of these without a connection
	case partners.FailDNS, partners.FailConnect, partners.FailProxy:
		failure.Connected = false // and none of these with one
	}
	return failure
}

// stood tells that the call that ended with the error had a connection.
func stood(ctx context.Context, err error) bool {
	if watch := watchIn(ctx); watch != nil {
		if stands, known := watch.stands(); known {
			return stands
		}
	}
	var call *httpcall.Error
	return errors.As(err, &call) && call.Attempts > 0 && !call.NotSent()
}

// classOf is what the class of a call that got no answer means for a probe.
func classOf(call *httpcall.Error) partners.FailureClass {
	switch call.Class {
	case httpcall.ClassDNS:
		return partners.FailDNS
	case httpcall.ClassConnect:
		return partners.FailConnect
	case httpcall.ClassProxy:
		return partners.FailProxy
	case httpcall.ClassTLS:
		return partners.FailTLS
	case httpcall.ClassTimeout:
		return partners.FailTimeout
	case httpcall.ClassReset:
		return partners.FailReset
	case httpcall.ClassBreaker, httpcall.ClassCanceled:
		return partners.FailNotTried
	case httpcall.ClassAuth:
		return tokenClass(call)
	case httpcall.ClassRequest, httpcall.ClassRefused:
		// Nothing was sent, because of how we call: that is ours to mend, as an answer of 400 is.
		return partners.FailRequest
	}
	// Too large, a redirect that is not followed, and what is not HTTP are answers that are not what they must be.
	return partners.FailContent
}

// tokenClass tells a token that was refused from a token that could not be asked for: the sign-in service may be the
// thing that fails, and then nobody's credentials are wrong.
func tokenClass(call *httpcall.Error) partners.FailureClass {
	var deeper *httpcall.Error
	switch cause := call.Unwrap(); {
	case errors.As(cause, &deeper) && deeper.Class != httpcall.ClassAuth:
		return classOf(deeper)
	case errors.Is(cause, context.DeadlineExceeded):
		return partners.FailTimeout
	case call.Temporary():
		return partners.FailServer
	}
	return partners.FailAuth
}

// netClass is the class of an error of packages net and tls, for probes that do not speak HTTP.
func netClass(err error) partners.FailureClass {
	var dns *net.DNSError
	var op *net.OpError
	var timeout net.Error
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.Is(err, context.Canceled):
		return partners.FailNotTried
	case errors.As(err, &dns):
		return partners.FailDNS
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return partners.FailTimeout
	case errors.As(err, &record), errors.As(err, &alert), strings.Contains(err.Error(), "tls: "):
		return partners.FailTLS
	case errors.As(err, &op) && op.Op == "dial", errors.Is(err, syscall.ECONNREFUSED):
		return partners.FailConnect
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return partners.FailReset
	}
	// What went wrong on the way has a type of its own; what is left is a probe that did not like what it got.
	return partners.FailContent
}

// netWords says what an error of the network means, for a person; the error's own text where there are no better words.
func netWords(err error) string {
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "no such host is known; check the address for a typing error"
	case errors.As(err, &dns):
		return "the host's name could not be looked up; check our own network and its name server"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time; is the address right, and does a firewall drop it?"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused; nothing listens there, or a firewall forbids it"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no way to its network; check our own network first"
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return "the connection was cut"
	}
	return plaintext.Line(err.Error(), 200)
}

// refusedCertificate is the certificate that was not accepted, nil where the error is about something else.
func refusedCertificate(err error) *x509.Certificate {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verification *tls.CertificateVerificationError
	unnamed := &x509.Certificate{}
	switch {
	case errors.As(err, &verification) && len(verification.UnverifiedCertificates) > 0:
		return verification.UnverifiedCertificates[0]
	case errors.As(err, &authority) && authority.Cert != nil:
		return authority.Cert
	case errors.As(err, &name) && name.Certificate != nil:
		return name.Certificate
	case errors.As(err, &invalid) && invalid.Cert != nil:
		return invalid.Cert
	case errors.As(err, &authority), errors.As(err, &name), errors.As(err, &invalid), errors.As(err, &verification):
		return unnamed
	}
	return nil
}

// issuerOf names who signed a certificate, as a person would look it up.
func issuerOf(cert *x509.Certificate) string {
	name := plaintext.OneLine(cert.Issuer.CommonName)
	organisation := plaintext.OneLine(strings.Join(cert.Issuer.Organization, ", "))
	switch {
	case name == "":
		name = organisation
	case organisation != "" && organisation != name:
		name += " (" + organisation + ")"
	}
	return plaintext.Clip(name, 120)
}
