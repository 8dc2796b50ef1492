package commands

import (
	"slices"
	"strings"
	"testing"

	"sparky/changes"
)

// FuzzFrontDoor types anything, as somebody with every role and as somebody with none, and holds what comes of it: what is
// muted is configured, what is tried is a version, whoever has no role changes nothing, and nobody sees more than they asked
// for.
func FuzzFrontDoor(f *testing.F) {
	for text := range everyCommand() {
		f.Add(text)
	}
	for _, evil := range []string{"a/../b", `"; DROP TABLE incident; --`, "' OR '1'='1", "$(id)", "x\" OR project = SECRET", "--public --ask", "-rf /", "\x00", "v3 // x"} {
		for _, form := range []string{"mute %s 2h", "mute snow 2h %s", "compat snow %s", "ack %s", "probe snow/%s", "handled %s", "audit %s", "status %s --public"} {
			f.Add(strings.Replace(form, "%s", evil, 1))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, may := range []bool{true, false} {
			who := &roles{have: map[Role][]string{}}
			if may {
				who.have[Operator], who.have[Publisher] = []string{ada.ID}, []string{ada.ID}
			}
			b := permitted(who)
			trier := &fakeTrier{}
			b.trier = trier
			reply := b.ask(t, ada, text)
			if reply.Text == "" || reply.Refused && reply.Public {
				t.Fatalf("%q is answered %+v", text, reply)
			}
			for _, m := range b.memory.mutes {
				if p, ok := probedDirectory().Find(m.Partner); !ok || p.ID != m.Partner || m.Probe != "" && probeOf(p, m.Probe) != m.Probe {
					t.Fatalf("%q muted %q of %q", text, m.Probe, m.Partner)
				}
			}
			for _, run := range trier.live {
				if changes.VersionProblem(run.Version) != "" {
					t.Fatalf("%q started %q of %q", text, run.Version, run.Partner)
				}
			}
			changed := len(b.memory.mutes)+len(trier.live) > 0 || b.memory.all[0].Acknowledged != nil || b.memory.all[0].Closed != nil
			if changed && !may {
				t.Fatalf("%q changed something without a role", text)
			}
			if changed && slices.Contains([]bool{reply.Refused, reply.Failed}, true) {
				t.Fatalf("%q changed something and was refused: %s", text, reply.Text)
			}
		}
	})
}
