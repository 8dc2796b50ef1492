package commands

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sparky/incidents"
)

// failing is a probe of ServiceNow's that takes part in an incident.
func failing(probe string) incidents.Failing {
	return incidents.Failing{Partner: "servicenow", Probe: probe, Since: noon.Add(-26 * time.Minute), Fails: 3}
}

// brokenServiceNow is an incident that on-call was called for.
func brokenServiceNow() incidents.Incident {
	return incidents.Incident{
		ID: "sparky-servicenow-m1", Kind: incidents.KindProbe, Partner: "servicenow", Name: "ServiceNow", Affects: []string{"Ticket sync"},
		Priority: "P4", State: incidents.StateOpen, Outage: 1, Opened: noon.Add(-26 * time.Minute), Since: noon.Add(-26 * time.Minute),
		Probes: []incidents.Failing{failing("create-incident")},
		Verdict: incidents.Verdict{Word: incidents.Internal, Reason: incidents.ReasonNotAnnounced, Lean: incidents.LeanTheirs,
			Says: "Not announced by them, but it looks like theirs", At: noon.Add(-25 * time.Minute)},
		Ticket: incidents.Ticket{Key: "ECO-12", URL: "https://acme.atlassian.net/browse/ECO-12", Assignee: "Lin"},
		Page:   incidents.Page{Wanted: incidents.PageTriggered},
	}
}

// announcedByMicrosoft waits for a person to publish it.
func announcedByMicrosoft() incidents.Incident {
	i := brokenServiceNow()
	i.ID, i.Partner, i.Name, i.Affects = "sparky-microsoft-m2", "microsoft", "Microsoft 365", nil
	i.Probes = []incidents.Failing{{Partner: "microsoft", Probe: "card"}}
	i.Since, i.Outage = noon.Add(-3*time.Minute), 3
	i.Verdict = incidents.Verdict{Word: incidents.External, Reason: incidents.ReasonAnnounced, Says: "Microsoft reports an outage of Teams"}
	i.Ticket, i.Page = incidents.Ticket{Key: "ECO-13"}, incidents.Page{}
	i.Post.State = incidents.PostProposed
	i.State, i.Acknowledged = incidents.StateAcknowledged, &incidents.Deed{By: grace.ID, At: noon.Add(-2 * time.Minute)}
	return i
}

func ourNetwork() incidents.Incident {
	return incidents.Incident{
		ID: "sparky-network-m3", Kind: incidents.KindNetwork, Name: "Our network", Priority: "P2", State: incidents.StateOpen, Outage: 1,
		Since: noon.Add(-time.Minute), Probes: []incidents.Failing{failing("create-incident"), {Partner: "microsoft", Probe: "card"}},
		Verdict: incidents.Verdict{Word: incidents.Internal, Reason: incidents.ReasonNetwork, Says: "Addresses that have nothing to do with partners do not answer either"},
	}
}

func closedByHand() incidents.Incident {
	i := brokenServiceNow()
	i.ID, i.Ticket = "sparky-workday-m4", incidents.Ticket{Key: "ECO-9"}
	i.Partner, i.Name = "workday", "Workday"
	i.State, i.Closed = incidents.StateClosed, &incidents.Deed{By: "Ada Lovelace", At: noon.Add(-5 * time.Minute)}
	i.Post = incidents.Post{State: incidents.PostPublished, URL: "https://status.acme.example/i/1", ByHand: true}
	i.Already = true
	return i
}

func TestIncidentsReadAloud(t *testing.T) {
	var talk strings.Builder
	b := newTable()
	say := func() { talk.WriteString(said(ada, "incidents", b.ask(t, ada, "incidents"))) }
	say()
	b.memory.all = []incidents.Incident{closedByHand(), announcedByMicrosoft(), brokenServiceNow()}
	b.memory.mutes = []incidents.Mute{
		{Partner: "microsoft", Probe: "card", Until: noon.Add(90 * time.Minute), By: ada.ID, At: noon, Reason: "planned upgrade"},
		{Partner: "gone", Until: noon.Add(time.Minute), By: "ops"},
	}
	say()
	fresh := brokenServiceNow()
	fresh.Verdict, fresh.Ticket, fresh.Since = incidents.Verdict{}, incidents.Ticket{}, noon.Add(-2*time.Second)
	fresh.Probes = append(fresh.Probes, failing("table-api"))
	fresh.MutedUntil = noon.Add(time.Hour)
	b.memory.all, b.memory.mutes = []incidents.Incident{fresh, ourNetwork()}, nil
	say()
	overruled := announcedByMicrosoft()
	overruled.Verdict.By, overruled.Post = ada.ID, incidents.Post{State: incidents.PostDeclined, By: grace.ID}
	b.memory.all = []incidents.Incident{overruled}
	say()
	golden(t, "incidents", talk.String())
}

func TestManyIncidentsAreCounted(t *testing.T) {
	b := newTable()
	for n := range 30 {
		i := brokenServiceNow()
		i.Ticket.Key = fmt.Sprint("ECO-", n)
		b.memory.all = append(b.memory.all, i)
	}
	reply := b.ask(t, ada, "incidents")
	if reply.Text != "30 incidents are open." || !strings.HasSuffix(plain(reply), "and 18 more; the alerts channel has them all\n") {
		t.Errorf("%s\n%s", reply.Text, plain(reply))
	}
	if records := reply.Facts.([]IncidentRecord); len(records) != 30 {
		t.Errorf("machines get %d of 30", len(records))
	}
}

func TestIncidentsThatCannotBeReadAreSaid(t *testing.T) {
	for _, what := range []string{"incidents", "mutes"} {
		b := newTable()
		b.memory.err[what] = errors.New("the disk is full")
		for _, text := range []string{"incidents", "status", "status snow"} {
			if reply := b.ask(t, ada, text); !reply.Refused || !strings.Contains(reply.Text, "the disk is full") {
				t.Errorf("%s without %s: %s", text, what, reply.Text)
			}
		}
	}
	if reply := newTable().ask(t, ada, "incidents now"); !reply.Refused {
		t.Errorf("a word too many was taken: %s", reply.Text)
	}
}

func TestIncidentRecord(t *testing.T) {
	encoded, err := json.Marshal(NewIncidentRecord(brokenServiceNow()))
	want := `{"id":"sparky-servicenow-m1","key":"ECO-12","url":"https://acme.atlassian.net/browse/ECO-12","partner":"servicenow",` +
		`"name":"ServiceNow","probes":["servicenow/create-incident"],"state":"open","priority":"P4","since":"2027-03-01T11:34:00Z","outage":1,` +
		`"verdict":"internal","reason":"not announced","says":"Not announced by them, but it looks like theirs","affects":["Ticket sync"],"page":"triggered","kind":"probe"}`
	if err != nil || string(encoded) != want {
		t.Errorf("got %s, %v\nwant %s", encoded, err, want)
	}
	if encoded, err = json.Marshal(newTable().ask(t, ada, "incidents").Facts); err != nil || string(encoded) != "[]" {
		t.Errorf("no incident is %s, %v", encoded, err)
	}
}

// TestEveryButtonCanBePressed holds the buttons to the commands that there are: each of them is understood.
func TestEveryButtonCanBePressed(t *testing.T) {
	for _, i := range []incidents.Incident{brokenServiceNow(), announcedByMicrosoft(), ourNetwork(), closedByHand()} {
		for _, button := range IncidentButtons(i, noon) {
			b := newTable()
			b.memory.all = []incidents.Incident{i}
			if i.Partner == "workday" && button.Label == "Probe again" {
				continue // it has no probes here
			}
			if reply := b.ask(t, ada, button.Command); reply.Refused {
				t.Errorf("%s of %s (%s): %s", button.Label, i.ID, button.Command, reply.Text)
			}
		}
	}
}

func TestButtonsFitTheState(t *testing.T) {
	with := func(change func(*incidents.Incident)) incidents.Incident {
		i := brokenServiceNow()
		change(&i)
		return i
	}
	tests := map[string]struct {
		incident incidents.Incident
		want     string
	}{
		"open":          {brokenServiceNow(), "Acknowledge, Probe again, Mute 1h, It's theirs"},
		"no verdict":    {with(func(i *incidents.Incident) { i.Verdict = incidents.Verdict{} }), "Acknowledge, Probe again, Mute 1h, It's theirs, It's ours"},
		"proposed":      {announcedByMicrosoft(), "Publish, Don't publish, Probe again, Mute 1h, It's ours"},
		"network":       {ourNetwork(), "Acknowledge"},
		"closed":        {closedByHand(), "Probe again, Mute 1h"},
		"recovered":     {with(func(i *incidents.Incident) { i.State = incidents.StateRecovered }), ""},
		"folded":        {with(func(i *incidents.Incident) { i.State = incidents.StateFolded }), ""},
		"acknowledged ": {with(func(i *incidents.Incident) { i.State = incidents.StateAcknowledged }), "Probe again, Mute 1h, It's theirs"},
	}
	for name, tt := range tests {
		var labels []string
		for _, b := range IncidentButtons(tt.incident, noon) {
			labels = append(labels, b.Label)
		}
		if got := strings.Join(labels, ", "); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func TestWhatIsWrongInAFewWords(t *testing.T) {
	i := brokenServiceNow()
	if got := what(i); got != "ServiceNow: create-incident fails" {
		t.Error(got)
	}
	for n := range 6 {
		i.Probes = append(i.Probes, failing(fmt.Sprint("p", n)))
	}
	if got := what(i); got != "ServiceNow: create-incident, p0, p1 and 4 more fail" {
		t.Error(got)
	}
	i.State = incidents.StateRecovered
	if got := what(i); got != "ServiceNow: create-incident, p0, p1 and 4 more failed" {
		t.Error(got)
	}
	i.Probes = nil
	if got := what(i); got != "ServiceNow" {
		t.Error(got)
	}
	network := ourNetwork()
	if got := what(network); got != "Our own network looks down: no answer from 2 partners" {
		t.Error(got)
	}
	network.State = incidents.StateRecovered
	if got := what(network); got != "Our own network was down" {
		t.Error(got)
	}
}

func TestOrdinals(t *testing.T) {
	for n, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 21: "21st", 112: "112th"} {
		if got := Ordinal(n); got != want {
			t.Errorf("%d is %s", n, got)
		}
	}
}

// TestWhatIsNoProbeIsNotProbedAgain holds that the button of an alert of New Relic's is not a command that is refused.
func TestWhatIsNoProbeIsNotProbedAgain(t *testing.T) {
	for want, names := range map[string][]string{
		"": {"alert card latency"}, "probe servicenow": {"alert card latency", "table-api"}, "probe servicenow table-api": {"table-api"},
	} {
		i := brokenServiceNow()
		i.Probes = nil
		for _, name := range names {
			i.Probes = append(i.Probes, failing(name))
		}
		if again, ok := ProbeAgain(i); ok != (want != "") || ok && again.Command != want {
			t.Errorf("%q: got %+v, %t", names, again, ok)
		}
	}
}

func TestWhatOurPublicPageSaysIsSaidOnlyWhereItStands(t *testing.T) {
	for name, c := range map[string]struct {
		post incidents.Post
		want string
	}{
		"on its way":             {incidents.Post{State: incidents.PostPublished, Outage: 2}, "It is being put on our public page."},
		"on its way once more":   {incidents.Post{State: incidents.PostPublished, Outage: 2, ID: "p1", Waiting: true}, "It is being put on our public page."},
		"there":                  {incidents.Post{State: incidents.PostPublished, Outage: 2, ID: "p1"}, "It stands on our public page."},
		"over":                   {incidents.Post{State: incidents.PostResolved, Outage: 2, ID: "p1"}, "It is resolved on our public page."},
		"of the outage before":   {incidents.Post{State: incidents.PostResolved, Outage: 1, ID: "p1"}, ""},
		"edited while it waited": {incidents.Post{State: incidents.PostPublished, Outage: 2, ID: "p1", Waiting: true, ByHand: true}, "It stands on our public page. Somebody edited it there, so I leave it as it is."},
	} {
		i := brokenServiceNow()
		i.Outage, i.Post = 2, c.post
		line, ok := postLine(i)
		var said strings.Builder
		for _, p := range line.Pieces {
			said.WriteString(p.Text)
		}
		if said.String() != c.want || ok != (c.want != "") {
			t.Errorf("%s: it says %q, want %q", name, said.String(), c.want)
		}
	}
}
