package bot

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"

	"sparky/commands"
)

// saidAs is what the channel reads of a message that is posted, and of the same one edited.
func saidAs(t *testing.T, answer func(apiCall) apiAnswer, m Message) (posted, edited apiCall) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		if answer != nil {
			f.method["users.info"] = answer
		}
		p := NewPoster(f.api(), f.logger())
		at, err := p.Say(t.Context(), m)
		if err == nil {
			err = p.Redraw(t.Context(), at, m)
		}
		if err != nil {
			t.Fatal(err)
		}
		posted, edited = f.called("chat.postMessage")[0], f.called("chat.update")[0]
	})
	return posted, edited
}

func about(t *testing.T, words string) Message {
	t.Helper()
	blocks, err := json.Marshal([]any{section(words)})
	if err != nil {
		t.Fatal(err)
	}
	return Message{Channel: "C1", Text: words, Blocks: blocks}
}

func TestANewMessageRingsNobodyForWhatTheyDid(t *testing.T) {
	const words = "<@U0ONCALL01> acknowledged it, <!subteam^S0ONCALL> was called"
	posted, edited := saidAs(t, nil, about(t, words))
	for _, part := range []string{"text", "blocks"} {
		if got := posted.Form.Get(part); strings.Contains(got, "@U0ONCALL01") || !strings.Contains(got, "Chidi ") || !strings.Contains(got, "S0ONCALL") {
			t.Errorf("the %s posted is %s", part, got)
		}
		if got := edited.Form.Get(part); strings.Contains(got, "@U0ONCALL01") != (part == "blocks") {
			t.Errorf("the %s of the edit is %s", part, got)
		}
	}
	if got := posted.Form.Get("text"); got != "Chidi &lt;Ruiz&gt; acknowledged it, <!subteam^S0ONCALL> was called" {
		t.Errorf("a name is no markup: %s", got)
	}
}

func TestAMessageRingsWhoIsToHearOfIt(t *testing.T) {
	m := about(t, "Okta fails now too, beside what <@U0ONCALL01> has in hand, says <@U0OPERATOR>")
	m.Rings = "U0ONCALL01"
	posted, edited := saidAs(t, nil, m)
	for _, part := range []string{"text", "blocks"} {
		if got := posted.Form.Get(part); !strings.Contains(got, "@U0ONCALL01") || strings.Contains(got, "@U0OPERATOR") {
			t.Errorf("the %s posted is %s", part, got)
		}
	}
	if got := edited.Form.Get("text"); strings.Contains(got, "@U") {
		t.Errorf("the text of the edit is %s", got)
	}
}

func TestWhoCannotBeNamedIsSomebody(t *testing.T) {
	for name, answer := range map[string]apiAnswer{
		"unknown":       {Body: `{"ok":false,"error":"user_not_found"}`},
		"nameless":      {Body: `{"ok":true,"user":{"id":"U1"}}`},
		"Slack is away": {Status: 503, Body: "no"},
	} {
		posted, _ := saidAs(t, func(apiCall) apiAnswer { return answer }, about(t, "<@U1> did it"))
		if got := posted.Form.Get("text"); got != "somebody did it" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestANameIsAskedForOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		p := NewPoster(f.api(), f.logger())
		for range 5 {
			if _, err := p.Say(t.Context(), about(t, "<@U1> and <@U1>")); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(f.called("users.info")); n != 1 {
			t.Errorf("Slack was asked %d times", n)
		}
	})
}

// slow is a Slack that tells a name after a while.
type slow struct {
	takes time.Duration
	asked int
}

func (s *slow) GetUserInfoContext(ctx context.Context, _ string, _ ...slack.GetUserInfoOption) (*slack.User, error) {
	s.asked++
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(s.takes):
		return &slack.User{Name: "ada"}, nil
	}
}

// TestASlowSlackCostsAMessageTwoSecondsOnce holds that people wait for names once, however many there are, and that who could
// not be asked about is not asked about again at once.
func TestASlowSlackCostsAMessageTwoSecondsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &slow{takes: time.Minute}
		n := naming{NewNames(api, time.Now, slog.New(slog.DiscardHandler))}
		says := func(words, want string, most time.Duration) {
			t.Helper()
			began := time.Now()
			if m := n.message(t.Context(), about(t, words)); m.Text != want || time.Since(began) > most {
				t.Errorf("%s is %q after %v", words, m.Text, time.Since(began))
			}
		}
		says("<@U1>, <@U2>, <@U3> and <@U4>", "somebody, somebody, somebody and somebody", peopleWait)
		says("<@U1>", "somebody", 0) // asked about in vain a moment ago
		api.takes = 0
		says("<@U4>", "ada", 0) // nobody had time to ask
		elapse(2 * peopleAgain)
		says("<@U1>", "ada", 0)
		asked := api.asked
		says("<@U1> and <@U4>", "ada and ada", 0)
		if api.asked != asked {
			t.Errorf("who is known was asked about %d times more", api.asked-asked)
		}
	})
}

func FuzzNaming(f *testing.F) {
	for _, seed := range []string{"<@U1> x", `"<@U1>"`, "<@U1", "<@>", "<!here> <@W2>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, words string) {
		encoded, err := json.Marshal([]string{words})
		if err != nil {
			return
		}
		names := NewNames(nil, time.Now, slog.New(slog.DiscardHandler))
		n := naming{names}
		names.known.remember("U1", recollection[string]{value: `a "quoted" <@U1> name`, at: time.Now()})
		for _, id := range mentioned.FindAllSubmatch(encoded, -1) {
			names.known.remember(string(id[1]), recollection[string]{value: `a "quoted" <@U1> name`, at: time.Now()})
		}
		var back []string
		if err := json.Unmarshal(n.document(t.Context(), encoded, ""), &back); err != nil {
			t.Errorf("no JSON any more: %v", err)
		} else if mentioned.MatchString(back[0]) {
			t.Errorf("still mentions somebody: %q", back[0])
		}
	})
}

// What notifications say mentions those who did something, whom the poster names, and nobody whom a text only quotes.
func TestWhatIsSaidNamesThoseWhoDidIt(t *testing.T) {
	hostile := "Okta <@U0EVIL001> <!channel> & Co"
	reply := inOneSentence(commands.Reply{}, []commands.Piece{{Text: hostile, Strong: true}, {Text: "; "}, personOf("U0ONCALL01"), {Text: " has it"}})
	if want := hostile + "; somebody has it."; reply.Text != want {
		t.Errorf("in words it is %q, want %q", reply.Text, want)
	}
	if got, want := fallback(reply), "Okta &lt;@U0EVIL001&gt; &lt;!channel&gt; &amp; Co; <@U0ONCALL01> has it."; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	if got := fallback(reply.Redacted(func(text string) string { return strings.ReplaceAll(text, "Co", "•") })); !strings.HasSuffix(got, "&amp; •; <@U0ONCALL01> has it.") {
		t.Errorf("redacted it says %q", got)
	}
	nobody := inOneSentence(commands.Reply{}, []commands.Piece{{Text: "It fails"}, {Text: "@S0ONCALL", Person: "S0ONCALL"}, personOf("")})
	if nobody.Said != nil || strings.Contains(fallback(nobody), "<") {
		t.Errorf("where nobody did anything it says %q", fallback(nobody))
	}
	long := inOneSentence(commands.Reply{}, []commands.Piece{{Text: strings.Repeat("long ", maxFallback)}, personOf("U0ONCALL01")})
	if got := fallback(long); size(got) > maxFallback || strings.Contains(got, "<@") {
		t.Errorf("what is too long says %d characters", size(got))
	}
}
