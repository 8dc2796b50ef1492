package bot

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"sparky/commands"
	"sparky/incidents"
	"sparky/partners"
)

// CallLine is what somebody who is called for an incident reads first, as plain text: what is wrong, since when, whose it
// is, and what of ours stands behind it. Who is called they know.
func CallLine(i incidents.Incident) string {
	line := append([]commands.Piece{{Text: subject(i)}}, since(i)...)
	if i.Kind != incidents.KindStorm {
		line = append(line, aside(nowWhose(i)...)...)
	}
	if len(i.Affects) > 0 {
		line = append(line, commands.Piece{Text: "; affects " + strings.Join(i.Affects, ", ")})
	}
	return words(line)
}

// stopped is a sentence with the stop at its end, where the reading of a screen reader would run on without one.
func stopped(sentence string) string {
	last, _ := utf8.DecodeLastRuneInString(sentence)
	if unicode.IsLetter(last) || unicode.IsDigit(last) || strings.ContainsRune("”)]%", last) {
		return sentence + "."
	}
	return sentence
}

func words(pieces []commands.Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text)
	}
	return oneLine(b.String())
}

// headline is the first line of a card. What is wrong comes first and in bold, so that it survives every way in which
// a phone shortens a notification.
func headline(i incidents.Incident) []commands.Piece {
	words := []commands.Piece{{Text: subject(i), Strong: true}}
	switch {
	case i.Kind != incidents.KindStorm:
	case i.State.Live():
		return append(append(words, since(i)...), whoIsAtIt(i)...)
	case i.Storm.Tally().All == 0:
		return words
	default:
		return append(words, commands.Piece{Text: " after " + length(i)})
	}
	switch i.State {
	case incidents.StateRecovered:
		words = append(words, commands.Piece{Text: " after " + length(i)})
		return append(words, aside(wasWhose(i.Verdict)...)...)
	case incidents.StateFolded:
		return append(words, aside(commands.Piece{Text: "part of another incident now"})...)
	case incidents.StateUnwatched:
		return append(words, aside(commands.Piece{Text: "no longer watched, so nobody knows whether it is over"})...)
	case incidents.StateClosed:
		words = append(words, since(i)...)
		closed := []commands.Piece{{Text: "closed by hand"}}
		if i.Closed != nil {
			closed = []commands.Piece{{Text: "closed by "}, personOf(i.Closed.By)}
		}
		return append(words, aside(closed...)...)
	}
	words = append(words, since(i)...)
	return append(append(words, aside(nowWhose(i)...)...), whoIsAtIt(i)...)
}

// nowWhose is whose it is while it lasts.
func nowWhose(i incidents.Incident) []commands.Piece {
	if i.Verdict.Reason == incidents.ReasonPageUnread && i.Verdict.By == "" && i.PageURL == "" {
		return []commands.Piece{{Text: sideOf(i.Verdict) + ": they have no status page that I know"}}
	}
	if words := notThere(i); words != "" {
		return []commands.Piece{{Text: sideOf(i.Verdict) + words}}
	}
	return whose(i.Verdict)
}

// notThere says that what we call is there no more, which is a request refused, but tells more; empty where it is not that.
func notThere(i incidents.Incident) string {
	probes := i.FailingProbes()
	if v := i.Verdict; len(probes) == 0 || v.By != "" || v.Word != incidents.Internal || v.Reason != incidents.ReasonRequest || v.Lean != incidents.LeanOurs {
		return ""
	}
	switch probes[0].Last.Class {
	case partners.FailGone:
		return ": what we call was removed"
	case partners.FailNotFound:
		return ": the address that we call is not there"
	}
	return ""
}

func aside(pieces ...commands.Piece) []commands.Piece {
	return append([]commands.Piece{{Text: " — "}}, pieces...)
}

// subject is what is wrong, without when and why.
func subject(i incidents.Incident) string {
	over := i.State == incidents.StateRecovered
	if i.Kind == incidents.KindStorm {
		return stormSubject(i)
	}
	if i.Kind == incidents.KindNetwork {
		if over {
			return "Our own network works again"
		}
		return "Our own network looks down"
	}
	probes := i.FailingProbes()
	if over || len(probes) == 0 {
		probes = i.Probes
	}
	who, many := probeNames(probes)
	verb := "fails"
	switch {
	case over && many:
		verb = "work again"
	case over:
		verb = "works again"
	case len(probes) == 1 && probes[0].Last.Class == partners.FailSlow:
		verb = "is too slow"
	case many:
		verb = "fail"
	}
	switch {
	case i.State == incidents.StateClosed:
		verb = "still " + verb
	case i.Outage > 1 && !over:
		verb += " again"
	}
	return brief(i.Name, 80) + ": " + who + " " + verb
}

// probeNames names one or two probes and counts more of them; many tells that it reads as a plural.
func probeNames(probes []incidents.Failing) (names string, many bool) {
	switch len(probes) {
	case 0:
		return "a probe", false
	case 1:
		return brief(probes[0].Probe, 60), false
	case 2:
		return brief(probes[0].Probe, 60) + " and " + brief(probes[1].Probe, 60), true
	}
	return fmt.Sprintf("%d probes", len(probes)), true
}

func since(i incidents.Incident) []commands.Piece {
	word := ", since "
	if i.Already {
		word = ", since before "
	}
	return []commands.Piece{{Text: word}, commands.At(i.Since)}
}

// length is how long the outage lasted.
func length(i incidents.Incident) string {
	if age := commands.Age(i.Lasted(i.Ended)); age != "just now" {
		return age
	}
	return "a few seconds"
}

// whose says whose it is, with the reason in a few words.
func whose(v incidents.Verdict) []commands.Piece {
	switch {
	case v.Word == "":
		return []commands.Piece{{Text: "I am finding out whose it is"}}
	case v.By != "":
		return []commands.Piece{{Text: sideOf(v) + ", says "}, personOf(v.By)}
	case v.Word == incidents.External && v.Reason == incidents.ReasonPlanned:
		return planned(v)
	}
	return []commands.Piece{{Text: sideOf(v) + why(v)}}
}

func sideOf(v incidents.Verdict) string {
	switch {
	case v.Word == incidents.External:
		return "theirs"
	case v.Word == incidents.Internal && v.Reason == incidents.ReasonNotAnnounced:
		return "looks like theirs"
	case v.Word == incidents.Internal && v.Reason == incidents.ReasonAnnounced:
		return "looks like theirs by now"
	case v.Word == incidents.Internal && v.By == "" && v.Reason != incidents.ReasonPerson && (v.Reason == incidents.ReasonShared || v.Lean != incidents.LeanOurs):
		return "ours to look at"
	case v.Word == incidents.Internal:
		return "ours"
	case v.Lean == incidents.LeanTheirs:
		return "unclear, looks like theirs"
	case v.Lean == incidents.LeanOurs:
		return "unclear, looks like ours"
	}
	return "unclear whose"
}

func planned(v incidents.Verdict) []commands.Piece {
	if v.Announced == nil || v.Announced.Until.IsZero() {
		return []commands.Piece{{Text: "theirs: planned maintenance"}}
	}
	return []commands.Piece{{Text: "theirs: planned maintenance until "}, commands.At(v.Announced.Until)}
}

// why is the reason for a verdict as it follows whose it is.
func why(v incidents.Verdict) string {
	if v.Reason == incidents.ReasonAnnounced && v.Announced != nil && v.Announced.Name != "" {
		return ": their page reports “" + brief(v.Announced.Name, 80) + "”"
	}
	if v.Reason == incidents.ReasonOurs && v.Lean == "" {
		return ": nothing shows on whose side it is"
	}
	words, ok := map[incidents.Reason]string{
		incidents.ReasonAnnounced:    ": their page reports it",
		incidents.ReasonPlanned:      ": they announced this change",
		incidents.ReasonCredentials:  ": our credentials are refused",
		incidents.ReasonRights:       ": our account lacks the rights",
		incidents.ReasonRequest:      ": they refuse our request",
		incidents.ReasonCertificate:  ": a certificate is not accepted",
		incidents.ReasonThrottled:    ": they ask us to slow down",
		incidents.ReasonNetwork:      ": no partner is to blame",
		incidents.ReasonShared:       ": a provider below several partners",
		incidents.ReasonNotAnnounced: ", not announced yet",
		incidents.ReasonNeverWorked:  ": it has never worked",
		incidents.ReasonOurChange:    ": it began right after a change of ours",
		incidents.ReasonOurs:         ": nothing points to them",
		incidents.ReasonPageUnread:   ": their page cannot be read",
		incidents.ReasonProbe:        ": a mistake in the probe itself",
	}[v.Reason]
	if !ok {
		return ""
	}
	if v.Word == incidents.Internal && v.Lean == incidents.LeanTheirs && v.Reason != incidents.ReasonNotAnnounced && v.Reason != incidents.ReasonAnnounced {
		words += ", perhaps by a fault of theirs"
	}
	return words
}

// whoIsAtIt is who was called for it, or has taken it.
func whoIsAtIt(i incidents.Incident) []commands.Piece {
	switch {
	case i.State == incidents.StateAcknowledged && i.Acknowledged != nil:
		return []commands.Piece{{Text: "; "}, personOf(i.Acknowledged.By), {Text: " has it"}}
	case i.State == incidents.StateAcknowledged || i.Page.Done == incidents.PageAcknowledged:
		return []commands.Piece{{Text: "; somebody has it"}}
	case i.Page.Wanted == incidents.PageTriggered && i.Page.Done == incidents.PageTriggered:
		return []commands.Piece{{Text: "; on-call was paged"}}
	case i.Page.Wanted == incidents.PageTriggered:
		return []commands.Piece{{Text: "; on-call is being paged"}}
	case i.Page.Wanted == incidents.PageResolved && i.CalledWithOthers(i.Page.Since) && i.Verdict.Wakes():
		return []commands.Piece{{Text: "; on-call is called for all that fails now"}}
	case i.Page.Wanted == incidents.PageResolved:
		return []commands.Piece{{Text: "; the call to on-call has ended"}}
	case i.Verdict.Word != "" && !i.Verdict.Wakes():
		return []commands.Piece{{Text: "; nobody is woken"}}
	}
	return nil
}

// userID is the id of a person in Slack. A digit is asked for, which every id has and a name in capitals has not.
var userID = regexp.MustCompile(`^[UW][A-Z0-9]*[0-9][A-Z0-9]*$`)

// personOf is somebody who did something, by id or by name.
func personOf(by string) commands.Piece {
	switch {
	case userID.MatchString(by):
		return commands.Piece{Text: "somebody", Person: by}
	case strings.TrimSpace(by) == "":
		return commands.Piece{Text: "somebody"}
	}
	return commands.Piece{Text: brief(by, 60)}
}

// brief is a text from outside that takes at most so many units as markup, whatever characters it holds.
func brief(text string, units int) string {
	// Markup is never shorter than its text, so the first cut can only help.
	text = cut(strings.TrimSpace(oneLine(text)), units)
	short := text
	for keep := units * 3 / 4; size(escape(short)) > units && keep > 0; keep = keep * 3 / 4 {
		short = cut(text, keep)
	}
	return short
}
