package httpcall_test

import (
	"net/http"
	"strings"
	"testing"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

// TestAddressesOfAnswers holds that an address that an answer named is not trusted as a configured one is.
func TestAddressesOfAnswers(t *testing.T) {
	var carried string
	answer := func(w http.ResponseWriter, r *http.Request) {
		carried = r.Header.Get("Authorization") + r.Header.Get("X-Own")
		_, _ = w.Write([]byte("here"))
	}
	configured, inside := serve(t, answer), serve(t, answer)
	for name, test := range map[string]struct {
		url     string
		behind  string
		allow   []string
		class   httpcall.Class
		carried string
	}{
		"the configured address itself":    {configured.URL, configured.URL, nil, "", "Bearer tokenown"},
		"another path of it":               {configured.URL + "/a.json", configured.URL + "/page", nil, "", "Bearer tokenown"},
		"another host, inside":             {inside.URL, configured.URL, nil, httpcall.ClassRefused, ""},
		"another host by name, inside":     {byName(t, inside), configured.URL, nil, httpcall.ClassRefused, ""},
		"another host that is allowed":     {inside.URL, configured.URL, []string{inside.URL}, "", ""},
		"the metadata":                     {"http://169.254.169.254/latest", configured.URL, nil, httpcall.ClassRefused, ""},
		"behind something that is nowhere": {inside.URL, "status page", nil, httpcall.ClassRequest, ""},
	} {
		carried = ""
		client := httpcall.New(httpcall.Options{PublicOnly: true, Allow: test.allow, Retries: -1}).
			With("test", httpcall.Auth{Bearer: setting.NewSecret("token")})
		got, err := client.Do(t.Context(), httpcall.Request{URL: test.url, Behind: test.behind, Header: http.Header{"X-Own": {"own"}}})
		switch {
		case test.class != "":
			faultOf(t, err, test.class)
		case err != nil || string(got.Body) != "here":
			t.Errorf("%s: got %q, %v", name, got.Body, err)
		}
		if carried != test.carried {
			t.Errorf("%s: it carried %q, want %q", name, carried, test.carried)
		}
	}
}

// spellings are ways to write an address of this machine or of a cloud's metadata that something below might understand.
var spellings = []string{
	"127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "127.000.000.001",
	"localhost", "LOCALHOST", "localhost.", "0", "0.0.0.0", "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
	"[::127.0.0.1]", "[64:ff9b::7f00:1]", "[fe80::1%25lo]", "[::1%25lo]", "127.0.0.1%00.example", "①②⑦.⓪.⓪.①",
	"169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "[::ffff:a9fe:a9fe]", "[fd00:ec2::254]", "[fd20:ce::254]",
	"10.0.0.1", "012.0.0.1", "0xa.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "224.0.0.1", "[ff02::1]", "255.255.255.255",
}

// TestSpellingsOfPrivateAddresses redirects to, and names in an answer, private addresses however they are written.
func TestSpellingsOfPrivateAddresses(t *testing.T) {
	reached := 0
	inside := serve(t, func(http.ResponseWriter, *http.Request) { reached++ })
	port := inside.URL[strings.LastIndex(inside.URL, ":"):]
	var to string
	outside := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	})
	client := httpcall.New(httpcall.Options{PublicOnly: true, Retries: -1})
	for _, host := range spellings {
		to = "http://" + host + port + "/"
		for how, request := range map[string]httpcall.Request{
			"by a redirect": {URL: outside.URL},
			"by an answer":  {URL: to, Behind: outside.URL},
		} {
			// Some are no address at all and lead nowhere by DNS; all that matters is that none of them leads inside.
			if got, err := client.Do(t.Context(), request); err == nil {
				t.Errorf("%s %s: it answered %d", host, how, got.Status)
			}
		}
	}
	if reached > 0 {
		t.Errorf("it was led inside %d times", reached)
	}
}
