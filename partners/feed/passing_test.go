package feed

import (
	"errors"
	"net/http"
	"testing"

	"sparky/internal/httpcall"
)

// What a server's trouble or haste keeps from us may pass; what a person must mend does not.
func TestWhichRefusalsMayPass(t *testing.T) {
	for status, want := range map[int]bool{500: true, 503: true, 429: true, 401: false, 403: false, 404: false, 410: false, 302: false, 418: false} {
		var may interface{ Temporary() bool }
		err := refusal(httpcall.Response{Status: status, Header: http.Header{}})
		if got := errors.As(err, &may) && may.Temporary(); err == nil || got != want {
			t.Errorf("%d: %v, may pass: %v", status, err, got)
		}
	}
	spent := refusal(httpcall.Response{Status: 403, Header: http.Header{"X-Ratelimit-Remaining": {"0"}}})
	var may interface{ Temporary() bool }
	if !errors.As(spent, &may) || !may.Temporary() {
		t.Errorf("a limit that is spent: %v", spent)
	}
}
