package changes

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/partners"
)

var today = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)

// TestAnnouncements holds Classify to labelled announcements in the styles of many vendors. An entry whose label it
// does not reach yet says what it concludes instead; when that changes, the entry is to be looked at again.
func TestAnnouncements(t *testing.T) {
	entries := labelledChanges(t, "testdata/announcements.jsonl")
	if len(entries) < 160 {
		t.Fatalf("only %d announcements", len(entries))
	}
	known := 0
	for _, l := range entries {
		want := inOrder(l.Label.Kinds)
		if l.Concluded != nil {
			want, known = l.Concluded, known+1
		}
		e := Classify(l.change(), today)
		if !slices.Equal(e.Kinds, want) {
			t.Errorf("%s %q: kinds %v, want %v", l.ID, l.Title, e.Kinds, want)
		}
		if e.Effective != l.date() {
			t.Errorf("%s %q: effective %q, want %q", l.ID, l.Title, e.Effective, l.date())
		}
		if want := l.Label.BetaVersion; want != nil && e.BetaVersion != *want || want == nil && e.BetaVersion != "" {
			t.Errorf("%s %q: offers %q in beta, not what is labelled", l.ID, l.Title, e.BetaVersion)
		}
	}
	if known > 4 {
		t.Errorf("%d known differences: more than when this was written", known)
	}
}

// classification is one row of the tables below: a title, a text, and the kinds that they mean.
type classification struct{ title, body, kinds string }

func checkKinds(t *testing.T, rows []classification) {
	t.Helper()
	for _, row := range rows {
		e := Classify(partners.Change{Title: row.title, Body: row.body, Published: today}, today)
		var have []string
		for _, k := range e.Kinds {
			have = append(have, string(k))
		}
		if got := strings.Join(have, " "); got != row.kinds {
			t.Errorf("%q: %q\n  is %s, want %s", row.title, row.body, got, row.kinds)
		}
	}
}

func TestDeprecationIsStatedNotMentioned(t *testing.T) {
	checkKinds(t, []classification{
		{"Old export format", "The old export format is deprecated.", "deprecation"},
		{"Dashboards", "The classic dashboards are now deprecated.", "deprecation"},
		{"Dashboards", "We plan to deprecate the classic dashboards later this year.", "deprecation"},
		{"Dashboards", "We announce today that the classic dashboards are deprecated.", "deprecation"},
		{"Dashboards", "The classic dashboards are slated for removal.", "deprecation"},
		{"Search", "The new search replaces the now deprecated one and is three times as fast.", "new"},
		{"Search", "Deprecated records are still found.", "new"},
		{"Lint", "The linter warns when a method is deprecated.", "new"},
		{"Portal", "Added a deprecation badge to the portal.", "new"},
		{"Ghost API stays", "The Ghost API will not be deprecated after all.", "other"},
	})
}

func TestRemovalIsThePartnersDeed(t *testing.T) {
	checkKinds(t, []classification{
		{"Reports", "The weekly report has been removed.", "removal"},
		{"Reports", "The `weekly` endpoint has been removed.", "breaking removal"},
		{"Reports", "You can no longer order the weekly report.", "removal"},
		{"Members", "You can now remove members from a team.", "new"},
		{"Members", "Owners are told when members are removed.", "new"},
		{"Quota", "The limit of 100 reports a day was removed.", "new"},
		{"Quota", "The `limit` parameter was removed.", "breaking removal"},
		{"Sign-in", "A second sign-in is no longer required.", "new"},
		{"Accounts", "The users endpoint has been removed.", "breaking removal"},
		{"Accounts", "Please note that the report is being removed.", "removal"},
		{"Accounts", "Old keys no longer have access to orders.", "breaking removal"},
		{"Accounts", "Calls to v1 no longer work and fail with status 404.", "breaking removal"},
		{"Accounts", "Admins no longer have to confirm each order.", "new"},
		{"Accounts", "The list no longer shows an error for empty orders.", "new"},
		{"Import", "Imports no longer fail on empty lines.", "new"},
		{"Sessions", "New API: DELETE /v2/sessions/{id}", "new"},
		{"Tonight", "The console will be unavailable for 20 minutes.", "other"},
	})
}

func TestBreakingIsWhatIntegratorsMustFollow(t *testing.T) {
	checkKinds(t, []classification{
		{"Orders", "The field `cust_id` was renamed to `customer_id`.", "breaking"},
		{"Orders", "The type of the field `total` changed.", "breaking"},
		{"Orders", "The `region` parameter is now required.", "breaking"},
		{"Orders", "Requests without a key will be rejected.", "breaking"},
		{"Orders", "The default sort order changes.", "breaking"},
		{"feat(orders)!: totals are strings", "", "breaking new"},
		{"Orders", "You can now require a key.", "new"},
		{"Orders", "Added totals. There are no breaking changes.", "new"},
		{"Orders", "Added totals. This is backwards compatible.", "new"},
		{"Orders", "This release is not backwards compatible.", "breaking"},
		{"Guide", "The page lists deprecations (such as breaking changes) of this year.", "new"},
	})
}

func TestBetaIsOnOfferNow(t *testing.T) {
	checkKinds(t, []classification{
		{"Timeline is in public preview", "", "beta"},
		{"Timeline is EA", "", "beta"},
		{"Timeline (beta)", "Shows what happened.", "beta"},
		{"Timeline", "The timeline is now available in beta.", "beta"},
		{"SDK 3.0.0-beta.2", "Adds the timeline.", "beta"},
		{"SDK 3.0.0-rc1", "", "beta"},
		{"Timeline is GA in Preview", "", "new"},
		{"Timeline is generally available", "It was in beta for a year.", "new"},
		{"Timeline leaves beta", "", "new"},
		{"The timeline beta has ended", "", "other"},
		{"Link previews", "Link previews show more.", "new"},
		{"Users (beta)", "- Removed the **nick** property.", "breaking removal"},
		{"Users (beta)", "- Removed the **nick** property.\n- Added the **alias** property.", "breaking removal beta"},
	})
}

func TestDocumentationIsAMatterOfItsOwn(t *testing.T) {
	checkKinds(t, []classification{
		{"Pages on v0", "The documentation of v0 has been removed.", "other"},
		{"Pages on v0", "We removed the documentation of v0.", "other"},
		{"Totals", "Totals by week are deprecated (see the guide).", "deprecation"},
		{"Totals", "Totals by week are deprecated, see the docs.", "deprecation"},
		{"Totals", "Totals by week have been removed; see the migration guide.", "removal"},
		{"Totals", "Breaking changes from v1 - see the migration guide.", "breaking"},
		{"Totals", "Totals are now in beta, see the docs.", "beta"},
	})
}

func TestSecurityIsAHoleOrAStricterRule(t *testing.T) {
	checkKinds(t, []classification{
		{"Fix for CVE-2026-12345", "A crafted file could crash the server.", "security fix"},
		{"Security advisory", "Versions before 2.1 are vulnerable; a security patch is out.", "security"},
		{"Signatures", "Webhooks without a signature will be rejected.", "breaking security"},
		{"Passkeys", "Passkeys make sign-in more secure.", "new"},
	})
}

func TestSectionsAndMarksSayWhatTheyHold(t *testing.T) {
	checkKinds(t, []classification{
		{"1.4.0", "### Added\n- Totals by month\n### Fixed\n- Rounding of totals", "new fix"},
		{"1.4.0", "### Removed\n- Totals by week", "removal"},
		{"1.4.0", "### Removed\n- None\n### Added\n- Totals by month", "new"},
		{"1.4.0", "**Deprecated:**\n\n* totals by week", "deprecation"},
		{"fix(totals): deprecated rounding removed", "", "fix"},
		{"docs: say that v1 is deprecated", "", "other"},
		{"Bugs fixed in 1.4.1", "- Removed accounts were still listed.", "fix"},
		{"Deprecated - Totals by week", "", "deprecation"},
	})
}

func TestTagsCount(t *testing.T) {
	for tags, want := range map[string]Kind{
		"Retirement": Deprecation, "Deprecation notice": Deprecation, "Removed": Removal, "Early access": Beta,
		"In preview": Beta, "beta": Beta, "Breaking": Breaking, "Security": Security,
	} {
		e := Classify(partners.Change{Title: "Totals", Body: "Totals by week.", Tags: []string{"Reports", tags}}, today)
		if !e.Is(want) {
			t.Errorf("tagged %q it is %v, want %s", tags, e.Kinds, want)
		}
	}
}

func TestKindsAreInOrderAndOtherAlone(t *testing.T) {
	for _, row := range []struct{ have, want []Kind }{
		{nil, []Kind{Other}},
		{[]Kind{Fix, Breaking, Fix}, []Kind{Breaking, Fix}},
		{[]Kind{Other, New}, []Kind{New}},
	} {
		if got := inOrder(row.have); !slices.Equal(got, row.want) {
			t.Errorf("%v in order is %v, want %v", row.have, got, row.want)
		}
	}
}

func TestEmptyEntry(t *testing.T) {
	e := Classify(partners.Change{}, today)
	if !slices.Equal(e.Kinds, []Kind{Other}) || e.Summary != "" || e.Effective != "" || !e.FirstSeen.Equal(today) {
		t.Errorf("an empty change is %+v", e)
	}
}

func TestSameChangeSameAnswer(t *testing.T) {
	for _, l := range labelledChanges(t, "testdata/announcements.jsonl") {
		a, b := Classify(l.change(), today), Classify(l.change(), today)
		if !slices.Equal(a.Kinds, b.Kinds) || a.Effective != b.Effective || a.Summary != b.Summary || a.BetaVersion != b.BetaVersion {
			t.Errorf("%s: %v and %v", l.ID, a, b)
		}
	}
}
