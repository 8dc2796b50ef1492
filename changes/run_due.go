package changes

import "sparky/partners"

// runs are the compatibility runs that the findings ask for: one for each version on offer, where the partner has a
// workflow that can try it.
func (w *Watcher) runs(p partners.Partner, findings []Finding) []Run {
	if p.Compat == nil {
		return nil
	}
	var runs []Run
	for _, f := range findings {
		version := f.Entry.APIVersion()
		if version == "" || asksFor(runs, version) {
			continue
		}
		entry := RunEntry{Title: f.Entry.Title, Link: f.Entry.Link, Effective: f.Entry.Effective}
		runs = append(runs, newRun(p, version, &entry, "", w.Now()))
	}
	return runs
}

func asksFor(runs []Run, version string) bool {
	for _, r := range runs {
		if r.sameVersion(version) {
			return true
		}
	}
	return false
}
