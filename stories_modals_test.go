package main

import (
	"net/http"
	"strings"
	"testing"

	slackgo "github.com/slack-go/slack"

	"sparky/bot"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/internal/setting"
)

func TestModalStories(t *testing.T) {
	tellStories(t, with(betasTried, map[string]func(*story){
		"a version is asked for by a form":                   aVersionIsAskedFor,
		"a mute is asked for by a form":                      aMuteIsAskedFor,
		"customers read what a publisher wrote":              customersReadWhatAPublisherWrote,
		"a form that comes too late is said":                 aFormComesTooLate,
		"who may no longer do it is refused at the form":     whoMayNoLonger,
		"a form outlives a restart":                          aFormOutlivesARestart,
		"a form that another Sparky drew changes nothing":    aFormOfAnotherSparky,
		"two publishers have the same form open":             twoPublishers,
		"a form from a channel in which Sparky is no member": aFormFromElsewhere,
	}))
}

// form waits until a form is open before somebody that shows all of the words.
func (s *story) form(user string, words ...string) slack.View {
	s.Helper()
	var top slack.View
	err := s.slack.Wait(s.ctx, "a form", func() bool {
		open := s.slack.Modals(user)
		if len(open) == 0 {
			return false
		}
		top = open[len(open)-1]
		return holdsAll(string(top.Title)+string(top.Blocks), words)
	})
	if err != nil {
		s.Fatalf("a form before %s with %q: %v\n%s\nthe log:\n%s", user, words, err, s.everything(), s.logs.tail())
	}
	return top
}

// submits sends the form off that is open before somebody, with other values where they are given, and waits until it closes.
func (s *story) submits(user string, values map[string]string) {
	s.Helper()
	s.sends(user, values)
	s.hold(s.slack.Wait(s.ctx, "the form closes", func() bool { return len(s.slack.Modals(user)) == 0 }))
}

// sends is submits that does not wait for the form to close.
func (s *story) sends(user string, values map[string]string) {
	s.Helper()
	s.acts(user)
	delivery, err := s.slack.Submit(user, values)
	s.hold(err)
	if outcome, took, err := delivery.Wait(s.ctx); err != nil || outcome != slack.Acked {
		s.Errorf("the form was %s after %v: %v", outcome, took, err)
	}
}

// refusedAt sends the form off and waits for what stands beside the field.
func (s *story) refusedAt(user, field string, values map[string]string, words string) {
	s.Helper()
	s.sends(user, values)
	s.hold(s.slack.Wait(s.ctx, "an error at "+field, func() bool {
		open := s.slack.Modals(user)
		return len(open) == 1 && strings.Contains(open[0].Errors["field."+field], words)
	}))
}

// begins types a command that opens a form.
func (s *story) begins(user, channel, text string, words ...string) slack.View {
	s.Helper()
	s.acts(user)
	_, err := s.slack.Command(user, channel, "/sparky", text)
	s.hold(err)
	return s.form(user, words...)
}

func aVersionIsAskedFor(s *story) {
	s.only()
	s.watching()
	s.announces(vendors.Okta, "2026.12.0")
	s.told(slack.Updates, "Okta: a beta is on offer")
	s.told(slack.Updates, "Okta 2026.12.0: our integration works with it.")
	s.begins("ada", slack.Alerts, "compat okta", "Try a version", "Our integration with Okta", "Announced", "2026.12.0: ", "Another version")
	s.refusedAt("ada", "version", map[string]string{"field.version": "$(rm -rf)"}, "cannot be a version")
	s.wantRuns(1)
	s.submits("ada", nil)
	if m := s.told(slack.Alerts, "has our integration tried against", "Okta 2026.12.0"); m.ThreadTS != "" {
		s.Error("it is said in a thread")
	}
	s.told(slack.Updates, "Okta 2026.12.0: our integration works with it.", "Asked by")
	s.wantRuns(2)
	if err := s.slack.CloseModal("ada"); err == nil {
		s.Error("a form is still open")
	}
	s.begins("ada", slack.Alerts, "compat okta", "Try a version")
	s.asks("ben", "compat okta", "is for operators")
	if open := s.slack.Modals("ben"); len(open) > 0 {
		s.Errorf("who may not is shown a form: %s", open[0].Blocks)
	}
	s.hold(s.slack.CloseModal("ada"))
	s.asks("ada", "upcoming", "Coming changes")
	s.wantRuns(2)
}

func aMuteIsAskedFor(s *story) {
	s.only()
	s.watching()
	s.begins("ada", slack.Alerts, "mute servicenow", "Mute failures", "The probes of ServiceNow go on")
	s.refusedAt("ada", "length", map[string]string{"field.length": "soon"}, `"soon" is no length of time`)
	s.refusedAt("ada", "length", map[string]string{"field.length": "31d"}, "30 days at most")
	reason := `<!channel> "planned" *upgrade* & more`
	s.submits("ada", map[string]string{"field.length": "3 h", "field.reason": reason})
	m := s.told(slack.Alerts, "muted", "ServiceNow", "(3 h)")
	if !strings.Contains(shown(m), "&lt;!channel&gt;") || strings.Contains(shown(m), "<!channel>") {
		s.Errorf("the reason stands there as %s", shown(m))
	}
	s.asks("ben", "status servicenow", "&lt;!channel&gt;")
	s.asks("ada", "mute servicenow 3h", "Nothing was changed")
}

// proposedTo is a story in which a publisher looks at the text for customers.
func (s *story) proposedTo(user string) *incident {
	s.Helper()
	i := s.approving()
	i.presses(user, "Publish")
	i.form(user, "Publish to customers", "What our customers read", "Sign-in: trouble at Okta")
	return i
}

func customersReadWhatAPublisherWrote(s *story) {
	i := s.proposedTo("ben")
	s.refusedAt("ben", "text", map[string]string{"field.text": "see <b>this</b>"}, "please write plain text")
	s.refusedAt("ben", "text", map[string]string{"field.text": "our token is " + s.config.StatusPage.Token.Reveal()}, "secret")
	const own = "Some of you cannot sign in. We watch it closely.\n\nAs always, existing sessions go on."
	s.submits("ben", map[string]string{"field.text": own})
	i.customers("identified", "Sign-in", own)
	i.shows("Our customers are told on", "published by")
	i.ends(vendors.Okta)
	s.hold(s.world.Partners.ResolveAll(vendors.Okta))
	i.customers("resolved")
	i.tells("Sign-in is down", "in words of their own", "tells customers", "Over")
}

func twoPublishers(s *story) {
	s.config.Slack.Roles.Publisher = []string{slack.Publisher, slack.OnCall}
	i := s.proposedTo("ben")
	i.presses("chidi", "Publish")
	i.form("chidi", "Publish to customers")
	i.submits("ben", map[string]string{"field.text": "Ben says that it is slow."})
	i.customers("identified", "Ben says that it is slow.")
	i.submits("chidi", map[string]string{"field.text": "Chidi says that it is down."})
	i.heard("chidi", i.card.Channel, "Nothing was changed", "put it on our public page")
	i.ends(vendors.Okta)
	s.hold(s.world.Partners.ResolveAll(vendors.Okta))
	i.customers("resolved")
	i.tells("Sign-in is down", "in words of their own", "tells customers", "Over")
}

func aFormComesTooLate(s *story) {
	s.only()
	s.watching()
	s.excuse("expired_trigger_id")
	s.slack.SetFault("views.open", slack.Fault{Error: "expired_trigger_id", Times: 1})
	s.asks("ada", "mute servicenow", "The form came too late", "/sparky mute servicenow 2h")
	s.begins("ada", slack.Alerts, "mute servicenow", "Mute failures")
}

func whoMayNoLonger(s *story) {
	s.only()
	p := s.watching()
	s.begins("ada", slack.Alerts, "mute servicenow", "Mute failures")
	p.stop()
	s.config.Slack.Roles.Operator = []string{slack.OnCall}
	s.start()
	s.linked()
	s.submits("ada", map[string]string{"field.length": "2h"})
	s.heard("ada", slack.Alerts, "is for operators", "nothing was done")
	s.asks("ben", "status servicenow", "ServiceNow")
	if answer := shown(s.asks("ben", "status servicenow", "ServiceNow")); strings.Contains(answer, "uted") {
		s.Errorf("it was muted all the same: %s", answer)
	}
}

func aFormOutlivesARestart(s *story) {
	s.only()
	p := s.watching()
	s.begins("ada", slack.Alerts, "mute servicenow", "Mute failures")
	p.stop()
	s.start()
	s.linked()
	s.submits("ada", map[string]string{"field.length": "2h"})
	s.told(slack.Alerts, "muted", "ServiceNow", "(2 h)")
}

func aFormOfAnotherSparky(s *story) {
	s.only()
	s.watching()
	view := s.begins("ada", slack.Alerts, "mute servicenow", "Mute failures")
	api := bot.NewAPI(http.DefaultClient, s.world.SlackAPI(), setting.NewSecret(s.world.BotToken()), setting.NewSecret(""))
	text := func(words string) *slackgo.TextBlockObject {
		return slackgo.NewTextBlockObject(slackgo.PlainTextType, words, false, false)
	}
	_, err := api.UpdateViewContext(s.ctx, slackgo.ModalViewRequest{Type: slackgo.VTModal, CallbackID: "sparky.form:0", PrivateMetadata: view.PrivateMetadata,
		Title: text("Old"), Submit: text("Mute"), Blocks: slackgo.Blocks{BlockSet: []slackgo.Block{
			slackgo.NewInputBlock("until", text("Until"), nil, slackgo.NewPlainTextInputBlockElement(nil, "until"))}}}, "", "", view.ID)
	s.hold(err)
	s.sends("ada", map[string]string{"until": "tomorrow"})
	s.form("ada", "Nothing was changed", "another version of Sparky")
	s.hold(s.slack.CloseModal("ada"))
	if answer := shown(s.asks("ben", "status servicenow", "ServiceNow")); strings.Contains(answer, "uted") {
		s.Errorf("it was muted all the same: %s", answer)
	}
}

func aFormFromElsewhere(s *story) {
	s.only()
	s.watching()
	s.begins("ada", slack.Random, "mute servicenow", "Mute failures")
	s.submits("ada", map[string]string{"field.length": "2h"})
	s.told(slack.Random, "muted", "ServiceNow", "(2 h)")
}
