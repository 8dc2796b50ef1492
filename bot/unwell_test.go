package bot

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sparky/commands"
	"sparky/fixtures/world/blockkit"
)

func episode(over time.Duration, ill ...commands.Illness) Unwell {
	u := Unwell{Episode: 7, Ill: ill, Since: cardNow}
	if over > 0 {
		u.Over = cardNow.Add(over)
	}
	return u
}

func unheard() commands.Illness {
	return commands.Illness{Kind: commands.IllLink, Words: "Slack is not heard, so no command or click is answered.", Mend: "see that this machine reaches slack.com", Since: cardNow}
}

func TestUnwellIsToldInTwoMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		letter := Unwells(NewPoster(f.api(), f.logger()), "C1")
		do := func(u Unwell, previous []byte) []byte {
			t.Helper()
			result, err := letter.Do(t.Context(), HealthKey, encodedJSON(t, u), previous)
			if err != nil {
				t.Fatal(err)
			}
			return result
		}
		// What was told of an earlier episode is left as it is.
		told := do(episode(0, unheard()), []byte(`{"episode":6,"ill":{"channel":"C1","ts":"1.1"},"over":{"channel":"C1","ts":"1.2"}}`))
		more := commands.Illness{Kind: commands.IllEffects, Words: "3 things wait", Since: cardNow}
		told = do(episode(0, unheard(), more), told)
		if posts, edits := f.called("chat.postMessage"), f.called("chat.update"); len(posts) != 1 || len(edits) != 1 || !strings.Contains(edits[0].Form.Get("blocks"), "3 things wait") {
			t.Fatalf("%d posts, %d edits", len(posts), len(edits))
		}
		told = do(episode(14*time.Minute, unheard(), more), told)
		again := do(episode(14*time.Minute, unheard(), more), told)
		posts := f.called("chat.postMessage")
		if len(posts) != 2 || string(again) != string(told) || len(f.called("chat.update")) != 1 {
			t.Fatalf("%d posts; %s and then %s", len(posts), told, again)
		}
		if text := posts[0].Form.Get("text"); text != "I am not well myself: Slack is not heard, so no command or click is answered." {
			t.Errorf("it begins with %q", text)
		}
		if text := posts[1].Form.Get("text"); text != "I am well again, after 14 min." {
			t.Errorf("it ends with %q", text)
		}
		for n, key := range []string{HealthKey + "/7", HealthKey + "/7/over"} {
			if !strings.Contains(posts[n].Form.Get("metadata"), `"key":"`+key+`"`) {
				t.Errorf("message %d has not the key %s", n, key)
			}
		}
	})
}

func TestUnwellThatWasToldPastTheQueueIsNotToldAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		letter := Unwells(NewPoster(f.api(), f.logger()), "C1")
		aloud := episode(0, unheard())
		place, err := letter.Do(t.Context(), HealthKey, encodedJSON(t, aloud), nil)
		if err != nil {
			t.Fatal(err)
		}
		aloud.Told = place
		earlier := []byte(`{"episode":6,"ill":{"channel":"C1","ts":"1.1"},"over":{"channel":"C1","ts":"1.2"}}`)
		told, err := letter.Do(t.Context(), HealthKey, encodedJSON(t, aloud), earlier)
		if posts := f.called("chat.postMessage"); err != nil || len(posts) != 1 || string(told) != string(place) {
			t.Fatalf("%d posts, %s, %v", len(posts), told, err)
		}
		aloud.Over = cardNow.Add(14 * time.Minute)
		_, err = letter.Do(t.Context(), HealthKey, encodedJSON(t, aloud), told)
		if posts := f.called("chat.postMessage"); err != nil || len(posts) != 2 || posts[1].Form.Get("text") != "I am well again, after 14 min." {
			t.Errorf("%d posts, %v", len(posts), err)
		}
	})
}

func TestUnwellThatNobodyCouldBeToldIsOneMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		letter := Unwells(NewPoster(f.api(), f.logger()), "C1").Redacted(func(text string) string { return strings.ReplaceAll(text, "click", "…") })
		over := encodedJSON(t, episode(14*time.Minute, unheard()))
		told, err := letter.Do(t.Context(), HealthKey, over, nil)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := letter.Do(t.Context(), HealthKey, over, told); err != nil || string(again) != string(told) {
			t.Errorf("it is told again: %s, %v", again, err)
		}
		posts := f.called("chat.postMessage")
		if len(posts) != 1 || posts[0].Form.Get("text") != "I am well again. For 14 min I was not." || strings.Contains(posts[0].Form.Get("blocks"), "click") {
			t.Errorf("it says %+v", posts)
		}
	})
}

func TestUnwellIsFoundAgain(t *testing.T) {
	for name, c := range map[string]struct {
		over   time.Duration
		stands []string // the keys
		found  bool
		edits  int
	}{
		"told":                            {0, []string{"/7"}, true, 1},
		"not told":                        {0, []string{"/6", "/6/over"}, false, 0},
		"over, told":                      {time.Hour, []string{"/7", "/7/over"}, true, 1},
		"over, and only its beginning is": {time.Hour, []string{"/7"}, true, 1},
		"over, and nothing is":            {time.Hour, []string{"/6"}, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeSlack(t)
				var stands []map[string]any
				for n, key := range c.stands {
					stands = append(stands, standing([]string{"2.100000", "2.200000"}[n], metadata(HealthKey+key, card("as it was"))))
				}
				f.method["conversations.history"] = func(apiCall) apiAnswer { return history("", stands...) }
				letter := Unwells(NewPoster(f.api(), f.logger()), "C1")
				result, found, err := letter.Find(t.Context(), HealthKey, encodedJSON(t, episode(c.over, unheard())))
				if err != nil || found != c.found || len(f.called("chat.update")) != c.edits {
					t.Fatalf("found %v, %v, with %d edits", found, err, len(f.called("chat.update")))
				}
				var told unwellTold
				if found && (json.Unmarshal(result, &told) != nil || told.Episode != 7 || told.Ill == nil || (told.Over != nil) != (c.over > 0)) {
					t.Errorf("it stands at %s", result)
				}
			})
		})
	}
}

func TestUnwellFitsAMessage(t *testing.T) {
	hostile := commands.Illness{Kind: commands.IllEffects, Words: strings.Repeat("<!channel> *it* <https://x.example|said> ", 300), Mend: "<!here>", Since: cardNow}
	for name, reply := range map[string]commands.Reply{"ill": illReply(episode(0, unheard(), hostile)), "over": overReply(episode(time.Second, hostile)), "both": bothReply(episode(time.Hour, hostile))} {
		drawn := encodedJSON(t, render(reply).Blocks)
		for _, problem := range blockkit.Blocks(drawn, blockkit.Message) {
			t.Errorf("%s: %v", name, problem)
		}
		if strings.Contains(string(drawn), "<!") {
			t.Errorf("%s calls somebody: %s", name, drawn)
		}
	}
}

func TestUnwellOfNoSense(t *testing.T) {
	f := newFakeSlack(t)
	letter := Unwells(NewPoster(f.api(), f.logger()), "C1")
	if _, err := letter.Do(t.Context(), HealthKey, []byte("{"), nil); err == nil || !permanent(err) {
		t.Errorf("%v", err)
	}
	if _, found, err := letter.Find(t.Context(), HealthKey, []byte("{")); err == nil || found {
		t.Errorf("%v, %v", found, err)
	}
}
