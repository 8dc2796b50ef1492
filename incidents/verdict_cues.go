package incidents

import "regexp"

// What the text of an answer or of an incident may tell. Vendors' codes count more than their sentences: Microsoft asks
// never to rely on those.
var (
	// slowDownCue is a partner that says with a 403 or a 5xx what 429 is for: GitHub, and Workday's SOAP interface.
	slowDownCue = regexp.MustCompile(`(?i)\brate[ _-]?limit|too many requests|\bthrottl|\bquota (?:was |is |has been )?exceeded|request limit|\bE0000047\b`)
	// ourClientCue holds the codes of OAuth 2.0 (RFC 6749 section 5.2, RFC 6750 section 3.1), of Microsoft Entra for a wrong
	// or expired secret or certificate, and of Okta for a wrong token.
	ourClientCue   = regexp.MustCompile(`\b(?:invalid_client|invalid_token|invalid_grant|unauthorized_client|AADSTS7000(?:215|222)|AADSTS700(?:016|027)|E00000(?:04|11))\b`)
	signInCue      = regexp.MustCompile(`(?i)\b(?:auth|authn|authenticat\w*|authori[sz]\w*|oauth2?|oidc|saml|sso|single sign[- ]?on|sign(?:ing)?[- ]?ins?|log(?:ging)?[- ]?ins?|logons?|credentials?|access tokens?|api tokens?|api keys?|identity|mfa|entra(?: id)?|azure ad|active directory)\b`)
	certificateCue = regexp.MustCompile(`(?i)\b(?:certificates?|tls|ssl|https)\b`)
	troubleCue     = regexp.MustCompile(`(?i)maintenance|unavailable|bad gateway|gateway time|internal server error|something went wrong|try again later|outage|temporarily`)
	asleepCue      = regexp.MustCompile(`(?i)hibernat`)
	signInPageCue  = regexp.MustCompile(`(?i)\b(?:sign|log) ?in\b`)
	sandboxCue     = regexp.MustCompile(`(?i)(?:^|[.-])(?:sandbox|sbx|impl|preview|dev|test|uat|staging)\d*(?:[.-]|$)|oktapreview|^dev\d`)
)

// authorityCue finds the names of the authorities that browsers trust and that vendors' certificates are signed by.
var authorityCue = regexp.MustCompile(`(?i)\b(?:digicert|let'?s encrypt|isrg|sectigo|comodo|usertrust|globalsign|google trust services|\bgts\b|amazon|microsoft|entrust|go ?daddy|starfield|identrust|cloudflare|ssl\.com|actalis|buypass|certum|asseco|swisssign|telia|quovadis|verisign|thawte|geotrust|rapidssl|zerossl|apple|harica|trustwave|viking|baltimore|d-trust|t-telesec|deutsche telekom|gandi|network solutions|internet2|wisekey|certigna|camerfirma|izenpe|secom|kpn|emsign|trustasia|hongkong post|e-tugra)`)

// publicAuthority tells that who signed a certificate is an authority that the public trusts.
func publicAuthority(issuer string) bool { return authorityCue.MatchString(issuer) }

func saysSlowDown(text string) bool   { return slowDownCue.MatchString(text) }
func namesOurClient(text string) bool { return ourClientCue.MatchString(text) }
