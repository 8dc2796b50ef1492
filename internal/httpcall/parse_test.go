package httpcall

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func FuzzRetryAfter(f *testing.F) {
	for _, text := range []string{"2", "2.128", "-1", "1e300", "Inf", "NaN", "0x10", "Wed, 04 Nov 2026 10:00:03 GMT", "Monday, 02-Jan-06 15:04:05 MST"} {
		f.Add(text, "Wed, 04 Nov 2026 10:00:00 GMT")
		f.Add(text, "")
	}
	now := time.Date(2026, 11, 4, 10, 0, 0, 0, time.UTC)
	client := New(Options{})
	f.Fuzz(func(t *testing.T, text, date string) {
		header := http.Header{"Retry-After": {text}, "Date": {date}}
		wait, ok := retryAfter(header, now)
		if wait < 0 || !ok && wait != 0 {
			t.Errorf("%q at %q: wait %s, %t", text, date, wait, ok)
		}
		if wait, ok := client.waitBefore(1, &http.Response{Header: header}); wait < 0 || wait > 11*time.Second || ok && wait > client.options.MaxWait+client.options.MinWait {
			t.Errorf("%q at %q: retried after %s, %t", text, date, wait, ok)
		}
	})
}

func FuzzPlainText(f *testing.F) {
	f.Add([]byte("<style>p{}</style><h1>a</h1> b<script"))
	f.Fuzz(func(t *testing.T, page []byte) {
		if got := plainText(page); len(got) > 2*pageBeginning || tags.MatchString(got) && !tags.Match(page) {
			t.Errorf("%q of %q", got, page)
		}
	})
}

func TestWaitForOktasWindow(t *testing.T) {
	client := New(Options{Jitter: func() float64 { return 0 }})
	reset := func(status int, in, after string) *http.Response {
		header := http.Header{"X-Rate-Limit-Reset": {in}, "Date": {"Wed, 04 Nov 2026 10:00:00 GMT"}}
		if after != "" {
			header.Set("Retry-After", after)
		}
		return &http.Response{StatusCode: status, Header: header}
	}
	for name, test := range map[string]struct {
		resp *http.Response
		wait time.Duration
		ok   bool
	}{
		"soon":          {reset(429, "1793786403", ""), 3 * time.Second, true},
		"far":           {reset(429, "1793786460", ""), 0, false},
		"over":          {reset(429, "1793786300", ""), 0, true},
		"Retry-After":   {reset(429, "1793786460", "2"), 2 * time.Second, true},
		"seconds":       {reset(429, "60", ""), 250 * time.Millisecond, true},
		"no number":     {reset(429, "soon", ""), 250 * time.Millisecond, true},
		"another error": {reset(503, "1793786460", ""), 250 * time.Millisecond, true},
	} {
		if wait, ok := client.waitBefore(0, test.resp); wait != test.wait || ok != test.ok {
			t.Errorf("%s: got %s, %t", name, wait, ok)
		}
	}
}

func TestBackOffStaysWithinItsBounds(t *testing.T) {
	for _, jitter := range []float64{0, 0.999999} {
		client := New(Options{Jitter: func() float64 { return jitter }})
		for retries := range 2000 {
			if wait := client.backoff(retries); wait < 250*time.Millisecond || wait > 10*time.Second {
				t.Fatalf("retry %d waits %s", retries, wait)
			}
		}
	}
}

func FuzzScrub(f *testing.F) {
	f.Add("failed at https://a.example/?token=c4nary: no", "c4nary")
	f.Add("malformed \x00\n answer", "x y z w")
	f.Fuzz(func(t *testing.T, text, secret string) {
		if len(secret) < 4 || strings.Contains("[secret]", secret) || strings.ContainsAny(secret, "…") {
			return
		}
		req := &http.Request{URL: &url.URL{Scheme: "https", Host: "a.example", RawQuery: url.Values{"token": {secret}}.Encode()}}
		client := New(Options{})
		got := client.scrub(req, "before "+secret+" after "+text)
		if strings.Contains(got, secret) && !strings.Contains("before [secret] after "+text, secret) {
			t.Errorf("%q is left in %q", secret, got)
		}
		if strings.ContainsAny(got, "\x00\r\n\t") || len([]rune(got)) > longestDetail+1 {
			t.Errorf("control characters or too long: %q", got)
		}
	})
}

func FuzzShownPath(f *testing.F) {
	f.Add("/services/T0/a1B2c3D4e5F6g7H8", "sig=1")
	f.Add("\n\x00//…", "")
	f.Fuzz(func(t *testing.T, path, query string) {
		got := New(Options{}).shownPath(&url.URL{Path: path, RawQuery: query})
		if strings.ContainsAny(got, "\x00\r\n\t ") || len([]rune(got)) > longestDetail+3 {
			t.Errorf("%q is shown as %q", path, got)
		}
	})
}

func FuzzAllow(f *testing.F) {
	for _, entry := range []string{"10.0.0.0/8", "[::1]", "a.example:80", "https://a.example/x", "nonsense/99", "", "user@host", "::1%eth0"} {
		f.Add(entry)
	}
	f.Fuzz(func(t *testing.T, entry string) {
		list := parseAllow([]string{entry})
		if len(list.hosts)+len(list.ranges) > 1 {
			t.Errorf("%q allows %v and %v", entry, list.hosts, list.ranges)
		}
		if list.host("") || list.host(":80") && entry != ":80" {
			t.Errorf("%q allows a host without a name", entry)
		}
	})
}

func TestSize(t *testing.T) {
	for bytes, want := range map[int64]string{0: "0 bytes", 1000: "1000 bytes", 1024: "1 KiB", 10 << 20: "10 MiB", 1<<20 + 1: "1048577 bytes", 3 << 40: "3072 GiB"} {
		if got := size(bytes); got != want {
			t.Errorf("%d is written %s, not %s", bytes, got, want)
		}
	}
}

func TestRegistryForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry[string, int](time.Minute)
		made := 0
		get := func(key string) int { return r.get(key, func() int { made++; return made }) }
		kept := get("kept")
		for i := range crowded {
			get(fmt.Sprint("early ", i))
		}
		<-time.After(50 * time.Second)
		get("kept")
		<-time.After(20 * time.Second)
		get("one more")
		if n := len(r.all()); n != 2 {
			t.Errorf("%d are held", n)
		}
		if again := get("kept"); again != kept {
			t.Errorf("what is in use was forgotten: %d, then %d", kept, again)
		}
	})
}
