package bot

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"regexp"
	"strings"
)

// naming puts names in the place of mentions. A mention in a new message rings whoever is mentioned, and in it people stand for
// what they did, which they know. So a new message names them, but for one who is to hear of what others did; an edit, which
// rings nobody, mentions them where it is drawn, and names them in the text that notifications and screen readers have.
type naming struct{ names *Names }

// mentioned is the mention of a person in markup, as it is or in JSON. Nothing from outside can look like one: its < is escaped.
var mentioned = regexp.MustCompile(`(?:<|\\u003c)@([UW][A-Z0-9]+)(?:>|\\u003e)`)

// unnamed stands for a person whose name cannot be had.
const unnamed = "somebody"

// message is the message with names in the place of mentions. It waits peopleWait for them at most.
func (n *naming) message(ctx context.Context, m Message) Message {
	ctx, cancel := context.WithTimeout(ctx, peopleWait)
	defer cancel()
	m.Text = n.text(ctx, m.Text, m.Rings)
	if len(m.Blocks) > 0 {
		m.Blocks = n.document(ctx, m.Blocks, m.Rings)
	}
	return m
}

// text is markup with names in the place of mentions, but for that of whom it is to ring. It waits peopleWait for them at most.
func (n *naming) text(ctx context.Context, markup, rings string) string {
	if !strings.Contains(markup, "@") {
		return markup // finding no mention with the expression takes as long as drawing the message
	}
	ctx, cancel := context.WithTimeout(ctx, peopleWait)
	defer cancel()
	return mentioned.ReplaceAllStringFunc(markup, func(mention string) string {
		if idIn(mention) == rings {
			return mention
		}
		return n.of(ctx, mention)
	})
}

// document is a JSON document with names in the place of the mentions in its texts, as in text.
func (n *naming) document(ctx context.Context, document []byte, rings string) []byte {
	if !bytes.Contains(document, []byte("@")) {
		return document
	}
	ctx, cancel := context.WithTimeout(ctx, peopleWait)
	defer cancel()
	return mentioned.ReplaceAllFunc(document, func(mention []byte) []byte {
		if idIn(string(mention)) == rings {
			return mention
		}
		encoded, err := json.Marshal(n.of(ctx, string(mention)))
		if err != nil {
			return []byte(unnamed)
		}
		return encoded[1 : len(encoded)-1]
	})
}

// of is the name behind a mention, as markup.
func (n *naming) of(ctx context.Context, mention string) string {
	return escapeTo(cmp.Or(n.names.called(ctx, idIn(mention)), unnamed), longestName)
}

// idIn is the id of who is mentioned.
func idIn(mention string) string { return mentioned.FindStringSubmatch(mention)[1] }
