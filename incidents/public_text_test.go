package incidents

import (
	"context"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestPublicTextLetsPass(t *testing.T) {
	for text, want := range map[string]string{
		"Sign-in may be slow.":                     "Sign-in may be slow.",
		"  two\r\n\r\n\r\n\r\nparagraphs \n":       "two\n\nparagraphs",
		"a\u202eb\x00c\td":                         "abc d",
		"More on https://status.okta.example/?x=1": "More on https://status.okta.example/?x=1",
		"less than < 5 % & more than > 3 %":        "less than < 5 % & more than > 3 %",
		"write to help@acme.example":               "write to help@acme.example",
		strings.Repeat("ä", MostPublicText):        strings.Repeat("ä", MostPublicText),
	} {
		if got, err := PublicText(text); err != nil || got != want {
			t.Errorf("%.40q is %.40q, %v", text, got, err)
		}
	}
}

func TestPublicTextRefuses(t *testing.T) {
	for text, word := range map[string]string{
		"":                                      "says nothing",
		" \n\u200b\n":                           "says nothing",
		strings.Repeat("ä", MostPublicText+1):   "2001 characters",
		"see <b>this</b>":                       "plain text",
		"hey <!channel>":                        "plain text",
		"hey <@U0ADA> look":                     "plain text",
		"<script>alert(1)</script>":             "plain text",
		"read [this](https://evil.example)":     "plain text",
		"at https://ada:pw@acme.example/x":      "a password",
		"at HTTPS://token@acme.example":         "a password",
		"db postgres://sparky:pw@db:5432/x now": "a password",
	} {
		if got, err := PublicText(text); err == nil || !strings.Contains(err.Error(), word) || strings.Contains(err.Error(), "pw") {
			t.Errorf("%.40q is %.40q, %v; want %q", text, got, err, word)
		}
	}
}

func FuzzPublicText(f *testing.F) {
	for _, seed := range []string{"", "a\n\n\nb", "<b>", "https://a:b@c", "\u202e", "x < y", "[a](b)"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		clean, err := PublicText(text)
		if err != nil {
			return
		}
		if again, err := PublicText(clean); err != nil || again != clean {
			t.Errorf("%q passes as %q, and that as %q, %v", text, clean, again, err)
		}
		if !utf8.ValidString(clean) || strings.ContainsFunc(clean, func(r rune) bool { return r != '\n' && !unicode.IsGraphic(r) }) || utf8.RuneCountInString(clean) > MostPublicText {
			t.Errorf("%q passes as %q", text, clean)
		}
	})
}

// proposedPost is a desktop with one incident whose post waits for a person.
func proposedPost(t *testing.T) (*desktop, string) {
	t.Helper()
	d := newDesktop(t)
	d.desk.Rules.Offices.Approve = true
	d.verdict = external()
	d.fails("snow/create")
	return d, d.only().ID
}

func TestAPersonsWordsArePublished(t *testing.T) {
	d, id := proposedPost(t)
	const own = "Tickets may come late today."
	answer, err := d.desk.Publish(context.Background(), id, "U1", own)
	if err != nil || !answer.Changed {
		t.Fatalf("got %+v, %v", answer, err)
	}
	post := d.only().Post
	if len(post.Updates) != 1 || post.Updates[0].Text != own || post.Updates[0].Phase != PhaseIdentified || post.Updates[0].Title == "" || post.By != "U1" {
		t.Errorf("published %+v", post)
	}
	if events := d.only().Events; events[len(events)-1].Text != "Published: in words of their own." {
		t.Errorf("told as %+v", events[len(events)-1])
	}
	d.fails("snow/create")
	if post := d.only().Post; len(post.Updates) != 1 {
		t.Errorf("Sparky takes the word again though nothing is new: %+v", post.Updates)
	}
	d.passes("snow/create", "snow/create")
	if post := d.only().Post; post.State != PostResolved || post.Updates[len(post.Updates)-1].Phase != PhaseResolved {
		t.Errorf("after recovery %+v", post)
	}
}

func TestTheTextAsItWasProposedIsNobodysOwn(t *testing.T) {
	d, id := proposedPost(t)
	draft := PublicUpdate(d.only(), d.now)
	if _, err := d.desk.Publish(context.Background(), id, "U1", draft.Text); err != nil {
		t.Fatal(err)
	}
	if events := d.only().Events; events[len(events)-1].Text != "Published." {
		t.Errorf("told as %+v", events[len(events)-1])
	}
}

func TestWhatItWasIsTold(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	if _, err := d.desk.Resolve(context.Background(), d.only().ID, "U1", " a password\nof ours had run out. "); err != nil {
		t.Fatal(err)
	}
	in := d.only()
	event := in.Events[len(in.Events)-1]
	const want = "Resolved by hand: a password of ours had run out. Nothing new is opened while the same failure lasts."
	if event.Kind != EventClosed || event.Text != want {
		t.Errorf("told as %+v", event)
	}
	if got := CommentText(event, in); !strings.HasPrefix(got, want) {
		t.Errorf("the ticket says %q", got)
	}
}
