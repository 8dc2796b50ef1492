package isolate

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"

	"sparky/internal/httpcall"
)

// fault is an error of a dial as it goes from the parent to the worker, so that there it is what it would have been.
type fault struct {
	Kind     string        `json:"kind"`
	Text     string        `json:"text,omitempty"`
	Name     string        `json:"name,omitempty"`   // that was looked up, or the host or the address that was refused
	Server   string        `json:"server,omitempty"` // that was asked for the name
	NotFound bool          `json:"not_found,omitempty"`
	Timeout  bool          `json:"timeout,omitempty"`
	Errno    syscall.Errno `json:"errno,omitempty"`
}

// The kinds of faults.
const (
	faultDNS     = "dns"
	faultHost    = "host"
	faultAddress = "address"
	faultTime    = "time"
	faultSystem  = "system"
	faultOther   = "other"
)

// faultOf is nil for no error.
func faultOf(err error) *fault {
	var dns *net.DNSError
	var host httpcall.RefusedHost
	var address httpcall.RefusedAddress
	var network net.Error
	var errno syscall.Errno
	switch {
	case err == nil:
		return nil
	case errors.As(err, &dns):
		return &fault{Kind: faultDNS, Text: clip(dns.Err, 300), Name: clip(dns.Name, 300), Server: clip(dns.Server, 300), NotFound: dns.IsNotFound, Timeout: dns.IsTimeout}
	case errors.As(err, &host):
		return &fault{Kind: faultHost, Name: clip(string(host), 300)}
	case errors.As(err, &address):
		return &fault{Kind: faultAddress, Name: address.Addr.String()}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return &fault{Kind: faultTime}
	case errors.As(err, &errno):
		return &fault{Kind: faultSystem, Errno: errno}
	}
	return &fault{Kind: faultOther, Text: clip(err.Error(), 300)}
}

// err is the fault as an error of a dial; nil for none.
func (f *fault) err(network string) error {
	if f == nil {
		return nil
	}
	dial := &net.OpError{Op: "dial", Net: network}
	switch f.Kind {
	case faultDNS:
		dial.Err = &net.DNSError{Err: f.Text, Name: f.Name, Server: f.Server, IsNotFound: f.NotFound, IsTimeout: f.Timeout, IsTemporary: !f.NotFound}
	case faultHost:
		dial.Err = httpcall.RefusedHost(f.Name)
	case faultAddress:
		addr, _ := netip.ParseAddr(f.Name) // the zero address stands for one that could not be read
		dial.Err = httpcall.RefusedAddress{Addr: addr}
	case faultTime:
		dial.Err = context.DeadlineExceeded
	case faultSystem:
		dial.Err = os.NewSyscallError("connect", f.Errno)
	default:
		dial.Err = errors.New(f.Text)
	}
	return dial
}
