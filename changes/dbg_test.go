package changes

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestDbg(t *testing.T) {
	for _, f := range []string{"../../shared/data/changelog_dev.jsonl", "testdata/invented.jsonl", "testdata/invented2.jsonl"} {
		if _, err := os.Stat(f); err != nil {
			continue
		}
		for _, l := range labelledChanges(t, f) {
			if !strings.Contains(","+os.Getenv("IDS")+",", ","+l.ID+",") {
				continue
			}
			r := read(l.change())
			fmt.Println("=====", l.ID, l.Label.Kinds, "commit", r.commit, "tags", r.tags)
			for _, s := range r.all() {
				fmt.Printf("%v label=%q item=%v docs=%v brings=%v %.200q\n", s.tally, s.label, s.item, s.cancelledByDocs, s.brings, s.text)
				for _, h := range s.hits {
					var w []string
					for _, x := range s.words[h.from:h.to] {
						w = append(w, x.word)
					}
					fmt.Println("      ", h.says, h.points, w)
				}
				for _, m := range s.dates {
					fmt.Println("      date", m.date, r.weighDate(s, m))
				}
			}
		}
	}
}
