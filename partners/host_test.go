package partners

import (
	"strings"
	"testing"
)

func TestHostOf(t *testing.T) {
	for address, want := range map[string]string{
		"https://API.acme.example/v1?x=1": "api.acme.example", "http://127.0.0.1:8080/": "127.0.0.1:8080", "https://[::1]:1": "[::1]:1",
		"//cdn.example/x": "cdn.example", "https://user:secret@acme.example": "acme.example",
		"": "", "acme.example": "", "http://a b": "", "mailto:a@b.example": "", "https://": "",
	} {
		if got := HostOf(address); got != want {
			t.Errorf("%q is at %q, want %q", address, got, want)
		}
	}
}

// FuzzHostOf holds that what is told of an address is never more than a host.
func FuzzHostOf(f *testing.F) {
	f.Add("https://acme.example/hidden")
	f.Add("https://user:hidden@acme.example:443")
	f.Fuzz(func(t *testing.T, address string) {
		if got := HostOf(address); strings.ContainsAny(got, "/@?#") || got != strings.ToLower(got) {
			t.Errorf("%q is at %q", address, got)
		}
	})
}
