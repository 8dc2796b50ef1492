package commands

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sparky/incidents"
	"sparky/internal/setting"
)

// Muter keeps failures from becoming incidents for a while.
type Muter interface {
	// Mute keeps the mute, in the place of one of the same partner and probe, and returns what holds now.
	Mute(ctx context.Context, m incidents.Mute) (incidents.Mute, error)
}

// longestMute is how long somebody may be kept from hearing of a failure at once.
const longestMute = 30 * setting.Day

// longestReason is how many characters of a reason are kept.
const longestReason = 200

// Mute is the command that keeps a partner's failures quiet for a while.
func Mute(directory *Directory, desk Muter, facts IncidentFacts, now Clock) Command {
	m := muteCommand{directory, desk, facts, now}
	id := firstID(directory)
	return Command{
		Name:     "mute",
		Args:     "<partner>[/probe] <2h> [reason]",
		Short:    "keep failures quiet for a while, at most 30 days",
		Examples: []string{"mute " + id + " 2h planned upgrade", "mute " + firstTarget(directory) + " 30m", "mute " + id + " 1d12h"},
		Role:     Operator,
		Check:    m.check,
		Run:      m.run,
	}
}

// firstTarget is a probe to stand in examples.
func firstTarget(d *Directory) string {
	for _, p := range d.All() {
		if len(p.Probes) > 0 {
			return targetWords(p.ID, p.Probes[0].ID)
		}
	}
	return targetWords(firstID(d), "table-api")
}

type muteCommand struct {
	directory *Directory
	desk      Muter
	facts     IncidentFacts
	now       Clock
}

// wish is what somebody wants muted.
type wish struct {
	target
	length time.Duration
	reason string
}

// whileWord stands before the id of an incident: the mute is wanted only as long as that is not over.
const whileWord = "--while"

// MuteButton quiets the partner of an incident for an hour. Pressed on a message that is not of today any more, it changes
// nothing: the next failure would be missed.
func MuteButton(i incidents.Incident) Button {
	return Button{Label: "Mute 1h", Command: "mute " + i.Partner + " 1h " + whileWord + " " + i.ID}
}

// UnmuteButton ends what keeps a partner quiet: the mute of one probe where there is no other, and all of them elsewhere.
func UnmuteButton(partner string, mutes []incidents.Mute) Button {
	probe := ""
	if len(mutes) == 1 {
		probe = mutes[0].Probe
	}
	return Button{Label: "Unmute", Command: "unmute " + targetWords(partner, probe)}
}

func (c muteCommand) run(ctx context.Context, call Call) Reply {
	args, over, err := c.takeWhile(ctx, call.Args)
	if err != nil {
		return fault("what is broken", err)
	}
	call.Args = args
	wanted, refusal := c.wish(call)
	if refusal != nil {
		return *refusal
	}
	if over {
		return refuse(fmt.Sprintf("What failed at %s is over already, so nothing was muted. To mute it all the same: /sparky mute %s.", wanted.partner.Name, strings.Join(args, " ")))
	}
	before, err := c.before(ctx, wanted.target)
	if err != nil {
		return fault("what is muted", err)
	}
	now := c.now()
	asked := incidents.Mute{
		Partner: wanted.partner.ID, Probe: wanted.probe, Until: now.Add(wanted.length), By: byOf(call.Person), At: now, Reason: wanted.reason,
	}
	if asked.Until.Sub(before.Until).Abs() < sameMute {
		return mutedAlready(wanted.target, before, now)
	}
	held, err := c.desk.Mute(ctx, asked)
	if err != nil {
		return refuse(fmt.Sprintf("I could not mute %s: %v. Please try again in a minute.", wanted.name(), err))
	}
	return c.muted(call.Person, wanted.target, held, before)
}

// takeWhile takes the incident of a button out of the arguments, and tells whether that is over.
func (c muteCommand) takeWhile(ctx context.Context, args []string) (rest []string, over bool, err error) {
	at := slices.Index(args, whileWord)
	if at < 0 || at+1 >= len(args) {
		return args, false, nil
	}
	live, err := c.facts.Incidents(ctx, true, c.now())
	if err != nil {
		return nil, false, err
	}
	over = !slices.ContainsFunc(live, func(i incidents.Incident) bool { return i.ID == args[at+1] && i.State.Live() })
	return slices.Concat(args[:at], args[at+2:]), over, nil
}

// sameMute is how close the ends of two mutes are that two people ask for at once: the second one changes nothing.
const sameMute = time.Minute

// before is the mute that holds for exactly that; the zero Mute where there is none.
func (c muteCommand) before(ctx context.Context, t target) (incidents.Mute, error) {
	mutes, err := c.facts.Mutes(ctx)
	if err != nil {
		return incidents.Mute{}, err
	}
	for _, m := range mutes {
		if m.Partner == t.partner.ID && m.Probe == t.probe && c.now().Before(m.Until) {
			return m, nil
		}
	}
	return incidents.Mute{}, nil
}

// parse reads <partner>[/probe] <length> [reason].
func (c muteCommand) parse(args []string) (wish, *Reply) {
	form := fmt.Sprintf("Say it like /sparky mute %s 2h planned upgrade.", firstID(c.directory))
	if len(args) == 0 {
		reply := refuse("What is to be muted, and for how long? " + form)
		return wish{}, &reply
	}
	found, rest, refusal := c.directory.takeTarget(args)
	if refusal != nil {
		return wish{}, refusal
	}
	if len(rest) == 0 {
		reply := typedInstead(muteForm(found), "For how long?", "mute "+found.typed()+" 2h")
		return wish{}, &reply
	}
	length, err := setting.ParseDuration(strings.ToLower(rest[0]))
	switch {
	case err != nil:
		reply := refuse(fmt.Sprintf("%q is no length of time; write it like 30m, 2h or 7d: /sparky mute %s 2h.", clip(rest[0]), found.typed()))
		return wish{}, &reply
	case length <= 0:
		reply := refuse(fmt.Sprintf("A mute lasts some time: /sparky mute %s 2h. To end one: /sparky unmute %s.", found.typed(), found.typed()))
		return wish{}, &reply
	case length.Std() > longestMute:
		reply := refuse(fmt.Sprintf("A mute lasts 30 days at most, and %s is more: /sparky mute %s 30d. It can be muted again then.", clip(rest[0]), found.typed()))
		return wish{}, &reply
	}
	return wish{found, length.Std(), shorten(strings.Join(rest[1:], " "), longestReason)}, nil
}

func (c muteCommand) muted(person Person, t target, m, before incidents.Mute) Reply {
	until := At(m.Until)
	length := lengthOf(m.Until.Sub(c.now()))
	line := Line{Mark: MarkMuted, Pieces: []Piece{actor(person), {Text: " muted "}, {Text: t.name(), Strong: true}, {Text: " until "}, until, {Text: " (" + length + ")"}}}
	if m.Reason != "" {
		line.Pieces = append(line.Pieces, Piece{Text: ": " + sentence(m.Reason)})
	} else {
		line.Pieces = append(line.Pieces, Piece{Text: "."})
	}
	probes := "Its probes go on"
	if t.probe != "" {
		probes = "The probe goes on"
	}
	lines := []Line{line,
		{Indent: true, Pieces: []Piece{{Text: probes + ". Until then no failure opens a ticket, posts a message or calls anybody; what still fails at the end opens its incident."}}}}
	if !before.Until.IsZero() {
		lines = append(lines, Line{Indent: true, Pieces: []Piece{{Text: "This takes the place of the mute until "}, At(before.Until), {Text: " by "}, Who(before.By), {Text: "."}}})
	}
	lines = append(lines, Line{Indent: true, Pieces: []Piece{{Text: "To end it sooner: "}, {Text: "/sparky unmute " + t.typed(), Code: true}}})
	return Reply{
		Text:     fmt.Sprintf("%s muted %s until %s (%s).", actorText(person), t.name(), until.Text, length),
		Sections: []Section{{Lines: lines, Buttons: []Button{UnmuteButton(m.Partner, []incidents.Mute{m})}}}, Facts: m, Public: true,
	}
}

// mutedAlready says who was first. Nothing was changed, so only the asker hears it.
func mutedAlready(t target, m incidents.Mute, now time.Time) Reply {
	line := muteLine(m, t.name(), now)
	line.Pieces = append([]Piece{{Text: "Nothing was changed: "}}, line.Pieces...)
	done := "It was muted " + ago(m.At, now)
	return Reply{
		Text:     fmt.Sprintf("Nothing was changed: %s is muted until %s already; %s did it %s.", t.name(), At(m.Until).Text, whoText(m.By), ago(m.At, now)),
		Sections: []Section{{Lines: []Line{line, {Indent: true, Pieces: []Piece{{Text: done + "."}}}}, Buttons: []Button{UnmuteButton(m.Partner, []incidents.Mute{m})}}}, Facts: m,
	}
}
