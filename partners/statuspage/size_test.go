package statuspage_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sparky/partners/statuspage"
)

// TestLargeDocuments fills MaxDocument with one thing repeated, in every shape: what a broken or a hostile server could
// send. Each must be read in seconds, which anything that grows with the square of the size is not.
func TestLargeDocuments(t *testing.T) {
	repeat := func(begin, each, end string) string {
		var out strings.Builder
		out.WriteString(begin)
		for n := 0; out.Len() < statuspage.MaxDocument-2*len(each)-len(end)-64; n++ {
			out.WriteString(strings.ReplaceAll(each, "#", fmt.Sprint(n)))
		}
		out.WriteString(end)
		return out.String()
	}
	const page = `{"page":{"id":"x","name":"X","url":"https://x.example"},"status":{"indicator":"none"}`
	for name, document := range map[string]string{
		"lists in lists":      strings.Repeat("[", 2<<20) + strings.Repeat("]", 2<<20),
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
			began := time.Now()
			s := statuspage.Parse([]byte(document), "", "https://x.example", "", morning())
			s.Concerning([]string{"API", "EU*"})
			took := time.Since(began)
			t.Logf("%d bytes in %s: %s %s", len(document), took.Round(time.Millisecond), s.Kind, s.Level)
			if took > 20*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}
