package commands

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sparky/changes"
	"sparky/internal/setting"
	"sparky/partners"
)

// DashboardCommand is the name of the command whose answer is App Home. What follows it says which part of the dashboard
// is shown; see Dashboard.
const DashboardCommand = "dashboard"

// DashboardSources are the memories that the dashboard asks. Those of Status must be given as it says there; where
// another one is nil, what it knows is left out.
type DashboardSources struct {
	Status    StatusSources
	Runs      RunFacts
	Workflows bool // compatibility runs can be started
}

// RunFacts is what the dashboard asks about compatibility runs.
type RunFacts interface {
	// Runs are those that were asked for since then, and the live ones, the newest first.
	Runs(ctx context.Context, since time.Time) ([]changes.Run, error)
}

// Dashboard is the command that tells everything about all partners at once, a page at a time:
//
//	dashboard [all|look] [page]     all of them, or those that need a look
//	dashboard of <partner>          one of them, with all that is known
//
// It is listed nowhere: its answer is App Home, and its words are what App Home's filter and its buttons send. A page that
// is not there any more is the last one that is, and a partner that is not there any more is all of them.
func Dashboard(directory *Directory, sources DashboardSources, now Clock) Command {
	c := dashboardCommand{statusCommand{sources.Status, directory, now}, sources}
	if c.Probes != nil {
		c.Probes = newRecalled(c.Probes, now, recallFor)
	}
	return Command{Name: DashboardCommand, Args: "[all|look|of <partner>] [page]", Short: "everything about all partners, as in App Home", Hidden: true, Run: c.run}
}

type dashboardCommand struct {
	statusCommand
	more DashboardSources
}

// The parts of the dashboard that can be shown.
const (
	showAll  = "all"
	showLook = "look"
	showOne  = "of"
)

// showing is which part of the dashboard is asked for.
type showing struct {
	what    string
	partner partners.Partner // of showOne
	page    int              // from 1
}

// command is what asks for that page of the same part.
func (s showing) command(page int) string {
	switch {
	case s.what == showOne:
		return DashboardCommand + " " + showOne + " " + s.partner.ID
	case page <= 1:
		return DashboardCommand + " " + s.what
	default:
		return fmt.Sprintf("%s %s %d", DashboardCommand, s.what, page)
	}
}

// showingOf reads what follows the command. What it does not know is everything, from the first page.
func (c dashboardCommand) showingOf(args []string) showing {
	s := showing{what: showAll, page: 1}
	if len(args) > 1 && args[0] == showOne {
		if p, ok := c.directory.Find(strings.Join(args[1:], " ")); ok {
			return showing{what: showOne, partner: p, page: 1}
		}
		return s
	}
	for _, arg := range args {
		n, err := strconv.Atoi(arg)
		switch {
		case arg == showLook:
			s.what = showLook
		case err == nil && n > 0:
			s.page = n
		}
	}
	return s
}

func (c dashboardCommand) run(ctx context.Context, call Call) Reply {
	b, refusal := c.gather(ctx, c.showingOf(call.Args))
	if refusal != nil {
		return *refusal
	}
	if b.show.what == showOne {
		return c.one(ctx, b)
	}
	return c.many(ctx, b)
}

// board is all that the dashboard knows, read once for one answer.
type board struct {
	show    showing
	now     time.Time
	tiles   []tile // what needs a look first, in the order of the configuration
	network Section
	runs    []changes.Run
	coming  []changes.Entry
	health  *Health
	notes   []Section // what Sparky needs a person for
}

// tile is one partner on the dashboard.
type tile struct {
	view
	standing
	look     bool // somebody should have a look at it
	cert     partners.Certificate
	outdated string // what has changed since the certificate; empty where nothing has
}

// longestName is how much of a partner's name the dashboard shows.
const longestName = 80

// runsFor is for how long the verdict of a compatibility run stays on the dashboard.
const runsFor = 30 * setting.Day

// gather reads all of it; refusal is the answer where that does not work.
func (c dashboardCommand) gather(ctx context.Context, show showing) (b board, refusal *Reply) {
	failed := func(what string, err error) (board, *Reply) {
		reply := fault(what, err)
		return board{}, &reply
	}
	b.show, b.now = show, c.now()
	records, err := c.Pages.Statuses(ctx)
	if err != nil {
		return failed("what the status pages said", err)
	}
	all, refusal := c.look(ctx)
	if refusal != nil {
		return board{}, refusal
	}
	if b.coming, err = c.Pages.Upcoming(ctx, show.partner.ID, changes.Date(b.now.UTC().Format(time.DateOnly))); err != nil {
		return failed("what is coming", err)
	}
	if c.more.Runs != nil {
		if b.runs, err = c.more.Runs.Runs(ctx, b.now.Add(-runsFor)); err != nil {
			return failed("the compatibility runs", err)
		}
	}
	var certs map[string]partners.Certificate
	if c.Certificates != nil {
		if certs, err = c.Certificates.Certificates(ctx); err != nil {
			return failed("the certificates", err)
		}
	}
	for _, p := range c.directory.All() {
		b.tiles = append(b.tiles, c.tile(p, viewOf(p, records, b.now), all, certs))
	}
	slices.SortStableFunc(b.tiles, func(x, y tile) int { return x.order() - y.order() })
	if network := all.network(); network != nil {
		b.network = incidentOnBoard(*network, b.now)
	}
	b.notes = c.troubleSection(ctx)
	if c.Health != nil {
		health := c.Health.Health(ctx)
		b.health = &health
	}
	return b, nil
}

func (c dashboardCommand) tile(p partners.Partner, page partnerView, all seen, certs map[string]partners.Certificate) tile {
	p.Name = shorten(oneSpaced(p.Name), longestName)
	t := tile{view: view{p, page, c.newest(p, all)}}
	if c.Breakers != nil {
		t.own.held = c.Breakers.Breakers(p.ID)
	}
	t.standing = standingOf(p, page, t.own, c.now())
	mark := t.line.Mark
	t.look = t.failed || mark == MarkBad || mark == MarkWarn || len(t.own.trials) > 0
	if t.cert = certs[p.ID]; !t.cert.At.IsZero() {
		t.outdated = t.cert.OutOfDate(c.Certificates.Fingerprint(p))
	}
	return t
}

// order is by need, and among those that need a look or do not by how bad it is.
func (t tile) order() int {
	if t.look {
		return urgencyOf(t.line.Mark)
	}
	return 100 + urgencyOf(t.line.Mark)
}

// oneSpaced is a text in one line.
func oneSpaced(text string) string { return strings.Join(strings.Fields(text), " ") }

// days adds the last day of the probes of what is shown.
func (c dashboardCommand) days(ctx context.Context, shown []tile) error {
	views := make([]view, len(shown))
	for i, t := range shown {
		views[i] = t.view
	}
	return c.lastDay(ctx, views)
}

// asOf is when the newest of what is shown was seen.
func (b board) asOf() time.Time {
	var newest time.Time
	for _, t := range b.tiles {
		if at := t.page.record.Status.ReadAt; at.After(newest) {
			newest = at
		}
		if at := t.own.lastRun(); at.After(newest) {
			newest = at
		}
	}
	if newest.IsZero() || newest.After(b.now) {
		return b.now
	}
	return newest
}

// lastRun is when the newest result of all probes came; zero where none has run.
func (o own) lastRun() time.Time {
	var last time.Time
	for _, v := range o.probes {
		if v.done && v.last.End().After(last) {
			last = v.last.End()
		}
	}
	return last
}
