package commands

import (
	"context"
	"slices"
	"strings"

	"sparky/incidents"
)

// Hands are the roles that a person has, as far as they decide which buttons the person is offered.
type Hands struct{ Operator, Publisher bool }

func (h Hands) has(role Role) bool {
	switch role {
	case Operator:
		return h.Operator
	case Publisher:
		return h.Publisher
	}
	return true
}

// Hands are the roles that a person has. Where that cannot be told now they are taken to have it: a press says what is wrong.
func (b *Book) Hands(ctx context.Context, person Person) Hands {
	if b.permits == nil || person.Local {
		return Hands{true, true}
	}
	has := func(role Role) bool {
		may, err := b.permits.May(ctx, person, role)
		return may || err != nil
	}
	return Hands{has(Operator), has(Publisher)}
}

// Fit is the reply without the buttons that would be refused to whoever has those hands, for a drawing that they alone see.
func (b *Book) Fit(reply Reply, hands Hands) Reply {
	var fitting []Section
	for _, section := range reply.Sections {
		had := len(section.Buttons)
		section.Buttons = slices.DeleteFunc(slices.Clone(section.Buttons), func(button Button) bool { return !hands.has(b.roleOf(button)) })
		if had > 0 && len(section.Buttons) == 0 && section.Heading == "" && len(section.Lines) == 0 && section.Pick == nil {
			continue
		}
		fitting = append(fitting, section)
	}
	reply.Sections = fitting
	return reply
}

// roleOf is the role that a button asks for.
func (b *Book) roleOf(button Button) Role {
	name, _, _ := strings.Cut(button.Command, " ")
	command, _ := b.find(name)
	return command.Role
}

// fitted is the reply as the person who asked should see it. What others see too keeps its buttons.
func (b *Book) fitted(ctx context.Context, req Request, reply Reply) Reply {
	if reply.Public || b.permits == nil || req.Person.Local || req.Person.ID == "" || req.Origin == incidents.ByMessage {
		return reply
	}
	needs := func(button Button) bool { return b.roleOf(button) != "" }
	if !slices.ContainsFunc(reply.Sections, func(s Section) bool { return slices.ContainsFunc(s.Buttons, needs) }) {
		return reply
	}
	return b.Fit(reply, b.Hands(ctx, req.Person))
}
