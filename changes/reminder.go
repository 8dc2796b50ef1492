package changes

import (
	"time"

	"sparky/partners"
)

// Reminder is what of a partner comes near, as one message tells it, the soonest first. It holds no more than a message
// can carry.
type Reminder struct {
	Partner string         `json:"partner"` // Partner.ID
	Name    string         `json:"name"`
	Team    string         `json:"team,omitempty"`  // who answers for the integration
	Group   string         `json:"group,omitempty"` // their user group in Slack; empty: nobody is mentioned
	Items   []ReminderItem `json:"items"`
	Folded  int            `json:"folded,omitempty"` // how many more there are
	At      time.Time      `json:"at"`
}

// ReminderItem is one entry in a reminder.
type ReminderItem struct {
	ID          string `json:"id"` // Entry.ID
	Title       string `json:"title"`
	Summary     string `json:"summary,omitempty"`
	Link        string `json:"link,omitempty"`
	Kinds       []Kind `json:"kinds"`
	BetaVersion string `json:"beta_version,omitempty"`
	Effective   Date   `json:"effective"`
	Milestone   int    `json:"milestone"` // for how many days before it is due
}

// mostReminded is how many entries a reminder shows one by one. Each has a button of its own.
const mostReminded = 10

func newReminder(p partners.Partner, items []ReminderItem, now time.Time) Reminder {
	r := Reminder{Partner: p.ID, Name: p.Name, Team: p.Owner.Team, Group: p.Owner.SlackGroup, Items: items, At: now}
	if len(items) > mostReminded {
		r.Items, r.Folded = items[:mostReminded], len(items)-mostReminded
	}
	return r
}

func newReminderItem(e Entry, milestone int) ReminderItem {
	return ReminderItem{ID: e.ID(), Title: e.Title, Summary: e.Summary, Link: e.Link, Kinds: e.Kinds, BetaVersion: e.BetaVersion,
		Effective: e.Effective, Milestone: milestone}
}
