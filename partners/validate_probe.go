package partners

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sparky/internal/setting"
)

func (p Partner) checkProbes(report setting.Report) {
	seen := map[string]int{}
	for i, c := range p.Probes {
		at := report.At(i)
		c.check(at)
		key := strings.ToLower(c.ID)
		switch other, taken := seen[key]; {
		case c.ID == "":
			at.At("id").Missing("every probe needs one, such as sign-in; people type it in Slack")
		case !idForm.MatchString(c.ID):
			at.At("id").Bad("cannot be typed as one word" + idMend)
		case taken:
			at.At("id").Bad("already is probe " + strconv.Itoa(other+1) + " of this partner; give each its own id, without regard to case")
		default:
			seen[key] = i
		}
	}
}

func (c ProbeConfig) check(report setting.Report) {
	c.checkCommon(report)
	kind, known := probeKindOf(c.Kind)
	switch {
	case c.Kind == "":
		report.At("kind").Missing("write one of " + strings.Join(ProbeKinds(), ", "))
		return
	case !known:
		report.At("kind").Bad("is no kind of probe; " + setting.DidYouMean(c.Kind, ProbeKinds()))
		return
	}
	c.checkKindKeys(kind, report)
	c.checkAuth(kind, report.At("auth"))
	switch c.Kind {
	case KindHTTP:
		c.checkHTTP(report)
	case KindDNS:
		c.checkDNS(report)
	case KindTCP, KindTLS:
		checkSet(c.Address, setting.CheckHostPort, report.At("address"))
	case KindTeamsCard:
		// The address is a secret as a whole, so what is wrong with it is said without it.
		if url := c.Webhook.Reveal(); url != "" && setting.CheckURL(url) != "" {
			report.At("url").Say("url is not an address; copy the whole address of the workflow's webhook, it begins with https://")
		}
	case KindWorkdayWorkers:
		checkSet(c.BaseURL, setting.CheckOrigin, report.At("base_url"))
		c.checkTenant(report)
	case KindOktaOrg:
		checkSet(c.BaseURL, setting.CheckOrigin, report.At("base_url"))
		c.checkSSWS(report.At("auth", "header"))
	default:
		checkSet(c.BaseURL, setting.CheckOrigin, report.At("base_url"))
	}
}

func (c ProbeConfig) checkCommon(report setting.Report) {
	for _, d := range []struct {
		key string
		is  setting.Duration
	}{{"every", c.Every}, {"timeout", c.Timeout}} {
		if problem := setting.CheckAtLeast(d.is, shortest); problem != "" {
			report.At(d.key).Bad(problem)
		}
	}
	if c.Every >= shortest && c.Timeout > c.Every {
		report.At("every").Note("a run may take " + c.Timeout.String() + ", longer than the " + c.Every.String() + " from one to the next; runs never overlap, so make every longer or timeout shorter")
	}
	if problem := setting.CheckChoice(c.Priority, Priorities()...); problem != "" {
		report.At("priority").Bad(problem)
	}
	if c.P95 != nil {
		checkOver(c.P95.Above == 0, "above", "give the limit, such as 2s", c.P95.Over, report.At("p95"))
	}
	if c.Success != nil {
		checkOver(c.Success.Below == 0, "below", "give the limit, such as 99%", c.Success.Over, report.At("success"))
	}
}

func checkOver(absent bool, key, mend string, over setting.Duration, report setting.Report) {
	if absent {
		report.At(key).Missing(mend)
	}
	if over == 0 {
		report.At("over").Missing("say over how long it is measured, such as 15m")
	}
}

// checkKindKeys tells of keys that the kind lacks, and of those that belong to other kinds.
func (c ProbeConfig) checkKindKeys(kind probeKind, report setting.Report) {
	url := c.URL
	if !c.Webhook.IsZero() {
		url = setting.Hidden
	}
	keys := []keyValue{
		{"url", url}, {"body", c.Body}, {"address", c.Address}, {"name", c.Name}, {"resolver", c.Resolver}, {"base_url", c.BaseURL},
		{"table", c.Table}, {"tenant", c.Tenant}, {"method", c.Method}, {"type", c.Type},
		{"headers", given(c.Headers != nil)}, {"steps", given(c.Steps != nil)}, {"expect", given(!c.Expect.IsZero())},
		{"expires_in", given(c.ExpiresIn != 0)}, {"save", given(c.Save != nil)}, {"always", given(c.Always)},
	}
	if slices.Contains(kind.required, "monitor") {
		keys = append(keys, keyValue{"monitor", c.Monitor})
	}
	for _, k := range keys {
		switch needed := slices.Contains(kind.required, k.key); {
		case needed && k.value == "":
			report.At(k.key).Missing("a probe of kind " + kind.name + " needs it")
		case needed, k.value == "", slices.Contains(kind.optional, k.key):
		case k.key == "save", k.key == "always":
			report.At(k.key).Say(k.key + " has a meaning in steps only; move it into one of the steps of an http probe")
		default:
			report.At(k.key).Say(k.key + " does not belong to a probe of kind " + kind.name + ", only to " + strings.Join(kindsWith(k.key), ", ") + "; leave it out")
		}
	}
}

func given(yes bool) string {
	if yes {
		return "given"
	}
	return ""
}

func (c ProbeConfig) checkAuth(kind probeKind, report setting.Report) {
	if c.Auth != nil {
		c.Auth.check(report)
	}
	if kind.auth == nil {
		return
	}
	mend := "a probe of kind " + kind.name + " signs in with " + strings.Join(kind.auth, " or ")
	if c.Auth == nil {
		report.Missing(mend)
		return
	}
	if len(c.Auth.schemes()) > 0 && !slices.ContainsFunc(c.Auth.schemes(), func(s string) bool { return slices.Contains(kind.auth, s) }) {
		report.Say("auth is of another kind than is needed; " + mend)
	}
}

// schemes names what is set; refresh tokens count as a scheme of their own beside oauth2.
func (a Auth) schemes() []string {
	var set []string
	if a.Basic != nil {
		set = append(set, authBasic)
	}
	if !a.Bearer.IsZero() {
		set = append(set, authBearer)
	}
	if a.Header != nil {
		set = append(set, authHeader)
	}
	if a.OAuth2 != nil {
		set = append(set, authOAuth2)
		if !a.OAuth2.RefreshToken.IsZero() {
			set = append(set, authRefresh)
		}
	}
	return set
}

var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

func (a Auth) check(report setting.Report) {
	schemes := slices.DeleteFunc(a.schemes(), func(s string) bool { return s == authRefresh })
	if len(schemes) == 0 {
		report.Missing("give one of basic, bearer, header or oauth2")
	}
	if len(schemes) > 1 {
		report.Say("auth has " + strings.Join(schemes, " and ") + "; keep one of them")
	}
	if b := a.Basic; b != nil {
		need(b.User == "", report.At("basic", "user"), "basic authentication needs it")
		need(b.Password.IsZero(), report.At("basic", "password"), "basic authentication needs it")
	}
	if h := a.Header; h != nil {
		need(h.Name == "", report.At("header", "name"), "give the header's name, such as Authorization")
		need(h.Value.IsZero(), report.At("header", "value"), "give what the header holds")
		if h.Name != "" && !headerName.MatchString(h.Name) {
			report.At("header", "name").Bad("cannot be the name of a header; it has letters, digits and - only")
		}
		if strings.ContainsAny(h.Value.Reveal(), "\r\n\x00") {
			report.At("header", "value").Say("value has a line break in it, which a header cannot hold")
		}
	}
	if strings.ContainsAny(a.Bearer.Reveal(), "\r\n\x00") {
		report.At("bearer").Say("bearer has a line break in it, which a header cannot hold")
	}
	if o := a.OAuth2; o != nil {
		need(o.TokenURL == "", report.At("oauth2", "token_url"), "give the address where tokens are had")
		need(o.ClientID == "", report.At("oauth2", "client_id"), "oauth2 needs it")
		need(o.ClientSecret.IsZero(), report.At("oauth2", "client_secret"), "oauth2 needs it")
		checkSet(o.TokenURL, setting.CheckURL, report.At("oauth2", "token_url"))
	}
}

func need(absent bool, report setting.Report, mend string) {
	if absent {
		report.Missing(mend)
	}
}

func (c ProbeConfig) checkDNS(report setting.Report) {
	if problem := setting.CheckChoice(c.Type, "A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT", "CAA"); problem != "" {
		report.At("type").Bad(problem)
	}
	if strings.ContainsAny(c.Name, " /:@") {
		report.At("name").Bad("is not a DNS name; write it like api.example.com")
	}
	if strings.Contains(c.Resolver, ":") {
		checkSet(c.Resolver, setting.CheckHostPort, report.At("resolver"))
	} else if strings.ContainsAny(c.Resolver, " /@") {
		report.At("resolver").Bad("is not a resolver; write its address, like 1.1.1.1 or 1.1.1.1:53")
	}
	if !c.Expect.IsZero() && c.Expect.Values == nil {
		report.At("expect").Say("a dns probe expects values; write a list of them, like [192.0.2.1]")
	}
}

// methods are those that an http probe may use.
func methods() []string {
	return []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}
}
