// Package okta makes the probe of Okta: a read of the org that our token belongs to. It speaks the Org API and knows its
// error codes and rate limits; it knows nothing of what a failure leads to.
package okta

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"sparky/internal/httpcall"
	"sparky/partners"
	"sparky/partners/probe"
)

const doing = "reading the Okta org"

// org is the probe of one org.
type org struct {
	name string // its subdomain, where base_url tells it
	now  func() time.Time
}

// New is the probe of a configuration of kind okta.org. The client carries the credential. A pass says that Okta takes the
// credential and that the org is active; an org that ends within 30 days is a warning. An error says what cannot be used
// although it was validated.
func New(config partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
	const write = "that of the org, like https://acme.okta.com"
	base, err := probe.Base(config, partners.KindOktaOrg, "Okta", write)
	if err != nil {
		return nil, err
	}
	address, err := url.Parse(base)
	if err != nil || address.Host == "" {
		return nil, fmt.Errorf("probe %s: base_url is not an address; write %s", config.ID, write)
	}
	o := org{name: subdomain(address.Hostname()), now: time.Now}
	return probe.Read{Client: client, Service: "okta", Action: "readOrg", URL: address.String() + "/api/v1/org", Doing: doing, Refused: refused, Check: o.check, Warning: o.ending}.Run, nil
}

// check reads what Okta says of the org.
func (o org) check(answer httpcall.Response, document gjson.Result) *partners.Failure {
	fail := func(words string) *partners.Failure { return probe.Fail(partners.FailContent, doing, answer, words) }
	status, name := document.Get("status").String(), document.Get("subdomain").String()
	switch {
	case document.Get("id").String() == "" || status == "":
		return fail("answered with something that is no org; does base_url lead to Okta?")
	case o.name != "" && name != "" && !strings.EqualFold(name, o.name):
		return fail(fmt.Sprintf("answered for another org, %s and not %s; check base_url, and whether a proxy of ours leads it elsewhere", shown(name), o.name))
	case !strings.EqualFold(status, "ACTIVE"):
		return fail(fmt.Sprintf("says that the org is %s and not ACTIVE; ask who administers it whether its subscription has ended", shown(status)))
	}
	return nil
}

// endsSoon is how long before its end an org is warned of.
const endsSoon = 30 * 24 * time.Hour

// ending warns of an org that has an end, as those on trial have.
func (o org) ending(document gjson.Result) string {
	end, err := time.Parse(time.RFC3339, document.Get("expiresAt").String())
	if err != nil || end.Sub(o.now()) > endsSoon {
		return ""
	}
	return "the Okta org ends on " + end.UTC().Format("2 January 2006") + "; ask who administers it to renew its subscription"
}

// Okta's codes for what it refuses. Source: developer.okta.com/docs/reference/error-codes.
var (
	authCodes   = [...]string{"E0000004", "E0000005", "E0000011"}
	rightsCodes = [...]string{"E0000006", "E0000015"}
)

const limitCode = "E0000047"

// refused says what an answer that is an error means. Okta's code says more than the status, with which it does not always
// agree.
func refused(answer httpcall.Response, failure *partners.Failure) *partners.Failure {
	if seconds, ok := reset(answer.Header); ok && answer.Header.Get("Retry-After") == "" {
		// Okta's way to say how long to wait, put as others say it.
		answer.Header = answer.Header.Clone()
		answer.Header.Set("Retry-After", time.Unix(seconds, 0).UTC().Format(http.TimeFormat))
		failure = probe.Judge(doing, answer, http.StatusOK)
	}
	code := ""
	if gjson.ValidBytes(answer.Body) {
		code = gjson.GetBytes(answer.Body, "errorCode").String()
	}
	class, mend := meaning(answer, code)
	if class != "" && class != failure.Class {
		failure.Class = class
		failure.Problem = fmt.Sprintf("%s: %s answered %d", doing, failure.Host, answer.Status)
	}
	failure.Problem += mend
	if isCode(code) {
		failure.Problem += " (Okta's code " + code + ")"
	}
	return failure
}

// meaning is what an error of Okta's means and how it is mended; nothing where its status says all.
func meaning(answer httpcall.Response, code string) (partners.FailureClass, string) {
	challenge := strings.ToLower(answer.Header.Get("WWW-Authenticate"))
	switch {
	case code == limitCode || answer.Status == http.StatusTooManyRequests:
		return partners.FailThrottled, limit(answer)
	case strings.HasPrefix(challenge, "dpop"):
		return partners.FailAuth, ". The app in Okta demands DPoP, which a bearer token does not have; turn “Require Demonstrating Proof of Possession” off for it"
	case strings.Contains(challenge, "insufficient_scope"):
		return partners.FailRights, ". The token lacks a scope; grant okta.orgs.read to the app in Okta, and ask for it"
	case slices.Contains(authCodes[:], code):
		return partners.FailAuth, ". An API token ends after 30 days without use, and with the person who made it; make a new one as a user that stays"
	case slices.Contains(rightsCodes[:], code):
		return partners.FailRights, ". Reading the org needs an admin role of the token's user, read-only will do, or the scope okta.orgs.read"
	}
	return "", ""
}

// limit says which limit it was: that of calls at once has a limit of 0 in its headers, and no time at which it ends.
func limit(answer httpcall.Response) string {
	if strings.TrimSpace(answer.Header.Get("X-Rate-Limit-Limit")) == "0" {
		return ". Too many calls ran at the same time; all apps of ours count together"
	}
	return ". Calls of all apps of ours with this token's rights count together"
}

// reset is when Okta counts anew, in seconds since 1970.
func reset(header http.Header) (int64, bool) {
	seconds, err := strconv.ParseInt(strings.TrimSpace(header.Get("X-Rate-Limit-Reset")), 10, 64)
	return seconds, err == nil && seconds > 1e9 && seconds < 1e11
}

// isCode tells a code as Okta writes them, which can be shown as it is.
func isCode(code string) bool {
	digits, found := strings.CutPrefix(code, "E")
	_, err := strconv.ParseUint(digits, 10, 32)
	return found && err == nil && len(digits) == 7
}

// oktaHosts are where orgs live that have no domain of their own. Source: developer.okta.com/docs/concepts/okta-organizations.
var oktaHosts = [...]string{".okta.com", ".oktapreview.com", ".okta-emea.com", ".okta-gov.com", ".okta.mil"}

// subdomain is the name of the org in its host; empty for a domain of its own, which does not tell it.
func subdomain(host string) string {
	host = strings.ToLower(host)
	for _, domain := range oktaHosts {
		if name, found := strings.CutSuffix(host, domain); found && !strings.Contains(name, ".") {
			return strings.TrimSuffix(name, "-admin")
		}
	}
	return ""
}

// shown is a word of Okta's within a sentence of ours.
func shown(word string) string {
	if len(word) > 60 {
		word = word[:60]
	}
	return strconv.QuoteToASCII(strings.ToValidUTF8(word, ""))
}
