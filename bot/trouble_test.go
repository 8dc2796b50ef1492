package bot

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestATroubleSaysWhetherItIsOver(t *testing.T) {
	since := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	trouble := Trouble{Problem: "Jira does not take the token (401); make a new one", Since: since}
	if got := troubleReply(trouble).Text; got != "I cannot do something until somebody lends a hand: "+trouble.Problem+"." {
		t.Errorf("%q", got)
	}
	trouble.Over = since.Add(4 * time.Minute)
	reply := mendedReply(trouble)
	if want := "It works again, after 4 min: " + trouble.Problem + "."; reply.Text != want {
		t.Errorf("%q, want %q", reply.Text, want)
	}
	trouble.Over = since.Add(-time.Hour) // a clock that was set back
	if got := mendedReply(trouble).Text; !strings.HasPrefix(got, "It works again, after 10 s: ") {
		t.Errorf("%q", got)
	}
}

// What was over before it could be posted is not posted. There is no poster here that it could be posted by.
func TestATroubleThatIsOverIsNotPosted(t *testing.T) {
	letter := Troubles(nil, "#alerts").Redacted(func(text string) string { return text })
	payload, err := json.Marshal(Trouble{Problem: "x", Over: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if result, err := letter.Do(t.Context(), "trouble/slack/1", payload, nil); err != nil || result != nil {
		t.Errorf("%s, %v", result, err)
	}
	if _, err := letter.Do(t.Context(), "trouble/slack/1", []byte("{"), nil); err == nil {
		t.Error("a payload that cannot be read is no error")
	}
}
