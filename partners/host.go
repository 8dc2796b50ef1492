package partners

import (
	"net/url"
	"strings"
)

// HostOf is the host of an address, in lower case and with its port where it names one; empty where there is none.
func HostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}
