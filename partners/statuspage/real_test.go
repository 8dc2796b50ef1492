package statuspage_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sparky/partners/statuspage"
)

func TestDump(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/data/status/*")
	for _, f := range files {
		b, _ := os.ReadFile(f)
		start := time.Now()
		s := statuspage.Parse(b, "", "https://example.com", "", time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC))
		j, _ := json.Marshal(s)
		if len(j) > 1500 {
			j = j[:1500]
		}
		t.Logf("%s %v\n%s", filepath.Base(f), time.Since(start), j)
	}
}
