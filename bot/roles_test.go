package bot

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"sparky/commands"
)

// workspace is a Slack that knows people and groups.
type workspace struct {
	mu     sync.Mutex
	groups map[string][]string
	people map[string]slack.User
	down   error // what everything answers, where not nil
	asked  int
	hang   bool // answers only when the asker gives up
}

func (w *workspace) ask(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	if w.hang {
		<-ctx.Done()
		return ctx.Err()
	}
	return w.down
}

func (w *workspace) GetUserGroupMembersContext(ctx context.Context, group string, _ ...slack.GetUserGroupMembersOption) ([]string, error) {
	if err := w.ask(ctx); err != nil {
		return nil, err
	}
	members, ok := w.groups[group]
	if !ok {
		return nil, slack.SlackErrorResponse{Err: "no_such_subteam"}
	}
	return members, nil
}

func (w *workspace) GetUserInfoContext(ctx context.Context, user string, _ ...slack.GetUserInfoOption) (*slack.User, error) {
	if err := w.ask(ctx); err != nil {
		return nil, err
	}
	person, ok := w.people[user]
	if !ok {
		return nil, slack.SlackErrorResponse{Err: "user_not_found"}
	}
	return &person, nil
}

func (w *workspace) AuthTestContext(context.Context) (*slack.AuthTestResponse, error) {
	if w.down != nil {
		return nil, w.down
	}
	return &slack.AuthTestResponse{TeamID: "T1"}, nil
}

func (w *workspace) GetUserGroupsContext(ctx context.Context, _ ...slack.GetUserGroupsOption) ([]slack.UserGroup, error) {
	if err := w.ask(ctx); err != nil {
		return nil, err
	}
	return []slack.UserGroup{{ID: "S1", Handle: "sparky-operators", Name: "Operators"}, {ID: "S2", Name: "Comms"}}, nil
}

func acme() *workspace {
	return &workspace{
		groups: map[string][]string{"S1": {"U1", "U2"}, "S2": {"U9"}},
		people: map[string]slack.User{
			"U1": {ID: "U1", TeamID: "T1"},
			"U3": {ID: "U3", TeamID: "T1", IsRestricted: true},
			"U4": {ID: "U4", TeamID: "T1", IsUltraRestricted: true},
			"U5": {ID: "U5", TeamID: "T2", IsStranger: true},
			"U6": {ID: "U6", TeamID: "T2"},
			"U7": {ID: "U7", TeamID: "T1", Deleted: true},
			"U8": {ID: "U8", TeamID: "T9", Enterprise: slack.EnterpriseUser{Teams: []string{"T2", "T1"}}},
			"UB": {ID: "UB", TeamID: "T1", IsBot: true},
		},
	}
}

func TestWhoMay(t *testing.T) {
	named := Roles{Operator: []string{"U3", "S1", "S2"}, Publisher: []string{"W5"}}
	for _, c := range []struct {
		name   string
		config Roles
		person commands.Person
		role   commands.Role
		want   bool
	}{
		{"by id, guest or not", named, commands.Person{ID: "U3"}, commands.Operator, true},
		{"by group", named, commands.Person{ID: "U2"}, commands.Operator, true},
		{"by the second group", named, commands.Person{ID: "U9"}, commands.Operator, true},
		{"in none", named, commands.Person{ID: "U6"}, commands.Operator, false},
		{"another role", named, commands.Person{ID: "U2"}, commands.Publisher, false},
		{"a group is no person", named, commands.Person{ID: "S1"}, commands.Publisher, false},
		{"left out: a member", Roles{}, commands.Person{ID: "U1"}, commands.Operator, true},
		{"left out: a guest", Roles{}, commands.Person{ID: "U3"}, commands.Operator, false},
		{"left out: a guest of one channel", Roles{}, commands.Person{ID: "U4"}, commands.Publisher, false},
		{"left out: a stranger", Roles{}, commands.Person{ID: "U5"}, commands.Operator, false},
		{"left out: another workspace", Roles{}, commands.Person{ID: "U6"}, commands.Operator, false},
		{"left out: an app", Roles{}, commands.Person{ID: "UB"}, commands.Operator, false},
		{"left out: gone", Roles{}, commands.Person{ID: "U7"}, commands.Operator, false},
		{"left out: of the same organisation, in ours too", Roles{}, commands.Person{ID: "U8"}, commands.Operator, true},
		{"left out: nobody Slack knows", Roles{}, commands.Person{ID: "U99"}, commands.Operator, false},
		{"given to nobody", Roles{Operator: []string{}}, commands.Person{ID: "U1"}, commands.Operator, false},
		{"a terminal", named, commands.Person{Local: true}, commands.Publisher, true},
		{"nobody", Roles{}, commands.Person{}, commands.Operator, false},
		{"no role needed", named, commands.Person{ID: "U3"}, "", true},
	} {
		p := NewRoles(acme(), c.config, clockAt(cardNow), newFakeSlack(t).logger())
		if got, err := p.May(t.Context(), c.person, c.role); got != c.want || err != nil {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
}

func TestStrangers(t *testing.T) {
	for id, want := range map[string]bool{"U1": false, "U3": false, "U4": false, "U5": true, "U6": true, "U7": true, "U8": false, "UB": false, "U99": true, "": false} {
		p := NewRoles(acme(), Roles{}, clockAt(cardNow), newFakeSlack(t).logger())
		if got := p.Stranger(t.Context(), commands.Person{ID: id}); got != want {
			t.Errorf("%q: %v", id, got)
		}
	}
	named := NewRoles(acme(), Roles{Operator: []string{"U6"}, Publisher: []string{"S2"}}, clockAt(cardNow), newFakeSlack(t).logger())
	if named.Stranger(t.Context(), commands.Person{ID: "U6"}) {
		t.Error("who was given a role is a stranger")
	}
	if !named.Stranger(t.Context(), commands.Person{ID: "U5"}) || named.Stranger(t.Context(), commands.Person{ID: "U5", Local: true}) {
		t.Error("a role of somebody else lets them in, or a terminal is kept out")
	}
	away := acme()
	away.down = errors.New("Slack is away")
	if p := NewRoles(away, Roles{}, clockAt(cardNow), newFakeSlack(t).logger()); p.Stranger(t.Context(), commands.Person{ID: "U1"}) {
		t.Error("while Slack is away nobody can ask anything")
	}
}

func TestARoleThatDoesNotExistIsNobodys(t *testing.T) {
	p := NewRoles(acme(), Roles{}, clockAt(cardNow), newFakeSlack(t).logger())
	if may, err := p.May(t.Context(), commands.Person{ID: "U1"}, "owner"); may || err == nil {
		t.Errorf("%v, %v", may, err)
	}
}

func TestWhatSlackSaysIsRemembered(t *testing.T) {
	for name, c := range map[string]struct {
		config Roles
		asks   int // for one answer
	}{"groups": {Roles{Operator: []string{"S2", "S1"}}, 2}, "people": {Roles{}, 1}} {
		w, now, f := acme(), cardNow, newFakeSlack(t)
		p := NewRoles(w, c.config, func() time.Time { return now }, f.logger())
		may := func() string {
			ok, err := p.May(t.Context(), commands.Person{ID: "U1"}, commands.Operator)
			switch {
			case err != nil:
				return "cannot tell"
			case ok:
				return "may"
			}
			return "may not"
		}
		for _, step := range []struct {
			after  time.Duration
			change func()
			want   string
			asked  int // times in all, in multiples of one answer
		}{
			{0, nil, "may", 1},
			{4 * time.Minute, nil, "may", 1},
			{2 * time.Minute, nil, "may", 2},
			{6 * time.Minute, func() { w.down = errReset }, "may", 3},
			{10 * time.Second, nil, "may", 3}, // Slack is not asked for every click while it is away
			{30 * time.Second, nil, "may", 4},
			{time.Hour, nil, "cannot tell", 5},
			{time.Second, func() { w.down, w.groups["S1"], w.people["U1"] = nil, nil, slack.User{TeamID: "T2"} }, "may not", 6},
		} {
			now = now.Add(step.after)
			if step.change != nil {
				step.change()
			}
			got := may()
			// Once the workspace itself cannot be told, nobody is asked about.
			if asked := w.asked; got != step.want || asked > step.asked*c.asks {
				t.Errorf("%s at %s: %s after %d questions, want %s after %d", name, now.Format(time.TimeOnly), got, asked, step.want, step.asked*c.asks)
			}
		}
		if !strings.Contains(f.log.String(), "an earlier answer decides") {
			t.Errorf("%s: the log does not say that an older answer decided", name)
		}
	}
}

func TestASlackThatHangsKeepsNobodyWaiting(t *testing.T) {
	w, now := acme(), cardNow
	p := NewRoles(w, Roles{Operator: []string{"S1"}}, func() time.Time { return now }, newFakeSlack(t).logger())
	person := commands.Person{ID: "U1"}
	if ok, err := p.May(t.Context(), person, commands.Operator); !ok || err != nil {
		t.Fatal(ok, err)
	}
	w.hang, now = true, now.Add(10*time.Minute)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if ok, err := p.May(ctx, person, commands.Operator); !ok || err != nil {
		t.Errorf("the older answer did not serve: %v, %v", ok, err)
	}
}

func TestAGroupThatIsNotThereIsNamed(t *testing.T) {
	p := NewRoles(acme(), Roles{Operator: []string{"S404", "S1"}}, clockAt(cardNow), newFakeSlack(t).logger())
	if ok, err := p.May(t.Context(), commands.Person{ID: "U1"}, commands.Operator); !ok || err != nil {
		t.Errorf("another group lets them in: %v, %v", ok, err)
	}
	ok, err := p.May(t.Context(), commands.Person{ID: "U6"}, commands.Operator)
	if ok || err == nil || !strings.Contains(err.Error(), "S404") || !strings.Contains(err.Error(), "slack.roles") {
		t.Errorf("%v, %v", ok, err)
	}
}

func TestPeopleAreNotRememberedWithoutEnd(t *testing.T) {
	var r recalled[int]
	ask := func(context.Context) (int, error) { return 1, nil }
	for n := range 2*peopleMost + 1 {
		if _, err := r.get(t.Context(), cardNow, strings.Repeat("x", n%7)+time.Duration(n).String(), nil, ask); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.all) > peopleMost {
		t.Errorf("%d are remembered", len(r.all))
	}
}

func TestManyAskAtOnce(t *testing.T) {
	w := acme()
	p := NewRoles(w, Roles{Operator: []string{"S1"}}, clockAt(cardNow), newFakeSlack(t).logger())
	var all sync.WaitGroup
	problems := make(chan error, 50)
	for range 50 {
		all.Go(func() {
			if ok, err := p.May(t.Context(), commands.Person{ID: "U2"}, commands.Operator); !ok || err != nil {
				problems <- errors.Join(errors.New("refused"), err)
			}
		})
	}
	all.Wait()
	close(problems)
	for err := range problems {
		t.Error(err)
	}
}

// TestPeopleAsSlackTellsThem reads answers of the Web API as slack-go does.
func TestPeopleAsSlackTellsThem(t *testing.T) {
	f := newFakeSlack(t)
	f.method["auth.test"] = func(apiCall) apiAnswer { return apiAnswer{Body: `{"ok":true,"team_id":"T1"}`} }
	f.method["usergroups.users.list"] = func(apiCall) apiAnswer { return apiAnswer{Body: `{"ok":true,"users":["U1"]}`} }
	f.method["users.info"] = func(c apiCall) apiAnswer {
		switch c.Form.Get("user") {
		case "U1":
			return apiAnswer{Body: `{"ok":true,"user":{"id":"U1","team_id":"T1","is_restricted":false}}`}
		case "U2":
			return apiAnswer{Body: `{"ok":true,"user":{"id":"U2","team_id":"T1","is_restricted":true}}`}
		}
		return apiAnswer{Body: `{"ok":false,"error":"missing_scope","needed":"users:read"}`}
	}
	p := NewRoles(f.api(), Roles{Publisher: []string{"S1"}}, clockAt(cardNow), f.logger())
	for _, c := range []struct {
		person string
		role   commands.Role
		want   bool
		says   string
	}{
		{"U1", commands.Operator, true, ""},
		{"U2", commands.Operator, false, ""},
		{"U1", commands.Publisher, true, ""},
		{"U2", commands.Publisher, false, ""},
		{"U3", commands.Operator, false, "scope users:read"},
	} {
		got, err := p.May(t.Context(), commands.Person{ID: c.person}, c.role)
		if got != c.want || (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s as %s: %v, %v", c.person, c.role, got, err)
		}
	}
}
