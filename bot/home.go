package bot

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/slack-go/slack"

	"sparky/commands"
)

// Home is the dashboard: what incidents, status and upcoming would answer, drawn for whoever opens it.
type Home struct {
	API    *slack.Client
	Runner commands.Runner
	Log    *slog.Logger
}

// homeCommands are the questions whose answers make up the dashboard, in their order: what is broken first.
func homeCommands() []string { return []string{incidentsCommand, "status", "upcoming"} }

const incidentsCommand = "incidents"

// Opened draws the dashboard anew for a person.
func (h Home) Opened(ctx context.Context, user string) {
	if err := h.publish(ctx, user); err != nil && ctx.Err() == nil {
		h.Log.Error("App Home was not drawn; it is drawn anew when it is opened again", "user", user, "error", err)
	}
}

func (h Home) publish(ctx context.Context, user string) error {
	var replies []commands.Reply
	for _, text := range homeCommands() {
		reply := h.Runner.Run(ctx, commands.Request{Text: text, Person: commands.Person{ID: user}})
		if text == incidentsCommand && len(reply.Sections) == 0 {
			// That nothing is open is no part of a dashboard: status says it.
			continue
		}
		replies = append(replies, reply)
	}
	view := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: drawHome(replies)}}
	if _, err := h.API.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: user, View: view}); err != nil {
		return fmt.Errorf("publishing App Home for %s: %w", user, err)
	}
	return nil
}

func drawHome(replies []commands.Reply) []slack.Block {
	s := newSheet(maxHomeBlocks)
	for _, reply := range replies {
		if len(s.blocks) > 0 {
			s.add(slack.NewDividerBlock(), 0)
		}
		if reply.Title != "" {
			s.heading(reply.Title)
		}
		if !saysItself(reply) {
			s.contexts(escapeTo(reply.Text, maxContext))
		}
		for _, part := range reply.Sections {
			drawSection(s, part)
		}
	}
	return s.done()
}

// saysItself tells that the reply's one sentence stands in what is drawn of it anyway.
func saysItself(reply commands.Reply) bool {
	if strings.TrimSuffix(reply.Text, ".") == strings.TrimSuffix(reply.Title, ".") {
		return true
	}
	if len(reply.Sections) == 0 {
		return false
	}
	first := reply.Sections[0]
	return len(first.Lines) > 0 && len(first.Lines[0].Pieces) == 1 && first.Lines[0].Pieces[0].Text == reply.Text
}
