package bot

import (
	"context"
	"sync"

	"github.com/slack-go/slack"

	"sparky/commands"
)

// picture is a part of the dashboard as it is drawn.
type picture struct {
	view slack.HomeTabViewRequest
	raw  []byte // the view as JSON
	news string
	word string // Shown, before it was drawn
	// refused tells that it says why there is nothing to show. That takes the place of nothing that nobody asked for.
	refused bool
	err     error
}

// sketches are the parts of the dashboard as they are now. Each is asked for once, and drawn once for all who may press the
// same, however many people look at it.
type sketches struct {
	home     *Home
	word     func() string // Shown, asked for when it is first wanted; empty where nobody can tell
	replies  map[string]commands.Reply
	pictures map[sketch]picture
}

// sketch is which part of the dashboard, for people with those hands.
type sketch struct {
	place string
	hands commands.Hands
}

func newSketches(ctx context.Context, h *Home) *sketches {
	word := sync.OnceValue(func() string {
		if h.shown == nil {
			return ""
		}
		word, err := h.shown(ctx)
		if err != nil {
			return "" // drawing it says what is wrong
		}
		return word
	})
	return &sketches{h, word, map[string]commands.Reply{}, map[sketch]picture{}}
}

// of is what the person should see at the place where they are.
func (s *sketches) of(ctx context.Context, v *viewer) picture {
	wanted := sketch{v.place, s.home.hands(ctx, v.user)}
	if p, ok := s.pictures[wanted]; ok {
		return p
	}
	word := s.word()
	reply, ok := s.replies[v.place]
	if !ok {
		// What is known is the same for everybody, so nobody asks.
		reply = s.home.runner.Run(ctx, commands.Request{Text: v.place})
		s.replies[v.place] = reply
	}
	if s.home.fitter != nil {
		reply = s.home.fitter.Fit(reply, wanted.hands)
	}
	view, raw, err := homeView(reply, v.place)
	p := picture{view: view, raw: raw, news: newsOf(reply), word: word, refused: reply.Refused, err: err}
	s.pictures[wanted] = p
	return p
}

// hands are the roles of a person. It waits peopleWait for Slack at most.
func (h *Home) hands(ctx context.Context, user string) commands.Hands {
	if h.fitter == nil {
		return commands.Hands{}
	}
	ctx, cancel := context.WithTimeout(ctx, peopleWait)
	defer cancel()
	return h.fitter.Hands(ctx, commands.Person{ID: user})
}
