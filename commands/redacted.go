package commands

import "context"

// Redacted is the runner with every text and address of its replies passed through redact. Addresses in the configuration
// may hold credentials, and a reply quotes addresses.
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
	r.Text, r.Title = redact(r.Text), redact(r.Title)
	sections := make([]Section, len(r.Sections))
	for i, section := range r.Sections {
		section.Heading = redact(section.Heading)
		lines := make([]Line, len(section.Lines))
		for j, line := range section.Lines {
			pieces := make([]Piece, len(line.Pieces))
			for k, piece := range line.Pieces {
				piece.Text, piece.Link = redact(piece.Text), redact(piece.Link)
				pieces[k] = piece
			}
			line.Pieces = pieces
			lines[j] = line
		}
		section.Lines = lines
		sections[i] = section
	}
	r.Sections = sections
	return r
}
