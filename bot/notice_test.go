package bot

import (
	"strings"
	"testing"
	"time"

	"sparky/changes"
)

func TestNoticeSaysHowLong(t *testing.T) {
	since := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for lasted, want := range map[time.Duration]string{
		time.Second:      "Okta: its changelog is read again. Nothing",
		40 * time.Second: "Okta: its changelog is read again after 40 s. Nothing",
		3 * time.Hour:    "Okta: its changelog is read again after 3 h. Nothing",
	} {
		got := noticeReply(changes.SourceNotice{Partner: "okta", Name: "Okta", Since: since, Until: since.Add(lasted)}).Text
		if !strings.HasPrefix(got, want) {
			t.Errorf("after %s: %q, want %q", lasted, got, want)
		}
	}
}
