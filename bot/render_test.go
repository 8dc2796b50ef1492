package bot

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/commands"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func statusReply() commands.Reply {
	return commands.Reply{
		Text:  "Okta reports a disruption since 4 minutes ago.",
		Title: "Status of Okta & friends",
		Sections: []commands.Section{{
			Heading: "Okta *Workforce*",
			Lines: []commands.Line{
				{Mark: commands.MarkBad, Pieces: []commands.Piece{{Text: "Sign-in "}, {Text: "<!channel> down", Strong: true}, {Text: "since "}, {Text: "4 min ago", Time: noon}}},
				{Indent: true, Pieces: []commands.Piece{{Text: "Status page", Link: "https://status.okta.example/"}, {Text: ", or type "}, {Text: "/sparky probe okta", Code: true}}},
				{Pieces: []commands.Piece{{Text: "read 1 min ago", Faint: true}}},
			},
			Buttons: []commands.Button{
				{Label: "Probe again", Command: "probe okta"},
				{Label: "Mute 1h", Command: "mute okta 1h", Confirm: "Nobody is told about Okta for an hour."},
			},
		}, {
			Lines: []commands.Line{{Mark: commands.MarkUnknown, Pieces: []commands.Piece{{Text: "Workday"}}}},
		}},
	}
}

const statusGolden = `[
 {"type":"header","text":{"type":"plain_text","text":"Status of Okta & friends","emoji":false}},
 {"type":"section","text":{"type":"mrkdwn","verbatim":true,"text":"*Okta *` + "\u200b" + `Workforce` + "\u200b" + `**\n❌ Sign-in *&lt;!channel&gt; down*` + "\u200b" + `since <!date^1795348800^{date_short_pretty} {time}|4 min ago>\n` + "\u2003" + `• <https://status.okta.example/|Status page>, or type ` + "`/sparky probe okta`" + `"}},
 {"type":"context","elements":[{"type":"mrkdwn","verbatim":true,"text":"read 1 min ago"}]},
 {"type":"actions","elements":[
  {"type":"button","action_id":"sparky.1","value":"1:probe okta","text":{"type":"plain_text","text":"Probe again","emoji":false}},
  {"type":"button","action_id":"sparky.2","value":"1:mute okta 1h","text":{"type":"plain_text","text":"Mute 1h","emoji":false},
   "confirm":{"title":{"type":"plain_text","text":"Please confirm","emoji":false},"text":{"type":"plain_text","text":"Nobody is told about Okta for an hour.","emoji":false},
    "confirm":{"type":"plain_text","text":"Mute 1h","emoji":false},"deny":{"type":"plain_text","text":"Cancel","emoji":false}}}]},
 {"type":"section","text":{"type":"mrkdwn","verbatim":true,"text":"❓ Workday"}}
]`

func TestRenderGolden(t *testing.T) {
	got := render(statusReply())
	checkBlocks(t, got.Blocks, maxMessageBlocks)
	if got.Text != "Okta reports a disruption since 4 minutes ago." {
		t.Errorf("text = %q", got.Text)
	}
	var want, have any
	if err := json.Unmarshal([]byte(statusGolden), &want); err != nil {
		t.Fatal(err)
	}
	raw, _ := json.Marshal(got.Blocks)
	if err := json.Unmarshal(raw, &have); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("blocks (-want +got):\n%s", diff)
	}
}

func TestRenderFoldsWhatIsTooLong(t *testing.T) {
	reply := commands.Reply{Text: "A long answer."}
	for range 400 {
		reply.Sections = append(reply.Sections, commands.Section{
			Heading: "Partner", Lines: []commands.Line{commands.Say(strings.Repeat("all is well, ", 8))},
			Buttons: []commands.Button{{Label: "Probe", Command: "probe x"}},
		})
	}
	got := render(reply)
	checkBlocks(t, got.Blocks, maxMessageBlocks)
	texts := markups(t, got.Blocks)
	if last := texts[len(texts)-1]; !strings.HasPrefix(last, "… and ") || !strings.HasSuffix(last, " more") {
		t.Errorf("the last line is %q, which does not say that something is left out", last)
	}
	// 400 headings, lines and rows of buttons are either drawn or counted.
	drawnLines := strings.Count(strings.Join(texts, "\n"), "*Partner*")
	if drawnLines < 10 || drawnLines == 400 {
		t.Errorf("%d of 400 sections drawn", drawnLines)
	}
}

func TestRenderLongPieces(t *testing.T) {
	long := strings.Repeat("a <b> & ", 2000)
	for name, piece := range map[string]commands.Piece{
		"text": {Text: long}, "strong": {Text: long, Strong: true}, "code": {Text: long, Code: true}, "faint": {Text: long, Faint: true},
		"link": {Text: long, Link: "https://a.example/"}, "time": {Text: long, Time: noon},
	} {
		reply := commands.Reply{Text: long, Title: long, Sections: []commands.Section{{Heading: long, Lines: []commands.Line{{Pieces: []commands.Piece{piece, piece}}}}}}
		got := render(reply)
		checkBlocks(t, got.Blocks, maxMessageBlocks)
		if size(got.Text) > maxFallback {
			t.Errorf("%s: fallback of %d characters", name, size(got.Text))
		}
		texts := markups(t, got.Blocks)
		if body := texts[len(texts)-1]; !strings.Contains(body, ellipsis) || size(body) < 1000 {
			t.Errorf("%s: cut to %d characters: %.80q", name, size(body), body)
		}
	}
}

func TestRenderManyShortPieces(t *testing.T) {
	line := commands.Line{}
	for range 3000 {
		line.Pieces = append(line.Pieces, commands.Piece{Text: "x", Strong: true}, commands.Piece{Text: "y"})
	}
	checkBlocks(t, render(commands.Reply{Sections: []commands.Section{{Lines: []commands.Line{line}}}}).Blocks, maxMessageBlocks)
}

func TestRenderTextAlone(t *testing.T) {
	got := render(commands.Reply{Text: "Nothing is open. <!here>"})
	checkBlocks(t, got.Blocks, maxMessageBlocks)
	if texts := markups(t, got.Blocks); len(texts) != 1 || texts[0] != "Nothing is open. &lt;!here&gt;" {
		t.Errorf("texts = %q", texts)
	}
	if got := render(commands.Reply{}); got.Text == "" {
		t.Error("an empty reply has no text: Slack refuses that with no_text")
	}
}

func TestButtons(t *testing.T) {
	buttons := func(n int, b button) []button {
		row := make([]button, n)
		for i := range row {
			row[i] = b
		}
		return row
	}
	for _, c := range []struct {
		name             string
		row              []button
		beside, inMenu   int
		mentionedAsTyped bool
	}{
		{"few", buttons(4, button{Label: "x", Command: "c"}), 4, 0, false},
		{"a menu", buttons(6, button{Label: "x", Command: "c"}), 3, 3, false},
		{"a menu cannot ask", buttons(6, button{Label: "x", Command: "c", Confirm: "sure?"}), 6, 0, false},
		{"a menu holds short values", buttons(6, button{Label: "x", Command: strings.Repeat("c", 150)}), 6, 0, false},
		{"many", buttons(27, button{Label: "x", Command: "c"}), 25, 0, true},
		{"too long for a button", buttons(1, button{Label: "x", Command: strings.Repeat("c", 2000)}), 0, 0, true},
		{"long words", buttons(1, button{Label: strings.Repeat("l", 99), Command: "c", Confirm: strings.Repeat("q", 999)}), 1, 0, false},
	} {
		s := newSheet(maxMessageBlocks)
		s.row(c.row)
		blocks := s.done()
		checkBlocks(t, blocks, maxMessageBlocks)
		raw, _ := json.Marshal(blocks)
		text := string(raw)
		if n := strings.Count(text, `"type":"button"`); n != c.beside {
			t.Errorf("%s: %d buttons, want %d", c.name, n, c.beside)
		}
		inMenu := strings.Count(text, `"value":"`+buttonVersion) - strings.Count(text, `"type":"button"`)
		if inMenu != c.inMenu {
			t.Errorf("%s: %d in the menu, want %d", c.name, inMenu, c.inMenu)
		}
		if strings.Contains(text, "To be typed") != c.mentionedAsTyped {
			t.Errorf("%s: %s", c.name, text)
		}
	}
}

func TestCommandOf(t *testing.T) {
	if command, ok := commandOf("1:ack ECO-12"); !ok || command != "ack ECO-12" {
		t.Errorf("got %q, %v", command, ok)
	}
	for _, stale := range []string{"", "ack ECO-12", "0:ack ECO-12", "10:ack"} {
		if command, ok := commandOf(stale); ok {
			t.Errorf("%q is taken for %q", stale, command)
		}
	}
}

func TestEveryMarkHasASignOfItsOwn(t *testing.T) {
	seen := map[string]commands.Mark{}
	for _, m := range []commands.Mark{commands.MarkGood, commands.MarkWarn, commands.MarkBad, commands.MarkUnknown, commands.MarkMuted, commands.MarkPlanned} {
		sign := drawMark(m)
		if other, twice := seen[sign]; twice || sign == "" {
			t.Errorf("%q stands for %s and %s", sign, m, other)
		}
		seen[sign] = m
	}
	if drawMark(commands.MarkNone) != "" {
		t.Error("no mark draws something")
	}
}

func FuzzRender(f *testing.F) {
	for _, text := range hostile() {
		f.Add(text, text, text, 1, uint8(3))
		f.Add(text, "https://a.example/"+text, text, 40, uint8(255))
	}
	f.Fuzz(func(t *testing.T, text, address, command string, copies int, kinds uint8) {
		copies = max(0, min(copies, 60))
		bit := func(n uint8) bool { return kinds&(1<<n) != 0 }
		piece := commands.Piece{Text: strings.Repeat(text, copies+1), Strong: bit(0), Faint: bit(1), Code: bit(2)}
		linked := commands.Piece{Text: text, Link: address}
		timed := commands.Piece{Text: text, Time: time.Unix(int64(copies)*1e9-5, 0)}
		line := commands.Line{Mark: commands.Mark(command), Indent: bit(3), Pieces: []commands.Piece{piece, linked, timed, piece}}
		part := commands.Section{Heading: text, Lines: []commands.Line{line, {Pieces: []commands.Piece{piece}}}}
		for range copies % 40 {
			part.Buttons = append(part.Buttons, commands.Button{Label: text, Command: command, Confirm: address})
		}
		reply := commands.Reply{Text: text, Title: text}
		for range copies {
			reply.Sections = append(reply.Sections, part)
		}
		got := render(reply)
		checkBlocks(t, got.Blocks, maxMessageBlocks)
		for _, markup := range append(markups(t, got.Blocks), got.Text) {
			for _, alive := range activeParts(markup) {
				ours := strings.HasPrefix(alive, "<http://") || strings.HasPrefix(alive, "<https://") || strings.HasPrefix(alive, "<!date^")
				if !ours {
					t.Fatalf("%q is alive in %q", alive, markup)
				}
			}
		}
		if got.Text == "" || size(got.Text) > maxFallback {
			t.Fatalf("fallback of %d characters", size(got.Text))
		}
	})
}

func TestPeopleAreMentionedByIdAlone(t *testing.T) {
	for id, want := range map[string]string{
		"U0OPERATOR":     "<@U0OPERATOR>",
		"S0ONCALL":       "<!subteam^S0ONCALL>",
		"!channel":       "Ada &lt;!here&gt;",
		"U1>\n<!channel": "Ada &lt;!here&gt;",
		"":               "Ada &lt;!here&gt;",
	} {
		if got := markupOf(commands.Piece{Text: "Ada <!here>", Person: id}); got != want {
			t.Errorf("%q became %q", id, got)
		}
	}
}
