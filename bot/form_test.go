package bot

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"sparky/commands"
	"sparky/fixtures/world/blockkit"
)

// forms are forms in the shapes that they can have.
func forms() map[string]commands.Form {
	many := make([]commands.Choice, 130)
	for i := range many {
		many[i] = commands.Choice{Label: strings.Repeat("a label ", 20), Value: strings.Repeat("v", i)}
	}
	hostile := `<!channel> *b* & <https://evil.example|x>` + "\u202e\n"
	return map[string]commands.Form{
		"compat": {Title: "Try a version", Submit: "Try it", Command: "compat snow", Text: "It is tried in a sandbox.", Fields: []commands.Field{
			{Name: "announced", Label: "Announced", Kind: commands.FieldChoice, Value: "v3", Optional: true, Choices: []commands.Choice{{Label: "v3: Table API v3", Value: "v3"}, {Label: "v4", Value: "v4"}}},
			{Name: "version", Label: "Another version", Kind: commands.FieldText, Most: 100, Hint: "Like v3."}}},
		"publish": {Title: "Publish to customers", Submit: "Publish", Command: "publish m1", Fields: []commands.Field{
			{Name: "text", Label: "What our customers read", Kind: commands.FieldLong, Value: "Sign-in may be slow.\nMore to come.", Most: 2000}}},
		"too much of everything": {Title: strings.Repeat("t", 60), Submit: strings.Repeat("s", 60), Command: "x", Text: strings.Repeat("text & ", 1000), Fields: []commands.Field{
			{Name: "a", Label: strings.Repeat("l", 3000), Hint: strings.Repeat("h", 3000), Kind: commands.FieldLong, Value: strings.Repeat("v", 9000), Most: 9000},
			{Name: "b", Label: "", Kind: commands.FieldChoice, Value: "none of them", Choices: many}}},
		"hostile": {Title: hostile, Submit: hostile, Command: "x", Text: hostile, Fields: []commands.Field{
			{Name: "a", Label: hostile, Hint: hostile, Kind: commands.FieldText, Value: hostile},
			{Name: "b", Label: hostile, Kind: commands.FieldChoice, Choices: []commands.Choice{{Label: hostile, Value: hostile}}}}},
	}
}

func TestFormsAreDrawn(t *testing.T) {
	for name, form := range forms() {
		view, err := drawForm(form, ask{origin: byClick, channel: "C1", thread: "1.1", asideThread: "1.2", responseURL: "https://slack.test/respond/1"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		raw, err := json.Marshal(view)
		if err != nil {
			t.Fatal(err)
		}
		for _, problem := range blockkit.View(raw) {
			t.Errorf("%s: Slack would refuse %v", name, problem)
		}
		if name == "too much of everything" {
			continue
		}
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, raw, "", "  "); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", "form", name+".json")
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(file, append(pretty.Bytes(), '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), pretty.String()+"\n"); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestFormsThatCannotBe(t *testing.T) {
	for name, form := range map[string]commands.Form{
		"a long command": {Title: "x", Submit: "x", Command: strings.Repeat("x", 3000)},
		"too many":       {Title: "x", Submit: "x", Command: "x", Fields: make([]commands.Field, maxFormFields+1)},
	} {
		if _, err := drawForm(form, ask{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// asking is a reply that asks by a form.
func asking() commands.Reply {
	form := forms()["compat"]
	return commands.Reply{Text: "Which version? Say it like /sparky compat snow v3.", Refused: true, Failed: true, Ask: &form}
}

func homeClick(id string) string {
	return envelopeOf("interactive", id, map[string]any{"type": "block_actions", "user": map[string]string{"id": "U1"}, "trigger_id": "t",
		"actions": []any{map[string]string{"value": "1:compat snow"}}})
}

func TestAFormOpensInsteadOfTheAnswer(t *testing.T) {
	withTrigger := strings.Replace(click("E1", "1:resolve m1 --ask"), `"response_url"`, `"trigger_id":"t","response_url"`, 1)
	for name, c := range map[string]struct {
		frame string
		from  formOrigin
	}{
		"command": {slash("E1", "compat snow"), formOrigin{Command: "compat snow", Channel: "C1", ResponseURL: "https://slack.test/respond/1"}},
		"click":   {withTrigger, formOrigin{Command: "compat snow", Origin: byClick, Channel: "C1", Thread: "111.000001", ResponseURL: "https://slack.test/respond/2"}},
		"home":    {homeClick("E1"), formOrigin{Command: "compat snow", Origin: byHome}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := deliver(t, saying(asking(), 0), asIs, c.frame)
				opens := f.called("views.open")
				if len(opens) != 1 || opens[0].JSON["trigger_id"] != "t" {
					t.Fatalf("views.open: %+v", opens)
				}
				view, _ := opens[0].JSON["view"].(map[string]any)
				var from formOrigin
				metadata, _ := view["private_metadata"].(string)
				if err := json.Unmarshal([]byte(metadata), &from); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.from, from); diff != "" || view["callback_id"] != formVersion {
					t.Errorf("%v: %s", view["callback_id"], diff)
				}
				for _, method := range []string{"respond/1", "respond/2", "chat.postMessage", "chat.postEphemeral"} {
					if calls := f.called(method); len(calls) > 0 {
						t.Errorf("besides the form the person is told %+v", calls)
					}
				}
			})
		})
	}
}

func TestWhereNoFormCanBeOpenedTheAnswerSaysWhatToType(t *testing.T) {
	refusing := func(code string) func(*fakeSlack, *InboxOptions) {
		return func(f *fakeSlack, _ *InboxOptions) {
			f.method["views.open"] = func(apiCall) apiAnswer { return apiAnswer{Body: `{"ok":false,"error":"` + code + `"}`} }
		}
	}
	lost := func(f *fakeSlack, _ *InboxOptions) {
		f.method["views.open"] = func(apiCall) apiAnswer { return apiAnswer{Err: errReset} }
	}
	for name, c := range map[string]struct {
		frame   string
		prepare func(*fakeSlack, *InboxOptions)
		method  string
		says    string
	}{
		"too late":          {slash("E1", "compat snow"), refusing("expired_trigger_id"), "respond/1", "The form came too late: Slack gives three seconds for it. Please try once more, or type it."},
		"too late, by http": {slash("E1", "compat snow"), refusing("trigger_expired"), "respond/1", "The form came too late"},
		"refused":           {slash("E1", "compat snow"), refusing("invalid_arguments"), "respond/1", "The form could not be opened."},
		"lost":              {slash("E1", "compat snow"), lost, "respond/1", "The form could not be opened."},
		"no trigger":        {click("E1", "1:compat snow"), asIs, "respond/2", "Which version?"},
		"a mention":         {mention("E1", "Ev1", "<@B> compat snow"), asIs, "chat.postMessage", "Which version?"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := deliver(t, saying(asking(), 0), c.prepare, c.frame)
				calls := f.called(c.method)
				if len(calls) != 1 {
					t.Fatalf("%d answers", len(calls))
				}
				text, _ := calls[0].JSON["text"].(string)
				if text += calls[0].Form.Get("text"); !strings.HasPrefix(text, c.says) || !strings.Contains(text, "Say it like /sparky compat snow v3.") {
					t.Errorf("the person is told %q", text)
				}
				checkAnswer(t, calls[0])
			})
		})
	}
}

// TestAFormThatTookItsTime opens the form after the person was asked to wait, and takes that word back.
func TestAFormThatTookItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := deliver(t, saying(asking(), 2500*time.Millisecond), asIs, slash("E1", "compat snow"))
		answers := f.called("respond/1")
		if len(f.called("views.open")) != 1 || len(answers) != 2 || answers[1].JSON["replace_original"] != true || answers[1].JSON["text"] != "The form is open." {
			t.Errorf("told %+v", answers)
		}
	})
}

func TestACommandLongerThanAFormCarriesIsAnswered(t *testing.T) {
	reply := asking()
	reply.Ask.Command = strings.Repeat("x", maxFormMetadata)
	synctest.Test(t, func(t *testing.T) {
		f := deliver(t, saying(reply, 0), asIs, slash("E1", "compat snow"))
		if n := len(f.called("views.open")); n != 0 || len(f.called("respond/1")) != 1 {
			t.Errorf("%d forms, and told %+v", n, f.called("respond/1"))
		}
	})
}

func TestTheStaleFormsAnswerIsAView(t *testing.T) {
	next := staleForm()
	raw, err := json.Marshal(next.View)
	if err != nil {
		t.Fatal(err)
	}
	if problems := blockkit.View(raw); len(problems) > 0 || next.Action != slack.RAUpdate {
		t.Errorf("%s: %v", next.Action, problems)
	}
}
