package bot

import (
	"hash/fnv"
	"strconv"

	"github.com/slack-go/slack"

	"sparky/commands"
)

// controls adds a list to choose from, where there is one, and buttons beside it.
func (s *sheet) controls(pick *commands.Pick, buttons []button) {
	if pick == nil {
		s.row(buttons)
		return
	}
	element, units := s.pick(*pick)
	if element == nil {
		s.row(buttons)
		return
	}
	s.actions("pick."+shortHash(pick.Chosen), []slack.BlockElement{element}, units, buttons)
}

// pick is a list to choose from, and how much text it brings along. Options that Slack would refuse the whole view for are
// left out; nil is a list without any.
func (s *sheet) pick(pick commands.Pick) (slack.BlockElement, int) {
	element := slack.NewOptionsGroupSelectBlockElement(slack.OptTypeStatic, plain(pick.Label, maxPlaceholder), s.actionID())
	units := 0
	for _, group := range pick.Groups {
		var options []*slack.OptionBlockObject
		for _, o := range group.Options {
			value := buttonVersion + o.Command
			if len(options) == maxPicks || size(value) > maxOptionValue {
				continue
			}
			option := slack.NewOptionBlockObject(value, plain(o.Label, maxLabel), nil)
			options = append(options, option)
			units += size(o.Label) + size(value)
			if o.Command == pick.Chosen {
				element.InitialOption = option
			}
		}
		if len(options) > 0 && len(element.OptionGroups) < maxPicks {
			element.OptionGroups = append(element.OptionGroups, slack.NewOptionGroupBlockElement(plain(group.Label, maxLabel), options...))
		}
	}
	if len(element.OptionGroups) == 0 {
		return nil, 0
	}
	return element, units
}

// shortHash tells texts apart. A client shows what was last chosen in a list for as long as its block is the same one,
// whatever the app says is chosen; a list in which something else is chosen must be another block.
func shortHash(text string) string {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(text)) // never fails, see hash.Hash
	return strconv.FormatUint(uint64(sum.Sum32()), 36)
}
