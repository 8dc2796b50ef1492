package commands

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sparky/partners"
)

// fakeCertifier gives the certificate that a test has put down, after a while.
type fakeCertifier struct {
	cert  partners.Certificate
	err   error
	takes time.Duration
	print partners.CertificatePrint
}

func (f fakeCertifier) Certify(ctx context.Context, p partners.Partner, progress func(done, all int, probe, item string)) (partners.Certificate, error) {
	progress(0, 33, p.Probes[0].ID, "")
	progress(12, 33, p.Probes[0].ID, "No answer")
	select {
	case <-time.After(f.takes):
	case <-ctx.Done():
		return partners.Certificate{}, ctx.Err()
	}
	return f.cert, f.err
}

func (f fakeCertifier) Certificates(context.Context) (map[string]partners.Certificate, error) {
	return map[string]partners.Certificate{f.cert.Partner: f.cert}, f.err
}

func (f fakeCertifier) Fingerprint(partners.Partner) partners.CertificatePrint { return f.print }

func snowCertificate(outcome partners.CertificateOutcome, required bool) partners.Certificate {
	item := func(part, name string, required bool, outcome partners.CertificateOutcome) partners.CertificateItem {
		return partners.CertificateItem{Probe: "table-api", Part: part, Name: name, Required: required, Outcome: outcome, Measured: "what was found", Budget: "what must be"}
	}
	return partners.Certificate{
		Partner: "servicenow", Name: "ServiceNow", At: noon.Add(-72 * time.Hour), Fingerprint: partners.CertificatePrint{Code: "v1", Config: "abc"},
		Modules: []partners.CertificateModule{{Probe: "table-api", Kind: partners.KindServiceNowTable}},
		Items: []partners.CertificateItem{
			item(partners.PartSecurity, "One", true, partners.ItemPassed), item(partners.PartPerformance, "Two", true, partners.ItemSkipped),
			item(partners.PartResilience, "Three", required, outcome),
		},
	}
}

func snowDirectory() *Directory {
	return NewDirectory([]partners.Partner{{ID: "servicenow", Name: "ServiceNow", Aliases: []string{"snow"}, Probes: []partners.ProbeConfig{{ID: "table-api", Kind: partners.KindServiceNowTable}}}, {ID: "okta", Name: "Okta"}})
}

// words is all that a reply says.
func words(r Reply) string {
	var b strings.Builder
	b.WriteString(r.Text + "\n")
	for _, section := range r.Sections {
		b.WriteString(section.Heading + "\n")
		for _, line := range section.Lines {
			b.WriteString(string(line.Mark) + " ")
			for _, piece := range line.Pieces {
				b.WriteString(piece.Text)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func TestCertify(t *testing.T) {
	for name, c := range map[string]struct {
		fake   fakeCertifier
		ask    string
		failed bool
		says   []string
	}{
		"certified": {fakeCertifier{cert: snowCertificate(partners.ItemPassed, true)}, "certify snow", false,
			[]string{"ServiceNow is certified: 2 items passed, 0 failed, 1 does not apply.", "good Security: 1 passed", "unknown Performance: 0 passed", "Asked by ada. Each item with what was measured: sparky certify servicenow in a terminal."}},
		"not certified": {fakeCertifier{cert: snowCertificate(partners.ItemFailed, true)}, "certify servicenow", true,
			[]string{"ServiceNow is not certified", "bad Resilience", "Three: what was found. It must be: what must be."}},
		"worth a look":        {fakeCertifier{cert: snowCertificate(partners.ItemFailed, false)}, "certify servicenow", false, []string{"ServiceNow is certified", "warn Resilience"}},
		"could not be made":   {fakeCertifier{err: errors.New("no room")}, "certify snow", true, []string{"ServiceNow could not be tried out: no room."}},
		"no partner":          {fakeCertifier{}, "certify", true, []string{"Which partner?"}},
		"an unknown one":      {fakeCertifier{}, "certify snov", true, []string{"Did you mean servicenow"}},
		"too many words":      {fakeCertifier{}, "certify snow now", true, []string{"now"}},
		"one without a probe": {fakeCertifier{}, "certify okta", true, []string{"Okta has no probes"}},
	} {
		t.Run(name, func(t *testing.T) {
			directory := snowDirectory()
			reply := NewBook(directory, nil, Certify(directory, c.fake)).Run(t.Context(), Request{Text: c.ask, Person: ada})
			for _, want := range c.says {
				if !strings.Contains(words(reply), want) {
					t.Errorf("%q is not in\n%s", want, words(reply))
				}
			}
			if reply.Failed != c.failed {
				t.Errorf("failed: %v", reply.Failed)
			}
		})
	}
}

func TestCertifyShowsHowFarItIsAndRunsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		directory := snowDirectory()
		book := NewBook(directory, nil, Certify(directory, fakeCertifier{cert: snowCertificate(partners.ItemPassed, true), takes: time.Minute}))
		var shown []string
		done := make(chan Reply)
		go func() {
			done <- book.Run(t.Context(), Request{Text: "certify snow", Person: ada, Progress: func(r Reply) { shown = append(shown, r.Text) }})
		}()
		synctest.Wait()
		if again := book.Run(t.Context(), Request{Text: "certify snow", Person: grace}); !again.Refused || !strings.Contains(again.Text, "already") {
			t.Errorf("a second time meanwhile: %+v", again)
		}
		if reply := <-done; reply.Failed || !reply.Public {
			t.Errorf("%+v", reply)
		}
		want := "ServiceNow: 12 of 33 items done. Now table-api: No answer."
		if len(shown) != 3 || shown[2] != want {
			t.Errorf("shown: %q", shown)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if late := book.Run(ctx, Request{Text: "certify snow", Person: ada}); !late.Failed || !strings.Contains(late.Text, "In a terminal, sparky certify servicenow") {
			t.Errorf("one that takes too long: %+v", late)
		}
	})
}

func TestStatusTellsOfTheCertificate(t *testing.T) {
	same := partners.CertificatePrint{Code: "v1", Config: "abc"}
	for name, c := range map[string]struct {
		fake fakeCertifier
		want string
	}{
		"certified":     {fakeCertifier{cert: snowCertificate(partners.ItemPassed, true), print: same}, "good Certified 3 days ago\n"},
		"out of date":   {fakeCertifier{cert: snowCertificate(partners.ItemPassed, true), print: partners.CertificatePrint{Code: "v1", Config: "new"}}, "warn Certified 3 days ago; out of date: its configuration changed. Try it again with /sparky certify servicenow\n"},
		"not certified": {fakeCertifier{cert: snowCertificate(partners.ItemFailed, true), print: same}, "bad Not certified: 1 item failed 3 days ago\n"},
		"none":          {fakeCertifier{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			directory := snowDirectory()
			sources := StatusSources{Pages: &fakeFacts{}, Certificates: c.fake}
			reply := NewBook(directory, nil, Status(directory, sources, func() time.Time { return noon })).Run(t.Context(), Request{Text: "status snow", Person: ada})
			if said := words(reply); !strings.Contains(said, c.want) || (c.want == "") == strings.Contains(said, "Certificate\n") {
				t.Errorf("want %q in\n%s", c.want, said)
			}
			fact, ok := reply.Facts.(PartnerStatus)
			if !ok || (fact.Certificate == nil) != (c.want == "") {
				t.Errorf("%+v", reply.Facts)
			}
		})
	}
	broken := Status(snowDirectory(), StatusSources{Pages: &fakeFacts{}, Certificates: fakeCertifier{err: errors.New("the disk is full")}}, func() time.Time { return noon })
	if reply := NewBook(snowDirectory(), nil, broken).Run(t.Context(), Request{Text: "status snow", Person: ada}); !strings.Contains(reply.Text, "the disk is full") {
		t.Errorf("%+v", reply)
	}
}
