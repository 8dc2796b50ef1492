package partners

import (
	"slices"
	"time"
)

// Certificate is what came of trying out how a partner is integrated: items of which each was measured.
type Certificate struct {
	Partner     string              `json:"partner"` // Partner.ID
	Name        string              `json:"name"`
	At          time.Time           `json:"at"` // when it began
	Took        time.Duration       `json:"took"`
	Fingerprint CertificatePrint    `json:"fingerprint"`
	Modules     []CertificateModule `json:"modules"`
	Items       []CertificateItem   `json:"items"`
}

// CertificateModule is one probe that was tried out.
type CertificateModule struct {
	Probe string `json:"probe"`
	Kind  string `json:"kind"`
	API   string `json:"api,omitempty"` // the version of the partner's API that it called; empty where no address or answer names one
}

// CertificatePrint tells whether what was certified is still what runs. An empty part is not known, and is not compared.
type CertificatePrint struct {
	Code   string `json:"code,omitempty"`   // the version of Sparky, and so of its modules
	Config string `json:"config,omitempty"` // changes with the configuration of the partner's probes, not with its secrets
	API    string `json:"api,omitempty"`    // the versions of the partner's API
}

// The parts of a certificate.
const (
	PartSecurity    = "security"
	PartPerformance = "performance"
	PartResilience  = "resilience"
)

// CertificateOutcome is how an item ended.
type CertificateOutcome string

// The outcomes.
const (
	ItemPassed  CertificateOutcome = "passed"
	ItemFailed  CertificateOutcome = "failed"
	ItemSkipped CertificateOutcome = "skipped" // it could not be measured, or means nothing here; Measured says why
)

// CertificateItem is one thing that was measured of one probe.
type CertificateItem struct {
	Probe    string             `json:"probe"`
	Part     string             `json:"part"`
	Name     string             `json:"name"`
	Required bool               `json:"required"` // without it there is no certificate
	Outcome  CertificateOutcome `json:"outcome"`
	Measured string             `json:"measured"` // what was found, in words; holds no secret
	Budget   string             `json:"budget,omitempty"`
	Took     time.Duration      `json:"took"`
}

// Passed tells that no required item failed, and that something passed at all.
func (c Certificate) Passed() bool {
	failed := slices.ContainsFunc(c.Items, func(i CertificateItem) bool { return i.Required && i.Outcome == ItemFailed })
	return !failed && c.Count(ItemPassed) > 0
}

// Count is how many items ended so.
func (c Certificate) Count(outcome CertificateOutcome) int {
	n := 0
	for _, i := range c.Items {
		if i.Outcome == outcome {
			n++
		}
	}
	return n
}

// OutOfDate says what has changed since the certificate was given, as the end of a sentence; empty where nothing has.
func (c Certificate) OutOfDate(now CertificatePrint) string {
	was := c.Fingerprint
	changed := func(before, after string) bool { return before != "" && after != "" && before != after }
	switch {
	case changed(was.Config, now.Config):
		return "its configuration changed"
	case changed(was.Code, now.Code):
		return "Sparky was updated"
	case changed(was.API, now.API):
		return "the version of its API changed"
	}
	return ""
}
