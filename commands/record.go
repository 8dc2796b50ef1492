package commands

import (
	"context"
	"fmt"
	"strings"

	"sparky/incidents"
)

// Recorder keeps who did what, where nothing else that is kept tells it.
type Recorder interface {
	SaveAct(ctx context.Context, act incidents.Act) error
}

// did keeps that the person asks for something that changes nothing which is remembered, before it is done. Where that
// cannot be kept, the refusal says so and it is not to be done.
func (c Call) did(ctx context.Context, did incidents.Did, partner, target string) *Reply {
	err := c.record(ctx, incidents.Act{Did: did, Partner: partner, Target: target})
	if err == nil {
		return nil
	}
	reply := refuse(fmt.Sprintf("I could not write down that you asked for this, so nothing was done: %v. Please try again in a minute.", err))
	return &reply
}

func (c Call) record(ctx context.Context, a incidents.Act) error {
	if c.acts == nil {
		return nil
	}
	a.At, a.Actor, a.Origin = c.now(), byOf(c.Person), c.Origin
	if err := c.acts.SaveAct(ctx, a); err != nil {
		return fmt.Errorf("keeping who did what: %w", err)
	}
	return nil
}

// longestAsked is how much is kept of a command that was refused.
const longestAsked = 120

// refused keeps that the person may not give the command, and is the answer to them.
func (b *Book) refused(ctx context.Context, call Call, command, why string, reply Reply) Reply {
	asked := strings.Join(append([]string{command}, call.Args...), " ")
	if call.Button != "" {
		asked = clip(call.Button) + " (" + asked + ")"
	}
	act := incidents.Act{Did: incidents.DidRefuse, Target: shorten(asked, longestAsked), Reason: why}
	if found, _, refusal := b.partners.takeTarget(call.Args); refusal == nil {
		act.Partner = found.partner.ID
	}
	if err := call.record(ctx, act); err != nil {
		return refuse(fmt.Sprintf("%s I could not write this down either: %v.", reply.Text, err))
	}
	return reply
}
