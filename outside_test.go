package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// What ${…} put into an address opens the address only: it is in nothing that is remembered, logged or shown.
func TestSecretsOfAddressesAreNotRemembered(t *testing.T) {
	const secret = "canary-query-4714"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("token") != secret {
			http.Error(w, "who is it?", http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", "text/markdown")
		fmt.Fprint(w, "# News\n\n## 1.1.0 - 2027-01-02\n\nA new field.\n\n## 1.0.0 - 2026-01-02\n\nThe first one.\n")
	}))
	defer server.Close()
	address := server.URL + "/notes.md?token=" + secret
	config := Config{substituted: []setting.Secret{setting.NewSecret(secret)}, Partners: []partners.Partner{{
		ID: "acme", Changelog: []partners.Source{{Kind: partners.SourceMarkdown, URL: address}, {Kind: partners.SourceMarkdown, URL: address + "&page=2"}},
		Status: partners.StatusSource{URL: address},
	}}}
	config = config.named()
	o := newOutside(always(httpcall.New(httpcall.Options{Redactor: setting.NewRedactor(config.Secrets()...), Retries: -1})), config, time.Now)
	p := config.Partners[0]
	var told []any
	for _, source := range p.Changelog {
		reading, err := o.changelog(p).Read(t.Context(), source, partners.Validators{})
		if err != nil || len(reading.Changes) != 2 {
			t.Fatalf("%d entries, %v", len(reading.Changes), err)
		}
		for i := range reading.Changes {
			reading.Changes[i].Key = "" // what a key is made of is not shown
		}
		told = append(told, source.Name(), source.Link(), reading)
	}
	told = append(told, o.status(t.Context(), p))
	encoded, err := json.Marshal(told)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(encoded), secret) {
		t.Errorf("it is told:\n%s", encoded)
	}
	if p.Changelog[0].Name() == p.Changelog[1].Name() {
		t.Errorf("both sources are called %s", p.Changelog[0].Name())
	}
}

// Two sources that differ in a secret alone are still two.
func TestSourcesKeepNamesOfTheirOwn(t *testing.T) {
	a, b := "canary-alpha", "canary-beta"
	config := Config{substituted: []setting.Secret{setting.NewSecret(a), setting.NewSecret(b)}, Partners: []partners.Partner{{
		ID: "acme", Changelog: []partners.Source{{URL: "https://acme.example/?k=" + a}, {URL: "https://acme.example/?k=" + b}, {URL: "https://acme.example/"}},
	}}}
	before := config.Partners[0].Changelog[0].Name()
	sources := config.named().Partners[0].Changelog
	if sources[0].Name() == sources[1].Name() || strings.Contains(sources[0].Name()+sources[1].Name(), "canary") {
		t.Errorf("called %q and %q", sources[0].Name(), sources[1].Name())
	}
	if sources[2].Name() != "https://acme.example/" || sources[2].Link() != sources[2].Name() {
		t.Errorf("an address without a secret is called %q", sources[2].Name())
	}
	if config.Partners[0].Changelog[0].Name() != before {
		t.Error("the configuration that was given has changed")
	}
}
