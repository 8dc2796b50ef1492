// Package statuspage reads what partners say about themselves: it takes a status document of any of the formats that
// vendors use, or the address of a page, and tells it as one partners.Status.
//
// Its one rule is that silence is not health. A document that lacks the field it would be judged by, a word that is not
// known here, a sign-in page, a page that moved, a page of another kind than configured, an answer from an old copy: each
// is Unknown, with the reason in words that a person who was just woken can act on. The shapes of the formats are those
// seen in captures and vendors' own texts in 2026; each file names its source.
package statuspage

import (
	"fmt"
	"strings"
	"time"

	"sparky/partners"
)

// MaxDocument is the most bytes of a status document that are read. The largest page captured in 2026 had a quarter of
// a megabyte.
const MaxDocument = 5 << 20

// KindAuto asks for the format to be told apart by content.
const KindAuto = "auto"

// format is one kind of status document: how it is known again, and how it is read.
type format struct {
	kind   string
	name   string // for people, with its article
	claims func(document) bool
	// read fills the draft. An error says in words why the document can not be judged at all.
	read func(document, *draft) error
}

// formats lists every format, the ones with the most telling marks first: the generic ones at the end take what is left.
func formats() []format {
	return []format{
		{"statuspage", "a Statuspage document", isStatuspage, readStatuspage},
		{"incidentio", "an incident.io document", isIncidentIO, readIncidentIO},
		{"instatus", "an Instatus document", isInstatus, readInstatus},
		{"statusio", "a Status.io document", isStatusIO, readStatusIO},
		{"betterstack", "a Better Stack document", isBetterStack, readBetterStack},
		{"google", "a Google incident list", isGoogle, readGoogle},
		{"aws", "an AWS event list", isAWS, readAWS},
		{"slack", "a Slack status document", isSlack, readSlack},
		{"salesforce", "a Salesforce Trust document", isSalesforce, readSalesforce},
		{"m365", "a Microsoft 365 service health document", isM365, readM365},
		{"azure", "the Azure status feed", isAzure, readAzure},
		{"rss", "a status feed", isStatusFeed, readStatusFeed},
		{"html", "a status page for people", isStatusHTML, readStatusHTML},
		{"json", "a JSON document with a status word", isGenericJSON, readGenericJSON},
	}
}

// Kinds are the names that a configuration may use, without auto.
func Kinds() []string {
	var kinds []string
	for _, f := range formats() {
		kinds = append(kinds, f.kind)
	}
	return kinds
}

// Parse reads a status document: its bytes as they came, the content type that came with them, the address they came
// from, and the configured kind; an empty kind or "auto" has it told apart by content. It never fails: what can not be
// read or not be trusted is Unknown, and Problem says why. It is a pure function of its arguments.
func Parse(body []byte, contentType, address, kind string, now time.Time) partners.Status {
	return parse(body, contentType, address, kind, now).status
}

// parsed is a status with what its document says of whose it is.
type parsed struct {
	status partners.Status
	title  string // the name of the page
	named  string // the address of the page
	doc    document
}

func parse(body []byte, contentType, address, kind string, now time.Time) parsed {
	if len(body) > MaxDocument {
		return parsed{status: partners.UnknownStatus(address, "the document is larger than 5 MiB, which no status document is", now)}
	}
	doc := newDocument(body, contentType, address)
	doc.asked = strings.ToLower(strings.TrimSpace(kind))
	if doc.asked == KindAuto {
		doc.asked = ""
	}
	chosen, why := choose(doc)
	if why != "" {
		return parsed{status: partners.UnknownStatus(address, why, now), doc: doc}
	}
	d := newDraft(chosen.kind, address, now)
	if err := chosen.read(doc, d); err != nil {
		return parsed{d.refuse(err), d.title, d.named, doc}
	}
	return parsed{d.finish(), d.title, d.named, doc}
}

// choose finds the format of the document, or says why there is none that can be read as it was configured.
func choose(doc document) (format, string) {
	if doc.shape == shapeEmpty {
		return format{}, "the page answered with nothing; open it in a browser, and give the address of its document if it is well there"
	}
	if asksToSignIn(doc) {
		return format{}, "the page asks us to sign in, so it can not be read; give the address of a public status document"
	}
	all := formats()
	var found *format
	for i := range all {
		if all[i].claims(doc) {
			found = &all[i]
			break
		}
	}
	if doc.asked == "" {
		if found == nil {
			return format{}, "this is no status document that is known here: got " + doc.describe() + "; give the exact address of the document, or look whether the page has moved"
		}
		return *found, ""
	}
	for _, f := range all {
		if f.kind != doc.asked {
			continue
		}
		if f.claims(doc) || found != nil && sameShape(f.kind, found.kind) {
			return orFound(f, found), ""
		}
		got := doc.describe()
		if found != nil {
			got = found.name
		}
		return format{}, fmt.Sprintf("expected %s, got %s; the page has moved or its kind is another, and kind: auto tells it by content", f.name, got)
	}
	return format{}, fmt.Sprintf("%q is not a kind of status page; use auto or one of %s", doc.asked, strings.Join(Kinds(), " "))
}

// sameShape tells that two kinds publish one and the same document, so that a page that moved from one vendor to the
// other goes on being read: incident.io answers a Statuspage-shaped summary at Statuspage's own path.
func sameShape(asked, found string) bool {
	return asked == "statuspage" && found == "incidentio" || asked == "incidentio" && found == "statuspage" ||
		asked == "rss" && found == "azure"
}

func orFound(asked format, found *format) format {
	if found != nil && sameShape(asked.kind, found.kind) {
		return *found
	}
	return asked
}
