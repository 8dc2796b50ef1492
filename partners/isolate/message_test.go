package isolate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// fill sets every field of a value to something that is not nothing, and counts the secrets.
func fill(v reflect.Value, secrets *int) {
	switch place := v.Addr().Interface().(type) {
	case *setting.Secret:
		*secrets++
		*place = setting.NewSecret("secret " + string(rune('a'+*secrets)))
		return
	case *setting.Duration:
		*place = setting.Duration(90 * time.Second)
		return
	case *setting.Percent:
		*place = 99.5
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), secrets)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), secrets)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), secrets)
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"key": "<value>"}))
	case reflect.String:
		v.SetString(`text "of" it`)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(200)
	}
}

// TestParcel holds that a worker is given all of a probe's configuration, whatever is added to it one day.
func TestParcel(t *testing.T) {
	var c partners.ProbeConfig
	secrets := 0
	fill(reflect.ValueOf(&c).Elem(), &secrets)
	sent := pack(c)
	if len(sent.Secrets) != secrets {
		t.Errorf("of %d secrets %d are sent", secrets, len(sent.Secrets))
	}
	content, err := line(order{ID: 1, Probe: sent})
	if err != nil {
		t.Fatal(err)
	}
	var got order
	if err := newLines(bytes.NewReader(content), orderBytes).next(&got); err != nil {
		t.Fatal(err)
	}
	if unpacked := got.Probe.unpack(); !reflect.DeepEqual(unpacked, c) {
		t.Errorf("got %+v, want %+v", unpacked, c)
	}
	if bare := pack(partners.ProbeConfig{ID: "p"}).unpack(); !reflect.DeepEqual(bare, partners.ProbeConfig{ID: "p"}) {
		t.Errorf("got %+v", bare)
	}
}

// TestLines reads what may come from anybody.
func TestLines(t *testing.T) {
	for said, want := range map[string]string{
		"":                             "EOF",
		`{"id":1`:                      "unexpected EOF",
		"{}{}\n":                       "a message goes on after its end",
		"nonsense\n":                   "a message is none of ours",
		"{\"other\":1}\n":              "a message is none of ours",
		strings.Repeat("x", 1<<10):     errLong.Error(),
		strings.Repeat(" ", 1<<10):     errLong.Error(),
		"{\"id\":1e999}\n":             "a message is none of ours",
		"{\"result\":{\"took\":[]}}\n": "a message is none of ours",
	} {
		var a answer
		if err := newLines(strings.NewReader(said), 200).next(&a); err == nil || err.Error() != want {
			t.Errorf("%.30q: got %v, want %s", said, err, want)
		}
	}
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("{\"id\":1,\"result\":{\"class\":\"x\"}}\n{\"ready\":true}\n"))
	f.Add([]byte("{\"breaker\":{\"Host\":\"h\"}}\n\n"))
	f.Fuzz(func(t *testing.T, said []byte) {
		from := newLines(bytes.NewReader(said), 1<<10)
		for range len(said) + 1 {
			var a answer
			if err := from.next(&a); err != nil {
				return
			}
			if a.Result == nil {
				continue
			}
			began := time.Unix(1000, 0)
			r := tidy(*a.Result, "acme", "p", began, time.Second)
			if r.Partner != "acme" || !r.At.Equal(began) || r.Took > time.Second || r.Class != "" && !known(r.Class) || len(r.Problem) > mostText+len("…") {
				t.Errorf("got %+v", r)
			}
			if t := r.Timings; t.DNS < 0 || t.DNS+t.Connect+t.TLS+t.FirstByte > time.Second {
				panic("timings")
			}
			for _, c := range r.Calls {
				if c.Took < 0 || c.Took > time.Second || c.At.Before(began) || c.At.After(began.Add(time.Second)) || len(c.Service)+len(c.Action) > 2*(mostName+len("…")) {
					t.Errorf("got the call %+v", c)
				}
			}
		}
		t.Error("it never ends")
	})
}

// TestCallsAreTold holds that what a probe called is told as it was, and no more than is likely.
func TestCallsAreTold(t *testing.T) {
	began := time.Unix(1000, 0)
	good := partners.Call{Service: "servicenow", Action: "createIncident", Took: time.Second / 2, Status: 201, At: began.Add(time.Second / 4)}
	odd := partners.Call{Service: strings.Repeat("s", 2*mostName), Took: time.Hour, At: began.Add(-time.Hour)}
	got := tidy(partners.ProbeResult{Calls: []partners.Call{good, odd}}, "acme", "p", began, time.Second).Calls
	if len(got) != 2 || got[0] != good || got[1].Took != time.Second || !got[1].At.Equal(began) || len(got[1].Service) > mostName+len("…") {
		t.Errorf("got %+v", got)
	}
	many := tidy(partners.ProbeResult{Calls: make([]partners.Call, 3*mostCalls)}, "acme", "p", began, time.Second)
	if len(many.Calls) != mostCalls {
		t.Errorf("%d calls", len(many.Calls))
	}
}

func FuzzClip(f *testing.F) {
	f.Add("grüße", 3)
	f.Fuzz(func(t *testing.T, text string, most int) {
		if most < 0 || most > 1<<10 || !utf8.ValidString(text) {
			return
		}
		if got := clip(text, most); !utf8.ValidString(got) || len(got) > most+len("…") && len(got) > len(text) {
			t.Errorf("got %q", got)
		}
	})
}

// TestFaults holds that an error of a dial means in the worker what it means in the parent.
func TestFaults(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for name, err := range map[string]error{
		"no such name":   dial(&net.DNSError{Err: "no such host", Name: "a.example", IsNotFound: true}),
		"no name server": dial(&net.DNSError{Err: "i/o timeout", Name: "a.example", IsTimeout: true, IsTemporary: true}),
		"refused":        dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)),
		"no way":         dial(os.NewSyscallError("connect", syscall.ENETUNREACH)),
		"too late":       dial(context.DeadlineExceeded),
		"a host":         dial(httpcall.RefusedHost("evil.example")),
		"an address":     dial(httpcall.RefusedAddress{Addr: netip.MustParseAddr("10.0.0.1")}),
		"another":        dial(errors.New("it rains")),
	} {
		content, jsonErr := json.Marshal(faultOf(err))
		var f *fault
		if jsonErr != nil || json.Unmarshal(content, &f) != nil {
			t.Fatal(name, jsonErr)
		}
		calls := func(err error) string {
			client := httpcall.New(httpcall.Options{Retries: -1, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, err }})
			_, failed := client.Do(t.Context(), httpcall.Request{URL: "http://a.example"})
			return failed.Error()
		}
		if got, want := calls(f.err("tcp")), calls(err); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if faultOf(nil) != nil || (*fault)(nil).err("tcp") != nil || faultOf(io.EOF).err("tcp") == nil {
		t.Error("nothing is something")
	}
}

// TestHosts says where probes may connect to.
func TestHosts(t *testing.T) {
	env := func(name string) (string, bool) {
		return map[string]string{"HTTPS_PROXY": "user:pw@proxy.acme.example:3128"}[name], true
	}
	h := hostsOf([]partners.ProbeConfig{
		{HTTPStep: partners.HTTPStep{URL: "https://Status.Vendor.co.uk/x"}, Auth: &partners.Auth{OAuth2: &partners.OAuth2{TokenURL: "https://login.vendor.co.uk:8443/token"}}},
		{BaseURL: "http://192.0.2.1:8080", Webhook: setting.NewSecret("https://hooks.example/abc")},
		{Steps: []partners.HTTPStep{{URL: "http://steps.example/"}, {URL: "{{next}}"}}},
		{Address: "db.internal:5432"}, {Kind: partners.KindDNS, Resolver: "192.0.2.53"},
	}, env)
	for _, want := range []string{"status.vendor.co.uk:443", "login.vendor.co.uk:8443", "192.0.2.1:8080", "hooks.example:443", "steps.example:80",
		"steps.example:443", "db.internal:5432", "192.0.2.53:53", "proxy.acme.example:3128"} {
		if !strings.Contains(strings.Join(h.Named, " ")+" ", want+" ") {
			t.Errorf("%s is missing from %q", want, h.Named)
		}
	}
	if got := strings.Join(h.Domains, " "); strings.Contains(got, "acme.example") || !strings.Contains(got, "vendor.co.uk") || strings.HasPrefix(got, "co.uk") {
		t.Errorf("the domains are %s", got)
	}
	var dialled []string
	g := &gate{hosts: h, client: httpcall.New(httpcall.Options{Dial: func(_ context.Context, network, address string) (net.Conn, error) {
		dialled = append(dialled, address)
		return nil, errors.New("here it ends")
	}})}
	g.also([]string{"192.0.2.99:53"})
	for address, allowed := range map[string]bool{
		"STATUS.vendor.co.uk:443": true, "www.vendor.co.uk:443": true, "www.vendor.co.uk:22": false, "other.co.uk:443": false, "co.uk:443": false,
		"vendor.co.uk.evil.example:443": false, "192.0.2.1:8080": true, "192.0.2.1:80": false, "192.0.2.99:53": true, "nonsense": false,
	} {
		dialled = nil
		_, err := g.dial(t.Context(), "tcp", address)
		var refused httpcall.RefusedHost
		if errors.As(err, &refused) == allowed || (len(dialled) == 1) != allowed {
			t.Errorf("%s: got %v, dialled %q", address, err, dialled)
		}
	}
	if _, err := g.dial(t.Context(), "unix", "status.vendor.co.uk:443"); err == nil || err.Error() == "here it ends" {
		t.Errorf("another network: %v", err)
	}
}

// TestAResultThatBringsTooMuch holds that a module cannot fill the announcements, or New Relic, with one result.
func TestAResultThatBringsTooMuch(t *testing.T) {
	began, long := time.Unix(1000, 0), strings.Repeat("x", 100<<10)
	r := partners.ProbeResult{Status: 1 << 40}
	for range 5000 {
		r.Notices = append(r.Notices, partners.Notice{Method: long, Endpoint: long, More: "https://acme.example/" + long, Successor: "https://acme.example/v2"})
		r.Calls = append(r.Calls, partners.Call{Service: long, Action: long, Took: time.Hour, Status: -1, At: began.Add(-time.Hour)})
	}
	got := tidy(r, "acme", "p", began, time.Second)
	if len(got.Notices) != mostNotices || len(got.Calls) != mostCalls || got.Status != 0 {
		t.Errorf("%d notices, %d calls, status %d", len(got.Notices), len(got.Calls), got.Status)
	}
	if n := got.Notices[0]; len(n.Method)+len(n.Endpoint) > 2*(mostName+len("…")) || n.More != "" || n.Successor != "https://acme.example/v2" {
		t.Errorf("got %+v", n)
	}
	c := got.Calls[0]
	if len(c.Service)+len(c.Action) > 2*(mostName+len("…")) || c.Took != time.Second || c.Status != 0 || !c.At.Equal(began) {
		t.Errorf("got %+v", c)
	}
	good := partners.ProbeResult{Calls: []partners.Call{{Service: "acme", Action: "read", Took: time.Millisecond, Status: 200, At: began.Add(time.Millisecond)}}}
	if kept := tidy(good, "acme", "p", began, time.Second); kept.Calls[0] != good.Calls[0] {
		t.Errorf("got %+v", kept.Calls[0])
	}
}
