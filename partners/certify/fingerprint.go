package certify

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"sparky/internal/setting"
	"sparky/partners"
)

// Fingerprint tells the partner's integration as it is configured now, without its API's version, which only the partner's
// answers tell. A secret that is replaced by another changes nothing, and so do how often a probe runs and how urgent it is.
func Fingerprint(p partners.Partner, code string, secret setting.Redactor) partners.CertificatePrint {
	probes := slices.Clone(p.Probes)
	for i := range probes {
		probes[i].Every, probes[i].Priority = 0, ""
	}
	text, err := json.Marshal(struct {
		Isolation string
		Probes    []partners.ProbeConfig
	}{p.Isolation, probes})
	if err != nil {
		return partners.CertificatePrint{Code: code} // not known, so not compared
	}
	sum := sha256.Sum256([]byte(secret.Redact(string(text))))
	return partners.CertificatePrint{Code: code, Config: hex.EncodeToString(sum[:])[:16]}
}

// apis are the versions of the partner's API that its probes call.
func apis(modules []partners.CertificateModule) string {
	var versions []string
	for _, m := range modules {
		if m.API != "" {
			versions = append(versions, m.Probe+" "+m.API)
		}
	}
	slices.Sort(versions)
	return strings.Join(versions, ", ")
}
