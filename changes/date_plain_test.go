package changes

import (
	"testing"

	"sparky/partners"
)

// plainDates are days said plainly, without a word such as "removed" or "deadline" beside them. The entry breaks its callers by the
// source's own label, or by another sentence.
var plainDates = []string{
	"From 2 January 2027 access tokens live 60 minutes.",
	"From 2 January 2027 access tokens of service principals in Power BI live 60 minutes instead of 90. Clients that cache a token for longer will see status 401.",
	"The reporting web service takes OAuth 2.0 only from 2 January 2027. Basic authentication still works until then, and each answer carries a warning header.",
	"Integration users need a password of 16 characters or more from 2 January 2027. Users with shorter ones can no longer sign in by basic authentication.",
	"From 2 January 2027 every call must name a version in its header.",
	"As of 2 January 2027, the default page size is 100.",
	"As from 2 January 2027 the field nick holds the display name.",
	"Starting 2 January 2027, tokens are bound to one address.",
	"Starting on 2 January 2027 a refresh token lives 30 days.",
	"Beginning January 2, 2027, webhooks carry a signature of 512 bits.",
	"Effective January 2, 2027, the quota per app is 1,000 calls a minute.",
	"With effect from 2 January 2027 the quota per app is 1,000 calls a minute.",
	"On 2 January 2027 the address of the token endpoint becomes login.example.",
	"On January 2, 2027, we switch all tenants to the new signing key.",
	"The new signing key is used from 2 January 2027 on.",
	"The new signing key is used from 2 January 2027 onwards.",
	"After 2 January 2027 the endpoint answers with status 410.",
	"The endpoint answers with status 410 after January 2, 2027.",
	"Clients have until 2 January 2027 to send the header.",
	"You need to send the header by 2 January 2027.",
	"Please move to v2 by 2 January 2027.",
	"Update your clients before 2 January 2027.",
	"The change takes place on 2 January 2027.",
	"This comes into force on 2 January 2027.",
	"This change goes live on 2 January 2027.",
	"The old address works until 2 January 2027.",
	"v1 works as before until 2 January 2027.",
	"Requests over TLS 1.1 get no answer from 2 January 2027.",
	"From 2027-01-02 the API speaks TLS 1.3 only.",
	"The API speaks TLS 1.3 only, from 2027-01-02.",
	"The limit is 50 per request as of 2027-01-02.",
	"Date of the change: 2 January 2027.",
	"Webinars need a passcode from 2 January 2027.",
	"The survey API answers with 410 from 2 January 2027.",
	"Feedback endpoints take tokens only from 2 January 2027.",
	"Register your redirect addresses by 2 January 2027.",
	"Please review your integrations before 2 January 2027.",
	"We published the new schema on 2 October 2026; it applies from 2 January 2027.",
	"The change was announced on 2 October 2026. From 2 January 2027 the minimum length is 16.",
	"Join us for a webinar on 2 December 2026, before v1 is removed on 2 January 2027.",
	"You can still use v1 until 2 January 2027.",
	"v1 goes on to work until 2 January 2027.",
	"Comes into effect: 2 January 2027",
}

// otherDates are days of something else, in an entry that breaks its callers too.
var otherDates = []string{
	"We will review this decision on 2 January 2027.",
	"This page was last reviewed on 2 January 2027.",
	"Our next review of the programme is on 2 January 2027.",
	"Join our webinar on 2 January 2027.",
	"A webinar about it takes place on 2 January 2027.",
	"We answer questions in office hours on 2 January 2027.",
	"Until 2 January 2027 you can register for the workshop.",
	"You can register for the workshop until 2 January 2027.",
	"Registration for the conference is open from 2 January 2027.",
	"Version 3.2 was released on 2 October 2026.",
	"The release of 2 October 2026 brought the new endpoint.",
	"The guide was published on 2 October 2026.",
	"Send us your feedback by 2 January 2027.",
	"The survey is open until 2 January 2027.",
	"From 2 January 2027 you can try the new endpoint.",
	"The new endpoint is available from 2 January 2027.",
	"The preview of the new endpoint starts on 2 January 2027.",
	"From 2 January 2027 the guide is available in German.",
	"We will tell you more on 2 January 2027.",
	"More details follow on 2 January 2027.",
	"The next update of this notice comes on 2 January 2027.",
	"Our offices are closed from 2 January 2027.",
	"Accounts that were created before 2 January 2026 are not concerned.",
	"Connectors that were created before 2 January 2026 are concerned.",
	"Support answers questions until 2 January 2027.",
	"From 2 October 2026 to 30 October 2026 we asked customers what they need.",
	"On 2 January 2027 we will publish a guide.",
	"A first rehearsal takes place on 2 January 2027.",
	"Tickets for the conference are sold until 2 January 2027.",
	"Support will be closed from 24 December 2026 to 2 January 2027.",
	"See you at the conference on 2 January 2027.",
	"The change was first announced on 2 October 2026.",
	"You can register until 2 January 2027.",
	"From 2 January 2027 to 5 January 2027 we move our data centre.",
	"Copyright 2 January 2027.",
}

func broken(body string) partners.Change {
	return partners.Change{Title: "Plan for change - sign-in", Body: body, Tags: []string{"breaking change"}, Published: day("2026-11-20")}
}

func TestAPlainDayIsTheDay(t *testing.T) {
	for _, body := range plainDates {
		if e := Classify(broken(body), day("2026-11-23")); e.Effective != "2027-01-02" {
			t.Errorf("%q holds from %q", body, e.Effective)
		}
	}
}

func TestADayOfSomethingElseIsNot(t *testing.T) {
	for _, body := range otherDates {
		for _, before := range []string{"", "The token endpoint no longer takes passwords. "} {
			if e := Classify(broken(before+body), day("2026-11-23")); e.Effective != "" {
				t.Errorf("%q holds from %q", before+body, e.Effective)
			}
		}
	}
}
