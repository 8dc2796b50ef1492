package bot

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"sparky/changes"
	"sparky/commands"
	"sparky/incidents"
)

// everyMessage is every message that Sparky posts, in every state that it can have, by the name of its file in testdata.
func everyMessage(t *testing.T) map[string]message {
	t.Helper()
	all := map[string]message{}
	for folder, some := range map[string]map[string]message{
		"card": cardMessages(), "storm": stormMessages(), "thread": threadMessages(), "digest": digestMessages(), "notice": noticeMessages(),
		"warning": warningMessages(), "morning": morningMessages(t), "reminder": reminderMessages(), "run": runMessages(), "own": ownMessages(), "answer": answerMessages(t),
	} {
		for name, m := range some {
			all[folder+"/"+name] = m
		}
	}
	return all
}

func cardOf(i incidents.Incident) message {
	return of(i, func(i incidents.Incident) commands.Reply { return cardReply(i, cardNow, true) })
}

func cardMessages() map[string]message {
	all := map[string]message{}
	states := cardStates()
	maps.Copy(states, cardsOfEachVerdict())
	for name, i := range states {
		all[name] = cardOf(i)
	}
	return all
}

// cardsOfEachVerdict are the cards of incidents in each state of their life, by verdict.
func cardsOfEachVerdict() map[string]incidents.Incident {
	unclear := verdictOf(incidents.Unclear, incidents.ReasonPageUnread, "Their page could not be read, so nobody can tell.")
	says := func(word incidents.Word, words string) incidents.Verdict {
		v := verdictOf(word, incidents.ReasonPerson, words)
		v.By = "U0OPERATOR"
		return v
	}
	all := map[string]incidents.Incident{
		"overruled-ours":           paged(known(says(incidents.Internal, "Ours, by a person's word."))),
		"overruled-ours-recovered": ended(known(says(incidents.Internal, "Ours, by a person's word."))),
		"over-before-a-verdict":    ended(opened()),
		"internal-calling":         changed(known(notAnnounced()), func(i *incidents.Incident) { i.Page.Wanted = incidents.PageTriggered }),
		"internal-taken-elsewhere": changed(paged(known(notAnnounced())), func(i *incidents.Incident) { i.Page.Done = incidents.PageAcknowledged }),
		"internal-in-a-storm": changed(known(notAnnounced()), func(i *incidents.Incident) {
			i.Page.Wanted, i.Page.Since = incidents.PageResolved, at(10, 15)
			i.Events = []incidents.Event{{At: at(10, 15), Kind: incidents.EventStorm}}
		}),
		"overruled-in-a-storm": changed(known(says(incidents.External, "ServiceNow's, by a person's word.")), func(i *incidents.Incident) {
			i.Page.Wanted, i.Page.Since = incidents.PageResolved, at(10, 15)
			i.Events = []incidents.Event{{At: at(10, 15), Kind: incidents.EventStorm}}
		}),
		"proposed-too-late": changed(ended(known(external())), func(i *incidents.Incident) { i.Post = incidents.Post{State: incidents.PostProposed} }),
		"reopened-while-jira-is-away": changed(paged(known(notAnnounced())), func(i *incidents.Incident) {
			i.Outage, i.Since = 2, at(10, 31)
			i.Ticket.Status, i.Ticket.Assignee = "", "Ada Osei"
		}),
		"nobody-knows":           paged(known(nobodyKnows())),
		"nobody-knows-recovered": ended(paged(known(nobodyKnows()))),
		"network-acknowledged":   acknowledged(networkDown()),
		"network-recovered":      ended(networkDown()),
		"closed-in-jira": changed(known(notAnnounced()), func(i *incidents.Incident) {
			i.State, i.Closed = incidents.StateClosed, deed("", 10, 30)
		}),
	}
	maps.Copy(all, cardsOfEachPost())
	for word, i := range map[string]incidents.Incident{"external": known(external()), "internal": paged(known(notAnnounced())), "unclear": paged(known(unclear))} {
		all[word+"-acknowledged"], all[word+"-recovered"] = acknowledged(i), ended(i)
		all[word+"-muted"] = changed(i, func(i *incidents.Incident) { i.MutedUntil = at(11, 30) })
		all[word+"-reopened"] = changed(i, func(i *incidents.Incident) { i.Outage, i.Since = 2, at(10, 31) })
	}
	return all
}

// cardsOfEachPost are the cards of incidents by how they stand on our public page.
func cardsOfEachPost() map[string]incidents.Incident {
	begun, told := incidents.PostUpdate{At: at(10, 15), Phase: incidents.PhaseIdentified}, incidents.PostUpdate{At: at(10, 37), Phase: incidents.PhaseResolved}
	resolved := func(said int) func(*incidents.Incident) {
		return func(i *incidents.Incident) {
			i.Post = incidents.Post{State: incidents.PostResolved, Outage: 1, ID: "p1", URL: "https://status.acme.example/incidents/p1",
				Said: said, Updates: []incidents.PostUpdate{begun, told}}
		}
	}
	again := func(i *incidents.Incident) { i.Outage, i.Since = 2, at(10, 45) }
	closed := func(i *incidents.Incident) {
		i.State, i.Closed, i.Ended = incidents.StateClosed, deed("U0OPERATOR", 10, 37), at(10, 37)
	}
	ours := verdictOf(incidents.Internal, incidents.ReasonCredentials, "Ours: our credentials were refused (401).")
	return map[string]incidents.Incident{
		"publishing": changed(known(external()), func(i *incidents.Incident) { i.Post = incidents.Post{State: incidents.PostPublished, Waiting: true} }),
		"publishing-again": changed(changed(known(external()), resolved(2)), func(i *incidents.Incident) {
			again(i)
			i.Post.State, i.Post.Waiting, i.Post.Outage = incidents.PostPublished, true, 2
		}),
		"told-over":         changed(ended(known(external())), resolved(2)),
		"telling-over":      changed(ended(known(external())), resolved(1)),
		"over-before-told":  changed(changed(ended(known(external())), resolved(0)), func(i *incidents.Incident) { i.Post.ID, i.Post.URL = "", "" }),
		"post-closed":       changed(changed(known(external()), resolved(2)), closed),
		"post-closing":      changed(changed(known(external()), resolved(1)), closed),
		"post-closed-over":  changed(changed(changed(known(external()), resolved(2)), closed), func(i *incidents.Incident) { i.State, i.Ended = incidents.StateRecovered, at(10, 50) }),
		"ours-after-a-post": changed(changed(paged(known(ours)), resolved(2)), again),
		"ours-over-after-a-post": changed(changed(ended(paged(known(ours))), resolved(2)), func(i *incidents.Incident) {
			again(i)
			i.Ended = at(10, 50)
		}),
	}
}

func nobodyKnows() incidents.Verdict {
	v := verdictOf(incidents.Internal, incidents.ReasonOurs, "Ours to look at: Okta answered with what looks like a sign-in page, and nothing shows on whose side that is.")
	v.Lean = ""
	return v
}

func acknowledged(i incidents.Incident) incidents.Incident {
	i.State, i.Acknowledged = incidents.StateAcknowledged, deed("U0ONCALL01", 10, 20)
	return i
}

func ended(i incidents.Incident) incidents.Incident {
	i.State, i.Ended = incidents.StateRecovered, at(10, 37)
	if i.Page.Wanted != incidents.PageNone {
		i.Page = incidents.Page{Wanted: incidents.PageResolved, Done: incidents.PageResolved}
	}
	return i
}

func stormMessages() map[string]message {
	partly := raging(8, 7)
	partly.Storm.Members[7].State, partly.State, partly.Ended = incidents.StateClosed, incidents.StateRecovered, at(10, 24)
	ours := raging(2, 0)
	for n := range ours.Storm.Members {
		ours.Storm.Members[n].State = incidents.StateFolded
	}
	mixed := raging(6, 0)
	mixed.Storm.Members[0].Word, mixed.Storm.Members[1].Word, mixed.Storm.Members[2].Word = incidents.External, incidents.Internal, ""
	mixed.Storm.Members[1].Lean = incidents.LeanOurs
	mixed.Storm.Members[3].State, mixed.Storm.Members[3].By = incidents.StateAcknowledged, "U0ONCALL01"
	mixed.Storm.Members[4].State = incidents.StateUnwatched
	return map[string]message{
		"raging": cardOf(raging(8, 0)), "partly-over": cardOf(raging(8, 3)), "mixed": cardOf(mixed), "acknowledged": cardOf(acknowledged(raging(8, 1))),
		"over": cardOf(ended(raging(8, 8))), "over-but-one": cardOf(partly), "our-network": cardOf(ended(ours)), "great": cardOf(raging(60, 0)),
		"back": cardOf(changed(raging(8, 0), func(i *incidents.Incident) { i.Outage = 2 })),
	}
}

// threadMessages are the lines in the thread of a card, in the words of the desk.
func threadMessages() map[string]message {
	all := map[string]message{}
	for kind, e := range map[incidents.EventKind]incidents.Event{
		incidents.EventOpened:       {Text: "Opened: creating an incident answered 503 (Service Unavailable) instead of 201"},
		incidents.EventJoined:       {Text: "table-api fails too: no answer within 10 s"},
		incidents.EventVerdict:      {Text: "It looks like theirs, but their page says that all is well."},
		incidents.EventAmended:      {Text: "ServiceNow's own outage: their page reports “Degraded API” since 10:12 UTC."},
		incidents.EventOverruled:    {Text: "ServiceNow's, by a person's word.", By: "U0OPERATOR"},
		incidents.EventAcknowledged: {Text: "Acknowledged.", By: "U0ONCALL01"},
		incidents.EventPaged:        {Text: "Calling on-call. ServiceNow: incident-creation fails. It looks like theirs, but their page says that all is well."},
		incidents.EventStorm:        {Text: "On-call is called once for all that fails now, not for each."},
		incidents.EventReminded:     {Text: "Nobody has acknowledged this for 10 min. ServiceNow: incident-creation fails. Whoever has it presses Acknowledge on the message above."},
		incidents.EventPublished:    {Text: "Our status page tells customers."},
		incidents.EventDeclined:     {Text: "Not published. Customers are told nothing of it.", By: "U0PUBLISHR"},
		incidents.EventMuted:        {Text: "Muted: planned upgrade.", By: "U0OPERATOR"},
		incidents.EventUnmuted:      {Text: "The mute has ended."},
		incidents.EventByHand:       {Text: "In Jira its priority is Highest now."},
		incidents.EventClosed:       {Text: "Resolved in Jira while it still fails. The call to on-call is ended, and nothing new is opened while the same failure lasts.", By: "Ada Osei"},
		incidents.EventRecovered:    {Text: "It works again after 23 min."},
		incidents.EventReopened:     {Text: "It is back: no answer within 10 s"},
		incidents.EventFolded:       {Text: "This is part of the trouble with our own network, and goes on there."},
		incidents.EventUnwatched:    {Text: "Its probes are not configured any more, so nobody can tell whether it is over."},
		incidents.EventTried:        {Text: "Another compatibility run of v3 has failed."},
	} {
		e.Kind, e.At = kind, at(10, 20)
		line := incidents.ThreadLine{Incident: "sparky-servicenow-1", Event: e}
		if kind == incidents.EventPaged || kind == incidents.EventReminded {
			line.Mention = "S0ONCALL"
		}
		all[strings.ReplaceAll(string(kind), " ", "-")] = of(line, threadReply)
	}
	for name, text := range map[string]string{"published-by": "Published.", "published-by-in-own-words": "Published: in words of their own."} {
		e := incidents.Event{At: at(10, 20), Kind: incidents.EventPublished, Text: text, By: "U0PUBLISHR"}
		all[name] = of(incidents.ThreadLine{Incident: "sparky-servicenow-1", Event: e}, threadReply)
	}
	return all
}

func digestMessages() map[string]message {
	breaking := item("Sessions API v1 is removed", "2027-03-31", changes.Breaking, changes.Removal)
	breaking.Summary = "Move to v2 before then."
	moved := breaking
	moved.Effective, moved.Before = "2027-06-30", &changes.Before{Kinds: breaking.Kinds, Effective: "2027-03-31"}
	beta, second := item("Devices API", "", changes.Beta), item("Devices API, once more", "", changes.Beta)
	beta.BetaVersion, beta.Version, second.BetaVersion, second.Version = "v3", "v3", "v4", "v4"
	dark, fix := item("Dark mode", "", changes.New), item("Sign-in no longer hangs", "", changes.Fix)
	past := item("SOAP ended", "2027-02-20", changes.Removal)
	all := map[string]message{}
	for name, d := range map[string]changes.Digest{
		"needs-a-look":   {Items: []changes.Item{breaking, beta, dark}},
		"several":        {Items: []changes.Item{breaking, past, item("TLS 1.1 is switched off", "", changes.Security)}},
		"moved":          {Items: []changes.Item{moved}},
		"beta":           {Items: []changes.Item{beta}},
		"two-betas":      {Items: []changes.Item{beta, second}},
		"nothing-urgent": {Items: []changes.Item{dark, fix}},
		"one":            {Items: []changes.Item{dark}},
		"folded":         {Items: []changes.Item{breaking, dark}, Folded: map[changes.Kind]int{changes.New: 120, changes.Fix: 67, changes.Deprecation: 1}},
	} {
		d.Partner, d.Name, d.At = "okta", "Okta", digestDay
		all[name] = of(d, func(d changes.Digest) commands.Reply { return digestReply(d, digestDay) })
	}
	return all
}

func noticeMessages() map[string]message {
	unread := changes.SourceNotice{Partner: "okta", Name: "Okta", Source: "https://okta.example/feed", Problem: "the address answered 404 (Not Found)", Since: digestDay, LastOK: digestDay.Add(-6 * time.Hour)}
	never, read := unread, unread
	never.LastOK, read.Problem, read.Until = time.Time{}, "", digestDay.Add(3*time.Hour)
	return map[string]message{"unread": of(unread, noticeReply), "never-read": of(never, noticeReply), "read-again": of(read, noticeReply)}
}

func warningMessages() map[string]message {
	ends := incidents.Warning{Partner: "okta", Name: "Okta", Probe: "certificate", Text: "The certificate of acme.okta.example ends on 3 December, in 11 days."}
	slow := incidents.Warning{Partner: "okta", Name: "Okta", Text: "p95 of sign-in is 3.1 s over the last 15 min, above 2 s.", Source: "our own probes"}
	held := incidents.Warning{Partner: "okta", Name: "Okta", Text: "calls to api.okta.example are held back: too many of them failed.", Aside: "No incident is open for it."}
	well, called := slow, held
	well.Over, well.Text = true, "p95 of sign-in is 400 ms over the last 15 min, within 2 s again."
	called.Over, called.Text, called.Aside = true, "calls to api.okta.example are made again.", "They were held back for 4 min."
	return map[string]message{"certificate": of(ends, warningReply), "figure": of(slow, warningReply), "figure-over": of(well, warningReply),
		"held-back": of(held, warningReply), "held-back-over": of(called, warningReply)}
}

func morningMessages(t *testing.T) map[string]message {
	t.Helper()
	slow := incidents.Warning{Partner: "servicenow", Name: "ServiceNow", Text: "p95 of incident-creation is 3.1 s over the last 15 min, above 2 s.", Source: "our own probes"}
	well := slow
	well.Over, well.Text = true, "p95 of incident-creation is 400 ms over the last 15 min, within 2 s again."
	unread := changes.SourceNotice{Partner: "servicenow", Name: "ServiceNow", Source: "https://servicenow.example/feed", Problem: "the address answered 404 (Not Found)", Since: at(1, 0)}
	read := changes.SourceNotice{Partner: "okta", Name: "Okta", Source: "https://okta.example/feed", Since: at(1, 0), Until: at(4, 0)}
	news := changes.Digest{Partner: "okta", Name: "Okta", Items: []changes.Item{item("Dark mode", "", changes.New)}, Folded: map[changes.Kind]int{changes.Fix: 3}}
	morning := func(more int, facts ...any) message {
		return message{func(outside func(string) string) drawn {
			var said []any
			for _, fact := range facts {
				switch fact := fact.(type) {
				case incidents.Warning:
					said = append(said, spoilt(fact, outside))
				case changes.SourceNotice:
					said = append(said, spoilt(fact, outside))
				case changes.Digest:
					said = append(said, spoilt(fact, outside))
				}
			}
			m := tray(t, said...)
			m.More = more
			return render(morningReply(m, cardNow))
		}}
	}
	return map[string]message{"all": morning(0, slow, news, well, unread, read), "one": morning(0, slow), "too-much": morning(12, slow, news)}
}

func reminderMessages() map[string]message {
	all := map[string]message{}
	for name, state := range reminderStates() {
		r, entries, now := state()
		all[name] = of(r, func(r changes.Reminder) commands.Reply { return reminderReply(r, entries, now) })
	}
	return all
}

func runMessages() map[string]message {
	all := map[string]message{}
	for name, state := range runStates() {
		all[name] = of(state.run, func(r changes.Run) commands.Reply { return runReply(r, state.in, digestDay) })
	}
	return all
}

// ownMessages are what Sparky says of itself.
func ownMessages() map[string]message {
	more := commands.Illness{Kind: commands.IllEffects, Words: "3 things wait to be done, the first for 12 min", Since: cardNow}
	return map[string]message{
		"ill": of(episode(0, unheard()), illReply), "ill-of-two": of(episode(0, unheard(), more), illReply),
		"over": of(episode(14*time.Minute, unheard()), overReply), "over-told-late": of(episode(14*time.Minute, unheard(), more), bothReply),
		"needs-a-hand": of(Trouble{Problem: "posting to #integration-alerts: Sparky is not a member of it; /invite @Sparky there", Since: cardNow}, troubleReply),
	}
}

var _ commands.Acknowledger = deskOfOne{}

// deskOfOne has one incident, which the first who asks gets.
type deskOfOne struct {
	in   incidents.Incident
	late bool
}

func (d deskOfOne) Acknowledge(context.Context, string, string) (incidents.Answer, error) {
	return incidents.Answer{Changed: !d.late, First: incidents.Deed{By: "U0BEN", At: digestDay.Add(-time.Minute)}, Incident: d.in}, nil
}
