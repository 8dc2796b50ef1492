package commands

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sparky/changes"
	"sparky/internal/setting"
	"sparky/partners"
)

// Trier has compatibility runs started.
type Trier interface {
	// Start has a version tried. A run of it that is under way is returned as it is, with started false. Its error wraps
	// changes.ErrNoWorkflow for a partner without a workflow.
	Start(ctx context.Context, p partners.Partner, version, by string, entry *changes.RunEntry) (run changes.Run, started bool, err error)
}

// Announcements are what partners announced.
type Announcements interface {
	Entries(ctx context.Context, query changes.Query) ([]changes.Entry, error)
}

const (
	// announcedFor is how long an announced version is offered as one to try.
	announcedFor = 400 * setting.Day
	mostOffered  = 5
)

// Compat is the command that tries our integration against a version of the partner's API. Where trier is nil no GitHub is
// configured. updates is the name of the channel in which runs are followed.
func Compat(directory *Directory, trier Trier, announced Announcements, updates string, now Clock) Command {
	c := compatCommand{directory, trier, announced, updates, now}
	return Command{
		Name: "compat", Args: "<partner> [version]", Short: "try our integration against a version of the partner's API",
		Examples: []string{"compat " + firstID(directory), "compat " + firstID(directory) + " v3"}, Role: Operator, Check: checkCompat, Run: c.run,
	}
}

type compatCommand struct {
	directory *Directory
	trier     Trier
	announced Announcements
	updates   string
	now       Clock
}

func (c compatCommand) run(ctx context.Context, call Call) Reply {
	if len(call.Args) == 0 {
		return refuse(fmt.Sprintf("Which partner? Say it like /sparky compat %s v3.", firstID(c.directory)))
	}
	p, rest, refusal := c.directory.Take(call.Args)
	if refusal != nil {
		_, _, refusal = c.directory.Take(call.Args[:1]) // the version is no part of what was mistyped
		return *refusal
	}
	switch {
	case c.trier == nil:
		return refuse("No GitHub is configured, so no compatibility run can be started. It is the block github in sparky.yaml.")
	case p.Compat == nil:
		return refuse(fmt.Sprintf("%s has no compatibility workflow. It is configured in sparky.yaml, under the partner's compat.", p.Name))
	}
	offers, err := c.offers(ctx, p)
	if err != nil {
		return fault("what "+p.Name+" announced", err)
	}
	if call.Form != nil {
		version, problem := filledVersion(call.Form)
		if problem != "" {
			return *problems(map[string]string{versionField: problem}, versionField)
		}
		rest = []string{version}
	}
	if len(rest) == 0 {
		reply := which(p, offers)
		reply.Ask = compatForm(p, offers, c.updates)
		return reply
	}
	return c.start(ctx, call.Person, p, strings.Join(rest, " "), offers)
}

// offer is a version that was announced.
type offer struct {
	version string
	entry   changes.RunEntry
}

// offers are the versions that the partner announced, the newest announcement first.
func (c compatCommand) offers(ctx context.Context, p partners.Partner) ([]offer, error) {
	entries, err := c.announced.Entries(ctx, changes.Query{Partner: p.ID, Since: c.now().Add(-announcedFor)})
	if err != nil {
		return nil, err
	}
	var offers []offer
	for _, e := range entries {
		version := e.APIVersion()
		known := slices.ContainsFunc(offers, func(o offer) bool { return strings.EqualFold(o.version, version) })
		if version != "" && !known {
			offers = append(offers, offer{version, changes.RunEntry{Title: e.Title, Link: e.Link, Effective: e.Effective}})
		}
	}
	return offers, nil
}

// CompatButton has a version tried. It asks first: a run takes long, and everybody in the channel sees it.
func CompatButton(partner, version, label string) Button {
	return Button{Label: label, Command: "compat " + partner + " " + version,
		Confirm: "This starts our compatibility workflow at GitHub. It can take up to an hour, and the channel sees how it goes."}
}

// which asks for the version, and offers those that were announced.
func which(p partners.Partner, offers []offer) Reply {
	text := fmt.Sprintf("Which version of %s?", p.Name)
	reply := Reply{Text: text + fmt.Sprintf(" Say it like /sparky compat %s v3.", p.ID), Refused: true, Failed: true}
	section := Section{Lines: []Line{{Pieces: []Piece{{Text: text, Strong: true}, {Text: " Say it like "}, {Text: "/sparky compat " + p.ID + " v3", Code: true}, {Text: "."}}}}}
	if len(offers) > 0 {
		section.Lines = append(section.Lines, Say("Announced lately:"))
	}
	for n, o := range offers {
		if n == mostOffered {
			section.Lines = append(section.Lines, Say(fmt.Sprintf("and %d more", len(offers)-n)))
			break
		}
		section.Lines = append(section.Lines, Line{Indent: true, Pieces: []Piece{{Text: o.version, Code: true}, {Text: " "}, {Text: shorten(o.entry.Title, 120), Link: o.entry.Link}}})
		section.Buttons = append(section.Buttons, CompatButton(p.ID, o.version, "Try "+shorten(o.version, 40)))
	}
	reply.Sections = []Section{section}
	return reply
}

func (c compatCommand) start(ctx context.Context, person Person, p partners.Partner, version string, offers []offer) Reply {
	if problem := changes.VersionProblem(version); problem != "" {
		return refuse(fmt.Sprintf("%q cannot be a version: %s. Say it like /sparky compat %s v3.", clip(version), problem, p.ID))
	}
	var entry *changes.RunEntry
	for _, o := range offers {
		if strings.EqualFold(o.version, version) {
			entry = &o.entry
		}
	}
	run, started, err := c.trier.Start(ctx, p, version, byOf(person), entry)
	switch {
	case errors.Is(err, changes.ErrNoWorkflow):
		return refuse(fmt.Sprintf("%s has no compatibility workflow. It is configured in sparky.yaml, under the partner's compat.", p.Name))
	case err != nil:
		return refuse(fmt.Sprintf("I could not start the compatibility run of %s %s: %v. Please try again in a minute.", p.Name, clip(version), err))
	case !started:
		return underWay(run, c.now())
	}
	follow := Piece{Text: fmt.Sprintf("I follow it in %s, and say there whether it works.", c.updates)}
	return Reply{
		Text: fmt.Sprintf("%s has our integration tried against %s %s.", actorText(person), p.Name, version), Public: true,
		Sections: []Section{{Lines: []Line{
			{Mark: MarkPlanned, Pieces: []Piece{actor(person), {Text: " has our integration tried against "}, {Text: p.Name + " " + version, Strong: true}, {Text: "."}}},
			{Indent: true, Pieces: []Piece{follow}}}}},
		Facts: NewRunRecord(run),
	}
}

// underWay says that a version is being tried already. Nothing was started, so only the asker hears it.
func underWay(run changes.Run, now time.Time) Reply {
	how := "is being tried already"
	if run.State == changes.RunAsked && run.Reason != "" {
		how = "waits already, because GitHub has not taken it yet"
	}
	line := Line{Pieces: []Piece{{Text: fmt.Sprintf("Nothing was started: %s %s %s, since ", run.Name, run.Version, how)}, At(run.Asked), {Text: " (" + ago(run.Asked, now) + "), asked for by "}, askedBy(run), {Text: "."}}}
	if run.URL != "" {
		line.Pieces = append(line.Pieces, Piece{Text: " "}, Piece{Text: "The run at GitHub", Link: run.URL})
	}
	return Reply{Text: fmt.Sprintf("Nothing was started: %s %s %s.", run.Name, run.Version, how),
		Sections: []Section{{Lines: []Line{line}}}, Facts: NewRunRecord(run)}
}

func askedBy(run changes.Run) Piece {
	if run.By == "" {
		return Piece{Text: "its announcement"}
	}
	return Who(run.By)
}

// RunRecord is a compatibility run for machines.
type RunRecord struct {
	ID      string              `json:"id"`
	Partner string              `json:"partner"`
	Version string              `json:"version"`
	State   changes.RunState    `json:"state"`
	By      string              `json:"by,omitempty"`
	Asked   time.Time           `json:"asked"`
	Ended   time.Time           `json:"ended,omitzero"`
	URL     string              `json:"url,omitempty"`
	Outcome *changes.RunOutcome `json:"outcome,omitempty"`
}

// NewRunRecord is the run's record.
func NewRunRecord(r changes.Run) RunRecord {
	return RunRecord{ID: r.ID, Partner: r.Partner, Version: r.Version, State: r.State, By: r.By, Asked: r.Asked, Ended: r.Ended, URL: r.URL, Outcome: r.Outcome}
}
