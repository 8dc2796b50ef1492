package statuspage

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"sparky/fixtures/world/atlassian"
	"sparky/fixtures/world/clock"
	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

var morning = time.Date(2026, 11, 2, 9, 30, 0, 0, time.UTC)

// memory remembers incidents.
type memory struct {
	all []incidents.Incident
	err error
}

func (m *memory) Incident(_ context.Context, id string) (incidents.Incident, error) {
	for _, in := range m.all {
		if in.ID == id {
			return in, m.err
		}
	}
	return incidents.Incident{}, errors.New("there is no incident " + id)
}

func (m *memory) Posts(_ context.Context, since time.Time) ([]incidents.Incident, error) {
	if m.err != nil {
		return nil, m.err
	}
	return slices.DeleteFunc(slices.Clone(m.all), func(in incidents.Incident) bool {
		n := len(in.Post.Updates)
		return n == 0 || in.Post.State != incidents.PostPublished && in.Post.Updates[n-1].At.Before(since)
	}), nil
}

// desk is the two performers with Statuspage's stand-in behind them.
type desk struct {
	t        *testing.T
	clock    *clock.Manual
	page     *atlassian.Page
	memory   *memory
	post     Performer
	features Performer
	// results is what was remembered of the last drawing that succeeded, by its key.
	results map[string][]byte
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, clock: clock.NewManual(morning), memory: &memory{}, results: map[string][]byte{}}
	d.page = atlassian.New(atlassian.Options{Clock: d.clock, Subscribers: 2})
	server := httptest.NewServer(d.page.Handler())
	t.Cleanup(func() { _ = d.page.Close(); server.Close() })
	d.post, d.features = configured(server.URL + "/v1").Performers(d.outside(configured(server.URL + "/v1")))
	// Tests do not wait for their turn; TestThePageIsAskedInMeasure holds the pace.
	d.post.(*poster).api.pace.SetLimit(rate.Inf)
	d.features.(*features).api.pace.SetLimit(rate.Inf)
	return d
}

func configured(api string) Config {
	var c Config
	c.SetDefaults()
	c.APIURL, c.PageID, c.Token = api, atlassian.PageID, setting.NewSecret(atlassian.Token)
	c.Components = map[string]string{"Ticket sync": "8kbf7d35c070", "Sign-in": "2hr9qv0mt4ws", "Meetings": "p5xk3n8dz1yl", "Gone": "nosuchcompon"}
	return c
}

func (d *desk) outside(c Config) Outside {
	return Outside{Client: quickClient().With("statuspage", c.Auth()), Source: d.memory, Now: d.clock.Now, Log: slog.New(slog.DiscardHandler)}
}

// quickClient does not retry, so that a test sees what one attempt does.
func quickClient() *httpcall.Client {
	return httpcall.New(httpcall.Options{Retries: -1, AttemptTimeout: 5 * time.Second, Breaker: httpcall.BreakerOptions{Requests: 1000}})
}

// says has an incident of that id say one thing more.
func (d *desk) says(id, phase string, level partners.Level, text string, features ...string) {
	d.t.Helper()
	d.clock.Advance(2 * time.Minute)
	at := slices.IndexFunc(d.memory.all, func(in incidents.Incident) bool { return in.ID == id })
	if at < 0 {
		d.memory.all = append(d.memory.all, incidents.Incident{ID: id, Name: "ServiceNow", Outage: 1, Affects: features})
		at = len(d.memory.all) - 1
	}
	in := &d.memory.all[at]
	in.Post.State = incidents.PostPublished
	if phase == resolved {
		in.Post.State = incidents.PostResolved
	}
	in.Post.Updates = append(slices.Clone(in.Post.Updates), incidents.PostUpdate{At: d.clock.Now(), Phase: phase, Level: level, Title: "Trouble at ServiceNow", Text: text})
}

func (d *desk) again(id string) {
	for i := range d.memory.all {
		if d.memory.all[i].ID == id {
			d.memory.all[i].Outage++
		}
	}
}

// drawPost draws the incident's post, and remembers what came of it.
func (d *desk) drawPost(id string) error {
	d.t.Helper()
	payload, err := json.Marshal(incidents.Ref{Incident: id, Outage: 1})
	if err != nil {
		d.t.Fatal(err)
	}
	result, err := d.post.Do(d.t.Context(), id+"/post", payload, d.results[id])
	if err == nil {
		d.results[id] = result
	}
	return err
}

// look is what the dispatcher does after a first attempt of unknown outcome.
func (d *desk) look(id string) bool {
	d.t.Helper()
	result, found, err := d.post.Find(d.t.Context(), id+"/post", []byte(`{"incident":"`+id+`"}`))
	d.must(err)
	if found {
		d.results[id] = result
	}
	return found
}

func (d *desk) drawFeatures() error {
	d.t.Helper()
	result, err := d.features.Do(d.t.Context(), "public/components", []byte("{}"), d.results["public/components"])
	if err == nil {
		d.results["public/components"] = result
	}
	return err
}

func (d *desk) draw(id string) {
	d.t.Helper()
	d.must(d.drawPost(id))
	d.must(d.drawFeatures())
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// only is the one incident on the page.
func (d *desk) only() atlassian.Incident {
	d.t.Helper()
	all := d.page.Incidents()
	if len(all) != 1 {
		d.t.Fatalf("%d incidents on the page", len(all))
	}
	return all[0]
}

func (d *desk) wantStatus(feature, want string) {
	d.t.Helper()
	if got := d.page.Status(feature); got != want {
		d.t.Errorf("%s is %s, want %s", feature, got, want)
	}
}

// wantMails holds that each of the two subscribers got so many mails.
func (d *desk) wantMails(each int) {
	d.t.Helper()
	if got := len(d.page.Mails()); got != 2*each {
		d.t.Errorf("%d mails, want %d to each of two", got, each)
	}
}

func (d *desk) result(id string) posted {
	d.t.Helper()
	var so posted
	if err := json.Unmarshal(d.results[id], &so); err != nil {
		d.t.Fatalf("result %q: %v", d.results[id], err)
	}
	return so
}

func known(err error) bool {
	var refused interface{ Refused() bool }
	var unsent interface{ NotSent() bool }
	return errors.As(err, &refused) && refused.Refused() || errors.As(err, &unsent) && unsent.NotSent()
}

func permanent(err error) bool {
	var p interface{ Permanent() bool }
	return errors.As(err, &p) && p.Permanent()
}

func later(err error) time.Duration {
	var l interface{ RetryAfter() time.Duration }
	if !errors.As(err, &l) {
		return 0
	}
	return l.RetryAfter()
}

func contextFor(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}
