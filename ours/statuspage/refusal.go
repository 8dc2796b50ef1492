package statuspage

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/plaintext"
)

// understand reads an answer into its value, or tells what it means that it cannot be (developer.statuspage.io, "Status
// codes").
func understand(answer httpcall.Response, into any) error {
	no := &httpcall.Refusal{Status: answer.Status, Lasts: true, What: fmt.Sprintf("Statuspage answered %d %s", answer.Status, http.StatusText(answer.Status))}
	switch status := answer.Status; {
	case status >= 200 && status < 300:
		if err := json.Unmarshal(answer.Body, into); err != nil {
			return fmt.Errorf("the answer was %d, but not one of Statuspage's; check status_page.api_url in sparky.yaml", status)
		}
		return nil
	case status == enhance || status == http.StatusTooManyRequests:
		return &httpcall.Refusal{Status: status, What: "Statuspage asks for fewer requests", Wait: httpcall.WaitAsked(answer.Header, time.Now())}
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		no.Mend = "give a valid API key in status_page.token in sparky.yaml; it must be of a user who may edit the page"
	case status == http.StatusNotFound:
		no.Mend = "check status_page.page_id and status_page.api_url in sparky.yaml"
	case status == http.StatusBadRequest || status == http.StatusUnprocessableEntity:
		no.What = "Statuspage does not take it: " + words(answer.Body)
		no.Mend = "check status_page in sparky.yaml; if it is right, this is a mistake in Sparky, please report it"
	case status >= 400 && status < 500 && status != http.StatusRequestTimeout:
		no.Mend = "check status_page.api_url in sparky.yaml, and whether a proxy stands in between"
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
	return plaintext.Line(strings.Join(parts, "; "), 500)
}
