package bot

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"sparky/commands"
)

const (
	// homeEvery is how often Sparky looks whether what people have open is still so, and the shortest time between two
	// drawings for one person that nobody asked for.
	homeEvery = 3 * time.Second
	// homeCalm is the shortest time between two drawings that tell nothing new but how old things are.
	homeCalm = time.Minute
	// homeOpenFor is for how long after a person has opened the tab, or pressed something in it, it counts as open. Slack
	// says when a tab is opened, each time that a person comes back to it, and never when it is left.
	homeOpenFor = 20 * time.Minute
	// homeAgain is when a drawing that failed is tried again.
	homeAgain = 15 * time.Second
	// mostHomes is how many people are kept up to date at once.
	mostHomes = 500
	// Slack takes 100 calls of views.publish a minute (tier 4, docs.slack.dev, "Rate limits"). Those that nobody asked for
	// leave room for those that somebody did.
	publishEvery = 750 * time.Millisecond
	publishBurst = 20
	// homeWithin bounds one round.
	homeWithin = 30 * time.Second
)

// Shown is a word for all that the dashboard shows. It is another word where any of that is, but for how old it is and what comes
// of time alone, and much cheaper to have than a drawing.
type Shown func(ctx context.Context) (string, error)

// Home is the dashboard: what commands.Dashboard answers, drawn as the Home tab of whoever opens it, and drawn anew while
// they have it open: within seconds where something has changed, within a minute where only ages have, and never where
// nothing has. Where the word for what is shown is the same, it is drawn once a minute to see that. Who has it open is known
// to this process alone: after a restart, and from another replica, it is learned when they open the tab or press something in
// it the next time. What page somebody is on stands in the tab itself.
type Home struct {
	api    *slack.Client
	runner commands.Runner
	door   commands.Door // nil where everybody may see it
	fitter Fitter        // nil where everybody may press everything
	shown  Shown         // nil: only a drawing tells
	log    *slog.Logger
	pace   *rate.Limiter

	mu      sync.Mutex
	viewers map[string]*viewer
	held    time.Time // Slack asked to be left alone until then
}

// viewer is a person who has the tab open. Its turn is held by whoever draws it; the rest is Home's.
type viewer struct {
	user string
	turn sync.Mutex
	seen time.Time // when they last opened it or pressed something

	// Of who has the turn:
	place   string
	drawn   []byte    // the view that was published last
	news    string    // what it says, without what changes by itself
	at      time.Time // when it was published
	word    string    // for what was drawn last, as of before; empty where another drawing is wanted
	calm    time.Time // until when nothing is drawn for ages alone
	hash    string    // Slack's, of that view; empty where it is not known
	again   time.Time // when it is tried again, after a failure
	failing string    // what failed last, so that it is logged once
}

// Fitter leaves out of an answer the buttons that a person may not press. A *commands.Book is one.
type Fitter interface {
	Hands(ctx context.Context, person commands.Person) commands.Hands
	Fit(reply commands.Reply, hands commands.Hands) commands.Reply
}

// NewHome is a dashboard that nobody has opened yet, and that whoever the door takes for a stranger is not shown. door, fitter
// and shown may be nil.
func NewHome(api *slack.Client, runner commands.Runner, door commands.Door, fitter Fitter, shown Shown, log *slog.Logger) *Home {
	return &Home{api: api, runner: runner, door: door, fitter: fitter, shown: shown, log: log, viewers: map[string]*viewer{},
		pace: rate.NewLimiter(rate.Every(publishEvery), publishBurst)}
}

// Visited draws the dashboard for a person, unless what they see is still so, and keeps it up to date from now on.
func (h *Home) Visited(ctx context.Context, visit Visit) {
	if h.door != nil && h.door.Stranger(ctx, commands.Person{ID: visit.User}) {
		h.turnAway(ctx, visit.User)
		return
	}
	h.visited(ctx, h.open(visit.User), visit)
}

// visited draws the tab of one who has it open, once it is their turn.
func (h *Home) visited(ctx context.Context, v *viewer, visit Visit) {
	v.turn.Lock()
	defer v.turn.Unlock()
	h.keep(v) // a drawing for which this one waited may have given it up
	v.place = cmp.Or(visit.Place, v.place, commands.DashboardCommand)
	p := newSketches(ctx, h).of(ctx, v)
	if p.err == nil && visit.Hash != "" && visit.Hash == v.hash && bytes.Equal(p.raw, v.drawn) {
		return
	}
	h.pace.Allow() // it counts, and it is not kept waiting
	// Whatever was drawn meanwhile, this is what the person wants now.
	if err := h.publish(ctx, v, p, ""); err != nil {
		h.failed(ctx, v, err)
	}
}

// notForOthers is what somebody of another workspace sees in the place of the dashboard.
const notForOthers = "Sparky works for another workspace than yours, so there is nothing to see for you here. Please ask somebody there."

// turnAway shows somebody of another workspace why there is nothing to see.
func (h *Home) turnAway(ctx context.Context, user string) {
	view, raw, err := homeView(commands.Reply{Refused: true, Text: notForOthers}, commands.DashboardCommand)
	h.pace.Allow()
	if err := h.publish(ctx, &viewer{user: user}, picture{view: view, raw: raw, err: err}, ""); err != nil {
		h.log.Warn("somebody of another workspace could not be told that App Home is not for them", "user", user, "error", err)
	}
}

// open is the person as one who has the tab open.
func (h *Home) open(user string) *viewer {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	v, ok := h.viewers[user]
	if !ok {
		h.closeOldest(now)
		v = &viewer{user: user}
		h.viewers[user] = v
	}
	v.seen = now
	return v
}

// keep takes the person for one who has the tab open, whoever has closed it meanwhile.
func (h *Home) keep(v *viewer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.viewers[v.user] = v
}

// closeOldest makes room for one more.
func (h *Home) closeOldest(now time.Time) {
	if len(h.viewers) < mostHomes {
		return
	}
	oldest, at := "", now
	for user, v := range h.viewers {
		if !v.seen.After(at) {
			oldest, at = user, v.seen
		}
	}
	delete(h.viewers, oldest)
}

// publish shows a person what was drawn. A hash is the view that this may take the place of, empty for any.
func (h *Home) publish(ctx context.Context, v *viewer, p picture, hash string) error {
	doing := "publishing App Home for " + v.user
	if p.err != nil {
		return fmt.Errorf("%s: %w", doing, p.err)
	}
	request := slack.PublishViewContextRequest{UserID: v.user, View: p.view}
	if hash != "" {
		request.Hash = &hash
	}
	published, err := h.api.PublishViewContext(ctx, request)
	if err = understood(doing, "", err); err != nil {
		if !notSent(err) {
			v.hash = "" // nobody knows which view there is
		}
		return err
	}
	if v.failing != "" {
		h.log.Info("App Home is drawn again", "user", v.user)
	}
	v.drawn, v.news, v.at, v.hash, v.again, v.failing = p.raw, p.news, time.Now(), published.Hash, time.Time{}, ""
	v.word, v.calm = p.word, v.at.Add(homeCalm)
	return nil
}

// failed notes when to try again, and logs what is wrong once.
func (h *Home) failed(ctx context.Context, v *viewer, err error) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return // Sparky is stopping
	}
	wait := max(askedToWait(err), homeAgain)
	v.again, v.news, v.word = time.Now().Add(wait), "", ""
	if after := askedToWait(err); after > 0 {
		h.mu.Lock()
		h.held = time.Now().Add(after)
		h.mu.Unlock()
	}
	if v.failing == err.Error() {
		return
	}
	v.failing = err.Error()
	h.log.Error("App Home was not drawn; it is tried again while it is open", "user", v.user, "error", err)
}
