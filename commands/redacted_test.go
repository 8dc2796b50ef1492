package commands

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

type oneReply struct{ reply Reply }

func (o oneReply) Run(context.Context, Request) Reply { return o.reply }

func TestRedactedLeavesNoTextOrAddressOut(t *testing.T) {
	const secret = "s3cr3t"
	original := Reply{Text: "a " + secret, Title: secret, Sections: []Section{
		{Heading: secret, Lines: []Line{{Pieces: []Piece{{Text: secret, Link: "https://a.example/?t=" + secret}}}}},
	}}
	runner := Redacted(oneReply{original}, func(text string) string { return strings.ReplaceAll(text, secret, "(hidden)") })
	got := runner.Run(t.Context(), Request{})
	if text := fmt.Sprintf("%+v", got); strings.Contains(text, secret) || strings.Count(text, "(hidden)") != 5 {
		t.Errorf("got %s", text)
	}
	if original.Sections[0].Lines[0].Pieces[0].Text != secret {
		t.Error("the runner's own reply was changed")
	}
}
