package probe

import (
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"sparky/fixtures/canned"
	"sparky/internal/httpcall"
	"sparky/partners"
)

// TestRealServers probes servers that fail on real connections.
func TestRealServers(t *testing.T) {
	handlers := map[string]struct {
		handler http.HandlerFunc
		class   partners.FailureClass
		words   string
	}{
		"cut in the middle": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "half")
			panic(http.ErrAbortHandler)
		}, partners.FailReset, "cut"},
		"cut at once": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, partners.FailReset, "cut"},
		"no gzip": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, "this is not packed")
		}, partners.FailContent, "gzip"},
		"round and round": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/again", http.StatusFound)
		}, partners.FailContent, "redirects more than"},
		"gone":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }, partners.FailGone, "removed for good"},
		"right": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }, "", ""},
	}
	for name, test := range handlers {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(test.handler)
			t.Cleanup(server.Close)
			client := httpcall.New(httpcall.Options{Retries: -1})
			t.Cleanup(client.CloseIdleConnections)
			got := run(t, httpConfig(partners.HTTPStep{URL: server.URL}), client)
			if got.Class != test.class || got.Connected != (test.class != "") {
				t.Errorf("got %+v", got)
			}
			canned.Says(t, got.Problem, test.words)
		})
	}
}

func TestARealCertificateThatNobodyTrusts(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	got := run(t, httpConfig(partners.HTTPStep{URL: server.URL}), httpcall.New(httpcall.Options{Retries: -1}))
	if got.Class != partners.FailCertificate || got.Issuer != "Acme Co" || got.AtNetwork() {
		t.Errorf("got %+v", got)
	}
	canned.Says(t, got.Problem, "an authority that this machine does not know", "issued by Acme Co")
	if got.Timings.TLS <= 0 || got.Timings.FirstByte != 0 {
		t.Errorf("got %+v", got.Timings)
	}
}

// TestAProbeIsUsedAgain has one probe fail, and pass as soon as the service is well.
func TestAProbeIsUsedAgain(t *testing.T) {
	well := false
	made, err := New(httpConfig(partners.HTTPStep{URL: "https://api.example"}), over(func(*http.Request) (*http.Response, error) {
		if !well {
			return nil, dialError(errors.New("refused"))
		}
		return canned.Answer(200, ""), nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := made(t.Context()); failureIn(t, err).Class != partners.FailConnect {
		t.Errorf("got %v", err)
	}
	well = true
	if _, err := made(t.Context()); err != nil {
		t.Errorf("got %v although it is well again", err)
	}
}
