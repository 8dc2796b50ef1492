package changes

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"sparky/partners"
)

// onlooker is a watcher of what endpoints say.
type onlooker struct {
	*testing.T
	memory *memory
	now    time.Time
}

func (o *onlooker) sees(probe string, notices ...partners.Notice) {
	o.Helper()
	w := Watcher{Memory: o.memory, Now: func() time.Time { return o.now }}
	if err := w.Observed(o.Context(), partners.Partner{ID: "acme", Name: "Acme"}, probe, notices); err != nil {
		o.Fatal(err)
	}
}

// digests are what is to be told, each once by its key.
func (o *onlooker) digests() []Digest {
	o.Helper()
	var all []Digest
	known := map[string]bool{}
	for _, e := range o.memory.effects {
		var d Digest
		if err := json.Unmarshal(e.Payload, &d); err != nil {
			o.Fatal(err)
		}
		if !known[e.Key] {
			all = append(all, d)
		}
		known[e.Key] = true
	}
	return all
}

func (o *onlooker) told(want int) Digest {
	o.Helper()
	all := o.digests()
	if len(all) != want {
		o.Fatalf("it was told %d times, not %d: %+v", len(all), want, all)
	}
	if want == 0 {
		return Digest{}
	}
	return all[want-1]
}

func look(t *testing.T) *onlooker {
	return &onlooker{T: t, memory: newMemory(), now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
}

func ofUsers(sunset time.Time) partners.Notice {
	return partners.Notice{Method: "GET", Endpoint: "api.acme.example/users", Deprecated: true, Sunset: sunset}
}

func onThe(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 12, 0, 0, 0, time.UTC)
}

func TestASunsetIsToldOnceForItsEndpoint(t *testing.T) {
	o := look(t)
	for _, probe := range []string{"sign-in", "sign-in", "users"} {
		o.sees(probe, ofUsers(onThe(2027, 3, 30)))
		o.now = o.now.Add(36 * time.Hour)
	}
	item := o.told(1).Items[0]
	if item.Effective != "2027-03-30" || item.Title != "GET api.acme.example/users will be switched off" ||
		!strings.Contains(item.Summary, "our probe sign-in") || len(item.Kinds) != 2 {
		t.Errorf("it is told as %+v", item)
	}
	other := ofUsers(onThe(2027, 3, 30))
	other.Method = "POST"
	o.sees("users", other)
	o.told(2)
}

func TestADateThatMovesIsToldAtMostOnceADay(t *testing.T) {
	o := look(t)
	o.sees("users", ofUsers(time.Time{}))
	if item := o.told(1).Items[0]; item.Effective != "" || !strings.Contains(item.Summary, "names no day") {
		t.Errorf("it is told as %+v", item)
	}
	o.sees("users", ofUsers(onThe(2027, 3, 30)))
	if item := o.told(2).Items[0]; item.Before == nil || item.Before.Effective != "" || item.Effective != "2027-03-30" {
		t.Errorf("that it has a date is told as %+v", item)
	}
	for day := range 20 { // two servers that disagree
		o.now = o.now.Add(time.Hour)
		o.sees("users", ofUsers(onThe(2027, 4, 1+day%2)))
	}
	o.told(2)
	o.now = o.now.Add(5 * time.Hour)
	o.sees("users", ofUsers(onThe(2027, 6, 30)))
	if item := o.told(3).Items[0]; item.Before == nil || item.Before.Effective != "2027-03-30" || item.Effective != "2027-06-30" {
		t.Errorf("that it moved is told as %+v", item)
	}
	o.now = o.now.Add(48 * time.Hour)
	o.sees("users", ofUsers(time.Time{})) // a server that does not know
	o.told(3)
	o.sees("users", ofUsers(onThe(2027, 3, 30))) // and back
	o.told(4)
}

func TestWhatAnEndpointMaySay(t *testing.T) {
	for name, c := range map[string]struct {
		notice          partners.Notice
		title, says     string
		effective, lead string
	}{
		"deprecated long ago": {partners.Notice{Deprecated: true, Since: onThe(2026, 1, 2)}, "is deprecated", "(deprecated since 2 January 2026); it names no day", "", "deprecation"},
		"deprecated soon":     {partners.Notice{Deprecated: true, Since: onThe(2027, 1, 2)}, "becomes deprecated", "says so", "2027-01-02", "deprecation"},
		"should be off":       {partners.Notice{Sunset: onThe(2026, 11, 1)}, "may be switched off any day", "says so", "2026-11-01", "breaking"},
		"gone":                {partners.Notice{Gone: true}, "is gone", "answered 410", "", "removal"},
		"with a successor":    {partners.Notice{Deprecated: true, Successor: "https://acme.example/v2", More: "https://acme.example/end"}, "is deprecated", "What takes its place: https://acme.example/v2; they tell more at https://acme.example/end", "", "deprecation"},
	} {
		o := look(t)
		c.notice.Method, c.notice.Endpoint = "GET", "api.acme.example/users"
		o.sees("p", c.notice)
		item := o.told(1).Items[0]
		if item.Title != "GET api.acme.example/users "+c.title || !strings.Contains(item.Summary, c.says) || string(item.Effective) != c.effective || string(Lead(item.Kinds)) != c.lead {
			t.Errorf("%s: %+v", name, item)
		}
	}
}

func TestThatItIsGoneIsAnEntryBesideItsDate(t *testing.T) {
	o := look(t)
	o.sees("users", ofUsers(onThe(2027, 3, 30)), partners.Notice{Method: "GET", Endpoint: "api.acme.example/users", Gone: true})
	if d := o.told(1); len(d.Items) != 2 {
		t.Errorf("it is told as %+v", d)
	}
	o.sees("users")
	o.told(1)
}

func TestWhatCannotBeRememberedIsAnError(t *testing.T) {
	o := look(t)
	o.memory.err = errors.New("the disk is full")
	w := Watcher{Memory: o.memory, Now: func() time.Time { return o.now }}
	err := w.Observed(t.Context(), partners.Partner{ID: "acme"}, "p", []partners.Notice{ofUsers(time.Time{})})
	if err == nil || !strings.Contains(err.Error(), "acme") || len(o.digests()) != 0 {
		t.Errorf("it says %v", err)
	}
}

func TestWhatWasFoundByComparingIsNotConcluded(t *testing.T) {
	e := Classify(partners.Change{Title: "GET /beta: removed a security fix", Body: "Breaks callers: it is gone.\n\nMore.", Stated: []string{"breaking"}, Deadline: "2027-01-02"}, onThe(2026, 11, 22))
	if len(e.Kinds) != 1 || e.Kinds[0] != Breaking || e.Effective != "2027-01-02" || e.Summary != "Breaks callers: it is gone." {
		t.Errorf("it is %+v", e)
	}
}
