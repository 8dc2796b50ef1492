package bot

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"sparky/commands"
	"sparky/fixtures/world/blockkit"
)

// message is one that Sparky posts, in one state. draw draws it with what came from outside passed through outside, which
// is nil for as it is.
type message struct {
	draw func(outside func(string) string) drawn
}

// of is the message of a fact.
func of[T any](fact T, reply func(T) commands.Reply) message {
	return message{func(outside func(string) string) drawn { return render(reply(spoilt(fact, outside))) }}
}

// spoilt is a copy of a fact with every text in it passed through outside. Words of our own, like states and kinds, have
// types of their own and stay.
func spoilt[T any](fact T, outside func(string) string) T {
	if outside == nil {
		return fact
	}
	return spoiltValue(reflect.ValueOf(fact), outside).Interface().(T)
}

func spoiltValue(v reflect.Value, outside func(string) string) reflect.Value {
	fresh := reflect.New(v.Type()).Elem()
	fresh.Set(v)
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() {
			fresh.SetString(outside(v.String()))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			fresh.Set(reflect.New(v.Type().Elem()))
			fresh.Elem().Set(spoiltValue(v.Elem(), outside))
		}
	case reflect.Slice:
		if v.IsNil() || v.Type().Elem().Kind() == reflect.Uint8 {
			return fresh
		}
		fresh.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for n := range v.Len() {
			fresh.Index(n).Set(spoiltValue(v.Index(n), outside))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return fresh
		}
		for n := range v.NumField() {
			if v.Type().Field(n).IsExported() {
				fresh.Field(n).Set(spoiltValue(v.Field(n), outside))
			}
		}
	}
	return fresh
}

// TestMessages holds every message in every state to its file in testdata and to the rules of Slack and of ours. A state
// that is added to everyMessage is held to all of it by that alone, and a file that no state has is found. With
// UPDATE_GOLDEN=1 it writes the files, to be read before they are believed.
func TestMessages(t *testing.T) {
	all := everyMessage(t)
	for name, m := range all {
		t.Run(name, func(t *testing.T) {
			d := m.draw(nil)
			checkMessage(t, d, true)
			got, file := shownMessage(t, d), filepath.Join("testdata", filepath.FromSlash(name)+".txt")
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	err := filepath.WalkDir("testdata", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name := strings.TrimSuffix(filepath.ToSlash(strings.TrimPrefix(path, "testdata"+string(filepath.Separator))), ".txt")
		// The tab and the forms are no messages; TestHomes and TestFormsAreDrawn hold their files. What fuzzing found is none.
		folder, _, _ := strings.Cut(name, "/")
		if _, known := all[name]; !known && folder != "home" && folder != "form" && folder != "fuzz" {
			t.Errorf("%s is the message of no state", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestMessagesOfAnyWords draws every message with the worst in the place of all that comes from outside.
func TestMessagesOfAnyWords(t *testing.T) {
	alive := regexp.MustCompile(`^<(https?://|!date\^|@U0(ADA|BEN)>)`) // the people who asked are known by Slack, not by words
	worst := []string{"", "<!channel>", "\u202e\u2066", strings.Join(hostile(), " "), strings.Repeat("long ", 700), strings.Repeat("<&>😀`*_", 200)}
	for name, m := range everyMessage(t) {
		for _, text := range worst {
			d := m.draw(func(string) string { return text })
			if !checkMessage(t, d, false) {
				t.Fatalf("%s, said of %.60q", name, text)
			}
			for _, markup := range append(markups(t, d.Blocks), d.Text) {
				for _, part := range activeParts(markup) {
					if !alive.MatchString(part) {
						t.Fatalf("%s: of %.60q became %q in %.200q", name, text, part, markup)
					}
				}
			}
		}
	}
}

// maxLoud is how many buttons of a message may stand out by their colour: the decision that waits, and taking it in hand.
const maxLoud = 3

// checkMessage tells whether a message is what Slack takes and people can read. ours tells that its words are Sparky's own.
func checkMessage(t *testing.T, d drawn, ours bool) bool {
	t.Helper()
	checkBlocks(t, d.Blocks, maxMessageBlocks)
	raw := encodedJSON(t, append([]slack.Block{}, d.Blocks...))
	for _, problem := range blockkit.Blocks(raw, blockkit.Message) {
		t.Errorf("Slack would refuse %s: %s", problem.Pointer, problem.Message)
	}
	switch first, _ := utf8.DecodeRuneInString(d.Text); {
	case strings.TrimSpace(d.Text) == "", size(d.Text) > maxFallback, strings.ContainsAny(d.Text, "\n\r"):
		t.Errorf("the notification is no line that Slack takes: %.200q", d.Text)
	case strings.Contains(mentioned.ReplaceAllString(d.Text, unnamed), "<"): // the poster names people
		t.Errorf("the notification mentions or links: %q", d.Text)
	case strings.HasPrefix(d.Text, "Working on it … "): // it is taken away again, with no reader's help needed
	case ours && (len(strings.Fields(d.Text)) < 2 || unicode.IsSpace(first) || !strings.ContainsAny(d.Text[len(d.Text)-1:], ".?")):
		t.Errorf("the notification is no full sentence: %q", d.Text)
	}
	for _, markup := range markups(t, d.Blocks) {
		for _, date := range regexp.MustCompile(`<!date[^>]*>`).FindAllString(markup, -1) {
			if _, fallback, _ := strings.Cut(date, "|"); len(fallback) < 2 {
				t.Errorf("a date without words for old clients: %s", date)
			}
		}
		if ours && strings.Contains(angles.ReplaceAllString(markup, ""), "!") {
			t.Errorf("it shouts: %s", markup)
		}
	}
	if loud := strings.Count(string(raw), `"style":"primary"`) + strings.Count(string(raw), `"style":"danger"`); loud > maxLoud {
		t.Errorf("%d buttons stand out", loud)
	}
	for _, block := range strings.Split(string(raw), `{"type":"actions"`)[1:] {
		if beside := strings.Count(block, `"type":"button"`); ours && beside > shownButtons+1 {
			t.Errorf("%d buttons side by side", beside)
		}
	}
	return !t.Failed()
}
