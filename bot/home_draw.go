package bot

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/slack-go/slack"

	"sparky/commands"
)

const (
	// maxHomeText is how much text the tab holds before the rest is folded: a page of the dashboard with all that it can
	// have, and few enough that the view stays below maxView whatever its characters are.
	maxHomeText = 40000
	// maxView is how large a view may be (docs.slack.dev, views.publish: view_too_large), with a margin.
	maxView = 240 << 10
)

// homeView is the view of a reply, and as JSON. Where it would be too large, less of it is drawn.
func homeView(reply commands.Reply, place string) (view slack.HomeTabViewRequest, raw []byte, err error) {
	metadata, err := json.Marshal(homeState{place})
	if err != nil {
		return view, nil, fmt.Errorf("drawing App Home: %w", err)
	}
	view = slack.HomeTabViewRequest{Type: slack.VTHomeTab, PrivateMetadata: string(metadata)}
	for most := maxHomeText; ; most /= 2 {
		view.Blocks.BlockSet = drawHome(reply, most)
		if raw, err = json.Marshal(view); err != nil {
			return view, nil, fmt.Errorf("drawing App Home: %w", err)
		}
		if len(raw) <= maxView || most < maxSection {
			return view, raw, nil
		}
	}
}

// drawHome is a reply as the blocks of a Home tab, with that much text at most.
func drawHome(reply commands.Reply, most int) []slack.Block {
	s := newSheet(maxHomeBlocks)
	s.maxText, s.whole = most, true
	if strings.TrimSpace(reply.Title) != "" {
		s.heading(reply.Title)
	}
	if len(reply.Sections) == 0 {
		s.sections(fallback(reply))
	}
	for n, part := range reply.Sections {
		if n > 0 && part.Heading != "" {
			s.add(slack.NewDividerBlock(), 0)
		}
		drawSection(s, part)
	}
	return s.done()
}

// newsOf tells replies apart by what they say, without what changes by itself.
func newsOf(reply commands.Reply) string {
	sum := fnv.New64a()
	say := func(text string) { _, _ = sum.Write([]byte(text + "\x00")) } // never fails, see hash.Hash
	say(reply.Title)
	for _, section := range reply.Sections {
		say("section " + section.Heading)
		for _, line := range section.Lines {
			say("line " + string(line.Mark))
			for _, p := range line.Pieces {
				if p.Fleeting {
					continue
				}
				say(p.Text + p.Link + p.Person)
			}
		}
		for _, b := range section.Buttons {
			say(b.Label + b.Command)
		}
		if section.Pick == nil {
			continue
		}
		for _, group := range section.Pick.Groups {
			for _, o := range group.Options {
				say(o.Label + o.Command)
			}
		}
	}
	return fmt.Sprintf("%x", sum.Sum64())
}
