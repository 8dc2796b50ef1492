package httpcall_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"sparky/internal/httpcall"
)

func BenchmarkGet(b *testing.B) {
	page := []byte(strings.Repeat(`{"status":"operational"}`, 400))
	server := serve(b, func(w http.ResponseWriter, r *http.Request) { w.Write(page) })
	b.Run("bare", func(b *testing.B) {
		client := &http.Client{Transport: &http.Transport{}}
		b.ReportAllocs()
		for b.Loop() {
			resp, err := client.Get(server.URL)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.ReadAll(resp.Body); err != nil {
				b.Fatal(err)
			}
			resp.Body.Close()
		}
	})
	b.Run("Do", func(b *testing.B) {
		client := httpcall.New(httpcall.Options{PublicOnly: true})
		b.ReportAllocs()
		for b.Loop() {
			if _, err := client.Do(b.Context(), httpcall.Request{URL: server.URL}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
