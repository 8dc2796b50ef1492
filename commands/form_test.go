package commands

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sparky/changes"
	"sparky/incidents"
)

// tried are the versions that were started, by whom, and because of what announcement.
func (f *fakeTrier) tried() []string {
	var all []string
	for _, r := range f.live {
		title := ""
		if r.Entry != nil {
			title = r.Entry.Title
		}
		all = append(all, strings.Join([]string{r.Partner, r.Version, r.By, title}, "|"))
	}
	return all
}

// formBook is a book with all commands that have a form, and what they act on.
func formBook(announced ...string) (*Book, *table, *fakeTrier) {
	b, trier := compatTable()
	for _, version := range announced {
		entry := changes.Entry{BetaVersion: version, Kinds: []changes.Kind{changes.Beta}}
		entry.Partner, entry.Title, entry.Link = "servicenow", "Table API "+version+" is in beta", "https://servicenow.example/"+version
		b.facts.entries = append(b.facts.entries, entry)
	}
	broken, waiting := brokenServiceNow(), announcedByMicrosoft()
	waiting.Post = incidents.Post{State: incidents.PostProposed}
	b.memory.all = []incidents.Incident{broken, waiting, closedByHand()}
	return b.book(), b, trier
}

// drawnForm is a form as golden files have it.
func drawnForm(f *Form) string {
	if f == nil {
		return "no form\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "form %q -> %s\n  %s\n", f.Title, f.Command, f.Text)
	for _, field := range f.Fields {
		optional := ""
		if field.Optional {
			optional = ", optional"
		}
		fmt.Fprintf(&b, "  %s: %s (%s%s, at most %d) %q\n    %s\n", field.Name, field.Label, field.Kind, optional, field.Most, field.Value, field.Hint)
		for _, c := range field.Choices {
			fmt.Fprintf(&b, "    o %s -> %s\n", c.Label, c.Value)
		}
	}
	return b.String() + "  [" + f.Submit + "]\n"
}

func TestFormsReadAloud(t *testing.T) {
	var talk strings.Builder
	for _, c := range []struct {
		announced []string
		text      string
	}{
		{nil, "compat snow"}, {[]string{"v3", "v4", "bad;version"}, "compat snow"}, {nil, "mute snow"}, {nil, "mute snow/table-api"},
		{nil, "resolve ECO-12 --ask"}, {nil, "resolve eco-99 --ask"}, {nil, "resolve ECO-9 --ask"}, {nil, "publish ECO-13 --ask"}, {nil, "publish ECO-12 --ask"},
	} {
		book, _, _ := formBook(c.announced...)
		reply := book.Run(t.Context(), Request{Text: c.text, Person: ada})
		talk.WriteString(said(ada, c.text, reply) + drawnForm(reply.Ask) + "\n")
	}
	golden(t, "forms", talk.String())
}

func TestFormsThatWereFilledIn(t *testing.T) {
	long := strings.Repeat("x", 3000)
	for _, c := range []struct {
		text  string
		form  map[string]string
		check map[string]string
		says  string // of the answer
	}{
		{"mute snow", map[string]string{"length": " 2 H ", "reason": "planned\n upgrade"}, nil, "muted ServiceNow until"},
		{"mute snow/table-api", map[string]string{"length": "30d"}, nil, "muted ServiceNow/table-api until"},
		{"mute snow", map[string]string{"length": "soon"}, map[string]string{"length": `"soon" is no length of time; write it like 30m, 2h or 7d.`}, "is no length of time"},
		{"mute snow", map[string]string{"length": "31d"}, map[string]string{"length": "A mute lasts 30 days at most, and 31d is more. It can be muted again then."}, "30 days at most"},
		{"mute snow", map[string]string{"length": "0s"}, map[string]string{"length": "A mute lasts some time; write it like 30m, 2h or 7d."}, "lasts some time"},
		{"mute snow", map[string]string{}, map[string]string{"length": "For how long? Write it like 30m, 2h or 7d."}, "For how long?"},
		{"mute snow 3h", map[string]string{"length": "2h"}, nil, "3h"},
		{"mute nobody", map[string]string{"length": "2h"}, nil, "nobody"},
		{"compat snow", map[string]string{"version": " v3 \t beta "}, nil, "tried against ServiceNow v3 beta"},
		{"compat snow", map[string]string{"announced": "v3"}, nil, "tried against ServiceNow v3"},
		{"compat snow", map[string]string{"announced": "v3", "version": "v4"}, nil, "tried against ServiceNow v4"},
		{"compat snow", map[string]string{}, map[string]string{"version": "Which version? Write it as the partner does, like v3."}, "Which version?"},
		{"compat snow", map[string]string{"version": "$(rm)"}, map[string]string{"version": `"$(rm)" cannot be a version: it holds '$'.`}, "cannot be a version"},
		{"compat snow", map[string]string{"version": long}, map[string]string{"version": `"` + long[:40] + `…" cannot be a version: it is longer than 100 characters.`}, "longer than 100"},
		{"resolve ECO-12", map[string]string{"what": "our\npassword"}, nil, "resolved ECO-12"},
		{"resolve ECO-12", map[string]string{}, nil, "resolved ECO-12"},
		{"publish ECO-13", map[string]string{"text": "We are on it.\n\nMore later."}, nil, "put this on our public page"},
		{"publish ECO-13", map[string]string{"text": "see <b>"}, map[string]string{"text": `Customers would read "<b>" as it stands, or not at all: please write plain text.`}, "plain text"},
		{"publish ECO-13", map[string]string{"text": "it is hunter2"}, map[string]string{"text": "It holds something from Sparky's configuration that is secret. Please leave that out."}, "secret"},
		{"publish ECO-13", map[string]string{}, map[string]string{"text": "It says nothing. To keep it off the page, press Don't publish."}, "says nothing"},
		{"status", map[string]string{"x": "y"}, nil, ""},
		{"", map[string]string{"x": "y"}, nil, ""},
		{"nonsense", map[string]string{"x": "y"}, nil, "no command"},
	} {
		book, b, trier := formBook("v3")
		request := Request{Text: c.text, Person: ada, Form: c.form}
		if diff := cmp.Diff(c.check, book.Check(request)); diff != "" {
			t.Errorf("%s with %q: %s", c.text, c.form, diff)
		}
		reply := book.Run(t.Context(), request)
		if !strings.Contains(reply.Text, c.says) {
			t.Errorf("%s with %.60q: %s", c.text, c.form, reply.Text)
		}
		if did := len(b.memory.mutes) + len(b.desk.words) + len(trier.live); c.check != nil && (did > 0 || !reply.Refused) {
			t.Errorf("%s with %.60q did something although it was refused: %s", c.text, c.form, reply.Text)
		}
	}
}

func TestWhatPeopleWroteArrives(t *testing.T) {
	book, b, trier := formBook("v3")
	for _, r := range []Request{
		{Text: "mute snow", Form: map[string]string{"length": "2h", "reason": strings.Repeat("why ", 200)}},
		{Text: "compat snow", Form: map[string]string{"announced": "v3"}},
		{Text: "compat snow", Form: map[string]string{"version": "v9"}},
		{Text: "resolve ECO-12", Form: map[string]string{"what": "our \n password"}},
		{Text: "publish ECO-13", Form: map[string]string{"text": "We are on it.\r\nMore later."}},
	} {
		r.Person = ada
		if reply := book.Run(t.Context(), r); reply.Refused {
			t.Errorf("%s: %s", r.Text, reply.Text)
		}
	}
	if m := b.memory.mutes[0]; m.Until != noon.Add(2*3600e9) || len([]rune(m.Reason)) > longestReason || !strings.HasPrefix(m.Reason, "why why") {
		t.Errorf("muted %+v", m)
	}
	if diff := cmp.Diff([]string{"servicenow|v3|" + ada.ID + "|Table API v3 is in beta", "servicenow|v9|" + ada.ID + "|"}, trier.tried()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"our password", "We are on it.\nMore later."}, b.desk.words); diff != "" {
		t.Error(diff)
	}
}

func TestWordsAfterTheKeyAreWhatItWas(t *testing.T) {
	book, b, _ := formBook()
	if reply := book.Run(t.Context(), Request{Text: "resolve ECO-12 a password of ours", Person: ada}); reply.Refused || b.desk.words[0] != "a password of ours" {
		t.Errorf("%s, with %q", reply.Text, b.desk.words)
	}
}

func TestFormsAreRedacted(t *testing.T) {
	book, _, _ := formBook("v3")
	redact := func(text string) string {
		return strings.NewReplacer("ServiceNow", "S", "v3", "V", "2h", "H").Replace(text)
	}
	for text, want := range map[string][2]string{"mute snow": {"probes of S", "H"}, "compat snow": {"integration with S", "v3"}} {
		form := Redacted(book, redact).Run(t.Context(), Request{Text: text, Person: ada}).Ask
		if form == nil || !strings.Contains(form.Text, want[0]) || form.Fields[0].Value != want[1] || !strings.HasSuffix(form.Command, "servicenow") {
			t.Errorf("%s: %s", text, drawnForm(form))
		}
	}
}

// FuzzForms holds that what one refuses at once Run refuses, too, and that nothing of it is a crash.
func FuzzForms(f *testing.F) {
	for _, seed := range []string{"2h", "", "v3", "<b>", "\u202e", "-1h", "99999999999999999999d", "hunter2"} {
		f.Add("mute snow", seed, seed)
		f.Add("compat snow", seed, "")
		f.Add("publish ECO-13", "", seed)
	}
	f.Fuzz(func(t *testing.T, text, first, second string) {
		form := map[string]string{lengthField: first, reasonField: second, versionField: first, announcedField: second, textField: second, whatField: first}
		book, _, _ := formBook("v3")
		request := Request{Text: text, Person: ada, Form: form}
		wrong := book.Check(request)
		reply := book.Run(t.Context(), request)
		if len(wrong) > 0 && !reply.Refused {
			t.Errorf("%s: %v was let pass: %s", text, wrong, reply.Text)
		}
		for name := range maps.Keys(wrong) {
			if wrong[name] == "" {
				t.Errorf("%s: nothing is said of %s", text, name)
			}
		}
	})
}
