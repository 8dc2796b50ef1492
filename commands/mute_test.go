package commands

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"sparky/incidents"
	"sparky/internal/setting"
	"sparky/partners"
)

func TestMutesReadAloud(t *testing.T) {
	b := newTable()
	talk := conversation(t, b,
		"ada: unmute", "ada: mute snow 2h planned upgrade", "grace: mute servicenow 2h", "grace: mute snow 3d12h",
		"ada: mute snow/table-api 45m", "ada: status", "ada: status snow", "grace: unmute", "ada: unmute snow", "ada: unmute snow",
		"ada: mute snow 1h", "ada: unmute snow/table-api", "ada: unmute snow/table-api now",
		"ada: mute", "ada: mute snow", "ada: mute snow soon", "ada: mute snow 0s", "ada: mute snow 31d", "ada: mute snow -1h",
		"ada: mute snow/tabel-api 1h", "ada: mute snwo 1h", "ada: mute 2h snow", "ada: unmute snow/x", "ada: unmute snwo")
	golden(t, "mutes", talk)
}

func TestMuteParses(t *testing.T) {
	type parsed struct {
		Partner, Probe, Reason string
		Length                 time.Duration
	}
	tests := map[string]parsed{
		"snow 2h":                           {"servicenow", "", "", 2 * time.Hour},
		"SNOW 2H":                           {"servicenow", "", "", 2 * time.Hour},
		"Service Now 30m deploy":            {"servicenow", "", "deploy", 30 * time.Minute},
		"servicenow/create-incident 7d a b": {"servicenow", "create-incident", "a b", 7 * setting.Day},
		"servicenow/Create_Incident 1h":     {"servicenow", "create-incident", "", time.Hour},
		"servicenow create-incident 1h x":   {"servicenow", "create-incident", "x", time.Hour},
		"servicenow / table-api 1h":         {"servicenow", "table-api", "", time.Hour},
		"microsoft 365 1h":                  {"microsoft", "", "", time.Hour},
		"microsoft 365/card 1h 2h 3h":       {"microsoft", "card", "2h 3h", time.Hour},
		"Microsoft 365 card 1d12h":          {"microsoft", "card", "", 36 * time.Hour},
		"snow 30d":                          {"servicenow", "", "", 30 * setting.Day},
		"snow 1ms":                          {"servicenow", "", "", time.Millisecond},
	}
	for typed, want := range tests {
		w, refusal := muteCommand{directory: probedDirectory()}.parse(strings.Fields(typed))
		if refusal != nil {
			t.Errorf("%s: %s", typed, refusal.Text)
			continue
		}
		if diff := cmp.Diff(want, parsed{w.partner.ID, w.probe, w.reason, w.length}); diff != "" {
			t.Errorf("%s:\n%s", typed, diff)
		}
	}
}

func TestAProbeThatIsCalledLikeALengthOfTime(t *testing.T) {
	d := NewDirectory([]partners.Partner{{ID: "okta", Name: "Okta", Probes: []partners.ProbeConfig{{ID: "1h"}}}})
	for typed, probe := range map[string]string{"okta 1h": "", "okta/1h 2h": "1h"} {
		w, refusal := muteCommand{directory: d}.parse(strings.Fields(typed))
		if refusal != nil || w.probe != probe {
			t.Errorf("%s mutes %q, %v", typed, w.probe, refusal)
		}
	}
}

func TestALongReasonIsCut(t *testing.T) {
	b := newTable()
	b.ask(t, ada, "mute snow 1h "+strings.Repeat("because ", 100))
	if n := utf8.RuneCountInString(b.memory.mutes[0].Reason); n > longestReason+1 || n < longestReason/2 {
		t.Errorf("%d characters are kept", n)
	}
}

func TestWhatIsMutedIsKept(t *testing.T) {
	b := newTable()
	b.ask(t, ada, "mute snow/table-api 2h planned upgrade")
	want := []incidents.Mute{{Partner: "servicenow", Probe: "table-api", Until: noon.Add(2 * time.Hour), By: ada.ID, At: noon, Reason: "planned upgrade"}}
	if diff := cmp.Diff(want, b.memory.mutes); diff != "" {
		t.Error(diff)
	}
}

func TestMuteTwiceAtOnceIsOne(t *testing.T) {
	b := newTable()
	b.ask(t, ada, "mute snow 1h")
	b.desk.now = noon.Add(20 * time.Second)
	reply := b.ask(t, grace, "mute snow 1h")
	if reply.Public || reply.Text != "Nothing was changed: ServiceNow is muted until 1 Mar 13:00 UTC already; a colleague did it 20 s ago." {
		t.Errorf("public %v: %s", reply.Public, reply.Text)
	}
	b.desk.now = noon.Add(10 * time.Minute)
	if reply = b.ask(t, grace, "mute snow 1h"); !reply.Public || !b.memory.mutes[0].Until.Equal(noon.Add(70*time.Minute)) {
		t.Errorf("it cannot be made longer: %s", reply.Text)
	}
}

// TestAMuteOfAnOldMessageChangesNothing holds that the button of a message whose incident is over does not keep the next
// failure quiet.
func TestAMuteOfAnOldMessageChangesNothing(t *testing.T) {
	b := newTable()
	i := brokenServiceNow()
	b.memory.all = []incidents.Incident{i}
	press := MuteButton(i).Command
	if reply := b.ask(t, ada, press); !reply.Public || len(b.memory.mutes) != 1 {
		t.Fatalf("while it lasts: %+v", reply)
	}
	b.memory.mutes, b.memory.all[0].State = nil, incidents.StateRecovered
	want := "What failed at ServiceNow is over already, so nothing was muted. To mute it all the same: /sparky mute servicenow 1h."
	if reply := b.ask(t, ada, press); reply.Text != want || !reply.Refused || len(b.memory.mutes) != 0 {
		t.Errorf("once it is over: %+v, %v", reply, b.memory.mutes)
	}
	b.memory.err = map[string]error{"incidents": errors.New("the database is locked")}
	if reply := b.ask(t, ada, press); !strings.Contains(reply.Text, "I could not read what is broken: the database is locked") || len(b.memory.mutes) != 0 {
		t.Errorf("where nobody knows: %+v", reply)
	}
}

func TestMutesThatCannotBeRead(t *testing.T) {
	b := newTable()
	b.memory.err["mutes"] = errors.New("the disk is full")
	for _, text := range []string{"mute snow 1h", "unmute"} {
		if reply := b.ask(t, ada, text); !reply.Refused || !strings.Contains(reply.Text, "the disk is full") {
			t.Errorf("%s: %s", text, reply.Text)
		}
	}
	if len(b.memory.mutes) != 0 {
		t.Error("a mute was kept without looking whether there is one")
	}
	if got := b.ask(t, ada, "unmute snow").Text; got != "ServiceNow is not muted, so nothing was changed." {
		t.Error(got)
	}
}

// FuzzMute holds the reading of a mute to what it promises: a partner and a probe that there are, and a bounded time and
// reason, or a refusal.
func FuzzMute(f *testing.F) {
	for _, text := range []string{
		"snow 2h planned upgrade", "servicenow/create-incident 1d", "microsoft 365/card 1h", "/ 2h", "snow/ 2h", "/x 2h", "snow//table-api 2h",
		"snow 9999999999d", "snow 1h" + strings.Repeat(" ü", 300), "", "snow", "snow -1h", "snow/create-incident/table-api 1h", "\xff 1h",
	} {
		f.Add(text)
	}
	c := muteCommand{directory: probedDirectory()}
	f.Fuzz(func(t *testing.T, text string) {
		w, refusal := c.parse(strings.Fields(text))
		if refusal != nil {
			if !refusal.Refused || refusal.Public || len([]rune(refusal.Text)) > 400 {
				t.Fatalf("refused with %+v", *refusal)
			}
			return
		}
		if found, ok := c.directory.Find(w.partner.ID); !ok || found.ID != w.partner.ID {
			t.Fatalf("a partner that there is not: %q", w.partner.ID)
		}
		if w.probe != "" && probeOf(w.partner, w.probe) != w.probe {
			t.Fatalf("a probe that there is not: %q", w.probe)
		}
		if w.length <= 0 || w.length > longestMute || len([]rune(w.reason)) > longestReason+1 {
			t.Fatalf("for %v because of %q", w.length, w.reason)
		}
	})
}

// TestAMuteCanBeTakenBackByAButton holds that wherever a mute is told of, there is a button that ends it, and none that
// mutes what is muted.
func TestAMuteCanBeTakenBackByAButton(t *testing.T) {
	b := newTable()
	muted := brokenServiceNow()
	muted.MutedUntil = noon.Add(time.Hour)
	buttons := func(reply Reply) string {
		var all []string
		for _, s := range reply.Sections {
			for _, button := range s.Buttons {
				all = append(all, button.Label+" -> "+button.Command)
			}
		}
		return strings.Join(all, ", ")
	}
	if got := buttons(b.ask(t, ada, "mute snow/table-api 1h")); got != "Unmute -> unmute servicenow/table-api" {
		t.Errorf("the answer has %s", got)
	}
	if got := buttons(b.ask(t, ada, "mute snow/table-api 1h")); got != "Unmute -> unmute servicenow/table-api" {
		t.Errorf("who mutes it once more is offered %s", got)
	}
	b.memory.all = []incidents.Incident{muted}
	if got := buttons(b.ask(t, ada, "incidents")); !strings.Contains(got, "Unmute -> unmute servicenow") || strings.Contains(got, "Mute 1h") {
		t.Errorf("what is muted has %s", got)
	}
	if reply := b.ask(t, ada, "unmute servicenow"); !reply.Public || len(b.memory.mutes) != 0 {
		t.Errorf("pressed: %+v", reply)
	}
}
