package main

import (
	"strings"
	"testing"
	"time"

	"sparky/commands"
)

func TestTerminal(t *testing.T) {
	reply := commands.Reply{Title: "Partners", Sections: []commands.Section{
		{Lines: []commands.Line{
			{Mark: commands.MarkBad, Pieces: []commands.Piece{{Text: "Okta", Strong: true}, {Text: " major outage: "}, {Text: "sign-in", Link: "https://status.okta.example/1"}}},
			{Indent: true, Pieces: []commands.Piece{{Text: "We are looking into it."}}},
		}},
		{Heading: "Coming", Lines: []commands.Line{{Pieces: []commands.Piece{{Text: "1 Mar 12:00 UTC", Time: time.Unix(1, 0)}}}}},
	}}
	want := `Partners
  ✗ Okta major outage: sign-in
      https://status.okta.example/1
      We are looking into it.

Coming
    1 Mar 12:00 UTC
`
	var out strings.Builder
	if err := printReply(&out, false, reply); err != nil || out.String() != want {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestCommandsAreNamedAsTheyAreTypedInATerminal(t *testing.T) {
	var out strings.Builder
	reply := commands.Reply{Sections: []commands.Section{{Lines: []commands.Line{commands.Say("More: /sparky status okta, see https://a.example/sparky/x")}}}}
	if err := printReply(&out, false, reply); err != nil || out.String() != "    More: sparky status okta, see https://a.example/sparky/x\n" {
		t.Errorf("%v, %q", err, out.String())
	}
}

func TestTextFromOutsideCannotSteerATerminal(t *testing.T) {
	var out strings.Builder
	hostile := "Okta\x1b[2J\x1b]0;owned\x07\r\nnext\u202eline\u009b31m"
	if err := printReply(&out, false, commands.Reply{Sections: []commands.Section{{Lines: []commands.Line{commands.Say(hostile)}}}}); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\x1b\x07\r\u202e\u009b") || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("it reached the terminal: %q", out.String())
	}
}

func TestFactsAreOneObjectALine(t *testing.T) {
	var out strings.Builder
	facts := []commands.ChangelogRecord{{Title: "a<b>"}, {Title: "two"}}
	if err := printFacts(&out, facts); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(strings.TrimSpace(out.String()), "\n"); len(lines) != 2 || !strings.Contains(lines[0], `"title":"a<b>"`) {
		t.Errorf("got %s", out.String())
	}
	out.Reset()
	if err := printFacts(&out, commands.PartnerStatus{Partner: "okta"}); err != nil || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("got %s, %v", out.String(), err)
	}
}
