package commands

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"sparky/changes"
	"sparky/partners"
)

// starter starts what it is told to, or says that it is under way.
type starter struct {
	asked   []string
	entry   *changes.RunEntry
	waiting *changes.Run
	err     error
}

func (f *starter) Start(_ context.Context, p partners.Partner, version, by string, entry *changes.RunEntry) (changes.Run, bool, error) {
	f.asked, f.entry = append(f.asked, p.ID+" "+version+" by "+by), entry
	if f.waiting != nil {
		return *f.waiting, false, f.err
	}
	return changes.Run{ID: "1", Partner: p.ID, Name: p.Name, Version: version, State: changes.RunAsked, By: by, Asked: noon}, true, f.err
}

func compatOf(trier Trier, facts *fakeFacts, words ...string) Reply {
	directory := NewDirectory([]partners.Partner{{ID: "snow", Name: "ServiceNow", Compat: &partners.Compat{}}, {ID: "okta", Name: "Okta"}})
	command := Compat(directory, trier, facts, "#ecosystem-updates", func() time.Time { return noon })
	return command.Run(context.Background(), Call{Request: Request{Person: Person{ID: "U1"}}, Args: words})
}

func announcing(title string) *fakeFacts {
	return &fakeFacts{entries: []changes.Entry{changes.Classify(partners.Change{Partner: "snow", Title: title, Link: "https://snow.example/v3"}, noon)}}
}

func TestAVersionIsTriedWithItsAnnouncement(t *testing.T) {
	trier := &starter{}
	reply := compatOf(trier, announcing("Table API v3 beta"), "snow", "V3")
	if !reply.Public || reply.Refused || len(trier.asked) != 1 || trier.asked[0] != "snow V3 by U1" {
		t.Errorf("asked %q, got %+v", trier.asked, reply)
	}
	if trier.entry == nil || trier.entry.Title != "Table API v3 beta" {
		t.Errorf("with %+v", trier.entry)
	}
}

func TestWithoutAVersionTheAnnouncedOnesAreOffered(t *testing.T) {
	reply := compatOf(&starter{}, announcing("Table API v3 beta"), "snow")
	buttons := reply.Sections[0].Buttons
	if !reply.Refused || len(buttons) != 1 || buttons[0].Command != "compat snow v3" {
		t.Errorf("got %+v", reply)
	}
	// What a button offers can be tried.
	hostile := compatOf(&starter{}, announcing("Public beta: 1&id&x-2-beta is available"), "snow")
	if got := hostile.Sections[0].Buttons; len(got) != 0 {
		t.Errorf("offers %+v", got)
	}
}

func TestWhatCannotBeTried(t *testing.T) {
	for said, want := range map[string]string{
		"":                                 "Which partner?",
		"okta v3":                          "no compatibility workflow",
		"nobody v3":                        "nobody",
		"snow v3;id":                       "cannot be a version: it holds ';'",
		"snow " + strings.Repeat("v", 101): "longer than 100",
		"snow $(curl evil.example)":        "it holds '$'",
		"snow v3\u202e":                    "it holds",
	} {
		trier := &starter{}
		reply := compatOf(trier, &fakeFacts{}, strings.Fields(said)...)
		if !reply.Refused || !strings.Contains(reply.Text, want) || len(trier.asked) > 0 {
			t.Errorf("%q: asked %q, got %q", said, trier.asked, reply.Text)
		}
	}
	if reply := compatOf(nil, &fakeFacts{}, "snow", "v3"); !strings.Contains(reply.Text, "No GitHub is configured") {
		t.Errorf("got %q", reply.Text)
	}
	away := errors.New("the database is away")
	if reply := compatOf(&starter{err: away}, &fakeFacts{}, "snow", "v3"); !reply.Refused || !strings.Contains(reply.Text, "try again") {
		t.Errorf("got %q", reply.Text)
	}
	if reply := compatOf(&starter{}, &fakeFacts{err: away}, "snow", "v3"); !reply.Failed {
		t.Errorf("got %+v", reply)
	}
}

func TestAVersionThatIsBeingTried(t *testing.T) {
	for _, c := range []struct {
		run  changes.Run
		want string
	}{
		{changes.Run{State: changes.RunRunning, URL: "https://github.example/r/7"}, "ServiceNow v3 is being tried already."},
		{changes.Run{State: changes.RunAsked}, "ServiceNow v3 is being tried already."},
		{changes.Run{State: changes.RunAsked, Reason: "GitHub has not taken it yet."}, "ServiceNow v3 waits already, because GitHub has not taken it yet."},
	} {
		c.run.Name, c.run.Version, c.run.Asked = "ServiceNow", "v3", noon
		reply := compatOf(&starter{waiting: &c.run}, &fakeFacts{}, "snow", "v3")
		if reply.Public || reply.Text != "Nothing was started: "+c.want {
			t.Errorf("got %+v", reply)
		}
	}
}
