package probe

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"sparky/internal/httpcall"
	"sparky/partners"
)

// Read is a probe that reads one JSON document, as those of partners with an API of their own do. Its parts say what the
// partner means.
type Read struct {
	Client *httpcall.Client
	URL    string
	// Service and Action are what New Relic calls it.
	Service, Action string
	Doing           string // as Judge has it: "reading the Okta org"
	// Lost says what a call without an answer means; nil leaves it at what Understand made of it.
	Lost func(err error, failure *partners.Failure) *partners.Failure
	// Refused says what an answer other than 200 means; nil leaves it at what Judge made of it.
	Refused func(answer httpcall.Response, failure *partners.Failure) *partners.Failure
	// Check tells what is wrong with the document, nil where nothing is.
	Check func(answer httpcall.Response, document gjson.Result) *partners.Failure
	// Warning is what a document that is well warns of, empty for nothing; nil never warns.
	Warning func(document gjson.Result) string
}

// Run is the probe.
func (r Read) Run(ctx context.Context) (partners.Finding, error) {
	answer, err := Do(ctx, r.Client, r.Service, r.Action, httpcall.Request{URL: r.URL, Header: http.Header{"Accept": {"application/json"}}})
	if err != nil {
		err = fmt.Errorf("%s: %w", r.Doing, err)
		failure := Understand(ctx, err)
		if r.Lost != nil {
			failure = r.Lost(err, failure)
		}
		return partners.Finding{}, failure
	}
	if failure := Judge(r.Doing, answer, http.StatusOK); failure != nil {
		if r.Refused != nil {
			failure = r.Refused(answer, failure)
		}
		return partners.Finding{}, failure
	}
	document, failure := JSON(r.Doing, answer)
	if failure == nil {
		failure = r.Check(answer, document)
	}
	if failure != nil {
		return partners.Finding{}, failure
	}
	if r.Warning == nil {
		return partners.Finding{}, nil
	}
	return partners.Finding{Warning: r.Warning(document)}, nil
}

// Base is the base_url of a probe that must be of that kind, without a slash at its end. The errors name the partner, and
// what to write where the address is missing.
func Base(config partners.ProbeConfig, kind, partner, write string) (string, error) {
	base := strings.TrimRight(config.BaseURL, "/")
	switch {
	case config.Kind != kind:
		return "", fmt.Errorf("probe %s: %q is no kind of %s probe", config.ID, config.Kind, partner)
	case base == "":
		return "", fmt.Errorf("probe %s: base_url is missing; write %s", config.ID, write)
	}
	return base, nil
}
