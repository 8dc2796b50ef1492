package statuspage

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"

	"sparky/fixtures/world/clock"
	"sparky/incidents"
	"sparky/partners"
	reader "sparky/partners/statuspage"
)

// site is the page that Sparky serves.
type site struct {
	*desk
	handler http.Handler
}

func newSite(t *testing.T) *site {
	t.Helper()
	d := &desk{t: t, clock: clock.NewManual(morning), memory: &memory{}, results: map[string][]byte{}}
	return &site{d, Builtin(d.memory, Served{Name: "Acme", Features: []string{"Ticket sync", "Sign-in", "Meetings"},
		Address: "https://status.acme.example/status", Now: d.clock.Now})}
}

func (s *site) get(path string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	request := httptest.NewRequestWithContext(s.t.Context(), http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	s.handler.ServeHTTP(recorder, request)
	return recorder
}

// document is a page of it for people.
func (s *site) document(path string) *goquery.Document {
	s.t.Helper()
	s.clock.Advance(fresh)
	doc, err := goquery.NewDocumentFromReader(s.get(path).Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return doc
}

func words1(selection *goquery.Selection) string { return plain(selection.Text()) }

// outage is one that is going on, with another one that is over.
func (s *site) outage() {
	s.says(in2, "investigating", partners.Degraded, "Okta reports slow sign-ins.", "Sign-in")
	s.clock.Advance(78 * time.Minute)
	s.says(in2, resolved, partners.Operational, "Sign-in works again.")
	s.clock.Advance(24 * time.Hour)
	s.says(in1, "investigating", partners.Degraded, "ServiceNow reports trouble. See https://status.servicenow.example/x.", "Ticket sync")
	s.says(in1, "identified", partners.PartialOutage, "They know why.")
}

func TestWhatACustomerSeesFirst(t *testing.T) {
	s := newSite(t)
	if got := words1(s.document("/status/").Find(".banner strong")); got != "No incidents are open" {
		t.Error(got)
	}
	s.outage()
	doc := s.document("/status/")
	if got := words1(doc.Find(".banner strong")); got != "Ticket sync: partly down" {
		t.Error(got)
	}
	if got := words1(doc.Find(".features")); got != "Ticket sync Partly down Sign-in Nothing reported Meetings Nothing reported" {
		t.Error(got)
	}
	if mark, _ := doc.Find(".features .state").First().Attr("data-mark"); mark != "!" {
		t.Errorf("the state of what is down is marked by %q", mark)
	}
	open := doc.Find("article").First()
	for _, part := range []string{"Trouble at ServiceNow", "Affects Ticket sync. Since 3 Nov 2026, 10:54 UTC.", "Cause known 3 Nov 2026, 10:56 UTC They know why.", "Being looked into"} {
		if !strings.Contains(words1(open), part) {
			t.Errorf("%q is not in %q", part, words1(open))
		}
	}
	if machine, _ := open.Find("time").First().Attr("datetime"); machine != "2026-11-03T10:54:05Z" {
		t.Error(machine)
	}
	if link, _ := open.Find("p a").Attr("href"); link != "https://status.servicenow.example/x" {
		t.Errorf("the partner's page is linked as %q", link)
	}
	past := doc.Find("article.past")
	if !strings.Contains(words1(past), "Lasted 1 h 20 min, from 2 Nov 2026, 09:32 UTC to 2 Nov 2026, 10:52 UTC.") {
		t.Error(words1(past))
	}
}

// TestWhatIsOursBySomebodysWordIsNotShownAsWorking while it still fails.
func TestWhatIsOursBySomebodysWordIsNotShownAsWorking(t *testing.T) {
	s := newSite(t)
	s.says(in1, "identified", partners.Degraded, "Ticket sync is affected while ServiceNow has trouble.", "Ticket sync")
	in := incidents.Incident{Name: "ServiceNow", Affects: []string{"Ticket sync"}, State: incidents.StateOpen,
		Post: incidents.Post{State: incidents.PostPublished}, Verdict: incidents.Verdict{Word: incidents.Internal, By: "U1"}}
	ours := incidents.PublicUpdate(in, time.Time{})
	s.says(in1, ours.Phase, ours.Level, ours.Text)
	doc := s.document("/status/")
	if got := words1(doc.Find(".banner strong")); got != "Ticket sync: degraded" {
		t.Error(got)
	}
	if got := words1(doc.Find("article").First()); !strings.Contains(got, "It is not because of ServiceNow: we are looking into it ourselves.") {
		t.Error(got)
	}
}

// everything is an archive that gives more than it is asked for.
type everything struct{ *memory }

func (e everything) Posts(ctx ctx, _ time.Time) ([]incidents.Incident, error) {
	return e.memory.Posts(ctx, time.Time{})
}

func TestWhatIsOldIsNotShownThoughTheArchiveGivesIt(t *testing.T) {
	s := newSite(t)
	s.outage()
	s.handler = Builtin(everything{s.memory}, Served{Now: s.clock.Now})
	s.clock.Advance(history)
	doc := s.document("/status/")
	if doc.Find("article.past").Length() != 0 || doc.Find("article").Length() != 1 {
		t.Error(words1(doc.Find("main")))
	}
}

// TestTheSameIncidentAgain counts from when it came back, and keeps what was said before.
func TestTheSameIncidentAgain(t *testing.T) {
	s := newSite(t)
	s.outage()
	s.says(in2, "investigating", partners.MajorOutage, "Again.")
	doc := s.document("/status/")
	if got := words1(doc.Find(".features")); got != "Sign-in Down Ticket sync Partly down Meetings Nothing reported" {
		t.Error(got)
	}
	if got := words1(doc.Find("article").First()); !strings.Contains(got, "Since 3 Nov 2026, 10:58 UTC.") || !strings.Contains(got, "slow sign-ins") {
		t.Error(got)
	}
	if doc.Find("article").Length() != 2 || doc.Find("article.past").Length() != 0 {
		t.Error("an incident that came back is told of as over too")
	}
}

// TestWhatWaitsToBePublishedAgain holds that what was told of the outage before stays told, whatever a person decides.
func TestWhatWaitsToBePublishedAgain(t *testing.T) {
	for _, state := range []incidents.PostState{incidents.PostProposed, incidents.PostDeclined} {
		s := newSite(t)
		s.outage()
		s.memory.all[0].Post.State = state
		doc := s.document("/status/")
		if got := words1(doc.Find("article.past")); doc.Find("article.past").Length() != 1 || !strings.Contains(got, "Sign-in works again.") {
			t.Errorf("%s: %q", state, got)
		}
		if got := words1(doc.Find(".features")); !strings.Contains(got, "Sign-in Nothing reported") {
			t.Errorf("%s: %q", state, got)
		}
	}
}

func TestAfterFourteenDaysAnIncidentIsForgotten(t *testing.T) {
	s := newSite(t)
	s.outage()
	s.says(in1, resolved, partners.Operational, "It works again.")
	if n := s.document("/status/").Find("article").Length(); n != 2 {
		t.Errorf("%d articles", n)
	}
	s.clock.Advance(13*24*time.Hour + time.Hour)
	if n := s.document("/status/").Find("article").Length(); n != 1 {
		t.Errorf("%d articles", n)
	}
	s.clock.Advance(24 * time.Hour)
	if doc := s.document("/status/"); doc.Find("article").Length() != 0 || !strings.Contains(words1(doc.Find("main")), "Nothing was reported.") {
		t.Error(words1(doc.Find("main")))
	}
}

func TestThePageOfOneIncident(t *testing.T) {
	s := newSite(t)
	s.outage()
	link, _ := s.document("/status/").Find("article h3 a").First().Attr("href")
	doc := s.document("/status/" + link)
	if got := words1(doc.Find("h2")); got != "Trouble at ServiceNow" {
		t.Errorf("%s leads to %q", link, got)
	}
	if back, _ := doc.Find("h1 a").Attr("href"); back != "../" {
		t.Error(back)
	}
	if r := s.get("/status/incidents/another"); r.Code != http.StatusNotFound || !strings.Contains(r.Body.String(), "no such incident") {
		t.Errorf("%d %s", r.Code, r.Body)
	}
}

// TestWhatCannotBeReadIsNotShownAsWell holds that a store that is away is no good news.
func TestWhatCannotBeReadIsNotShownAsWell(t *testing.T) {
	s := newSite(t)
	s.memory.err = errors.New("the store is away at /var/secret")
	for _, path := range []string{"/status/", "/status/feed.atom", "/status/api/v2/summary.json"} {
		r := s.get(path)
		if r.Code != http.StatusServiceUnavailable || !strings.Contains(r.Body.String(), "cannot tell") ||
			strings.Contains(r.Body.String(), "secret") || strings.Contains(r.Body.String(), "No incidents are open") || r.Header().Get("Retry-After") == "" {
			t.Errorf("%s: %d %s", path, r.Code, r.Body)
		}
	}
	s.memory.err = nil
	if r := s.get("/status/"); r.Code != http.StatusOK {
		t.Errorf("a moment later: %d", r.Code)
	}
}

// TestOurOwnReaderReadsIt holds the documents against the reader that Sparky has for partners' pages.
func TestOurOwnReaderReadsIt(t *testing.T) {
	s := newSite(t)
	read := func(name string) partners.Status {
		s.clock.Advance(fresh)
		r := s.get("/status/api/v2/" + name)
		return reader.Parse(r.Body.Bytes(), r.Header().Get("Content-Type"), "https://status.acme.example/status/api/v2/"+name, reader.KindAuto, s.clock.Now())
	}
	well := read("summary.json")
	if well.Kind != "statuspage" || well.Level != partners.Operational || len(well.Components) != 3 || well.Problem != "" || well.Doubt != "" {
		t.Errorf("%+v", well)
	}
	s.outage()
	got := read("summary.json")
	if got.Level != partners.PartialOutage || got.Indicator != partners.PartialOutage || got.Description != "Ticket sync: partly down" ||
		got.Page != "https://status.acme.example/status/" || !got.UpdatedAt.Equal(s.memory.all[1].Post.Updates[1].At) {
		t.Errorf("%+v", got)
	}
	want := []partners.Component{{Name: "Ticket sync", Level: partners.PartialOutage}, {Name: "Sign-in", Level: partners.Operational}, {Name: "Meetings", Level: partners.Operational}}
	if diff := cmp.Diff(want, got.Components); diff != "" {
		t.Error(diff)
	}
	if len(got.Incidents) != 1 {
		t.Fatalf("%+v", got.Incidents)
	}
	i := got.Incidents[0]
	if i.ID != in1 || i.Name != "Trouble at ServiceNow" || i.Phase != "identified" || i.Level != partners.PartialOutage || i.Text != "They know why." ||
		i.Link != "https://status.acme.example/status/incidents/"+in1 || fmt.Sprint(i.Components) != "[Ticket sync]" || !i.Open() {
		t.Errorf("%+v", i)
	}
	for _, name := range []string{"status.json", "components.json"} {
		if s := read(name); s.Level != partners.PartialOutage || s.Kind != "statuspage" {
			t.Errorf("%s: %+v", name, s)
		}
	}
	// The reader leaves out what was over more than a day ago; the document has it.
	var all struct{ Incidents []struct{ ID string } }
	if err := json.Unmarshal(s.get("/status/api/v2/incidents.json").Body.Bytes(), &all); err != nil || len(all.Incidents) != 2 ||
		all.Incidents[0].ID != in1 || all.Incidents[1].ID != in2 || len(read("incidents.json").Incidents) != 1 {
		t.Errorf("%+v, %v", all.Incidents, err)
	}
	if unresolved := read("incidents/unresolved.json"); len(unresolved.Incidents) != 1 {
		t.Errorf("%+v", unresolved)
	}
	if planned := read("scheduled-maintenances.json"); len(planned.Windows) != 0 || planned.Kind != "statuspage" {
		t.Errorf("%+v", planned)
	}
}

func TestTheFeed(t *testing.T) {
	s := newSite(t)
	s.outage()
	feed, err := gofeed.NewParser().ParseString(s.get("/status/feed.atom").Body.String())
	if err != nil {
		t.Fatal(err)
	}
	if feed.FeedType != "atom" || feed.Title != "Acme status" || len(feed.Items) != 2 {
		t.Fatalf("%+v", feed)
	}
	item := feed.Items[0]
	if item.Title != "Trouble at ServiceNow" || item.Link != "https://status.acme.example/status/incidents/"+in1 ||
		!item.UpdatedParsed.Equal(time.Date(2026, 11, 3, 10, 56, 0, 0, time.UTC)) || !strings.Contains(item.Content, "Cause known. They know why.") ||
		!strings.Contains(item.Content, "Affected: Ticket sync") {
		t.Errorf("%+v", item)
	}
	if !strings.Contains(feed.Items[1].Description, "Over. Sign-in works again.") {
		t.Error(feed.Items[1].Description)
	}
}

func TestOneReadingServesManyReaders(t *testing.T) {
	s := newSite(t)
	counted := &counting{memory: s.memory}
	s.handler = Builtin(counted, Served{Now: s.clock.Now})
	for range 20 {
		s.get("/status/")
	}
	s.clock.Advance(fresh)
	s.get("/status/")
	if counted.n != 2 {
		t.Errorf("read %d times", counted.n)
	}
}

type counting struct {
	*memory
	n int
}

func (c *counting) Posts(ctx ctx, since time.Time) ([]incidents.Incident, error) {
	c.n++
	return c.memory.Posts(ctx, since)
}

func TestWhatAReaderHasIsNotSentAgain(t *testing.T) {
	s := newSite(t)
	first := s.get("/status/")
	if r := s.get("/status/", "If-None-Match", first.Header().Get("ETag")); r.Code != http.StatusNotModified || r.Body.Len() != 0 {
		t.Errorf("%d, %d bytes", r.Code, r.Body.Len())
	}
	s.outage()
	s.clock.Advance(fresh)
	if r := s.get("/status/", "If-None-Match", first.Header().Get("ETag")); r.Code != http.StatusOK {
		t.Errorf("%d", r.Code)
	}
}

func TestRoads(t *testing.T) {
	s := newSite(t)
	if r := s.get("/status"); r.Code != http.StatusMovedPermanently || r.Header().Get("Location") != "/status/" {
		t.Errorf("%d to %q", r.Code, r.Header().Get("Location"))
	}
	for _, path := range []string{"/status/other", "/status/api/v2/other.json", "/"} {
		if r := s.get(path); r.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.Code)
		}
	}
	doc := s.document("/status/")
	for _, link := range doc.Find("link[rel=alternate], footer a").EachIter() {
		href, _ := link.Attr("href")
		if r := s.get("/status/" + href); r.Code != http.StatusOK {
			t.Errorf("%s: %d", href, r.Code)
		}
	}
}

// TestProviderBuiltin holds that the effects for the page that Sparky serves have nothing to do, and say where it stands.
func TestProviderBuiltin(t *testing.T) {
	s := newSite(t)
	s.says(in1, "investigating", partners.Degraded, "x", "Ticket sync")
	post, features := Config{Provider: ProviderBuiltin}.Performers(Outside{Source: s.memory, Address: "https://status.acme.example/status"})
	got, err := post.Do(t.Context(), "key", []byte(`{"incident":"`+in1+`"}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	var result incidents.PostResult
	if err := json.Unmarshal(got, &result); err != nil || result.URL != "https://status.acme.example/status/incidents/"+in1 || result.ByHand {
		t.Errorf("%s: %v", got, err)
	}
	if r := s.get(strings.TrimPrefix(result.URL, "https://status.acme.example")); r.Code != http.StatusOK {
		t.Errorf("it leads to %d", r.Code)
	}
	if got, err := features.Do(t.Context(), "key", []byte("{}"), nil); err != nil || !json.Valid(got) {
		t.Errorf("%s: %v", got, err)
	}
	for _, p := range []Performer{post, features} {
		if _, found, err := p.Find(t.Context(), "key", nil); found || err != nil {
			t.Errorf("found %t, %v", found, err)
		}
	}
	if _, err := post.Do(t.Context(), "key", []byte("x"), nil); !permanent(err) {
		t.Error(err)
	}
	s.memory.all[0].Post = incidents.Post{}
	if got, err := post.Do(t.Context(), "key", []byte(`{"incident":"`+in1+`"}`), nil); err != nil || string(got) != `{"id":"","url":""}` {
		t.Errorf("%s: %v", got, err)
	}
	if _, err := post.Do(t.Context(), "key", []byte(`{"incident":"another"}`), nil); !known(err) {
		t.Error(err)
	}
}

func TestTheFeedIsWellFormed(t *testing.T) {
	s := newSite(t)
	s.says(in1, "investigating", partners.Degraded, "a\x00b\x1b]]> & <c> \ufffe", "Ticket sync")
	decoder := xml.NewDecoder(s.get("/status/feed.atom").Body)
	for {
		if _, err := decoder.Token(); err != nil {
			if err.Error() != "EOF" {
				t.Error(err)
			}
			return
		}
	}
}
