package incidents

import (
	"maps"
	"strings"
	"time"
)

// when is a point in time as the texts of a verdict name it. They are read hours after they were written, so that how
// long ago something was says nothing there.
func (q inquiry) when(t time.Time) string {
	words := stamp(t, q.At)
	q.named[words] = t
	return words
}

// moments are the points in time that the verdict's texts name: those of this inquiry, and those of an earlier verdict
// that stands.
func (q inquiry) moments(v Verdict) map[string]time.Time {
	texts := append([]string{v.Says, v.Would}, v.Missing...)
	for _, p := range v.Points {
		texts = append(texts, p.Text)
	}
	all := strings.Join(texts, "\n")
	named := map[string]time.Time{}
	maps.Copy(named, v.Moments)
	maps.Copy(named, q.named)
	maps.DeleteFunc(named, func(words string, _ time.Time) bool { return !strings.Contains(all, words) })
	if len(named) == 0 {
		return nil
	}
	return named
}
