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

// telling shows a reply in the making before it answers.
type telling struct{ oneReply }

func (t telling) Run(_ context.Context, req Request) Reply {
	if req.Progress != nil {
		req.Progress(t.reply)
	}
	return t.reply
}

func TestAnAnswerInTheMakingIsRedactedToo(t *testing.T) {
	var shown []string
	runner := Redacted(telling{oneReply{Reply{Text: "a s3cr3t"}}}, func(text string) string { return strings.ReplaceAll(text, "s3cr3t", "(hidden)") })
	runner.Run(t.Context(), Request{Progress: func(r Reply) { shown = append(shown, r.Text) }})
	if len(shown) != 1 || shown[0] != "a (hidden)" {
		t.Errorf("shown: %q", shown)
	}
	runner.Run(t.Context(), Request{})
}
