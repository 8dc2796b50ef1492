package statuspage_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"sparky/partners/statuspage"
)

// costliest is how many bytes may be allocated to read one byte of a document. Work is measured by that and not by time,
// which would measure the machine. The costliest takes 320, and 1000 under the race detector, which empties pools;
// expressions compiled for each item of a feed took 10000.
const costliest = 2500

// TestLargeDocuments fills a document with one thing repeated, in every shape: what a broken or a hostile server could
// send.
func TestLargeDocuments(t *testing.T) {
	repeat := func(begin, each, end string) string {
		var out strings.Builder
		out.WriteString(begin)
		for n := 0; out.Len() < 256<<10-2*len(each)-len(end)-64; n++ {
			out.WriteString(strings.ReplaceAll(each, "#", fmt.Sprint(n)))
		}
		out.WriteString(end)
		return out.String()
	}
	const page = `{"page":{"id":"x","name":"X","url":"https://x.example"},"status":{"indicator":"none"}`
	for name, document := range map[string]string{
		"lists in lists":      strings.Repeat("[", 2<<17) + strings.Repeat("]", 2<<17),
		"components":          repeat(page+`,"components":[`, `{"name":"#","status":"operational"},`, `{"name":"z","status":"operational"}]}`),
		"incidents":           repeat(page+`,"incidents":[`, `{"id":"#","name":"n","updated_at":"2026-09-14T09:00:00Z"},`, `{"id":"z"}]}`),
		"updates":             repeat(page+`,"incidents":[{"id":"i","incident_updates":[`, `{"affected_components":[{"name":"#"}]},`, `{}]}]}`),
		"reports":             repeat(`{"data":{"type":"status_page","attributes":{"aggregate_state":"operational"}},"included":[`, `{"id":"#","type":"status_report","attributes":{"title":"t","affected_resources":[{"status_page_resource_id":"#"}]}},{"id":"#","type":"status_page_resource","attributes":{"public_name":"p","status":"operational"}},`, `{}]}`),
		"Google's incidents":  repeat(`[{"external_desc":"x","begin":"2026"}`, `,{"external_desc":"#","begin":"2026-09-14T09:00:00Z"}`, `]`),
		"Okta's incidents":    repeat(`<html><span id="StringJSON">[`, `{"Incident_Title__c":"#","Status__c":"x"},`, `{}]</span>`),
		"items":               repeat(`<rss><channel><title>X Status</title>`, `<item><title>#</title><description>words</description></item>`, `</channel></rss>`),
		"Azure's items":       repeat(`<rss><channel><title>Azure Status</title>`, `<item><title>#</title><category>West #</category></item>`, `</channel></rss>`),
		"elements in a feed":  repeat(`<rss><channel><title>X Status</title>`, `<a>`, ``),
		"elements in a page":  repeat(`<html>`, `<b><i data-component-status="operational">`, ``),
		"scripts in a page":   repeat(`<html>`, `<script type="application/json">{"props":{}}</script>`, ``),
		"a text in one piece": repeat(page+`,"incidents":[{"id":"i","incident_updates":[{"body":"`, `<b>&amp;`, `"}]}]}`),
		"titles":              repeat(`<rss>`, `<title>`, ``),
		"comments":            repeat(``, `<!--x-->`, ``),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			s := statuspage.Parse([]byte(document), "", "https://x.example", "", morning())
			s.Concerning([]string{"API", "EU*"})
			runtime.ReadMemStats(&after)
			cost := (after.TotalAlloc - before.TotalAlloc) / uint64(len(document))
			t.Logf("%d bytes allocated a byte: %s %s", cost, s.Kind, s.Level)
			if cost > costliest {
				t.Errorf("%d bytes are allocated for each byte of the document", cost)
			}
		})
	}
}

// TestMoreTagsThanAreRead : a page or a feed of nothing but tags is refused before its parser sees it.
func TestMoreTagsThanAreRead(t *testing.T) {
	for begin, kind := range map[string]string{"<html>": "html", `<rss><channel><title>X Status</title>`: "rss", `<rss><channel><title>Azure Status</title>`: "azure"} {
		body := begin + strings.Repeat("<item>", 300_001)
		for _, asked := range []string{"", kind} {
			s := statuspage.Parse([]byte(body), "", "https://x.example", asked, morning())
			if s.Level != dunno || !strings.Contains(s.Problem, "more than 300000 tags") {
				t.Errorf("%s as %q: %s (%s)", kind, asked, s.Level, s.Problem)
			}
		}
	}
}
