package statuspage

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/partners"
)

func TestWhatAnAnswerMeans(t *testing.T) {
	for name, test := range map[string]struct {
		status    int
		body      string
		text      string
		permanent bool
		known     bool
		after     time.Duration
	}{
		"a bad field":     {422, `{"error":["Name can't be blank","Status is odd"]}`, "Name can't be blank; Status is odd", true, true, 0},
		"one reason":      {400, `{"error":"no"}`, "does not take it: no", true, true, 0},
		"another shape":   {422, `{"error":{"a":1}}`, "does not take it: map[a:1]", true, true, 0},
		"no reason":       {422, "<html>", "it gave no reason", true, true, 0},
		"a bad token":     {401, `{"error":"Could not authenticate"}`, "status_page.token", true, true, 0},
		"no right":        {403, "", "status_page.token", true, true, 0},
		"no page":         {404, "", "status_page.page_id", true, true, 0},
		"a proxy":         {407, "", "whether a proxy stands in between", true, true, 0},
		"too many":        {429, "", "fewer requests", false, true, httpcall.UsualWait},
		"too many (420)":  {420, "", "fewer requests", false, true, httpcall.UsualWait},
		"too late":        {408, "", "408", false, false, 0},
		"broken":          {500, "", "500", false, false, 0},
		"a sign-in page":  {200, "<html>", "status_page.api_url", false, false, 0},
		"not an incident": {200, `{"a":1}`, "status_page.api_url", false, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					_, _ = io.WriteString(rw, "[]")
					return
				}
				rw.WriteHeader(test.status)
				_, _ = io.WriteString(rw, test.body)
			}))
			defer server.Close()
			err := first(t, server.URL)
			if err == nil || !strings.Contains(err.Error(), test.text) {
				t.Fatalf("got %v, want it to say %q", err, test.text)
			}
			if permanent(err) != test.permanent || known(err) != test.known || later(err) != test.after {
				t.Errorf("%v: permanent %t, known %t, after %s", err, permanent(err), known(err), later(err))
			}
		})
	}
}

// first tells of an incident for the first time.
func first(t *testing.T, api string) error {
	t.Helper()
	m := &memory{all: []incidents.Incident{{ID: in1, Outage: 1, Affects: []string{"Ticket sync"}, Post: incidents.Post{State: incidents.PostPublished,
		Updates: []incidents.PostUpdate{{Phase: "investigating", Title: "T", Text: "x", Level: partners.Degraded}}}}}}
	c := configured(api)
	post, _ := c.Performers(Outside{Client: quickClient().With("statuspage", c.Auth()), Source: m, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	_, err := post.Do(t.Context(), "key", []byte(`{"incident":"`+in1+`"}`), nil)
	return err
}

// TestAReadingThatFailsChangedNothing holds that an unanswered look before writing is no unknown outcome.
func TestAReadingThatFailsChangedNothing(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			t.Error("written without having looked")
		}
		rw.WriteHeader(http.StatusInternalServerError)
	}))
	defer server.Close()
	if err := first(t, server.URL); !known(err) || permanent(err) {
		t.Errorf("got %v", err)
	}
}

func TestTheTokenIsSentToStatuspageAlone(t *testing.T) {
	var seen string
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		seen = r.Header.Get("Authorization")
		rw.WriteHeader(http.StatusUnauthorized)
	}))
	defer server.Close()
	err := first(t, server.URL)
	if !strings.HasPrefix(seen, "OAuth standin-") || err == nil || strings.Contains(err.Error(), "standin-statuspage") {
		t.Errorf("sent %q, said %v", seen, err)
	}
	if (Config{}).Auth().Header != nil {
		t.Error("a credential without a token")
	}
}

type network func(*http.Request) (*http.Response, error)

func (n network) RoundTrip(req *http.Request) (*http.Response, error) { return n(req) }

// TestThePageIsAskedInMeasure holds that no sixty seconds see more than sixty requests, whatever is asked at once.
func TestThePageIsAskedInMeasure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		client := httpcall.New(httpcall.Options{Transport: network(func(*http.Request) (*http.Response, error) {
			at = append(at, time.Now())
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("[]"))}, nil
		})})
		a := newAPI(configured("https://api.example/v1"), client)
		for range 200 {
			if _, err := a.list(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for n := 60; n < len(at); n++ {
			if at[n].Sub(at[n-60]) < time.Minute {
				t.Fatalf("sixty-one requests in %s", at[n].Sub(at[n-60]))
			}
		}
		if at[9].Sub(at[0]) > time.Second {
			t.Errorf("the first ten took %s", at[9].Sub(at[0]))
		}
	})
}

func TestTooManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAPI(configured("https://api.example/v1"), nil)
		a.pace.AllowN(time.Now(), paceBurst)
		ctx, cancel := contextFor(t, 100*time.Millisecond)
		defer cancel()
		if _, err := a.list(ctx); !known(err) {
			t.Errorf("got %v", err)
		}
	})
}

// FuzzWords holds that whatever Statuspage answers, what we say of it is one line of whole text.
func FuzzWords(f *testing.F) {
	f.Add([]byte(`{"error":["a","b\nc"]}`))
	f.Add([]byte(`{"error":"` + strings.Repeat("x", 900) + `"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if text := words(body); strings.ContainsAny(text, "\n\r") || len([]rune(text)) > 500 {
			t.Errorf("%q", text)
		}
	})
}
