package commands

import (
	"context"
	"slices"
)

// Redacted is the runner with every text and address of its replies, those in the making too, passed through redact.
// Addresses in the configuration may hold credentials, and a reply quotes addresses.
func Redacted(runner Runner, redact func(string) string) Runner {
	return redactedRunner{runner, redact}
}

type redactedRunner struct {
	runner Runner
	redact func(string) string
}

// Run answers as the runner does, with the secrets taken out.
func (r redactedRunner) Run(ctx context.Context, req Request) Reply {
	if show := req.Progress; show != nil {
		req.Progress = func(reply Reply) { show(reply.Redacted(r.redact)) }
	}
	return r.runner.Run(ctx, req).Redacted(r.redact)
}

// Redacted is the reply with every text and address in it passed through redact. Facts stay as they are: whoever prints
// them redacts what is printed.
func (r Reply) Redacted(redact func(string) string) Reply {
	r.Text, r.Title, r.Said = redact(r.Text), redact(r.Title), redactedPieces(r.Said, redact)
	sections := make([]Section, len(r.Sections))
	for i, section := range r.Sections {
		section.Heading = redact(section.Heading)
		lines := make([]Line, len(section.Lines))
		for j, line := range section.Lines {
			line.Pieces = redactedPieces(line.Pieces, redact)
			lines[j] = line
		}
		section.Lines = lines
		if section.Pick != nil {
			pick := section.Pick.redacted(redact)
			section.Pick = &pick
		}
		sections[i] = section
	}
	r.Sections = sections
	if r.Ask != nil {
		form := r.Ask.redacted(redact)
		r.Ask = &form
	}
	return r
}

// redactedPieces are the pieces with every text and address in them passed through redact.
func redactedPieces(pieces []Piece, redact func(string) string) []Piece {
	clean := slices.Clone(pieces)
	for i := range clean {
		clean[i].Text, clean[i].Link = redact(clean[i].Text), redact(clean[i].Link)
	}
	return clean
}

// redacted is the list with every label in it passed through redact.
func (p Pick) redacted(redact func(string) string) Pick {
	p.Label = redact(p.Label)
	groups := make([]PickGroup, len(p.Groups))
	for i, group := range p.Groups {
		group.Label, group.Options = redact(group.Label), slices.Clone(group.Options)
		for j := range group.Options {
			group.Options[j].Label = redact(group.Options[j].Label)
		}
		groups[i] = group
	}
	p.Groups = groups
	return p
}

// redacted is the form with every text in it passed through redact, except what choices stand for and the command: nobody
// reads these, and they would mean something else.
func (f Form) redacted(redact func(string) string) Form {
	f.Title, f.Text = redact(f.Title), redact(f.Text)
	fields := make([]Field, len(f.Fields))
	for i, field := range f.Fields {
		field.Label, field.Hint = redact(field.Label), redact(field.Hint)
		if field.Kind != FieldChoice {
			field.Value = redact(field.Value)
		}
		choices := make([]Choice, len(field.Choices))
		for j, choice := range field.Choices {
			choices[j] = Choice{Label: redact(choice.Label), Value: choice.Value}
		}
		field.Choices = choices
		fields[i] = field
	}
	f.Fields = fields
	return f
}
