package statuspage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"sparky/incidents"
	"sparky/internal/httpcall"
)

// poster makes an incident on Atlassian Statuspage say what the incident's Post says. Each update is mailed to every
// subscriber, so none is written that may stand there already: the page is looked at before it is written to, and written
// to only where its newest word is the one that we left there. What a person changed there is theirs from then on.
type poster struct {
	api        *api
	source     Source
	components map[string]string
	page       string // its id
}

// posted is how an incident stands on the page, as it is remembered. It decodes as incidents.PostResult.
type posted struct {
	incidents.PostResult
	Outage int    `json:"outage"`         // the newest outage that it tells of
	Last   string `json:"last,omitempty"` // the page's newest update when we left it
	Seen   string `json:"seen,omitempty"` // what the page said then
	Page   string `json:"page,omitempty"` // the id of the page; empty for one that Sparky serves, and of before this was kept
}

// Do says what is not said yet. Of several updates that could not be said in time, only the newest is mailed. An
// incident that was over before anything could be said is not told of.
func (p *poster) Do(ctx context.Context, key string, payload, previous []byte) ([]byte, error) {
	ref, err := refOf(key, payload)
	if err != nil {
		return nil, err
	}
	in, err := p.source.Incident(ctx, ref.Incident)
	if err != nil {
		return nil, httpcall.Unsent(fmt.Errorf("telling customers of %s: %w", ref.Incident, err))
	}
	before, err := remembered(in, previous)
	if err != nil {
		return nil, err
	}
	if p.elsewhere(in, before) {
		if !tells(in) {
			before.Said = len(in.Post.Updates) // what is over stands on no page of now
			return encode(in.ID, before)
		}
		before = posted{}
	}
	after, err := p.draw(ctx, in, before, len(previous) > 0)
	if err != nil {
		return nil, fmt.Errorf("telling customers of %s on Statuspage: %w", in.ID, err)
	}
	if after.ID != "" {
		after.Page = p.page
	}
	return encode(in.ID, after)
}

// elsewhere tells that what is remembered stands on another page than the one that is configured by now: that Sparky served,
// where an incident goes by our own name for it, or another of Statuspage's.
func (p *poster) elsewhere(in incidents.Incident, so posted) bool {
	return so.ID != "" && (so.ID == in.ID || so.Page != "" && so.Page != p.page)
}

func remembered(in incidents.Incident, previous []byte) (posted, error) {
	var before posted
	if len(previous) == 0 {
		return before, nil
	}
	if err := json.Unmarshal(previous, &before); err != nil {
		return before, &httpcall.Refusal{Lasts: true, What: fmt.Sprintf("how %s stands on our page was kept as %.100q, which cannot be read", in.ID, previous),
			Mend: "this is a mistake in Sparky, please report it"}
	}
	return before, nil
}

// draw brings the page from what is remembered to what the incident says. begun tells that something was tried before.
func (p *poster) draw(ctx context.Context, in incidents.Incident, before posted, begun bool) (posted, error) {
	if before.ID != "" && before.Said >= len(in.Post.Updates) {
		return before, nil
	}
	if before.ByHand {
		return p.anew(ctx, in, before)
	}
	if before.ID != "" {
		return p.goOn(ctx, in, before)
	}
	if begun {
		// A first attempt that was given up for another one may have come through all the same.
		if found, ok, err := p.find(ctx, in, func(m mark) bool { return m.Incident == in.ID }); err != nil || ok {
			if err != nil || found.ByHand {
				return found, err
			}
			return p.draw(ctx, in, found, false)
		}
	}
	if !tells(in) {
		return before, nil
	}
	return p.open(ctx, in, 0)
}

// tells tells that the page is to have an open incident.
func tells(in incidents.Incident) bool {
	n := len(in.Post.Updates)
	return in.Post.State == incidents.PostPublished && n > 0 && in.Post.Updates[n-1].Phase != resolved
}

// anew opens another incident for an outage that began after a person had closed the one that they had edited. Until then
// that one stays as it is.
func (p *poster) anew(ctx context.Context, in incidents.Incident, before posted) (posted, error) {
	if in.Outage <= before.Outage || !tells(in) {
		return before, nil
	}
	theirs, err := p.api.incident(ctx, before.ID)
	if err != nil && !isGone(err) {
		return before, err
	}
	if err == nil && theirs.Status != resolved && theirs.Status != "postmortem" {
		return before, nil
	}
	found, ok, err := p.find(ctx, in, func(m mark) bool { return m.Incident == in.ID && m.Outage > before.Outage })
	if err != nil || ok {
		return found, err
	}
	from := 0
	for n, u := range in.Post.Updates {
		if u.Phase == resolved {
			from = n + 1
		}
	}
	return p.open(ctx, in, from)
}

// open makes the incident on the page, with the updates from that one on.
func (p *poster) open(ctx context.Context, in incidents.Incident, from int) (posted, error) {
	w := p.words(in, from)
	w.Metadata = &metadata{mark{in.ID, in.Outage}}
	ids, listed, err := p.affected(ctx, in)
	if err != nil {
		return posted{}, err
	}
	w.IDs = ids
	w.Components = raised(listed, ids, operational, in.Post.Updates[from])
	made, err := p.api.create(ctx, w)
	if err != nil {
		return posted{}, err
	}
	return p.rest(ctx, in, left(in, made, from+1), made)
}

// goOn writes what the page does not say yet to the incident that stands there.
func (p *poster) goOn(ctx context.Context, in incidents.Incident, before posted) (posted, error) {
	page, err := p.api.incident(ctx, before.ID)
	if isGone(err) {
		before.ByHand, before.Outage = true, in.Outage
		return before, nil
	}
	if err != nil {
		return before, err
	}
	said, ours := landed(page, before, in.Post.Updates)
	if !ours {
		before.ByHand, before.Outage = true, in.Outage
		return before, nil
	}
	return p.rest(ctx, in, left(in, page, said), page)
}

// rest says the updates that are left, the newest of them to the subscribers too.
func (p *poster) rest(ctx context.Context, in incidents.Incident, so posted, page shown) (posted, error) {
	for so.Said < len(in.Post.Updates) {
		w := p.words(in, so.Said)
		if so.Said > 0 && tells(in) { // of what is over only the words are still said
			earlier := statusOf(in.Post.Updates[so.Said-1].Level)
			w.Components = raised(page.Components, p.ids(in), earlier, in.Post.Updates[so.Said])
		}
		changed, err := p.api.update(ctx, so.ID, w)
		if err != nil {
			return so, err
		}
		page = changed
		so = left(in, page, so.Said+1)
	}
	return so, nil
}

// words are the update of that number as a write.
func (p *poster) words(in incidents.Incident, n int) write {
	u := in.Post.Updates[n]
	w := write{Name: u.Title, Status: u.Phase, Body: u.Text, Deliver: n == len(in.Post.Updates)-1}
	if u.Phase != resolved && (n == 0 || in.Post.Updates[n-1].Level != u.Level) {
		w.Impact = impactOf(u.Level)
	}
	return w
}

// left is how the page stands after we wrote to it, or found that it says what we wrote.
func left(in incidents.Incident, page shown, said int) posted {
	return posted{PostResult: incidents.PostResult{ID: page.ID, URL: page.Shortlink, Said: said}, Outage: in.Outage, Last: newest(page), Seen: fingerprint(page)}
}

// ids are the components that stand for the incident's features; those without one are on no page.
func (p *poster) ids(in incidents.Incident) []string {
	var ids []string
	for _, feature := range in.Affects {
		if id := p.components[feature]; id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// affected are those of the incident's components that the page has, and how the page shows all of its components. One
// that the page does not have would keep the whole incident off it.
func (p *poster) affected(ctx context.Context, in incidents.Incident) ([]string, []component, error) {
	ids := p.ids(in)
	if len(ids) == 0 {
		return nil, nil, nil
	}
	listed, err := p.api.list(ctx)
	if err != nil {
		return nil, nil, err
	}
	ids = slices.DeleteFunc(ids, func(id string) bool {
		return !slices.ContainsFunc(listed, func(c component) bool { return c.ID == id })
	})
	return ids, listed, nil
}

// raised are the statuses that go with an update, so that the mail names them: of components that stand as we left them,
// where they get worse. All else about components is the work of features.
func raised(listed []component, ids []string, as string, u incidents.PostUpdate) map[string]string {
	status := statusOf(u.Level)
	all := map[string]string{}
	for _, c := range listed {
		if u.Phase != resolved && slices.Contains(ids, c.ID) && c.Status == as && rank(status) > rank(as) {
			all[c.ID] = status
		}
	}
	return all
}

func isGone(err error) bool {
	var no *httpcall.Refusal
	return errors.As(err, &no) && no.Status == http.StatusNotFound
}

// Find looks for the incident by its mark, among those that are not resolved and the newest hundred.
func (p *poster) Find(ctx context.Context, key string, payload []byte) ([]byte, bool, error) {
	ref, err := refOf(key, payload)
	if err != nil {
		return nil, false, err
	}
	in, err := p.source.Incident(ctx, ref.Incident)
	if err != nil {
		return nil, false, fmt.Errorf("looking for %s on Statuspage: %w", ref.Incident, err)
	}
	found, ok, err := p.find(ctx, in, func(m mark) bool { return m.Incident == in.ID })
	if err != nil || !ok {
		return nil, false, err
	}
	result, err := encode(in.ID, found)
	return result, err == nil, err
}

// find is how an incident stands that is marked so, by what the page says.
func (p *poster) find(ctx context.Context, in incidents.Incident, is func(mark) bool) (posted, bool, error) {
	page, ok, err := p.api.marked(ctx, is)
	if err != nil || !ok {
		return posted{}, false, err
	}
	said, ours := recognised(page, in.Post.Updates)
	found := left(in, page, said)
	found.ByHand = !ours
	return found, true, nil
}
