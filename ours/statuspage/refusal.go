package statuspage

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sparky/internal/httpcall"
)

// refusal is a call that certainly changed nothing.
type refusal struct {
	what      string
	mend      string
	status    int // of the answer; 0 where there was none
	permanent bool
	after     time.Duration
	err       error
}

func unsent(err error) error { return &refusal{what: err.Error(), err: err} }

// Error says what happened and, where a person can mend it, how.
func (r *refusal) Error() string {
	if r.mend == "" {
		return r.what
	}
	return r.what + ": " + r.mend
}

// Unwrap is what it came of.
func (r *refusal) Unwrap() error { return r.err }

// Permanent tells that repeating is no use before a person has mended something.
func (r *refusal) Permanent() bool { return r.permanent }

// RetryAfter is how long to leave it alone; zero where Statuspage did not ask for time.
func (r *refusal) RetryAfter() time.Duration { return r.after }

// Refused tells that nothing was done.
func (r *refusal) Refused() bool { return true }

// understand reads an answer into its value, or tells what it means that it cannot be (developer.statuspage.io, "Status
// codes").
func understand(answer httpcall.Response, into any) error {
	no := &refusal{status: answer.Status, permanent: true, what: fmt.Sprintf("Statuspage answered %d %s", answer.Status, http.StatusText(answer.Status))}
	switch status := answer.Status; {
	case status >= 200 && status < 300:
		if err := json.Unmarshal(answer.Body, into); err != nil {
			return fmt.Errorf("the answer was %d, but not one of Statuspage's; check status_page.api_url in sparky.yaml", status)
		}
		return nil
	case status == enhance || status == http.StatusTooManyRequests:
		return &refusal{status: status, what: "Statuspage asks for fewer requests", after: retryAfter(answer.Header)}
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		no.mend = "give a valid API key in status_page.token in sparky.yaml; it must be of a user who may edit the page"
	case status == http.StatusNotFound:
		no.mend = "check status_page.page_id and status_page.api_url in sparky.yaml"
	case status == http.StatusBadRequest || status == http.StatusUnprocessableEntity:
		no.what = "Statuspage does not take it: " + words(answer.Body)
		no.mend = "check status_page in sparky.yaml; if it is right, this is a mistake in Sparky, please report it"
	case status >= 400 && status < 500 && status != http.StatusRequestTimeout:
		no.mend = "check status_page.api_url in sparky.yaml, and whether a proxy stands in between"
	default:
		return fmt.Errorf("Statuspage answered %d %s", status, http.StatusText(status))
	}
	return no
}

// words are what Statuspage says is wrong: a sentence or a list of them, on one line.
func words(body []byte) string {
	var said struct {
		Error any `json:"error"`
	}
	if json.Unmarshal(body, &said) != nil || said.Error == nil {
		return "it gave no reason"
	}
	var parts []string
	switch e := said.Error.(type) {
	case string:
		parts = append(parts, e)
	case []any:
		for _, one := range e {
			parts = append(parts, fmt.Sprint(one))
		}
	default:
		parts = append(parts, fmt.Sprint(e))
	}
	text := []rune(strings.Join(strings.Fields(strings.Join(parts, "; ")), " "))
	if len(text) > 500 {
		return string(text[:499]) + "…"
	}
	return string(text)
}

// retryAfter is what the header of that name asks for, in seconds.
func retryAfter(header http.Header) time.Duration {
	seconds, err := strconv.Atoi(strings.TrimSpace(header.Get("Retry-After")))
	if err != nil || seconds <= 0 {
		return throttled
	}
	return min(time.Duration(seconds), 3600) * time.Second
}
