package commands

import (
	"fmt"
	"strings"
	"time"

	"sparky/internal/setting"
)

// The fields of the form that mutes.
const (
	lengthField = "length"
	reasonField = "reason"
)

// muteForm asks for how long something is to be muted, and why.
func muteForm(t target) *Form {
	return &Form{
		Title: "Mute failures", Submit: "Mute", Command: "mute " + t.typed(),
		Text: fmt.Sprintf("The probes of %s go on. Until the mute ends no failure opens a ticket, posts a message or calls anybody; what still fails then opens its incident.", t.name()),
		Fields: []Field{
			{Name: lengthField, Label: "For how long?", Kind: FieldText, Value: "2h", Most: 20, Hint: "Like 30m, 2h or 7d; 30 days at most."},
			{Name: reasonField, Label: "Why?", Kind: FieldText, Optional: true, Most: longestReason, Hint: "Whoever looks at the status reads it."},
		},
	}
}

// wish is what is to be muted, as it was typed or filled in.
func (c muteCommand) wish(call Call) (wish, *Reply) {
	if call.Form == nil {
		return c.parse(call.Args)
	}
	found, rest, refusal := c.directory.takeTarget(call.Args)
	if refusal != nil {
		return wish{}, refusal
	}
	if len(rest) > 0 {
		reply := excess(rest)
		return wish{}, &reply
	}
	length, problem := muteLength(call.Form[lengthField])
	if problem != "" {
		return wish{}, problems(map[string]string{lengthField: problem}, lengthField)
	}
	reason := strings.Join(strings.Fields(call.Form[reasonField]), " ")
	return wish{found, length, shorten(reason, longestReason)}, nil
}

// check tells what is wrong with the form.
func (c muteCommand) check(call Call) map[string]string {
	if _, problem := muteLength(call.Form[lengthField]); problem != "" {
		return map[string]string{lengthField: problem}
	}
	return nil
}

// muteLength reads a length of time, or says what is wrong with it.
func muteLength(text string) (length time.Duration, problem string) {
	text = strings.ToLower(strings.Join(strings.Fields(text), ""))
	if text == "" {
		return 0, "For how long? Write it like 30m, 2h or 7d."
	}
	d, err := setting.ParseDuration(text)
	switch {
	case err != nil:
		return 0, fmt.Sprintf("%q is no length of time; write it like 30m, 2h or 7d.", clip(text))
	case d <= 0:
		return 0, "A mute lasts some time; write it like 30m, 2h or 7d."
	case d.Std() > longestMute:
		return 0, fmt.Sprintf("A mute lasts 30 days at most, and %s is more. It can be muted again then.", clip(text))
	}
	return d.Std(), ""
}
