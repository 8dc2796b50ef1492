package changes

import (
	"testing"

	"sparky/partners"
)

// attentionRow is a sentence and whether people must look at the change that it tells of.
type attentionRow struct {
	text string
	want bool
}

func checkAttention(t *testing.T, rows []attentionRow) {
	t.Helper()
	for _, row := range rows {
		e := Classify(partners.Change{Title: "Orders", Body: row.text, Published: today}, today)
		if e.NeedsAttention() != row.want {
			t.Errorf("%q: %v, want attention %t", row.text, e.Kinds, row.want)
		}
	}
}

func TestChangesAreToldWithoutTheWord(t *testing.T) {
	checkAttention(t, []attentionRow{
		{"From 1 September 2026, rate limits will apply to order exports.", true},
		{"We are introducing rate limits on order search.", true},
		{"From 6 January 2027 new request limits apply.", true},
		{"Clients that send no heartbeat will be disconnected.", true},
		{"The `GET /orders` endpoint has been updated to require pagination.", true},
		{"Effective immediately, use `orders.write` instead of `orders.admin`.", true},
		{"The list of supported cipher suites has been reduced.", true},
		{"Order events will be sent from new IP addresses from June 20, 2026.", true},
		{"Please update your allow lists before the move.", true},
		{"`discount` may now be null.", true},
		{"Creating an order without a currency now throws an error.", true},
		{"`cust_id` is now called `customer_id`.", true},
		{"`per_page` is ignored from now on.", true},
		{"Makes `currency` a required parameter on refunds.", true},
		{"Orders are now sorted by day rather than by name.", true},
		{"The default sort order is now descending.", true},
		{"Order ids will be updated from integers to strings.", true},
		{"The export will update the data type mapping of totals.", true},
		{"Consent is enforced globally for all order apps, by key.", true},
		{"Personal order tokens now expire by default.", true},
		{"The timeout for order hooks drops from 30 to 10 seconds.", true},
		{"Older versions will not receive order events.", true},
		{"The order export will mask card numbers in API responses.", true},
		{"feat!: Delete the old order filters", true},
		{"The insights page is now called Analytics.", false},
		{"Orders may hold 50 lines; a line's `count` must be greater than 0, and `sum` must be greater than `count`.", false},
		{"You can now fetch changes of orders; each reply holds only one type of change.", false},
		{"The assistant can now remove duplicates and rename columns.", false},
		{"The console now requires fewer clicks to create an order key.", false},
	})
}

func TestThingsFadeWithoutTheWord(t *testing.T) {
	checkAttention(t, []attentionRow{
		{"Scheduled brownouts of order API v1 will take place in June.", true},
		{"The order editor enters read-only mode next month.", true},
		{"We are no longer investing in order maps.", true},
		{"Order maps only receive critical fixes.", true},
		{"It is time to say goodbye to order boards.", true},
		{"Marked `getOrder` as obsolete.", true},
		{"The order connector has been pulled from the marketplace.", true},
		{"Order API v1 is on its way out.", true},
		{"Access to the order reports ends on 3 July 2026.", true},
		{"New PHP 7 functions can't be created.", true},
		{"This release also removes the `suppress` route.", true},
		{"Order commands of the old tool are unsupported.", true},
		{"The dashboard now lists deprecated API calls that your app makes.", false},
		{"Get an alert when one of your dependencies reaches its end of life.", false},
		{"Your instance updates itself if it uses a library that has been removed.", false},
		{"The planned removal of order API v1 has been cancelled.", false},
		{"The beta flag has been removed from orders.", false},
		{"For now, guests see orders but won't be able to use them.", false},
	})
}

func TestMoreThanBeforeBreaksNobody(t *testing.T) {
	checkAttention(t, []attentionRow{
		{"Failed deliveries are now retried for three days instead of one.", false},
		{"The maximum file size is now 5 GB instead of 1 GB.", false},
		{"A page now holds 50 orders instead of 100.", true},
		{"Unknown filters now get status 422 instead of 400.", true},
		{"Requests no longer time out after 30 seconds.", false},
	})
}

func TestTitlesThatAnnounceNothing(t *testing.T) {
	checkKinds(t, []classification{
		{"How we test breaking changes before a release", "A look at the bench. Our beta testers opted in long ago.", "other"},
		{"How we retire features", "What our deprecation policy means, explained.", "other"},
		{"Deprecated features", "There are no deprecated features in this release.", "other"},
		{"Delete endpoint", "You can now delete orders with one call.", "new"},
		{"New events and reactions", "- [Delete All Reactions](#x)\n- [Order Paid](#y)", "new"},
	})
}

func TestBetasAreToldInPassing(t *testing.T) {
	checkKinds(t, []classification{
		{"Connectors", "Four new connectors were released in public beta.", "beta"},
		{"Timelines", "Draw timelines of your projects ([Preview](https://x.example)).", "beta"},
		{"Timelines", "Now in closed beta for selected customers.", "beta"},
		{"Timelines", "Timelines can be drawn. This\nfeature is in\n[Preview](https://x.example).", "beta"},
		{"Timelines", "Exports support the following options in preview: day, week.", "beta"},
		{"Timelines", "Early adopters can turn timelines on in the settings.", "beta"},
		{"Timelines", "Try timelines ahead of their general availability.", "beta"},
		{"Timelines", "The product is already in public beta. Adds colours.", "new"},
	})
}

func TestBreakingAloneBringsNothing(t *testing.T) {
	checkKinds(t, []classification{
		{"Breaking change on 6 January 2027: the Order API will require a version header",
			"From 6 January 2027 every call of the Order API must name a version in its header.", "breaking"},
	})
}
