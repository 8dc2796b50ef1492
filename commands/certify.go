package commands

import (
	"context"
	"fmt"
	"sync"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// Certifier tries out how partners are integrated.
type Certifier interface {
	// Certify makes a certificate and keeps it. It takes half a minute for each probe, and calls progress with how far it
	// is, one call at a time. Its error is that none could be made or kept; a certificate that says no is none.
	Certify(ctx context.Context, p partners.Partner, progress func(done, all int, probe, item string)) (partners.Certificate, error)
}

// CertificateFacts is what the status command asks about certificates.
type CertificateFacts interface {
	// Certificates are the last ones, by partner.
	Certificates(ctx context.Context) (map[string]partners.Certificate, error)
	// Fingerprint tells a partner's integration as it is now.
	Fingerprint(p partners.Partner) partners.CertificatePrint
}

// Certify is the command that tries out how a partner is integrated.
func Certify(directory *Directory, certifier Certifier) Command {
	c := &certifyCommand{directory: directory, certifier: certifier, running: map[string]bool{}}
	return Command{
		Name:     "certify",
		Args:     "<partner>",
		Short:    "try out how a partner is integrated: security, performance, resilience",
		Examples: []string{"certify " + firstID(directory)},
		Role:     Operator,
		Run:      c.run,
	}
}

type certifyCommand struct {
	directory *Directory
	certifier Certifier

	mu      sync.Mutex
	running map[string]bool
}

func (c *certifyCommand) run(ctx context.Context, call Call) Reply {
	if len(call.Args) == 0 {
		return refuse(fmt.Sprintf("Which partner? Say it like /sparky certify %s.", firstID(c.directory)))
	}
	p, rest, refusal := c.directory.Take(call.Args)
	switch {
	case refusal != nil:
		return *refusal
	case len(rest) > 0:
		return excess(rest)
	case len(p.Probes) == 0:
		return noProbe(p, "")
	case !c.begin(p.ID):
		return refuse(p.Name + " is being tried out already. Its result comes where that was asked.")
	}
	defer c.end(p.ID)
	if refusal := call.did(ctx, incidents.DidCertify, p.ID, p.ID); refusal != nil {
		return *refusal
	}
	show := func(text string) {
		if call.Progress != nil {
			call.Progress(Reply{Public: true, Text: text, Title: trimStop(text), Sections: []Section{{Lines: []Line{Say("It takes about half a minute for each probe.")}}}})
		}
	}
	show(p.Name + ": being tried out.")
	cert, err := c.certifier.Certify(ctx, p, func(done, all int, probe, item string) {
		what := item
		if what == "" {
			what = "calling the partner"
		}
		show(fmt.Sprintf("%s: %d of %d items done. Now %s: %s.", p.Name, done, all, probe, what))
	})
	if err != nil && ctx.Err() != nil {
		return Reply{Public: true, Failed: true, Text: fmt.Sprintf("%s was not tried out to the end: it took too long to wait for here. In a terminal, sparky certify %s has all the time it needs.", p.Name, p.ID)}
	}
	if err != nil {
		return Reply{Public: true, Failed: true, Text: sentence(p.Name + " could not be tried out: " + err.Error())}
	}
	return certificateReply(call.Person, cert)
}

// begin tells whether nobody has the partner tried out now.
func (c *certifyCommand) begin(partner string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running[partner] {
		return false
	}
	c.running[partner] = true
	return true
}

func (c *certifyCommand) end(partner string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.running, partner)
}

// certificateReply is a certificate: for each probe what failed, and a line for each part of how much passed.
func certificateReply(person Person, cert partners.Certificate) Reply {
	word := "certified"
	if !cert.Passed() {
		word = "not certified"
	}
	reply := Reply{Public: true, Failed: !cert.Passed(), Facts: cert,
		Text: fmt.Sprintf("%s is %s: %s passed, %d failed, %s.", cert.Name, word,
			plural(cert.Count(partners.ItemPassed), "item"), cert.Count(partners.ItemFailed), notApplying(cert.Count(partners.ItemSkipped)))}
	reply.Title = trimStop(reply.Text)
	for _, m := range cert.Modules {
		section := Section{Heading: m.Probe}
		for _, part := range []string{partners.PartSecurity, partners.PartPerformance, partners.PartResilience} {
			section.Lines = append(section.Lines, partLines(cert, m.Probe, part)...)
		}
		reply.Sections = append(reply.Sections, section)
	}
	if !person.Local {
		reply.Sections = append(reply.Sections, Section{Lines: []Line{{Pieces: []Piece{{Text: "Asked by "}, actor(person), {Text: ". Each item with what was measured: "},
			{Text: "sparky certify " + cert.Partner, Code: true}, {Text: " in a terminal."}}}}})
	}
	return reply
}

func notApplying(n int) string {
	if n == 1 {
		return "1 does not apply"
	}
	return fmt.Sprintf("%d do not apply", n)
}

// partLines are one part of a probe: how much passed, and below each item that did not.
func partLines(cert partners.Certificate, probe, part string) []Line {
	counts := map[partners.CertificateOutcome]int{}
	mark := MarkGood
	var below []Line
	for _, i := range cert.Items {
		if i.Probe != probe || i.Part != part {
			continue
		}
		counts[i.Outcome]++
		if i.Outcome != partners.ItemFailed {
			continue
		}
		switch {
		case i.Required:
			mark = MarkBad
		case mark == MarkGood:
			mark = MarkWarn
		}
		below = append(below, Line{Indent: true, Pieces: []Piece{{Text: i.Name + ": ", Strong: true}, {Text: sentence(shorten(i.Measured, 300)) + " It must be: " + sentence(i.Budget)}}})
	}
	if counts[partners.ItemPassed] == 0 && mark == MarkGood {
		mark = MarkUnknown
	}
	text := fmt.Sprintf(": %d passed, %d failed, %s", counts[partners.ItemPassed], counts[partners.ItemFailed], notApplying(counts[partners.ItemSkipped]))
	return append([]Line{{Mark: mark, Pieces: []Piece{{Text: capitalise(part), Strong: true}, {Text: text}}}}, below...)
}

// certificateSection says how a partner's last certificate stands; ok is false where there is none to tell of.
func certificateSection(cert partners.Certificate, print partners.CertificatePrint, now time.Time) (Section, bool) {
	if cert.At.IsZero() {
		return Section{}, false
	}
	line := Line{Mark: MarkGood, Pieces: []Piece{{Text: "Certified " + ago(cert.At, now)}}}
	outdated := cert.OutOfDate(print)
	switch {
	case !cert.Passed():
		line = Line{Mark: MarkBad, Pieces: []Piece{{Text: fmt.Sprintf("Not certified: %s failed %s", plural(cert.Count(partners.ItemFailed), "item"), ago(cert.At, now))}}}
	case outdated != "":
		line.Mark = MarkWarn
	}
	if outdated != "" {
		line.Pieces = append(line.Pieces, Piece{Text: "; out of date: " + outdated + ". Try it again with "}, Piece{Text: "/sparky certify " + cert.Partner, Code: true})
	}
	return Section{Heading: "Certificate", Lines: []Line{line}}, true
}
