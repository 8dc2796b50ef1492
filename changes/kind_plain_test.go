package changes

import "testing"

func TestPlainWordsForWhatCallersMustFollow(t *testing.T) {
	checkAttention(t, []attentionRow{
		{"- Node.js 20 or newer is required.", true},
		{"- Require TLS 1.2 for all connections.", true},
		{"- Change `total` to be nullable.", true},
		{"- `total` is a string now.", true},
		{"- Moved `orders.total` to `totals.sum`.", true},
		{"- Replaced `all` with `filter`.", true},
		{"- Switch default region to eu.", true},
		{"The response is now an array.", true},
		{"The response shape of `GET /orders` is different.", true},
		{"The endpoint URL changed to `/v2/orders`.", true},
		{"The sandbox host name is changing.", true},
		{"Update your integration to use the new host name.", true},
		{"Searches are now limited to 30 days.", true},
		{"Access tokens will expire after 30 days.", true},
		{"Reading orders now needs the `orders.read` scope.", true},
		{"A new OAuth scope is required to read orders.", true},
		{"Signature verification is now strict.", true},
		{"We will rotate our signing certificate on May 3, 2027.", true},
		{"Users must reconnect their accounts.", true},
		{"Please migrate to v2 before May 3, 2027.", true},
		{"You have until May 3, 2027 to move to v2.", true},
		{"Dates will be returned in UTC from May 3, 2027.", true},
		{"The endpoint now answers 404 for unknown ids instead of 200.", true},
		{"Sign-in was updated to require a version header; unauthenticated requests return a 401 error.", true},
		{"We've changed the following field names in order logs.", true},
		{"EXPORT command: Changes to error messages.", true},
		{"Calling it the old way will cause a build error.", true},
		{"- `total` is now optional.", false},
		{"The default view can now be changed.", false},
		{"Renamed the Save button to Keep in the type list.", false},
		{"Anonymous requests are now counted.", false},
		{"Imports that result in type errors are now listed.", false},
		{"A page now holds 500 orders instead of 200.", false},
		{"The list holds events such as a schema change or a pause.", false},
		{"A new kind of code lets you pass any number that may be required later.", false},
		{"Endpoints such as `GET /maps` are deprecated.", true},
		{"This beta is subject to breaking changes.", false},
		{"The beta is open to all; breaking changes may occur.", false},
		{"Breaking changes may be made to it while it is tested.", false},
	})
}

func TestPlainWordsForWhatGoes(t *testing.T) {
	checkAttention(t, []attentionRow{
		{"The orders SDK has deprecated callbacks.", true},
		{"- `OrderList` removed in favour of `OrderPage`.", true},
		{"`OrderList` removed, which some builds will notice.", true},
		{"- Support for Ruby 2.7 removed.", true},
		{"- Ruby 2.7 support dropped.", true},
		{"TLS 1.0 and 1.1 are disabled.", true},
		{"v1 shuts down May 3, 2027.", true},
		{"The v1 turndown begins May 3, 2027.", true},
		{"We will turn down the v1 API on May 3, 2027.", true},
		{"Support for v1 expires on May 3, 2027.", true},
		{"Webhook payloads omit `total`.", true},
		{"`total` won't be included in exports any more.", true},
		{"Unused API keys will be deleted after 90 days.", true},
		{"The package is abandoned; use `orders2`.", true},
		{"Existing orders keep working, but no new ones can be made with v1.", true},
		{"We no longer offer order maps, and we have removed their documentation.", true},
		{"### New features\n- Remove `score` from the totals", true},
		{"### New features\n- Delete orders in bulk", false},
		{"Items removed from a cart are kept for a day.", false},
		{"We removed the documentation of order maps.", false},
	})
}

func TestPlainWordsForBetas(t *testing.T) {
	checkKinds(t, []classification{
		{"Totals", "Totals are in limited release for selected customers.", "beta"},
		{"Totals", "Join the waitlist for totals.", "beta"},
		{"Totals", "Request access to the totals preview.", "beta"},
		{"Totals", "We're testing totals with a few customers.", "beta"},
		{"@totals/sdk@3.0.0-next.2", "Adds totals by month.", "beta"},
		{"1.0.0b2", "Adds totals by month.", "beta"},
		{"Totals", "Totals became stable. Only maps remain in alpha.", "new"},
	})
}
