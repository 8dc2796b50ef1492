package bot

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"sparky/commands"
)

// GroupsAPI is what Slack tells about user groups.
type GroupsAPI interface {
	GetUserGroupsContext(ctx context.Context, options ...slack.GetUserGroupsOption) ([]slack.UserGroup, error)
}

// mostHolders is how many people and groups are named who have a role.
const mostHolders = 5

// Who names those who have a role: people, and user groups by their handles as plain text, which rings nobody. It waits
// peopleWait for Slack at most, and is nil where it learns of none.
func (p *Permissions) Who(ctx context.Context, role commands.Role) []commands.Piece {
	ctx, cancel := context.WithTimeout(ctx, peopleWait)
	defer cancel()
	ids, err := p.holders(role)
	if err != nil {
		return nil
	}
	if ids == nil {
		return []commands.Piece{{Text: "any full member of this workspace"}}
	}
	var named []commands.Piece
	for _, id := range ids {
		switch {
		case !strings.HasPrefix(id, "S"):
			named = append(named, commands.Piece{Text: cmp.Or(p.names.called(ctx, id), unnamed), Person: id})
		default:
			if handle := p.handle(ctx, id); handle != "" {
				named = append(named, commands.Piece{Text: "@" + handle})
			}
		}
	}
	if more := len(named) - mostHolders; more > 0 {
		named = append(named[:mostHolders], commands.Piece{Text: fmt.Sprintf("%d more", more)})
	}
	var pieces []commands.Piece
	for n, piece := range named {
		switch {
		case n > 0 && n == len(named)-1:
			pieces = append(pieces, commands.Piece{Text: " or "})
		case n > 0:
			pieces = append(pieces, commands.Piece{Text: ", "})
		}
		pieces = append(pieces, piece)
	}
	return pieces
}

// handle is what a user group is called, without its @; empty where Slack does not tell.
func (p *Permissions) handle(ctx context.Context, id string) string {
	all, err := p.handles.get(ctx, p.now(), "", p.warn("the user groups"), func(ctx context.Context) (map[string]string, error) {
		groups, err := p.api.GetUserGroupsContext(ctx)
		if err != nil {
			return nil, understood("asking what the user groups are called", "", err)
		}
		handles := map[string]string{}
		for _, g := range groups {
			handles[g.ID] = short(cmp.Or(g.Handle, g.Name))
		}
		return handles, nil
	})
	if err != nil {
		p.log.Warn("what a user group is called could not be asked, so it is not named", "group", id, "error", err)
	}
	return all[id]
}
