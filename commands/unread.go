package commands

import (
	"context"
	"fmt"

	"sparky/changes"
	"sparky/partners"
)

// sourceFacts tells how the changelog sources of partners stand.
type sourceFacts interface {
	// SourcesOf are those that were read or tried before, by partner and Source.Name().
	SourcesOf(ctx context.Context, partners ...string) (map[string]map[string]changes.SourceState, error)
}

// unreadSources is a line for each changelog that cannot be read: an answer that lists what was announced must say what
// it may lack.
func unreadSources(ctx context.Context, facts sourceFacts, asked []partners.Partner) ([]Line, error) {
	var ids []string
	for _, p := range asked {
		ids = append(ids, p.ID)
	}
	states, err := facts.SourcesOf(ctx, ids...)
	if err != nil {
		return nil, err
	}
	var lines []Line
	for _, p := range asked {
		for _, source := range p.Changelog {
			state := states[p.ID][source.Name()]
			if state.Problem == "" {
				continue
			}
			text := fmt.Sprintf("%s: its changelog %s cannot be read, so something may be missing here.", p.Name, hostAndPath(source))
			lines = append(lines, Line{Mark: MarkUnknown, Pieces: []Piece{{Text: text}}},
				Line{Indent: true, Pieces: []Piece{{Text: shorten(state.Problem, 300)}}})
		}
	}
	return lines, nil
}

// withUnread adds such lines to a reply, which is bad news then.
func withUnread(reply Reply, unread []Line) Reply {
	if len(unread) == 0 {
		return reply
	}
	reply.Failed = true
	reply.Sections = append(reply.Sections, Section{Heading: "Not read", Lines: unread})
	return reply
}

// excess refuses what stands behind a request that was understood: it may have meant something else.
func excess(rest []string) Reply {
	if lengthLike.MatchString(rest[0]) {
		return refuse(fmt.Sprintf("%q is no length of time; write it like 36h or 7d.", clip(rest[0])))
	}
	return refuse(fmt.Sprintf("I do not know what to do with %q. See /sparky help.", clip(rest[0])))
}
