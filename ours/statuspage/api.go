package statuspage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"sparky/internal/httpcall"
)

const (
	// Statuspage takes sixty requests of a token in any sixty seconds (developer.statuspage.io, "Rate limiting"): a burst
	// of ten, and then fifty more in a minute, stay within that.
	paceBurst = 10
	paceEvery = 1200 * time.Millisecond
	// perPage is the most components that Statuspage lists at once.
	perPage = 1100
	// enhance is Statuspage's other word for too many requests.
	enhance = 420
)

// api is the manage API of one page. It knows operations, and nothing of what they are for.
type api struct {
	base   string // of the page's own paths
	client *httpcall.Client
	pace   *rate.Limiter
}

func newAPI(c Config, client *httpcall.Client) *api {
	return &api{
		base:   strings.TrimRight(c.APIURL, "/") + "/pages/" + url.PathEscape(c.PageID),
		client: client,
		pace:   rate.NewLimiter(rate.Every(paceEvery), paceBurst),
	}
}

// shown is an incident as the API shows it.
type shown struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	Status     string          `json:"status"`
	Shortlink  string          `json:"shortlink"`
	Metadata   json.RawMessage `json:"metadata"` // anybody's, so of any shape
	Updates    []told          `json:"incident_updates"`
	Components []component     `json:"components"`
}

// told is one update of an incident.
type told struct {
	ID      string    `json:"id"`
	Status  string    `json:"status"`
	Body    string    `json:"body"`
	Created time.Time `json:"created_at"`
}

// component is a part of the product.
type component struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Status  string    `json:"status"`
	Updated time.Time `json:"updated_at"`
}

// write is what is to change on an incident.
type write struct {
	Name       string            `json:"name,omitempty"`
	Status     string            `json:"status,omitempty"`
	Body       string            `json:"body,omitempty"`
	IDs        []string          `json:"component_ids,omitempty"`
	Components map[string]string `json:"components,omitempty"`
	Impact     string            `json:"impact_override,omitempty"`
	Deliver    bool              `json:"deliver_notifications"`
	Metadata   *metadata         `json:"metadata,omitempty"`
}

// metadata marks an incident as ours.
type metadata struct {
	Sparky mark `json:"sparky"`
}

// mark names the incident of ours that stands there, and the outage that it was opened for.
type mark struct {
	Incident string `json:"incident"`
	Outage   int    `json:"outage"`
}

func (a *api) create(ctx context.Context, w write) (shown, error) {
	var made shown
	err := a.call(ctx, http.MethodPost, "/incidents", map[string]write{"incident": w}, &made)
	return made, whole(made, err)
}

func (a *api) update(ctx context.Context, id string, w write) (shown, error) {
	var changed shown
	err := a.call(ctx, http.MethodPatch, "/incidents/"+url.PathEscape(id), map[string]write{"incident": w}, &changed)
	return changed, whole(changed, err)
}

func (a *api) incident(ctx context.Context, id string) (shown, error) {
	var found shown
	err := a.call(ctx, http.MethodGet, "/incidents/"+url.PathEscape(id), nil, &found)
	return found, whole(found, err)
}

// whole tells that an answer is an incident, and not a document of another kind that happens to be JSON.
func whole(s shown, err error) error {
	if err == nil && s.ID == "" {
		return errors.New("the answer is not an incident of Statuspage; check status_page.api_url in sparky.yaml")
	}
	return err
}

// marked is the newest incident that is marked so, among those that are not resolved and the hundred newest.
func (a *api) marked(ctx context.Context, is func(mark) bool) (shown, bool, error) {
	for _, path := range []string{"/incidents/unresolved?per_page=100", "/incidents?limit=100"} {
		var list []shown
		if err := a.call(ctx, http.MethodGet, path, nil, &list); err != nil {
			return shown{}, false, err
		}
		for _, s := range list {
			if is(s.mark()) {
				return s, true, nil
			}
		}
	}
	return shown{}, false, nil
}

// mark is the zero mark on an incident of somebody else's.
func (s shown) mark() mark {
	var m metadata
	if json.Unmarshal(s.Metadata, &m) != nil {
		return mark{}
	}
	return m.Sparky
}

func (a *api) list(ctx context.Context) ([]component, error) {
	var all []component
	err := a.call(ctx, http.MethodGet, "/components?per_page="+strconv.Itoa(perPage), nil, &all)
	return all, err
}

func (a *api) set(ctx context.Context, id, status string) error {
	body := map[string]any{"component": map[string]string{"status": status}}
	return a.call(ctx, http.MethodPatch, "/components/"+url.PathEscape(id), body, &struct{}{})
}

// call makes one call in its turn. A reading that fails has changed nothing, and its error says so.
func (a *api) call(ctx context.Context, method, path string, body, into any) error {
	if err := a.pace.Wait(ctx); err != nil {
		return httpcall.Unsent(errors.New("too many calls to Statuspage at once; it takes one a second"))
	}
	request := httpcall.Request{Method: method, URL: a.base + path, Header: http.Header{"Accept": {"application/json"}}}
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return httpcall.Unsent(fmt.Errorf("writing the request: %w", err))
		}
		request.Body = encoded
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := a.client.Do(ctx, request)
	if err == nil {
		err = understand(answer, into)
	}
	var known *httpcall.Refusal
	if err != nil && method == http.MethodGet && !errors.As(err, &known) {
		return httpcall.Unsent(err)
	}
	return err
}
