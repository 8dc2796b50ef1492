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

// Names are people by the names that others know them by, for texts that are read outside of Slack. They are safe for
// concurrent use.
type Names struct {
	api   NamesAPI
	now   commands.Clock
	log   *slog.Logger
	known recalled[string]
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

// In is the text with the people in it by their names. An id whose name Slack does not tell stays as it is.
func (n *Names) In(ctx context.Context, text string) string {
	return personInSlack.ReplaceAllStringFunc(text, func(found string) string {
		id, rest, _ := strings.Cut(found, " ")
		return n.of(ctx, id) + " " + rest
	})
}

// of is a person's name, or the id where there is none to be had.
func (n *Names) of(ctx context.Context, id string) string {
	name, err := n.known.get(ctx, n.now(), id, n.stale(id), func(ctx context.Context) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, peopleWait)
		defer cancel()
		user, err := n.api.GetUserInfoContext(ctx, id)
		if err != nil {
			return "", understood("asking who "+id+" is", "", err)
		}
		return cmp.Or(short(user.Profile.DisplayName), short(user.RealName), short(user.Name)), nil
	})
	if err != nil {
		n.log.Warn("somebody is named by their id", "person", id, "error", err)
	}
	return cmp.Or(name, id)
}

// stale logs that an older name serves.
func (n *Names) stale(id string) func(age time.Duration, err error) {
	return func(age time.Duration, err error) {
		n.log.Warn("Slack could not be asked, and an earlier name serves", "person", id, "age", age.Round(time.Second), "error", err)
	}
}

// short is a name without what would break a line, cut where it is very long.
func short(name string) string { return cut(strings.TrimSpace(oneLine(name)), longestName) }
