package httpcall_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"sparky/internal/httpcall"
)

// What happened is the same whatever was being done, and by whichever call.
func TestTheReasonOfAFailure(t *testing.T) {
	cut := network(func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })
	client := httpcall.New(httpcall.Options{Transport: cut, Retries: -1})
	_, err := client.Do(t.Context(), httpcall.Request{Method: http.MethodGet, URL: "https://jira.example/rest/search"})
	var call *httpcall.Error
	if !errors.As(err, &call) {
		t.Fatalf("%v", err)
	}
	for _, c := range []struct {
		err  interface{ Reason() string }
		want string
	}{
		{&httpcall.Failure{Doing: "looking for the issue", Problem: err.Error(), Cause: err}, call.Reason()},
		{&httpcall.Failure{Doing: "opening an issue", Problem: "Jira does not take the token (401)"}, "Jira does not take the token (401)"},
		{&httpcall.Failure{Doing: "opening an issue", Problem: "it is odd", Cause: errors.New("odd")}, "it is odd"},
		{&httpcall.Refusal{What: "Statuspage answered 401", Mend: "give a valid key"}, "Statuspage answered 401: give a valid key"},
	} {
		if got := c.err.Reason(); got != c.want || strings.Contains(got, "jira.example") {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
