package main

import (
	"net"
	"net/http"
	"testing"
	"time"

	"sparky/internal/setting"
)

// TestAMachineWithoutNamesIsToldOnce has every look fail by the same thing, and then one name lead somewhere.
func TestAMachineWithoutNamesIsToldOnce(t *testing.T) {
	var config Config
	config.Slack.APIURL = "https://slack.example/api/"
	config.Triage.Controls = []string{"https://control.example/204", "https://192.0.2.1", "http://localhost:1", "https://slack.example", "://"}
	d := newDoctor(config, time.Now)
	defer d.Close()
	nowhere := func(r *http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: r.URL.Host, IsNotFound: true}}
	}
	well := setting.Finding{What: "store.url", Tried: "looking at the file"}
	mistyped := setting.Wrong("GET", "no such host is known", "check the address for a typing error")
	mistyped.What = "partners.okta.status"
	late := setting.Wrong("auth.test", "the host's name could not be looked up", "check our own network and its name server")
	late.What = "slack.bot_token"
	all := []setting.Finding{late, well, mistyped}

	both := network{"slack.example": nowhere, "control.example": nowhere}
	d.ours = both.client()
	told := d.nameless(t.Context(), all)
	if len(told) != 4 || told[0].Tried != "looking up slack.example, control.example" || told[0].Problem != "this machine resolves no name" || told[0].Mend == "" {
		t.Fatalf("it is told as %+v", told)
	}
	if told[1].What != late.What || told[1].State() != setting.FoundOpen || told[2] != well || told[3].What != mistyped.What || told[3].Mend != "mend names first" {
		t.Errorf("the looks are told as %+v", told[1:])
	}

	d.ours = network{"slack.example": nowhere, "control.example": answering(http.StatusNoContent, "")}.client()
	if told := d.nameless(t.Context(), all); len(told) != 3 || told[2] != mistyped {
		t.Errorf("where a name leads somewhere, %+v", told)
	}
	d.ours = network{"slack.example": nowhere}.client() // the other refuses the connection, and so has an address
	if told := d.nameless(t.Context(), all); len(told) != 3 {
		t.Errorf("where an address is known, %+v", told)
	}
	d.ours = both.client()
	if told := d.nameless(t.Context(), []setting.Finding{well}); len(told) != 1 {
		t.Errorf("where nothing failed, %+v", told)
	}
	d.config.Slack.APIURL, d.config.Triage.Controls = "http://127.0.0.1:1/api/", nil
	if told := d.nameless(t.Context(), all); len(told) != 3 {
		t.Errorf("where no name is known that should lead somewhere, %+v", told)
	}
}
