package httpcall_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sparky/internal/httpcall"
)

func TestDo(t *testing.T) {
	var seen *http.Request
	var sent string
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen, sent = r, string(body)
		w.Header().Set("ETag", `"1"`)
		w.WriteHeader(http.StatusCreated)
		w.Write([]byte("hello"))
	})
	got, err := httpcall.New(httpcall.Options{}).Do(t.Context(), httpcall.Request{
		Method: "POST", URL: server.URL + "/feed?x=1", Body: []byte(`{"a":1}`),
		Header: http.Header{"content-type": {"application/json"}, "Host": {"other.example"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != 201 || string(got.Body) != "hello" || got.URL != server.URL+"/feed?x=1" || got.Moved != "" ||
		got.Header.Get("ETag") != `"1"` {
		t.Errorf("got %+v", got)
	}
	if seen.Method != "POST" || seen.UserAgent() != "Sparky/devel" || sent != `{"a":1}` || seen.ContentLength != 7 ||
		seen.Header.Get("Content-Type") != "application/json" || seen.Host != "other.example" {
		t.Errorf("sent %s %q to %s as %v", seen.Method, sent, seen.Host, seen.Header)
	}
}

func TestDoPassesEveryStatus(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		status := map[string]int{"/304": 304, "/404": 404, "/401": 401, "/500": 500, "/501": 501, "/204": 204}[r.URL.Path]
		w.WriteHeader(status)
	})
	client := httpcall.New(httpcall.Options{})
	for path, want := range map[string]int{"/304": 304, "/404": 404, "/401": 401, "/500": 500, "/501": 501, "/204": 204} {
		got, err := client.Do(t.Context(), httpcall.Request{URL: server.URL + path})
		if err != nil || got.Status != want || len(got.Body) != 0 {
			t.Errorf("%s: got %d, %v", path, got.Status, err)
		}
	}
}

func TestDoRefusesWhatIsNoRequest(t *testing.T) {
	client := httpcall.New(httpcall.Options{Transport: network(func(*http.Request) (*http.Response, error) {
		t.Error("something was sent")
		return answer(200, ""), nil
	})})
	for name, request := range map[string]httpcall.Request{
		"no address":   {},
		"no scheme":    {URL: "canary.example/feed"},
		"no host":      {URL: "https:///canary"},
		"other scheme": {URL: "ftp://canary.example/"},
		"file":         {URL: "file:///etc/canary"},
		"unreadable":   {URL: "https://canary.example/%zz\x7f"},
		"bad method":   {Method: "GET canary", URL: anywhere},
		"bad name":     {URL: anywhere, Header: http.Header{"X canary": {"1"}}},
		"bad value":    {URL: anywhere, Header: http.Header{"X-Token": {"canary\n"}}},
	} {
		_, err := client.Do(t.Context(), request)
		fault := faultOf(t, err, httpcall.ClassRequest)
		if !fault.NotSent() || fault.Temporary() || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: not sent %t, temporary %t: %v", name, fault.NotSent(), fault.Temporary(), err)
		}
	}
}

func TestDoUnpacksGzip(t *testing.T) {
	packed := gzipped(t, []byte("unpacked"))
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("asked for %q", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", map[string]string{"/a": "gzip", "/b": "X-GZIP", "/br": "br", "/bad": "gzip", "/304": "gzip"}[r.URL.Path])
		switch r.URL.Path {
		case "/bad":
			w.Write([]byte("not gzip at all"))
		case "/304":
			w.WriteHeader(http.StatusNotModified)
		default:
			w.Write(packed)
		}
	})
	client := httpcall.New(httpcall.Options{Retries: -1})
	for _, path := range []string{"/a", "/b"} {
		got, err := client.Do(t.Context(), httpcall.Request{URL: server.URL + path})
		if err != nil || string(got.Body) != "unpacked" || got.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: got %q, %v", path, got.Body, err)
		}
	}
	if got, err := client.Do(t.Context(), httpcall.Request{URL: server.URL + "/304"}); err != nil || got.Status != 304 {
		t.Errorf("304: got %d, %v", got.Status, err)
	}
	for _, path := range []string{"/br", "/bad"} {
		_, err := client.Do(t.Context(), httpcall.Request{URL: server.URL + path})
		faultOf(t, err, httpcall.ClassProtocol)
	}
}

func TestDoIsNotFloodedByAGzipBomb(t *testing.T) {
	bomb := gzipped(t, make([]byte, 8<<20))
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(bomb)
	})
	_, err := httpcall.New(httpcall.Options{}).Do(t.Context(), httpcall.Request{URL: server.URL, MaxBody: 1 << 20})
	fault := faultOf(t, err, httpcall.ClassTooLarge)
	if fault.Attempts != 1 || fault.Temporary() || !strings.Contains(err.Error(), "1 MiB") {
		t.Errorf("%d attempts, temporary %t: %v", fault.Attempts, fault.Temporary(), err)
	}
}

func TestDoLimitsTheBody(t *testing.T) {
	for name, body := range map[string]io.Reader{
		"endless":   endless{},
		"one over":  strings.NewReader(strings.Repeat("x", 1001)),
		"announced": strings.NewReader(strings.Repeat("x", 5000)),
	} {
		client := httpcall.New(httpcall.Options{MaxBody: 1000, Transport: network(func(*http.Request) (*http.Response, error) {
			resp := answer(200, "")
			resp.Body = io.NopCloser(body)
			if name == "announced" {
				resp.ContentLength = 5000
			}
			return resp, nil
		})})
		_, err := client.Do(t.Context(), httpcall.Request{URL: anywhere})
		faultOf(t, err, httpcall.ClassTooLarge)
	}
	client := httpcall.New(httpcall.Options{MaxBody: 10, Transport: network(func(*http.Request) (*http.Response, error) {
		return answer(200, strings.Repeat("x", 1000)), nil
	})})
	if got, err := client.Do(t.Context(), httpcall.Request{URL: anywhere, MaxBody: 1000}); err != nil || len(got.Body) != 1000 {
		t.Errorf("exactly as long as it may: %d bytes, %v", len(got.Body), err)
	}
}

func TestDoEndsASlowBody(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("the beginning"))
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	client := httpcall.New(httpcall.Options{AttemptTimeout: 50 * time.Millisecond, Retries: -1})
	_, err := client.Do(t.Context(), httpcall.Request{URL: server.URL})
	fault := faultOf(t, err, httpcall.ClassTimeout)
	if !fault.Timeout() || fault.NotSent() || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("timeout %t, not sent %t: %v", fault.Timeout(), fault.NotSent(), err)
	}
}

func TestDoEndsWhenItsTimeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := httpcall.New(httpcall.Options{Transport: network(silent)})
		began := time.Now()
		_, err := client.Do(t.Context(), httpcall.Request{URL: anywhere})
		faultOf(t, err, httpcall.ClassTimeout)
		if took := time.Since(began); took < 20*time.Second || took > 30*time.Second {
			t.Errorf("took %s", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began = time.Now()
		_, err = client.Do(ctx, httpcall.Request{URL: anywhere})
		fault := faultOf(t, err, httpcall.ClassTimeout)
		if took := time.Since(began); took != 3*time.Second || fault.Attempts != 1 {
			t.Errorf("with 3 s given took %s, %d attempts", took, fault.Attempts)
		}
	})
}

func TestDoIsCalledOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reason := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(reason) })
		_, err := httpcall.New(httpcall.Options{Transport: network(silent)}).Do(ctx, httpcall.Request{URL: anywhere})
		fault := faultOf(t, err, httpcall.ClassCanceled)
		if fault.Timeout() || fault.Temporary() || fault.Attempts != 1 || !errors.Is(err, context.Canceled) || !errors.Is(err, reason) {
			t.Errorf("got %v after %d attempts", err, fault.Attempts)
		}
	})
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func gzipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
