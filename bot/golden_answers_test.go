package bot

import (
	"context"
	"errors"
	"testing"
	"time"

	"sparky/changes"
	"sparky/commands"
	"sparky/incidents"
)

// Entries makes the facts those of the changelog: all that comes was announced lately.
func (f *facts) Entries(_ context.Context, q changes.Query) ([]changes.Entry, error) {
	var found []changes.Entry
	for _, e := range f.upcoming {
		if e.Published = f.now.Add(-time.Hour); q.Partner == "" || q.Partner == e.Partner {
			found = append(found, e)
		}
	}
	return found, f.err
}

func (f *facts) Who() []string { return []string{"PagerDuty, and whoever is in its escalation policy"} }

// onlyAda lets Ada do everything, and fails for whoever has no name.
type onlyAda struct{}

func (onlyAda) May(_ context.Context, p commands.Person, _ commands.Role) (bool, error) {
	if p.Name == "" {
		return false, errors.New("Slack did not answer")
	}
	return p.Name == "ada", nil
}

func (onlyAda) Who(context.Context, commands.Role) []commands.Piece {
	return []commands.Piece{{Text: "@sparky-<operators>"}, {Text: " or "}, {Text: "Ada Osei", Person: "U0ADA"}}
}

// asked is a command and who gives it how, or a button.
type asked struct {
	text, button, by string
	desk             deskOfOne
}

// answerOf is what whoever asked is shown. It is made of facts, in which everything from outside is as it may be.
func answerOf(t *testing.T, f *facts, a asked) drawn {
	t.Helper()
	d := commands.NewDirectory(f.all)
	now := func() time.Time { return f.now }
	sources := commands.StatusSources{Pages: f, Probes: f, Incidents: f, Troubles: f, Health: f, Certificates: f, Breakers: f}
	book := commands.NewBook(d, onlyAda{}, commands.Status(d, sources, now), commands.Incidents(f, d, now), commands.Changelog(d, f, now),
		commands.Upcoming(d, f, now), commands.Oncall(f), commands.Ack(a.desk, f, now))
	request := commands.Request{Text: a.text, Button: a.button, Person: commands.Person{ID: "U0ADA", Name: a.by}, Channel: "C1", Origin: incidents.ByCommand}
	if a.button != "" {
		request.Origin = incidents.ByButton
	}
	reply := book.Run(t.Context(), request)
	drawn := render(reply)
	if !reply.Public {
		from := ask{origin: bySlash}
		if a.button != "" {
			from.origin = byClick
		}
		drawn = hintPublic(from, reply, drawn)
	}
	return drawn
}

// answerMessages are what people are answered: to themselves alone, before everybody, and when it was not to be.
func answerMessages(t *testing.T) map[string]message {
	t.Helper()
	taken := deskOfOne{in: known(external())}
	second := deskOfOne{in: known(external()), late: true}
	all := map[string]message{}
	for name, a := range map[string]asked{
		"status": {text: "status"}, "status-public": {text: "status --public"}, "status-of-one": {text: "status partner-001"}, "status-well": {text: "status partner-000"},
		"incidents": {text: "incidents"}, "incidents-public": {text: "incidents --public"}, "changelog": {text: "changelog partner-001"}, "upcoming": {text: "upcoming"},
		"oncall": {text: "oncall"}, "overview": {text: ""}, "help": {text: "help"}, "help-of-one": {text: "help status"}, "unknown-command": {text: "statsu"}, "unknown-partner": {text: "status partner-00"},
		"ack": {text: "ack ECO-12", desk: taken}, "ack-second": {text: "ack ECO-12", desk: second}, "ack-which": {text: "ack"},
		"refused": {text: "ack ECO-12", by: "guest"}, "refused-button": {text: "ack ECO-12", by: "guest", button: "Acknowledge"}, "refused-unchecked": {text: "ack ECO-12", by: "-"},
	} {
		switch a.by {
		case "":
			a.by = "ada"
		case "-":
			a.by = ""
		}
		all[name] = message{func(outside func(string) string) drawn {
			f := brokenFacts()
			if outside != nil {
				f.say(outside)
			}
			return answerOf(t, f, a)
		}}
	}
	for name, reply := range map[string]commands.Reply{"stale-button": staleReply(ask{what: "click"}), "stale-form": staleReply(ask{what: askedByForm}), "went-wrong": wentWrong("4f2a9c"),
		"no-form":  unopened(commands.Reply{Text: "For how long? Say it like /sparky mute servicenow 2h."}, errors.New("expired")),
		"no-chart": unpictured(charted(), errors.New("gone"))} {
		all[name] = of(reply, func(r commands.Reply) commands.Reply { return r })
	}
	for name, a := range map[string]ask{"wait": {text: "probe okta"}, "wait-button": {text: "probe okta sign-in", button: "Probe again"}} {
		all[name] = message{func(outside func(string) string) drawn { return drawn{Text: waitText(spoiltAsk(a, outside))} }}
	}
	all["busy"] = message{func(func(string) string) drawn { return drawn{Text: busyText} }}
	return all
}

func spoiltAsk(a ask, outside func(string) string) ask {
	if outside != nil {
		a.text = outside(a.text)
		if a.button != "" {
			a.button = oneLine(outside(a.button))
		}
	}
	return a
}

// say puts other words into all that the facts have from outside.
func (f *facts) say(outside func(string) string) {
	for n := range f.all {
		f.all[n].Name, f.all[n].Owner.Team, f.all[n].Affects = outside("name"), outside("team"), []string{outside("feature")}
	}
	f.live, f.upcoming = spoilt(f.live, outside), spoilt(f.upcoming, outside)
	for n := range f.live {
		f.live[n].Partner = f.all[1].ID
	}
	for n := range f.upcoming {
		f.upcoming[n].Partner = f.all[n%len(f.all)].ID
	}
	for id, record := range f.statuses {
		f.statuses[id] = spoilt(record, outside)
	}
	for n := range f.mutes {
		f.mutes[n].By, f.mutes[n].Reason = outside("by"), outside("reason")
	}
}
