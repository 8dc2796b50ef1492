package httpcall

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"sparky/internal/setting"
)

// finding is what an error of the network means.
type finding struct {
	class     Class
	what      string
	temporary bool
}

// fault makes an Error of whatever ended a call. An Error that a deeper layer made stays as it is, but for what only the
// call knows.
func (c *Client) fault(call *call, req *http.Request, err error) *Error {
	var deeper *Error
	if errors.As(err, &deeper) {
		own := *deeper
		own.Attempts = call.attempts
		own.unsent = !call.sent.Load()
		if own.Path == "" && own.Host == req.URL.Host {
			own.Path = c.shownPath(req.URL)
		}
		return &own
	}
	found := c.understand(call, req, err)
	return &Error{
		Class:     found.class,
		Method:    req.Method,
		Host:      c.options.Redactor.Redact(req.URL.Host),
		Path:      c.shownPath(req.URL),
		Attempts:  call.attempts,
		what:      found.what,
		cause:     quiet{c.scrub(req, err.Error()), errors.Join(req.Context().Err(), unwrapURL(err))},
		temporary: found.temporary,
		unsent:    !call.sent.Load(),
	}
}

// refuse is an Error of our own making, before anything was sent.
func (c *Client) refuse(class Class, req *http.Request, what string) *Error {
	return &Error{Class: class, Method: req.Method, Host: c.options.Redactor.Redact(req.URL.Host),
		Path: c.shownPath(req.URL), what: what, unsent: true}
}

// broken is an attempt that the breaker did not let through.
func (c *Client) broken(call *call, req *http.Request, b *breaker, err error) *Error {
	refused := c.refuse(ClassBreaker, req,
		fmt.Sprintf("not tried, because too many calls to it failed just now (the last: %s); the next try is in %s", b.why(), b.tryAgain().Round(time.Second)))
	refused.cause, refused.temporary = err, true
	refused.Attempts, refused.unsent, refused.held = call.attempts, !call.sent.Load(), b.held()
	return refused
}

// Clean is the *Error in an error of the *http.Client that HTTP gives, or one made of it. Go's own error would print the
// address with its query. Other errors are given back as they are.
func (c *Client) Clean(err error) error {
	var fault *Error
	if errors.As(err, &fault) {
		return fault
	}
	var wrapped *url.Error
	if !errors.As(err, &wrapped) {
		return err
	}
	target, parseErr := url.Parse(wrapped.URL)
	if parseErr != nil {
		target = &url.URL{}
	}
	call := c.newCall(target)
	call.sent.Store(true)
	return c.fault(call, &http.Request{Method: strings.ToUpper(wrapped.Op), URL: target}, wrapped.Err)
}

func unwrapURL(err error) error {
	var wrapped *url.Error
	for errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return err
}

func (c *Client) understand(call *call, req *http.Request, err error) finding {
	if found, ok := c.ranOut(req.Context(), call, err); ok {
		return found
	}
	var refusal proxyRefusal
	var large tooLarge
	var encoding packed
	switch {
	case errors.As(err, &refusal):
		return finding{ClassProxy, fmt.Sprintf("our own proxy did not let the call through (%d %s); check the proxy's settings",
			refusal.status, http.StatusText(refusal.status)), true}
	case errors.As(err, &large):
		return finding{ClassTooLarge, "the answer is longer than " + size(large.limit) + " and was not read", false}
	case errors.As(err, &encoding):
		return finding{ClassProtocol, fmt.Sprintf("the answer is packed in a way that was not asked for (%.20q)", encoding.encoding), false}
	case errors.Is(err, errGzip):
		return finding{ClassProtocol, "the answer says that it is gzip, and is not", true}
	}
	if addr, ok := isRefused(err); ok {
		return finding{ClassRefused, fmt.Sprintf("it leads to %s, an address inside a private network that nobody configured; "+
			"if it is meant, configure that address itself", addr), false}
	}
	if name, ok := errors.AsType[oddHost](err); ok {
		return finding{ClassRefused, fmt.Sprintf("it leads to %s, which is no public name; if it is meant, configure that address itself", string(name)), false}
	}
	var host RefusedHost
	if errors.As(err, &host) {
		return finding{ClassRefused, fmt.Sprintf("it leads to %s, a host that the configuration of this partner's probes does not "+
			"name; if it is meant, ask for the address where it ends, or set isolation: inline", string(host)), false}
	}
	if found, ok := connecting(err); ok {
		return found
	}
	if found, ok := encrypting(err); ok {
		return found
	}
	return c.talking(req, err)
}

// ranOut understands errors of time: the caller's, the call's, the attempt's.
func (c *Client) ranOut(ctx context.Context, call *call, err error) (finding, bool) {
	cause := context.Cause(ctx)
	var network net.Error
	var waited noPlace
	switch {
	case errors.As(err, &waited) && errors.Is(cause, context.DeadlineExceeded):
		return finding{ClassTimeout, "other calls to it took all of the time; at most " + strconv.Itoa(c.options.PerHost) +
			" run at once", true}, true
	case errors.Is(cause, errAttempt) && !call.connected.Load():
		return finding{ClassTimeout, "no connection within " + span(c.options.AttemptTimeout) +
			"; is the address right, and does a firewall drop it?", true}, true
	case errors.Is(cause, errAttempt):
		return finding{ClassTimeout, "no complete answer within " + span(c.options.AttemptTimeout) +
			"; if it is always that slow, allow more time", true}, true
	case errors.Is(cause, errTotal):
		return finding{ClassTimeout, "no complete answer within " + span(c.options.Timeout) + ", retries included", true}, true
	case errors.Is(cause, context.DeadlineExceeded):
		return finding{ClassTimeout, "no complete answer in the time allowed for it", true}, true
	case cause != nil:
		return finding{ClassCanceled, "the call was called off", false}, true
	case errors.As(err, &network) && network.Timeout() && !isDNS(err):
		return finding{ClassTimeout, "no connection in time; is the address right, and does a firewall drop it?", true}, true
	default:
		return finding{}, false
	}
}

func isDNS(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns)
}

// connecting understands what goes wrong before there is a connection.
func connecting(err error) (finding, bool) {
	var dns *net.DNSError
	var op *net.OpError
	dialled := errors.As(err, &op)
	switch {
	case errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE):
		return finding{ClassConnect, "Sparky may open no more files, which connections are too; raise the limit (ulimit -n, LimitNOFILE)", true}, true
	case dialled && op.Op == "proxyconnect":
		return finding{ClassProxy, "our own proxy cannot be reached; check the proxy's settings", true}, true
	case errors.As(err, &dns) && dns.IsNotFound:
		return finding{ClassDNS, "no such host is known; check the address for a typing error", false}, true
	case errors.As(err, &dns):
		return finding{ClassDNS, "the host's name could not be looked up; check our own network and its name server", true}, true
	case errors.Is(err, syscall.ECONNREFUSED):
		return finding{ClassConnect, "the connection was refused; nothing listens there, or a firewall forbids it", true}, true
	case errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.ENETUNREACH):
		return finding{ClassConnect, "there is no way to its network; check our own network first", true}, true
	case dialled && op.Op == "dial":
		return finding{ClassConnect, "no connection could be made", true}, true
	default:
		return finding{}, false
	}
}

// encrypting understands what goes wrong with TLS.
func encrypting(err error) (finding, bool) {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verification *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.As(err, &authority):
		return finding{ClassTLS, "its certificate is signed by an authority that this machine does not know; " +
			"if a proxy of ours inspects TLS, add the proxy's certificate to the system's", false}, true
	case errors.As(err, &name):
		return finding{ClassTLS, "its certificate is for another host", false}, true
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return finding{ClassTLS, "its certificate is not valid today: " + validity(invalid.Cert) +
			"; if that is wrong, check this machine's clock", false}, true
	case errors.As(err, &invalid) || errors.As(err, &verification):
		return finding{ClassTLS, "its certificate cannot be trusted", false}, true
	case errors.As(err, &record) || strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return finding{ClassTLS, "it does not speak TLS on this port; is the address meant to begin with http://?", false}, true
	case errors.As(err, &alert) || strings.Contains(err.Error(), "tls: "):
		return finding{ClassTLS, "no agreement on an encrypted connection", false}, true
	default:
		return finding{}, false
	}
}

func validity(cert *x509.Certificate) string {
	if cert == nil {
		return "it expired or is not yet valid"
	}
	return fmt.Sprintf("it holds from %s to %s", cert.NotBefore.Format(time.DateOnly), cert.NotAfter.Format(time.DateOnly))
}

// talking understands what goes wrong on a connection that stood.
func (c *Client) talking(req *http.Request, err error) finding {
	text := err.Error()
	switch {
	case strings.Contains(text, "Location header"):
		return finding{ClassRedirect, "it redirects to an address that cannot be read", false}
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed) || strings.Contains(text, "http2: ") ||
		strings.Contains(text, "server closed idle connection") || strings.Contains(text, "stream error"):
		return finding{ClassReset, "the connection was cut before the answer ended", true}
	default:
		return finding{ClassProtocol, "its answer is not valid HTTP: " + c.scrub(req, text), true}
	}
}

func span(d time.Duration) string { return setting.Duration(d).String() }

func size(bytes int64) string {
	units := [...]string{"bytes", "KiB", "MiB", "GiB"}
	unit := 0
	for unit < len(units)-1 && bytes >= 1024 && bytes%1024 == 0 {
		bytes /= 1024
		unit++
	}
	return fmt.Sprintf("%d %s", bytes, units[unit])
}
