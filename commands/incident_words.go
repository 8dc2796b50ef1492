package commands

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"sparky/changes"
	"sparky/incidents"
)

// userID is how Slack writes the id of a person (docs.slack.dev, user object); names of people and accounts hold small
// letters.
var userID = regexp.MustCompile(`^[UW][A-Z0-9]{3,}$`)

// Who is a person by what Deed.By holds: a mention where it is a user id, and the name itself where it is a name. Nobody
// is Sparky.
func Who(by string) Piece {
	switch {
	case by == "":
		return Piece{Text: "Sparky"}
	case userID.MatchString(by):
		return Piece{Text: by, Person: by}
	default:
		return Piece{Text: by}
	}
}

// whoText is Who inside a sentence where nothing can be a mention.
func whoText(by string) string {
	if userID.MatchString(by) {
		return "a colleague"
	}
	return Who(by).Text
}

// actor is the person who asked, for an answer that others see.
func actor(p Person) Piece { return Piece{Text: actorText(p), Person: p.ID} }

func actorText(p Person) string {
	switch {
	case p.Name != "":
		return p.Name
	case p.ID != "":
		return capitalise(whoText(p.ID))
	default:
		return "Somebody"
	}
}

// byOf is how the person is remembered as the one who did something.
func byOf(p Person) string {
	switch {
	case p.ID != "":
		return p.ID
	case p.Name != "":
		return p.Name
	default:
		return "somebody at the terminal"
	}
}

// keyOf is what people call the incident by: its Jira key, or its id until it has one.
func keyOf(i incidents.Incident) string {
	if i.Ticket.Key != "" {
		return i.Ticket.Key
	}
	return i.ID
}

// keyPiece is the key as a link where there is something to open, and otherwise as something to be typed.
func keyPiece(i incidents.Incident) Piece {
	if i.Ticket.Key != "" && i.Ticket.URL != "" {
		return Piece{Text: i.Ticket.Key, Link: i.Ticket.URL}
	}
	return Piece{Text: keyOf(i), Code: true}
}

// mostNamed is how many probes or partners a sentence names before it counts the rest.
const mostNamed = 3

// What is what is wrong, in a few words: "ServiceNow: create-incident fails".
func what(i incidents.Incident) string {
	if i.Kind == incidents.KindCompat && i.Trial != nil {
		if !i.Trial.Different() {
			return i.Name + ": the compatibility run of " + i.Trial.Version + " failed"
		}
		return i.Name + ": our integration does not work with " + i.Trial.Version
	}
	if i.Kind == incidents.KindNetwork {
		return networkWords(i)
	}
	failing := i.FailingProbes()
	verb := [2]string{" fails", " fail"}
	if len(failing) == 0 || !i.State.Live() {
		failing, verb = i.Probes, [2]string{" failed", " failed"}
	}
	if len(failing) == 0 {
		return i.Name
	}
	var names []string
	for _, f := range failing {
		names = append(names, f.Probe)
	}
	return i.Name + ": " + some(names) + verb[min(len(names)-1, 1)]
}

// networkWords say of the trouble with our own network what its card says, and how far it goes.
func networkWords(i incidents.Incident) string {
	if !i.State.Live() {
		return "Our own network was down"
	}
	partners := map[string]bool{}
	for _, f := range i.FailingProbes() {
		partners[f.Partner] = true
	}
	if len(partners) < 2 {
		return "Our own network looks down"
	}
	return fmt.Sprintf("Our own network looks down: no answer from %d partners", len(partners))
}

// some names the first few and counts the rest.
func some(names []string) string {
	if len(names) > mostNamed+1 {
		names = append(slices.Clone(names[:mostNamed]), fmt.Sprintf("%d more", len(names)-mostNamed))
	}
	return and(names)
}

// and joins names as a sentence does.
func and(names []string) string {
	text := ""
	for i, name := range names {
		switch {
		case i == 0:
			text = name
		case i == len(names)-1:
			text += " and " + name
		default:
			text += ", " + name
		}
	}
	return text
}

// since is when the failure began, as far as is known, and how long ago that is.
func since(i incidents.Incident, now time.Time) []Piece {
	if i.Already {
		return []Piece{{Text: ", since before I first looked ("}, At(i.Since), {Text: ")"}}
	}
	return []Piece{{Text: ", since "}, At(i.Since), {Text: fmt.Sprintf(" (%s)", Age(i.Lasted(now)))}}
}

// verdictLine is whose it is, and why.
func verdictLine(v incidents.Verdict) Line {
	if v.Word == "" {
		return Line{Indent: true, Pieces: []Piece{{Text: "No verdict yet: I am still looking at the evidence."}}}
	}
	line := Line{Indent: true, Pieces: []Piece{{Text: capitalise(string(v.Word)), Strong: true}}}
	if v.Says != "" {
		line.Pieces = append(line.Pieces, timed(". "+sentence(shorten(v.Says, 300)), v.At)...)
	}
	if v.By != "" {
		line.Pieces = append(line.Pieces, Piece{Text: " Said by "}, Who(v.By), Piece{Text: "."})
	}
	return line
}

// trialLine is what is different in a version that our integration does not work with, and by when that matters.
func trialLine(t incidents.Trial, now time.Time) Line {
	line := Line{Indent: true}
	if r := t.Report; r != nil && len(r.Cases) > 0 && r.Cases[0].Message != "" {
		line.Pieces = append(line.Pieces, Piece{Text: sentence(shorten(r.Cases[0].Message, 300)) + " "})
	}
	if day := changes.Date(t.Effective); day != "" {
		line.Pieces = append(line.Pieces, Piece{Text: fmt.Sprintf("That version takes effect on %s, %s. ", Day(day), DaysLeft(day, now))})
	} else {
		line.Pieces = append(line.Pieces, Piece{Text: "That version is not in use yet. "})
	}
	if t.URL != "" {
		line.Pieces = append(line.Pieces, Piece{Text: "The run", Link: t.URL})
	}
	return line
}

// handsLine is who has the incident in hand.
func handsLine(i incidents.Incident, now time.Time) Line {
	switch {
	case i.Closed != nil && i.State == incidents.StateClosed:
		return Line{Indent: true, Pieces: []Piece{{Text: "Resolved by "}, Who(i.Closed.By), {Text: " " + ago(i.Closed.At, now) + ", but not over yet."}}}
	case i.Acknowledged != nil:
		return Line{Indent: true, Pieces: []Piece{{Text: "Acknowledged by "}, Who(i.Acknowledged.By), {Text: " " + ago(i.Acknowledged.At, now) + "."}}}
	default:
		return Line{Indent: true, Pieces: []Piece{{Text: "Nobody has acknowledged it yet."}}}
	}
}

// postLine is what our own public page says of it; ok is false where it says nothing.
func postLine(i incidents.Incident) (line Line, ok bool) {
	p := i.Post
	line.Indent = true
	page := Piece{Text: "our public page", Link: p.URL}
	switch waits := p.ID == "" || p.Waiting; p.State {
	case incidents.PostProposed:
		line.Pieces = []Piece{{Text: "A text for our public page waits until somebody publishes or declines it."}}
	case incidents.PostDeclined:
		line.Pieces = []Piece{{Text: "Not on our public page: "}, Who(p.By), {Text: " declined it."}}
	case incidents.PostPublished:
		line.Pieces = []Piece{{Text: "It stands on "}, page, {Text: "."}}
		if waits && !p.ByHand {
			line.Pieces[0].Text = "It is being put on "
		}
	case incidents.PostResolved:
		if p.Outage != i.Outage {
			return Line{}, false // it told of an earlier outage
		}
		line.Pieces = []Piece{{Text: "It is resolved on "}, page, {Text: "."}}
	default:
		return Line{}, false
	}
	if p.ByHand {
		line.Pieces = append(line.Pieces, Piece{Text: " Somebody edited it there, so I leave it as it is."})
	}
	return line, true
}

// muteLine is what is muted until when, by whom and why. named adds whose probes they are.
func muteLine(m incidents.Mute, name string, now time.Time) Line {
	line := Line{Mark: MarkMuted, Pieces: []Piece{{Text: name, Strong: true}, {Text: " is muted until "}, At(m.Until)}}
	if left := m.Until.Sub(now); left > 0 {
		line.Pieces = append(line.Pieces, Piece{Text: " (" + lengthOf(left) + " left)"})
	}
	line.Pieces = append(line.Pieces, Piece{Text: ", by "}, Who(m.By))
	if m.Reason != "" {
		line.Pieces = append(line.Pieces, Piece{Text: ": " + m.Reason})
	}
	return line
}
