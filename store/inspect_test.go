package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sparky/partners"
)

// TestDamagedHistoryIsAProblemAndNoRefusal writes over pages of results alone: Sparky begins, and says what is wrong.
func TestDamagedHistoryIsAProblemAndNoRefusal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sparky.db")
	s := mustOpen(t, "sqlite:"+path, nil)
	var all []partners.ProbeResult
	for i := range 5000 {
		all = append(all, pass("api", day.Add(time.Duration(i)*time.Minute), time.Second))
	}
	save(t, s, all...)
	var page, size int
	must(t, s.read.QueryRowContext(t.Context(), `select max(pageno) from dbstat where name = 'results'`).Scan(&page))
	must(t, s.read.QueryRowContext(t.Context(), `pragma page_size`).Scan(&size))
	must(t, s.Close())
	content, err := os.ReadFile(path)
	must(t, err)
	copy(content[(page-1)*size:page*size], bytes.Repeat([]byte{0x5a}, size))
	must(t, os.WriteFile(path, content, 0o600))

	s = mustOpen(t, "sqlite:"+path, nil)
	<-s.inspected
	if words, since := s.Problem(); !strings.Contains(words, "damaged") || !strings.Contains(words, "backup") || since.IsZero() {
		t.Errorf("the problem is %q since %s", words, since)
	}
	must(t, s.Record(t.Context(), deed("one")))
}

func TestAFileThatIsWholeHasNoProblem(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "sparky.db")
	s := mustOpen(t, url, nil)
	save(t, s, pass("api", day, time.Second))
	must(t, s.Record(t.Context(), deed("one")))
	must(t, s.Close())
	s = mustOpen(t, url, nil)
	<-s.inspected
	if words, _ := s.Problem(); words != "" {
		t.Errorf("the problem is %q", words)
	}
}

// TestCloseEndsTheLook closes a store at once, whose look at its history may have come however far.
func TestCloseEndsTheLook(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "sparky.db")
	for i := range 10 {
		s := mustOpen(t, url, nil)
		save(t, s, pass(fmt.Sprint("api", i), day, time.Second))
		must(t, s.Close())
	}
}
