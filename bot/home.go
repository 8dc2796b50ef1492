package bot

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/slack-go/slack"

	"sparky/commands"
)

// Home is the dashboard: what status and upcoming would answer, drawn for whoever opens it.
type Home struct {
	API    *slack.Client
	Runner commands.Runner
	Log    *slog.Logger
}

// homeCommands are the questions whose answers make up the dashboard, in their order.
func homeCommands() []string { return []string{"status", "upcoming"} }

// Opened draws the dashboard anew for a person.
func (h Home) Opened(ctx context.Context, user string) {
	if err := h.publish(ctx, user); err != nil && ctx.Err() == nil {
		h.Log.Error("App Home was not drawn; it is drawn anew when it is opened again", "user", user, "error", err)
	}
}

func (h Home) publish(ctx context.Context, user string) error {
	var replies []commands.Reply
	for _, text := range homeCommands() {
		replies = append(replies, h.Runner.Run(ctx, commands.Request{Text: text, Person: commands.Person{ID: user}}))
	}
	view := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: drawHome(replies)}}
	if _, err := h.API.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: user, View: view}); err != nil {
		return fmt.Errorf("publishing App Home for %s: %w", user, err)
	}
	return nil
}

func drawHome(replies []commands.Reply) []slack.Block {
	s := newSheet(maxHomeBlocks)
	for i, reply := range replies {
		if i > 0 {
			s.add(slack.NewDividerBlock(), 0)
		}
		s.heading(reply.Title)
		if strings.TrimSuffix(reply.Text, ".") != reply.Title {
			s.contexts(escapeTo(reply.Text, maxContext))
		}
		for _, part := range reply.Sections {
			drawSection(s, part)
		}
	}
	return s.done()
}
