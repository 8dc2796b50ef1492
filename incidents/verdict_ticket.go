package incidents

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"time"

	"sparky/internal/plaintext"
)

// What a ticket may hold: Jira refuses a summary of more than 255 characters, and a person reads no more than this.
const (
	mostSummary     = 200
	mostDescription = 8000
	mostComment     = 2000
	mostProbesTold  = 10
)

// TicketText is the incident as an issue tells it when it is opened: plain text, without markup and without secrets. The
// summary is one line; the description has at most 8,000 characters.
func TicketText(i Incident) (summary, description string) {
	if i.Kind == KindCompat && i.Trial != nil {
		return trialText(i)
	}
	failing := i.FailingProbes()
	if len(failing) == 0 {
		failing = i.Probes
	}
	blocks := []string{ticketFacts(i), ticketProbes(i, failing), ticketVerdict(i.Verdict)}
	var filled []string
	for _, b := range blocks {
		if b != "" {
			filled = append(filled, b)
		}
	}
	filled = append(filled, "Sparky's name for this incident: "+i.ID)
	return oneLine(ticketSummary(i, failing), mostSummary), plaintext.Clip(strings.Join(filled, "\n\n"), mostDescription)
}

func ticketSummary(i Incident, failing []Failing) string {
	name := cmp.Or(oneLine(i.Name, 60), "A partner")
	switch {
	case i.Kind == KindNetwork:
		return "Our network: calls to the outside get no answer"
	case len(failing) == 0:
		return name + " fails"
	case len(failing) == 1:
		return name + " " + inShort(failing[0].Last) + ": " + oneLine(failing[0].Probe, 60)
	}
	return name + " " + inShort(failing[0].Last) + ": " + oneLine(failing[0].Probe, 60) + " and " + counted(len(failing)-1, "other probe")
}

func ticketFacts(i Incident) string {
	since := "Failing since " + fullStamp(i.Since) + "."
	if i.Already {
		since = "It was failing already when Sparky first looked, " + fullStamp(i.Since) + "."
	}
	if i.Outage > 1 {
		since += fmt.Sprintf(" It came back: this is failure number %d since %s.", i.Outage, fullStamp(i.Opened))
	}
	lines := []string{since}
	if names := features(i.Affects); len(names) > 0 {
		lines = append(lines, "Affected features of ours: "+strings.Join(names, ", ")+".")
	}
	if team := oneLine(i.Owner.Team, 80); team != "" {
		lines = append(lines, "The integration belongs to "+team+".")
	}
	return strings.Join(lines, "\n")
}

func fullStamp(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

func ticketProbes(i Incident, failing []Failing) string {
	if len(failing) == 0 {
		return ""
	}
	lines := []string{"What fails"}
	for n, f := range failing {
		if n == mostProbesTold {
			lines = append(lines, "- and "+counted(len(failing)-n, "other probe"))
			break
		}
		name := oneLine(f.Probe, 60)
		if i.Kind == KindNetwork {
			name = oneLine(f.Partner, 60) + "/" + name
		}
		lines = append(lines, "- "+name+": "+ticketFailure(f))
	}
	return strings.Join(lines, "\n")
}

// ticketFailure is a failing probe in full: its problem in words, then the facts for whoever mends it.
func ticketFailure(f Failing) string {
	text := cmp.Or(oneLine(f.Last.Problem, 400), "failed")
	facts := []string{"class " + string(f.Last.Class)}
	if f.Last.Status != 0 {
		facts = append(facts, "status "+statusOf(f.Last))
	}
	for _, fact := range []struct{ name, value string }{{"host", f.Last.Host}, {"edge", f.Last.Edge}, {"signed by", f.Last.Issuer}} {
		if value := oneLine(fact.value, 100); value != "" {
			facts = append(facts, fact.name+" "+value)
		}
	}
	if !f.Since.IsZero() {
		facts = append(facts, "since "+fullStamp(f.Since))
	}
	text = strings.TrimSuffix(text, ".") + " (" + strings.Join(facts, ", ") + ")"
	if excerpt := oneLine(f.Last.Excerpt, partnersExcerpt); excerpt != "" {
		text += "\n  The answer begins: " + excerpt
	}
	return text
}

// partnersExcerpt is how much of an answer a failure holds at most.
const partnersExcerpt = 300

func ticketVerdict(v Verdict) string {
	if v.Word == "" {
		return "Sparky is finding out whose it is."
	}
	lines := []string{"Verdict: " + string(v.Word)}
	if says := oneLine(v.Says, 500); says != "" {
		lines = append(lines, says)
	}
	if v.By != "" {
		lines = append(lines, "Said by "+person(v.By)+".")
	}
	for _, p := range v.Points {
		line := "- " + oneLine(p.Text, 500)
		if p.Link != "" {
			line += " " + oneLine(p.Link, 300)
		}
		lines = append(lines, line)
	}
	for n, m := range v.Missing {
		if n == 5 {
			lines = append(lines, "- Not known either: "+counted(len(v.Missing)-n, "other piece"))
			break
		}
		lines = append(lines, "- Not known: "+oneLine(m, 200))
	}
	if would := oneLine(v.Would, 300); would != "" {
		lines = append(lines, "What would change it: "+would)
	}
	return strings.Join(lines, "\n")
}

// slackID is the form of a Slack user's id, which says nothing to a reader in Jira.
var slackID = regexp.MustCompile(`^[UW][A-Z0-9]{6,}$`)

func person(by string) string {
	if slackID.MatchString(by) {
		return by + " in Slack"
	}
	return oneLine(by, 80)
}

// CommentText is what the ticket is told of an event: plain text of at most 2,000 characters. It is empty for what the
// ticket shows already or needs not know: that it was opened, and quiet events.
func CommentText(e Event, i Incident) string {
	if e.Quiet || e.Kind == EventOpened || e.Kind == EventReminded {
		return ""
	}
	text := oneLine(e.Text, mostComment)
	if text == "" {
		text = eventWords(e.Kind)
	}
	if e.By != "" && !strings.Contains(text, e.By) {
		text += " (by " + person(e.By) + ")"
	}
	switch e.Kind {
	case EventVerdict, EventAmended, EventOverruled:
		if i.Verdict.Says != e.Text {
			return plaintext.Clip("Verdict then: "+text, mostComment) // another one stands by now
		}
		text = "Verdict: " + string(i.Verdict.Word) + ". " + text
		if i.Verdict.Would != "" {
			text += "\n" + pointLines(i.Verdict.Points) + "What would change it: " + i.Verdict.Would
		}
	case EventPaged:
		if says := oneLine(i.Verdict.Says, mostComment); says != "" && strings.HasSuffix(text, says) {
			text = "Calling on-call." // why, the comment with the verdict has told
		}
	case EventRecovered:
		if lasted := i.Lasted(e.At); lasted >= time.Minute && !i.Already && !strings.Contains(text, "lasted") {
			text += " It lasted " + inUnits(lasted) + "."
		}
	}
	return plaintext.Clip(text, mostComment)
}

func pointLines(points []Point) string {
	var b strings.Builder
	for _, p := range points {
		b.WriteString("- " + oneLine(p.Text, 300))
		if p.Link != "" {
			b.WriteString(" " + oneLine(p.Link, 300))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// eventWords say what happened where the event itself does not.
func eventWords(k EventKind) string {
	switch k {
	case EventJoined:
		return "Another probe fails too."
	case EventAcknowledged:
		return "Somebody has taken it."
	case EventPaged:
		return "On-call was called."
	case EventPublished:
		return "Our public page tells customers."
	case EventDeclined:
		return "It is not published."
	case EventMuted, EventUnmuted:
		return "It was " + string(k) + "."
	case EventClosed:
		return "A person closed it while the failure lasts."
	case EventRecovered:
		return "It works again."
	case EventReopened:
		return "It fails again."
	case EventFolded:
		return "It goes on in another incident."
	case EventTried:
		return "Another compatibility run has ended."
	case EventUnwatched:
		return "Nothing looks at it any more."
	}
	return capital(string(k)) + "."
}
