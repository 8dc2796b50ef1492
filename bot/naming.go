package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// naming knows what people are called. A mention in a new message rings whoever is mentioned, and in it people stand for what
// they did, which they know. So a new message names them; an edit, which rings nobody, mentions them.
type naming struct {
	api   *slack.Client
	log   *slog.Logger
	known recalled[string]
}

// mentioned is the mention of a person in markup, as it is or in JSON. Nothing from outside can look like one: its < is escaped.
var mentioned = regexp.MustCompile(`(?:<|\\u003c)@([UW][A-Z0-9]+)(?:>|\\u003e)`)

// unnamed stands for a person whose name cannot be had.
const unnamed = "somebody"

// message is the message with names in the place of mentions.
func (n *naming) message(ctx context.Context, m Message) Message {
	m.Text = mentioned.ReplaceAllStringFunc(m.Text, func(mention string) string { return n.of(ctx, mention) })
	if len(m.Blocks) > 0 {
		m.Blocks = n.document(ctx, m.Blocks)
	}
	return m
}

// document is a JSON document with names in the place of the mentions in its texts.
func (n *naming) document(ctx context.Context, document []byte) []byte {
	return mentioned.ReplaceAllFunc(document, func(mention []byte) []byte {
		encoded, err := json.Marshal(n.of(ctx, string(mention)))
		if err != nil {
			return []byte(unnamed)
		}
		return encoded[1 : len(encoded)-1]
	})
}

// of is the name behind a mention, as markup.
func (n *naming) of(ctx context.Context, mention string) string {
	id := mentioned.FindStringSubmatch(mention)[1]
	ctx, cancel := context.WithTimeout(ctx, peopleWait)
	defer cancel()
	stale := func(age time.Duration, err error) {
		n.log.Warn("what a person is called cannot be asked; the older answer serves", "person", id, "age", age, "error", err)
	}
	name, err := n.known.get(ctx, time.Now(), id, stale, func(ctx context.Context) (string, error) {
		user, err := n.api.GetUserInfoContext(ctx, id)
		if err != nil {
			return "", understood("asking what "+id+" is called", "", err)
		}
		return cmp.Or(user.Profile.DisplayName, user.RealName, user.Profile.RealName, user.Name), nil
	})
	if err != nil {
		n.log.Warn("what a person is called cannot be asked", "person", id, "error", err)
	}
	if strings.TrimSpace(name) == "" {
		return unnamed
	}
	return escapeTo(name, 120)
}
