package statuspage_test

import (
	"strings"
	"testing"

	"sparky/partners/statuspage"
)

// hostile are documents as large as are read, of shapes that cost the most: what a broken or a hostile server could send.
func hostile() map[string]string {
	fill := func(begin, each, end string) string {
		return begin + strings.Repeat(each, (statuspage.MaxDocument-len(begin)-len(end))/len(each)) + end
	}
	blanks := strings.Repeat(" x", statuspage.MaxDocument/4)
	const page = `{"page":{"id":"x","name":"X","url":"https://x.example"},"status":{"indicator":"none"}`
	return map[string]string{
		"components":           fill(page+`,"components":[`, `{"name":"z","status":"operational"},`, `{}]}`),
		"unknown words":        fill(page+`,"components":[`, `{"name":"z","status":"new"},`, `{}]}`),
		"incidents":            fill(page+`,"incidents":[`, `{"id":"1","name":"n","incident_updates":[{"body":"<b>x"}]},`, `{}]}`),
		"JSON of nobody":       fill(`{"x":[`, `{"a":1},`, `1]}`),
		"deep JSON":            strings.Repeat("[", 9000) + strings.Repeat("]", 9000),
		"brackets":             fill("", "[", ""),
		"newest of many":       `{"data":{"type":"status_page","attributes":{"aggregate_state":"operational"}},"included":[{"type":"status_update","attributes":{"status_report_id":1,"message":"` + blanks + `","published_at":"2026-09-14T09:00:00Z"}}` + strings.Repeat(`,{"type":"status_update","attributes":{"status_report_id":1}}`, 40000) + `]}`,
		"posts of many":        `{"value":[{"id":"a","service":"A","status":"serviceOperational","issues":[{"id":"i","posts":[{"x":"` + blanks + `","createdDateTime":"2026-09-14T09:00:00Z"}` + strings.Repeat(`,{"createdDateTime":"2026"}`, 90000) + `]}]}]}`,
		"one page element":     fill(`<html><div class="component-container">`, `<b data-component-status="operational">x</b>`, `</div></html>`),
		"nested page elements": fill(`<html>`, `<b data-component-status="operational"><i class=name>`, ``),
		"nested spans":         strings.Repeat(`<span id="StringJSON">[`, 400) + blanks,
		"nested incidents":     strings.Repeat(`<div class="unresolved-incident"><div class="update">`, 200) + `<p data-component-status="operational">` + blanks,
		"formatting":           fill(`<html><p>`, `<b><p>`, ``),
		"tables":               fill(`<html>`, `<table><td>x`, ``),
		"items":                fill(`<rss><channel><title>X Status</title>`, `<item><title>a</title></item>`, `</channel></rss>`),
		"one item":             fill(`<rss><channel><title>X Status</title><item><description>`, `Status Resolved continu `, `</description></item></channel></rss>`),
		"Azure's categories":   fill(`<rss><channel><title>Azure Status</title><item><title>a</title>`, `<category>West 1</category>`, `</item></channel></rss>`),
		"elements of a feed":   fill(`<rss><channel><title>X Status</title>`, `<a>`, ``),
		"comments":             fill(``, `<!--x-->`, ``),
		"declarations":         fill(``, `<?x?> `, ``),
		"titles":               fill(`<rss>`, `<title>`, ``),
		"UTF-16":               "\xFE\xFF" + fill("\x00[", "\x001\x00,", "\x001\x00]"),
		"Latin-1":              fill("<html>", "\xfc", "</html>"),
		"Salesforce":           fill(`[`, `{"key":"a","status":"OK","isActive":true,"Incidents":[{"id":1}]},`, `{}]`),
		"Google":               fill(`[{"external_desc":"x","begin":"2026"}`, `,{"id":"1","begin":"2026-09-14T09:00:00Z","most_recent_update":{"text":"the issue once "}}`, `]`),
		"AWS":                  fill(`[{"arn":"arn:aws:x","status":"3","summary":"s","event_log":[`, `{"timestamp":1789376400,"message":"<p>x"},`, `{}]}]`),
	}
}

// BenchmarkHostile reads and narrows each of them; none should take more than about a second.
func BenchmarkHostile(b *testing.B) {
	for name, document := range hostile() {
		b.Run(name, func(b *testing.B) {
			body := []byte(document)
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				s := statuspage.Parse(body, "", "https://x.example", "", morning())
				s.Concerning([]string{"API", "EU*", "Invoices", "*rope*"})
			}
		})
	}
}

// BenchmarkParse reads a document of each kind as partners send them.
func BenchmarkParse(b *testing.B) {
	for _, file := range []string{"statuspage-outage.json", "aws-events.utf16be.json", "feed-open.xml", "okta.html", "statuspage.html", "m365-health.json"} {
		b.Run(file, func(b *testing.B) {
			body := fixture(b, file)
			for b.Loop() {
				statuspage.Parse(body, "", "https://x.example", "", morning())
			}
		})
	}
}
