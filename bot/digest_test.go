package bot

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/changes"
	"sparky/commands"
)

var digestDay = time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)

// markupOfReply is all that a reply says as Slack would be given it, a block a paragraph.
func markupOfReply(t *testing.T, reply commands.Reply) string {
	t.Helper()
	drawn := render(reply)
	checkBlocks(t, drawn.Blocks, maxMessageBlocks)
	encoded, err := json.Marshal(drawn.Blocks)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []any
	if err := json.Unmarshal(encoded, &blocks); err != nil {
		t.Fatal(err)
	}
	paragraphs := []string{drawn.Text}
	for _, b := range blocks {
		paragraphs = append(paragraphs, strings.Join(textsIn(b), "\n"))
	}
	return strings.ReplaceAll(strings.Join(paragraphs, "\n--\n"), "\u2003• ", "  • ")
}

func item(title string, effective changes.Date, kinds ...changes.Kind) changes.Item {
	return changes.Item{Title: title, Effective: effective, Kinds: kinds, Link: "https://okta.example/notes"}
}

func TestDigest(t *testing.T) {
	breaking := item("Sessions API v1 is removed", "2027-03-31", changes.Breaking, changes.Removal)
	breaking.Summary = "Move to v2 before then."
	beta := item("Devices API", "", changes.Beta)
	beta.BetaVersion = "v3 (beta)"
	tests := []struct {
		name   string
		digest changes.Digest
		want   string
	}{
		{
			name:   "what needs a look first, the rest below",
			digest: changes.Digest{Items: []changes.Item{breaking, beta, item("Dark mode", "", changes.New)}},
			want: `Okta: 1 change needs a look. Sessions API v1 is removed, 31 March 2027 (in 30 days).
--
Okta: 1 change needs a look
--
⚠️ *<https://okta.example/notes|Sessions API v1 is removed>* (breaking, removal)
  • *From 31 March 2027, in 30 days.*
  • Move to v2 before then.
--
*Also new*
📅 *<https://okta.example/notes|Devices API>* (beta of v3)
*<https://okta.example/notes|Dark mode>* (new)
--
_All of it:_ ` + "`/sparky changelog okta`",
		},
		{
			name:   "a beta alone",
			digest: changes.Digest{Items: []changes.Item{beta}},
			want: `Okta: a beta is on offer. Devices API.
--
Okta: a beta is on offer
--
📅 *<https://okta.example/notes|Devices API>* (beta of v3)
--
_All of it:_ ` + "`/sparky changelog okta`",
		},
		{
			name: "what is folded is counted by kind",
			digest: changes.Digest{Items: []changes.Item{item("Dark mode", "", changes.New)},
				Folded: map[changes.Kind]int{changes.New: 120, changes.Fix: 67, changes.Deprecation: 1}},
			want: `Okta: 189 new entries. Dark mode.
--
Okta: 189 new entries
--
*<https://okta.example/notes|Dark mode>* (new)
--
And 188 more (1 deprecation, 120 new, 67 fixes): ` + "`/sparky changelog okta`",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.digest.Partner, tt.digest.Name, tt.digest.At = "okta", "Okta", digestDay
			if diff := cmp.Diff(tt.want, markupOfReply(t, digestReply(tt.digest, digestDay))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnEditSaysWhatItChanged(t *testing.T) {
	tests := []struct {
		before changes.Before
		after  changes.Item
		want   string
	}{
		{changes.Before{Effective: "2027-03-30"}, item("x", "2027-06-30", changes.Removal), "Moved from 30 March 2027 to 30 June 2027, in 121 days."},
		{changes.Before{}, item("x", "2027-06-30", changes.Removal), "It has a date now: 30 June 2027, in 121 days."},
		{changes.Before{Effective: "2027-03-30"}, item("x", "", changes.Removal), "Its date, 30 March 2027, was taken back; none is named now."},
		{changes.Before{Kinds: []changes.Kind{changes.Beta}}, item("x", "", changes.New), "Edited: it was beta, and is new now."},
	}
	for _, tt := range tests {
		tt.after.Before = &tt.before
		if got := itemWhen(tt.after, digestDay); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
		d := changes.Digest{Partner: "okta", Name: "Okta", Items: []changes.Item{tt.after}}
		if got := markupOfReply(t, digestReply(d, digestDay)); !strings.HasPrefix(got, "Okta: an announcement changed.") {
			t.Errorf("the first words do not say that it is a change: %s", got)
		}
	}
}

func TestTheFirstWordsSayADayOnce(t *testing.T) {
	d := changes.Digest{Partner: "okta", Name: "Okta", Items: []changes.Item{item("Sessions end on 31 March 2027", "2027-03-31", changes.Removal)}}
	if got, want := digestReply(d, digestDay).Text, "Okta: 1 change needs a look. Sessions end on 31 March 2027 (in 30 days)."; got != want {
		t.Errorf("got %s", got)
	}
}

func TestAFullDigestFitsAMessage(t *testing.T) {
	d := changes.Digest{Partner: "okta", Name: "Okta", At: digestDay, Folded: map[changes.Kind]int{changes.New: 180}}
	for n := range 20 {
		i := item(strings.Repeat("A title that goes on and on ", 40)+fmt.Sprint(n), "2027-06-30", changes.Breaking)
		i.Summary = strings.Repeat("A sentence of the summary. ", 15)
		d.Items = append(d.Items, i)
	}
	text := markupOfReply(t, digestReply(d, digestDay))
	if n := strings.Count(text, "(breaking)"); n < 10 {
		t.Errorf("only %d of 20 changes that need a look are shown", n)
	}
}

func TestHostileDigestsMentionNobody(t *testing.T) {
	for _, text := range hostile() {
		i := item(text, "2027-06-30", changes.Breaking, changes.Beta)
		i.Summary, i.BetaVersion, i.Link = text, text, text
		d := changes.Digest{Partner: "okta", Name: text, At: digestDay, Items: []changes.Item{i}}
		got := markupOfReply(t, digestReply(d, digestDay))
		for _, active := range []string{"<!channel", "<!here", "<@U", "<#C", "<!subteam"} {
			if strings.Contains(got, active) {
				t.Errorf("%q became active: %s", text, got)
			}
		}
	}
}

func TestNotice(t *testing.T) {
	failing := changes.SourceNotice{Partner: "okta", Name: "Okta", Source: "https://okta.example/feed", Since: digestDay,
		LastOK: digestDay.Add(-6 * time.Hour), Problem: `got an HTML page titled "Sign in"`}
	over := failing
	over.Problem, over.Until = "", digestDay.Add(50*time.Minute)
	never := failing
	never.LastOK = time.Time{}
	tests := []struct {
		notice changes.SourceNotice
		want   []string
	}{
		{failing, []string{"Okta: I cannot read one of its changelogs, so I may miss what it announces.", "https://okta.example/feed",
			`got an HTML page titled "Sign in"`, "It was last read well", "I keep trying"}},
		{never, []string{"It was never read well."}},
		{over, []string{"Okta: its changelog is read again after 50 min."}},
	}
	for _, tt := range tests {
		got := markupOfReply(t, noticeReply(tt.notice))
		for _, want := range tt.want {
			if !strings.Contains(got, want) {
				t.Errorf("lacks %q:\n%s", want, got)
			}
		}
	}
}

func TestALetterThatCannotBeReadIsSaidAndNotRepeated(t *testing.T) {
	l := Digests(nil, "#ecosystem-updates", func() time.Time { return digestDay })
	_, err := l.Do(t.Context(), "digest/okta/1", []byte("not JSON"), nil)
	var permanent interface{ Permanent() bool }
	if err == nil || !errors.As(err, &permanent) || !permanent.Permanent() {
		t.Errorf("error is %v", err)
	}
	if _, _, err := l.Find(t.Context(), "digest/okta/1", []byte("not JSON")); err == nil {
		t.Error("it was looked for")
	}
}
