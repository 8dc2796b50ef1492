package feed

import (
	"net/url"
	"regexp"
	"strings"
)

// maxLink bounds an address that is kept. Longer ones carry data, and Slack refuses them.
const maxLink = 2000

// absolute is the link resolved against the first of the bases that can make it absolute, without tracking parameters.
// It is empty for what is not http or https: such a link leads nowhere that a reader of a message should go.
func absolute(link string, bases ...string) string {
	link = strings.TrimSpace(link)
	if link == "" || len(link) > maxLink {
		return ""
	}
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	for _, base := range bases {
		if u.IsAbs() && u.Host != "" {
			break
		}
		if b, err := url.Parse(strings.TrimSpace(base)); err == nil && b.IsAbs() && b.Host != "" {
			u = b.ResolveReference(u)
		}
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return ""
	}
	return untracked(u).String()
}

// untracked is the address without the parameters that only say how the reader came to it.
func untracked(u *url.URL) *url.URL {
	if u.RawQuery == "" {
		return u
	}
	kept := []string{}
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		if name, _, _ := strings.Cut(pair, "="); !tracks(name) {
			kept = append(kept, pair)
		}
	}
	clean := *u
	clean.RawQuery = strings.Join(kept, "&")
	return &clean
}

func tracks(parameter string) bool {
	parameter = strings.ToLower(parameter)
	switch parameter {
	case "fbclid", "gclid", "dclid", "msclkid", "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "igshid", "ocid",
		"cmpid", "trk", "trkinfo", "wt.mc_id", "yclid", "ref_src", "spm", "sc_cid", "_ga", "_gl":
		return true
	}
	return strings.HasPrefix(parameter, "utm_") || strings.HasPrefix(parameter, "at_campaign") ||
		strings.HasPrefix(parameter, "pk_") || strings.HasPrefix(parameter, "hsa_")
}

var addressInText = regexp.MustCompile(`https?://[^\s<>"')\]]+`)

// withoutTracking takes the tracking parameters out of the addresses in a text.
func withoutTracking(text string) string {
	if !strings.Contains(text, "?") {
		return text
	}
	return addressInText.ReplaceAllStringFunc(text, func(found string) string {
		address := strings.TrimRight(found, ".,;:!?")
		u, err := url.Parse(address)
		if err != nil {
			return found
		}
		return untracked(u).String() + found[len(address):]
	})
}

// shown is an address as an error may print it: without user, password, query and fragment, where secrets travel.
func shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the address in sparky.yaml, which is not a valid one"
	}
	u.User, u.Fragment = nil, ""
	if u.RawQuery != "" {
		u.RawQuery = "…"
	}
	return u.String()
}
