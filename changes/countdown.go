package changes

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// EffectReminder is the kind of the deeds whose payload is a Reminder.
const EffectReminder = "slack.reminder"

// Milestones are how many days before an announced date people are reminded of it, the farthest first.
func Milestones() []int { return []int{30, 7, 1} }

// RemindAt is when reminders of a day are sent: in the morning, at this time after midnight UTC.
const RemindAt = 9 * time.Hour

// Coming is an entry with a date, and how far its countdown is.
type Coming struct {
	Entry
	Known    time.Time // since when that date is its date, as far as we know
	Reminded int       // the milestone of the last reminder of that date; 0 for none
}

// Due is the milestone that a reminder is due for. It is the nearest of those whose morning has come; one that was
// missed is made up for as long as the date is ahead. There is none for an entry that somebody handled, for a milestone
// that has had its reminder or a nearer one, and for one that had passed when the date became known.
func (c Coming) Due(now time.Time) (milestone int, due bool) {
	left := c.Effective.DaysFrom(now)
	if c.Effective == "" || left < 1 || c.IsHandled() {
		return 0, false
	}
	for _, m := range Milestones() {
		if left <= m {
			milestone = m
		}
	}
	moment := c.morning(milestone)
	if milestone == 0 || now.Before(moment) || !c.Known.Before(moment) || c.Reminded > 0 && c.Reminded <= milestone {
		return 0, false
	}
	return milestone, true
}

// morning is when the reminder of a milestone is due.
func (e Entry) morning(milestone int) time.Time {
	return e.Effective.Time().AddDate(0, 0, -milestone).Add(RemindAt)
}

// Ahead are the milestones of the entry's date whose mornings are still to come.
func (e Entry) Ahead(now time.Time) []int {
	return slices.DeleteFunc(Milestones(), func(m int) bool { return e.Effective == "" || !now.Before(e.morning(m)) })
}

// CountdownMemory is what the countdown remembers.
type CountdownMemory interface {
	// Remind has one decision made on the entries that take effect from one day until another, both included, the
	// soonest first. In one transaction it keeps what decide returns: of which entries people are reminded, with Reminded
	// as it is then, and the effects that do so. No two decisions see the same entries, on any replica. decide must be
	// ready to be asked again.
	Remind(ctx context.Context, from, until Date, decide func([]Coming) ([]Coming, []incidents.Effect)) error
}

// Countdown brings announced dates up again as they come near.
type Countdown struct {
	Memory   CountdownMemory
	Partners []partners.Partner
	Now      func() time.Time
}

// Remind records what reminders are due, each once ever, as one message for each partner, and returns of how many
// entries. Before the hour of RemindAt it does nothing, so that what was missed is told together with what is new that day.
func (c Countdown) Remind(ctx context.Context) (int, error) {
	now := c.Now().UTC()
	today := now.Truncate(24 * time.Hour)
	if now.Sub(today) < RemindAt {
		return 0, nil
	}
	on := func(days int) Date { return Date(today.AddDate(0, 0, days).Format(time.DateOnly)) }
	count := 0
	err := c.Memory.Remind(ctx, on(1), on(Milestones()[0]), func(all []Coming) ([]Coming, []incidents.Effect) {
		told, effects := c.due(all, now)
		count = len(told)
		return told, effects
	})
	if err != nil {
		return 0, fmt.Errorf("reminding of announced dates: %w", err)
	}
	return count, nil
}

// due are the entries that a reminder is due for, and the messages that do so. An announcement that several sources of a
// partner make is told once; all of them count as told.
func (c Countdown) due(all []Coming, now time.Time) (told []Coming, effects []incidents.Effect) {
	for _, p := range c.Partners {
		var items []ReminderItem
		for _, same := range alike(all, p.ID) {
			milestone, due := together(same).Due(now)
			if !due {
				continue
			}
			for _, one := range same {
				one.Reminded = milestone
				told = append(told, one)
			}
			items = append(items, newReminderItem(same[0].Entry, milestone))
		}
		if len(items) > 0 {
			effects = append(effects, incidents.NewEffect(EffectReminder, reminderKey(p.ID, items), newReminder(p, items, now)))
		}
	}
	return told, effects
}

// alike are the partner's entries, in their order, those together that are one announcement.
func alike(all []Coming, partner string) [][]Coming {
	var groups [][]Coming
	at := map[string]int{}
	for _, c := range all {
		if c.Partner != partner {
			continue
		}
		n, known := at[c.announcement()]
		if !known {
			n = len(groups)
			at[c.announcement()] = n
			groups = append(groups, nil)
		}
		groups[n] = append(groups[n], c)
	}
	return groups
}

// together is one announcement as the first of its entries: known since the first of them was, and handled, and told,
// where any of them is.
func together(same []Coming) Coming {
	whole := same[0]
	for _, c := range same[1:] {
		if c.Known.Before(whole.Known) {
			whole.Known = c.Known
		}
		if c.Reminded > 0 && (whole.Reminded == 0 || c.Reminded < whole.Reminded) {
			whole.Reminded = c.Reminded
		}
		if !whole.IsHandled() {
			whole.Handled = c.Handled
		}
	}
	return whole
}

// Once leaves each announcement in the list once, where several sources of a partner make it.
func Once(entries []Entry) []Entry {
	var once []Entry
	at := map[string]int{}
	for _, e := range entries {
		n, known := at[e.announcement()]
		if !known {
			at[e.announcement()] = len(once)
			once = append(once, e)
		} else if !once[n].IsHandled() {
			once[n].Handled = e.Handled
		}
	}
	return once
}

// ID is a short name of the entry for commands, the same for as long as its source lists it.
func (e Entry) ID() string { return e.Partner + "-" + shortHash(e.Source+"\x00"+e.Key) }

// IsHandled tells whether somebody said that it is dealt with.
func (e Entry) IsHandled() bool { return e.Handled.By != "" }

// Same tells whether the entry makes the same announcement as another: the same words with the same date, by the same
// partner.
func (e Entry) Same(other Entry) bool { return e.announcement() == other.announcement() }

// announcement is the same for entries that make one announcement. Undated ones are told apart: monthly releases may
// all say the same.
func (e Entry) announcement() string {
	if e.Hash == "" || e.Effective == "" {
		return e.ID()
	}
	return strings.Join([]string{e.Partner, string(e.Effective), e.Hash}, "\x00")
}

// reminderKey is the same for the same entries, dates and milestones.
func reminderKey(partner string, items []ReminderItem) string {
	var parts []string
	for _, i := range items {
		parts = append(parts, fmt.Sprintf("%s %s %d", i.ID, i.Effective, i.Milestone))
	}
	slices.SortFunc(parts, cmp.Compare)
	return "reminder/" + partner + "/" + shortHash(strings.Join(parts, "\n"))
}

// Handling is what came of marking an entry as handled, or of taking that back.
type Handling struct {
	// Changed is false where it was so already.
	Changed bool
	// Entry is as it is now: its Handled says who marked it, and when.
	Entry Entry
	// Before is who had marked it until it was taken back.
	Before incidents.Deed
}

// Errors of marking an entry.
var (
	ErrNoEntry = errors.New("there is no such announcement with a date")
	ErrPassed  = errors.New("its date has passed")
)
