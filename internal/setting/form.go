package setting

import (
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

var (
	repoForm   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$`)
	groupForm  = regexp.MustCompile(`^S[A-Z0-9]+$`)
	personForm = regexp.MustCompile(`^[SUW][A-Z0-9]+$`)
)

// CheckURL says what keeps a text from being the address of an HTTP service, or is empty. What it says goes on after
// the address itself, as Report.Bad wants it.
func CheckURL(text string) string {
	const mend = "; write it like https://host/path"
	u, err := url.Parse(text)
	switch {
	case strings.IndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) >= 0:
		return "has white space in it" + mend
	case err != nil:
		return "is not an address" + mend
	case u.Scheme != "http" && u.Scheme != "https":
		return "does not begin with https:// or http://" + mend
	case u.Hostname() == "":
		return "names no host" + mend
	case !portOK(u.Port()):
		return "has a port that is not from 1 to 65535"
	case u.Fragment != "":
		return "has a # part, which is never sent; leave it out"
	}
	return ""
}

// CheckOrigin is CheckURL for an address that is scheme and host only.
func CheckOrigin(text string) string {
	if problem := CheckURL(text); problem != "" {
		return problem
	}
	u, err := url.Parse(text)
	if err != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return "is more than scheme and host; the path is known here, write it like https://host"
	}
	return ""
}

func portOK(port string) bool {
	if port == "" {
		return true
	}
	n, err := strconv.Atoi(port)
	return err == nil && n > 0 && n < 1<<16
}

// CheckHostPort says what keeps a text from being host:port, or is empty.
func CheckHostPort(text string) string {
	host, port, err := net.SplitHostPort(text)
	if err != nil || host == "" || port == "" || strings.ContainsAny(text, "/@ ") {
		return "is not host:port; write it like db.example.com:443"
	}
	if !portOK(port) {
		return "has a port that is not from 1 to 65535"
	}
	return ""
}

// CheckRepo says what keeps a text from being a GitHub repository, or is empty.
func CheckRepo(text string) string {
	if repoForm.MatchString(text) {
		return ""
	}
	return "is not a repository; write it as owner/name"
}

// CheckUserGroup says what keeps a text from being the id of a Slack user group, or is empty.
func CheckUserGroup(text string) string {
	if groupForm.MatchString(text) {
		return ""
	}
	return "is not the id of a Slack user group; it begins with S, and the group's menu in Slack copies it"
}

// CheckUserOrGroup says what keeps a text from being the id of a Slack user or user group, or is empty.
func CheckUserOrGroup(text string) string {
	if personForm.MatchString(text) {
		return ""
	}
	return "is not the id of a Slack user (U…) or user group (S…); the profile or group menu in Slack copies it"
}

// CheckChoice says that a text is none of the choices, and which was probably meant, or is empty.
func CheckChoice(text string, choices ...string) string {
	if slices.Contains(choices, text) {
		return ""
	}
	return "is not known here; " + DidYouMean(text, choices)
}

// CheckAtLeast says that a duration is shorter than it may be, or is empty.
func CheckAtLeast(d, floor Duration) string {
	if d >= floor {
		return ""
	}
	return "is too short; " + floor.String() + " is the least"
}
