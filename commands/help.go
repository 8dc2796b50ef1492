package commands

import (
	"context"
	"fmt"
	"strings"
)

func (b *Book) help() Command {
	return Command{
		Name:     "help",
		Args:     "[command]",
		Short:    "what there is, with examples",
		Examples: []string{"help", "help status"},
		Run: func(ctx context.Context, call Call) Reply {
			if len(call.Args) == 0 {
				return b.overview(ctx)
			}
			command, ok := b.find(call.Args[0])
			if !ok {
				return b.unknown(call.Args[0])
			}
			var who []Piece
			if command.Role != "" && b.permits != nil && !call.Person.Local {
				who = b.permits.Who(ctx, command.Role)
			}
			return command.usage(who)
		},
	}
}

// overview is one screen: every command with what it tells, and an example to copy of each that takes more than
// its name, of one alone where all that it takes is an incident.
func (b *Book) overview(ctx context.Context) Reply {
	reply := Reply{
		Text:  "I watch the partners that our product depends on. Ask me with /sparky and one of these.",
		Title: "What you can ask",
	}
	section := Section{}
	for _, c := range b.listed() {
		line := Line{Pieces: []Piece{{Text: c.line(), Code: true}, {Text: "  " + c.Short}}}
		if c.Role != "" {
			line.Pieces = append(line.Pieces, Piece{Text: fmt.Sprintf(" (%ss)", c.Role), Faint: true})
		}
		section.Lines = append(section.Lines, line)
	}
	examples := Section{Heading: "For example"}
	keyed := false // one that names an incident is enough
	for _, c := range b.listed() {
		example := c.telling()
		names := strings.HasSuffix(example, " "+exampleKey)
		if example == "" || c.Name == "help" || names && keyed {
			continue
		}
		keyed = keyed || names
		examples.Lines = append(examples.Lines, Line{Pieces: []Piece{{Text: "/sparky " + example, Code: true}}})
	}
	reply.Sections = []Section{section, examples}
	if b.healthy == nil {
		return reply
	}
	h := b.healthy.Health(ctx)
	if line, ill := h.line(); ill {
		reply.Sections = append([]Section{{Lines: []Line{line}}}, reply.Sections...)
	}
	reply.Sections = append(reply.Sections, Section{Lines: []Line{{Pieces: []Piece{{Text: h.Footing(), Faint: true}}}}})
	return reply
}

// telling is the first example that says more than the command's name, which stands above already.
func (c Command) telling() string {
	for _, example := range c.Examples {
		if example != c.Name {
			return example
		}
	}
	return ""
}

func (c Command) line() string {
	if c.Args == "" {
		return "/sparky " + c.Name
	}
	return "/sparky " + c.Name + " " + c.Args
}

// usage is how the command is written. who has its role, where it has one and that is known.
func (c Command) usage(who []Piece) Reply {
	reply := Reply{Text: fmt.Sprintf("%s: %s.", c.line(), c.Short), Title: c.line()}
	section := Section{Lines: []Line{Say(c.Short)}}
	for _, example := range c.Examples {
		section.Lines = append(section.Lines, Line{Pieces: []Piece{{Text: "/sparky " + example, Code: true}}})
	}
	switch {
	case c.Role == "":
		section.Lines = append(section.Lines, Say("For everybody."))
	case len(who) > 0:
		pieces := append([]Piece{{Text: fmt.Sprintf("For %ss: ", c.Role)}}, who...)
		section.Lines = append(section.Lines, Line{Pieces: append(pieces, Piece{Text: "."})})
	default:
		section.Lines = append(section.Lines, Say(fmt.Sprintf("For %ss: slack.roles.%s in sparky.yaml says who they are.", c.Role, c.Role)))
	}
	reply.Sections = []Section{section}
	return reply
}
