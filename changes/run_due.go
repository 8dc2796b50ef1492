package changes

import "sparky/partners"

// mostRuns is how many runs the findings of one poll start. A feed that names hundreds of versions at once is no partner that
// ships as many: it is wrong, and each run is a machine at GitHub. The digest has buttons for versions that were left out.
const mostRuns = 20

// runs are the compatibility runs that the findings ask for: one for each version on offer, where the partner has a
// workflow that can try it; the first twenty.
func (w *Watcher) runs(p partners.Partner, findings []Finding) []Run {
	if p.Compat == nil {
		return nil
	}
	var runs []Run
	for _, f := range findings {
		version := f.Entry.APIVersion()
		if version == "" || len(runs) == mostRuns || asksFor(runs, version) {
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
