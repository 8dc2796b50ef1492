package main

import (
	"time"

	"sparky/partners"
)

// certificateRecord is a certificate for machines, its times in seconds as everywhere.
type certificateRecord struct {
	partners.Certificate
	Took     *struct{}               `json:"took,omitempty"` // in the place of the certificate's own, which is in nanoseconds
	Passed   bool                    `json:"passed"`
	Duration float64                 `json:"duration"`
	Items    []certificateItemRecord `json:"items"`
}

type certificateItemRecord struct {
	partners.CertificateItem
	Took     *struct{} `json:"took,omitempty"`
	Duration float64   `json:"duration"`
}

func newCertificateRecord(cert partners.Certificate) certificateRecord {
	record := certificateRecord{Certificate: cert, Passed: cert.Passed(), Duration: inSeconds(cert.Took), Items: make([]certificateItemRecord, 0, len(cert.Items))}
	for _, item := range cert.Items {
		record.Items = append(record.Items, certificateItemRecord{CertificateItem: item, Duration: inSeconds(item.Took)})
	}
	return record
}

// inSeconds are those of a length of time, to the millisecond.
func inSeconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }
