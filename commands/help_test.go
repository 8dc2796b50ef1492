package commands

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sparky/incidents"
)

// wholeBook is every command that there is. It cannot be run, but its help can.
func wholeBook() *Book {
	d, desk := testDirectory(), (*incidents.Desk)(nil)
	now := Clock(func() time.Time { return noon })
	return NewBook(d, nil, Status(d, StatusSources{}, now), Incidents(nil, d, now), Changelog(d, nil, now), Upcoming(d, nil, now),
		Oncall(nil), Probe(d, nil), Compat(d, nil, nil, "#updates", now), Certify(d, nil), Ack(desk, nil, now), Resolve(desk, nil, now), Mute(d, desk, nil, now),
		Unmute(d, desk, nil, now), Audit(d, nil), Theirs(desk, nil, now), Ours(desk, nil, now), Publish(desk, nil, now, nil), Decline(desk, nil, now))
}

// TestHelpOfEveryCommand shows what is said of each, and holds that it says how it is used, with examples, and for whom it is.
func TestHelpOfEveryCommand(t *testing.T) {
	b := wholeBook()
	var shown strings.Builder
	for _, c := range b.commands {
		reply := b.Run(t.Context(), Request{Text: "help " + strings.ToUpper(c.Name), Person: ada})
		if reply.Refused || !strings.HasPrefix(reply.Title, "/sparky "+c.Name) || len(c.Examples) == 0 || c.Short == "" {
			t.Errorf("help %s: %+v", c.Name, reply)
		}
		fmt.Fprintf(&shown, "= %s\n", reply.Title)
		for _, line := range reply.Sections[0].Lines {
			for _, piece := range line.Pieces {
				shown.WriteString(piece.Text)
			}
			shown.WriteString("\n")
		}
		shown.WriteString("\n")
		for _, example := range c.Examples {
			if word, _, _ := strings.Cut(example, " "); word != c.Name {
				t.Errorf("an example of %s is %q", c.Name, example)
			}
		}
		last := reply.Sections[0].Lines[len(reply.Sections[0].Lines)-1].Pieces[0].Text
		if who := "For everybody."; c.Role == "" && last != who || c.Role != "" && !strings.HasPrefix(last, "For "+string(c.Role)+"s") {
			t.Errorf("help %s ends with %q", c.Name, last)
		}
	}
	golden(t, "help_each", shown.String())
	for typed, near := range map[string]string{"help statsu": "/sparky status", "help mut": "/sparky mute", "audti": "/sparky audit", "help onkall": "/sparky oncall"} {
		if reply := b.Run(t.Context(), Request{Text: typed, Person: ada}); !reply.Refused || !strings.Contains(reply.Text, "Did you mean "+near) {
			t.Errorf("%s: %s", typed, reply.Text)
		}
	}
}
