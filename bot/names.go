package bot

import (
	"cmp"
	"context"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"sparky/commands"
)

// NamesAPI is what Slack tells about a person. A *slack.Client is one.
type NamesAPI interface {
	GetUserInfoContext(ctx context.Context, user string, options ...slack.GetUserInfoOption) (*slack.User, error)
}

// Names are people by the names that others know them by. They are safe for concurrent use.
type Names struct {
	api     NamesAPI
	now     commands.Clock
	log     *slog.Logger
	known   recalled[string]
	unknown recalled[struct{}] // those whose name Slack did not tell when it was last asked
}

// NewNames are the names of a workspace's people. What Slack says is remembered for five minutes, and serves up to an hour
// while Slack cannot be asked.
func NewNames(api NamesAPI, now commands.Clock, log *slog.Logger) *Names {
	return &Names{api: api, now: now, log: log}
}

// longestName is how much of a name is shown.
const longestName = 80

// personInSlack is how texts name a person who did something in Slack: incidents.CommentText and incidents.TicketText.
var personInSlack = regexp.MustCompile(`\b[UW][A-Z0-9]{6,} in Slack\b`)

// In is the text with the people in it by their names. An id whose name Slack does not tell stays as it is. It waits
// peopleWait for Slack at most.
func (n *Names) In(ctx context.Context, text string) string {
	ctx, cancel := context.WithTimeout(ctx, peopleWait)
	defer cancel()
	return personInSlack.ReplaceAllStringFunc(text, func(found string) string {
		id, rest, _ := strings.Cut(found, " ")
		return cmp.Or(n.called(ctx, id), id) + " " + rest
	})
}

// called is a person's name, empty where there is none to be had. Who Slack did not name is not asked about again at once: so
// many texts would wait for it.
func (n *Names) called(ctx context.Context, id string) string {
	now := n.now()
	if failed, ok := n.unknown.known(id); ok && now.Sub(failed.at) < peopleAgain {
		return ""
	}
	asked := ctx.Err() == nil
	name, err := n.known.get(ctx, now, id, n.stale(id), func(ctx context.Context) (string, error) {
		user, err := n.api.GetUserInfoContext(ctx, id)
		if err != nil {
			return "", understood("asking what "+id+" is called", "", err)
		}
		return cmp.Or(short(user.Profile.DisplayName), short(user.RealName), short(user.Profile.RealName), short(user.Name)), nil
	})
	if err != nil && asked {
		n.unknown.remember(id, recollection[struct{}]{at: now})
		n.log.Warn("what a person is called could not be asked, so they are not named for a while", "person", id, "error", err)
	}
	return name
}

// stale logs that an older name serves.
func (n *Names) stale(id string) func(age time.Duration, err error) {
	return func(age time.Duration, err error) {
		n.log.Warn("Slack could not be asked, and an earlier name serves", "person", id, "age", age.Round(time.Second), "error", err)
	}
}

// short is a name without what would break a line, cut where it is very long.
func short(name string) string { return cut(strings.TrimSpace(oneLine(name)), longestName) }
